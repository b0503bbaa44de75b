#include "fs/targets.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/names.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

struct search {
	struct fs_targets *t;
	struct graph_snapshot *snap;
	const struct fs_listing *l;
	struct graph_found *ret;
	unsigned max;
	int n;
};

static void found(struct search *s, const struct graph_item *it)
{
	unsigned i = (unsigned)s->n++;
	char *entry;

	if (i >= s->max || i >= ARRAY_SIZE(s->t->entries))
		return;
	entry = s->t->entries[i];
	fs_listing_entry(s->snap, s->l, it, entry);
	s->ret[i] = (struct graph_found){ .id = { it->id, it->id_len },
					  .name = { it->name, it->name_len },
					  .entry = { entry, strlen(entry) } };
}

/* By the file's name: with or without its suffix. */
static bool by_entry(struct search *s, const char *name)
{
	char entry[300];
	const struct graph_item *it = fs_listing_find(s->snap, s->l, name);

	if (!it && snprintf(entry, sizeof(entry), "%s%s", name, FS_SUFFIX) < (int)sizeof(entry))
		it = fs_listing_find(s->snap, s->l, entry);
	if (!it && strlen(name) < 200) {
		it = fs_listing_find_id(s->snap, s->l, name);
		if (!it)
			it = fs_listing_find_id(s->snap, s->l, entry);
	}
	if (it)
		found(s, it);
	return it;
}

static void by_name(struct search *s, struct w365_span name)
{
	for (uint32_t i = 0; name.len && i < s->snap->n_items; i++) {
		const struct graph_item *it = &s->snap->items[i];

		if (it->name_len == name.len && memcmp(it->name, name.p, name.len) == 0)
			found(s, it);
	}
}

/* A path's last part counts, if the path leads into this collection's folder. */
static const char *last_part(const struct fs_targets *t, const char *path, struct w365_err *reterr)
{
	const char *home = graph_family_collection(t->family)->name, *at = path, *slash;
	const char *mountpoint = t->fs->config->mountpoint;
	size_t len = mountpoint ? strlen(mountpoint) : 0;

	if (len && strncmp(at, mountpoint, len) == 0 && at[len] == '/')
		at += len + 1;
	else if (*at == '/')
		goto elsewhere;
	while (w365_starts(at, "./") || w365_starts(at, "../"))
		at += *(at + 1) == '/' ? 2 : 3;
	slash = strrchr(at, '/');
	if (!slash)
		return at;
	len = strlen(home);
	if (strncmp(at, home, len) == 0 && at[len] == '/')
		return slash + 1;
	/* Within the folder: by-id/ID.json, by-status/failed/X.json. */
	if (w365_starts(at, "by-"))
		return slash + 1;
elsewhere:
	w365_err_set(reterr, ENOENT, "'%.200s' is not in %s/", path, home);
	return NULL;
}

int fs_targets_resolve(void *arg, struct w365_span text, struct graph_found *ret, unsigned max,
		       struct w365_err *reterr)
{
	struct fs_targets *t = arg;
	_cleanup_(w365_freep) char *copy = strndup(text.p, text.len);
	struct search s = { .t = t, .ret = ret, .max = max };
	const struct graph_item *it;
	const char *name;

	s.snap = t->family ? graph_family_snapshot(t->family) : NULL;
	s.l = s.snap ? fs_listing_of(s.snap) : NULL;
	if (!s.l || !copy)
		return s.snap ? w365_err_oom(reterr) : 0;
	it = graph_snapshot_by_id(s.snap, text.p, text.len);
	if (it) {
		found(&s, it);
		return 1;
	}
	if (by_entry(&s, copy))
		return s.n;
	by_name(&s, text);
	if (s.n || !strchr(copy, '/'))
		return s.n;
	name = last_part(t, copy, reterr);
	if (!name)
		return -ENOENT;
	by_entry(&s, name);
	return s.n;
}
