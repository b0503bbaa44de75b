/* fs/ino.h - inode numbers. They say what they mean, so that the daemon keeps no table of what the
 * kernel knows.
 *
 *   bit  63..60   59..48            47..0
 *        kind     collection's tag  key of the item
 *
 * The key comes from the id and the tag from the collection's name: the same file has the same
 * number after a remount (but for what is kept: fs/keep.h). Of a log's items the upper 16 bits of
 * the key are the day.
 */
#pragma once

#include <stdint.h>

#include "graph/catalogue.h"
#include "graph/snapshot.h"

enum fs_ino_kind {
	FS_INO_NODE,  /* a fixed node of the tree: fs/tree.h; the root is 1 */
	FS_INO_ITEM,  /* X.json */
	FS_INO_BY_ID, /* by-id/ID.json */
	FS_INO_DAY,   /* a day of a log; the key is the day */
	FS_INO_KEPT, /* in .w365fs/rejected/ or history/; the key is a number of fs/keep.h, no tag */
	FS_INO_LOCAL,   /* a file that is only here; the rest is a number: fs/file.h */
	FS_INO_GROUP,   /* a group of a view; the key is the group's: fs/groups.h */
	FS_INO_GROUPED, /* X.json in any group of any view: it leads to ../../X.json everywhere */
	FS_INO_EVENTS, /* .w365fs/events; the key says where in the stream it begins, no tag: fs/stream.h */
	FS_INO_ANSWER, /* a file whose name is a question; the rest is made of that: fs/answers.h */
	FS_INO_AUDIT,  /* .w365fs/audit.ndjson; the key as that of the events */
};

static inline uint64_t fs_ino(enum fs_ino_kind kind, const struct graph_collection *c, int64_t day,
			      uint64_t key)
{
	if (c->freshness == GRAPH_FRESH_LOG && kind != FS_INO_DAY)
		key |= (uint64_t)(uint16_t)day << GRAPH_LOG_KEY_BITS;
	return (uint64_t)kind << 60 | (uint64_t)c->tag << GRAPH_KEY_BITS | key;
}

static inline enum fs_ino_kind fs_ino_kind(uint64_t ino)
{
	return (enum fs_ino_kind)(ino >> 60);
}

static inline unsigned fs_ino_tag(uint64_t ino)
{
	return ino >> GRAPH_KEY_BITS & 0xfff;
}

static inline uint64_t fs_ino_key(uint64_t ino)
{
	return ino & (((uint64_t)1 << GRAPH_KEY_BITS) - 1);
}
