/* What a mount shows of the catalogue: the tenant's, one's own, what is next door; and what it asks for. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/action.h"
#include "graph/needs.h"
#include "graph/query.h"
#include "graph/question.h"
#include "tests/lib/check.h"

/* As graph_with has them, which is checked. */
enum { ROLES = 1, ALERTS = 2, DEVICES = 4, ALL = 7 };

static void add_word(struct w365_buf *out, const char *word)
{
	w365_buf_addf(out, "%s%s", out->len ? " " : "", word);
}

/* The verbs of all that belongs to the part. */
static void verbs(struct w365_buf *out, const struct graph_part *part)
{
	struct graph_action a;

	for (unsigned i = 0; i < graph_n_collections; i++)
		for (unsigned at = 0;
		     graph_collection_in(&graph_collections[i], part) &&
		     graph_action_next(&graph_collections[i], part->version, &at, &a);)
			add_word(out, a.name);
}

static void questions(struct w365_buf *out, const struct graph_part *part)
{
	struct graph_question q;

	for (unsigned at = 0; graph_question_next(part, &at, &q);)
		add_word(out, q.name);
}

static void test_own(void)
{
	static const struct {
		enum graph_version version;
		const char *verbs, *questions;
	} rows[] = {
		{ GRAPH_BETA, "reboot rename reprovision start stop troubleshoot",
		  "getCloudPcLaunchInfo getFrontlineCloudPcAccessState retrieveCloudPcLaunchDetail" },
		{ GRAPH_V1, "reboot rename reprovision troubleshoot",
		  "retrieveCloudPcLaunchDetail" },
	};

	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		const struct graph_part part = { .version = rows[k].version, .own = true };
		_cleanup_(w365_buf_done) struct w365_buf v = W365_BUF, q = W365_BUF,
							 shown = W365_BUF;

		for (unsigned i = 0; i < graph_n_collections; i++)
			if (graph_collection_shown(&graph_collections[i], &part))
				add_word(&shown, graph_collections[i].path);
		verbs(&v, &part);
		questions(&q, &part);
		CHECK_STR("what is documented to be listed", w365_buf_str(&shown), "/me/cloudPCs");
		CHECK_STR("verbs", w365_buf_str(&v), rows[k].verbs);
		CHECK_STR("functions", w365_buf_str(&q), rows[k].questions);
	}
}

/* Each is one of the tenant's, at the same place below another collection. */
static void test_twins(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < graph_n_operations; i++) {
		const struct graph_operation *o = &graph_operations[i], *twin = NULL;
		const struct graph_collection *home = graph_home_of(o->path), *theirs;

		CHECK(o->path, home && home->own == o->own);
		if (!o->own)
			continue;
		for (unsigned k = 0; k < graph_n_operations; k++)
			if (!graph_operations[k].own && graph_operations[k].bound == o->bound &&
			    w365_streq(graph_operations[k].name, o->name))
				twin = &graph_operations[k];
		if (!CHECK(o->path, twin))
			continue;
		theirs = graph_home_of(twin->path);
		CHECK_STR(o->name, o->path + strlen(home->path), twin->path + strlen(theirs->path));
		CHECK_STR(o->name, home->name, theirs->name);
		CHECK(o->name, !o->permission.application);
		CHECK(o->name, !w365_streq(o->name, "reprovision") || !o->n_parameters);
		n++;
	}
	CHECK_INT("there are some", n, 9);
}

static void test_next_door(void)
{
	static const struct {
		const char *why;
		struct graph_part part;
		const char *shown;
	} rows[] = {
		{ "not without being wanted", { GRAPH_BETA, false, 0 }, "" },
		{ "roles", { GRAPH_BETA, false, ROLES }, "roleDefinitions roleAssignments" },
		{ "alerts", { GRAPH_BETA, false, ALERTS }, "alertRules alertRecords" },
		{ "devices", { GRAPH_BETA, false, DEVICES }, "managedDevices" },
		{ "two",
		  { GRAPH_BETA, false, ROLES | DEVICES },
		  "roleDefinitions roleAssignments managedDevices" },
		{ "in v1.0", { GRAPH_V1, false, ALL }, "managedDevices" },
		{ "never with one's own", { GRAPH_BETA, true, ALL }, "" },
	};

	CHECK_STR("the first word", graph_with[0], "roles");
	CHECK_STR("the second", graph_with[1], "alerts");
	CHECK_STR("the third", graph_with[2], "managedDevices");
	CHECK("no other", !graph_with[3]);
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		_cleanup_(w365_buf_done) struct w365_buf shown = W365_BUF;

		for (unsigned i = 0; i < graph_n_collections; i++)
			if (graph_collections[i].with &&
			    graph_collection_shown(&graph_collections[i], &rows[k].part))
				add_word(&shown, graph_collections[i].name);
		CHECK_STR(rows[k].why, w365_buf_str(&shown), rows[k].shown);
	}
	for (unsigned i = 0; i < graph_n_collections; i++) {
		const struct graph_collection *c = &graph_collections[i];
		struct graph_action a;
		unsigned at = 0;

		if (!c->with)
			continue;
		for (unsigned v = GRAPH_CREATE; v < GRAPH_VERBS; v++)
			CHECK(c->name, !c->methods[v].versions);
		CHECK(c->name, !graph_action_next(c, GRAPH_BETA, &at, &a));
	}
}

