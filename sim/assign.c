/* The action "assign": the set of groups that a policy or a user setting is for, as a whole. */
#include <stdio.h>

#include "base/macros.h"
#include "sim/action.h"
#include "sim/locate.h"
#include "sim/policy-actions.h"
#include "sim/rng.h"
#include "sim/whole.h"
#include "sim/write.h"

/** What an assignment is for; two of a set never have the same. */
struct target {
	struct w365_buf group, plan;
};

static void target_done(struct target *t)
{
	w365_buf_done(&t->group);
	w365_buf_done(&t->plan);
}

static void member(const struct w365_json *j, uint32_t object, const char *name,
		   struct w365_buf *out)
{
	uint32_t at = w365_json_get(j, object, name);

	w365_buf_reset(out);
	if (at && j->nodes[at].kind == W365_JSON_IS_STRING)
		w365_json_decode(out, w365_json_raw(j, at));
}

static void read_target(const struct w365_json *j, uint32_t target, struct target *ret)
{
	member(j, target, "groupId", &ret->group);
	member(j, target, "servicePlanId", &ret->plan);
}

static bool same(const struct target *a, const struct target *b)
{
	return strcasecmp(w365_buf_str(&a->group), w365_buf_str(&b->group)) == 0 &&
	       strcasecmp(w365_buf_str(&a->plan), w365_buf_str(&b->plan)) == 0;
}

/* Is the target of @item the same? */
static bool item_is(const struct sim_set *set, const struct sim_item *item, const struct target *t)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	_cleanup_(target_done) struct target own = { 0 };
	int column = sim_column_find(&set->columns, W365_SPAN("target"));
	struct w365_span raw = sim_item_value(item, (size_t)column);

	w365_buf_add(&text, raw.p, raw.len);
	if (!text.len || w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0)
		return false;
	read_target(&j, 0, &own);
	return same(&own, t);
}

static const struct sim_item *find_old(const struct sim_set *set, const char *parent,
				       const struct target *t)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct sim_item *item = set->items[i];

		if (item->parent && w365_streq(item->parent, parent) && item_is(set, item, t))
			return item;
	}
	return NULL;
}

/* Each is for a group, and none for the same as another. False, and answered, if not so. */
static bool check(struct sim_action *a, uint32_t list)
{
	const struct w365_json *j = a->json;
	unsigned n = 0;

	W365_JSON_EACH (j, list, i) {
		_cleanup_(target_done) struct target one = { 0 };

		read_target(j, w365_json_get(j, i, "target"), &one);
		if (!w365_is_guid(w365_buf_str(&one.group))) {
			SIM_FAIL(a->call, 400, "BadRequest",
				 "The property 'assignments[%u].target.groupId' must be the id of "
				 "a group.",
				 n);
			return false;
		}
		for (uint32_t k = j->nodes[i].next; k < j->nodes[list].next; k = j->nodes[k].next) {
			_cleanup_(target_done) struct target other = { 0 };

			read_target(j, w365_json_get(j, k, "target"), &other);
			if (!same(&one, &other))
				continue;
			SIM_FAIL(a->call, 400, "BadRequest",
				 "The property 'assignments[%u].target' is there more than once.",
				 n);
			return false;
		}
		n++;
	}
	return true;
}

/* As the service makes them: a policy's own and the group's, but for Frontline's. */
static void new_id(struct sim_action *a, const struct target *t, char out[80])
{
	struct sim *s = a->call->sim;
	_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF;

	if (sim_column_find(&a->set->columns, W365_SPAN("provisioningType")) >= 0 &&
	    !w365_starts(
		    sim_item_str(a->set, a->set->items[a->position], "provisioningType", &type),
		    "shared"))
		snprintf(out, 80, "%.36s_%.36s", a->id, w365_buf_str(&t->group));
	else
		sim_guid(s->config.seed, "made", ++s->made, out);
}

static bool add(struct sim_action *a, struct sim_row *row, const struct sim_item *old,
		uint32_t target, const struct target *t)
{
	char id[80];

	if (old) {
		sim_row_load(row, old);
	} else {
		sim_row_begin(row, row->set->columns.type);
		new_id(a, t, id);
		sim_row_str(row, "id", id);
		if (sim_column_find(&row->set->columns, W365_SPAN("createdDateTime")) >= 0)
			sim_row_time(row, "createdDateTime", sim_now(a->call->sim));
	}
	sim_whole_value(a->json, target,
			sim_type_find(W365_SPAN("cloudPcManagementAssignmentTarget")),
			sim_row_value(row, "target")->out);
	return sim_row_add(row, a->id);
}

/* The groups of the assignments from the @from-th on, as words. */
static void list_groups(const struct sim_set *set, size_t from, size_t to, const char *parent,
			struct w365_buf *out)
{
	for (size_t i = from; i < to; i++) {
		const struct sim_item *item = set->items[i];
		int column = sim_column_find(&set->columns, W365_SPAN("target"));
		struct w365_span raw = sim_item_value(item, (size_t)column);
		const char *at = memmem(raw.p, raw.len, "\"groupId\":\"", 11);

		if (at && item->parent && w365_streq(item->parent, parent))
			w365_buf_addf(out, "%s%.36s", out->len ? " " : "", at + 11);
	}
}

static void nothing(struct sim_row *row, void *arg)
{
}

void sim_act_assign(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf old = W365_BUF, new = W365_BUF;
	_cleanup_(sim_row_done) struct sim_row row = { 0 };
	struct sim *s = a->call->sim;
	uint32_t list = sim_act_get(a, "assignments");
	struct sim_set *children;
	size_t before;
	char name[128];

	snprintf(name, sizeof(name), "%s/assignments", a->set->resource->name);
	children = sim_set_of(s, sim_resource_find(name));
	if (!children) {
		sim_no_memory(a->call);
		return;
	}
	if (!check(a, list))
		return;
	before = children->count;
	sim_row_init(&row, children);
	W365_JSON_EACH (a->json, list, i) {
		_cleanup_(target_done) struct target t = { 0 };
		uint32_t target = w365_json_get(a->json, i, "target");

		read_target(a->json, target, &t);
		if (!add(a, &row, find_old(children, a->id, &t), target, &t)) {
			sim_set_truncate(children, before);
			sim_no_memory(a->call);
			return;
		}
	}
	list_groups(children, 0, before, a->id, &old);
	list_groups(children, before, children->count, a->id, &new);
	for (size_t i = before; i--;)
		if (children->items[i]->parent && w365_streq(children->items[i]->parent, a->id))
			sim_set_remove(children, i);
	sim_item_change(s, a->set, a->position, nothing, NULL);
	sim_policy_regrouped(s, a->id, w365_buf_str(&old), w365_buf_str(&new));
	sim_act_done(a);
}
