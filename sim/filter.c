#include "sim/filter.h"
#include "sim/filter-tree.h"

#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"

/* Each parenthesis and each "not" is a level of our own stack. */
#define MAX_DEPTH 50

enum token {
	T_END,
	T_OPEN,
	T_CLOSE,
	T_COMMA,
	T_STRING,
	T_WORD, /* a name, a keyword, a number, a date */
	T_BAD,
};

struct parser {
	struct sim_filter *f;
	enum sim_version version;
	const char *start, *p;
	enum token token;
	struct w365_span word; /* of T_WORD; of T_STRING, decoded */
	size_t at;             /* position of the token */
	unsigned depth;
	struct w365_err *err;
};

static int syntax_error(struct parser *ps)
{
	return w365_err_set(ps->err, EINVAL,
			    "Invalid filter clause: Syntax error at position %zu in '%.200s'.",
			    ps->at, ps->start);
}

static bool word_char(char c)
{
	return w365_is_alnum(c) || (c && strchr("_.:+-@/", c));
}

/* A quoted string; '' inside stands for '. It is decoded in place: it never grows. */
static enum token read_string(struct parser *ps)
{
	char *to = ps->f->text + (ps->p - ps->start), *from = to;

	for (ps->p++; *ps->p; ps->p++) {
		if (*ps->p == '\'' && *++ps->p != '\'') {
			ps->word = (struct w365_span){ from, (size_t)(to - from) };
			return T_STRING;
		}
		*to++ = *ps->p;
	}
	return T_BAD;
}

static void next(struct parser *ps)
{
	while (*ps->p == ' ' || *ps->p == '\t')
		ps->p++;
	ps->at = (size_t)(ps->p - ps->start);
	switch (*ps->p) {
	case '\0': ps->token = T_END; return;
	case '(': ps->token = T_OPEN; break;
	case ')': ps->token = T_CLOSE; break;
	case ',': ps->token = T_COMMA; break;
	case '\'': ps->token = read_string(ps); return;
	default:
		ps->word = (struct w365_span){ ps->p, 0 };
		while (word_char(*ps->p))
			ps->p++;
		ps->word.len = (size_t)(ps->p - ps->word.p);
		ps->token = ps->word.len ? T_WORD : T_BAD;
		return;
	}
	ps->p++;
}

static bool is_word(const struct parser *ps, const char *word)
{
	return ps->token == T_WORD && w365_span_is(ps->word, word);
}

static int expect(struct parser *ps, enum token token)
{
	if (ps->token != token)
		return syntax_error(ps);
	next(ps);
	return 0;
}

static int new_node(struct parser *ps, enum sim_filter_op op, uint8_t *ret)
{
	struct sim_filter *f = ps->f;

	if (f->count == SIM_FILTER_MAX_NODES)
		return w365_err_set(
			ps->err, EINVAL,
			"Invalid filter clause: The node count limit of '%d' has been exceeded.",
			SIM_FILTER_MAX_NODES);
	*ret = f->count++;
	f->nodes[*ret] = (struct sim_filter_node){ .op = op };
	return 0;
}

static const char *kind_name(const struct sim_operand *o)
{
	static const char *const names[] = { "<null>",         "Edm.String",         "Edm.Int32",
					     "Edm.Boolean",    "Edm.DateTimeOffset", "Edm.Date",
					     "Edm.ComplexType" };

	return names[o->kind];
}

static bool read_number(struct w365_span word, double *ret)
{
	char copy[40], *end;

	if (!word.len || word.len >= sizeof(copy) || strspn(word.p, "0123456789+-.eE") < word.len ||
	    !w365_is_digit(word.p[word.p[0] == '-']))
		return false;
	memcpy(copy, word.p, word.len);
	copy[word.len] = '\0';
	*ret = strtod(copy, &end);
	return !*end;
}

