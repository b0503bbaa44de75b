/* Objects as files show them. */
#include "base/buf.h"
#include "base/macros.h"
#include "graph/render.h"
#include "tests/lib/check.h"

static const struct {
	const char *why, *type, *in, *out;
	enum graph_version version;
} cases[] = {
	{ "catalogue order, whatever the service's", "cloudPC",
	  "{\"status\":\"failed\",\"displayName\":\"A\",\"id\":\"1\"}",
	  "{\n  \"id\": \"1\",\n  \"displayName\": \"A\",\n  \"status\": \"failed\"\n}\n",
	  GRAPH_BETA },
	{ "unknown properties follow, in the service's order", "cloudPC",
	  "{\"zeta\":1,\"id\":\"1\",\"alpha\":[true,{\"b\":1,\"a\":2}]}",
	  "{\n  \"id\": \"1\",\n  \"zeta\": 1,\n  \"alpha\": [\n    true,\n    {\n      \"b\": 1,\n      \"a\": 2\n    }\n  ]\n}\n",
	  GRAPH_BETA },
	{ "annotations are dropped", "cloudPC",
	  "{\"@odata.context\":\"c\",\"@odata.type\":\"#microsoft.graph.cloudPC\",\"@odata.etag\":\"e\",\"id\":\"1\",\"x@odata.count\":2}",
	  "{\n  \"id\": \"1\"\n}\n", GRAPH_BETA },
	{ "but for the type of a value that may be of several", "cloudPcProvisioningPolicy",
	  "{\"id\":\"1\",\"assignments\":[{\"id\":\"a\",\"target\":{\"groupId\":\"g\",\"@odata.type\":\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\"}}]}",
	  "{\n  \"id\": \"1\",\n  \"assignments\": [\n    {\n      \"id\": \"a\",\n      \"target\": {\n        \"@odata.type\": \"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\n        \"groupId\": \"g\"\n      }\n    }\n  ]\n}\n",
	  GRAPH_BETA },
	{ "a derived type's own properties have their places", "cloudPcBulkAction",
	  "{\"@odata.type\":\"#microsoft.graph.cloudPcBulkResize\",\"targetServicePlanId\":\"t\",\"zz\":1,\"displayName\":\"d\",\"id\":\"1\"}",
	  "{\n  \"@odata.type\": \"#microsoft.graph.cloudPcBulkResize\",\n  \"id\": \"1\",\n  \"displayName\": \"d\",\n  \"targetServicePlanId\": \"t\",\n  \"zz\": 1\n}\n",
	  GRAPH_BETA },
	{ "a type that does not fit is not believed", "cloudPcBulkAction",
	  "{\"@odata.type\":\"#microsoft.graph.cloudPC\",\"status\":\"x\",\"id\":\"1\"}",
	  "{\n  \"@odata.type\": \"#microsoft.graph.cloudPC\",\n  \"id\": \"1\",\n  \"status\": \"x\"\n}\n",
	  GRAPH_BETA },
	{ "nulls are shown", "cloudPC", "{\"id\":\"1\",\"powerState\":null}",
	  "{\n  \"id\": \"1\",\n  \"powerState\": null\n}\n", GRAPH_BETA },
	{ "numbers stay as they were sent", NULL,
	  "{\"a\":1.0,\"b\":1e2,\"c\":-0,\"d\":12345678901234567890}",
	  "{\n  \"a\": 1.0,\n  \"b\": 1e2,\n  \"c\": -0,\n  \"d\": 12345678901234567890\n}\n",
	  GRAPH_BETA },
	{ "empty containers", NULL, "{\"a\":[],\"b\":{},\"c\":[[]]}",
	  "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    []\n  ]\n}\n", GRAPH_BETA },
	{ "an empty object", "cloudPC", "{}", "{}\n", GRAPH_BETA },
	{ "escapes become UTF-8, control characters stay escaped", NULL,
	  "{\"\\u00e4\":\"\\ud83d\\ude00\\u001f\\/\\\"\"}",
	  "{\n  \"\xc3\xa4\": \"\xf0\x9f\x98\x80\\u001f/\\\"\"\n}\n", GRAPH_BETA },
	{ "UTF-8 passes, bad bytes are replaced", NULL, "{\"a\":\"\xc3\xa4\xff\"}",
	  "{\n  \"a\": \"\xc3\xa4\xef\xbf\xbd\"\n}\n", GRAPH_BETA },
	{ "of a property that comes twice the last counts", "cloudPC",
	  "{\"id\":\"1\",\"id\":\"2\",\"x\":1,\"y\":2,\"x\":3}",
	  "{\n  \"id\": \"2\",\n  \"y\": 2,\n  \"x\": 3\n}\n", GRAPH_BETA },
	{ "however they are spelled", "cloudPC",
	  "{\"id\":\"1\",\"\\u0069d\":\"2\",\"x\":1,\"\\u0078\":2}",
	  "{\n  \"id\": \"2\",\n  \"x\": 2\n}\n", GRAPH_BETA },
	{ "what v1.0 does not have is unknown there", "cloudPC",
	  "{\"status\":\"a\",\"id\":\"1\",\"userPrincipalName\":\"u\"}",
	  "{\n  \"id\": \"1\",\n  \"userPrincipalName\": \"u\",\n  \"status\": \"a\"\n}\n",
	  GRAPH_V1 },
	{ "a type is kept where the catalogue knows nothing", "cloudPC",
	  "{\"id\":\"1\",\"new\":{\"@odata.type\":\"#t\",\"a\":1}}",
	  "{\n  \"id\": \"1\",\n  \"new\": {\n    \"@odata.type\": \"#t\",\n    \"a\": 1\n  }\n}\n",
	  GRAPH_BETA },
	{ "an address that lets in who knows it ends where that begins", "cloudPcExportJob",
	  "{\"exportUrl\":\"https://a.example/b/c?sig=d#e\",\"id\":\"1\"}",
	  "{\n  \"id\": \"1\",\n  \"exportUrl\": \"https://a.example/b/c?\"\n}\n", GRAPH_BETA },
	{ "however it is written", "cloudPcExportJob",
	  "{\"exportUrl\":\"https:\\/\\/a.example\\/b\\u003fsig=d\"}",
	  "{\n  \"exportUrl\": \"https://a.example/b?\"\n}\n", GRAPH_BETA },
	{ "its name in other letters", "cloudPcExportJob",
	  "{\"ExportURL\":\"https://a.example/b?sig=d\",\"exportJob\":\"x?y\"}",
	  "{\n  \"ExportURL\": \"https://a.example/b?\",\n  \"exportJob\": \"x?y\"\n}\n",
	  GRAPH_BETA },
	{ "where nobody can tell what of it is secret, nothing is shown", "cloudPcExportJob",
	  "{\"exportUrl\":\"https://a.example/b/c\"}", "{\n  \"exportUrl\": \"\"\n}\n",
	  GRAPH_BETA },
	{ "nor of one with a password", "cloudPcExportJob",
	  "{\"exportUrl\":\"https://u:p@a.example/b?c\"}", "{\n  \"exportUrl\": \"\"\n}\n",
	  GRAPH_BETA },
	{ "nor of what is no address", "cloudPcExportJob", "{\"exportUrl\":\"a?b\"}",
	  "{\n  \"exportUrl\": \"\"\n}\n", GRAPH_BETA },
	{ "nor of what is no text", "cloudPcExportJob", "{\"exportUrl\":[\"https://a?b\"]}",
	  "{\n  \"exportUrl\": \"\"\n}\n", GRAPH_BETA },
	{ "that there is none is shown", "cloudPcExportJob", "{\"exportUrl\":null}",
	  "{\n  \"exportUrl\": null\n}\n", GRAPH_BETA },
	{ "a password is not", "cloudPcOnPremisesConnection", "{\"adDomainPassword\":\"x\"}",
	  "{\n  \"adDomainPassword\": \"\"\n}\n", GRAPH_BETA },
};

