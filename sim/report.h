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

/** Makes the rows. False if there is no memory; sim_set_done() the set in any case. */
bool sim_table_fill(struct sim *s, const struct sim_type *columns,
		    bool (*fill)(struct sim *s, struct sim_row *row), struct sim_set *set);

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
