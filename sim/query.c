#include "sim/query.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/macros.h"
#include "sim/value.h"

struct reader {
	const struct sim_set *set;
	enum sim_version version;
	uint64_t token_key;
	struct sim_query *q;
	struct w365_err *err;
};

static int column_of(const struct reader *r, struct w365_span name, uint8_t *ret)
{
	const struct sim_columns *c = &r->set->columns;
	int column = sim_column_find(c, name);

	if (column < 0 || !(c->props[column]->versions & r->version) || name.p[0] == '@')
		return w365_err_set(
			r->err, EINVAL,
			"Parsing OData Select and Expand failed: Could not find a property named "
			"'%.*s' on type 'microsoft.graph.%s'.",
			(int)MIN(name.len, (size_t)100), name.p, c->type->name);
	*ret = (uint8_t)column;
	return 0;
}

/* The next piece between commas, without the spaces around it. False at the end. */
static bool next_piece(const char **p, struct w365_span *ret)
{
	const char *end;

	if (!*p)
		return false;
	*p += strspn(*p, " ");
	end = *p + strcspn(*p, ",");
	*ret = (struct w365_span){ *p, (size_t)(end - *p) };
	while (ret->len && ret->p[ret->len - 1] == ' ')
		ret->len--;
	*p = *end ? end + 1 : NULL;
	return true;
}

static int bad_value(const struct reader *r, const char *option, const char *value)
{
	return w365_err_set(r->err, EINVAL, "Invalid value '%.200s' for %s query option found.",
			    value, option);
}

static int read_select(const struct reader *r, const char *value)
{
	struct w365_span name;

	for (const char *p = value; next_piece(&p, &name);) {
		uint8_t column = 0;
		int e;

		if (!name.len)
			return w365_err_set(r->err, EINVAL,
					    "Parsing OData Select and Expand failed: Syntax "
					    "error at position %zu in '%.200s'.",
					    (size_t)(name.p - value), value);
		e = column_of(r, name, &column);
		if (e < 0)
			return e;
		r->q->select |= (uint64_t)1 << column;
	}
	r->q->selected = true;
	return 0;
}

static int read_expand(const struct reader *r, const char *value)
{
	const struct sim_type *type = r->set->resource->type;
	struct w365_span name = { value, strcspn(value, "(/,") };
	const struct sim_prop *prop = sim_prop_find(type, name, r->version);

	if (!prop || !(prop->flags & SIM_NAV))
		return w365_err_set(
			r->err, EINVAL,
			"Parsing OData Select and Expand failed: Could not find a property named "
			"'%.100s' on type 'microsoft.graph.%s'.",
			value, type->name);
	if (value[name.len])
		return bad_value(r, "$expand", value);
	r->q->expand = true;
	return 0;
}

static int read_order(const struct reader *r, struct w365_span piece, struct sim_order *order)
{
	const char *space = memchr(piece.p, ' ', piece.len);
	struct w365_span name = { piece.p, space ? (size_t)(space - piece.p) : piece.len };
	struct w365_span word = W365_SPAN("asc");
	const struct sim_prop *prop;
	int e;

	if (space) {
		word.p = space + strspn(space, " ");
		word.len = (size_t)(piece.p + piece.len - word.p);
	}
	order->descending = w365_span_is(word, "desc");
	if (!name.len || (!order->descending && !w365_span_is(word, "asc")))
		return -EBADMSG;
	e = column_of(r, name, &order->column);
	if (e < 0)
		return e;
	prop = r->set->columns.props[order->column];
	if (prop->collection || sim_value_kind(prop->type) == SIM_V_OTHER)
		return w365_err_set(r->err, EINVAL, "The $orderby expression '%s' has no order.",
				    prop->name);
	return 0;
}

static int read_orderby(const struct reader *r, const char *value)
{
	struct w365_span piece;

	for (const char *p = value; next_piece(&p, &piece);) {
		int e = -EBADMSG;

		if (r->q->order_count < SIM_MAX_ORDERS)
			e = read_order(r, piece, &r->q->orders[r->q->order_count++]);
		if (e == -EBADMSG)
			return w365_err_set(
				r->err, EINVAL,
				"Invalid orderby clause: Syntax error at position %zu in '%.200s'.",
				(size_t)(piece.p - value), value);
		if (e < 0)
			return e;
	}
	return 0;
}

static int read_filter(const struct reader *r, const char *value)
{
	return sim_filter_parse(value, &r->set->columns, r->version, &r->q->filter, r->err);
}

static int read_top(const struct reader *r, const char *value)
{
	return w365_parse_u64(value, &r->q->top) && r->q->top <= INT32_MAX
		       ? 0
		       : bad_value(r, "$top", value);
}

static int read_skip(const struct reader *r, const char *value)
{
	return w365_parse_u64(value, &r->q->skip) && r->q->skip <= INT32_MAX
		       ? 0
		       : bad_value(r, "$skip", value);
}

static int read_count(const struct reader *r, const char *value)
{
	r->q->count = w365_streq(value, "true");
	return r->q->count || w365_streq(value, "false") ? 0 : bad_value(r, "$count", value);
}

