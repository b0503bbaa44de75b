#include "tests/lib/kernel.h"
#include "base/macros.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define MESSAGE_MAX 200000 /* what a socket pair takes in one piece */
#define NOTES       4096

struct kernel_call {
	uint64_t unique;
	bool done;
	int error;
	char *data; /* of the answer */
	size_t len;
	struct kernel_call *next;
};

struct kernel {
	int fd;
	void (*step)(
		void *arg); /* NULL: the daemon runs in a thread of its own, and so does @reader */
	void *arg;
	char *inbox;
	pthread_t reader;
	pthread_mutex_t lock;
	pthread_cond_t answered;
	struct kernel_call *calls;
	uint64_t unique;
	bool gone;
	uint32_t flags;
	struct note {
		int code;
		uint64_t ino;
	} notes[NOTES];
	unsigned n_notes;
};

static void take_note(struct kernel *k, const struct fuse_out_header *h, const char *data,
		      size_t len)
{
	uint64_t ino = 0;

	if (len >=
	    sizeof(ino)) /* all that concern us begin with the inode's or the parent's number */
		memcpy(&ino, data, sizeof(ino));
	if (k->n_notes < NOTES)
		k->notes[k->n_notes++] = (struct note){ h->error, ino };
}

/* Takes one message; false: there is none. */
static bool take(struct kernel *k, int flags)
{
	const struct fuse_out_header *h = (void *)k->inbox;
	const char *data = k->inbox + sizeof(*h);
	ssize_t n = recv(k->fd, k->inbox, MESSAGE_MAX, flags);
	size_t len;

	if (n < 0 && errno == EAGAIN)
		return false;
	pthread_mutex_lock(&k->lock);
	if (n < (ssize_t)sizeof(*h)) {
		k->gone = true;
		pthread_cond_broadcast(&k->answered);
		pthread_mutex_unlock(&k->lock);
		return false;
	}
	len = (size_t)n - sizeof(*h);
	if (!h->unique)
		take_note(k, h, data, len);
	for (struct kernel_call *c = k->calls; c; c = c->next) {
		if (c->unique != h->unique)
			continue;
		c->error = h->error;
		c->data = malloc(len + 1);
		memcpy(c->data, data, len);
		c->data[len] = '\0';
		c->len = len;
		c->done = true;
	}
	pthread_cond_broadcast(&k->answered);
	pthread_mutex_unlock(&k->lock);
	return true;
}

static void *run(void *arg)
{
	struct kernel *k = arg;

	while (take(k, 0))
		;
	return NULL;
}

struct kernel *kernel_new(int *ret_fd, void (*step)(void *arg), void *arg)
{
	struct kernel *k = calloc(1, sizeof(*k));
	int fds[2], size = 8 << 20;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		abort();
	setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	k->fd = fds[0];
	*ret_fd = fds[1];
	pthread_mutex_init(&k->lock, NULL);
	pthread_cond_init(&k->answered, NULL);
	k->inbox = malloc(MESSAGE_MAX);
	k->step = step;
	k->arg = arg;
	if (!step)
		pthread_create(&k->reader, NULL, run, k);
	return k;
}

/* Who saves is somebody else each time: that an editor goes on from what it has saved itself is a case
 * of its own. All else is this process, whose name the daemon may look up. */
static uint32_t pid_for(uint32_t opcode)
{
	static _Atomic uint32_t others = 1u << 23;

	return opcode == FUSE_FLUSH || opcode == FUSE_FSYNC ? ++others : (uint32_t)getpid();
}

void kernel_free(struct kernel *k)
{
	shutdown(k->fd, SHUT_RDWR);
	if (!k->step)
		pthread_join(k->reader, NULL);
	close(k->fd);
	free(k->inbox);
	pthread_mutex_destroy(&k->lock);
	pthread_cond_destroy(&k->answered);
	free(k);
}

