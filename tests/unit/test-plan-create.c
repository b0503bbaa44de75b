/* What a text that is a new item is sent as, and what is missing in it. JSON is written with ' for ". */
#include <errno.h>

#include "tests/unit/plan.h"

/* What a new policy needs but for its name, which the file has. */
#define NEEDS                                                         \
	"'imageId':'i','imageType':'gallery','imageDisplayName':'I'," \
	"'domainJoinConfigurations':[{'domainJoinType':'azureADJoin','regionName':'westeurope'}]"
#define POOL_NEEDS                                                                                                             \
	"'capabilities':{'@odata.type':'#microsoft.graph.cloudPcAgentPoolCapabilityConfiguration','enableSingleSignOn':true}," \
	"'cloudPcConfiguration':{'imageId':'i','imageType':'gallery','osLocale':'en-US'},"                                     \
	"'networkConfiguration':{'@odata.type':'#microsoft.graph.cloudPcMicrosoftHostedNetworkConfiguration',"                 \
	"'geographicLocationType':'europe','regionGroups':[{'regionGroup':'default','regions':['x']}]},"                       \
	"'billingConfiguration':{'billingPlanId':'b','billingType':'payAsYouGo'},"                                             \
	"'scalingPolicy':{'maximumCount':2,'minimumCount':1}"

