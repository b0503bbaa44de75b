/* The ways to sign in without a person, and how auto chooses among all. */
#include "auth/probe.h"
#include "tests/unit/play.h"

#include <errno.h>

static void test_azure_cli(void)
{
	struct play p;

	begin(&p, config("azure-cli"));
	CHECK_STR("a program is run", next(&p), "run");
	CHECK_STR("az", p.todo.argv[0], "az");
	CHECK_STR("one at a time", next(&p), "wait");
	ran(&p, 0,
	    "{\"accessToken\":\"cli\",\"expiresOn\":\"2026-11-22 11:47:21.000000\",\"expires_on\":1795343415}",
	    "");
	CHECK_STR("its token", bearer(&p), "cli");
	p.s = 2300;
	CHECK_STR("for as long as it says", next(&p), "ready");
	p.s = 2500;
	CHECK_STR("then it is run again", next(&p), "run");
	ran(&p, 1, "secret", "ERROR: Please run 'az login' to setup account.");
	p.s = 4000;
	CHECK_STR("signed out", next(&p), "run");
	ran(&p, 1, "secret", "ERROR: Please run 'az login' to setup account.");
	CHECK_STR("an error", next(&p), "EACCES");
	CHECK("with the cure and without what it printed",
	      strstr(p.err.msg, "az login") && !strstr(p.err.msg, "secret"));
	end(&p);

	begin(&p, config("azure-cli"));
	next(&p);
	ran(&p, 127, "", "");
	CHECK_STR("not installed", next(&p), "EACCES");
	CHECK("says so", strstr(p.err.msg, "not installed"));
	end(&p);

	/* {"scp":"User.Read"}: a person's */
	begin(&p, config("azure-cli"));
	next(&p);
	ran(&p, 0,
	    "{\"accessToken\":\"e30.eyJzY3AiOiJVc2VyLlJlYWQifQ.x\",\"expires_on\":1795343415}", "");
	CHECK_STR("a person's token is no use", next(&p), "EACCES");
	CHECK("and why", strstr(p.err.msg, "w365fs login"));
	end(&p);
}

static void test_workload_identity(void)
{
	struct auth_config c = config("workload-identity");
	char path[96];
	struct play p;
	FILE *f;

	snprintf(path, sizeof(path), "%s/federated", dir);
	f = fopen(path, "w");
	fputs("a.b.c\n", f);
	fclose(f);
	c.federated_token_file = path;
	begin(&p, c);
	CHECK_STR("asks", next(&p), "send");
	CHECK("with the token of the file", asks(&p, "&client_assertion=a.b.c"));
	CHECK("for everything that was granted", asks(&p, "graph.microsoft.com%2F.default"));
	reply(&p, 200, TOKEN("one", 3600, ""));
	f = fopen(path, "w");
	fputs("d.e.f", f);
	fclose(f);
	p.s = 3600;
	next(&p);
	CHECK("which is read again each time", asks(&p, "&client_assertion=d.e.f"));
	end(&p);
	c.federated_token_file = "/nonexistent";
	begin(&p, c);
	CHECK_STR("a file that is not there", next(&p), "ENOENT");
	end(&p);
}

static void test_managed_identity(void)
{
	struct auth_config c = config("managed-identity");
	struct play p;

	c.tenant = c.client_id = NULL;
	begin(&p, c);
	CHECK_STR("a virtual machine asks its host", next(&p), "send");
	CHECK_STR(
		"there", p.todo.request.url,
		"http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
		"https%3A%2F%2Fgraph.microsoft.com");
	CHECK_STR("as it must be asked", p.todo.request.headers[0], "Metadata: true");
	CHECK("past every proxy", p.todo.request.direct);
	reply(&p, 410, "{\"error\":\"gone\"}");
	CHECK_STR("it is being updated", next(&p), "wait");
	p.s += 2;
	next(&p);
	reply(&p, 200,
	      "{\"access_token\":\"mi\",\"expires_in\":\"86399\",\"expires_on\":\"1795426215\",\"token_type\":\"Bearer\",\"refresh_token\":\"\"}");
	CHECK_STR("numbers may be strings", bearer(&p), "mi");
	end(&p);

	setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:4141/msi/token", 1);
	setenv("IDENTITY_HEADER", "hush", 1);
	begin(&p, c);
	next(&p);
	CHECK_STR("App Service", p.todo.request.headers[0], "X-IDENTITY-HEADER: hush");
	reply(&p, 400, "{\"statusCode\":400,\"message\":\"No identity\"}");
	CHECK_STR("refused", next(&p), "EACCES");
	CHECK("in its words", strstr(p.err.msg, "No identity"));
	end(&p);

	unsetenv("IDENTITY_HEADER");
	setenv("IMDS_ENDPOINT", "http://127.0.0.1:40342", 1);
	begin(&p, c);
	CHECK_STR("Azure Arc", next(&p), "send");
	{
		struct auth_clock now = at(&p);
		struct w365_reply r = { .status = 401,
					.body = "",
					.www_authenticate = "Basic realm=/etc/shadow" };

		auth_feed(p.a, &now, &r, NULL);
	}
	CHECK_STR("does not have us send any file", next(&p), "EACCES");
	end(&p);
	setenv("IDENTITY_ENDPOINT", "http://elsewhere.example/token", 1);
	CHECK_INT("plain http stays on this machine",
		  auth_new(&c, &(struct auth_clock){ 1, WALL }, &p.a, &p.err), -EINVAL);
	unsetenv("IDENTITY_ENDPOINT");
	unsetenv("IMDS_ENDPOINT");
}