static void test_needs(void)
{
	static const struct {
		const char *why;
		struct graph_part part;
		bool write;
		const char *names;
	} rows[] = {
		{ "reading", { GRAPH_BETA, false, 0 }, false, "CloudPC.Read.All" },
		{ "in v1.0", { GRAPH_V1, false, 0 }, false, "CloudPC.Read.All" },
		{ "writing",
		  { GRAPH_BETA, false, 0 },
		  true,
		  "CloudPC.Read.All CloudPC.ReadWrite.All" },
		{ "one's own", { GRAPH_BETA, true, 0 }, false, "CloudPC.Read.All" },
		{ "acting on that",
		  { GRAPH_V1, true, 0 },
		  true,
		  "CloudPC.Read.All CloudPC.ReadWrite.All" },
		{ "alerts take no more", { GRAPH_BETA, false, ALERTS }, false, "CloudPC.Read.All" },
		{ "roles",
		  { GRAPH_BETA, false, ROLES },
		  false,
		  "CloudPC.Read.All RoleManagement.Read.CloudPC" },
		{ "of which v1.0 has none", { GRAPH_V1, false, ROLES }, false, "CloudPC.Read.All" },
		{ "all, which is not written",
		  { GRAPH_BETA, false, ALL },
		  true,
		  "CloudPC.Read.All CloudPC.ReadWrite.All RoleManagement.Read.CloudPC DeviceManagementManagedDevices.Read.All" },
	};

	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		_cleanup_(w365_buf_done) struct w365_buf got = W365_BUF;
		const char *names[GRAPH_NEEDS_MAX + 1];
		unsigned n = graph_needs(&rows[k].part, rows[k].write, names);

		for (unsigned i = 0; i < n; i++)
			add_word(&got, names[i]);
		CHECK_STR(rows[k].why, w365_buf_str(&got), rows[k].names);
		CHECK(rows[k].why, !names[n] && n < GRAPH_NEEDS_MAX);
	}
}

static void test_queries(void)
{
	static const struct {
		const char *why, *path;
		enum graph_version version;
		bool plain;
		const char *query; /* how it begins */
		bool leaves;       /* there is something to leave out */
	} rows[] = {
		{ "one's own, with all properties", "/me/cloudPCs", GRAPH_BETA, false,
		  "/me/cloudPCs?$select=id,displayName,", true },
		{ "without", "/me/cloudPCs", GRAPH_V1, true, "/me/cloudPCs", true },
		{ "devices, those of Cloud PCs", "/deviceManagement/managedDevices", GRAPH_V1,
		  false, "/deviceManagement/managedDevices?$filter=startswith(model,'Cloud%20PC')",
		  true },
		{ "all, if it must be", "/deviceManagement/managedDevices", GRAPH_BETA, true,
		  "/deviceManagement/managedDevices", true },
		{ "roles, as they come", "/roleManagement/cloudPC/roleDefinitions", GRAPH_BETA,
		  false, "/roleManagement/cloudPC/roleDefinitions", false },
	};

	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		_cleanup_(w365_buf_done) struct w365_buf got = W365_BUF;
		bool leaves = false;

		for (unsigned i = 0; i < graph_n_collections; i++)
			if (w365_streq(graph_collections[i].path, rows[k].path))
				leaves = graph_query_list(&got, &graph_collections[i],
							  rows[k].version, 0, rows[k].plain);
		CHECK(rows[k].why, leaves == rows[k].leaves);
		if (strstr(rows[k].query, "$select"))
			CHECK(rows[k].why, w365_starts(w365_buf_str(&got), rows[k].query));
		else
			CHECK_STR(rows[k].why, w365_buf_str(&got), rows[k].query);
	}
}

int main(void)
{
	test_own();
	test_twins();
	test_next_door();
	test_needs();
	test_queries();
	return check_summary();
}
