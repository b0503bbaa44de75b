/* graph/send.h - values of a text as they are sent: compact, without annotations. Pure. */
#pragma once

#include "base/json.h"
#include "graph/catalogue.h"

struct w365_buf;

/** How values are sent. */
struct graph_send {
	const struct w365_json *text;
	enum graph_version version;
	bool fresh; /* as a part of something new: null, and what only the service sets, is left out
		     */
};

/**
 * Appends node @i, declared as @t (NULL: of no type that is known). An object whose type may be
 * several gets its @odata.type, if the text has it or there is only one.
 */
void graph_send_value(const struct graph_send *s, uint32_t i, const struct graph_type *t,
		      struct w365_buf *out);

/** Appends the key of a member, after a comma if @some came before it; the value is due. Sets @some.
 */
void graph_send_key(struct w365_buf *out, bool *some, const char *key, size_t len);

/** Appends the member @odata.type in the same way. */
void graph_send_type(struct w365_buf *out, bool *some, const struct graph_type *t);

/** The type of object @i, declared as @t, as well as the text tells: the one in its @odata.type, the
 * only one that it can be, or @t. */
const struct graph_type *graph_send_type_of(const struct w365_json *j, uint32_t i,
					    const struct graph_type *t, enum graph_version version);
