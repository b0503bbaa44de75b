/* Registering: what is sent after what came, without a network. Conversations as tables. */
#include "base/macros.h"
#include "base/str.h"
#include "graph/register.h"
#include "tests/lib/check.h"

#include <errno.h>

#define GUID(n)    "0000000" #n "-aaaa-bbbb-cccc-dddddddddddd"
#define APP        GUID(1)
#define CLIENT     GUID(2)
#define SP         GUID(3)
#define GRAPH_SP   GUID(4)
#define READ       GUID(5)
#define WRITE      GUID(6)
#define READ_ROLE  GUID(7)
#define WRITE_ROLE GUID(8)
#define OIDC       "{\"value\":\"openid\",\"id\":\"" GUID(9) "\"}"

#define RESOURCE                                                                          \
	"{\"id\":\"" GRAPH_SP                                                             \
	"\",\"appRoles\":[{\"value\":\"CloudPC.Read.All\",\"id\":\"" READ_ROLE            \
	"\"},{\"value\":\"CloudPC.ReadWrite.All\",\"id\":\"" WRITE_ROLE                   \
	"\"}],\"oauth2PermissionScopes\":[{\"value\":\"CloudPC.Read.All\",\"id\":\"" READ \
	"\"},{\"value\":\"CloudPC.ReadWrite.All\",\"id\":\"" WRITE "\"}," OIDC "]}"
#define NONE    "{\"value\":[]}"
#define MADE    "{\"id\":\"" APP "\",\"appId\":\"" CLIENT "\"}"
#define MADE_SP "{\"id\":\"" SP "\"}"
#define WHOLE                                                                                         \
	"{\"id\":\"" APP "\",\"appId\":\"" CLIENT                                                     \
	"\",\"displayName\":\"fs\",\"tags\":[\"w365fs\"],"                                            \
	"\"isFallbackPublicClient\":true,\"publicClient\":{\"redirectUris\":[\"http://localhost\"]}," \
	"\"requiredResourceAccess\":[{\"resourceAppId\":\"00000003-0000-0000-c000-000000000000\","    \
	"\"resourceAccess\":[{\"id\":\"" READ "\",\"type\":\"Scope\"},{\"id\":\"" GUID(               \
		9) "\",\"type\":\"Scope\"}]},{\"resourceAppId\":\"" GUID(0) "\",\"resourceAccess\":[]}]}"
#define FOUND    "{\"value\":[" WHOLE "]}"
#define FOUND_SP "{\"value\":[{\"id\":\"" SP "\"}]}"
#define GRANTED                                                                                \
	"{\"value\":[{\"id\":\"g-1\",\"consentType\":\"AllPrincipals\",\"scope\":\"User.Read " \
	"CloudPC.Read.All offline_access openid profile\"}]}"

/* What is sent, and what comes: a body, or (with 'x') a failure. "wait" in the place of a request:
 * the machine waits. */
struct exchange {
	const char *sends; /* the beginning of "METHOD PATH" */
	int status;        /* 0: the answer was lost */
	const char *answer;
	const char *body; /* a part of the body sent; NULL: any */
};

#define SETTLED                                     \
	{ "GET /applications/" APP, 200, "{}" },    \
	{                                           \
		"GET /applications/" APP, 200, "{}" \
	}
#define SETTLED_SP                                      \
	{ "GET /servicePrincipals/" SP, 200, "{}" },    \
	{                                               \
		"GET /servicePrincipals/" SP, 200, "{}" \
	}
#define BEGIN                                                           \
	{                                                               \
		"GET /servicePrincipals(appId='00000003", 200, RESOURCE \
	}

