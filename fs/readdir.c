/* Directories. A cookie is made of the item's key, so that a listing goes on where it was even if
 * items came and went between two requests: what stays is shown exactly once. */
#include "base/macros.h"
#include "base/time.h"
#include "fs/file.h"
#include "fs/forbidden.h"
#include "fs/kept.h"
#include "fs/ops.h"
#include "fs/views.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Cookies: "." and "..", the fixed children by their place, then the items by key. */
enum { COOKIE_DOT = 1, COOKIE_DOTDOT = 2, COOKIE_CHILDREN = 3, COOKIE_ITEMS = 256 };

/* And behind all of them, local files by their numbers. */
#define COOKIE_LOCAL ((uint64_t)1 << 61)

/* A reply that fills up. */
struct filler {
	const struct fs_request *r;
	char *buf;
	size_t used;
	bool full;
};

/* @next: the cookie of whatever comes behind. */
static void put(struct filler *fl, const char *name, const struct fuse_entry_param *e,
		uint64_t next)
{
	const struct fs_request *r = fl->r;
	char *at = fl->buf + fl->used;
	size_t room = r->size - fl->used, n;

	if (fl->full)
		return;
	n = r->plus ? fuse_add_direntry_plus(r->req, at, room, name, e, (off_t)next)
		    : fuse_add_direntry(r->req, at, room, name, &e->attr, (off_t)next);
	if (n > room)
		fl->full = true;
	else
		fl->used += n;
}

/* An entry of which the kernel gets the name and the kind alone, and looks up the rest when it
 * needs it. */
static void put_bare(struct filler *fl, const char *name, uint64_t ino, mode_t type, uint64_t next)
{
	put(fl, name, &(struct fuse_entry_param){ .attr = { .st_ino = ino, .st_mode = type } },
	    next);
}

static void put_dots(struct filler *fl, uint64_t self, uint64_t parent)
{
	if (fl->r->off < COOKIE_DOT)
		put_bare(fl, ".", self, S_IFDIR, COOKIE_DOT);
	if (fl->r->off < COOKIE_DOTDOT)
		put_bare(fl, "..", parent, S_IFDIR, COOKIE_DOTDOT);
}

/* A singleton's attributes need its text. If that is not at hand, listing the directory does not
 * fetch it. */
static void put_singleton(struct filler *fl, const struct fs_node *n, uint64_t next)
{
	struct fs *fs = fl->r->fs;
	struct graph_family *f = graph_store_known(fs->store, n->collection, 0);
	struct graph_snapshot *snap = f && !graph_family_stale(f) ? graph_family_snapshot(f) : NULL;
	const struct graph_item *it = snap ? fs_item_of(snap, n->ino) : NULL;
	struct fuse_entry_param e = { 0 };

	if (!it) {
		put_bare(fl, n->name, n->ino, S_IFREG, next);
		return;
	}
	fs_entry_item(fs, f, snap, it, FS_INO_NODE, n->ino, &e);
	put(fl, n->name, &e, next);
}

static void put_children(struct filler *fl, const struct fs_node *dir)
{
	uint64_t cookie = COOKIE_CHILDREN;

	for (const struct fs_node *n = dir->children; n && !fl->full; n = n->next, cookie++) {
		struct fuse_entry_param e = { 0 };

		if (n->unlisted || fs_kept_absent(fl->r->fs, n) || (uint64_t)fl->r->off >= cookie ||
		    fs_hidden_of(fl->r->fs, n->ino))
			continue;
		if (n->kind == FS_NODE_SINGLETON) {
			put_singleton(fl, n, cookie);
			continue;
		}
		fs_entry_node(fl->r->fs, n, &e);
		put(fl, n->name, &e, cookie);
	}
}

/* What of a directory's items was read before: the number of the first that was not. */
static uint64_t from_cookie(const struct filler *fl)
{
	return fl->r->off > COOKIE_ITEMS ? (uint64_t)fl->r->off - COOKIE_ITEMS : 0;
}

static void put_items(struct filler *fl, struct graph_family *f, struct graph_snapshot *snap,
		      bool by_id)
{
	const struct fs_listing *l = fs_listing_of(snap);
	enum fs_ino_kind kind = by_id ? FS_INO_BY_ID : FS_INO_ITEM;
	int64_t day = graph_family_day(f);
	char name[256];

	if (!l)
		return;
	for (uint32_t i = graph_snapshot_from(snap, from_cookie(fl));
	     i < snap->n_items && !fl->full; i++) {
		const struct graph_item *it = &snap->items[i];
		uint64_t ino = fs_ino(kind, snap->collection, day, it->key);
		struct fuse_entry_param e = { 0 };

		if (!by_id && fs_hidden_of(fl->r->fs, ino))
			continue;
		if (by_id)
			fs_listing_id_entry(it, name);
		else
			fs_listing_entry(snap, l, it, name);
		fs_entry_item(fl->r->fs, f, snap, it, kind, ino, &e);
		put(fl, name, &e, it->key + 1 + COOKIE_ITEMS);
	}
}

