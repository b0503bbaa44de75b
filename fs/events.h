/* fs/events.h - .w365fs/events: what happens, as it happens, a line of JSON each.
 *
 * One stream, of which the last mebibyte or so is kept. Whoever opens the file begins with the oldest
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
 *
 * Lines are written by whoever has something to tell, in the loop: fs_event_begin(). They cost no
 * request, however many read.
 */
#pragma once

#include "base/json-write.h"
#include "fs/fs.h"
#include "fs/park.h"

struct fs_events; /* opaque; fs/events.c */

/** NULL: no memory. */
struct fs_events *fs_events_new(struct fs *fs);

/** The end of the stream has come: readers that wait, and those to come, get what there is and then
 * the end of the file. */
void fs_events_end(struct fs *fs);

/** After the session's end. NULL is fine. Returns NULL. */
struct fs_events *fs_events_free(struct fs_events *e);

/**
 * Begins a line: {"time":"...", and whatever the caller adds as members of the object. Nothing else
 * may be begun before fs_event_end(). Never NULL; without memory for it the line is dropped.
 */
struct w365_jw *fs_event_begin(struct fs *fs);

/** Ends the line; those who wait get it once the event at hand has been dealt with. */
void fs_event_end(struct fs *fs);

/** Whether a place is the file. */
static inline bool fs_place_events(const struct fs_place *p)
{
	return p->node && p->node->special && p->node->special->kind == FS_SPECIAL_STREAM;
}

/** Its inode number, for whoever opens it now. */
uint64_t fs_events_ino(struct fs *fs);

/** The attributes of the file of that number. */
void fs_events_attr(struct fs *fs, uint64_t ino, struct stat *st);

/* The operations on it: each answers the request. */
void fs_events_open(const struct fs_request *r, struct fuse_file_info *fi);
void fs_events_read(const struct fs_request *r, const struct fuse_file_info *fi);
void fs_events_poll(const struct fs_request *r, const struct fuse_file_info *fi,
		    struct fuse_pollhandle *ph);
void fs_events_release(const struct fs_request *r, const struct fuse_file_info *fi);