static void post(struct kernel *k, uint32_t opcode, uint64_t unique, uint64_t ino,
		 const struct iovec *in, int n)
{
	struct fuse_in_header h = { .len = sizeof(h),
				    .opcode = opcode,
				    .unique = unique,
				    .nodeid = ino,
				    .uid = getuid(),
				    .gid = getgid(),
				    .pid = pid_for(opcode) };
	struct iovec iov[4] = { { &h, sizeof(h) } };

	for (int i = 0; i < n; i++) {
		iov[i + 1] = in[i];
		h.len += (uint32_t)in[i].iov_len;
	}
	if (writev(k->fd, iov, n + 1) < 0 && errno != EPIPE && errno != ECONNRESET)
		abort();
}

static void begin(struct kernel *k, uint32_t opcode, uint64_t ino, const struct iovec *in, int n,
		  struct kernel_call *c)
{
	*c = (struct kernel_call){ 0 };
	pthread_mutex_lock(&k->lock);
	c->unique = k->unique += 2; /* the lowest bit marks interrupts, as in the kernel */
	c->next = k->calls;
	k->calls = c;
	post(k, opcode, c->unique, ino, in, n);
	pthread_mutex_unlock(&k->lock);
}

static int end(struct kernel *k, struct kernel_call *c)
{
	while (k->step && !c->done && !k->gone)
		if (!take(k, MSG_DONTWAIT))
			k->step(k->arg);
	pthread_mutex_lock(&k->lock);
	while (!c->done && !k->gone)
		pthread_cond_wait(&k->answered, &k->lock);
	for (struct kernel_call **p = &k->calls; *p; p = &(*p)->next) {
		if (*p == c) {
			*p = c->next;
			break;
		}
	}
	pthread_mutex_unlock(&k->lock);
	return c->done ? c->error : -ENOTCONN;
}

/* Sends, waits, and leaves the answer in @c, whose data the caller frees. */
static int call(struct kernel *k, uint32_t opcode, uint64_t ino, const struct iovec *in, int n,
		struct kernel_call *c)
{
	begin(k, opcode, ino, in, n, c);
	return end(k, c);
}

/* The same for an answer of a known size. */
static int call_fixed(struct kernel *k, uint32_t opcode, uint64_t ino, const struct iovec *in,
		      int n, void *out, size_t size)
{
	struct kernel_call c;
	int r = call(k, opcode, ino, in, n, &c);

	if (r == 0 && c.len != size)
		r = -EPROTO;
	if (r == 0 && size)
		memcpy(out, c.data, size);
	free(c.data);
	return r;
}

/* And for one of at most @size bytes; returns how many. */
static int call_bytes(struct kernel *k, uint32_t opcode, uint64_t ino, const struct iovec *in,
		      int n, char *out, size_t size)
{
	struct kernel_call c;
	int r = call(k, opcode, ino, in, n, &c);

	if (r == 0) {
		r = c.len > size ? -EPROTO : (int)c.len;
		if (r > 0)
			memcpy(out, c.data, c.len);
	}
	free(c.data);
	return r;
}

int kernel_init(struct kernel *k)
{
	struct fuse_init_in in = {
		.major = 7, .minor = 38, .max_readahead = 131072, .flags = 0x79fffdb
	};
	struct kernel_call c;
	int r = call(k, FUSE_INIT, 0, &(struct iovec){ &in, sizeof(in) }, 1, &c);

	if (r == 0 && c.len >= sizeof(struct fuse_init_out))
		k->flags = ((const struct fuse_init_out *)c.data)->flags;
	free(c.data);
	return r;
}

uint32_t kernel_flags(const struct kernel *k)
{
	return k->flags;
}

int kernel_lookup(struct kernel *k, uint64_t parent, const char *name, struct fuse_entry_out *ret)
{
	return call_fixed(k, FUSE_LOOKUP, parent, &(struct iovec){ (char *)name, strlen(name) + 1 },
			  1, ret, sizeof(*ret));
}

