#include "graph/client-parts.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>

#define IN_FLIGHT_MAX 8

W365_DEFINE_CLEANUP(struct graph_client *, graph_client_free)

static void pump(void *arg);

void graph_client_pump(struct graph_client *c)
{
	graph_loop_soon(c->loop, &c->pump, pump, c);
}

static void pump_soon(void *arg)
{
	graph_client_pump(arg);
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
	graph_client_pump(c);
}

void graph_client_signin_again(struct graph_client *c, bool renew)
{
	auth_retry_now(c->auth);
	if (renew)
		auth_reject(c->auth, auth_generation(c->auth));
	graph_client_pump(c);
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

bool graph_client_app_only(const struct graph_client *c)
{
	return auth_app_only(c->auth);
}

void graph_client_close_gate(struct graph_client *c, uint64_t until)
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
	graph_client_close_gate(c, until);
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
		graph_call_finish(call, NULL, &err);
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
			graph_call_finish(first(c), NULL, &err);
		else
			graph_call_launch(first(c));
	}
}

struct graph_http *graph_client_http(const struct graph_client *c)
{
	return c->http;
}

void graph_client_recycle(struct graph_client *c, struct w365_buf *buf)
{
	graph_http_recycle(c->http, buf);
}
