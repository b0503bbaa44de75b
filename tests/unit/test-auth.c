/* The sign-in machine: no socket, no clock, so that every course of events is a table or a few
 * lines. */
#include "auth/auth.h"
#include "auth/aadsts.h"
#include "auth/claims.h"
#include "auth/discovery.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "tests/lib/check.h"

#include <errno.h>

#define TENANT "11111111-2222-4333-8444-555555555555"
#define CLIENT "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

static const struct auth_config good = {
	.grant = "client-secret",
	.authority = "https://login.example",
	.tenant = TENANT,
	.client_id = CLIENT,
	.scope = "https://graph.microsoft.com/.default",
	.client_secret = "s3cret",
};

static struct auth_clock at(uint64_t s)
{
	return (struct auth_clock){ .ms = 1000000 + s * 1000, .wall = 1795339815 + (int64_t)s };
}

/* What the machine says at second @s: "send", "wait", "ready", or the errno's name. */
static const char *step(struct auth *a, uint64_t s)
{
	struct auth_clock now = at(s);
	struct auth_todo todo;
	struct w365_err err = { 0 };
	int r = auth_step(a, &now, &todo, &err);

	if (r == AUTH_SEND)
		w365_request_done(&todo.request);
	return r == AUTH_SEND    ? "send"
	       : r == AUTH_WAIT  ? "wait"
	       : r == AUTH_READY ? "ready"
				 : w365_errno_name(-r);
}

static void feed(struct auth *a, uint64_t s, int status, const char *body, const char *retry_after)
{
	struct auth_clock now = at(s);
	struct w365_reply reply = {
		.status = status, .body = body, .len = strlen(body), .retry_after = retry_after
	};

	auth_feed(a, &now, &reply, NULL);
}

static struct auth *start(void)
{
	struct auth_clock now = at(0);
	struct auth *a = NULL;
	struct w365_err err;

	if (auth_new(&good, &now, &a, &err) < 0)
		printf("Bail out! %s\n", err.msg);
	return a;
}

#define TOKEN(life) "{\"token_type\":\"Bearer\",\"expires_in\":" life ",\"access_token\":\"tok\"}"

static void test_life(void)
{
	struct auth *a = start();

	CHECK_STR("without a token: ask for one", step(a, 0), "send");
	CHECK_STR("one request at a time", step(a, 1), "wait");
	CHECK("no bearer meanwhile", !auth_bearer(a, at(1).ms));
	feed(a, 2, 200, TOKEN("3600"), NULL);
	CHECK_STR("there it is", step(a, 3), "ready");
	CHECK_STR("to be sent", auth_bearer(a, at(3).ms), "tok");
	CHECK_STR("fresh until two thirds of its life", step(a, 2399), "ready");
	CHECK_STR("life counts from the sending, not from the answer", step(a, 2401), "send");
	CHECK("the old one serves meanwhile", auth_bearer(a, at(2402).ms) != NULL);
	feed(a, 2403, 503, "", NULL);
	CHECK_STR("that the refresh failed is nobody's trouble", step(a, 2403), "ready");
	CHECK_STR("it is tried again", step(a, 2410), "send");
	feed(a, 2411, 200, TOKEN("3600"), NULL);
	CHECK_INT("a new generation", auth_generation(a), 2);
	CHECK("it ends a little before its time",
	      auth_bearer(a, at(2410 + 3560).ms) && !auth_bearer(a, at(2410 + 3580).ms));
	CHECK_STR("after its end: ask", step(a, 9999), "send");
	auth_free(a);
}

static void test_refused(void)
{
	struct auth *a = start();

	step(a, 0);
	feed(a, 1, 401,
	     "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret.\\r\\nTrace ID: x\"}",
	     NULL);
	CHECK_STR("refused", step(a, 1), "EACCES");
	CHECK_STR("and remembered", step(a, 59), "EACCES");
	CHECK_STR("for a minute", step(a, 62), "send");
	feed(a, 63, 401, "{\"error\":\"invalid_client\"}", NULL);
	CHECK_STR("refused again", step(a, 64), "EACCES");
	auth_retry_now(a);
	CHECK_STR("unless something has changed", step(a, 65), "send");
	auth_free(a);
}

