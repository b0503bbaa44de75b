/* sim/tenant-parts.h - what the makers of the tenant's collections share among themselves. */
#pragma once

#include "sim/rng.h"
#include "sim/tenant.h"

#define SIM_DAY ((time_t)86400)

/** Adds all items of one collection by way of @row. False if there is no memory. */
typedef bool sim_fill_fn(const struct sim_tenant *t, struct sim_row *row);

sim_fill_fn sim_fill_service_plans, sim_fill_gallery_images, sim_fill_regions,
	sim_fill_frontline_plans, sim_fill_licenses;
sim_fill_fn sim_fill_policies, sim_fill_policy_assignments, sim_fill_persistence,
	sim_fill_user_settings, sim_fill_user_setting_assignments, sim_fill_organization,
	sim_fill_government_mapping;
sim_fill_fn sim_fill_connections, sim_fill_device_images;
sim_fill_fn sim_fill_cloud_pcs, sim_fill_snapshots;
sim_fill_fn sim_fill_bulk_actions, sim_fill_export_jobs, sim_fill_cloud_apps;
sim_fill_fn sim_fill_pools, sim_fill_pool_assignments, sim_fill_partners, sim_fill_partner_settings;
sim_fill_fn sim_fill_audit_events;
sim_fill_fn sim_fill_role_definitions, sim_fill_role_assignments, sim_fill_alert_rules,
	sim_fill_alert_records, sim_fill_managed_devices;

/** A licence: what a Cloud PC is made of. */
struct sim_plan {
	const char *name;
	int cpus, ram_gb, disk_gb;
	const char *type;         /* cloudPcServicePlanType */
	const char *provisioning; /* cloudPcProvisioningType */
};

extern const struct sim_plan sim_plans[];

/** Where in the list the others than the dedicated ones of enterprises begin. */
enum {
	SIM_PLAN_LARGE = 7, /* 8 processors and more: three of them */
	SIM_PLAN_SHARED_BY_USER = 10,
	SIM_PLAN_SHARED_BY_GROUP = 12,
	SIM_PLAN_BUSINESS = 14,
};

extern const size_t sim_plan_count;
const char *sim_plan_id(const struct sim_tenant *t, size_t i, char out[37]);

/** The images that everybody has, and the tenant's own. */
#define SIM_GALLERY_IMAGES 10
#define SIM_DEVICE_IMAGES  6
struct sim_image sim_gallery_image(size_t i);
struct sim_image sim_device_image(const struct sim_tenant *t, size_t i);

/** The image that a policy gives its Cloud PCs. */
struct sim_image sim_policy_image(const struct sim_tenant *t, const struct sim_policy *p);

/** What others want to know of a Cloud PC; cheap, and the same whether the collection was made or
 * not. */
struct sim_pc {
	char id[37];
	char device_name[24]; /* "CPC-alexw-7QJ2K" */
	char display[192];
	const struct sim_user *user;     /* NULL: a group's */
	const struct sim_policy *policy; /* NULL: sold without one */
	size_t plan;
	const char *status;
	bool made; /* there has been a machine */
};

struct sim_pc sim_pc(const struct sim_tenant *t, size_t i);

void sim_make_people(struct sim_tenant *t);

/** "2026-11-20T08:14:22.1234567Z": seconds and seven digits, as the service writes them. Returns
 * @out. */
const char *sim_time_long(time_t t, unsigned fraction, char out[40]);

/** Writes the detail of a connection's health checks, which began at @at, as JSON. */
void sim_health_checks(struct w365_jw *j, const char *overall, struct sim_rng *r, time_t at);

/** Writes a time as the value of a key. */
void sim_json_pair_time(struct w365_jw *j, const char *key, time_t t);
