/* graph/builder.h - making a snapshot, page by page. */
#pragma once

#include "base/err.h"
#include "graph/snapshot.h"

struct graph_page;
struct graph_builder; /* opaque; graph/builder.c */

/** What was odd about an item, for the log of errors. @sentence names the item as well as it can.
 */
typedef void graph_odd_fn(void *arg, const char *sentence);

/**
 * @odd may be NULL. -ENOMEM.
 */
int graph_builder_new(const struct graph_collection *c, enum graph_version version,
		      graph_odd_fn *odd, void *arg, struct graph_builder **ret);

/** NULL is fine. Returns NULL. */
struct graph_builder *graph_builder_free(struct graph_builder *b);

/** Adds all items of a page, whose text is not needed afterwards. -EPROTO, -ENOMEM. */
int graph_builder_page(struct graph_builder *b, struct graph_page *page, struct w365_err *reterr);

/** Whose an item is, by its time: nanoseconds since 1970, 0 if it has none. NULL: nobody's. */
typedef struct graph_builder *graph_pick_fn(void *arg, int64_t modified);

/** The same of a page with items of several snapshots, all of one collection: @b reads, and adds
 * nothing to its own. */
int graph_builder_split(struct graph_builder *b, struct graph_page *page, graph_pick_fn *pick,
			void *arg, struct w365_err *reterr);

/** Adds the one object of a singleton. text[len] is NUL. -EPROTO, -ENOMEM. */
int graph_builder_singleton(struct graph_builder *b, const char *text, size_t len,
			    struct w365_err *reterr);

/** Puts texts where those of @s are, who then share them: for graph_snapshot_with(). Before
 * anything is added. */
void graph_builder_share(struct graph_builder *b, struct graph_snapshot *s);

/**
 * What was read of one item while the listing was on its way, and may be newer than what that says:
 * the object as the service sent it (text[len] is NUL). After all pages. -EPROTO, -ENOMEM.
 */
int graph_builder_override(struct graph_builder *b, const char *text, size_t len,
			   struct w365_err *reterr);

/** The same of an item that was found to be gone. */
void graph_builder_remove(struct graph_builder *b, const char *id, size_t len);

/**
 * Ends the building: the snapshot has one reference, the caller's; the builder can only be freed
 * afterwards. @before (may be NULL) is the snapshot that it follows: texts that have no time of
 * their own and did not change keep the time at which they were first seen. NULL: no memory.
 */
struct graph_snapshot *graph_builder_finish(struct graph_builder *b,
					    const struct graph_snapshot *before, uint64_t now,
					    struct timespec wall);
