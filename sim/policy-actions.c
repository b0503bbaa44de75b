/* Actions of provisioning policies, and what they do to the Cloud PCs. */
#include "sim/policy-actions.h"

#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/action.h"
#include "sim/json-text.h"
#include "sim/locate.h"
#include "sim/remote.h"
#include "sim/whole.h"
#include "sim/words.h"
#include "sim/write.h"

static bool is_shared(const struct sim_set *policies, const struct sim_item *policy)
{
	_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF;

	return w365_streq(sim_item_str(policies, policy, "provisioningType", &type),
			  "sharedByEntraGroup");
}

static bool is_of(const struct sim_set *pcs, size_t i, const char *policy)
{
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

	return w365_streq(sim_item_str(pcs, pcs->items[i], "provisioningPolicyId", &id), policy);
}

/* Starts it on a Cloud PC that can have it; others are passed over. */
static void start(struct sim *s, size_t position, const char *name, const char *argument)
{
	const struct sim_remote *remote = sim_remote_find(name);
	struct sim_course course = { 0 };
	struct sim_set *set = sim_pcs(s);
	int status;

	if (sim_remote_obstacle(s, set, position, remote, &status) ||
	    !sim_item_id(set, set->items[position], course.id))
		return;
	snprintf(course.arguments[0], sizeof(course.arguments[0]), "%s", argument);
	sim_remote_start(s, position, remote, &course);
}

/* The region that the policy's first network is in; "" if that is the customer's own. */
static void region_of(const struct sim_set *policies, const struct sim_item *policy, char out[160])
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	int column = sim_column_find(&policies->columns, W365_SPAN("domainJoinConfigurations"));
	struct w365_span raw = sim_item_value(policy, (size_t)column);
	uint32_t region;

	out[0] = '\0';
	w365_buf_add(&text, raw.p, raw.len);
	if (!text.len || w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0 || j.count < 2)
		return;
	region = w365_json_get(&j, 1, "regionName");
	if (region && j.nodes[region].kind == W365_JSON_IS_STRING)
		snprintf(out, 160, "%.*s", (int)w365_json_raw(&j, region).len,
			 w365_json_raw(&j, region).p);
}

/* What the action's policySettings name; without them, all. */
static void settings_of(struct sim_action *a, bool *ret_region, bool *ret_sign_on)
{
	uint32_t list = sim_act_get(a, "policySettings");

	*ret_region = *ret_sign_on = !list || a->json->nodes[list].kind != W365_JSON_IS_ARRAY;
	if (*ret_region)
		return;
	W365_JSON_EACH (a->json, list, i) {
		*ret_region |= w365_span_is(w365_json_raw(a->json, i), "region");
		*ret_sign_on |= w365_span_is(w365_json_raw(a->json, i), "singleSignOn");
	}
}

static void apply_to(struct sim_action *a, size_t pc, const struct sim_item *policy)
{
	int column = sim_column_find(&a->set->columns, W365_SPAN("enableSingleSignOn"));
	struct w365_span on = sim_item_value(policy, (size_t)column);
	bool region, sign_on;
	char where[160];

	settings_of(a, &region, &sign_on);
	region_of(a->set, policy, where);
	if (is_shared(a->set, policy))
		start(a->call->sim, pc, "reprovision", "");
	else if (region)
		start(a->call->sim, pc, "moveRegion", where);
	else if (sign_on)
		start(a->call->sim, pc, "modifySingleSignOn",
		      w365_span_is(on, "true") ? "true" : "false");
}

static bool note_result(struct sim *s, const char *id, const char *started, const char *status)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	struct w365_jw j = { .out = &text, .compact = true };
	bool over = !w365_streq(status, "processing");
	char now[40];

	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "finishDateTime", over ? sim_stamp(s, 0, now) : NULL);
	w365_jw_pair(&j, "startDateTime", started);
	w365_jw_pair(&j, "status", status);
	w365_jw_close(&j, '}');
	return sim_note_set(&s->notes, "apply", id, w365_buf_str(&text));
}

static uint64_t finish(struct sim *s, struct sim_course *c)
{
	note_result(s, c->id, c->arguments[0], c->fails ? "failed" : "succeeded");
	return SIM_ENDS;
}

void sim_act_apply(struct sim_action *a)
{
	struct sim *s = a->call->sim;
	const struct sim_item *policy = a->set->items[a->position];
	uint32_t reserve = sim_act_get(a, "reservePercentage");
	struct sim_course course = { .run = finish };
	struct sim_set *pcs = sim_pcs(s);

	if (reserve && a->json->nodes[reserve].kind == W365_JSON_IS_NUMBER &&
	    (strtol(w365_json_raw(a->json, reserve).p, NULL, 10) < 0 ||
	     strtol(w365_json_raw(a->json, reserve).p, NULL, 10) > 99)) {
		SIM_FAIL(a->call, 400, "BadRequest",
			 "The property 'reservePercentage' must be 0 to 99.");
		return;
	}
	memcpy(course.id, a->id, sizeof(course.id));
	sim_stamp(s, 0, course.arguments[0]);
	sim_failure_take(&s->courses, "apply", &course);
	if (!note_result(s, a->id, course.arguments[0], "processing") ||
	    !sim_course_begin(s, &course, 65000)) {
		sim_no_memory(a->call);
		return;
	}
	for (size_t i = 0; i < pcs->count; i++)
		if (is_of(pcs, i, a->id))
			apply_to(a, i, policy);
	sim_act_done(a);
}

