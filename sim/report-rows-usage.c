/* Reports of how much Cloud PCs are used, and from where. */
#include <stdio.h>

#include "sim/report-rows.h"
#include "sim/tenant-parts.h"

SIM_COLUMNS(total_usage, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("TotalUsageInHour", double),
	    SIM_CELL("LastActiveTime", time), SIM_CELL("PcType", string),
	    SIM_CELL("CreatedDate", time), SIM_CELL("DaysSinceLastSignIn", int64));

static bool total_usage(const struct sim_report_pc *pc, struct sim_row *row)
{
	time_t today = pc->sim->config.today;
	unsigned last = SIM_USAGE_DAYS;
	double total = 0;

	if (!pc->exists)
		return true;
	for (unsigned day = SIM_USAGE_DAYS; day--;) {
		double hours = sim_usage(pc, day);

		total += hours;
		last = hours > 0 ? day : last;
	}
	sim_row_begin(row, row->set->columns.type);
	sim_row_pc(row, pc);
	sim_row_double(row, "TotalUsageInHour", total);
	/* Whoever was never seen was last seen in the year 1. */
	if (last < SIM_USAGE_DAYS)
		sim_row_time(row, "LastActiveTime", today - (time_t)(last + 1) * SIM_DAY + 60000);
	else
		sim_row_str(row, "LastActiveTime", "0001-01-01T00:00:00Z");
	sim_row_copy(row, "PcType", pc, "servicePlanName");
	sim_row_copy(row, "CreatedDate", pc, "provisionedDateTime");
	if (last < SIM_USAGE_DAYS)
		sim_row_int(row, "DaysSinceLastSignIn", last);
	return sim_row_add(row, NULL);
}

bool sim_total_usage_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, total_usage);
}

SIM_COLUMNS(daily_usage, SIM_CELL("EventDateTime", time), SIM_CELL("CloudPcId", string),
	    SIM_CELL("ManagedDeviceName", string), SIM_CELL("UserPrincipalName", string),
	    SIM_CELL("UsageInHour", double), SIM_CELL("RoundTripTimeInMsP50", double),
	    SIM_CELL("AvailableBandwidthInMBpsP50", double),
	    SIM_CELL("RemoteSignInTimeInSecP50", double));

/* How good the connection was; numbers with few digits, as the service rounds them. */
static void connection(struct sim_row *row, struct sim_rng *r, const char *trip, const char *band,
		       const char *sign_in)
{
	sim_row_double(row, trip, sim_rng_between(r, 8, 420));
	sim_row_double(row, band, sim_rng_between(r, 1, 800) / 64.0);
	if (sign_in)
		sim_row_double(row, sign_in, sim_rng_between(r, 4000, 31000) / 1000.0);
}

static bool daily_usage(const struct sim_report_pc *pc, struct sim_row *row)
{
	for (unsigned day = SIM_USAGE_DAYS; pc->exists && day--;) {
		struct sim_rng r = sim_rng(pc->rng.state, "day", day);
		double hours = sim_usage(pc, day);

		if (hours <= 0)
			continue;
		sim_row_begin(row, row->set->columns.type);
		sim_row_time(row, "EventDateTime",
			     pc->sim->config.today - (time_t)(day + 1) * SIM_DAY);
		sim_row_pc(row, pc);
		sim_row_double(row, "UsageInHour", hours);
		connection(row, &r, "RoundTripTimeInMsP50", "AvailableBandwidthInMBpsP50",
			   "RemoteSignInTimeInSecP50");
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

bool sim_daily_usage_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, daily_usage);
}

SIM_COLUMNS(sessions, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("SignInDateTime", time),
	    SIM_CELL("SignOutDateTime", time), SIM_CELL("UsageInHour", double),
	    SIM_CELL("RoundTripTimeInMsP50", double),
	    SIM_CELL("AvailableBandwidthInMBpsP50", double),
	    SIM_CELL("RemoteSignInTimeInSec", double));

/* One session a day on which it was used; the last one of some still goes on. */
static time_t session_begin(const struct sim_report_pc *pc, unsigned day)
{
	struct sim_rng r = sim_rng(pc->rng.state, "session", day);

	return pc->sim->config.today - (time_t)(day + 1) * SIM_DAY +
	       sim_rng_between(&r, 20000, 45000);
}

static bool sessions(const struct sim_report_pc *pc, struct sim_row *row)
{
	for (unsigned day = SIM_USAGE_DAYS; pc->exists && day--;) {
		struct sim_rng r = sim_rng(pc->rng.state, "day", day);
		double hours = sim_usage(pc, day);
		time_t begin = session_begin(pc, day);

		if (hours <= 0)
			continue;
		sim_row_begin(row, row->set->columns.type);
		sim_row_pc(row, pc);
		sim_row_time(row, "SignInDateTime", begin);
		if (day || !sim_has_issue(pc, "signed in", 20))
			sim_row_time(row, "SignOutDateTime", begin + (time_t)(hours * 3600 + 0.5));
		sim_row_double(row, "UsageInHour", hours);
		connection(row, &r, "RoundTripTimeInMsP50", "AvailableBandwidthInMBpsP50",
			   "RemoteSignInTimeInSec");
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

bool sim_sessions_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, sessions);
}

