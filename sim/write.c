/* POST, PATCH and DELETE of collections, items and singletons. */
#include "sim/write.h"

#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/audit.h"
#include "sim/check.h"
#include "sim/json-text.h"
#include "sim/locate.h"
#include "sim/rng.h"
#include "sim/value.h"
#include "sim/whole.h"

uint32_t sim_change_get(const struct sim_change *c, const char *name)
{
	return c->json ? w365_json_get(c->json, 0, name) : 0;
}

const char *sim_change_str(const struct sim_change *c, const char *name, struct w365_buf *out)
{
	uint32_t at = sim_change_get(c, name);

	w365_buf_reset(out);
	if (at && c->json->nodes[at].kind == W365_JSON_IS_STRING)
		w365_json_decode(out, w365_json_raw(c->json, at));
	return w365_buf_str(out);
}

const char *sim_item_str(const struct sim_set *set, const struct sim_item *item, const char *name,
			 struct w365_buf *out)
{
	int column = sim_column_find(&set->columns, (struct w365_span){ name, strlen(name) });
	struct w365_span raw = { 0 };

	w365_buf_reset(out);
	if (column >= 0)
		raw = sim_item_value(item, (size_t)column);
	if (raw.len > 2 && raw.p[0] == '"')
		w365_json_decode(out, (struct w365_span){ raw.p + 1, raw.len - 2 });
	return w365_buf_str(out);
}

const char *sim_caller_name(const struct sim_call *c)
{
	const struct sim_user *user =
		c->caller.delegated ? sim_tenant_user(&c->sim->tenant, c->caller.object_id) : NULL;

	return user ? user->upn : c->caller.client_id;
}

/* The date of the last change of @old, in units of 100 ns; 0 if it has none. */
static uint64_t last_change(const struct sim_set *set, const struct sim_item *old, int column)
{
	_cleanup_(w365_buf_done) struct w365_buf scratch = W365_BUF;
	struct sim_value v;

	if (!old)
		return 0;
	v = sim_value_read(sim_item_value(old, (size_t)column), SIM_V_TIME, &scratch);
	if (v.kind != SIM_V_TIME || v.time.tv_sec < 0)
		return 0;
	return (uint64_t)v.time.tv_sec * 10000000 + (uint64_t)v.time.tv_nsec / 100;
}

void sim_row_stamp(struct sim *s, struct sim_row *row, const struct sim_item *old)
{
	int column = sim_column_find(&row->set->columns, W365_SPAN("lastModifiedDateTime"));
	uint64_t before;
	char text[40];

	if (column < 0)
		return;
	before = last_change(row->set, old, column);
	sim_row_str(row, "lastModifiedDateTime", sim_stamp(s, before, text));
}

bool sim_item_change(struct sim *s, struct sim_set *set, size_t position,
		     void (*edit)(struct sim_row *row, void *arg), void *arg)
{
	_cleanup_(sim_row_done) struct sim_row row;
	struct sim_item *old = set->items[position], *item;

	sim_row_init(&row, set);
	sim_row_load(&row, old);
	edit(&row, arg);
	sim_row_stamp(s, &row, old);
	item = sim_row_finish(&row);
	if (item)
		sim_set_replace(set, position, item);
	return item != NULL;
}

void sim_remove_children(struct sim *s, const struct sim_set *set, const char *id)
{
	char name[128];
	const struct sim_resource *resource;
	struct sim_set *children;

	snprintf(name, sizeof(name), "%s/assignments", set->resource->name);
	resource = sim_resource_find(name);
	children = resource ? sim_set_of(s, resource) : NULL;
	for (size_t i = children ? children->count : 0; i--;) {
		const char *parent = children->items[i]->parent;

		if (parent && w365_streq(parent, id))
			sim_set_remove(children, i);
	}
}

/* What was sent, into the row. */
static void take_over(struct sim_change *c)
{
	const struct sim_columns *columns = &c->set->columns;

	W365_JSON_EACH (c->json, 0, i) {
		int column = sim_column_find(columns, sim_json_key_of(c->json, i));

		if (column >= 0)
			sim_whole_value(c->json, i, columns->props[column]->type,
					sim_row_value(c->row, columns->props[column]->name)->out);
	}
}

static bool read_body(struct sim_change *c, struct sim_payload *payload)
{
	bool makes = c->kind == SIM_CREATE;
	struct w365_err err;

	if (!sim_payload_read(c->call, false, payload))
		return false;
	c->json = &payload->json;
	if (sim_check_entity(c->json, 0, c->set->resource->type, c->call->version,
			     makes ? SIM_TO_CREATE : SIM_TO_UPDATE, &c->type, &err) == 0)
		return true;
	SIM_FAIL(c->call, 400, "BadRequest", "%s", err.msg);
	return false;
}

/* An item does not become one of another type. */
static bool check_same_type(struct sim_change *c)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	const char *name;

	if (!c->set->columns.polymorphic)
		return true;
	name = sim_item_str(c->set, c->old, "@odata.type", &text);
	if (w365_starts(name, "#microsoft.graph.") && w365_streq(name + 17, c->type->name))
		return true;
	SIM_FAIL(c->call, 400, "BadRequest", "The object is of the type '%.100s', not '%s'.", name,
		 c->type->name);
	return false;
}

