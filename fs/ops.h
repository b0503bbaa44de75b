/* fs/ops.h - pieces that the operations share; each file of operations adds its own to the table in
 * fs/ops.c. */
#pragma once

#include "fs/fs.h"
#include "fs/park.h"

/** A request on its way in. */
struct fs_request fs_request(fuse_req_t req, uint64_t ino);

/** The entry of @node: a directory, or a special file. */
void fs_entry_node(struct fs *fs, const struct fs_node *node, struct fuse_entry_param *e);

/** The entry of an item, of its link in by-id/ or a view, or of a singleton, as @kind and @ino say.
 */
void fs_entry_item(struct fs *fs, struct graph_family *f, struct graph_snapshot *snap,
		   const struct graph_item *it, enum fs_ino_kind kind, uint64_t ino,
		   struct fuse_entry_param *e);

/** The entry of a day of a log. */
void fs_entry_day(struct fs *fs, const struct graph_collection *c, int64_t day,
		  struct fuse_entry_param *e);

/** The item that @ino stands for in @snap: a singleton's only one, too. NULL if it is gone. */
const struct graph_item *fs_item_of(struct graph_snapshot *snap, uint64_t ino);

#define FS_TARGET_MAX 264 /* "../../", a name, a NUL */

/** Writes the target of a link in by-id/ or a view to @out; returns its length. */
size_t fs_link_target(struct graph_snapshot *snap, const struct graph_item *it,
		      enum fs_ino_kind kind, char out[FS_TARGET_MAX]);

/** Whether what @kind stands for is a link to an item. */
static inline bool fs_ino_links(enum fs_ino_kind kind)
{
	return kind == FS_INO_BY_ID || kind == FS_INO_GROUPED;
}

/** The entry of a local file. */
struct fs_file;
void fs_entry_file(struct fs *fs, const struct fs_file *f, struct fuse_entry_param *e);

/** Notes why something was refused there. */
struct fs_spot;
void fs_note_refusal(struct fs *fs, const struct fs_spot *s, const struct w365_err *err);

/* fs/lookup.c */
void fs_op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);

/* fs/ops.c */
void fs_op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/* fs/write.c */
void fs_op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		  struct fuse_file_info *fi);
void fs_op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev);
void fs_op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void fs_op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
		 struct fuse_file_info *fi);
void fs_op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		   struct fuse_file_info *fi);
void fs_op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi);
void fs_op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);

/* fs/rename.c */
void fs_op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to_dir,
		  const char *to_name, unsigned flags);
void fs_op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void fs_op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void fs_op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name);

/* fs/readdir.c */
void fs_op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		   struct fuse_file_info *fi);
void fs_op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       struct fuse_file_info *fi);

/* fs/xattr.c */
void fs_op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void fs_op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);

/* fs/ioctl.c */
void fs_op_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned cmd, void *arg, struct fuse_file_info *fi,
		 unsigned flags, const void *in, size_t in_size, size_t out_size);
