/* The envelope of a page. */
#include "base/buf.h"
#include "base/macros.h"
#include "graph/page.h"
#include "tests/lib/check.h"

#include <errno.h>

static const struct {
	const char *why, *text;
	int items; /* -1: refused */
	const char *next;
} cases[] = {
	{ "the last page", "{\"value\":[{\"id\":\"a\"},{\"id\":\"b\"}]}", 2, NULL },
	{ "an empty collection", "{\"value\":[]}", 0, NULL },
	{ "white space everywhere", " { \"value\" : [ 1 , 2 ] } \n", 2, NULL },
	{ "the link before the items",
	  "{\"@odata.context\":\"c\",\"@odata.nextLink\":\"https://g/x\",\"value\":[1]}", 1,
	  "https://g/x" },
	{ "the link behind the items", "{\"value\":[1],\"@odata.nextLink\":\"https://g/y\"}", 1,
	  "https://g/y" },
	{ "escapes in the link", "{\"value\":[],\"@odata.nextLink\":\"https:\\/\\/g\\u002fz\"}", 0,
	  "https://g/z" },
	{ "an empty page that has a successor",
	  "{\"@odata.nextLink\":\"https://g/x\",\"value\":[]}", 0, "https://g/x" },
	{ "a link that is null is none", "{\"@odata.nextLink\":null,\"value\":[1]}", 1, NULL },
	{ "brackets in strings", "{\"value\":[\"]}\",\"[{\"],\"n\":{\"value\":[9]}}", 2, NULL },
	{ "HTML", "<html><body>proxy</body></html>", -1, NULL },
	{ "nothing", "", -1, NULL },
	{ "no value", "{\"id\":\"x\"}", -1, NULL },
	{ "value is an object", "{\"value\":{}}", -1, NULL },
	{ "value twice", "{\"value\":[1],\"value\":[2]}", -1, NULL },
	{ "an array", "[1]", -1, NULL },
	{ "cut in the items", "{\"value\":[{\"id\":\"a\"},{\"id", -1, NULL },
	{ "cut behind the items", "{\"value\":[1]", -1, NULL },
	{ "cut in the link", "{\"value\":[1],\"@odata.nextLink\":\"https", -1, NULL },
	{ "a bad item", "{\"value\":[{\"id\":x}]}", -1, NULL },
	{ "a missing comma", "{\"value\":[1 2]}", -1, NULL },
	{ "a trailing comma in the items", "{\"value\":[1,]}", -1, NULL },
	{ "a trailing comma", "{\"value\":[1],}", -1, NULL },
	{ "something behind", "{\"value\":[]} x", -1, NULL },
	{ "a link that is no text", "{\"value\":[],\"@odata.nextLink\":7}", -1, NULL },
	{ "wrong bracket", "{\"value\":[1}}", -1, NULL },
};

static int read_items(const char *text, struct w365_buf *next, struct w365_err *err)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	struct graph_page page;
	int r = graph_page_open(&page, text, strlen(text), err), n = 0;

	if (r < 0)
		return r;
	if (page.next_link.p)
		graph_page_next(&page, next);
	while ((r = graph_page_item(&page, &j, err)) > 0)
		n++;
	return r < 0 ? r : n;
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf next = W365_BUF;
		struct w365_err err = { 0 };
		int n = read_items(cases[i].text, &next, &err);

		CHECK_INT(cases[i].why, n, cases[i].items < 0 ? -EPROTO : cases[i].items);
		if (n >= 0)
			CHECK_STR(cases[i].why, next.data, cases[i].next);
		else
			CHECK(cases[i].why, strstr(err.msg, "no collection") != NULL);
	}
	return check_summary();
}
