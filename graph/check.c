#include "graph/check.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/time.h"
#include "graph/json-same.h"
#include "graph/nearest.h"
#include "graph/text.h"

#include <errno.h>

#define LISTED      10 /* names in a sentence */
#define TYPE_PREFIX "#microsoft.graph."

/* ---- sentences ---- */

static const char *const kinds[] = {
	[W365_JSON_IS_NULL] = "null",        [W365_JSON_IS_FALSE] = "false",
	[W365_JSON_IS_TRUE] = "true",        [W365_JSON_IS_NUMBER] = "a number",
	[W365_JSON_IS_STRING] = "a string",  [W365_JSON_IS_ARRAY] = "an array",
	[W365_JSON_IS_OBJECT] = "an object",
};

static int not_of_type(const struct graph_check *c, uint32_t i, const char *wanted)
{
	return graph_text_fail(c->text, i, GRAPH_AT_VALUE, c->err, EINVAL, "must be %s, not %s",
			       wanted, kinds[c->text->nodes[i].kind]);
}

/* "a, b, c and 4 more" */
struct list {
	struct w365_buf text;
	unsigned n;
};

static void list_add(struct list *l, const char *before, const char *name)
{
	if (l->n++ < LISTED)
		w365_buf_addf(&l->text, "%s%s%s", l->n > 1 ? ", " : "", before, name);
}

static void list_done(struct list *l)
{
	w365_buf_done(&l->text);
}

static const char *list_end(struct list *l)
{
	if (l->n > LISTED)
		w365_buf_addf(&l->text, " and %u more", l->n - LISTED);
	return w365_buf_str(&l->text);
}

static enum graph_version other_version(const struct graph_check *c)
{
	return c->version == GRAPH_V1 ? GRAPH_BETA : GRAPH_V1;
}

/* ---- types ---- */

static int no_such_type(const struct graph_check *c, uint32_t i, enum graph_spot spot,
			const struct graph_type *t, const char *what)
{
	_cleanup_(list_done) struct list l = { 0 };

	for (unsigned k = 0; k < graph_n_types; k++)
		if (graph_type_fits(graph_types[k], t, c->version))
			list_add(&l, TYPE_PREFIX, graph_types[k]->name);
	return graph_text_fail(c->text, i, spot, c->err, EINVAL, "%s: write %s%s", what,
			       l.n > 1 ? "one of " : "", list_end(&l));
}

int graph_check_type(const struct graph_check *c, uint32_t i, const struct graph_type *t,
		     uint32_t base, const struct graph_type **ret)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	uint32_t at, before;
	struct w365_span name;
	const struct graph_type *said;
	int r;

	*ret = t;
	if (!graph_type_polymorphic(t))
		return 0;
	at = w365_json_get(c->text, i, GRAPH_ODATA_TYPE);
	if (graph_json_nothing(c->text, at))
		return no_such_type(c, i, GRAPH_AT_VALUE, t, "needs an \"" GRAPH_ODATA_TYPE "\"");
	if (c->text->nodes[at].kind != W365_JSON_IS_STRING)
		return not_of_type(c, at, "a string");
	name = graph_json_string(c->text, at, &spare);
	said = graph_type_find(name.p, name.len);
	*ret = said && graph_type_is(said, t) ? said : NULL;

	before = base ? w365_json_get(c->base, base, GRAPH_ODATA_TYPE) : 0;
	r = before ? graph_json_same(c->text, at, c->base, before) : 0;
	if (r)
		return r < 0 ? w365_err_oom(c->err) : 0;
	if (graph_type_fits(said, t, c->version) && name.len && name.p[0] == '#')
		return 0;
	if (!said && c->lax)
		return 0;
	return no_such_type(c, at, GRAPH_AT_VALUE, t, "is not a type that fits here");
}

/* ---- single values ---- */

static int check_enum(const struct graph_check *c, const struct graph_enum *e, uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF, quoted = W365_BUF;
	_cleanup_(list_done) struct list l = { 0 };
	struct w365_span s;
	struct graph_nearest near = { 0 };

	s = near.word = graph_json_string(c->text, i, &spare);
	for (const struct graph_member *m = e->members; m->name; m++) {
		if (!(m->versions & c->version) || w365_streq(m->name, GRAPH_FUTURE_VALUE))
			continue;
		if (w365_span_is(s, m->name))
			return 0;
		graph_nearest_offer(&near, m->name);
		list_add(&l, "", m->name);
	}
	if (c->lax)
		return 0;
	graph_text_quote(&quoted, s.p, s.len);
	return graph_text_fail(
		c->text, i, GRAPH_AT_VALUE, c->err, EINVAL,
		"cannot be %s%s%s%s: write one of %s, or mount with -o lax to send it all the same",
		w365_buf_str(&quoted), near.best ? " (did you mean " : "",
		near.best ? near.best : "", near.best ? "?)" : "", list_end(&l));
}

static bool is_int32(struct w365_span s)
{
	long long v;

	for (size_t k = s.p[0] == '-'; k < s.len; k++)
		if (!w365_is_digit(s.p[k]))
			return false;
	if (s.len > strlen("-2147483648"))
		return false;
	v = strtoll(s.p, NULL, 10); /* what follows a number in JSON ends it here too */
	return v >= INT32_MIN && v <= INT32_MAX;
}

