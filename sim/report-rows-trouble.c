/* Reports of trouble, and of what is kept for a disaster. */
#include <stdio.h>

#include "sim/report-rows.h"
#include "sim/tenant-parts.h"
#include "sim/write.h"

SIM_COLUMNS(trouble_details, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("UsageInsight", string),
	    SIM_CELL("CurrentSize", string), SIM_CELL("CurrentCPU", int32),
	    SIM_CELL("CurrentRamInGB", int32), SIM_CELL("CurrentDiskInGB", int32),
	    SIM_CELL("RecommendedSize", string), SIM_CELL("RecommendedCPU", int32),
	    SIM_CELL("RecommendedRamInGB", int32), SIM_CELL("RecommendedDiskInGB", int32),
	    SIM_CELL("ProvisionPolicyName", string), SIM_CELL("RoundTripTimeInMsAvg", double),
	    SIM_CELL("AvailableBandwidthInMbpsAvg", double),
	    SIM_CELL("HasPerformanceIssue", string), SIM_CELL("HasNetworkIssue", string),
	    SIM_CELL("HasReliabilityIssue", string), SIM_CELL("ConnectionErrorCount", int32));

/* The numbers of the plan that the Cloud PC has; NULL: it is none of the known ones. */
static const struct sim_plan *plan_of(const struct sim_report_pc *pc)
{
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF;

	sim_item_str(pc->set, pc->set->items[pc->position], "servicePlanName", &name);
	for (size_t i = 0; i < sim_plan_count; i++)
		if (w365_streq(sim_plans[i].name, w365_buf_str(&name)))
			return &sim_plans[i];
	return NULL;
}

static const char *yes_no(bool v)
{
	return v ? "True" : "False";
}

static bool trouble_details(const struct sim_report_pc *pc, struct sim_row *row)
{
	struct sim_rng r = sim_rng(pc->rng.state, "trouble", 0);
	const struct sim_plan *plan = plan_of(pc), *better = &sim_plans[4];
	bool cpu = sim_has_issue(pc, "cpu", 8), net = sim_has_issue(pc, "trip", 9);

	if (!pc->exists || !plan)
		return true;
	sim_row_begin(row, row->set->columns.type);
	sim_row_pc(row, pc);
	sim_row_str(row, "UsageInsight", cpu ? "Undersized" : NULL);
	sim_row_str(row, "CurrentSize", plan->name);
	sim_row_int(row, "CurrentCPU", plan->cpus);
	sim_row_int(row, "CurrentRamInGB", plan->ram_gb);
	sim_row_int(row, "CurrentDiskInGB", plan->disk_gb);
	if (cpu) {
		sim_row_str(row, "RecommendedSize", better->name);
		sim_row_int(row, "RecommendedCPU", better->cpus);
		sim_row_int(row, "RecommendedRamInGB", better->ram_gb);
		sim_row_int(row, "RecommendedDiskInGB", better->disk_gb);
	}
	sim_row_copy(row, "ProvisionPolicyName", pc, "provisioningPolicyName");
	sim_row_double(row, "RoundTripTimeInMsAvg",
		       sim_rng_between(&r, 32, net ? 1600 : 400) / 4.0);
	sim_row_double(row, "AvailableBandwidthInMbpsAvg", sim_rng_between(&r, 8, 900) / 8.0);
	sim_row_str(row, "HasPerformanceIssue", yes_no(cpu));
	sim_row_str(row, "HasNetworkIssue", yes_no(net));
	sim_row_str(row, "HasReliabilityIssue", yes_no(sim_has_issue(pc, "stability", 6)));
	sim_row_int(row, "ConnectionErrorCount", sim_rng_below(&r, 4));
	return sim_row_add(row, NULL);
}

bool sim_trouble_details_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, trouble_details);
}

/* What is counted by reports of the whole tenant. */
static const struct {
	const char *kind;
	unsigned percent;
	const char *pcs, *trend, *issues; /* the columns */
} issues[] = {
	{ "cpu", 8, "CpuIssueCloudPcCount", "CpuIssueTrend", "CpuIssueCount" },
	{ "memory", 7, "MemoryIssueCloudPcCount", "MemoryIssueTrend", "MemoryIssueCount" },
	{ "trip", 9, "RTTIssueCloudPcCount", "RTTIssueTrend", "RTTIssueCount" },
	{ "stability", 6, "StabilityIssueCloudPcCount", "StabilityIssueTrend",
	  "StabilityIssueCount" },
	{ "band", 11, "ConnectionQualityIssueCloudPcCount", "ConnectionQualityIssueTrend",
	  "ConnectionQualityIssueCount" },
};

