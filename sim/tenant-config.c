/* What the tenant's administrators have set: policies, user settings, assignments. */
#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/tenant-parts.h"

struct sim_image sim_policy_image(const struct sim_tenant *t, const struct sim_policy *p)
{
	return p->custom_image ? sim_device_image(t, (size_t)p->image)
			       : sim_gallery_image((size_t)p->image);
}

static void domain_join(struct w365_jw *j, const struct sim_tenant *t, const struct sim_policy *p)
{
	const char *join = p->hybrid ? "hybridAzureADJoin" : "azureADJoin";
	bool own_network = p->connection >= 0;

	w365_jw_open(j, '[');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "domainJoinType", join);
	w365_jw_pair(j, "onPremisesConnectionId",
		     own_network ? t->connections[p->connection].id : NULL);
	w365_jw_pair(j, "regionGroup", own_network ? NULL : p->region_group);
	w365_jw_pair(j, "regionName", own_network ? NULL : p->region);
	w365_jw_pair(j, "geographicLocationType", own_network ? NULL : p->geography);
	w365_jw_pair(j, "type", join);
	w365_jw_close(j, '}');
	w365_jw_close(j, ']');
}

static void managed_desktop(struct w365_jw *j, const struct sim_policy *p)
{
	const char *type = p->local_admin ? "starterManaged" : "notManaged";

	w365_jw_open(j, '{');
	w365_jw_pair(j, "managedType", type);
	w365_jw_pair(j, "profile", p->local_admin ? "Ring 2 - broad" : NULL);
	w365_jw_pair(j, "type", type);
	w365_jw_close(j, '}');
}

static void one_pair(struct w365_jw *j, const char *key, const char *value)
{
	w365_jw_open(j, '{');
	w365_jw_pair(j, key, value);
	w365_jw_close(j, '}');
}

static bool is_shared(const struct sim_policy *p)
{
	return w365_streq(p->provisioning, "sharedByEntraGroup");
}

static void policy_beta(struct sim_row *row, const struct sim_tenant *t, size_t i)
{
	static const char *const authors[] = { "alexw", "amarao", "svc-terraform" };
	const struct sim_policy *p = &t->policies[i];
	struct sim_rng r = sim_rng(t->seed, "policy dates", i);
	time_t created =
		t->today - sim_rng_between(&r, 200, 700) * SIM_DAY + sim_rng_between(&r, 0, 86399);
	char who[96];
	struct w365_jw *j;

	j = sim_row_value(row, "autopilotConfiguration");
	if (is_shared(p)) {
		w365_jw_open(j, '{');
		w365_jw_pair_int(j, "applicationTimeoutInMinutes", 30);
		w365_jw_pair(j, "devicePreparationProfileId",
			     sim_guid(t->seed, "autopilot", i, who));
		w365_jw_pair_bool(j, "onFailureDeviceAccessDenied", true);
		w365_jw_close(j, '}');
	} else {
		w365_jw_str(j, NULL);
	}
	snprintf(who, sizeof(who), "%s@%s", authors[i % ARRAY_SIZE(authors)], t->domain);
	sim_row_str(row, "createdBy", who);
	sim_row_time(row, "createdDateTime", created);
	snprintf(who, sizeof(who), "%s@%s", authors[(i + 1) % ARRAY_SIZE(authors)], t->domain);
	sim_row_str(row, "lastModifiedBy", who);
	sim_row_time(row, "lastModifiedDateTime", created + sim_rng_between(&r, 1, 190) * SIM_DAY);
	sim_row_raw(row, "managedBy",
		    i == 4 ? W365_SPAN("[\"windows365\",\"rpaBox\"]")
			   : W365_SPAN("[\"windows365\"]"));
	sim_row_raw(row, "scopeIds", i % 3 ? W365_SPAN("[\"0\"]") : W365_SPAN("[\"0\",\"7\"]"));
	sim_row_str(row, "snapshotResetMode",
		    is_shared(p) ? (p->cloud_app ? "disabled" : "enabled") : "notApplicable");
	sim_row_str(row, "userExperienceType", p->cloud_app ? "cloudApp" : "cloudPc");
	if (is_shared(p)) {
		j = sim_row_value(row, "userSettingsPersistenceConfiguration");
		w365_jw_open(j, '{');
		w365_jw_pair_bool(j, "userSettingsPersistenceEnabled", !p->cloud_app);
		w365_jw_pair(j, "userSettingsPersistenceStorageSizeCategory",
			     p->cloud_app ? "fourGB" : "sixteenGB");
		w365_jw_close(j, '}');
	}
	one_pair(sim_row_value(row, "windowsSettings"), "language", p->locale);
}

