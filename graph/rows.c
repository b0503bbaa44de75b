#include "graph/rows.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>

enum cell_kind { CELL_ANY, CELL_NUMBER, CELL_BOOLEAN, CELL_JSON };

struct column {
	struct w365_buf name;
	enum cell_kind kind;
};

/* A page at hand. */
struct page {
	struct graph_rows *r;
	struct column *columns;
	unsigned n_columns;
	struct w365_err *err;
};

static void page_done(struct page *p)
{
	for (unsigned i = 0; i < p->n_columns; i++)
		w365_buf_done(&p->columns[i].name);
	free(p->columns);
}

void graph_rows_done(struct graph_rows *r)
{
	w365_buf_done(&r->out);
	w365_buf_done(&r->schema);
	w365_json_done(&r->json);
}

static int no_table(const struct page *p, const char *why)
{
	return w365_err_set(p->err, EPROTO, "the answer is no table: %s", why);
}

/* ---- columns ---- */

static enum cell_kind kind_of(struct w365_span type)
{
	static const struct {
		const char *name;
		enum cell_kind kind;
	} kinds[] = {
		{ "Int16", CELL_NUMBER },   { "Int32", CELL_NUMBER },    { "Int64", CELL_NUMBER },
		{ "Byte", CELL_NUMBER },    { "Single", CELL_NUMBER },   { "Double", CELL_NUMBER },
		{ "Decimal", CELL_NUMBER }, { "Boolean", CELL_BOOLEAN }, { "Json", CELL_JSON },
		{ "Object", CELL_JSON },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (w365_span_is(type, kinds[i].name))
			return kinds[i].kind;
	return CELL_ANY;
}

static int read_columns(struct page *p, uint32_t schema)
{
	const struct w365_json *j = &p->r->json;
	unsigned n = 0;

	W365_JSON_EACH (j, schema, i)
		n++;
	p->columns = calloc(n + 1, sizeof(*p->columns));
	if (!p->columns)
		return w365_err_oom(p->err);
	W365_JSON_EACH (j, schema, i) {
		uint32_t name = w365_json_get(j, i, "Column"),
			 type = w365_json_get(j, i, "PropertyType");
		struct column *c = &p->columns[p->n_columns];

		if (!name || j->nodes[name].kind != W365_JSON_IS_STRING)
			return no_table(p, "a column has no name");
		p->n_columns++;
		w365_json_decode(&c->name, w365_json_raw(j, name));
		if (c->name.failed)
			return w365_err_oom(p->err);
		if (type && j->nodes[type].kind == W365_JSON_IS_STRING)
			c->kind = kind_of(w365_json_raw(j, type));
	}
	return p->n_columns ? 0 : no_table(p, "it has no columns");
}

/* ---- cells ---- */

/* -?digits[.digits][e[+-]digits], as JSON has it. */
static bool is_number(struct w365_span s)
{
	const char *p = s.p, *end = s.p + s.len, *digits;

	p += p < end && *p == '-';
	digits = p;
	while (p < end && w365_is_digit(*p))
		p++;
	if (p == digits || (*digits == '0' && p > digits + 1))
		return false;
	if (p < end && *p == '.') {
		digits = ++p;
		while (p < end && w365_is_digit(*p))
			p++;
		if (p == digits)
			return false;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		digits = p;
		while (p < end && w365_is_digit(*p))
			p++;
		if (p == digits)
			return false;
	}
	return p == end;
}

/* Appends the object or array that a text holds, if it holds one. */
static bool add_nested(struct w365_buf *out, struct w365_span raw)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	_cleanup_(w365_json_done) struct w365_json j = { 0 };

	w365_json_decode(&text, raw);
	if (text.failed || !text.len || (text.data[0] != '{' && text.data[0] != '[') ||
	    w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0)
		return false;
	w365_buf_add(out, text.data, text.len);
	return true;
}

/* A cell as JSON. */
static void add_json(struct w365_buf *out, const struct w365_json *j, uint32_t i,
		     enum cell_kind kind)
{
	struct w365_span raw = w365_json_raw(j, i);

	if (j->nodes[i].kind != W365_JSON_IS_STRING) {
		w365_buf_add(out, raw.p, raw.len);
		return;
	}
	if (kind == CELL_NUMBER && is_number(raw)) {
		w365_buf_add(out, raw.p, raw.len);
		return;
	}
	if (kind == CELL_BOOLEAN && raw.len == 4 && strncasecmp(raw.p, "true", 4) == 0) {
		w365_buf_adds(out, "true");
		return;
	}
	if (kind == CELL_BOOLEAN && raw.len == 5 && strncasecmp(raw.p, "false", 5) == 0) {
		w365_buf_adds(out, "false");
		return;
	}
	if (kind == CELL_JSON && add_nested(out, raw))
		return;
	w365_buf_add(out, raw.p - 1, raw.len + 2); /* with its quotes */
}

