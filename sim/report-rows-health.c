/* Reports of what is wrong with Cloud PCs and their connections. */
#include <stdio.h>

#include "sim/report-rows.h"
#include "sim/tenant-parts.h"
#include "sim/write.h"

/* The midnight that began so many days before the tenant's own. */
static time_t day_before(const struct sim *s, unsigned days)
{
	return s->config.today - (time_t)days * SIM_DAY;
}

/* What was counted so many days ago: near what is so now, and exactly that on the last day. */
static int count_then(struct sim *s, const char *kind, unsigned percent, unsigned days)
{
	struct sim_rng r = sim_rng(s->config.seed, kind, days);
	int now = sim_count_issues(s, kind, percent), then = now + sim_rng_between(&r, -2, 3);

	return days > 1 ? MAX(then, 0) : now;
}

static const char *trend(struct sim *s, const char *kind, unsigned percent)
{
	int now = count_then(s, kind, percent, 1), then = count_then(s, kind, percent, 7);

	return now > then ? "Increasing" : now < then ? "Decreasing" : "Static";
}

SIM_COLUMNS(inaccessible, SIM_CELL("cloudPcId", string), SIM_CELL("aadDeviceId", string),
	    SIM_CELL("cloudPcName", string), SIM_CELL("userPrincipalName", string),
	    SIM_CELL("provisioningStatus", string), SIM_CELL("region", string),
	    SIM_CELL("deviceHealthStatus", string), SIM_CELL("deviceHealthStatusDateTime", time),
	    SIM_CELL("recentDeviceHealthFailureCount", int32),
	    SIM_CELL("recentConnectionFailureCount", int64), SIM_CELL("systemStatus", string),
	    SIM_CELL("systemStatusDateTime", time));

static bool inaccessible(const struct sim_report_pc *pc, struct sim_row *row)
{
	struct sim_rng r = sim_rng(pc->rng.state, "health", 0);
	bool stopped = sim_rng_percent(&r, 50);

	if (!sim_has_issue(pc, "access", 12))
		return true;
	sim_row_begin(row, row->set->columns.type);
	sim_row_str(row, "cloudPcId", pc->id);
	sim_row_copy(row, "aadDeviceId", pc, "aadDeviceId");
	sim_row_copy(row, "cloudPcName", pc, "displayName");
	sim_row_copy(row, "userPrincipalName", pc, "userPrincipalName");
	sim_row_copy(row, "provisioningStatus", pc, "status");
	sim_row_copy(row, "region", pc, "deviceRegionName");
	sim_row_str(row, "deviceHealthStatus",
		    stopped ? "ErrorVMNotRunning" : "ErrorAgent: \"not reachable\", code 17");
	sim_row_time(row, "deviceHealthStatusDateTime",
		     pc->sim->config.today - sim_rng_between(&r, 60, 80000));
	sim_row_int(row, "recentDeviceHealthFailureCount", 1 + sim_rng_below(&r, 5));
	sim_row_int(row, "recentConnectionFailureCount", sim_rng_below(&r, 4));
	sim_row_str(row, "systemStatus", "");
	return sim_row_add(row, NULL);
}

bool sim_inaccessible_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, inaccessible);
}

SIM_COLUMNS(inaccessible_trend, SIM_CELL("eventDateTime", time),
	    SIM_CELL("inaccessibleCloudPcCount", int64),
	    SIM_CELL("inaccessibleCloudPcTrend", string));

