#include "graph/client-parts.h"
#include "auth/challenge.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "graph/errors.h"
#include "graph/retry.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#define ANSWER_MAX ((size_t)64 << 20) /* a page of 1,000 Cloud PCs has 2 MiB */

W365_DEFINE_CLEANUP(struct graph_call *, graph_call_cancel)

/* ---- a call's life: queued, flying, perhaps backing off and queued again, finished ---- */

static void unlink_call(struct graph_call *call)
{
	struct graph_client *c = call->client;

	if (!call->link)
		return;
	for (unsigned i = 0; i < 2; i++)
		if (c->end[i] == &call->next)
			c->end[i] = call->link;
	*call->link = call->next;
	if (call->next)
		call->next->link = call->link;
	call->link = NULL;
}

static void enqueue(struct graph_call *call)
{
	struct graph_client *c = call->client;

	unlink_call(call);
	call->next = NULL;
	call->link = c->end[call->priority];
	*call->link = call;
	c->end[call->priority] = &call->next;
	graph_client_pump(c);
}

static void set_aside(struct graph_call *call)
{
	struct graph_client *c = call->client;

	unlink_call(call);
	call->next = c->others;
	call->link = &c->others;
	if (call->next)
		call->next->link = &call->next;
	c->others = call;
}

static void land(struct graph_call *call)
{
	if (call->transfer)
		call->client->in_flight--;
	call->transfer = NULL;
}

struct graph_call *graph_call_cancel(struct graph_call *call)
{
	if (call) {
		graph_transfer_cancel(call->transfer);
		if (call->transfer)
			graph_client_pump(call->client); /* there is room for another now */
		land(call);
		unlink_call(call);
		graph_timer_stop(&call->deadline);
		graph_timer_stop(&call->again);
		w365_request_done(&call->request);
		free(call);
	}
	return NULL;
}

bool graph_call_flying(const struct graph_call *call)
{
	return call->transfer;
}

void graph_call_promote(struct graph_call *call)
{
	if (call->priority == GRAPH_INTERACTIVE)
		return;
	call->priority = GRAPH_INTERACTIVE;
	if (call->link && !call->transfer && !graph_timer_pending(&call->again))
		enqueue(call);
}

/* @reply and @err may live in the call: it is freed last. */
void graph_call_finish(struct graph_call *call, const struct w365_reply *reply,
		       const struct w365_err *err)
{
	unlink_call(call);
	graph_timer_stop(&call->deadline);
	if (err) {
		call->client->stats.failed++;
		w365_debug("graph: %s", err->msg);
	}
	call->fn(call->arg, reply, err);
	graph_call_cancel(call);
}

static void on_deadline(void *arg)
{
	struct graph_call *call = arg;
	struct w365_err err = call->last;
	bool flying = graph_call_flying(call);

	graph_transfer_cancel(call->transfer);
	land(call);
	graph_client_pump(call->client);
	/* What became of an earlier sending says nothing of one that has no answer yet. */
	if (flying || !err.num)
		w365_err_set(&err, ETIMEDOUT, "no answer within %llu s",
			     (unsigned long long)(call->client->config->deadline_ms / 1000));
	err.unsent = !flying; /* what was sent before was refused unseen, or it is a GET */
	graph_call_finish(call, NULL, &err);
}

static void on_again(void *arg)
{
	enqueue(arg);
}

static void again_at(struct graph_call *call, uint64_t at)
{
	if (at >= call->deadline.at) {
		graph_call_finish(call, NULL,
				  &call->last); /* it would only wait in order to fail */
		return;
	}
	set_aside(call);
	graph_timer_set(&call->again, at);
}

/* Graph has looked at the sign-in again, and wants a token that shows more. Once: a second challenge
 * is a refusal. */
static bool challenged(struct graph_call *call, const struct w365_reply *reply)
{
	_cleanup_(w365_buf_done) struct w365_buf claims = W365_BUF;
	struct graph_client *c = call->client;

	if (call->renewed || !auth_challenge_read(reply->www_authenticate, &claims) ||
	    claims.failed)
		return false;
	auth_challenge(c->auth, call->generation, w365_buf_str(&claims));
	call->renewed = true;
	c->stats.renewed++;
	enqueue(call);
	return true;
}

