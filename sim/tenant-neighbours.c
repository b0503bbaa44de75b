/* What is next door to Windows 365: its roles, its alerts, and Intune's devices. */
#include <stdio.h>

#include "base/macros.h"
#include "sim/tenant-parts.h"

/* The first two are Microsoft's and have the same ids everywhere. */
static const struct {
	const char *id, *name, *description, *actions;
} roles[] = {
	{ "b5c08161-a7af-481c-ace2-a20a69a48fb1", "Cloud PC Administrator",
	  "Reads and changes everything of Windows 365.",
	  "[\"Microsoft.CloudPC/CloudPCs/Read\",\"Microsoft.CloudPC/CloudPCs/Reprovision\","
	  "\"Microsoft.CloudPC/ProvisioningPolicies/Assign\","
	  "\"Microsoft.CloudPC/ProvisioningPolicies/Update\",\"Microsoft.CloudPC/Roles/Read\"]" },
	{ "ea8e2fb8-e909-44e6-bae7-56757cf6f347", "Cloud PC Reader",
	  "Reads everything of Windows 365.",
	  "[\"Microsoft.CloudPC/CloudPCs/Read\",\"Microsoft.CloudPC/ProvisioningPolicies/Read\","
	  "\"Microsoft.CloudPC/Roles/Read\"]" },
	{ NULL, "Helpdesk: restart & restore",
	  "Für den Service Desk: \"Neustart\" und Wiederherstellung.",
	  "[\"Microsoft.CloudPC/CloudPCs/Read\",\"Microsoft.CloudPC/CloudPCs/Reboot\","
	  "\"Microsoft.CloudPC/CloudPCs/Restore\"]" },
};

static const char *role_id(const struct sim_tenant *t, size_t i, char out[37])
{
	if (!roles[i].id)
		return sim_guid(t->seed, "role", i, out);
	memcpy(out, roles[i].id, 37);
	return out;
}

bool sim_fill_role_definitions(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		struct w365_jw *j;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", role_id(t, i, id));
		sim_row_str(row, "description", roles[i].description);
		sim_row_str(row, "displayName", roles[i].name);
		sim_row_bool(row, "isBuiltIn", roles[i].id != NULL);
		sim_row_bool(row, "isEnabled", true);
		sim_row_raw(row, "resourceScopes", W365_SPAN("[\"/\"]"));
		j = sim_row_value(row, "rolePermissions");
		w365_jw_open(j, '[');
		w365_jw_open(j, '{');
		w365_jw_pair_raw(j, "allowedResourceActions", roles[i].actions);
		w365_jw_pair(j, "condition", NULL);
		w365_jw_close(j, '}');
		w365_jw_close(j, ']');
		sim_row_str(row, "templateId", id);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

static const struct {
	const char *name;
	size_t role;
	unsigned group;
	const char *scopes; /* of the app */
} assignments[] = {
	{ "IT admins", 0, 9, "[\"/\"]" },
	{ "Auditors read", 1, 2, "[\"/\"]" },
	{ "Service desk, Europe", 2, 0, "[\"0\",\"7\"]" },
};

bool sim_fill_role_assignments(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];

	for (size_t i = 0; i < ARRAY_SIZE(assignments); i++) {
		struct w365_jw *j;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_guid(t->seed, "role assignment", i, id));
		sim_row_raw(
			row, "appScopeIds",
			(struct w365_span){ assignments[i].scopes, strlen(assignments[i].scopes) });
		sim_row_str(row, "description", i ? NULL : "");
		sim_row_raw(row, "directoryScopeIds", W365_SPAN("[]"));
		sim_row_str(row, "displayName", assignments[i].name);
		j = sim_row_value(row, "principalIds");
		w365_jw_open(j, '[');
		w365_jw_str(j, t->groups[assignments[i].group].id);
		w365_jw_close(j, ']');
		sim_row_str(row, "roleDefinitionId", role_id(t, assignments[i].role, id));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

static const struct {
	const char *name, *description, *template, *severity, *aggregation;
	int target;
	bool enabled;
} rules[] = {
	{ "Azure network connection failure impacting Cloud PCs",
	  "Checks of an Azure network connection have failed; Cloud PCs may be cut off, new ones wait.",
	  "cloudPcOnPremiseNetworkConnectionCheckScenario", "warning", "count", 90, true },
	{ "Upload failure for Device Images",
	  "An image could not be uploaded; policies that use it have to wait.",
	  "cloudPcImageUploadScenario", "warning", "count", 2, true },
	{ "Provisioning failure impacting Cloud PCs",
	  "Cloud PCs could not be provisioned; their users cannot connect.",
	  "cloudPcProvisionScenario", "critical", "percentage", 5, true },
	{ "Cloud PCs in grace period", "Some Cloud PCs will be removed in a few days.",
	  "cloudPcInGracePeriodScenario", "informational", "affectedCloudPcCount", 1, false },
};

static const char *rule_id(const struct sim_tenant *t, size_t i, char out[37])
{
	return sim_guid(t->seed, "alert rule", i, out);
}

static void channels(struct w365_jw *j, const struct sim_tenant *t)
{
	w365_jw_open(j, '[');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "notificationChannelType", "portal");
	w365_jw_pair_raw(j, "notificationReceivers", "[]");
	w365_jw_close(j, '}');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "notificationChannelType", "email");
	w365_jw_key(j, "notificationReceivers");
	w365_jw_open(j, '[');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "contactInformation", t->users[0].upn);
	w365_jw_pair(j, "locale", "en-us");
	w365_jw_close(j, '}');
	w365_jw_close(j, ']');
	w365_jw_close(j, '}');
	w365_jw_close(j, ']');
}

