/* Names: what the kernel is told of one that it has not seen. */
#include "base/str.h"
#include "base/time.h"
#include "fs/answers.h"
#include "fs/audit.h"
#include "fs/file.h"
#include "fs/forbidden.h"
#include "fs/kept.h"
#include "fs/ops.h"
#include "fs/views.h"

#include <errno.h>

static void reply_found(const struct fs_request *r, struct graph_family *f,
			struct graph_snapshot *snap, const struct graph_item *it,
			enum fs_ino_kind kind, uint64_t ino)
{
	struct fuse_entry_param e = { 0 };

	if (!it || (!fs_ino_links(kind) && fs_hidden_of(r->fs, ino))) {
		fuse_reply_err(r->req, ENOENT);
		return;
	}
	fs_entry_item(r->fs, f, snap, it, kind, ino, &e);
	fuse_reply_entry(r->req, &e);
}

static void lookup_name(const struct fs_request *r, struct graph_family *f,
			struct graph_snapshot *snap)
{
	const struct fs_listing *l = fs_listing_of(snap);
	const struct graph_item *it = l ? fs_listing_find(snap, l, r->name) : NULL;

	reply_found(r, f, snap, it, FS_INO_ITEM,
		    it ? fs_ino(FS_INO_ITEM, snap->collection, graph_family_day(f), it->key) : 0);
}

static void lookup_id(const struct fs_request *r, struct graph_family *f,
		      struct graph_snapshot *snap)
{
	const struct fs_listing *l = fs_listing_of(snap);
	const struct graph_item *it = l ? fs_listing_find_id(snap, l, r->name) : NULL;

	reply_found(r, f, snap, it, FS_INO_BY_ID,
		    it ? fs_ino(FS_INO_BY_ID, snap->collection, 0, it->key) : 0);
}

static void lookup_singleton(const struct fs_request *r, struct graph_family *f,
			     struct graph_snapshot *snap)
{
	struct fuse_entry_param e = { 0 };

	if (fs_forbidden_singleton(r, f, &e))
		fuse_reply_entry(r->req, &e);
	else if (r->failure)
		fuse_reply_err(r->req, r->failure->num);
	else
		reply_found(r, f, snap, fs_item_of(snap, r->ino), FS_INO_NODE, r->ino);
}

static void lookup_node(struct fs_request *r, const struct fs_node *n)
{
	struct fuse_entry_param e = { 0 };

	if (n->kind == FS_NODE_SINGLETON) {
		r->ino = n->ino;
		r->go = lookup_singleton;
		r->anyway = true;
		fs_await(r, graph_store_family(r->fs->store, n->collection, 0));
		return;
	}
	if (n->special && n->special->stream == FS_INO_AUDIT) {
		fs_audit_lookup(r);
		return;
	}
	fs_entry_node(r->fs, n, &e);
	fuse_reply_entry(r->req, &e);
}

static void lookup_day(const struct fs_request *r, const struct graph_collection *c)
{
	struct fuse_entry_param e = { 0 };
	int64_t day;

	/* Older days are not listed, but there. */
	if (!w365_date_parse(r->name, &day) || day < 0 || day > graph_store_today(r->fs->store)) {
		fuse_reply_err(r->req, ENOENT);
		return;
	}
	fs_entry_day(r->fs, c, day, &e);
	fuse_reply_entry(r->req, &e);
}

static void lookup_in(struct fs_request *r, const struct fs_place *p)
{
	const struct fs_node *child = p->node ? fs_node_child(p->node, r->name) : NULL;

	if (child && fs_kept_absent(r->fs, child)) {
		fuse_reply_err(r->req, ENOENT);
	} else if (child) {
		lookup_node(r, child);
	} else if (p->node && p->node->kind == FS_NODE_LOG) {
		lookup_day(r, p->collection);
	} else if (p->family && w365_ends(r->name, ".json")) {
		r->go = p->node && p->node->kind == FS_NODE_BY_ID ? lookup_id : lookup_name;
		fs_await(r, p->family);
	} else {
		fuse_reply_err(r->req, ENOENT); /* no need to ask the service for what cannot be */
	}
}

/* What was refused is open by now. */
static void lookup_again(const struct fs_request *r, struct graph_family *f,
			 struct graph_snapshot *snap)
{
	struct fs_request again = *r;
	struct fs_place p;

	if (fs_place_of(r->fs, r->ino, &p))
		lookup_in(&again, &p);
	else
		fuse_reply_err(r->req, ENOENT);
}

void fs_op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fs_request r = fs_request(req, parent);
	const struct fs_file *local = fs_file_by_name(r.fs, parent, name);
	struct graph_family *refused;
	struct fuse_entry_param e;
	struct fs_place p;

	r.name = name;
	if (local) {
		fs_entry_file(r.fs, local, &e);
		fuse_reply_entry(req, &e);
		return;
	}
	if (!fs_place_of(r.fs, parent, &p)) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	refused = fs_forbidden(r.fs, &p);
	if (fs_place_kept(&p))
		fs_kept_lookup(&r, &p);
	else if (fs_place_view(&p))
		fs_view_lookup(&r, &p);
	else if (fs_place_question(&p))
		fs_answer_lookup(&r, &p);
	else if (refused)
		fs_forbidden_enter(&r, refused, lookup_again);
	else
		lookup_in(&r, &p);
}
