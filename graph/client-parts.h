/* graph/client-parts.h - what graph/client.c (when something may be sent: sign-in, gate, order) and graph/call.c (what becomes of
 * one request) share, and nobody else sees. */
#pragma once

#include "base/url.h"
#include "graph/client.h"
#include "graph/http.h"
#include "graph/loop.h"
#include "graph/session.h"

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

/** Sends what may be sent, soon. */
void graph_client_pump(struct graph_client *c);

/** The service wants to be left alone: nothing is sent before @until. */
void graph_client_close_gate(struct graph_client *c, uint64_t until);

/** Takes the call out of its queue, and sends it. */
void graph_call_launch(struct graph_call *call);

/** Ends the call: tells whoever has made it, and frees it. @reply and @err may live in it. */
void graph_call_finish(struct graph_call *call, const struct w365_reply *reply,
		       const struct w365_err *err);
