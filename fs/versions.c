#include "fs/versions.h"
#include "base/macros.h"
#include "fs/access.h"

#include <string.h>

struct fs_versions {
	struct fs_versions *next;
	struct graph_family *family;
	char *id;
	size_t id_len;
	bool served; /* the text that it has now */
	struct {
		char *text;
		size_t len;
	} old[FS_VERSIONS_MAX]; /* the newest first */
	unsigned n;
	unsigned last; /* which of them was served last; n: none */
	/* What a program has saved lately, as it wrote it: it goes on from there. */
	char *accepted;
	size_t accepted_len;
	pid_t by;
};

static struct fs_versions *find(struct fs *fs, const struct graph_family *f,
				const struct graph_item *it)
{
	for (struct fs_versions *v = fs->versions; v; v = v->next)
		if (v->family == f && v->id_len == it->id_len &&
		    memcmp(v->id, it->id, it->id_len) == 0)
			return v;
	return NULL;
}

/* Without memory for it an edit is compared with what the item is now: nothing worse happens than
 * that somebody else's change of the same moment goes unnoticed. */
static struct fs_versions *make(struct fs *fs, struct graph_family *f, const struct graph_item *it)
{
	struct fs_versions *v = find(fs, f, it);

	if (v)
		return v;
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->id = malloc(it->id_len + 1u);
	if (!v->id) {
		free(v);
		return NULL;
	}
	if (it->id_len)
		memcpy(v->id, it->id, it->id_len);
	v->id_len = it->id_len;
	v->family = f;
	v->next = fs->versions;
	fs->versions = v;
	return v;
}

void fs_version_served(struct fs *fs, struct graph_family *f, const struct graph_item *it, pid_t by)
{
	struct fs_versions *v;

	if (!fs_writable(fs, graph_family_collection(f)))
		return;
	v = make(fs, f, it);
	if (!v)
		return;
	v->served = true;
	if (v->by == by)
		v->by = 0; /* it has read anew, and goes on from that */
}

struct change {
	struct fs *fs;
	struct graph_family *family;
};

static void on_change(void *arg, const struct graph_item *was, const struct graph_item *is)
{
	struct change *c = arg;
	struct fs_versions *v;
	char *text;

	if (!was || !is)
		return;
	v = make(c->fs, c->family, was);
	text = v ? malloc(was->text_len) : NULL;
	if (!text)
		return;
	memcpy(text, was->text, was->text_len);
	if (v->n == FS_VERSIONS_MAX)
		free(v->old[--v->n].text);
	memmove(v->old + 1, v->old, v->n * sizeof(v->old[0]));
	v->old[0].text = text;
	v->old[0].len = was->text_len;
	v->n++;
	v->last = v->served ? 0 : MIN(v->last + 1, v->n);
	v->served = false;
}

void fs_versions_changed(struct fs *fs, struct graph_family *f, struct graph_snapshot *before,
			 struct graph_snapshot *after)
{
	struct change c = { fs, f };

	if (before && fs_writable(fs, graph_family_collection(f)))
		graph_snapshot_diff(before, after, on_change, &c);
}

void fs_version_accepted(struct fs *fs, struct graph_family *f, const struct graph_item *it,
			 const char *text, size_t len, pid_t by)
{
	struct fs_versions *v = make(fs, f, it);
	char *copy = v ? malloc(len + 1) : NULL;

	if (!copy)
		return;
	memcpy(copy, text, len);
	copy[len] = '\0';
	graph_text_mask(copy, &len);
	free(v->accepted);
	v->accepted = copy;
	v->accepted_len = len;
	v->by = by;
}

unsigned fs_versions_of(struct fs *fs, struct graph_family *f, const struct graph_item *it,
			pid_t by, struct graph_known *ret)
{
	const struct fs_versions *v = find(fs, f, it);
	bool old = v && !v->served && v->last < v->n;
	unsigned n = 0;

	if (v && v->accepted && by && v->by == by)
		ret[n++] = (struct graph_known){ .text = v->accepted, .len = v->accepted_len };
	if (old)
		ret[n++] = (struct graph_known){ .text = v->old[v->last].text,
						 .len = v->old[v->last].len };
	else
		ret[n++] = (struct graph_known){ .text = it->text, .len = it->text_len };
	for (unsigned i = 0; v && i < v->n; i++)
		if (!old || i != v->last)
			ret[n++] = (struct graph_known){ .text = v->old[i].text,
							 .len = v->old[i].len };
	return n;
}

void fs_versions_done(struct fs *fs)
{
	while (fs->versions) {
		struct fs_versions *v = fs->versions;

		fs->versions = v->next;
		for (unsigned i = 0; i < v->n; i++)
			free(v->old[i].text);
		free(v->accepted);
		free(v->id);
		free(v);
	}
}
