/* graph/loopback.h - a port of this computer to which the browser comes back from a sign-in.
 *
 * A small HTTP server on the loop, for one visitor at a time: it reads a GET's query or a POST's
 * form, hands it on, and answers with a page. Source: RFC 8252 7.3
 */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct graph_loop;
struct graph_loopback; /* opaque; graph/loopback.c */

/** What the visitor is shown. */
enum graph_page_shown {
	GRAPH_PAGE_DONE,     /* signed in */
	GRAPH_PAGE_FAILED,   /* the sign-in was refused or cancelled */
	GRAPH_PAGE_STRANGER, /* that was none of ours */
	GRAPH_PAGE_LATER,    /* it is not known yet: graph_loopback_show() */
};

/** Somebody came with @form ("code=...&state=..."): say which page to show. The listener must not
 * be freed here. */
typedef enum graph_page_shown graph_visit_fn(void *arg, const char *form);

/** Listens on a free port of 127.0.0.1, told in *@ret_port. -errno. */
int graph_loopback_new(struct graph_loop *loop, graph_visit_fn *fn, void *arg,
		       struct graph_loopback **ret, unsigned *ret_port, struct w365_err *reterr);

/** Answers whoever waits since GRAPH_PAGE_LATER. */
void graph_loopback_show(struct graph_loopback *l, enum graph_page_shown page);

/** NULL is fine. Returns NULL. */
struct graph_loopback *graph_loopback_free(struct graph_loopback *l);
