/* Files that are written: open, create, write, truncate, and what close(2) means. Names are moved and
 * removed in fs/rename.c; what a text becomes is fs/save.c's. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/access.h"
#include "fs/control.h"
#include "fs/invalidate.h"
#include "fs/ops.h"
#include "fs/save.h"
#include "fs/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* A file handle says what is counted for it. */
enum { HANDLE_COUNTED = 1, HANDLE_WRITES = 2 };

void fs_entry_file(struct fs *fs, const struct fs_file *f, struct fuse_entry_param *e)
{
	/* Asked for anew each time: what a local name is, changes without the kernel's doing. */
	*e = (struct fuse_entry_param){ .ino = f->ino };
	fs_file_attr(fs, f, &e->attr);
}

static bool writes(const struct fuse_file_info *fi)
{
	return (fi->flags & O_ACCMODE) != O_RDONLY;
}

/* ---- open ---- */

static void count(struct fs_file *f, struct fuse_file_info *fi)
{
	f->opens++;
	f->writers += writes(fi);
	fi->fh = HANDLE_COUNTED | (writes(fi) ? HANDLE_WRITES : 0);
	fi->keep_cache = 1;
	fi->noflush = !writes(fi);
}

static void uncount(struct fs *fs, struct fs_file *f, uint64_t handle)
{
	f->opens--;
	f->writers -= (handle & HANDLE_WRITES) != 0;
	fs_file_settle(fs, f);
}

/* The handle is counted first: the kernel closes it as soon as it has the answer. An answer that it
 * does not take any more (the program was killed) is followed by no close. */
static void reply_opened(const struct fs_request *r, struct fs_file *f, struct fuse_file_info *fi,
			 const struct fuse_entry_param *e)
{
	uint64_t handle;

	count(f, fi);
	handle = fi->fh;
	if ((e ? fuse_reply_create(r->req, e, fi) : fuse_reply_open(r->req, fi)) < 0)
		uncount(r->fs, f, handle);
}

static void open_file(const struct fs_request *r, struct fs_file *f,
		      const struct fuse_entry_param *e)
{
	struct fuse_file_info fi = r->fi;
	int error = 0;

	if ((fi.flags & O_TRUNC) && writes(&fi))
		error = fs_file_truncate(r->fs, f, 0);
	if (error < 0) {
		fuse_reply_err(r->req, -error);
		fs_file_settle(r->fs, f);
		return;
	}
	reply_opened(r, f, &fi, e);
}

/* @create: by CREATE, which is answered with an entry as well. */
static void open_item(const struct fs_request *r, struct graph_snapshot *snap,
		      const struct fs_spot *spot, bool create)
{
	struct fs_file *f;
	struct fuse_entry_param e = { 0 };
	struct w365_err err;
	int error = fs_may(r->fs, snap->collection, GRAPH_UPDATE, &err);

	if (error < 0)
		fs_note_refusal(r->fs, spot, &err);
	else
		error = fs_file_of_item(r->fs, spot, &f);
	if (error < 0) {
		fuse_reply_err(r->req, -error);
		return;
	}
	if (create)
		fs_entry_item(r->fs, spot->family, snap, spot->item, fs_ino_kind(spot->ino),
			      spot->ino, &e);
	open_file(r, f, create ? &e : NULL);
}

static void open_known(const struct fs_request *r, struct graph_family *f,
		       struct graph_snapshot *snap)
{
	const struct fs_listing *l = fs_listing_of(snap);
	const struct fs_node *n = fs_tree_of(r->fs->tree, snap->collection);
	struct fs_spot spot = { .family = f, .item = fs_item_of(snap, r->ino), .ino = r->ino };
	char name[256];

	if (!l || !n || !spot.item) {
		fuse_reply_err(r->req, ENOENT);
		return;
	}
	if (n->kind == FS_NODE_SINGLETON)
		snprintf(name, sizeof(name), "%s", n->name);
	else
		fs_listing_entry(snap, l, spot.item, name);
	spot.dir = n->kind == FS_NODE_SINGLETON ? n->parent->ino : n->ino;
	spot.name = name;
	open_item(r, snap, &spot, false);
}

static void remember_reader(struct fs *fs, fuse_req_t req, uint64_t ino)
{
	fs->readers[fs->n_readers++ % ARRAY_SIZE(fs->readers)] =
		(struct fs_reader){ .pid = fuse_req_ctx(req)->pid, .ino = ino };
}

