#include "fs/views.h"
#include "base/macros.h"
#include "fs/attr.h"
#include "fs/groups.h"
#include "fs/notify.h"
#include "fs/ops.h"

#include <errno.h>
#include <string.h>

static uint64_t group_ino(const struct graph_collection *c, uint64_t key)
{
	return fs_ino(FS_INO_GROUP, c, 0, key);
}

static unsigned view_of(const struct fs_place *p)
{
	return p->node ? p->node->view : fs_group_view(p->key);
}

static void group_name(const struct fs_group *g, char out[256])
{
	memcpy(out, g->name, g->len);
	out[g->len] = '\0';
}

/* A group's time changes with its links alone: what the kernel has cached of it holds until then. */
static void group_entry(struct fs *fs, struct graph_family *f, const struct fs_group *g,
			struct fuse_entry_param *e)
{
	uint64_t life = graph_family_life(f);
	time_t since = g->since ? g->since : fs->started.tv_sec;

	*e = (struct fuse_entry_param){ .ino = group_ino(graph_family_collection(f), g->key) };
	e->attr_timeout = e->entry_timeout = fs_seconds(life);
	fs_attr_group(fs, e->ino, since, &e->attr);
}

/* ---- requests ---- */

static void lookup_group(const struct fs_request *r, struct graph_family *f,
			 struct graph_snapshot *snap)
{
	const struct fs_node *n = fs_tree_by_ino(r->fs->tree, r->ino);
	const struct fs_groups *g = fs_groups_of(snap, n->view);
	const struct fs_group *group = g ? fs_group_find(g, n->view, r->name) : NULL;
	struct fuse_entry_param e;

	if (!group) {
		fuse_reply_err(r->req, g ? ENOENT : ENOMEM);
		return;
	}
	group_entry(r->fs, f, group, &e);
	fuse_reply_entry(r->req, &e);
}

static const struct fs_group *group_at(struct graph_snapshot *snap, uint64_t ino,
				       const struct fs_groups **ret)
{
	uint64_t key = fs_ino_key(ino);

	*ret = fs_groups_of(snap, fs_group_view(key));
	return *ret ? fs_group_by_key(*ret, key) : NULL;
}

static void lookup_link(const struct fs_request *r, struct graph_family *f,
			struct graph_snapshot *snap)
{
	const struct fs_listing *l = fs_listing_of(snap);
	const struct graph_item *it = l ? fs_listing_find(snap, l, r->name) : NULL;
	const struct fs_groups *g;
	const struct fs_group *group = group_at(snap, r->ino, &g);
	struct fuse_entry_param e = { 0 };

	if (!it || !group || !fs_group_has(g, group, (uint32_t)(it - snap->items))) {
		fuse_reply_err(r->req, ENOENT);
		return;
	}
	fs_entry_item(r->fs, f, snap, it, FS_INO_GROUPED,
		      fs_ino(FS_INO_GROUPED, snap->collection, 0, it->key), &e);
	fuse_reply_entry(r->req, &e);
}

void fs_view_lookup(struct fs_request *r, const struct fs_place *p)
{
	r->go = p->node ? lookup_group : lookup_link;
	fs_await(r, p->family);
}

static void getattr_group(const struct fs_request *r, struct graph_family *f,
			  struct graph_snapshot *snap)
{
	const struct fs_groups *g;
	const struct fs_group *group = group_at(snap, r->ino, &g);
	struct fuse_entry_param e;

	if (!group) {
		fuse_reply_err(r->req, ENOENT);
		return;
	}
	group_entry(r->fs, f, group, &e);
	fuse_reply_attr(r->req, &e.attr, e.attr_timeout);
}

void fs_view_getattr(struct fs_request *r, const struct fs_place *p)
{
	struct stat st;
	uint64_t life;

	if (p->node) {
		fs_attr_dir(r->fs, r->ino, p, &st, &life);
		fuse_reply_attr(r->req, &st, fs_seconds(life));
		return;
	}
	/* Not before the snapshot is fresh: who stands in the directory asks nothing else. */
	r->go = getattr_group;
	fs_await(r, p->family);
}

time_t fs_view_since(const struct fs_node *node, const struct graph_snapshot *snap)
{
	const struct fs_groups *g = fs_groups_known(snap, node->view);

	return g ? g->since : 0;
}

uint64_t fs_view_parent(struct fs *fs, const struct fs_place *p)
{
	const struct fs_node *dir = fs_tree_of(fs->tree, p->collection);

	if (p->node)
		return dir->ino;
	for (const struct fs_node *n = dir->children; n; n = n->next)
		if (n->kind == FS_NODE_VIEW && n->view == view_of(p))
			return n->ino;
	return dir->ino;
}

/* ---- listing ---- */

static void list_groups(struct fs *fs, struct graph_family *f, const struct fs_groups *g,
			uint64_t after, fs_view_fn *fn, void *arg)
{
	struct fuse_entry_param e;
	char name[256];

	for (uint32_t i = fs_groups_from(g, after); i < g->n; i++) {
		group_entry(fs, f, &g->groups[i], &e);
		group_name(&g->groups[i], name);
		if (!fn(arg, name, &e, g->groups[i].key + 1))
			return;
	}
}

