/* Functions of Cloud PCs: of one, and of all. */
#include <stdio.h>

#include "base/macros.h"
#include "sim/functions.h"
#include "sim/locate.h"
#include "sim/remote.h"
#include "sim/rng.h"
#include "sim/tenant-parts.h"
#include "sim/view.h"
#include "sim/write.h"

static void results(struct sim_function *f)
{
	struct w365_buf list = W365_BUF;
	struct w365_jw j = { .out = &list, .compact = true };

	/* The list is open already. */
	sim_results_write(f->sim, f->at.set, f->at.position, &j);
	if (!list.failed && list.len > 2)
		w365_buf_add(&f->value, list.data + 1, list.len - 2);
	f->value.failed |= list.failed;
	w365_buf_done(&list);
}

static void capabilities(struct sim_function *f)
{
	struct w365_jw *j = &f->json;
	int status;

	for (size_t i = 0; i < sim_remote_count; i++) {
		const struct sim_remote *r = &sim_remotes[i];

		if (!r->listed)
			continue;
		w365_jw_open(j, '{');
		w365_jw_pair(j, "actionCapability",
			     sim_remote_obstacle(f->sim, f->at.set, f->at.position, r, &status)
				     ? "disabled"
				     : "enabled");
		w365_jw_pair(j, "actionName", r->listed);
		w365_jw_close(j, '}');
	}
}

static void review(struct sim_function *f)
{
	const char *text = sim_note_get(&f->sim->notes, "review", f->at.id);

	w365_jw_raw(&f->json,
		    text ? text
			 : "{\"accessTier\":null,\"azureStorageAccountId\":null,"
			   "\"azureStorageAccountName\":null,\"azureStorageContainerName\":null,"
			   "\"inReview\":false,\"restorePointDateTime\":null,"
			   "\"reviewStartDateTime\":null,\"subscriptionId\":null,"
			   "\"subscriptionName\":null,\"userAccessLevel\":\"unrestricted\"}");
}

/* Has there been a machine? */
static bool exists(const struct sim_function *f)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	return *sim_function_str(f, "aadDeviceId", &text);
}

static bool is_frontline(const struct sim_function *f)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	return w365_starts(sim_function_str(f, "provisioningType", &text), "shared");
}

static const struct {
	const char *name, *type, *message; /* the message of a failure */
} events[] = {
	{ "User sign-in", "userConnection",
	  "The connection was refused: 0x3000047, \"gateway not reachable\".\nTry again later." },
	{ "Session reconnect", "userConnection", "The session has ended, the client was idle." },
	{ "Session host health", "deviceHealthCheck",
	  "Der Agent antwortet nicht (Zeitüberschreitung)." },
	{ "Domain trust", "deviceHealthCheck",
	  "The trust to \"corp.example\" is broken; rejoin it." },
	{ "Troubleshoot", "userTroubleshooting",
	  "No problem was found,\tbut one had been reported." },
	{ NULL, "unknown", NULL }, /* nobody has named it */
};

static void history(struct sim_function *f)
{
	struct sim_rng r = sim_function_rng(f, "connectivity");
	time_t at = f->sim->config.today;
	unsigned count = 3 + sim_rng_below(&r, 10);
	char id[37], text[40];

	for (unsigned i = 0; exists(f) && i < count; i++) {
		const size_t which = sim_rng_below(&r, ARRAY_SIZE(events));
		bool failed = sim_rng_percent(&r, 30);

		at -= sim_rng_between(&r, 600, 50000);
		sim_rng_guid(&r, id);
		w365_jw_open(&f->json, '{');
		w365_jw_pair(&f->json, "activityId", id);
		w365_jw_pair(&f->json, "eventDateTime",
			     sim_time_long(at, sim_rng_below(&r, 10000000), text));
		w365_jw_pair(&f->json, "eventName", events[which].name);
		w365_jw_pair(&f->json, "eventResult", failed ? "failure" : "success");
		w365_jw_pair(&f->json, "eventType", events[which].type);
		w365_jw_pair(&f->json, "message", failed ? events[which].message : NULL);
		w365_jw_close(&f->json, '}');
	}
}

