/* The pages of a report: whatever comes, it is refused with a sentence, or becomes an array of objects that is JSON, each with as
 * many members as there are columns, and CSV with as many fields in each line. */
#include "base/json.h"
#include "base/macros.h"
#include "graph/rows.h"
#include "tests/fuzz/demand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The whole answer, and once more as a second page of it. */
static int read_rows(struct graph_rows *r, const char *text, size_t len)
{
	uint64_t rows = 0, total;
	struct w365_err err = { 0 };

	for (unsigned i = 0; i < 2; i++) {
		int n = graph_rows_add(r, text, len, 1000, &rows, &total, &err);

		demand(n == 0 || (n == -EPROTO && *err.msg));
		if (n < 0)
			return n;
		demand(r->n == (i + 1) * MIN(rows, (uint64_t)1000));
	}
	return 0;
}

static void check_json(struct graph_rows *r)
{
	struct w365_json j = { 0 };
	uint64_t rows = 0;

	w365_buf_adds(&r->out, "]");
	demand(w365_json_parse(&j, r->out.data, r->out.len, NULL, NULL) == 0);
	demand(j.nodes[0].kind == W365_JSON_IS_ARRAY);
	for (uint32_t i = 1; i < j.nodes[0].next; i = j.nodes[i].next, rows++)
		demand(j.nodes[i].kind == W365_JSON_IS_OBJECT);
	demand(rows == r->n);
	w365_json_done(&j);
}

/* RFC 4180, as a strict reader has it. */
static void check_csv(const struct graph_rows *r)
{
	const char *p = r->out.data, *end = p + r->out.len;
	uint64_t lines = 0;
	unsigned fields = 1, columns = 0;

	for (; p < end; p++) {
		if (*p == '"') {
			for (p++; demand(p < end), *p != '"' || (p + 1 < end && p[1] == '"'); p++)
				p += *p == '"';
			demand(p + 1 < end && (p[1] == ',' || p[1] == '\r'));
		} else if (*p == ',') {
			fields++;
		} else if (*p == '\r') {
			demand(++p < end && *p == '\n');
			demand(!columns || fields == columns);
			columns = fields;
			fields = 1;
			lines++;
		} else {
			demand(*p != '\n');
		}
	}
	demand(fields == 1 && lines == r->n + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	for (unsigned csv = 0; csv < 2; csv++) {
		struct graph_rows r = { .csv = csv };

		if (read_rows(&r, text, strlen(text)) == 0) {
			if (csv)
				check_csv(&r);
			else
				check_json(&r);
		}
		graph_rows_done(&r);
	}
	free(text);
	return 0;
}
