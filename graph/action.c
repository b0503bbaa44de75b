#include "graph/action.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/check.h"

const struct graph_collection *graph_home_of(const char *path)
{
	const struct graph_collection *best = NULL;

	for (unsigned i = 0; i < graph_n_collections; i++) {
		const struct graph_collection *c = &graph_collections[i];
		size_t len = strlen(c->path);

		if (!c->nested && w365_starts(path, c->path) && path[len] == '/' &&
		    (!best || len > strlen(best->path)))
			best = c;
	}
	return best;
}

static bool has_secret(const struct graph_property *p, unsigned n, unsigned depth)
{
	for (unsigned i = 0; i < n; i++)
		if (p[i].access == GRAPH_READ_ONLY)
			continue; /* nobody writes it into a line */
		else if ((p[i].flags & GRAPH_SECRET) ||
			 (depth < 8 && p[i].value.type && !(p[i].flags & GRAPH_NAVIGATION) &&
			  has_secret(p[i].value.type->properties, p[i].value.type->n_properties,
				     depth + 1)))
			return true;
	return false;
}

static void from_operation(const struct graph_operation *o, const struct graph_collection *home,
			   struct graph_action *ret)
{
	*ret = (struct graph_action){
		.name = o->name,
		.home = home,
		.op = o,
		.parameters = o->parameters,
		.n_parameters = o->n_parameters,
		.note = o->note,
		.watch = o->watch,
		.permission = o->permission,
		.finish = o->finish,
		.n_finish = o->n_finish,
		.safety = o->safety,
		.targeted = strchr(o->path, '{') != NULL,
		.below = strchr(o->path, '{') != strrchr(o->path, '{'),
		.runs_on = o->runs_on,
		.secret = has_secret(o->parameters, o->n_parameters, 0),
		.deprecated = o->deprecated,
	};
}

static void from_create(const struct graph_collection *home, struct graph_action *ret)
{
	const struct graph_method *m = &home->methods[GRAPH_CREATE];

	*ret = (struct graph_action){
		.name = "create",
		.home = home,
		.creates = home->type,
		.parameters = home->type->properties,
		.n_parameters = home->type->n_properties,
		.note = m->note,
		.watch = m->finish ? m->finish->state : NULL,
		.permission = m->permission,
		.finish = m->finish,
		.n_finish = m->n_finish,
		.safety = m->safety,
		.runs_on = m->finish != NULL,
		.secret = has_secret(home->type->properties, home->type->n_properties, 0),
		.deprecated = home->deprecated,
	};
}

bool graph_action_next(const struct graph_collection *home, enum graph_version version,
		       unsigned *at, struct graph_action *ret)
{
	const struct graph_method *create = &home->methods[GRAPH_CREATE];

	while (*at <= graph_n_operations) {
		unsigned i = (*at)++; /* the creating first, then operation i - 1 */
		const struct graph_operation *o = i ? &graph_operations[i - 1] : NULL;

		if (!o && home->kind == GRAPH_COLLECTION && create->acts &&
		    (create->versions & version)) {
			from_create(home, ret);
			return true;
		}
		if (o && !o->function && o->returns.kind != GRAPH_VALUE_STREAM &&
		    (o->versions & version) && graph_home_of(o->path) == home) {
			from_operation(o, home, ret);
			return true;
		}
	}
	return false;
}

bool graph_action_find(const struct graph_collection *home, const char *name,
		       enum graph_version version, struct graph_action *ret)
{
	for (unsigned at = 0; graph_action_next(home, version, &at, ret);)
		if (w365_streq(ret->name, name))
			return true;
	return false;
}

bool graph_action_path(struct w365_buf *out, const struct graph_action *a, const char *id)
{
	const char *p = a->op ? a->op->path : a->home->path, *open;

	while ((open = strchr(p, '{'))) {
		_cleanup_(w365_buf_done) struct w365_buf part = W365_BUF;
		/* The last part is whatever is left: an id of its own may hold a slash. */
		const char *close = strchr(open, '}'), *end;

		if (!close || !id)
			return false;
		end = strchr(close, '{') ? strchr(id, '/') : id + strlen(id);
		if (!end || end == id)
			return false;
		w365_buf_add(&part, id, (size_t)(end - id));
		w365_buf_add(out, p, (size_t)(open - p));
		w365_buf_add_url(out, w365_buf_str(&part));
		p = close + 1;
		id = *end ? end + 1 : NULL;
	}
	w365_buf_adds(out, p);
	return true;
}

const char *graph_safety_name(enum graph_safety safety)
{
	static const char *const names[] = { "safe", "disruptive", "destructive" };

	return names[safety];
}

bool graph_parameter_given(const struct graph_property *p, enum graph_version version)
{
	return (p->versions & version) && graph_check_settable(p, true);
}

void graph_parameters_describe(struct w365_buf *out, const struct graph_property *p, unsigned n,
			       enum graph_version version)
{
	const char *lead = "";

	for (unsigned i = 0; i < n; i++) {
		if (!graph_parameter_given(&p[i], version))
			continue;
		w365_buf_addf(out, "%s%s (", lead, p[i].name);
		graph_value_describe(out, &p[i].value);
		w365_buf_addf(out, "%s)", p[i].flags & GRAPH_REQUIRED ? ", required" : "");
		lead = ", ";
	}
	if (!*lead)
		w365_buf_adds(out, "none");
}

void graph_value_describe(struct w365_buf *out, const struct graph_value *v)
{
	static const char *const words[] = {
		[GRAPH_VALUE_STRING] = "text",
		[GRAPH_VALUE_BOOLEAN] = "true or false",
		[GRAPH_VALUE_INT32] = "a whole number",
		[GRAPH_VALUE_DATE] = "a date (2026-11-22)",
		[GRAPH_VALUE_DATETIME] = "a time (2026-11-22T09:30:15Z)",
		[GRAPH_VALUE_STREAM] = "bytes",
		[GRAPH_VALUE_OTHER] = "JSON",
	};
	const char *lead = "";

	if (v->array)
		w365_buf_adds(out, "a list of ");
	if (v->kind == GRAPH_VALUE_OBJECT) {
		w365_buf_addf(out, "%s%s", v->array ? "" : "an object ", v->name);
		return;
	}
	if (v->kind != GRAPH_VALUE_ENUM) {
		w365_buf_adds(out, words[v->kind]);
		return;
	}
	for (const struct graph_member *m = v->members->members; m->name; m++) {
		if (w365_streq(m->name, "unknownFutureValue"))
			continue;
		w365_buf_addf(out, "%s%s", lead, m->name);
		lead = "|";
	}
}
