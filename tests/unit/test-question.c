/* Names as questions: what they ask, what is wrong with them, and that nothing is out of reach. */
#include "base/macros.h"
#include "base/str.h"
#include "graph/question.h"
#include "tests/lib/check.h"

#include <errno.h>

static bool find_in(const struct graph_part *part, const char *path, struct graph_question *ret)
{
	for (unsigned at = 0; graph_question_next(part, &at, ret);) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

		graph_question_path(&b, ret);
		if (w365_streq(w365_buf_str(&b), path))
			return true;
	}
	return false;
}

static bool find(const char *path, enum graph_version version, struct graph_question *ret)
{
	return find_in(&(struct graph_part){ .version = version }, path, ret);
}

#define VE "/deviceManagement/virtualEndpoint"

static const struct {
	const char *why, *dir, *name, *item, *url; /* item NULL: no file is called so */
} names[] = {
	{ "one item", "cloudPCs/functions/retrieveSnapshots", "CPC-1.json", "CPC-1",
	  VE "/cloudPCs/ID/retrieveSnapshots" },
	{ "its name keeps its %XX", "cloudPCs/functions/retrieveSnapshots", "a%2Fb%25.json",
	  "a%2Fb%25", VE "/cloudPCs/ID/retrieveSnapshots" },
	{ "but for the comma", "cloudPCs/functions/retrieveSnapshots", "Foo%2C Inc.json",
	  "Foo, Inc", VE "/cloudPCs/ID/retrieveSnapshots" },
	{ "and may look like a parameter", "cloudPCs/functions/retrieveSnapshots", "a=b.json",
	  "a=b", VE "/cloudPCs/ID/retrieveSnapshots" },
	{ "nothing to say", "cloudPCs/functions/retrieveCloudPcCountByStatus", "all.json", "",
	  VE "/cloudPCs/retrieveCloudPcCountByStatus" },
	{ "of the tenant", "functions/getEffectivePermissions", "all.json", "",
	  VE "/getEffectivePermissions" },
	{ "of a log", "auditEvents/functions/getAuditActivityTypes", "all.json", "",
	  VE "/auditEvents/getAuditActivityTypes" },
	{ "parameters in quotes", "cloudPCs/functions/getProvisionedCloudPCs",
	  "groupId=g,servicePlanId=s.json", "",
	  VE "/cloudPCs/getProvisionedCloudPCs(groupId='g',servicePlanId='s')" },
	{ "in any order", "cloudPCs/functions/getProvisionedCloudPCs",
	  "servicePlanId=s,groupId=g.json", "",
	  VE "/cloudPCs/getProvisionedCloudPCs(servicePlanId='s',groupId='g')" },
	{ "with all that is awkward", "cloudPCs/functions/getProvisionedCloudPCs",
	  "groupId=a%2Cb'c%2Fd e=f,servicePlanId=\xc3\xa4%25.json", "",
	  VE
	  "/cloudPCs/getProvisionedCloudPCs(groupId='a%2Cb''c%2Fd%20e%3Df',servicePlanId='%C3%A4%25')" },
	{ "empty ones", "externalPartners/functions/retrieveDeployAgentActionResults",
	  "P,activityId=,cloudPcId=.json", "P",
	  VE "/externalPartners/ID/retrieveDeployAgentActionResults(activityId='',cloudPcId='')" },
	{ "an option", "cloudPCs/functions/retrieveCloudPcCountByStatus",
	  "customFilter=status eq 'a%2Cb' and x.json", "",
	  VE
	  "/cloudPCs/retrieveCloudPcCountByStatus?customFilter=status%20eq%20%27a%2Cb%27%20and%20x" },
	{ "an option that is a list", "cloudPCs/functions/retrieveReviewStatus",
	  "CPC-1,select=inReview%2CuserAccessLevel.json", "CPC-1",
	  VE "/cloudPCs/ID/retrieveReviewStatus?$select=inReview,userAccessLevel" },
	{ "as JSON", "cloudPCs/functions/retrieveReviewStatus",
	  "CPC-1,select=[\"inReview\"%2C\"a&b\"].json", "CPC-1",
	  VE "/cloudPCs/ID/retrieveReviewStatus?$select=inReview,a%26b" },
	{ "an option behind parameters", "cloudPCs/functions/getProvisionedCloudPCs",
	  "select=id,groupId=g,servicePlanId=s.json", "",
	  VE "/cloudPCs/getProvisionedCloudPCs(groupId='g',servicePlanId='s')?$select=id" },
	{ "a member of an enum", "functions/retrieveOrganizationActionDetail",
	  "actionType=activate.json", "",
	  VE "/retrieveOrganizationActionDetail(actionType='activate')" },
	{ "a collection below an item", "cloudPcPools/functions/assignments", "Pool 1.json",
	  "Pool 1", VE "/cloudPcPools/ID/assignments" },
	{ "below an assignment",
	  "provisioningPolicies/functions/retrieveUserSettingsPersistenceProfiles",
	  "Engineering%2FEU%2Fx_y,configurationId=c.json", "Engineering%2FEU",
	  VE
	  "/provisioningPolicies/ID/assignments/x_y/userSettingsPersistenceDetail/retrieveUserSettingsPersistenceProfiles(configurationId='c')" },
	{ "a singleton below an assignment",
	  "provisioningPolicies/functions/userSettingsPersistenceDetail", "P%2fa%20b.json", "P",
	  VE "/provisioningPolicies/ID/assignments/a%20b/userSettingsPersistenceDetail" },
	{ "a report", "reports/getActionStatusReports", "all.csv", "",
	  VE "/reports/getActionStatusReports" },
	{ "of report, though reports has it, too", "reports/retrieveCloudPcRecommendationReports",
	  "reportType=cloudPcUsageCategoryReports.json", "",
	  VE "/report/retrieveCloudPcRecommendationReports" },
	{ "a report that is a function", "reports/getRealTimeRemoteConnectionLatency",
	  "cloudPcId=x.csv", "", VE "/reports/getRealTimeRemoteConnectionLatency(cloudPcId='x')" },
	{ "a file that an item leads to", "reports/exportJobs/results", "Name__guid.zip",
	  "Name__guid", VE "/reports/exportJobs/ID" },
	{ "of its kind alone", "reports/exportJobs/results", "Name__guid.json", NULL, NULL },
	{ "with its dot", "reports/exportJobs/results", "Name__guidzip", NULL, NULL },
	{ "with a name", "reports/exportJobs/results", ".zip", NULL, NULL },
	{ "and no other", "reports/exportJobs/results", "zip", NULL, NULL },
	{ "no file", "cloudPCs/functions/retrieveSnapshots", "CPC-1", NULL, NULL },
	{ "no name", "cloudPCs/functions/retrieveSnapshots", ".json", NULL, NULL },
	{ "hidden", "cloudPCs/functions/retrieveSnapshots", ".a.json", NULL, NULL },
	{ "a function is no table", "cloudPCs/functions/retrieveSnapshots", "CPC-1.csv", NULL,
	  NULL },
};

