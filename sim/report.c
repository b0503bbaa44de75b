/* Reports as streams: rows written out, and those that are asked for by GET. */
#include "sim/report-rows.h"

#include "sim/locate.h"
#include "sim/remote.h"
#include "sim/write.h"

/* The kinds decide how cells compare; what they are called is their PropertyType. */
#define CELL(id, shown, sort)                                                   \
	const struct sim_type sim_cell_##id = { shown, sort, SIM_V1 | SIM_BETA, \
						false, NULL, NULL,              \
						0,     NULL, 0 }

CELL(string, "String", SIM_STRING);
CELL(int32, "Int32", SIM_INT32);
CELL(int64, "Int64", SIM_INT32);
CELL(double, "Double", SIM_INT32);
CELL(time, "DateTime", SIM_DATETIME);
CELL(json, "Json", SIM_COMPLEX);

/* What goes on in the world goes on in a collection. */
static uint64_t count_changes(const struct sim *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < sim_resource_count; i++)
		n += s->sets[i].changes;
	return n;
}

const struct sim_set *sim_report_rows(struct sim *s, const struct sim_report *report)
{
	struct sim_report_rows *r = &s->report;
	const struct sim_resource resource = { .name = report->columns->name,
					       .type = report->columns };
	_cleanup_(sim_row_done) struct sim_row row = { 0 };

	if (r->report == report && r->changes == count_changes(s))
		return &r->rows;
	r->report = NULL;
	sim_set_done(&r->rows);
	sim_set_init(&r->rows, &resource);
	r->rows.resource = NULL; /* it ends here */
	sim_row_init(&row, &r->rows);
	if (!report->fill(s, &row))
		return NULL;
	/* Only now: what the rows are made of may have been made for them. */
	r->changes = count_changes(s);
	r->report = report;
	return &r->rows;
}

static void write_schema(struct w365_jw *j, const char *column, const char *type)
{
	w365_jw_open(j, '{');
	w365_jw_pair(j, "Column", column);
	w365_jw_pair(j, "PropertyType", type);
	w365_jw_close(j, '}');
}

void sim_report_cell(const struct sim_set *set, size_t line, size_t column, struct w365_buf *out)
{
	struct w365_span raw = sim_item_value(set->items[line], column);

	if (set->columns.props[column]->type->kind == SIM_DATETIME && raw.len > 3 &&
	    raw.p[raw.len - 2] == 'Z') {
		w365_buf_add(out, raw.p, raw.len - 2);
		w365_buf_addc(out, '"');
	} else if (raw.len) {
		w365_buf_add(out, raw.p, raw.len);
	} else {
		w365_buf_adds(out, "null");
	}
}

void sim_report_answer(struct sim_call *c, const struct sim_set *set, const uint8_t *columns,
		       size_t column_count, const uint32_t *lines, const uint32_t *counts,
		       size_t line_count, size_t total)
{
	struct w365_buf *out = &c->reply->body;
	struct w365_jw j = { .out = out, .compact = true };

	c->reply->status = 200;
	c->reply->content_type = "application/octet-stream";
	w365_jw_open(&j, '{');
	w365_jw_pair_uint(&j, "TotalRowCount", total);
	w365_jw_key(&j, "Schema");
	w365_jw_open(&j, '[');
	if (counts)
		write_schema(&j, "__Count", "Int32");
	for (size_t i = 0; i < column_count; i++) {
		const struct sim_prop *prop = set->columns.props[columns[i]];

		write_schema(&j, prop->name, prop->type->name);
	}
	w365_jw_close(&j, ']');
	w365_jw_key(&j, "Values");
	w365_jw_open(&j, '[');
	for (size_t n = 0; n < line_count; n++) {
		w365_buf_adds(out, n ? ",[" : "[");
		if (counts)
			w365_buf_addf(out, "%u%s", counts[n], column_count ? "," : "");
		for (size_t i = 0; i < column_count; i++) {
			if (i)
				w365_buf_addc(out, ',');
			sim_report_cell(set, lines[n], columns[i], out);
		}
		w365_buf_addc(out, ']');
	}
	w365_jw_close(&j, ']');
	w365_jw_close(&j, '}');
}

SIM_COLUMNS(latency, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("RoundTripTimeInMs", double), SIM_CELL("AvailableBandwidthInMBps", double),
	    SIM_CELL("RemoteSignInTimeInSec", double));

SIM_COLUMNS(status, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("SignInStatus", string), SIM_CELL("DaysSinceLastSignIn", int64));

static bool add_latency(const struct sim_report_pc *pc, struct sim_row *row)
{
	struct sim_rng r = sim_rng(pc->rng.state, "latency", 0);

	sim_row_str(row, "CloudPcId", pc->id);
	sim_row_copy(row, "ManagedDeviceName", pc, "managedDeviceName");
	sim_row_double(row, "RoundTripTimeInMs", sim_rng_between(&r, 8, 420));
	sim_row_double(row, "AvailableBandwidthInMBps", sim_rng_between(&r, 1, 800) / 64.0);
	sim_row_double(row, "RemoteSignInTimeInSec", sim_rng_between(&r, 4000, 31000) / 1000.0);
	return sim_row_add(row, NULL);
}

static bool add_status(const struct sim_report_pc *pc, struct sim_row *row)
{
	unsigned day = 0;

	while (day < SIM_USAGE_DAYS && sim_usage(pc, day) <= 0)
		day++;
	sim_row_str(row, "CloudPcId", pc->id);
	sim_row_copy(row, "ManagedDeviceName", pc, "managedDeviceName");
	sim_row_str(row, "SignInStatus",
		    day == 0 && sim_has_issue(pc, "signed in", 20) ? "SignedIn"
		    : day < SIM_USAGE_DAYS                         ? "NotSignedIn"
								   : "NeverSignedIn");
	if (day < SIM_USAGE_DAYS)
		sim_row_int(row, "DaysSinceLastSignIn", day);
	return sim_row_add(row, NULL);
}

/* One line of the Cloud PC that is asked for; none before it has a machine. */
static void of_one(struct sim_function *f, const struct sim_type *columns, sim_pc_rows_fn *fn)
{
	const struct sim_resource resource = { .name = columns->name, .type = columns };
	static const uint8_t all[] = { 0, 1, 2, 3, 4 };
	_cleanup_(sim_set_done) struct sim_set rows = { 0 };
	_cleanup_(sim_row_done) struct sim_row row = { 0 };
	const char *id = sim_function_get(f, "cloudPcId");
	struct sim_set *set = sim_pcs(f->sim);
	ptrdiff_t at = set ? sim_set_find(set, id, NULL) : -1;
	const uint32_t line = 0;
	struct sim_report_pc pc;

	if (at < 0 || !sim_report_pc_at(f->sim, set, (size_t)at, &pc)) {
		sim_not_found(f->at.call, "cloudPCs", id);
		return;
	}
	sim_set_init(&rows, &resource);
	sim_row_init(&row, &rows);
	if (pc.exists && !fn(&pc, &row))
		sim_no_memory(f->at.call);
	else
		sim_report_answer(f->at.call, &rows, all, rows.columns.count, &line, NULL,
				  rows.count, rows.count);
}

void sim_report_latency(struct sim_function *f)
{
	of_one(f, &sim_latency_columns, add_latency);
}

void sim_report_status(struct sim_function *f)
{
	of_one(f, &sim_status_columns, add_status);
}
