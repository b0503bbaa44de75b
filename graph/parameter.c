#include "graph/parameter.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "graph/action.h"

#include <errno.h>

#define ODATA_TYPE "@odata.type"

static int check_value(const struct graph_parameter_check *c, const struct w365_json *j, uint32_t i,
		       const struct graph_value *v, bool one, const char *path,
		       struct w365_err *reterr);

/* The value as the sentence shows it: not the whole of a long one, and nothing of a secret. */
static void show(const struct graph_parameter_check *c, const struct w365_json *j, uint32_t i,
		 struct w365_buf *out)
{
	const struct w365_json_node *n = &j->nodes[i];
	bool text = n->kind == W365_JSON_IS_STRING;

	if (c->secret || n->kind >= W365_JSON_IS_ARRAY)
		w365_buf_adds(out, n->kind == W365_JSON_IS_ARRAY    ? "a list"
				   : n->kind == W365_JSON_IS_OBJECT ? "an object"
								    : "this value");
	else
		w365_buf_addf(out, "%s%.*s%s", text ? "\"" : "", (int)MIN(n->val_len, 60),
			      j->text + n->val, text ? "\"" : "");
}

static int mistyped(const struct graph_parameter_check *c, const struct w365_json *j, uint32_t i,
		    const struct graph_value *v, const char *path, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf got = W365_BUF, want = W365_BUF;

	show(c, j, i, &got);
	graph_value_describe(&want, v);
	return w365_err_set(reterr, EINVAL, "%s: %s is not what it takes: %s", path,
			    w365_buf_str(&got), w365_buf_str(&want));
}

static bool whole_number(const char *p, size_t len)
{
	long long n = 0;
	size_t i = *p == '-';

	for (; i < len; i++) {
		if (!w365_is_digit(p[i]))
			return false;
		n = n * 10 + (p[i] - '0');
		if (n > (long long)INT32_MAX + (*p == '-'))
			return false;
	}
	return true;
}

static bool member(const struct graph_enum *e, enum graph_version version, const char *s)
{
	for (const struct graph_member *m = e->members; m->name; m++)
		if ((m->versions & version) && w365_streq(m->name, s))
			return true;
	return false;
}

/* Strings that have to look like something. */
static bool fits(const struct graph_parameter_check *c, const struct graph_value *v, const char *s,
		 size_t len)
{
	struct timespec ts;
	int64_t days;

	switch (v->kind) {
	case GRAPH_VALUE_DATE: return strlen(s) == len && w365_date_parse(s, &days);
	case GRAPH_VALUE_DATETIME: return w365_time_parse(s, len, &ts);
	case GRAPH_VALUE_ENUM:
		return c->lax || (strlen(s) == len && member(v->members, c->version, s));
	default: return true;
	}
}

static int check_scalar(const struct graph_parameter_check *c, const struct w365_json *j,
			uint32_t i, const struct graph_value *v, const char *path,
			struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF_SECRET;
	const struct w365_json_node *n = &j->nodes[i];
	bool ok;

	switch (v->kind) {
	case GRAPH_VALUE_BOOLEAN:
		ok = n->kind == W365_JSON_IS_TRUE || n->kind == W365_JSON_IS_FALSE;
		break;
	case GRAPH_VALUE_INT32:
		ok = n->kind == W365_JSON_IS_NUMBER && whole_number(j->text + n->val, n->val_len);
		break;
	default:
		if (n->kind != W365_JSON_IS_STRING)
			return mistyped(c, j, i, v, path, reterr);
		w365_json_decode(&s, w365_json_raw(j, i));
		if (s.failed)
			return w365_err_oom(reterr);
		ok = fits(c, v, w365_buf_str(&s), s.len);
	}
	return ok ? 0 : mistyped(c, j, i, v, path, reterr);
}

/* Which type an object is: as declared, or what its @odata.type says. */
static int type_of(const struct graph_parameter_check *c, const struct w365_json *j, uint32_t i,
		   const struct graph_type **t, const char *path, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF, list = W365_BUF;
	uint32_t given = w365_json_get(j, i, ODATA_TYPE);
	const struct graph_type *found = NULL;

	if (!graph_type_polymorphic(*t))
		return 0;
	if (given && j->nodes[given].kind == W365_JSON_IS_STRING) {
		w365_json_decode(&s, w365_json_raw(j, given));
		found = graph_type_find(w365_buf_str(&s), s.len);
	}
	if (found && graph_type_is(found, *t) && !found->abstract &&
	    (found->versions & c->version)) {
		*t = found;
		return 0;
	}
	if (!given && !(*t)->abstract)
		return 0;
	for (unsigned k = 0; k < graph_n_types; k++)
		if (graph_type_is(graph_types[k], *t) && !graph_types[k]->abstract &&
		    (graph_types[k]->versions & c->version))
			w365_buf_addf(&list, "%s#microsoft.graph.%s", list.len ? ", " : "",
				      graph_types[k]->name);
	return w365_err_set(reterr, EINVAL, "%s%s%s; it is one of %s", path, *path ? "/" : "",
			    given ? ODATA_TYPE " is no type that may stand here"
				  : ODATA_TYPE " is missing",
			    w365_buf_str(&list));
}

bool graph_parameter_given(const struct graph_property *p, enum graph_version version, bool creates)
{
	return (p->versions & version) && !(p->flags & GRAPH_NAVIGATION) &&
	       !(creates && (p->access == GRAPH_READ_ONLY || p->access == GRAPH_UPDATE_ONLY));
}

void graph_parameter_list(struct w365_buf *out, const struct graph_property *p, unsigned n,
			  enum graph_version version, bool creates)
{
	const char *lead = "";

