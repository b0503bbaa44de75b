/* Which action has which reports. */
#include "sim/report-rows.h"

#define ROWS(id) &sim_##id##_columns, sim_##id##_rows
#define REPORT(operation, value, id)                   \
	{                                              \
		operation, value, ROWS(id), NULL, 0, 0 \
	}
#define LIMITED(operation, value, id)                     \
	{                                                 \
		operation, value, ROWS(id), NULL, 25, 100 \
	}
#define LIMITED_BY(operation, id, order)                  \
	{                                                 \
		operation, NULL, ROWS(id), order, 25, 100 \
	}

const struct sim_report sim_reports[] = {
	LIMITED_BY("getActionStatusReports", actions, "RequestDateTime"),
	LIMITED_BY("retrieveBulkActionStatusReport", bulk_status, "RequestDateTime"),
	REPORT("getTotalAggregatedRemoteConnectionReports", NULL, total_usage),
	REPORT("getDailyAggregatedRemoteConnectionReports", NULL, daily_usage),
	REPORT("getRemoteConnectionHistoricalReports", NULL, sessions),
	REPORT("getRawRemoteConnectionReports", NULL, raw_sessions),
	REPORT("getConnectionQualityReports", NULL, quality),
	REPORT("retrieveCloudPcClientAppUsageReport", "microsoftRemoteDesktopClientUsageReport",
	       client_apps),
	REPORT("retrieveCloudPcRecommendationReports", "cloudPcUsageCategoryReport",
	       usage_category),
	REPORT("retrieveCloudPcRecommendationReports", "cloudPcUsageCategoryReports",
	       usage_category),
	REPORT("getCloudPcRecommendationReports", "cloudPcUsageCategoryReport", usage_category),
	REPORT("getCloudPcRecommendationReports", "cloudPcUsageCategoryReports", usage_category),
	LIMITED("getCloudPcPerformanceReport", "performanceTrendReport", performance),
	LIMITED("getCloudPcPerformanceReport", "cloudPcInsightReport", insight),
	LIMITED("retrieveCloudPcTenantMetricsReport", "performanceTrendReport", performance),
	LIMITED("retrieveCloudPcTenantMetricsReport", "cloudPcInsightReport", insight),
	REPORT("retrieveConnectionQualityReports", "remoteConnectionQualityReport", quality),
	REPORT("retrieveConnectionQualityReports", "regionalConnectionQualityTrendReport",
	       quality_trend),
	REPORT("retrieveConnectionQualityReports", "regionalConnectionQualityInsightsReport",
	       quality_insights),
	REPORT("getInaccessibleCloudPcReports", "inaccessibleCloudPcReports", inaccessible),
	REPORT("getInaccessibleCloudPcReports", "inaccessibleCloudPcTrendReport",
	       inaccessible_trend),
	REPORT("getInaccessibleCloudPcReports", "regionalInaccessibleCloudPcTrendReport",
	       inaccessible_regions),
	LIMITED("retrieveCloudPcTroubleshootReports", "troubleshootDetailsReport", trouble_details),
	LIMITED("retrieveCloudPcTroubleshootReports", "troubleshootTrendCountReport",
		trouble_trend),
	LIMITED("retrieveCloudPcTroubleshootReports", "troubleshootRegionalReport",
		trouble_regions),
	LIMITED("retrieveCloudPcTroubleshootReports", "troubleshootIssueCountReport",
		trouble_issues),
	REPORT("retrieveCrossRegionDisasterRecoveryReport", "crossRegionDisasterRecoveryReport",
	       recovery),
	REPORT("retrieveCrossRegionDisasterRecoveryReport", "disasterRecoveryReport",
	       recovery_status),
	/* The old action knows them by the names of all reports, the new one by its own. */
	REPORT("getFrontlineReport", "noLicenseAvailableConnectivityFailureReport", no_licence),
	REPORT("getFrontlineReport", "frontlineLicenseUsageReport", licences),
	REPORT("getFrontlineReport", "frontlineLicenseUsageRealTimeReport", licences_now),
	REPORT("getFrontlineReport", "frontlineLicenseHourlyUsageReport", licence_hours),
	REPORT("getFrontlineReport", "frontlineRealtimeUserConnectionsReport", connected_users),
	REPORT("retrieveFrontlineReports", "noLicenseAvailableConnectivityFailureReport",
	       no_licence),
	REPORT("retrieveFrontlineReports", "licenseUsageReport", licences),
	REPORT("retrieveFrontlineReports", "licenseUsageRealTimeReport", licences_now),
	REPORT("retrieveFrontlineReports", "licenseHourlyUsageReport", licence_hours),
	REPORT("retrieveFrontlineReports", "connectedUserRealtimeReport", connected_users),
	/* Export jobs know them by the names of all reports. */
	{ "exportJobs", "actionStatusReport", ROWS(actions), "RequestDateTime", 0, 0 },
	{ "exportJobs", "bulkActionStatusReport", ROWS(bulk_status), "RequestDateTime", 0, 0 },
	REPORT("exportJobs", "totalAggregatedRemoteConnectionReports", total_usage),
	REPORT("exportJobs", "dailyAggregatedRemoteConnectionReports", daily_usage),
	REPORT("exportJobs", "remoteConnectionHistoricalReports", sessions),
	REPORT("exportJobs", "rawRemoteConnectionReports", raw_sessions),
	REPORT("exportJobs", "remoteConnectionQualityReports", quality),
	REPORT("exportJobs", "remoteConnectionQualityReport", quality),
	REPORT("exportJobs", "regionalConnectionQualityTrendReport", quality_trend),
	REPORT("exportJobs", "regionalConnectionQualityInsightsReport", quality_insights),
	REPORT("exportJobs", "inaccessibleCloudPcReports", inaccessible),
	REPORT("exportJobs", "inaccessibleCloudPcTrendReport", inaccessible_trend),
	REPORT("exportJobs", "regionalInaccessibleCloudPcTrendReport", inaccessible_regions),
	REPORT("exportJobs", "cloudPcUsageCategoryReports", usage_category),
	REPORT("exportJobs", "cloudPcUsageCategoryReport", usage_category),
	REPORT("exportJobs", "crossRegionDisasterRecoveryReport", recovery),
	REPORT("exportJobs", "performanceTrendReport", performance),
	REPORT("exportJobs", "cloudPcInsightReport", insight),
	REPORT("exportJobs", "cloudPCInventoryReport", insight),
	REPORT("exportJobs", "noLicenseAvailableConnectivityFailureReport", no_licence),
	REPORT("exportJobs", "frontlineLicenseUsageReport", licences),
	REPORT("exportJobs", "frontlineLicenseUsageRealTimeReport", licences_now),
	REPORT("exportJobs", "frontlineLicenseHourlyUsageReport", licence_hours),
	REPORT("exportJobs", "frontlineRealtimeUserConnectionsReport", connected_users),
	REPORT("exportJobs", "troubleshootDetailsReport", trouble_details),
	REPORT("exportJobs", "troubleshootTrendCountReport", trouble_trend),
	REPORT("exportJobs", "troubleshootRegionalReport", trouble_regions),
	REPORT("exportJobs", "troubleshootIssueCountReport", trouble_issues),
};

const struct sim_report *sim_report_find(const char *operation, const char *value)
{
	for (size_t i = 0; i < sim_report_count; i++)
		if (w365_streq(sim_reports[i].operation, operation) &&
		    (!sim_reports[i].value || w365_streq(sim_reports[i].value, value)))
			return &sim_reports[i];
	return NULL;
}

const size_t sim_report_count = ARRAY_SIZE(sim_reports);
