#include "sim/remote.h"

#include <stdio.h>

#include "base/macros.h"
#include "sim/bulk.h"
#include "sim/locate.h"
#include "sim/words.h"
#include "sim/write.h"

struct sim_set *sim_pcs(struct sim *s)
{
	return sim_set_of(s, sim_resource_find("cloudPCs"));
}

void sim_results_done(struct sim_results *r)
{
	free(r->list);
	*r = (struct sim_results){ 0 };
}

static bool is_running(const struct sim_result *r)
{
	return w365_streq(r->state, "pending") || w365_streq(r->state, "active");
}

static bool is_busy(const struct sim *s, const char *pc)
{
	for (size_t i = s->results.count; i--;)
		if (is_running(&s->results.list[i]) && w365_streq(s->results.list[i].pc, pc))
			return true;
	return false;
}

const char *sim_remote_obstacle(struct sim *s, const struct sim_set *set, size_t position,
				const struct sim_remote *remote, int *ret_status)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	const struct sim_item *item = set->items[position];
	char id[256];

	*ret_status = 400;
	if (remote->frontline &&
	    !w365_starts(sim_item_str(set, item, "provisioningType", &text), "shared"))
		return "The action is for Windows 365 Frontline alone.";
	*ret_status = 409;
	if (!sim_has_word(remote->statuses, sim_item_str(set, item, "status", &text)))
		return "The status of the Cloud PC does not allow this action.";
	if (sim_item_id(set, item, id) && is_busy(s, id))
		return "Another action is in progress on the Cloud PC.";
	return NULL;
}

static void write_detail(struct w365_jw *j, const struct sim_result *r)
{
	if (!*r->code) {
		w365_jw_str(j, NULL);
		return;
	}
	w365_jw_open(j, '{');
	w365_jw_pair_raw(j, "additionalInformation", "[]");
	w365_jw_pair(j, "code", r->code);
	w365_jw_pair(j, "message", r->message);
	w365_jw_close(j, '}');
}

static void write_result(struct w365_jw *j, const struct sim_result *r, const char *device)
{
	w365_jw_open(j, '{');
	w365_jw_pair(j, "actionName", r->remote->shown);
	w365_jw_pair(j, "actionState", r->state);
	w365_jw_pair(j, "cloudPcId", r->pc);
	w365_jw_pair(j, "lastUpdatedDateTime", r->updated);
	w365_jw_pair(j, "managedDeviceId", *device ? device : NULL);
	w365_jw_pair(j, "startDateTime", r->started);
	w365_jw_key(j, "statusDetail");
	write_detail(j, r);
	w365_jw_key(j, "statusDetails");
	write_detail(j, r);
	w365_jw_close(j, '}');
}

void sim_results_write(struct sim *s, const struct sim_set *set, size_t position, struct w365_jw *j)
{
	_cleanup_(w365_buf_done) struct w365_buf device = W365_BUF, old = W365_BUF;
	const struct sim_item *item = set->items[position];
	int column = sim_column_find(&set->columns, W365_SPAN("lastRemoteActionResult"));
	struct w365_span raw = sim_item_value(item, (size_t)column);
	bool some = false;
	char id[256];

	sim_item_id(set, item, id);
	sim_item_str(set, item, "managedDeviceId", &device);
	w365_jw_open(j, '[');
	for (size_t i = s->results.count; i--;) {
		if (!w365_streq(s->results.list[i].pc, id))
			continue;
		some = true;
		write_result(j, &s->results.list[i], w365_buf_str(&device));
	}
	/* What was there before anybody asked for more. */
	if (!some && raw.len && raw.p[0] == '{') {
		w365_buf_add(&old, raw.p, raw.len);
		w365_jw_raw(j, w365_buf_str(&old));
	}
	w365_jw_close(j, ']');
}

/* A change of a Cloud PC while an action goes on. */
struct stage {
	struct sim *sim;
	const struct sim_course *course;
	const struct sim_remote *remote;
	const char *status; /* NULL: stays */
	bool finishes;
};

static void edit(struct sim_row *row, void *arg)
{
	const struct stage *st = arg;
	const struct sim_result *r = &st->sim->results.list[st->course->result];
	_cleanup_(w365_buf_done) struct w365_buf device = W365_BUF;
	struct w365_span raw = sim_row_get(row, "managedDeviceId");

	if (raw.len > 2)
		w365_buf_add(&device, raw.p + 1, raw.len - 2);
	write_result(sim_row_value(row, "lastRemoteActionResult"), r, w365_buf_str(&device));
	if (st->status)
		sim_row_str(row, "status", st->status);
	if (!st->finishes)
		return;
	if (*r->code && st->remote->failed) {
		write_detail(sim_row_value(row, "statusDetail"), r);
		write_detail(sim_row_value(row, "statusDetails"), r);
	} else if (!*r->code && st->remote->finish) {
		st->remote->finish(st->sim, st->course, row);
	}
}

