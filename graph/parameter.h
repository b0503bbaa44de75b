/* graph/parameter.h - whether a JSON value is what the catalogue says of a parameter. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "graph/catalogue.h"

struct w365_buf;

struct graph_parameter_check {
	enum graph_version version;
	bool lax; /* properties and members of enums that the catalogue does not know may be sent */
	bool secret;  /* no value is quoted in a sentence */
	bool creates; /* a new item: what the service alone sets is refused */
};

/**
 * Checks node @i of @j, objects and lists all the way down.
 *
 * @path: what it is called, for the sentence: "assignments/target".
 * Errors: -EINVAL: the sentence begins with the path and says what would be right; -ENOMEM.
 */
int graph_parameter_value(const struct graph_parameter_check *c, const struct w365_json *j,
			  uint32_t i, const struct graph_value *v, const char *path,
			  struct w365_err *reterr);

/** The same of all members of object @i, as those of a new item of @t, whose own @odata.type
 * counts. @ret_type: which type it is; may be NULL. */
int graph_parameter_object(const struct graph_parameter_check *c, const struct w365_json *j,
			   uint32_t i, const struct graph_type *t, const char *path,
			   const struct graph_type **ret_type, struct w365_err *reterr);

/** Appends a value without a byte to spare. */
void graph_json_compact(struct w365_buf *out, const struct w365_json *j, uint32_t i);

/** Appends the names that may stand there, with their types: "displayName (text, required), …".
 */
void graph_parameter_list(struct w365_buf *out, const struct graph_property *p, unsigned n,
			  enum graph_version version, bool creates);

/** Whether it may be given: it exists in @version, and is not the service's alone. */
bool graph_parameter_given(const struct graph_property *p, enum graph_version version,
			   bool creates);
