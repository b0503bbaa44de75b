#include "sim/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/macros.h"
#include "sim/body.h"
#include "sim/exchange.h"

#define MAX_BODY ((size_t)64 << 20)

/* For a request line with every property name in it, and for large pieces of the answer. */
#define CONNECTION_MEMORY ((size_t)256 << 10)

struct sim_server {
	struct sim *sim;
	struct sim_loop *loop;
	struct MHD_Daemon *daemon;
	struct sim_watch watch;
	struct sim_exchange *parked; /* all that are suspended */
	bool quiet, closing;
};

static void *begin(void *cls, const char *target, struct MHD_Connection *connection)
{
	return sim_exchange_new(target, connection);
}

/* The peer has gone, the time is over, or the fault was cleared: the handler is called again. */
static void resume(struct sim_exchange *x)
{
	struct sim_server *s = x->server;

	sim_loop_cancel(s->loop, &x->timer);
	sim_loop_unwatch(s->loop, x->fd);
	if (x->previous)
		x->previous->next = x->next;
	else
		s->parked = x->next;
	if (x->next)
		x->next->previous = x->previous;
	x->state = SIM_X_READY;
	MHD_resume_connection(x->connection);
}

static void on_timer(void *arg)
{
	resume(arg);
}

static void on_hangup(void *arg)
{
	struct sim_exchange *x = arg;

	x->gone = true;
	resume(x);
}

static void release_stalled(void *arg)
{
	struct sim_server *s = arg;

	for (struct sim_exchange *x = s->parked, *next; x; x = next) {
		next = x->next;
		if (x->fault && x->fault->kind == SIM_FAULT_STALL)
			resume(x);
	}
}

/* libmicrohttpd does not look at the socket of a suspended connection: we watch it for a peer that
 * gives up. */
static void park(struct sim_server *s, struct sim_exchange *x, uint64_t ms)
{
	x->state = SIM_X_PARKED;
	x->timer = (struct sim_timer){ .fn = on_timer, .arg = x };
	x->watch = (struct sim_watch){ on_hangup, x };
	x->fd = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD)
			->connect_fd;
	x->previous = NULL;
	x->next = s->parked;
	if (s->parked)
		s->parked->previous = x;
	s->parked = x;
	MHD_suspend_connection(x->connection);
	sim_loop_watch(s->loop, x->fd, EPOLLRDHUP | EPOLLHUP, &x->watch);
	if (ms != UINT64_MAX)
		sim_loop_after(s->loop, &x->timer, ms);
}

/* How long the request waits before it is answered; UINT64_MAX: until it is released. */
static uint64_t waiting_time(const struct sim_server *s, const struct sim_exchange *x)
{
	if (x->fault && x->fault->kind == SIM_FAULT_STALL)
		return UINT64_MAX;
	return s->sim->latency_ms +
	       (x->fault && x->fault->kind == SIM_FAULT_DELAY ? x->fault->ms : 0);
}

/* Does the work, once. */
static void compose(struct sim_server *s, struct sim_exchange *x)
{
	struct sim_reply *reply = &x->reply;

	if (x->composed)
		return;
	x->composed = true;
	if (x->too_large)
		reply->status = MHD_HTTP_CONTENT_TOO_LARGE;
	else if (sim_is_hook(&x->req))
		sim_hook(s->sim, &x->req, reply);
	else if (!x->fault || !sim_fault_reply(x->fault, s->sim, &x->req, reply)) {
		sim_answer(s->sim, &x->req, reply);
		if (x->fault)
			sim_fault_spoil(x->fault, reply);
	}
}

/* A line for whoever watches: no code, no token. */
static void print_line(const struct sim_request *req, int status)
{
	_cleanup_(w365_buf_done) struct w365_buf query = W365_BUF;

	sim_log_redact(req->query, &query);
	fprintf(stderr, "%s %.*s%s%s %d\n", req->method, (int)req->path.len, req->path.p,
		query.len ? "?" : "", w365_buf_str(&query), status);
}

static enum MHD_Result answer(struct sim_server *s, struct sim_exchange *x)
{
	struct sim_reply *reply = &x->reply;
	struct MHD_Response *response;
	enum MHD_Result queued = MHD_NO;
	uint64_t bytes;

	if (x->gone || s->closing)
		return MHD_NO;
	compose(s, x);
	if (reply->delivery != SIM_DROP) {
		response = sim_body_response(s->sim, &x->req, reply, &bytes);
		if (response) {
			queued = MHD_queue_response(x->connection, (unsigned)reply->status,
						    response);
			MHD_destroy_response(response);
			sim_log_end(&s->sim->log, x->req.ticket, reply->status, bytes);
		}
	}
	if (!s->quiet)
		print_line(&x->req, queued ? reply->status : 0);
	return queued;
}

