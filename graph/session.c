#include "graph/session.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "graph/http.h"
#include "graph/loop.h"

#include <errno.h>
#include <time.h>

#define REPLY_MAX ((size_t)1 << 20) /* a token has some kilobytes */

struct graph_session {
	struct graph_loop *loop;
	struct graph_http *http;
	struct auth *auth;
	graph_session_fn *fn;
	void *arg;
	struct w365_request request; /* on its way, if @transfer is not NULL */
	struct graph_transfer *transfer;
	struct graph_timer timer; /* auth/ wants to be asked again */
	uint64_t requests;
};

struct auth_clock graph_session_clock(const struct graph_loop *loop)
{
	return (struct auth_clock){ .ms = graph_loop_now(loop), .wall = (int64_t)time(NULL) };
}

static void on_timer(void *arg)
{
	struct graph_session *s = arg;

	s->fn(s->arg);
}

int graph_session_new(struct graph_loop *loop, struct graph_http *http, struct auth *auth,
		      graph_session_fn *fn, void *arg, struct graph_session **ret,
		      struct w365_err *reterr)
{
	struct graph_session *s = calloc(1, sizeof(*s));

	if (!s)
		return w365_err_oom(reterr);
	s->loop = loop;
	s->http = http;
	s->auth = auth;
	s->fn = fn;
	s->arg = arg;
	graph_timer_init(&s->timer, loop, on_timer, s);
	*ret = s;
	return 0;
}

struct graph_session *graph_session_free(struct graph_session *s)
{
	if (s) {
		graph_transfer_cancel(s->transfer);
		graph_timer_stop(&s->timer);
		w365_request_done(&s->request);
		free(s);
	}
	return NULL;
}

static void on_reply(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_session *s = arg;
	struct auth_clock now = graph_session_clock(s->loop);

	s->transfer = NULL;
	w365_request_done(&s->request);
	auth_feed(s->auth, &now, reply, err);
	s->fn(s->arg);
}

static int send_request(struct graph_session *s)
{
	static const size_t id_at = sizeof("client-request-id: ") - 1;
	char id[64] = "client-request-id: ";
	const char *headers[] = { id, "return-client-request-id: true", NULL };
	struct w365_err err = { 0 };
	int r;

	w365_guid_new(id + id_at);
	r = graph_http_send(s->http, &s->request, NULL, headers, REPLY_MAX, on_reply, s,
			    &s->transfer, &err);
	s->requests++;
	if (r < 0) {
		struct auth_clock now = graph_session_clock(s->loop);

		s->transfer = NULL;
		w365_request_done(&s->request);
		auth_feed(s->auth, &now, NULL, &err);
	}
	return r;
}

int graph_session_poll(struct graph_session *s, struct w365_err *reterr)
{
	for (;;) {
		struct auth_clock now = graph_session_clock(s->loop);
		struct w365_err err = { 0 };
		uint64_t at;
		int step = auth_step(s->auth, &now, &s->request, &at, &err);

		if (step == AUTH_SEND) {
			w365_debug("auth: asking for a token (%s)", auth_grant_name(s->auth));
			if (send_request(s) < 0)
				continue; /* the machine knows by now, and says what follows */
		}
		if (auth_bearer(s->auth, now.ms))
			return 1;
		if (step < 0) {
			*reterr = err;
			return step;
		}
		if (step == AUTH_WAIT && at != W365_NEVER)
			graph_timer_set(&s->timer, at);
		return 0;
	}
}

uint64_t graph_session_requests(const struct graph_session *s)
{
	return s->requests;
}
