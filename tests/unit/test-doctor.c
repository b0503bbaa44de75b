/* What the doctor's checks make of what they have read; and which are skipped for which. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/doctor.h"
#include "tests/lib/check.h"

static const struct {
	const char *why;
	int64_t ahead;
	enum fs_doctor_state state;
	const char *part;
} clocks[] = {
	{ "right", 0, FS_DOCTOR_OK, "1 s" },
	{ "a minute is nothing", -60, FS_DOCTOR_OK, "61 s" },
	{ "more is worth a word", 61, FS_DOCTOR_WARN, "61 s fast" },
	{ "five minutes", -300, FS_DOCTOR_WARN, "300 s slow" },
	{ "are the end", 301, FS_DOCTOR_FAIL, "5 minutes fast" },
	{ "another year", -40000000, FS_DOCTOR_FAIL, "minutes slow" },
};

static const struct {
	const char *why;
	int64_t days;
	enum fs_doctor_state state;
} certificates[] = {
	{ "a year", 365, FS_DOCTOR_OK },
	{ "thirty days", 30, FS_DOCTOR_OK },
	{ "a day less", 29, FS_DOCTOR_WARN },
	{ "today", 0, FS_DOCTOR_WARN },
};

static const struct {
	const char *why, *list, *host;
	bool excepted;
} exceptions[] = {
	{ "itself", "graph.microsoft.com", "graph.microsoft.com", true },
	{ "in capitals", "Graph.Microsoft.COM", "graph.microsoft.com", true },
	{ "its domain", "microsoft.com", "graph.microsoft.com", true },
	{ "with a dot", "x, .microsoft.com", "graph.microsoft.com", true },
	{ "not the end of a word", "soft.com", "graph.microsoft.com", false },
	{ "not the beginning", "graph.microsoft", "graph.microsoft.com", false },
	{ "a longer one", "www.graph.microsoft.com", "graph.microsoft.com", false },
	{ "all", "a,*", "graph.microsoft.com", true },
	{ "none", "", "graph.microsoft.com", false },
	{ "separators alone", " , ", "graph.microsoft.com", false },
	{ "a dot alone", ".", "graph.microsoft.com", false },
};

static const struct {
	const char *why, *proxy, *shown;
} proxies[] = {
	{ "plain", "http://proxy.example:3128", "http://proxy.example:3128" },
	{ "with a name", "http://me:hush@proxy.example:3128/", "http://***@proxy.example:3128/" },
	{ "without a scheme", "me:hush@proxy", "***@proxy" },
	{ "an odd password", "http://me:hu@s/h@proxy:1", "http://***@proxy:1" },
	{ "socks", "socks5h://u@p", "socks5h://***@p" },
};

static void test_judgements(void)
{
	char shown[64];

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		struct fs_finding f = { 0 };

		fs_doctor_judge_clock(&f, clocks[i].ahead);
		CHECK_INT(clocks[i].why, f.state, clocks[i].state);
		if (!CHECK(clocks[i].why, strstr(f.detail, clocks[i].part) != NULL))
			check_show("detail", f.detail);
		CHECK_INT(clocks[i].why, *f.next != '\0', f.state != FS_DOCTOR_OK);
	}
	for (size_t i = 0; i < ARRAY_SIZE(certificates); i++) {
		struct fs_finding f = { 0 };

		fs_doctor_judge_certificate(&f, "ABCD", certificates[i].days * 86400 + 60,
					    1795338000);
		CHECK_INT(certificates[i].why, f.state, certificates[i].state);
		CHECK(certificates[i].why, strstr(f.detail, "2026-11-22T") != NULL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(exceptions); i++)
		CHECK_INT(exceptions[i].why,
			  fs_doctor_no_proxy(exceptions[i].list, exceptions[i].host),
			  exceptions[i].excepted);
	for (size_t i = 0; i < ARRAY_SIZE(proxies); i++) {
		fs_doctor_hide_password(proxies[i].proxy, shown, sizeof(shown));
		CHECK_STR(proxies[i].why, shown, proxies[i].shown);
	}
}

static void test_files(void)
{
	static const char status[] = "Name:\tCapEff:\nNoNewPrivs:\t1\nCapEff:\t00000000a80425fb\n";

	CHECK("fuse.conf", fs_doctor_allows_other("# mount_max = 5\n  user_allow_other\n"));
	CHECK("with a comment", fs_doctor_allows_other("user_allow_other# yes"));
	CHECK("in a comment", !fs_doctor_allows_other("#user_allow_other\n"));
	CHECK("something longer", !fs_doctor_allows_other("user_allow_others\n"));
	CHECK("empty", !fs_doctor_allows_other(""));
	CHECK("a profile", fs_doctor_confines("man (enforce)\nfusermount3 (enforce)\n"));
	CHECK("by its path", fs_doctor_confines("/usr/bin/fusermount3 (enforce)\n"));
	CHECK("that only complains", !fs_doctor_confines("fusermount3 (complain)\n"));
	CHECK("of another", !fs_doctor_confines("xfusermount3 (enforce)\n"));
	CHECK_INT("a field", (int64_t)fs_doctor_status_field(status, "CapEff:", 16), 0xa80425fb);
	CHECK_INT("another", (int64_t)fs_doctor_status_field(status, "NoNewPrivs:", 10), 1);
	CHECK_INT("none", (int64_t)fs_doctor_status_field("", "CapEff:", 16), 0);
}

static unsigned ran;

static void bad(struct fs_doctor *d, struct fs_finding *f)
{
	fs_doctor_fail(f, 2, "do\nit", "it is\tbad");
}

static void good(struct fs_doctor *d, struct fs_finding *f)
{
	ran++;
	fs_doctor_skip(f, "nothing to do");
}

static void test_order(void)
{
	static const struct fs_check checks[] = {
		{ "a", { NULL }, good }, { "b", { "a" }, bad },       { "c", { "b" }, good },
		{ "d", { "a" }, good },  { "e", { "a", "c" }, good }, { NULL, { NULL }, NULL },
	};
	struct fs_finding found[FS_CHECKS_MAX];
	struct fs_doctor d = { 0 };

	for (unsigned i = 0; checks[i].name; i++)
		fs_doctor_check(&d, checks, i, found);
	CHECK_INT("what needs a failed one does not run", ran, 2);
	CHECK_INT("one that had nothing to do stops nobody", found[1].state, FS_DOCTOR_FAIL);
	CHECK_STR("one line", found[1].detail, "it is bad");
	CHECK_STR("the reason", found[2].detail, "\"b\" comes first");
	CHECK_INT("skipped", found[2].state, FS_DOCTOR_SKIP);
	CHECK_STR("all down the line", found[4].detail, "\"c\" comes first");
	for (const struct fs_check *c = fs_checks; c->name; c++) {
		for (unsigned n = 0; n < ARRAY_SIZE(c->needs) && c->needs[n]; n++) {
			bool earlier = false;

			for (const struct fs_check *e = fs_checks; e < c; e++)
				earlier = earlier || w365_streq(e->name, c->needs[n]);
			CHECK("needs an earlier one", earlier);
		}
	}
}

int main(void)
{
	test_judgements();
	test_files();
	test_order();
	return check_summary();
}
