#include "graph/session.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "graph/child.h"
#include "graph/http.h"
#include "graph/loop.h"
#include "graph/loopback.h"

#include <errno.h>
#include <sys/inotify.h>
#include <time.h>

#define REPLY_MAX  ((size_t)1 << 20) /* a token has some kilobytes */
#define PROGRAM_MS (30 * 1000)
#define BROWSER_MS (10 * 60 * 1000) /* as long as a code of the sign-in page lives */

struct graph_session {
	struct graph_loop *loop;
	struct graph_http *http;
	struct auth *auth;
	graph_session_fn *fn;
	void *arg;
	struct w365_request request; /* on its way, if @transfer is not NULL */
	struct graph_transfer *transfer;
	struct graph_child *child;
	struct graph_loopback *loopback;
	bool came_back;           /* the browser: what follows decides what it is shown */
	struct graph_timer timer; /* auth/ wants to be asked again, or the person takes too long */
	graph_prompt_fn *prompt;
	void *prompt_arg;
	unsigned prompted;       /* the last one that was told */
	const char *token_cache; /* to be watched, once the sign-in is a person's; NULL: no more */
	int watch_fd;
	struct graph_io *watch; /* of its folder */
	uint64_t requests;
};

struct auth_clock graph_session_clock(const struct graph_loop *loop)
{
	return (struct auth_clock){ .ms = graph_loop_now(loop), .wall = (int64_t)time(NULL) };
}

static void again(struct graph_session *s)
{
	s->fn(s->arg);
}

static void on_timer(void *arg)
{
	struct graph_session *s = arg;

	if (s->loopback && !s->came_back) {
		struct auth_clock now = graph_session_clock(s->loop);
		struct w365_err err;

		w365_err_set(
			&err, EACCES,
			"nobody came back from the browser in time; if its page showed an error, the "
			"AADSTS number there tells the reason");
		auth_listening(s->auth, &now, 0, &err);
		s->loopback = graph_loopback_free(s->loopback);
	}
	again(s);
}

/* ---- what other processes of this user do ---- */

static void on_watch(void *arg, uint32_t events)
{
	struct graph_session *s = arg;
	_Alignas(struct inotify_event) char buf[4096];

	while (read(s->watch_fd, buf, sizeof(buf)) > 0) {
	}
	/* Somebody has signed in, or has renewed the token that we wait for. */
	auth_news(s->auth);
	again(s);
}

static void watch(struct graph_session *s)
{
	_cleanup_(w365_freep) char *folder = NULL;
	char *slash;

	if (!s->token_cache || !auth_of_person(s->auth))
		return;
	folder = strdup(s->token_cache);
	slash = folder ? strrchr(folder, '/') : NULL;
	s->token_cache = NULL;
	if (!slash)
		return;
	*slash = '\0';
	s->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	/* The lock's file is closed when a renewal is over; the cache is renamed into its place. */
	if (s->watch_fd < 0 ||
	    inotify_add_watch(s->watch_fd, folder, IN_MOVED_TO | IN_CLOSE_WRITE) < 0 ||
	    graph_io_new(s->loop, s->watch_fd, EPOLLIN, on_watch, s, &s->watch, NULL) < 0)
		w365_debug("auth: cannot watch '%s': %s", folder, strerror(errno));
}

int graph_session_new(struct graph_loop *loop, struct graph_http *http, struct auth *auth,
		      const char *token_cache, graph_session_fn *fn, void *arg,
		      struct graph_session **ret, struct w365_err *reterr)
{
	struct graph_session *s = calloc(1, sizeof(*s));

	if (!s)
		return w365_err_oom(reterr);
	s->loop = loop;
	s->http = http;
	s->auth = auth;
	s->fn = fn;
	s->arg = arg;
	s->watch_fd = -1;
	graph_timer_init(&s->timer, loop, on_timer, s);
	s->token_cache = token_cache;
	watch(s);
	*ret = s;
	return 0;
}

struct graph_session *graph_session_free(struct graph_session *s)
{
	if (s) {
		graph_transfer_cancel(s->transfer);
		graph_child_free(s->child);
		graph_loopback_free(s->loopback);
		graph_timer_stop(&s->timer);
		graph_io_free(s->watch);
		w365_closep(&s->watch_fd);
		w365_request_done(&s->request);
		free(s);
	}
	return NULL;
}

void graph_session_on_prompt(struct graph_session *s, graph_prompt_fn *fn, void *arg)
{
	s->prompt = fn;
	s->prompt_arg = arg;
}

/* ---- requests ---- */

