/* sim/policy-actions.h - what a policy's assignment means to its Cloud PCs. */
#pragma once

#include "sim/sim.h"

/**
 * The policy's groups were @old and are @new (ids, with spaces between). Whoever has lost the
 * assignment has seven days; who gets it back before that goes on.
 */
void sim_policy_regrouped(struct sim *s, const char *policy, const char *old, const char *new);