SIM_COLUMNS(raw_sessions, SIM_CELL("ActivityId", string), SIM_CELL("CloudPcId", string),
	    SIM_CELL("SignInDateTime", time), SIM_CELL("RoundTripTimeInMs", double),
	    SIM_CELL("AvailableBandwidthInMBps", double));

static bool raw_sessions(const struct sim_report_pc *pc, struct sim_row *row)
{
	for (unsigned day = SIM_USAGE_DAYS; pc->exists && day--;) {
		struct sim_rng r = sim_rng(pc->rng.state, "raw", day);
		unsigned events = 1 + sim_rng_below(&r, 3);
		char id[37];

		if (sim_usage(pc, day) <= 0)
			continue;
		sim_rng_guid(&r, id);
		for (unsigned i = 0; i < events; i++) {
			sim_row_begin(row, row->set->columns.type);
			sim_row_str(row, "ActivityId", id);
			sim_row_str(row, "CloudPcId", pc->id);
			sim_row_time(row, "SignInDateTime", session_begin(pc, day));
			connection(row, &r, "RoundTripTimeInMs", "AvailableBandwidthInMBps", NULL);
			if (!sim_row_add(row, NULL))
				return false;
		}
	}
	return true;
}

bool sim_raw_sessions_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, raw_sessions);
}

SIM_COLUMNS(usage_category, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("ServicePlanId", string),
	    SIM_CELL("ServicePlanName", string), SIM_CELL("UsageCategory", string),
	    SIM_CELL("RecommendedPlanId", string), SIM_CELL("RecommendedPlanName", string));

static bool usage_category(const struct sim_report_pc *pc, struct sim_row *row)
{
	static const char *const categories[] = { "Rightsized", "Rightsized",    "Undersized",
						  "Oversized",  "Underutilized", "Rightsized" };
	struct sim_rng r = sim_rng(pc->rng.state, "category", 0);
	const char *category = SIM_PICK(&r, categories);
	size_t plan = sim_rng_below(&r, SIM_PLAN_SHARED_BY_USER);
	char id[37];

	if (!pc->exists)
		return true;
	sim_row_begin(row, row->set->columns.type);
	sim_row_pc(row, pc);
	sim_row_copy(row, "ServicePlanId", pc, "servicePlanId");
	sim_row_copy(row, "ServicePlanName", pc, "servicePlanName");
	sim_row_str(row, "UsageCategory", category);
	if (w365_ends(category, "ersized") && !w365_starts(category, "R")) {
		sim_row_str(row, "RecommendedPlanId", sim_plan_id(&pc->sim->tenant, plan, id));
		sim_row_str(row, "RecommendedPlanName", sim_plans[plan].name);
	}
	return sim_row_add(row, NULL);
}

bool sim_usage_category_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, usage_category);
}

SIM_COLUMNS(client_apps, SIM_CELL("UserPrincipalName", string), SIM_CELL("ClientName", string),
	    SIM_CELL("ClientVersion", string), SIM_CELL("ClientOS", string),
	    SIM_CELL("LastUsedDateTime", time), SIM_CELL("UsageInHour", double));

static bool client_apps(const struct sim_report_pc *pc, struct sim_row *row)
{
	static const char *const names[] = { "Windows App", "Microsoft Remote Desktop, MSI",
					     "Windows App \"Web\"", "Windows App (Übergang)" };
	static const char *const systems[] = { "Windows 11", "macOS 15.6", "iPadOS 18", NULL };
	struct sim_rng r = sim_rng(pc->rng.state, "client", 0);
	char version[40];

	if (!pc->exists || sim_usage(pc, 0) <= 0)
		return true;
	snprintf(version, sizeof(version), "2.0.%u.0", 300 + sim_rng_below(&r, 400));
	sim_row_begin(row, row->set->columns.type);
	sim_row_copy(row, "UserPrincipalName", pc, "userPrincipalName");
	sim_row_str(row, "ClientName", SIM_PICK(&r, names));
	sim_row_str(row, "ClientVersion", version);
	sim_row_str(row, "ClientOS", SIM_PICK(&r, systems));
	sim_row_time(row, "LastUsedDateTime", session_begin(pc, 0));
	sim_row_double(row, "UsageInHour", sim_usage(pc, 0));
	return sim_row_add(row, NULL);
}

bool sim_client_apps_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, client_apps);
}