bool sim_fill_policies(const struct sim_tenant *t, struct sim_row *row)
{
	char text[64];

	for (size_t i = 0; i < SIM_POLICIES; i++) {
		const struct sim_policy *p = &t->policies[i];
		struct sim_image image = sim_policy_image(t, p);

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", p->id);
		sim_row_str(row, "alternateResourceUrl",
			    p->connection >= 0 ? "https://portal.azure.example/connections" : NULL);
		if (i % 2 == 0)
			one_pair(sim_row_value(row, "autopatch"), "autopatchGroupId",
				 sim_guid(t->seed, "autopatch", i / 4, text));
		else
			sim_row_null(row, "autopatch");
		sim_row_str(row, "cloudPcGroupDisplayName", is_shared(p) ? p->name : NULL);
		snprintf(text, sizeof(text), "%s-%%USERNAME:5%%-%%RAND:5%%", p->prefix);
		sim_row_str(row, "cloudPcNamingTemplate", text);
		sim_row_str(row, "description", p->description);
		sim_row_str(row, "displayName", p->name);
		domain_join(sim_row_value(row, "domainJoinConfigurations"), t, p);
		sim_row_bool(row, "enableSingleSignOn", p->single_sign_on);
		sim_row_int(row, "gracePeriodInHours", is_shared(p) ? 4 : 168);
		sim_row_str(row, "imageDisplayName", image.name);
		sim_row_str(row, "imageId", image.id);
		sim_row_str(row, "imageType", p->custom_image ? "custom" : "gallery");
		sim_row_bool(row, "localAdminEnabled", p->local_admin);
		managed_desktop(sim_row_value(row, "microsoftManagedDesktop"), p);
		sim_row_str(row, "provisioningType", p->provisioning);
		one_pair(sim_row_value(row, "windowsSetting"), "locale", p->locale);
		policy_beta(row, t, i);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

static void group_target(struct w365_jw *j, const struct sim_tenant *t, const struct sim_policy *p,
			 unsigned group)
{
	bool frontline = p && w365_starts(p->provisioning, "shared");
	size_t plan = p && is_shared(p) ? SIM_PLAN_SHARED_BY_GROUP : SIM_PLAN_SHARED_BY_USER;
	char text[64];

	w365_jw_open(j, '{');
	w365_jw_pair(j, "@odata.type", "#microsoft.graph.cloudPcManagementGroupAssignmentTarget");
	w365_jw_pair(j, "groupId", t->groups[group].id);
	w365_jw_pair(j, "servicePlanId", frontline ? sim_plan_id(t, plan, text) : NULL);
	snprintf(text, sizeof(text), "%s allotment", p ? p->name : "");
	w365_jw_pair(j, "allotmentDisplayName", frontline ? text : NULL);
	w365_jw_key(j, "allotmentLicensesCount");
	if (frontline)
		w365_jw_int(j, 5 + (int)group);
	else
		w365_jw_raw(j, "null");
	w365_jw_close(j, '}');
}

/* Seen in the field: "policy_group", the bare group, and (Frontline) an id of its own. */
static void assignment_id(const struct sim_tenant *t, size_t policy, unsigned n, char out[80])
{
	const struct sim_policy *p = &t->policies[policy];
	const char *group = t->groups[p->groups[n]].id;

	if (w365_starts(p->provisioning, "shared"))
		sim_guid(t->seed, "assignment", policy * 4 + n, out);
	else if (policy % 2)
		snprintf(out, 80, "%s", group);
	else
		snprintf(out, 80, "%s_%s", p->id, group);
}

bool sim_fill_policy_assignments(const struct sim_tenant *t, struct sim_row *row)
{
	char id[80];

	for (size_t i = 0; i < SIM_POLICIES; i++) {
		const struct sim_policy *p = &t->policies[i];

		for (unsigned n = 0; n < p->group_count; n++) {
			assignment_id(t, i, n, id);
			sim_row_begin(row, row->set->columns.type);
			sim_row_str(row, "id", id);
			group_target(sim_row_value(row, "target"), t, p, p->groups[n]);
			if (!sim_row_add(row, p->id))
				return false;
		}
	}
	return true;
}

bool sim_fill_persistence(const struct sim_tenant *t, struct sim_row *row)
{
	char id[80], own[37];

	for (size_t i = 0; i < SIM_POLICIES; i++) {
		if (!is_shared(&t->policies[i]))
			continue;
		assignment_id(t, i, 0, id);
		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_guid(t->seed, "persistence", i, own));
		if (t->policies[i].cloud_app)
			sim_row_time(row, "gracePeriodEndDateTime", t->today + 3 * SIM_DAY);
		if (!sim_row_add(row, id))
			return false;
	}
	return true;
}

static const struct {
	const char *name, *frequency;
	int hours;
	bool admin, reset, user_restore;
	unsigned groups[2], group_count;
	const char *recovery; /* cloudPcDisasterRecoveryType, or NULL: never set up */
} settings[] = {
	{ "Standard users", "twelveHours", 12, false, false, true, { 11 }, 1, NULL },
	{ "Local administrators", "fourHours", 4, true, true, true, { 0, 9 }, 2, "crossRegion" },
	{ "Finance (no self service)", "sixHours", 6, false, false, false, { 1, 2 }, 2, "premium" },
	{ "Pilot: restore points every 4 h",
	  "default",
	  4,
	  false,
	  true,
	  true,
	  { 10 },
	  1,
	  "notConfigured" },
};

static void disaster_recovery(struct w365_jw *j, const struct sim_tenant *t, const char *type)
{
	bool own_network = w365_streq(type, "premium");

	w365_jw_open(j, '{');
	w365_jw_pair_bool(j, "crossRegionDisasterRecoveryEnabled",
			  !w365_streq(type, "notConfigured"));
	w365_jw_key(j, "disasterRecoveryNetworkSetting");
	if (w365_streq(type, "notConfigured")) {
		w365_jw_str(j, NULL);
	} else {
		w365_jw_open(j, '{');
		w365_jw_pair(
			j, "@odata.type",
			own_network
				? "#microsoft.graph.cloudPcDisasterRecoveryAzureConnectionSetting"
				: "#microsoft.graph."
				  "cloudPcDisasterRecoveryMicrosoftHostedNetworkSetting");
		if (own_network) {
			w365_jw_pair(j, "onPremisesConnectionId", t->connections[0].id);
		} else {
			w365_jw_pair(j, "regionGroup", "sweden");
			w365_jw_pair(j, "regionName", "automatic");
		}
		w365_jw_close(j, '}');
	}
	w365_jw_pair(j, "disasterRecoveryType", type);
	w365_jw_pair_bool(j, "maintainCrossRegionRestorePointEnabled", own_network);
	w365_jw_pair_bool(j, "userInitiatedDisasterRecoveryAllowed", false);
	w365_jw_close(j, '}');
}

bool sim_fill_user_settings(const struct sim_tenant *t, struct sim_row *row)
{
	struct w365_jw *j;
	char id[37];

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		struct sim_rng r = sim_rng(t->seed, "setting dates", i);
		time_t created = t->today - sim_rng_between(&r, 100, 500) * SIM_DAY + 30000;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_guid(t->seed, "setting", i, id));
		sim_row_time(row, "createdDateTime", created);
		sim_row_str(row, "displayName", settings[i].name);
		sim_row_time(row, "lastModifiedDateTime",
			     created + sim_rng_between(&r, 0, 90) * SIM_DAY);
		sim_row_bool(row, "localAdminEnabled", settings[i].admin);
		sim_row_bool(row, "resetEnabled", settings[i].reset);
		j = sim_row_value(row, "restorePointSetting");
		w365_jw_open(j, '{');
		w365_jw_pair(j, "frequencyType", settings[i].frequency);
		w365_jw_pair_bool(j, "userRestoreEnabled", settings[i].user_restore);
		w365_jw_pair_int(j, "frequencyInHours", settings[i].hours);
		w365_jw_close(j, '}');
		if (settings[i].recovery)
			disaster_recovery(sim_row_value(row, "crossRegionDisasterRecoverySetting"),
					  t, settings[i].recovery);
		j = sim_row_value(row, "notificationSetting");
		w365_jw_open(j, '{');
		w365_jw_pair_bool(j, "restartPromptsDisabled", i == 2);
		w365_jw_close(j, '}');
		sim_row_str(row, "provisioningSourceType", i == 3 ? "snapshot" : "image");
		sim_row_bool(row, "selfServiceEnabled", settings[i].user_restore);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

bool sim_fill_user_setting_assignments(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37], parent[37];

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		sim_guid(t->seed, "setting", i, parent);
		for (unsigned n = 0; n < settings[i].group_count; n++) {
			sim_row_begin(row, row->set->columns.type);
			sim_row_str(row, "id",
				    sim_guid(t->seed, "setting assignment", i * 4 + n, id));
			sim_row_time(row, "createdDateTime", t->today - (time_t)(30 + i) * SIM_DAY);
			group_target(sim_row_value(row, "target"), t, NULL, settings[i].groups[n]);
			if (!sim_row_add(row, parent))
				return false;
		}
	}
	return true;
}

bool sim_fill_organization(const struct sim_tenant *t, struct sim_row *row)
{
	sim_row_begin(row, row->set->columns.type);
	sim_row_str(row, "id", t->tenant_id);
	sim_row_bool(row, "enableMEMAutoEnroll", true);
	sim_row_bool(row, "enableSingleSignOn", true);
	sim_row_str(row, "osVersion", "windows11");
	sim_row_str(row, "userAccountType", "standardUser");
	one_pair(sim_row_value(row, "windowsSettings"), "language", "en-GB");
	return sim_row_add(row, NULL);
}

bool sim_fill_government_mapping(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];
	struct w365_jw *j;

	sim_row_begin(row, row->set->columns.type);
	sim_row_str(row, "id", t->tenant_id);
	j = sim_row_value(row, "organizationIdsInUSGovCloud");
	w365_jw_open(j, '[');
	w365_jw_str(j, sim_guid(t->seed, "government", 0, id));
	w365_jw_close(j, ']');
	return sim_row_add(row, NULL);
}
