/* graph/render.h - a JSON object as it is shown in a file. Pure.
 *
 * As `jq .` prints it, but with the catalogue's order of keys; keys that the catalogue does not
 * know follow, in the service's order. Numbers stay as they were sent. "@odata." annotations are
 * dropped, except the @odata.type of a value that may be of several types.
 */
#pragma once

#include "graph/catalogue.h"
#include "base/json.h"

struct w365_buf;
struct graph_render; /* remembers in which order each type's keys come; opaque */

struct graph_render *graph_render_new(enum graph_version version);

/** NULL is fine. Returns NULL. */
struct graph_render *graph_render_free(struct graph_render *r);

/** Appends node @i of @j, taken as an object of type @t (NULL: of none that is known), and a line
 * break. */
void graph_render_object(struct graph_render *r, const struct w365_json *j, uint32_t i,
			 const struct graph_type *t, struct w365_buf *out);
