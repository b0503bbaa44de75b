/* sim/query.h - the OData options of a request: read, and refused where no page documents them. */
#pragma once

#include "sim/filter.h"
#include "sim/form.h"
#include "sim/store.h"

#define SIM_MAX_ORDERS 8

struct sim_order {
	uint8_t column;
	bool descending;
};

/** Zero-initialised is a request without options. */
struct sim_query {
	bool selected;
	uint64_t select; /* columns */
	struct sim_filter *filter;
	struct sim_order orders[SIM_MAX_ORDERS];
	unsigned order_count;
	uint64_t top; /* UINT64_MAX: not given */
	uint64_t skip;
	bool count, expand;
	uint64_t position; /* of $skiptoken; UINT64_MAX: not given */
};

/**
 * Reads the options of @form that @options (bits of enum sim_option) allow for items of @set.
 *
 * @token_key: what a $skiptoken was sealed with: sim_skiptoken().
 * Errors:     -EINVAL with err->http 400 and err->code: an option that is not documented here or
 * unknown, one without its '$', a bad value; -ENOMEM.
 */
int sim_query_read(const struct sim_form *form, unsigned options, const struct sim_set *set,
		   enum sim_version version, uint64_t token_key, struct sim_query *ret,
		   struct w365_err *reterr);

void sim_query_done(struct sim_query *q);

/** Writes the opaque token of the page that begins at @position, for @set. */
void sim_skiptoken(struct w365_buf *out, uint64_t position, const struct sim_set *set,
		   uint64_t token_key);

/** The position in a token that sim_skiptoken() wrote for this set with this key; false if it is
 * none. */
bool sim_skiptoken_read(const char *token, const struct sim_set *set, uint64_t token_key,
			uint64_t *ret_position);

/** Order of two items; that of the collection where the options leave them equal is the caller's
 * business. */
int sim_query_compare(const struct sim_query *q, const struct sim_columns *c,
		      const struct sim_item *a, const struct sim_item *b);
