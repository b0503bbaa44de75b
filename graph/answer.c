#include "graph/answer.h"
#include "base/macros.h"
#include "graph/download.h"
#include "graph/page.h"
#include "graph/pager.h"
#include "graph/render.h"
#include "graph/rows.h"

#include <errno.h>

/* How many rows of a report are asked for at once. Most reports do not say how many they give; where
 * the first is more than they allow, the second is the most that one of them documents. */
#define ROWS_MANY 1000
#define ROWS_FEW  100

/* A report that goes on beyond this many pages does not end. */
#define PAGES_MAX 20000

struct graph_answer {
	struct graph_loop *loop;
	struct graph_client *client;
	enum graph_version version;
	const struct graph_question *q;
	const struct graph_asked *asked;
	graph_answer_fn *fn;
	void *arg;
	struct w365_buf url, items; /* items: the elements of an array, raw, with commas */
	struct w365_json json;
	struct graph_pager *pager;
	struct graph_call *call;
	struct graph_download *download;
	struct graph_rows rows;
	uint64_t skip, left, top; /* of a report: where to go on, how many are wanted, at once */
	unsigned pages;
	size_t bare; /* bytes of @url without the $select that nobody asked for; 0: there is none */
};

W365_DEFINE_CLEANUP(struct graph_answer *, graph_answer_free)

struct graph_answer *graph_answer_free(struct graph_answer *a)
{
	if (a) {
		graph_pager_free(a->pager);
		graph_call_cancel(a->call);
		graph_download_free(a->download);
		w365_buf_done(&a->url);
		w365_buf_done(&a->items);
		w365_json_done(&a->json);
		graph_rows_done(&a->rows);
		free(a);
	}
	return NULL;
}

static int ask(struct graph_answer *a, struct w365_err *reterr);

/* It may be the $select: a property that the service has dropped. As of a listing, there is less to see
 * without it, but more than nothing. */
static bool without_select(struct graph_answer *a, const struct w365_err *err)
{
	struct w365_err own;

	if (err->http != 400 || !a->bare || a->items.len)
		return false;
	a->url.len = a->bare;
	a->url.data[a->bare] = '\0';
	a->bare = 0;
	a->pager = graph_pager_free(a->pager);
	return ask(a, &own) == 0;
}

static void fail(struct graph_answer *a, const struct w365_err *err)
{
	if (without_select(a, err))
		return;
	a->fn(a->arg, NULL, err);
}

static void succeed(struct graph_answer *a, struct w365_buf *text)
{
	struct w365_err err;

	if (text->failed) {
		w365_err_oom(&err);
		fail(a, &err);
	} else {
		a->fn(a->arg, text, NULL);
	}
}

/* Hands out node @i of the text at hand, as a file shows it. */
static void show(struct graph_answer *a, uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;
	struct graph_render *r = graph_render_new(a->version);

	if (r)
		graph_render_append(r, &a->json, i, a->q->returns.type, &out);
	else
		out.failed = true;
	graph_render_free(r);
	succeed(a, &out);
}

/* The same of a text of ours, that nothing can be wrong with. */
static void show_text(struct graph_answer *a, const struct w365_buf *text)
{
	struct w365_err err;

	if (text->failed)
		w365_err_oom(&err);
	else if (w365_json_parse(&a->json, text->data, text->len, NULL, &err) == 0) {
		show(a, 0);
		return;
	}
	fail(a, &err);
}

/* ---- a collection ---- */

static int on_page(void *arg, struct graph_page *page, struct w365_err *reterr)
{
	struct graph_answer *a = arg;
	int r;

	while ((r = graph_page_item(page, &a->json, reterr)) > 0) {
		struct w365_span raw = w365_json_raw(&a->json, 0);
		bool quoted = a->json.nodes[0].kind == W365_JSON_IS_STRING;

		w365_buf_addc(&a->items, a->items.len ? ',' : '[');
		w365_buf_add(&a->items, raw.p - quoted, raw.len + 2 * quoted);
	}
	return r;
}

static void on_pages(void *arg, const struct w365_err *err)
{
	struct graph_answer *a = arg;

	if (err) {
		fail(a, err);
		return;
	}
	w365_buf_adds(&a->items, a->items.len ? "]" : "[]");
	show_text(a, &a->items);
}

/* ---- one value ---- */

/* Whether there is nothing beside "value" but annotations: then that is the value. Documented
 * examples wrap objects like that, and every primitive is. */
static bool wraps(const struct w365_json *j)
{
	if (j->nodes[0].kind != W365_JSON_IS_OBJECT || !w365_json_get(j, 0, "value"))
		return false;
	W365_JSON_EACH (j, 0, i) {
		struct w365_span key = { j->text + j->nodes[i].key, j->nodes[i].key_len };

		if (!w365_span_is(key, "value") && !memchr(key.p, '@', key.len))
			return false;
	}
	return true;
}

