/* What a mount wants more than a person has consented to: it is asked for, done without, and taken when somebody signs in with
 * more. */
#include "auth/cache.h"
#include "tests/unit/play.h"

#include <errno.h>

static const char *const both[] = { "CloudPC.Read.All", "CloudPC.ReadWrite.All", NULL };
static const char *const three[] = { "CloudPC.Read.All", "CloudPC.ReadWrite.All",
				     "RoleManagement.Read.CloudPC", NULL };

#define SCOPE(words) ",\"scope\":\"" words "\""
#define READS        SCOPE("CloudPC.Read.All openid profile")
#define WRITES \
	SCOPE("https://graph.microsoft.com/CloudPC.Read.All https://graph.microsoft.com/CloudPC.ReadWrite.All")

static void login(struct auth_config c, const char *answer)
{
	struct play p;

	c.fresh = true;
	begin(&p, c);
	next(&p);
	reply(&p, 200, DEVICE);
	p.s += 5;
	next(&p);
	reply(&p, 200, answer);
	CHECK_STR("signed in", next(&p), "ready");
	end(&p);
}

/* A mount that writes, for somebody who has consented to reading alone. */
static void test_write(void)
{
	struct auth_config reads = config("device-code"), writes = reads;
	struct auth_account kept = { 0 };
	struct w365_err err;
	struct play p;

	forget();
	login(reads, TOKEN("one", 3600, REFRESH("r1") READS));
	writes.permissions = both;
	writes.person = false;
	begin(&p, writes);
	p.s = 100;
	CHECK_STR("a token that only reads is not enough", next(&p), "send");
	CHECK("one that writes is asked for",
	      asks(&p, "CloudPC.ReadWrite.All") && asks(&p, "&refresh_token=r1"));
	reply(&p, 400, ERROR("invalid_grant", 65001));
	CHECK_STR("not consented to: reading goes on", next(&p), "ready");
	CHECK_STR("by what there is", bearer(&p), "one");
	auth_cache_find(cache, writes.authority, TENANT, CLIENT, NULL, &kept, &err);
	CHECK("and nobody's sign-in is over", !kept.trouble);
	auth_account_done(&kept);
	p.s = 4000;
	CHECK_STR("it is renewed", next(&p), "send");
	CHECK("for reading", !asks(&p, "CloudPC.ReadWrite.All"));
	reply(&p, 200, TOKEN("two", 3600, REFRESH("r2") READS));
	auth_news(p.a);
	CHECK_STR("something has happened to the file: nothing is asked for that", next(&p),
		  "ready");
	CHECK_STR("and nothing changes", bearer(&p), "two");

	/* In the same second as a token that Graph refuses: no kept token of then is believed. */
	auth_reject(p.a, auth_generation(p.a));
	next(&p);
	reply(&p, 200, TOKEN("two b", 3600, REFRESH("r2") READS));
	login(writes, TOKEN("three", 3600, REFRESH("r3") WRITES));
	auth_news(p.a);
	CHECK_STR("with more, but not to be believed: it is renewed", next(&p), "send");
	CHECK("with more", asks(&p, "CloudPC.ReadWrite.All") && asks(&p, "&refresh_token=r3"));
	CHECK_STR("the old one serves meanwhile", bearer(&p), "two b");
	reply(&p, 200, TOKEN("four", 3600, REFRESH("r4") WRITES));
	CHECK_STR("there it is", next(&p), "ready");
	end(&p);

	forget();
	login(reads, TOKEN("one", 3600, REFRESH("r1") READS));
	begin(&p, writes);
	next(&p);
	reply(&p, 400, ERROR("invalid_grant", 65001));
	next(&p);
	login(writes, TOKEN("three", 9000, REFRESH("r3") WRITES));
	auth_news(p.a);
	CHECK_STR("somebody has signed in with more", next(&p), "ready");
	CHECK_STR("that is taken at once", bearer(&p), "three");
	p.s = 9900;
	CHECK_STR("and renewed", next(&p), "send");
	CHECK("with all of it", asks(&p, "CloudPC.ReadWrite.All"));
	reply(&p, 400, ERROR("invalid_grant", 50173));
	CHECK_STR("a sign-in that is over, is over", next(&p), "EACCES");
	end(&p);

	begin(&p, writes);
	p.s = 9900;
	CHECK_STR("for all", next(&p), "EACCES");
	end(&p);
}

