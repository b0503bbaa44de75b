/* What is kept of a sign-in, sealed with a key of the keyring: the seal, and how the machine comes by the key. */
#include "auth/keyring.h"
#include "base/buf.h"
#include "base/file.h"
#include "tests/unit/play.h"

#include <errno.h>

#define KEY   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER "f00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void test_seal(void)
{
	static const struct {
		const char *why, *key, *about;
		int cut;         /* bytes at its end */
		int spoil;       /* the byte there is another one */
		const char *own; /* instead of what was sealed */
		int r;
	} cases[] = {
		{ "what was sealed opens", KEY, "alex", 0, -1, NULL, 0 },
		{ "not with another key", OTHER, "alex", 0, -1, NULL, -EBADMSG },
		{ "not in somebody else's place", KEY, "adele", 0, -1, NULL, -EBADMSG },
		{ "not cut short", KEY, "alex", 1, -1, NULL, -EBADMSG },
		{ "with another nonce", KEY, "alex", 0, 0, NULL, -EBADMSG },
		{ "changed", KEY, "alex", 0, 20, NULL, -EBADMSG },
		{ "nothing at all", KEY, "alex", 0, -1, "", -EBADMSG },
		{ "too short", KEY, "alex", 0, -1, "QUJD", -EBADMSG },
		{ "no base64", KEY, "alex", 0, -1, "{}", -EBADMSG },
	};
	_cleanup_(w365_buf_done) struct w365_buf sealed = W365_BUF, again = W365_BUF;
	unsigned char key[AUTH_SEAL_KEY];

	CHECK("a key", auth_keyring_read(KEY "\n", key));
	CHECK("too short for one", !auth_keyring_read("0001", key));
	CHECK("too long", !auth_keyring_read(KEY "00", key));
	CHECK("none", !auth_keyring_read("", key));
	auth_keyring_read(KEY, key);
	CHECK_INT("sealed", auth_seal(key, "alex", "secret words", 12, &sealed), 0);
	CHECK("unreadable", !strstr(w365_buf_str(&sealed), "secret"));
	auth_seal(key, "alex", "secret words", 12, &again);
	CHECK("never twice the same", !w365_streq(w365_buf_str(&sealed), w365_buf_str(&again)));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF_SECRET;
		char *text = strdup(cases[i].own ? cases[i].own : w365_buf_str(&sealed));

		text[strlen(text) - (size_t)cases[i].cut] = '\0';
		if (cases[i].spoil >= 0)
			text[cases[i].spoil] = text[cases[i].spoil] == 'A' ? 'B' : 'A';
		auth_keyring_read(cases[i].key, key);
		CHECK_INT(cases[i].why, auth_unseal(key, cases[i].about, text, &out), cases[i].r);
		CHECK_STR(cases[i].why, w365_buf_str(&out), cases[i].r == 0 ? "secret words" : "");
		free(text);
	}
}

static struct auth_config sealing(enum auth_sealing how)
{
	struct auth_config c = config("device-code");

	c.keyring = "/self";
	c.sealing = how;
	return c;
}

static const char *in_file(char *text, size_t size)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	w365_file_read(cache, 4096, true, &b, NULL);
	snprintf(text, size, "%s", w365_buf_str(&b));
	return text;
}

/* By a code, once the machine has got so far. */
static void enter_code(struct play *p, const char *answer)
{
	CHECK_STR("a code is asked for", next(p), "send");
	reply(p, 200,
	      "{\"device_code\":\"d\",\"user_code\":\"A\",\"verification_uri\":\"https://x\"}");
	p->s += 5;
	next(p);
	reply(p, 200, answer);
	CHECK_STR("signed in", next(p), "ready");
}

/* A sign-in that @key seals. */
static void login(const char *key, const char *answer)
{
	struct auth_config c = sealing(AUTH_SEAL_MAYBE);
	struct play p;

	c.fresh = true;
	begin(&p, c);
	CHECK_STR("the keyring is asked first", next(&p), "run");
	ran(&p, 0, key, "");
	enter_code(&p, answer);
	CHECK("it seals", auth_is_sealed(p.a));
	end(&p);
}

