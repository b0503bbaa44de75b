/* graph/json-same.h - what a JSON value means, however it is written. Pure.
 *
 * Strings mean what they decode to, numbers their value, objects their members in any order, arrays
 * their elements in this order. A member that is null means the same as one that is not there, and
 * "@odata." annotations mean nothing, except @odata.type.
 */
#pragma once

#include <string.h>

#include "base/json.h"

struct w365_buf;

#define GRAPH_ODATA_TYPE "@odata.type"

/** Whether a key is an "@odata." annotation, of the object or of one of its members. */
static inline bool graph_json_annotation(struct w365_span key)
{
	const char *at = memchr(key.p, '@', key.len);

	return at && (size_t)(key.p + key.len - at) >= 7 && memcmp(at, "@odata.", 7) == 0;
}

/**
 * The key of node @i as a string. @spare is written to where the key is written with escapes; the
 * result is valid until @spare or the text changes.
 */
struct w365_span graph_json_key(const struct w365_json *j, uint32_t i, struct w365_buf *spare);

/** The string value of node @i, in the same way. */
struct w365_span graph_json_string(const struct w365_json *j, uint32_t i, struct w365_buf *spare);

/** The member @key of @obj; 0 if there is none. Of several the last. */
uint32_t graph_json_member(const struct w365_json *j, uint32_t obj, struct w365_span key);

/** Whether member @i means nothing: it is not there (0), or null. */
static inline bool graph_json_nothing(const struct w365_json *j, uint32_t i)
{
	return i == 0 || j->nodes[i].kind == W365_JSON_IS_NULL;
}

/** How many elements an array has, or members an object. */
size_t graph_json_length(const struct w365_json *j, uint32_t array);

/** Appends the one text that all values of this meaning have in common. */
void graph_json_canon(const struct w365_json *j, uint32_t i, struct w365_buf *out);

/** Whether two members mean the same; 0 stands for one that is not there. 1, 0 or -ENOMEM. */
int graph_json_same(const struct w365_json *a, uint32_t i, const struct w365_json *b, uint32_t k);
