/* One line of a control file: what it asks for, and what is said against it. */
#include "base/macros.h"
#include "base/str.h"
#include "graph/command.h"
#include "graph/guard.h"
#include "graph/lines.h"
#include "tests/lib/action.h"
#include "tests/lib/check.h"

#include <errno.h>

#define A "11111111-aaaa-4aaa-8aaa-111111111111"
#define B "22222222-bbbb-4bbb-8bbb-222222222222"
#define C "33333333-cccc-4ccc-8ccc-333333333333"
#define D "44444444-dddd-4ddd-8ddd-444444444444"

static const struct {
	const char *id, *name;
} items[] = {
	{ A, "CPC-alexw-7QJ2K" }, { B, "Finance 7" },         { C, "Sales" },
	{ D, "Sales" },           { "id5", "O'Brien" },       { "id6", "#1" },
	{ "id7", "{x}" },         { "id8", "displayName=1" }, { "id9", "{\"target\":\"" A "\"}" },
};

/* A stand-in for the mount: names with and without .json, ids, and one folder. */
static int resolve(void *arg, struct w365_span text, struct graph_found *ret, unsigned max,
		   struct w365_err *reterr)
{
	static char entries[ARRAY_SIZE(items)][64];
	unsigned n = 0;

	(void)arg;
	if (text.len > 9 && memcmp(text.p, "cloudPCs/", 9) == 0)
		text = (struct w365_span){ text.p + 9, text.len - 9 };
	if (text.len > 6 && memcmp(text.p, "other/", 6) == 0)
		return w365_err_set(reterr, ENOENT,
				    "%.*s: other/ is not where this verb is at home", (int)text.len,
				    text.p);
	for (unsigned i = 0; i < ARRAY_SIZE(items); i++) {
		snprintf(entries[i], sizeof(entries[i]), "%s.json", items[i].name);
		if (!w365_span_is(text, items[i].id) && !w365_span_is(text, items[i].name) &&
		    !w365_span_is(text, entries[i]))
			continue;
		if (n < max)
			ret[n] = (struct graph_found){
				{ items[i].id, strlen(items[i].id) },
				{ items[i].name, strlen(items[i].name) },
				{ entries[i], strlen(entries[i]) },
			};
		n++;
	}
	return (int)n;
}