static void test_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;
		struct graph_question q;
		struct graph_asked a;
		struct w365_err err = { 0 };
		int r;

		if (!CHECK(names[i].dir, find(names[i].dir, GRAPH_BETA, &q)))
			continue;
		r = graph_question_read(&q, GRAPH_BETA, false, names[i].name, &a, &err);
		CHECK_INT(names[i].why, r, names[i].item ? 1 : 0);
		if (r < 0)
			check_show("said", err.msg);
		if (r <= 0)
			continue;
		graph_question_url(&url, &q, &a, "ID");
		CHECK_STR(names[i].why, w365_buf_str(&a.item), names[i].item);
		CHECK_STR(names[i].why, w365_buf_str(&url), names[i].url);
		CHECK(names[i].why, a.csv == w365_ends(names[i].name, ".csv"));
		graph_asked_done(&a);
	}
}

static const struct {
	const char *why, *dir, *name, *says[3];
} wrong[] = {
	{ "something is missing",
	  "cloudPCs/functions/getProvisionedCloudPCs",
	  "groupId=g.json",
	  { "servicePlanId is missing", "groupId=TEXT,servicePlanId=TEXT.json" } },
	{ "all of it",
	  "cloudPCs/functions/getProvisionedCloudPCs",
	  "all.json",
	  { "groupId is missing", "groupId=TEXT,servicePlanId=TEXT.json" } },
	{ "an assignment that would lead elsewhere",
	  "provisioningPolicies/functions/assignedUsers",
	  "P%2F...json",
	  { "no assignment is called" } },
	{ "a parameter of a bound one",
	  "externalPartners/functions/retrieveDeployAgentActionResults",
	  "P,activityId=x.json",
	  { "cloudPcId is missing" } },
	{ "unknown",
	  "cloudPCs/functions/retrieveSnapshots",
	  "CPC-1,top=1.json",
	  { "no parameter 'top'", "the parameters are: none", "ITEM.json" } },
	{ "of a file there is nothing to say",
	  "reports/exportJobs/results",
	  "J,top=1.zip",
	  { "no parameter 'top'", "ITEM.zip" } },
	{ "nearly known",
	  "cloudPCs/functions/getProvisionedCloudPCs",
	  "groupid=g,servicePlanId=s.json",
	  { "did you mean 'groupId'?" } },
	{ "no member",
	  "functions/retrieveOrganizationActionDetail",
	  "actionType=explode.json",
	  { "actionType takes", "activate|deactivate" } },
	{ "twice",
	  "cloudPCs/functions/getProvisionedCloudPCs",
	  "groupId=g,groupId=h,servicePlanId=s.json",
	  { "groupId is there twice" } },
	{ "no pair",
	  "cloudPCs/functions/retrieveCloudPcCountByStatus",
	  "CPC-1.json",
	  { "'CPC-1' is no key=value", "all.json" } },
	{ "an empty part",
	  "cloudPCs/functions/getProvisionedCloudPCs",
	  "groupId=g,,servicePlanId=s.json",
	  { "'' is no key=value" } },
	{ "a comma at the end",
	  "cloudPCs/functions/retrieveSnapshots",
	  "CPC-1,.json",
	  { "'' is no key=value" } },
	{ "no item",
	  "externalPartners/functions/retrieveDeployAgentActionResults",
	  ",activityId=x,cloudPcId=y.json",
	  { "about one item" } },
	{ "no assignment",
	  "provisioningPolicies/functions/userSettingsPersistenceDetail",
	  "Policy.json",
	  { "%2F, and the id of the assignment", "ITEM%2FASSIGNMENTID.json" } },
	{ "an empty assignment",
	  "provisioningPolicies/functions/userSettingsPersistenceDetail",
	  "Policy%2F.json",
	  { "%2F, and the id of the assignment" } },
	{ "a broken %XX",
	  "cloudPCs/functions/getProvisionedCloudPCs",
	  "groupId=50%,servicePlanId=s.json",
	  { "a % itself is %25" } },
	{ "a NUL",
	  "cloudPCs/functions/getProvisionedCloudPCs",
	  "groupId=a%00b,servicePlanId=s.json",
	  { "groupId takes text" } },
	{ "no number",
	  "reports/getActionStatusReports",
	  "top=many.csv",
	  { "top takes a whole number" } },
	{ "a negative one",
	  "reports/getActionStatusReports",
	  "skip=-1.csv",
	  { "skip takes a whole number" } },
	{ "too long a one",
	  "reports/getActionStatusReports",
	  "top=99999999999.csv",
	  { "top takes a whole number" } },
	{ "no list",
	  "reports/getActionStatusReports",
	  "select=[\"a\"%2C1].csv",
	  { "select takes a list of text" } },
	{ "a broken list",
	  "reports/getActionStatusReports",
	  "select=[\"a\".csv",
	  { "select takes a list of text" } },
	{ "a report that wants its type",
	  "reports/retrieveCloudPcRecommendationReports",
	  "all.json",
	  { "reportType is missing", "cloudPcUsageCategoryReports", ".csv" } },
};

