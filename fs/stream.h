/* fs/stream.h - a file that grows, line by line, while people read it.
 *
 * What is kept is bounded: the oldest lines are dropped. Whoever opens the file begins with the oldest
 * line that is kept: what is dropped later leaves the open file's offsets as they are, because the
 * inode number says where in the stream the file begins (its key), and a new opening gets a new one.
 *
 * On a mount that can be written the kernel asks for every open. Then reads go past its cache and
 * wait at the end for what comes, poll(2) works, and a reader that was too slow gets the rest of the
 * line it had begun, a line {"time":...,"lost":BYTES}, and then the oldest that is kept: an open
 * file has a state of its own.
 *
 * On a read-only mount there are no opens (fs_op_open()), so the kernel reads it as any file: up to the
 * size that it was told last, from its cache. There it is a file that grows, and reads end at its
 * end: nothing in a READ or GETATTR tells how far the program that asks has read. What is dropped
 * reads as line breaks there, with the "lost" line behind them.
 */
#pragma once

#include "fs/fs.h"
#include "fs/park.h"

struct fs_stream; /* opaque; fs/stream.c */

struct fs_stream_config {
	enum fs_ino_kind kind; /* of its inode numbers */
	size_t keep;           /* bytes that are always kept */
	/** Somebody has come to the end, or waits there no more. May be NULL. Adds nothing itself. */
	void (*followed)(struct fs *fs);
};

/** NULL: no memory. */
struct fs_stream *fs_stream_new(struct fs *fs, const struct fs_stream_config *config);

/** The end has come: readers that wait, and those to come, get what there is and then the end of the
 * file. */
void fs_stream_end(struct fs_stream *s);

/** After the session's end. NULL is fine. Returns NULL. */
struct fs_stream *fs_stream_free(struct fs_stream *s);

/** Adds a line, with its line break; those who wait get it once the event at hand has been dealt with.
 * False: there was no memory for it. */
bool fs_stream_add(struct fs_stream *s, const char *line, size_t len);

/** Whether nothing was ever added. */
bool fs_stream_empty(const struct fs_stream *s);

/** Whether somebody waits for the next line. */
bool fs_stream_waited(const struct fs_stream *s);

/** That of a place; NULL: it is none. */
struct fs_stream *fs_stream_of(struct fs *fs, const struct fs_place *p);

/** Its inode number, for whoever opens it now. */
uint64_t fs_stream_ino(const struct fs_stream *s);

/** The attributes of the file of that number. */
void fs_stream_attr(const struct fs_stream *s, uint64_t ino, struct stat *st);

/* The operations on it: each answers the request. */
void fs_stream_open(struct fs_stream *s, const struct fs_request *r, struct fuse_file_info *fi);
void fs_stream_read(struct fs_stream *s, const struct fs_request *r,
		    const struct fuse_file_info *fi);
void fs_stream_poll(struct fs_stream *s, const struct fs_request *r,
		    const struct fuse_file_info *fi, struct fuse_pollhandle *ph);
void fs_stream_release(struct fs_stream *s, const struct fs_request *r,
		       const struct fuse_file_info *fi);