static bool find_pc(struct sim_action *a, const char *id, void *arg)
{
	if (sim_set_find(sim_pcs(a->call->sim), id, NULL) >= 0)
		return true;
	sim_not_found(a->call, "cloudPCs", id);
	return false;
}

static bool apply_config(struct sim_action *a, const char *id, void *arg)
{
	_cleanup_(w365_buf_done) struct w365_buf policy = W365_BUF;
	struct sim_set *pcs = sim_pcs(a->call->sim);
	ptrdiff_t pc = sim_set_find(pcs, id, NULL);
	ptrdiff_t at = sim_set_find(
		a->set, sim_item_str(pcs, pcs->items[pc], "provisioningPolicyId", &policy), NULL);

	if (at >= 0)
		apply_to(a, (size_t)pc, a->set->items[at]);
	return true;
}

void sim_act_apply_config(struct sim_action *a)
{
	if (!sim_act_each(a, "cloudPcIds", find_pc, NULL))
		return;
	sim_act_each(a, "cloudPcIds", apply_config, NULL);
	sim_act_done(a);
}

void sim_act_policy_retry(struct sim_action *a)
{
	struct sim_set *pcs = sim_pcs(a->call->sim);

	for (size_t i = 0; i < pcs->count; i++) {
		_cleanup_(w365_buf_done) struct w365_buf status = W365_BUF;

		if (is_of(pcs, i, a->id) &&
		    w365_streq(sim_item_str(pcs, pcs->items[i], "status", &status), "failed"))
			start(a->call->sim, i, "reprovision", "");
	}
	sim_act_done(a);
}

void sim_act_schedule(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	uint32_t rule = sim_act_get(a, "scheduledRule"), cron;
	bool ends;

	if (!is_shared(a->set, a->set->items[a->position])) {
		SIM_FAIL(a->call, 400, "BadRequest",
			 "Only policies of Windows 365 Frontline in shared mode have a schedule.");
		return;
	}
	cron = w365_json_get(a->json, rule, "cronScheduleExpression");
	ends = !cron || a->json->nodes[cron].kind == W365_JSON_IS_NULL;
	sim_whole_value(a->json, rule,
			sim_type_find(W365_SPAN("cloudPcPolicyScheduledApplyActionDetail")), &text);
	if (sim_note_set(&a->call->sim->notes, "schedule", a->id,
			 ends ? NULL : w365_buf_str(&text)))
		sim_act_done(a);
	else
		sim_no_memory(a->call);
}

/* The group that a Cloud PC is there for: of the tenant's making, which tells nobody who is in which
 * group. */
static const char *group_of(const struct sim *s, const struct sim_policy *p, const char *pc)
{
	size_t n = w365_hash(pc, strlen(pc), s->config.seed) % p->group_count;

	return s->tenant.groups[p->groups[n]].id;
}

static void set_grace(struct sim_row *row, void *arg)
{
	sim_row_str(row, "status", "inGracePeriod");
	sim_row_time(row, "gracePeriodEndDateTime", sim_now(arg) + (time_t)7 * 86400);
}

static void end_grace(struct sim_row *row, void *arg)
{
	sim_row_str(row, "status", "provisioned");
	sim_row_null(row, "gracePeriodEndDateTime");
}

void sim_policy_regrouped(struct sim *s, const char *policy, const char *old, const char *new)
{
	const struct sim_policy *p = NULL;
	struct sim_set *pcs = sim_pcs(s);

	for (size_t i = 0; i < SIM_POLICIES; i++)
		if (w365_streq(s->tenant.policies[i].id, policy))
			p = &s->tenant.policies[i];
	for (size_t i = 0; p && p->group_count && i < pcs->count; i++) {
		_cleanup_(w365_buf_done) struct w365_buf status = W365_BUF;
		const char *group;
		char id[256];
		bool was, is;

		if (!is_of(pcs, i, policy) || !sim_item_id(pcs, pcs->items[i], id))
			continue;
		group = group_of(s, p, id);
		was = sim_has_word(old, group);
		is = sim_has_word(new, group);
		sim_item_str(pcs, pcs->items[i], "status", &status);
		if (was && !is && w365_starts(w365_buf_str(&status), "provisioned"))
			sim_item_change(s, pcs, i, set_grace, s);
		else if (!was && is && w365_streq(w365_buf_str(&status), "inGracePeriod"))
			sim_item_change(s, pcs, i, end_grace, s);
	}
}
