/* fs/kept.h - .w365fs/rejected/ and .w365fs/history/ as the kernel sees them: what fs/keep.h keeps.
 * They are there if fs->keep is, and can be read and removed, but not written.
 *
 * The files are small and on a local disk, so they are read in the loop. The kernel is told to
 * believe nothing of it for long: a text that was just refused must be there at once.
 */
#pragma once

#include "fs/fs.h"
#include "fs/park.h"

/** Whether @n is a folder that shows what is kept, while nothing is kept: then it is not there. */
static inline bool fs_kept_absent(const struct fs *fs, const struct fs_node *n)
{
	return n->kind == FS_NODE_KEPT && !fs->keep;
}

static inline bool fs_place_kept(const struct fs_place *p)
{
	return p->kind == FS_INO_KEPT || (p->node && p->node->kind == FS_NODE_KEPT);
}

/** Fills in what @ret->kind or @ret->node does not say yet. False: it is gone. */
bool fs_kept_place(struct fs *fs, struct fs_place *ret);

/** The attributes of a place. */
void fs_kept_attr(struct fs *fs, uint64_t ino, const struct fs_place *p, struct stat *st);

/* Requests for fs_place_kept(): each answers @r. */
void fs_kept_lookup(const struct fs_request *r, const struct fs_place *p);
void fs_kept_getattr(const struct fs_request *r, const struct fs_place *p);
void fs_kept_read(const struct fs_request *r, const struct fs_place *p);

/** The inode number of the folder that @p is in. */
uint64_t fs_kept_parent(struct fs *fs, const struct fs_place *p);

/** @e: as for LOOKUP. @number: its cookie. */
typedef bool fs_kept_fn(void *arg, const char *name, const struct fuse_entry_param *e,
			uint64_t number);

/** Calls @fn for what is in @p and has a number above @after, until it returns false. */
void fs_kept_list(struct fs *fs, const struct fs_place *p, uint64_t after, fs_kept_fn *fn,
		  void *arg);

/** rm of a file, rmdir of an empty folder: 0 or -errno, as unlink(2) and rmdir(2) have it. */
int fs_kept_unlink(struct fs *fs, const struct fs_place *parent, const char *name);
int fs_kept_rmdir(struct fs *fs, const struct fs_place *parent, const char *name);
