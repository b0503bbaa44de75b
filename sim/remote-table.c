/* The kinds of remote actions: what each wants to be told, and what it leaves behind. */
#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/remote.h"
#include "sim/rng.h"
#include "sim/tenant-parts.h"
#include "sim/whole.h"
#include "sim/write.h"

#define READY "provisioned provisionedWithWarnings"

static bool refuse(struct sim_action *a, const char *why)
{
	SIM_FAIL(a->call, 400, "BadRequest", "%s", why);
	return false;
}

/* The string parameter @name becomes the argument. */
static void keep(struct sim_action *a, const char *name, char argument[160])
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	snprintf(argument, 160, "%s", sim_act_str(a, name, &text));
}

static bool prepare_rename(struct sim_action *a, struct sim_course *c)
{
	keep(a, "displayName", c->arguments[0]);
	return *c->arguments[0] || refuse(a, "The property 'displayName' must not be empty.");
}

static void finish_rename(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	sim_row_str(row, "displayName", c->arguments[0]);
}

/* The number of the plan with that id, or -1. */
static int find_plan(const struct sim_tenant *t, const char *id)
{
	char own[37];

	for (size_t i = 0; i < sim_plan_count; i++)
		if (strcasecmp(sim_plan_id(t, i, own), id) == 0)
			return (int)i;
	return -1;
}

static bool prepare_resize(struct sim_action *a, struct sim_course *c)
{
	const struct sim_tenant *t = &a->call->sim->tenant;
	_cleanup_(w365_buf_done) struct w365_buf now = W365_BUF;
	int from, to;

	keep(a, "targetServicePlanId", c->arguments[0]);
	from = find_plan(t,
			 sim_item_str(a->set, a->set->items[a->position], "servicePlanId", &now));
	to = find_plan(t, c->arguments[0]);
	if (to < 0)
		return refuse(a, "The property 'targetServicePlanId' names no service plan.");
	if (from == to)
		return refuse(a, "The Cloud PC has the plan of 'targetServicePlanId' already.");
	/* Accepted all the same: it is found out on the way. */
	if (from >= 0 && sim_plans[to].disk_gb < sim_plans[from].disk_gb) {
		c->fails = true;
		snprintf(c->code, sizeof(c->code), "resizeTargetDiskTooSmall");
		snprintf(c->message, sizeof(c->message),
			 "The disk of the target plan is smaller than the one in use.");
	}
	return true;
}

static void finish_resize(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	int plan = find_plan(&s->tenant, c->arguments[0]);

	sim_row_str(row, "servicePlanId", c->arguments[0]);
	sim_row_str(row, "servicePlanName", sim_plans[plan].name);
	sim_row_str(row, "servicePlanType", sim_plans[plan].type);
}

static struct sim_set *snapshots(struct sim *s)
{
	return sim_set_of(s, sim_resource_find("snapshots"));
}

static bool prepare_restore(struct sim_action *a, struct sim_course *c)
{
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF, owner = W365_BUF;
	struct sim_set *set = snapshots(a->call->sim);
	ptrdiff_t at = sim_set_find(set, sim_act_str(a, "cloudPcSnapshotId", &id), NULL);

	if (at < 0 || !w365_streq(sim_item_str(set, set->items[at], "cloudPcId", &owner), a->id))
		return refuse(a, "The property 'cloudPcSnapshotId' names no snapshot of this "
				 "Cloud PC.");
	keep(a, "cloudPcSnapshotId", c->arguments[0]);
	return true;
}

static void set_restored(struct sim_row *row, void *arg)
{
	sim_row_time(row, "lastRestoredDateTime", sim_now(arg));
}

static void finish_restore(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	struct sim_set *set = snapshots(s);
	ptrdiff_t at = *c->arguments[0] ? sim_set_find(set, c->arguments[0], NULL) : -1;

	if (at >= 0)
		sim_item_change(s, set, (size_t)at, set_restored, s);
}

