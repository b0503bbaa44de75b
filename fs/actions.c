#include "fs/actions.h"
#include "base/file.h"
#include "base/json-read.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/events.h"
#include "fs/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* What the record may grow to before it begins anew; the one before stays beside it. */
#define RECORD_MAX ((off_t)16 << 20)
#define SHOWN_MAX  ((off_t)4 << 20)

struct fs_actions {
	int fd;
	uint64_t last; /* number given */
	struct w365_buf out;
};

W365_DEFINE_CLEANUP(struct fs_actions *, fs_actions_free)

struct fs_actions *fs_actions_free(struct fs_actions *a)
{
	if (a) {
		if (a->fd >= 0)
			close(a->fd);
		w365_buf_done(&a->out);
		free(a);
	}
	return NULL;
}

/* ---- what a dead process has left ---- */

struct line {
	uint64_t n, pid;
	char *verb, *target, *id, *state;
};

static const struct w365_json_field fields[] = {
	{ "n", W365_JSON_UINT, offsetof(struct line, n), W365_JSON_MUST },
	{ "pid", W365_JSON_UINT, offsetof(struct line, pid), 0 },
	{ "verb", W365_JSON_STRING, offsetof(struct line, verb), 0 },
	{ "target", W365_JSON_STRING, offsetof(struct line, target), 0 },
	{ "id", W365_JSON_STRING, offsetof(struct line, id), 0 },
	{ "state", W365_JSON_STRING, offsetof(struct line, state), W365_JSON_MUST },
	{ NULL, 0, 0, 0 },
};

static bool final(const char *state)
{
	return !w365_streq(state, "sending") && !w365_streq(state, "accepted") &&
	       !w365_streq(state, "running");
}

static void write_members(struct w365_jw *w, const struct line *l, const char *state,
			  const char *request_id, const char *detail)
{
	w365_jw_pair_uint(w, "n", l->n);
	w365_jw_pair(w, "verb", l->verb);
	if (l->target && *l->target)
		w365_jw_pair(w, "target", l->target);
	if (l->id && *l->id)
		w365_jw_pair(w, "id", l->id);
	w365_jw_pair(w, "state", state);
	if (request_id && *request_id)
		w365_jw_pair(w, "requestId", request_id);
	if (detail && *detail)
		w365_jw_pair(w, "detail", detail);
}

static void write_line(struct w365_buf *out, const struct line *l, const char *state,
		       const char *request_id, const char *detail)
{
	struct w365_jw w = { .out = out, .compact = true };
	char when[W365_TIME_MAX];

	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "time", w365_time_format(time(NULL), when));
	write_members(&w, l, state, request_id, detail);
	w365_jw_pair_uint(&w, "pid", (uint64_t)getpid());
	w365_jw_close(&w, '}');
	w365_buf_addc(out, '\n');
}

struct open_lines {
	struct line *lines;
	size_t n, cap;
};

static void take(struct open_lines *o, struct line *l)
{
	size_t i = 0;

	while (i < o->n && o->lines[i].n != l->n)
		i++;
	if (i < o->n) {
		w365_json_read_free(fields, &o->lines[i]);
		o->lines[i] = o->lines[--o->n];
	}
	if (final(l->state)) {
		w365_json_read_free(fields, l);
		return;
	}
	if (o->n == o->cap) {
		size_t cap = o->cap ? 2 * o->cap : 64;
		struct line *more = realloc(o->lines, cap * sizeof(*more));

		if (!more) {
			w365_json_read_free(fields, l);
			return;
		}
		o->lines = more;
		o->cap = cap;
	}
	o->lines[o->n++] = *l;
}

/* Whether the process that had sent it is alive: then it is not ours to close. */
static bool alive(uint64_t pid)
{
	return pid != (uint64_t)getpid() && pid <= INT_MAX && fs_proc_alive((pid_t)pid);
}

