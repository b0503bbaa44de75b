/* sim/permissions.h - what Microsoft Graph's own service principal offers: the names that can be
 * asked for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define SIM_GRAPH_APP "00000003-0000-0000-c000-000000000000"

/** A permission; @scope and @role are its ids of the two kinds, NULL where there is none. */
struct sim_grantable {
	const char *name;
	const char *scope; /* delegated */
	bool admin;        /* only an administrator may consent to the delegated one */
	const char *role;  /* application */
	const char *title; /* as the consent page has it */
};

extern const struct sim_grantable sim_grantables[];
extern const size_t sim_grantable_count;

/** By name, without regard to case; NULL if there is none. */
const struct sim_grantable *sim_grantable_find(struct w365_span name);

/** By the id of its delegated or application form. */
const struct sim_grantable *sim_grantable_scope(const char *id);
const struct sim_grantable *sim_grantable_role(const char *id);

/** Is it openid, profile, email or offline_access? */
bool sim_grantable_is_oidc(const struct sim_grantable *g);
