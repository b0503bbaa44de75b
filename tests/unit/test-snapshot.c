/* Snapshots: order, ids, times, differences; and the names that the mount gives their items. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/listing.h"
#include "graph/builder.h"
#include "graph/page.h"
#include "tests/lib/check.h"

#include <errno.h>

W365_DEFINE_CLEANUP(struct graph_snapshot *, graph_snapshot_unref)

static unsigned odd;

static void on_odd(void *arg, const char *sentence)
{
	odd++;
	printf("# %s\n", sentence);
}

static struct graph_snapshot *build(const char *collection, const char *text,
				    struct graph_snapshot *before, time_t wall)
{
	const struct graph_collection *c = graph_collection_find(collection);
	struct graph_builder *b;
	struct graph_page page;
	struct graph_snapshot *s = NULL;
	struct w365_err err;

	odd = 0;
	if (graph_builder_new(c, GRAPH_BETA, on_odd, NULL, &b) == 0 &&
	    graph_page_open(&page, text, strlen(text), &err) == 0 &&
	    graph_builder_page(b, &page, &err) == 0)
		s = graph_builder_finish(b, before, 1, (struct timespec){ wall, 0 });
	graph_builder_free(b);
	return s;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of all items, sorted, with their ids: "id=name id=name". */
static const char *names(struct graph_snapshot *s)
{
	static char out[8192], lines[16][512];
	const struct fs_listing *l = fs_listing_of(s);
	char *sorted[16], *p = out;

	*p = '\0';
	for (uint32_t k = 0; k < s->n_items; k++) {
		const struct graph_item *it = &s->items[k];
		char entry[256];

		fs_listing_entry(s, l, it, entry);
		snprintf(lines[k], sizeof(lines[k]), "%s\t%.*s", entry, it->id_len, it->id);
		sorted[k] = lines[k];
		CHECK("each is found by its name", fs_listing_find(s, l, entry) == it);
		fs_listing_id_entry(it, entry);
		CHECK("and by its id", fs_listing_find_id(s, l, entry) == it);
		CHECK("and by its key", graph_snapshot_by_key(s, it->key) == it);
	}
	qsort(sorted, s->n_items, sizeof(*sorted), by_text);
	for (uint32_t k = 0; k < s->n_items; k++) {
		char *tab = strchr(sorted[k], '\t');

		p += sprintf(p, "%s%s=%.*s", k ? " " : "", tab + 1, (int)(tab - sorted[k]),
			     sorted[k]);
	}
	return out;
}