static void on_reply(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_call *call = arg;
	struct graph_client *c = call->client;
	uint64_t now = graph_loop_now(c->loop);
	struct graph_verdict v;
	uint32_t random = 0;

	w365_debug("graph: %d after %llu ms, %zu bytes%s%s", reply ? reply->status : 0,
		   (unsigned long long)(now - call->sent_at), reply ? reply->len : 0,
		   reply && reply->request_id ? ", request-id " : "",
		   reply && reply->request_id ? reply->request_id : "");
	land(call);
	graph_client_pump(c);
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)now;
	if (reply && (reply->status == 401 || reply->status == 403) && challenged(call, reply))
		return;
	v = graph_verdict(reply, err, w365_streq(call->request.method, "GET"), call->tries, random,
			  time(NULL));
	if (v.kind == GRAPH_VERDICT_DONE || (reply && reply->status == call->accept)) {
		graph_call_finish(call, reply, NULL);
		return;
	}
	if (reply)
		graph_err_from_reply(&call->last, reply, call->permission, auth_app_only(c->auth));
	else
		call->last = *err;

	switch (v.kind) {
	case GRAPH_VERDICT_RENEW:
		/* Others may have had the token renewed meanwhile: then ours was merely old. */
		auth_reject(c->auth, call->generation);
		if (call->renewed)
			break;
		call->renewed = true;
		c->stats.renewed++;
		enqueue(call);
		return;
	case GRAPH_VERDICT_AGAIN:
		c->stats.retries++;
		if (!v.told)
			call->tries++;
		if (v.everybody)
			graph_client_close_gate(c, now + v.wait_ms);
		again_at(call, now + v.wait_ms);
		return;
	default: break;
	}
	graph_call_finish(call, NULL, &call->last);
}

void graph_call_launch(struct graph_call *call)
{
	static const size_t id_at = sizeof("client-request-id: ") - 1;
	struct graph_client *c = call->client;
	char id[64] = "client-request-id: ";
	/* Without Prefer, enum members newer than the first published ones arrive as
	 * "unknownFutureValue". */
	const char *headers[] = { id, "Prefer: include-unknown-enum-members", NULL };
	struct w365_err err = { 0 };

	w365_guid_new(id + id_at);
	set_aside(call);
	call->generation = auth_generation(c->auth);
	c->stats.requests++;
	call->sent_at = graph_loop_now(c->loop);
	w365_debug("graph: %s %s", call->request.method, call->request.url);
	if (graph_http_send(c->http, &call->request, auth_bearer(c->auth, graph_loop_now(c->loop)),
			    headers, ANSWER_MAX, on_reply, call, &call->transfer, &err) < 0) {
		call->transfer = NULL;
		err.unsent = true;
		graph_call_finish(call, NULL, &err);
		return;
	}
	c->in_flight++;
}

/* A path below the version, or a whole URL that leads to the same place: the token goes nowhere
 * else. */
static int make_url(struct graph_call *call, const char *url, struct w365_err *reterr)
{
	struct graph_client *c = call->client;
	const char *base = c->config->origin;
	struct w365_origin origin;

	if (url[0] == '/') {
		if (asprintf(&call->request.url, "%.*s/%s%s",
			     (int)(strlen(base) - w365_ends(base, "/")), base, c->config->version,
			     url) < 0)
			call->request.url = NULL;
	} else {
		if (w365_origin_parse(url, &origin, NULL, reterr) < 0)
			return w365_err_set(reterr, EPROTO,
					    "the service sent a link that is no address");
		if (!w365_origin_same(&origin, &c->origin))
			return w365_err_set(
				reterr, EPROTO,
				"refused to follow a link to %s: the sign-in is for %s alone",
				origin.host, c->origin.host);
		call->request.url = strdup(url);
	}
	return call->request.url ? 0 : w365_err_oom(reterr);
}

int graph_send(struct graph_client *c, const struct graph_ask *ask, graph_call_fn *fn, void *arg,
	       struct graph_call **ret, struct w365_err *reterr)
{
	_cleanup_(graph_call_cancelp) struct graph_call *call = calloc(1, sizeof(*call));
	int r;

	if (!call)
		return w365_err_oom(reterr);
	call->client = c;
	graph_timer_init(&call->deadline, c->loop, on_deadline, call);
	graph_timer_init(&call->again, c->loop, on_again, call);
	call->request.method = ask->method ? ask->method : "GET";
	call->permission = ask->permission;
	call->priority = ask->priority;
	call->accept = ask->accept;
	call->fn = fn;
	call->arg = arg;
	r = make_url(call, ask->url, reterr);
	if (r < 0)
		return r;
	if (ask->body) {
		call->request.content_type = "application/json";
		call->request.body.secret = ask->secret;
		w365_buf_adds(&call->request.body, ask->body);
		if (call->request.body.failed)
			return w365_err_oom(reterr);
	}
	c->stats.calls++;
	graph_timer_set(&call->deadline, graph_loop_now(c->loop) + c->config->deadline_ms);
	enqueue(call);
	*ret = TAKE_PTR(call);
	return 0;
}

int graph_get(struct graph_client *c, const struct graph_ask *ask, graph_call_fn *fn, void *arg,
	      struct graph_call **ret, struct w365_err *reterr)
{
	struct graph_ask get = *ask;

	get.method = NULL;
	get.body = NULL;
	return graph_send(c, &get, fn, arg, ret, reterr);
}
