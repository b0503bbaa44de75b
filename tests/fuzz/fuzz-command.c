/* A line of a control file: whatever it is, it is refused with a sentence, or it gives a body that is
 * JSON, and that, sent as JSON, gives the same body again. */
#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "graph/command.h"
#include "graph/lines.h"
#include "tests/fuzz/demand.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ACTIONS_MAX 64

static struct graph_action actions[ACTIONS_MAX];
static unsigned n_actions;

/* The item "x", two called "y", and "a b"; what begins with '/' leads elsewhere. */
static int resolve(void *arg, struct w365_span text, struct graph_found *ret, unsigned max,
		   struct w365_err *reterr)
{
	struct graph_found x = { W365_SPAN("x"), W365_SPAN("a b"), W365_SPAN("a b.json") };
	unsigned n =
		w365_span_is(text, "y") ? 2 : w365_span_is(text, "x") || w365_span_is(text, "a b");

	demand(text.p && !memchr(text.p, '\0', text.len) && max >= 2);
	if (text.len && *text.p == '/')
		return w365_err_set(reterr, 2, "elsewhere");
	for (unsigned i = 0; i < n; i++)
		ret[i] = x;
	return (int)n;
}

static int read_line(const struct graph_action *a, const char *line, size_t len,
		     struct graph_command *c)
{
	struct graph_command_reader r = { .action = a, .version = GRAPH_BETA, .resolve = resolve };
	struct w365_err err = { 0 };
	int n = graph_command_read(&r, line, len, c, &err);

	demand(n <= 1 && (n < 0) == (err.num != 0) && (n >= 0 || (err.num == -n && *err.msg)));
	return n;
}

static void check_command(const struct graph_action *a, const struct graph_command *c)
{
	_cleanup_(w365_buf_done) struct w365_buf again = W365_BUF;
	struct w365_json j = { 0 };
	struct graph_command second;
	int n;

	demand((c->id != NULL) == a->targeted && c->targets);
	if (c->body.len) {
		demand(w365_json_parse(&j, c->body.data, c->body.len, NULL, NULL) == 0);
		demand(j.nodes[0].kind == W365_JSON_IS_OBJECT && j.nodes[0].next > 1);
	}
	w365_json_done(&j);
	w365_buf_adds(&again, "{");
	if (c->id)
		w365_buf_addf(&again, "\"target\":\"x\"%s", c->body.len ? "," : "");
	w365_buf_adds(&again, c->body.len ? c->body.data + 1 : "}");
	n = read_line(a, again.data, again.len, &second);
	demand(n == 1 && strcmp(w365_buf_str(&second.body), w365_buf_str(&c->body)) == 0);
	demand(second.targets == c->targets && second.safety == c->safety);
	graph_command_done(&second);
}

static void each_line(const struct graph_action *a, const char *p, size_t len)
{
	struct graph_command c;
	char *line = strndup(p, len);

	if (read_line(a, line, len, &c) > 0) {
		check_command(a, &c);
		graph_command_done(&c);
	}
	free(line);
}

/* Pieces of any size give the same lines. */
static void split(const struct graph_action *a, const char *text, size_t len, size_t step)
{
	_cleanup_(w365_buf_done) struct w365_buf all = W365_BUF;
	struct graph_lines lines = { 0 };
	struct w365_span line;
	int r = 0;

	for (size_t at = 0; r >= 0 && at < len; at += step) {
		graph_lines_feed(&lines, text + at, MIN(step, len - at));
		while ((r = graph_lines_next(&lines, &line, NULL)) > 0) {
			demand(line.p[line.len] == '\0' && strlen(line.p) == line.len);
			w365_buf_addf(&all, "%s\n", line.p);
			each_line(a, line.p, line.len);
		}
	}
	if (r >= 0 && graph_lines_rest(&lines, &line, NULL) > 0)
		w365_buf_adds(&all, line.p);
	demand((r < 0) == (memchr(text, '\0', len) != NULL));
	demand(r < 0 || (all.len == len && memcmp(w365_buf_str(&all), text, len) == 0));
	graph_lines_done(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (unsigned i = 0; !n_actions && i < graph_n_collections; i++)
		for (unsigned at = 0; graph_action_next(&graph_collections[i], GRAPH_BETA, &at,
							&actions[n_actions]);)
			n_actions++;
	if (size < 3)
		return 0;
	split(&actions[data[0] % n_actions], (const char *)data + 2, size - 2, 1 + data[1] % 32);
	return 0;
}