static const struct {
	const char *why, *collection, *name, *text;
	unsigned flags;
	int num;
	const char *says;
	const char *body, *assign;
} cases[] = {
	{ "named by its file", "provisioningPolicies", "x/y \"z\"", "{" NEEDS "}",
	  .body = "{" NEEDS ",'displayName':'x/y \\'z\\''}" },
	{ "or by itself", "provisioningPolicies", "file", "{'displayName':'B'," NEEDS "}",
	  .body = "{'displayName':'B'," NEEDS "}" },
	{ "null is no name", "provisioningPolicies", "file", "{'displayName':null," NEEDS "}",
	  .body = "{" NEEDS ",'displayName':'file'}" },
	{ "a clone: what the service sets is left out", "provisioningPolicies", "file",
	  "{'id':'p1','displayName':'B','description':null,'alternateResourceUrl':'u','createdBy':'x','createdDateTime':'2026-01-01T00:00:00Z'," NEEDS
	  ",'lastModifiedDateTime':'2026-01-01T00:00:00Z','managedBy':['windows365'],'provisioningType':'dedicated','windowsSetting':{'locale':'en-US','x@odata.y':1}}",
	  .body = "{'displayName':'B'," NEEDS
		  ",'managedBy':['windows365'],'provisioningType':'dedicated','windowsSetting':{'locale':'en-US'}}" },
	{ "nulls in it too", "provisioningPolicies", "file",
	  "{'displayName':'B'," NEEDS
	  ",'autopilotConfiguration':{'applicationTimeoutInMinutes':null,'devicePreparationProfileId':'d'}}",
	  .body = "{'displayName':'B'," NEEDS
		  ",'autopilotConfiguration':{'devicePreparationProfileId':'d'}}" },
	{ "its assignments follow", "provisioningPolicies", "file",
	  "{'displayName':'B'," NEEDS ",'assignments':[" TO("a1", "g1") "]}",
	  .body = "{'displayName':'B'," NEEDS "}",
	  .assign = "{'assignments':[{'target':{'@odata.type':'" GROUP "','groupId':'g1'}}]}" },
	{ "no assignments", "provisioningPolicies", "file",
	  "{'displayName':'B'," NEEDS ",'assignments':[]}",
	  .body = "{'displayName':'B'," NEEDS "}" },
	{ "null is none", "provisioningPolicies", "file",
	  "{'displayName':'B'," NEEDS ",'assignments':null}",
	  .body = "{'displayName':'B'," NEEDS "}" },
	{ "assignments are checked", "provisioningPolicies", "file",
	  "{'displayName':'B'," NEEDS ",'assignments':[{'target':{'groupId':'g'}}]}", .num = EINVAL,
	  .says = "assignments[0].target needs an '@odata.type'" },
	{ "what is missing", "provisioningPolicies", "file", "{'imageId':'i'}", .num = EINVAL,
	  .says = "a new item of provisioningPolicies needs domainJoinConfigurations, imageDisplayName, imageType too: add them" },
	{ "one thing is missing", "cloudApps", "file",
	  "{'discoveredAppName':'d','provisioningPolicyId':'p'}", .num = EINVAL,
	  .says = "a new item of cloudApps needs appDetail too: add it" },
	{ "null is missing", "deviceImages", "file", "{'version':null,'sourceImageResourceId':'s'}",
	  .num = EINVAL, .says = "needs version too" },
	{ "unknown", "provisioningPolicies", "file", "{" NEEDS ",'imageIdd':'x'}", .num = EINVAL,
	  .says = "imageIdd is no property of cloudPcProvisioningPolicy (did you mean imageId?)" },
	{ "unknown, and null", "provisioningPolicies", "file", "{" NEEDS ",'imageIdd':null}",
	  .num = EINVAL, .says = "imageIdd is no property" },
	{ "lax", "provisioningPolicies", "file", "{" NEEDS ",'imageIdd':'x'}", .flags = LAX,
	  .body = "{" NEEDS ",'imageIdd':'x','displayName':'file'}" },
	{ "of the other version", "provisioningPolicies", "file", "{" NEEDS ",'scopeIds':['0']}",
	  .flags = V1, .num = EINVAL, .says = "scopeIds is not in v1.0" },
	{ "a bad value", "provisioningPolicies", "file", "{" NEEDS ",'provisioningType':'x'}",
	  .num = EINVAL, .says = "provisioningType cannot be 'x'" },
	{ "a bad value of what is left out is nobody's concern", "userSettings", "file",
	  "{'createdDateTime':7}", .body = "{'displayName':'file'}" },
	{ "annotations are left out", "userSettings", "file",
	  "{'@odata.context':'x','resetEnabled':true}",
	  .body = "{'resetEnabled':true,'displayName':'file'}" },
	{ "a type where there is only one", "userSettings", "file",
	  "{'@odata.type':'#microsoft.graph.cloudPcUserSetting'}", .num = EINVAL,
	  .says = "@odata.type belongs only" },
	{ "a user setting", "userSettings", "file",
	  "{'restorePointSetting':{'frequencyType':'sixHours'}}",
	  .body = "{'restorePointSetting':{'frequencyType':'sixHours'},'displayName':'file'}" },
	{ "a connection, with its password", "onPremisesConnections", "file",
	  "{'adDomainPassword':'geheim','connectionType':'azureADJoin','subscriptionId':'a','resourceGroupId':'b','virtualNetworkId':'c','subnetId':'d','healthCheckStatus':'passed'}",
	  .body = "{'adDomainPassword':'geheim','connectionType':'azureADJoin','subscriptionId':'a','resourceGroupId':'b','virtualNetworkId':'c','subnetId':'d','displayName':'file'}" },
	{ "a password that was blanked is not sent", "onPremisesConnections", "file",
	  "{'adDomainPassword':'','connectionType':'azureADJoin','subscriptionId':'a','resourceGroupId':'b','virtualNetworkId':'c','subnetId':'d'}",
	  .body = "{'connectionType':'azureADJoin','subscriptionId':'a','resourceGroupId':'b','virtualNetworkId':'c','subnetId':'d','displayName':'file'}" },
	{ "an image", "deviceImages", "Win",
	  "{'version':'1.0','sourceImageResourceId':'/s','scopeIds':['0'],'status':'ready'}",
	  .body = "{'version':'1.0','sourceImageResourceId':'/s','scopeIds':['0'],'displayName':'Win'}" },
	{ "an app", "cloudApps", "App",
	  "{'discoveredAppName':'d','provisioningPolicyId':'p','appDetail':{'@odata.type':'#microsoft.graph.cloudPcFilePathAppDetail','filePath':'f'},'appStatus':'ready'}",
	  .body = "{'discoveredAppName':'d','provisioningPolicyId':'p','appDetail':{'@odata.type':'#microsoft.graph.cloudPcFilePathAppDetail','filePath':'f'},'displayName':'App'}" },
	{ "a pool", "cloudPcPools", "Pool",
	  "{'@odata.type':'#microsoft.graph.cloudPcAgentPool'," POOL_NEEDS "}",
	  .body = "{'@odata.type':'#microsoft.graph.cloudPcAgentPool'," POOL_NEEDS
		  ",'displayName':'Pool'}" },
	{ "a pool of no type", "cloudPcPools", "Pool", "{" POOL_NEEDS "}", .num = EINVAL,
	  .says = "line 1, column 1: needs an '@odata.type': write #microsoft.graph.cloudPcAgentPool" },
	{ "what a pool of that type needs", "cloudPcPools", "Pool",
	  "{'@odata.type':'#microsoft.graph.cloudPcAgentPool'}", .num = EINVAL,
	  .says = "needs capabilities, cloudPcConfiguration, networkConfiguration, billingConfiguration, scalingPolicy too" },
	{ "what cannot be set with it", "cloudPcPools", "Pool",
	  "{'@odata.type':'#microsoft.graph.cloudPcAgentPool','assignments':[{}]}", .num = EINVAL,
	  .says = "assignments cannot be set by a file: leave it out" },
	{ "but for nothing of it", "cloudPcPools", "Pool",
	  "{'@odata.type':'#microsoft.graph.cloudPcAgentPool','assignments':[]," POOL_NEEDS "}",
	  .body = "{'@odata.type':'#microsoft.graph.cloudPcAgentPool'," POOL_NEEDS
		  ",'displayName':'Pool'}" },
	{ "what has no name is not named", "externalPartners", "file",
	  "{'partnerId':'p','enableConnection':true}",
	  .body = "{'partnerId':'p','enableConnection':true}" },
	{ "nor is its older twin", "externalPartnerSettings", "file",
	  "{'partnerId':'p','enableConnection':true}",
	  .body = "{'partnerId':'p','enableConnection':true}" },
	{ "a bulk action acts", "bulkActions", "file",
	  "{'@odata.type':'#microsoft.graph.cloudPcBulkRestart','cloudPcIds':['1']}", .num = EPERM,
	  .says = "no item of bulkActions can be made by a file: use its actions/create" },
	{ "a Cloud PC comes by itself", "cloudPCs", "file", "{}", .num = EPERM,
	  .says = "no item of cloudPCs can be made by a file" },
	{ "an empty text", "userSettings", "file", "\n", .num = EINVAL,
	  .says = "the text is empty" },
	{ "no JSON", "userSettings", "file", "{'resetEnabled':yes}", .num = EINVAL,
	  .says = "line 1, column 17: a value is expected" },
};

