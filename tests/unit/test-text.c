/* Texts that somebody wrote: whose they are, what in them is secret, what their values mean, what a
 * misspelt word was to be. JSON is written with ' for ". */
#include <errno.h>

#include "graph/json-same.h"
#include "graph/nearest.h"
#include "tests/unit/plan.h"

static const struct {
	const char *why, *text;
	int r;
	const char *id, *says;
} ids[] = {
	{ "an id", "{'displayName':'A','id':'p1'}", 1, "p1" },
	{ "written with escapes", "{'\\u0069d':'p\\u0031'}", 1, "p1" },
	{ "only of the item itself", "{'a':{'id':'p1'}}", 0, "" },
	{ "none", "{}", 0, "" },
	{ "null", "{'id':null}", 0, "" },
	{ "an empty one", "{'id':''}", 0, "" },
	{ "empty", "", -ENODATA, "", "the text is empty" },
	{ "blank", " \r\n\t", -ENODATA, "", "the text is empty" },
	{ "a number", "{'id':5}", -EINVAL, "", "line 1, column 7: id must be a string" },
	{ "no object", "['id']", -EINVAL, "", "line 1, column 1: an object in braces is expected" },
	{ "two", "{'id':'a','id':'b'}", -EINVAL, "", "id is there twice" },
	{ "no JSON", "{'id':'a'", -EINVAL, "", "the text ends too early" },
	{ "deep",
	  "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	  -EINVAL, "", "nested too deeply" },
};

static void check_ids(void)
{
	static const char nuls[64];
	struct w365_err err;

	for (unsigned i = 0; i < ARRAY_SIZE(ids); i++) {
		_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, id = W365_BUF;

		err = (struct w365_err){ 0 };
		json(&text, ids[i].text);
		CHECK_INT(ids[i].why, graph_text_id(w365_buf_str(&text), text.len, &id, &err),
			  ids[i].r);
		CHECK_STR(ids[i].why, w365_buf_str(&id), ids[i].id);
		if (ids[i].says && !CHECK(ids[i].why, strstr(err.msg, ids[i].says)))
			check_show("says", err.msg);
		CHECK_INT("the id need not be wanted",
			  graph_text_id(w365_buf_str(&text), text.len, NULL, NULL), ids[i].r);
	}
	CHECK_INT("what a crash leaves of a text",
		  graph_text_id(nuls, sizeof(nuls) - 1, NULL, NULL), -ENODATA);
	CHECK_INT("or of its end", graph_text_id("{}\0\0\0", 5, NULL, &err), -EINVAL);
	CHECK_STR("is told", err.msg, "line 1, column 3: something follows the value");
}

static const struct {
	const char *why, *text, *masked; /* masked NULL: as it was */
} secrets[] = {
	{ "a password", "{'adDomainPassword': 'geheim', 'subnetId': 's'}",
	  "{'adDomainPassword': '', 'subnetId': 's'}" },
	{ "two", "{'adDomainPassword':'a','x':[{'adDomainPassword':'b'}]}",
	  "{'adDomainPassword':'','x':[{'adDomainPassword':''}]}" },
	{ "none", "{'subnetId': 's'}", NULL },
	{ "an empty one", "{'adDomainPassword':''}", NULL },
	{ "null", "{'adDomainPassword':null}", NULL },
	{ "a word that begins with null", "{'adDomainPassword':nullgeheim\n}",
	  "{'adDomainPassword':''\n}" },
	{ "a name that is longer", "{'adDomainPasswordHint':'x','myAdDomainPassword':'y'}", NULL },
	{ "quotes in it", "{'adDomainPassword':'ge\\'heim\\\\','x':1}",
	  "{'adDomainPassword':'','x':1}" },
	{ "key with escapes", "{'\\u0061dDomainP\\u0061ssword':'geheim'}",
	  "{'\\u0061dDomainP\\u0061ssword':''}" },
	{ "other capitals", "{'AdDomainPASSWORD':'geheim'}", "{'AdDomainPASSWORD':''}" },
	{ "not closed", "{'adDomainPassword':'geheim", "{'adDomainPassword':'" },
	{ "not closed in its line", "{'adDomainPassword':'geheim,\n'x':1}",
	  "{'adDomainPassword':''x':1}" },
	{ "over two lines", "{'adDomainPassword':'ge\nheim'}", "{'adDomainPassword':''}" },
	{ "a quote too many before it", "{'x':'a'b','adDomainPassword':'geheim'}",
	  "{'x':'a'b','adDomainPassword':''}" },
	{ "a quote too few", "{adDomainPassword':'geheim'}", "{adDomainPassword':''}" },
	{ "no quotes at all", "adDomainPassword: geheim, und mehr\nsubnetId: s",
	  "adDomainPassword: ''\nsubnetId: s" },
	{ "as a setting", "adDomainPassword = geheim", "adDomainPassword = ''" },
	{ "a number", "{'adDomainPassword':123456,'x':1}", "{'adDomainPassword':'','x':1}" },
	{ "a digit", "{'adDomainPassword':1,'x':1}", "{'adDomainPassword':','x':1}" },
	{ "an array", "{'adDomainPassword':['ge]','heim'],'x':1}",
	  "{'adDomainPassword':'','x':1}" },
	{ "an object", "{'adDomainPassword':{'a':{'b':'geheim'}}}", "{'adDomainPassword':''}" },
	{ "not closed either", "{'adDomainPassword':{'a':['geheim'", "{'adDomainPassword':''" },
	{ "a bracket at the end", "{'adDomainPassword':[", "{'adDomainPassword':'" },
	{ "nothing", "{'adDomainPassword':", NULL },
	{ "nothing but the name", "adDomainPassword", NULL },
	{ "in the next line", "{'adDomainPassword':\n\t'geheim'\n}",
	  "{'adDomainPassword':\n\t''\n}" },
	{ "JSON in a string", "{'x':'{\\'adDomainPassword\\':\\'geheim\\'}'\n}",
	  "{'x':'{\\'adDomainPassword\\':''\n}" },
};

static void check_secrets(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(secrets); i++) {
		_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, want = W365_BUF;
		const char *masked = secrets[i].masked ? secrets[i].masked : secrets[i].text;
		size_t len;

		json(&text, secrets[i].text);
		json(&want, masked);
		len = text.len;
		CHECK_INT(secrets[i].why, graph_text_mask(text.data, &len),
			  secrets[i].masked != NULL);
		text.data[len] = '\0';
		CHECK_STR(secrets[i].why, text.data, want.data);
		CHECK_INT(secrets[i].why, len, want.len);
	}
}

