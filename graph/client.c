#include "graph/client.h"
#include "auth/challenge.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "base/url.h"
#include "graph/errors.h"
#include "graph/http.h"
#include "graph/loop.h"
#include "graph/retry.h"
#include "graph/session.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#define IN_FLIGHT_MAX 8
#define ANSWER_MAX    ((size_t)64 << 20) /* a page of 1,000 Cloud PCs has 2 MiB */

struct graph_call {
	struct graph_client *client;
	struct graph_call *next, **link; /* in a queue, or among those that fly or back off */
	enum graph_priority priority;
	struct w365_request request;
	const struct graph_permission *permission;
	graph_call_fn *fn;
	void *arg;
	struct graph_transfer *transfer;
	struct graph_timer deadline, again;
	uint64_t sent_at;
	unsigned tries, generation;
	int accept;
	bool renewed;
	struct w365_err last; /* why it had to be tried again */
};

struct signin {
	graph_signin_fn *fn;
	void *arg;
};

struct graph_client {
	struct graph_loop *loop;
	struct graph_http *http;
	struct auth *auth;
	struct graph_session *session;
	const struct graph_client_config *config;
	struct w365_origin origin;
	struct graph_call *queue[2], **end[2]; /* by priority, first come first served */
	struct graph_call *others;             /* in flight, or backing off */
	unsigned in_flight;
	struct graph_timer gate;
	struct graph_soon pump;
	struct signin signin; /* fn is NULL unless somebody waits for the sign-in itself */
	bool refused;         /* the sign-in was, and somebody was told */
	unsigned generation;  /* of the token that was used last */
	struct graph_client_stats stats;
	struct graph_client_hooks hooks;
};

W365_DEFINE_CLEANUP(struct graph_client *, graph_client_free)
W365_DEFINE_CLEANUP(struct graph_call *, graph_call_cancel)

static void pump(void *arg);

static void pump_soon(void *arg)
{
	struct graph_client *c = arg;

	graph_loop_soon(c->loop, &c->pump, pump, c);
}

int graph_client_new(struct graph_loop *loop, struct graph_http *http, struct auth *auth,
		     const struct graph_client_config *config, struct graph_client **ret,
		     struct w365_err *reterr)
{
	_cleanup_(graph_client_freep) struct graph_client *c = calloc(1, sizeof(*c));
	const char *rest;
	int r;

	if (!c)
		return w365_err_oom(reterr);
	c->loop = loop;
	c->http = http;
	c->auth = auth;
	c->config = config;
	c->end[0] = &c->queue[0];
	c->end[1] = &c->queue[1];
	graph_timer_init(&c->gate, loop, pump_soon, c);
	r = w365_origin_parse(config->origin, &c->origin, &rest, reterr);
	if (r < 0)
		return r;
	if (!c->origin.tls && !c->origin.loopback)
		return w365_err_set(reterr, EINVAL, "--graph-endpoint=%.200s must be https",
				    config->origin);
	if (*rest && !w365_streq(rest, "/"))
		return w365_err_set(
			reterr, EINVAL,
			"--graph-endpoint=%.200s must be a bare address: the version is added to it",
			config->origin);
	r = graph_session_new(loop, http, auth, config->token_cache, pump_soon, c, &c->session,
			      reterr);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

struct graph_client *graph_client_free(struct graph_client *c)
{
	if (c) {
		while (c->queue[0] || c->queue[1] || c->others)
			graph_call_cancel(c->queue[0]   ? c->queue[0]
					  : c->queue[1] ? c->queue[1]
							: c->others);
		graph_session_free(c->session);
		graph_timer_stop(&c->gate);
		graph_soon_cancel(c->loop, &c->pump);
		free(c);
	}
	return NULL;
}

const struct graph_client_stats *graph_client_stats(const struct graph_client *c)
{
	return &c->stats;
}

uint64_t graph_client_token_requests(const struct graph_client *c)
{
	return graph_session_requests(c->session);
}

void graph_client_signin(struct graph_client *c, graph_signin_fn *fn, void *arg)
{
	c->signin = (struct signin){ fn, arg };
	pump_soon(c);
}

void graph_client_signin_again(struct graph_client *c, bool renew)
{
	auth_retry_now(c->auth);
	if (renew)
		auth_reject(c->auth, auth_generation(c->auth));
	pump_soon(c);
}

void graph_client_on_prompt(struct graph_client *c,
			    void (*fn)(void *arg, const struct auth_prompt *prompt), void *arg)
{
	graph_session_on_prompt(c->session, fn, arg);
}

void graph_client_watch(struct graph_client *c, const struct graph_client_hooks *hooks)
{
	c->hooks = hooks ? *hooks : (struct graph_client_hooks){ 0 };
}

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
	pump_soon(c);
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
			pump_soon(call->client); /* there is room for another now */
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

bool graph_client_app_only(const struct graph_client *c)
{
	return auth_app_only(c->auth);
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
static void finish(struct graph_call *call, const struct w365_reply *reply,
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
	pump_soon(call->client);
	/* What became of an earlier sending says nothing of one that has no answer yet. */
	if (flying || !err.num)
		w365_err_set(&err, ETIMEDOUT, "no answer within %llu s",
			     (unsigned long long)(call->client->config->deadline_ms / 1000));
	err.unsent = !flying; /* what was sent before was refused unseen, or it is a GET */
	finish(call, NULL, &err);
}

static void on_again(void *arg)
{
	enqueue(arg);
}

static void again_at(struct graph_call *call, uint64_t at)
{
	if (at >= call->deadline.at) {
		finish(call, NULL, &call->last); /* it would only wait in order to fail */
		return;
	}
	set_aside(call);
	graph_timer_set(&call->again, at);
}

static void close_gate(struct graph_client *c, uint64_t until)
{
	uint64_t now = graph_loop_now(c->loop);

	c->stats.throttled++;
	if (until <= c->stats.gate_until)
		return;
	w365_info("graph: asked to wait for %llu ms", (unsigned long long)(until - now));
	if (c->stats.gate_until <= now && c->hooks.throttled)
		c->hooks.throttled(c->hooks.arg, until - now);
	c->stats.gate_until = until;
	graph_timer_set(&c->gate, until);
}

void graph_client_hold(struct graph_client *c, uint64_t until)
{
	close_gate(c, until);
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
	pump_soon(c);
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)now;
	if (reply && (reply->status == 401 || reply->status == 403) && challenged(call, reply))
		return;
	v = graph_verdict(reply, err, w365_streq(call->request.method, "GET"), call->tries, random,
			  time(NULL));
	if (v.kind == GRAPH_VERDICT_DONE || (reply && reply->status == call->accept)) {
		finish(call, reply, NULL);
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
			close_gate(c, now + v.wait_ms);
		again_at(call, now + v.wait_ms);
		return;
	default: break;
	}
	finish(call, NULL, &call->last);
}

static void launch(struct graph_call *call)
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
		finish(call, NULL, &err);
		return;
	}
	c->in_flight++;
}