SIM_COLUMNS(trouble_trend, SIM_CELL("CpuIssueCloudPcCount", int32),
	    SIM_CELL("CpuIssueTrend", string), SIM_CELL("MemoryIssueCloudPcCount", int32),
	    SIM_CELL("MemoryIssueTrend", string), SIM_CELL("RTTIssueCloudPcCount", int32),
	    SIM_CELL("RTTIssueTrend", string), SIM_CELL("StabilityIssueCloudPcCount", int32),
	    SIM_CELL("StabilityIssueTrend", string),
	    SIM_CELL("ConnectionQualityIssueCloudPcCount", int32),
	    SIM_CELL("ConnectionQualityIssueTrend", string),
	    SIM_CELL("TotalImpactedCloudPcCount", int32), SIM_CELL("PerformanceIssueCount", int32),
	    SIM_CELL("NetworkIssueCount", int32), SIM_CELL("ReliabilityIssueCount", int32));

/* The three sorts that issues are of. */
static void sums(struct sim *s, struct sim_row *row)
{
	sim_row_int(row, "PerformanceIssueCount",
		    sim_count_issues(s, "cpu", 8) + sim_count_issues(s, "memory", 7));
	sim_row_int(row, "NetworkIssueCount",
		    sim_count_issues(s, "trip", 9) + sim_count_issues(s, "band", 11));
	sim_row_int(row, "ReliabilityIssueCount", sim_count_issues(s, "stability", 6));
}

bool sim_trouble_trend_rows(struct sim *s, struct sim_row *row)
{
	int total = 0;

	sim_row_begin(row, row->set->columns.type);
	for (size_t i = 0; i < ARRAY_SIZE(issues); i++) {
		int n = sim_count_issues(s, issues[i].kind, issues[i].percent);

		total += n;
		sim_row_int(row, issues[i].pcs, n);
		sim_row_str(row, issues[i].trend, i % 2 ? "Increasing" : "Static");
	}
	sim_row_int(row, "TotalImpactedCloudPcCount", total);
	sums(s, row);
	return sim_row_add(row, NULL);
}

SIM_COLUMNS(trouble_issues, SIM_CELL("AsofDate", time), SIM_CELL("PerformanceIssueCount", int32),
	    SIM_CELL("NetworkIssueCount", int32), SIM_CELL("ReliabilityIssueCount", int32),
	    SIM_CELL("CpuIssueCount", int32), SIM_CELL("MemoryIssueCount", int32),
	    SIM_CELL("RTTIssueCount", int32), SIM_CELL("StabilityIssueCount", int32),
	    SIM_CELL("ConnectionQualityIssueCount", int32));

bool sim_trouble_issues_rows(struct sim *s, struct sim_row *row)
{
	sim_row_begin(row, row->set->columns.type);
	sim_row_time(row, "AsofDate", s->config.today - SIM_DAY);
	sums(s, row);
	for (size_t i = 0; i < ARRAY_SIZE(issues); i++)
		sim_row_int(row, issues[i].issues,
			    sim_count_issues(s, issues[i].kind, issues[i].percent));
	return sim_row_add(row, NULL);
}

SIM_COLUMNS(trouble_regions, SIM_CELL("HostRegion", string), SIM_CELL("GatewayRegion", string),
	    SIM_CELL("AvgRoundTripTimeInMs", double), SIM_CELL("AvgBandwidthInMbps", double),
	    SIM_CELL("ConnectionErrorCount", int32), SIM_CELL("RTTIssueCount", int32),
	    SIM_CELL("ConnectionQualityIssueCount", int32), SIM_CELL("StabilityIssueCount", int32),
	    SIM_CELL("BandwidthIssueCount", int32));

