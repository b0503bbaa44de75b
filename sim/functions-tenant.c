/* Functions of policies, images, apps, partners, snapshots, the log, and of the whole. */
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "sim/functions.h"
#include "sim/json-text.h"
#include "sim/locate.h"
#include "sim/rng.h"
#include "sim/tenant-parts.h"
#include "sim/write.h"

/* What an action has left behind, or 404 with @else_say. */
static void noted(struct sim_function *f, const char *kind, const char *else_say)
{
	const char *text = sim_note_get(&f->sim->notes, kind, f->at.id);

	if (text)
		w365_jw_raw(&f->json, text);
	else
		SIM_FAIL(f->at.call, 404, "ResourceNotFound", "%s", else_say);
}

static void applied(struct sim_function *f)
{
	noted(f, "apply", "The policy was never applied.");
}

static void schedule(struct sim_function *f)
{
	noted(f, "schedule", "The policy has no schedule.");
}

/* Has the policy changed since it was applied? What it was on the tenant's day is in place. */
static void update_status(struct sim_function *f)
{
	_cleanup_(w365_buf_done) struct w365_buf changed = W365_BUF;
	const char *note = sim_note_get(&f->sim->notes, "apply", f->at.id);
	const char *started = note ? strstr(note, "\"startDateTime\":\"") : NULL;
	char today[40];

	sim_function_str(f, "lastModifiedDateTime", &changed);
	sim_time_long(f->sim->config.today, 0, today);
	/* All in UTC, from the year on: they compare as texts. */
	w365_jw_open(&f->json, '{');
	w365_jw_pair_bool(&f->json, "hasUnappliedPolicyUpdate",
			  strncmp(w365_buf_str(&changed), started ? started + 17 : today, 26) > 0);
	w365_jw_close(&f->json, '}');
}

/* The stored profiles of a policy: of how much space, and how much of it is taken. */
static int write_profiles(struct sim_function *f, bool write)
{
	static const char *const statuses[] = { "connected", "notConnected", "notConnected",
						"deleting" };
	const struct sim_tenant *t = &f->sim->tenant;
	struct sim_rng r = sim_function_rng(f, "profiles");
	unsigned count = 4 + sim_rng_below(&r, 6);
	int used = 0;

	for (unsigned i = 0; i < count; i++) {
		int size = sim_rng_between(&r, 1, 16);
		char id[37], at[40];

		sim_rng_guid(&r, id);
		if (sim_note_get(&f->sim->notes, "profile removed", id))
			continue;
		used += size;
		if (!write)
			continue;
		w365_jw_open(&f->json, '{');
		w365_jw_pair(
			&f->json, "lastProfileAttachedDateTime",
			i == 2 ? "0001-01-01T00:00:00Z"
			       : sim_time_long(t->today - (time_t)i * 40000 - 1, i * 1234567, at));
		w365_jw_pair(&f->json, "profileId", id);
		w365_jw_pair_int(&f->json, "profileSizeInGB", size);
		w365_jw_pair(&f->json, "status", statuses[i % ARRAY_SIZE(statuses)]);
		w365_jw_pair(&f->json, "userPrincipalName", t->users[i * 5 % t->user_count].upn);
		w365_jw_close(&f->json, '}');
	}
	return used;
}

static void profiles(struct sim_function *f)
{
	write_profiles(f, true);
}

static void profile_usage(struct sim_function *f)
{
	const int total = 512;
	int used = write_profiles(f, false);

	w365_jw_open(&f->json, '{');
	w365_jw_pair_int(&f->json, "remainingAvailableStorageInGB", total - used);
	w365_jw_pair_int(&f->json, "totalAllocatedStorageInGB", total);
	w365_jw_pair_int(&f->json, "usedStorageInGB", used);
	w365_jw_close(&f->json, '}');
}