/* Where the machine is reached; NULL: there is none yet. */
static const char *launch_url(const struct sim_function *f, char out[200])
{
	char resource[37];

	if (!exists(f))
		return NULL;
	snprintf(out, 200,
		 "https://rdweb.cloudpc.example/api/hubdiscovery/launch/%s/%.60s?tenant=%s",
		 sim_guid(f->sim->config.seed, "workspace", 0, resource), f->at.id,
		 f->sim->identity.tenant);
	return out;
}

/* Windows 365 Switch is for dedicated machines of size. */
static bool switches(const struct sim_function *f)
{
	return exists(f) && !is_frontline(f);
}

static void launch_detail(struct sim_function *f)
{
	struct w365_jw *j = &f->json;
	char url[200];

	w365_jw_open(j, '{');
	w365_jw_pair(j, "cloudPcId", f->at.id);
	w365_jw_pair(j, "cloudPcLaunchUrl", launch_url(f, url));
	w365_jw_pair(j, "windows365SwitchCompatibilityFailureReasonType",
		     switches(f) ? NULL : "hardwareNotSupported");
	w365_jw_pair_bool(j, "windows365SwitchCompatible", switches(f));
	w365_jw_close(j, '}');
}

static void launch_info(struct sim_function *f)
{
	struct w365_jw *j = &f->json;
	char url[200];

	w365_jw_open(j, '{');
	w365_jw_pair(j, "cloudPcId", f->at.id);
	w365_jw_pair(j, "cloudPcLaunchUrl", launch_url(f, url));
	w365_jw_pair_bool(j, "windows365SwitchCompatible", switches(f));
	w365_jw_pair(j, "windows365SwitchNotCompatibleReason",
		     switches(f) ? NULL : "It is not a dedicated Cloud PC that is ready.");
	w365_jw_close(j, '}');
}

static void access_state(struct sim_function *f)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	if (is_frontline(f))
		w365_jw_str(&f->json,
			    w365_streq(sim_function_str(f, "powerState", &text), "running")
				    ? "active"
				    : "standbyMode");
	else
		SIM_FAIL(f->at.call, 400, "BadRequest",
			 "The Cloud PC is a dedicated one: it has no access state.");
}

static void frontline_detail(struct sim_function *f)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	w365_jw_open(&f->json, '{');
	w365_jw_pair(&f->json, "frontlineCloudPcAvailability",
		     sim_function_str(f, "frontlineCloudPcAvailability", &text));
	w365_jw_close(&f->json, '}');
}

/* Writes the items that @wanted wants, as their own collection has them. */
static void write_items(struct sim_function *f, struct sim_set *set,
			bool (*wanted)(struct sim_function *f, const struct sim_set *set,
				       const struct sim_item *item))
{
	struct sim_view v = { .set = set,
			      .version = f->at.call->version,
			      .unknown_members = f->prefer.all_members,
			      .selected = f->query.selected };
	bool some = false;

	v.columns = v.selected ? f->query.select : sim_view_default(&set->columns, v.version);
	sim_view_prepare(&v);
	for (size_t i = 0; i < set->count; i++) {
		if (!wanted(f, set, set->items[i]))
			continue;
		if (some)
			w365_buf_addc(&f->value, ',');
		some = true;
		sim_view_item(&v, set->items[i], &f->value);
	}
}

static bool is_of_pc(struct sim_function *f, const struct sim_set *set, const struct sim_item *item)
{
	_cleanup_(w365_buf_done) struct w365_buf pc = W365_BUF;

	return w365_streq(sim_item_str(set, item, "cloudPcId", &pc), f->at.id);
}

static void snapshots(struct sim_function *f)
{
	write_items(f, sim_set_of(f->sim, sim_resource_find("snapshots")), is_of_pc);
}

/* Is the policy assigned to the group? */
static bool is_assigned(struct sim *s, const char *policy, const char *group)
{
	const struct sim_set *set =
		sim_set_of(s, sim_resource_find("provisioningPolicies/assignments"));
	int column = set ? sim_column_find(&set->columns, W365_SPAN("target")) : -1;
	size_t n = strlen(group);

	for (size_t i = 0; column >= 0 && n && i < set->count; i++) {
		struct w365_span target = sim_item_value(set->items[i], (size_t)column);

		if (set->items[i]->parent && w365_streq(set->items[i]->parent, policy) &&
		    memmem(target.p, target.len, group, n))
			return true;
	}
	return false;
}

