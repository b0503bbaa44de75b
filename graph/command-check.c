/* The parameters that a line gives, checked by the catalogue, and the body that they make. */
#include "base/macros.h"
#include "graph/check.h"
#include "graph/command-parts.h"
#include "graph/json-same.h"
#include "graph/send.h"
#include "graph/text.h"

#include <errno.h>

/* The JSON text of a word, by the type that is due. */
static void word_to_json(struct w365_buf *out, const struct graph_given *g,
			 const struct graph_value *v)
{
	bool text = !v->array && (v->kind == GRAPH_VALUE_STRING || v->kind == GRAPH_VALUE_ENUM ||
				  v->kind == GRAPH_VALUE_DATE || v->kind == GRAPH_VALUE_DATETIME);

	if (text && !g->json)
		w365_json_quote(out, w365_buf_str(&g->value), g->value.len);
	else
		w365_buf_add(out, w365_buf_str(&g->value), g->value.len);
}

static int wants(struct graph_reading *rd, const struct graph_given *g,
		 const struct graph_property *p)
{
	_cleanup_(w365_buf_done) struct w365_buf want = W365_BUF;

	graph_value_describe(&want, &p->value);
	return graph_command_fail(
		rd, EINVAL, g->at, "%s takes %s%s", p->name, w365_buf_str(&want),
		p->value.array || p->value.kind == GRAPH_VALUE_OBJECT ? ", as JSON" : "");
}

static int unknown_parameter(struct graph_reading *rd, const struct graph_given *g,
			     const struct graph_type *t)
{
	_cleanup_(w365_buf_done) struct w365_buf list = W365_BUF;
	char shown[GRAPH_QUOTE_MAX];

	graph_parameters_describe(&list, t ? t->properties : rd->a->parameters,
				  t ? t->n_properties : rd->a->n_parameters, rd->r->version);
	return graph_command_fail(
		rd, EINVAL, g->at, "there is no parameter %s; the parameters are: %s",
		rd->a->secret ? "of that name"
			      : graph_command_quote(rd, g->key.data, g->key.len, shown),
		w365_buf_str(&list));
}

/* How many things a list of ids stands for. */
static void count_targets(struct graph_reading *rd, const struct graph_property *p,
			  const struct w365_json *j, uint32_t i)
{
	unsigned n = 0;

	if (!p->value.array || p->value.kind != GRAPH_VALUE_STRING || !w365_ends(p->name, "Ids"))
		return;
	W365_JSON_EACH (j, i, child)
		n++;
	rd->c->targets = MAX(rd->c->targets, n);
}

/* What the common check of texts says begins with its place in a text that nobody has seen. */
static const char *without_place(const char *msg)
{
	const char *colon = strstr(msg, ": ");

	return w365_starts(msg, "line ") && colon ? colon + 2 : msg;
}

/* The value as the only member of an object: so the sentence has the whole path. */
static int wrap(struct graph_reading *rd, const struct graph_given *g,
		const struct graph_property *p, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf value = W365_BUF_SECRET;
	struct w365_json j = { 0 };
	int r;

	word_to_json(&value, g, &p->value);
	w365_buf_room(&value, 0);
	if (value.failed)
		return w365_err_oom(rd->err);
	r = w365_json_parse(&j, value.data, value.len, NULL, NULL);
	w365_json_done(&j);
	if (r < 0)
		return r == -ENOMEM ? w365_err_oom(rd->err) : wants(rd, g, p);
	w365_buf_addf(out, "{\"%s\":", p->name);
	w365_buf_add(out, value.data, value.len);
	w365_buf_addc(out, '}');
	return out->failed ? w365_err_oom(rd->err) : 0;
}

static int check_wrapped(struct graph_reading *rd, const struct graph_given *g,
			 const struct graph_property *p, struct w365_json *j,
			 const struct w365_buf *text)
{
	struct w365_err err = { 0 };
	struct graph_check check = {
		.text = j, .version = rd->r->version, .fresh = true, .lax = rd->r->lax, .err = &err
	};
	bool nullable = (p->nullable & rd->r->version) && !(p->flags & GRAPH_REQUIRED);
	int r = graph_text_read(j, text->data, text->len, &err);

	if (r == 0)
		r = graph_check_value(&check, &p->value, nullable, 1, 0);
	if (r < 0 && rd->a->secret)
		return wants(rd, g, p);
	return r < 0 ? graph_command_fail(rd, err.num, g->at, "%s", without_place(err.msg)) : 0;
}

