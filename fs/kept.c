#include "fs/kept.h"
#include "base/macros.h"
#include "fs/attr.h"
#include "fs/keep.h"

#include <errno.h>

static uint64_t ino_of(uint64_t number)
{
	return (uint64_t)FS_INO_KEPT << 60 | number;
}

bool fs_kept_place(struct fs *fs, struct fs_place *ret)
{
	struct fs_keep_stat st;

	if (!fs->keep)
		return false;
	if (ret->node) {
		if (fs_keep_lookup(fs->keep, FS_KEEP_ROOT, ret->node->name, &st) < 0)
			return false;
		ret->key = st.id;
	} else if (fs_keep_stat(fs->keep, ret->key, &st) < 0) {
		return false;
	}
	ret->dir = st.dir;
	return true;
}

static void attr(struct fs *fs, uint64_t ino, const struct fs_keep_stat *kept, struct stat *st)
{
	if (kept->dir)
		fs_attr_folder(fs, ino, kept->modified, st);
	else
		fs_attr_file(fs, ino, kept->size,
			     kept->modified.tv_sec * 1000000000LL + kept->modified.tv_nsec, 4, st);
}

static void entry(struct fs *fs, const struct fs_keep_stat *kept, struct fuse_entry_param *e)
{
	*e = (struct fuse_entry_param){ .ino = ino_of(kept->id) };
	attr(fs, e->ino, kept, &e->attr);
}

void fs_kept_attr(struct fs *fs, uint64_t ino, const struct fs_place *p, struct stat *st)
{
	struct fs_keep_stat kept = { .dir = p->dir };

	fs_keep_stat(fs->keep, p->key, &kept);
	attr(fs, ino, &kept, st);
}

void fs_kept_lookup(const struct fs_request *r, const struct fs_place *p)
{
	struct fuse_entry_param e;
	struct fs_keep_stat st;
	int err = fs_keep_lookup(r->fs->keep, p->key, r->name, &st);

	if (err < 0) {
		fuse_reply_err(r->req, -err);
		return;
	}
	entry(r->fs, &st, &e);
	fuse_reply_entry(r->req, &e);
}

void fs_kept_getattr(const struct fs_request *r, const struct fs_place *p)
{
	struct fs_keep_stat kept;
	struct stat st;
	int err = fs_keep_stat(r->fs->keep, p->key, &kept);

	if (err < 0) {
		fuse_reply_err(r->req, -err);
		return;
	}
	attr(r->fs, r->ino, &kept, &st);
	fuse_reply_attr(r->req, &st, 0);
}

void fs_kept_read(const struct fs_request *r, const struct fs_place *p)
{
	_cleanup_(w365_freep) char *buf = NULL;
	ssize_t n;

	if (p->dir) {
		fuse_reply_err(r->req, EISDIR);
		return;
	}
	buf = malloc(r->size + 1);
	n = buf ? fs_keep_read(r->fs->keep, p->key, buf, r->size, (uint64_t)r->off) : -ENOMEM;
	if (n < 0)
		fuse_reply_err(r->req, (int)-n);
	else
		fuse_reply_buf(r->req, buf, (size_t)n);
}

uint64_t fs_kept_parent(struct fs *fs, const struct fs_place *p)
{
	uint64_t number = fs_keep_parent(fs->keep, p->key);
	const struct fs_node *dir =
		fs_node_child(fs_tree_by_ino(fs->tree, FUSE_ROOT_ID), ".w365fs");
	struct fs_keep_stat st;

	if (p->node)
		return dir->ino;
	/* rejected/ and history/ have the numbers of nodes. */
	for (const struct fs_node *n = dir->children; n; n = n->next)
		if (n->kind == FS_NODE_KEPT &&
		    fs_keep_lookup(fs->keep, FS_KEEP_ROOT, n->name, &st) == 0 && st.id == number)
			return n->ino;
	return ino_of(number);
}

struct lister {
	struct fs *fs;
	fs_kept_fn *fn;
	void *arg;
};

static bool list_one(void *arg, const char *name, const struct fs_keep_stat *st)
{
	const struct lister *l = arg;
	struct fuse_entry_param e;

	entry(l->fs, st, &e);
	return l->fn(l->arg, name, &e, st->id);
}

void fs_kept_list(struct fs *fs, const struct fs_place *p, uint64_t after, fs_kept_fn *fn,
		  void *arg)
{
	fs_keep_list(fs->keep, p->key, after, list_one, &(struct lister){ fs, fn, arg });
}

int fs_kept_unlink(struct fs *fs, const struct fs_place *parent, const char *name)
{
	return fs_keep_remove(fs->keep, parent->key, name, false);
}

int fs_kept_rmdir(struct fs *fs, const struct fs_place *parent, const char *name)
{
	return fs_keep_remove(fs->keep, parent->key, name, true);
}
