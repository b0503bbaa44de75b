#include "fs/notify.h"
#include "base/buf.h"
#include "base/macros.h"
#include "graph/loop.h"

#define FUSE_USE_VERSION 314
#include <errno.h>
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

/* What goes to the thread: this, and then @name_len bytes of name. */
struct message {
	enum { INODE, ENTRY, MARK } kind;
	uint32_t name_len;
	uint64_t ino; /* or the mark */
};

struct fs_notifier {
	struct graph_loop *loop;
	struct fuse_session *se;
	fs_marked_fn *fn;
	void *arg;
	int ours, theirs; /* the two ends of the socket */
	pthread_t thread;
	struct graph_io *io;
	struct w365_buf out; /* what the socket had no room for */
	size_t sent;         /* of it */
	uint64_t count;
	bool ended; /* the thread */
};

/* ---- the thread ---- */

static bool read_all(int fd, void *p, size_t n)
{
	char *to = p;

	while (n) {
		ssize_t got = read(fd, to, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		to += got;
		n -= (size_t)got;
	}
	return true;
}

static void *run(void *arg)
{
	const struct fs_notifier *n = arg; /* only what never changes is read: se and theirs */
	struct message m;
	char name[256];

	while (read_all(n->theirs, &m, sizeof(m)) && m.name_len < sizeof(name) &&
	       read_all(n->theirs, name, m.name_len)) {
		name[m.name_len] = '\0';
		/* Failures say that the kernel has nothing cached of it: as good as told. */
		switch (m.kind) {
		case INODE: fuse_lowlevel_notify_inval_inode(n->se, m.ino, 0, 0); break;
		case ENTRY: fuse_lowlevel_notify_inval_entry(n->se, m.ino, name, m.name_len); break;
		case MARK:
			/* The loop always reads; it never lets this fill up. */
			send(n->theirs, &m.ino, sizeof(m.ino), MSG_NOSIGNAL);
			break;
		}
	}
	shutdown(n->theirs, SHUT_RDWR); /* the loop reads an end: there is nobody any more */
	return NULL;
}

/* ---- the loop's side ---- */

static void flush(struct fs_notifier *n)
{
	if (!n->io)
		return;
	while (n->sent < n->out.len) {
		ssize_t done = send(n->ours, n->out.data + n->sent, n->out.len - n->sent,
				    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			break;
		n->sent += (size_t)done;
	}
	if (n->sent == n->out.len) {
		w365_buf_done(&n->out);
		n->sent = 0;
	}
	graph_io_set(n->io, n->out.len ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void on_io(void *arg, uint32_t events)
{
	struct fs_notifier *n = arg;
	uint64_t mark;
	ssize_t got;

	if (events & EPOLLOUT)
		flush(n);
	while ((got = recv(n->ours, &mark, sizeof(mark), MSG_DONTWAIT)) == sizeof(mark))
		n->fn(n->arg, mark);
	if (got == 0) {
		n->ended = true;
		n->io = graph_io_free(n->io);
	}
}

static void say(struct fs_notifier *n, struct message m, const char *name)
{
	size_t before = n->out.len;

	w365_buf_add(&n->out, &m, sizeof(m));
	w365_buf_add(&n->out, name, m.name_len);
	n->count += m.kind != MARK;
	if (!before)
		flush(n);
}

void fs_notify_inode(struct fs_notifier *n, uint64_t ino)
{
	say(n, (struct message){ .kind = INODE, .ino = ino }, "");
}

void fs_notify_entry(struct fs_notifier *n, uint64_t parent, const char *name)
{
	say(n, (struct message){ .kind = ENTRY, .ino = parent, .name_len = (uint32_t)strlen(name) },
	    name);
}

void fs_notify_mark(struct fs_notifier *n, uint64_t mark)
{
	say(n, (struct message){ .kind = MARK, .ino = mark }, "");
}

uint64_t fs_notifier_count(const struct fs_notifier *n)
{
	return n->count;
}

int fs_notifier_new(struct graph_loop *loop, struct fuse_session *se, fs_marked_fn *fn, void *arg,
		    struct fs_notifier **ret, struct w365_err *reterr)
{
	struct fs_notifier *n = calloc(1, sizeof(*n));
	sigset_t all, before;
	int fds[2], r;

	if (!n)
		return w365_err_oom(reterr);
	n->loop = loop;
	n->se = se;
	n->fn = fn;
	n->arg = arg;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		free(n);
		return w365_err_set(reterr, errno, "cannot make a socket pair: %m");
	}
	n->ours = fds[0];
	n->theirs = fds[1];
	r = graph_io_new(loop, n->ours, EPOLLIN, on_io, n, &n->io, reterr);
	if (r < 0)
		goto fail;
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = -pthread_create(&n->thread, NULL, run, n);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r < 0) {
		w365_err_set(reterr, -r, "cannot start a thread: %s", strerror(-r));
		goto fail;
	}
	*ret = n;
	return 0;
fail:
	graph_io_free(n->io);
	close(n->ours);
	close(n->theirs);
	free(n);
	return r;
}

void fs_notifier_end(struct fs_notifier *n)
{
	w365_buf_done(&n->out);
	n->sent = 0;
	shutdown(n->ours, SHUT_WR); /* the thread reads what is there, and then an end */
}

bool fs_notifier_ended(const struct fs_notifier *n)
{
	return n->ended;
}

struct fs_notifier *fs_notifier_free(struct fs_notifier *n)
{
	if (n) {
		graph_io_free(n->io);
		shutdown(n->ours, SHUT_RDWR);
		pthread_join(n->thread, NULL);
		close(n->ours);
		close(n->theirs);
		w365_buf_done(&n->out);
		free(n);
	}
	return NULL;
}
