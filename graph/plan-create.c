/* A text that is a new item. */
#include "base/buf.h"
#include "base/macros.h"
#include "graph/json-same.h"
#include "graph/plan-parts.h"
#include "graph/send.h"
#include "graph/text.h"

#include <errno.h>

/* The property that names items of the family, if a new one can have it. */
static const struct graph_property *name_property(const struct graph_planning *g)
{
	const struct graph_save *s = g->save;
	const char *name = s->collection->name_from[0];
	const struct graph_property *p =
		name ? graph_property_find(g->type, name, strlen(name), s->version) : NULL;

	return p && graph_check_settable(p, true) ? p : NULL;
}

static bool missing(const struct graph_planning *g, const char *name)
{
	return graph_json_nothing(&g->text, w365_json_get(&g->text, 0, name));
}

static int check_required(struct graph_planning *g, const struct graph_property *named)
{
	_cleanup_(w365_buf_done) struct w365_buf names = W365_BUF;
	unsigned n = 0;

	for (unsigned k = 0; g->type && k < g->type->n_properties; k++) {
		const struct graph_property *p = &g->type->properties[k];

		if ((p->flags & GRAPH_REQUIRED) && (p->versions & g->save->version) && p != named &&
		    missing(g, p->name))
			w365_buf_addf(&names, "%s%s", n++ ? ", " : "", p->name);
	}
	if (!n)
		return 0;
	return w365_err_set(g->err, EINVAL, "a new item of %s needs %s too: add %s",
			    g->save->collection->name, w365_buf_str(&names), n > 1 ? "them" : "it");
}

/* Assignments are made by an action of their own, once there is an item to assign. */
static int take_assignments(struct graph_planning *g, uint32_t i)
{
	_cleanup_(graph_assign_done) struct graph_assignments a = { 0 };
	int r;

	r = graph_assign_read(&a, &g->text, i, g->assignable, g->save->version, g->err);
	if (r < 0)
		return r;
	r = graph_assign_check(&g->check, g->assignable, i, &a, NULL);
	if (r < 0)
		return r;
	if (a.n) {
		g->plan->assign = a.body;
		a.body = W365_BUF;
	}
	return 0;
}

static bool is_empty_array(const struct w365_json *j, uint32_t i)
{
	return j->nodes[i].kind == W365_JSON_IS_ARRAY && j->nodes[i].next == i + 1;
}

static int take_member(struct graph_planning *g, uint32_t i, struct w365_span key)
{
	const struct graph_property *p =
		graph_property_find(g->type, key.p, key.len, g->save->version);
	bool nothing = graph_json_nothing(&g->text, i);
	int r;

	if (p && p == g->assignable)
		return nothing ? 0 : take_assignments(g, i);
	if (p && (p->flags & GRAPH_NAVIGATION) && !nothing && !is_empty_array(&g->text, i))
		return graph_text_fail(&g->text, i, GRAPH_AT_KEY, g->err, EINVAL,
				       "cannot be set by a file: leave it out of the text");
	r = graph_check_member(&g->check, g->type, i, 0);
	if (r < 0)
		return r;
	if (!nothing && (!p || graph_check_settable(p, true)) && !graph_plan_masked(&g->text, i, p))
		graph_plan_add(g, i, p);
	return 0;
}

int graph_plan_create(struct graph_planning *g)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	const struct graph_save *s = g->save;
	const struct graph_property *named;
	const struct graph_type *t;
	int r;

	if (!graph_creatable(s->collection, s->version))
		return w365_err_set(
			g->err, EPERM, "no item of %s can be made by a file%s", s->collection->name,
			s->collection->methods[GRAPH_CREATE].acts ? ": use its actions/create"
								  : "");
	g->check.fresh = true;
	r = graph_check_type(&g->check, 0, s->collection->type, 0, &t);
	if (r < 0)
		return r;
	g->type = t ? t : s->collection->type;
	W365_JSON_EACH (&g->text, 0, i) {
		struct w365_span key = graph_json_key(&g->text, i, &spare);

		if (w365_span_is(key, GRAPH_ODATA_TYPE) &&
		    graph_type_polymorphic(s->collection->type))
			graph_plan_add(g, i, NULL);
		else if (!graph_json_annotation(key) || w365_span_is(key, GRAPH_ODATA_TYPE))
			r = take_member(g, i, key);
		if (r < 0)
			return r;
	}
	named = name_property(g);
	if (named && missing(g, named->name)) {
		graph_send_key(&g->plan->body, &g->some, named->name, named->name_len);
		w365_json_quote(&g->plan->body, s->name, strlen(s->name));
	}
	g->plan->kind = GRAPH_PLAN_CREATE;
	return check_required(g, named);
}
