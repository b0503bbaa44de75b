/* The name of a file as a question. */
#include "base/json.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/action.h"
#include "graph/nearest.h"
#include "graph/question.h"

#include <errno.h>

#define SHOWN_MAX 60 /* bytes of what was written that a sentence quotes */

struct reader {
	const struct graph_question *q;
	enum graph_version version;
	bool lax;
	struct graph_asked *a;
	struct w365_err *err;
};

void graph_asked_done(struct graph_asked *a)
{
	w365_buf_done(&a->item);
	w365_buf_done(&a->below);
	for (unsigned i = 0; i < a->n; i++)
		w365_buf_done(&a->arguments[i].text);
	a->n = 0;
}

/* What is wrong, and what the name looks like. */
static int wrong(const struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(const struct reader *r, const char *fmt, ...)
{
	_cleanup_(w365_buf_done) struct w365_buf what = W365_BUF, usage = W365_BUF;
	va_list ap;

	va_start(ap, fmt);
	w365_buf_addv(&what, fmt, ap);
	va_end(ap);
	graph_question_usage(&usage, r->q, r->version);
	return w365_err_set(r->err, EINVAL, "%s: %s; such a file is called %s", r->q->name,
			    w365_buf_str(&what), w365_buf_str(&usage));
}

/* ---- parts ---- */

/* Appends @s with each %XX read; @only: of those that stand for this character alone (0: all). False if a '%'
 * is followed by no two digits. */
static bool decode(struct w365_buf *out, struct w365_span s, char only)
{
	for (size_t i = 0; i < s.len; i++) {
		int high = s.p[i] == '%' && s.len - i > 2 ? w365_hex(s.p[i + 1]) : -1;
		int low = high >= 0 ? w365_hex(s.p[i + 2]) : -1;

		if (s.p[i] == '%' && low < 0 && !only)
			return false;
		if (low >= 0 && (!only || (high << 4 | low) == only)) {
			w365_buf_addc(out, (char)(high << 4 | low));
			i += 2;
		} else {
			w365_buf_addc(out, s.p[i]);
		}
	}
	return true;
}

/* The last %2F: an item's name may hold others. */
static const char *last_slash(struct w365_span s)
{
	for (size_t i = s.len; i >= 3; i--)
		if (strncasecmp(s.p + i - 3, "%2F", 3) == 0)
			return s.p + i - 3;
	return NULL;
}

static int read_item(const struct reader *r, struct w365_span part)
{
	struct w365_span below = { 0 };
	const char *slash;

	if (!part.len)
		return wrong(r, "it is about one item, which comes first");
	if (r->q->n_ids > 1) {
		slash = last_slash(part);
		if (!slash || slash == part.p || slash + 3 == part.p + part.len)
			return wrong(
				r,
				"it is about an assignment: the name of the item, %%2F, and the id of "
				"the assignment");
		below = (struct w365_span){ slash + 3, (size_t)(part.p + part.len - slash - 3) };
		part.len = (size_t)(slash - part.p);
	}
	decode(&r->a->item, part, ','); /* an entry's name keeps its own %XX */
	if (below.len && !decode(&r->a->below, below, 0))
		return wrong(r, "a %% is followed by two hexadecimal digits");
	if (below.len && w365_is_dots(w365_buf_str(&r->a->below)))
		return wrong(r, "no assignment is called . or ..");
	return 0;
}

/* ---- parameters ---- */

static int unknown(const struct reader *r, struct w365_span key)
{
	_cleanup_(w365_buf_done) struct w365_buf list = W365_BUF;
	struct graph_nearest n = { .word = key };

	for (unsigned i = 0; i < r->q->n_parameters; i++)
		graph_nearest_offer(&n, r->q->parameters[i].name);
	graph_parameters_describe(&list, r->q->parameters, r->q->n_parameters, r->version);
	return wrong(r, "it has no parameter '%.*s'%s%s%s; the parameters are: %s",
		     (int)MIN(key.len, SHOWN_MAX), key.p, n.best ? ", did you mean '" : "",
		     n.best ? n.best : "", n.best ? "'?" : "", w365_buf_str(&list));
}

static bool whole_number(const char *s)
{
	s += *s == '-';
	if (!w365_is_digit(*s) || strlen(s) > 9)
		return false;
	while (w365_is_digit(*s))
		s++;
	return !*s;
}

static bool member_of(const struct graph_enum *e, const char *s, enum graph_version version)
{
	for (const struct graph_member *m = e->members; m->name; m++)
		if ((m->versions & version) && w365_streq(m->name, s))
			return true;
	return false;
}

/* A list that is written as JSON: of texts. */
static bool list_of_texts(const struct w365_buf *text)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };

	if (w365_json_parse(&j, text->data, text->len, NULL, NULL) < 0)
		return false;
	W365_JSON_EACH (&j, 0, i)
		if (j.nodes[i].kind != W365_JSON_IS_STRING)
			return false;
	return true;
}

