/* fs/listing.h - a snapshot's items by their names in the mount. Made once for a snapshot, kept
 * with it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "graph/snapshot.h"

#define FS_NO_ITEM UINT32_MAX

struct fs_listing {
	struct graph_view view;
	const char **stems;  /* by item: not terminated; points into the item's own name where that
				serves */
	uint8_t *lens;       /* of the stems */
	uint32_t *by_name;   /* a hash table of items by stem; FS_NO_ITEM: nothing there */
	uint32_t n, mask;    /* mask: its size less one */
	bool long_ids;       /* some id is too long to be a name as it is */
	time_t since;        /* since when these have been the names; 0: since the mount */
	uint64_t names_hash; /* of all stems: tells whether the set of names has changed */
	struct w365_arena arena;
};

/** The listing of @s; NULL if there is no memory for it. Lives as long as @s. */
struct fs_listing *fs_listing_of(struct graph_snapshot *s);

/** The item whose entry is @name (with its ".json"), or NULL. */
const struct graph_item *fs_listing_find(struct graph_snapshot *s, const struct fs_listing *l,
					 const char *name);

/** The item whose entry in by-id/ is @name, or NULL. */
const struct graph_item *fs_listing_find_id(struct graph_snapshot *s, const struct fs_listing *l,
					    const char *name);

/** Writes the item's entry, ".json" and a NUL included, to @out; returns its length. */
size_t fs_listing_entry(const struct graph_snapshot *s, const struct fs_listing *l,
			const struct graph_item *it, char out[256]);

/** The same of its entry in by-id/. */
size_t fs_listing_id_entry(const struct graph_item *it, char out[256]);