static struct graph_call *first(struct graph_client *c)
{
	return c->queue[GRAPH_INTERACTIVE] ? c->queue[GRAPH_INTERACTIVE]
					   : c->queue[GRAPH_BACKGROUND];
}

/* While the gate is closed: a call whose deadline comes before it opens would only wait in order to
 * fail. */
static struct graph_call *hopeless(struct graph_client *c)
{
	for (unsigned i = 0; i < 2; i++)
		for (struct graph_call *call = c->queue[i]; call; call = call->next)
			if (call->deadline.at <= c->stats.gate_until)
				return call;
	return NULL;
}

static void turn_away(struct graph_client *c)
{
	struct graph_call *call;
	struct w365_err err;

	while ((call = hopeless(c))) {
		w365_err_set(&err, EAGAIN, "Microsoft Graph limits requests: try again in %llu s",
			     (unsigned long long)((c->stats.gate_until - graph_loop_now(c->loop)) /
							  1000 +
						  1));
		err.http = 429;
		err.unsent = true;
		finish(call, NULL, &err);
	}
}

static void signed_in(struct graph_client *c, const struct w365_err *err)
{
	struct signin s = c->signin;

	c->signin = (struct signin){ 0 };
	if (s.fn)
		s.fn(s.arg, err);
}

/* @r: of graph_session_poll(). A sign-in service that is out of reach is not a refusal. */
static void tell_of_signin(struct graph_client *c, int r, const struct w365_err *err)
{
	if ((r < 0) == c->refused || (r < 0 && err->num != EACCES))
		return;
	c->refused = r < 0;
	if (c->hooks.signin)
		c->hooks.signin(c->hooks.arg, r < 0 ? err : NULL);
}

static void tell_of_token(struct graph_client *c, int r)
{
	unsigned generation = auth_generation(c->auth);

	if (r < 0 || generation == c->generation)
		return;
	c->generation = generation;
	if (c->hooks.token)
		c->hooks.token(c->hooks.arg);
}

/* Sends what may be sent now. */
static void pump(void *arg)
{
	struct graph_client *c = arg;
	struct w365_err err = { 0 };
	int r;

	if (graph_loop_now(c->loop) < c->stats.gate_until) {
		turn_away(c);
		if (!c->signin.fn)
			return;
	}
	if (!first(c) && !c->signin.fn)
		return;
	r = graph_session_poll(c->session, &err);
	if (r == 0)
		return;
	tell_of_signin(c, r, &err);
	tell_of_token(c, r);
	signed_in(c, r < 0 ? &err : NULL);
	err.unsent = true;
	if (graph_loop_now(c->loop) < c->stats.gate_until)
		return;
	while (first(c) && (r < 0 || c->in_flight < IN_FLIGHT_MAX)) {
		if (r < 0)
			finish(first(c), NULL, &err);
		else
			launch(first(c));
	}
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

struct graph_http *graph_client_http(const struct graph_client *c)
{
	return c->http;
}

void graph_client_recycle(struct graph_client *c, struct w365_buf *buf)
{
	graph_http_recycle(c->http, buf);
}
