/* sim/paging.h - what listings and functions have in common: Prefer, and the link to the next
 * page. */
#pragma once

#include "sim/form.h"
#include "sim/graph.h"

/** The header Prefer, as far as Graph heeds it. */
struct sim_prefer {
	bool all_members;  /* include-unknown-enum-members */
	uint64_t max_page; /* odata.maxpagesize; UINT64_MAX: not given */
};

struct sim_prefer sim_prefer_read(const char *header);

/** Appends "@odata.nextLink":"...", to a page: the request's own address, with @form's options, going
 * on at @position. The token is sealed for @set: sim_skiptoken(). */
void sim_next_link(const struct sim_call *c, const struct sim_form *form, const struct sim_set *set,
		   uint64_t position, struct w365_buf *out);