void fs_op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs_request r = fs_request(req, ino);
	struct fs_place p;

	/* Answered so, the kernel never asks again: opening, reading and closing a cached file is
	 * no request at all. Only good on a read-only mount: without a flush, close() could report
	 * no error. */
	if (!r.fs->config->rw) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	r.fi = *fi;
	if (!fs_place_of(r.fs, ino, &p)) {
		fuse_reply_err(req, ENOENT);
	} else if (p.file) {
		open_file(&r, p.file, NULL);
	} else if (fs_place_is_dir(&p)) {
		fuse_reply_err(req, EISDIR);
	} else if (p.node && p.node->kind == FS_NODE_CONTROL) {
		fs_control_open(r.fs, req, p.node, fi);
	} else if (fs_stream_of(r.fs, &p)) {
		fs_stream_open(fs_stream_of(r.fs, &p), &r, fi);
	} else if (!writes(fi)) {
		fi->keep_cache = p.family || p.collection || p.answer;
		fi->noflush = 1;
		if (p.family)
			remember_reader(r.fs, req, ino);
		fuse_reply_open(req, fi);
	} else if (!p.family) {
		fuse_reply_err(req, EACCES);
	} else {
		r.go = open_known;
		fs_await(&r, p.family);
	}
}

/* ---- create ---- */

static void create_known(const struct fs_request *r, struct graph_family *family,
			 struct graph_snapshot *snap)
{
	struct fs_spot spot;
	struct fs_file *f;
	struct fuse_entry_param e;
	int error;

	fs_spot_find(r->fs, r->ino, r->name, snap, &spot);
	if ((spot.node && !spot.item) || (r->fi.flags & O_EXCL && spot.item && !spot.hidden) ||
	    (r->fi.flags & O_EXCL && spot.file)) {
		fuse_reply_err(r->req, EEXIST);
		return;
	}
	if (spot.item) {
		/* An editor that has moved it away, or removed it, writes it anew. */
		if (spot.hidden) {
			fs_unhide(r->fs, spot.hidden);
			((struct fs_request *)r)->fi.flags |= O_TRUNC;
		}
		open_item(r, snap, &spot, true);
		return;
	}
	f = spot.file;
	error = f ? 0
		  : fs_file_new(r->fs, FS_FILE_LOCAL, r->ino, r->name, spot.family, r->mode, &f);
	if (error < 0) {
		fuse_reply_err(r->req, -error);
		return;
	}
	fs_entry_file(r->fs, f, &e);
	open_file(r, f, &e);
}

/* Whether a name may come into being there; else the answer was given. */
static bool may_be_named(struct fs *fs, fuse_req_t req, uint64_t dir, const char *name)
{
	int error = !fs->config->rw                ? EROFS
		    : !fs_dir_takes_files(fs, dir) ? EPERM
		    : strlen(name) > 255           ? ENAMETOOLONG
						   : 0;

	if (error)
		fuse_reply_err(req, error);
	return !error;
}

void fs_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		  struct fuse_file_info *fi)
{
	struct fs_request r = fs_request(req, parent);
	struct graph_family *f;

	if (!may_be_named(r.fs, req, parent, name))
		return;
	r.name = name;
	r.mode = mode;
	r.fi = *fi;
	r.go = create_known;
	f = fs_spot_family(r.fs, parent, name);
	if (f)
		fs_await(&r, f);
	else
		create_known(&r, NULL, NULL);
}

static void reply_made(fuse_req_t req, struct fs *fs, int error, const struct fs_file *f)
{
	struct fuse_entry_param e;

	if (error < 0) {
		fuse_reply_err(req, -error);
		return;
	}
	fs_entry_file(fs, f, &e);
	fuse_reply_entry(req, &e);
}

void fs_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
	struct fs *fs = fuse_req_userdata(req);
	struct fs_file *f = NULL;
	int error = -EPERM;

	if (!may_be_named(fs, req, parent, name))
		return;
	if (S_ISREG(mode) && !fs_name_is_resource(name))
		error = fs_file_by_name(fs, parent, name)
				? -EEXIST
				: fs_file_new(fs, FS_FILE_LOCAL, parent, name, NULL, mode, &f);
	reply_made(req, fs, error, f);
}

/* The lock of an editor. */
void fs_op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	struct fs *fs = fuse_req_userdata(req);
	struct fs_file *f = NULL;
	int error = -EPERM;

	if (!may_be_named(fs, req, parent, name))
		return;
	if (!fs_name_is_resource(name))
		error = fs_file_by_name(fs, parent, name)
				? -EEXIST
				: fs_file_new(fs, FS_FILE_LINK, parent, name, NULL, 0777, &f);
	if (error == 0) {
		error = fs_file_write(fs, f, target, strlen(target), 0);
		if (error < 0)
			fs_file_unlink(fs, f);
	}
	reply_made(req, fs, error, f);
}

/* ---- write, truncate ---- */

