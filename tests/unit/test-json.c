/* The JSON walk, the quoting and the writer. */
#include "base/buf.h"
#include "base/json.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "tests/lib/check.h"

#include <errno.h>

static const struct {
	const char *why, *text;
	int r;
	const char *msg; /* part of the sentence */
} texts[] = {
	{ "an empty object", "{}", 0, NULL },
	{ "white space around", " \t\r\n[ ] \n", 0, NULL },
	{ "all kinds", "{\"a\":[1,-0.5e+3,true,false,null,\"x\",{}]}", 0, NULL },
	{ "nothing", "", -EINVAL, "ends too early" },
	{ "cut in a string", "{\"a\":\"b", -EINVAL, "ends too early" },
	{ "cut after a colon", "{\"a\":", -EINVAL, "ends too early" },
	{ "cut in an array", "[1,2", -EINVAL, "ends too early" },
	{ "a trailing comma", "[1,]", -EINVAL, "line 1 column 4" },
	{ "line and column count characters", "{\n  \"\xc3\xa4\": x}", -EINVAL, "line 2 column 8" },
	{ "a control character in a string", "\"a\nb\"", -EINVAL, "control character" },
	{ "a bad escape", "\"\\x\"", -EINVAL, "escape" },
	{ "a short \\u", "\"\\u12g4\"", -EINVAL, "hexadecimal" },
	{ "a leading zero", "01", -EINVAL, "follows" },
	{ "a lone minus", "-", -EINVAL, "digit" },
	{ "a point without digits", "1.", -EINVAL, "digit" },
	{ "an exponent without digits", "1e", -EINVAL, "digit" },
	{ "two values", "1 2", -EINVAL, "follows" },
	{ "HTML", "<html>", -EINVAL, "value is expected" },
	{ "a bare word", "nul", -EINVAL, "value" },
	{ "a key without quotes", "{a:1}", -EINVAL, "property name" },
	{ "a missing colon", "{\"a\" 1}", -EINVAL, "colon" },
	{ "wrong bracket", "[1}", -EINVAL, "comma or ]" },
};

static const struct {
	const char *why, *inside, *decoded, *quoted;
} strings[] = {
	{ "plain", "abc", "abc", "\"abc\"" },
	{ "short escapes", "\\b\\f\\n\\r\\t\\\"\\\\\\/", "\b\f\n\r\t\"\\/",
	  "\"\\b\\f\\n\\r\\t\\\"\\\\/\"" },
	{ "umlaut by escape becomes UTF-8", "\\u00e4", "\xc3\xa4", "\"\xc3\xa4\"" },
	{ "a surrogate pair", "\\ud83d\\ude00", "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"" },
	{ "a lone high surrogate", "a\\ud83db",
	  "a\xef\xbf\xbd"
	  "b",
	  "\"a\xef\xbf\xbd"
	  "b\"" },
	{ "a lone low surrogate", "\\ude00", "\xef\xbf\xbd", "\"\xef\xbf\xbd\"" },
	{ "high surrogate before another escape", "\\ud83d\\n", "\xef\xbf\xbd\n",
	  "\"\xef\xbf\xbd\\n\"" },
	{ "control characters print as \\u, DEL too", "\\u0001\x7f", "\x01\x7f",
	  "\"\\u0001\\u007f\"" },
	{ "bad bytes are kept by decoding, replaced by quoting", "a\xff\xfe", "a\xff\xfe",
	  "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "a sequence that breaks off is one replacement", "\xe2\x82z", "\xe2\x82z",
	  "\"\xef\xbf\xbdz\"" },
	{ "an encoded surrogate is one replacement", "\xed\xa0\x80", "\xed\xa0\x80",
	  "\"\xef\xbf\xbd\"" },
	{ "an overlong form", "\xc0\xaf", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
};

static void test_parse(void)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct w365_err e = { 0 };
		int r = w365_json_parse(&j, texts[i].text, strlen(texts[i].text), NULL, &e);

		CHECK_INT(texts[i].why, r, texts[i].r);
		if (texts[i].msg && !CHECK(texts[i].why, strstr(e.msg, texts[i].msg) != NULL))
			printf("# %s\n", e.msg);
	}
}

static void test_depth(void)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	char deep[2 * 400 + 1];

	memset(deep, '[', 400);
	memset(deep + 400, ']', 400);
	deep[800] = '\0';
	CHECK_INT("400 levels are too deep", w365_json_parse(&j, deep, 800, NULL, NULL), -EINVAL);
	CHECK_INT("90 levels are fine", w365_json_parse(&j, deep + 310, 180, NULL, NULL), 0);
}

