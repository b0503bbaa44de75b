/* graph/text.h - a text that somebody wrote: reading it, and saying what is wrong with it where. Pure.
 */
#pragma once

#include "base/json.h"

struct w365_buf;

/**
 * Reads a text that is to be one JSON object in UTF-8, none of whose objects has a key twice.
 *
 * Owner:   @text is borrowed as long as @j is read; text[len] is NUL. w365_json_done(@j), whatever
 *          comes of it.
 * Errors:  -ENODATA if there is nothing in it but white space and NUL bytes; -EINVAL, with line and
 *          column; -ENOMEM.
 */
int graph_text_read(struct w365_json *j, const char *text, size_t len, struct w365_err *reterr);

enum graph_spot { GRAPH_AT_KEY, GRAPH_AT_VALUE };

/** Appends the path of node @i: "assignments[1].target.groupId"; nothing for the root. */
void graph_text_path(const struct w365_json *j, uint32_t i, struct w365_buf *out);

/** "line 3, column 7: windowsSettings.language ", and then what is formatted. Returns -@num. */
int graph_text_fail(const struct w365_json *j, uint32_t i, enum graph_spot spot,
		    struct w365_err *reterr, int num, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/** Appends the beginning of a text in quotes, for a sentence. */
void graph_text_quote(struct w365_buf *out, const char *s, size_t len);
