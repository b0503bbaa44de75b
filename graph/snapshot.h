/* graph/snapshot.h - a collection as it was at one moment: complete, immutable, ready to be served.
 *
 * Memory: an item costs its text, its id and name only where they are not part of the text as they
 * are, and sizeof(struct graph_item).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "graph/catalogue.h"

/** Bits of an item's key: what an inode number has room for. A log's also holds the day. */
#define GRAPH_KEY_BITS     48
#define GRAPH_LOG_KEY_BITS 32

struct graph_item {
	uint64_t key; /* of the id, stable; unique in the snapshot: inode numbers are made of it */
	const char *text; /* as the file shows it, with the line break at its end */
	const char *id, *name;
	int64_t modified; /* nanoseconds since 1970: what the item says; else when this text was
			     first seen */
	uint32_t text_len;
	uint32_t arrival;  /* its place among the items as they came */
	uint16_t id_len;   /* 0: a singleton without one */
	uint16_t name_len; /* 0: it has no name, or a blank one */
};

/** Texts, and ids and names that are not part of them. Snapshots that differ by an item share them.
 */
struct graph_texts {
	unsigned refs;
	struct w365_arena arena;
};

/** Counted: graph_snapshot_ref(), graph_snapshot_unref(). Made by graph/builder.h. */
struct graph_snapshot {
	const struct graph_collection *collection;
	struct graph_item *items; /* sorted by key */
	uint32_t n_items;
	uint32_t n_odd;   /* items that were left out: without an id, or of an id that came twice */
	uint64_t fetched; /* on the loop's clock */
	struct timespec wall;      /* the same, for people */
	size_t bytes;              /* of all texts */
	struct graph_view *view;   /* fs/ keeps names here; shared by snapshots of the same names */
	struct graph_view *groups; /* and here what its views show; never shared */
	unsigned refs;
	struct graph_texts *texts;
};

/** What somebody has made of a snapshot's names. Counted; the last one to let go frees it. */
struct graph_view {
	unsigned refs;
	void (*free)(struct graph_view *view);
};

struct graph_snapshot *graph_snapshot_ref(struct graph_snapshot *s);

/** NULL is fine. Returns NULL. */
struct graph_snapshot *graph_snapshot_unref(struct graph_snapshot *s);

/**
 * @before with one item replaced, added (@item, whose text is in the texts of @before) or, where it is
 * NULL, with the item of that id removed. The age stays that of @before. NULL: no memory.
 */
struct graph_snapshot *graph_snapshot_with(struct graph_snapshot *before,
					   const struct graph_item *item, const char *id,
					   size_t len);

/** The item of that id, or NULL. */
const struct graph_item *graph_snapshot_by_id(const struct graph_snapshot *s, const char *id,
					      size_t len);

/** The item of that key, or NULL. */
const struct graph_item *graph_snapshot_by_key(const struct graph_snapshot *s, uint64_t key);

/** The first item whose key is @key or greater: an index, n_items if there is none. */
uint32_t graph_snapshot_from(const struct graph_snapshot *s, uint64_t key);

/** The key that an id has, unless another id of the snapshot has it too: then one right behind it.
 */
uint64_t graph_item_key(const struct graph_collection *c, const char *id, size_t len);

/** @was is NULL for an item that is new, @is for one that is gone; else its text differs. */
typedef void graph_change_fn(void *arg, const struct graph_item *was, const struct graph_item *is);

void graph_snapshot_diff(const struct graph_snapshot *before, const struct graph_snapshot *after,
			 graph_change_fn *fn, void *arg);