static bool is_provisioned_for(struct sim_function *f, const struct sim_set *set,
			       const struct sim_item *item)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	if (!w365_starts(sim_item_str(set, item, "status", &text), "provisioned") ||
	    !w365_streq(sim_item_str(set, item, "servicePlanId", &text),
			sim_function_get(f, "servicePlanId")))
		return false;
	return is_assigned(f->sim, sim_item_str(set, item, "provisioningPolicyId", &text),
			   sim_function_get(f, "groupId"));
}

static void provisioned(struct sim_function *f)
{
	write_items(f, f->at.set, is_provisioned_for);
}

#define MAX_STATUSES 64

/* Is the JSON text @raw the string @name? */
static bool is_quoted(struct w365_span raw, const char *name)
{
	return raw.len == strlen(name) + 2 && memcmp(raw.p + 1, name, raw.len - 2) == 0;
}

/* customFilter is a filter of Cloud PCs, by the name of an option of nobody's. */
static int read_custom_filter(const struct sim_function *f, struct sim_filter **ret,
			      struct w365_err *reterr)
{
	const char *text = sim_form_get(&f->form, "customFilter");

	*ret = NULL;
	return text && *text ? sim_filter_parse(text, &f->at.set->columns, f->at.call->version, ret,
						reterr)
			     : 0;
}

/* One line for each status that is there; those that the metadata does not have are one. */
static void count_by_status(struct sim_function *f)
{
	const struct sim_set *set = f->at.set;
	int column = sim_column_find(&set->columns, W365_SPAN("status"));
	const struct sim_type *type = set->columns.props[column]->type;
	size_t counts[MAX_STATUSES] = { 0 }, other = type->member_count;
	struct sim_filter *filter;
	struct w365_err err;

	if (read_custom_filter(f, &filter, &err) < 0) {
		SIM_FAIL(f->at.call, 400, "BadRequest", "%s", err.msg);
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		struct w365_span status = sim_item_value(set->items[i], (size_t)column);
		size_t m = 0;

		if (filter && !sim_filter_matches(filter, set->items[i]))
			continue;
		while (m < other && !is_quoted(status, type->members[m].name))
			m++;
		counts[MIN(m, (size_t)MAX_STATUSES - 1)]++;
	}
	for (size_t m = 0; m <= other && m < MAX_STATUSES; m++) {
		if (!counts[m])
			continue;
		w365_jw_open(&f->json, '{');
		w365_jw_pair_uint(&f->json, "count", counts[m]);
		w365_jw_pair(&f->json, "status",
			     m < other ? type->members[m].name : "unknownFutureValue");
		w365_jw_close(&f->json, '}');
	}
	sim_filter_free(filter);
}

const struct sim_function_row sim_pc_functions[] = {
	{ "cloudPC", "getCloudPcConnectivityHistory", history, 0, 0 },
	{ "cloudPC", "getCloudPcLaunchInfo", launch_info, 0, 0 },
	{ "cloudPC", "getFrontlineCloudPcAccessState", access_state, 0, 0 },
	{ "cloudPC", "getProvisionedCloudPCs", provisioned, SIM_OPT_SELECT, 0 },
	{ "cloudPC", "getSupportedCloudPcRemoteActions", capabilities, 0, 0 },
	{ "cloudPC", "retrieveCloudPCRemoteActionResults", results, 0, 0 },
	{ "cloudPC", "retrieveCloudPcCountByStatus", count_by_status, 0, 0 },
	{ "cloudPC", "retrieveCloudPcLaunchDetail", launch_detail, 0, 0 },
	{ "cloudPC", "retrieveFrontlineCloudPcDetail", frontline_detail, 0, 0 },
	{ "cloudPC", "retrieveReviewStatus", review, SIM_OPT_SELECT, 0 },
	{ "cloudPC", "retrieveSnapshots", snapshots, 0, 0 },
	{ NULL },
};