static void on_value(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_answer *a = arg;
	struct w365_err own;

	a->call = NULL;
	if (err) {
		fail(a, err);
	} else if (!reply->len) { /* 204: there is none */
		w365_buf_adds(&a->items, "null");
		show_text(a, &a->items);
	} else if (w365_json_parse(&a->json, reply->body, reply->len, NULL, &own) < 0) {
		if (own.num != ENOMEM)
			own.num = EPROTO;
		fail(a, &own);
	} else {
		show(a, wraps(&a->json) ? w365_json_get(&a->json, 0, "value") : 0);
	}
}

/* ---- a report ---- */

static void ask_rows(struct graph_answer *a);

static void show_rows(struct graph_answer *a)
{
	if (a->rows.csv) {
		succeed(a, &a->rows.out);
		return;
	}
	w365_buf_addc(&a->rows.out, ']');
	show_text(a, &a->rows.out);
}

static bool is_table(struct graph_answer *a, const struct w365_reply *reply)
{
	return w365_json_parse(&a->json, reply->body, reply->len, NULL, NULL) < 0 ||
	       w365_json_get(&a->json, 0, "Values");
}

static void on_rows(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_answer *a = arg;
	struct w365_err own;
	uint64_t rows, total;

	a->call = NULL;
	if (err && err->http == 400 && !a->pages && a->top > ROWS_FEW) {
		a->top = ROWS_FEW; /* that may have been too many */
		ask_rows(a);
		return;
	}
	if (err) {
		fail(a, err);
		return;
	}
	/* What is not a table is shown as it is. */
	if (!a->asked->csv && !a->pages && !is_table(a, reply)) {
		show(a, wraps(&a->json) ? w365_json_get(&a->json, 0, "value") : 0);
		return;
	}
	if (graph_rows_add(&a->rows, reply->body, reply->len, a->left, &rows, &total, &own) < 0) {
		fail(a, &own);
		return;
	}
	a->pages++;
	a->skip += rows;
	a->left -= MIN(rows, a->left);
	/* A page may have fewer rows than were asked for, and not be the last. */
	if (a->q->op->function || !a->left || !rows ||
	    (total == UINT64_MAX ? rows < a->top : a->skip >= total)) {
		show_rows(a);
	} else if (a->pages == PAGES_MAX) {
		w365_err_set(&own, EPROTO, "the report has more than %d pages", PAGES_MAX);
		fail(a, &own);
	} else {
		ask_rows(a);
	}
}

static int send_rows(struct graph_answer *a, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;
	struct graph_ask ask = { .url = w365_buf_str(&a->url), .permission = a->q->permission };

	if (a->q->op->function)
		return graph_get(a->client, &ask, on_rows, a, &a->call, reterr);
	graph_question_body(&body, a->asked, a->skip, MIN(a->top, a->left));
	ask.method = "POST";
	ask.body = w365_buf_str(&body);
	return body.failed ? w365_err_oom(reterr)
			   : graph_send(a->client, &ask, on_rows, a, &a->call, reterr);
}

static void ask_rows(struct graph_answer *a)
{
	struct w365_err err;

	if (send_rows(a, &err) < 0)
		fail(a, &err);
}

/* ---- a file ---- */

static void on_file(void *arg, struct w365_buf *file, const struct w365_err *err)
{
	struct graph_answer *a = arg;

	a->fn(a->arg, file, err);
}

/* ---- asking ---- */

static int ask(struct graph_answer *a, struct w365_err *reterr)
{
	struct graph_ask get = { .url = w365_buf_str(&a->url), .permission = a->q->permission };

	if (a->url.failed)
		return w365_err_oom(reterr);
	if (a->q->download)
		return graph_download_new(a->client, a->q, get.url, on_file, a, &a->download,
					  reterr);
	if (a->q->report)
		return send_rows(a, reterr);
	if (a->q->returns.array)
		return graph_pager_new(a->loop, a->client, &get, on_page, on_pages, a, &a->pager,
				       reterr);
	return graph_get(a->client, &get, on_value, a, &a->call, reterr);
}

int graph_answer_new(struct graph_loop *loop, struct graph_client *client,
		     enum graph_version version, const struct graph_question *question,
		     const struct graph_asked *asked, const char *id, graph_answer_fn *fn,
		     void *arg, struct graph_answer **ret, struct w365_err *reterr)
{
	_cleanup_(graph_answer_freep) struct graph_answer *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return w365_err_oom(reterr);
	a->loop = loop;
	a->client = client;
	a->version = version;
	a->q = question;
	a->asked = asked;
	a->fn = fn;
	a->arg = arg;
	a->rows.csv = asked->csv;
	a->skip = graph_asked_number(asked, "skip", 0);
	a->left = graph_asked_number(asked, "top", UINT64_MAX);
	a->top = question->op && question->op->rows_max ? question->op->rows_max : ROWS_MANY;
	graph_question_url(&a->url, question, asked, id);
	a->bare = a->url.len;
	if (!graph_question_select(&a->url, question, asked, version))
		a->bare = 0;
	r = ask(a, reterr);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(a);
	return 0;
}
