/* sim/action.h - a POST that acts: its parameters are checked, what it is bound to is found. */
#pragma once

#include "sim/graph.h"
#include "sim/payload.h"
#include "sim/row.h"

/** An action on its way to what carries it out. */
struct sim_action {
	struct sim_call *call;
	const struct sim_operation *operation;
	struct sim_set *set;          /* of what it is bound to; NULL: virtualEndpoint */
	size_t position;              /* in it, if the action is bound to one item */
	const struct w365_json *json; /* the parameters; no nodes: no body */
	char id[256];                 /* of the item; "" of a collection */
};

/** Carries it out and answers; what has nothing to say leaves that to the caller: sim_act_done(). */
typedef void sim_action_fn(struct sim_action *a);

/** Answers with the documented status and no body. */
void sim_act_done(struct sim_action *a);

/** The parameter @name, or 0. */
uint32_t sim_act_get(const struct sim_action *a, const char *name);

/** Its string, decoded, into @out; "" if it was not given. */
const char *sim_act_str(const struct sim_action *a, const char *name, struct w365_buf *out);

sim_action_fn sim_act_assign;