static void test_passing(void)
{
	struct w365_err err = { .num = ENETUNREACH, .passing = true, .msg = "no way" };
	struct auth *a = start();
	uint64_t s = 0;

	for (unsigned i = 0; i < 3; i++, s += 100) {
		struct auth_clock now = at(s + 1);

		CHECK_STR("tried", step(a, s), "send");
		auth_feed(a, &now, NULL, &err);
		CHECK_STR("not at once again", step(a, s + 1), "wait");
	}
	step(a, s);
	auth_feed(a, &(struct auth_clock){ .ms = at(s).ms }, NULL, &err);
	CHECK_STR("after four tries those who wait are told", step(a, s), "ENETUNREACH");
	CHECK_STR("later it begins anew", step(a, s + 100), "send");
	feed(a, s + 100, 429, "{}", "30");
	CHECK_STR("a time that was named is kept", step(a, s + 129), "wait");
	CHECK_STR("to the second", step(a, s + 131), "send");
	err.passing = false;
	auth_feed(a, &(struct auth_clock){ .ms = at(s + 131).ms }, NULL, &err);
	CHECK_STR("what does not pass is told at once", step(a, s + 132), "ENETUNREACH");
	auth_free(a);
}

static void test_rejected(void)
{
	struct auth *a = start();
	unsigned used;

	step(a, 0);
	feed(a, 0, 200, TOKEN("3600"), NULL);
	used = auth_generation(a);
	auth_reject(a, used);
	CHECK("a token that Graph refused is not used again", !auth_bearer(a, at(1).ms));
	CHECK_STR("a new one is fetched", step(a, 1), "send");
	feed(a, 2, 200, TOKEN("3600"), NULL);
	auth_reject(a, used);
	CHECK("refusing the old one leaves the new one alone", auth_bearer(a, at(3).ms) != NULL);
	auth_free(a);
}

static const struct {
	const char *why, *body, *step;
	uint64_t life; /* seconds that it serves, roughly; 0: not at all */
} replies[] = {
	{ "numbers may be strings", "{\"access_token\":\"t\",\"expires_in\":\"1000\"}", "ready",
	  970 },
	{ "no life: five minutes", "{\"access_token\":\"t\"}", "ready", 270 },
	{ "a short life", TOKEN("5"), "ready", 4 },
	{ "an absurd life is cut to a week", TOKEN("99999999999"), "ready", 604770 },
	{ "no token", "{\"token_type\":\"Bearer\"}", "EPROTO", 0 },
	{ "a token of another kind", "{\"access_token\":\"t\",\"token_type\":\"mac\"}", "EPROTO",
	  0 },
	{ "a token that would break the header", "{\"access_token\":\"t\\r\\nEvil: x\"}", "EPROTO",
	  0 },
	{ "HTML", "<html></html>", "EPROTO", 0 },
	{ "a life that is none", "{\"access_token\":\"t\",\"expires_in\":-1}", "EPROTO", 0 },
};

static void test_replies(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		struct auth *a = start();

		step(a, 0);
		feed(a, 0, 200, replies[i].body, NULL);
		CHECK_STR(replies[i].why, step(a, 1), replies[i].step);
		if (replies[i].life) {
			CHECK(replies[i].why, auth_bearer(a, at(replies[i].life - 1).ms) != NULL);
			CHECK(replies[i].why, auth_bearer(a, at(replies[i].life + 31).ms) == NULL);
		}
		auth_free(a);
	}
}

static void test_refresh_in(void)
{
	struct auth *a = start();

	step(a, 0);
	feed(a, 0, 200, "{\"access_token\":\"t\",\"expires_in\":86400,\"refresh_in\":43200}", NULL);
	CHECK_STR("the service may name the time of refreshing", step(a, 43100), "ready");
	CHECK_STR("and it is kept", step(a, 43201), "send");
	auth_free(a);
}

/* Each row is the good configuration but for one member. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const struct {
	const char *why;
	struct auth_config c;
	const char *part; /* of the sentence */
} configs[] = {
#define WITH(...)                                                                                 \
	{                                                                                         \
		.grant = "client-secret", .authority = "https://login.example", .tenant = TENANT, \
		.client_id = CLIENT, .scope = "s", .client_secret = "x", __VA_ARGS__              \
	}
	{ "no tenant", WITH(.tenant = NULL), "--tenant" },
	{ "a tenant that would change the path", WITH(.tenant = "a/../b"), "cannot be a tenant" },
	{ "a tenant with a line break", WITH(.tenant = "a\nb"), "cannot be a tenant" },
	{ "common is no tenant", WITH(.tenant = "Common"), "one tenant" },
	{ "no client id", WITH(.client_id = NULL), "--client-id" },
	{ "a client id that is none", WITH(.client_id = "my app"), "GUID" },
	{ "plain http", WITH(.authority = "http://login.example"), "https" },
	{ "an authority with a path", WITH(.authority = "https://login.example/tenant"),
	  "bare address" },
	{ "an unknown grant", WITH(.grant = "magic"), "--auth=magic" },
	{ "nothing configured", WITH(.grant = "auto", .client_secret = NULL),
	  "no sign-in is configured" },
	{ "no secret", WITH(.client_secret = NULL), "client secret is missing" },
	{ "the secret's id instead of its value", WITH(.client_secret = CLIENT), "its value" },
	{ "no certificate", WITH(.grant = "client-certificate"), "certificate is missing" },
	{ "a secret file that is not there",
	  WITH(.client_secret = NULL, .client_secret_file = "/nonexistent/x"), "cannot open" },
};

