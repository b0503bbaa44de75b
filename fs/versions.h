/* fs/versions.h - the versions of an item that people may have read, and be editing now.
 *
 * Only of what can be written on this mount. The kernel keeps what it has read, so what counts as
 * served is: a READ of this text has come, and it has not changed since.
 */
#pragma once

#include "fs/fs.h"
#include "graph/plan.h"

#define FS_VERSIONS_MAX 8 /* older ones of an item */

/** The process @by reads the text that the item has now. */
void fs_version_served(struct fs *fs, struct graph_family *f, const struct graph_item *it,
		       pid_t by);

/** A snapshot was replaced: what it had is kept, as far as it was changed. */
void fs_versions_changed(struct fs *fs, struct graph_family *f, struct graph_snapshot *before,
			 struct graph_snapshot *after);

/**
 * The process @by has saved @text, and it was accepted. An editor that stays open saves again without
 * having read anew: its next text is an edit of this one, though it bears the stamp of the version
 * before. A password in it is left out.
 */
void fs_version_accepted(struct fs *fs, struct graph_family *f, const struct graph_item *it,
			 const char *text, size_t len, pid_t by);

/** Fills @ret (room for FS_VERSIONS_MAX + 2) with what the process @by has saved last, the version
 * last served, and then the older ones; returns how many. @it: the item as it is now. Borrowed until
 * the loop goes on. */
unsigned fs_versions_of(struct fs *fs, struct graph_family *f, const struct graph_item *it,
			pid_t by, struct graph_known *ret);

void fs_versions_done(struct fs *fs);