static const struct {
	const char *why, *items, *names;
	unsigned odd;
} cases[] = {
	{ "plain", "{\"id\":\"1\",\"displayName\":\"B\"},{\"id\":\"2\",\"displayName\":\"A\"}",
	  "2=A.json 1=B.json", 0 },
	{ "no name, no blank name: the id",
	  "{\"id\":\"1\"},{\"id\":\"2\",\"displayName\":\"  \"},{\"id\":\"3\",\"displayName\":null}",
	  "1=1.json 2=2.json 3=3.json", 0 },
	{ "a slash, a leading dot, a percent sign",
	  "{\"id\":\"1\",\"displayName\":\"a/b\"},{\"id\":\"2\",\"displayName\":\"..\"},{\"id\":\"3\",\"displayName\":\"100%\"}",
	  "2=%2E..json 3=100%25.json 1=a%2Fb.json", 0 },
	{ "control characters", "{\"id\":\"1\",\"displayName\":\"a\\nb\\u0000c\\u0085\"}",
	  "1=a%0Ab%00c%C2%85.json", 0 },
	{ "bytes that are not UTF-8, a lone surrogate",
	  "{\"id\":\"1\",\"displayName\":\"a\xff\"},{\"id\":\"2\",\"displayName\":\"b\\ud800\"}",
	  "1=a%FF.json 2=b\xef\xbf\xbd.json", 0 },
	{ "equal names: all get the beginning of the id",
	  "{\"id\":\"aaaaaaaa-1\",\"displayName\":\"X\"},{\"id\":\"bbbbbbbb-2\",\"displayName\":\"X\"},{\"id\":\"c\",\"displayName\":\"Y\"}",
	  "aaaaaaaa-1=X~aaaaaaaa.json bbbbbbbb-2=X~bbbbbbbb.json c=Y.json", 0 },
	{ "still equal: the whole id",
	  "{\"id\":\"same-beg-1\",\"displayName\":\"X\"},{\"id\":\"same-beg-2\",\"displayName\":\"X\"}",
	  "same-beg-1=X~same-beg-1.json same-beg-2=X~same-beg-2.json", 0 },
	{ "a name that looks like another's longer one",
	  "{\"id\":\"aaaaaaaa\",\"displayName\":\"X\"},{\"id\":\"bbbbbbbb\",\"displayName\":\"X\"},{\"id\":\"cccccccc\",\"displayName\":\"X~aaaaaaaa\"}",
	  "aaaaaaaa=X~aaaaaaaa.json cccccccc=X~aaaaaaaa~cccccccc.json bbbbbbbb=X~bbbbbbbb.json",
	  0 },
	{ "an item without an id is left out",
	  "{\"displayName\":\"X\"},{\"id\":\"\",\"displayName\":\"Z\"},{\"id\":7},{\"id\":\"1\",\"displayName\":\"Y\"}",
	  "1=Y.json", 3 },
	{ "of two items with one id the later wins",
	  "{\"id\":\"1\",\"displayName\":\"old\"},{\"id\":\"2\",\"displayName\":\"x\"},{\"id\":\"1\",\"displayName\":\"new\"}",
	  "1=new.json 2=x.json", 1 },
	{ "an item wrapped once more", "{\"value\":{\"id\":\"1\",\"displayName\":\"W\"}}",
	  "1=W.json", 0 },
	{ "an odd id", "{\"id\":\"a/b\"}", "a/b=a%2Fb.json", 0 },
};

static void test_names(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *s = NULL;
		char text[4096];

		snprintf(text, sizeof(text), "{\"value\":[%s]}", cases[i].items);
		s = build("deviceImages", text, NULL, 100);
		if (!CHECK(cases[i].why, s != NULL))
			continue;
		CHECK_STR(cases[i].why, names(s), cases[i].names);
		CHECK_INT(cases[i].why, odd, cases[i].odd);
		CHECK_INT(cases[i].why, s->n_odd, cases[i].odd);
	}
}

/* The service was asked for some alone, and may know of no such filter. */
static void test_only(void)
{
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *s = build(
		"managedDevices",
		"{\"value\":[{\"id\":\"1\",\"deviceName\":\"A\",\"model\":\"Cloud PC Enterprise 2vCPU\"},"
		"{\"id\":\"2\",\"deviceName\":\"B\",\"model\":\"Laptop 14\"},"
		"{\"id\":\"3\",\"deviceName\":\"C\",\"model\":\"cloud pc Frontline\"},"
		"{\"id\":\"4\",\"deviceName\":\"D\",\"model\":\"Cloud\"},"
		"{\"id\":\"5\",\"deviceName\":\"E\",\"model\":null},{\"id\":\"6\",\"deviceName\":\"F\"}]}",
		NULL, 100);

	CHECK_STR("what says that it is something else is left out", s ? names(s) : NULL,
		  "1=A.json 3=C.json 5=E.json 6=F.json");
	CHECK_INT("which is nothing odd", odd, 0);
}

