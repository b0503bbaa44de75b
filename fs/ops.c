/* What the kernel asks of files and names. Directories are read in fs/readdir.c. */
#include "fs/ops.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/access.h"
#include "fs/answers.h"
#include "fs/attr.h"
#include "fs/audit.h"
#include "fs/control.h"
#include "fs/file.h"
#include "fs/forbidden.h"
#include "fs/invalidate.h"
#include "fs/kept.h"
#include "fs/stream.h"
#include "fs/versions.h"
#include "fs/views.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

struct fs_request fs_request(fuse_req_t req, uint64_t ino)
{
	return (struct fs_request){ .fs = fuse_req_userdata(req), .req = req, .ino = ino };
}

/* ---- entries ---- */

static void entry(struct fuse_entry_param *e, uint64_t ino, uint64_t entry_ms, uint64_t attr_ms)
{
	e->ino = ino;
	e->generation = 0;
	e->entry_timeout = fs_seconds(entry_ms);
	e->attr_timeout = fs_seconds(attr_ms);
}

/* A special file that changes is asked about anew each time it is looked at; the kernel then sees
 * by its time and size whether what it has cached of it still holds. */
static void attr_special(struct fs *fs, const struct fs_node *n, struct stat *st,
			 uint64_t *ret_life)
{
	const struct fs_special_text *t = fs_special_text(fs, n->special, true);

	fs_attr_file(fs, n->ino, t->len, t->modified.tv_sec * 1000000000LL + t->modified.tv_nsec, 4,
		     st);
	*ret_life = n->special->kind == FS_SPECIAL_FIXED ? FS_FIXED_MS : 0;
}

void fs_entry_node(struct fs *fs, const struct fs_node *n, struct fuse_entry_param *e)
{
	struct fs_place p = { .node = n };
	const struct fs_stream *s = fs_stream_of(fs, &p);
	uint64_t life = 0;

	if (s) { /* by this name it may soon begin elsewhere */
		fs_stream_attr(s, fs_stream_ino(s), &e->attr);
		entry(e, fs_stream_ino(s), 0, 0);
		return;
	}
	if (n->kind == FS_NODE_SPECIAL) {
		attr_special(fs, n, &e->attr, &life);
	} else if (n->kind == FS_NODE_CONTROL) {
		fs_control_attr(fs, n, &e->attr);
		life = fs->config->rw ? 0 : FS_FIXED_MS; /* what is done, is told there */
	} else if (fs_place_of(fs, n->ino, &p))
		fs_attr_dir(fs, n->ino, &p, &e->attr, &life);
	entry(e, n->ino, FS_FIXED_MS, life);
}

void fs_entry_day(struct fs *fs, const struct graph_collection *c, int64_t day,
		  struct fuse_entry_param *e)
{
	uint64_t ino = fs_ino(FS_INO_DAY, c, day, (uint64_t)day), life = 0;
	struct fs_place p;

	if (fs_place_of(fs, ino, &p))
		fs_attr_dir(fs, ino, &p, &e->attr, &life);
	entry(e, ino, FS_FIXED_MS, life);
}

size_t fs_link_target(struct graph_snapshot *snap, const struct graph_item *it,
		      enum fs_ino_kind kind, char out[FS_TARGET_MAX])
{
	const struct fs_listing *l = fs_listing_of(snap);
	size_t up = kind == FS_INO_GROUPED ? 6 : 3;

	if (!l)
		return 0;
	memcpy(out, "../../", up);
	return up + fs_listing_entry(snap, l, it, out + up);
}

void fs_entry_item(struct fs *fs, struct graph_family *f, struct graph_snapshot *snap,
		   const struct graph_item *it, enum fs_ino_kind kind, uint64_t ino,
		   struct fuse_entry_param *e)
{
	const struct fs_file *file = fs->files ? fs_file_by_ino(fs, ino) : NULL;
	uint64_t life = graph_family_life(f), names = life;
	char target[FS_TARGET_MAX];

	if (fs_ino_links(kind)) {
		fs_attr_link(fs, ino, fs_link_target(snap, it, kind, target), it->modified,
			     &e->attr);
		/* The kernel is told when it changes. */
		if (kind == FS_INO_GROUPED && fs->notifier)
			life = names = FS_FIXED_MS;
	} else {
		fs_attr_file(fs, ino, it->text_len, it->modified,
			     fs_may_write(fs, snap->collection) ? 6 : 4, &e->attr);
		fs_believe(fs, ino);
		/* The kernel moves names by itself when a rename succeeds: it must not believe that
		 * an editor's backup is the item. */
		if (fs_writable(fs, snap->collection))
			names = 0;
	}
	if (file && file->loaded) { /* somebody is writing it */
		fs_file_attr(fs, file, &e->attr);
		life = 0;
	}
	entry(e, ino, names, life);
}

const struct graph_item *fs_item_of(struct graph_snapshot *snap, uint64_t ino)
{
	uint64_t key = fs_ino_key(ino);

	if (fs_ino_kind(ino) == FS_INO_NODE)
		return snap->n_items ? &snap->items[0] : NULL;
	if (snap->collection->freshness == GRAPH_FRESH_LOG)
		key &= ((uint64_t)1 << GRAPH_LOG_KEY_BITS) - 1;
	return graph_snapshot_by_key(snap, key);
}

