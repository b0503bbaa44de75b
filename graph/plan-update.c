/* A text of an item that is there. */
#include "base/macros.h"
#include "graph/json-same.h"
#include "graph/plan-parts.h"
#include "graph/send.h"
#include "graph/text.h"

#include <errno.h>

#define NAMED 5 /* properties in a sentence */

struct update {
	struct graph_planning *g;
	struct graph_side remote, spare;
	const struct w365_json *base; /* NULL: an undo, which wins over whatever has changed */
	struct w365_buf conflicts;    /* names of what both sides have changed */
	unsigned n_conflicts;
	uint32_t first_conflict, assignments; /* nodes of the text */
	struct w365_buf lost;                 /* names of the groups that are dropped */
};

static void update_done(struct update *u)
{
	graph_side_done(&u->remote);
	graph_side_done(&u->spare);
	w365_buf_done(&u->conflicts);
	w365_buf_done(&u->lost);
}

static int check_id(const struct graph_planning *g)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF, quoted = W365_BUF;
	uint32_t i = w365_json_get(&g->text, 0, "id");
	struct w365_span id;

	if (!g->save->id_len || graph_json_nothing(&g->text, i))
		return 0;
	id = graph_json_string(&g->text, i, &spare);
	if (g->text.nodes[i].kind == W365_JSON_IS_STRING && id.len == g->save->id_len &&
	    memcmp(id.p, g->save->id, id.len) == 0)
		return 0;
	graph_text_quote(&quoted, g->save->id, g->save->id_len);
	return graph_text_fail(&g->text, i, GRAPH_AT_VALUE, g->err, EINVAL,
			       "is not that of this item: restore it (%s), or remove it from the "
			       "text to mean this item",
			       w365_buf_str(&quoted));
}

static bool is_undo(const struct graph_save *s)
{
	for (unsigned k = 0; k < s->n_known; k++)
		if (s->known[k].kept && s->known[k].len == s->len &&
		    memcmp(s->known[k].text, s->text, s->len) == 0)
			return true;
	return false;
}

/* An item keeps its type; where its text does not tell, the service does. */
static int find_type(struct update *u)
{
	struct graph_planning *g = u->g;
	const struct graph_type *declared = g->save->collection->type;
	uint32_t i = w365_json_get(&g->text, 0, GRAPH_ODATA_TYPE);
	uint32_t now = w365_json_get(&u->remote.j, 0, GRAPH_ODATA_TYPE);
	int r;

	g->type = graph_send_type_of(&u->remote.j, 0, declared, g->save->version);
	if (!graph_type_polymorphic(declared) || graph_json_nothing(&g->text, i))
		return 0;
	if (!now) {
		r = graph_check_type(&g->check, 0, declared, 0, &declared);
		if (r == 0 && declared)
			g->type = declared;
		return r;
	}
	r = graph_json_same(&g->text, i, &u->remote.j, now);
	if (r < 0)
		return w365_err_oom(g->err);
	return r ? 0
		 : graph_text_fail(
			   &g->text, i, GRAPH_AT_VALUE, g->err, EINVAL,
			   "cannot be changed in an item that is there: restore it, or leave "
			   "it out of the text");
}

static void conflict(struct update *u, uint32_t i, struct w365_span key)
{
	if (!u->n_conflicts)
		u->first_conflict = i;
	if (u->n_conflicts++ < NAMED)
		w365_buf_addf(&u->conflicts, "%s%.*s", u->n_conflicts > 1 ? ", " : "",
			      (int)MIN(key.len, 64u), key.p);
}

/* ---- assignments ---- */

static int read_side(const struct graph_planning *g, const struct w365_json *j,
		     struct graph_assignments *ret)
{
	return graph_assign_read(ret, j, w365_json_get(j, 0, g->assignable->name), g->assignable,
				 g->save->version, g->err);
}

/* Whether they are to be sent; what the service has now is in @ret_remote. */
static int compare_assignments(struct update *u, uint32_t i, struct graph_assignments *text,
			       struct graph_assignments *remote)
{
	_cleanup_(graph_assign_done) struct graph_assignments base = { 0 };
	struct graph_planning *g = u->g;
	struct graph_check check = g->check;
	bool none = graph_json_nothing(&g->text, i), as_now;
	int r;

	r = graph_assign_read(text, &g->text, i, g->assignable, g->save->version, g->err);
	if (r < 0)
		return r;
	r = read_side(g, &u->remote.j, remote);
	if (r < 0)
		return r;
	as_now = remote->known && graph_assign_same(text, remote);
	if (!u->base)
		return !as_now;
	r = read_side(g, u->base, &base);
	if (r < 0)
		return r;
	if ((none || g->text.nodes[i].kind == W365_JSON_IS_ARRAY) &&
	    (as_now || graph_assign_same(text, &base)))
		return 0;
	check.fresh = true;
	check.base = NULL;
	r = none ? 0 : graph_assign_check(&check, g->assignable, i, text, &base);
	if (r < 0)
		return r;
	if (remote->known && !graph_assign_same(&base, remote))
		conflict(u, i, (struct w365_span){ g->assignable->name, g->assignable->name_len });
	return 1;
}

static int take_assignments(struct update *u, uint32_t i)
{
	_cleanup_(graph_assign_done) struct graph_assignments text = { 0 }, remote = { 0 };
	struct graph_plan *plan = u->g->plan;
	int r;

	r = compare_assignments(u, i, &text, &remote);
	if (r <= 0)
		return r;
	u->assignments = i;
	r = graph_assign_lost(&remote, &text, &u->lost);
	if (r < 0)
		return w365_err_oom(u->g->err);
	plan->dropped = (unsigned)r;
	if (!remote.known) {
		/* What is not shown cannot be seen to be lost. */
		plan->dropped++;
		w365_buf_adds(&u->lost, "which the service does not show now");
	}
	plan->assign = text.body;
	text.body = W365_BUF;
	return 0;
}

