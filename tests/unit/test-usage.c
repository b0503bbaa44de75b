/* Every verb: that it is there, complete, and that what is said of it does nothing when it is written
 * back. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/result-lines.h"
#include "graph/command.h"
#include "graph/lines.h"
#include "graph/usage.h"
#include "tests/lib/action.h"
#include "tests/lib/check.h"

/* An item of every name: the worst case for text that is to do nothing. */
static int anything(void *arg, struct w365_span text, struct graph_found *ret, unsigned max,
		    struct w365_err *reterr)
{
	(void)arg, (void)max, (void)reterr;
	*ret = (struct graph_found){ W365_SPAN("id"), text, text };
	return 1;
}

static void check_harmless(const struct graph_action *a, enum graph_version version,
			   const char *text)
{
	struct graph_command_reader r = { .action = a, .version = version, .resolve = anything };
	struct graph_lines lines = { 0 };
	struct graph_command c;
	struct w365_span line;
	struct w365_err err;
	bool harmless = true;

	graph_lines_feed(&lines, text, strlen(text));
	while (graph_lines_next(&lines, &line, &err) > 0)
		harmless &= line.len && line.p[0] == '#' &&
			    graph_command_read(&r, line.p, line.len, &c, &err) == 0;
	CHECK("written back it does nothing", harmless);
	CHECK("it ends with a line break", graph_lines_rest(&lines, &line, &err) == 0);
	graph_lines_done(&lines);
}

static void check_action(const struct graph_action *a, enum graph_version version)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF, row = W365_BUF, path = W365_BUF;
	char own[64];

	graph_usage_text(&b, a, version);
	CHECK(a->name, a->note && *a->note);
	CHECK(a->name, a->permission.delegated || a->permission.application);
	CHECK(a->name, strstr(b.data, graph_safety_name(a->safety)) && strstr(b.data, "# needs: "));
	CHECK(a->name, a->safety != GRAPH_DESTRUCTIVE || strstr(b.data, "confirm="));
	CHECK("nothing runs on without a word on where it is seen", !a->runs_on || a->watch);
	CHECK("what can be looked at runs on", a->runs_on || !a->n_finish);
	for (unsigned i = 0; i < a->n_parameters; i++) {
		const struct graph_property *p = &a->parameters[i];

		snprintf(own, sizeof(own), "#   %s%s: ", p->name,
			 p->flags & GRAPH_REQUIRED ? ", required" : "");
		CHECK(p->name, graph_parameter_given(p, version) == (strstr(b.data, own) != NULL));
		CHECK("our own words are no parameters", !w365_streq(p->name, "wait") &&
								 !w365_streq(p->name, "confirm") &&
								 !w365_streq(p->name, "target"));
	}
	check_harmless(a, version, b.data);

	graph_usage_row(&row, a, version);
	CHECK(a->name, w365_starts(row.data, "| `") && w365_ends(row.data, " |\n"));
	for (char *p = row.data; *p; p++) /* what is escaped is no bar of the table */
		if (*p == '\\')
			*p = p[1] = ' ';
	for (char *p = row.data; (p = strchr(p, '|')); p++)
		w365_buf_addc(&path, '|');
	CHECK_STR("four cells", w365_buf_str(&path), "|||||");
}

static void test_all(void)
{
	static const struct {
		enum graph_version version;
		unsigned n, targeted, secret;
	} rows[] = { { GRAPH_BETA, 38, 28, 2 }, { GRAPH_V1, 11, 11, 1 } };

	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		unsigned n = 0, targeted = 0, secret = 0;

		for (unsigned i = 0; i < graph_n_collections; i++) {
			struct graph_action a;
			bool own = graph_collections[i].own;

			for (unsigned at = 0;
			     graph_action_next(&graph_collections[i], rows[k].version, &at, &a);) {
				check_action(&a, rows[k].version);
				n += !own;
				targeted += a.targeted && !own;
				secret += a.secret && !own;
			}
		}
		/* 55 and 12, less 19 reports and 1, and two that make new items in beta. */
		CHECK_INT("all of them", n, rows[k].n);
		CHECK_INT("done to an item", targeted, rows[k].targeted);
		CHECK_INT("with a secret", secret, rows[k].secret);
	}
}

