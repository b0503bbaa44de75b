#include "sim/rules.h"

#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/bulk.h"
#include "sim/jobs.h"
#include "sim/rng.h"

void sim_row_now(struct sim_change *c, const char *name)
{
	sim_row_time(c->row, name, sim_now(c->call->sim));
}

/* What the column will be: as sent, else as it was. */
static const char *will_be(const struct sim_change *c, const char *name, struct w365_buf *out)
{
	if (sim_change_get(c, name) || !c->old)
		return sim_change_str(c, name, out);
	return sim_item_str(c->set, c->old, name, out);
}

static bool same_column(const struct sim_change *c, const struct sim_item *other, const char *name)
{
	_cleanup_(w365_buf_done) struct w365_buf mine = W365_BUF, its = W365_BUF;

	return strcasecmp(will_be(c, name, &mine), sim_item_str(c->set, other, name, &its)) == 0;
}

bool sim_has_twin(const struct sim_change *c, const char *const *names)
{
	for (size_t i = 0; i < c->set->count; i++) {
		const struct sim_item *other = c->set->items[i];
		bool same = other != c->old;

		if (c->parent && (!other->parent || !w365_streq(other->parent, c->parent)))
			continue;
		for (const char *const *n = names; same && *n; n++)
			same = same_column(c, other, *n);
		if (same)
			return true;
	}
	return false;
}

static void fill_user_setting(struct sim_change *c)
{
	struct sim_row *row = c->row;

	sim_row_now(c, "createdDateTime");
	sim_row_bool(row, "localAdminEnabled", false);
	sim_row_bool(row, "resetEnabled", false);
	sim_row_raw(row, "restorePointSetting",
		    W365_SPAN("{\"frequencyType\":\"default\",\"userRestoreEnabled\":false,"
			      "\"frequencyInHours\":12}"));
	sim_row_str(row, "provisioningSourceType", "image");
	sim_row_bool(row, "selfServiceEnabled", false);
}

static void fill_image(struct sim_change *c)
{
	char text[W365_TIME_MAX];

	sim_row_str(c->row, "expirationDate",
		    w365_date_format(sim_now(c->call->sim) / 86400 + 365, text));
	sim_row_str(c->row, "osStatus", "unknown");
	sim_row_str(c->row, "status", "pending");
	sim_row_raw(c->row, "scopeIds", W365_SPAN("[\"0\"]"));
}

static bool allow_app(struct sim_change *c)
{
	static const char *const unique[] = { "provisioningPolicyId", "displayName", NULL };
	struct sim_set *policies =
		sim_set_of(c->call->sim, sim_resource_find("provisioningPolicies"));
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

	if (c->kind == SIM_DELETE)
		return true;
	if (c->kind == SIM_CREATE &&
	    sim_set_find(policies, sim_change_str(c, "provisioningPolicyId", &id), NULL) < 0) {
		SIM_FAIL(c->call, 400, "BadRequest",
			 "The property 'provisioningPolicyId' names no provisioning policy.");
		return false;
	}
	if (!sim_has_twin(c, unique))
		return true;
	SIM_FAIL(c->call, 409, "Conflict",
		 "The property 'displayName' must be unique among the apps of a policy.");
	return false;
}

static void fill_app(struct sim_change *c)
{
	struct sim_row *row = c->row;

	sim_row_now(c, "addedDateTime");
	sim_row_str(row, "appStatus", "preparing");
	sim_row_bool(row, "availableToUser", false);
	sim_row_str(row, "lastPublishedDateTime", "0001-01-01T00:00:00Z");
	sim_row_raw(row, "scopeIds", W365_SPAN("[\"0\"]"));
}

static bool allow_pool(struct sim_change *c)
{
	static const char *const unique[] = { "displayName", NULL };

	if (c->kind == SIM_DELETE || !sim_has_twin(c, unique))
		return true;
	SIM_FAIL(c->call, 409, "Conflict",
		 "The property 'displayName' must be unique among the pools.");
	return false;
}

static void fill_pool(struct sim_change *c)
{
	struct w365_jw *j;

	sim_row_now(c, "createdDateTime");
	sim_row_raw(c->row, "sessionUsage",
		    W365_SPAN("{\"activeSessionsCount\":0,\"availableSessionsCount\":0}"));
	/* As the pools that were there before. */
	j = sim_row_extra(c->row);
	w365_jw_pair(j, "poolStatus", "active");
	w365_jw_pair(j, "managedByService", "windows365");
	w365_jw_pair_raw(j, "scopeIds", "[\"0\"]");
	w365_jw_pair(j, "lastModifiedByPrincipalId", c->call->caller.object_id);
}