static const struct {
	const char *why, *a, *b;
	bool same;
} values[] = {
	{ "numbers", "1", "1.0", true },
	{ "with exponents", "120e-1", "1.2E+1", true },
	{ "far too long ones as they are written", "1e99999999999999999999",
	  "1e99999999999999999998", false },
	{ "zeros", "0", "-0.00e7", true },
	{ "signs", "1", "-1", false },
	{ "places", "10", "100", false },
	{ "digits that no double has", "9007199254740993", "9007199254740992", false },
	{ "a fraction of them", "0.1", "0.10000000000000000001", false },
	{ "a number and a string", "1", "'1'", false },
	{ "strings", "'\\u00e4\\/'", "'\xc3\xa4/'", true },
	{ "surrogates", "'\\ud83d\\ude00'", "'\xf0\x9f\x98\x80'", true },
	{ "NUL", "'a\\u0000b'", "'a\\u0000c'", false },
	{ "case", "'a'", "'A'", false },
	{ "true and false", "true", "false", false },
	{ "arrays in order", "[1,2]", "[2,1]", false },
	{ "and whole", "[1,2]", "[1,2,3]", false },
	{ "nulls in arrays", "[null]", "[]", false },
	{ "objects in any order", "{'a':1,'bb':[{'c':1,'d':2}]}", "{'bb':[{'d':2,'c':1}],'a':1}",
	  true },
	{ "keys with escapes", "{'\\u0061':1}", "{'a':1}", true },
	{ "of which one begins another", "{'a':1,'ab':2}", "{'ab':1,'a':2}", false },
	{ "nulls", "{'a':null}", "{}", true },
	{ "annotations", "{'a@odata.x':1,'@odata.etag':2}", "{}", true },
	{ "but not the type", "{'@odata.type':'x'}", "{}", false },
	{ "a member more", "{'a':1}", "{'a':1,'b':false}", false },
	{ "null itself", "null", "null", true },
	{ "and something", "null", "0", false },
};

static void check_values(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
		_cleanup_(w365_buf_done) struct w365_buf a = W365_BUF, b = W365_BUF;
		_cleanup_(w365_json_done) struct w365_json ja = { 0 }, jb = { 0 };

		w365_buf_adds(&a, "[");
		json(&a, values[i].a);
		w365_buf_adds(&a, "]");
		w365_buf_adds(&b, "[");
		json(&b, values[i].b);
		w365_buf_adds(&b, "]");
		CHECK_INT(values[i].why, w365_json_parse(&ja, a.data, a.len, NULL, NULL), 0);
		CHECK_INT(values[i].why, w365_json_parse(&jb, b.data, b.len, NULL, NULL), 0);
		CHECK_INT(values[i].why, graph_json_same(&ja, 1, &jb, 1), values[i].same);
		CHECK_INT(values[i].why, graph_json_same(&jb, 1, &ja, 1), values[i].same);
		CHECK_INT(values[i].why, graph_json_same(&ja, 1, &ja, 1), 1);
	}
}

static const struct {
	const char *word, *names[3], *best;
} words[] = {
	{ "displayNmae", { "id", "displayName" }, "displayName" },
	{ "displayname", { "displayName", "displayNames" }, "displayName" },
	{ "localAdmin", { "localAdminEnabled" }, NULL },
	{ "x", { "id", "y" }, NULL },
	{ "", { "id", "" }, "" },
	{ "galery", { "gallery", "custom" }, "gallery" },
	{ "cutsom", { "gallery", "custom" }, "custom" },
	{ "0123456789012345678901234567890123456789012345678901234567890123456789",
	  { "0123" },
	  NULL },
};

static void check_words(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		struct graph_nearest n = { .word = { words[i].word, strlen(words[i].word) } };

		for (unsigned k = 0; k < ARRAY_SIZE(words[i].names) && words[i].names[k]; k++)
			graph_nearest_offer(&n, words[i].names[k]);
		CHECK_STR(words[i].word, n.best, words[i].best);
	}
}

int main(void)
{
	check_ids();
	check_secrets();
	check_values();
	check_words();
	return check_summary();
}
