/* Buffers, arenas, times, addresses, table-driven reading, files. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "base/url.h"
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static void test_buf(void)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF, s = W365_BUF_SECRET;
	char *taken;

	CHECK_STR("an empty buffer is an empty text", w365_buf_str(&b), "");
	w365_buf_addf(&b, "%s-%d", "a", 7);
	w365_buf_addc(&b, '!');
	CHECK_STR("added", w365_buf_str(&b), "a-7!");
	w365_buf_reset(&b);
	w365_buf_add_url(&b, "a~b c/+=&\xc3\xa4");
	CHECK_STR("percent-encoding leaves the unreserved", w365_buf_str(&b),
		  "a~b%20c%2F%2B%3D%26%C3%A4");
	taken = w365_buf_take(&b);
	CHECK("taking empties it", taken && b.len == 0 && !b.data);
	free(taken);
	for (unsigned i = 0; i < 1000; i++)
		w365_buf_addc(&s, 'x');
	CHECK("a secret one grows as well", s.len == 1000 && s.data[999] == 'x' && !s.data[1000]);
	w365_buf_room(&b, (size_t)-1);
	CHECK("an impossible size fails, and stays failed", b.failed);
	w365_buf_adds(&b, "later");
	CHECK_INT("nothing is added after a failure", (int)b.len, 0);
}

static void test_arena(void)
{
	_cleanup_(w365_arena_done) struct w365_arena a = { 0 };
	char *small = w365_arena_dup(&a, "abc", 3), *big = w365_arena_alloc(&a, 5 << 20, 1), *next;
	uint64_t *aligned = w365_arena_alloc(&a, 8, 8);

	next = w365_arena_dup(&a, "", 0);
	CHECK("alignment", ((uintptr_t)aligned & 7) == 0);
	memset(big, 'x', 5 << 20);
	*aligned = 1;
	CHECK("a piece larger than a chunk leaves its neighbours alone",
	      w365_streq(small, "abc") && *next == '\0' && next - small < 64);
	next = w365_arena_reserve(&a, 1000);
	memset(next, 'y', 1000);
	w365_arena_commit(&a, 10);
	CHECK("what was reserved and not kept is there for the next",
	      w365_arena_alloc(&a, 1, 1) == next + 10);
}

static void test_strings(void)
{
	char guid[37];
	uint64_t v;

	w365_guid_new(guid);
	CHECK("a new GUID is one", w365_is_guid(guid) && guid[14] == '4');
	CHECK("a short GUID is none", !w365_is_guid("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee"));
	CHECK("a long GUID is none", !w365_is_guid("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeeee"));
	CHECK("the largest number", w365_parse_u64("18446744073709551615", &v) && v == UINT64_MAX);
	CHECK("one more is none", !w365_parse_u64("18446744073709551616", &v));
	CHECK("a sign is none", !w365_parse_u64("-1", &v));
}

static void test_base64(void)
{
	static const struct {
		const char *plain, *enc;
	} cases[] = { { "", "" },
		      { "f", "Zg" },
		      { "fo", "Zm8" },
		      { "foo", "Zm9v" },
		      { "\xff\xfe\xfd", "__79" } };
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		w365_buf_reset(&b);
		w365_base64url(&b, cases[i].plain, strlen(cases[i].plain));
		CHECK_STR("base64url", w365_buf_str(&b), cases[i].enc);
		w365_buf_reset(&b);
		CHECK("decodes", w365_base64_decode(&b, cases[i].enc, strlen(cases[i].enc)));
		CHECK_STR("to what it was", w365_buf_str(&b), cases[i].plain);
	}
	w365_buf_reset(&b);
	CHECK("standard alphabet and padding", w365_base64_decode(&b, "//79Zg==", 8) && b.len == 4);
	CHECK("a stray character is refused", !w365_base64_decode(&b, "Zm$v", 4));
	CHECK("a length that cannot be is refused", !w365_base64_decode(&b, "Zm9vY", 5));
}

static void test_time(void)
{
	static const struct {
		const char *why, *text;
		bool ok;
		int64_t sec;
		long nsec;
	} cases[] = {
		{ "plain UTC", "2026-11-22T09:30:15Z", true, 1795339815, 0 },
		{ "seven digits of fraction", "2026-11-22T09:30:15.1234567Z", true, 1795339815,
		  123456700 },
		{ "an offset", "2026-11-22T17:30:15+08:00", true, 1795339815, 0 },
		{ "an offset to the west", "2026-11-22T04:00:15-05:30", true, 1795339815, 0 },
		{ "no zone counts as UTC", "2026-11-22T09:30:15", true, 1795339815, 0 },
		{ "a leap day", "2024-02-29T00:00:00Z", true, 1709164800, 0 },
		{ "no leap day", "2023-02-29T00:00:00Z", false, 0, 0 },
		{ "Graph's way to say none", "0001-01-01T00:00:00Z", false, 0, 0 },
		{ "empty", "", false, 0, 0 },
		{ "a date alone", "2026-11-22", false, 0, 0 },
		{ "cut", "2026-11-22T09:30", false, 0, 0 },
		{ "a month that is none", "2026-13-01T00:00:00Z", false, 0, 0 },
		{ "something behind", "2026-11-22T09:30:15Zx", false, 0, 0 },
		{ "a point without digits", "2026-11-22T09:30:15.Z", false, 0, 0 },
		{ "before the epoch", "1969-12-31T23:59:59Z", true, -1, 0 },
	};
	char buf[W365_TIME_MAX];
	int64_t days;
	time_t t;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct timespec ts = { 0 };

		CHECK(cases[i].why,
		      w365_time_parse(cases[i].text, strlen(cases[i].text), &ts) == cases[i].ok);
		if (cases[i].ok) {
			CHECK_INT(cases[i].why, ts.tv_sec, cases[i].sec);
			CHECK_INT(cases[i].why, ts.tv_nsec, cases[i].nsec);
		}
	}
	CHECK("as HTTP has it",
	      w365_time_parse_http("Sun, 22 Nov 2026 09:30:15 GMT", &t) && t == 1795339815);
	CHECK("or not", !w365_time_parse_http("2026-11-22T09:30:15Z", &t));
	CHECK_STR("formatted", w365_time_format(1795339815, buf), "2026-11-22T09:30:15Z");
	CHECK("a date", w365_date_parse("2026-11-22", &days) && days == 20779);
	CHECK_STR("and back", w365_date_format(days, buf), "2026-11-22");
	CHECK("a date with a tail is none", !w365_date_parse("2026-11-22x", &days));
}

static void test_origin(void)
{
	static const struct {
		const char *why, *url;
		bool ok;
		const char *host;
		uint16_t port;
		bool loopback;
	} cases[] = {
		{ "plain", "https://graph.microsoft.com/v1.0", true, "graph.microsoft.com", 443,
		  false },
		{ "case and the trailing dot", "HTTPS://Graph.Microsoft.COM./x", true,
		  "graph.microsoft.com", 443, false },
		{ "a port", "https://127.0.0.1:8443", true, "127.0.0.1", 8443, true },
		{ "IPv6", "http://[::1]:80/x", true, "[::1]", 80, true },
		{ "a name that begins like loopback", "http://127.evil.example/", true,
		  "127.evil.example", 80, false },
		{ "a longer name", "https://graph.microsoft.com.evil.example/", true,
		  "graph.microsoft.com.evil.example", 443, false },
		{ "user info", "https://graph.microsoft.com@evil.example/", false, "", 0, false },
		{ "user info with a password", "https://graph.microsoft.com:443@evil.example/",
		  false, "", 0, false },
		{ "another scheme", "ftp://x/", false, "", 0, false },
		{ "no scheme", "graph.microsoft.com", false, "", 0, false },
		{ "a backslash", "https://a\\@b/", false, "", 0, false },
		{ "a backslash in the path", "https://a/\\b", false, "", 0, false },
		{ "a line break", "https://a/x\r\nHost: b", false, "", 0, false },
		{ "a query at once", "https://a?x", false, "", 0, false },
		{ "port 0", "https://a:0/", false, "", 0, false },
		{ "port 70000", "https://a:70000/", false, "", 0, false },
		{ "no host", "https:///x", false, "", 0, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct w365_origin o = { 0 };
		bool ok = w365_origin_parse(cases[i].url, &o, NULL, NULL) == 0;

		CHECK(cases[i].why, ok == cases[i].ok);
		CHECK_STR(cases[i].why, o.host, cases[i].host);
		CHECK_INT(cases[i].why, o.port, cases[i].port);
		CHECK_INT(cases[i].why, o.loopback, cases[i].loopback);
	}
}

struct sample {
	char *name, *deep, *object;
	uint64_t n;
	bool flag;
};

static const struct w365_json_field sample_fields[] = {
	{ "name", W365_JSON_STRING, offsetof(struct sample, name),
	  W365_JSON_MUST | W365_JSON_SECRET },
	{ "a/b/c", W365_JSON_STRING, offsetof(struct sample, deep), W365_JSON_LAX },
	{ "o", W365_JSON_TEXT, offsetof(struct sample, object), 0 },
	{ "n", W365_JSON_UINT, offsetof(struct sample, n), 0 },
	{ "flag", W365_JSON_BOOL, offsetof(struct sample, flag), 0 },
	{ NULL, 0, 0, 0 },
};

static void test_json_read(void)
{
	static const struct {
		const char *why, *text;
		int r;
		const char *msg;
	} cases[] = {
		{ "all there",
		  "{\"name\":\"x\",\"a\":{\"b\":{\"c\":\"d\"}},\"o\":{\"k\":[1]},\"n\":\"3599\",\"flag\":true}",
		  0, NULL },
		{ "only what must be", "{\"name\":\"x\",\"other\":1}", 0, NULL },
		{ "null is absent", "{\"name\":null}", -EINVAL, "no \"name\"" },
		{ "missing", "{}", -EINVAL, "no \"name\"" },
		{ "wrong type", "{\"name\":1}", -EINVAL, "\"name\" in the answer is not a string" },
		{ "wrong type where that is allowed", "{\"name\":\"x\",\"a\":{\"b\":{\"c\":7}}}", 0,
		  NULL },
		{ "a negative number", "{\"name\":\"x\",\"n\":-1}", -EINVAL, "\"n\"" },
		{ "a fraction", "{\"name\":\"x\",\"n\":1.5}", -EINVAL, "\"n\"" },
		{ "not an object", "[]", -EINVAL, "not a JSON object" },
		{ "not JSON", "<html>", -EINVAL, "not a JSON object" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sample s = { 0 };
		struct w365_err e = { 0 };

		CHECK_INT(
			cases[i].why,
			w365_json_read(cases[i].text, strlen(cases[i].text), sample_fields, &s, &e),
			cases[i].r);
		if (cases[i].msg)
			CHECK(cases[i].why, strstr(e.msg, cases[i].msg) != NULL);
		if (i == 0)
			CHECK("values", w365_streq(s.name, "x") && w365_streq(s.deep, "d") &&
						w365_streq(s.object, "{\"k\":[1]}") &&
						s.n == 3599 && s.flag);
		w365_json_read_free(sample_fields, &s);
		CHECK("freed", !s.name && !s.deep && !s.object && !s.n);
	}
}

static void test_file(void)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
	char path[] = "/tmp/w365fs-test-XXXXXX";
	int fd = mkstemp(path);
	struct w365_err e = { 0 };

	CHECK("a file to test with", fd >= 0 && w365_write_all(fd, "secret\n", 7) == 0);
	CHECK_INT("a private file is read", w365_file_read(path, 100, true, &b, &e), 0);
	CHECK_STR("whole", w365_buf_str(&b), "secret\n");
	CHECK_INT("a limit holds", w365_file_read(path, 3, true, &b, &e), -EFBIG);
	fchmod(fd, 0640);
	CHECK_INT("one that others may read is refused", w365_file_read(path, 100, true, &b, &e),
		  -EACCES);
	CHECK("with the cure", strstr(e.msg, "chmod 600") != NULL);
	CHECK_INT("unless it is no secret", w365_file_read(path, 100, false, &b, &e), 0);
	close(fd);
	unlink(path);
	CHECK_INT("a missing file", w365_file_read(path, 100, false, &b, &e), -ENOENT);
	CHECK_INT("a directory", w365_file_read("/tmp", 100, false, &b, &e), -EINVAL);
}

int main(void)
{
	test_buf();
	test_arena();
	test_strings();
	test_base64();
	test_time();
	test_origin();
	test_json_read();
	test_file();
	return check_summary();
}
