/* A batch is read as a whole, and refused as a whole if it is malformed. Then each of its requests is
 * answered by itself, as if it had come alone. */
#include "sim/batch.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/macros.h"
#include "sim/json-text.h"
#include "sim/locate.h"
#include "sim/payload.h"
#include "sim/rng.h"

#define MAX_REQUESTS 20

/** One of them. The texts are its own. */
struct part {
	uint32_t node; /* in the body */
	struct w365_buf id, method, url, target;
	int depends_on; /* which one, or -1 */
	bool done;
	struct sim_reply reply;
};

struct batch {
	struct sim_call *call;
	struct sim_payload payload;
	struct part parts[MAX_REQUESTS];
	unsigned count;
};

static void batch_done(struct batch *b)
{
	for (unsigned i = 0; i < MAX_REQUESTS; i++) {
		struct part *p = &b->parts[i];

		w365_buf_done(&p->id);
		w365_buf_done(&p->method);
		w365_buf_done(&p->url);
		w365_buf_done(&p->target);
		sim_reply_reset(&p->reply);
	}
	sim_payload_done(&b->payload);
}

static bool refuse(struct batch *b, const char *fmt, const char *what)
	__attribute__((format(printf, 2, 0)));

/* @fmt may name @what. */
static bool refuse(struct batch *b, const char *fmt, const char *what)
{
	SIM_FAIL(b->call, 400, "BadRequest", fmt, what);
	return false;
}

/* A string member of a part, decoded. False if it is missing, empty or none. */
static bool read_member(const struct w365_json *j, uint32_t part, const char *name,
			struct w365_buf *out)
{
	uint32_t at = w365_json_get(j, part, name);

	if (at && j->nodes[at].kind == W365_JSON_IS_STRING)
		w365_json_decode(out, w365_json_raw(j, at));
	return out->len > 0;
}

static int find(const struct batch *b, const char *id)
{
	for (unsigned i = 0; i < b->count; i++)
		if (strcasecmp(w365_buf_str(&b->parts[i].id), id) == 0)
			return (int)i;
	return -1;
}

/* The value of a header of a part, in @out. */
static bool read_header(const struct w365_json *j, uint32_t part, const char *name,
			struct w365_buf *out)
{
	uint32_t headers = w365_json_get(j, part, "headers");

	if (!headers || j->nodes[headers].kind != W365_JSON_IS_OBJECT)
		return false;
	W365_JSON_EACH (j, headers, i) {
		struct w365_span key = sim_json_key_of(j, i);

		if (key.len != strlen(name) || strncasecmp(key.p, name, key.len) != 0 ||
		    j->nodes[i].kind != W365_JSON_IS_STRING)
			continue;
		w365_json_decode(out, w365_json_raw(j, i));
		return true;
	}
	return false;
}

static bool is_method(const char *name)
{
	static const char *const methods[] = { "GET", "POST", "PATCH", "PUT", "DELETE" };

	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (strcasecmp(methods[i], name) == 0)
			return true;
	return false;
}

static bool read_part(struct batch *b, uint32_t node)
{
	const struct w365_json *j = &b->payload.json;
	_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF;
	struct part *p = &b->parts[b->count];
	uint32_t body, headers;

	*p = (struct part){ .node = node, .depends_on = -1 };
	if (j->nodes[node].kind != W365_JSON_IS_OBJECT)
		return refuse(b, "Invalid batch payload format.", NULL);
	if (!read_member(j, node, "id", &p->id))
		return refuse(b, "Every request of a batch must have an id.", NULL);
	if (find(b, w365_buf_str(&p->id)) >= 0)
		return refuse(b, "Request id %.50s is there more than once.", p->id.data);
	if (!read_member(j, node, "method", &p->method) || !is_method(p->method.data))
		return refuse(b, "Request id %.50s has no method that is supported.", p->id.data);
	if (!read_member(j, node, "url", &p->url))
		return refuse(b, "Request id %.50s has no url.", p->id.data);
	headers = w365_json_get(j, node, "headers");
	if (headers && j->nodes[headers].kind != W365_JSON_IS_OBJECT)
		return refuse(b, "The headers of request id %.50s are no object.", p->id.data);
	body = w365_json_get(j, node, "body");
	if (body && j->nodes[body].kind != W365_JSON_IS_NULL &&
	    !read_header(j, node, "Content-Type", &type))
		return refuse(b,
			      "Write request id : %.50s does not contain Content-Type header or "
			      "body.",
			      p->id.data);
	b->count++;
	return true;
}