static void test_wrong(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct graph_question q;
		struct graph_asked a;
		struct w365_err err = { 0 };
		int r;

		if (!CHECK(wrong[i].dir, find(wrong[i].dir, GRAPH_BETA, &q)))
			continue;
		r = graph_question_read(&q, GRAPH_BETA, false, wrong[i].name, &a, &err);
		CHECK_INT(wrong[i].why, r, -EINVAL);
		if (r > 0)
			graph_asked_done(&a);
		CHECK(wrong[i].why, w365_starts(err.msg, q.name));
		for (unsigned k = 0; k < 3 && wrong[i].says[k]; k++)
			if (!CHECK(wrong[i].why, strstr(err.msg, wrong[i].says[k])))
				check_show("said", err.msg);
	}
}

static void test_lax(void)
{
	struct graph_question q;
	struct graph_asked a;
	struct w365_err err;

	CHECK("there", find("functions/retrieveOrganizationActionDetail", GRAPH_BETA, &q));
	CHECK_INT("a member of an enum that is not known passes where it shall",
		  graph_question_read(&q, GRAPH_BETA, true, "actionType=new.json", &a, &err), 1);
	graph_asked_done(&a);
}

static const struct {
	const char *why, *name, *body;
} bodies[] = {
	{ "all rows", "all.json", "{\"skip\":5,\"top\":7}" },
	{ "all that can be said",
	  "filter=Status eq 'a%2Cb' and X gt 1,search=\"q\",select=A%2CB,groupBy=A,orderBy=[\"A desc\"],top=3,skip=2.csv",
	  "{\"filter\":\"Status eq 'a,b' and X gt 1\",\"search\":\"\\\"q\\\"\",\"select\":[\"A\",\"B\"],"
	  "\"groupBy\":[\"A\"],\"orderBy\":[\"A desc\"],\"skip\":5,\"top\":7}" },
	{ "an empty list", "select=.json", "{\"select\":[],\"skip\":5,\"top\":7}" },
	{ "not ASCII", "filter=N eq '\xc3\xa4'.json",
	  "{\"filter\":\"N eq '\xc3\xa4'\",\"skip\":5,\"top\":7}" },
};

