/* sim/report-rows.h - what the makers of reports' rows share among themselves. */
#pragma once

#include "sim/report.h"

/** A Cloud PC that rows are made of. */
struct sim_report_pc {
	struct sim *sim;
	const struct sim_set *set;
	size_t position;
	char id[256];
	struct sim_rng rng; /* its own, the same whenever it is asked */
	bool exists;        /* there is a machine */
};

typedef bool sim_pc_rows_fn(const struct sim_report_pc *pc, struct sim_row *row);

/** Calls @fn for every Cloud PC; stops, and returns false, when it does. */
bool sim_each_pc(struct sim *s, struct sim_row *row, sim_pc_rows_fn *fn);

/** The Cloud PC at this place of @set; false if it has no id. */
bool sim_report_pc_at(struct sim *s, const struct sim_set *set, size_t position,
		      struct sim_report_pc *ret);

/** Copies a property of the Cloud PC into the column @to, as it is. */
void sim_row_copy(struct sim_row *row, const char *to, const struct sim_report_pc *pc,
		  const char *from);

/** CloudPcId, ManagedDeviceName and UserPrincipalName, which most reports begin with. */
void sim_row_pc(struct sim_row *row, const struct sim_report_pc *pc);

/** A number with at most so many digits behind the point, and at least one. */
void sim_row_double(struct sim_row *row, const char *name, double v);

/** The hours that it was used on the day that began so many days before the tenant's; 0: not at
 * all. */
double sim_usage(const struct sim_report_pc *pc, unsigned days_ago);

/** How many days usage is told of. */
#define SIM_USAGE_DAYS 7

/** The hundredths @percent of all that exist whose @kind is bad; the same on every call. */
bool sim_has_issue(const struct sim_report_pc *pc, const char *kind, unsigned percent);

/** So many Cloud PCs have this issue. */
int sim_count_issues(struct sim *s, const char *kind, unsigned percent);

#define SIM_REPORT(id)                                   \
	extern const struct sim_type sim_##id##_columns; \
	bool sim_##id##_rows(struct sim *s, struct sim_row *row)

SIM_REPORT(total_usage);
SIM_REPORT(daily_usage);
SIM_REPORT(sessions);
SIM_REPORT(raw_sessions);
SIM_REPORT(usage_category);
SIM_REPORT(client_apps);
SIM_REPORT(actions);
SIM_REPORT(bulk_status);
SIM_REPORT(licences);
SIM_REPORT(licences_now);
SIM_REPORT(licence_hours);
SIM_REPORT(no_licence);
SIM_REPORT(connected_users);
SIM_REPORT(inaccessible);
SIM_REPORT(inaccessible_trend);
SIM_REPORT(inaccessible_regions);
SIM_REPORT(performance);
SIM_REPORT(insight);
SIM_REPORT(quality);
SIM_REPORT(quality_trend);
SIM_REPORT(quality_insights);
SIM_REPORT(trouble_details);
SIM_REPORT(trouble_trend);
SIM_REPORT(trouble_regions);
SIM_REPORT(trouble_issues);
SIM_REPORT(recovery);
SIM_REPORT(recovery_status);