	for (unsigned i = 0; i < n; i++) {
		if (!graph_parameter_given(&p[i], version, creates))
			continue;
		w365_buf_addf(out, "%s%s (", lead, p[i].name);
		graph_value_describe(out, &p[i].value);
		w365_buf_addf(out, "%s)", p[i].flags & GRAPH_REQUIRED ? ", required" : "");
		lead = ", ";
	}
	if (!*lead)
		w365_buf_adds(out, "none");
}

static void join(struct w365_buf *out, const char *path, const char *name)
{
	w365_buf_addf(out, "%s%s%s", path, *path ? "/" : "", name);
}

static int check_member(const struct graph_parameter_check *c, const struct w365_json *j,
			uint32_t i, const struct graph_type *t, const char *path,
			struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf key = W365_BUF, at = W365_BUF, list = W365_BUF;
	struct graph_parameter_check inside = *c;
	const struct graph_property *p;

	w365_json_decode(&key,
			 (struct w365_span){ j->text + j->nodes[i].key, j->nodes[i].key_len });
	if (key.failed)
		return w365_err_oom(reterr);
	if (w365_streq(w365_buf_str(&key), ODATA_TYPE) && (t->base || graph_type_polymorphic(t)))
		return 0;
	p = graph_property_find(t, w365_buf_str(&key), key.len, c->version);
	if (!p && c->lax)
		return 0;
	join(&at, path, c->secret ? "…" : w365_buf_str(&key));
	if (!p || !graph_parameter_given(p, c->version, c->creates)) {
		graph_parameter_list(&list, t->properties, t->n_properties, c->version, c->creates);
		return w365_err_set(reterr, EINVAL, "%.100s: %s %s; it has %s", w365_buf_str(&at),
				    p ? "not to be set in" : "no such property in", t->name,
				    w365_buf_str(&list));
	}
	w365_buf_reset(&at);
	join(&at, path, p->name);
	inside.creates = false;
	inside.secret |= (p->flags & GRAPH_SECRET) != 0;
	if (j->nodes[i].kind == W365_JSON_IS_NULL) {
		if ((p->nullable & c->version) && !(p->flags & GRAPH_REQUIRED))
			return 0;
		return w365_err_set(reterr, EINVAL, "%s must not be null", w365_buf_str(&at));
	}
	return graph_parameter_value(&inside, j, i, &p->value, w365_buf_str(&at), reterr);
}

int graph_parameter_object(const struct graph_parameter_check *c, const struct w365_json *j,
			   uint32_t i, const struct graph_type *t, const char *path,
			   const struct graph_type **ret_type, struct w365_err *reterr)
{
	int r = type_of(c, j, i, &t, path, reterr);

	W365_JSON_EACH (j, i, child) {
		if (r < 0)
			return r;
		r = check_member(c, j, child, t, path, reterr);
	}
	for (unsigned k = 0; r == 0 && k < t->n_properties; k++) {
		const struct graph_property *p = &t->properties[k];

		if ((p->flags & GRAPH_REQUIRED) && (p->versions & c->version) &&
		    !w365_json_get(j, i, p->name))
			r = w365_err_set(reterr, EINVAL, "%s%s%s is missing: it is required", path,
					 *path ? "/" : "", p->name);
	}
	if (r == 0 && ret_type)
		*ret_type = t;
	return r;
}

static int check_value(const struct graph_parameter_check *c, const struct w365_json *j, uint32_t i,
		       const struct graph_value *v, bool one, const char *path,
		       struct w365_err *reterr)
{
	enum w365_json_kind kind = j->nodes[i].kind;

	if (v->array && !one) {
		if (kind != W365_JSON_IS_ARRAY)
			return mistyped(c, j, i, v, path, reterr);
		W365_JSON_EACH (j, i, child) {
			int r = check_value(c, j, child, v, true, path, reterr);

			if (r < 0)
				return r;
		}
		return 0;
	}
	if (v->kind == GRAPH_VALUE_OTHER)
		return 0;
	if (v->kind != GRAPH_VALUE_OBJECT)
		return check_scalar(c, j, i, v, path, reterr);
	if (kind != W365_JSON_IS_OBJECT)
		return mistyped(c, j, i, v, path, reterr);
	return graph_parameter_object(c, j, i, v->type, path, NULL, reterr);
}

int graph_parameter_value(const struct graph_parameter_check *c, const struct w365_json *j,
			  uint32_t i, const struct graph_value *v, const char *path,
			  struct w365_err *reterr)
{
	return check_value(c, j, i, v, false, path, reterr);
}

static void add_string(struct w365_buf *out, struct w365_span inside)
{
	_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF_SECRET;

	w365_json_decode(&s, inside);
	out->failed |= s.failed;
	w365_json_quote(out, w365_buf_str(&s), s.len);
}

void graph_json_compact(struct w365_buf *out, const struct w365_json *j, uint32_t i)
{
	const struct w365_json_node *n = &j->nodes[i];
	bool object = n->kind == W365_JSON_IS_OBJECT;
	const char *lead = "";

	if (n->kind == W365_JSON_IS_STRING) {
		add_string(out, w365_json_raw(j, i));
	} else if (n->kind < W365_JSON_IS_ARRAY) {
		w365_buf_add(out, j->text + n->val, n->val_len);
	} else {
		w365_buf_addc(out, object ? '{' : '[');
		W365_JSON_EACH (j, i, child) {
			w365_buf_adds(out, lead);
			if (object) {
				add_string(out, (struct w365_span){ j->text + j->nodes[child].key,
								    j->nodes[child].key_len });
				w365_buf_addc(out, ':');
			}
			graph_json_compact(out, j, child);
			lead = ",";
		}
		w365_buf_addc(out, object ? '}' : ']');
	}
}