/* A mount that wants three, for somebody who was granted two. */
static void test_some(void)
{
	struct auth_config reads = config("device-code"), all = reads;
	struct play p;

	forget();
	login(reads, TOKEN("one", 3600, REFRESH("r1") WRITES));
	all.permissions = three;
	all.person = false;
	begin(&p, all);
	p.s = 4000;
	CHECK_STR("the token has ended", next(&p), "send");
	CHECK("all are asked for", asks(&p, "RoleManagement.Read.CloudPC"));
	reply(&p, 400, ERROR("invalid_grant", 65001));
	CHECK_STR("not consented to: the others are asked for", next(&p), "send");
	CHECK("those that were granted",
	      asks(&p, "CloudPC.ReadWrite.All") && !asks(&p, "RoleManagement"));
	reply(&p, 400, ERROR("invalid_grant", 65001));
	CHECK_STR("taken back: the first alone is", next(&p), "send");
	CHECK("which nothing goes without", asks(&p, "CloudPC.Read.All") &&
						    !asks(&p, "CloudPC.ReadWrite.All") &&
						    !asks(&p, "RoleManagement"));
	reply(&p, 400, ERROR("invalid_grant", 65001));
	CHECK_STR("without that it is over", next(&p), "EACCES");
	end(&p);
}

/* The file tells of more than holds now: somebody has taken the consent back. */
static void test_taken_back(void)
{
	struct auth_config writes = config("device-code");
	struct play p;
	int sent = 0;

	forget();
	writes.permissions = both;
	login(writes, TOKEN("one", 3600, REFRESH("r1") WRITES));
	writes.person = false;
	begin(&p, writes);
	p.s = 4000;
	while (sent < 50 && w365_streq(next(&p), "send")) {
		sent++;
		reply(&p, 400, ERROR("invalid_grant", 65001));
	}
	CHECK_INT("it asks for all, for the least, and no more", sent, 2);
	end(&p);
}

/* Three are wanted, and who has signed in last has said less than was consented to. */
static void test_file_of_another(void)
{
	struct auth_config reads = config("device-code"), all = reads;
	struct play p;

	forget();
	login(reads, TOKEN("one", 3600, REFRESH("r1") READS));
	all.permissions = three;
	all.person = false;
	begin(&p, all);
	CHECK_STR("all are asked for", next(&p), "send");
	reply(&p, 400, ERROR("invalid_grant", 65001));
	CHECK_STR("then, of those the file does not tell of, one less", next(&p), "send");
	CHECK("the first of them stays",
	      asks(&p, "CloudPC.ReadWrite.All") && !asks(&p, "RoleManagement"));
	reply(&p, 200, TOKEN("two", 3600, REFRESH("r2") WRITES));
	CHECK_STR("which was consented to", next(&p), "ready");
	login(reads, TOKEN("less", 9000, REFRESH("r3") READS));
	p.s = 3000;
	auth_news(p.a);
	CHECK_STR("a token that may do less", next(&p), "send");
	CHECK_STR("is not taken for it", bearer(&p), "two");
	CHECK("it is renewed by that sign-in",
	      asks(&p, "CloudPC.ReadWrite.All") && asks(&p, "&refresh_token=r3"));
	end(&p);
}

/* Not all that is wanted, but more than there was. */
static void test_some_more(void)
{
	struct auth_config reads = config("device-code"), writes = reads, all = reads;
	struct play p;

	forget();
	writes.permissions = both;
	all.permissions = three;
	all.person = false;
	login(reads, TOKEN("one", 3600, REFRESH("r1") READS));
	begin(&p, all);
	p.s = 100;
	next(&p);
	reply(&p, 400, ERROR("invalid_grant", 65001));
	next(&p);
	reply(&p, 400, ERROR("invalid_grant", 65001));
	CHECK_STR("reading alone", next(&p), "ready");
	CHECK_STR("by what there is", bearer(&p), "one");
	login(writes, TOKEN("two", 9000, REFRESH("r2") WRITES));
	auth_news(p.a);
	next(&p);
	reply(&p, 400, ERROR("invalid_grant", 65001));
	CHECK_STR("somebody has signed in with more: it is used", next(&p), "ready");
	CHECK_STR("if not for all", bearer(&p), "two");
	end(&p);
}

/* The sign-in with more came while nobody looked. */
static void test_asleep(void)
{
	struct auth_config reads = config("device-code"), writes = reads;
	struct play p;

	forget();
	login(reads, TOKEN("one", 3600, REFRESH("r1") READS));
	writes.permissions = both;
	begin(&p, writes);
	p.c.person = false;
	p.s = 100;
	next(&p);
	reply(&p, 400, ERROR("invalid_grant", 65001));
	CHECK_STR("reading alone", next(&p), "ready");
	login(writes, TOKEN("two", 3600, REFRESH("r2") WRITES));
	p.s = 9000;
	CHECK_STR("it is renewed", next(&p), "send");
	CHECK("for all that the file has", asks(&p, "CloudPC.ReadWrite.All"));
	end(&p);
}

int main(void)
{
	play_begin();
	test_write();
	test_some();
	test_taken_back();
	test_file_of_another();
	test_some_more();
	test_asleep();
	return play_end();
}