/* ---- attributes and contents ---- */

static void getattr_item(const struct fs_request *r, struct graph_family *f,
			 struct graph_snapshot *snap)
{
	const struct graph_item *it = snap ? fs_item_of(snap, r->ino) : NULL;
	struct fuse_entry_param e = { 0 };

	if (it) {
		fs_entry_item(r->fs, f, snap, it, fs_ino_kind(r->ino), r->ino, &e);
	} else if (!fs_forbidden_singleton(r, f, &e)) {
		fuse_reply_err(r->req, r->failure ? r->failure->num : ENOENT);
		return;
	}
	fuse_reply_attr(r->req, &e.attr, e.attr_timeout);
}

void fs_op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fs_request r = fs_request(req, ino);
	const struct fs_file *file = r.fs->files ? fs_file_by_ino(r.fs, ino) : NULL;
	struct graph_family *refused;
	struct fs_place p;
	struct stat st;
	uint64_t life;

	if (file && file->loaded) { /* open, and its text is here, whatever became of the item */
		fs_file_attr(r.fs, file, &st);
		fuse_reply_attr(req, &st, 0);
	} else if (!fs_place_of(r.fs, ino, &p)) {
		fuse_reply_err(req, ENOENT);
	} else if (fs_place_kept(&p)) {
		fs_kept_getattr(&r, &p);
	} else if (p.answer) {
		fs_answer_getattr(&r, p.answer);
	} else if (fs_place_view(&p)) {
		fs_view_getattr(&r, &p);
	} else if (fs_place_is_dir(&p) && (refused = fs_forbidden(r.fs, &p))) {
		fs_forbidden_getattr(&r, refused);
	} else if (fs_place_is_dir(&p)) {
		fs_attr_dir(r.fs, ino, &p, &st, &life);
		fuse_reply_attr(req, &st, fs_seconds(life));
	} else if (p.kind == FS_INO_AUDIT) {
		fs_audit_getattr(&r);
	} else if (fs_stream_of(r.fs, &p)) {
		fs_stream_attr(fs_stream_of(r.fs, &p), ino, &st);
		fuse_reply_attr(req, &st, 0);
	} else if (p.node && (p.node->kind == FS_NODE_SPECIAL || p.node->kind == FS_NODE_CONTROL)) {
		struct fuse_entry_param e = { 0 };

		fs_entry_node(r.fs, p.node, &e);
		fuse_reply_attr(req, &e.attr, e.attr_timeout);
	} else {
		r.go = getattr_item;
		r.anyway = p.kind == FS_INO_NODE;
		fs_await(&r, p.family);
	}
}

static void reply_slice(const struct fs_request *r, const char *text, size_t len)
{
	size_t off = (size_t)r->off;

	if (off >= len)
		fuse_reply_buf(r->req, NULL, 0);
	else
		fuse_reply_buf(r->req, text + off, MIN(r->size, len - off));
}

static void read_item(const struct fs_request *r, struct graph_family *f,
		      struct graph_snapshot *snap)
{
	const struct graph_item *it = fs_item_of(snap, r->ino);

	if (!r->fresh)
		it = fs_pinned(r->fs, r->ino, it);
	if (it && r->fs->config->rw)
		fs_version_served(r->fs, f, it, fuse_req_ctx(r->req)->pid);
	if (it)
		reply_slice(r, it->text, it->text_len);
	else
		fuse_reply_err(r->req, ENOENT);
}

static void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	struct fs_request r = fs_request(req, ino);
	const struct fs_file *file = r.fs->files ? fs_file_by_ino(r.fs, ino) : NULL;
	const struct fs_special_text *t;
	struct fs_place p;

	r.size = size;
	r.off = off;
	if (file && file->loaded) {
		reply_slice(&r, w365_buf_str(&file->text), file->text.len);
	} else if (!fs_place_of(r.fs, ino, &p)) {
		fuse_reply_err(req, ENOENT);
	} else if (fs_place_kept(&p)) {
		fs_kept_read(&r, &p);
	} else if (p.node && p.node->kind == FS_NODE_CONTROL) {
		fs_control_read(r.fs, req, p.node, size, off);
	} else if (fs_stream_of(r.fs, &p)) {
		fs_stream_read(fs_stream_of(r.fs, &p), &r, fi);
	} else if (p.node && p.node->kind == FS_NODE_SPECIAL) {
		t = fs_special_text(r.fs, p.node->special, false);
		reply_slice(&r, t->text, t->len);
	} else if (fs_place_is_dir(&p) || fs_ino_links(p.kind)) {
		fuse_reply_err(req, EISDIR);
	} else if (p.answer) {
		r.fresh = (fi->flags & O_DIRECT) && off == 0;
		fs_answer_read(&r, p.answer);
	} else {
		/* The first piece of an O_DIRECT read has the service asked; the others belong to
		 * the same text. */
		r.fresh = (fi->flags & O_DIRECT) && off == 0;
		r.go = read_item;
		fs_await(&r, p.family);
	}
}

