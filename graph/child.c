#include "graph/child.h"
#include "base/macros.h"
#include "graph/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define SAYS_MAX ((size_t)1 << 20)

extern char **environ;

struct graph_child {
	struct graph_loop *loop;
	graph_child_fn *fn;
	void *arg;
	pid_t pid; /* 0: it never ran, or has been waited for */
	int status;
	int ended; /* a pidfd, or -1 */
	struct graph_io *watch;
	struct stream {
		struct graph_child *child;
		int fd;
		struct graph_io *io; /* NULL: at its end */
		struct w365_buf said;
	} streams[2];
	struct graph_timer timer;
	struct graph_soon soon;
};

/* Over once it has ended and both its streams have: a grandchild may still hold them, but then the
 * timer ends it. */
static void see(void *arg)
{
	struct graph_child *c = arg;

	if (c->pid || c->streams[0].io || c->streams[1].io)
		return;
	graph_timer_stop(&c->timer);
	c->fn(c->arg, c->status, w365_buf_str(&c->streams[0].said),
	      w365_buf_str(&c->streams[1].said));
}

static void see_soon(struct graph_child *c)
{
	graph_loop_soon(c->loop, &c->soon, see, c);
}

static void end_stream(struct stream *s)
{
	s->io = graph_io_free(s->io);
	see_soon(s->child);
}

static void on_stream(void *arg, uint32_t events)
{
	struct stream *s = arg;
	char *to = w365_buf_room(&s->said, 4096);
	ssize_t n = to ? read(s->fd, to, 4096) : -1;

	if (n > 0) {
		s->said.len += (size_t)n;
		s->said.data[s->said.len] = '\0';
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || s->said.len > SAYS_MAX)
		end_stream(s);
}

static void reap(struct graph_child *c)
{
	int status = 0;

	if (!c->pid)
		return;
	waitpid(c->pid, &status, 0);
	c->pid = 0;
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	c->watch = graph_io_free(c->watch);
	see_soon(c);
}

static void on_end(void *arg, uint32_t events)
{
	reap(arg);
}

/* With all that it has started: it leads a group of its own. */
static void kill_all(struct graph_child *c)
{
	if (c->pid) {
		kill(-c->pid, SIGKILL);
		reap(c);
	}
}

static void on_timeout(void *arg)
{
	struct graph_child *c = arg;

	kill_all(c);
	c->status = -1;
	for (unsigned i = 0; i < 2; i++)
		if (c->streams[i].io)
			end_stream(&c->streams[i]);
}

struct graph_child *graph_child_free(struct graph_child *c)
{
	if (c) {
		kill_all(c);
		graph_timer_stop(&c->timer);
		graph_soon_cancel(c->loop, &c->soon);
		graph_io_free(c->watch);
		w365_closep(&c->ended);
		for (unsigned i = 0; i < 2; i++) {
			graph_io_free(c->streams[i].io);
			w365_closep(&c->streams[i].fd);
			w365_buf_done(&c->streams[i].said);
		}
		free(c);
	}
	return NULL;
}

W365_DEFINE_CLEANUP(struct graph_child *, graph_child_free)

static int open_streams(struct graph_child *c, int write_ends[2], struct w365_err *reterr)
{
	for (unsigned i = 0; i < 2; i++) {
		struct stream *s = &c->streams[i];
		int fds[2], r;

		if (pipe2(fds, O_CLOEXEC) < 0)
			return w365_err_set(reterr, errno, "cannot make a pipe: %m");
		s->fd = fds[0];
		write_ends[i] = fds[1];
		fcntl(s->fd, F_SETFL, O_NONBLOCK);
		r = graph_io_new(c->loop, s->fd, EPOLLIN, on_stream, s, &s->io, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Signals are blocked here, because the loop reads them; the program gets them as usual. */
static int spawn(struct graph_child *c, const char *const *argv, const int write_ends[2])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int r;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, write_ends[0], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, write_ends[1], STDERR_FILENO);
	posix_spawn_file_actions_addchdir_np(&files, "/");
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setpgroup(&attr, 0);
	r = posix_spawnp(&c->pid, argv[0], &files, &attr, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	if (r != 0)
		c->pid = 0;
	return r;
}

int graph_child_new(struct graph_loop *loop, const char *const *argv, uint64_t timeout_ms,
		    graph_child_fn *fn, void *arg, struct graph_child **ret,
		    struct w365_err *reterr)
{
	_cleanup_(graph_child_freep) struct graph_child *c = calloc(1, sizeof(*c));
	int write_ends[2] = { -1, -1 }, r;

	if (!c)
		return w365_err_oom(reterr);
	*c = (struct graph_child){ .loop = loop, .fn = fn, .arg = arg, .ended = -1 };
	for (unsigned i = 0; i < 2; i++)
		c->streams[i] = (struct stream){ .child = c, .fd = -1, .said = W365_BUF_SECRET };
	graph_timer_init(&c->timer, loop, on_timeout, c);
	r = open_streams(c, write_ends, reterr);
	if (r == 0) {
		int e = spawn(c, argv, write_ends);

		if (e == ENOENT || e == EACCES)
			c->status = 127;
		else if (e)
			r = w365_err_set(reterr, e, "cannot run %s: %s", argv[0], strerror(e));
	}
	w365_closep(&write_ends[0]);
	w365_closep(&write_ends[1]);
	if (r == 0 && c->pid) {
		c->ended = (int)syscall(SYS_pidfd_open, c->pid, 0);
		r = c->ended < 0
			    ? w365_err_set(reterr, errno, "cannot watch %s: %m", argv[0])
			    : graph_io_new(loop, c->ended, EPOLLIN, on_end, c, &c->watch, reterr);
	}
	if (r < 0)
		return r;
	graph_timer_set(&c->timer, graph_loop_now(loop) + timeout_ms);
	*ret = TAKE_PTR(c);
	return 0;
}
