/* sim/arguments.h - the parameters of a function, as its segment of the path has them:
 * name(a='x',b='y''z'). */
#pragma once

#include "base/err.h"
#include "sim/api.h"

#define SIM_MAX_ARGUMENTS 4

/** Zero-initialise. */
struct sim_arguments {
	char *text; /* owned; the names and values are in it */
	const char *names[SIM_MAX_ARGUMENTS], *values[SIM_MAX_ARGUMENTS];
	unsigned count;
};

/**
 * Reads the parameters in @segment (decoded) and checks them against those of @o.
 *
 * Errors: -EINVAL, the sentence as Graph would say it: bad syntax, one that is unknown, missing, given
 * twice, or not of its type; -ENOMEM.
 * Source: OData 4.01 part 2, 4.3 (functions in a path): strings in quotes, a quote in them doubled.
 */
int sim_arguments_read(const char *segment, const struct sim_operation *o, enum sim_version version,
		       struct sim_arguments *ret, struct w365_err *reterr);

void sim_arguments_done(struct sim_arguments *a);

/** The value of @name, decoded; "" if it was not given. */
const char *sim_arguments_get(const struct sim_arguments *a, const char *name);