static void test_order(void)
{
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *a = build(
		"deviceImages",
		"{\"value\":[{\"id\":\"aaaaaaaa1\",\"displayName\":\"X\"},{\"id\":\"bbbbbbbb2\",\"displayName\":\"X\"},{\"id\":\"cccccccc3\",\"displayName\":\"X\"}]}",
		NULL, 1);
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *b = build(
		"deviceImages",
		"{\"value\":[{\"id\":\"cccccccc3\",\"displayName\":\"X\"},{\"id\":\"aaaaaaaa1\",\"displayName\":\"X\"},{\"id\":\"bbbbbbbb2\",\"displayName\":\"X\"}]}",
		NULL, 1);
	char one[8192];

	snprintf(one, sizeof(one), "%s", names(a));
	CHECK_STR("the order of arrival changes no name", names(b), one);
	for (uint32_t i = 0; i < 3; i++)
		CHECK("nor an inode number", a->items[i].key == b->items[i].key);
}

static void test_long_names(void)
{
	char text[9000], entry[256], name[4001];
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *s = NULL;
	const struct fs_listing *l;
	size_t len;

	memset(name, 'n', 4000);
	name[4000] = '\0';
	snprintf(text, sizeof(text), "{\"value\":[{\"id\":\"12345678-x\",\"displayName\":\"%s\"}]}",
		 name);
	s = build("deviceImages", text, NULL, 1);
	l = fs_listing_of(s);
	len = fs_listing_entry(s, l, &s->items[0], entry);
	CHECK_INT("4,000 characters are cut to what fits", (int)len, 255);
	CHECK_STR("and get the beginning of the id", entry + len - 14, "~12345678.json");
	CHECK("it is found", fs_listing_find(s, l, entry) == &s->items[0]);
	graph_snapshot_unref(s);

	/* 130 umlauts of two bytes, 130 slashes of three */
	for (unsigned i = 0; i < 130; i++)
		memcpy(name + 2 * i, "\xc3\xa4", 3);
	snprintf(text, sizeof(text), "{\"value\":[{\"id\":\"1\",\"displayName\":\"x%s\"}]}", name);
	s = build("deviceImages", text, NULL, 1);
	len = fs_listing_entry(s, fs_listing_of(s), &s->items[0], entry);
	CHECK("a character is not cut in two",
	      len <= 255 && memcmp(entry + len - 9, "\xc3\xa4~1", 4) == 0);
	graph_snapshot_unref(s);
	memset(name, '/', 130);
	name[130] = '\0';
	snprintf(text, sizeof(text), "{\"value\":[{\"id\":\"1\",\"displayName\":\"%s\"}]}", name);
	s = build("deviceImages", text, NULL, 1);
	len = fs_listing_entry(s, fs_listing_of(s), &s->items[0], entry);
	CHECK("nor an escape", len <= 255 && memcmp(entry + len - 10, "%2F~1", 5) == 0);
}

static void test_times(void)
{
	static const char text[] =
		"{\"value\":[{\"id\":\"1\",\"displayName\":\"A\"},{\"id\":\"2\",\"displayName\":\"B\"}]}";
	static const char changed[] =
		"{\"value\":[{\"id\":\"1\",\"displayName\":\"A\"},{\"id\":\"2\",\"displayName\":\"C\"}]}";
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *a =
		build("servicePlans", text, NULL, 100);
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *b =
		build("servicePlans", changed, a, 200);
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *c = build(
		"cloudPCs",
		"{\"value\":[{\"id\":\"1\",\"lastModifiedDateTime\":\"2026-11-22T09:30:15.5Z\"},{\"id\":\"2\",\"lastModifiedDateTime\":\"0001-01-01T00:00:00Z\"}]}",
		NULL, 300);
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *g = build(
		"galleryImages",
		"{\"value\":[{\"id\":\"1\",\"startDate\":\"2026-11-22\"},{\"id\":\"2\",\"startDate\":\"1013-11-22\"}]}",
		NULL, 300);

	CHECK_INT("what has no time was first seen now",
		  graph_snapshot_by_id(a, "1", 1)->modified / 1000000000, 100);
	CHECK_INT("and then, if it did not change",
		  graph_snapshot_by_id(b, "1", 1)->modified / 1000000000, 100);
	CHECK_INT("but now if it did", graph_snapshot_by_id(b, "2", 1)->modified / 1000000000, 200);
	CHECK("its own time, with the fraction",
	      graph_snapshot_by_id(c, "1", 1)->modified == 1795339815500000000);
	CHECK_INT("a time that means none is none",
		  graph_snapshot_by_id(c, "2", 1)->modified / 1000000000, 300);
	CHECK_INT("a time that fits into no number of nanoseconds is none",
		  graph_snapshot_by_id(g, "2", 1)->modified / 1000000000, 300);
	CHECK_INT("a date alone", graph_snapshot_by_id(g, "1", 1)->modified / 1000000000,
		  20779 * 86400);
}

