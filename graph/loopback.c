#include "graph/loopback.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#define VISITORS 8                  /* browsers open spare connections */
#define ASKS_MAX ((size_t)64 << 10) /* head and form */
#define STAYS_MS 10000

struct visitor {
	struct graph_loopback *server;
	int fd; /* -1: free */
	struct graph_io *io;
	struct graph_timer timer;
	struct w365_buf asks, answer;
	size_t sent;
	bool waits; /* for graph_loopback_show() */
};

struct graph_loopback {
	struct graph_loop *loop;
	graph_visit_fn *fn;
	void *arg;
	int fd;
	struct graph_io *io;
	struct visitor visitors[VISITORS];
};

static const struct {
	int status;
	const char *title, *text;
} pages[] = {
	[GRAPH_PAGE_DONE] = { 200, "You are signed in",
			      "w365fs has what it needs. You can close this page and go back to the "
			      "terminal." },
	[GRAPH_PAGE_FAILED] = { 200, "You are not signed in",
				"The sign-in was refused or cancelled. The terminal says why, and "
				"what to do next." },
	[GRAPH_PAGE_STRANGER] = { 400, "Nothing to see here",
				  "This page belongs to a sign-in of w365fs, and this is not its "
				  "answer. Go back to the terminal." },
};

/* No script, nothing from elsewhere, and nothing of what the visitor brought. */
static const char html[] =
	"<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" "
	"content=\"light dark\"><title>w365fs: %s</title><style>"
	"body{font:18px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:100vh;"
	"margin:0;background:#f4f6f9;color:#1b2733}"
	"main{max-width:26em;padding:2.5em 3em;border-radius:14px;background:#fff;"
	"box-shadow:0 2px 24px #0002;border-top:6px solid %s}"
	"h1{font-size:1.5em;margin:0 0 .5em}p{margin:0}small{display:block;margin-top:1.5em;"
	"color:#67727e}@media(prefers-color-scheme:dark){body{background:#11161c;color:#e4e9ee}"
	"main{background:#1c242d}small{color:#8d99a5}}</style></head><body><main><h1>%s</h1>"
	"<p>%s</p><small>w365fs &middot; Windows 365 as files</small></main></body></html>\n";

static void leave(struct visitor *v)
{
	v->io = graph_io_free(v->io);
	graph_timer_stop(&v->timer);
	w365_closep(&v->fd);
	v->fd = -1;
	w365_buf_done(&v->asks);
	w365_buf_done(&v->answer);
	v->sent = 0;
	v->waits = false;
}

static void send_some(struct visitor *v)
{
	while (v->sent < v->answer.len) {
		ssize_t n = send(v->fd, v->answer.data + v->sent, v->answer.len - v->sent,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			graph_io_set(v->io, EPOLLOUT);
			return;
		}
		if (n < 0)
			break;
		v->sent += (size_t)n;
	}
	leave(v);
}

static void answer(struct visitor *v, int status, const char *type, const char *body)
{
	w365_buf_addf(&v->answer,
		      "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
		      "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
		      "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
		      "Connection: close\r\n\r\n%s",
		      status, status == 200 ? "OK" : "Bad Request", type, strlen(body), body);
	send_some(v);
}

static void show(struct visitor *v, enum graph_page_shown page)
{
	_cleanup_(w365_buf_done) struct w365_buf body = W365_BUF;

	w365_buf_addf(&body, html, pages[page].title,
		      page == GRAPH_PAGE_DONE ? "#2da44e" : "#d29922", pages[page].title,
		      pages[page].text);
	answer(v, pages[page].status, "text/html; charset=utf-8", w365_buf_str(&body));
}

static void visit(struct visitor *v, const char *form)
{
	enum graph_page_shown page;

	v->waits = true;
	page = v->server->fn(v->server->arg, form);
	if (page != GRAPH_PAGE_LATER && v->waits) {
		v->waits = false;
		show(v, page);
	}
}

void graph_loopback_show(struct graph_loopback *l, enum graph_page_shown page)
{
	for (unsigned i = 0; i < VISITORS; i++) {
		if (!l->visitors[i].waits)
			continue;
		l->visitors[i].waits = false;
		show(&l->visitors[i], page);
	}
}

