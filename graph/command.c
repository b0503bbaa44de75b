#include "graph/command-parts.h"
#include "base/json.h"
#include "base/macros.h"

#include <errno.h>

#define FOUND_MAX   4
#define WAIT_MAX_S  86400
#define CONFIRM_MAX 1024

void graph_command_done(struct graph_command *c)
{
	free(c->id);
	free(c->name);
	free(c->entry);
	free(c->confirm);
	w365_buf_done(&c->body);
	*c = (struct graph_command){ 0 };
}

/* ---- sentences ---- */

/* The error gets the verb and the column before it. */
int graph_command_fail(struct graph_reading *rd, int num, const char *at, const char *fmt, ...)
{
	_cleanup_(w365_buf_done) struct w365_buf say = W365_BUF;
	va_list ap;

	va_start(ap, fmt);
	w365_buf_addv(&say, fmt, ap);
	va_end(ap);
	return w365_err_set(rd->err, num, "%s, column %u: %s", rd->a->name,
			    graph_words_column(&rd->words, at), w365_buf_str(&say));
}

/* A piece of the line in quotes, if it may be shown. */
const char *graph_command_quote(const struct graph_reading *rd, const char *s, size_t len,
				char out[GRAPH_QUOTE_MAX])
{
	if (rd->a->secret)
		snprintf(out, GRAPH_QUOTE_MAX, "what is written there");
	else
		snprintf(out, GRAPH_QUOTE_MAX, "\"%.*s%s\"", (int)MIN(len, 80), s,
			 len > 80 ? "…" : "");
	return out;
}

const struct graph_property *graph_command_parameter(const struct graph_reading *rd,
						     const struct graph_type *t,
						     struct w365_span key)
{
	const struct graph_property *p = t ? t->properties : rd->a->parameters;
	unsigned n = t ? t->n_properties : rd->a->n_parameters;

	for (unsigned i = 0; i < n; i++)
		if (w365_span_is(key, p[i].name) && graph_parameter_given(&p[i], rd->r->version))
			return &p[i];
	return NULL;
}

/* ---- the target ---- */

static char *copy(struct w365_span s)
{
	return strndup(s.p ? s.p : "", s.len);
}

static int take_target(struct graph_reading *rd, const struct graph_found *f)
{
	rd->c->id = copy(f->id);
	rd->c->name = copy(f->name.len ? f->name : f->id);
	rd->c->entry = copy(f->entry);
	return rd->c->id && rd->c->name && rd->c->entry ? 1 : w365_err_oom(rd->err);
}

static int several(struct graph_reading *rd, const char *at, struct w365_span text,
		   const struct graph_found *f, unsigned n)
{
	_cleanup_(w365_buf_done) struct w365_buf list = W365_BUF;
	char shown[GRAPH_QUOTE_MAX];

	for (unsigned i = 0; i < MIN(n, FOUND_MAX); i++)
		w365_buf_addf(&list, "%sby-id/%.*s.json", i ? ", " : "", (int)f[i].id.len,
			      f[i].id.p);
	return graph_command_fail(
		rd, EINVAL, at, "%s fits %u items of %s: write the one that you mean, as %s%s",
		graph_command_quote(rd, text.p, text.len, shown), n, rd->a->home->name,
		w365_buf_str(&list), n > FOUND_MAX ? ", …" : "");
}

/* 1: it is taken; 0: there is none. */
static int resolve(struct graph_reading *rd, const char *at, struct w365_span text)
{
	struct graph_found found[FOUND_MAX] = { 0 };
	struct w365_err err = { 0 };
	int n = rd->r->resolve(rd->r->arg, text, found, FOUND_MAX, &err);

	if (n < 0) {
		/* What a resolver says, quotes the path; a password may have a slash in it. */
		graph_command_fail(rd, err.num, at, "%s",
				   rd->a->secret && n != -ENOMEM
					   ? "what is written there names no item"
					   : err.msg);
		return n;
	}
	if (n > 1)
		return several(rd, at, text, found, (unsigned)n);
	return n == 1 ? take_target(rd, &found[0]) : 0;
}

