/* What differs between two texts of an item, as the events tell it. JSON is written with ' for ". */
#include "base/macros.h"
#include "fs/changes.h"
#include "tests/lib/check.h"

#include <stdlib.h>

static const struct {
	const char *why, *was, *is;
	const char *values; /* NULL: nothing differs */
	const char *cut;
} cases[] = {
	{ "the same", "{'id':'1','status':'a'}", "{'id':'1','status':'a'}" },
	{ "one property", "{'id':'1','status':'provisioning'}", "{'id':'1','status':'provisioned'}",
	  "{'status':['provisioning','provisioned']}" },
	{ "several, in the order of the text", "{'b':1,'c':true,'a':'x'}",
	  "{'b':2,'c':true,'a':'y'}", "{'b':[1,2],'a':['x','y']}" },
	{ "a new one", "{'a':1}", "{'a':1,'b':[]}", "{'b':[null,[]]}" },
	{ "one that is gone", "{'a':1,'b':'x'}", "{'a':1}", "{'b':['x',null]}" },
	{ "one that is null now", "{'a':'x'}", "{'a':null}", "{'a':['x',null]}" },
	{ "null and absent are the same", "{'a':null,'b':1}", "{'b':1,'c':null}" },
	{ "another kind", "{'a':'1'}", "{'a':1}", "{'a':['1',1]}" },
	{ "order means nothing", "{'a':1,'b':{'c':2,'d':3}}", "{'b':{'d':3,'c':2},'a':1}" },
	{ "nor do spelling and white space", "{'a':'\\u0041','n':1.0}", "{ 'a' : 'A' ,\n'n':1}" },
	{ "nor annotations", "{'@odata.etag':'x','a':1}", "{'@odata.etag':'y','a':1}" },
	{ "nor their absence", "{'@odata.etag':'x'}", "{}" },
	{ "nested: the property whole, without white space",
	  "{'a':{'b': [1, {'c' : 'two words'}]}}", "{'a': {'b': [2]}}",
	  "{'a':[{'b':[1,{'c':'two words'}]},{'b':[2]}]}" },
	{ "quotes and backslashes in a value", "{'a':'x'}", "{'a':' \\' \\\\'}",
	  "{'a':['x',' \\' \\\\']}" },
	{ "an escaped key", "{'a\\nb':1}", "{'a\\nb':2}", "{'a\\nb':[1,2]}" },
	{ "no object", "[1]", "[2]" },
	{ "no JSON", "{'a':1}", "{'a':" },
	{ "no text", "", "{'a':1}" },
};

static void json(struct w365_buf *out, const char *text)
{
	for (; *text; text++)
		w365_buf_addc(out, *text == '\'' ? '"' : *text);
}

static struct w365_span span(const struct w365_buf *b)
{
	return (struct w365_span){ w365_buf_str(b), b->len };
}

static void check_cases(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf was = W365_BUF, is = W365_BUF,
							 want = W365_BUF;
		_cleanup_(fs_changes_done) struct fs_changes got = { 0 };

		json(&was, cases[i].was);
		json(&is, cases[i].is);
		json(&want, cases[i].values ? cases[i].values : "");
		CHECK_INT(cases[i].why, fs_changes(span(&was), span(&is), &got),
			  cases[i].values != NULL);
		if (cases[i].values)
			CHECK_STR(cases[i].why, w365_buf_str(&got.values), w365_buf_str(&want));
		CHECK_STR("nothing is cut", w365_buf_str(&got.cut), "");
	}
}

/* {"p0":"xxx...", "p1":...}: @n properties with values of @len bytes each, quotes included. */
static void wide(struct w365_buf *out, unsigned n, size_t len, char fill)
{
	for (unsigned i = 0; i < n; i++) {
		w365_buf_addf(out, "%c\"p%u\":\"", i ? ',' : '{', i);
		for (size_t k = 2; k < len; k++)
			w365_buf_addc(out, fill);
		w365_buf_addc(out, '"');
	}
	w365_buf_addc(out, '}');
}

static void check_long(void)
{
	_cleanup_(w365_buf_done) struct w365_buf most = W365_BUF, more = W365_BUF, a = W365_BUF,
						 b = W365_BUF;
	_cleanup_(fs_changes_done) struct fs_changes fits = { 0 }, cut = { 0 }, many = { 0 };

	wide(&most, 1, FS_CHANGES_VALUE_MAX, 'm');
	wide(&more, 1, FS_CHANGES_VALUE_MAX + 1, 'M');
	CHECK("a long value", fs_changes(W365_SPAN("{\"p0\":1}"), span(&most), &fits));
	CHECK_STR("that is just short enough is shown", w365_buf_str(&fits.cut), "");
	CHECK_INT("whole", fits.values.len, strlen("{\"p0\":[1,]}") + FS_CHANGES_VALUE_MAX);
	CHECK("one that is longer", fs_changes(W365_SPAN("{\"p0\":1}"), span(&more), &cut));
	CHECK_STR("is null", w365_buf_str(&cut.values), "{\"p0\":[1,null]}");
	CHECK_STR("and named", w365_buf_str(&cut.cut), "[\"p0\"]");

	wide(&a, 100, 1000, 'a');
	wide(&b, 100, 1000, 'b');
	CHECK("many properties", fs_changes(span(&a), span(&b), &many));
	CHECK("a line has an end",
	      many.values.len < FS_CHANGES_MAX + 100 * sizeof("\"p00\":[null,null],"));
	CHECK("the first are shown",
	      strncmp(w365_buf_str(&many.values), "{\"p0\":[\"aaa", 10) == 0);
	CHECK("all are named", strstr(w365_buf_str(&many.values), "\"p99\":[null,null]}"));
	CHECK("and told to be long", strstr(w365_buf_str(&many.cut), ",\"p98\",\"p99\"]"));
}

int main(void)
{
	check_cases();
	check_long();
	return check_summary();
}