int kernel_getattr(struct kernel *k, uint64_t ino, struct fuse_attr_out *ret)
{
	struct fuse_getattr_in in = { 0 };

	return call_fixed(k, FUSE_GETATTR, ino, &(struct iovec){ &in, sizeof(in) }, 1, ret,
			  sizeof(*ret));
}

int kernel_read(struct kernel *k, uint64_t ino, uint64_t off, uint32_t size, uint32_t flags,
		char *buf)
{
	struct fuse_read_in in = { .offset = off, .size = size, .flags = flags };

	return call_bytes(k, FUSE_READ, ino, &(struct iovec){ &in, sizeof(in) }, 1, buf, size);
}

int kernel_read_open(struct kernel *k, const struct kernel_handle *h, uint64_t off, uint32_t size,
		     uint32_t flags, char *buf)
{
	struct fuse_read_in in = { .fh = h->fh, .offset = off, .size = size, .flags = flags };

	return call_bytes(k, FUSE_READ, h->ino, &(struct iovec){ &in, sizeof(in) }, 1, buf, size);
}

int kernel_readlink(struct kernel *k, uint64_t ino, char *buf, size_t size)
{
	int r = call_bytes(k, FUSE_READLINK, ino, NULL, 0, buf, size - 1);

	if (r >= 0)
		buf[r] = '\0';
	return r;
}

int kernel_getxattr(struct kernel *k, uint64_t ino, const char *name, char *buf, uint32_t size)
{
	struct fuse_getxattr_in in = { .size = size };
	struct fuse_getxattr_out out;
	struct iovec iov[] = { { &in, sizeof(in) },
			       { (char *)(name ? name : ""), name ? strlen(name) + 1 : 0 } };
	uint32_t opcode = name ? FUSE_GETXATTR : FUSE_LISTXATTR;
	int r;

	if (size)
		return call_bytes(k, opcode, ino, iov, name ? 2 : 1, buf, size);
	r = call_fixed(k, opcode, ino, iov, name ? 2 : 1, &out, sizeof(out));
	return r < 0 ? r : (int)out.size;
}

int kernel_simple(struct kernel *k, uint32_t opcode, uint64_t ino, const void *in, size_t size)
{
	struct kernel_call c;
	int r = call(k, opcode, ino, &(struct iovec){ (void *)in, size }, 1, &c);

	free(c.data);
	return r;
}

int kernel_call(struct kernel *k, uint32_t opcode, uint64_t ino, const struct iovec *in, int n,
		void *out, size_t size)
{
	return call_fixed(k, opcode, ino, in, n, out, size);
}

struct kernel_call *kernel_begin(struct kernel *k, uint32_t opcode, uint64_t ino, const void *in,
				 size_t size)
{
	struct kernel_call *c = malloc(sizeof(*c));

	begin(k, opcode, ino, &(struct iovec){ (void *)in, size }, 1, c);
	return c;
}

int kernel_end(struct kernel *k, struct kernel_call *c)
{
	int r = end(k, c);

	free(c->data);
	free(c);
	return r;
}

void kernel_forget(struct kernel *k, uint64_t ino, uint64_t times)
{
	struct fuse_forget_in in = { .nlookup = times };

	pthread_mutex_lock(&k->lock);
	post(k, FUSE_FORGET, k->unique += 2, ino, &(struct iovec){ &in, sizeof(in) }, 1);
	pthread_mutex_unlock(&k->lock);
}