static void run(unsigned i)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	struct graph_plan plan = { 0 };
	struct w365_err err = { 0 };
	int r;

	json(&text, cases[i].text);
	r = graph_plan_make(
		&(struct graph_save){
			.collection = graph_collection_find(cases[i].collection),
			.version = cases[i].flags & V1 ? GRAPH_V1 : GRAPH_BETA,
			.text = w365_buf_str(&text),
			.len = text.len,
			.name = cases[i].name,
			.lax = cases[i].flags & LAX,
		},
		&plan, &err);
	check_plan(cases[i].why, r, &err, &plan,
		   &(struct expected){ cases[i].num, cases[i].says, GRAPH_PLAN_CREATE,
				       cases[i].body, cases[i].assign, 0 });
	graph_plan_done(&plan);
}

/* What can be done to items by their files: C create, U update, D delete, A assign. */
static const struct {
	const char *collection, *beta, *v1;
} families[] = {
	{ "provisioningPolicies", "CUDA", "CUDA" },
	{ "userSettings", "CUDA", "CUDA" },
	{ "onPremisesConnections", "CUD", "CUD" },
	{ "deviceImages", "CD", "CD" },
	{ "cloudApps", "CUD", "" },
	{ "cloudPcPools", "CUD", "" },
	{ "externalPartnerSettings", "CU", "" },
	{ "externalPartners", "CU", "" },
	{ "organizationSettings", "U", "" },
	{ "crossCloudGovernmentOrganizationMapping", "", "" }, /* its POST carries a token */
	{ "bulkActions", "", "" },
	{ "reports/exportJobs", "", "" },
	{ "cloudPCs", "", "" },
	{ "auditEvents", "", "" },
	{ "snapshots", "", "" },
};

static void check_family(const struct graph_collection *c, enum graph_version v, const char *can)
{
	char got[8];

	snprintf(got, sizeof(got), "%s%s%s%s", graph_creatable(c, v) ? "C" : "",
		 graph_updatable(c, v) ? "U" : "", graph_deletable(c, v) ? "D" : "",
		 graph_assign_of(c, v) ? "A" : "");
	CHECK_STR(c->name, got, can);
}

int main(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(families); i++) {
		check_family(graph_collection_find(families[i].collection), GRAPH_BETA,
			     families[i].beta);
		check_family(graph_collection_find(families[i].collection), GRAPH_V1,
			     families[i].v1);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		run(i);
	return check_summary();
}
