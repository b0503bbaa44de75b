/* fs/control.h - control files: COLLECTION/actions/VERB. What is written to one is done; what is read
 * from it does nothing when it is written back.
 */
#pragma once

#include "base/buf.h"
#include "fs/fs.h"
#include "graph/action.h"
#include "graph/lines.h"

/** What one control file remembers. */
struct fs_control {
	struct fs_control *next;
	const struct fs_node *node;
	struct graph_action action;
	struct w365_buf results; /* lines that begin with '#', the newest last */
	struct w365_buf text;    /* as the kernel was told its size */
	struct timespec modified;
	uint64_t said, shown; /* counts the results; how many of them @text has */
};

/** One opening of it for writing. */
struct fs_writing {
	struct fs_control *control;
	struct graph_lines lines;
	uint64_t targets; /* that were let through so far: -o max-targets */
	pid_t opener;
	bool stopped;  /* a write was interrupted after some of it was sent */
	unsigned refs; /* the handle's, and one of each job */
};

/** The state of a node of kind FS_NODE_CONTROL. NULL: no memory. */
struct fs_control *fs_control_of(struct fs *fs, const struct fs_node *n);

/** Writes "cloudPCs/actions/reboot" to @out. */
void fs_control_path(const struct fs_control *c, char *out, size_t size);

/** Adds a line to what the file says: "# TIME WHAT TARGET: DETAIL". */
void fs_control_say(struct fs_control *c, const char *what, const char *target, const char *detail);

/** Adds whole lines, each of which begins with "#", to what the file says. */
void fs_control_add(struct fs_control *c, const struct w365_buf *lines);

void fs_writing_unref(struct fs_writing *w);

/** Its attributes. */
void fs_control_attr(struct fs *fs, const struct fs_node *n, struct stat *st);

/* The operations on it. */
void fs_control_open(struct fs *fs, fuse_req_t req, const struct fs_node *n,
		     struct fuse_file_info *fi);
void fs_control_read(struct fs *fs, fuse_req_t req, const struct fs_node *n, size_t size,
		     off_t off);
void fs_control_write(struct fs *fs, fuse_req_t req, const char *buf, size_t size,
		      struct fuse_file_info *fi);
void fs_control_flush(struct fs *fs, fuse_req_t req, struct fuse_file_info *fi);
void fs_control_release(struct fs *fs, fuse_req_t req, struct fuse_file_info *fi);

void fs_controls_done(struct fs *fs);
