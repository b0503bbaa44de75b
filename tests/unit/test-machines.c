/* The ways to sign in without a person, and how auto chooses among all. */
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

int main(void)
{
	play_begin();
	test_azure_cli();
	test_workload_identity();
	test_managed_identity();
	test_auto();
	return play_end();
}
