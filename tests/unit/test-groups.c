/* What a view shows: items by the value of a property. */
#include "base/buf.h"
#include "base/macros.h"
#include "fs/groups.h"
#include "graph/builder.h"
#include "graph/page.h"
#include "graph/render.h"
#include "tests/lib/check.h"

#include <stdlib.h>

static const struct graph_grouping views[] = {
	{ "by-status", "status", GRAPH_BETA, false },
	{ "by-group", "groupDetail/groupDisplayName", GRAPH_BETA, false },
	{ "by-scope", "scopeIds", GRAPH_BETA, false },
	{ "by-recovery", "isDisasterRecoveryActive", GRAPH_BETA, false },
	{ NULL, NULL, 0, false },
};

static const struct {
	const char *why, *items, *groups[4]; /* "NAME:ids NAME:ids", sorted by name */
} cases[] = {
	{ "values, and none",
	  "{\"id\":\"a\",\"status\":\"failed\"},{\"id\":\"b\",\"status\":\"failed\"},{\"id\":\"c\"},"
	  "{\"id\":\"d\",\"status\":null},{\"id\":\"e\",\"status\":\"\"},{\"id\":\"f\",\"status\":\"  \"},"
	  "{\"id\":\"g\",\"status\":\"provisioned\"}",
	  { "(none):cdef failed:ab provisioned:g", "(none):abcdefg", "(none):abcdefg",
	    "(none):abcdefg" } },
	{ "encoded as names are",
	  "{\"id\":\"a\",\"status\":\"x/y\"},{\"id\":\"b\",\"status\":\"..\"},{\"id\":\"c\",\"status\":\"50%\"},"
	  "{\"id\":\"d\",\"status\":\"\\\"q\\\"\"},{\"id\":\"e\",\"status\":\"\\u00e4\"},{\"id\":\"f\",\"status\":\"\xc3\xa4\"}",
	  { "\"q\":d %2E.:b 50%25:c x%2Fy:a \xc3\xa4:ef", "(none):abcdef", "(none):abcdef",
	    "(none):abcdef" } },
	{ "inside an object, and not outside of it",
	  "{\"id\":\"a\",\"groupDetail\":{\"groupId\":\"1\",\"groupDisplayName\":\"Sales\"}},"
	  "{\"id\":\"b\",\"groupDetail\":null},{\"id\":\"c\",\"groupDetail\":{}},"
	  "{\"id\":\"d\",\"groupDetail\":{\"groupDisplayName\":\"Sales\"}},"
	  "{\"id\":\"e\",\"groupDetail\":{\"groupId\":\"1\"},\"userDetail\":{\"groupDisplayName\":\"no\"},\"groupDisplayName\":\"no\"}",
	  { "(none):abcde", "(none):bce Sales:ad", "(none):abcde", "(none):abcde" } },
	{ "an item is in the group of each value of an array, once",
	  "{\"id\":\"a\",\"scopeIds\":[\"0\",\"7\"]},{\"id\":\"b\",\"scopeIds\":[]},{\"id\":\"c\",\"scopeIds\":[\"7\",\"7\"]},"
	  "{\"id\":\"d\",\"scopeIds\":[\"a,\\nb\"]}",
	  { "(none):abcd", "(none):abcd", "(none):b 0:a 7:ac a,%0Ab:d", "(none):abcd" } },
	{ "words and numbers as they stand",
	  "{\"id\":\"a\",\"isDisasterRecoveryActive\":true},{\"id\":\"b\",\"isDisasterRecoveryActive\":false},"
	  "{\"id\":\"c\",\"isDisasterRecoveryActive\":12}",
	  { "(none):abc", "(none):abc", "(none):abc", "12:c false:b true:a" } },
	{ "a text of its own that looks like a member is none",
	  "{\"id\":\"a\",\"displayName\":\"\\n  \\\"status\\\": \\\"no\\\"\",\"userDetail\":{\"status\":\"no\"}}",
	  { "(none):a", "(none):a", "(none):a", "(none):a" } },
	{ "nobody", "", { "", "", "", "" } },
};

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void check_groups(const char *why, struct graph_snapshot *s, unsigned view, const char *want)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	const struct fs_groups *g = fs_groups_of(s, view);
	static char lines[16][600];

	CHECK(why, g && fs_groups_known(s, view) == g);
	for (uint32_t i = 0; i < g->n; i++) {
		const struct fs_group *group = &g->groups[i];
		char name[256], *p = lines[i], ids[16] = "";

		snprintf(name, sizeof(name), "%.*s", group->len, group->name);
		CHECK(why, fs_group_find(g, view, name) == group);
		CHECK(why, fs_group_by_key(g, group->key) == group);
		CHECK(why, fs_group_view(group->key) == view);
		CHECK(why, !i || group->key > group[-1].key);
		for (uint32_t k = 0; k < s->n_items; k++)
			if (fs_group_has(g, group, k))
				strncat(ids, s->items[k].id, 1);
		CHECK_INT(why, (int)strlen(ids), (int)group->n);
		for (char *x = ids; *x; x++) /* by id: keys are hashes */
			for (char *y = x + 1; *y; y++)
				if (*y < *x) {
					char t = *x;

					*x = *y;
					*y = t;
				}
		sprintf(p, "%s:%s", name, ids);
	}
	qsort(lines, g->n, sizeof(lines[0]), by_text);
	for (uint32_t i = 0; i < g->n; i++)
		w365_buf_addf(&b, "%s%s", i ? " " : "", lines[i]);
	CHECK_STR(why, w365_buf_str(&b), want);
	CHECK(why, !fs_group_find(g, view, "no such"));
}