static const struct conversation {
	const char *why;
	struct graph_register_plan plan;
	int num;          /* how it ends */
	const char *part; /* of the sentence */
	struct exchange exchanges[28];
} conversations[] = {
	{ "fresh",
	  { .name = "fs", .person = true, .consent = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?$filter=displayName%20eq%20'fs'&", 200, NONE },
	    { "POST /applications", 201, MADE, "\"AzureADMyOrg\"" },
	    SETTLED,
	    { "GET /servicePrincipals?$filter=appId%20eq%20'" CLIENT "'", 200, NONE },
	    { "POST /servicePrincipals", 201, MADE_SP, CLIENT },
	    SETTLED_SP,
	    { "GET /oauth2PermissionGrants?", 200, NONE },
	    { "POST /oauth2PermissionGrants", 201, "{}", "CloudPC.Read.All offline_access" } } },
	{ "all is there",
	  { .name = "fs", .person = true, .consent = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, FOUND },
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    { "GET /oauth2PermissionGrants?", 200, GRANTED } } },
	{ "more is wanted, what is there stays",
	  { .name = "fs", .person = true, .write = true, .consent = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, FOUND },
	    { "PATCH /applications/" APP, 204, "", GUID(0) },
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    { "GET /oauth2PermissionGrants?", 200, GRANTED },
	    { "PATCH /oauth2PermissionGrants/g-1", 204, "",
	      "User.Read CloudPC.Read.All offline_access openid profile CloudPC.ReadWrite.All" } } },
	{ "lists in pages",
	  { .name = "fs", .person = true, .app = true, .consent = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?$filter=", 200,
	      "{\"value\":[],\"@odata.nextLink\":\"https://graph.example/v1.0/applications?$skiptoken=2\"}" },
	    { "GET https://graph.example/v1.0/applications?$skiptoken=2", 200, FOUND },
	    { "PATCH /applications/" APP, 204, "", READ_ROLE },
	    { "GET /servicePrincipals?", 200,
	      "{\"@odata.nextLink\":\"https://graph.example/sp\",\"value\":[{\"id\":\"" SP
	      "\"}]}" },
	    { "GET https://graph.example/sp", 200, NONE },
	    { "GET /oauth2PermissionGrants?", 200,
	      "{\"value\":[{\"id\":\"g-0\",\"consentType\":\"Principal\",\"scope\":\"\"}],\"@odata.nextLink\":\"https://graph.example/g2\"}" },
	    { "GET https://graph.example/g2", 200, GRANTED },
	    { "GET /servicePrincipals/" SP "/appRoleAssignments", 200,
	      "{\"value\":[{\"appRoleId\":\"" READ_ROLE
	      "\"}],\"@odata.nextLink\":\"https://graph.example/r2\"}" },
	    { "GET https://graph.example/r2", 200, NONE } } },
	{ "two of a name, on two pages",
	  { .name = "fs", .person = true, .consent = true },
	  EEXIST,
	  CLIENT,
	  { BEGIN,
	    { "GET /applications?$filter=", 200,
	      "{\"value\":[{\"id\":\"" APP "\",\"appId\":\"" SP
	      "\"}],\"@odata.nextLink\":\"https://graph.example/a2\"}" },
	    { "GET https://graph.example/a2", 200, FOUND } } },
	{ "a page that fails: from the beginning",
	  { .name = "fs", .person = true, .consent = true },
	  EACCES,
	  "may not read applications",
	  { BEGIN,
	    { "GET /applications?$filter=", 200,
	      "{\"value\":[" WHOLE "],\"@odata.nextLink\":\"https://graph.example/a2\"}" },
	    { "GET https://graph.example/a2", 403, "x" } } },
	{ "a link that is no text",
	  { .name = "fs", .person = true, .consent = true },
	  EPROTO,
	  "has no end",
	  { BEGIN,
	    { "GET /applications?$filter=", 200, "{\"value\":[],\"@odata.nextLink\":7}" } } },
	{ "a quote in the name",
	  { .name = "o'fs", .person = true, .remove = true },
	  0,
	  NULL,
	  { { "GET /applications?$filter=displayName%20eq%20'o%27%27fs'&", 200, NONE } } },
	{ "the directory is slow",
	  { .name = "fs", .person = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, NONE },
	    { "POST /applications", 201, MADE },
	    { "GET /applications/" APP, 404, "Request_ResourceNotFound" },
	    { "wait" },
	    { "GET /applications/" APP, 200, "{}" },
	    { "GET /applications/" APP, 404, "Request_ResourceNotFound" },
	    { "wait" },
	    SETTLED,
	    { "GET /servicePrincipals?", 200, NONE },
	    { "POST /servicePrincipals", 400, "NoBackingApplicationObject" },
	    { "wait" },
	    { "GET /servicePrincipals?", 200, NONE },
	    { "POST /servicePrincipals", 409, "Request_MultipleObjectsWithSameKeyValue" },
	    { "wait" },
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    SETTLED_SP } },
	{ "the answer is lost: it was made",
	  { .name = "fs", .person = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, NONE },
	    { "POST /applications", 0, "" },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, FOUND },
	    SETTLED,
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    SETTLED_SP } },
	{ "the answer is lost, and nothing shows: not made twice",
	  { .name = "fs", .person = true },
	  EIO,
	  "looks for it first",
	  { BEGIN,
	    { "GET /applications?", 200, NONE },
	    { "POST /applications", 503, "x" },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, NONE },
	    { "wait" },
	    { "GET /applications?", 200, NONE } } },
	{ "half an answer is a lost one",
	  { .name = "fs", .person = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, NONE },
	    { "POST /applications", 201, "{\"id\":" },
	    { "wait" },
	    { "GET /applications?", 200, FOUND },
	    SETTLED,
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    SETTLED_SP } },
	{ "an interrupted run, not shown by name yet",
	  { .name = "fs", .person = true, .likely = CLIENT, .recent = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?$filter=displayName", 200, NONE },
	    { "GET /applications?$filter=appId", 200, NONE },
	    { "wait" },
	    { "GET /applications?$filter=appId", 200, FOUND },
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    SETTLED_SP } },
	{ "what the configuration names is another one",
	  { .name = "other", .person = true, .likely = CLIENT, .recent = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?$filter=displayName", 200, NONE },
	    { "GET /applications?$filter=appId", 200, FOUND },
	    { "POST /applications", 201, MADE },
	    SETTLED,
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    SETTLED_SP } },
	{ "two of one name",
	  { .name = "fs", .person = true },
	  EEXIST,
	  CLIENT,
	  { BEGIN, { "GET /applications?", 200, "{\"value\":[" WHOLE "," WHOLE "]}" } } },
	{ "two of one name, one is ours",
	  { .name = "fs", .person = true, .likely = CLIENT },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, "{\"value\":[" WHOLE "," WHOLE "]}" },
	    { "GET /servicePrincipals?", 200, FOUND_SP } } },
	{ "none of that id",
	  { .name = "fs", .client_id = CLIENT, .person = true },
	  ENOENT,
	  "--client-id",
	  { BEGIN, { "GET /applications?$filter=appId", 200, NONE } } },
	{ "no right to register",
	  { .name = "fs", .person = true },
	  EACCES,
	  "Cloud Application Administrator",
	  { BEGIN,
	    { "GET /applications?", 200, NONE },
	    { "POST /applications", 403, "Authorization_RequestDenied" } } },
	{ "no right to consent: the rest is made",
	  { .name = "fs", .person = true, .consent = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, FOUND },
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    { "GET /oauth2PermissionGrants?", 403, "Authorization_RequestDenied" } } },
	{ "of an application",
	  { .name = "fs", .app = true, .write = true, .consent = true },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, NONE },
	    { "POST /applications", 201, MADE, "\"Role\"" },
	    SETTLED,
	    { "GET /servicePrincipals?", 200, NONE },
	    { "POST /servicePrincipals", 201, MADE_SP },
	    SETTLED_SP,
	    { "GET /servicePrincipals/" SP "/appRoleAssignments", 200, NONE },
	    { "POST /servicePrincipals/" GRAPH_SP "/appRoleAssignedTo", 201, "{}", READ_ROLE },
	    { "POST /servicePrincipals/" GRAPH_SP "/appRoleAssignedTo", 400, "Request_BadRequest",
	      WRITE_ROLE },
	    { "wait" },
	    { "GET /servicePrincipals/" SP "/appRoleAssignments", 200,
	      "{\"value\":[{\"appRoleId\":\"" WRITE_ROLE "\"}]}" } } },
	{ "the other certificates stay",
	  { .name = "fs",
	    .app = true,
	    .certificate = "TUlJ",
	    .certificate_name = "fs",
	    .client_id = CLIENT },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, FOUND },
	    { "PATCH /applications/" APP, 204, "" },
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    { "GET /applications/" APP "?$select=keyCredentials", 200,
	      "{\"keyCredentials\":[{\"keyId\":\"k\",\"key\":\"QUJD\"}]}" },
	    { "PATCH /applications/" APP, 204, "", "{\"keyId\":\"k\",\"key\":\"QUJD\"}" } } },
	{ "a secret whose answer is lost is taken away again",
	  { .name = "fs",
	    .app = true,
	    .secret_name = "s-1",
	    .secret_end = "2027-01-01T00:00:00Z",
	    .client_id = CLIENT },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, FOUND },
	    { "PATCH /applications/" APP, 204, "" },
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    { "POST /applications/" APP "/addPassword", 0, "" },
	    { "wait" },
	    { "GET /applications/" APP "?$select=passwordCredentials", 200,
	      "{\"passwordCredentials\":[{\"displayName\":\"s-1\",\"keyId\":\"" GUID(0) "\"}]}" },
	    { "POST /applications/" APP "/removePassword", 204, "", GUID(0) },
	    { "POST /applications/" APP "/addPassword", 200,
	      "{\"secretText\":\"FAKE~1\",\"keyId\":\"" GUID(0) "\"}" } } },
	{ "a federated credential that is there",
	  { .name = "fs",
	    .app = true,
	    .client_id = CLIENT,
	    .issuer = "https://i/",
	    .subject = "s" },
	  0,
	  NULL,
	  { BEGIN,
	    { "GET /applications?", 200, FOUND },
	    { "PATCH /applications/" APP, 204, "" },
	    { "GET /servicePrincipals?", 200, FOUND_SP },
	    { "GET /applications/" APP "/federatedIdentityCredentials", 200,
	      "{\"value\":[{\"issuer\":\"https:\\/\\/i\\/\",\"subject\":\"s\"}]}" } } },
	{ "deleting",
	  { .name = "fs", .remove = true, .person = true },
	  0,
	  NULL,
	  { { "GET /applications?", 200, FOUND }, { "DELETE /applications/" APP, 204, "" } } },
	{ "deleting, the answer is lost",
	  { .name = "fs", .remove = true, .person = true },
	  0,
	  NULL,
	  { { "GET /applications?", 200, FOUND },
	    { "DELETE /applications/" APP, 0, "" },
	    { "wait" },
	    { "GET /applications?", 200, NONE } } },
	{ "deleting what somebody else made",
	  { .name = "fs", .remove = true, .person = true },
	  EPERM,
	  "--client-id=" CLIENT,
	  { { "GET /applications?", 200, "{\"value\":[" MADE "]}" } } },
	{ "an answer without ids",
	  { .name = "fs", .person = true },
	  EPROTO,
	  "no id",
	  { { "GET /servicePrincipals(", 200, "{}" } } },
	{ "a cloud without the permission",
	  { .name = "fs", .person = true },
	  EOPNOTSUPP,
	  "CloudPC.Read.All",
	  { { "GET /servicePrincipals(", 200, "{\"id\":\"" GRAPH_SP "\"}" } } },
};

