/* The ways to sign in, as the machine goes them: what it wants sent, run or shown, and what follows
 * from what comes back. */
#include "auth/auth.h"
#include "auth/cache.h"
#include "base/macros.h"
#include "base/str.h"
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TENANT "11111111-2222-4333-8444-555555555555"
#define CLIENT "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define WALL   1795339815

static char dir[64], cache[96];

static struct auth_config config(const char *grant)
{
	return (struct auth_config){ .grant = grant,
				     .authority = "https://login.example",
				     .tenant = TENANT,
				     .client_id = CLIENT,
				     .resource = "https://graph.microsoft.com",
				     .person = true,
				     .token_cache = cache };
}

/* A machine, its clock, and the last thing it wanted. */
struct play {
	struct auth_config c;
	struct auth *a;
	uint64_t s; /* seconds since the beginning */
	struct auth_todo todo;
	struct w365_err err;
	int step;
};

static struct auth_clock at(const struct play *p)
{
	return (struct auth_clock){ .ms = 1000000 + p->s * 1000, .wall = WALL + (int64_t)p->s };
}

static void begin(struct play *p, struct auth_config c)
{
	struct auth_clock now;

	*p = (struct play){ .c = c };
	now = at(p);
	if (auth_new(&p->c, &now, &p->a, &p->err) < 0)
		printf("Bail out! %s\n", p->err.msg);
}

static const char *next(struct play *p)
{
	static const char *const names[] = { "send", "run", "listen", "wait", "ready" };
	struct auth_clock now = at(p);

	w365_request_done(&p->todo.request);
	p->step = auth_step(p->a, &now, &p->todo, &p->err);
	return p->step >= 0 ? names[p->step] : w365_errno_name(-p->step);
}

static bool asks(const struct play *p, const char *part)
{
	return p->todo.request.body.data && strstr(p->todo.request.body.data, part);
}

static void reply(struct play *p, int status, const char *body)
{
	struct auth_clock now = at(p);
	struct w365_reply r = { .status = status, .body = body, .len = strlen(body) };

	auth_feed(p->a, &now, &r, NULL);
}

static const char *bearer(const struct play *p)
{
	return auth_bearer(p->a, at(p).ms);
}

static void end(struct play *p)
{
	w365_request_done(&p->todo.request);
	auth_free(p->a);
}

static void forget(void)
{
	unlink(cache);
}

#define TOKEN(name, life, more) \
	"{\"token_type\":\"Bearer\",\"expires_in\":" #life ",\"access_token\":\"" name "\"" more "}"
#define REFRESH(name) ",\"refresh_token\":\"" name "\""
#define ERROR(error, number) \
	"{\"error\":\"" error "\",\"error_description\":\"AADSTS" #number ": words\"}"
#define DEVICE                                                                                       \
	"{\"device_code\":\"dc+1\",\"user_code\":\"ABC\",\"verification_uri\":\"https://x/device\"," \
	"\"expires_in\":900,\"interval\":5,\"message\":\"Open https://x/device\\u001b[2J and enter ABC\"}"

static void test_device_code(void)
{
	struct play p;

	forget();
	begin(&p, config("device-code"));
	CHECK_STR("a code is asked for", next(&p), "send");
	CHECK_STR("there", p.todo.request.url,
		  "https://login.example/" TENANT "/oauth2/v2.0/devicecode");
	CHECK("with the least scopes",
	      asks(&p,
		   "scope=https%3A%2F%2Fgraph.microsoft.com%2FCloudPC.Read.All%20offline_access%20"
		   "openid%20profile"));
	CHECK("nothing to tell yet", !auth_prompt(p.a));
	reply(&p, 200, DEVICE);
	CHECK("the person is told",
	      auth_prompt(p.a) && strstr(auth_prompt(p.a)->text, "enter ABC"));
	CHECK("and no terminal is played with", !strchr(auth_prompt(p.a)->text, 0x1b));
	CHECK_STR("not asked before the interval is over", next(&p), "wait");
	CHECK_INT("which is five seconds", (int)(p.todo.at - at(&p).ms), 5000);
	p.s += 5;
	CHECK_STR("then it is", next(&p), "send");
	CHECK("by the code", asks(&p, "device_code=dc%2B1"));
	reply(&p, 400, ERROR("authorization_pending", 70016));
	CHECK_STR("not yet", next(&p), "wait");
	p.s += 5;
	next(&p);
	reply(&p, 400, ERROR("slow_down", 0));
	next(&p);
	CHECK_INT("slower, and for good", (int)(p.todo.at - at(&p).ms), 10000);
	p.s += 10;
	next(&p);
	reply(&p, 503, "busy");
	CHECK_STR("trouble that passes is waited out", next(&p), "wait");
	p.s += 60;
	CHECK_STR("and it goes on", next(&p), "send");
	reply(&p, 200, TOKEN("one", 3600, REFRESH("r1")));
	CHECK_STR("signed in", next(&p), "ready");
	CHECK_STR("with the token", bearer(&p), "one");
	CHECK("nothing more to tell", !auth_prompt(p.a));
	end(&p);
}