/* Somebody signs in, so that it is kept. */
static void sign_in(struct play *p)
{
	forget();
	begin(p, config("device-code"));
	next(p);
	reply(p, 200,
	      "{\"device_code\":\"d\",\"user_code\":\"A\",\"verification_uri\":\"https://x\"}");
	p->s += 5;
	next(p);
	reply(p, 200, TOKEN("one", 3600, REFRESH("r1")));
	CHECK_STR("signed in", next(p), "ready");
	end(p);
}

static void test_auto(void)
{
	struct auth_config c = config("auto");
	struct play p;

	sign_in(&p);
	c.person = false;
	begin(&p, c);
	CHECK_STR("what a person has signed in to is found", auth_grant_name(p.a), "device-code");
	end(&p);
	c.client_secret = "s";
	begin(&p, c);
	CHECK_STR("a configured application comes first", auth_grant_name(p.a), "client-secret");
	end(&p);
	forget();
	c.client_secret = NULL;
	CHECK_INT("nothing at all", auth_new(&c, &(struct auth_clock){ 1, WALL }, &p.a, &p.err),
		  -ENOKEY);
	c.person = true;
	begin(&p, c);
	CHECK_STR("but somebody is there", auth_grant_name(p.a), "browser");
	end(&p);
}

#define METADATA \
	"{\"error\":\"invalid_request\",\"error_description\":\"Required metadata header not specified\"}"

static void test_probe(void)
{
	static const struct {
		const char *why;
		int status;
		const char *body;
		bool is;
	} answers[] = {
		{ "IMDS wants its header", 400, METADATA, true },
		{ "in the older words", 400, "{\"error\":\"bad_request_102\"}", true },
		{ "another cloud knows no such path", 404, "<html>Not Found</html>", false },
		{ "or wants a session first", 401, "", false },
		{ "a proxy", 400, "<html>Bad Request</html>", false },
		{ "somebody else's JSON", 400, "{\"message\":\"no\"}", false },
		{ "a token for everybody", 200, "{\"access_token\":\"t\"}", false },
	};
	static const struct {
		const char *why, *grant;
		bool kept, secret, app_service, wanted;
	} cases[] = {
		{ "nothing is configured", "auto", false, false, false, true },
		{ "somebody has signed in", "auto", true, false, false, false },
		{ "a secret is there", "auto", false, true, false, false },
		{ "the environment names the platform", "auto", false, false, true, false },
		{ "the user says how", "managed-identity", false, false, false, false },
		{ "or otherwise", "azure-cli", false, false, false, false },
	};
	struct w365_request req;
	struct w365_err err;
	struct play p;

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct w365_reply r = { .status = answers[i].status,
					.body = answers[i].body,
					.len = strlen(answers[i].body) };

		CHECK_INT(answers[i].why, auth_probe_judge(&r), answers[i].is);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct auth_config c = config(cases[i].grant);

		forget();
		if (cases[i].kept)
			sign_in(&p);
		if (cases[i].app_service) {
			setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:4141/msi/token", 1);
			setenv("IDENTITY_HEADER", "hush", 1);
		}
		c.client_secret = cases[i].secret ? "s" : NULL;
		CHECK_INT(cases[i].why, auth_probe_wanted(&c), cases[i].wanted);
		unsetenv("IDENTITY_ENDPOINT");
		unsetenv("IDENTITY_HEADER");
	}
	auth_probe_request(&req, &err);
	CHECK_STR("what is asked", req.url,
		  "http://169.254.169.254/metadata/identity/oauth2/token");
	CHECK("without the header, and past every proxy", !req.headers[0] && req.direct);
	w365_request_done(&req);
}

#define NO_IDENTITY "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"

/* Each virtual machine of Azure has IMDS; not each has an identity. */
static void test_auto_on_azure(void)
{
	struct auth_config c = config("auto");
	struct play p;

	forget();
	c.azure = AUTH_AZURE_YES;
	begin(&p, c);
	CHECK_STR("the machine's identity", auth_grant_name(p.a), "managed-identity");
	CHECK_STR("is asked for", next(&p), "send");
	reply(&p, 400, NO_IDENTITY);
	CHECK_STR("it has none: somebody is there", next(&p), "listen");
	CHECK_STR("who is asked", auth_grant_name(p.a), "browser");
	CHECK("a person now", auth_of_person(p.a) && !auth_app_only(p.a));
	end(&p);

	c.person = false;
	begin(&p, c);
	next(&p);
	reply(&p, 400, NO_IDENTITY);
	CHECK_STR("nobody is there", next(&p), "ENOKEY");
	CHECK("and why", strstr(p.err.msg, "has no such identity: run 'w365fs login'"));
	end(&p);

	c.person = true;
	begin(&p, c);
	next(&p);
	reply(&p, 403, "{\"error\":\"unauthorized_client\"}");
	CHECK_STR("one that is refused is not passed over", next(&p), "EACCES");
	end(&p);

	c.grant = "managed-identity";
	c.azure = AUTH_AZURE_UNASKED;
	begin(&p, c);
	next(&p);
	reply(&p, 400, NO_IDENTITY);
	CHECK_STR("nor one that was asked for by name", next(&p), "EACCES");
	end(&p);
}

int main(void)
{
	play_begin();
	setenv("HOME", dir, 1); /* where nobody has used the Azure CLI */
	unsetenv("AZURE_CONFIG_DIR");
	test_azure_cli();
	test_workload_identity();
	test_managed_identity();
	test_auto();
	test_probe();
	test_auto_on_azure();
	return play_end();
}