static const struct {
	const char *why, *in, *path, *want; /* NULL: there is none */
} members[] = {
	{ "a string", "{\"id\":\"1\",\"status\":\"x\"}", "status", "\"x\"" },
	{ "not the last", "{\"a\":1,\"b\":2}", "a", "1" },
	{ "the only one", "{\"a\":null}", "a", "null" },
	{ "none", "{\"a\":1}", "b", NULL },
	{ "none in nothing", "{}", "b", NULL },
	{ "not one that begins so", "{\"status2\":1,\"status\":2}", "status", "2" },
	{ "not one deeper down", "{\"a\":{\"b\":1},\"b\":2}", "b", "2" },
	{ "not one in a string", "{\"a\":\"\\n  \\\"b\\\": 1\",\"b\":2}", "b", "2" },
	{ "deeper down", "{\"b\":1,\"a\":{\"x\":1,\"b\":2},\"c\":{\"b\":3}}", "a/b", "2" },
	{ "not behind the object", "{\"a\":{\"x\":1},\"c\":{\"b\":3}}", "a/b", NULL },
	{ "not in an empty object", "{\"a\":{},\"c\":{\"b\":3}}", "a/b", NULL },
	{ "not in what is no object", "{\"a\":[{\"b\":3}]}", "a/b", NULL },
	{ "three deep", "{\"a\":{\"b\":{\"c\":\"d,\"}}}", "a/b/c", "\"d,\"" },
	{ "an array over its lines", "{\"a\":[1,[2]],\"b\":3}", "a",
	  "[\n    1,\n    [\n      2\n    ]\n  ]" },
	{ "an empty array", "{\"a\":[],\"b\":3}", "a", "[]" },
	{ "an object", "{\"a\":{\"b\":1}}", "a", "{\n    \"b\": 1\n  }" },
};

static void test_find(struct graph_render *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		_cleanup_(w365_json_done) struct w365_json j = { 0 };
		_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF, got = W365_BUF;
		struct w365_span v;

		w365_json_parse(&j, members[i].in, strlen(members[i].in), NULL, NULL);
		graph_render_append(r, &j, 0, NULL, &out);
		if (!graph_render_find(out.data, out.len, members[i].path, &v)) {
			CHECK(members[i].why, !members[i].want);
			continue;
		}
		w365_buf_add(&got, v.p, v.len);
		CHECK_STR(members[i].why, w365_buf_str(&got),
			  members[i].want ? members[i].want : "(none)");
	}
}

int main(void)
{
	/* The same renderer for all: what it has learnt of one object's order must not harm the
	 * next. */
	struct graph_render *beta = graph_render_new(GRAPH_BETA), *v1 = graph_render_new(GRAPH_V1);

	for (unsigned round = 0; round < 2; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			_cleanup_(w365_json_done) struct w365_json j = { 0 };
			_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
			const char *type = cases[i].type;

			CHECK_INT(cases[i].why,
				  w365_json_parse(&j, cases[i].in, strlen(cases[i].in), NULL, NULL),
				  0);
			graph_render_append(cases[i].version == GRAPH_V1 ? v1 : beta, &j, 0,
					    type ? graph_type_find(type, strlen(type)) : NULL,
					    &out);
			CHECK_STR(cases[i].why, w365_buf_str(&out), cases[i].out);
		}
	}
	test_find(beta);
	graph_render_free(beta);
	graph_render_free(v1);
	return check_summary();
}
