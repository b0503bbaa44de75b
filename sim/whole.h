/* sim/whole.h - values as the service keeps them: with all members of their types, whatever part of
 * them was sent. */
#pragma once

#include "base/json.h"
#include "sim/api.h"

struct w365_buf;

/**
 * Appends node @i of @j, which is of @type (as checked). Members that were not sent are null, or
 * what their types have in its place; of two names for one thing each has what the other was given.
 */
void sim_whole_value(const struct w365_json *j, uint32_t i, const struct sim_type *type,
		     struct w365_buf *out);
