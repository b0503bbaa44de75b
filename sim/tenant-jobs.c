/* What was started and runs on: bulk actions, exports, published apps. */
#include <stdio.h>

#include "base/macros.h"
#include "sim/tenant-parts.h"

/* One of every derived type. */
static const struct {
	const char *type, *name, *status;
	bool night; /* waits for the maintenance window */
} bulk_actions[] = {
	{ "cloudPcBulkCreateSnapshot", "Snapshot before patch day", "succeeded", false },
	{ "cloudPcBulkDisasterRecovery", "Arm disaster recovery EU", "succeeded", false },
	{ "cloudPcBulkDisasterRecoveryFailback", "Failback drill", "succeeded", false },
	{ "cloudPcBulkDisasterRecoveryFailover", "Failover drill", "failed", false },
	{ "cloudPcBulkModifyDiskEncryptionType", "Customer managed keys for R&D", "pending", true },
	{ "cloudPcBulkMove", "Move Sales to Japan East", "pending", true },
	{ "cloudPcBulkPowerOff", "Frontline off at night", "succeeded", false },
	{ "cloudPcBulkPowerOn", "Frontline on in the morning", "succeeded", false },
	{ "cloudPcBulkReinstallAgent", "Repair agents after outage", "failed", false },
	{ "cloudPcBulkReprovision", "Reprovision contractors", "succeeded", false },
	{ "cloudPcBulkResize", "Finance to 16 GB", "pending", true },
	{ "cloudPcBulkRestart", "Monthly restart", "succeeded", false },
	{ "cloudPcBulkRestore", "Undo bad driver", "succeeded", false },
	{ "cloudPcBulkSetReviewStatus", "Legal hold 2026-17", "succeeded", false },
	{ "cloudPcBulkTroubleshoot", "Check all connections", "succeeded", false },
};

static void bulk_own_part(struct sim_row *row, const struct sim_tenant *t, const char *type)
{
	char text[200], subscription[37];
	struct w365_jw *j;

	if (w365_streq(type, "cloudPcBulkCreateSnapshot")) {
		snprintf(text, sizeof(text),
			 "/subscriptions/%s/resourceGroups/rg-images/providers/Microsoft.Storage/"
			 "storageAccounts/stlarksnapshots",
			 sim_guid(t->seed, "subscription", 0, subscription));
		sim_row_str(row, "accessTier", "cool");
		sim_row_str(row, "storageAccountId", text);
	} else if (w365_streq(type, "cloudPcBulkDisasterRecovery")) {
		sim_row_str(row, "capabilityType", "failover");
		sim_row_str(row, "licenseType", "plus");
	} else if (w365_streq(type, "cloudPcBulkModifyDiskEncryptionType")) {
		sim_row_str(row, "diskEncryptionType", "customerManagedKey");
	} else if (w365_streq(type, "cloudPcBulkResize")) {
		sim_row_str(row, "targetServicePlanId", sim_plan_id(t, 5, text));
	} else if (w365_streq(type, "cloudPcBulkRestore")) {
		sim_row_bool(row, "ignoreUnhealthySnapshots", false);
		sim_row_time(row, "restorePointDateTime", t->today - 3 * SIM_DAY);
		sim_row_str(row, "timeRange", "before");
	} else if (w365_streq(type, "cloudPcBulkSetReviewStatus")) {
		j = sim_row_value(row, "reviewStatus");
		w365_jw_open(j, '{');
		w365_jw_pair(j, "accessTier", "hot");
		w365_jw_pair(j, "azureStorageAccountId", "");
		w365_jw_pair(j, "azureStorageAccountName", "stlarkreview");
		w365_jw_pair(j, "azureStorageContainerName", "windows365-review");
		w365_jw_pair_bool(j, "inReview", true);
		sim_json_pair_time(j, "restorePointDateTime", t->today - 20 * SIM_DAY);
		sim_json_pair_time(j, "reviewStartDateTime", t->today - 20 * SIM_DAY + 600);
		w365_jw_pair(j, "subscriptionId", sim_guid(t->seed, "subscription", 0, text));
		w365_jw_pair(j, "subscriptionName", "Larkspur Labs - Production");
		w365_jw_pair(j, "userAccessLevel", "restricted");
		w365_jw_close(j, '}');
	}
}

