/* What the service answers to actions: batches, and what is looked at afterwards. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/batch-wire.h"
#include "graph/watch.h"
#include "tests/fuzz/demand.h"

#include <stdlib.h>

#define POSTS 20

static void read_answers(const char *text, size_t len)
{
	struct graph_batch_answer answers[POSTS] = { 0 };
	struct w365_err err = { 0 };
	int r = graph_batch_read(text, len, answers, POSTS, &err);

	demand((r < 0) == (err.num != 0));
	for (unsigned i = 0; i < POSTS; i++)
		demand(answers[i].status >= 0 && answers[i].status <= 999 &&
		       (answers[i].status || !answers[i].body.len));
	graph_batch_answers_done(answers, POSTS);
}

/* The text as the item, as what was sent, and as what was answered. */
static void look(const struct graph_action *a, const char *text, size_t len)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	struct graph_watch w = { .action = a, .version = GRAPH_BETA, .sent = 1795339815 };
	struct graph_outcome out;

	w.body = w.result = text;
	for (unsigned i = 0; i < 2; i++) {
		graph_watch_look(&w, text, len, &out);
		demand(strlen(out.detail) < sizeof(out.detail));
		w.ran = true;
	}
	graph_watch_look(&w, NULL, 0, &out);
	demand(out.state == GRAPH_WATCH_UNKNOWN || out.state == GRAPH_WATCH_DONE);
	for (unsigned i = 0; i < 3; i++)
		graph_watch_item(&w, i, &b);
	w365_buf_reset(&b);
	if (graph_watch_path(&w, "i/d", &b))
		for (const char *p = w365_buf_str(&b); *p; p++)
			demand((unsigned char)*p > ' ' && (unsigned char)*p < 0x7f && *p != '?' &&
			       *p != '#');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct graph_action actions[64];
	static unsigned n;
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	for (unsigned i = 0; !n && i < graph_n_collections; i++)
		for (unsigned at = 0;
		     graph_action_next(&graph_collections[i], GRAPH_BETA, &at, &actions[n]);)
			n++;
	if (!size)
		return 0;
	w365_buf_add(&text, data + 1, size - 1);
	w365_buf_room(&text, 0);
	read_answers(text.data, text.len);
	look(&actions[data[0] % n], text.data, text.len);
	return 0;
}
