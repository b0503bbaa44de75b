/* graph/page.h - one page of a collection: its envelope first, its items one by one. Pure.
 *
 * Source: https://learn.microsoft.com/graph/paging
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct w365_buf;

/** What surrounds the items. Spans point into the text. */
struct graph_page {
	const char *text;
	size_t len;
	const char *items;          /* behind the '[' of "value" */
	struct w365_span next_link; /* the inside of the JSON string; p is NULL on the last page */
};

/**
 * Finds the items and the next link without looking into the items, so that the next page can be
 * asked for before this one is worked through. All outside the items is validated here, the items
 * by graph_page_item().
 *
 * @text: text[len] is NUL; borrowed.
 * Errors: -EPROTO: not JSON, or no object with an array "value".
 */
int graph_page_open(struct graph_page *page, const char *text, size_t len, struct w365_err *reterr);

/**
 * Parses the next item into @j: 1, or 0 behind the last.
 *
 * @at: where to go on; page->items at first.
 * Errors: -EPROTO with line and column, -ENOMEM.
 */
int graph_page_item(const struct graph_page *page, const char **at, struct w365_json *j,
		    struct w365_err *reterr);

/** Appends the next link as a string. */
void graph_page_next(const struct graph_page *page, struct w365_buf *out);
