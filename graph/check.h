/* graph/check.h - whether what somebody wrote fits the catalogue. Pure. */
#pragma once

#include "base/json.h"
#include "graph/catalogue.h"

/** What is checked, and against what. All is borrowed. */
struct graph_check {
	const struct w365_json *text;
	const struct w365_json *base; /* what the text was made from: what is the same there is not
					 checked again; NULL: all is new */
	enum graph_version version;
	bool fresh; /* a new object: what can be set only then may be there, null is left out */
	bool lax;   /* what the catalogue does not know passes */
	struct w365_err *err;
};

/**
 * Checks member @i of an object of type @t, whose value somebody has changed: that the property
 * exists, may be set, and has a value that its type allows.
 *
 * @t:      NULL: of a type that the catalogue does not know; everything passes.
 * @base:   the same member in c->base; 0 if it was not there.
 * Errors:  -EINVAL with line, column, path and cure; -ENOMEM.
 */
int graph_check_member(const struct graph_check *c, const struct graph_type *t, uint32_t i,
		       uint32_t base);

/** Checks a value of any place: null (unless @nullable), arrays, and all inside. As above. */
int graph_check_value(const struct graph_check *c, const struct graph_value *v, bool nullable,
		      uint32_t i, uint32_t base);

/**
 * The type of object @i, declared as @t: where that may be several, by its @odata.type, which must
 * be there and fit. @ret: NULL if it is one that the catalogue does not know (c->lax).
 * -EINVAL.
 */
int graph_check_type(const struct graph_check *c, uint32_t i, const struct graph_type *t,
		     uint32_t base, const struct graph_type **ret);

/** Whether a property can be set: by a new object (@fresh), or in one that is there. */
bool graph_check_settable(const struct graph_property *p, bool fresh);
