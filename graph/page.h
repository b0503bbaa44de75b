/* graph/page.h - one page of a collection: its envelope first, its items one by one. Pure.
 *
 * Source: https://learn.microsoft.com/graph/paging
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct w365_buf;

/** A page that is being read. Spans point into the text. */
struct graph_page {
	const char *text;
	size_t len;
	const char *at;             /* of the items: where to go on */
	struct w365_span next_link; /* the inside of the JSON string; p is NULL on the last page */
	bool begun;                 /* an item was read */
	bool rest;                  /* what stands behind the items was not looked at yet */
};

/**
 * Finds the next link without looking into the items, so that the next page can be asked for before
 * this one is worked through. Graph writes the link before the items; where it is not there, they
 * are skipped in search of it.
 *
 * @text: text[len] is NUL; borrowed.
 * Errors: -EPROTO: not JSON, or no object with an array "value".
 */
int graph_page_open(struct graph_page *page, const char *text, size_t len, struct w365_err *reterr);

/**
 * Parses the next item into @j: 1, or 0 behind the last. By then the whole text is known to be
 * valid.
 * Errors: -EPROTO with line and column, -ENOMEM.
 */
int graph_page_item(struct graph_page *page, struct w365_json *j, struct w365_err *reterr);

/** Appends the next link as a string. */
void graph_page_next(const struct graph_page *page, struct w365_buf *out);
