/* A name that is a question: whatever it is, it is refused with a sentence, or asks for an address with as many steps as the
 * catalogue gives it, whatever is in it; a report for a body that is JSON. */
#include "base/json.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/question.h"
#include "tests/fuzz/demand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define QUESTIONS_MAX 128

static struct graph_question questions[QUESTIONS_MAX];
static unsigned n_questions;

static unsigned count(const char *s, char c)
{
	unsigned n = 0;

	for (; *s; s++)
		n += *s == c;
	return n;
}

static void check_url(const struct graph_question *q, const struct graph_asked *a)
{
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;
	unsigned options = 0;

	graph_question_url(&url, q, a, "ID");
	for (unsigned i = 0; i < a->n; i++)
		options += a->arguments[i].p->query != NULL;
	for (size_t i = 0; i < url.len; i++)
		demand(url.data[i] > ' ' && url.data[i] < 0x7f &&
		       !strchr("\"#<>\\^`{|}", url.data[i]));
	demand(count(url.data, '?') == (options > 0) && count(url.data, '&') + 1 >= options);
	demand(count(url.data, '/') == count(q->path, '/') + (q->download != NULL));
	demand(count(url.data, '\'') % 2 == 0);
	demand(!strstr(url.data, "/../") && !strstr(url.data, "/./"));
}

static void check_body(const struct graph_asked *a)
{
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;
	struct w365_json j = { 0 };

	graph_question_body(&body, a, 5, 7);
	demand(w365_json_parse(&j, body.data, body.len, NULL, NULL) == 0);
	demand(j.nodes[0].kind == W365_JSON_IS_OBJECT);
	w365_json_done(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct graph_part beta = { .version = GRAPH_BETA };
	const struct graph_question *q;
	struct graph_asked a;
	struct w365_err err = { 0 };
	char *name;
	int r;

	if (!n_questions)
		for (unsigned at = 0; graph_question_next(&beta, &at, &questions[n_questions]);)
			demand(++n_questions < QUESTIONS_MAX);
	if (size < 2)
		return 0;
	q = &questions[data[0] % n_questions];
	name = strndup((const char *)data + 2, size - 2);
	r = graph_question_read(q, GRAPH_BETA, data[1] & 1, name, &a, &err);
	demand(r == 1 || r == 0 || (r == -EINVAL && *err.msg));
	if (r == 1) {
		demand(a.csv <= q->report && (a.item.len > 0) == (q->n_ids > 0));
		check_url(q, &a);
		if (q->report)
			check_body(&a);
		graph_asked_done(&a);
	}
	free(name);
	return 0;
}
