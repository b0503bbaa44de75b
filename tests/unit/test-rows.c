/* Tables of reports: pages into objects and CSV. */
#include "base/macros.h"
#include "base/str.h"
#include "graph/rows.h"
#include "tests/lib/check.h"

#include <errno.h>

#define TABLE(schema, values) \
	"{\"TotalRowCount\":3,\"Schema\":[" schema "],\"Values\":[" values "]}"
#define COL(name, type) "{\"Column\":\"" name "\",\"PropertyType\":\"" type "\"}"

static const struct {
	const char *why, *pages[3], *json, *csv; /* json NULL: -EPROTO */
} cases[] = {
	{ "texts and numbers",
	  { TABLE(COL("A", "String") "," COL("B", "Int32"), "[\"x\",1],[null,-2.5]") },
	  "[{\"A\":\"x\",\"B\":1},{\"A\":null,\"B\":-2.5}",
	  "A,B\r\nx,1\r\n,-2.5\r\n" },
	{ "numbers that were sent as text",
	  { TABLE(COL("A", "Int64") "," COL("B", "Double") "," COL("C", "String"),
		  "[\"12\",\"1.50\",\"7\"]") },
	  "[{\"A\":12,\"B\":1.50,\"C\":\"7\"}",
	  "A,B,C\r\n12,1.50,7\r\n" },
	{ "what is no number stays",
	  { TABLE(COL("A", "Int32"),
		  "[\"\"],[\"n/a\"],[\"007\"],[\"1.\"],[\"-\"],[\"1e\"],[\"-1E+5\"]") },
	  "[{\"A\":\"\"},{\"A\":\"n/a\"},{\"A\":\"007\"},{\"A\":\"1.\"},{\"A\":\"-\"},{\"A\":\"1e\"},{\"A\":-1E+5}",
	  "A\r\n\"\"\r\nn/a\r\n007\r\n1.\r\n-\r\n1e\r\n-1E+5\r\n" },
	{ "truth",
	  { TABLE(COL("A", "Boolean"), "[true],[\"False\"],[\"TRUE\"],[\"maybe\"]") },
	  "[{\"A\":true},{\"A\":false},{\"A\":true},{\"A\":\"maybe\"}",
	  "A\r\ntrue\r\nFalse\r\nTRUE\r\nmaybe\r\n" },
	{ "dates as they are",
	  { TABLE(COL("A", "DateTime"), "[\"2026-11-22T09:30:15\"]") },
	  "[{\"A\":\"2026-11-22T09:30:15\"}",
	  "A\r\n2026-11-22T09:30:15\r\n" },
	{ "objects",
	  { TABLE(COL("A", "Json"), "[{\"b\": [1,2]}],[\"{\\\"c\\\":1}\"],[\"{broken\"],[\"7\"]") },
	  "[{\"A\":{\"b\": [1,2]}},{\"A\":{\"c\":1}},{\"A\":\"{broken\"},{\"A\":\"7\"}",
	  "A\r\n\"{\"\"b\"\": [1,2]}\"\r\n\"{\"\"c\"\":1}\"\r\n{broken\r\n7\r\n" },
	{ "all that CSV must quote",
	  { TABLE(COL("a,b", "String") "," COL("c\\\"d", "String"),
		  "[\"x,y\",\"say \\\"hi\\\"\"],[\"two\\nlines\",\"\\r\"],[\" x\",\"y \"],[\"\\u00e4\",\"\xe2\x82\xac\"]") },
	  "[{\"a,b\":\"x,y\",\"c\\\"d\":\"say \\\"hi\\\"\"},{\"a,b\":\"two\\nlines\",\"c\\\"d\":\"\\r\"},{\"a,b\":\" x\",\"c\\\"d\":\"y \"},{\"a,b\":\"\\u00e4\",\"c\\\"d\":\"\xe2\x82\xac\"}",
	  "\"a,b\",\"c\"\"d\"\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",\"\r\"\r\n\" x\",\"y \"\r\n\xc3\xa4,\xe2\x82\xac\r\n" },
	{ "an empty text is told from none",
	  { TABLE(COL("A", "String") "," COL("B", "String"), "[\"\",null]") },
	  "[{\"A\":\"\",\"B\":null}",
	  "A,B\r\n\"\",\r\n" },
	{ "no rows", { TABLE(COL("A", "String"), "") }, "[", "A\r\n" },
	{ "pages",
	  { TABLE(COL("A", "Int32"), "[1],[2]"), TABLE(COL("A", "Int32"), "[3]") },
	  "[{\"A\":1},{\"A\":2},{\"A\":3}",
	  "A\r\n1\r\n2\r\n3\r\n" },
	{ "another table",
	  { TABLE(COL("A", "Int32"), "[1]"), TABLE(COL("B", "Int32"), "[2]") },
	  NULL,
	  NULL },
	{ "too many cells", { TABLE(COL("A", "Int32"), "[1,2]") }, NULL, NULL },
	{ "too few", { TABLE(COL("A", "Int32") "," COL("B", "Int32"), "[1]") }, NULL, NULL },
	{ "a row that is none", { TABLE(COL("A", "Int32"), "{\"A\":1}") }, NULL, NULL },
	{ "no columns", { TABLE("", "") }, NULL, NULL },
	{ "a column without a name", { TABLE("{\"PropertyType\":\"String\"}", "") }, NULL, NULL },
	{ "no table", { "{\"value\":[]}" }, NULL, NULL },
	{ "no JSON", { "A,B\n1,2\n" }, NULL, NULL },
	{ "nothing", { "" }, NULL, NULL },
};

static int add_all(struct graph_rows *r, const char *const *pages, struct w365_err *err)
{
	uint64_t rows, total;
	int e = 0;

	for (unsigned k = 0; e == 0 && k < 3 && pages[k]; k++)
		e = graph_rows_add(r, pages[k], strlen(pages[k]), UINT64_MAX, &rows, &total, err);
	return e;
}

static void test_counts(void)
{
	_cleanup_(graph_rows_done) struct graph_rows r = { 0 };
	static const char text[] = TABLE(COL("A", "Int32"), "[1],[2],[3]"),
			  silent[] = "{\"Schema\":[" COL("A", "Int32") "],\"Values\":[[4]]}";
	uint64_t rows, total;
	struct w365_err err;

	CHECK_INT("a page", graph_rows_add(&r, text, strlen(text), 2, &rows, &total, &err), 0);
	CHECK_STR("of which two rows are wanted", w365_buf_str(&r.out), "[{\"A\":1},{\"A\":2}");
	CHECK("has three, as it says", rows == 3 && total == 3 && r.n == 2);
	CHECK_INT("one that does not say",
		  graph_rows_add(&r, silent, strlen(silent), 9, &rows, &total, &err), 0);
	CHECK("how many there are", rows == 1 && total == UINT64_MAX);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (unsigned csv = 0; csv < 2; csv++) {
			_cleanup_(graph_rows_done) struct graph_rows r = { .csv = csv };
			struct w365_err err = { 0 };
			const char *want = csv ? cases[i].csv : cases[i].json;

			CHECK_INT(cases[i].why, add_all(&r, cases[i].pages, &err),
				  want ? 0 : -EPROTO);
			if (want)
				CHECK_STR(cases[i].why, w365_buf_str(&r.out), want);
			else
				CHECK(cases[i].why, strstr(err.msg, "no table"));
		}
	test_counts();
	return check_summary();
}