int kernel_readdir(struct kernel *k, uint64_t ino, uint32_t size, struct kernel_entry *ret, int max,
		   int *ret_requests)
{
	struct fuse_read_in in = { .size = size };
	int n = 0, requests = 0;

	for (;;) {
		struct kernel_call c;
		int r = call(k, FUSE_READDIRPLUS, ino, &(struct iovec){ &in, sizeof(in) }, 1, &c);

		requests++;
		if (ret_requests)
			*ret_requests = requests;
		if (r < 0 || !c.len) {
			free(c.data);
			return r < 0 ? r : n;
		}
		for (size_t at = 0; at + FUSE_NAME_OFFSET_DIRENTPLUS <= c.len;) {
			const struct fuse_direntplus *d = (void *)(c.data + at);
			uint32_t len = d->dirent.namelen;

			in.offset = d->dirent.off;
			at += FUSE_DIRENTPLUS_SIZE(d);
			if ((len == 1 && d->dirent.name[0] == '.') ||
			    (len == 2 && memcmp(d->dirent.name, "..", 2) == 0))
				continue;
			if (n < max && len < sizeof(ret->name)) {
				memcpy(ret[n].name, d->dirent.name, len);
				ret[n].name[len] = '\0';
				ret[n].entry = d->entry_out;
			}
			n++;
		}
		free(c.data);
	}
}

int kernel_walk(struct kernel *k, const char *path, struct fuse_entry_out *ret)
{
	uint64_t at = FUSE_ROOT_ID;

	*ret = (struct fuse_entry_out){ .nodeid = at, .attr.mode = 040000 };
	while (*path) {
		size_t len = strcspn(path, "/");
		char name[256];
		int r;

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		path += len + (path[len] == '/');
		if (!len)
			continue;
		r = kernel_lookup(k, at, name, ret);
		if (r < 0)
			return r;
		at = ret->nodeid;
	}
	return 0;
}

char *kernel_cat(struct kernel *k, const char *path, int *ret_err)
{
	struct fuse_entry_out e;
	char *text;
	int r = kernel_walk(k, path, &e);

	*ret_err = r;
	if (r < 0)
		return NULL;
	text = calloc(1, e.attr.size + 1);
	for (uint64_t at = 0; at < e.attr.size; at += (uint64_t)r) {
		r = kernel_read(k, e.nodeid, at, (uint32_t)MIN(e.attr.size - at, 65536), 0,
				text + at);
		if (r <= 0) {
			*ret_err = r;
			break;
		}
	}
	if (r < 0)
		free(TAKE_PTR(text));
	return text;
}

int kernel_ioctl(struct kernel *k, uint64_t ino, uint32_t cmd, void *out, uint32_t out_size)
{
	struct fuse_ioctl_in in = { .flags = FUSE_IOCTL_DIR, .cmd = cmd, .out_size = out_size };
	struct kernel_call c;
	int r = call(k, FUSE_IOCTL, ino, &(struct iovec){ &in, sizeof(in) }, 1, &c);

	if (r == 0 && c.len == sizeof(struct fuse_ioctl_out) + out_size)
		memcpy(out, c.data + sizeof(struct fuse_ioctl_out), out_size);
	free(c.data);
	return r;
}

void kernel_interrupt(struct kernel *k)
{
	pthread_mutex_lock(&k->lock);
	for (const struct kernel_call *c = k->calls; c; c = c->next) {
		struct fuse_interrupt_in in = { .unique = c->unique };

		if (!c->done)
			post(k, FUSE_INTERRUPT, c->unique | 1, 0,
			     &(struct iovec){ &in, sizeof(in) }, 1);
	}
	pthread_mutex_unlock(&k->lock);
}

unsigned kernel_waiting(struct kernel *k)
{
	unsigned n = 0;

	pthread_mutex_lock(&k->lock);
	for (const struct kernel_call *c = k->calls; c; c = c->next)
		n += !c->done;
	pthread_mutex_unlock(&k->lock);
	return n;
}

unsigned kernel_notified(struct kernel *k, int code, uint64_t ino)
{
	unsigned n = 0;

	pthread_mutex_lock(&k->lock);
	for (unsigned i = 0; i < k->n_notes; i++)
		n += k->notes[i].code == code && (!ino || k->notes[i].ino == ino);
	pthread_mutex_unlock(&k->lock);
	return n;
}

void kernel_forget_notifications(struct kernel *k)
{
	pthread_mutex_lock(&k->lock);
	k->n_notes = 0;
	pthread_mutex_unlock(&k->lock);
}