static struct graph_snapshot *build(const struct graph_collection *c, const char *items)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	struct graph_builder *b;
	struct graph_page page;
	struct graph_snapshot *s = NULL;
	struct w365_err err;

	w365_buf_addf(&text, "{\"value\":[%s]}", items);
	if (graph_builder_new(c, GRAPH_BETA, NULL, NULL, &b) == 0 &&
	    graph_page_open(&page, text.data, text.len, &err) == 0 &&
	    graph_builder_page(b, &page, &err) == 0)
		s = graph_builder_finish(b, NULL, 1, (struct timespec){ 0 });
	graph_builder_free(b);
	return s;
}

static void test_long(const struct graph_collection *c)
{
	char items[2000], x[700];
	struct graph_snapshot *s;
	const struct fs_groups *g;

	memset(x, 'x', sizeof(x));
	snprintf(items, sizeof(items),
		 "{\"id\":\"a\",\"status\":\"%.600s1\"},{\"id\":\"b\",\"status\":\"%.600s2\"}", x,
		 x);
	s = build(c, items);
	g = fs_groups_of(s, 0);
	CHECK_INT("long values that differ are two groups", (int)g->n, 2);
	for (uint32_t i = 0; i < g->n; i++)
		CHECK("whose names are cut, and told apart",
		      g->groups[i].len == 250 && g->groups[i].name[241] == '~');
	graph_snapshot_unref(s);
}

/* One item replaced: names stay, so they are shared; groups may not. */
static void test_replaced(const struct graph_collection *c)
{
	struct graph_snapshot *s = build(c, "{\"id\":\"a\",\"status\":\"x\"}"),
			      *t = build(c, "{\"id\":\"a\",\"status\":\"y\"}"), *with;

	check_groups("before", s, 0, "x:a");
	with = graph_snapshot_with(s, &t->items[0], "a", 1);
	CHECK("groups are not shared", with && !with->groups);
	check_groups("after", with, 0, "y:a");
	check_groups("and before still", s, 0, "x:a");
	graph_snapshot_unref(with);
	graph_snapshot_unref(s);
	graph_snapshot_unref(t);
}

int main(void)
{
	struct graph_collection c = *graph_collection_find("cloudPCs");

	c.views = views;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct graph_snapshot *s = build(&c, cases[i].items);

		if (!CHECK(cases[i].why, s != NULL))
			continue;
		for (unsigned v = 0; v < 4; v++)
			check_groups(cases[i].why, s, v, cases[i].groups[v]);
		graph_snapshot_unref(s);
	}
	test_long(&c);
	test_replaced(&c);
	return check_summary();
}