static bool read_dependency(struct batch *b, struct part *p)
{
	const struct w365_json *j = &b->payload.json;
	uint32_t list = w365_json_get(j, p->node, "dependsOn");
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

	if (!list || j->nodes[list].kind == W365_JSON_IS_NULL)
		return true;
	if (j->nodes[list].kind == W365_JSON_IS_ARRAY && j->nodes[list].next == list + 1)
		return true;
	if (j->nodes[list].kind != W365_JSON_IS_ARRAY ||
	    j->nodes[list + 1].kind != W365_JSON_IS_STRING ||
	    j->nodes[list + 1].next != j->nodes[list].next)
		return refuse(b, "Request id %.50s must depend on one request at most.",
			      p->id.data);
	w365_json_decode(&id, w365_json_raw(j, list + 1));
	p->depends_on = find(b, w365_buf_str(&id));
	if (p->depends_on < 0 || &b->parts[p->depends_on] == p)
		return refuse(b, "Request id %.50s depends on one that is not in the batch.",
			      p->id.data);
	return true;
}

/* None depends on another; or each on the one before it; or all others on the same one. */
static bool check_pattern(struct batch *b)
{
	bool none = true, serial = true, same = true;
	int one = -1;

	for (unsigned i = 0; i < b->count; i++) {
		int on = b->parts[i].depends_on;

		none &= on < 0;
		serial &= on == (int)i - 1;
		if (on >= 0)
			one = one < 0 ? on : one;
	}
	for (unsigned i = 0; i < b->count; i++)
		same &= (int)i == one ? b->parts[i].depends_on < 0 : b->parts[i].depends_on == one;
	return none || serial || same ||
	       refuse(b,
		      "The requests must depend on nothing, each on the one before it, or all on "
		      "the same one.",
		      NULL);
}

static bool read_batch(struct batch *b)
{
	const struct w365_json *j = &b->payload.json;
	uint32_t list;
	unsigned n = 0;

	if (!sim_payload_read(b->call, false, &b->payload))
		return false;
	list = w365_json_get(j, 0, "requests");
	if (!list || j->nodes[list].kind != W365_JSON_IS_ARRAY)
		return refuse(b, "Invalid batch payload format.", NULL);
	W365_JSON_EACH (j, list, i)
		n++;
	if (!n)
		return refuse(b, "A batch must have at least one request.", NULL);
	if (n > MAX_REQUESTS)
		return refuse(b, "Number of batch request steps exceeds the maximum value of 20.",
			      NULL);
	W365_JSON_EACH (j, list, i)
		if (!read_part(b, i))
			return false;
	for (unsigned i = 0; i < b->count; i++)
		if (!read_dependency(b, &b->parts[i]))
			return false;
	return check_pattern(b);
}

/* Headers of a part, as a request has them. */
struct headers {
	struct w365_buf content_type, prefer, request_id, government, agent;
};

static void headers_done(struct headers *h)
{
	w365_buf_done(&h->content_type);
	w365_buf_done(&h->prefer);
	w365_buf_done(&h->request_id);
	w365_buf_done(&h->government);
	w365_buf_done(&h->agent);
}

static const char *header(const struct batch *b, const struct part *p, const char *name,
			  struct w365_buf *out)
{
	return read_header(&b->payload.json, p->node, name, out) ? w365_buf_str(out) : NULL;
}

/* Faults that are answers of their own; what befalls a connection befalls the whole batch. */
static bool spoil(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	struct sim_fault *f = sim_fault_pick_reply(&s->faults, req);
	bool done = f && sim_fault_reply(f, s, req, reply);

	sim_fault_unref(f);
	return done;
}

static void run_request(struct batch *b, struct part *p, struct sim_request *req)
{
	struct sim *s = b->call->sim;
	uint64_t ticket = sim_log_inner(&s->log, req, b->call->req->ticket);

	if (!spoil(s, req, &p->reply))
		sim_graph(s, req, &p->reply);
	sim_log_end(&s->log, ticket, p->reply.status, p->reply.body.len);
}

/* The address as it would be outside: below the version of the batch. */
static bool read_url(struct batch *b, struct part *p, struct sim_request *req)
{
	const char *url = w365_buf_str(&p->url), *question;

	if (strstr(url, "://") || w365_starts(url, "//"))
		return false;
	w365_buf_addf(&p->target, "/%s/", sim_version_name(b->call->version));
	for (url += *url == '/'; *url; url++)
		if (*url == ' ')
			w365_buf_adds(&p->target, "%20");
		else
			w365_buf_addc(&p->target, *url);
	req->target = w365_buf_str(&p->target);
	question = strchr(req->target, '?');
	req->path = (struct w365_span){ req->target, question ? (size_t)(question - req->target)
							      : p->target.len };
	req->query = (struct w365_span){ 0 };
	if (question)
		req->query = (struct w365_span){ question + 1, strlen(question + 1) };
	return !p->target.failed;
}

