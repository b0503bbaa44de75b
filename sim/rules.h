/* sim/rules.h - what the service does with a write beyond the table's checks, and the parts of it
 * that stand in files of their own. */
#pragma once

#include "sim/write.h"

/** Of provisioning policies; when each is called, struct sim_rule says. */
bool sim_policy_allow(struct sim_change *c);
void sim_policy_fill(struct sim_change *c);
void sim_policy_follow(struct sim_change *c);
void sim_policy_after(struct sim_change *c);

/** Of network connections. */
bool sim_connection_allow(struct sim_change *c);
void sim_connection_fill(struct sim_change *c);
void sim_connection_follow(struct sim_change *c);

/** Has the item @id of @set assignments? */
bool sim_is_assigned(struct sim *s, const struct sim_set *set, const char *id);

/**
 * Is there another item than the one that changes whose string columns @names (NULL-terminated) are
 * all as this one's will be? Without regard to case.
 */
bool sim_has_twin(const struct sim_change *c, const char *const *names);

/** Writes "now" into a column of the new item. */
void sim_row_now(struct sim_change *c, const char *name);