static bool is_control(struct fs *fs, uint64_t ino)
{
	const struct fs_node *n =
		fs_ino_kind(ino) == FS_INO_NODE ? fs_tree_by_ino(fs->tree, ino) : NULL;

	return n && n->kind == FS_NODE_CONTROL;
}

/* The first change of an item that was opened without truncating it: from now on the file has a text
 * of its own. */
static int load(struct fs *fs, struct fs_file *f)
{
	struct graph_snapshot *snap = f->family ? graph_family_snapshot(f->family) : NULL;
	const struct graph_item *it;

	if (f->loaded)
		return 0;
	it = snap ? fs_pinned(fs, f->ino, fs_item_of(snap, f->ino)) : NULL;
	return it ? fs_file_load(fs, f, it->text, it->text_len) : -ESTALE;
}

void fs_op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
		 struct fuse_file_info *fi)
{
	struct fs *fs = fuse_req_userdata(req);
	struct fs_file *f = fs_file_by_ino(fs, ino);
	int r = f ? load(fs, f) : -EBADF;

	if (!f && is_control(fs, ino)) {
		fs_control_write(fs, req, buf, size, fi);
		return;
	}
	if (r == 0 && (fi->flags & O_APPEND))
		off = (off_t)f->text.len;
	if (r == 0)
		r = fs_file_write(fs, f, buf, size, (uint64_t)off);
	if (r < 0)
		fuse_reply_err(req, -r);
	else
		fuse_reply_write(req, size);
}

static int resize(struct fs *fs, const struct fs_place *p, uint64_t ino, uint64_t size)
{
	struct fs_file *f = fs_file_by_ino(fs, ino);
	int r;

	if (p->node && p->node->kind == FS_NODE_CONTROL)
		return 0; /* its text is ours, and stays */
	if (!p->file && (!p->family || fs_place_is_dir(p)))
		return -EACCES;
	/* Of an item, somebody must have it open: what nobody closes, is never sent. */
	if (!f || (f->kind == FS_FILE_ITEM && !f->writers))
		return -EOPNOTSUPP;
	r = load(fs, f);
	return r < 0 ? r : fs_file_truncate(fs, f, size);
}

/* Modes, owners and times of an item are what they are: tools set them without being asked to, and
 * are not told off for it. */
void fs_op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		   struct fuse_file_info *fi)
{
	struct fs *fs = fuse_req_userdata(req);
	struct fs_place p;
	int r = 0;

	if (!fs->config->rw)
		r = -EROFS;
	else if (!fs_place_of(fs, ino, &p))
		r = -ENOENT;
	else if (to_set & FUSE_SET_ATTR_SIZE)
		r = resize(fs, &p, ino, (uint64_t)attr->st_size);
	if (r < 0) {
		fuse_reply_err(req, -r);
		return;
	}
	if (p.file && (to_set & FUSE_SET_ATTR_MODE))
		p.file->mode = attr->st_mode & 0777;
	if (p.file && (to_set & FUSE_SET_ATTR_MTIME_NOW))
		clock_gettime(CLOCK_REALTIME, &p.file->modified);
	else if (p.file && (to_set & FUSE_SET_ATTR_MTIME))
		p.file->modified = attr->st_mtim;
	fs_op_getattr(req, ino, NULL);
}

/* ---- close ---- */

void fs_op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fuse_req_userdata(req);
	struct fs_file *f = fs_file_by_ino(fs, ino);

	if (!fs->config->rw)
		fuse_reply_err(req, ENOSYS);
	else if (is_control(fs, ino))
		fs_control_flush(fs, req, fi);
	else if (f && (fi->fh & HANDLE_WRITES))
		fs_save(fs, req, f);
	else
		fuse_reply_err(req, 0);
}

void fs_op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	fs_op_flush(req, ino, fi);
}

void fs_op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs *fs = fuse_req_userdata(req);
	struct fs_file *f = fi->fh & HANDLE_COUNTED ? fs_file_by_ino(fs, ino) : NULL;
	struct w365_err err;
	struct fs_place p;

	if (is_control(fs, ino)) {
		fs_control_release(fs, req, fi);
		return;
	}
	if (fs_place_of(fs, ino, &p) && fs_stream_of(fs, &p)) {
		struct fs_request r = fs_request(req, ino);

		fs_stream_release(fs_stream_of(fs, &p), &r, fi);
		return;
	}
	fuse_reply_err(req, 0);
	if (!f)
		return;
	if (f->kind == FS_FILE_ITEM && f->opens == 1 && fs_file_dirty(f) && !f->save &&
	    !f->text.len) {
		w365_err_set(&err, EINVAL,
			     "it was emptied and closed: an empty text is not sent, it is as it "
			     "was");
		fs_note(fs, f->name, &err);
	}
	uncount(fs, f, fi->fh);
}