static void run_part(struct batch *b, struct part *p)
{
	const struct w365_json *j = &b->payload.json;
	_cleanup_(headers_done) struct headers h = { 0 };
	struct sim_request req = *b->call->req;
	uint32_t body = w365_json_get(j, p->node, "body");

	for (size_t i = 0; i < p->method.len; i++)
		if (p->method.data[i] >= 'a' && p->method.data[i] <= 'z')
			p->method.data[i] -= 'a' - 'A';
	req.method = w365_buf_str(&p->method);
	req.inner = true;
	req.body = (struct w365_span){ 0 };
	if (body && j->nodes[body].kind != W365_JSON_IS_NULL)
		req.body = sim_json_text(j, body);
	req.content_type = header(b, p, "Content-Type", &h.content_type);
	req.prefer = header(b, p, "Prefer", &h.prefer);
	req.client_request_id = header(b, p, "client-request-id", &h.request_id);
	req.government_token = header(b, p, "X-MS-CloudPC-USGovCloudTenantAADToken", &h.government);
	if (header(b, p, "User-Agent", &h.agent))
		req.user_agent = w365_buf_str(&h.agent);
	if (read_url(b, p, &req))
		run_request(b, p, &req);
	else
		sim_graph_fail(b->call->sim, &req, &p->reply, 400, "BadRequest",
			       "The url of a request in a batch is relative to the batch's "
			       "version.");
	p->done = true;
}

static void run_all(struct batch *b)
{
	/* Whatever the others wait for comes first: one pass is enough for a chain, two for a star
	 * whose middle is not at its beginning. */
	for (unsigned left = b->count; left;) {
		for (unsigned i = 0; i < b->count; i++) {
			struct part *p = &b->parts[i];
			struct part *on = p->depends_on < 0 ? NULL : &b->parts[p->depends_on];

			if (p->done || (on && !on->done))
				continue;
			left--;
			if (!on || on->reply.status < 400) {
				run_part(b, p);
				continue;
			}
			p->done = true;
			sim_graph_fail(b->call->sim, b->call->req, &p->reply, 424,
				       "FailedDependency",
				       "The request that this one depends on has failed.");
		}
	}
}

static void write_body(struct w365_jw *j, const struct sim_reply *r)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	char *room;

	if (!r->body.len)
		return;
	w365_jw_key(j, "body");
	if (r->content_type && strstr(r->content_type, "json")) {
		w365_jw_raw(j, w365_buf_str(&r->body));
		return;
	}
	room = w365_buf_room(&text, r->body.len * 4 / 3 + 8);
	if (room)
		EVP_EncodeBlock((unsigned char *)room, (unsigned char *)r->body.data,
				(int)r->body.len);
	w365_jw_str(j, room);
}

static void write_part(struct w365_jw *j, const struct part *p)
{
	const struct sim_reply *r = &p->reply;

	w365_jw_open(j, '{');
	w365_jw_pair(j, "id", w365_buf_str(&p->id));
	w365_jw_pair_int(j, "status", r->status);
	w365_jw_key(j, "headers");
	w365_jw_open(j, '{');
	w365_jw_pair(j, "Cache-Control", "no-cache");
	for (unsigned i = 0; i < r->header_count; i++)
		if (strcasecmp(r->headers[i].name, "x-ms-ags-diagnostic") != 0)
			w365_jw_pair(j, r->headers[i].name, r->headers[i].value);
	if (r->body.len && r->content_type)
		w365_jw_pair(j, "Content-Type", r->content_type);
	w365_jw_close(j, '}');
	write_body(j, r);
	w365_jw_close(j, '}');
}

/* In no order that a client could rely on. */
static void shuffle(struct batch *b, unsigned order[MAX_REQUESTS])
{
	struct sim_rng r = sim_rng(b->call->sim->config.seed, "batch", b->call->req->ticket);

	for (unsigned i = 0; i < b->count; i++) {
		unsigned k = sim_rng_below(&r, i + 1);

		order[i] = order[k];
		order[k] = i;
	}
}

void sim_batch(struct sim_call *c)
{
	_cleanup_(batch_done) struct batch b = { .call = c };
	unsigned order[MAX_REQUESTS];
	struct w365_jw j = { .out = &c->reply->body, .compact = true };

	if (!read_batch(&b))
		return;
	run_all(&b);
	shuffle(&b, order);
	c->reply->status = 200;
	w365_jw_open(&j, '{');
	w365_jw_key(&j, "responses");
	w365_jw_open(&j, '[');
	for (unsigned i = 0; i < b.count; i++)
		write_part(&j, &b.parts[order[i]]);
	w365_jw_close(&j, ']');
	w365_jw_close(&j, '}');
	if (j.out->failed)
		sim_no_memory(c);
}