static bool prepare_reprovision(struct sim_action *a, struct sim_course *c)
{
	if (a->call->route.users && a->json->count)
		return refuse(a, "Below a user the action 'reprovision' takes no body.");
	keep(a, "osVersion", c->arguments[0]);
	keep(a, "userAccountType", c->arguments[1]);
	return true;
}

/* A new machine: with other ids, and a name if it had none. */
static void finish_reprovision(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	char id[37], name[24];

	sim_row_str(row, "aadDeviceId", sim_guid(s->config.seed, "made", ++s->made, id));
	sim_row_str(row, "managedDeviceId", sim_guid(s->config.seed, "made", ++s->made, id));
	if (w365_span_is(sim_row_get(row, "managedDeviceName"), "null")) {
		snprintf(name, sizeof(name), "CPC-new-%.5s", id);
		sim_row_str(row, "managedDeviceName", name);
	}
	if (*c->arguments[0])
		sim_row_str(row, "osVersion", c->arguments[0]);
	if (*c->arguments[1])
		sim_row_str(row, "userAccountType", c->arguments[1]);
	sim_row_null(row, "statusDetail");
	sim_row_null(row, "statusDetails");
	sim_row_time(row, "provisionedDateTime", sim_now(s));
}

static bool prepare_account(struct sim_action *a, struct sim_course *c)
{
	keep(a, "userAccountType", c->arguments[0]);
	return true;
}

static void finish_account(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	sim_row_str(row, "userAccountType", c->arguments[0]);
}

static void finish_troubleshoot(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	struct w365_jw *j = sim_row_value(row, "connectivityResult");

	w365_jw_open(j, '{');
	w365_jw_pair_raw(j, "failedHealthCheckItems", "[]");
	sim_json_pair_time(j, "lastModifiedDateTime", sim_now(s));
	w365_jw_pair(j, "status", "available");
	sim_json_pair_time(j, "updatedDateTime", sim_now(s));
	w365_jw_close(j, '}');
}

static bool prepare_snapshot(struct sim_action *a, struct sim_course *c)
{
	_cleanup_(w365_buf_done) struct w365_buf tier = W365_BUF, account = W365_BUF;

	if (*sim_act_str(a, "accessTier", &tier) && !*sim_act_str(a, "storageAccountId", &account))
		return refuse(a, "The property 'storageAccountId' is required with accessTier.");
	return true;
}

static void finish_snapshot(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	_cleanup_(sim_row_done) struct sim_row new;
	char own[37], id[320];

	sim_row_init(&new, snapshots(s));
	snprintf(id, sizeof(id), "CPC_%s_%s", c->id,
		 sim_guid(s->config.seed, "made", ++s->made, own));
	sim_row_str(&new, "id", id);
	sim_row_str(&new, "cloudPcId", c->id);
	sim_row_time(&new, "createdDateTime", sim_now(s));
	sim_row_time(&new, "expirationDateTime", sim_now(s) + 28 * SIM_DAY);
	sim_row_str(&new, "healthCheckStatus", "healthy");
	sim_row_str(&new, "snapshotType", "manual");
	sim_row_str(&new, "status", "ready");
	sim_row_add(&new, NULL);
}

static void finish_power_on(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	sim_row_str(row, "powerState", "running");
}

static void finish_power_off(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	sim_row_str(row, "powerState", "poweredOff");
}

static bool prepare_agents(struct sim_action *a, struct sim_course *c)
{
	int column = sim_column_find(&a->set->columns, W365_SPAN("partnerAgentInstallResults"));
	struct w365_span raw = sim_item_value(a->set->items[a->position], (size_t)column);

	return memmem(raw.p, raw.len, "installFailed", 13) ||
	       refuse(a, "No partner's agent has failed to be installed on the Cloud PC.");
}

static void finish_agents(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	sim_row_raw(row, "partnerAgentInstallResults",
		    W365_SPAN("[{\"errorMessage\":null,\"installStatus\":\"installed\","
			      "\"isThirdPartyPartner\":true,\"partnerAgentName\":\"citrix\","
			      "\"retriable\":false}]"));
	sim_row_null(row, "statusDetail");
	sim_row_null(row, "statusDetails");
	sim_row_str(row, "status", "provisioned");
}