static int read_skiptoken(const struct reader *r, const char *value)
{
	return sim_skiptoken_read(value, r->set, r->token_key, &r->q->position)
		       ? 0
		       : bad_value(r, "$skiptoken", value);
}

/* bit 0: the server's own, good wherever there are pages; all bits: known, and documented nowhere
 * here. */
static const struct {
	const char *name;
	unsigned bit;
	int (*read)(const struct reader *r, const char *value);
} options[] = {
	{ "$select", SIM_OPT_SELECT, read_select },
	{ "$filter", SIM_OPT_FILTER, read_filter },
	{ "$count", SIM_OPT_COUNT, read_count },
	{ "$top", SIM_OPT_TOP, read_top },
	{ "$skip", SIM_OPT_SKIP, read_skip },
	{ "$orderby", SIM_OPT_ORDERBY, read_orderby },
	{ "$expand", SIM_OPT_EXPAND, read_expand },
	{ "$skiptoken", 0, read_skiptoken },
	{ "$search", ~0u, NULL },
	{ "$format", ~0u, NULL },
	{ "$apply", ~0u, NULL },
	{ "$compute", ~0u, NULL },
	{ "$deltatoken", ~0u, NULL },
};

static int read_option(const struct reader *r, unsigned allowed, const struct sim_pair *pair)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (w365_streq(pair->name, options[i].name + 1))
			return w365_err_set(r->err, EINVAL,
					    "The query option '%s' must be written '%s'.",
					    pair->name, options[i].name);
		if (!w365_streq(pair->name, options[i].name))
			continue;
		if (options[i].bit & ~allowed)
			return w365_err_set(r->err, EINVAL,
					    "Query option '%s' is not allowed on '%s' (no page "
					    "documents it there).",
					    pair->name, r->set->resource->name);
		return options[i].read(r, pair->value);
	}
	if (pair->name[0] == '$')
		return w365_err_set(r->err, EINVAL,
				    "The query parameter '%.100s' begins with a system-reserved "
				    "'$' character but is not recognized.",
				    pair->name);
	return 0; /* somebody's own: OData lets it pass */
}

int sim_query_read(const struct sim_form *form, unsigned allowed, const struct sim_set *set,
		   enum sim_version version, uint64_t token_key, struct sim_query *ret,
		   struct w365_err *reterr)
{
	struct sim_query q = { .top = UINT64_MAX, .position = UINT64_MAX };
	struct reader r = { set, version, token_key, &q, reterr };
	int e = 0;

	for (size_t i = 0; i < form->count && e == 0; i++)
		e = read_option(&r, allowed, &form->pairs[i]);
	if (e < 0) {
		sim_query_done(&q);
		if (reterr) {
			reterr->http = 400;
			snprintf(reterr->code, sizeof(reterr->code), "BadRequest");
		}
		return e;
	}
	*ret = q;
	return 0;
}

void sim_query_done(struct sim_query *q)
{
	q->filter = sim_filter_free(q->filter);
}

/* A seal, so that a token that somebody made up or changed is refused. Not against an attacker. */
static uint64_t seal(uint64_t position, const struct sim_set *set, uint64_t token_key)
{
	const char *name = set->resource->name;

	return w365_hash(name, strlen(name), token_key ^ position * 0x9e3779b97f4a7c15u);
}

void sim_skiptoken(struct w365_buf *out, uint64_t position, const struct sim_set *set,
		   uint64_t token_key)
{
	uint64_t words[2] = { position, seal(position, set, token_key) };

	words[0] ^= words[1]; /* opaque to the eye as well */
	w365_base64url(out, words, sizeof(words));
}

bool sim_skiptoken_read(const char *token, const struct sim_set *set, uint64_t token_key,
			uint64_t *ret_position)
{
	_cleanup_(w365_buf_done) struct w365_buf raw = W365_BUF, again = W365_BUF;
	uint64_t words[2];

	if (!w365_base64_decode(&raw, token, strlen(token)) || raw.len != sizeof(words))
		return false;
	memcpy(words, raw.data, sizeof(words));
	words[0] ^= words[1];
	if (words[1] != seal(words[0], set, token_key))
		return false;
	/* Base64 of 16 bytes has four bits to spare: one spelling alone is right. */
	sim_skiptoken(&again, words[0], set, token_key);
	*ret_position = words[0];
	return w365_streq(w365_buf_str(&again), token);
}

int sim_query_compare(const struct sim_query *q, const struct sim_columns *c,
		      const struct sim_item *a, const struct sim_item *b)
{
	_cleanup_(w365_buf_done) struct w365_buf scratch_a = W365_BUF, scratch_b = W365_BUF;

	for (unsigned i = 0; i < q->order_count; i++) {
		uint8_t column = q->orders[i].column;
		enum sim_value_kind kind = sim_value_kind(c->props[column]->type);
		struct sim_value va = sim_value_read(sim_item_value(a, column), kind, &scratch_a);
		struct sim_value vb = sim_value_read(sim_item_value(b, column), kind, &scratch_b);
		int order = sim_value_compare(&va, &vb);

		if (order)
			return q->orders[i].descending ? -order : order;
	}
	return 0;
}
