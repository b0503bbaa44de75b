/* Reports of actions, and of who may work with a Frontline licence. */
#include <stdio.h>

#include "sim/json-text.h"
#include "sim/remote.h"
#include "sim/report-rows.h"
#include "sim/tenant-parts.h"
#include "sim/write.h"

SIM_COLUMNS(actions, SIM_CELL("Id", string), SIM_CELL("CloudPcId", string),
	    SIM_CELL("CloudPcDeviceDisplayName", string), SIM_CELL("BulkActionId", string),
	    SIM_CELL("BulkActionDisplayName", string),
	    SIM_CELL("InitiatedByUserPrincipalName", string),
	    SIM_CELL("DeviceOwnerUserPrincipalName", string), SIM_CELL("Action", string),
	    SIM_CELL("ActionState", string), SIM_CELL("RequestDateTime", time),
	    SIM_CELL("LastUpdatedDateTime", time), SIM_CELL("ActionParameters", json));

/* Copies a member of the result. */
static void copy_member(struct sim_row *row, const char *to, const struct w365_json *j,
			uint32_t object, const char *from)
{
	uint32_t at = w365_json_get(j, object, from);

	if (at)
		sim_row_raw(row, to, sim_json_text(j, at));
}

static bool one_action(const struct sim_report_pc *pc, struct sim_row *row,
		       const struct w365_json *j, uint32_t result)
{
	const struct sim_tenant *t = &pc->sim->tenant;
	uint32_t name = w365_json_get(j, result, "actionName");
	uint32_t started = w365_json_get(j, result, "startDateTime");
	struct sim_rng r = sim_rng(pc->rng.state, "action", started ? j->nodes[started].val : 0);
	char id[37], text[100];

	sim_rng_guid(&r, id);
	sim_row_begin(row, row->set->columns.type);
	sim_row_str(row, "Id", id);
	sim_row_str(row, "CloudPcId", pc->id);
	sim_row_copy(row, "CloudPcDeviceDisplayName", pc, "displayName");
	sim_row_str(row, "InitiatedByUserPrincipalName", t->users[sim_rng_below(&r, 5)].upn);
	sim_row_copy(row, "DeviceOwnerUserPrincipalName", pc, "userPrincipalName");
	copy_member(row, "Action", j, result, "actionName");
	copy_member(row, "ActionState", j, result, "actionState");
	copy_member(row, "RequestDateTime", j, result, "startDateTime");
	copy_member(row, "LastUpdatedDateTime", j, result, "lastUpdatedDateTime");
	if (name && w365_span_is(w365_json_raw(j, name), "Resize")) {
		snprintf(text, sizeof(text), "{\"targetServicePlanId\":\"%s\"}",
			 sim_plan_id(t, sim_rng_below(&r, 7), id));
		sim_row_raw(row, "ActionParameters", (struct w365_span){ text, strlen(text) });
	}
	return sim_row_add(row, NULL);
}

/* Those that the Cloud PC itself tells of. */
static bool actions(const struct sim_report_pc *pc, struct sim_row *row)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	struct w365_jw w = { .out = &text, .compact = true };

	sim_results_write(pc->sim, pc->set, pc->position, &w);
	if (text.failed || w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0)
		return false;
	W365_JSON_EACH (&j, 0, i)
		if (!one_action(pc, row, &j, i))
			return false;
	return true;
}

bool sim_actions_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, actions);
}

SIM_COLUMNS(bulk_status, SIM_CELL("BulkActionId", string),
	    SIM_CELL("BulkActionDisplayName", string), SIM_CELL("Action", string),
	    SIM_CELL("BulkActionStatus", string), SIM_CELL("InitiatedByUserPrincipalName", string),
	    SIM_CELL("RequestDateTime", time), SIM_CELL("SucceedCount", int64),
	    SIM_CELL("FailedCount", int64), SIM_CELL("InprogressCount", int64),
	    SIM_CELL("TotalCount", int64), SIM_CELL("Completion", double));

static int64_t number(const struct w365_json *j, const char *name)
{
	uint32_t at = w365_json_get(j, 0, name);

	return at && j->nodes[at].kind == W365_JSON_IS_NUMBER
		       ? strtoll(w365_json_raw(j, at).p, NULL, 10)
		       : 0;
}

