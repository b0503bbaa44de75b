/* base/json-read.h - small JSON into a struct, by a table, once, at the edge (cJSON parses). */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum w365_json_type {
	W365_JSON_STRING, /* char *, on the heap */
	W365_JSON_UINT,   /* uint64_t; a number, or a string that holds one: some token endpoints
			     quote theirs */
	W365_JSON_BOOL,   /* bool */
	W365_JSON_TEXT,   /* char *, on the heap: an object or array as compact JSON text */
};

enum {
	W365_JSON_MUST = 1,   /* missing or null is an error */
	W365_JSON_SECRET = 2, /* wiped when freed; never quoted in an error */
	W365_JSON_LAX = 4, /* a value of another type counts as absent: the text is somebody's error
			      report */
};

/** One member. @name is a path with '/' between the levels: "error/innerError/request-id". */
struct w365_json_field {
	const char *name;
	enum w365_json_type type;
	size_t offset;
	unsigned flags;
};

/**
 * Fills the zeroed struct at @out by the table @fields (ended by a NULL name). Unknown keys pass;
 * null is absent.
 *
 * Owner:   the strings belong to @out: w365_json_read_free(). Nothing is left to free after an error.
 * Errors:  -EINVAL if @text is not JSON, or a member is missing or of the wrong type: the sentence
 *          names the key; -ENOMEM.
 */
int w365_json_read(const char *text, size_t len, const struct w365_json_field *fields, void *out,
		   struct w365_err *reterr);

/** Frees (secrets: wipes) the strings of @out and zeroes its fields. */
void w365_json_read_free(const struct w365_json_field *fields, void *out);