static void close_left(struct fs_actions *a, const char *text)
{
	struct open_lines open = { 0 };

	for (const char *p = text, *end; (end = strchr(p, '\n')); p = end + 1) {
		struct line l = { 0 };

		if (w365_json_read(p, (size_t)(end - p), fields, &l, NULL) < 0)
			continue; /* cut short by a crash */
		a->last = MAX(a->last, l.n);
		take(&open, &l);
	}
	for (size_t i = 0; i < open.n; i++) {
		bool sending = w365_streq(open.lines[i].state, "sending");

		if (!alive(open.lines[i].pid))
			write_line(&a->out, &open.lines[i], "unknown", NULL,
				   sending ? "w365fs ended before the answer came: look before "
					     "you repeat it"
					   : "w365fs ended before it had come to its end");
		w365_json_read_free(fields, &open.lines[i]);
	}
	free(open.lines);
}

static int flush(struct fs_actions *a, struct w365_err *reterr)
{
	int r = a->out.failed ? -ENOMEM : w365_write_all(a->fd, a->out.data, a->out.len);

	w365_buf_done(&a->out);
	return r < 0 ? w365_err_set(reterr, -r, "cannot write the record of actions: %s",
				    strerror(-r))
		     : 0;
}

/* A crash may have cut the last line: what follows must not become a part of it. */
static void end_torn_line(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char last = '\n';

	if (size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n')
		w365_write_all(fd, "\n", 1);
}

int fs_actions_new(const char *folder, struct fs_actions **ret, struct w365_err *reterr)
{
	_cleanup_(fs_actions_freep) struct fs_actions *a = calloc(1, sizeof(*a));
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	_cleanup_(w365_freep) char *path = NULL, *before = NULL;
	struct timespec now;
	struct stat st;
	int r;

	if (!a || asprintf(&path, "%s/actions.ndjson", folder) < 0 ||
	    asprintf(&before, "%s/actions.before.ndjson", folder) < 0)
		return w365_err_oom(reterr);
	a->fd = -1;
	if (w365_file_read(path, 64 << 20, true, &text, NULL) == 0)
		close_left(a, w365_buf_str(&text));
	if (stat(path, &st) == 0 && st.st_size > RECORD_MAX)
		rename(path, before);
	a->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (a->fd < 0)
		return w365_err_set(reterr, errno, "cannot open '%s': %m", path);
	clock_gettime(CLOCK_REALTIME, &now);
	a->last = MAX(a->last, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
	end_torn_line(a->fd);
	r = flush(a, reterr);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(a);
	return 0;
}

uint64_t fs_actions_number(struct fs_actions *a)
{
	return ++a->last;
}

/* ---- writing ---- */

void fs_actions_add(struct fs *fs, const struct fs_action_state *s)
{
	_cleanup_(w365_buf_done) struct w365_buf verb = W365_BUF;
	struct line l = { .n = s->n, .target = (char *)s->entry, .id = (char *)s->id };

	if (s->action->home->kind != GRAPH_CONTAINER)
		w365_buf_addf(&verb, "%s/", s->action->home->name);
	w365_buf_adds(&verb, s->action->name);
	l.verb = verb.data;
	write_line(&fs->actions->out, &l, s->state, s->request_id, s->detail);
	if (w365_streq(s->state, "sending"))
		return; /* nothing has happened yet */
	write_members(fs_event_begin(fs), &l, s->state, s->request_id, s->detail);
	fs_event_end(fs);
}

int fs_actions_flush(struct fs *fs, struct w365_err *reterr)
{
	return flush(fs->actions, reterr);
}

void fs_actions_write(struct fs *fs, struct w365_buf *out)
{
	off_t size, from;
	char *room, *line;
	ssize_t n;

	if (!fs->actions)
		return;
	size = lseek(fs->actions->fd, 0, SEEK_END);
	from = size > SHOWN_MAX ? size - SHOWN_MAX : 0;
	room = size > 0 ? w365_buf_room(out, (size_t)(size - from)) : NULL;
	n = room ? pread(fs->actions->fd, room, (size_t)(size - from), from) : 0;
	if (n <= 0)
		return;
	/* Where it does not begin with the first line, it begins with a whole one. */
	line = from ? memchr(room, '\n', (size_t)n) : NULL;
	if (line) {
		n -= line + 1 - room;
		memmove(room, line + 1, (size_t)n);
	}
	out->len += (size_t)n;
	out->data[out->len] = '\0';
}
