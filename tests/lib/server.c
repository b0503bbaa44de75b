#include "tests/lib/server.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/loop.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

struct server_conn {
	struct server *server;
	int fd; /* -1: gone */
	struct graph_io *io;
	struct w365_buf in, out;
	size_t sent;
	bool closing;
	struct server_conn *next;
};

struct queued {
	struct server_request r; /* first */
	struct queued *next;
};

struct server {
	struct graph_loop *loop;
	int fd;
	struct graph_io *io;
	struct server_conn *conns; /* kept to the end: requests point to them */
	pthread_mutex_t lock;
	pthread_cond_t came;
	struct queued *queue, **end;
	unsigned count, connections;
};

static void hang_up(struct server_conn *c)
{
	c->io = graph_io_free(c->io);
	w365_closep(&c->fd);
	c->fd = -1;
}

static char *cut_out(struct w365_buf *b, size_t from, size_t to)
{
	return strndup(b->data + from, to - from);
}

/* One whole request at the start of the buffer becomes an entry of the queue. */
static bool take_request(struct server_conn *c)
{
	char *head_end = c->in.data ? strstr(c->in.data, "\r\n\r\n") : NULL, *line_end, *length;
	size_t head, body = 0;
	struct queued *q;

	if (!head_end)
		return false;
	head = (size_t)(head_end - c->in.data) + 4;
	length = strcasestr(c->in.data, "\r\ncontent-length:");
	if (length && length < head_end)
		body = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
	if (c->in.len < head + body)
		return false;
	line_end = strstr(c->in.data, " HTTP/1.");
	q = calloc(1, sizeof(*q));
	q->r.conn = c;
	q->r.line = cut_out(&c->in, 0, (size_t)(line_end - c->in.data));
	q->r.headers =
		cut_out(&c->in, (size_t)(strstr(c->in.data, "\r\n") + 2 - c->in.data), head - 2);
	q->r.body = cut_out(&c->in, head, head + body);
	for (char *from = q->r.headers, *to = from; (*to = *from); from++)
		to += *from != '\r';
	memmove(c->in.data, c->in.data + head + body, c->in.len - head - body + 1);
	c->in.len -= head + body;

	pthread_mutex_lock(&c->server->lock);
	*c->server->end = q;
	c->server->end = &q->next;
	c->server->count++;
	pthread_cond_broadcast(&c->server->came);
	pthread_mutex_unlock(&c->server->lock);
	return true;
}

static void flush(struct server_conn *c)
{
	while (c->fd >= 0 && c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			graph_io_set(c->io, EPOLLIN | EPOLLOUT);
			return;
		}
		if (n < 0) {
			hang_up(c);
			return;
		}
		c->sent += (size_t)n;
	}
	w365_buf_reset(&c->out);
	c->sent = 0;
	if (c->closing)
		hang_up(c);
	else if (c->io)
		graph_io_set(c->io, EPOLLIN);
}

static void on_conn(void *arg, uint32_t events)
{
	struct server_conn *c = arg;
	char *to;
	ssize_t n;

	if (events & EPOLLOUT)
		flush(c);
	if (c->fd < 0 || !(events & ~(uint32_t)EPOLLOUT))
		return;
	to = w365_buf_room(&c->in, 65536);
	n = recv(c->fd, to, 65536, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		hang_up(c);
		return;
	}
	c->in.len += (size_t)n;
	c->in.data[c->in.len] = '\0';
	while (take_request(c))
		;
}

static void on_listen(void *arg, uint32_t events)
{
	struct server *s = arg;
	struct server_conn *c = calloc(1, sizeof(*c));

	c->server = s;
	c->fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	c->next = s->conns;
	s->conns = c;
	if (c->fd < 0 || graph_io_new(s->loop, c->fd, EPOLLIN, on_conn, c, &c->io, NULL) < 0)
		abort();
	pthread_mutex_lock(&s->lock);
	s->connections++;
	pthread_mutex_unlock(&s->lock);
}

struct server *server_new(struct graph_loop *loop, const char *path)
{
	struct server *s = calloc(1, sizeof(*s));
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	s->loop = loop;
	s->end = &s->queue;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->came, NULL);
	strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(s->fd, 64) < 0 ||
	    graph_io_new(loop, s->fd, EPOLLIN, on_listen, s, &s->io, NULL) < 0)
		abort();
	return s;
}

void server_request_free(struct server_request *r)
{
	if (r) {
		free(r->line);
		free(r->headers);
		free(r->body);
		free(r);
	}
}

void server_free(struct server *s)
{
	while (s->conns) {
		struct server_conn *c = s->conns;

		s->conns = c->next;
		hang_up(c);
		w365_buf_done(&c->in);
		w365_buf_done(&c->out);
		free(c);
	}
	while (s->queue) {
		struct queued *q = s->queue;

		s->queue = q->next;
		server_request_free(&q->r);
	}
	graph_io_free(s->io);
	close(s->fd);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->came);
	free(s);
}

struct server_request *server_next(struct server *s, int ms)
{
	struct timespec until;
	struct queued *q;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&s->lock);
	while (!s->queue && ms && pthread_cond_timedwait(&s->came, &s->lock, &until) == 0)
		;
	q = s->queue;
	if (q) {
		s->queue = q->next;
		if (!s->queue)
			s->end = &s->queue;
	}
	pthread_mutex_unlock(&s->lock);
	return q ? &q->r : NULL;
}

void server_send(struct server_conn *c, const char *bytes, size_t len, bool close)
{
	if (c->fd < 0)
		return;
	w365_buf_add(&c->out, bytes, len);
	c->closing = c->closing || close;
	flush(c);
}

unsigned server_count(struct server *s)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->count;
	pthread_mutex_unlock(&s->lock);
	return n;
}

unsigned server_connections(struct server *s)
{
	unsigned n;

	pthread_mutex_lock(&s->lock);
	n = s->connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}
