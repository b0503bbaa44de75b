/* graph/item.h - reading one item of a collection anew, and putting it into the snapshot: what was
 * changed is seen at once, and the other ten thousand are not fetched for it. */
#pragma once

#include <stddef.h>

#include "graph/store.h"

struct graph_item_read; /* opaque; graph/item.c */

/**
 * Reads the item of that id (of a singleton: it, whatever the id).
 *
 * Calls back once, with the snapshot that has the item, or with why there is none: ENOENT if the
 * service does not have it, and then the snapshot does not have it either. Never calls back before
 * it returns. What cannot be read alone is read with its whole family. A listing on its way does
 * not bring back what was before.
 *
 * Owner:   *@ret is gone when it calls back. @id is copied.
 * Errors:  -ENOMEM.
 */
int graph_item_read(struct graph_family *f, const char *id, size_t len, graph_ready_fn *fn,
		    void *arg, struct graph_item_read **ret, struct w365_err *reterr);

/** It will not call back. NULL is fine. Returns NULL. */
struct graph_item_read *graph_item_read_cancel(struct graph_item_read *r);

/** The item is known to be gone: it was deleted just now. */
void graph_item_gone(struct graph_family *f, const char *id, size_t len);
