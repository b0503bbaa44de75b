/* The other options: which are taken where, what they say; tokens of pages; orders; what a view
 * leaves out. */
#include "base/macros.h"
#include "sim/query.h"
#include "sim/row.h"
#include "sim/view.h"
#include "tests/lib/check.h"

#define KEY 4711

static const struct {
	const char *resource;
	enum sim_method_kind kind;
	const char *query, *says; /* NULL: taken */
} options[] = {
	{ "cloudPCs", SIM_LIST, "$select=id,displayName&$top=5&$count=true", NULL },
	{ "cloudPCs", SIM_LIST, "$select=id , displayName", NULL },
	{ "cloudPCs", SIM_LIST, "$filter=id eq '1'", NULL },
	{ "cloudPCs", SIM_LIST, "api-version=5", NULL },
	{ "cloudPCs", SIM_LIST, "$orderby=id", "'$orderby' is not allowed" },
	{ "cloudPCs", SIM_LIST, "$skip=5", "'$skip' is not allowed" },
	{ "cloudPCs", SIM_LIST, "$expand=assignments", "'$expand' is not allowed" },
	{ "cloudPCs", SIM_LIST, "$search=x", "'$search' is not allowed" },
	{ "cloudPCs", SIM_LIST, "$nope=1", "not recognized" },
	{ "cloudPCs", SIM_LIST, "select=id", "must be written '$select'" },
	{ "cloudPCs", SIM_LIST, "$select=id,", "position 3" },
	{ "cloudPCs", SIM_LIST, "$select=", "position 0" },
	{ "cloudPCs", SIM_LIST, "$select=nope", "Could not find a property named 'nope'" },
	{ "cloudPCs", SIM_LIST, "$select=userDetail/userId", "Could not find" },
	{ "cloudPCs", SIM_LIST, "$select=@odata.type", "Could not find" },
	{ "cloudPCs", SIM_LIST, "$top=-1", "Invalid value '-1' for $top" },
	{ "cloudPCs", SIM_LIST, "$top=", "Invalid value" },
	{ "cloudPCs", SIM_LIST, "$top=99999999999", "Invalid value" },
	{ "cloudPCs", SIM_LIST, "$count=yes", "Invalid value 'yes' for $count" },
	{ "cloudPCs", SIM_LIST, "$skiptoken=abc", "Invalid value" },
	{ "cloudPCs", SIM_GET, "$select=id", NULL },
	{ "cloudPCs", SIM_GET, "$filter=id eq '1'", "'$filter' is not allowed" },
	{ "servicePlans", SIM_LIST, "$select=id", "'$select' is not allowed" },
	{ "auditEvents", SIM_LIST, "$top=5", NULL },
	{ "auditEvents", SIM_LIST, "$orderby=activityDateTime", "'$orderby' is not allowed" },
	{ "provisioningPolicies", SIM_LIST, "$expand=assignments", NULL },
	{ "provisioningPolicies", SIM_GET, "$expand=assignments", NULL },
	{ "provisioningPolicies", SIM_LIST, "$expand=nope",
	  "Could not find a property named 'nope'" },
	{ "provisioningPolicies", SIM_LIST, "$expand=displayName", "Could not find a property" },
	{ "provisioningPolicies", SIM_LIST, "$expand=assignments($select=id)", "Invalid value" },
	{ "bulkActions", SIM_LIST, "$orderby=createdDateTime desc,displayName", NULL },
	{ "bulkActions", SIM_LIST, "$orderby=displayName  asc", NULL },
	{ "bulkActions", SIM_LIST, "$orderby=displayName up", "position 0" },
	{ "bulkActions", SIM_LIST, "$orderby=displayName,", "position 12" },
	{ "bulkActions", SIM_LIST, "$orderby=nope", "Could not find" },
	{ "bulkActions", SIM_LIST, "$orderby=actionSummary", "has no order" },
	{ "cloudPcPools", SIM_LIST, "$top=1&$skip=1&$count=true&$orderby=displayName", NULL },
	{ "frontLineServicePlans", SIM_LIST, "$skip=1", NULL },
	{ "frontLineServicePlans", SIM_LIST, "$top=1", "'$top' is not allowed" },
};

static int read_query(const char *resource, enum sim_method_kind kind, const char *text,
		      struct sim_set *set, struct sim_query *q, struct w365_err *err)
{
	const struct sim_resource *r = sim_resource_find(resource);
	struct sim_form form = { 0 };
	int e;

	sim_set_init(set, r);
	e = sim_form_parse((struct w365_span){ text, strlen(text) }, &form, err);
	if (e == 0)
		e = sim_query_read(&form, r->methods[kind].options, set, SIM_BETA, KEY, q, err);
	sim_form_done(&form);
	return e;
}

static void check_options(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct sim_query q = { 0 };
		struct w365_err err = { 0 };
		struct sim_set set;
		char title[200];
		int r = read_query(options[i].resource, options[i].kind, options[i].query, &set, &q,
				   &err);

		snprintf(title, sizeof(title), "%s?%s", options[i].resource, options[i].query);
		if (!CHECK(title,
			   options[i].says ? r < 0 && strstr(err.msg, options[i].says) : r == 0))
			check_show("error", err.msg);
		if (r < 0)
			CHECK_STR("as a bad request", err.code, "BadRequest");
		sim_query_done(&q);
		sim_set_done(&set);
	}
}