static int unknown_target(struct graph_reading *rd, const char *at, struct w365_span text)
{
	char shown[GRAPH_QUOTE_MAX];

	return graph_command_fail(
		rd, ENOENT, at,
		"there is no %s in %s: write a file's name as it is listed there, a path, or an id",
		rd->a->secret ? "such item" : graph_command_quote(rd, text.p, text.len, shown),
		rd->a->home->name);
}

/* ---- what the line gives ---- */

static int add_given(struct graph_reading *rd, struct w365_span key, const char *at,
		     struct graph_given **ret)
{
	struct graph_given *g = &rd->given[rd->n_given];
	char shown[GRAPH_QUOTE_MAX];

	for (unsigned i = 0; i < rd->n_given; i++)
		if (rd->given[i].key.len == key.len &&
		    memcmp(rd->given[i].key.data, key.p, key.len) == 0)
			return graph_command_fail(rd, EINVAL, at, "%s is given twice",
						  graph_command_quote(rd, key.p, key.len, shown));
	if (rd->n_given == GRAPH_GIVEN_MAX)
		return graph_command_fail(rd, EINVAL, at, "more than %d parameters",
					  GRAPH_GIVEN_MAX);
	rd->n_given++;
	*g = (struct graph_given){ .key = W365_BUF_SECRET, .value = W365_BUF_SECRET, .at = at };
	w365_buf_add(&g->key, key.p, key.len);
	w365_buf_room(&g->value, 0);
	*ret = g;
	return 0;
}

static int set_wait(struct graph_reading *rd, const char *at, const char *value)
{
	uint64_t s;

	if (!w365_parse_u64(value, &s) || s > WAIT_MAX_S)
		return graph_command_fail(rd, EINVAL, at, "wait takes whole seconds, at most %d",
					  WAIT_MAX_S);
	rd->c->waits = true;
	rd->c->wait_s = (unsigned)s;
	return 1;
}

/* What is ours, and no parameter of the action: 1; else 0. */
static int take_own(struct graph_reading *rd, struct w365_span key, const char *at,
		    const char *value)
{
	if (w365_span_is(key, "wait"))
		return rd->c->waits ? graph_command_fail(rd, EINVAL, at, "wait is given twice")
				    : set_wait(rd, at, value);
	if (!w365_span_is(key, "confirm"))
		return 0;
	if (rd->c->confirm)
		return graph_command_fail(rd, EINVAL, at, "confirm is given twice");
	rd->c->confirm = strndup(value, CONFIRM_MAX);
	return rd->c->confirm ? 1 : w365_err_oom(rd->err);
}

/* ---- the line as words ---- */

static bool takes_json(void *arg, struct w365_span key)
{
	const struct graph_reading *rd = arg;
	const struct graph_property *p = graph_command_parameter(rd, NULL, key);

	/* Of a new item only its type knows all properties, and that may stand behind them. */
	for (unsigned i = 0; !p && rd->a->creates && i < graph_n_types; i++)
		if (graph_type_is(graph_types[i], rd->a->creates))
			p = graph_command_parameter(rd, graph_types[i], key);
	return p && (p->value.array || p->value.kind == GRAPH_VALUE_OBJECT ||
		     p->value.kind == GRAPH_VALUE_OTHER);
}

static int next_word(struct graph_reading *rd, bool pairs, struct graph_word *w)
{
	struct w365_err err = { 0 };
	int r = graph_words_next(&rd->words, pairs, takes_json, rd, w, &err);

	if (r < 0)
		return w365_err_set(rd->err, err.num, "%s, %s", rd->a->name, err.msg);
	return r;
}

static int no_pair(struct graph_reading *rd, const struct graph_word *w)
{
	char shown[GRAPH_QUOTE_MAX];

	graph_command_quote(rd, w->text.data, w->text.len, shown);
	if (!rd->a->targeted)
		return graph_command_fail(rd, EINVAL, w->at,
					  "%s takes no target, and %s is no name=value",
					  rd->a->name, shown);
	return graph_command_fail(
		rd, EINVAL, w->at,
		"%s is no name=value; a target with blanks in it, and more behind it, needs quotes",
		shown);
}