static bool is_date(struct w365_span s)
{
	char buf[W365_TIME_MAX];
	int64_t days;

	if (s.len >= sizeof(buf) || memchr(s.p, '\0', s.len))
		return false;
	memcpy(buf, s.p, s.len);
	buf[s.len] = '\0';
	return w365_date_parse(buf, &days);
}

/* RFC 3339 wants a zone; w365_time_parse() does not. */
static bool is_time(struct w365_span s)
{
	struct timespec ts;

	return w365_time_parse(s.p, s.len, &ts) &&
	       (strchr("Zz", s.p[s.len - 1]) || (s.len > 6 && strchr("+-", s.p[s.len - 6])));
}

static int check_string(const struct graph_check *c, enum graph_value_kind kind, uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	struct w365_span s = graph_json_string(c->text, i, &spare);

	if (kind == GRAPH_VALUE_DATE && !is_date(s))
		return graph_text_fail(c->text, i, GRAPH_AT_VALUE, c->err, EINVAL,
				       "is no date: write it like 2026-11-22");
	if (kind == GRAPH_VALUE_DATETIME && !is_time(s))
		return graph_text_fail(c->text, i, GRAPH_AT_VALUE, c->err, EINVAL,
				       "is no time: write it like 2026-11-22T09:30:15Z");
	return 0;
}

static int check_members(const struct graph_check *c, uint32_t obj, const struct graph_type *t,
			 uint32_t base);

static int check_single(const struct graph_check *c, const struct graph_value *v, uint32_t i,
			uint32_t base)
{
	static const char *const wanted[] = {
		[GRAPH_VALUE_STRING] = "a string",
		[GRAPH_VALUE_DATE] = "a string with a date",
		[GRAPH_VALUE_DATETIME] = "a string with a time",
		[GRAPH_VALUE_ENUM] = "a string",
	};
	const struct w365_json_node *n = &c->text->nodes[i];
	const struct graph_type *t;
	int r;

	switch (v->kind) {
	case GRAPH_VALUE_BOOLEAN:
		return n->kind == W365_JSON_IS_TRUE || n->kind == W365_JSON_IS_FALSE
			       ? 0
			       : not_of_type(c, i, "true or false");
	case GRAPH_VALUE_INT32:
		if (n->kind != W365_JSON_IS_NUMBER)
			return not_of_type(c, i, "a whole number");
		return is_int32(w365_json_raw(c->text, i))
			       ? 0
			       : graph_text_fail(c->text, i, GRAPH_AT_VALUE, c->err, EINVAL,
						 "must be a whole number of at most 32 bits, "
						 "without point or exponent");
	case GRAPH_VALUE_STRING:
	case GRAPH_VALUE_DATE:
	case GRAPH_VALUE_DATETIME:
	case GRAPH_VALUE_ENUM:
		if (n->kind != W365_JSON_IS_STRING)
			return not_of_type(c, i, wanted[v->kind]);
		return v->kind == GRAPH_VALUE_ENUM ? check_enum(c, v->members, i)
						   : check_string(c, v->kind, i);
	case GRAPH_VALUE_OBJECT:
		if (n->kind != W365_JSON_IS_OBJECT)
			return not_of_type(c, i, "an object");
		r = graph_check_type(c, i, v->type, base, &t);
		return r < 0 ? r : check_members(c, i, t, base);
	default:
		return c->lax ? 0
			      : graph_text_fail(c->text, i, GRAPH_AT_VALUE, c->err, EINVAL,
						"is of a type that is not known here, %s: leave "
						"it out, or mount with -o lax",
						v->name);
	}
}

/* ---- containers ---- */

static int check_members(const struct graph_check *c, uint32_t obj, const struct graph_type *t,
			 uint32_t base)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	int r;

	W365_JSON_EACH (c->text, obj, i) {
		struct w365_span key = graph_json_key(c->text, i, &spare);
		bool typed = w365_span_is(key, GRAPH_ODATA_TYPE);
		uint32_t before = base ? graph_json_member(c->base, base, key) : 0;

		if (typed ? !t || graph_type_polymorphic(t) || t->base : graph_json_annotation(key))
			continue;
		r = base ? graph_json_same(c->text, i, c->base, before) : 0;
		if (r < 0)
			return w365_err_oom(c->err);
		if (r)
			continue;
		r = graph_check_member(c, t, i, before);
		if (r < 0)
			return r;
	}
	for (unsigned k = 0; t && !base && k < t->n_properties; k++) {
		const struct graph_property *p = &t->properties[k];

		if ((p->flags & GRAPH_REQUIRED) && (p->versions & c->version) &&
		    graph_json_nothing(c->text, w365_json_get(c->text, obj, p->name)))
			return graph_text_fail(c->text, obj, GRAPH_AT_VALUE, c->err, EINVAL,
					       "needs \"%s\": add it", p->name);
	}
	return 0;
}