static void put_local(struct filler *fl)
{
	struct fs *fs = fl->r->fs;

	for (const struct fs_file *f = fs->files; f && !fl->full; f = f->next) {
		uint64_t cookie = COOKIE_LOCAL + fs_ino_key(f->ino);
		struct fuse_entry_param e;

		if (f->kind == FS_FILE_ITEM || f->unlinked || f->dir != fl->r->ino ||
		    (uint64_t)fl->r->off >= cookie)
			continue;
		fs_entry_file(fs, f, &e);
		put(fl, f->name, &e, cookie);
	}
}

static void put_days(struct filler *fl, const struct graph_collection *c)
{
	int64_t today = graph_store_today(fl->r->fs->store);

	for (int64_t day = today - GRAPH_LOG_DAYS + 1; day <= today && !fl->full; day++) {
		struct fuse_entry_param e = { 0 };
		char name[W365_TIME_MAX];

		if (fl->r->off >= day + COOKIE_ITEMS)
			continue;
		fs_entry_day(fl->r->fs, c, day, &e);
		put(fl, w365_date_format(day, name), &e, (uint64_t)day + COOKIE_ITEMS);
	}
}

static bool put_one(void *arg, const char *name, const struct fuse_entry_param *e, uint64_t number)
{
	struct filler *fl = arg;

	put(fl, name, e, number + COOKIE_ITEMS);
	return !fl->full;
}

static void put_kept(struct filler *fl, const struct fs_place *p)
{
	put_dots(fl, fl->r->ino, fs_kept_parent(fl->r->fs, p));
	fs_kept_list(fl->r->fs, p, from_cookie(fl), put_one, fl);
}

static bool begin(struct filler *fl, const struct fs_request *r)
{
	*fl = (struct filler){ .r = r, .buf = malloc(r->size) };
	if (!fl->buf)
		fuse_reply_err(r->req, ENOMEM);
	return fl->buf;
}

static void end(struct filler *fl)
{
	fuse_reply_buf(fl->r->req, fl->buf, fl->used);
	free(fl->buf);
}

static void list_items(const struct fs_request *r, struct graph_family *f,
		       struct graph_snapshot *snap)
{
	struct filler fl;
	struct fs_place p;

	if (!fs_place_of(r->fs, r->ino, &p) || !begin(&fl, r))
		return;
	if (fs_place_view(&p)) {
		put_dots(&fl, r->ino, fs_view_parent(r->fs, &p));
		fs_view_list(r->fs, &p, snap, from_cookie(&fl), put_one, &fl);
		end(&fl);
		return;
	}
	if (p.node) {
		put_dots(&fl, r->ino, p.node->parent->ino);
		put_children(&fl, p.node);
	} else {
		put_dots(&fl, r->ino, fs_tree_of(r->fs->tree, p.collection)->ino);
	}
	put_items(&fl, f, snap, p.node && p.node->kind == FS_NODE_BY_ID);
	put_local(&fl);
	end(&fl);
}

static void list_nodes(struct filler *fl, const struct fs_place *p)
{
	put_dots(fl, fl->r->ino, p->node->parent ? p->node->parent->ino : fl->r->ino);
	put_children(fl, p->node);
	if (p->node->kind == FS_NODE_LOG)
		put_days(fl, p->collection);
	put_local(fl);
	end(fl);
}

static void list_log(const struct fs_request *r, struct graph_family *f,
		     struct graph_snapshot *snap)
{
	struct filler fl;
	struct fs_place p;

	if (fs_place_of(r->fs, r->ino, &p) && begin(&fl, r))
		list_nodes(&fl, &p);
}

static void list(struct fs_request *r)
{
	struct graph_family *refused;
	struct filler fl;
	struct fs_place p;

	if (!fs_place_of(r->fs, r->ino, &p)) {
		fuse_reply_err(r->req, ENOENT);
		return;
	}
	if (!fs_place_is_dir(&p)) {
		fuse_reply_err(r->req, ENOTDIR);
		return;
	}
	if (p.family) {
		r->go = list_items;
		fs_await(r, p.family);
		return;
	}
	refused = fs_forbidden(r->fs, &p);
	if (refused) {
		fs_forbidden_enter(r, refused, list_log);
		return;
	}
	if (!begin(&fl, r))
		return;
	if (fs_place_kept(&p)) {
		put_kept(&fl, &p);
		end(&fl);
		return;
	}
	list_nodes(&fl, &p);
}

void fs_op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		   struct fuse_file_info *fi)
{
	struct fs_request r = fs_request(req, ino);

	r.size = size;
	r.off = off;
	r.lists = true;
	list(&r);
}

void fs_op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	struct fs_request r = fs_request(req, ino);

	r.size = size;
	r.off = off;
	r.lists = r.plus = true;
	list(&r);
}
