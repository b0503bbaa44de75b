/* sim/filter.h - $filter: read, checked against the type, and asked of items.
 *
 * Understood: eq ne gt ge lt le in and or not, parentheses; contains startswith endswith tolower;
 * paths with '/'; 'strings' with doubled quotes, numbers, true, false, null, dates and times
 * without quotes, enumeration members as strings. A collection compared with eq or ne stands for
 * "one of its elements is equal": the service's own portal asks that of supportedSolution.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sim/store.h"

struct sim_filter;

/**
 * Source: OData 4.01 part 2, 5.1.1; the wording of the refusals is that of Microsoft's own library.
 * Owner:  the caller owns *@ret: sim_filter_free(). @columns is borrowed and must outlive it.
 * Errors: -EINVAL: unknown property, types that do not fit, bad syntax (with its position);
 * -ENOMEM.
 */
int sim_filter_parse(const char *text, const struct sim_columns *columns, enum sim_version version,
		     struct sim_filter **ret, struct w365_err *reterr);

/** NULL is fine. Returns NULL. */
struct sim_filter *sim_filter_free(struct sim_filter *f);

bool sim_filter_matches(struct sim_filter *f, const struct sim_item *item);

/** Is it made of comparisons with eq, lt, le, gt, ge alone, joined by and and or? */
bool sim_filter_is_plain(const struct sim_filter *f);

/** The columns of which a property inside is asked for
 * ("disasterRecoveryCapability/capabilityType"). */
uint64_t sim_filter_inside(const struct sim_filter *f);