/* What came from the service may stay, wherever in the array it is now, even if it is nothing that
 * the catalogue knows. */
static int was_there(const struct graph_check *c, uint32_t i, uint32_t base)
{
	int r = 0;

	if (base && c->base->nodes[base].kind == W365_JSON_IS_ARRAY)
		W365_JSON_EACH (c->base, base, k) {
			r = graph_json_same(c->text, i, c->base, k);
			if (r)
				break;
		}
	return r < 0 ? w365_err_oom(c->err) : r;
}

static int check_array(const struct graph_check *c, const struct graph_value *v, uint32_t array,
		       uint32_t base)
{
	struct w365_err err = { 0 };
	struct graph_check quiet = *c;
	uint32_t partner = 0;
	int r;

	quiet.err = &err;
	/* An element that was changed where it stands is compared with what stood there. */
	if (base && c->base->nodes[base].kind == W365_JSON_IS_ARRAY &&
	    graph_json_length(c->text, array) == graph_json_length(c->base, base))
		partner = base + 1;
	W365_JSON_EACH (c->text, array, i) {
		r = graph_check_value(&quiet, v, false, i, partner);
		if (r == -EINVAL && was_there(c, i, base) > 0)
			r = 0;
		if (r < 0) {
			if (c->err)
				*c->err = err;
			return r;
		}
		if (partner)
			partner = c->base->nodes[partner].next;
	}
	return 0;
}

int graph_check_value(const struct graph_check *c, const struct graph_value *v, bool nullable,
		      uint32_t i, uint32_t base)
{
	struct graph_value element = *v;

	if (c->text->nodes[i].kind == W365_JSON_IS_NULL)
		return nullable ? 0
				: graph_text_fail(c->text, i, GRAPH_AT_VALUE, c->err, EINVAL,
						  "cannot be null: give it a value, or leave it "
						  "out");
	if (!v->array)
		return check_single(c, v, i, base);
	if (c->text->nodes[i].kind != W365_JSON_IS_ARRAY)
		return not_of_type(c, i, "an array");
	element.array = false;
	return check_array(c, &element, i, base);
}

/* ---- members ---- */

bool graph_check_settable(const struct graph_property *p, bool fresh)
{
	static const struct {
		bool fresh, later;
	} when[] = {
		[GRAPH_AS_CONTAINER] = { true, true }, [GRAPH_READ_ONLY] = { false, false },
		[GRAPH_READ_WRITE] = { true, true },   [GRAPH_CREATE_ONLY] = { true, false },
		[GRAPH_UPDATE_ONLY] = { false, true }, [GRAPH_WRITE_ONLY] = { true, true },
	};

	return !(p->flags & GRAPH_NAVIGATION) &&
	       (fresh ? when[p->access].fresh : when[p->access].later);
}

static int not_settable(const struct graph_check *c, uint32_t i, const struct graph_property *p)
{
	return graph_text_fail(c->text, i, GRAPH_AT_KEY, c->err, EINVAL,
			       "%s: restore it, or leave it out of the text",
			       p->access == GRAPH_CREATE_ONLY
				       ? "can be set only when the item is made"
				       : "is read-only");
}

static int unknown(const struct graph_check *c, const struct graph_type *t, uint32_t i,
		   struct w365_span key)
{
	struct graph_nearest near = { .word = key };

	if (c->lax)
		return 0;
	if (w365_span_is(key, GRAPH_ODATA_TYPE))
		return graph_text_fail(c->text, i, GRAPH_AT_KEY, c->err, EINVAL,
				       "belongs only where a value may be of several types: "
				       "leave it out");
	if (graph_property_find(t, key.p, key.len, other_version(c)))
		return graph_text_fail(c->text, i, GRAPH_AT_KEY, c->err, EINVAL,
				       "is not in %s of the API: leave it out, or mount with "
				       "--api=%s",
				       graph_version_name(c->version),
				       graph_version_name(other_version(c)));
	for (unsigned k = 0; k < t->n_properties; k++)
		if (t->properties[k].versions & c->version)
			graph_nearest_offer(&near, t->properties[k].name);
	return graph_text_fail(c->text, i, GRAPH_AT_KEY, c->err, EINVAL,
			       "is no property of %s%s%s%s: correct it, leave it out, or mount "
			       "with -o lax to send it all the same",
			       t->name, near.best ? " (did you mean " : "",
			       near.best ? near.best : "", near.best ? "?)" : "");
}

int graph_check_member(const struct graph_check *c, const struct graph_type *t, uint32_t i,
		       uint32_t base)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	struct w365_span key = graph_json_key(c->text, i, &spare);
	const struct graph_property *p;

	if (!t)
		return 0;
	p = graph_property_find(t, key.p, key.len, c->version);
	if (!p)
		return unknown(c, t, i, key);
	/* A clone has much that a new object cannot have: it is left out when it is sent. */
	if (c->fresh && (graph_json_nothing(c->text, i) || !graph_check_settable(p, true)))
		return 0;
	if (!graph_check_settable(p, c->fresh))
		return not_settable(c, i, p);
	return graph_check_value(c, &p->value, p->nullable & c->version, i, base);
}
