#include "sim/bulk.h"

#include <stdio.h>

#include "base/macros.h"
#include "sim/action.h"
#include "sim/locate.h"
#include "sim/remote.h"

/* What each kind does to each Cloud PC; all others only take their time. */
static const struct {
	const char *type, *remote;
} kinds[] = {
	{ "cloudPcBulkCreateSnapshot", "createSnapshot" },
	{ "cloudPcBulkMove", "moveRegion" },
	{ "cloudPcBulkPowerOff", "powerOff" },
	{ "cloudPcBulkPowerOn", "powerOn" },
	{ "cloudPcBulkReinstallAgent", "reboot" },
	{ "cloudPcBulkReprovision", "reprovision" },
	{ "cloudPcBulkResize", "resize" },
	{ "cloudPcBulkRestart", "reboot" },
	{ "cloudPcBulkRestore", "restore" },
	{ "cloudPcBulkSetReviewStatus", "setReviewStatus" },
	{ "cloudPcBulkTroubleshoot", "troubleshoot" },
};

static const struct sim_remote *remote_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (w365_streq(kinds[i].type, type))
			return sim_remote_find(kinds[i].remote);
	return sim_remote_find("reboot");
}

void sim_bulks_done(struct sim_bulk *first)
{
	while (first) {
		struct sim_bulk *next = first->next;

		free(first->pcs);
		free(first->states);
		free(first);
		first = next;
	}
}

static struct sim_set *bulk_set(struct sim *s)
{
	return sim_set_of(s, sim_resource_find("bulkActions"));
}

static struct sim_bulk *find(const struct sim *s, const char *id)
{
	for (struct sim_bulk *b = s->bulks; b; b = b->next)
		if (w365_streq(b->id, id))
			return b;
	return NULL;
}

bool sim_bulk_allow(struct sim_change *c)
{
	struct sim_set *plans = sim_set_of(c->call->sim, sim_resource_find("servicePlans"));
	_cleanup_(w365_buf_done) struct w365_buf plan = W365_BUF;
	uint32_t ids = sim_change_get(c, "cloudPcIds");

	if (c->json->nodes[ids].next == ids + 1) {
		SIM_FAIL(c->call, 400, "BadRequest",
			 "The property 'cloudPcIds' must have at least one id.");
		return false;
	}
	if (sim_change_get(c, "targetServicePlanId") &&
	    sim_set_find(plans, sim_change_str(c, "targetServicePlanId", &plan), NULL) < 0) {
		SIM_FAIL(c->call, 400, "BadRequest",
			 "The property 'targetServicePlanId' names no service plan.");
		return false;
	}
	return true;
}

static int count(const struct sim_bulk *b, enum sim_bulk_state state)
{
	int n = 0;

	for (size_t i = 0; i < b->count; i++)
		n += b->states[i] == state;
	return n;
}

static void write_summary(struct sim_row *row, void *arg)
{
	const struct sim_bulk *b = arg;
	int failed = count(b, SIM_B_FAILED), unsupported = count(b, SIM_B_UNSUPPORTED);
	int pending = count(b, SIM_B_PENDING), running = count(b, SIM_B_RUNNING);
	struct w365_jw *j = sim_row_value(row, "actionSummary");

	w365_jw_open(j, '{');
	w365_jw_pair_int(j, "failedCount", failed);
	w365_jw_pair_int(j, "inProgressCount", running);
	w365_jw_pair_int(j, "notSupportedCount", unsupported);
	w365_jw_pair_int(j, "pendingCount", pending);
	w365_jw_pair_int(j, "successfulCount", count(b, SIM_B_DONE));
	w365_jw_close(j, '}');
	sim_row_str(row, "status",
		    pending || running      ? "pending"
		    : failed || unsupported ? "failed"
					    : "succeeded");
}

static void tell(struct sim *s, struct sim_bulk *b)
{
	struct sim_set *set = bulk_set(s);
	ptrdiff_t at = sim_set_find(set, b->id, NULL);

	if (at >= 0)
		sim_item_change(s, set, (size_t)at, write_summary, b);
}

/* The remote action on one Cloud PC begins, if it can. */
static enum sim_bulk_state start_one(struct sim *s, struct sim_bulk *b, size_t i)
{
	struct sim_course course = { 0 };
	struct sim_set *set = sim_pcs(s);
	ptrdiff_t at = sim_set_find(set, b->pcs[i], NULL);
	int status;

	if (at < 0)
		return SIM_B_FAILED;
	if (sim_remote_obstacle(s, set, (size_t)at, b->remote, &status))
		return SIM_B_UNSUPPORTED;
	snprintf(course.id, sizeof(course.id), "%s", b->pcs[i]);
	snprintf(course.bulk, sizeof(course.bulk), "%s", b->id);
	memcpy(course.arguments[0], b->argument, sizeof(b->argument));
	return sim_remote_start(s, (size_t)at, b->remote, &course) ? SIM_B_RUNNING : SIM_B_FAILED;
}

static uint64_t run(struct sim *s, struct sim_course *c)
{
	struct sim_bulk *b = find(s, c->id);

	for (size_t i = 0; b && i < b->count; i++)
		if (b->states[i] == SIM_B_PENDING)
			b->states[i] = start_one(s, b, i);
	if (b)
		tell(s, b);
	return SIM_ENDS;
}