static void tell(const struct sim_change *c, const struct sim_item *item)
{
	static const char *const operations[] = {
		[SIM_CREATE] = "create", [SIM_UPDATE] = "patch", [SIM_DELETE] = "delete"
	};
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF;

	sim_audit(c->call, &(struct sim_deed){
				   .operation = operations[c->kind],
				   .verb = operations[c->kind],
				   .type = c->set->resource->type,
				   .id = c->id,
				   .name = sim_item_str(c->set, item, "displayName", &name),
				   .sent = c->json,
			   });
}

/* @item: the one that is there now, or was. */
static void answer(struct sim_change *c, const struct sim_rule *rule, const struct sim_item *item)
{
	const struct sim_method *m = &c->set->resource->methods[c->kind];
	bool bodiless = m->status == 204 || (rule && rule->bodiless && c->kind == SIM_CREATE);

	if (rule && rule->after)
		rule->after(c);
	tell(c, item);
	if (bodiless) {
		c->call->reply->status = m->status;
		c->call->reply->content_type = NULL;
	} else {
		sim_read_back(c->call, m->status, item);
	}
}

/* The row's item takes its place. NULL, and answered, if there is no memory. */
static struct sim_item *settle(struct sim_change *c, ptrdiff_t position)
{
	struct sim_item *item = sim_row_finish(c->row);

	if (item && position >= 0) {
		sim_set_replace(c->set, (size_t)position, item);
		return item;
	}
	if (item && c->parent)
		item->parent = w365_arena_dup(&c->set->arena, c->parent, strlen(c->parent));
	if (item && (!c->parent || item->parent) && sim_set_add(c->set, item))
		return item;
	sim_no_memory(c->call);
	return NULL;
}

static void make(struct sim_change *c, const struct sim_rule *rule)
{
	struct sim *s = c->call->sim;
	const struct sim_item *item;

	if (rule && rule->allow && !rule->allow(c))
		return;
	sim_guid(s->config.seed, "made", ++s->made, c->id);
	sim_row_begin(c->row, c->type);
	if (c->set->columns.polymorphic) {
		char name[96];

		snprintf(name, sizeof(name), "#microsoft.graph.%s", c->type->name);
		sim_row_str(c->row, "@odata.type", name);
	}
	sim_row_str(c->row, "id", c->id);
	if (rule && rule->fill)
		rule->fill(c);
	take_over(c);
	if (rule && rule->follow)
		rule->follow(c);
	sim_row_stamp(s, c->row, NULL);
	item = settle(c, -1);
	if (item)
		answer(c, rule, item);
}

/* The position of the path's item; -1, and answered, if there is none. */
static ptrdiff_t find_item(struct sim_change *c)
{
	const struct sim_route *route = &c->call->route;
	const char *id = route->item ? route->ids[route->id_count - 1] : "";
	ptrdiff_t at =
		route->item ? sim_set_find(c->set, id, c->parent) : (ptrdiff_t)c->set->count - 1;

	if (at < 0) {
		sim_not_found(c->call, c->set->resource->name, id);
		return -1;
	}
	c->old = c->set->items[at];
	sim_item_id(c->set, c->old, c->id);
	return at;
}

static void update(struct sim_change *c, const struct sim_rule *rule)
{
	ptrdiff_t at = find_item(c);
	const struct sim_item *item;

	if (at < 0 || !check_same_type(c) || (rule && rule->allow && !rule->allow(c)))
		return;
	sim_row_load(c->row, c->old);
	take_over(c);
	if (rule && rule->follow)
		rule->follow(c);
	sim_row_stamp(c->call->sim, c->row, c->old);
	item = settle(c, at);
	if (item)
		answer(c, rule, item);
}

static void remove_item(struct sim_change *c, const struct sim_rule *rule)
{
	ptrdiff_t at = find_item(c);

	if (at < 0 || (rule && rule->allow && !rule->allow(c)))
		return;
	sim_set_remove(c->set, (size_t)at);
	sim_remove_children(c->call->sim, c->set, c->id);
	answer(c, rule, c->old);
}

void sim_write(struct sim_call *call, enum sim_method_kind kind)
{
	const struct sim_rule *rule = sim_rule_of(call->route.resource);
	_cleanup_(sim_payload_done) struct sim_payload payload = { 0 };
	_cleanup_(sim_row_done) struct sim_row row = { 0 };
	struct sim_change c = { .call = call, .kind = kind };

	c.set = sim_set_of(call->sim, call->route.resource);
	if (!c.set) {
		sim_no_memory(call);
		return;
	}
	if (kind == SIM_DELETE) {
		if (sim_locate_parents(call, &c.parent))
			remove_item(&c, rule);
		return;
	}
	/* What is wrong by itself is said before anything is looked for. */
	if (!read_body(&c, &payload) || !sim_locate_parents(call, &c.parent))
		return;
	sim_row_init(&row, c.set);
	c.row = &row;
	if (kind == SIM_CREATE && !call->route.resource->singleton)
		make(&c, rule);
	else
		update(&c, rule);
}