static int by_text(const void *a, const void *b)
{
	const struct w365_span *x = a, *y = b;
	int order = memcmp(x->p, y->p, MIN(x->len, y->len));

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Each activity type that the log has, once. */
static void activity_types(struct sim_function *f)
{
	const struct sim_set *set = f->at.set;
	int column = sim_column_find(&set->columns, W365_SPAN("activityType"));
	_cleanup_(w365_freep) struct w365_span *types = calloc(set->count + 1, sizeof(*types));

	if (!types) {
		sim_no_memory(f->at.call);
		return;
	}
	for (size_t i = 0; i < set->count; i++)
		types[i] = sim_item_value(set->items[i], (size_t)column);
	qsort(types, set->count, sizeof(*types), by_text);
	for (size_t i = 0; i < set->count; i++) {
		_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

		/* Longer than the quotes of an empty one, and another than before. */
		if (types[i].len <= 2 || (i && by_text(&types[i - 1], &types[i]) == 0))
			continue;
		w365_buf_add(&text, types[i].p, types[i].len);
		w365_jw_raw(&f->json, w365_buf_str(&text));
	}
}

static const struct {
	const char *name, *path, *arguments;
} discovered[] = {
	{ "Calculator", "C:\\Windows\\System32\\calc.exe", NULL },
	{ "Excel", "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE", NULL },
	{ "LabelPrint", "C:\\Apps\\Label\\label.exe", "/site:\"Oslo\"" },
	{ "Microsoft Edge", "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
	  NULL },
	{ "Lohnbüro & Zeit", "C:\\Apps\\Lohn\\lohn.exe", "-s \"Köln, Mitte\"" },
	{ "WMS Client", "C:\\Apps\\WMS\\wms.exe", NULL },
	{ "Word", "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE", NULL },
};

/* The apps in an image, as a policy finds them there. */
static void discovered_apps(struct sim_function *f)
{
	struct sim_set *policies = sim_set_of(f->sim, sim_resource_find("provisioningPolicies"));
	const char *policy = sim_function_get(f, "provisioningPolicyId");
	const char *source = sim_function_get(f, "sourceId");
	_cleanup_(w365_buf_done) struct w365_buf image = W365_BUF;
	ptrdiff_t at = policies ? sim_set_find(policies, policy, NULL) : -1;

	if (at < 0) {
		sim_not_found(f->at.call, "provisioningPolicies", policy);
		return;
	}
	if (!w365_streq(sim_item_str(policies, policies->items[at], "imageId", &image), source))
		return; /* nothing was looked for there */
	for (size_t i = 0; i < ARRAY_SIZE(discovered); i++) {
		struct w365_jw *j = &f->json;
		char id[37];

		w365_jw_open(j, '{');
		w365_jw_key(j, "appDetail");
		w365_jw_open(j, '{');
		w365_jw_pair(j, "@odata.type",
			     "#microsoft.graph.cloudPcAutomaticDiscoveredAppDetail");
		w365_jw_pair(j, "commandLineArguments", discovered[i].arguments);
		w365_jw_pair(j, "filePath", discovered[i].path);
		w365_jw_pair_int(j, "iconIndex", 0);
		w365_jw_pair(j, "iconPath", i % 3 ? discovered[i].path : NULL);
		w365_jw_close(j, '}');
		w365_jw_pair(j, "appName", discovered[i].name);
		w365_jw_pair(j, "discoveredAppId",
			     sim_guid(f->sim->config.seed, "found app", i, id));
		w365_jw_pair(j, "sourceId", source);
		w365_jw_close(j, '}');
	}
}

/* The subscriptions that the signed-in person, or the service, may look into. */
static const char *const subscriptions[] = { "Larkspur Labs - Production",
					     "Larkspur Labs - R&D (試験)" };

static const char *subscription_id(const struct sim_function *f, size_t i, char out[37])
{
	return sim_guid(f->sim->config.seed, "subscription", i, out);
}

static void source_images(struct sim_function *f)
{
	static const char *const names[] = { "cad-studio-2026.10", "finance-base",
					     "kiosk \"Empfang\"" };
	char subscription[37], text[300];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct w365_jw *j = &f->json;
		bool gallery = i == 0;

		subscription_id(f, i % ARRAY_SIZE(subscriptions), subscription);
		snprintf(
			text, sizeof(text),
			"/subscriptions/%s/resourceGroups/rg-images/providers/Microsoft.Compute/%s%s",
			subscription, gallery ? "galleries/studio/images/" : "images/",
			i == 2 ? "kiosk" : names[i]);
		w365_jw_open(j, '{');
		w365_jw_pair(j, "displayName", names[i]);
		w365_jw_pair(j, "resourceId", text);
		w365_jw_pair(j, "subscriptionDisplayName",
			     subscriptions[i % ARRAY_SIZE(subscriptions)]);
		w365_jw_pair(j, "subscriptionId", subscription);
		w365_jw_pair(j, "category", gallery ? "azureComputeGallery" : "managedImage");
		w365_jw_pair(j, "id", text);
		w365_jw_close(j, '}');
	}
}

static void azure_subscriptions(struct sim_function *f)
{
	char id[37];

	for (size_t i = 0; i < ARRAY_SIZE(subscriptions); i++) {
		w365_jw_open(&f->json, '{');
		w365_jw_pair(&f->json, "subscriptionId", subscription_id(f, i, id));
		w365_jw_pair(&f->json, "subscriptionName", subscriptions[i]);
		w365_jw_close(&f->json, '}');
	}
}