/* The whole request is there. */
static enum MHD_Result complete(struct sim_server *s, struct sim_exchange *x)
{
	bool graph = sim_is_graph(&x->req);
	uint64_t ms;

	x->req.body = (struct w365_span){ w365_buf_str(&x->body), x->body.len };
	if (sim_is_hook(&x->req))
		return answer(s, x);
	x->req.ticket = sim_log_begin(&s->sim->log, &x->req, graph);
	x->fault = sim_fault_pick(&s->sim->faults, &x->req, graph);
	ms = waiting_time(s, x);
	if (!ms)
		return answer(s, x);
	if (x->fault && x->fault->after)
		compose(s, x);
	park(s, x, ms);
	return MHD_YES;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **state)
{
	struct sim_server *s = cls;
	struct sim_exchange *x = *state;

	if (!x)
		return MHD_NO;
	switch (x->state) {
	case SIM_X_NEW:
		x->server = s;
		sim_exchange_read_head(x, method, version);
		x->state = SIM_X_READING;
		return MHD_YES;
	case SIM_X_READING:
		if (!*upload_size)
			return complete(s, x);
		x->too_large |= x->body.len + *upload_size > MAX_BODY;
		if (!x->too_large)
			w365_buf_add(&x->body, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	case SIM_X_PARKED: return MHD_YES;
	default: return answer(s, x);
	}
}

static void end(void *cls, struct MHD_Connection *connection, void **state,
		enum MHD_RequestTerminationCode code)
{
	struct sim_exchange *x = *state;

	*state = NULL;
	if (x && x->state == SIM_X_PARKED)
		abort(); /* a suspended connection cannot end */
	sim_exchange_free(x);
}

/* libmicrohttpd has something to do: sim_server_run() lets it, after every event. */
static void on_mhd(void *arg)
{
}

static int start(struct sim_server *s, const struct sim_server_config *config, const char *cert,
		 const char *key, struct w365_err *reterr)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
	struct MHD_OptionItem tls[] = { { MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)cert },
					{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key },
					{ MHD_OPTION_END, 0, NULL } };
	struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	if (cert)
		flags |= MHD_USE_TLS;
	s->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, handle, s, MHD_OPTION_ARRAY, cert ? tls : none,
		MHD_OPTION_LISTEN_SOCKET, config->fd, MHD_OPTION_URI_LOG_CALLBACK, begin, s,
		MHD_OPTION_NOTIFY_COMPLETED, end, s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		CONNECTION_MEMORY, MHD_OPTION_END);
	if (!s->daemon)
		return w365_err_set(
			reterr, EINVAL, "libmicrohttpd cannot start%s",
			cert ? ": is the certificate PEM, and does the key belong to it?" : "");
	s->watch = (struct sim_watch){ on_mhd, s };
	if (!sim_loop_watch(s->loop,
			    MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
			    EPOLLIN, &s->watch))
		return w365_err_set(reterr, errno, "cannot watch libmicrohttpd: %m");
	return 0;
}

int sim_server_new(struct sim *sim, struct sim_loop *loop, const struct sim_server_config *config,
		   struct sim_server **ret, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf cert = W365_BUF, key = W365_BUF_SECRET;
	struct sim_server *s = calloc(1, sizeof(*s));
	int r = s ? 0 : w365_err_oom(reterr);

	if (r == 0 && config->tls_cert)
		r = w365_file_read(config->tls_cert, 1 << 20, false, &cert, reterr);
	if (r == 0 && config->tls_key)
		r = w365_file_read(config->tls_key, 1 << 20, false, &key, reterr);
	if (r == 0) {
		s->sim = sim;
		s->loop = loop;
		s->quiet = config->quiet;
		r = start(s, config, config->tls_cert ? w365_buf_str(&cert) : NULL,
			  w365_buf_str(&key), reterr);
	}
	if (r < 0) {
		sim_server_free(s);
		return r;
	}
	sim->on_clear = release_stalled;
	sim->on_clear_arg = s;
	*ret = s;
	return 0;
}

void sim_server_run(struct sim_server *s)
{
	while (!s->loop->stop) {
		MHD_UNSIGNED_LONG_LONG ms;
		int timeout =
			MHD_get_timeout(s->daemon, &ms) == MHD_YES ? (int)MIN(ms, 60000ull) : -1;

		sim_loop_wait(s->loop, timeout);
		MHD_run(s->daemon);
	}
}

struct sim_server *sim_server_free(struct sim_server *s)
{
	if (!s)
		return NULL;
	s->closing = true;
	while (s->parked)
		resume(s->parked);
	if (s->daemon) {
		MHD_run(s->daemon);
		MHD_stop_daemon(s->daemon);
	}
	free(s);
	return NULL;
}
