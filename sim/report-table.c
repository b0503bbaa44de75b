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
};

const size_t sim_report_count = ARRAY_SIZE(sim_reports);