static const struct {
	const char *why, *verb, *line;
	int result;       /* 1, 0, or -errno */
	const char *id;   /* of the target; "" for a verb without one */
	const char *text; /* the body; or what the sentence has */
} cases[] = {
	/* targets */
	{ "a name", "cloudPCs/reboot", "CPC-alexw-7QJ2K", 1, A, "" },
	{ "as the directory lists it", "cloudPCs/reboot", "CPC-alexw-7QJ2K.json", 1, A, "" },
	{ "an id", "cloudPCs/reboot", A, 1, A, "" },
	{ "a path", "cloudPCs/reboot", "cloudPCs/CPC-alexw-7QJ2K.json", 1, A, "" },
	{ "blanks around it", "cloudPCs/reboot", " \tCPC-alexw-7QJ2K \r", 1, A, "" },
	{ "a name with a blank is the whole line", "cloudPCs/reboot", "Finance 7.json", 1, B, "" },
	{ "and blanks behind it", "cloudPCs/reboot", "Finance 7 ", 1, B, "" },
	{ "single quotes", "cloudPCs/reboot", "'Finance 7'", 1, B, "" },
	{ "double quotes", "cloudPCs/reboot", "\"Finance 7\" # now", 1, B, "" },
	{ "a backslash", "cloudPCs/reboot", "Finance\\ 7", 1, B, "" },
	{ "an apostrophe in the whole line", "cloudPCs/reboot", "O'Brien", 1, "id5", "" },
	{ "an apostrophe in quotes", "cloudPCs/reboot", "\"O'Brien\" # x", 1, "id5", "" },
	{ "a name like a comment needs quotes", "cloudPCs/reboot", "'#1'", 1, "id6", "" },
	{ "a name like JSON", "cloudPCs/reboot", "{x}.json", 1, "id7", "" },
	{ "a name like a parameter", "cloudPCs/reboot", "displayName=1", 1, "id8", "" },
	{ "a comment behind it", "cloudPCs/reboot", "CPC-alexw-7QJ2K # why", 1, A, "" },
	{ "no comment inside a word", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=a#b", 1, A,
	  "{\"displayName\":\"a#b\"}" },
	{ "nothing", "cloudPCs/reboot", "", 0, NULL, NULL },
	{ "blanks", "cloudPCs/reboot", " \t\r", 0, NULL, NULL },
	{ "a comment", "cloudPCs/reboot", "# CPC-alexw-7QJ2K", 0, NULL, NULL },
	{ "a comment with blanks before it", "cloudPCs/reboot", "  #1", 0, NULL, NULL },
	{ "two of a name", "cloudPCs/reboot", "Sales", -EINVAL, NULL,
	  "\"Sales\" fits 2 items of cloudPCs: write the one that you mean, as by-id/" C
	  ".json, by-id/" D ".json" },
	{ "two of a name, in words", "cloudPCs/rename", "Sales displayName=x", -EINVAL, NULL,
	  "column 1: \"Sales\" fits 2" },
	{ "unknown", "cloudPCs/reboot", "CPC-none", -ENOENT, NULL,
	  "reboot, column 1: there is no \"CPC-none\" in cloudPCs" },
	{ "unknown, of two words", "cloudPCs/reboot", "Finance 8 # x", -ENOENT, NULL,
	  "no \"Finance 8\" in" },
	{ "unknown, with a parameter", "cloudPCs/rename", "Finance displayName=x", -ENOENT, NULL,
	  "no \"Finance\" in" },
	{ "elsewhere", "cloudPCs/reboot", "other/X.json", -ENOENT, NULL,
	  "column 1: other/X.json: other/ is not" },
	{ "no target", "cloudPCs/rename", "displayName=x", -EINVAL, NULL,
	  "the target is missing: it stands before displayName" },
	{ "no target, and a value with a path in it", "cloudPCs/rename", "displayName=other/x",
	  -EINVAL, NULL, "the target is missing: it stands before displayName" },
	{ "no target, ours", "cloudPCs/reboot", "wait=5", -EINVAL, NULL, "the target is missing" },
	{ "an empty target", "cloudPCs/reboot", "''", -ENOENT, NULL, "there is no \"\"" },
	{ "a target where none is taken", "/organizationAction", "CPC actionType=activate", -EINVAL,
	  NULL, "column 1: organizationAction takes no target, and \"CPC\"" },
	{ "the same in JSON", "/organizationAction", "{\"target\":\"x\"}", -EINVAL, NULL,
	  "takes no target" },
	{ "a quote without its end", "cloudPCs/reboot", "\"Finance 7", -EINVAL, NULL,
	  "column 1: this \" has no end" },
	{ "and its column, in characters", "cloudPCs/rename", "O\\'Brien displayName='ä ö 'ü'",
	  -EINVAL, NULL, "column 29: this ' has no end" },

	/* parameters, in words */
	{ "a word", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=Alex", 1, A,
	  "{\"displayName\":\"Alex\"}" },
	{ "in quotes", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=\"Alex's \\\"PC\\\"\"", 1, A,
	  "{\"displayName\":\"Alex's \\\"PC\\\"\"}" },
	{ "quotes in the middle", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=A' b 'c\\ d", 1,
	  A, "{\"displayName\":\"A b c d\"}" },
	{ "a backslash in double quotes", "cloudPCs/rename",
	  "CPC-alexw-7QJ2K displayName=\"C:\\temp \\\\ \\$\"", 1, A,
	  "{\"displayName\":\"C:\\\\temp \\\\ $\"}" },
	{ "text that looks like JSON is text", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=[x]",
	  1, A, "{\"displayName\":\"[x]\"}" },
	{ "nothing is text, too", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=", 1, A,
	  "{\"displayName\":\"\"}" },
	{ "a = in the value", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=a=b", 1, A,
	  "{\"displayName\":\"a=b\"}" },
	{ "bytes that are no text", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=\xff", 1, A,
	  "{\"displayName\":\"\xef\xbf\xbd\"}" },
	{ "two", "cloudPCs/reprovision",
	  "CPC-alexw-7QJ2K userAccountType=standardUser osVersion=windows11", 1, A,
	  "{\"userAccountType\":\"standardUser\",\"osVersion\":\"windows11\"}" },
	{ "none is no body", "cloudPCs/reprovision", "CPC-alexw-7QJ2K confirm=x wait=5", 1, A, "" },
	{ "true, a number, a list", "provisioningPolicies/apply",
	  A
	  " isForceUserLogoffEnabled=true reservePercentage=10 policySettings=[\"region\", \"singleSignOn\"]",
	  1, A,
	  "{\"isForceUserLogoffEnabled\":true,\"reservePercentage\":10,\"policySettings\":[\"region\",\"singleSignOn\"]}" },
	{ "a list in quotes", "cloudPCs/validateBulkResize",
	  "cloudPcIds='[\"a\",\"b\"]' targetServicePlanId=p", 1, "",
	  "{\"cloudPcIds\":[\"a\",\"b\"],\"targetServicePlanId\":\"p\"}" },
	{ "an object", "cloudPCs/setReviewStatus",
	  A " reviewStatus={\"inReview\": true, \"userAccessLevel\":\"restricted\"} # x", 1, A,
	  "{\"reviewStatus\":{\"inReview\":true,\"userAccessLevel\":\"restricted\"}}" },
	{ "an empty list", "provisioningPolicies/assign", A " assignments=[]", 1, A,
	  "{\"assignments\":[]}" },
	{ "a list of objects with their types", "provisioningPolicies/assign",
	  A
	  " assignments=[{\"target\":{\"@odata.type\":\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\"groupId\":\"g\"}}]",
	  1, A,
	  "{\"assignments\":[{\"target\":{\"@odata.type\":\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\"groupId\":\"g\"}}]}" },
	{ "a verb without target", "/organizationAction", "actionType=activate", 1, "",
	  "{\"actionType\":\"activate\"}" },
	{ "an unknown one", "cloudPCs/rename", "CPC-alexw-7QJ2K newName=x", -EINVAL, NULL,
	  "rename, column 17: there is no parameter \"newName\"; the parameters are: displayName (text, required)" },
	{ "one where none is taken", "cloudPCs/reboot", "CPC-alexw-7QJ2K force=true", -EINVAL, NULL,
	  "no parameter \"force\"; the parameters are: none" },
	{ "a missing one", "cloudPCs/rename", "CPC-alexw-7QJ2K", -EINVAL, NULL,
	  "rename, column 16: displayName is missing: add displayName=" },
	{ "given twice", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=a displayName=b", -EINVAL,
	  NULL, "column 31: \"displayName\" is given twice" },
	{ "an enum's member that is none", "cloudPCs/changeUserAccountType",
	  "CPC-alexw-7QJ2K userAccountType=admin", -EINVAL, NULL,
	  "column 17: userAccountType cannot be \"admin\": write one of standardUser, administrator" },
	{ "no number", "provisioningPolicies/apply", A " reservePercentage=ten", -EINVAL, NULL,
	  "reservePercentage takes a whole number" },
	{ "a fraction", "provisioningPolicies/apply", A " reservePercentage=1.5", -EINVAL, NULL,
	  "reservePercentage must be a whole number" },
	{ "too large a number", "provisioningPolicies/apply", A " reservePercentage=2147483648",
	  -EINVAL, NULL, "reservePercentage must be a whole number of at most 32 bits" },
	{ "the smallest number", "provisioningPolicies/apply", A " reservePercentage=-2147483648",
	  1, A, "{\"reservePercentage\":-2147483648}" },
	{ "neither true nor false", "provisioningPolicies/apply", A " isForceUserLogoffEnabled=yes",
	  -EINVAL, NULL, "isForceUserLogoffEnabled takes true or false" },
	{ "text for a list", "cloudPCs/validateBulkResize", "cloudPcIds=a targetServicePlanId=p",
	  -EINVAL, NULL, "column 1: cloudPcIds takes a list of text, as JSON" },
	{ "a list of the wrong things", "cloudPCs/validateBulkResize",
	  "targetServicePlanId=p cloudPcIds=[1]", -EINVAL, NULL,
	  "column 23: cloudPcIds[0] must be a string, not a number" },
	{ "JSON without its end", "cloudPCs/validateBulkResize", "cloudPcIds=[\"a\" ", -EINVAL,
	  NULL, "column 12: cloudPcIds: JSON ends too early" },
	{ "JSON with something behind it", "cloudPCs/validateBulkResize", "cloudPcIds=[]x", -EINVAL,
	  NULL, "column 14: a blank is missing" },
	{ "an unknown property inside", "cloudPCs/setReviewStatus",
	  A " reviewStatus={\"inReveiw\":true}", -EINVAL, NULL,
	  "reviewStatus.inReveiw is no property of cloudPcReviewStatus (did you mean inReview?)" },
	{ "a mistyped one inside", "cloudPCs/setReviewStatus", A " reviewStatus={\"inReview\":1}",
	  -EINVAL, NULL, "reviewStatus.inReview must be true or false, not a number" },
	{ "a bad time inside", "cloudPCs/setReviewStatus",
	  A " reviewStatus={\"restorePointDateTime\":\"yesterday\"}", -EINVAL, NULL,
	  "reviewStatus.restorePointDateTime is no time" },
	{ "a missing one inside", "provisioningPolicies/assign", A " assignments=[{}]", -EINVAL,
	  NULL, "assignments[0] needs \"target\"" },
	{ "an object without its type", "provisioningPolicies/assign",
	  A " assignments=[{\"target\":{\"groupId\":\"g\"}}]", -EINVAL, NULL,
	  "assignments[0].target needs an \"@odata.type\": write #microsoft.graph.cloudPcManagementGroup" },
	{ "an object of another type", "provisioningPolicies/assign",
	  A " assignments=[{\"target\":{\"@odata.type\":\"#microsoft.graph.cloudPC\"}}]", -EINVAL,
	  NULL, "@odata.type is not a type that fits here" },
	{ "a key twice inside", "cloudPCs/setReviewStatus",
	  A " reviewStatus={\"inReview\":true,\"inReview\":false}", -EINVAL, NULL, "inReview" },
	{ "what the service sets may stand inside", "provisioningPolicies/assign",
	  A
	  " assignments=[{\"id\":\"1\",\"target\":{\"@odata.type\":\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\"groupId\":\"g\"}}]",
	  1, A,
	  "{\"assignments\":[{\"id\":\"1\",\"target\":{\"@odata.type\":\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\"groupId\":\"g\"}}]}" },
	{ "null inside means something", "provisioningPolicies/schedulePolicyApplyTask",
	  A " scheduledRule='{\"cronScheduleExpression\":null}'", 1, A,
	  "{\"scheduledRule\":{\"cronScheduleExpression\":null}}" },
	{ "a word that is no pair", "cloudPCs/rename", "CPC-alexw-7QJ2K displayName=Alex Wilber",
	  -EINVAL, NULL, "column 34: \"Wilber\" is no name=value" },
	{ "wait that is no number", "cloudPCs/reboot", "CPC-alexw-7QJ2K wait=soon", -EINVAL, NULL,
	  "column 17: wait takes whole seconds" },
	{ "wait twice", "cloudPCs/reboot", "CPC-alexw-7QJ2K wait=1 wait=2", -EINVAL, NULL,
	  "column 24: wait is given twice" },
	{ "what v1.0 does not have is no parameter there", "v1.0:provisioningPolicies/assign",
	  A
	  " assignments=[{\"target\":{\"@odata.type\":\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\"allotmentLicensesCount\":1}}]",
	  -EINVAL, NULL, "allotmentLicensesCount is not in v1.0 of the API" },

	/* JSON */
	{ "the same as the words", "cloudPCs/rename",
	  "{\"target\": \"CPC-alexw-7QJ2K\", \"displayName\": \"Alex\"}", 1, A,
	  "{\"displayName\":\"Alex\"}" },
	{ "the target last", "cloudPCs/rename",
	  "{\"displayName\":\"Al\\u0065x\",\"target\":\"" A "\"} ", 1, A,
	  "{\"displayName\":\"Alex\"}" },
	{ "no parameters, though an item is called so", "cloudPCs/reboot", "{\"target\":\"" A "\"}",
	  1, A, "" },
	{ "the same with a blank", "cloudPCs/reboot", " {\"target\":\"" A "\"} \r", 1, A, "" },
	{ "that item needs quotes", "cloudPCs/reboot", "'{\"target\":\"" A "\"}'", 1, "id9", "" },
	{ "ours", "cloudPCs/reprovision", "{\"target\":\"" A "\",\"confirm\":\"x\",\"wait\":9}", 1,
	  A, "" },
	{ "null that is allowed", "cloudPCs/createSnapshot",
	  "{\"target\":\"" A "\",\"storageAccountId\":null}", 1, A, "{\"storageAccountId\":null}" },
	{ "null for what is required", "cloudPCs/rename",
	  "{\"target\":\"" A "\",\"displayName\":null}", -EINVAL, NULL,
	  "displayName cannot be null" },
	{ "no object, without a target", "/organizationAction", "{}", -EINVAL, NULL,
	  "actionType is missing" },
	{ "no target", "cloudPCs/reboot", "{}", -EINVAL, NULL, "\"target\" is missing" },
	{ "a target that is no text", "cloudPCs/reboot", "{\"target\":1}", -EINVAL, NULL,
	  "column 11: \"target\" must be a string" },
	{ "an unknown target", "cloudPCs/reboot", "{\"target\":\"x\"}", -ENOENT, NULL,
	  "column 12: there is no \"x\"" },
	{ "two that fit", "cloudPCs/reboot", "{\"target\":\"Sales\"}", -EINVAL, NULL,
	  "fits 2 items" },
	{ "an unknown parameter", "cloudPCs/reboot", "{\"target\":\"" A "\",\"x\":1}", -EINVAL,
	  NULL, "no parameter \"x\"" },
	{ "a number for a text", "cloudPCs/rename", "{\"target\":\"" A "\",\"displayName\":1}",
	  -EINVAL, NULL, "displayName must be a string, not a number" },
	{ "text for a number", "provisioningPolicies/apply",
	  "{\"target\":\"" A "\",\"reservePercentage\":\"1\"}", -EINVAL, NULL,
	  "must be a whole number, not a string" },
	{ "one that is there twice", "cloudPCs/rename",
	  "{\"target\":\"" A "\",\"displayName\":\"a\",\"displayName\":\"b\"}", -EINVAL, NULL,
	  "given twice" },
	{ "no JSON", "cloudPCs/reboot", "{\"target\":", -EINVAL, NULL, "JSON ends too early" },
	{ "something behind it", "cloudPCs/reboot", "{\"target\":\"" A "\"} x", -EINVAL, NULL,
	  "something follows the value" },

	/* new items */
	{ "a bulk action", "bulkActions/create",
	  "@odata.type=#microsoft.graph.cloudPcBulkRestart displayName=x cloudPcIds=[\"a\",\"b\",\"c\"]",
	  1, "",
	  "{\"@odata.type\":\"#microsoft.graph.cloudPcBulkRestart\",\"displayName\":\"x\",\"cloudPcIds\":[\"a\",\"b\",\"c\"]}" },
	{ "its type by the bare name, last", "bulkActions/create",
	  "displayName=x cloudPcIds=[\"a\"] targetServicePlanId=p @odata.type=cloudPcBulkResize", 1,
	  "",
	  "{\"@odata.type\":\"#microsoft.graph.cloudPcBulkResize\",\"displayName\":\"x\",\"cloudPcIds\":[\"a\"],\"targetServicePlanId\":\"p\"}" },
	{ "as JSON", "bulkActions/create",
	  "{\"@odata.type\":\"#microsoft.graph.cloudPcBulkMove\",\"displayName\":\"x\",\"cloudPcIds\":[]}",
	  1, "",
	  "{\"@odata.type\":\"#microsoft.graph.cloudPcBulkMove\",\"displayName\":\"x\",\"cloudPcIds\":[]}" },
	{ "without a type", "bulkActions/create", "displayName=x", -EINVAL, NULL,
	  "@odata.type is missing: it is one of cloudPcBulk" },
	{ "of a type that is none", "bulkActions/create", "@odata.type=cloudPC", -EINVAL, NULL,
	  "column 1: @odata.type is none of these" },
	{ "what the type does not have", "bulkActions/create",
	  "@odata.type=cloudPcBulkMove displayName=x cloudPcIds=[] targetServicePlanId=p", -EINVAL,
	  NULL, "no parameter \"targetServicePlanId\"" },
	{ "what the type must have", "bulkActions/create",
	  "@odata.type=cloudPcBulkResize displayName=x cloudPcIds=[]", -EINVAL, NULL,
	  "targetServicePlanId is missing" },
	{ "what the service sets", "bulkActions/create",
	  "@odata.type=cloudPcBulkMove displayName=x cloudPcIds=[] status=failed", -EINVAL, NULL,
	  "no parameter \"status\"" },
	{ "an export job", "reports/exportJobs/create",
	  "reportName=rawRemoteConnectionReports format=csv select=[\"a\"]", 1, "",
	  "{\"reportName\":\"rawRemoteConnectionReports\",\"format\":\"csv\",\"select\":[\"a\"]}" },
	{ "no type where there is only one", "reports/exportJobs/create",
	  "@odata.type=cloudPcExportJob reportName=rawRemoteConnectionReports", -EINVAL, NULL,
	  "no parameter \"@odata.type\"" },

	/* secrets: nothing of the line is said */
	{ "a password", "onPremisesConnections/updateAdDomainPassword",
	  A " adDomainPassword='h unter2'", 1, A, "{\"adDomainPassword\":\"h unter2\"}" },
	{ "a password with blanks", "onPremisesConnections/updateAdDomainPassword",
	  A " adDomainPassword=the hunter2", -EINVAL, NULL,
	  "column 59: what is written there is no" },
	{ "a password that looks like a parameter", "onPremisesConnections/updateAdDomainPassword",
	  A " adDomainPassword=the hunter2=x", -EINVAL, NULL, "no parameter of that name" },
	{ "no target", "onPremisesConnections/updateAdDomainPassword", "hunter2", -ENOENT, NULL,
	  "there is no such item" },
	{ "with a slash in it", "onPremisesConnections/updateAdDomainPassword", "other/hunter2",
	  -ENOENT, NULL, "column 1: what is written there names no item" },
	{ "with a slash in it, as JSON", "onPremisesConnections/updateAdDomainPassword",
	  "{\"target\":\"other/hunter2\"}", -ENOENT, NULL, "what is written there names no item" },
	{ "a password that is a number", "onPremisesConnections/updateAdDomainPassword",
	  "{\"target\":\"" A "\",\"adDomainPassword\":90210}", -EINVAL, NULL,
	  "adDomainPassword takes text" },
};