static void bulk_summary(struct w365_jw *j, const char *status, int count)
{
	bool failed = w365_streq(status, "failed"), pending = w365_streq(status, "pending");

	w365_jw_open(j, '{');
	w365_jw_pair_int(j, "failedCount", failed ? (count + 1) / 2 : 0);
	w365_jw_pair_int(j, "inProgressCount", pending ? count / 2 : 0);
	w365_jw_pair_int(j, "notSupportedCount", 0);
	w365_jw_pair_int(j, "pendingCount", pending ? count - count / 2 : 0);
	w365_jw_pair_int(j, "successfulCount", failed ? count / 2 : pending ? 0 : count);
	w365_jw_close(j, '}');
}

bool sim_fill_bulk_actions(const struct sim_tenant *t, struct sim_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(bulk_actions); i++) {
		const char *type = bulk_actions[i].type;
		struct sim_rng r = sim_rng(t->seed, "bulk", i);
		size_t count = MIN(t->cloud_pcs, 3 + sim_rng_below(&r, 6));
		char text[128];
		struct w365_jw *j;

		sim_row_begin(row, sim_type_find((struct w365_span){ type, strlen(type) }));
		snprintf(text, sizeof(text), "#microsoft.graph.%s", type);
		sim_row_str(row, "@odata.type", text);
		sim_row_str(row, "id", sim_guid(t->seed, "bulk", i, text));
		bulk_summary(sim_row_value(row, "actionSummary"), bulk_actions[i].status,
			     (int)count);
		j = sim_row_value(row, "cloudPcIds");
		w365_jw_open(j, '[');
		for (size_t k = 0; k < count; k++)
			w365_jw_str(j, sim_pc(t, (i * 7 + k * 3) % t->cloud_pcs).id);
		w365_jw_close(j, ']');
		sim_row_time(row, "createdDateTime",
			     t->today - (time_t)(i + 1) * 2 * SIM_DAY +
				     sim_rng_between(&r, 0, 80000));
		sim_row_str(row, "displayName", bulk_actions[i].name);
		snprintf(text, sizeof(text), "%s", t->users[i % 5].upn);
		sim_row_str(row, "initiatedByUserPrincipalName", text);
		sim_row_bool(row, "scheduledDuringMaintenanceWindow", bulk_actions[i].night);
		sim_row_str(row, "status", bulk_actions[i].status);
		bulk_own_part(row, t, type);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

static const struct {
	const char *report, *written, *status, *filter;
} exports[] = {
	{ "totalAggregatedRemoteConnectionReports", "TotalAggregatedRemoteConnectionReports",
	  "completed", NULL },
	{ "dailyAggregatedRemoteConnectionReports", "DailyAggregatedRemoteConnectionReports",
	  "completed", "EventDateTime gt datetime'2026-01-01'" },
	{ "frontlineLicenseUsageReport", "FrontlineLicenseUsageReport", "inProgress", NULL },
	{ "inaccessibleCloudPcReports", "InaccessibleCloudPcReports", "failed", NULL },
};

bool sim_fill_export_jobs(const struct sim_tenant *t, struct sim_row *row)
{
	char guid[37], text[300];

	for (size_t i = 0; i < ARRAY_SIZE(exports); i++) {
		bool done = w365_streq(exports[i].status, "completed");
		time_t at = t->today - (time_t)(i + 1) * 7200;

		sim_guid(t->seed, "export", i, guid);
		sim_row_begin(row, row->set->columns.type);
		snprintf(text, sizeof(text), "%s__%s", exports[i].written, guid);
		sim_row_str(row, "id", text);
		if (done)
			sim_row_time(row, "expirationDateTime", at + SIM_DAY);
		else
			sim_row_str(row, "expirationDateTime", "0001-01-01T00:00:00Z");
		sim_row_str(row, "exportJobStatus", exports[i].status);
		snprintf(text, sizeof(text),
			 "https://stexport.blob.example/cloudpc/%s_%s.zip?sv=2024-11-04&sig=%s",
			 exports[i].written, guid, "bm90LWEtc2VjcmV0%3D");
		sim_row_str(row, "exportUrl", done ? text : NULL);
		sim_row_str(row, "filter", exports[i].filter);
		sim_row_str(row, "format", "csv");
		sim_row_str(row, "reportName", exports[i].report);
		sim_row_time(row, "requestDateTime", at);
		sim_row_raw(
			row, "select",
			W365_SPAN("[\"CloudPcId\",\"ManagedDeviceName\",\"UserPrincipalName\"]"));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

static const struct {
	const char *name, *found, *file, *arguments, *status, *error, *message;
	bool by_path;
} apps[] = {
	{ "Excel", "Excel", "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE", NULL,
	  "published", NULL, NULL, false },
	{ "Word", "Word", "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE", NULL,
	  "published", NULL, NULL, false },
	{ "Time sheet", "Microsoft Edge",
	  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
	  "--app=https://time.larkspurlabs.example", "ready", NULL, NULL, false },
	{ "Label printer", "LabelPrint", "C:\\Apps\\Label\\label.exe", "/site:\"Oslo\"",
	  "publishing", NULL, NULL, true },
	{ "Lager (veraltet)", "WMS Client", "C:\\Apps\\WMS\\wms.exe", NULL, "failed",
	  "filePathInvalid", "The file C:\\Apps\\WMS\\wms.exe does not exist in the image.", true },
	{ "Calculator", "Calculator", "C:\\Windows\\System32\\calc.exe", NULL, "preparing", NULL,
	  NULL, false },
};

bool sim_fill_cloud_apps(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];

	for (size_t i = 0; i < ARRAY_SIZE(apps); i++) {
		bool published = w365_streq(apps[i].status, "published");
		time_t at = t->today - (time_t)(10 + 9 * i) * SIM_DAY + 36000;
		struct w365_jw *j;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_guid(t->seed, "app", i, id));
		sim_row_str(row, "actionFailedErrorCode", apps[i].error);
		sim_row_str(row, "actionFailedErrorMessage", apps[i].message);
		sim_row_time(row, "addedDateTime", at);
		j = sim_row_value(row, "appDetail");
		w365_jw_open(j, '{');
		w365_jw_pair(j, "@odata.type",
			     apps[i].by_path
				     ? "#microsoft.graph.cloudPcFilePathAppDetail"
				     : "#microsoft.graph.cloudPcAutomaticDiscoveredAppDetail");
		w365_jw_pair(j, "commandLineArguments", apps[i].arguments);
		w365_jw_pair(j, "filePath", apps[i].file);
		w365_jw_pair_int(j, "iconIndex", 0);
		w365_jw_pair(j, "iconPath", apps[i].file);
		w365_jw_close(j, '}');
		sim_row_str(row, "appStatus", apps[i].status);
		sim_row_bool(row, "availableToUser", published);
		sim_row_str(row, "description", i % 2 ? NULL : "For the front desks");
		sim_row_str(row, "discoveredAppName", apps[i].found);
		sim_row_str(row, "displayName", apps[i].name);
		if (published)
			sim_row_time(row, "lastPublishedDateTime", at + SIM_DAY);
		else
			sim_row_str(row, "lastPublishedDateTime", "0001-01-01T00:00:00Z");
		sim_row_str(row, "provisioningPolicyId", t->policies[6].id);
		sim_row_raw(row, "scopeIds", W365_SPAN("[\"0\"]"));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}