static int check_given(struct graph_reading *rd, const struct graph_given *g,
		       const struct graph_property *p, bool *some, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET;
	struct w365_json j = { 0 };
	struct graph_send send = { .text = &j, .version = rd->r->version };
	int r = wrap(rd, g, p, &text);

	if (r == 0)
		r = check_wrapped(rd, g, p, &j, &text);
	if (r == 0) {
		count_targets(rd, p, &j, 1);
		graph_send_key(out, some, p->name, p->name_len);
		graph_send_value(&send, 1, p->value.type, out);
	}
	w365_json_done(&j);
	return r;
}

static const struct graph_given *find_given(const struct graph_reading *rd, const char *name)
{
	for (unsigned i = 0; i < rd->n_given; i++)
		if (w365_streq(w365_buf_str(&rd->given[i].key), name))
			return &rd->given[i];
	return NULL;
}

static int check_missing(struct graph_reading *rd, const struct graph_property *p, unsigned n)
{
	_cleanup_(w365_buf_done) struct w365_buf list = W365_BUF;

	for (unsigned i = 0; i < n; i++) {
		if (!(p[i].flags & GRAPH_REQUIRED) || !(p[i].versions & rd->r->version) ||
		    find_given(rd, p[i].name))
			continue;
		graph_value_describe(&list, &p[i].value);
		return graph_command_fail(rd, EINVAL, rd->words.end,
					  "%s is missing: add %s=…, which takes %s", p[i].name,
					  p[i].name, w365_buf_str(&list));
	}
	return 0;
}

/* Which type a new item has; its safety is that of the action. */
static int no_such_type(struct graph_reading *rd, const struct graph_given *g)
{
	_cleanup_(w365_buf_done) struct w365_buf list = W365_BUF;

	for (unsigned i = 0; i < graph_n_types; i++)
		if (graph_type_fits(graph_types[i], rd->a->creates, rd->r->version))
			w365_buf_addf(&list, "%s%s", list.len ? ", " : "", graph_types[i]->name);
	return graph_command_fail(rd, EINVAL, g ? g->at : rd->words.end,
				  GRAPH_ODATA_TYPE " %s: it is one of %s",
				  g ? "is none of these" : "is missing", w365_buf_str(&list));
}

/* Which type a new item has: by its name, which needs no prefix here. How dangerous it is follows
 * from that. */
static int type_of_new(struct graph_reading *rd, const struct graph_type **t)
{
	const struct graph_given *g = find_given(rd, GRAPH_ODATA_TYPE);
	const struct graph_type *found;
	struct w365_span s = { 0 };

	*t = rd->a->creates;
	if (!graph_type_polymorphic(*t))
		return 0;
	if (g)
		s = (struct w365_span){ w365_buf_str(&g->value), g->value.len };
	if (g && g->json && s.len >= 2 && *s.p == '"')
		s = (struct w365_span){ s.p + 1, s.len - 2 };
	found = s.len ? graph_type_find(s.p, s.len) : NULL;
	if (!graph_type_fits(found, *t, rd->r->version))
		return no_such_type(rd, g);
	*t = found;
	rd->c->safety = found->safety;
	return 0;
}

static int add_all(struct graph_reading *rd, const struct graph_type *t)
{
	struct w365_buf *out = &rd->c->body;
	bool typed = t && graph_type_polymorphic(rd->a->creates), some = false;
	int r = 0;

	w365_buf_addc(out, '{');
	if (typed)
		graph_send_type(out, &some, t);
	for (unsigned i = 0; r == 0 && i < rd->n_given; i++) {
		const struct graph_given *g = &rd->given[i];
		struct w365_span key = { w365_buf_str(&g->key), g->key.len };
		const struct graph_property *p = graph_command_parameter(rd, t, key);

		if (p)
			r = check_given(rd, g, p, &some, out);
		else if (!typed || !w365_span_is(key, GRAPH_ODATA_TYPE))
			r = unknown_parameter(rd, g, t);
	}
	w365_buf_addc(out, '}');
	if (!some)
		w365_buf_reset(out); /* no parameters, no body */
	return r;
}

int graph_command_check(struct graph_reading *rd)
{
	const struct graph_type *t = NULL;
	int r = rd->a->creates ? type_of_new(rd, &t) : 0;

	if (r == 0)
		r = add_all(rd, t);
	if (r == 0)
		r = check_missing(rd, t ? t->properties : rd->a->parameters,
				  t ? t->n_properties : rd->a->n_parameters);
	return r < 0 ? r : rd->c->body.failed ? w365_err_oom(rd->err) : 1;
}