static char seen[256];

static void on_change(void *arg, const struct graph_item *was, const struct graph_item *is)
{
	sprintf(seen + strlen(seen), "%.*s>%.*s ", was ? was->id_len : 0, was ? was->id : "",
		is ? is->id_len : 0, is ? is->id : "");
}

static void test_diff(void)
{
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *a = build(
		"deviceImages",
		"{\"value\":[{\"id\":\"1\",\"displayName\":\"A\"},{\"id\":\"2\",\"displayName\":\"B\"},{\"id\":\"3\",\"displayName\":\"C\"}]}",
		NULL, 1);
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *b = build(
		"deviceImages",
		"{\"value\":[{\"id\":\"1\",\"displayName\":\"A\"},{\"id\":\"3\",\"displayName\":\"X\"},{\"id\":\"4\",\"displayName\":\"D\"}]}",
		a, 2);

	graph_snapshot_diff(a, b, on_change, NULL);
	CHECK("what went", strstr(seen, "2> ") != NULL);
	CHECK("what changed", strstr(seen, "3>3 ") != NULL);
	CHECK("what came", strstr(seen, ">4 ") != NULL);
	CHECK("and nothing else", strlen(seen) == 10);
	CHECK("the set of names has another hash",
	      fs_listing_of(a)->names_hash != fs_listing_of(b)->names_hash);
}

static void test_log_names(void)
{
	_cleanup_(graph_snapshot_unrefp) struct graph_snapshot *s = build(
		"auditEvents",
		"{\"value\":[{\"id\":\"1a2b3c4d-9\",\"activityType\":\"REBOOT CLOUDPC\",\"activityDateTime\":\"2026-11-22T17:30:15+08:00\"},"
		"{\"id\":\"9\",\"activityDateTime\":\"2026-11-22T00:00:00Z\"},"
		"{\"id\":\"same-beg-1\",\"activityType\":\"A/B\",\"activityDateTime\":\"2026-11-22T00:00:01Z\"},"
		"{\"id\":\"same-beg-2\",\"activityType\":\"A/B\",\"activityDateTime\":\"2026-11-22T00:00:01Z\"}]}",
		NULL, 1);

	CHECK_STR(
		"time in UTC, activity, 8 of the id", names(s),
		"9=000000Z-unknown-9.json same-beg-1=000001Z-A%2FB-same-beg-1.json same-beg-2=000001Z-A%2FB-same-beg-2.json "
		"1a2b3c4d-9=093015Z-REBOOT CLOUDPC-1a2b3c4d.json");
	for (uint32_t i = 0; i < s->n_items; i++)
		CHECK("a log's keys leave room for the day",
		      s->items[i].key < (uint64_t)1 << GRAPH_LOG_KEY_BITS);
}

static void test_bad(void)
{
	CHECK("an item that is no object ends it",
	      !build("deviceImages", "{\"value\":[1]}", NULL, 1));
	CHECK("so does bad JSON",
	      !build("deviceImages", "{\"value\":[{\"id\":\"1\"},{]}", NULL, 1));
}

int main(void)
{
	test_names();
	test_only();
	test_order();
	test_long_names();
	test_times();
	test_diff();
	test_log_names();
	test_bad();
	return check_summary();
}
