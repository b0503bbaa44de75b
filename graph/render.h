/* graph/render.h - a JSON object as it is shown in a file. Pure.
 *
 * As `jq .` prints it, but with the catalogue's order of keys; keys that the catalogue does not
 * know follow, in the service's order. Numbers stay as they were sent. "@odata." annotations are
 * dropped, except the @odata.type of a value that may be of several types. Of what the catalogue calls
 * secret nothing is shown, or of an address what is before its query.
 */
#pragma once

#include "graph/catalogue.h"
#include "base/json.h"

struct w365_buf;
struct graph_render; /* remembers in which order each type's keys come; opaque */

struct graph_render *graph_render_new(enum graph_version version);

/** NULL is fine. Returns NULL. */
struct graph_render *graph_render_free(struct graph_render *r);

/** The members of an object by the catalogue's properties: what a first look at it finds. */
struct graph_members {
	const struct graph_type *type;        /* the actual one; NULL if it is not known */
	uint32_t node[GRAPH_PROPERTIES_MAX];  /* by property of @type; 0: it has none */
	uint32_t value[GRAPH_PROPERTIES_MAX]; /* where its value begins in the rendered text */
	uint32_t odata_type; /* the node of an @odata.type that is shown; 0: none */
	unsigned unknown;    /* members that are no property */
};

/** Looks at object @i of @j, declared as @t (NULL: of no type that is known). */
void graph_render_look(struct graph_render *r, const struct w365_json *j, uint32_t i,
		       const struct graph_type *t, struct graph_members *ret);

/** The most bytes that the text of the whole of @j can have. */
size_t graph_render_bound(const struct w365_json *j);

/**
 * Writes the text of object @i, which was looked at, and a line break to @out, which has room for
 * graph_render_bound(). Fills @m->value. Returns the end.
 */
char *graph_render_write(struct graph_render *r, const struct w365_json *j, uint32_t i,
			 struct graph_members *m, char *out);

/** All of that at once: appends the text of node @i, whatever it is. */
void graph_render_append(struct graph_render *r, const struct w365_json *j, uint32_t i,
			 const struct graph_type *t, struct w365_buf *out);

/**
 * The value of a member in a text that graph_render_write() has written: that of "a/b" is the member
 * b of the object a. *@ret is the JSON text of the value, a string with its quotes. False: there is
 * none.
 *
 * Such a text has a member a line, and no other line begins as it does: finding one costs no parsing.
 */
bool graph_render_find(const char *text, size_t len, const char *path, struct w365_span *ret);
