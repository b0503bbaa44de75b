#include "sim/tenant.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/tenant-parts.h"

/* Who makes what. A resource that is missing here has nothing: the carriers of actions, and
 * references. */
static const struct {
	const char *name;
	sim_fill_fn *fill;
} makers[] = {
	{ "alertRecords", sim_fill_alert_records },
	{ "alertRules", sim_fill_alert_rules },
	{ "auditEvents", sim_fill_audit_events },
	{ "bulkActions", sim_fill_bulk_actions },
	{ "cloudApps", sim_fill_cloud_apps },
	{ "cloudPCs", sim_fill_cloud_pcs },
	{ "cloudPcPools", sim_fill_pools },
	{ "cloudPcPools/assignments", sim_fill_pool_assignments },
	{ "crossCloudGovernmentOrganizationMapping", sim_fill_government_mapping },
	{ "deviceImages", sim_fill_device_images },
	{ "externalPartners", sim_fill_partners },
	{ "externalPartnerSettings", sim_fill_partner_settings },
	{ "frontLineServicePlans", sim_fill_frontline_plans },
	{ "galleryImages", sim_fill_gallery_images },
	{ "managedDevices", sim_fill_managed_devices },
	{ "managedLicenses", sim_fill_licenses },
	{ "onPremisesConnections", sim_fill_connections },
	{ "organizationSettings", sim_fill_organization },
	{ "provisioningPolicies", sim_fill_policies },
	{ "provisioningPolicies/assignments", sim_fill_policy_assignments },
	{ "provisioningPolicies/assignments/userSettingsPersistenceDetail", sim_fill_persistence },
	{ "reports/exportJobs", sim_fill_export_jobs },
	{ "roleAssignments", sim_fill_role_assignments },
	{ "roleDefinitions", sim_fill_role_definitions },
	{ "servicePlans", sim_fill_service_plans },
	{ "snapshots", sim_fill_snapshots },
	{ "supportedRegions", sim_fill_regions },
	{ "userSettings", sim_fill_user_settings },
	{ "userSettings/assignments", sim_fill_user_setting_assignments },
};

static const char *const group_names[SIM_GROUPS] = {
	"SG-W365-Engineering-EU", "SG-W365-Finance-US",         "SG-W365-Finance-Auditors",
	"SG-W365-Sales-APAC",     "SG-W365-R&D-Design",         "SG-W365-Frontline-Shifts",
	"SG-W365-Reception",      "SG-W365-Published-Apps",     "SG-W365-Contractors",
	"SG-W365-IT-Admins",      "SG-W365-Pilot (早期利用者)", "SG-W365-Everyone",
};

static const struct sim_connection connections[SIM_CONNECTIONS] = {
	{ .name = "EU West hub", .region = "westeurope", .status = "passed" },
	{ .name = "US East datacenter", .region = "eastus2", .status = "passed", .hybrid = true },
	{ .name = "Japan East hub", .region = "japaneast", .status = "warning" },
	{ .name = "UK South (retired)", .region = "uksouth", .status = "failed", .hybrid = true },
	{ .name = "Sweden Central lab", .region = "swedencentral", .status = "running" },
};