static void test_device_refused(void)
{
	static const struct {
		const char *why, *body, *part;
	} cases[] = {
		{ "declined", ERROR("authorization_declined", 0), "refused" },
		{ "blocked by policy", ERROR("access_denied", 53003), "Conditional Access" },
		{ "blocked by security defaults", ERROR("invalid_grant", 530035),
		  "--auth=browser" },
		{ "no public client", ERROR("invalid_client", 7000218), "public client" },
		{ "expired", ERROR("expired_token", 70020), "in time" },
	};
	struct play p;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		forget();
		begin(&p, config("device-code"));
		next(&p);
		reply(&p, 200, DEVICE);
		p.s += 5;
		next(&p);
		reply(&p, 400, cases[i].body);
		CHECK_STR(cases[i].why, next(&p), "EACCES");
		if (!CHECK(cases[i].why, strstr(p.err.msg, cases[i].part) != NULL))
			check_show("sentence", p.err.msg);
		end(&p);
	}
	forget();
	begin(&p, config("device-code"));
	next(&p);
	reply(&p, 200, DEVICE);
	p.s += 901;
	next(&p);
	reply(&p, 400, ERROR("authorization_pending", 70016));
	CHECK_STR("nobody came", next(&p), "EACCES");
	end(&p);
}

static char *parameter(const char *url, const char *name)
{
	const char *p = strstr(url, name);
	size_t n = p ? strcspn(p + strlen(name), "&") : 0;

	return p ? strndup(p + strlen(name), n) : NULL;
}

static void test_browser(void)
{
	struct auth_clock now;
	struct play p;
	char *state, form[256];

	forget();
	begin(&p, config("browser"));
	CHECK_STR("it wants to be come back to", next(&p), "listen");
	now = at(&p);
	auth_listening(p.a, &now, 7071, NULL);
	CHECK("the address",
	      strstr(auth_prompt(p.a)->url,
		     "https://login.example/" TENANT "/oauth2/v2.0/authorize?client_id=" CLIENT));
	CHECK("comes back here",
	      strstr(auth_prompt(p.a)->url, "redirect_uri=http%3A%2F%2Flocalhost%3A7071%2F"));
	CHECK("not by the address bar", strstr(auth_prompt(p.a)->url, "response_mode=form_post"));
	CHECK("with a challenge", strstr(auth_prompt(p.a)->url, "code_challenge_method=S256"));
	state = parameter(auth_prompt(p.a)->url, "&state=");
	CHECK_INT("a state that nobody guesses", (int)strlen(state), 43);
	CHECK("a stranger's answer is none", !auth_arrived(p.a, &now, "code=evil&state=guess"));
	CHECK("nor one without a state", !auth_arrived(p.a, &now, "code=evil"));
	CHECK_STR("it goes on waiting", next(&p), "wait");
	snprintf(form, sizeof(form), "code=c%%2B1&session_state=x&state=%s", state);
	CHECK("ours is taken", auth_arrived(p.a, &now, form));
	CHECK_STR("and redeemed", next(&p), "send");
	CHECK("the code", asks(&p, "grant_type=authorization_code") && asks(&p, "&code=c%2B1"));
	CHECK("the same address", asks(&p, "redirect_uri=http%3A%2F%2Flocalhost%3A7071%2F"));
	CHECK("the verifier, and no secret",
	      asks(&p, "&code_verifier=") && !asks(&p, "client_secret"));
	reply(&p, 200, TOKEN("one", 3600, REFRESH("r1")));
	CHECK_STR("signed in", next(&p), "ready");
	free(state);
	end(&p);

	forget();
	begin(&p, config("browser"));
	next(&p);
	auth_listening(p.a, &now, 7071, NULL);
	state = parameter(auth_prompt(p.a)->url, "&state=");
	snprintf(
		form, sizeof(form),
		"error=access_denied&error_description=AADSTS65004%%3a+User+declined%%0d%%0amore&state=%s",
		state);
	CHECK("a refusal is an answer", auth_arrived(p.a, &now, form));
	CHECK_STR("told at once", next(&p), "EACCES");
	CHECK("in words", strstr(p.err.msg, "cancelled") && !strstr(p.err.msg, "more"));
	free(state);
	end(&p);
}

