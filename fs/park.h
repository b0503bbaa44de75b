/* fs/park.h - FUSE requests that wait for the network. Nothing blocks: what has no answer yet is
 * parked. */
#pragma once

#include "fs/fs.h"

/** A request, and how it goes on once there is a snapshot to answer from. */
struct fs_request {
	struct fs *fs;
	fuse_req_t req; /* ours until exactly one fuse_reply_*() */
	uint64_t ino;
	const char *name; /* where the operation has one; copied when parked */
	uint64_t to_dir;  /* of a rename: where to, and what name (copied as well) */
	const char *to_name;
	unsigned flags; /* of a rename */
	mode_t mode;
	struct fuse_file_info fi; /* of an open */
	size_t size;
	off_t off;
	bool lists; /* reads a directory */
	bool plus;  /* by readdirplus */
	/* Of a file whose name is a question: what is asked about it. */
	enum { FS_ASKS_TEXT, FS_ASKS_ENTRY, FS_ASKS_ATTR } asks;
	bool fresh;  /* wants a listing begun from now on: O_DIRECT */
	bool anyway; /* has something to say without a snapshot, too */
	/** Replies. @snap is borrowed until it returns; NULL only if it goes on @anyway. */
	void (*go)(const struct fs_request *r, struct graph_family *f, struct graph_snapshot *snap);
};

/**
 * Goes on at once if the family's snapshot is fresh, replies with the failure if there is one, or
 * parks the request: then it goes on later, or ends with EINTR as soon as the reader has got a
 * signal.
 */
void fs_await(const struct fs_request *r, struct graph_family *f);

/** Ends all that is parked. */
void fs_park_done(struct fs *fs);

/** The same of those who wait for `w365fs refresh`. */
void fs_refresh_done(struct fs *fs);