static const struct sim_policy policies[SIM_POLICIES] = {
	{ .name = "Engineering EU",
	  .description = "Developers in Europe; Microsoft hosted network",
	  .provisioning = "dedicated",
	  .prefix = "CPC",
	  .connection = -1,
	  .region = "northeurope",
	  .region_group = "europeUnion",
	  .geography = "europe",
	  .image = 0,
	  .single_sign_on = true,
	  .local_admin = true,
	  .locale = "en-GB",
	  .groups = { 0, 9 },
	  .group_count = 2 },
	{ .name = "Finance US",
	  .description =
		  "Finance and controlling, hybrid joined through the data centre in Virginia",
	  .provisioning = "dedicated",
	  .prefix = "FIN",
	  .connection = 1,
	  .region = "eastus2",
	  .region_group = "usEast",
	  .geography = "usEast",
	  .image = 2,
	  .hybrid = true,
	  .locale = "en-US",
	  .groups = { 1, 2 },
	  .group_count = 2 },
	{ .name = "Sales APAC",
	  .description = "営業部 (アジア太平洋)",
	  .provisioning = "dedicated",
	  .prefix = "CPC",
	  .connection = 2,
	  .region = "japaneast",
	  .region_group = "japan",
	  .geography = "asia",
	  .image = 0,
	  .single_sign_on = true,
	  .locale = "ja-JP",
	  .groups = { 3 },
	  .group_count = 1 },
	{ .name = "R&D / Design Studio",
	  .description = "CAD workstations with the studio's own image",
	  .provisioning = "dedicated",
	  .prefix = "RND",
	  .connection = 0,
	  .region = "westeurope",
	  .region_group = "europeUnion",
	  .geography = "europe",
	  .image = 0,
	  .custom_image = true,
	  .single_sign_on = true,
	  .local_admin = true,
	  .locale = "de-DE",
	  .groups = { 4 },
	  .group_count = 1 },
	{ .name = "Frontline Shifts",
	  .description = "Call centre, three shifts a day",
	  .provisioning = "sharedByUser",
	  .prefix = "FLS",
	  .connection = -1,
	  .region = "uksouth",
	  .region_group = "unitedKingdom",
	  .geography = "europe",
	  .image = 1,
	  .single_sign_on = true,
	  .locale = "en-GB",
	  .groups = { 5 },
	  .group_count = 1 },
	{ .name = "Reception Desks",
	  .description = "Shared machines at the front desks; user settings follow the user",
	  .provisioning = "sharedByEntraGroup",
	  .prefix = "DSK",
	  .connection = -1,
	  .region = "germanywestcentral",
	  .region_group = "germany",
	  .geography = "europe",
	  .image = 1,
	  .single_sign_on = true,
	  .locale = "de-DE",
	  .groups = { 6 },
	  .group_count = 1 },
	{ .name = "Published Apps",
	  .description = "Machines that only serve cloud apps",
	  .provisioning = "sharedByEntraGroup",
	  .prefix = "APP",
	  .connection = -1,
	  .region = "norwayeast",
	  .region_group = "norway",
	  .geography = "europe",
	  .image = 4,
	  .single_sign_on = true,
	  .cloud_app = true,
	  .locale = "nb-NO",
	  .groups = { 7 },
	  .group_count = 1 },
	{ .name = "Contractors 2026",
	  .description = NULL,
	  .provisioning = "dedicated",
	  .prefix = "EXT",
	  .connection = -1,
	  .region = "eastus2",
	  .region_group = "usEast",
	  .geography = "usEast",
	  .image = 3,
	  .locale = "en-US",
	  .groups = { 8 },
	  .group_count = 1 },
};

bool sim_tenant_init(struct sim_tenant *t, uint64_t seed, size_t cloud_pcs, time_t today,
		     const char *domain, const char *tenant_id)
{
	*t = (struct sim_tenant){ .seed = seed,
				  .cloud_pcs = cloud_pcs,
				  .today = today,
				  .domain = domain,
				  .tenant_id = tenant_id };
	t->user_count = MIN(MAX((size_t)48, cloud_pcs / 5 * 4), (size_t)4000);
	t->users = calloc(t->user_count, sizeof(*t->users));
	if (!t->users)
		return false;
	sim_make_people(t);
	for (size_t i = 0; i < SIM_GROUPS; i++) {
		t->groups[i].display = group_names[i];
		sim_guid(seed, "group", i, t->groups[i].id);
	}
	for (size_t i = 0; i < SIM_CONNECTIONS; i++) {
		t->connections[i] = connections[i];
		sim_guid(seed, "connection", i, t->connections[i].id);
	}
	for (size_t i = 0; i < SIM_POLICIES; i++) {
		t->policies[i] = policies[i];
		sim_guid(seed, "policy", i, t->policies[i].id);
	}
	return true;
}

void sim_tenant_done(struct sim_tenant *t)
{
	free(t->users);
	*t = (struct sim_tenant){ 0 };
}

const struct sim_user *sim_tenant_user(const struct sim_tenant *t, const char *name)
{
	for (size_t i = 0; i < t->user_count; i++)
		if (strcasecmp(t->users[i].id, name) == 0 || strcasecmp(t->users[i].upn, name) == 0)
			return &t->users[i];
	return NULL;
}

bool sim_tenant_fill(const struct sim_tenant *t, struct sim_set *set)
{
	_cleanup_(sim_row_done) struct sim_row row;

	sim_row_init(&row, set);
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (w365_streq(makers[i].name, set->resource->name))
			return makers[i].fill(t, &row);
	return true;
}

const char *sim_time_long(time_t t, unsigned fraction, char out[40])
{
	char seconds[W365_TIME_MAX];

	w365_time_format(t, seconds);
	seconds[strcspn(seconds, "Z")] = '\0';
	snprintf(out, 40, "%.24s.%07uZ", seconds, fraction % 10000000);
	return out;
}

void sim_json_pair_time(struct w365_jw *j, const char *key, time_t t)
{
	char text[W365_TIME_MAX];

	w365_jw_pair(j, key, w365_time_format(t, text));
}
