/* The tables: complete, consistent, and each row fit for a person. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/catalogue.h"
#include "graph/query.h"
#include "tests/lib/check.h"

static void test_counts(void)
{
	static const struct graph_part tenant[] = { { .version = GRAPH_V1 },
						    { .version = GRAPH_BETA } };
	unsigned shown[3] = { 0 }, actions[3] = { 0 }, functions[3] = { 0 }, deep = 0;

	for (unsigned i = 0; i < graph_n_collections; i++) {
		const struct graph_collection *c = &graph_collections[i];

		shown[GRAPH_V1] += graph_collection_shown(c, &tenant[0]);
		shown[GRAPH_BETA] += graph_collection_shown(c, &tenant[1]);
		deep += c->nested;
	}
	for (unsigned i = 0; i < graph_n_operations; i++) {
		const struct graph_operation *o = &graph_operations[i];

		if (o->own)
			continue; /* the same once more */
		(o->function ? functions : actions)[GRAPH_BETA] += (o->versions & GRAPH_BETA) != 0;
		(o->function ? functions : actions)[GRAPH_V1] += (o->versions & GRAPH_V1) != 0;
	}
	CHECK_INT("actions of beta", actions[GRAPH_BETA], 55);
	CHECK_INT("functions of beta", functions[GRAPH_BETA], 30);
	CHECK_INT("actions of v1.0", actions[GRAPH_V1], 12);
	CHECK_INT("functions of v1.0", functions[GRAPH_V1], 3);
	CHECK_INT("beta shows its collections and singletons", shown[GRAPH_BETA], 20);
	CHECK_INT("v1.0 shows its own", shown[GRAPH_V1], 8);
	CHECK_INT("nested ones are known, not shown", deep, 5);
}

/* A name that a token can have among its scopes or roles: no sentence. */
static bool is_name(const char *permission)
{
	return !permission || (*permission && !strchr(permission, ' '));
}

static void test_rows(void)
{
	for (unsigned i = 0; i < graph_n_collections; i++) {
		const struct graph_collection *c = &graph_collections[i];

		CHECK(c->name, c->help && *c->help && c->path[0] == '/');
		CHECK(c->name, c->own || graph_collection_find(c->name) == c);
		CHECK(c->name, graph_collection_by_tag(c->tag) == c);
		for (unsigned v = 0; v < GRAPH_VERBS; v++)
			if (c->methods[v].versions)
				CHECK(c->name, c->methods[v].permission.delegated ||
						       c->methods[v].permission.application);
		for (unsigned v = 1; v <= 2; v++)
			if (graph_collection_shown(c, &(struct graph_part){ v, c->own, c->with }))
				CHECK(c->name, c->type != NULL);
	}
	for (unsigned i = 0; i < graph_n_operations; i++) {
		const struct graph_operation *o = &graph_operations[i];

		CHECK(o->name, o->path[0] == '/' && o->bound && o->versions);
		CHECK(o->name, o->permission.delegated || o->permission.application);
		CHECK(o->name,
		      is_name(o->permission.delegated) && is_name(o->permission.application));
		CHECK(o->name, !o->function || o->safety == GRAPH_SAFE);
	}
}

static void test_types(void)
{
	const struct graph_type *pc = graph_type_find("#microsoft.graph.cloudPC", 24);
	const struct graph_type *bulk = graph_type_find("cloudPcBulkAction", 17);
	const struct graph_type *resize = graph_type_find("microsoft.graph.cloudPcBulkResize", 33);

	CHECK("by its name with a prefix", pc && w365_streq(pc->name, "cloudPC"));
	CHECK("ids come first", pc && w365_streq(pc->properties[0].name, "id"));
	CHECK("a name that is none", !graph_type_find("nothing", 7));
	CHECK("derived",
	      resize && bulk && graph_type_is(resize, bulk) && !graph_type_is(bulk, resize));
	CHECK("a derived type has its base's properties",
	      resize && graph_property_find(resize, "cloudPcIds", 10, GRAPH_BETA));
	CHECK("polymorphic", graph_type_polymorphic(bulk) && !graph_type_polymorphic(pc));
	CHECK("a property of beta alone", graph_property_find(pc, "status", 6, GRAPH_BETA) &&
						  !graph_property_find(pc, "status", 6, GRAPH_V1));
}

static void test_queries(void)
{
	static const struct {
		const char *why, *collection, *begins, *has, *lacks;
		enum graph_version version;
	} cases[] = {
		{ "all of a Cloud PC by name", "cloudPCs",
		  "/deviceManagement/virtualEndpoint/cloudPCs?$select=id,",
		  ",lastRemoteActionResult", "expand", GRAPH_BETA },
		{ "v1.0 knows fewer", "cloudPCs",
		  "/deviceManagement/virtualEndpoint/cloudPCs?$select=id,", ",userPrincipalName",
		  "status", GRAPH_V1 },
		{ "assignments with the policies", "provisioningPolicies",
		  "/deviceManagement/virtualEndpoint/provisioningPolicies?$select=",
		  "&$expand=assignments", "assignments,", GRAPH_BETA },
		{ "polymorphic ones plain", "bulkActions",
		  "/deviceManagement/virtualEndpoint/bulkActions", "", "?", GRAPH_BETA },
		{ "those without options plain", "servicePlans",
		  "/deviceManagement/virtualEndpoint/servicePlans", "", "?", GRAPH_BETA },
		{ "what can only be written is not asked for", "onPremisesConnections",
		  "/deviceManagement/virtualEndpoint/onPremisesConnections?$select=", "inUse",
		  "adDomainPassword", GRAPH_BETA },
		{ "a singleton by its get", "organizationSettings",
		  "/deviceManagement/virtualEndpoint/organizationSettings?$select=",
		  "windowsSettings", "expand", GRAPH_BETA },
		{ "a log by the day", "auditEvents",
		  "/deviceManagement/virtualEndpoint/auditEvents?$filter=activityDateTime%20ge%202026-11-22T00:00:00Z",
		  "activityDateTime%20lt%202026-11-23T00:00:00Z", "select", GRAPH_BETA },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

		graph_query_list(&b, graph_collection_find(cases[i].collection), cases[i].version,
				 20779, false);
		if (!CHECK(cases[i].why, w365_starts(w365_buf_str(&b), cases[i].begins) &&
						 strstr(w365_buf_str(&b), cases[i].has) &&
						 !strstr(w365_buf_str(&b), cases[i].lacks)))
			check_show("query", b.data);
	}
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	graph_query_item(&b, graph_collection_find("cloudPCs"), "a b/c", 5);
	CHECK_STR("an id is encoded", w365_buf_str(&b),
		  "/deviceManagement/virtualEndpoint/cloudPCs/a%20b%2Fc");
}

int main(void)
{
	test_counts();
	test_rows();
	test_types();
	test_queries();
	return check_summary();
}