static void test_refresh(void)
{
	struct auth_config later = config("device-code");
	struct play p;

	test_device_code(); /* leaves a sign-in in the cache: token "one", refresh token "r1" */
	later.person = false;
	begin(&p, later);
	p.s = 100;
	CHECK_STR("what was kept serves at once", next(&p), "ready");
	CHECK_STR("without asking", bearer(&p), "one");
	p.s = 4000;
	CHECK_STR("when it is old it is renewed", next(&p), "send");
	CHECK("by the refresh token",
	      asks(&p, "grant_type=refresh_token") && asks(&p, "&refresh_token=r1"));
	CHECK("for the same", asks(&p, "offline_access"));
	reply(&p, 200, TOKEN("two", 3600, REFRESH("r2")));
	CHECK_STR("a new one", bearer(&p), "two");
	end(&p);

	later.scope = NULL;
	begin(&p, later);
	p.s = 4100;
	CHECK_STR("another process finds it", next(&p), "ready");
	CHECK_STR("in the cache", bearer(&p), "two");
	p.s = 8000;
	next(&p);
	CHECK("and the refresh token that came last", asks(&p, "&refresh_token=r2"));
	reply(&p, 200, TOKEN("three", 3600, ""));
	p.s = 12000;
	next(&p);
	CHECK("which stays if no other comes", asks(&p, "&refresh_token=r2"));
	reply(&p, 400, ERROR("invalid_grant", 70043));
	CHECK_STR("a rule has ended it: a person is needed", next(&p), "EACCES");
	CHECK("the cure", strstr(p.err.msg, "w365fs login"));
	p.s += 3600;
	CHECK_STR("nobody asks with it again", next(&p), "EACCES");
	end(&p);

	later.person = true;
	begin(&p, later);
	p.s = 20000;
	CHECK_STR("somebody is there", next(&p), "send");
	CHECK("and is asked", strstr(p.todo.request.url, "/devicecode"));
	reply(&p, 200, DEVICE);
	p.s += 5;
	next(&p);
	reply(&p, 200, TOKEN("four", 3600, REFRESH("r4")));
	end(&p);

	later.person = false;
	begin(&p, later);
	p.s = 20100;
	CHECK_STR("all others go on", next(&p), "ready");
	CHECK_STR("with what that brought", bearer(&p), "four");
	end(&p);
}

/* Two processes, one token that is old. */
static void test_two_processes(void)
{
	struct auth_config later = config("device-code");
	struct play a, b;

	test_device_code();
	later.person = false;
	begin(&a, later);
	begin(&b, later);
	a.s = b.s = 4000;
	CHECK_STR("one renews", next(&a), "send");
	CHECK_STR("the other waits for it", next(&b), "wait");
	reply(&a, 200, TOKEN("two", 3600, REFRESH("r2")));
	auth_retry_now(b.a); /* what it has seen happen to the folder */
	CHECK_STR("and has it too", next(&b), "ready");
	CHECK_STR("the same", bearer(&b), "two");
	auth_reject(b.a, auth_generation(b.a));
	CHECK_STR("refused by Graph, it is not taken from the cache again", next(&b), "send");
	end(&a);
	end(&b);
}

