/* The ways a person signs in, as the machine goes them: what it wants sent, run or shown, and what follows from what comes
 * back; and what is kept of that. */
#include "auth/cache.h"
#include "tests/unit/play.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

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

/* Somebody signs out while another process lives on. */
static void test_signed_out(void)
{
	struct auth_config later = config("device-code");
	struct w365_err err;
	struct play p;

	test_device_code();
	later.person = false;
	begin(&p, later);
	p.s = 100;
	CHECK_STR("signed in", next(&p), "ready");
	auth_cache_forget(cache, "https://login.example", TENANT, CLIENT, &err);
	p.s = 200;
	CHECK_STR("what it was given serves to its end", next(&p), "ready");
	p.s = 4000;
	CHECK_STR("and is not renewed", next(&p), "EACCES");
	CHECK("which is said", strstr(p.err.msg, "nobody has signed in") != NULL);
	CHECK_INT("nothing has come back", auth_cache_check(cache, &err), 0);
	end(&p);

	/* Where nothing can be kept, what is remembered is all there is. */
	later.token_cache = "/proc/nowhere/tokens.json";
	later.person = later.fresh = true;
	begin(&p, later);
	next(&p);
	reply(&p, 200, DEVICE);
	p.s += 5;
	next(&p);
	reply(&p, 200, TOKEN("one", 3600, REFRESH("r1")));
	p.c.fresh = false;
	p.s = 4000;
	CHECK_STR("not kept, it is renewed all the same", next(&p), "send");
	CHECK("by what it remembers", asks(&p, "&refresh_token=r1"));
	end(&p);
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

int main(void)
{
	play_begin();
	test_device_code();
	test_device_refused();
	test_browser();
	test_refresh();
	test_two_processes();
	test_signed_out();
	test_cache_file();
	test_hour();
	return play_end();
}