static const struct auth_config loopback = WITH(.authority = "http://127.0.0.1:8080");
#pragma GCC diagnostic pop

static void test_configs(void)
{
	struct auth_clock now = at(0);

	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		struct w365_err err = { 0 };
		struct auth *a = NULL;

		CHECK(configs[i].why, auth_new(&configs[i].c, &now, &a, &err) < 0 && !a);
		if (!CHECK(configs[i].why, strstr(err.msg, configs[i].part) != NULL))
			check_show("sentence", err.msg);
	}
	struct auth *a = NULL;
	CHECK("plain http on the loopback is fine", auth_new(&loopback, &now, &a, NULL) == 0);
	auth_free(a);
}

static const struct {
	const char *why;
	int status;
	const char *body, *date;
	enum auth_failure class;
	int num;
	const char *part;
} failures[] = {
#define SAYS(error, code)                                              \
	"{\"error\":\"" error "\",\"error_description\":\"AADSTS" code \
	": text.\\r\\nTrace ID: t\",\"correlation_id\":\"" CLIENT "\"}"
	{ "wrong secret", 401, SAYS("invalid_client", "7000215"), NULL, AUTH_FAIL_CONFIG, EACCES,
	  "its id? (AADSTS7000215, correlation id " CLIENT ")" },
	{ "expired secret", 401, SAYS("invalid_client", "7000222"), NULL, AUTH_FAIL_CONFIG, EACCES,
	  "expired" },
	{ "unknown application", 400, SAYS("unauthorized_client", "700016"), NULL, AUTH_FAIL_CONFIG,
	  EACCES, CLIENT " is not known in tenant " TENANT },
	{ "unknown tenant", 400, SAYS("invalid_request", "90002"), NULL, AUTH_FAIL_CONFIG, EACCES,
	  TENANT " does not exist" },
	{ "certificate names its thumbprint", 401, SAYS("invalid_client", "700027"), NULL,
	  AUTH_FAIL_CONFIG, EACCES, "thumbprint ABCD" },
	{ "a wrong clock, and by how much", 401, SAYS("invalid_client", "700024"),
	  "Sun, 22 Nov 2026 09:00:15 GMT", AUTH_FAIL_CONFIG, EACCES, "wrong by 30 minutes" },
	{ "Conditional Access", 400, SAYS("invalid_grant", "53003"), NULL, AUTH_FAIL_POLICY, EACCES,
	  "Conditional Access" },
	{ "a code that nobody knows is told in Entra's words", 400, SAYS("invalid_grant", "999999"),
	  NULL, AUTH_FAIL_LOGIN, EACCES, "AADSTS999999: text." },
	{ "the same code may come with another word", 400, SAYS("interaction_required", "53003"),
	  NULL, AUTH_FAIL_POLICY, EACCES, "Conditional Access" },
	{ "an error without a description", 400, "{\"error\":\"access_denied\"}", NULL,
	  AUTH_FAIL_POLICY, EACCES, "access_denied" },
	{ "temporarily unavailable", 400, "{\"error\":\"temporarily_unavailable\"}", NULL,
	  AUTH_FAIL_TRANSIENT, EAGAIN, "" },
	{ "throttled", 429, SAYS("invalid_request", "90055"), NULL, AUTH_FAIL_TRANSIENT, EAGAIN,
	  "" },
	{ "a gateway's HTML", 502, "<html>", NULL, AUTH_FAIL_TRANSIENT, EAGAIN, "answered 502" },
	{ "a proxy's HTML", 403, "<html>", NULL, AUTH_FAIL_CONFIG, EPROTO,
	  "is that the sign-in service" },
	{ "our own mistake", 400, SAYS("invalid_request", "900144"), NULL, AUTH_FAIL_BUG, EIO,
	  "parameter is missing" },
	{ "types that are wrong", 400, "{\"error\":{\"a\":1}}", NULL, AUTH_FAIL_CONFIG, EPROTO,
	  "" },
};

static void test_failures(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct w365_reply reply = { .status = failures[i].status,
					    .body = failures[i].body,
					    .len = strlen(failures[i].body),
					    .date = failures[i].date };
		struct w365_err err = { 0 };

		CHECK_INT(failures[i].why,
			  auth_failure_from_reply(&reply, &good, "ABCD", 1795339815, &err),
			  failures[i].class);
		CHECK_INT(failures[i].why, err.num, failures[i].num);
		if (!CHECK(failures[i].why,
			   strstr(err.msg, failures[i].part) && !strchr(err.msg, '\n')))
			check_show("sentence", err.msg);
	}
}