/* A literal without quotes; false if the word is a name. */
static bool read_literal(struct w365_span word, struct sim_value *v)
{
	if (w365_span_is(word, "null"))
		v->kind = SIM_V_NULL;
	else if (w365_span_is(word, "true") || w365_span_is(word, "false"))
		*v = (struct sim_value){ .kind = SIM_V_BOOL, .number = word.len == 4 };
	else if (read_number(word, &v->number))
		v->kind = SIM_V_NUMBER;
	else if (sim_value_time(word, true, &v->time))
		v->kind = SIM_V_DATE;
	else if (sim_value_time(word, false, &v->time))
		v->kind = SIM_V_TIME;
	else
		return false;
	return true;
}

static int unknown_property(struct parser *ps, struct w365_span name, const struct sim_type *type)
{
	return w365_err_set(ps->err, EINVAL,
			    "Invalid filter clause: Could not find a property named '%.*s' on type "
			    "'microsoft.graph.%s'.",
			    (int)MIN(name.len, (size_t)100), name.p, type->name);
}

static int read_path(struct parser *ps, struct sim_operand *o)
{
	const struct sim_columns *c = ps->f->columns;
	const struct sim_type *type = c->type;
	const char *p = ps->word.p, *end = p + ps->word.len;
	bool first = true;

	o->is_path = true;
	while (p <= end) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		struct w365_span name = { p, (size_t)((slash ? slash : end) - p) };
		const struct sim_prop *prop = NULL;

		if (first) {
			int column = sim_column_find(c, name);

			if (column >= 0 && (c->props[column]->versions & ps->version)) {
				prop = c->props[column];
				o->column = (uint8_t)column;
			}
		} else if (type->kind >= SIM_COMPLEX && !o->collection) {
			prop = sim_prop_find(type, name, ps->version);
		}
		if (!prop)
			return unknown_property(ps, name, type);
		if (!first) {
			if (o->depth == SIM_FILTER_MAX_PATH)
				return syntax_error(ps);
			o->path[o->depth++] = prop;
			ps->f->inside |= (uint64_t)1 << o->column;
		}
		type = prop->type;
		o->collection = prop->collection;
		first = false;
		p += name.len + 1;
	}
	o->type = type;
	o->kind = sim_value_kind(type);
	return 0;
}

static int operand(struct parser *ps, struct sim_operand *o);

static bool is_text(const struct sim_operand *o)
{
	return o->kind == SIM_V_STRING && !o->collection && !(o->type && o->type->kind == SIM_ENUM);
}

/* tolower(...); once is enough. */
static int lowered(struct parser *ps, struct sim_operand *o)
{
	int r;

	next(ps);
	next(ps);
	if (is_word(ps, "tolower"))
		return syntax_error(ps);
	r = operand(ps, o);
	if (r < 0)
		return r;
	if (!is_text(o))
		return w365_err_set(ps->err, EINVAL,
				    "Invalid filter clause: No function signature for the function "
				    "with name 'tolower' matches the specified arguments.");
	o->lower = true;
	return expect(ps, T_CLOSE);
}

static int operand(struct parser *ps, struct sim_operand *o)
{
	int r;

	*o = (struct sim_operand){ 0 };
	if (ps->token == T_STRING) {
		o->kind = SIM_V_STRING;
		o->literal = (struct sim_value){ .kind = SIM_V_STRING, .text = ps->word };
	} else if (ps->token != T_WORD) {
		return syntax_error(ps);
	} else if (is_word(ps, "tolower") && *ps->p == '(') {
		return lowered(ps, o);
	} else if (read_literal(ps->word, &o->literal)) {
		o->kind = o->literal.kind;
	} else if (*ps->p == '(') {
		return w365_err_set(
			ps->err, EINVAL,
			"Invalid filter clause: An unknown function with name '%.*s' was found.",
			(int)MIN(ps->word.len, (size_t)100), ps->word.p);
	} else {
		r = read_path(ps, o);
		if (r < 0)
			return r;
	}
	next(ps);
	return 0;
}