/* A step of the result, told in the Cloud PC. False if that is gone. */
static bool move(struct sim *s, const struct sim_course *c, const char *state, const char *status,
		 bool finishes)
{
	const struct sim_remote *remote = c->what;
	struct sim_result *r = &s->results.list[c->result];
	struct sim_set *set = sim_pcs(s);
	ptrdiff_t at = set ? sim_set_find(set, c->id, NULL) : -1;
	struct stage st = { s, c, remote, status, finishes };

	r->state = state;
	sim_stamp(s, 0, r->updated);
	if (finishes && c->fails) {
		memcpy(r->code, c->code, sizeof(r->code));
		memcpy(r->message, c->message, sizeof(r->message));
	}
	return at >= 0 && sim_item_change(s, set, (size_t)at, edit, &st);
}

/* The Cloud PC has vanished meanwhile. */
static uint64_t give_up(struct sim *s, const struct sim_course *c)
{
	s->results.list[c->result].state = "failed";
	sim_bulk_report(s, c->bulk, c->id, false);
	return SIM_ENDS;
}

static uint64_t run(struct sim *s, struct sim_course *c)
{
	const struct sim_remote *remote = c->what;
	const char *after = c->fails && remote->failed ? remote->failed : c->was;

	if (c->stage == 0)
		return move(s, c, "active", NULL, false) ? remote->runs : give_up(s, c);
	if (!move(s, c, c->fails ? "failed" : "done", remote->during ? after : NULL, true))
		return give_up(s, c);
	sim_bulk_report(s, c->bulk, c->id, !c->fails);
	/* The row cannot take itself away. */
	if (!c->fails && remote->removes) {
		struct sim_set *set = sim_pcs(s);

		sim_set_remove(set, (size_t)sim_set_find(set, c->id, NULL));
	}
	return SIM_ENDS;
}

static struct sim_result *add_result(struct sim_results *r)
{
	if (r->count == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 64;
		void *list = reallocarray(r->list, cap, sizeof(*r->list));

		if (!list)
			return NULL;
		r->list = list;
		r->cap = cap;
	}
	return &r->list[r->count++];
}

bool sim_remote_start(struct sim *s, size_t position, const struct sim_remote *remote,
		      struct sim_course *course)
{
	_cleanup_(w365_buf_done) struct w365_buf status = W365_BUF;
	struct sim_set *set = sim_pcs(s);
	struct sim_result *r = add_result(&s->results);

	if (!r)
		return false;
	*r = (struct sim_result){ .remote = remote, .state = "pending" };
	snprintf(r->pc, sizeof(r->pc), "%.63s", course->id);
	sim_stamp(s, 0, r->started);
	memcpy(r->updated, r->started, sizeof(r->updated));
	sim_item_str(set, set->items[position], "status", &status);
	/* What failed is not to be again what it was. */
	snprintf(course->was, sizeof(course->was), "%s",
		 w365_streq(w365_buf_str(&status), "failed") ? "provisioned"
							     : w365_buf_str(&status));
	course->run = run;
	course->what = remote;
	course->result = (size_t)(r - s->results.list);
	sim_failure_take(&s->courses, remote->name, course);
	return move(s, course, "pending", remote->during, false) &&
	       sim_course_begin(s, course, remote->waits);
}

void sim_act_remote(struct sim_action *a)
{
	const struct sim_remote *remote = sim_remote_find(a->operation->name);
	struct sim_call *c = a->call;
	struct sim_course course = { 0 };
	const char *obstacle;
	int status;

	snprintf(course.id, sizeof(course.id), "%s", a->id);
	obstacle = sim_remote_obstacle(c->sim, a->set, a->position, remote, &status);
	if (obstacle) {
		SIM_FAIL(c, status, status == 400 ? "BadRequest" : "Conflict", "%s", obstacle);
		return;
	}
	if (remote->prepare && !remote->prepare(a, &course))
		return;
	if (sim_remote_start(c->sim, a->position, remote, &course))
		sim_act_done(a);
	else
		sim_no_memory(c);
}