/* Where the kernel is told that there is no poll(2), it takes all files for readable at all times, and
 * never asks again. So on a mount without opens, and else by an answer for each file. */
static void op_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi,
		    struct fuse_pollhandle *ph)
{
	struct fs_request r = fs_request(req, ino);
	struct fs_place p;

	if (fi->fh && fs_place_of(r.fs, ino, &p) && fs_stream_of(r.fs, &p)) {
		fs_stream_poll(fs_stream_of(r.fs, &p), &r, fi, ph);
		return;
	}
	if (ph)
		fuse_pollhandle_destroy(ph);
	if (r.fs->config->rw)
		fuse_reply_poll(req, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
	else
		fuse_reply_err(req, ENOSYS);
}

static void readlink_item(const struct fs_request *r, struct graph_family *f,
			  struct graph_snapshot *snap)
{
	const struct graph_item *it = fs_item_of(snap, r->ino);
	char target[FS_TARGET_MAX];

	if (it && fs_link_target(snap, it, fs_ino_kind(r->ino), target))
		fuse_reply_readlink(r->req, target);
	else
		fuse_reply_err(r->req, ENOENT);
}

static void op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct fs_request r = fs_request(req, ino);
	struct fs_place p;

	if (fs_place_of(r.fs, ino, &p) && p.file && p.file->kind == FS_FILE_LINK) {
		fuse_reply_readlink(req, w365_buf_str(&p.file->text));
		return;
	}
	if (!fs_place_of(r.fs, ino, &p) || !fs_ino_links(p.kind)) {
		fuse_reply_err(req, EINVAL);
		return;
	}
	r.go = readlink_item;
	fs_await(&r, p.family);
}

static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct fs *fs = fuse_req_userdata(req);
	struct statvfs st = { .f_bsize = 4096, .f_frsize = 4096, .f_namemax = 255 };

	for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));) {
		const struct graph_snapshot *s = graph_family_snapshot(f);

		if (s) {
			st.f_blocks += (s->bytes + 4095) / 4096;
			st.f_files += s->n_items;
		}
	}
	if (fs->config->rw) {
		st.f_bfree = st.f_bavail = (FS_FILES_MAX - fs->file_bytes) / st.f_bsize;
		st.f_blocks += FS_FILES_MAX / st.f_bsize;
		st.f_ffree = st.f_favail = FS_FILES_MANY - fs->n_files;
		st.f_files += FS_FILES_MANY;
	}
	fuse_reply_statfs(req, &st);
}

/* Answered so, the kernel never asks again. */
static void op_never(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	fuse_reply_err(req, ENOSYS);
}

/* Nothing is kept for the sake of what the kernel knows: inode numbers say what they mean. But a
 * question can be as long as a name. */
static void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t nlookup)
{
	if (fs_ino_kind(ino) == FS_INO_ANSWER)
		fs_answer_forget(fuse_req_userdata(req), ino, nlookup);
	fuse_reply_none(req);
}

static void op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	for (size_t i = 0; i < count; i++)
		if (fs_ino_kind(forgets[i].ino) == FS_INO_ANSWER)
			fs_answer_forget(fuse_req_userdata(req), forgets[i].ino,
					 forgets[i].nlookup);
	fuse_reply_none(req);
}

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	struct fs *fs = userdata;

	fs->parallel = conn->capable & FUSE_CAP_PARALLEL_DIROPS;
	/* Always with attributes: a walk that has read the names without them would ask for each
	 * one again. */
	conn->want |= conn->capable &
		      (FUSE_CAP_READDIRPLUS | FUSE_CAP_IOCTL_DIR | FUSE_CAP_AUTO_INVAL_DATA |
		       FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_PARALLEL_DIROPS);
	conn->want &= ~(unsigned)(FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_SPLICE_READ |
				  FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE |
				  FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_WRITEBACK_CACHE);
	/* An open that empties a file says so itself. */
	if (fs->config->rw)
		conn->want |= conn->capable & FUSE_CAP_ATOMIC_O_TRUNC;
}

const struct fuse_lowlevel_ops fs_ops = {
	.init = op_init,
	.lookup = fs_op_lookup,
	.forget = op_forget,
	.forget_multi = op_forget_multi,
	.getattr = fs_op_getattr,
	.setattr = fs_op_setattr,
	.readlink = op_readlink,
	.mknod = fs_op_mknod,
	.mkdir = fs_op_mkdir,
	.unlink = fs_op_unlink,
	.rmdir = fs_op_rmdir,
	.symlink = fs_op_symlink,
	.rename = fs_op_rename,
	.link = fs_op_link,
	.open = fs_op_open,
	.create = fs_op_create,
	.read = op_read,
	.write = fs_op_write,
	.flush = fs_op_flush,
	.release = fs_op_release,
	.fsync = fs_op_fsync,
	.opendir = op_never,
	.readdir = fs_op_readdir,
	.readdirplus = fs_op_readdirplus,
	.statfs = op_statfs,
	.getxattr = fs_op_getxattr,
	.listxattr = fs_op_listxattr,
	.ioctl = fs_op_ioctl,
	.poll = op_poll,
};