static void list_links(struct fs *fs, struct graph_family *f, struct graph_snapshot *snap,
		       const struct fs_groups *g, const struct fs_group *group, uint64_t after,
		       fs_view_fn *fn, void *arg)
{
	const struct fs_listing *l = fs_listing_of(snap);
	char name[256];

	for (uint32_t i = 0; l && i < group->n; i++) {
		const struct graph_item *it = &snap->items[g->members[group->first + i]];
		struct fuse_entry_param e = { 0 };

		if (it->key < after)
			continue;
		fs_listing_entry(snap, l, it, name);
		fs_entry_item(fs, f, snap, it, FS_INO_GROUPED,
			      fs_ino(FS_INO_GROUPED, snap->collection, 0, it->key), &e);
		if (!fn(arg, name, &e, it->key + 1))
			return;
	}
}

void fs_view_list(struct fs *fs, const struct fs_place *p, struct graph_snapshot *snap,
		  uint64_t after, fs_view_fn *fn, void *arg)
{
	const struct fs_groups *g = fs_groups_of(snap, view_of(p));
	const struct fs_group *group;

	if (!g)
		return;
	if (p->node) {
		list_groups(fs, p->family, g, after, fn, arg);
		return;
	}
	group = fs_group_by_key(g, p->key);
	if (group)
		list_links(fs, p->family, snap, g, group, after, fn, arg);
}

/* ---- changes ---- */

/* One view, while two snapshots of it are compared. */
struct comparison {
	struct fs_notifier *notifier; /* NULL: nobody to tell */
	struct graph_snapshot *before, *after;
	struct fs_listing *names_before, *names_after;
	const struct fs_groups *was, *is;
};

static bool same_name(const struct comparison *c, uint32_t i, uint32_t k)
{
	const struct fs_listing *b = c->names_before, *a = c->names_after;

	return b->lens[i] == a->lens[k] && memcmp(b->stems[i], a->stems[k], a->lens[k]) == 0;
}

static void tell_entry(const struct comparison *c, uint64_t dir, const char *name)
{
	if (c->notifier)
		fs_notify_entry(c->notifier, dir, name);
}

static void tell_inode(const struct comparison *c, uint64_t ino)
{
	if (c->notifier)
		fs_notify_inode(c->notifier, ino);
}

/* Whether the group has other links than before. */
static bool links_changed(const struct comparison *c, const struct fs_group *was,
			  const struct fs_group *is)
{
	const struct graph_collection *col = c->after->collection;
	uint64_t dir = group_ino(col, is->key);
	bool changed = was->n != is->n;
	char name[256];
	uint32_t b = 0;

	for (uint32_t i = 0; i < was->n; i++) {
		uint32_t old = c->was->members[was->first + i];
		const struct graph_item *it = &c->before->items[old];
		uint32_t new = FS_NO_ITEM;

		while (b < is->n && c->after->items[c->is->members[is->first + b]].key < it->key)
			b++;
		if (b < is->n && c->after->items[c->is->members[is->first + b]].key == it->key)
			new = c->is->members[is->first + b];
		if (new != FS_NO_ITEM && same_name(c, old, new))
			continue;
		changed = true;
		fs_listing_entry(c->before, c->names_before, it, name);
		tell_entry(c, dir, name);
		if (new != FS_NO_ITEM) /* its link leads to another name */
			tell_inode(c, fs_ino(FS_INO_GROUPED, col, 0, it->key));
	}
	if (changed)
		tell_inode(c, dir);
	return changed;
}

static void compare(const struct comparison *c, struct fs_groups *is, uint64_t view)
{
	time_t now = time(NULL);
	uint32_t b = 0;
	bool changed = c->was->n != is->n;
	char name[256];

	for (uint32_t i = 0; i < is->n; i++)
		is->groups[i].since = now;
	for (uint32_t i = 0; i < c->was->n; i++) {
		const struct fs_group *was = &c->was->groups[i];
		struct fs_group *group;

		while (b < is->n && is->groups[b].key < was->key)
			b++;
		group = b < is->n && is->groups[b].key == was->key ? &is->groups[b] : NULL;
		if (group && group->len == was->len &&
		    memcmp(group->name, was->name, was->len) == 0) {
			if (!links_changed(c, was, group))
				group->since = was->since;
			continue;
		}
		changed = true;
		group_name(was, name);
		tell_entry(c, view, name);
	}
	is->since = changed ? now : c->was->since;
	if (changed)
		tell_inode(c, view);
}

void fs_views_changed(struct fs *fs, struct graph_snapshot *before, struct graph_snapshot *after)
{
	const struct fs_node *dir = fs_tree_of(fs->tree, after->collection);
	struct comparison c = { .notifier = fs->notifier, .before = before, .after = after };

	if (!before || !before->groups || !dir)
		return;
	c.names_before = fs_listing_of(before);
	c.names_after = fs_listing_of(after);
	for (const struct fs_node *n = dir->children; n; n = n->next) {
		struct fs_groups *is;

		if (n->kind != FS_NODE_VIEW)
			continue;
		c.was = fs_groups_known(before, n->view);
		is = c.was && c.names_before && c.names_after ? fs_groups_of(after, n->view) : NULL;
		c.is = is;
		if (is)
			compare(&c, is, n->ino);
	}
}
