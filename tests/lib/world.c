#include "tests/lib/world.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/session.h"
#include "graph/session.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>

struct world_private {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t done;
	int wake;
	struct graph_io *io;
	void (*fn)(void *arg); /* what to run; NULL: nothing */
	void *arg;
	bool answer_tokens;
	bool stepped; /* there is no thread */
	void (*on_request)(void *arg, struct server_request *r);
	void *request_arg;
	char dir[64], socket[96];
	struct fs_options options;
	struct graph_http *http;
	struct auth *auth;
	struct graph_client *client;
};

static void fatal(const char *what, const struct w365_err *err)
{
	printf("Bail out! %s: %s\n", what, err->msg);
	exit(1);
}

static void on_wake(void *arg, uint32_t events)
{
	struct world *w = arg;
	struct world_private *p = w->private;
	uint64_t n;

	if (read(p->wake, &n, sizeof(n)) < 0)
		return;
	pthread_mutex_lock(&p->lock);
	p->fn(p->arg);
	p->fn = NULL;
	pthread_cond_broadcast(&p->done);
	pthread_mutex_unlock(&p->lock);
}

void world_post(struct world *w, void (*fn)(void *arg), void *arg)
{
	struct world_private *p = w->private;
	uint64_t one = 1;

	if (p->stepped) {
		fn(arg);
		return;
	}
	pthread_mutex_lock(&p->lock);
	p->fn = fn;
	p->arg = arg;
	if (write(p->wake, &one, sizeof(one)) < 0)
		abort();
	while (p->fn)
		pthread_cond_wait(&p->done, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

static void *run(void *arg)
{
	struct world *w = arg;

	graph_loop_run(w->loop);
	return NULL;
}

static void set(char **to, const char *value)
{
	free(*to);
	*to = strdup(value);
}

static void settle(struct world_private *p, const char *options)
{
	struct fs_options *o = &p->options;
	struct w365_err err;

	fs_options_init(o);
	set(&o->tenant, WORLD_TENANT);
	set(&o->client_id, "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
	set(&o->client_secret, "a~secret+with/odd=characters&more");
	set(&o->auth, "client-secret");
	set(&o->authority, "http://localhost");
	set(&o->graph_endpoint, "http://localhost");
	set(&o->unix_socket, p->socket);
	set(&o->config, "/dev/null");
	if (fs_options_mount(o, options, &err) < 0 || fs_options_settle(o, &err) < 0)
		fatal("options", &err);
}

/* What there is to do for the daemon without its waiting; false: nothing. */
static bool do_something(struct world *w)
{
	struct world_private *p = w->private;
	struct server_request *r = world_next(w, 0);

	if (r) {
		p->on_request(p->request_arg, r);
		server_request_free(r);
		return true;
	}
	if (graph_loop_once(w->loop, 0) > 0 || !graph_loop_idle(w->loop))
		return true;
	if (!w->fs || !w->fs->pins)
		return false;
	graph_loop_once(w->loop, -1); /* the notifier is on its way: a thread */
	return true;
}

void world_step(struct world *w)
{
	uint64_t idle;

	if (do_something(w))
		return;
	idle = graph_loop_idle(w->loop);
	if (idle == UINT64_MAX)
		fatal("nothing will ever happen", &(struct w365_err){ .msg = "somebody waits" });
	graph_loop_skip(w->loop, idle);
}

static void step(void *arg)
{
	world_step(arg);
}

void world_settle(struct world *w)
{
	while (do_something(w))
		;
}

static struct world *make(const char *options, struct world_private *settings, const char *keep)
{
	struct world *w = calloc(1, sizeof(*w));
	struct world_private *p = w->private = malloc(sizeof(*p));
	struct auth_clock now;
	struct w365_err err;
	int fd;

	*p = *settings;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->done, NULL);
	strcpy(p->dir, "/tmp/w365fs-world-XXXXXX");
	if (!mkdtemp(p->dir) || setenv("XDG_STATE_HOME", p->dir, 1) < 0)
		abort();
	snprintf(p->socket, sizeof(p->socket), "%s/s", p->dir);
	settle(p, options);
	if (keep)
		p->options.fs.keep = keep;
	w->kernel = kernel_new(&fd, p->stepped ? step : NULL, w);
	p->wake = eventfd(0, EFD_CLOEXEC);
	if (graph_loop_new(&w->loop, &err) < 0 ||
	    graph_io_new(w->loop, p->wake, EPOLLIN, on_wake, w, &p->io, &err) < 0)
		fatal("loop", &err);
	if (p->stepped)
		graph_loop_freeze(w->loop);
	w->server = server_new(w->loop, p->socket);
	now = graph_session_clock(w->loop);
	if (graph_http_new(w->loop, &p->options.http, &p->http, &err) < 0 ||
	    auth_new(&p->options.auth_config, &now, &p->auth, &err) < 0 ||
	    graph_client_new(w->loop, p->http, p->auth, &p->options.client, &p->client, &err) < 0 ||
	    fs_new(&p->options.fs, w->loop, p->http, p->auth, p->client, &p->options.store, &w->fs,
		   &err) < 0 ||
	    fs_session_new(w->fs, "ro", false, &err) < 0 || fs_session_attach(w->fs, fd, &err) < 0)
		fatal("world", &err);
	if (!p->stepped)
		pthread_create(&p->thread, NULL, run, w);
	if (kernel_init(w->kernel) < 0)
		fatal("INIT", &(struct w365_err){ .msg = "refused" });
	return w;
}

struct world *world_new(const char *options, bool answer_tokens)
{
	return make(options, &(struct world_private){ .answer_tokens = answer_tokens }, NULL);
}

struct world *world_new_stepped(const char *options, const char *keep,
				void (*on_request)(void *arg, struct server_request *r), void *arg)
{
	struct world_private settings = {
		.answer_tokens = true, .stepped = true, .on_request = on_request, .request_arg = arg
	};

	return make(options, &settings, keep);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void stop(void *arg)
{
	graph_loop_stop(arg, 0);
}

void world_free(struct world *w)
{
	struct world_private *p = w->private;

	if (!p->stepped) {
		world_post(w, stop, w->loop);
		pthread_join(p->thread, NULL);
	}
	w->fs->unmounted = true; /* there was no mount */
	fs_stop(w->fs);
	fs_session_unmount(w->fs);
	kernel_free(w->kernel);
	fs_session_free(w->fs);
	fs_free(w->fs);
	graph_client_free(p->client);
	auth_free(p->auth);
	graph_http_free(p->http);
	server_free(w->server);
	graph_io_free(p->io);
	graph_loop_free(w->loop);
	fs_options_done(&p->options);
	close(p->wake);
	nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->done);
	free(p);
	free(w);
}

struct graph_client *world_client(const struct world *w)
{
	return w->private->client;
}

void world_cut_off(struct world *w)
{
	unlink(w->private->socket);
}

struct skip {
	struct graph_loop *loop;
	uint64_t ms;
};

static void do_skip(void *arg)
{
	const struct skip *s = arg;

	graph_loop_skip(s->loop, s->ms);
}

void world_skip(struct world *w, uint64_t ms)
{
	world_post(w, do_skip, &(struct skip){ w->loop, ms });
}

struct clock {
	struct graph_loop *loop;
	time_t now;
};

static void do_look(void *arg)
{
	struct clock *c = arg;

	c->now = graph_loop_time(c->loop);
}

time_t world_time(struct world *w)
{
	struct clock c = { .loop = w->loop };

	world_post(w, do_look, &c);
	return c.now;
}

void world_skip_to(struct world *w, unsigned second)
{
	world_skip(w, ((uint64_t)second + 86400 - (uint64_t)world_time(w) % 86400) % 86400 * 1000);
}

struct bytes {
	struct server_conn *conn;
	const char *bytes;
	size_t len;
	bool close;
};

static void do_send(void *arg)
{
	const struct bytes *b = arg;

	server_send(b->conn, b->bytes, b->len, b->close);
}

void world_answer_raw(struct world *w, struct server_request *r, const char *bytes, size_t len,
		      bool close)
{
	world_post(w, do_send, &(struct bytes){ r->conn, bytes, len, close });
}

void world_answer(struct world *w, struct server_request *r, int status, const char *headers,
		  const char *body)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	w365_buf_addf(
		&b,
		"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n%s",
		status, strlen(body), headers, body);
	world_answer_raw(w, r, b.data, b.len, false);
}

struct server_request *world_next(struct world *w, int ms)
{
	struct server_request *r;

	while ((r = server_next(w->server, ms)) && w->private->answer_tokens &&
	       strstr(r->line, "/oauth2/v2.0/token")) {
		world_answer(
			w, r, 200, "",
			"{\"token_type\":\"Bearer\",\"expires_in\":3600,\"access_token\":\"a.token.t\"}");
		server_request_free(r);
	}
	return r;
}

bool world_quiet(struct world *w)
{
	struct server_request *r = world_next(w, 60);

	if (r)
		printf("# unexpected: %s\n", r->line);
	server_request_free(r);
	return !r;
}
