/* sim/tenant.h - a believable tenant, made of a seed: who is there, and what they have. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "sim/row.h"

struct sim_user {
	char id[37];
	char upn[96];
	char display[96];
	char alias[24]; /* what device names are made of */
	bool guest;
};

#define SIM_GROUPS      12
#define SIM_POLICIES    8
#define SIM_CONNECTIONS 5

struct sim_group {
	char id[37];
	const char *display;
};

/** How a policy gives out Cloud PCs, and where they come from. */
struct sim_policy {
	char id[37];
	const char *name;
	const char *description;
	const char *provisioning; /* cloudPcProvisioningType */
	const char *prefix;       /* of device names: "CPC" */
	int connection;           /* or -1: the service's own network */
	const char *region, *region_group, *geography;
	int image; /* of the gallery, or of the tenant's own */
	bool custom_image, single_sign_on, local_admin, hybrid, cloud_app;
	const char *locale;
	unsigned groups[2], group_count; /* assigned to */
};

struct sim_connection {
	char id[37];
	const char *name, *region, *status;
	bool hybrid;
};

struct sim_image {
	char id[96];
	const char *name;
	const char *version; /* of Windows: "10.0.26100.2314" */
};

/** What the collections refer to. Fixed once it is made; the strings are static unless they are
 * arrays. */
struct sim_tenant {
	uint64_t seed;
	size_t cloud_pcs;
	time_t today; /* dates are counted from it */
	const char *domain, *tenant_id;
	struct sim_user *users;
	size_t user_count;
	struct sim_group groups[SIM_GROUPS];
	struct sim_policy policies[SIM_POLICIES];
	struct sim_connection connections[SIM_CONNECTIONS];
};

/** @domain and @tenant_id are borrowed. False if there is no memory. */
bool sim_tenant_init(struct sim_tenant *t, uint64_t seed, size_t cloud_pcs, time_t today,
		     const char *domain, const char *tenant_id);

void sim_tenant_done(struct sim_tenant *t);

/** By id or user principal name (without regard to case); NULL if there is none. */
const struct sim_user *sim_tenant_user(const struct sim_tenant *t, const char *name);

/** Fills an empty set; of some resources there is nothing here. False if there is no memory. */
bool sim_tenant_fill(const struct sim_tenant *t, struct sim_set *set);