bool sim_inaccessible_trend_rows(struct sim *s, struct sim_row *row)
{
	for (unsigned day = SIM_USAGE_DAYS; day; day--) {
		sim_row_begin(row, row->set->columns.type);
		sim_row_time(row, "eventDateTime", day_before(s, day));
		sim_row_int(row, "inaccessibleCloudPcCount", count_then(s, "access", 12, day));
		sim_row_str(row, "inaccessibleCloudPcTrend", trend(s, "access", 12));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

/* The regions that policies put Cloud PCs into, each once; NULL at the end. */
static const char *region_at(const struct sim *s, size_t n)
{
	const struct sim_policy *policies = s->tenant.policies;

	for (size_t i = 0; i < SIM_POLICIES; i++) {
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= w365_streq(policies[k].region, policies[i].region);
		if (!again && !n--)
			return policies[i].region;
	}
	return NULL;
}

SIM_COLUMNS(inaccessible_regions, SIM_CELL("region", string),
	    SIM_CELL("inaccessibleCloudPcCount", int64),
	    SIM_CELL("inaccessibleCloudPcTrend", string));

/* So many in this region have the issue. */
static int count_in(struct sim *s, const char *region, const char *kind, unsigned percent)
{
	const struct sim_set *set = sim_set_of(s, sim_resource_find("cloudPCs"));
	int column = set ? sim_column_find(&set->columns, W365_SPAN("deviceRegionName")) : -1;
	size_t len = strlen(region);
	struct sim_report_pc pc;
	int n = 0;

	for (size_t i = 0; column >= 0 && i < set->count; i++) {
		struct w365_span raw = sim_item_value(set->items[i], (size_t)column);

		n += raw.len == len + 2 && memcmp(raw.p + 1, region, len) == 0 &&
		     sim_report_pc_at(s, set, i, &pc) && sim_has_issue(&pc, kind, percent);
	}
	return n;
}

bool sim_inaccessible_regions_rows(struct sim *s, struct sim_row *row)
{
	const char *region;

	for (size_t i = 0; (region = region_at(s, i)); i++) {
		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "region", region);
		sim_row_int(row, "inaccessibleCloudPcCount", count_in(s, region, "access", 12));
		sim_row_str(row, "inaccessibleCloudPcTrend", i % 3 ? "Static" : NULL);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

SIM_COLUMNS(performance, SIM_CELL("EventDateTime", time),
	    SIM_CELL("SlowRoundTripTimeCloudPcCount", int64),
	    SIM_CELL("LowUdpConnectionPercentageCount", int64),
	    SIM_CELL("NoActiveTimeConnectedCount", int64),
	    SIM_CELL("LowActiveTimeConnectedCount", int64));

bool sim_performance_rows(struct sim *s, struct sim_row *row)
{
	for (unsigned day = 1; day <= SIM_USAGE_DAYS; day++) {
		sim_row_begin(row, row->set->columns.type);
		sim_row_time(row, "EventDateTime", day_before(s, day));
		sim_row_int(row, "SlowRoundTripTimeCloudPcCount", count_then(s, "trip", 9, day));
		sim_row_int(row, "LowUdpConnectionPercentageCount", count_then(s, "udp", 14, day));
		sim_row_int(row, "NoActiveTimeConnectedCount", count_then(s, "idle", 5, day));
		sim_row_int(row, "LowActiveTimeConnectedCount", count_then(s, "lazy", 20, day));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

SIM_COLUMNS(insight, SIM_CELL("ManagedDeviceName", string), SIM_CELL("DeviceId", string),
	    SIM_CELL("ClientOS", string), SIM_CELL("ClientVersion", string),
	    SIM_CELL("MultimediaRedirectVersion", string), SIM_CELL("TeamsClientVersion", string),
	    SIM_CELL("HostOSVersion", string), SIM_CELL("HostSxSStackVersion", string),
	    SIM_CELL("HostAgentVersion", string), SIM_CELL("PolicyName", string),
	    SIM_CELL("UserSettingName", string), SIM_CELL("HostRegion", string),
	    SIM_CELL("AzureNetworkConnectName", string));

static bool insight(const struct sim_report_pc *pc, struct sim_row *row)
{
	struct sim_rng r = sim_rng(pc->rng.state, "insight", 0);

	if (!pc->exists)
		return true;
	sim_row_begin(row, row->set->columns.type);
	sim_row_copy(row, "ManagedDeviceName", pc, "managedDeviceName");
	sim_row_copy(row, "DeviceId", pc, "aadDeviceId");
	sim_row_str(row, "ClientOS", sim_rng_percent(&r, 80) ? "Windows 11" : "");
	sim_row_str(row, "ClientVersion", "2.0.559.0");
	sim_row_str(row, "MultimediaRedirectVersion",
		    sim_rng_percent(&r, 50) ? "1.0.2311.2004" : NULL);
	sim_row_str(row, "TeamsClientVersion", "25290.302.4044.3989");
	sim_row_str(row, "HostOSVersion", "10.0.26200.7171");
	sim_row_str(row, "HostSxSStackVersion", "rdp-sxs250905700");
	sim_row_str(row, "HostAgentVersion", "1.0.12183.900");
	sim_row_copy(row, "PolicyName", pc, "provisioningPolicyName");
	sim_row_str(row, "UserSettingName", "Finance (no self service)");
	sim_row_copy(row, "HostRegion", pc, "deviceRegionName");
	sim_row_copy(row, "AzureNetworkConnectName", pc, "onPremisesConnectionName");
	return sim_row_add(row, NULL);
}

bool sim_insight_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, insight);
}

SIM_COLUMNS(quality, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("AvgRoundTripTimeInMsP50", double),
	    SIM_CELL("AvgAvailableBandwidthInMBpsP50", double),
	    SIM_CELL("UDPConnectionPercentage", double),
	    SIM_CELL("LastConnectionRoundTripTimeInMs", double),
	    SIM_CELL("LastConnectionClientIP", string), SIM_CELL("LastConnectionGateway", string),
	    SIM_CELL("LastConnectionProtocol", string));

static bool quality(const struct sim_report_pc *pc, struct sim_row *row)
{
	static const char *const protocols[] = { "UDP", "TCP", "UDP, relayed by \"TURN\"" };
	struct sim_rng r = sim_rng(pc->rng.state, "quality", 0);
	char text[40];

	if (!pc->exists)
		return true;
	snprintf(text, sizeof(text), "203.0.113.%u", 1 + sim_rng_below(&r, 254));
	sim_row_begin(row, row->set->columns.type);
	sim_row_pc(row, pc);
	sim_row_double(row, "AvgRoundTripTimeInMsP50", sim_rng_between(&r, 32, 1400) / 4.0);
	sim_row_double(row, "AvgAvailableBandwidthInMBpsP50", sim_rng_between(&r, 1, 900) / 64.0);
	sim_row_double(row, "UDPConnectionPercentage", sim_rng_between(&r, 0, 1000) / 10.0);
	if (sim_rng_percent(&r, 80)) {
		sim_row_double(row, "LastConnectionRoundTripTimeInMs", sim_rng_between(&r, 8, 420));
		sim_row_str(row, "LastConnectionClientIP", text);
		sim_row_copy(row, "LastConnectionGateway", pc, "deviceRegionName");
		sim_row_str(row, "LastConnectionProtocol", SIM_PICK(&r, protocols));
	}
	return sim_row_add(row, NULL);
}

bool sim_quality_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, quality);
}

SIM_COLUMNS(quality_trend, SIM_CELL("GatewayRegion", string),
	    SIM_CELL("RoundTripTimeTrend", string), SIM_CELL("AvailableBandwidthTrend", string),
	    SIM_CELL("UDPUtilizationTrend", string), SIM_CELL("DroppedConnectionTrend", string),
	    SIM_CELL("WeeklyAvgRoundTripTimeInMs", double),
	    SIM_CELL("DailyAvgRoundTripTimeInMs", double),
	    SIM_CELL("WeeklyAvailableBandwidthInMBps", double),
	    SIM_CELL("DailyAvailableBandwidthInMBps", double),
	    SIM_CELL("WeeklyUdpUtilization", double),
	    SIM_CELL("WeeklyDroppedConnectionsCount", int32),
	    SIM_CELL("DailyDroppedConnectionsCount", int32));

bool sim_quality_trend_rows(struct sim *s, struct sim_row *row)
{
	static const char *const trends[] = { "Increasing", "Decreasing", "Static" };
	const char *region;

	for (size_t i = 0; (region = region_at(s, i)); i++) {
		struct sim_rng r = sim_rng(s->config.seed, "gateway", i);

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "GatewayRegion", region);
		sim_row_str(row, "RoundTripTimeTrend", SIM_PICK(&r, trends));
		sim_row_str(row, "AvailableBandwidthTrend", SIM_PICK(&r, trends));
		sim_row_str(row, "UDPUtilizationTrend", SIM_PICK(&r, trends));
		sim_row_str(row, "DroppedConnectionTrend", SIM_PICK(&r, trends));
		sim_row_double(row, "WeeklyAvgRoundTripTimeInMs",
			       sim_rng_between(&r, 60, 1400) / 4.0);
		sim_row_double(row, "DailyAvgRoundTripTimeInMs",
			       sim_rng_between(&r, 60, 1400) / 4.0);
		sim_row_double(row, "WeeklyAvailableBandwidthInMBps",
			       sim_rng_between(&r, 8, 900) / 64.0);
		sim_row_double(row, "DailyAvailableBandwidthInMBps",
			       sim_rng_between(&r, 8, 900) / 64.0);
		sim_row_double(row, "WeeklyUdpUtilization", sim_rng_between(&r, 0, 1000) / 10.0);
		sim_row_int(row, "WeeklyDroppedConnectionsCount", sim_rng_between(&r, 5, 40));
		sim_row_int(row, "DailyDroppedConnectionsCount", sim_rng_between(&r, 0, 5));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

SIM_COLUMNS(quality_insights, SIM_CELL("GatewayRegion", string),
	    SIM_CELL("CurrentSlowConnectionsCount", int32),
	    SIM_CELL("CurrentLowAvailableBandwidthCount", int32),
	    SIM_CELL("CurrentLowUdpConnectionsCount", int32));

bool sim_quality_insights_rows(struct sim *s, struct sim_row *row)
{
	const char *region;

	for (size_t i = 0; (region = region_at(s, i)); i++) {
		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "GatewayRegion", region);
		sim_row_int(row, "CurrentSlowConnectionsCount", count_in(s, region, "trip", 9));
		sim_row_int(row, "CurrentLowAvailableBandwidthCount",
			    count_in(s, region, "band", 11));
		sim_row_int(row, "CurrentLowUdpConnectionsCount", count_in(s, region, "udp", 14));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}
