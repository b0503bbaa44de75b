/* Paths: what they mean in which version. */
#include "base/macros.h"
#include "sim/route.h"
#include "tests/lib/check.h"

#define VE "/deviceManagement/virtualEndpoint"

static const struct {
	enum sim_version version;
	const char *path;
	const char *resource, *operation; /* NULL both: nothing */
	bool item;
	const char *id; /* the last one; or, if nothing is meant, the segment that is named */
} routes[] = {
	{ SIM_BETA, VE "/cloudPCs", "cloudPCs", NULL, false, NULL },
	{ SIM_V1, VE "/cloudPCs", "cloudPCs", NULL, false, NULL },
	{ SIM_BETA, "/devicemanagement/VIRTUALENDPOINT/cloudpcs", "cloudPCs", NULL, false, NULL },
	{ SIM_BETA, VE "/cloudPCs/", "cloudPCs", NULL, false, NULL },
	{ SIM_BETA, VE "/cloudPCs/abc", "cloudPCs", NULL, true, "abc" },
	{ SIM_BETA, VE "/cloudPCs/a%2Fb%23", "cloudPCs", NULL, true, "a/b#" },
	{ SIM_BETA, VE "/cloudPCs/abc/reboot", NULL, "reboot", false, "abc" },
	{ SIM_BETA, VE "/cloudPCs/abc/REBOOT", NULL, "reboot", false, "abc" },
	{ SIM_BETA, VE "/cloudPCs/retrieveCloudPcCountByStatus", NULL,
	  "retrieveCloudPcCountByStatus", false, NULL },
	{ SIM_BETA, VE "/cloudPCs/retrieveCloudPcCountByStatus()", NULL,
	  "retrieveCloudPcCountByStatus", false, NULL },
	{ SIM_BETA, VE "/cloudPCs/getProvisionedCloudPCs(groupId='a',servicePlanId='b')", NULL,
	  "getProvisionedCloudPCs", false, NULL },
	{ SIM_V1, VE "/cloudPCs/abc/powerOn", NULL, NULL, false, "powerOn" },
	{ SIM_BETA, VE "/cloudPCs/abc/reboot()", NULL, NULL, false, "reboot()" },
	{ SIM_BETA, VE "/cloudPCs/abc/nope", NULL, NULL, false, "nope" },
	{ SIM_BETA, VE "/cloudPCs/$count", NULL, NULL, false, "$count" },
	{ SIM_BETA, VE "/cloudPCs('abc')", NULL, NULL, false, "cloudPCs('abc')" },
	{ SIM_V1, VE "/bulkActions", NULL, NULL, false, "bulkActions" },
	{ SIM_BETA, VE "/bulkActions", "bulkActions", NULL, false, NULL },
	{ SIM_BETA, VE "/bulkActions/1/retry", NULL, "retry", false, "1" },
	{ SIM_BETA, VE "/provisioningPolicies/1/retry", NULL, "retry", false, "1" },
	{ SIM_BETA, VE "/provisioningPolicies/1/assignments", "provisioningPolicies/assignments",
	  NULL, false, "1" },
	{ SIM_BETA, VE "/provisioningPolicies/1/assignments/2", "provisioningPolicies/assignments",
	  NULL, true, "2" },
	{ SIM_BETA, VE "/provisioningPolicies/1/assignments/2/userSettingsPersistenceDetail",
	  "provisioningPolicies/assignments/userSettingsPersistenceDetail", NULL, false, "2" },
	{ SIM_V1, VE "/provisioningPolicies/1/assignments/2/userSettingsPersistenceDetail", NULL,
	  NULL, false, "userSettingsPersistenceDetail" },
	{ SIM_BETA, VE "/cloudPcPools/1/assignments/2", "cloudPcPools/assignments", NULL, true,
	  "2" },
	{ SIM_BETA, VE "/organizationSettings", "organizationSettings", NULL, false, NULL },
	{ SIM_BETA, VE "/organizationSettings/1", NULL, NULL, false, "1" },
	{ SIM_BETA, VE "/reports/exportJobs/1", "reports/exportJobs", NULL, true, "1" },
	{ SIM_BETA, VE "/reports/getActionStatusReports", NULL, "getActionStatusReports", false,
	  NULL },
	{ SIM_BETA, VE, "virtualEndpoint", NULL, false, NULL },
	{ SIM_BETA, VE "/nope", NULL, NULL, false, "nope" },
	{ SIM_BETA, "/deviceManagement", NULL, NULL, false, "deviceManagement" },
	{ SIM_BETA, "/nope/virtualEndpoint", NULL, NULL, false, "nope" },
	{ SIM_BETA, "/users/a%40b/cloudPCs", "users/cloudPCs", NULL, false, "a@b" },
	{ SIM_BETA, "/users/a/cloudPCs/1", "users/cloudPCs", NULL, true, "1" },
	{ SIM_BETA, "/users/a/cloudPCs/1/reboot", NULL, "reboot", false, "1" },
	{ SIM_BETA, "/me/cloudPCs", "users/cloudPCs", NULL, false, NULL },
	{ SIM_BETA, "/me/cloudPCs/1/reboot", NULL, "reboot", false, "1" },
	{ SIM_BETA, "/me/bulkActions/1/retry", NULL, NULL, false, "bulkActions" },
	{ SIM_BETA, "/", NULL, NULL, false, "" },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
		_cleanup_(sim_path_done) struct sim_path path = { 0 };
		struct sim_route r = { 0 };
		char title[200];
		bool found;

		snprintf(title, sizeof(title), "%s %s", sim_version_name(routes[i].version),
			 routes[i].path);
		sim_path_read((struct w365_span){ routes[i].path, strlen(routes[i].path) }, &path);
		found = sim_route_find(&path, 0, routes[i].version, &r);
		CHECK_STR(title, r.resource ? r.resource->name : NULL, routes[i].resource);
		CHECK_STR(title, r.operation ? r.operation->name : NULL, routes[i].operation);
		CHECK_INT(title, r.item, routes[i].item);
		CHECK_STR(title, found ? (r.id_count ? r.ids[r.id_count - 1] : NULL) : r.unknown,
			  routes[i].id);
	}
	return check_summary();
}