static void check_tokens(void)
{
	static const uint64_t positions[] = { 0, 1, 1000, 99999, UINT32_MAX };
	_cleanup_(w365_buf_done) struct w365_buf token = W365_BUF;
	struct sim_set set, other;
	uint64_t position;

	sim_set_init(&set, sim_resource_find("cloudPCs"));
	sim_set_init(&other, sim_resource_find("auditEvents"));
	for (size_t i = 0; i < ARRAY_SIZE(positions); i++) {
		w365_buf_reset(&token);
		sim_skiptoken(&token, positions[i], &set, KEY);
		CHECK("a token is read", sim_skiptoken_read(token.data, &set, KEY, &position));
		CHECK_INT("and says what was written", position, positions[i]);
		CHECK("by another key it is not",
		      !sim_skiptoken_read(token.data, &set, KEY + 1, &position));
		CHECK("nor for another collection",
		      !sim_skiptoken_read(token.data, &other, KEY, &position));
		for (char *p = token.data; *p; p++) {
			char kept = *p;

			*p = kept == 'A' ? 'B' : 'A';
			if (sim_skiptoken_read(token.data, &set, KEY, &position))
				CHECK("a letter was changed", false);
			*p = kept;
		}
		token.data[token.len - 1] = '\0';
		CHECK("nor without its last letter",
		      !sim_skiptoken_read(token.data, &set, KEY, &position));
	}
	sim_set_done(&set);
	sim_set_done(&other);
}

/* Three plans: a name that comes first, one that comes last, and none. */
static void check_orders(void)
{
	static const char *const texts[] = {
		"{\"id\":\"1\",\"displayName\":\"b\",\"totalCount\":5}",
		"{\"id\":\"2\",\"displayName\":null,\"totalCount\":10}",
		"{\"id\":\"3\",\"displayName\":\"a\",\"totalCount\":5}"
	};
	static const struct {
		const char *orderby;
		int a, b, want;
	} orders[] = {
		{ "$orderby=displayName", 0, 2, 1 },
		{ "$orderby=displayName desc", 0, 2, -1 },
		{ "$orderby=displayName", 1, 2, -1 },
		{ "$orderby=totalCount", 0, 1, -1 },
		{ "$orderby=totalCount", 0, 2, 0 },
		{ "$orderby=totalCount,displayName", 0, 2, 1 },
		{ "$orderby=totalCount desc,id desc", 0, 2, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct sim_item *items[3];
		struct sim_query q = { 0 };
		struct w365_err err;
		struct sim_set set;
		int r = read_query("frontLineServicePlans", SIM_LIST, orders[i].orderby, &set, &q,
				   &err),
		    order;

		CHECK("the order is read", r == 0);
		for (size_t k = 0; k < 3; k++)
			sim_item_verbatim(&set, (struct w365_span){ texts[k], strlen(texts[k]) },
					  &items[k], &err);
		order = sim_query_compare(&q, &set.columns, items[orders[i].a], items[orders[i].b]);
		CHECK_INT(orders[i].orderby, (order > 0) - (order < 0), orders[i].want);
		sim_query_done(&q);
		sim_set_done(&set);
	}
}

static const struct {
	const char *why;
	const char *type, *json;
	enum sim_version version;
	bool unknown;
	const char *want;
} projections[] = {
	{ "an old member", "cloudPcStatus", "\"failed\"", SIM_BETA, false, "\"failed\"" },
	{ "a new member", "cloudPcStatus", "\"movingRegion\"", SIM_BETA, false,
	  "\"unknownFutureValue\"" },
	{ "a new member, asked for", "cloudPcStatus", "\"movingRegion\"", SIM_BETA, true,
	  "\"movingRegion\"" },
	{ "one that nobody knows", "cloudPcStatus", "\"exploded\"", SIM_BETA, false,
	  "\"exploded\"" },
	{ "null", "cloudPcStatus", "null", SIM_BETA, false, "null" },
	{ "a member that v1.0 lacks", "cloudPcProvisioningType", "\"reserve\"", SIM_V1, true,
	  "\"unknownFutureValue\"" },
	{ "a collection", "cloudPcManagementService", "[\"windows365\",\"rpaBox\"]", SIM_BETA,
	  false, "[\"windows365\",\"unknownFutureValue\"]" },
	{ "inside an object", "cloudPcConnectivityResult",
	  "{\"status\":\"inUse\",\"failedHealthCheckItems\":[]}", SIM_BETA, false,
	  "{\"status\":\"unknownFutureValue\",\"failedHealthCheckItems\":[]}" },
	{ "a property that v1.0 lacks", "cloudPcAuditActor",
	  "{\"type\":\"itPro\",\"userId\":\"\\u0041\"}", SIM_V1, false,
	  "{\"userId\":\"\\u0041\"}" },
	{ "of a derived type", "cloudPcManagementAssignmentTarget",
	  "{\"@odata.type\":\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\"groupId\":"
	  "\"1\","
	  "\"allotmentLicensesCount\":5}",
	  SIM_V1, false,
	  "{\"@odata.type\":\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\"groupId\":"
	  "\"1\"}" },
	{ "members that nobody declares stay", "cloudPcAuditActor", "{\"new\":[1,{\"type\":2}]}",
	  SIM_V1, false, "{\"new\":[1,{\"type\":2}]}" },
};

static void check_projections(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(projections); i++) {
		_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
		const char *type = projections[i].type, *json = projections[i].json;

		sim_project((struct w365_span){ json, strlen(json) },
			    sim_type_find((struct w365_span){ type, strlen(type) }),
			    projections[i].version, projections[i].unknown, &out);
		CHECK_STR(projections[i].why, w365_buf_str(&out), projections[i].want);
	}
}

int main(void)
{
	check_options();
	check_tokens();
	check_orders();
	check_projections();
	return check_summary();
}
