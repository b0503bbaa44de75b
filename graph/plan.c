#include "graph/plan.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/json-same.h"
#include "graph/plan-parts.h"
#include "graph/send.h"
#include "graph/text.h"

#include <errno.h>

/* ---- what the catalogue allows ---- */

const struct graph_operation *graph_assign_of(const struct graph_collection *c,
					      enum graph_version v)
{
	for (unsigned i = 0; i < graph_n_operations; i++) {
		const struct graph_operation *o = &graph_operations[i];

		if (o->bound == c->type && !o->collection && !o->function && (o->versions & v) &&
		    w365_streq(o->name, "assign"))
			return o;
	}
	return NULL;
}

bool graph_updatable(const struct graph_collection *c, enum graph_version v)
{
	return c->methods[GRAPH_UPDATE].versions & v;
}

bool graph_creatable(const struct graph_collection *c, enum graph_version v)
{
	return (c->methods[GRAPH_CREATE].versions & v) && !c->methods[GRAPH_CREATE].acts;
}

bool graph_deletable(const struct graph_collection *c, enum graph_version v)
{
	return c->methods[GRAPH_DELETE].versions & v;
}

/* ---- making a plan ---- */

void graph_plan_add(struct graph_planning *g, uint32_t i, const struct graph_property *p)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	struct graph_send send = { .text = &g->text,
				   .version = g->save->version,
				   .fresh = g->check.fresh };
	struct w365_span key = graph_json_key(&g->text, i, &spare);

	graph_send_key(&g->plan->body, &g->some, key.p, key.len);
	graph_send_value(&send, i, p ? p->value.type : NULL, &g->plan->body);
}

bool graph_plan_masked(const struct w365_json *j, uint32_t i, const struct graph_property *p)
{
	return p && p->access == GRAPH_WRITE_ONLY && j->nodes[i].kind == W365_JSON_IS_STRING &&
	       j->nodes[i].val_len == 0;
}

static void planning_done(struct graph_planning *g)
{
	w365_json_done(&g->text);
}

int graph_plan_make(const struct graph_save *s, struct graph_plan *ret, struct w365_err *reterr)
{
	_cleanup_(graph_plan_done) struct graph_plan plan = { .body = W365_BUF_SECRET };
	_cleanup_(planning_done) struct graph_planning g = {
		.save = s,
		.type = s->collection->type,
		.plan = &plan,
		.err = reterr,
		.check = { .version = s->version, .lax = s->lax, .err = reterr },
	};
	int r;

	g.check.text = &g.text;
	g.assign = graph_assign_of(s->collection, s->version);
	g.assignable = graph_assign_property(g.type, g.assign, s->version);
	r = graph_text_read(&g.text, s->text, s->len, reterr);
	if (r < 0) {
		if (r == -ENODATA && reterr)
			reterr->num = EINVAL;
		return r == -ENODATA ? -EINVAL : r;
	}
	w365_buf_addc(&plan.body, '{');
	r = s->name ? graph_plan_create(&g) : graph_plan_update(&g);
	if (r < 0)
		return r;
	if (plan.body.len)
		w365_buf_addc(&plan.body, '}');
	if (plan.body.failed || plan.assign.failed)
		return w365_err_oom(reterr);
	*ret = plan;
	plan = (struct graph_plan){ 0 };
	return 0;
}

void graph_plan_done(struct graph_plan *p)
{
	w365_buf_done(&p->body);
	w365_buf_done(&p->assign);
	*p = (struct graph_plan){ 0 };
}