static int check_lost(struct update *u)
{
	struct graph_planning *g = u->g;
	unsigned n = g->plan->dropped;

	if (!n || g->save->destructive)
		return 0;
	return graph_text_fail(&g->text, u->assignments, GRAPH_AT_KEY, g->err, EPERM,
			       "drops %u group%s (%s), which takes %s from %s users: mount with -o "
			       "destructive=allow, or use actions/assign with confirm=",
			       n, n > 1 ? "s" : "", w365_buf_str(&u->lost),
			       g->assign->safety == GRAPH_DESTRUCTIVE ? "the Cloud PCs"
								      : "these settings",
			       n > 1 ? "their" : "its");
}

/* ---- properties ---- */

/* Of a text that is put back: what can be set, and differs. */
static int take_back(struct update *u, uint32_t i, const struct graph_property *p, uint32_t now)
{
	struct graph_planning *g = u->g;
	int r;

	if (p ? !graph_check_settable(p, false) : !g->save->lax)
		return 0;
	r = graph_json_same(&g->text, i, &u->remote.j, now);
	if (r < 0)
		return w365_err_oom(g->err);
	if (!r)
		graph_plan_add(g, i, p);
	return 0;
}

static int take_change(struct update *u, uint32_t i, struct w365_span key,
		       const struct graph_property *p, uint32_t now)
{
	struct graph_planning *g = u->g;
	uint32_t before = graph_json_member(u->base, 0, key);
	int r;

	/* What the service has itself is right, whatever the text was made from. */
	r = graph_json_same(&g->text, i, u->base, before);
	if (r == 0)
		r = graph_json_same(&g->text, i, &u->remote.j, now);
	if (r)
		return r < 0 ? w365_err_oom(g->err) : 0;
	r = graph_check_member(&g->check, g->type, i, before);
	if (r < 0)
		return r;
	r = graph_json_same(u->base, before, &u->remote.j, now);
	if (r < 0)
		return w365_err_oom(g->err);
	if (!r)
		conflict(u, i, key);
	graph_plan_add(g, i, p);
	return 0;
}

static int take_member(struct update *u, uint32_t i, struct w365_span key)
{
	struct graph_planning *g = u->g;
	const struct graph_property *p =
		graph_property_find(g->type, key.p, key.len, g->save->version);
	uint32_t now = graph_json_member(&u->remote.j, 0, key);

	if (w365_span_is(key, GRAPH_ODATA_TYPE) ? graph_type_polymorphic(g->save->collection->type)
						: graph_json_annotation(key))
		return 0;
	if (w365_span_is(key, "id") && g->save->id_len)
		return 0;
	if (p && p == g->assignable)
		return take_assignments(u, i);
	if (graph_plan_masked(&g->text, i, p))
		return 0;
	return u->base ? take_change(u, i, key, p, now) : take_back(u, i, p, now);
}

/* A polymorphic item is sent with its type, changed or not. */
static void add_type(struct update *u)
{
	struct graph_planning *g = u->g;

	if (graph_type_polymorphic(g->save->collection->type) && !g->type->abstract)
		graph_send_type(&g->plan->body, &g->some, g->type);
}

static int take_all(struct update *u)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	struct graph_planning *g = u->g;
	struct graph_plan *plan = g->plan;
	size_t begin;
	int r;

	add_type(u);
	begin = plan->body.len;
	W365_JSON_EACH (&g->text, 0, i) {
		struct w365_span key = graph_json_key(&g->text, i, &spare);

		r = spare.failed ? w365_err_oom(g->err) : take_member(u, i, key);
		if (r < 0)
			return r;
	}
	if (u->n_conflicts)
		return graph_text_fail(
			&g->text, u->first_conflict, GRAPH_AT_KEY, g->err, ESTALE,
			"was changed at the service too, after this text was read (%s%s): read the item again "
			"and repeat the change",
			w365_buf_str(&u->conflicts), u->n_conflicts > NAMED ? " and more" : "");
	if (plan->body.len == begin)
		w365_buf_reset(&plan->body);
	else if (!graph_updatable(g->save->collection, g->save->version))
		return w365_err_set(g->err, EPERM, "items of %s cannot be changed: make a new one",
				    g->save->collection->name);
	r = check_lost(u);
	if (r < 0)
		return r;
	if (plan->body.len || plan->assign.len)
		plan->kind = GRAPH_PLAN_UPDATE;
	return 0;
}

int graph_plan_update(struct graph_planning *g)
{
	_cleanup_(update_done) struct update u = { .g = g };
	const struct graph_save *s = g->save;
	int r;

	r = check_id(g);
	if (r < 0)
		return r;
	r = graph_side_read(&u.remote, s->remote, s->remote_len);
	if (r < 0)
		return r == -ENOMEM ? w365_err_oom(g->err)
				    : w365_err_set(g->err, EPROTO,
						   "the service's own text of the item is no JSON "
						   "object");
	r = find_type(&u);
	if (r < 0)
		return r;
	if (!is_undo(s)) {
		r = graph_plan_base(g, &u.remote, &u.spare, &u.base);
		if (r < 0)
			return r;
		g->check.base = u.base;
	}
	return take_all(&u);
}