static int check_member(struct parser *ps, const struct sim_type *type, const struct sim_value *v)
{
	if (!type || type->kind != SIM_ENUM || v->kind != SIM_V_STRING)
		return 0;
	if (sim_member_find(type, v->text))
		return 0;
	return w365_err_set(
		ps->err, EINVAL,
		"Invalid filter clause: The string '%.*s' is not a valid enumeration type constant "
		"of 'microsoft.graph.%s'.",
		(int)MIN(v->text.len, (size_t)100), v->text.p, type->name);
}

static int check_comparison(struct parser *ps, const struct sim_filter_node *n)
{
	static const char *const names[] = {
		[SIM_F_EQ] = "Equal",       [SIM_F_NE] = "NotEqual",
		[SIM_F_GT] = "GreaterThan", [SIM_F_GE] = "GreaterThanOrEqual",
		[SIM_F_LT] = "LessThan",    [SIM_F_LE] = "LessThanOrEqual"
	};
	const struct sim_operand *a = &n->a, *b = &n->b;
	bool equality = n->op == SIM_F_EQ || n->op == SIM_F_NE;
	bool null = a->kind == SIM_V_NULL || b->kind == SIM_V_NULL;
	bool fit = null ? equality : a->kind == b->kind;
	int r;

	if (a->kind == SIM_V_OTHER || b->kind == SIM_V_OTHER)
		fit = null && equality;
	if (!equality && (a->kind == SIM_V_BOOL || a->collection || b->collection))
		fit = false;
	if (a->collection && b->collection)
		fit = false;
	if (!fit)
		return w365_err_set(
			ps->err, EINVAL,
			"Invalid filter clause: A binary operator with incompatible types was "
			"detected. Found operand types '%s' and '%s' for operator kind '%s'.",
			kind_name(a), kind_name(b), names[n->op]);
	r = check_member(ps, a->type, &b->literal);
	return r < 0 ? r : check_member(ps, b->type, &a->literal);
}

static int in_list(struct parser *ps, struct sim_filter_node *n)
{
	struct sim_filter *f = ps->f;
	int r = n->a.collection || n->a.kind == SIM_V_OTHER ? syntax_error(ps) : expect(ps, T_OPEN);

	n->list = f->value_count;
	while (r == 0) {
		struct sim_operand o;

		r = operand(ps, &o);
		if (r < 0)
			return r;
		if (o.is_path || o.lower || f->value_count == SIM_FILTER_MAX_NODES)
			return syntax_error(ps);
		if (o.kind != SIM_V_NULL && o.kind != n->a.kind)
			return w365_err_set(
				ps->err, EINVAL,
				"Invalid filter clause: A value of type '%s' in a list of '%s'.",
				kind_name(&o), kind_name(&n->a));
		r = check_member(ps, n->a.type, &o.literal);
		if (r < 0)
			return r;
		f->values[f->value_count++] = o.literal;
		n->list_count++;
		if (ps->token != T_COMMA)
			return expect(ps, T_CLOSE);
		next(ps);
	}
	return r;
}

static int comparison(struct parser *ps, uint8_t *ret)
{
	static const struct {
		const char *word;
		enum sim_filter_op op;
	} ops[] = { { "eq", SIM_F_EQ }, { "ne", SIM_F_NE }, { "gt", SIM_F_GT }, { "ge", SIM_F_GE },
		    { "lt", SIM_F_LT }, { "le", SIM_F_LE }, { "in", SIM_F_IN } };
	struct sim_filter_node *n;
	int r = new_node(ps, SIM_F_TRUTH, ret);

	if (r < 0)
		return r;
	n = &ps->f->nodes[*ret];
	r = operand(ps, &n->a);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!is_word(ps, ops[i].word))
			continue;
		n->op = ops[i].op;
		next(ps);
		if (n->op == SIM_F_IN)
			return in_list(ps, n);
		r = operand(ps, &n->b);
		return r < 0 ? r : check_comparison(ps, n);
	}
	if (n->a.kind != SIM_V_BOOL || n->a.collection)
		return syntax_error(ps);
	return 0;
}

