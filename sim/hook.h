/* sim/hook.h - what the hooks share: a request below /_sim/, read. */
#pragma once

#include "sim/form.h"
#include "sim/sim.h"

struct sim_hook_call {
	struct sim *sim;
	struct sim_form form;
	struct w365_span body;
	struct sim_reply *reply;
};

/** A hook: 0 (answered 204 unless it has set something else), or -errno with the sentence. */
typedef int sim_hook_fn(struct sim_hook_call *h, struct w365_err *reterr);

/** A number in the parameter @name. Errors: -EINVAL if it is missing or none. */
int sim_hook_number(const struct sim_hook_call *h, const char *name, uint64_t *ret,
		    struct w365_err *reterr);

/** Merges the members of the JSON object @json into the item, unknown ones too. Errors: -EINVAL if it
 * is none; -ENOMEM. */
int sim_item_merge(struct sim *s, struct sim_set *set, size_t position, struct w365_span json,
		   struct w365_err *reterr);

sim_hook_fn sim_hook_item, sim_hook_items;
sim_hook_fn sim_hook_limit, sim_hook_course, sim_hook_fail, sim_hook_unfail;
sim_hook_fn sim_hook_device, sim_hook_policy, sim_hook_sign_out, sim_hook_consent,
	sim_hook_federated, sim_hook_user, sim_hook_replication;
