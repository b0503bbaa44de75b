/* graph/lines.h - what is written to a file in pieces, taken apart into lines. Pure. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/** No line of sense is longer: a policy's assignments take some hundred kilobytes. */
#define GRAPH_LINE_MAX ((size_t)1 << 20)

/** The rest of one file that was opened: what has come since the last line break. Make @rest secret
 * where lines may hold a password. Zero-initialised is empty. */
struct graph_lines {
	struct w365_buf rest;
	const char *p, *end; /* what of the piece at hand was not looked at yet */
	bool given;          /* @rest is the line that was handed out last */
};

/** Begins a piece; borrowed until graph_lines_next() has returned 0. */
void graph_lines_feed(struct graph_lines *l, const char *p, size_t len);

/**
 * The next whole line, without its line break; ret->p[ret->len] is NUL. Good until the next call.
 *
 * Returns: 1; 0 when the piece has no more: its rest is kept. Errors: -EINVAL, a line without end or
 * with a NUL byte in it; -ENOMEM. Nothing of this file can be used afterwards.
 */
int graph_lines_next(struct graph_lines *l, struct w365_span *ret, struct w365_err *reterr);

/** At the end: what had no line break. 1, or 0 if there is nothing. The same of @ret, and errors. */
int graph_lines_rest(struct graph_lines *l, struct w365_span *ret, struct w365_err *reterr);

/** Wipes and frees what is left. */
void graph_lines_done(struct graph_lines *l);