static int string_function(struct parser *ps, enum sim_filter_op op, uint8_t *ret)
{
	struct sim_filter_node *n;
	int r = new_node(ps, op, ret);

	if (r < 0)
		return r;
	n = &ps->f->nodes[*ret];
	next(ps);
	next(ps);
	r = operand(ps, &n->a);
	if (r == 0)
		r = expect(ps, T_COMMA);
	if (r == 0)
		r = operand(ps, &n->b);
	if (r < 0)
		return r;
	if (!is_text(&n->a) || !is_text(&n->b))
		return w365_err_set(ps->err, EINVAL,
				    "Invalid filter clause: No function signature for the function "
				    "matches the specified arguments: two strings are expected.");
	return expect(ps, T_CLOSE);
}

static int either(struct parser *ps, uint8_t *ret);

static int primary(struct parser *ps, uint8_t *ret)
{
	static const struct {
		const char *word;
		enum sim_filter_op op;
	} functions[] = { { "contains", SIM_F_CONTAINS },
			  { "startswith", SIM_F_STARTSWITH },
			  { "endswith", SIM_F_ENDSWITH } };
	int r;

	if (ps->token == T_OPEN) {
		next(ps);
		r = either(ps, ret);
		return r < 0 ? r : expect(ps, T_CLOSE);
	}
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (is_word(ps, functions[i].word) && *ps->p == '(')
			return string_function(ps, functions[i].op, ret);
	return comparison(ps, ret);
}

static int negation(struct parser *ps, uint8_t *ret)
{
	uint8_t inner;
	int r;

	if (!is_word(ps, "not"))
		return primary(ps, ret);
	if (++ps->depth > MAX_DEPTH)
		return syntax_error(ps);
	next(ps);
	r = negation(ps, &inner);
	ps->depth--;
	if (r == 0)
		r = new_node(ps, SIM_F_NOT, ret);
	if (r == 0)
		ps->f->nodes[*ret].left = inner;
	return r;
}

/* A chain of @next_level joined by @word. */
static int chain(struct parser *ps, const char *word, enum sim_filter_op op,
		 int (*next_level)(struct parser *, uint8_t *), uint8_t *ret)
{
	int r = next_level(ps, ret);

	while (r == 0 && is_word(ps, word)) {
		uint8_t left = *ret, right;

		next(ps);
		r = next_level(ps, &right);
		if (r == 0)
			r = new_node(ps, op, ret);
		if (r == 0) {
			ps->f->nodes[*ret].left = left;
			ps->f->nodes[*ret].right = right;
		}
	}
	return r;
}

static int both(struct parser *ps, uint8_t *ret)
{
	return chain(ps, "and", SIM_F_AND, negation, ret);
}

static int either(struct parser *ps, uint8_t *ret)
{
	int r;

	if (++ps->depth > MAX_DEPTH)
		return syntax_error(ps);
	r = chain(ps, "or", SIM_F_OR, both, ret);
	ps->depth--;
	return r;
}

int sim_filter_parse(const char *text, const struct sim_columns *columns, enum sim_version version,
		     struct sim_filter **ret, struct w365_err *reterr)
{
	struct sim_filter *f = calloc(1, sizeof(*f));
	struct parser ps = { .f = f, .version = version, .start = text, .p = text, .err = reterr };
	int r;

	if (f)
		f->text = strdup(text);
	if (!f || !f->text) {
		sim_filter_free(f);
		return w365_err_oom(reterr);
	}
	f->columns = columns;
	next(&ps);
	r = either(&ps, &f->root);
	if (r == 0 && ps.token != T_END)
		r = syntax_error(&ps);
	if (r < 0) {
		sim_filter_free(f);
		return r;
	}
	*ret = f;
	return 0;
}

struct sim_filter *sim_filter_free(struct sim_filter *f)
{
	if (f) {
		w365_json_done(&f->json);
		w365_buf_done(&f->scratch[0]);
		w365_buf_done(&f->scratch[1]);
		free(f->text);
		free(f);
	}
	return NULL;
}

uint64_t sim_filter_inside(const struct sim_filter *f)
{
	return f->inside;
}