bool sim_trouble_regions_rows(struct sim *s, struct sim_row *row)
{
	for (size_t i = 0; i < SIM_POLICIES; i++) {
		const struct sim_policy *p = &s->tenant.policies[i];
		struct sim_rng r = sim_rng(s->config.seed, "host region", i);

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "HostRegion", p->region);
		sim_row_str(row, "GatewayRegion",
			    sim_rng_percent(&r, 70) ? p->region : "westeurope, fallback");
		sim_row_double(row, "AvgRoundTripTimeInMs", sim_rng_between(&r, 60, 900) / 4.0);
		sim_row_double(row, "AvgBandwidthInMbps", sim_rng_between(&r, 8, 900) / 8.0);
		sim_row_int(row, "ConnectionErrorCount", sim_rng_below(&r, 9));
		sim_row_int(row, "RTTIssueCount", sim_rng_below(&r, 5));
		sim_row_int(row, "ConnectionQualityIssueCount", sim_rng_below(&r, 5));
		sim_row_int(row, "StabilityIssueCount", sim_rng_below(&r, 3));
		sim_row_int(row, "BandwidthIssueCount", sim_rng_below(&r, 4));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

SIM_COLUMNS(recovery, SIM_CELL("Id", string), SIM_CELL("CloudPcId", string),
	    SIM_CELL("UserId", string), SIM_CELL("UserSettingId", string),
	    SIM_CELL("DeviceId", string), SIM_CELL("CloudPCDeviceDisplayName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("EnabledDRType", string),
	    SIM_CELL("DRHealthStatus", string), SIM_CELL("LicenseType", string),
	    SIM_CELL("DisasterRecoveryStatus", string),
	    SIM_CELL("CurrentRestorePointDateTime", time), SIM_CELL("BackupCloudPcStatus", string),
	    SIM_CELL("ActivationExpirationDateTime", time));

/* Is anything kept for it elsewhere? */
static bool recovers(const struct sim_report_pc *pc)
{
	int column = sim_column_find(&pc->set->columns, W365_SPAN("disasterRecoveryCapability"));
	struct w365_span raw = sim_item_value(pc->set->items[pc->position], (size_t)column);

	return pc->exists && raw.len && raw.p[0] == '{';
}

static bool recovery(const struct sim_report_pc *pc, struct sim_row *row)
{
	struct sim_rng r = sim_rng(pc->rng.state, "recovery", 0);
	_cleanup_(w365_buf_done) struct w365_buf upn = W365_BUF;
	const struct sim_user *user;
	char id[37];

	if (!recovers(pc))
		return true;
	user = sim_tenant_user(&pc->sim->tenant, sim_item_str(pc->set, pc->set->items[pc->position],
							      "userPrincipalName", &upn));
	sim_row_begin(row, row->set->columns.type);
	sim_rng_guid(&r, id);
	sim_row_str(row, "Id", id);
	sim_row_str(row, "CloudPcId", pc->id);
	sim_row_str(row, "UserId", user ? user->id : NULL);
	sim_row_str(row, "UserSettingId", sim_guid(pc->sim->config.seed, "setting", 1, id));
	sim_row_copy(row, "DeviceId", pc, "aadDeviceId");
	sim_row_copy(row, "CloudPCDeviceDisplayName", pc, "displayName");
	sim_row_copy(row, "UserPrincipalName", pc, "userPrincipalName");
	sim_row_str(row, "EnabledDRType", "CrossRegionDR");
	sim_row_str(row, "DRHealthStatus",
		    sim_rng_percent(&r, 20) ? "Unhealthy:'ANC unhealthy', 'Network \"mismatch\"'"
					    : "Healthy");
	sim_row_str(row, "LicenseType", sim_rng_percent(&r, 30) ? "Plus" : "Standard");
	sim_row_str(row, "DisasterRecoveryStatus", "Not active");
	sim_row_time(row, "CurrentRestorePointDateTime",
		     pc->sim->config.today - sim_rng_between(&r, 600, 14400));
	sim_row_str(row, "BackupCloudPcStatus", "");
	return sim_row_add(row, NULL);
}

bool sim_recovery_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, recovery);
}

SIM_COLUMNS(recovery_status, SIM_CELL("CloudPcId", string), SIM_CELL("ManagedDeviceName", string),
	    SIM_CELL("UserPrincipalName", string), SIM_CELL("Category", string),
	    SIM_CELL("DisasterRecoveryStatus", string));

static bool recovery_status(const struct sim_report_pc *pc, struct sim_row *row)
{
	if (!pc->exists)
		return true;
	sim_row_begin(row, row->set->columns.type);
	sim_row_pc(row, pc);
	sim_row_str(row, "Category", recovers(pc) ? "CrossRegionDR" : "None");
	sim_row_str(row, "DisasterRecoveryStatus", recovers(pc) ? "Not active" : NULL);
	return sim_row_add(row, NULL);
}

bool sim_recovery_status_rows(struct sim *s, struct sim_row *row)
{
	return sim_each_pc(s, row, recovery_status);
}
