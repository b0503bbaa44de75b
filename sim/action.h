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

/** Finds what it is bound to. False, and answered, if that is not there. */
bool sim_act_locate(struct sim_action *a);

/** Begins an answer of the operation's documented status with a value of @type in it ("Edm.String",
 * "Collection(microsoft.graph.cloudPC)"): up to where the value's own members or "value" stand. */
struct w365_jw sim_act_answer(struct sim_action *a, const char *type);

/** Calls @fn for each string of the parameter @name; stops, and returns false, when it does. */
bool sim_act_each(struct sim_action *a, const char *name,
		  bool (*fn)(struct sim_action *a, const char *id, void *arg), void *arg);

sim_action_fn sim_act_assign, sim_act_bulk_retry;
sim_action_fn sim_act_apply, sim_act_apply_config, sim_act_policy_retry, sim_act_schedule;
sim_action_fn sim_act_validate_resize, sim_act_configure_agent, sim_act_deploy_agent;
sim_action_fn sim_act_clean_profiles, sim_act_import, sim_act_purge, sim_act_organization;
