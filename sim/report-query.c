/* POST of a report: which of its rows, which of their columns, in which order. */
#include <errno.h>
#include <stdlib.h>

#include "sim/check.h"
#include "sim/locate.h"
#include "sim/query.h"
#include "sim/report.h"

#define USUAL_TOP 50 /* of reports that say nothing of it */

/** What the body asks for, read. */
struct request {
	struct sim_action *action;
	const struct sim_report *report;
	const struct sim_set *set;
	uint64_t limit; /* no more rows, whatever is asked for */
	uint8_t columns[SIM_MAX_COLUMNS];
	size_t column_count;
	bool grouped;
	struct sim_query query; /* its filter and orders alone */
	struct w365_buf search;
	uint64_t skip, top;
	uint32_t *lines, *counts; /* positions in the set; so many rows each stands for */
	size_t count;
	struct w365_err err;
};

static void request_done(struct request *r)
{
	sim_query_done(&r->query);
	w365_buf_done(&r->search);
	free(r->lines);
	free(r->counts);
}

/* By the action, and by what its reportName or reportType says. */
static const struct sim_report *find_report(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf value = W365_BUF;
	const struct sim_report *report;

	if (sim_act_get(a, "reportName"))
		sim_act_str(a, "reportName", &value);
	else if (sim_act_get(a, "reportType"))
		sim_act_str(a, "reportType", &value);
	report = sim_report_find(a->operation->name, w365_buf_str(&value));
	if (!report)
		SIM_FAIL(a->call, 400, "BadRequest", "'%.100s' is no report of '%s'.",
			 w365_buf_str(&value), a->operation->name);
	return report;
}

static int find_column(struct request *r, struct w365_span name, uint8_t *ret)
{
	int column = sim_column_find(&r->set->columns, name);

	if (column < 0)
		return w365_err_set(&r->err, EINVAL, "The report has no column '%.*s'.",
				    (int)MIN(name.len, (size_t)100), name.p);
	*ret = (uint8_t)column;
	return 0;
}

/* The elements of a parameter that is a list of strings; none if it was not given. */
static uint32_t list_of(const struct request *r, const char *name)
{
	uint32_t at = sim_act_get(r->action, name);

	return at && r->action->json->nodes[at].kind == W365_JSON_IS_ARRAY ? at : 0;
}

static bool has_column(const uint8_t *columns, size_t count, uint8_t column)
{
	return memchr(columns, column, count) != NULL;
}

/* Reads a list of columns, each once. */
static int read_columns(struct request *r, const char *name, uint8_t *columns, size_t *count)
{
	const struct w365_json *j = r->action->json;
	uint32_t list = list_of(r, name);

	*count = 0;
	if (!list)
		return 0;
	W365_JSON_EACH (j, list, i) {
		uint8_t column = 0;
		int e = find_column(r, w365_json_raw(j, i), &column);

		if (e < 0)
			return e;
		if (has_column(columns, *count, column))
			return w365_err_set(&r->err, EINVAL, "'%s' has the column '%s' twice.",
					    name, r->set->columns.props[column]->name);
		columns[(*count)++] = column;
	}
	return 0;
}

static int read_select(struct request *r)
{
	uint8_t groups[SIM_MAX_COLUMNS];
	size_t group_count;
	int e = read_columns(r, "select", r->columns, &r->column_count);

	if (e == 0)
		e = read_columns(r, "groupBy", groups, &group_count);
	if (e < 0)
		return e;
	r->grouped = group_count > 0;
	for (size_t i = 0; i < group_count; i++)
		if (!has_column(r->columns, r->column_count, groups[i]))
			group_count = 0;
	if (r->grouped && group_count != r->column_count)
		return w365_err_set(&r->err, EINVAL,
				    "'groupBy' must have the same columns as 'select'.");
	if (r->column_count)
		return 0;
	for (size_t i = 0; i < r->set->columns.count; i++)
		r->columns[r->column_count++] = (uint8_t)i;
	return 0;
}

static int add_order(struct request *r, struct w365_span text)
{
	const char *space = memchr(text.p, ' ', text.len);
	struct w365_span name = { text.p, space ? (size_t)(space - text.p) : text.len };
	struct w365_span word = { name.p + name.len, text.len - name.len };
	struct sim_order *order = &r->query.orders[r->query.order_count];
	int e;

	if (r->query.order_count == SIM_MAX_ORDERS)
		return w365_err_set(&r->err, EINVAL, "'orderBy' has too many columns.");
	while (word.len && *word.p == ' ') {
		word.p++;
		word.len--;
	}
	order->descending = w365_span_is(word, "desc");
	if (word.len && !order->descending && !w365_span_is(word, "asc"))
		return w365_err_set(&r->err, EINVAL, "'orderBy' has '%.*s' behind a column.",
				    (int)MIN(word.len, (size_t)50), word.p);
	e = find_column(r, name, &order->column);
	if (e < 0)
		return e;
	if (r->grouped && !has_column(r->columns, r->column_count, order->column))
		return w365_err_set(&r->err, EINVAL,
				    "'orderBy' has a column that is not selected.");
	r->query.order_count++;
	return 0;
}

