/* graph/pager.h - walking a collection page by page.
 *
 * The next page is asked for before the one at hand is worked through, so that the service and we
 * work at the same time.
 */
#pragma once

#include "base/err.h"
#include "graph/client.h"

struct graph_page;
struct graph_pager; /* opaque; graph/pager.c */

/** A page, in the service's order. -errno with @reterr ends the walk with that failure. */
typedef int graph_page_fn(void *arg, struct graph_page *page, struct w365_err *reterr);

/** The walk is over: all pages were handed out (@err is NULL), or it failed. The pager may be freed
 * here. */
typedef void graph_pager_fn(void *arg, const struct w365_err *err);

/** Never calls back before it returns. @client is borrowed. -ENOMEM, -EPROTO as graph_get(). */
int graph_pager_new(struct graph_loop *loop, struct graph_client *client,
		    const struct graph_ask *ask, graph_page_fn *page_fn, graph_pager_fn *done_fn,
		    void *arg, struct graph_pager **ret, struct w365_err *reterr);

/** Cancels the page in flight; no callback will run again. NULL is fine. Returns NULL. */
struct graph_pager *graph_pager_free(struct graph_pager *p);

/** Somebody waits for it now. */
void graph_pager_promote(struct graph_pager *p);
