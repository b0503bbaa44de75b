/* sim/functions.h - GET of a function: what it is bound to, what it is told, what it says. */
#pragma once

#include "sim/action.h"
#include "sim/arguments.h"
#include "sim/paging.h"
#include "sim/query.h"

/** A function on its way to what computes it. */
struct sim_function {
	struct sim_action at; /* what it is bound to; no parameters */
	struct sim *sim;
	struct sim_arguments arguments;
	struct sim_form form;
	struct sim_query query;
	struct sim_prefer prefer;
	struct sim_set shape;  /* no items: the columns of what it returns, for $select and pages */
	struct w365_buf value; /* the answer's value as JSON */
	struct w365_jw json;   /* writes it; of a collection, the list is open */
};

/** Writes the value. What it refuses it answers itself. */
typedef void sim_function_fn(struct sim_function *f);

struct sim_function_row {
	const char *type, *name; /* of what it is bound to; its own */
	sim_function_fn *run;
	unsigned options; /* bits of enum sim_option: the documented ones */
	unsigned page;    /* so many items on a page; 0: as the simulator's pages are */
};

/** One table a file; each ends with a row without names. */
extern const struct sim_function_row sim_pc_functions[], sim_tenant_functions[];

/** Serves the route's operation, whose caller may call it. */
void sim_function(struct sim_call *c);

/** The value of a parameter; "" if it was not given. */
const char *sim_function_get(const struct sim_function *f, const char *name);

/** A column of what the function is bound to, decoded into @out; "" if it is null. */
const char *sim_function_str(const struct sim_function *f, const char *column,
			     struct w365_buf *out);

/** Numbers that are always the same for the bound item. */
struct sim_rng sim_function_rng(const struct sim_function *f, const char *domain);

/** The reports that are asked for by GET: a stream, no JSON of OData. */
void sim_report_latency(struct sim_function *f);
void sim_report_status(struct sim_function *f);
