#include "fs/tree.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/special.h"
#include "graph/action.h"

#include <errno.h>
#include <limits.h>

#define ROOT_INO 1 /* FUSE says so */

struct fs_tree {
	struct w365_arena arena;
	struct fs_node *root;
	struct fs_node **all; /* sorted by ino */
	unsigned n, cap;
};

W365_DEFINE_CLEANUP(struct fs_tree *, fs_tree_free)

struct fs_tree *fs_tree_free(struct fs_tree *t)
{
	if (t) {
		w365_arena_done(&t->arena);
		free(t->all);
		free(t);
	}
	return NULL;
}

/* Stable: made of the path. 0 and 1 are taken; the upper bits say that it is a node. */
static uint64_t node_ino(const struct fs_node *parent, const char *name)
{
	return (w365_hash(name, strlen(name), parent->ino) >> 8) | 2;
}

static struct fs_node *add(struct fs_tree *t, struct fs_node *parent, const char *name, size_t len,
			   enum fs_node_kind kind)
{
	struct fs_node *n = w365_arena_alloc(&t->arena, sizeof(*n), _Alignof(struct fs_node));
	const struct fs_node **end;

	if (t->n == t->cap) {
		unsigned cap = t->cap ? 2 * t->cap : 64;
		struct fs_node **all = realloc(t->all, cap * sizeof(struct fs_node *));

		if (!all)
			return NULL;
		t->all = all;
		t->cap = cap;
	}
	if (!n)
		return NULL;
	*n = (struct fs_node){ .name = w365_arena_dup(&t->arena, name, len),
			       .kind = kind,
			       .parent = parent };
	if (!n->name)
		return NULL;
	n->ino = parent ? node_ino(parent, n->name) : ROOT_INO;
	n->unlisted = n->name[0] == '.';
	if (parent) {
		/* The nodes are ours to write to until the tree is made. */
		for (end = &parent->children; *end;)
			end = (const struct fs_node **)&(*end)->next;
		*end = n;
	}
	t->all[t->n++] = n;
	return n;
}

const struct fs_node *fs_node_child(const struct fs_node *n, const char *name)
{
	for (const struct fs_node *c = n->children; c; c = c->next)
		if (w365_streq(c->name, name))
			return c;
	return NULL;
}

/* Puts @path below the root, making the directories on the way. */
static struct fs_node *place(struct fs_tree *t, const char *path, const char *suffix,
			     enum fs_node_kind kind)
{
	struct fs_node *at = t->root;
	char name[NAME_MAX + 1];

	for (const char *slash; at && (slash = strchr(path, '/')); path = slash + 1) {
		struct fs_node *dir;

		snprintf(name, sizeof(name), "%.*s", (int)(slash - path), path);
		dir = (struct fs_node *)fs_node_child(at, name);
		at = dir ? dir : add(t, at, name, strlen(name), FS_NODE_DIR);
	}
	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return at ? add(t, at, name, strlen(name), kind) : NULL;
}

static bool out_of_reach(const struct graph_collection *c, bool app_only)
{
	const struct graph_method *m =
		&c->methods[c->kind == GRAPH_SINGLETON ? GRAPH_GET : GRAPH_LIST];

	return app_only && m->versions && !m->permission.application;
}

/* The verbs of a collection, or of the tenant. */
static int add_actions(struct fs_tree *t, struct fs_node *parent,
		       const struct graph_collection *home, enum graph_version version)
{
	struct fs_node *dir = NULL, *n;
	struct graph_action a;

	for (unsigned at = 0; graph_action_next(home, version, &at, &a);) {
		if (!dir)
			dir = add(t, parent, "actions", strlen("actions"), FS_NODE_DIR);
		n = dir ? add(t, dir, a.name, strlen(a.name), FS_NODE_CONTROL) : NULL;
		if (!n)
			return -ENOMEM;
		n->home = home;
	}
	return 0;
}

static int add_views(struct fs_tree *t, struct fs_node *dir, enum graph_version version)
{
	const struct graph_grouping *views = dir->collection->views;

	for (unsigned i = 0; views[i].name; i++) {
		struct fs_node *n;

		if (!(views[i].versions & version))
			continue;
		n = add(t, dir, views[i].name, strlen(views[i].name), FS_NODE_VIEW);
		if (!n)
			return -ENOMEM;
		n->collection = dir->collection;
		n->view = i;
		n->unlisted = views[i].unlisted;
	}
	return 0;
}

static int add_collection(struct fs_tree *t, const struct graph_collection *c,
			  enum graph_version version, bool app_only)
{
	struct fs_node *n, *by_id;