static void storage_accounts(struct sim_function *f)
{
	static const char *const names[] = { "stlarkreview", "stlarksnapshots", "stlarkarchive" };
	static const char *const tiers[] = { "hot", "cool", "cold" };
	const char *subscription = sim_function_get(f, "subscriptionId");
	char id[37], text[300];
	size_t which = 0;

	while (which < ARRAY_SIZE(subscriptions) &&
	       strcasecmp(subscription, subscription_id(f, which, id)) != 0)
		which++;
	if (which == ARRAY_SIZE(subscriptions)) {
		sim_not_found(f->at.call, "subscriptions", subscription);
		return;
	}
	/* The second one has none. */
	for (size_t i = 0; which == 0 && i < ARRAY_SIZE(names); i++) {
		snprintf(text, sizeof(text),
			 "/subscriptions/%s/resourceGroups/rg-images/providers/Microsoft.Storage/"
			 "storageAccounts/%s",
			 id, names[i]);
		w365_jw_open(&f->json, '{');
		w365_jw_pair(&f->json, "accessTier", tiers[i]);
		w365_jw_pair_bool(&f->json, "immutableStorage", i == 2);
		w365_jw_pair(&f->json, "storageAccountId", text);
		w365_jw_pair(&f->json, "storageAccountName", names[i]);
		w365_jw_close(&f->json, '}');
	}
}

static void imports(struct sim_function *f)
{
	const char *text =
		sim_note_get(&f->sim->notes, "import", sim_function_get(f, "snapshotId"));

	if (text)
		w365_jw_raw(&f->json, text);
}

/* Results of one Cloud PC alone, if one was named. */
static void add_results(struct sim_function *f, const char *text, const char *pc)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };

	if (w365_json_parse(&j, text, strlen(text), NULL, NULL) < 0)
		return;
	W365_JSON_EACH (&j, 0, i) {
		_cleanup_(w365_buf_done) struct w365_buf one = W365_BUF;
		struct w365_span raw = sim_json_text(&j, i);
		uint32_t id = w365_json_get(&j, i, "cloudPcId");

		if (*pc && !(id && w365_span_is(w365_json_raw(&j, id), pc)))
			continue;
		w365_buf_add(&one, raw.p, raw.len);
		w365_jw_raw(&f->json, w365_buf_str(&one));
	}
}

/* Of all activities where none is named. */
static void deployments(struct sim_function *f)
{
	const struct sim_notes *notes = &f->sim->notes;
	const char *activity = sim_function_get(f, "activityId");
	const char *pc = sim_function_get(f, "cloudPcId");

	for (size_t i = 0; i < notes->count; i++)
		if (w365_starts(notes->list[i].key, "deployment/") &&
		    (!*activity || w365_streq(notes->list[i].key + 11, activity)))
			add_results(f, notes->list[i].text, pc);
}

static void action_reports(struct sim_function *f)
{
	static const char *const methods[] = { "gDAP", "appOnly", "normalUser", "dAP",
					       "guestUser" };
	const struct sim_tenant *t = &f->sim->tenant;
	struct sim_rng r = sim_function_rng(f, "partner actions");
	unsigned count = 2 + sim_rng_below(&r, 4);
	char id[37], at[40];

	for (unsigned i = 0; i < count; i++) {
		struct w365_jw *j = &f->json;
		bool deploys = i % 2, by_app = i % ARRAY_SIZE(methods) == 1;
		struct sim_pc pc = { 0 };

		if (deploys && t->cloud_pcs)
			pc = sim_pc(t, i * 3 % t->cloud_pcs);
		sim_rng_guid(&r, id);
		w365_jw_open(j, '{');
		w365_jw_pair(j, "actionType", deploys ? "deployAgent" : "configureAgent");
		w365_jw_pair(j, "activityId", id);
		w365_jw_pair(j, "activityMessage",
			     i == 1 ? "Installer ended with 1603: \"disk full\",\nsee its log."
				    : "");
		w365_jw_pair(j, "agentName", "agent-4.2");
		w365_jw_pair_raw(
			j, "agentSetting",
			deploys ? "null"
				: "{\"agentSha256\":null,\"agentUrl\":"
				  "\"https://agents.partner.example/w365/agent-4.2.msi\","
				  "\"autoDeploymentEnabled\":true,\"installParameters\":[]}");
		w365_jw_pair(j, "authenticatedAppId",
			     sim_guid(f->sim->config.seed, "partner app", 0, id));
		w365_jw_pair(j, "authenticatedAppName", "Partner Console");
		w365_jw_pair(j, "authenticatedMethod", methods[i % ARRAY_SIZE(methods)]);
		w365_jw_pair(j, "authenticatedUserPrincipalName",
			     by_app ? NULL : t->users[i % t->user_count].upn);
		w365_jw_pair(j, "cloudPcId", *pc.id ? pc.id : NULL);
		w365_jw_pair(j, "cloudPcName", *pc.id ? pc.display : NULL);
		w365_jw_pair(j, "createdDateTime",
			     sim_time_long(t->today - (time_t)i * 90000 - 3600, i * 7654321, at));
		w365_jw_close(j, '}');
	}
}

