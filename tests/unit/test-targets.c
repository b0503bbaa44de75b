/* Which item a name, a path or an id means. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/targets.h"
#include "graph/builder.h"
#include "graph/page.h"
#include "tests/lib/check.h"

#include <errno.h>

#define ID1 "11111111-aaaa-4aaa-8aaa-111111111111"

static const char items[] =
	"{\"value\":[{\"id\":\"" ID1 "\",\"displayName\":\"Alex\"},"
	"{\"id\":\"b\",\"displayName\":\"Sales\"},{\"id\":\"c\",\"displayName\":\"Sales\"},"
	"{\"id\":\"d/e\",\"displayName\":\"R/D\"},{\"id\":\"f\",\"displayName\":\".x\"},"
	"{\"id\":\"g\"},{\"id\":\"h\",\"displayName\":\"b\"},{\"id\":\"i\",\"displayName\":\"x.json\"},"
	"{\"id\":\"j\",\"displayName\":\"50%\"}]}";

static const struct {
	const char *why, *text, *ids; /* NULL: -ENOENT, with a sentence */
	bool below;
} cases[] = {
	{ "a file's name", "Alex.json", ID1, false },
	{ "without its suffix", "Alex", ID1, false },
	{ "an id", ID1, ID1, false },
	{ "an id as a file", ID1 ".json", ID1, false },
	{ "unknown", "Alec", "", false },
	{ "nothing", "", "", false },
	{ "another case is another name", "alex", "", false },
	{ "two of a name", "Sales", "b c", false },
	{ "two of a name, as a file that is not there", "Sales.json", "b c", false },
	{ "one of the two, as it is listed", "Sales~b.json", "b", false },
	{ "without its suffix too", "Sales~c", "c", false },
	{ "encoded", "R%2FD.json", "d/e", false },
	{ "as people write it", "R/D", "d/e", false },
	{ "an id with a slash", "d/e", "d/e", false },
	{ "an id with a slash, encoded", "d%2Fe", "d/e", false },
	{ "a point at the start", "%2Ex", "f", false },
	{ "as people write that", ".x", "f", false },
	{ "a percent", "50%", "j", false },
	{ "no name at all", "g", "g", false },
	{ "one's name and another's id", "b", "b h", false },
	{ "as it is listed it is the name", "b.json", "h", false },
	{ "in by-id it is the id", "by-id/b", "b", false },
	{ "its own id and name", "g", "g", false },
	{ "a name that ends like a file", "x.json", "i", false },
	{ "the file of that", "x.json.json", "i", false },
	{ "a path", "cloudPCs/Alex.json", ID1, false },
	{ "a path without the suffix", "cloudPCs/Alex", ID1, false },
	{ "from above", "./cloudPCs//Alex.json", ID1, false },
	{ "from beside", "../cloudPCs/Alex.json", ID1, false },
	{ "from a folder in it", "../Alex.json", ID1, false },
	{ "by id", "by-id/b.json", "b", false },
	{ "by id is no name", "by-id/Alex.json", "", false },
	{ "by id from the root", "cloudPCs/by-id/d%2Fe.json", "d/e", false },
	{ "of a view", "by-status/failed/Alex.json", ID1, false },
	{ "of a view from elsewhere", "../../cloudPCs/by-user/a@b.c/Sales~b.json", "b", false },
	{ "a view's group like a collection", "by-policy/userSettings/Alex.json", ID1, false },
	{ "absolute", "/mnt/pc/cloudPCs/Alex.json", ID1, false },
	{ "unknown in the right place", "cloudPCs/None.json", "", false },
	{ "absolute, of another place", "/etc/Alex.json", NULL, false },
	{ "absolute, of a neighbour", "/mnt/pc2/cloudPCs/Alex.json", NULL, false },
	{ "another collection", "userSettings/Alex.json", NULL, false },
	{ "another collection, absolute", "/mnt/pc/userSettings/Alex.json", NULL, false },
	{ "a control file", "cloudPCs/actions/reboot", NULL, false },
	{ "a directory", "cloudPCs/", NULL, false },
	{ "the root", "/", NULL, false },
	{ "only points", "../..", NULL, false },
	{ "below an item", "Alex%2Fa1", ID1 "/a1", true },
	{ "below an item, as a file", "Alex%2Fa1.json", ID1 "/a1", true },
	{ "below an item, with a slash", ID1 "/a1", ID1 "/a1", true },
	{ "below one of two", "Sales%2Fa1", "b/a1 c/a1", true },
	{ "below nothing", "None%2Fa1", "", true },
	{ "an item, where it must be below", "Alex", "", true },
	{ "nothing below it", "Alex%2F", "", true },
};

static void on_odd(void *arg, const char *sentence)
{
	(void)arg;
	printf("# %s\n", sentence);
}

static struct graph_snapshot *build(void)
{
	struct graph_snapshot *s = NULL;
	struct graph_builder *b;
	struct graph_page page;
	struct w365_err err;

	if (graph_builder_new(graph_collection_find("cloudPCs"), GRAPH_BETA, on_odd, NULL, &b) ==
		    0 &&
	    graph_page_open(&page, items, strlen(items), &err) == 0 &&
	    graph_builder_page(b, &page, &err) == 0)
		s = graph_builder_finish(b, NULL, 1, (struct timespec){ 0 });
	graph_builder_free(b);
	return s;
}

int main(void)
{
	struct graph_snapshot *s = build();
	struct fs_targets t = { .snapshot = s, .mountpoint = "/mnt/pc" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct graph_found found[4] = { 0 };
		struct w365_err err = { 0 };
		char ids[400] = "", *p = ids;
		int n;

		t.below = cases[i].below;
		n = fs_targets_resolve(&t,
				       (struct w365_span){ cases[i].text, strlen(cases[i].text) },
				       found, 4, &err);
		if (!cases[i].ids) {
			CHECK_INT(cases[i].why, n, -ENOENT);
			CHECK(cases[i].why, strstr(err.msg, "does not lead to cloudPCs"));
			continue;
		}
		/* The order of items is that of their keys. */
		if (n == 2 && found[0].id.p[0] > found[1].id.p[0]) {
			struct graph_found first = found[0];

			found[0] = found[1];
			found[1] = first;
		}
		for (int k = 0; k < n; k++) {
			p += sprintf(p, "%s%.*s", k ? " " : "", (int)found[k].id.len,
				     found[k].id.p);
			CHECK(cases[i].why, w365_ends(found[k].entry.p, ".json") &&
						    strlen(found[k].entry.p) == found[k].entry.len);
		}
		CHECK_STR(cases[i].why, ids, cases[i].ids);
	}
	t.below = false;
	CHECK_INT("more than there is room for",
		  fs_targets_resolve(&t, W365_SPAN("Sales"), NULL, 0, NULL), 2);
	fs_targets_done(&t);
	graph_snapshot_unref(s);
	return check_summary();
}
