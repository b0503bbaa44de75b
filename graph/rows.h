/* graph/rows.h - the answer of a report: a table in pages, as an array of objects or as CSV. Pure.
 *
 *     {"TotalRowCount":2,"Schema":[{"Column":"A","PropertyType":"Int32"}],"Values":[[1],[2]]}
 *
 * Source: https://learn.microsoft.com/graph/api/cloudpcreports-gettotalaggregatedremoteconnectionreports,
 * https://www.rfc-editor.org/rfc/rfc4180
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/** A table that is being read. Zero-initialise, set @csv. */
struct graph_rows {
	bool csv;
	struct w365_buf out;    /* CSV, or compact JSON whose array is not closed */
	struct w365_buf schema; /* as the first page had it */
	uint64_t n;             /* rows so far */
	struct w365_json json;
};

/**
 * Adds the rows of a page, at most @most of them. Numbers that were sent as text become numbers where
 * the column says so; all else stays as it was sent.
 *
 * @ret_rows: how many the page had. @ret_total: TotalRowCount, UINT64_MAX where it is not told.
 * Errors: -EPROTO: no table, or another one than before; -ENOMEM.
 */
int graph_rows_add(struct graph_rows *r, const char *text, size_t len, uint64_t most,
		   uint64_t *ret_rows, uint64_t *ret_total, struct w365_err *reterr);

void graph_rows_done(struct graph_rows *r);