static int read_line(const char *verb, const char *line, struct graph_command *c,
		     struct graph_action *a, struct w365_err *err)
{
	struct graph_command_reader r = { .action = a, .resolve = resolve };

	test_action(verb, a, &r.version);
	return graph_command_read(&r, line, strlen(line), c, err);
}

static void test_lines(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct graph_command c;
		struct graph_action a;
		struct w365_err err = { 0 };
		int r = read_line(cases[i].verb, cases[i].line, &c, &a, &err);

		CHECK_INT(cases[i].why, r, cases[i].result);
		if (r == 1 && cases[i].result == 1) {
			CHECK_STR(cases[i].why, c.id ? c.id : "", cases[i].id);
			CHECK_STR(cases[i].why, w365_buf_str(&c.body), cases[i].text);
			CHECK("secrets are wiped", c.body.secret);
		} else if (r < 0 &&
			   !CHECK(cases[i].why, cases[i].text && strstr(err.msg, cases[i].text) &&
							!strstr(err.msg, "hunter2") &&
							!strstr(err.msg, "90210"))) {
			check_show("sentence", err.msg);
		}
		if (r > 0)
			graph_command_done(&c);
	}
}

static void test_details(void)
{
	struct graph_command c;
	struct graph_action a;
	struct w365_err err = { 0 };

	CHECK_INT("ours",
		  read_line("cloudPCs/reprovision", "'Finance 7' wait=90 confirm='Finance 7'", &c,
			    &a, &err),
		  1);
	CHECK("wait=", c.waits && c.wait_s == 90);
	CHECK_STR("confirm=", c.confirm, "Finance 7");
	CHECK_STR("the name", c.name, "Finance 7");
	CHECK_STR("the file's name", c.entry, "Finance 7.json");
	CHECK_INT("one target", c.targets, 1);
	CHECK_INT("destructive", c.safety, GRAPH_DESTRUCTIVE);
	graph_command_done(&c);

	read_line("bulkActions/create",
		  "@odata.type=cloudPcBulkPowerOn displayName=x cloudPcIds=[\"a\",\"b\"]", &c, &a,
		  &err);
	CHECK_INT("a list of ids counts", c.targets, 2);
	CHECK_INT("of bulk actions the type has a say", c.safety, GRAPH_SAFE);
	graph_command_done(&c);
	read_line("bulkActions/create",
		  "@odata.type=cloudPcBulkReprovision displayName=x cloudPcIds=[]", &c, &a, &err);
	CHECK_INT("and says so", c.safety, GRAPH_DESTRUCTIVE);
	CHECK_INT("an empty list counts as one", c.targets, 1);
	graph_command_done(&c);
}

