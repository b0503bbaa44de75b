#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/actions.h"
#include "fs/audit.h"
#include "fs/fs.h"
#include "graph/schema.h"

#include <errno.h>

/* A text that varies stays as it is while somebody reads it: a cat that asks for the rest after the
 * end must not find that the text has become longer in the middle. It is left alone for this long
 * at least, at most. */
#define IN_USE_MS   50
#define KEEP_MAX_MS 1000

static const struct fs_special everywhere[] = {
	{ "README.md", "what is here, and how to use it", FS_SPECIAL_FIXED, fs_readme_write },
	{ ".w365fs/status.json", "who is signed in, and how fresh everything is", FS_SPECIAL_VARIES,
	  fs_status_write },
	{ ".w365fs/metrics", "the same numbers for Prometheus", FS_SPECIAL_VARIES,
	  fs_metrics_write },
	{ ".w365fs/actions.ndjson", "every action that was sent, and what became of it",
	  FS_SPECIAL_GROWS, fs_actions_write },
	{ ".w365fs/events", "a line for each change that is seen, as it happens: `tail -f` it",
	  FS_SPECIAL_STREAM, NULL, .stream = FS_INO_EVENTS },
	{ ".w365fs/audit.ndjson", "the audit log, a line for each event: `tail -f` it",
	  FS_SPECIAL_STREAM, NULL, .stream = FS_INO_AUDIT },
	{ ".w365fs/errors", "the last failures, the newest last", FS_SPECIAL_GROWS,
	  fs_errors_write },
};

static unsigned count(const struct fs *fs)
{
	struct graph_part part = fs_part(fs->config);
	unsigned n = ARRAY_SIZE(everywhere);

	for (unsigned i = 0; i < graph_n_collections; i++)
		n += graph_collection_shown(&graph_collections[i], &part);
	return n;
}

int fs_special_init(struct fs *fs, struct w365_err *reterr)
{
	struct graph_part part = fs_part(fs->config);
	unsigned n = count(fs);
	struct fs_special *s = fs->specials = calloc(n + 1, sizeof(*fs->specials));

	fs->texts = calloc(n, sizeof(*fs->texts));
	if (!s || !fs->texts)
		return w365_err_oom(reterr);
	for (unsigned i = 0; i < ARRAY_SIZE(everywhere); i++)
		if (everywhere[i].stream != FS_INO_AUDIT || fs_audit_log(&part))
			*s++ = everywhere[i];
	for (unsigned i = 0; i < graph_n_collections; i++) {
		const struct graph_collection *c = &graph_collections[i];
		char *path;

		if (!graph_collection_shown(c, &part))
			continue;
		if (asprintf(&path, ".w365fs/schema/%s.schema.json", c->name) < 0)
			return w365_err_oom(reterr);
		*s++ = (struct fs_special){
			.path = path, .help = c->help, .kind = FS_SPECIAL_FIXED, .schema_of = c
		};
	}
	return 0;
}

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

	if (s->schema_of)
		graph_schema_write(s->schema_of, fs->config->version, &b);
	else
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
	struct fs_special_text *t = &fs->texts[s - fs->specials];
	uint64_t now = graph_loop_now(fs->loop);

	if (!t->text || (told && outdated(s, t, now)))
		renew(fs, s, t);
	t->used = now;
	return t;
}

void fs_special_done(struct fs *fs)
{
	for (unsigned i = 0; fs->specials && fs->texts && fs->specials[i].path; i++) {
		free(fs->texts[i].text);
		if (fs->specials[i].schema_of)
			free((char *)fs->specials[i].path);
	}
	free(fs->specials);
	free(fs->texts);
}
