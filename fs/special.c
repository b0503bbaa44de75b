#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/actions.h"
#include "fs/fs.h"

#include <errno.h>

/* A text that varies stays as it is while somebody reads it: a cat that asks for the rest after the
 * end must not find that the text has become longer in the middle. It is left alone for this long
 * at least, at most. */
#define IN_USE_MS   50
#define KEEP_MAX_MS 1000

const struct fs_special fs_specials[] = {
	{ "README.md", "what is here, and how to use it", FS_SPECIAL_FIXED, fs_readme_write },
	{ ".w365fs/status.json", "who is signed in, and how fresh everything is", FS_SPECIAL_VARIES,
	  fs_status_write },
	{ ".w365fs/metrics", "the same numbers for Prometheus", FS_SPECIAL_VARIES,
	  fs_metrics_write },
	{ ".w365fs/actions.ndjson", "every action that was sent, and what became of it",
	  FS_SPECIAL_GROWS, fs_actions_write },
	{ ".w365fs/errors", "the last failures, the newest last", FS_SPECIAL_GROWS,
	  fs_errors_write },
	{ NULL, NULL, FS_SPECIAL_FIXED, NULL },
};

_Static_assert(ARRAY_SIZE(fs_specials) - 1 <= FS_SPECIALS_MAX,
	       "room for every special file's text");

void fs_errors_write(struct fs *fs, struct w365_buf *out)
{
	fs_errlog_write(&fs->errlog, out);
}

/* A new text with a new time, unless it says the same as before: then the kernel's copy of it still
 * holds. */
static void renew(struct fs *fs, const struct fs_special *s, struct fs_special_text *t)
{
	struct w365_buf b = W365_BUF;
	size_t len;
	char *text;

	s->write(fs, &b);
	len = b.len;
	text = w365_buf_take(&b);
	t->made = graph_loop_now(fs->loop);
	if (!text || (t->text && t->len == len && memcmp(t->text, text, len) == 0)) {
		free(text);
		return;
	}
	free(t->text);
	t->text = text;
	t->len = len;
	clock_gettime(CLOCK_REALTIME, &t->modified);
	if (s->kind == FS_SPECIAL_FIXED)
		t->modified = fs->started;
}

static bool outdated(const struct fs_special *s, const struct fs_special_text *t, uint64_t now)
{
	switch (s->kind) {
	case FS_SPECIAL_FIXED: return false;
	case FS_SPECIAL_GROWS: return true;
	default: return now - t->used >= IN_USE_MS || now - t->made >= KEEP_MAX_MS;
	}
}

const struct fs_special_text *fs_special_text(struct fs *fs, const struct fs_special *s, bool told)
{
	struct fs_special_text *t = &fs->texts[s - fs_specials];
	uint64_t now = graph_loop_now(fs->loop);

	if (!t->text || (told && outdated(s, t, now)))
		renew(fs, s, t);
	t->used = now;
	return t;
}

void fs_special_done(struct fs *fs)
{
	for (unsigned i = 0; i < FS_SPECIALS_MAX; i++)
		free(fs->texts[i].text);
}
