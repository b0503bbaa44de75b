/* base/json.h - JSON text, walked once: validated and indexed in one pass, without copying.
 *
 * Made for listing pages of some megabytes, where a tree of allocations costs ten times the walk.
 * What is small or edited goes through cJSON (base/json-read.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct w365_buf;

enum w365_json_kind {
	W365_JSON_IS_NULL,
	W365_JSON_IS_FALSE,
	W365_JSON_IS_TRUE,
	W365_JSON_IS_NUMBER,
	W365_JSON_IS_STRING,
	W365_JSON_IS_ARRAY,
	W365_JSON_IS_OBJECT,
};

/** A value and, in an object, its key. Preorder: the children of node i are i+1 .. nodes[i].next-1.
 */
struct w365_json_node {
	uint32_t key, key_len; /* inside the quotes */
	uint32_t val, val_len; /* a string: inside the quotes; all else: the whole text */
	uint32_t next;         /* the first node behind this one's subtree */
	uint8_t kind;          /* enum w365_json_kind */
	bool key_plain; /* printable ASCII without escapes: the bytes are the string, and print as
			   they are */
	bool val_plain; /* the same of a string value */
};

/** Reuse one for many texts: the nodes' memory is kept. Zero-initialised is empty. */
struct w365_json {
	const char *text; /* borrowed from the caller of w365_json_parse() */
	struct w365_json_node *nodes;
	size_t count, cap;
	unsigned depth; /* of the deepest value; 0 if the root has no children */
	bool plain;     /* every key and every string is */
	size_t bad;     /* where the text is no JSON, and why; set when it is refused as such */
	const char *why;
};

#define W365_JSON_MAX_DEPTH 100

/** Loops @child over the children of node @parent. */
#define W365_JSON_EACH(j, parent, child)                                     \
	for (uint32_t child = (parent) + 1; child < (j)->nodes[parent].next; \
	     child = (j)->nodes[child].next)

/**
 * Reads one value from @text; node 0 is its root.
 *
 * Shape:   text[len] must be readable and NUL (a struct w365_buf's text is).
 * Owner:   @text is borrowed as long as @j is read.
 * Errors:  -EINVAL with line and column, also as j->bad and j->why; -ENOMEM. A text over 4 GiB is -EINVAL.
 * @ret_used: bytes up to the end of the value. If NULL, nothing but white space may follow.
 */
int w365_json_parse(struct w365_json *j, const char *text, size_t len, size_t *ret_used,
		    struct w365_err *reterr);

void w365_json_done(struct w365_json *j);

/**
 * The member @key of object @obj (the last one, if it is there twice, as other readers have it); 0
 * if there is none, or if @obj is no object.
 */
uint32_t w365_json_get(const struct w365_json *j, uint32_t obj, const char *key);

/** The node's string as it stands in the text, escapes and all. */
static inline struct w365_span w365_json_raw(const struct w365_json *j, uint32_t i)
{
	return (struct w365_span){ j->text + j->nodes[i].val, j->nodes[i].val_len };
}

/**
 * Appends the string that the inside of a JSON string stands for. Lone surrogates become U+FFFD.
 * Bytes that are not UTF-8 are kept as they are: w365_json_quote() replaces them, names of files
 * encode them.
 */
void w365_json_decode(struct w365_buf *out, struct w365_span inside);

/** Appends @s as a JSON string in quotes, as jq prints it: non-ASCII as UTF-8, bad bytes as U+FFFD.
 */
void w365_json_quote(struct w365_buf *out, const char *s, size_t len);

/**
 * Where the value that begins at @p ends, found by counting brackets, or NULL. Validates nothing
 * and is very fast; text[len] NUL as above. Good for looking past a large array before it is
 * walked.
 */
const char *w365_json_skip(const char *p, const char *end);

/** Skips white space. */
static inline const char *w365_json_space(const char *p)
{
	while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')
		p++;
	return p;
}