static void test_texts(void)
{
	static const struct {
		const char *why, *verb, *has;
	} rows[] = {
		{ "without parameters", "cloudPCs/reboot", "# usage: TARGET\n# Restarts Windows" },
		{ "disruptive", "cloudPCs/reboot", "max-targets" },
		{ "required", "cloudPCs/rename", "# usage: TARGET displayName=TEXT\n" },
		{ "it can be waited for", "cloudPCs/rename", "# With wait=SECONDS" },
		{ "it cannot be waited for", "cloudApps/reset", "# It runs on, and nothing tells" },
		{ "one's own takes less", "me:cloudPCs/reprovision",
		  "# usage: TARGET confirm=TARGET\n# Wipes" },
		{ "nor in v1.0", "v1.0:cloudPCs/reboot", "# It runs on, and nothing tells" },
		{ "optional", "cloudPCs/reprovision",
		  "# usage: TARGET [osVersion=windows10|windows11] [userAccountType=standardUser|administrator] confirm=TARGET\n" },
		{ "destructive", "cloudPCs/reprovision",
		  "# confirm= says the target's name or id once more (see -o destructive=).\n" },
		{ "without a target", "/organizationAction",
		  "# usage: actionType=activate|deactivate confirm=organizationAction\n" },
		{ "what confirms it", "/organizationAction",
		  "# confirm= says organizationAction once more (" },
		{ "a list", "cloudPCs/validateBulkResize",
		  "#   cloudPcIds, required: a list of text, as JSON\n" },
		{ "an object", "cloudPCs/setReviewStatus",
		  "#   reviewStatus, required: an object cloudPcReviewStatus, as JSON; it has accessTier (" },
		{ "a new item", "bulkActions/create",
		  "# usage: @odata.type=TYPE displayName=TEXT cloudPcIds=[...] [scheduledDuringMaintenanceWindow=true|false] [confirm=create]\n" },
		{ "its types", "bulkActions/create",
		  "#   cloudPcBulkResize (disruptive): targetServicePlanId=TEXT\n" },
		{ "for people only", "onPremisesConnections/runHealthChecks",
		  "# needs: CloudPC.ReadWrite.All, and a signed-in person: no application may\n" },
		{ "a secret", "onPremisesConnections/updateAdDomainPassword",
		  "# What is written here is not kept" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
		enum graph_version version;
		struct graph_action a;

		test_action(rows[i].verb, &a, &version);
		graph_usage_text(&b, &a, version);
		if (!CHECK(rows[i].why, strstr(b.data, rows[i].has)))
			check_show("text", b.data);
	}
}

static void test_paths(void)
{
	static const struct {
		const char *why, *verb, *id, *request, *file;
	} rows[] = {
		{ "of an item", "cloudPCs/reboot", "a/b?c",
		  "/deviceManagement/virtualEndpoint/cloudPCs/a%2Fb%3Fc/reboot",
		  "cloudPCs/actions/reboot" },
		{ "of a collection", "cloudApps/publish", NULL,
		  "/deviceManagement/virtualEndpoint/cloudApps/publish",
		  "cloudApps/actions/publish" },
		{ "of the tenant", "/organizationAction", NULL,
		  "/deviceManagement/virtualEndpoint/organizationAction",
		  "actions/organizationAction" },
		{ "of a new item", "reports/exportJobs/create", NULL,
		  "/deviceManagement/virtualEndpoint/reports/exportJobs",
		  "reports/exportJobs/actions/create" },
		{ "of what is below an assignment",
		  "provisioningPolicies/batchCleanupUserSettingsPersistenceProfile", "p/a/1",
		  "/deviceManagement/virtualEndpoint/provisioningPolicies/p/assignments/a%2F1/userSettingsPersistenceDetail/batchCleanupUserSettingsPersistenceProfile",
		  "provisioningPolicies/actions/batchCleanupUserSettingsPersistenceProfile" },
		{ "with a part missing",
		  "provisioningPolicies/batchCleanupUserSettingsPersistenceProfile", "p", NULL,
		  "provisioningPolicies/actions/batchCleanupUserSettingsPersistenceProfile" },
		{ "without its item", "cloudPCs/reboot", NULL, NULL, "cloudPCs/actions/reboot" },
		{ "of an item without a name", "cloudPCs/reboot", "", NULL,
		  "cloudPCs/actions/reboot" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(w365_buf_done) struct w365_buf request = W365_BUF, file = W365_BUF;
		enum graph_version version;
		struct graph_action a;
		bool ok;

		test_action(rows[i].verb, &a, &version);
		ok = graph_action_path(&request, &a, rows[i].id);
		CHECK_INT(rows[i].why, ok, rows[i].request != NULL);
		if (ok && rows[i].request)
			CHECK_STR(rows[i].why, w365_buf_str(&request), rows[i].request);
		graph_usage_path(&file, &a);
		CHECK_STR(rows[i].why, w365_buf_str(&file), rows[i].file);
	}
}

static void test_answers(void)
{
	static const struct {
		const char *why, *body, *lines;
	} rows[] = {
		{ "none", "", "" },
		{ "a list",
		  "{\"@odata.context\":\"c\",\"value\":[{\"a\":1},{\"a\":\"\\u00e4\\n\"}]}",
		  "#   {\"a\":1}\n#   {\"a\":\"ä\\n\"}\n" },
		{ "an empty list", "{\"value\":[]}", "" },
		{ "a word", "{\"@odata.context\":\"c\",\"value\":\"x\"}", "#   \"x\"\n" },
		{ "an object", "{\"@odata.context\":\"c\",\n \"id\": \"x\",\n \"b\": [ true ]}",
		  "#   {\"id\":\"x\",\"b\":[true]}\n" },
		{ "an object without members", "{}", "" },
		{ "no secret",
		  "{\"id\":\"x\",\"exportUrl\":\"https://a/b?sig=c\",\"adDomainPassword\":\"p\"}",
		  "#   {\"id\":\"x\",\"exportUrl\":\"\",\"adDomainPassword\":\"\"}\n" },
		{ "no object", "[1]", "" },
		{ "no JSON", "<html>", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

		graph_result_lines(&b, rows[i].body, strlen(rows[i].body), GRAPH_BETA);
		CHECK_STR(rows[i].why, w365_buf_str(&b), rows[i].lines);
	}
}

int main(void)
{
	test_all();
	test_texts();
	test_paths();
	test_answers();
	return check_summary();
}
