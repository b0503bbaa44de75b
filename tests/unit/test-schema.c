/* The schemas of all families: JSON, whole, and as strict as saving is. What a validator says of real
 * items is in tests/mount/schema.sh. */
#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "graph/schema.h"
#include "tests/lib/check.h"

#include <limits.h>

#define REF "#/$defs/"

/* Counts in @used how often each member of @defs is referred to. */
static bool follow(const struct w365_json *j, uint32_t defs, unsigned *used)
{
	for (uint32_t i = 0; i < j->count; i++) {
		struct w365_span key = { j->text + j->nodes[i].key, j->nodes[i].key_len };
		struct w365_span to = w365_json_raw(j, i);
		char name[128];
		uint32_t found;

		if (!w365_span_is(key, "$ref"))
			continue;
		if (to.len < strlen(REF) || memcmp(to.p, REF, strlen(REF)) != 0)
			return false;
		snprintf(name, sizeof(name), "%.*s", (int)(to.len - strlen(REF)),
			 to.p + strlen(REF));
		found = w365_json_get(j, defs, name);
		if (!found)
			return false;
		used[found]++;
	}
	return true;
}

static void check_whole(const struct graph_collection *c, enum graph_version v)
{
	_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_freep) unsigned *used = NULL;
	bool all = true;
	uint32_t defs;

	graph_schema_write(c, v, &out);
	CHECK(c->name, out.len && out.data[out.len - 1] == '\n');
	CHECK_INT("is JSON", w365_json_parse(&j, out.data, out.len, NULL, NULL), 0);
	defs = w365_json_get(&j, 0, "$defs");
	used = calloc(j.count, sizeof(*used));
	if (!CHECK("has types", defs && used))
		return;
	CHECK("every reference leads somewhere", follow(&j, defs, used));
	W365_JSON_EACH (&j, defs, i)
		all = all && used[i];
	CHECK("every type is referred to", all);
}

/* What a path of keys leads to, in the text of the schema. */
static const struct {
	const char *why, *collection, *path[6], *text;
	enum graph_version version;
} cases[] = {
	{ "an item needs nothing", "provisioningPolicies", { "required" }, NULL, GRAPH_BETA },
	{ "and has no other properties",
	  "provisioningPolicies",
	  { "additionalProperties" },
	  "false",
	  GRAPH_BETA },
	{ "unless the service has them",
	  "cloudPcPools",
	  { "$defs", "cloudPcAgentPool", "additionalProperties" },
	  NULL,
	  GRAPH_BETA },
	{ "or writes all of it", "cloudPCs", { "additionalProperties" }, NULL, GRAPH_BETA },
	{ "a type of several is told by its name",
	  "cloudPcPools",
	  { "$defs", "cloudPcAgentPool", "properties", "@odata.type", "const" },
	  "#microsoft.graph.cloudPcAgentPool",
	  GRAPH_BETA },
	{ "which is the item's own where there is only one",
	  "cloudPcPools",
	  { "$ref" },
	  "#/$defs/cloudPcAgentPool",
	  GRAPH_BETA },
	{ "a string that is never null",
	  "provisioningPolicies",
	  { "properties", "displayName", "type" },
	  "string",
	  GRAPH_BETA },
	{ "a time",
	  "provisioningPolicies",
	  { "properties", "lastModifiedDateTime", "format" },
	  "date-time",
	  GRAPH_BETA },
	{ "is read-only",
	  "provisioningPolicies",
	  { "properties", "lastModifiedDateTime", "readOnly" },
	  "true",
	  GRAPH_BETA },
	{ "a date",
	  "deviceImages",
	  { "properties", "expirationDate", "format" },
	  "date",
	  GRAPH_BETA },
	{ "a password is write-only",
	  "onPremisesConnections",
	  { "properties", "adDomainPassword", "writeOnly" },
	  "true",
	  GRAPH_BETA },
	{ "what is old is deprecated",
	  "provisioningPolicies",
	  { "properties", "windowsSettings", "deprecated" },
	  "true",
	  GRAPH_BETA },
	{ "what the version lacks is not there",
	  "provisioningPolicies",
	  { "properties", "windowsSettings" },
	  NULL,
	  GRAPH_V1 },
	{ "what can be set once says so",
	  "externalPartners",
	  { "properties", "partnerId", "description" },
	  "Can be set only when the item is made.",
	  GRAPH_BETA },
	{ "members that nobody sets are examples",
	  "onPremisesConnections",
	  { "properties", "healthCheckStatus", "enum" },
	  NULL,
	  GRAPH_BETA },
	{ "assignments can be set",
	  "userSettings",
	  { "properties", "assignments", "readOnly" },
	  NULL,
	  GRAPH_BETA },
	{ "where there is a way to",
	  "cloudPcPools",
	  { "$defs", "cloudPcAgentPool", "properties", "assignments", "readOnly" },
	  "true",
	  GRAPH_BETA },
	{ "by whose name it goes",
	  "reports/exportJobs",
	  { "$id" },
	  "urn:w365fs:beta:reports/exportJobs",
	  GRAPH_BETA },
};

static void check_path(unsigned i)
{
	_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF, got = W365_BUF;
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	struct w365_span s;
	uint32_t at = 0;

	graph_schema_write(graph_collection_find(cases[i].collection), cases[i].version, &out);
	CHECK_INT(cases[i].why, w365_json_parse(&j, out.data, out.len, NULL, NULL), 0);
	for (unsigned k = 0; k < ARRAY_SIZE(cases[i].path) && cases[i].path[k]; k++) {
		at = w365_json_get(&j, at, cases[i].path[k]);
		if (!at)
			break;
	}
	s = w365_json_raw(&j, at);
	w365_buf_add(&got, s.p, at ? s.len : 0);
	CHECK_STR(cases[i].why, at ? w365_buf_str(&got) : NULL, cases[i].text);
}

int main(void)
{
	static const struct graph_part parts[] = { { GRAPH_V1, false, UINT_MAX },
						   { GRAPH_BETA, false, UINT_MAX },
						   { GRAPH_BETA, true, 0 } };

	for (unsigned k = 0; k < ARRAY_SIZE(parts); k++)
		for (unsigned i = 0; i < graph_n_collections; i++)
			if (graph_collection_shown(&graph_collections[i], &parts[k]))
				check_whole(&graph_collections[i], parts[k].version);
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		check_path(i);
	return check_summary();
}