/* Where the head ends, or NULL while it has not come whole. */
static char *head_end(struct visitor *v)
{
	char *end = strstr(v->asks.data, "\r\n\r\n");

	return end ? end + 4 : NULL;
}

static size_t content_length(const char *head)
{
	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, "Content-Length:", 15) == 0)
			return strtoul(line + 17, NULL, 10);
	return 0;
}

/* All there is of the request so far; answers once it is whole. */
static void look(struct visitor *v)
{
	char *head = v->asks.data, *body = head_end(v), *target, *end;
	size_t length;

	if (!body)
		return;
	if (w365_starts(head, "POST / HTTP/1.") || w365_starts(head, "POST /?")) {
		length = content_length(head);
		if (length > ASKS_MAX || v->asks.len - (size_t)(body - head) < length) {
			if (length > ASKS_MAX)
				leave(v);
			return;
		}
		body[length] = '\0';
		visit(v, body);
		return;
	}
	target = head + strlen("GET ");
	end = w365_starts(head, "GET /") ? strchr(target, ' ') : NULL;
	if (!end) {
		show(v, GRAPH_PAGE_STRANGER);
		return;
	}
	*end = '\0';
	if (w365_starts(target, "/?"))
		visit(v, target + 2);
	else
		answer(v, 404, "text/plain", "not found\n");
}

static void on_visitor(void *arg, uint32_t events)
{
	struct visitor *v = arg;
	char *to;
	ssize_t n;

	if (v->answer.len) {
		send_some(v);
		return;
	}
	if (v->waits) { /* it has said all it had to say; or it has gone */
		if (events & (EPOLLHUP | EPOLLERR))
			leave(v);
		else
			graph_io_set(v->io, 0);
		return;
	}
	to = w365_buf_room(&v->asks, 4096);
	n = to ? recv(v->fd, to, 4096, 0) : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || v->asks.len + (size_t)n > ASKS_MAX || memchr(to, '\0', (size_t)n)) {
		leave(v);
		return;
	}
	v->asks.len += (size_t)n;
	v->asks.data[v->asks.len] = '\0';
	look(v);
}

static void on_stay(void *arg)
{
	leave(arg);
}

static void on_listener(void *arg, uint32_t events)
{
	struct graph_loopback *l = arg;
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct visitor *v = NULL;

	for (unsigned i = 0; i < VISITORS && !v; i++)
		if (l->visitors[i].fd < 0)
			v = &l->visitors[i];
	if (fd < 0 || !v) {
		w365_closep(&fd);
		return;
	}
	v->fd = fd;
	v->asks = W365_BUF_SECRET;
	graph_timer_set(&v->timer, graph_loop_now(l->loop) + STAYS_MS);
	if (graph_io_new(l->loop, fd, EPOLLIN, on_visitor, v, &v->io, NULL) < 0)
		leave(v);
}

int graph_loopback_new(struct graph_loop *loop, graph_visit_fn *fn, void *arg,
		       struct graph_loopback **ret, unsigned *ret_port, struct w365_err *reterr)
{
	struct graph_loopback *l = calloc(1, sizeof(*l));
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int r = 0;

	if (!l)
		return w365_err_oom(reterr);
	l->loop = loop;
	l->fn = fn;
	l->arg = arg;
	for (unsigned i = 0; i < VISITORS; i++) {
		l->visitors[i].server = l;
		l->visitors[i].fd = -1;
		graph_timer_init(&l->visitors[i].timer, loop, on_stay, &l->visitors[i]);
	}
	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&at, size) < 0 || listen(l->fd, 4) < 0 ||
	    getsockname(l->fd, (struct sockaddr *)&at, &size) < 0)
		r = w365_err_set(reterr, errno, "cannot listen for the browser: %m");
	if (r == 0)
		r = graph_io_new(loop, l->fd, EPOLLIN, on_listener, l, &l->io, reterr);
	if (r < 0) {
		graph_loopback_free(l);
		return r;
	}
	*ret_port = ntohs(at.sin_port);
	*ret = l;
	return 0;
}

struct graph_loopback *graph_loopback_free(struct graph_loopback *l)
{
	if (l) {
		for (unsigned i = 0; i < VISITORS; i++)
			leave(&l->visitors[i]);
		graph_io_free(l->io);
		w365_closep(&l->fd);
		free(l);
	}
	return NULL;
}