static bool allow_pool_assignment(struct sim_change *c)
{
	static const char *const unique[] = { "userPrincipalId", NULL };

	if (c->kind == SIM_DELETE || !sim_has_twin(c, unique))
		return true;
	SIM_FAIL(c->call, 409, "Conflict", "The user is assigned to the pool already.");
	return false;
}

static void fill_partner(struct sim_change *c)
{
	sim_row_str(c->row, "connectionStatus", "notAvailable");
}

static void fill_partner_setting(struct sim_change *c)
{
	sim_row_str(c->row, "status", "notAvailable");
}

static bool allow_mapping(struct sim_change *c)
{
	if (c->call->req->government_token && *c->call->req->government_token)
		return true;
	SIM_FAIL(c->call, 400, "BadRequest",
		 "The header X-MS-CloudPC-USGovCloudTenantAADToken is required.");
	return false;
}

/* Which tenant the token is of, nobody can tell here: the same for the same token. */
static void follow_mapping(struct sim_change *c)
{
	const char *token = c->call->req->government_token;
	_cleanup_(w365_buf_done) struct w365_buf ids = W365_BUF;
	struct w365_span old = sim_row_get(c->row, "organizationIdsInUSGovCloud");
	char id[37];

	sim_guid(w365_hash(token, strlen(token), 0), "government tenant", 0, id);
	if (memmem(old.p, old.len, id, 36))
		return;
	w365_buf_add(&ids, old.p, old.len - 1);
	w365_buf_addf(&ids, "%s\"%s\"]", old.len > 2 ? "," : "", id);
	sim_row_raw(c->row, "organizationIdsInUSGovCloud",
		    (struct w365_span){ w365_buf_str(&ids), ids.len });
}

static void fill_bulk_action(struct sim_change *c)
{
	uint32_t ids = sim_change_get(c, "cloudPcIds");
	struct w365_jw *j;
	int count = 0;

	W365_JSON_EACH (c->json, ids, i)
		count++;
	j = sim_row_value(c->row, "actionSummary");
	w365_jw_open(j, '{');
	w365_jw_pair_int(j, "failedCount", 0);
	w365_jw_pair_int(j, "inProgressCount", 0);
	w365_jw_pair_int(j, "notSupportedCount", 0);
	w365_jw_pair_int(j, "pendingCount", count);
	w365_jw_pair_int(j, "successfulCount", 0);
	w365_jw_close(j, '}');
	sim_row_now(c, "createdDateTime");
	sim_row_str(c->row, "initiatedByUserPrincipalName", sim_caller_name(c->call));
	sim_row_bool(c->row, "scheduledDuringMaintenanceWindow", false);
	sim_row_str(c->row, "status", "pending");
}

/* The id begins with the report's name, as the service writes names: with a capital. */
static void fill_export_job(struct sim_change *c)
{
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF;
	char id[sizeof(c->id)];

	sim_change_str(c, "reportName", &name);
	if (name.len && name.data[0] >= 'a' && name.data[0] <= 'z')
		name.data[0] += 'A' - 'a';
	snprintf(id, sizeof(id), "%.100s__%.36s", w365_buf_str(&name), c->id);
	memcpy(c->id, id, sizeof(id));
	sim_row_str(c->row, "id", c->id);
	sim_row_str(c->row, "expirationDateTime", "0001-01-01T00:00:00Z");
	sim_row_str(c->row, "exportJobStatus", "notStarted");
	sim_row_str(c->row, "format", "csv");
	sim_row_now(c, "requestDateTime");
}

const struct sim_rule *sim_rule_of(const struct sim_resource *resource)
{
	static const struct sim_rule rules[] = {
		{ "provisioningPolicies", sim_policy_fill, sim_policy_allow, sim_policy_follow,
		  sim_policy_after },
		{ "onPremisesConnections", sim_connection_fill, sim_connection_allow,
		  sim_connection_follow, sim_connection_after },
		{ "userSettings", fill_user_setting },
		{ "deviceImages", fill_image, .after = sim_image_after },
		{ "cloudApps", fill_app, allow_app, .after = sim_app_after },
		{ "cloudPcPools", fill_pool, allow_pool, .bodiless = true },
		{ "cloudPcPools/assignments", .allow = allow_pool_assignment },
		{ "externalPartners", fill_partner },
		{ "externalPartnerSettings", fill_partner_setting },
		{ "crossCloudGovernmentOrganizationMapping", .allow = allow_mapping,
		  .follow = follow_mapping },
		{ "bulkActions", fill_bulk_action, sim_bulk_allow, .after = sim_bulk_after },
		{ "reports/exportJobs", fill_export_job, .after = sim_export_after },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (w365_streq(rules[i].collection, resource->name))
			return &rules[i];
	return NULL;
}