static bool prepare_review(struct sim_action *a, struct sim_course *c)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	sim_whole_value(a->json, sim_act_get(a, "reviewStatus"),
			sim_type_find(W365_SPAN("cloudPcReviewStatus")), &text);
	return sim_note_set(&a->call->sim->notes, "review", a->id, w365_buf_str(&text));
}

static void finish_move(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	if (*c->arguments[0])
		sim_row_str(row, "deviceRegionName", c->arguments[0]);
}

static void finish_sign_on(struct sim *s, const struct sim_course *c, struct sim_row *row)
{
	bool on = w365_streq(c->arguments[0], "true");
	struct w365_span value = on ? W365_SPAN("{\"enableSingleSignOn\":true}")
				    : W365_SPAN("{\"enableSingleSignOn\":false}");

	sim_row_raw(row, "connectionSetting", value);
	sim_row_raw(row, "connectionSettings", value);
}

const struct sim_remote sim_remotes[] = {
	{ "reboot", "Reboot", "Restart", READY, NULL, 1000, 4000 },
	{ "rename", "Rename", "Rename", READY " inGracePeriod failed", NULL, 0, 0,
	  .prepare = prepare_rename, .finish = finish_rename },
	{ "resize", "Resize", "Resize", READY, "resizing", 2000, 60000, .prepare = prepare_resize,
	  .finish = finish_resize },
	{ "restore", "Restore", "Restore", READY, "restoring", 2000, 60000,
	  .prepare = prepare_restore, .finish = finish_restore },
	{ "reprovision", "Reprovision", "Reprovision", READY " failed", "provisioning", 3000,
	  120000, .prepare = prepare_reprovision, .finish = finish_reprovision,
	  .failed = "failed" },
	{ "changeUserAccountType", "ChangeUserAccountType", "ChangeUserAccountType", READY, NULL,
	  1000, 5000, .prepare = prepare_account, .finish = finish_account },
	{ "troubleshoot", "Troubleshoot", "Troubleshoot", READY, NULL, 1000, 5000,
	  .finish = finish_troubleshoot },
	{ "setReviewStatus", "PlaceUnderReview", "PlaceUnderReview", READY, NULL, 1000, 5000,
	  .prepare = prepare_review },
	{ "createSnapshot", "CreateSnapshot", "CreateSnapshot", READY, NULL, 1000, 10000,
	  .prepare = prepare_snapshot, .finish = finish_snapshot },
	{ "powerOn", "PowerOn", "PowerOn", READY, NULL, 1000, 3000, true,
	  .finish = finish_power_on },
	{ "powerOff", "PowerOff", "PowerOff", READY, NULL, 1000, 3000, true,
	  .finish = finish_power_off },
	{ "start", "Start", NULL, READY, NULL, 1000, 3000, true, .finish = finish_power_on },
	{ "stop", "Stop", NULL, READY, NULL, 1000, 3000, true, .finish = finish_power_off },
	{ "endGracePeriod", "EndGracePeriod", NULL, "inGracePeriod", "deprovisioning", 1000, 20000,
	  .removes = true },
	{ "retryPartnerAgentInstallation", "RetryPartnerAgentInstallation", NULL, READY, NULL, 1000,
	  5000, .prepare = prepare_agents, .finish = finish_agents },
	/* What applying a policy does; nobody asks for them by these names. */
	{ "moveRegion", "MoveRegion", "MoveRegion", READY, "movingRegion", 2000, 60000,
	  .finish = finish_move },
	{ "modifySingleSignOn", "ModifySingleSignOn", NULL, READY, "modifyingSingleSignOn", 1000,
	  20000, .finish = finish_sign_on },
};
const size_t sim_remote_count = ARRAY_SIZE(sim_remotes);

const struct sim_remote *sim_remote_find(const char *name)
{
	for (size_t i = 0; i < sim_remote_count; i++)
		if (w365_streq(sim_remotes[i].name, name))
			return &sim_remotes[i];
	return NULL;
}