static int read_orders(struct request *r)
{
	const struct w365_json *j = r->action->json;
	uint32_t list = list_of(r, "orderBy");
	const char *usual = r->report->order;
	int e = 0;

	if (list)
		W365_JSON_EACH (j, list, i) {
			e = add_order(r, w365_json_raw(j, i));
			if (e < 0)
				return e;
		}
	if (!r->query.order_count && usual && !r->grouped)
		e = add_order(r, (struct w365_span){ usual, strlen(usual) });
	return e;
}

/* Reports know times as datetime'...' too, and without a zone or an hour; the filter wants them whole.
 */
static void whole_times(const char *text, struct w365_buf *out)
{
	for (const char *p = text; *p;) {
		bool typed = strncasecmp(p, "datetime'", 9) == 0;
		const char *t = typed ? p + 9 : p;
		size_t n = strspn(t, "0123456789-:.TZ");
		bool starts = p == text || !w365_is_alnum(p[-1]);

		if (*p == '\'') { /* a string stays as it is */
			do
				w365_buf_addc(out, *p++);
			while (*p && *p != '\'');
			if (*p)
				w365_buf_addc(out, *p++);
		} else if (starts && n >= 10 && t[4] == '-' && t[7] == '-') {
			w365_buf_add(out, t, n);
			if (n == 10)
				w365_buf_adds(out, "T00:00:00");
			if (t[n - 1] != 'Z')
				w365_buf_addc(out, 'Z');
			p = t + n + (typed && t[n] == '\'');
		} else {
			w365_buf_addc(out, *p++);
		}
	}
}

static int read_filter(struct request *r)
{
	_cleanup_(w365_buf_done) struct w365_buf given = W365_BUF, text = W365_BUF;
	int e;

	whole_times(sim_act_str(r->action, "filter", &given), &text);
	if (text.failed)
		return w365_err_oom(&r->err);
	if (!text.len)
		return 0;
	e = sim_filter_parse(text.data, &r->set->columns, SIM_BETA, &r->query.filter, &r->err);
	if (e == 0 && !sim_filter_is_plain(r->query.filter))
		e = w365_err_set(
			&r->err, EINVAL,
			"Invalid filter clause: reports know and, or, lt, le, gt, ge and eq.");
	return e;
}

static int read_number(struct request *r, const char *name, uint64_t usual, uint64_t *ret)
{
	uint32_t at = sim_act_get(r->action, name);
	const struct w365_json *j = r->action->json;
	long long v;

	*ret = usual;
	if (!at || j->nodes[at].kind != W365_JSON_IS_NUMBER)
		return 0;
	v = strtoll(w365_json_raw(j, at).p, NULL, 10);
	if (v < 0)
		return w365_err_set(&r->err, EINVAL, "'%s' must not be negative.", name);
	*ret = (uint64_t)v;
	return 0;
}

static int read_window(struct request *r)
{
	const struct sim_report *report = r->report;
	int e = read_number(r, "skip", 0, &r->skip);

	if (e == 0)
		e = read_number(r, "top", report->usual_top ? report->usual_top : USUAL_TOP,
				&r->top);
	if (e == 0 && report->max_top && r->top > report->max_top)
		e = w365_err_set(&r->err, EINVAL, "'top' must not be more than %u.",
				 report->max_top);
	/* Where no page says how many there may be, the rest is left out without a word. */
	r->top = MIN(r->top, r->limit);
	return e;
}

/* Is the text in one of the row's strings, whatever its case? */
static bool is_found(const struct request *r, const struct sim_item *item)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	if (!r->search.len)
		return true;
	for (size_t i = 0; i < r->set->columns.count; i++) {
		struct w365_span raw = sim_item_value(item, i);

		if (r->set->columns.props[i]->type != &sim_cell_string || raw.len < 3 ||
		    *raw.p != '"')
			continue;
		w365_buf_reset(&text);
		w365_json_decode(&text, (struct w365_span){ raw.p + 1, raw.len - 2 });
		if (strcasestr(w365_buf_str(&text), r->search.data))
			return true;
	}
	return false;
}