/* The browser is shown how the sign-in has ended, once that is known. */
static void see_browser_off(struct graph_session *s)
{
	bool ok = auth_bearer(s->auth, graph_loop_now(s->loop)) != NULL;

	if (!s->loopback || !s->came_back)
		return;
	graph_loopback_show(s->loopback, ok ? GRAPH_PAGE_DONE : GRAPH_PAGE_FAILED);
	s->loopback = graph_loopback_free(s->loopback);
	s->came_back = false;
}

static void on_reply(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_session *s = arg;
	struct auth_clock now = graph_session_clock(s->loop);

	s->transfer = NULL;
	w365_request_done(&s->request);
	auth_feed(s->auth, &now, reply, err);
	if (!err || !err->passing)
		see_browser_off(s);
	again(s);
}

static int send_request(struct graph_session *s)
{
	static const size_t id_at = sizeof("client-request-id: ") - 1;
	char id[64] = "client-request-id: ";
	const char *headers[] = { id, "return-client-request-id: true", NULL };
	struct w365_err err = { 0 };
	int r;

	w365_guid_new(id + id_at);
	r = graph_http_send(s->http, &s->request, NULL, s->request.direct ? NULL : headers,
			    REPLY_MAX, on_reply, s, &s->transfer, &err);
	s->requests++;
	if (r < 0) {
		struct auth_clock now = graph_session_clock(s->loop);

		s->transfer = NULL;
		w365_request_done(&s->request);
		auth_feed(s->auth, &now, NULL, &err);
	}
	return r;
}

/* ---- programs ---- */

static void on_ran(void *arg, int status, const char *out, const char *err)
{
	struct graph_session *s = arg;
	struct auth_clock now = graph_session_clock(s->loop);

	auth_ran(s->auth, &now, &(struct auth_ran){ .status = status, .out = out, .err = err });
	s->child = graph_child_free(s->child);
	again(s);
}

static int run_program(struct graph_session *s, const char *const *argv)
{
	struct w365_err err = { 0 };
	int r = graph_child_new(s->loop, argv, PROGRAM_MS, on_ran, s, &s->child, &err);

	s->requests++;
	if (r < 0) {
		struct auth_clock now = graph_session_clock(s->loop);

		auth_feed(s->auth, &now, NULL, &err);
	}
	return r;
}

/* ---- the browser ---- */

static enum graph_page_shown on_visit(void *arg, const char *form)
{
	struct graph_session *s = arg;
	struct auth_clock now = graph_session_clock(s->loop);

	if (s->came_back || !auth_arrived(s->auth, &now, form))
		return GRAPH_PAGE_STRANGER;
	s->came_back = true;
	graph_timer_set(&s->timer, graph_loop_now(s->loop)); /* poll, but not from in here */
	return GRAPH_PAGE_LATER;
}

static int listen_for_browser(struct graph_session *s)
{
	struct auth_clock now = graph_session_clock(s->loop);
	struct w365_err err = { 0 };
	unsigned port = 0;
	int r;

	graph_loopback_free(s->loopback);
	s->loopback = NULL;
	s->came_back = false;
	r = graph_loopback_new(s->loop, on_visit, s, &s->loopback, &port, &err);
	auth_listening(s->auth, &now, port, r < 0 ? &err : NULL);
	if (r == 0)
		graph_timer_set(&s->timer, now.ms + BROWSER_MS);
	return r;
}

static void tell(struct graph_session *s)
{
	const struct auth_prompt *p = auth_prompt(s->auth);

	if (!p || !s->prompt || p->serial == s->prompted)
		return;
	s->prompted = p->serial;
	s->prompt(s->prompt_arg, p);
}

/* What a step wants; -errno if it could not be begun: the machine knows by then. */
static int act(struct graph_session *s, int step, struct auth_todo *todo)
{
	switch (step) {
	case AUTH_SEND:
		w365_debug("auth: asking for a token (%s)", auth_grant_name(s->auth));
		s->request = todo->request;
		return send_request(s);
	case AUTH_RUN: return run_program(s, todo->argv);
	case AUTH_LISTEN: return listen_for_browser(s);
	default: return 0;
	}
}

int graph_session_poll(struct graph_session *s, struct w365_err *reterr)
{
	for (;;) {
		struct auth_clock now = graph_session_clock(s->loop);
		struct w365_err err = { 0 };
		struct auth_todo todo;
		int step = auth_step(s->auth, &now, &todo, &err);

		watch(s); /* auto may have gone on to a person's sign-in */
		if (step >= 0 && act(s, step, &todo) < 0)
			continue; /* it says what follows */
		tell(s);
		if (auth_bearer(s->auth, now.ms))
			return 1;
		if (step < 0) {
			see_browser_off(s);
			*reterr = err;
			return step;
		}
		if (step == AUTH_WAIT && todo.at != W365_NEVER)
			graph_timer_set(&s->timer, todo.at);
		return 0;
	}
}

uint64_t graph_session_requests(const struct graph_session *s)
{
	return s->requests;
}