static void test_claims(void)
{
	/* {"tid":"T","oid":"O","roles":["CloudPC.Read.All","X"]} */
	struct auth_claims c = { 0 };

	CHECK("a token that can be read",
	      auth_claims_read(
		      "e30.eyJ0aWQiOiJUIiwib2lkIjoiTyIsInJvbGVzIjpbIkNsb3VkUEMuUmVhZC5BbGwiLCJYIl19.sig",
		      &c));
	CHECK_STR("roles", c.roles, "CloudPC.Read.All X");
	CHECK_STR("tenant", c.tenant, "T");
	CHECK("has", auth_claims_have(&c, "cloudpc.read.all") && auth_claims_have(&c, "X"));
	CHECK("has not", !auth_claims_have(&c, "CloudPC.Read") &&
				 !auth_claims_have(&c, "CloudPC.ReadWrite.All"));
	CHECK("no role told", !c.wids && !auth_claims_role(&c));
	auth_claims_done(&c);
	/* {"wids":["b79fbf4d-...","F2EF992C-..."]}, and the first one alone: everybody has it */
	CHECK("a token with roles of the directory",
	      auth_claims_read(
		      "e30.eyJ3aWRzIjpbImI3OWZiZjRkLTNlZjktNDY4OS04MTQzLTc2YjE5NGU4NTUwOSIsIkYyRUY5OTJDLTNhZmItNDZiOS1iN2NmLWExMjZlZTc0YzQ1MSJdfQ.x",
		      &c));
	CHECK_STR("role", auth_claims_role(&c), "Global Reader");
	auth_claims_done(&c);
	CHECK("a token without",
	      auth_claims_read(
		      "e30.eyJ3aWRzIjpbImI3OWZiZjRkLTNlZjktNDY4OS04MTQzLTc2YjE5NGU4NTUwOSJdfQ.x",
		      &c));
	CHECK("told, but none of ours", c.wids && !auth_claims_role(&c));
	auth_claims_done(&c);
	CHECK("no JWT", !auth_claims_read("opaque", &c));
	CHECK("no base64", !auth_claims_read("a.$$$.c", &c));
	CHECK("no JSON", !auth_claims_read("a.Zm9v.c", &c));
	CHECK("two parts", !auth_claims_read("a.e30", &c));
}

/* What the sign-in service tells everybody. */
static void test_discovery(void)
{
	static const struct {
		const char *why;
		int status;
		const char *body;
		int num;
		const char *part;
	} answers[] = {
		{ "known", 200, "{\"issuer\":\"https://login.example/T/v2.0\"}", 0, "" },
		{ "unknown", 400,
		  "{\"error\":\"invalid_tenant\",\"error_description\":\"AADSTS90002: Tenant not found.\"}",
		  EACCES, "does not exist in this cloud" },
		{ "a hotel's page", 200, "<html>Welcome</html>", EPROTO, "a page of its own" },
		{ "another JSON", 200, "{}", EPROTO, "a page of its own" },
		{ "nothing of that kind", 404, "", EPROTO, "is that the sign-in service?" },
		{ "not well", 503, "", EAGAIN, "is it well" },
	};
	struct auth_config c = { .authority = "https://login.example", .tenant = "a/b?c" };
	struct w365_request req;

	CHECK_INT("a request", auth_discovery_request(&c, &req, NULL), 0);
	CHECK_STR("whatever the tenant is called", req.url,
		  "https://login.example/a%2Fb%3Fc/v2.0/.well-known/openid-configuration");
	w365_request_done(&req);
	c.tenant = NULL;
	CHECK_INT("without a tenant", auth_discovery_request(&c, &req, NULL), 0);
	CHECK_STR("of any organisation", req.url,
		  "https://login.example/organizations/v2.0/.well-known/openid-configuration");
	w365_request_done(&req);
	c.tenant = "T";
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct w365_reply reply = { .status = answers[i].status,
					    .body = answers[i].body,
					    .len = strlen(answers[i].body) };
		struct w365_err err = { 0 };

		CHECK_INT(answers[i].why, auth_discovery_judge(&c, &reply, 1795339815, &err),
			  -answers[i].num);
		if (!CHECK(answers[i].why, strstr(err.msg, answers[i].part) != NULL))
			check_show("sentence", err.msg);
	}
}

int main(void)
{
	test_life();
	test_refused();
	test_passing();
	test_rejected();
	test_replies();
	test_refresh_in();
	test_configs();
	test_failures();
	test_claims();
	test_discovery();
	return check_summary();
}
