/* sim/odd.h - odd values, on order: what services have been seen to send, and clients must
 * survive. */
#pragma once

#include "sim/sim.h"

struct w365_buf;

/**
 * From now on answers are odd: a few items of several collections have dates of the year 1, empty
 * strings, enumeration members and properties that no metadata has, names in another case; some
 * items and all objects that functions return are wrapped in "value".
 *
 * Errors: -ENOMEM.
 */
int sim_odd(struct sim *s, struct w365_err *reterr);

/** Appends the JSON value @raw of @type with odd values in it. */
void sim_odd_value(struct w365_span raw, const struct sim_type *type, struct w365_buf *out);

/** Is an item of the collection sent as {"value":{...}}? @list: in a listing; else by itself. */
bool sim_odd_wraps(const struct sim *s, const struct sim_resource *resource, bool list);