/* Rows that are alike in the selected columns stand together, whatever else orders them. */
static int compare_selected(const struct request *r, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < r->column_count; i++) {
		struct w365_span x = sim_item_value(r->set->items[a], r->columns[i]);
		struct w365_span y = sim_item_value(r->set->items[b], r->columns[i]);
		int order = memcmp(x.p, y.p, MIN(x.len, y.len));

		if (order || x.len != y.len)
			return order ? order : (x.len > y.len) - (x.len < y.len);
	}
	return 0;
}

static int compare_lines(const void *a, const void *b, void *arg)
{
	const struct request *r = arg;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int order =
		sim_query_compare(&r->query, &r->set->columns, r->set->items[i], r->set->items[k]);

	if (!order && r->grouped)
		order = compare_selected(r, i, k);
	return order ? order : (i > k) - (i < k);
}

static int select_lines(struct request *r)
{
	const struct sim_set *set = r->set;
	size_t n = 0;

	r->lines = calloc(set->count + 1, sizeof(*r->lines));
	r->counts = calloc(set->count + 1, sizeof(*r->counts));
	if (!r->lines || !r->counts)
		return w365_err_oom(&r->err);
	for (size_t i = 0; i < set->count; i++)
		if ((!r->query.filter || sim_filter_matches(r->query.filter, set->items[i])) &&
		    is_found(r, set->items[i]))
			r->lines[r->count++] = (uint32_t)i;
	if (r->query.order_count || r->grouped)
		qsort_r(r->lines, r->count, sizeof(*r->lines), compare_lines, r);
	if (!r->grouped)
		return 0;
	for (size_t i = 0; i < r->count; i++) {
		if (!n || compare_selected(r, r->lines[n - 1], r->lines[i]) != 0)
			r->lines[n++] = r->lines[i];
		r->counts[n - 1]++;
	}
	r->count = n;
	return 0;
}

static int read_request(struct request *r)
{
	int e = read_select(r);

	if (e == 0)
		e = read_orders(r);
	if (e == 0)
		e = read_filter(r);
	if (e == 0)
		e = read_window(r);
	sim_act_str(r->action, "search", &r->search);
	return e == 0 ? select_lines(r) : e;
}

void sim_act_report(struct sim_action *a)
{
	_cleanup_(request_done) struct request r = { .action = a,
						     .report = find_report(a),
						     .limit = a->call->sim->page_size };
	size_t from, n;
	int e;

	if (!r.report)
		return;
	r.set = sim_report_rows(a->call->sim, r.report);
	e = r.set ? read_request(&r) : -ENOMEM;
	if (e == -ENOMEM) {
		sim_no_memory(a->call);
	} else if (e < 0) {
		SIM_FAIL(a->call, 400, "BadRequest", "%s", r.err.msg);
	} else {
		from = MIN(r.skip, r.count);
		n = MIN(r.top, r.count - from);
		sim_report_answer(a->call, r.set, r.columns, r.column_count, r.lines + from,
				  r.grouped ? r.counts + from : NULL, n, r.count);
	}
}

/* A cell as CSV has it: nothing for null, quotes where they are needed. */
static void add_csv(const struct sim_set *set, size_t line, size_t column, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf raw = W365_BUF, text = W365_BUF;

	sim_report_cell(set, line, column, &raw);
	if (raw.len > 1 && raw.data[0] == '"')
		w365_json_decode(&text, (struct w365_span){ raw.data + 1, raw.len - 2 });
	else if (!w365_streq(w365_buf_str(&raw), "null"))
		w365_buf_add(&text, raw.data, raw.len);
	if (!strpbrk(w365_buf_str(&text), ",\"\r\n")) {
		w365_buf_add(out, w365_buf_str(&text), text.len);
		return;
	}
	w365_buf_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '"')
			w365_buf_addc(out, '"');
		w365_buf_addc(out, text.data[i]);
	}
	w365_buf_addc(out, '"');
}

int sim_report_csv(struct sim *s, const struct sim_report *report, const struct w365_json *json,
		   struct w365_buf *out, struct w365_err *reterr)
{
	struct sim_action action = { .json = json };
	_cleanup_(request_done) struct request r = { .action = &action,
						     .report = report,
						     .set = sim_report_rows(s, report) };
	int e = r.set ? read_request(&r) : w365_err_oom(&r.err);

	if (e < 0) {
		if (reterr)
			*reterr = r.err;
		return e;
	}
	for (size_t i = 0; i < r.column_count; i++)
		w365_buf_addf(out, "%s%s", i ? "," : "", r.set->columns.props[r.columns[i]]->name);
	w365_buf_adds(out, "\r\n");
	for (size_t n = 0; n < r.count; n++)
		for (size_t i = 0; i < r.column_count; i++) {
			add_csv(r.set, r.lines[n], r.columns[i], out);
			w365_buf_adds(out, i + 1 < r.column_count ? "," : "\r\n");
		}
	return out->failed ? w365_err_oom(reterr) : 0;
}
