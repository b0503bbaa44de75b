/* fs/access.h - what this mount and its sign-in may change. */
#pragma once

#include "fs/fs.h"

/**
 * Whether the sign-in may do what takes this permission; @what begins the sentence.
 *
 * Errors: -EROFS on a read-only mount; -EACCES, naming the permission.
 */
int fs_allowed(struct fs *fs, const struct graph_permission *p, const char *what,
	       struct w365_err *reterr);

/** Whether files of the collection are written on this mount at all: something of it can be changed,
 * made or removed. */
bool fs_writable(struct fs *fs, const struct graph_collection *c);

/** Whether its items may be changed by writing to their files: what the mode shows. */
bool fs_may_write(struct fs *fs, const struct graph_collection *c);

/**
 * Whether @verb may be asked for.
 *
 * Errors: -EROFS on a read-only mount; -EPERM if there is no such request; -EACCES if the token has
 * not the permission: the sentence names it.
 */
int fs_may(struct fs *fs, const struct graph_collection *c, enum graph_verb verb,
	   struct w365_err *reterr);