void sim_bulk_report(struct sim *s, const char *bulk, const char *pc, bool good)
{
	struct sim_bulk *b = *bulk ? find(s, bulk) : NULL;

	for (size_t i = 0; b && i < b->count; i++)
		if (b->states[i] == SIM_B_RUNNING && w365_streq(b->pcs[i], pc))
			b->states[i] = good ? SIM_B_DONE : SIM_B_FAILED;
	if (b)
		tell(s, b);
}

/* @ids: a JSON array of strings. */
static struct sim_bulk *add(struct sim *s, const char *id, const char *type,
			    const struct w365_json *j, uint32_t ids, enum sim_bulk_state state)
{
	struct sim_bulk *b = calloc(1, sizeof(*b));
	size_t n = 0;

	if (!b)
		return NULL;
	W365_JSON_EACH (j, ids, i)
		n++;
	snprintf(b->id, sizeof(b->id), "%.36s", id);
	b->remote = remote_of(type);
	b->pcs = calloc(n + 1, sizeof(*b->pcs));
	b->states = calloc(n + 1, sizeof(*b->states));
	if (!b->pcs || !b->states) {
		sim_bulks_done(b);
		return NULL;
	}
	W365_JSON_EACH (j, ids, i) {
		struct w365_span pc = w365_json_raw(j, i);

		b->states[b->count] = state;
		snprintf(b->pcs[b->count++], sizeof(b->pcs[0]), "%.*s", (int)MIN(pc.len, 63u),
			 pc.p);
	}
	b->next = s->bulks;
	s->bulks = b;
	return b;
}

static bool begin(struct sim *s, const char *id)
{
	struct sim_course course = { .run = run };

	snprintf(course.id, sizeof(course.id), "%s", id);
	return sim_course_begin(s, &course, 2000);
}

void sim_bulk_after(struct sim_change *c)
{
	struct sim *s = c->call->sim;
	_cleanup_(w365_buf_done) struct w365_buf plan = W365_BUF;
	struct sim_bulk *b = add(s, c->id, c->type->name, c->json, sim_change_get(c, "cloudPcIds"),
				 SIM_B_PENDING);

	if (!b)
		return;
	snprintf(b->argument, sizeof(b->argument), "%s",
		 sim_change_str(c, "targetServicePlanId", &plan));
	begin(s, b->id);
}

/* One that was there from the start has never been heard of here. */
static struct sim_bulk *recall(struct sim_action *a)
{
	struct sim *s = a->call->sim;
	const struct sim_item *item = a->set->items[a->position];
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, type = W365_BUF,
						 status = W365_BUF;
	struct sim_bulk *b = find(s, a->id);
	int column = sim_column_find(&a->set->columns, W365_SPAN("cloudPcIds"));
	struct w365_span raw = sim_item_value(item, (size_t)column);
	bool failed;

	if (b)
		return b;
	w365_buf_add(&text, raw.p, raw.len);
	if (text.failed || w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0)
		return NULL;
	sim_item_str(a->set, item, "@odata.type", &type);
	failed = w365_streq(sim_item_str(a->set, item, "status", &status), "failed");
	b = add(s, a->id, type.len > 17 ? type.data + 17 : "", &j, 0,
		failed ? SIM_B_FAILED : SIM_B_DONE);
	if (b)
		sim_item_str(a->set, item, "targetServicePlanId", &text);
	if (b)
		snprintf(b->argument, sizeof(b->argument), "%s", w365_buf_str(&text));
	return b;
}

static bool is_named(const struct sim_action *a, uint32_t ids, const char *pc)
{
	W365_JSON_EACH (a->json, ids, i)
		if (w365_span_is(w365_json_raw(a->json, i), pc))
			return true;
	return false;
}

static bool belongs(const struct sim_bulk *b, struct w365_span pc)
{
	for (size_t i = 0; i < b->count; i++)
		if (w365_span_is(pc, b->pcs[i]))
			return true;
	return false;
}

void sim_act_bulk_retry(struct sim_action *a)
{
	uint32_t ids = sim_act_get(a, "cloudPcIds");
	struct sim_bulk *b = recall(a);
	bool some = false;

	if (!b) {
		sim_no_memory(a->call);
		return;
	}
	if (ids && a->json->nodes[ids].kind == W365_JSON_IS_NULL)
		ids = 0;
	if (ids)
		W365_JSON_EACH (a->json, ids, i)
			if (!belongs(b, w365_json_raw(a->json, i))) {
				SIM_FAIL(a->call, 400, "BadRequest",
					 "The property 'cloudPcIds' names a Cloud PC that the bulk "
					 "action is not for.");
				return;
			}
	for (size_t i = 0; i < b->count; i++) {
		if (b->states[i] == SIM_B_RUNNING || b->states[i] == SIM_B_PENDING ||
		    (ids ? !is_named(a, ids, b->pcs[i]) : b->states[i] == SIM_B_DONE))
			continue;
		b->states[i] = SIM_B_PENDING;
		some = true;
	}
	if (!some) {
		SIM_FAIL(a->call, 409, "Conflict", "There is nothing to retry.");
		return;
	}
	tell(a->call->sim, b);
	if (begin(a->call->sim, b->id))
		sim_act_done(a);
	else
		sim_no_memory(a->call);
}