static void test_sealed(void)
{
	struct auth_config later = sealing(AUTH_SEAL_MAYBE);
	char text[4096];
	struct play p;

	forget();
	login(KEY, TOKEN("one", 3600, REFRESH("r1")));
	in_file(text, sizeof(text));
	CHECK("no token is to be seen", !strstr(text, "\"one\"") && !strstr(text, "\"r1\""));
	CHECK("but how it was got", strstr(text, "device-code") != NULL);

	later.person = false;
	begin(&p, later);
	CHECK_STR("another process wants the key", next(&p), "run");
	CHECK_STR("of this program", p.todo.argv[0], "/self");
	CHECK_STR("by its command", p.todo.argv[1], "keyring");
	CHECK_STR("which makes none", p.todo.argv[2], "get");
	CHECK_STR("of this file", p.todo.argv[3], cache);
	CHECK_STR("one at a time", next(&p), "wait");
	ran(&p, 0, KEY "\n", "");
	CHECK_STR("and has the token", next(&p), "ready");
	CHECK_STR("this one", bearer(&p), "one");
	p.s = 4000;
	CHECK_STR("it renews", next(&p), "send");
	CHECK("by what was sealed", asks(&p, "&refresh_token=r1"));
	reply(&p, 200, TOKEN("two", 3600, REFRESH("r2")));
	in_file(text, sizeof(text));
	CHECK("sealed again, without asking", auth_is_sealed(p.a) && !strstr(text, "\"r2\""));

	/* Somebody has emptied the keyring, and signed in again. */
	login(OTHER, TOKEN("three", 3600, REFRESH("r3")));
	auth_reject(p.a, auth_generation(p.a));
	CHECK_STR("another key seals it now", next(&p), "run");
	ran(&p, 0, OTHER, "");
	CHECK_STR("which is asked for again", next(&p), "send");
	CHECK("and opens it", asks(&p, "&refresh_token=r3"));
	end(&p);

	begin(&p, later);
	p.s = 4000;
	next(&p);
	ran(&p, 0, KEY, "");
	CHECK_STR("a key that does not open it", next(&p), "EACCES");
	CHECK("is told",
	      strstr(p.err.msg, "does not open it") && strstr(p.err.msg, "w365fs login"));
	end(&p);

	later.keyring = NULL;
	begin(&p, later);
	CHECK_STR("built without a keyring", next(&p), "EACCES");
	CHECK("it cannot be opened", strstr(p.err.msg, "without libsecret"));
	end(&p);
}

static void test_no_key(void)
{
	static const struct {
		const char *why;
		int status;
		const char *says, *part;
	} cases[] = {
		{ "there is none", AUTH_KEYRING_NONE, "", "no keyring answers here" },
		{ "locked", AUTH_KEYRING_LOCKED, "", "locked: unlock it" },
		{ "emptied", AUTH_KEYRING_EMPTY, "", "has no key for it" },
		{ "hanging", -1, "", "does not answer" },
		{ "the program is gone", 127, "", "cannot be asked" },
		{ "it says nonsense", 0, "hello", "cannot be asked" },
	};
	struct auth_config c;
	char text[4096];
	struct play p;

	forget();
	login(KEY, TOKEN("one", 3600, REFRESH("r1")));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		c = sealing(AUTH_SEAL_MAYBE);
		c.person = false;
		begin(&p, c);
		CHECK_STR(cases[i].why, next(&p), "run");
		ran(&p, cases[i].status, cases[i].says, "");
		CHECK_STR(cases[i].why, next(&p), "EACCES");
		if (!CHECK(cases[i].why, strstr(p.err.msg, cases[i].part) != NULL))
			check_show("sentence", p.err.msg);
		p.s += 59;
		CHECK_STR("remembered", next(&p), "EACCES");
		p.s += 2;
		CHECK_STR("for a minute", next(&p), "run");
		ran(&p, 0, KEY, "");
		CHECK_STR("it is there now", next(&p), "ready");
		end(&p);

		c = sealing(AUTH_SEAL_ALWAYS);
		c.fresh = true;
		begin(&p, c);
		CHECK_STR("it must be the keyring", next(&p), "run");
		CHECK_STR("with a new key", p.todo.argv[2], "make");
		ran(&p, cases[i].status, cases[i].says, "");
		CHECK_STR("or nothing", next(&p), "EACCES");
		end(&p);
	}

	c = sealing(AUTH_SEAL_MAYBE);
	c.fresh = true;
	begin(&p, c);
	next(&p);
	auth_feed(p.a, &(struct auth_clock){ .ms = at(&p).ms }, NULL,
		  &(struct w365_err){ .num = EMFILE });
	enter_code(&p, TOKEN("two", 3600, REFRESH("r2")));
	CHECK("else it is kept as it is",
	      !auth_is_sealed(p.a) && strstr(in_file(text, sizeof(text)), "\"r2\""));
	CHECK("and what was sealed is gone", strstr(text, "\"sealed\":\tnull") != NULL);
	end(&p);

	c = sealing(AUTH_SEAL_NEVER);
	c.fresh = true;
	begin(&p, c);
	enter_code(&p, TOKEN("three", 3600, REFRESH("r3")));
	end(&p);
}

int main(void)
{
	play_begin();
	test_seal();
	test_sealed();
	test_no_key();
	return play_end();
}