static void counts(struct sim_row *row, const struct w365_json *j)
{
	int64_t good = number(j, "successfulCount");
	int64_t bad = number(j, "failedCount") + number(j, "notSupportedCount");
	int64_t running = number(j, "inProgressCount") + number(j, "pendingCount");
	int64_t all = good + bad + running;

	sim_row_int(row, "SucceedCount", good);
	sim_row_int(row, "FailedCount", bad);
	sim_row_int(row, "InprogressCount", running);
	sim_row_int(row, "TotalCount", all);
	sim_row_double(row, "Completion", all ? 100.0 * (double)(good + bad) / (double)all : 0);
}

bool sim_bulk_status_rows(struct sim *s, struct sim_row *row)
{
	const struct sim_set *set = sim_set_of(s, sim_resource_find("bulkActions"));
	static const struct {
		const char *from, *to;
	} copied[] = { { "id", "BulkActionId" },
		       { "displayName", "BulkActionDisplayName" },
		       { "status", "BulkActionStatus" },
		       { "initiatedByUserPrincipalName", "InitiatedByUserPrincipalName" },
		       { "createdDateTime", "RequestDateTime" } };

	for (size_t i = 0; set && i < set->count; i++) {
		const struct sim_report_pc bulk = { .sim = s, .set = set, .position = i };
		_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF, summary = W365_BUF;
		_cleanup_(w365_json_done) struct w365_json j = { 0 };
		int column = sim_column_find(&set->columns, W365_SPAN("actionSummary"));
		struct w365_span raw = sim_item_value(set->items[i], (size_t)column);

		sim_row_begin(row, row->set->columns.type);
		for (size_t k = 0; k < ARRAY_SIZE(copied); k++)
			sim_row_copy(row, copied[k].to, &bulk, copied[k].from);
		sim_item_str(set, set->items[i], "@odata.type", &type);
		if (w365_starts(w365_buf_str(&type), "#microsoft.graph.cloudPcBulk"))
			sim_row_str(row, "Action",
				    type.data + strlen("#microsoft.graph.cloudPcBulk"));
		w365_buf_add(&summary, raw.p, raw.len);
		if (summary.len && w365_json_parse(&j, summary.data, summary.len, NULL, NULL) == 0)
			counts(row, &j);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return set != NULL;
}

/** A plan of Frontline, and its licences. */
struct shared_plan {
	const struct sim_set *set;
	size_t position;
	int64_t total, used;
};

static int64_t column_number(const struct shared_plan *p, const char *name)
{
	int column = sim_column_find(&p->set->columns, (struct w365_span){ name, strlen(name) });
	struct w365_span raw = sim_item_value(p->set->items[p->position], (size_t)column);

	return raw.len ? strtoll(raw.p, NULL, 10) : 0;
}

/* Calls @fn once a plan and moment: @moments, @step seconds apart, the last @from before the tenant's
 * day. */
static bool each_plan(struct sim *s, struct sim_row *row, unsigned moments, time_t step,
		      bool (*fn)(struct sim *s, struct sim_row *row, const struct shared_plan *plan,
				 time_t at, struct sim_rng *r))
{
	struct shared_plan plan = { .set = sim_set_of(s,
						      sim_resource_find("frontLineServicePlans")) };

	for (; plan.set && plan.position < plan.set->count; plan.position++) {
		const struct sim_report_pc item = { .sim = s,
						    .set = plan.set,
						    .position = plan.position };
		struct sim_rng r = sim_rng(s->config.seed, "licences", plan.position);

		plan.total = column_number(&plan, "totalCount");
		plan.used = column_number(&plan, "usedCount");
		for (unsigned i = moments; i--;) {
			sim_row_begin(row, row->set->columns.type);
			sim_row_copy(row, "ServicePlanId", &item, "id");
			sim_row_copy(row, "DisplayName", &item, "displayName");
			if (!fn(s, row, &plan, s->config.today - (time_t)(i + 1) * step, &r))
				return false;
		}
	}
	return plan.set != NULL;
}

SIM_COLUMNS(licences, SIM_CELL("ServicePlanId", string), SIM_CELL("DisplayName", string),
	    SIM_CELL("EventDateTime", time), SIM_CELL("LicenseCount", int32),
	    SIM_CELL("MaxConcurrentUsage", int32), SIM_CELL("MaxBufferUsage", int32));

static bool licence_day(struct sim *s, struct sim_row *row, const struct shared_plan *plan,
			time_t at, struct sim_rng *r)
{
	sim_row_time(row, "EventDateTime", at);
	sim_row_int(row, "LicenseCount", plan->total);
	sim_row_int(row, "MaxConcurrentUsage", sim_rng_between(r, 0, (int)plan->used));
	sim_row_int(row, "MaxBufferUsage", sim_rng_below(r, 3));
	return sim_row_add(row, NULL);
}

bool sim_licences_rows(struct sim *s, struct sim_row *row)
{
	return each_plan(s, row, SIM_USAGE_DAYS, SIM_DAY, licence_day);
}

SIM_COLUMNS(licences_now, SIM_CELL("ServicePlanId", string), SIM_CELL("DisplayName", string),
	    SIM_CELL("LicenseCount", int32), SIM_CELL("ClaimedLicenseCount", int32));

static bool licence_now(struct sim *s, struct sim_row *row, const struct shared_plan *plan,
			time_t at, struct sim_rng *r)
{
	sim_row_int(row, "LicenseCount", plan->total);
	sim_row_int(row, "ClaimedLicenseCount", plan->used);
	return sim_row_add(row, NULL);
}

bool sim_licences_now_rows(struct sim *s, struct sim_row *row)
{
	return each_plan(s, row, 1, 60, licence_now);
}

SIM_COLUMNS(licence_hours, SIM_CELL("ServicePlanId", string), SIM_CELL("DisplayName", string),
	    SIM_CELL("EventDateTime", time), SIM_CELL("LicenseCount", int32),
	    SIM_CELL("ClaimedLicenseCount", int32));

static bool licence_hour(struct sim *s, struct sim_row *row, const struct shared_plan *plan,
			 time_t at, struct sim_rng *r)
{
	sim_row_time(row, "EventDateTime", at);
	sim_row_int(row, "LicenseCount", plan->total);
	sim_row_int(row, "ClaimedLicenseCount", sim_rng_between(r, 0, (int)plan->used));
	return sim_row_add(row, NULL);
}

bool sim_licence_hours_rows(struct sim *s, struct sim_row *row)
{
	return each_plan(s, row, 24, 3600, licence_hour);
}

static bool is_shared(const struct sim_report_pc *pc)
{
	_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF;

	return pc->exists && w365_starts(sim_item_str(pc->set, pc->set->items[pc->position],
						      "provisioningType", &type),
					 "shared");
}

SIM_COLUMNS(no_licence, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("EventDateTime", time),
	    SIM_CELL("ServicePlanName", string), SIM_CELL("FailureReason", string));

static bool no_licence(const struct sim_report_pc *pc, struct sim_row *row)
{
	if (!is_shared(pc) || !sim_has_issue(pc, "licence", 40))
		return true;
	sim_row_begin(row, row->set->columns.type);
	sim_row_pc(row, pc);
	sim_row_time(row, "EventDateTime", pc->sim->config.today - SIM_DAY / 3);
	sim_row_copy(row, "ServicePlanName", pc, "servicePlanName");
	sim_row_str(row, "FailureReason",
		    "All licences are in use,\n\"buffer\" too; try again when somebody signs out.");
	return sim_row_add(row, NULL);
}

bool sim_no_licence_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, no_licence);
}

SIM_COLUMNS(connected_users, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("SignInDateTime", time),
	    SIM_CELL("DaysSinceLastSignIn", int64));

static bool connected_users(const struct sim_report_pc *pc, struct sim_row *row)
{
	_cleanup_(w365_buf_done) struct w365_buf power = W365_BUF;

	if (!is_shared(pc) ||
	    !w365_streq(sim_item_str(pc->set, pc->set->items[pc->position], "powerState", &power),
			"running"))
		return true;
	sim_row_begin(row, row->set->columns.type);
	sim_row_pc(row, pc);
	sim_row_time(row, "SignInDateTime", pc->sim->config.today - 5400);
	sim_row_int(row, "DaysSinceLastSignIn", 0);
	return sim_row_add(row, NULL);
}

bool sim_connected_users_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, connected_users);
}