/* The first word. A name that holds blanks and stands for the whole line was looked for before. */
static int word_target(struct graph_reading *rd, struct graph_word *w)
{
	struct graph_word next = { .text = W365_BUF_SECRET };
	struct w365_span key, text;
	const char *eq;
	int r = next_word(rd, false, w);

	if (r <= 0)
		return r;
	r = resolve(rd, w->at, (struct w365_span){ w->text.data, w->text.len });
	if (r != 0 && r != -ENOENT)
		return r;
	eq = memchr(w->text.data, '=', w->text.len);
	key = (struct w365_span){ w->text.data, eq ? (size_t)(eq - w->text.data) : 0 };
	if (eq && (graph_command_parameter(rd, NULL, key) || w365_span_is(key, "confirm") ||
		   w365_span_is(key, "wait")))
		return graph_command_fail(
			rd, EINVAL, w->at,
			"the target is missing: it stands before %.*s, as TARGET %.*s=…",
			(int)key.len, key.p, (int)key.len, key.p);
	if (r < 0)
		return r; /* a path that leads elsewhere; that of a parameter was none */
	/* Further words that are no pairs: the person means them all. */
	text = (struct w365_span){ w->text.data, w->text.len };
	while ((r = next_word(rd, true, &next)) > 0 && !next.key_len)
		text = (struct w365_span){ w->at, (size_t)(rd->words.p - w->at) };
	w365_buf_done(&next.text);
	return r < 0 ? r : unknown_target(rd, w->at, text);
}

static int read_words(struct graph_reading *rd)
{
	struct graph_word w = { .text = W365_BUF_SECRET };
	struct graph_given *g;
	int r = 1;

	if (rd->a->targeted && !rd->c->id)
		r = word_target(rd, &w);
	while (r > 0 && (r = next_word(rd, true, &w)) > 0) {
		struct w365_span key = { w.text.data, w.key_len };

		if (!w.key_len) {
			r = no_pair(rd, &w);
			break;
		}
		r = take_own(rd, key, w.at, w.text.data + w.key_len + 1);
		if (r != 0)
			continue;
		r = add_given(rd, key, w.at, &g);
		if (r < 0)
			break;
		w365_buf_add(&g->value, w.text.data + w.key_len + 1, w.text.len - w.key_len - 1);
		g->json = w.json;
		r = 1;
	}
	w365_buf_done(&w.text);
	return r;
}

/* ---- the line as JSON ---- */

static int json_target(struct graph_reading *rd, const struct w365_json *j)
{
	_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF;
	uint32_t i = w365_json_get(j, 0, "target");
	const char *at = rd->words.p;
	int r;

	if (!i && !rd->a->targeted)
		return 1;
	if (i)
		at = j->text + j->nodes[i].val;
	if (!rd->a->targeted)
		return graph_command_fail(rd, EINVAL, at,
					  "%s takes no target: leave \"target\" out", rd->a->name);
	if (!i)
		return graph_command_fail(rd, EINVAL, at,
					  "\"target\" is missing: a file's name, a path, or an id");
	if (j->nodes[i].kind != W365_JSON_IS_STRING)
		return graph_command_fail(rd, EINVAL, at, "\"target\" must be a string");
	w365_json_decode(&s, w365_json_raw(j, i));
	if (s.failed)
		return w365_err_oom(rd->err);
	r = resolve(rd, at, (struct w365_span){ w365_buf_str(&s), s.len });
	return r ? r : unknown_target(rd, at, (struct w365_span){ w365_buf_str(&s), s.len });
}

