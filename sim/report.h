/* sim/report.h - reports: tables of columns, with rows made of the tenant when they are asked for. */
#pragma once

#include "base/macros.h"
#include "sim/functions.h"
#include "sim/rng.h"
#include "sim/row.h"

/** A report: an action and, if it has several, the value of reportName or reportType. */
struct sim_report {
	const char *operation, *value;
	const struct sim_type *columns;
	/** Adds the rows. False if there is no memory. */
	bool (*fill)(struct sim *s, struct sim_row *row);
	const char *order;  /* the column that orders it when nobody asks for another, or NULL */
	unsigned usual_top; /* so many rows when nobody says; 0: as many as of any report */
	unsigned max_top;   /* more are refused; 0: no limit of its own */
};

extern const struct sim_report sim_reports[];
extern const size_t sim_report_count;

/* The types of cells; their names are what "PropertyType" says. */
extern const struct sim_type sim_cell_string, sim_cell_int32, sim_cell_int64, sim_cell_double,
	sim_cell_time, sim_cell_json;

#define SIM_CELL(name, type)                                        \
	{                                                           \
		name, &sim_cell_##type, false, SIM_V1 | SIM_BETA, 0 \
	}

/** Declares the columns of a report, in their order. */
#define SIM_COLUMNS(id, ...)                                             \
	static const struct sim_prop id##_columns[] = { __VA_ARGS__ };   \
	const struct sim_type sim_##id##_columns = {                     \
		#id "Row", SIM_COMPLEX,  SIM_V1 | SIM_BETA,       false, \
		NULL,      id##_columns, ARRAY_SIZE(id##_columns)        \
	}

/** The rows as items, the columns as theirs; good until the next call. NULL if there is no memory. */
const struct sim_set *sim_report_rows(struct sim *s, const struct sim_report *report);

/** The one of an action and the value of its parameter; of an export job ("exportJobs") and its
 * reportName. NULL if there is none. */
const struct sim_report *sim_report_find(const char *operation, const char *value);

/**
 * Answers with the rows at @lines of @set, of these @columns (numbers), as the stream of a report.
 *
 * @counts: so many rows each line stands for, in a column of its own; NULL: no such column.
 */
void sim_report_answer(struct sim_call *c, const struct sim_set *set, const uint8_t *columns,
		       size_t column_count, const uint32_t *lines, const uint32_t *counts,
		       size_t line_count, size_t total);

/** POST of a report. */
sim_action_fn sim_act_report;

/**
 * The report's rows as CSV (RFC 4180), under a header with the columns' names.
 *
 * @json: as the body of a request has it: "select", "filter".
 * Errors: -EINVAL with a sentence; -ENOMEM.
 */
int sim_report_csv(struct sim *s, const struct sim_report *report, const struct w365_json *json,
		   struct w365_buf *out, struct w365_err *reterr);

/** Appends a cell as it is sent: null where it is empty, a time without its zone. */
void sim_report_cell(const struct sim_set *set, size_t line, size_t column, struct w365_buf *out);
