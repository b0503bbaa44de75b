/* fs/views.h - the directories that show a collection by the value of a property, as the kernel sees
 * them: by-status/failed/X.json is a link to ../../X.json.
 *
 * They are made of the collection's snapshot and of nothing else: looking at them costs no requests
 * of their own. A group's directory is asked about once in the life of a snapshot; the links in it
 * never change unless the kernel is told so, so they may be believed for long: walking thousands of
 * groups again costs no request a group.
 */
#pragma once

#include "fs/fs.h"
#include "fs/park.h"

/** Whether @p is a view, or a group of one. */
static inline bool fs_place_view(const struct fs_place *p)
{
	return p->kind == FS_INO_GROUP || (p->node && p->node->kind == FS_NODE_VIEW);
}

/* Requests for fs_place_view(): each answers @r, now or once the snapshot is there. */
void fs_view_lookup(struct fs_request *r, const struct fs_place *p);
void fs_view_getattr(struct fs_request *r, const struct fs_place *p);

/** The time of the view @node: since when it has had these groups. 0: since the mount. */
time_t fs_view_since(const struct fs_node *node, const struct graph_snapshot *snap);

/** The inode number of the directory that @p is in. */
uint64_t fs_view_parent(struct fs *fs, const struct fs_place *p);

/** @number: the entry's cookie. */
typedef bool fs_view_fn(void *arg, const char *name, const struct fuse_entry_param *e,
			uint64_t number);

/** Calls @fn for the groups of a view, or the links of a group, with a number above @after, until it
 * returns false. */
void fs_view_list(struct fs *fs, const struct fs_place *p, struct graph_snapshot *snap,
		  uint64_t after, fs_view_fn *fn, void *arg);

/** A snapshot was replaced: tells the kernel what changed in views that it may know. */
void fs_views_changed(struct fs *fs, struct graph_snapshot *before, struct graph_snapshot *after);