static void test_bodies(void)
{
	struct graph_question q;

	CHECK("there", find("reports/getActionStatusReports", GRAPH_BETA, &q));
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;
		struct graph_asked a;
		struct w365_err err;

		if (!CHECK(bodies[i].why, graph_question_read(&q, GRAPH_BETA, false, bodies[i].name,
							      &a, &err) == 1))
			continue;
		graph_question_body(&body, &a, 5, 7);
		CHECK_STR(bodies[i].why, w365_buf_str(&body), bodies[i].body);
		CHECK_INT(bodies[i].why, (int)graph_asked_number(&a, "top", 99), i == 1 ? 3 : 99);
		CHECK_INT(bodies[i].why, (int)graph_asked_number(&a, "skip", 0), i == 1 ? 2 : 0);
		graph_asked_done(&a);
	}
}

/* What is not reached by a directory of its own, and why. */
static const struct {
	const char *path, *why;
} beyond[] = {
	{ VE "/reports/retrieveCloudPcRecommendationReports", "report has it" },
	{ VE "/provisioningPolicies/{id}/assignments", "comes with the policy, by $expand" },
	{ VE "/userSettings/{id}/assignments", "comes with the setting, by $expand" },
};

static bool reached(const char *path, enum graph_version version, bool own)
{
	const struct graph_part part = { .version = version, .own = own };
	struct graph_question q;
	bool found = false;

	for (unsigned at = 0; graph_question_next(&part, &at, &q);)
		found = found || w365_streq(q.path, path);
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++)
		if (w365_streq(beyond[i].path, path))
			return !found; /* a list that is out of date is a mistake, too */
	return found;
}

static void test_reach(void)
{
	for (unsigned v = GRAPH_V1; v <= GRAPH_BETA; v++) {
		for (unsigned i = 0; i < graph_n_operations; i++) {
			const struct graph_operation *o = &graph_operations[i];

			if ((o->versions & v) &&
			    (o->function || o->returns.kind == GRAPH_VALUE_STREAM))
				CHECK(o->path, reached(o->path, v, o->own));
		}
		for (unsigned i = 0; i < graph_n_collections; i++) {
			const struct graph_collection *c = &graph_collections[i];

			if ((c->versions & v) && c->nested)
				CHECK(c->path, reached(c->path, v, false));
		}
	}
}

/* No two in one place, each with a name that can be read back once its words are filled in, and each
 * of a function's parameters in a place of its path. */
static void test_rows(void)
{
	static const struct graph_part parts[] = { { GRAPH_V1, false, 0 },
						   { GRAPH_V1, true, 0 },
						   { GRAPH_BETA, false, 0 },
						   { GRAPH_BETA, true, 0 } };

	for (size_t k = 0; k < ARRAY_SIZE(parts); k++) {
		enum graph_version v = parts[k].version;
		struct graph_question q, other;

		for (unsigned at = 0; graph_question_next(&parts[k], &at, &q);) {
			_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF, usage = W365_BUF,
								 url = W365_BUF;
			struct graph_asked a;
			struct w365_err err = { 0 };

			graph_question_path(&path, &q);
			graph_question_usage(&usage, &q, v);
			CHECK(path.data, find_in(&parts[k], path.data, &other) &&
						 w365_streq(other.path, q.path));
			CHECK(path.data, q.download ? w365_ends(path.data, "/results")
					 : q.report ? w365_starts(path.data, "reports/")
						    : strstr(path.data, "functions/") != NULL);
			if (!CHECK(usage.data,
				   graph_question_read(&q, v, true, usage.data, &a, &err) == 1)) {
				check_show("said", err.msg);
				continue;
			}
			graph_question_url(&url, &q, &a, "ID");
			CHECK(url.data, !strpbrk(url.data, "{}"));
			CHECK(url.data,
			      !q.n_ids || strstr(url.data, "/ID/") || w365_ends(url.data, "/ID"));
			for (unsigned i = 0; q.op && q.op->function && i < q.n_parameters; i++)
				CHECK(url.data, q.parameters[i].query ||
							strstr(url.data, q.parameters[i].name));
			graph_asked_done(&a);
		}
	}
}

int main(void)
{
	test_names();
	test_wrong();
	test_lax();
	test_bodies();
	test_reach();
	test_rows();
	return check_summary();
}