static bool fits(const struct reader *r, const struct graph_value *v, const struct w365_buf *text)
{
	const char *s = w365_buf_str(text);

	if (strlen(s) != text->len)
		return false; /* no value has a NUL in it */
	if (v->array)
		return *s != '[' || list_of_texts(text);
	switch (v->kind) {
	case GRAPH_VALUE_INT32: return whole_number(s);
	case GRAPH_VALUE_BOOLEAN: return w365_streq(s, "true") || w365_streq(s, "false");
	case GRAPH_VALUE_ENUM: return r->lax || member_of(v->members, s, r->version);
	default: return true;
	}
}

/* Rows are counted from none on. */
static bool negative(const struct graph_argument *a)
{
	return a->p->value.kind == GRAPH_VALUE_INT32 && a->text.len && a->text.data[0] == '-' &&
	       (w365_streq(a->p->name, "skip") || w365_streq(a->p->name, "top"));
}

static int read_argument(const struct reader *r, struct w365_span part)
{
	_cleanup_(w365_buf_done) struct w365_buf want = W365_BUF;
	const char *equals = memchr(part.p, '=', part.len);
	struct w365_span key = { part.p, equals ? (size_t)(equals - part.p) : part.len };
	const struct graph_property *p = NULL;
	struct graph_argument *a = &r->a->arguments[r->a->n];

	if (!equals)
		return wrong(r, "'%.*s' is no key=value", (int)MIN(part.len, SHOWN_MAX), part.p);
	for (unsigned i = 0; i < r->q->n_parameters; i++)
		if (w365_span_is(key, r->q->parameters[i].name) &&
		    (r->q->parameters[i].versions & r->version))
			p = &r->q->parameters[i];
	if (!p)
		return unknown(r, key);
	for (unsigned i = 0; i < r->a->n; i++)
		if (r->a->arguments[i].p == p)
			return wrong(r, "%s is there twice", p->name);
	if (r->a->n == GRAPH_ARGUMENTS_MAX)
		return wrong(r, "it has more than %d parameters", GRAPH_ARGUMENTS_MAX);
	*a = (struct graph_argument){ .p = p };
	r->a->n++;
	if (!decode(&a->text, (struct w365_span){ equals + 1, part.len - key.len - 1 }, 0))
		return wrong(r,
			     "%s: a %% is followed by two hexadecimal digits, a %% itself is %%25",
			     p->name);
	if (a->text.failed)
		return w365_err_oom(r->err);
	if (fits(r, &p->value, &a->text) && !negative(a))
		return 0;
	graph_value_describe(&want, &p->value);
	return wrong(r, "%s takes %s", p->name, w365_buf_str(&want));
}

static int missing(const struct reader *r)
{
	_cleanup_(w365_buf_done) struct w365_buf want = W365_BUF;

	for (unsigned i = 0; i < r->q->n_parameters; i++) {
		const struct graph_property *p = &r->q->parameters[i];
		bool there = !(p->flags & GRAPH_REQUIRED) || !(p->versions & r->version);

		for (unsigned k = 0; k < r->a->n; k++)
			there = there || r->a->arguments[k].p == p;
		if (there)
			continue;
		graph_value_describe(&want, &p->value);
		return wrong(r, "%s is missing, which takes %s", p->name, w365_buf_str(&want));
	}
	return 0;
}

static struct w365_span next_part(struct w365_span *rest)
{
	const char *comma = memchr(rest->p, ',', rest->len);
	struct w365_span part = { rest->p, comma ? (size_t)(comma - rest->p) : rest->len };

	if (comma)
		*rest = (struct w365_span){ comma + 1, rest->len - part.len - 1 };
	else
		*rest = (struct w365_span){ NULL, 0 };
	return part;
}

static int read_parts(const struct reader *r, struct w365_span stem)
{
	int ret = 0;

	if (r->q->n_ids)
		ret = read_item(r, next_part(&stem));
	else if (w365_span_is(stem, "all"))
		stem.p = NULL;
	while (ret == 0 && stem.p)
		ret = read_argument(r, next_part(&stem));
	return ret == 0 ? missing(r) : ret;
}

int graph_question_read(const struct graph_question *q, enum graph_version version, bool lax,
			const char *name, struct graph_asked *ret, struct w365_err *reterr)
{
	struct reader r = { q, version, lax, ret, reterr };
	bool csv = q->report && w365_ends(name, ".csv");
	const char *kind = q->download ? q->download->download : csv ? "csv" : "json";
	size_t len = strlen(name), suffix = strlen(kind) + 1;
	int error;

	if (!w365_ends(name, kind) || len <= suffix || name[len - suffix] != '.' || name[0] == '.')
		return 0;
	*ret = (struct graph_asked){ .csv = csv };
	error = read_parts(&r, (struct w365_span){ name, len - suffix });
	if (error == 0 && (ret->item.failed || ret->below.failed))
		error = w365_err_oom(reterr);
	if (error < 0)
		graph_asked_done(ret);
	return error < 0 ? error : 1;
}