static void organization(struct sim_function *f)
{
	const char *text =
		sim_note_get(&f->sim->notes, "organization", sim_function_get(f, "actionType"));

	w365_jw_raw(&f->json, text ? text : "{\"errorDescription\":null,\"status\":\"succeeded\"}");
}

/* What Windows 365's own roles are made of. */
static const char *const read_permissions[] = {
	"Microsoft.CloudPC/AuditLogs/Read",
	"Microsoft.CloudPC/CloudPCs/Read",
	"Microsoft.CloudPC/DeviceImages/Read",
	"Microsoft.CloudPC/ExternalPartnerSettings/Read",
	"Microsoft.CloudPC/OnPremisesConnections/Read",
	"Microsoft.CloudPC/OrganizationSettings/Read",
	"Microsoft.CloudPC/ProvisioningPolicies/Read",
	"Microsoft.CloudPC/Roles/Read",
	"Microsoft.CloudPC/SelfServiceSettings/Read",
	"Microsoft.CloudPC/SharedUseServicePlans/Read",
	"Microsoft.CloudPC/Snapshot/Read",
	"Microsoft.CloudPC/SupportedRegion/Read",
};

/* May the caller do everything? Of an application what it was given counts. */
static bool may_all(const struct sim_function *f)
{
	const struct sim_caller *caller = &f->at.call->caller;

	return caller->delegated ? sim_user_rights(f->sim, caller->object_id).writes_pcs
				 : sim_permits(caller->permissions, "CloudPC.ReadWrite.All");
}

static void effective_permissions(struct sim_function *f)
{
	if (may_all(f)) {
		w365_jw_str(&f->json, "*");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(read_permissions); i++)
		w365_jw_str(&f->json, read_permissions[i]);
}

static void scoped_permissions(struct sim_function *f)
{
	for (size_t i = 0; i < (may_all(f) ? 1 : ARRAY_SIZE(read_permissions)); i++) {
		w365_jw_open(&f->json, '{');
		w365_jw_pair(&f->json, "permission", may_all(f) ? "*" : read_permissions[i]);
		w365_jw_pair_raw(&f->json, "scopeIds", "[\"0\"]");
		w365_jw_close(&f->json, '}');
	}
}

static void encryption(struct sim_function *f)
{
	w365_jw_open(&f->json, '{');
	sim_json_pair_time(&f->json, "lastSyncDateTime", f->sim->config.today - 1800);
	w365_jw_pair(&f->json, "tenantDiskEncryptionType", "platformManagedKey");
	w365_jw_close(&f->json, '}');
}

const struct sim_function_row sim_tenant_functions[] = {
	{ "cloudPcAuditEvent", "getAuditActivityTypes", activity_types, 0, 0 },
	{ "cloudPcCloudApp", "retrieveDiscoveredApps", discovered_apps, 0, 0 },
	{ "cloudPcDeviceImage", "getSourceImages", source_images, 0, 0 },
	{ "cloudPcExternalPartner", "retrieveActionReports", action_reports, 0, 0 },
	{ "cloudPcExternalPartner", "retrieveDeployAgentActionResults", deployments, 0, 100 },
	{ "cloudPcProvisioningPolicy", "retrievePolicyApplyActionResult", applied, 0, 0 },
	{ "cloudPcProvisioningPolicy", "retrievePolicyApplySchedule", schedule, 0, 0 },
	{ "cloudPcProvisioningPolicy", "retrievePolicyUpdateStatusResult", update_status, 0, 0 },
	{ "cloudPcReports", "getRealTimeRemoteConnectionLatency", sim_report_latency, 0, 0 },
	{ "cloudPcReports", "getRealTimeRemoteConnectionStatus", sim_report_status, 0, 0 },
	{ "cloudPcSnapshot", "getStorageAccounts", storage_accounts, 0, 0 },
	{ "cloudPcSnapshot", "getSubscriptions", azure_subscriptions, 0, 0 },
	{ "cloudPcSnapshot", "retrieveSnapshotImportResults", imports, 0, 0 },
	{ "cloudPCUserSettingsPersistenceDetail", "retrieveUserSettingsPersistenceProfiles",
	  profiles, 0, 0 },
	{ "cloudPCUserSettingsPersistenceDetail", "retrieveUserSettingsPersistenceProfileUsage",
	  profile_usage, 0, 0 },
	{ "virtualEndpoint", "getEffectivePermissions", effective_permissions, 0, 0 },
	{ "virtualEndpoint", "retrieveOrganizationActionDetail", organization, 0, 0 },
	{ "virtualEndpoint", "retrieveScopedPermissions", scoped_permissions, 0, 0 },
	{ "virtualEndpoint", "retrieveTenantEncryptionSetting", encryption, 0, 0 },
	{ NULL },
};
