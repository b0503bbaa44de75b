/* What has become of an action, from what the service shows later. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/watch.h"
#include "tests/lib/action.h"
#include "tests/lib/check.h"

#define SENT 1795339815 /* 2026-11-22T09:30:15Z */
#define AGO  "2026-11-22T09:30:04Z"
#define SOON "2026-11-22T09:30:05Z" /* clocks differ by some seconds */
#define NOW  "2026-11-22T09:30:20Z"

#define LAST(name, state, start)                                                            \
	"{\"lastRemoteActionResult\":{\"actionName\":\"" name "\",\"actionState\":\"" state \
	"\",\"startDateTime\":\"" start "\"}}"

static const struct {
	const char *why, *verb, *body, *result;
	bool ran;
	const char *text; /* NULL: gone */
	enum graph_watch_state state;
	const char *detail;
} cases[] = {
	/* the last remote action */
	{ "it runs", "cloudPCs/reboot", "", "", false, LAST("Reboot", "active", NOW),
	  GRAPH_WATCH_RUNNING, "" },
	{ "it waits", "cloudPCs/reboot", "", "", false, LAST("Reboot", "pending", NOW),
	  GRAPH_WATCH_RUNNING, "" },
	{ "it is done", "cloudPCs/reboot", "", "", false, LAST("Reboot", "done", NOW),
	  GRAPH_WATCH_DONE, "" },
	{ "by its other name", "cloudPCs/reboot", "", "", false, LAST("restart", "done", NOW),
	  GRAPH_WATCH_DONE, "" },
	{ "by a name with a prefix", "cloudPCs/powerOn", "", "", false,
	  LAST("CloudPcPowerOn", "done", NOW), GRAPH_WATCH_DONE, "" },
	{ "clocks differ", "cloudPCs/reboot", "", "", false, LAST("Reboot", "done", SOON),
	  GRAPH_WATCH_DONE, "" },
	{ "that one was before", "cloudPCs/reboot", "", "", false, LAST("Reboot", "done", AGO),
	  GRAPH_WATCH_RUNNING, "" },
	{ "a failure from before", "cloudPCs/reboot", "", "", false, LAST("Reboot", "failed", AGO),
	  GRAPH_WATCH_RUNNING, "" },
	{ "without a time it may be from before", "cloudPCs/reboot", "", "", false,
	  "{\"lastRemoteActionResult\":{\"actionName\":\"Reboot\",\"actionState\":\"done\"}}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "it failed", "cloudPCs/reboot", "", "", false, LAST("Reboot", "failed", NOW),
	  GRAPH_WATCH_FAILED, "failed" },
	{ "it was canceled", "cloudPCs/reboot", "", "", false, LAST("Reboot", "canceled", NOW),
	  GRAPH_WATCH_FAILED, "canceled" },
	{ "it cannot be", "cloudPCs/reboot", "", "", false, LAST("Reboot", "notSupported", NOW),
	  GRAPH_WATCH_FAILED, "notSupported" },
	{ "why it failed", "cloudPCs/resize", "{\"targetServicePlanId\":\"p\"}", "", false,
	  "{\"lastRemoteActionResult\":{\"actionName\":\"Resize\",\"actionState\":\"failed\",\"startDateTime\":\"" NOW
	  "\",\"statusDetail\":{\"code\":\"c\",\"message\":\"no\\nlicence\"}}}",
	  GRAPH_WATCH_FAILED, "no licence" },
	{ "why it failed, by its code", "cloudPCs/reboot", "", "", false,
	  "{\"lastRemoteActionResult\":{\"actionName\":\"Reboot\",\"actionState\":\"failed\",\"startDateTime\":\"" NOW
	  "\",\"statusDetail\":{\"code\":\"c\",\"message\":null}}}",
	  GRAPH_WATCH_FAILED, "c" },
	{ "a state of next year", "cloudPCs/reboot", "", "", false, LAST("Reboot", "paused", NOW),
	  GRAPH_WATCH_RUNNING, "" },
	{ "another one came after it", "cloudPCs/reboot", "", "", false,
	  LAST("Reprovision", "active", NOW), GRAPH_WATCH_UNKNOWN, "another action" },
	{ "another one was before it", "cloudPCs/reboot", "", "", false,
	  LAST("Reprovision", "done", AGO), GRAPH_WATCH_RUNNING, "" },
	{ "nothing to be seen yet", "cloudPCs/reboot", "", "", false,
	  "{\"lastRemoteActionResult\":null}", GRAPH_WATCH_RUNNING, "" },
	{ "keys in another case", "cloudPCs/reboot", "", "", false,
	  "{\"LastRemoteActionResult\":{\"ActionName\":\"Reboot\",\"ActionState\":\"Done\",\"StartDatetime\":\"" NOW
	  "\"}}",
	  GRAPH_WATCH_DONE, "" },
	{ "no JSON", "cloudPCs/reboot", "", "", false, "{", GRAPH_WATCH_RUNNING, "" },
	{ "no object", "cloudPCs/reboot", "", "", false, "[1]", GRAPH_WATCH_RUNNING, "" },
	{ "the Cloud PC is gone", "cloudPCs/reboot", "", "", false, NULL, GRAPH_WATCH_UNKNOWN,
	  "not there any more" },

	/* a state that may have been there before */
	{ "provisioned, as before", "cloudPCs/reprovision", "", "", false,
	  "{\"status\":\"provisioned\"}", GRAPH_WATCH_RUNNING, "" },
	{ "it provisions", "cloudPCs/reprovision", "", "", false, "{\"status\":\"provisioning\"}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "provisioned after that", "cloudPCs/reprovision", "", "", true,
	  "{\"status\":\"provisioned\"}", GRAPH_WATCH_DONE, "" },
	{ "failed, as before", "cloudPCs/reprovision", "", "", false,
	  "{\"status\":\"failed\",\"statusDetail\":{\"message\":\"m\"}}", GRAPH_WATCH_RUNNING, "" },
	{ "failed after that", "cloudPCs/reprovision", "", "", true,
	  "{\"status\":\"failed\",\"statusDetail\":{\"message\":\"m\"}}", GRAPH_WATCH_FAILED, "m" },
	{ "the remote action decides", "cloudPCs/reprovision", "", "", true,
	  "{\"status\":\"provisioned\",\"lastRemoteActionResult\":{\"actionName\":\"Reprovision\",\"actionState\":\"active\",\"startDateTime\":\"" NOW
	  "\"}}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "another one after it, but the state tells", "cloudPCs/powerOff", "", "", false,
	  "{\"powerState\":\"poweredOff\",\"lastRemoteActionResult\":{\"actionName\":\"Rename\",\"actionState\":\"done\",\"startDateTime\":\"" NOW
	  "\"}}",
	  GRAPH_WATCH_DONE, "" },
	{ "it is on", "cloudPCs/powerOff", "", "", false, "{\"powerState\":\"running\"}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "grace", "cloudPCs/endGracePeriod", "", "", false, "{\"status\":\"inGracePeriod\"}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "no grace", "cloudPCs/endGracePeriod", "", "", false, "{\"status\":\"deprovisioning\"}",
	  GRAPH_WATCH_DONE, "" },
	{ "gone is what was wanted", "cloudPCs/endGracePeriod", "", "", false, NULL,
	  GRAPH_WATCH_DONE, "" },
	{ "gone, also in v1.0", "v1.0:cloudPCs/endGracePeriod", "", "", false, NULL,
	  GRAPH_WATCH_DONE, "" },
	{ "there, in v1.0", "v1.0:cloudPCs/endGracePeriod", "", "", false, "{}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "agents: one is being installed", "cloudPCs/retryPartnerAgentInstallation", "", "", false,
	  "{\"partnerAgentInstallResults\":[{\"installStatus\":\"installFailed\"},{\"installStatus\":\"installing\"}]}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "agents: one failed before", "cloudPCs/retryPartnerAgentInstallation", "", "", false,
	  "{\"partnerAgentInstallResults\":[{\"installStatus\":\"installFailed\"}]}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "agents: one failed again", "cloudPCs/retryPartnerAgentInstallation", "", "", true,
	  "{\"partnerAgentInstallResults\":[{\"installStatus\":\"installFailed\",\"errorMessage\":\"1603\"}]}",
	  GRAPH_WATCH_FAILED, "1603" },
	{ "agents: all installed", "cloudPCs/retryPartnerAgentInstallation", "", "", false,
	  "{\"partnerAgentInstallResults\":[{\"installStatus\":\"installed\"},{\"installStatus\":\"licensed\"}]}",
	  GRAPH_WATCH_DONE, "" },

	/* a state with a time */
	{ "a check from before", "onPremisesConnections/runHealthChecks", "", "", false,
	  "{\"healthCheckStatus\":\"passed\",\"healthCheckStatusDetail\":{\"endDateTime\":\"" AGO
	  "\"}}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "a check that ended since", "onPremisesConnections/runHealthChecks", "", "", false,
	  "{\"healthCheckStatus\":\"passed\",\"healthCheckStatusDetail\":{\"endDateTime\":\"" NOW
	  "\"}}",
	  GRAPH_WATCH_DONE, "" },
	{ "a check that failed since", "v1.0:onPremisesConnections/runHealthChecks", "", "", false,
	  "{\"healthCheckStatus\":\"failed\",\"healthCheckStatusDetail\":{\"endDateTime\":\"" NOW
	  "\"}}",
	  GRAPH_WATCH_FAILED, "failed" },
	{ "a check that is not dated", "onPremisesConnections/runHealthChecks", "", "", true,
	  "{\"healthCheckStatus\":\"passed\",\"healthCheckStatusDetail\":null}", GRAPH_WATCH_DONE,
	  "" },
	{ "an upload", "deviceImages/retryUpload", "", "", false,
	  "{\"status\":\"failed\",\"lastModifiedDateTime\":\"" NOW
	  "\",\"errorCode\":\"osVersionNotSupported\"}",
	  GRAPH_WATCH_FAILED, "osVersionNotSupported" },

	/* a value that has become another */
	{ "renamed", "cloudPCs/rename", "{\"displayName\":\"N\"}", "", false,
	  "{\"displayName\":\"N\"}", GRAPH_WATCH_DONE, "" },
	{ "not yet renamed", "cloudPCs/rename", "{\"displayName\":\"N\"}", "", false,
	  "{\"displayName\":\"O\"}", GRAPH_WATCH_RUNNING, "" },
	{ "a larger plan", "cloudPCs/resize", "{\"targetServicePlanId\":\"p\"}", "", false,
	  "{\"servicePlanId\":\"p\",\"status\":\"provisioned\"}", GRAPH_WATCH_DONE, "" },
	{ "a licence is missing", "cloudPCs/resize", "{\"targetServicePlanId\":\"p\"}", "", false,
	  "{\"servicePlanId\":\"o\",\"status\":\"resizePendingLicense\"}", GRAPH_WATCH_RUNNING,
	  "" },
	{ "in review", "cloudPCs/setReviewStatus", "{\"reviewStatus\":{\"inReview\":true}}", "",
	  false, "{\"@odata.context\":\"c\",\"inReview\":true}", GRAPH_WATCH_DONE, "" },
	{ "not yet in review", "cloudPCs/setReviewStatus", "{\"reviewStatus\":{\"inReview\":true}}",
	  "", false, "{\"inReview\":false}", GRAPH_WATCH_RUNNING, "" },
	{ "a schedule", "provisioningPolicies/schedulePolicyApplyTask",
	  "{\"scheduledRule\":{\"cronScheduleExpression\":\"0 0 * * *\"}}", "", false,
	  "{\"cronScheduleExpression\":\"0 0 * * *\"}", GRAPH_WATCH_DONE, "" },
	{ "an end of the schedule", "provisioningPolicies/schedulePolicyApplyTask",
	  "{\"scheduledRule\":{\"cronScheduleExpression\":null}}", "", false,
	  "{\"cronScheduleExpression\":null}", GRAPH_WATCH_DONE, "" },
	{ "assigned", "provisioningPolicies/assign",
	  "{\"assignments\":[{\"target\":{\"groupId\":\"a\"}},{\"target\":{\"groupId\":\"B\"}}]}",
	  "", false,
	  "{\"assignments\":[{\"id\":\"1\",\"target\":{\"groupId\":\"b\"}},{\"id\":\"2\",\"target\":{\"groupId\":\"a\"}}]}",
	  GRAPH_WATCH_DONE, "" },
	{ "one group is left", "provisioningPolicies/assign", "{\"assignments\":[]}", "", false,
	  "{\"assignments\":[{\"target\":{\"groupId\":\"a\"}}]}", GRAPH_WATCH_RUNNING, "" },
	{ "no group is left", "userSettings/assign", "{\"assignments\":[]}", "", false,
	  "{\"assignments\":[]}", GRAPH_WATCH_DONE, "" },
	{ "a text that does not tell", "userSettings/assign", "{\"assignments\":[]}", "", false,
	  "{}", GRAPH_WATCH_RUNNING, "" },

	/* the answer of a function */
	{ "a snapshot of before", "cloudPCs/createSnapshot", "", "", false,
	  "{\"value\":[{\"status\":\"ready\",\"createdDateTime\":\"" AGO "\"}]}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "a new snapshot", "cloudPCs/createSnapshot", "", "", false,
	  "{\"value\":[{\"status\":\"ready\",\"createdDateTime\":\"" AGO
	  "\"},{\"status\":\"ready\",\"createdDateTime\":\"" NOW "\"}]}",
	  GRAPH_WATCH_DONE, "" },
	{ "the bare list", "cloudPCs/createSnapshot", "", "", false,
	  "[{\"status\":\"ready\",\"createdDateTime\":\"" NOW "\"}]", GRAPH_WATCH_DONE, "" },
	{ "a word", "cloudPCs/start", "", "", false, "{\"value\":\"active\"}", GRAPH_WATCH_DONE,
	  "" },
	{ "the bare word", "cloudPCs/start", "", "", false, "\"activating\"", GRAPH_WATCH_RUNNING,
	  "" },
	{ "a failure of before", "cloudPCs/start", "", "", false, "\"noLicensesAvailable\"",
	  GRAPH_WATCH_RUNNING, "" },
	{ "a failure after it", "cloudPCs/start", "", "", true, "\"noLicensesAvailable\"",
	  GRAPH_WATCH_FAILED, "noLicensesAvailable" },
	{ "many, one of which failed, while one runs", "externalPartners/deployAgent", "", "{}",
	  false, "{\"value\":[{\"state\":\"failed\"},{\"state\":\"running\"}]}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "many, one of which failed", "externalPartners/deployAgent", "", "{}", false,
	  "{\"value\":[{\"state\":\"succeeded\"},{\"state\":\"failed\",\"errorMessage\":\"e\"}]}",
	  GRAPH_WATCH_FAILED, "e" },
	{ "none yet", "externalPartners/deployAgent", "", "{}", false, "{\"value\":[]}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "applied", "provisioningPolicies/apply", "", "", false,
	  "{\"status\":\"succeeded\",\"startDateTime\":\"" NOW "\"}", GRAPH_WATCH_DONE, "" },
	{ "applied before", "provisioningPolicies/apply", "", "", false,
	  "{\"status\":\"succeeded\",\"startDateTime\":\"" AGO "\"}", GRAPH_WATCH_RUNNING, "" },

	/* new items, and items of a list */
	{ "a job", "bulkActions/create", "", "{\"id\":\"b\"}", false, "{\"status\":\"pending\"}",
	  GRAPH_WATCH_RUNNING, "" },
	{ "a job that failed", "bulkActions/create", "", "{\"id\":\"b\"}", false,
	  "{\"status\":\"failed\"}", GRAPH_WATCH_FAILED, "failed" },
	{ "a report", "reports/exportJobs/create", "", "{\"id\":\"e\"}", false,
	  "{\"exportJobStatus\":\"completed\"}", GRAPH_WATCH_DONE, "" },
	{ "a job that is tried again: failed, as before", "bulkActions/retry", "", "", false,
	  "{\"status\":\"failed\"}", GRAPH_WATCH_RUNNING, "" },
	{ "an app", "cloudApps/publish", "{\"cloudAppIds\":[\"a\"]}", "", false,
	  "{\"appStatus\":\"published\"}", GRAPH_WATCH_DONE, "" },

	/* nothing to look at */
	{ "done with the answer", "snapshots/purgeImportedSnapshot", "", "", false, NULL,
	  GRAPH_WATCH_DONE, "" },
	{ "nothing tells", "cloudApps/reset", "", "", false, NULL, GRAPH_WATCH_UNKNOWN,
	  "look at cloudApps/{id}: appDetail" },
	{ "v1.0 does not show it", "v1.0:cloudPCs/reboot", "", "", false,
	  LAST("Reboot", "done", NOW), GRAPH_WATCH_UNKNOWN, "--api=beta" },
	{ "v1.0 shows a name", "v1.0:cloudPCs/rename", "{\"displayName\":\"N\"}", "", false,
	  "{\"displayName\":\"N\"}", GRAPH_WATCH_DONE, "" },
};

static void test_looks(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct graph_action a;
		struct graph_watch w = { .action = &a,
					 .sent = SENT,
					 .body = cases[i].body,
					 .result = cases[i].result,
					 .ran = cases[i].ran };
		struct graph_outcome out;

		test_action(cases[i].verb, &a, &w.version);
		graph_watch_look(&w, cases[i].text, cases[i].text ? strlen(cases[i].text) : 0,
				 &out);
		CHECK_INT(cases[i].why, out.state, cases[i].state);
		if (!CHECK(cases[i].why, *cases[i].detail
						 ? strstr(out.detail, cases[i].detail) != NULL
						 : !*out.detail))
			check_show("detail", out.detail);
	}
}

static void test_it_remembers(void)
{
	static const char runs[] = "{\"status\":\"provisioning\"}",
			  done[] = "{\"status\":\"provisioned\"}";
	struct graph_action a;
	struct graph_watch w = { .action = &a, .sent = SENT };
	struct graph_outcome out;

	test_action("cloudPCs/reprovision", &a, &w.version);
	graph_watch_look(&w, done, strlen(done), &out);
	CHECK_INT("as before", out.state, GRAPH_WATCH_RUNNING);
	graph_watch_look(&w, runs, strlen(runs), &out);
	CHECK("it was seen to run", w.ran);
	graph_watch_look(&w, done, strlen(done), &out);
	CHECK_INT("now it is done", out.state, GRAPH_WATCH_DONE);
}

static void test_places(void)
{
	static const struct {
		const char *why, *verb, *body, *result;
		enum graph_watch_place place;
		const char *path; /* or the items */
	} rows[] = {
		{ "the item", "cloudPCs/reboot", "", "", GRAPH_LOOK_ITEM, "" },
		{ "nowhere", "cloudApps/reset", "", "", GRAPH_LOOK_NOWHERE, "" },
		{ "nowhere in v1.0", "v1.0:cloudPCs/reboot", "", "", GRAPH_LOOK_NOWHERE, "" },
		{ "a function of the item", "cloudPCs/createSnapshot", "", "", GRAPH_LOOK_FUNCTION,
		  "/deviceManagement/virtualEndpoint/cloudPCs/a%2Fb/retrieveSnapshots" },
		{ "of one's own item", "me:cloudPCs/start", "", "", GRAPH_LOOK_FUNCTION,
		  "/me/cloudPCs/a%2Fb/getFrontlineCloudPcAccessState" },
		{ "with what was sent", "/organizationAction", "{\"actionType\":\"activate\"}", "",
		  GRAPH_LOOK_FUNCTION,
		  "/deviceManagement/virtualEndpoint/retrieveOrganizationActionDetail(actionType='activate')" },
		{ "with what was answered", "snapshots/importSnapshot", "",
		  "{\"snapshotId\":\"it's\"}", GRAPH_LOOK_FUNCTION,
		  "/deviceManagement/virtualEndpoint/snapshots/retrieveSnapshotImportResults(snapshotId='it%27%27s')" },
		{ "with the answer itself", "externalPartners/deployAgent", "",
		  "{\"@odata.context\":\"x\",\"value\":\"act\"}", GRAPH_LOOK_FUNCTION,
		  "/deviceManagement/virtualEndpoint/externalPartners/a%2Fb/retrieveDeployAgentActionResults(activityId='act',cloudPcId='')" },
		{ "with the bare answer", "externalPartners/deployAgent", "", "\"act\"",
		  GRAPH_LOOK_FUNCTION,
		  "/deviceManagement/virtualEndpoint/externalPartners/a%2Fb/retrieveDeployAgentActionResults(activityId='act',cloudPcId='')" },
		{ "without what it needs", "externalPartners/deployAgent", "", "{}",
		  GRAPH_LOOK_FUNCTION, NULL },
		{ "the new item", "bulkActions/create", "", "{\"id\":\"new\"}", GRAPH_LOOK_ITEMS,
		  "new " },
		{ "those that were named", "cloudApps/publish", "{\"cloudAppIds\":[\"a\",\"b\"]}",
		  "", GRAPH_LOOK_ITEMS, "a b " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
		struct graph_action a;
		struct graph_watch w = { .action = &a,
					 .body = rows[i].body,
					 .result = rows[i].result };

		test_action(rows[i].verb, &a, &w.version);
		CHECK_INT(rows[i].why, graph_watch_place(&w), rows[i].place);
		if (rows[i].place == GRAPH_LOOK_FUNCTION)
			CHECK_INT(rows[i].why, graph_watch_path(&w, "a/b", &b),
				  rows[i].path != NULL);
		for (unsigned k = 0;
		     rows[i].place == GRAPH_LOOK_ITEMS && graph_watch_item(&w, k, &b); k++)
			w365_buf_addc(&b, ' ');
		if (rows[i].path)
			CHECK_STR(rows[i].why, w365_buf_str(&b), rows[i].path);
	}
}

int main(void)
{
	test_looks();
	test_it_remembers();
	test_places();
	return check_summary();
}