bool sim_fill_alert_rules(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		struct w365_jw *j;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", rule_id(t, i, id));
		sim_row_str(row, "alertRuleTemplate", rules[i].template);
		sim_row_str(row, "description", rules[i].description);
		sim_row_str(row, "displayName", rules[i].name);
		sim_row_bool(row, "enabled", rules[i].enabled);
		sim_row_bool(row, "isSystemRule", i < 3);
		channels(sim_row_value(row, "notificationChannels"), t);
		sim_row_str(row, "severity", rules[i].severity);
		j = sim_row_value(row, "threshold");
		w365_jw_open(j, '{');
		w365_jw_pair(j, "aggregation", rules[i].aggregation);
		w365_jw_pair(j, "operator", "greaterOrEqual");
		w365_jw_pair_int(j, "target", rules[i].target);
		w365_jw_close(j, '}');
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

/* Each rule was broken twice; what is newest is not over. */
bool sim_fill_alert_records(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37], text[40];

	for (size_t i = 0; i < 2 * ARRAY_SIZE(rules); i++) {
		struct sim_rng r = sim_rng(t->seed, "alert", i);
		size_t rule = i % ARRAY_SIZE(rules);
		bool over = i >= ARRAY_SIZE(rules);
		time_t at =
			t->today - (time_t)(i + 1) * 2 * SIM_DAY + sim_rng_between(&r, 0, 80000);
		time_t end = at + sim_rng_between(&r, 3600, 100000);
		struct w365_jw *j;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_guid(t->seed, "alert record", i, id));
		j = sim_row_value(row, "alertImpact");
		w365_jw_open(j, '{');
		w365_jw_pair(j, "aggregationType", rules[rule].aggregation);
		w365_jw_pair_int(j, "value", rules[rule].target + (int)sim_rng_below(&r, 10));
		w365_jw_close(j, '}');
		sim_row_str(row, "alertRuleId", rule_id(t, rule, id));
		sim_row_str(row, "alertRuleTemplate", rules[rule].template);
		sim_row_str(row, "detectedDateTime", sim_time_long(at, 1147865, text));
		sim_row_str(row, "displayName", rules[rule].name);
		sim_row_str(row, "lastUpdatedDateTime",
			    sim_time_long(over ? end : at, 9648579, text));
		if (over)
			sim_row_str(row, "resolvedDateTime", sim_time_long(end, 9648579, text));
		sim_row_str(row, "severity", rules[rule].severity);
		sim_row_str(row, "status", over ? "resolved" : "active");
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

static void device_common(struct sim_row *row, const struct sim_tenant *t, size_t i,
			  struct sim_rng *r)
{
	static const char *const states[] = { "compliant", "compliant", "compliant", "noncompliant",
					      "inGracePeriod" };
	int64_t total = (int64_t)sim_rng_between(r, 64, 512) << 30;

	sim_row_bool(row, "azureADRegistered", true);
	sim_row_str(row, "complianceState", SIM_PICK(r, states));
	sim_row_str(row, "deviceCategoryDisplayName", i % 4 ? "Unknown" : "");
	sim_row_str(row, "deviceEnrollmentType", "windowsAzureADJoin");
	sim_row_time(row, "enrolledDateTime", t->today - sim_rng_between(r, 20, 300) * SIM_DAY);
	sim_row_int(row, "freeStorageSpaceInBytes", total / (1 + (int64_t)sim_rng_below(r, 9)));
	sim_row_bool(row, "isEncrypted", i % 7 != 3);
	sim_row_time(row, "lastSyncDateTime", t->today - sim_rng_between(r, 60, 90000));
	sim_row_str(row, "managedDeviceOwnerType", "company");
	sim_row_str(row, "operatingSystem", "Windows");
	sim_row_str(row, "osVersion", "10.0.26200.7171");
	sim_row_int(row, "totalStorageSpaceInBytes", total);
	sim_row_str(row, "joinType", "azureADJoined");
	sim_row_str(row, "skuFamily", "Enterprise");
}

static void device_user(struct sim_row *row, const struct sim_user *u)
{
	sim_row_str(row, "emailAddress", u ? u->upn : "");
	sim_row_str(row, "userDisplayName", u ? u->display : "");
	sim_row_str(row, "userId", u ? u->id : "");
	sim_row_str(row, "userPrincipalName", u ? u->upn : "");
}

/* The machine that a Cloud PC is to Intune. */
static bool add_virtual(const struct sim_tenant *t, struct sim_row *row, size_t i)
{
	struct sim_rng r = sim_rng(t->seed, "device", i);
	struct sim_pc pc = sim_pc(t, i);
	char id[37], model[96];

	if (!pc.made || !pc.policy)
		return true;
	snprintf(model, sizeof(model), "%s", sim_plans[pc.plan].name);
	sim_row_begin(row, row->set->columns.type);
	sim_row_str(row, "id", sim_guid(t->seed, "managed device", i, id));
	sim_row_str(row, "azureADDeviceId", sim_guid(t->seed, "aad device", i, id));
	device_common(row, t, i, &r);
	device_user(row, pc.user);
	sim_row_str(row, "deviceName", pc.device_name);
	sim_row_str(row, "managedDeviceName", pc.device_name);
	sim_row_str(row, "manufacturer", "Microsoft Corporation");
	sim_row_str(row, "model", model);
	sim_row_str(row, "serialNumber", sim_guid(t->seed, "serial", i, id));
	return sim_row_add(row, NULL);
}

/* And a few that are no Cloud PCs. */
static bool add_laptop(const struct sim_tenant *t, struct sim_row *row, size_t i)
{
	struct sim_rng r = sim_rng(t->seed, "laptop", i);
	const struct sim_user *u = &t->users[i];
	char id[37], name[64];

	snprintf(name, sizeof(name), "LAPTOP-%.20s", u->alias);
	sim_row_begin(row, row->set->columns.type);
	sim_row_str(row, "id", sim_guid(t->seed, "laptop", i, id));
	sim_row_str(row, "azureADDeviceId", sim_guid(t->seed, "laptop in the directory", i, id));
	device_common(row, t, i, &r);
	device_user(row, u);
	sim_row_str(row, "deviceName", name);
	sim_row_str(row, "managedDeviceName", name);
	sim_row_str(row, "manufacturer", "Contoso \"Hardware\", Inc.");
	sim_row_str(row, "model", "Laptop 14\"");
	sim_row_str(row, "notes", i ? NULL : "Spare.\nReturn to IT.");
	sim_row_str(row, "serialNumber", "0");
	return sim_row_add(row, NULL);
}

bool sim_fill_managed_devices(const struct sim_tenant *t, struct sim_row *row)
{
	for (size_t i = 0; i < t->cloud_pcs; i++)
		if (!add_virtual(t, row, i))
			return false;
	for (size_t i = 0; i < 3; i++)
		if (!add_laptop(t, row, i))
			return false;
	return true;
}