static int json_member(struct graph_reading *rd, const struct w365_json *j, uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf key = W365_BUF, value = W365_BUF_SECRET;
	const struct w365_json_node *n = &j->nodes[i];
	const char *at = j->text + n->val;
	bool text = n->kind == W365_JSON_IS_STRING;
	struct w365_span k;
	struct graph_given *g;
	int r;

	w365_json_decode(&key, (struct w365_span){ j->text + n->key, n->key_len });
	k = (struct w365_span){ w365_buf_str(&key), key.len };
	if (w365_span_is(k, "target"))
		return 1;
	if (w365_span_is(k, "confirm") && !text)
		return graph_command_fail(rd, EINVAL, at, "\"confirm\" must be a string");
	if (text)
		w365_json_decode(&value, w365_json_raw(j, i));
	else
		w365_buf_add(&value, at, n->val_len);
	if (key.failed || value.failed)
		return w365_err_oom(rd->err);
	r = take_own(rd, k, at, w365_buf_str(&value));
	if (r != 0)
		return r;
	r = add_given(rd, k, at, &g);
	if (r < 0)
		return r;
	w365_buf_add(&g->value, at - text, n->val_len + 2 * text); /* with its quotes */
	g->json = true;
	return 1;
}

static int read_json(struct graph_reading *rd)
{
	struct w365_json j = { 0 };
	struct w365_err err = { 0 };
	int r = w365_json_parse(&j, rd->words.p, (size_t)(rd->words.end - rd->words.p), NULL, &err);

	if (r < 0)
		r = r == -ENOMEM ? w365_err_oom(rd->err)
				 : graph_command_fail(rd, EINVAL, rd->words.p,
						      "%s (counted from here)", err.msg);
	else if (!rd->c->id)
		r = json_target(rd, &j);
	else
		r = 1;
	for (uint32_t i = 1; r > 0 && i < j.nodes[0].next; i = j.nodes[i].next)
		r = json_member(rd, &j, i);
	w365_json_done(&j);
	return r;
}

/* ---- one line ---- */

static struct w365_span trim(struct w365_span s)
{
	while (s.len && strchr(" \t\r", s.p[s.len - 1]))
		s.len--;
	while (s.len && strchr(" \t\r", *s.p)) {
		s.p++;
		s.len--;
	}
	return s;
}

/* Whether the whole line is a name: 1; 0 if not. What the resolver has to say against it is said of
 * the first word. */
static int whole_line(struct graph_reading *rd, struct w365_span line)
{
	struct graph_found found[FOUND_MAX] = { 0 };
	struct w365_span forms[] = { line, trim(line) };

	for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
		if (i && forms[1].len == line.len)
			break;
		int n = rd->r->resolve(rd->r->arg, forms[i], found, FOUND_MAX, NULL);

		if (n > 1)
			return several(rd, forms[i].p, forms[i], found, (unsigned)n);
		if (n == 1)
			return take_target(rd, &found[0]);
	}
	return 0;
}

static bool is_json(struct w365_span line)
{
	struct w365_json j = { 0 };
	bool yes = *line.p == '{' && w365_json_parse(&j, line.p, line.len, NULL, NULL) == 0;

	w365_json_done(&j);
	return yes;
}

int graph_command_read(const struct graph_command_reader *reader, const char *line, size_t len,
		       struct graph_command *ret, struct w365_err *reterr)
{
	struct graph_reading rd = { .r = reader, .a = reader->action, .c = ret, .err = reterr };
	struct w365_span text = { line, len }, bare = trim(text);
	int r = 0;

	*ret = (struct graph_command){ .body = W365_BUF_SECRET,
				       .safety = reader->action->safety,
				       .targets = 1 };
	if (!bare.len || *bare.p == '#')
		return 0;
	rd.words = (struct graph_words){
		.line = line, .p = bare.p, .end = line + len, .secret = rd.a->secret
	};
	/* What is JSON is JSON, even if somebody has given a thing that name. */
	if (rd.a->targeted && !is_json((struct w365_span){ bare.p, (size_t)(line + len - bare.p) }))
		r = whole_line(&rd, text);
	if (r > 0)
		rd.words.p = rd.words.end; /* nothing else is in it */
	else if (r == 0)
		r = *bare.p == '{' ? read_json(&rd) : read_words(&rd);
	if (r >= 0)
		r = graph_command_check(&rd);
	for (unsigned i = 0; i < rd.n_given; i++) {
		w365_buf_done(&rd.given[i].key);
		w365_buf_done(&rd.given[i].value);
	}
	if (r < 0)
		graph_command_done(ret);
	return r;
}
