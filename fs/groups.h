/* fs/groups.h - a snapshot's items by the value of a property: what a view shows. Made when the view
 * is first looked at, kept with the snapshot.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "graph/snapshot.h"

/** What the items without a value are grouped as. */
#define FS_GROUP_NONE "(none)"

struct fs_group {
	uint64_t key;      /* made of the view and the name: inode numbers are made of it */
	const char *name;  /* of the directory: the value, encoded; not terminated */
	uint32_t first, n; /* its members: fs_groups.members[first..first+n), ascending */
	time_t since;      /* since when it has had these members, so called; 0: since the mount */
	uint8_t len;       /* of the name */
};

/** The groups of one view. */
struct fs_groups {
	struct fs_group *groups; /* sorted by key */
	uint32_t n;
	uint32_t *members; /* indices of the snapshot's items */
	time_t since;      /* since when there have been these groups; 0: since the mount */
	bool made;
};

/**
 * The groups of view @view (an index of the collection's views) of @s; NULL if there is no memory for
 * them. Lives as long as @s.
 */
struct fs_groups *fs_groups_of(struct graph_snapshot *s, unsigned view);

/** The same if they were made already, else NULL. */
struct fs_groups *fs_groups_known(const struct graph_snapshot *s, unsigned view);

/** The view that a group's key is of. */
static inline unsigned fs_group_view(uint64_t key)
{
	return key % GRAPH_VIEWS_MAX;
}

/** The group called @name, or NULL. */
const struct fs_group *fs_group_find(const struct fs_groups *g, unsigned view, const char *name);

/** The group of that key, or NULL. */
const struct fs_group *fs_group_by_key(const struct fs_groups *g, uint64_t key);

/** The first group whose key is @key or greater: an index, g->n if there is none. */
uint32_t fs_groups_from(const struct fs_groups *g, uint64_t key);

/** Whether the item of index @i is in the group. */
bool fs_group_has(const struct fs_groups *g, const struct fs_group *group, uint32_t i);