static void test_index(void)
{
	static const char text[] = "{\"a\":1,\"b\":{\"c\":[10,20]},\"a\":2,\"\\u0064\":3} trailing";
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	unsigned children = 0;
	uint32_t b, c;
	size_t used;

	CHECK_INT("parses with a rest behind it",
		  w365_json_parse(&j, text, strlen(text), &used, NULL), 0);
	CHECK_INT("the rest begins behind the value", (int)used,
		  (int)(strstr(text, " trail") - text));
	W365_JSON_EACH (&j, 0, i)
		children++;
	CHECK_INT("four members", children, 4);
	CHECK("of two members of a name the last counts",
	      w365_span_is(w365_json_raw(&j, w365_json_get(&j, 0, "a")), "2"));
	CHECK("a key written with escapes is found",
	      w365_span_is(w365_json_raw(&j, w365_json_get(&j, 0, "d")), "3"));
	CHECK_INT("a missing key is 0", w365_json_get(&j, 0, "x"), 0);
	b = w365_json_get(&j, 0, "b");
	c = w365_json_get(&j, b, "c");
	CHECK("nested", w365_span_is(w365_json_raw(&j, c), "[10,20]"));
	CHECK_INT("two elements", j.nodes[c].next - c, 3);
}

static void test_strings(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		_cleanup_(w365_buf_done) struct w365_buf d = W365_BUF, q = W365_BUF;
		struct w365_span in = { strings[i].inside, strlen(strings[i].inside) };

		w365_json_decode(&d, in);
		CHECK_STR(strings[i].why, w365_buf_str(&d), strings[i].decoded);
		w365_json_quote(&q, d.data, d.len);
		CHECK_STR(strings[i].why, w365_buf_str(&q), strings[i].quoted);
	}
}

static void test_skip(void)
{
	static const struct {
		const char *why, *text, *rest;
	} cases[] = {
		{ "a string", "\"a\\\"b\",1", ",1" },
		{ "a string that ends in a backslash", "\"a\\\\\",1", ",1" },
		{ "brackets in strings do not count", "[\"]\",{\"}\":1}],2", ",2" },
		{ "a number", "12,3", ",3" },
		{ "the last member", "7}", "}" },
		{ "cut short", "[1,2", NULL },
		{ "cut in a string", "\"ab", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *t = cases[i].text;

		CHECK_STR(cases[i].why, w365_json_skip(t, t + strlen(t)), cases[i].rest);
	}
}

static void test_write(void)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	struct w365_jw w = { .out = &b };

	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "name", "a\"b");
	w365_jw_pair(&w, "none", NULL);
	w365_jw_key(&w, "list");
	w365_jw_open(&w, '[');
	w365_jw_uint(&w, 1);
	w365_jw_open(&w, '{');
	w365_jw_close(&w, '}');
	w365_jw_open(&w, '[');
	w365_jw_close(&w, ']');
	w365_jw_close(&w, ']');
	w365_jw_pair_bool(&w, "yes", true);
	w365_jw_close(&w, '}');
	CHECK_STR(
		"as jq prints it", w365_buf_str(&b),
		"{\n  \"name\": \"a\\\"b\",\n  \"none\": null,\n  \"list\": [\n    1,\n    {},\n    []\n  ],\n"
		"  \"yes\": true\n}");
}

static void test_compact(void)
{
	static const struct {
		const char *why, *text, *compact;
	} cases[] = {
		{ "between the parts", "{\n  \"a\": [\t1,\r\n 2 ]\n}\n", "{\"a\":[1,2]}" },
		{ "but not in them", "{\"a b\": \" \\\" c \\\\\", \"d\": \" e\"}",
		  "{\"a b\":\" \\\" c \\\\\",\"d\":\" e\"}" },
		{ "where there is none", "[1,\"x\"]", "[1,\"x\"]" },
		{ "white space alone", " \n", "" },
		{ "nothing", "", "" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

		w365_json_compact(&b, (struct w365_span){ cases[i].text, strlen(cases[i].text) });
		CHECK_STR(cases[i].why, w365_buf_str(&b), cases[i].compact);
	}
}

int main(void)
{
	test_parse();
	test_depth();
	test_index();
	test_strings();
	test_skip();
	test_write();
	test_compact();
	return check_summary();
}