static int answer(struct graph_register *g, const struct exchange *x, struct w365_err *err)
{
	struct w365_reply reply = { .status = x->status,
				    .body = x->answer,
				    .len = strlen(x->answer ? x->answer : "") };
	struct w365_err e = { .num = x->status == 403 ? EACCES
				     : x->status      ? EINVAL
						      : EIO,
			      .http = x->status,
			      .passing = !x->status };

	if (x->status >= 200 && x->status < 300)
		return graph_register_feed(g, &reply, NULL, err);
	snprintf(e.code, sizeof(e.code), "%s", x->answer);
	return graph_register_feed(g, NULL, &e, err);
}

static void converse(const struct conversation *c)
{
	struct graph_register *g = NULL;
	struct graph_register_todo todo;
	struct w365_err err = { 0 };
	int step, r = graph_register_new(&c->plan, &g, &err);

	for (const struct exchange *x = c->exchanges; r == 0; x++) {
		char line[512] = "done";

		step = graph_register_next(g, &todo, &err);
		if (step == GRAPH_REGISTER_WAIT)
			snprintf(line, sizeof(line), "wait");
		else if (step == GRAPH_REGISTER_SEND)
			snprintf(line, sizeof(line), "%s %s", todo.method, todo.path);
		if (!x->sends) {
			CHECK_STR(c->why, line, "done");
			break;
		}
		if (!w365_starts(line, x->sends)) {
			CHECK_STR(c->why, line, x->sends);
			break;
		}
		if (x->body && !(todo.body && strstr(todo.body, x->body)))
			CHECK_STR(c->why, todo.body, x->body);
		if (step == GRAPH_REGISTER_SEND)
			r = answer(g, x, &err);
	}
	CHECK_INT(c->why, -r, c->num);
	if (c->part)
		CHECK(c->why, strstr(err.msg, c->part));
	graph_register_free(g);
}