	if (c->kind == GRAPH_SINGLETON)
		n = place(t, c->name, ".json", FS_NODE_SINGLETON);
	else if (c->freshness == GRAPH_FRESH_LOG)
		n = place(t, c->name, "", FS_NODE_LOG);
	else
		n = place(t, c->name, "", FS_NODE_COLLECTION);
	if (!n)
		return -ENOMEM;
	n->collection = c;
	n->unlisted = out_of_reach(c, app_only);
	if (n->kind != FS_NODE_COLLECTION)
		return 0;
	by_id = add(t, n, "by-id", strlen("by-id"), FS_NODE_BY_ID);
	if (!by_id)
		return -ENOMEM;
	by_id->collection = c;
	if (add_views(t, n, version) < 0)
		return -ENOMEM;
	return add_actions(t, n, c, version);
}

const struct fs_node *fs_tree_control(const struct fs_tree *t, const struct graph_action *a)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->all[i]->home == a->home && w365_streq(t->all[i]->name, a->name))
			return t->all[i];
	return NULL;
}

static int add_questions(struct fs_tree *t, const struct graph_part *part, bool app_only)
{
	struct graph_question q;

	for (unsigned at = 0; graph_question_next(part, &at, &q);) {
		_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
		struct graph_question *own =
			w365_arena_alloc(&t->arena, sizeof(q), _Alignof(struct graph_question));
		struct fs_node *n;

		graph_question_path(&path, &q);
		n = own && !path.failed ? place(t, path.data, "", FS_NODE_QUESTION) : NULL;
		if (!n)
			return -ENOMEM;
		*own = q;
		n->question = own;
		n->unlisted = app_only && q.permission && !q.permission->application;
	}
	return 0;
}

static int by_ino(const void *pa, const void *pb)
{
	const struct fs_node *const *a = pa, *const *b = pb;

	return ((*a)->ino > (*b)->ino) - ((*a)->ino < (*b)->ino);
}

int fs_tree_new(const struct graph_part *part, bool app_only, const struct fs_special *specials,
		struct fs_tree **ret, struct w365_err *reterr)
{
	_cleanup_(fs_tree_freep) struct fs_tree *t = calloc(1, sizeof(*t));

	if (!t)
		return w365_err_oom(reterr);
	t->root = add(t, NULL, "", 0, FS_NODE_DIR);
	if (!t->root)
		return w365_err_oom(reterr);
	for (const struct fs_special *s = specials; s->path; s++) {
		struct fs_node *n = place(t, s->path, "", FS_NODE_SPECIAL);

		if (!n)
			return w365_err_oom(reterr);
		n->special = s;
		/* A walk through .w365fs/ would wait at its end for ever. */
		n->unlisted = s->kind == FS_SPECIAL_STREAM;
	}
	if (!place(t, ".w365fs/rejected", "", FS_NODE_KEPT) ||
	    !place(t, ".w365fs/history", "", FS_NODE_KEPT))
		return w365_err_oom(reterr);
	for (unsigned i = 0; i < graph_n_collections; i++)
		if (graph_collection_shown(&graph_collections[i], part) &&
		    add_collection(t, &graph_collections[i], part->version, app_only) < 0)
			return w365_err_oom(reterr);
	for (unsigned i = 0; i < graph_n_collections; i++)
		if (graph_collections[i].kind == GRAPH_CONTAINER &&
		    graph_collection_in(&graph_collections[i], part) &&
		    add_actions(t, t->root, &graph_collections[i], part->version) < 0)
			return w365_err_oom(reterr);
	if (add_questions(t, part, app_only) < 0)
		return w365_err_oom(reterr);
	qsort(t->all, t->n, sizeof(struct fs_node *), by_ino);
	for (unsigned i = 1; i < t->n; i++)
		if (t->all[i]->ino == t->all[i - 1]->ino)
			return w365_err_set(reterr, EEXIST,
					    "'%s' and '%s' would share an inode number",
					    t->all[i]->name, t->all[i - 1]->name);
	*ret = TAKE_PTR(t);
	return 0;
}

const struct fs_node *fs_tree_by_ino(const struct fs_tree *t, uint64_t ino)
{
	unsigned lo = 0, hi = t->n;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (t->all[mid]->ino == ino)
			return t->all[mid];
		if (t->all[mid]->ino < ino)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* The collection itself, and no part of it. */
static bool shows(enum fs_node_kind kind)
{
	return kind == FS_NODE_COLLECTION || kind == FS_NODE_LOG || kind == FS_NODE_SINGLETON;
}

const struct fs_node *fs_tree_of(const struct fs_tree *t, const struct graph_collection *c)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->all[i]->collection == c && shows(t->all[i]->kind))
			return t->all[i];
	return NULL;
}