static void test_lax(void)
{
	struct graph_action a;
	struct graph_command_reader r = { .action = &a, .lax = true, .resolve = resolve };
	struct graph_command c;
	struct w365_err err = { 0 };
	static const char line[] =
		A " reviewStatus={\"new\":{\"x\":1},\"userAccessLevel\":\"half\"}";
	static const char unknown[] = A " other=1";

	test_action("cloudPCs/setReviewStatus", &a, &r.version);
	CHECK_INT("lax: what is new inside", graph_command_read(&r, line, strlen(line), &c, &err),
		  1);
	CHECK_STR("it is sent", w365_buf_str(&c.body),
		  "{\"reviewStatus\":{\"new\":{\"x\":1},\"userAccessLevel\":\"half\"}}");
	graph_command_done(&c);
	CHECK_INT("but no parameter of an unknown name",
		  graph_command_read(&r, unknown, strlen(unknown), &c, &err), -EINVAL);
}

static void test_guard(void)
{
	static const struct {
		const char *why, *verb, *line;
		enum graph_destructive how;
		int result;
		const char *says;
	} rows[] = {
		{ "safe", "cloudPCs/rename", A " displayName=x", GRAPH_DESTRUCTIVE_CONFIRM, 0, "" },
		{ "disruptive", "cloudPCs/reboot", A, GRAPH_DESTRUCTIVE_DENY, 0, "" },
		{ "destructive, not confirmed", "cloudPCs/reprovision", A,
		  GRAPH_DESTRUCTIVE_CONFIRM, -EPERM, "add confirm='CPC-alexw-7QJ2K' to the line" },
		{ "by its name", "cloudPCs/reprovision", A " confirm=CPC-alexw-7QJ2K",
		  GRAPH_DESTRUCTIVE_CONFIRM, 0, "" },
		{ "by its file", "cloudPCs/reprovision", A " confirm=CPC-alexw-7QJ2K.json",
		  GRAPH_DESTRUCTIVE_CONFIRM, 0, "" },
		{ "by its id", "cloudPCs/reprovision", "CPC-alexw-7QJ2K confirm=" A,
		  GRAPH_DESTRUCTIVE_CONFIRM, 0, "" },
		{ "by its id in capitals", "cloudPCs/reprovision",
		  "CPC-alexw-7QJ2K confirm=11111111-AAAA-4AAA-8AAA-111111111111",
		  GRAPH_DESTRUCTIVE_CONFIRM, 0, "" },
		{ "by another's name", "cloudPCs/reprovision", A " confirm='Finance 7'",
		  GRAPH_DESTRUCTIVE_CONFIRM, -EPERM, "must say CPC-alexw-7QJ2K or " A },
		{ "by nothing", "cloudPCs/reprovision", A " confirm=", GRAPH_DESTRUCTIVE_CONFIRM,
		  -EPERM, "confirm= names something else" },
		{ "another's name is wrong everywhere", "cloudPCs/reboot", A " confirm='Finance 7'",
		  GRAPH_DESTRUCTIVE_ALLOW, -EPERM, "confirm= names something else" },
		{ "denied, though confirmed", "cloudPCs/reprovision", A " confirm=" A,
		  GRAPH_DESTRUCTIVE_DENY, -EPERM, "-o destructive=confirm" },
		{ "allowed", "cloudPCs/reprovision", A, GRAPH_DESTRUCTIVE_ALLOW, 0, "" },
		{ "without a target its own name", "/organizationAction",
		  "actionType=activate confirm=organizationAction", GRAPH_DESTRUCTIVE_CONFIRM, 0,
		  "" },
		{ "without a target, not confirmed", "/organizationAction", "actionType=activate",
		  GRAPH_DESTRUCTIVE_CONFIRM, -EPERM, "add confirm='organizationAction'" },
		{ "a safe bulk action", "bulkActions/create",
		  "@odata.type=cloudPcBulkPowerOn displayName=x cloudPcIds=[]",
		  GRAPH_DESTRUCTIVE_DENY, 0, "" },
		{ "a destructive bulk action", "bulkActions/create",
		  "@odata.type=cloudPcBulkRestore displayName=x cloudPcIds=[] "
		  "restorePointDateTime=2026-11-22T09:30:15Z timeRange=before",
		  GRAPH_DESTRUCTIVE_CONFIRM, -EPERM, "add confirm='create'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct graph_guard g = { rows[i].how, 100 };
		struct graph_command c;
		struct graph_action a;
		struct w365_err err = { 0 };

		if (!CHECK(rows[i].why, read_line(rows[i].verb, rows[i].line, &c, &a, &err) == 1)) {
			check_show("sentence", err.msg);
			continue;
		}
		CHECK_INT(rows[i].why, graph_guard_line(&g, &a, &c, &err), rows[i].result);
		if (!CHECK(rows[i].why, strstr(err.msg, rows[i].says)))
			check_show("sentence", err.msg);
		graph_command_done(&c);
	}
}

static void test_count(void)
{
	static const struct {
		const char *why;
		uint64_t before, more;
		int result;
	} rows[] = {
		{ "none", 0, 0, 0 },
		{ "just enough", 0, 100, 0 },
		{ "one too many", 0, 101, -E2BIG },
		{ "with those before", 99, 1, 0 },
		{ "too many with those before", 100, 1, -E2BIG },
		{ "none is never too many", 500, 0, 0 },
		{ "far too many", 1, UINT64_MAX, -E2BIG },
	};
	struct graph_guard g = { GRAPH_DESTRUCTIVE_CONFIRM, 100 };
	struct graph_command c = { .targets = 7 };
	struct graph_action a = { .name = "reboot" };
	struct w365_err err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_INT(rows[i].why,
			  graph_guard_count(&g, &a, rows[i].before, rows[i].more, &err),
			  rows[i].result);
	graph_guard_count(&g, &a, 0, 250, &err);
	CHECK("the cure", strstr(err.msg, "-o max-targets=250"));
	CHECK_INT("what is safe does not count", (intmax_t)graph_guard_weight(&c), 0);
	c.safety = GRAPH_DISRUPTIVE;
	CHECK_INT("what is not counts", (intmax_t)graph_guard_weight(&c), 7);
}

/* The text in pieces of every size gives the same lines. */
static void test_pieces(void)
{
	static const char text[] = "one\n\ntwo three\r\n# four\nlast";

	for (size_t step = 1; step <= sizeof(text); step++) {
		_cleanup_(w365_buf_done) struct w365_buf got = W365_BUF;
		struct graph_lines l = { 0 };
		struct w365_span line;
		struct w365_err err;

		for (size_t at = 0; at < strlen(text); at += step) {
			graph_lines_feed(&l, text + at, MIN(step, strlen(text) - at));
			while (graph_lines_next(&l, &line, &err) > 0)
				w365_buf_addf(&got, "<%s|%zu>", line.p, line.len);
		}
		CHECK_STR("lines in pieces", w365_buf_str(&got),
			  "<one|3><|0><two three\r|10><# four|6>");
		CHECK_INT("the rest", graph_lines_rest(&l, &line, &err), 1);
		CHECK_STR("is there", line.p, "last");
		CHECK_INT("once", graph_lines_rest(&l, &line, &err), 0);
		graph_lines_done(&l);
	}
}

static void test_hard_lines(void)
{
	_cleanup_(w365_freep) char *big = malloc(GRAPH_LINE_MAX + 2);
	struct graph_lines l = { 0 };
	struct w365_span line;
	struct w365_err err;

	graph_lines_feed(&l, "a\0b\n", 4);
	CHECK_INT("a NUL byte", graph_lines_next(&l, &line, &err), -EINVAL);
	graph_lines_done(&l);

	memset(big, 'x', GRAPH_LINE_MAX + 1);
	big[GRAPH_LINE_MAX] = '\n';
	graph_lines_feed(&l, big, GRAPH_LINE_MAX + 1);
	CHECK_INT("the longest line", graph_lines_next(&l, &line, &err), 1);
	CHECK_INT("is whole", (intmax_t)line.len, (intmax_t)GRAPH_LINE_MAX);
	CHECK_INT("and alone", graph_lines_next(&l, &line, &err), 0);
	CHECK_INT("with no rest", graph_lines_rest(&l, &line, &err), 0);
	big[GRAPH_LINE_MAX] = 'x';
	graph_lines_feed(&l, big, GRAPH_LINE_MAX + 1);
	CHECK_INT("one that is longer", graph_lines_next(&l, &line, &err), -EINVAL);
	graph_lines_done(&l);
}

int main(void)
{
	test_lines();
	test_details();
	test_lax();
	test_guard();
	test_count();
	test_pieces();
	test_hard_lines();
	return check_summary();
}
