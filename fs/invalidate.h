/* fs/invalidate.h - a snapshot was replaced: tell the kernel what changed, and only that.
 *
 * Until the kernel has been told, it believes in the old size of a file that has changed, and would
 * cut the new text to that. So the old text is pinned: a READ gets it until the notifier has been
 * round, or until the new attributes were given out.
 */
#pragma once

#include "fs/fs.h"

/** @before may be NULL: then nobody can have seen anything. */
void fs_invalidate(struct fs *fs, struct graph_family *f, struct graph_snapshot *before,
		   struct graph_snapshot *after);

/** The kernel has been told everything up to @mark. */
void fs_unpin(struct fs *fs, uint64_t mark);

/** The text that a READ of @ino gets instead of @is, the present one. */
const struct graph_item *fs_pinned(struct fs *fs, uint64_t ino, const struct graph_item *is);

/** The kernel is about to be given the present attributes of @ino. */
void fs_believe(struct fs *fs, uint64_t ino);

void fs_pins_done(struct fs *fs);