static void test_cache_file(void)
{
	struct auth_account found = { 0 };
	struct w365_err err;
	struct stat st;
	int fd;

	test_device_code();
	CHECK_INT("the file is there", stat(cache, &st), 0);
	CHECK_INT("for its owner alone", (int)(st.st_mode & 0777), 0600);
	CHECK_INT("another application has no part in it",
		  auth_cache_find(cache, "https://login.example", TENANT,
				  "00000000-0000-4000-8000-000000000000", NULL, &found, &err),
		  0);
	chmod(cache, 0640);
	CHECK_INT(
		"open to others, it is not believed",
		auth_cache_find(cache, "https://login.example", TENANT, CLIENT, NULL, &found, &err),
		-EACCES);
	chmod(cache, 0600);
	CHECK_INT("forgotten",
		  auth_cache_forget(cache, "https://login.example", TENANT, CLIENT, &err), 1);
	CHECK_INT(
		"is gone",
		auth_cache_find(cache, "https://login.example", TENANT, CLIENT, NULL, &found, &err),
		0);
	fd = open(cache, O_WRONLY | O_TRUNC);
	if (write(fd, "{\"accounts\":", 12) != 12)
		abort();
	close(fd);
	CHECK_INT("a damaged file, looked at", auth_cache_check(cache, &err), -EBADMSG);
	CHECK("stays where it is", access(cache, F_OK) == 0);
	CHECK_INT(
		"a damaged file is nobody's end",
		auth_cache_find(cache, "https://login.example", TENANT, CLIENT, NULL, &found, &err),
		0);
	CHECK("and is put aside", access(cache, F_OK) < 0);
	CHECK_INT("none at all", auth_cache_check(cache, &err), 0);
}

static void ran(struct play *p, int status, const char *out, const char *err)
{
	struct auth_clock now = at(p);

	auth_ran(p->a, &now, &(struct auth_ran){ .status = status, .out = out, .err = err });
}

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

/* An hour of five-second tokens: there always is one, each request brings the refresh token of the
 * one before, and for five minutes of it nobody answers. */
static void test_hour(void)
{
	struct play p;
	unsigned requests = 0, without = 0, wrong = 0, n = 0;
	char body[128], want[64] = "";

	test_device_code();
	begin(&p, config("device-code"));
	p.c.person = false;
	for (p.s = 4000; p.s < 7600; p.s++) {
		bool down = p.s >= 5000 && p.s < 5300;
		struct auth_clock now = at(&p);

		if (w365_streq(next(&p), "send")) {
			requests++;
			wrong += *want && !asks(&p, want);
			if (down) {
				auth_feed(
					p.a, &now, NULL,
					&(struct w365_err){ .num = ENETUNREACH, .passing = true });
			} else {
				snprintf(want, sizeof(want), "&refresh_token=r%u", ++n);
				snprintf(
					body, sizeof(body),
					"{\"expires_in\":5,\"access_token\":\"t%u\",\"refresh_token\":\"r%u\"}",
					n, n);
				reply(&p, 200, body);
			}
		}
		without += !down && p.s > 5310 && !bearer(&p);
		without += !down && p.s < 5000 && !bearer(&p);
	}
	CHECK_INT("never without a token while the service answers", without, 0);
	CHECK_INT("always by the refresh token that came last", wrong, 0);
	CHECK("one request for each token, and few into the void",
	      requests >= 3300 / 5 && requests <= 3300 / 3 + 60);
	end(&p);
}

static void test_auto(void)
{
	struct auth_config c = config("auto");
	struct play p;

	test_device_code();
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
	strcpy(dir, "/tmp/w365fs-signin-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	snprintf(cache, sizeof(cache), "%s/state/tokens.json", dir);
	test_device_code();
	test_device_refused();
	test_browser();
	test_refresh();
	test_two_processes();
	test_cache_file();
	test_azure_cli();
	test_workload_identity();
	test_managed_identity();
	test_hour();
	test_auto();
	{
		char command[128];

		snprintf(command, sizeof(command), "rm -rf '%s'", dir);
		if (system(command) != 0)
			return 1;
	}
	return check_summary();
}