static void test_results(void)
{
	const struct graph_register_plan plan = {
		.name = "fs", .person = true, .consent = true, .dry = true
	};
	static const struct exchange reads[] = { BEGIN, { "", 200, NONE } };
	struct graph_register *g = NULL;
	struct graph_register_todo todo;
	struct w365_err err;
	unsigned writes = 0, n = 0;

	CHECK_INT("a machine", graph_register_new(&plan, &g, &err), 0);
	while (graph_register_next(g, &todo, &err) == GRAPH_REGISTER_SEND && n < 20) {
		if (todo.writes) {
			writes++;
			graph_register_pretend(g, &err);
		} else if (n < ARRAY_SIZE(reads)) {
			answer(g, &reads[n], &err);
		} else {
			break;
		}
		n++;
	}
	CHECK_INT("a dry run reads twice and would write three times", n, 5);
	CHECK_INT("no more", writes, 3);
	CHECK_INT("made, it says", graph_register_result(g)->application, GRAPH_REGISTER_MADE);
	CHECK_INT("granted", graph_register_result(g)->delegated, GRAPH_REGISTER_MADE);
	graph_register_free(g);
}

static void test_scopes(void)
{
	static const struct {
		struct graph_register_plan plan;
		const char *scopes, *permissions;
	} cases[] = {
		{ { .person = true, .consent = true },
		  "r/Application.ReadWrite.All r/DelegatedPermissionGrant.ReadWrite.All openid profile",
		  "CloudPC.Read.All" },
		{ { .app = true, .consent = true, .write = true },
		  "r/Application.ReadWrite.All r/AppRoleAssignment.ReadWrite.All openid profile",
		  "CloudPC.Read.All CloudPC.ReadWrite.All" },
		{ { .person = true },
		  "r/Application.ReadWrite.All openid profile",
		  "CloudPC.Read.All" },
		{ { .person = true, .consent = true, .remove = true },
		  "r/Application.ReadWrite.All openid profile",
		  "CloudPC.Read.All" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF;
		_cleanup_(w365_buf_done) struct w365_buf p = W365_BUF;

		graph_register_scopes(&cases[i].plan, "r", &s);
		graph_register_permissions(&cases[i].plan, &p);
		CHECK_STR("scopes", w365_buf_str(&s), cases[i].scopes);
		CHECK_STR("permissions", w365_buf_str(&p), cases[i].permissions);
	}
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(conversations); i++)
		converse(&conversations[i]);
	test_results();
	test_scopes();
	return check_summary();
}
