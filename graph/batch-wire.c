#include "graph/batch-wire.h"
#include "base/json-write.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>

void graph_batch_write(struct w365_buf *out, const struct graph_post *const *posts, unsigned n)
{
	struct w365_jw w = { .out = out, .compact = true };
	char id[12];

	w365_jw_open(&w, '{');
	w365_jw_key(&w, "requests");
	w365_jw_open(&w, '[');
	for (unsigned i = 0; i < n; i++) {
		snprintf(id, sizeof(id), "%u", i + 1);
		w365_jw_open(&w, '{');
		w365_jw_pair(&w, "id", id);
		w365_jw_pair(&w, "method", "POST");
		w365_jw_pair(&w, "url", posts[i]->path);
		if (posts[i]->body && *posts[i]->body) {
			w365_jw_key(&w, "headers");
			w365_jw_open(&w, '{');
			w365_jw_pair(&w, "Content-Type", "application/json");
			w365_jw_close(&w, '}');
			w365_jw_pair_raw(&w, "body", posts[i]->body);
		}
		w365_jw_close(&w, '}');
	}
	w365_jw_close(&w, ']');
	w365_jw_close(&w, '}');
}

/* A number or a string of digits, below @max. */
static unsigned number(const struct w365_json *j, uint32_t i, unsigned max)
{
	unsigned n = 0;

	if (!i || j->nodes[i].kind < W365_JSON_IS_NUMBER || j->nodes[i].kind > W365_JSON_IS_STRING)
		return 0;
	for (uint32_t k = 0; k < j->nodes[i].val_len; k++) {
		char c = j->text[j->nodes[i].val + k];

		if (!w365_is_digit(c) || n > max)
			return 0;
		n = n * 10 + (unsigned)(c - '0');
	}
	return n <= max ? n : 0;
}

/* Names of headers have no case; a number is as good as a string. */
static void header(const struct w365_json *j, uint32_t headers, const char *name,
		   struct w365_buf *out)
{
	if (!headers || j->nodes[headers].kind != W365_JSON_IS_OBJECT || out->len)
		return;
	W365_JSON_EACH (j, headers, i) {
		const struct w365_json_node *n = &j->nodes[i];

		if (n->key_len != strlen(name) || strncasecmp(j->text + n->key, name, n->key_len))
			continue;
		if (n->kind == W365_JSON_IS_STRING)
			w365_json_decode(out, w365_json_raw(j, i));
		else if (n->kind == W365_JSON_IS_NUMBER)
			w365_buf_add(out, j->text + n->val, n->val_len);
	}
}

static void read_one(const struct w365_json *j, uint32_t i, struct graph_batch_answer *a)
{
	uint32_t headers = w365_json_get(j, i, "headers"), body = w365_json_get(j, i, "body");

	a->status = (int)number(j, w365_json_get(j, i, "status"), 999);
	if (!a->status)
		return;
	header(j, headers, "Retry-After", &a->retry_after);
	header(j, headers, "request-id", &a->request_id);
	header(j, headers, "x-ms-request-id", &a->request_id);
	if (body && j->nodes[body].kind == W365_JSON_IS_STRING) /* with its quotes */
		w365_buf_add(&a->body, j->text + j->nodes[body].val - 1,
			     j->nodes[body].val_len + 2);
	else if (body && j->nodes[body].kind != W365_JSON_IS_NULL)
		w365_buf_add(&a->body, j->text + j->nodes[body].val, j->nodes[body].val_len);
}

int graph_batch_read(const char *text, size_t len, struct graph_batch_answer *ret, unsigned n,
		     struct w365_err *reterr)
{
	struct w365_json j = { 0 };
	struct w365_err err = { 0 };
	uint32_t list;
	int r = w365_json_parse(&j, text, len, NULL, &err);

	list = r == 0 ? w365_json_get(&j, 0, "responses") : 0;
	if (r == -ENOMEM)
		w365_err_oom(reterr);
	else if (r < 0)
		r = w365_err_set(reterr, EPROTO, "the answer to the batch is %s", err.msg);
	else if (!list || j.nodes[list].kind != W365_JSON_IS_ARRAY)
		r = w365_err_set(reterr, EPROTO, "the answer to the batch has no \"responses\"");
	for (uint32_t i = list + 1; r == 0 && i < j.nodes[list].next; i = j.nodes[i].next) {
		unsigned id = number(&j, w365_json_get(&j, i, "id"), n);

		if (id && !ret[id - 1].status)
			read_one(&j, i, &ret[id - 1]);
	}
	w365_json_done(&j);
	for (unsigned i = 0; r == 0 && i < n; i++)
		if (ret[i].body.failed || ret[i].retry_after.failed || ret[i].request_id.failed)
			r = w365_err_oom(reterr);
	return r;
}

void graph_batch_answers_done(struct graph_batch_answer *a, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		w365_buf_done(&a[i].body);
		w365_buf_done(&a[i].retry_after);
		w365_buf_done(&a[i].request_id);
	}
}