/* A field of CSV: in quotes where it needs them. That is also how an empty text is told from none. */
static void add_field(struct w365_buf *out, const char *s, size_t len, bool text)
{
	bool quotes = text && !len;

	for (size_t i = 0; i < len && !quotes; i++)
		quotes = strchr(",\"\r\n", s[i]) && s[i];
	quotes = quotes || (len && (s[0] == ' ' || s[len - 1] == ' '));
	if (!quotes) {
		w365_buf_add(out, s, len);
		return;
	}
	w365_buf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"')
			w365_buf_addc(out, '"');
		w365_buf_addc(out, s[i]);
	}
	w365_buf_addc(out, '"');
}

static void add_csv(struct w365_buf *out, const struct w365_json *j, uint32_t i,
		    enum cell_kind kind)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	switch (j->nodes[i].kind) {
	case W365_JSON_IS_NULL: break;
	case W365_JSON_IS_STRING:
		w365_json_decode(&text, w365_json_raw(j, i));
		add_field(out, w365_buf_str(&text), text.len, true);
		break;
	default: add_json(&text, j, i, kind); add_field(out, w365_buf_str(&text), text.len, false);
	}
	out->failed = out->failed || text.failed;
}

/* ---- rows ---- */

static void add_header(struct page *p)
{
	struct w365_buf *out = &p->r->out;

	if (!p->r->csv) {
		w365_buf_addc(out, '[');
		return;
	}
	for (unsigned i = 0; i < p->n_columns; i++) {
		const struct w365_buf *name = &p->columns[i].name;

		if (i)
			w365_buf_addc(out, ',');
		add_field(out, w365_buf_str(name), name->len, true);
	}
	w365_buf_adds(out, "\r\n");
}

static int add_row(struct page *p, uint32_t row)
{
	const struct w365_json *j = &p->r->json;
	struct w365_buf *out = &p->r->out;
	unsigned n = 0;

	if (j->nodes[row].kind != W365_JSON_IS_ARRAY)
		return no_table(p, "a row is no array");
	if (!p->r->csv)
		w365_buf_adds(out, p->r->n ? ",{" : "{");
	W365_JSON_EACH (j, row, i) {
		const struct column *c = &p->columns[n];

		if (n++ == p->n_columns)
			return no_table(p, "a row has more cells than there are columns");
		if (n > 1)
			w365_buf_addc(out, ',');
		if (p->r->csv) {
			add_csv(out, j, i, c->kind);
			continue;
		}
		w365_json_quote(out, w365_buf_str(&c->name), c->name.len);
		w365_buf_addc(out, ':');
		add_json(out, j, i, c->kind);
	}
	if (n < p->n_columns)
		return no_table(p, "a row has fewer cells than there are columns");
	w365_buf_adds(out, p->r->csv ? "\r\n" : "}");
	p->r->n++;
	return out->failed ? w365_err_oom(p->err) : 0;
}

/* All pages are of one table. */
static int same_table(struct page *p, uint32_t schema)
{
	struct w365_span raw = w365_json_raw(&p->r->json, schema);
	struct graph_rows *r = p->r;

	if (!r->schema.len) {
		w365_buf_add(&r->schema, raw.p, raw.len);
		add_header(p);
		return 0;
	}
	if (r->schema.len == raw.len && memcmp(r->schema.data, raw.p, raw.len) == 0)
		return 0;
	return no_table(p, "its columns changed between two pages");
}

int graph_rows_add(struct graph_rows *r, const char *text, size_t len, uint64_t most,
		   uint64_t *ret_rows, uint64_t *ret_total, struct w365_err *reterr)
{
	_cleanup_(page_done) struct page p = { .r = r, .err = reterr };
	uint32_t schema, values, total;
	struct w365_err err;
	char number[24];
	int error;

	if (w365_json_parse(&r->json, text, len, NULL, &err) < 0)
		return err.num == ENOMEM ? w365_err_oom(reterr) : no_table(&p, err.msg);
	schema = w365_json_get(&r->json, 0, "Schema");
	values = w365_json_get(&r->json, 0, "Values");
	total = w365_json_get(&r->json, 0, "TotalRowCount");
	if (!schema || r->json.nodes[schema].kind != W365_JSON_IS_ARRAY || !values ||
	    r->json.nodes[values].kind != W365_JSON_IS_ARRAY)
		return no_table(&p, "it has no Schema or no Values");
	*ret_rows = 0;
	*ret_total = UINT64_MAX;
	snprintf(number, sizeof(number), "%.*s",
		 total ? (int)MIN(w365_json_raw(&r->json, total).len, sizeof(number) - 1) : 0,
		 total ? w365_json_raw(&r->json, total).p : "");
	w365_parse_u64(number, ret_total);
	error = read_columns(&p, schema);
	if (error == 0)
		error = same_table(&p, schema);
	W365_JSON_EACH (&r->json, values, row) {
		if (error == 0 && *ret_rows < most)
			error = add_row(&p, row);
		++*ret_rows;
	}
	return error == 0 && r->out.failed ? w365_err_oom(reterr) : error;
}
