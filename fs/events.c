#include "fs/events.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/attr.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

/* This much is always kept. What is beyond is dropped in pieces of some size, and not while it is so
 * young that a reader who is not slow may not have come to it: one listing can bring thousands of
 * changes in one go. */
#define KEEP     ((size_t)1 << 20)
#define PIECE    ((size_t)256 << 10)
#define YOUNG_MS 5000
#define MOST     ((size_t)16 << 20) /* whatever their age */

/* Places in the stream are bytes since the mount. They are compared with signs: what a reader was told
 * of its losses may be longer than what it lost. */
struct fs_events {
	struct fs *fs;
	int64_t start; /* where what is kept begins; always a line's beginning */
	struct w365_buf kept, line;
	struct w365_jw jw;
	struct timespec modified;
	int64_t young, old; /* what is before @old, is older than YOUNG_MS */
	uint64_t young_since;
	time_t dropped; /* when something was, last */
	struct reader *readers;
	struct waiting *waiting;
	struct graph_soon wake;
};

/* An open file. */
struct reader {
	struct reader *next, **link;
	int64_t shift; /* from an offset in the file to a place in the stream */
	int64_t off;   /* in the file, where the last read ended */
	/* What is in this file alone, at @own_at: the rest of a line that is not kept any more, or what
	 * was lost. */
	struct w365_buf own;
	int64_t own_at;
	struct fuse_pollhandle *poll; /* somebody waits for it to become readable */
};

/* A read at the end. */
struct waiting {
	struct waiting *next, **link;
	struct fs_events *events;
	struct reader *reader;
	fuse_req_t req;
	size_t size;
	int64_t off;
	struct graph_soon abandon;
};

struct fs_events *fs_events_new(struct fs *fs)
{
	struct fs_events *e = calloc(1, sizeof(*e));

	if (e) {
		e->fs = fs;
		e->modified = fs->started;
	}
	return e;
}

static void reader_free(struct reader *r)
{
	*r->link = r->next;
	if (r->next)
		r->next->link = r->link;
	if (r->poll)
		fuse_pollhandle_destroy(r->poll);
	w365_buf_done(&r->own);
	free(r);
}

struct fs_events *fs_events_free(struct fs_events *e)
{
	if (e) {
		while (e->readers)
			reader_free(e->readers);
		graph_soon_cancel(e->fs->loop, &e->wake);
		w365_buf_done(&e->kept);
		w365_buf_done(&e->line);
		free(e);
	}
	return NULL;
}

static int64_t end_of(const struct fs_events *e)
{
	return e->start + (int64_t)e->kept.len;
}

static const char *at(const struct fs_events *e, int64_t place)
{
	return w365_buf_str(&e->kept) + (place - e->start);
}

/* ---- writing ---- */

static void write_lost(struct w365_buf *out, time_t when, int64_t bytes)
{
	struct w365_jw w = { .out = out, .compact = true };
	char time[W365_TIME_MAX];

	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "time", w365_time_format(when, time));
	w365_jw_pair_int(&w, "lost", bytes);
	w365_jw_close(&w, '}');
	w365_buf_addc(out, '\n');
}

static int64_t own_end(const struct reader *r)
{
	return r->own_at + (int64_t)r->own.len;
}

/* Somebody who has read half of a line gets the other half, whatever is dropped. */
static void keep_rest(struct fs_events *e, struct reader *r, int64_t start)
{
	int64_t place = r->off + r->shift;
	const char *end;

	if (r->off < own_end(r) || place <= e->start || place >= start || *at(e, place - 1) == '\n')
		return;
	end = memchr(at(e, place), '\n', (size_t)(end_of(e) - place));
	w365_buf_reset(&r->own);
	w365_buf_add(&r->own, at(e, place), (size_t)(end + 1 - at(e, place)));
	r->own_at = r->off;
}

static void drop_oldest(struct fs_events *e)
{
	size_t len = e->kept.len, cut = 0;
	struct w365_buf rest = W365_BUF;
	const char *last;

	if (len > KEEP && e->old > e->start)
		cut = MIN(len - KEEP, (size_t)(e->old - e->start));
	if (len > MOST)
		cut = MAX(cut, PIECE);
	last = cut < PIECE ? NULL : memrchr(e->kept.data, '\n', cut); /* whole lines */
	if (!last)
		return;
	cut = (size_t)(last + 1 - e->kept.data);
	w365_buf_add(&rest, e->kept.data + cut, len - cut);
	if (rest.failed)
		return;
	for (struct reader *r = e->readers; r; r = r->next)
		keep_rest(e, r, e->start + (int64_t)cut);
	w365_buf_done(&e->kept);
	e->kept = rest;
	e->start += (int64_t)cut;
	e->dropped = time(NULL);
}

static void grow_older(struct fs_events *e)
{
	uint64_t now = graph_loop_now(e->fs->loop);

	if (now - e->young_since < YOUNG_MS)
		return;
	e->old = e->young;
	e->young = end_of(e);
	e->young_since = now;
}

struct w365_jw *fs_event_begin(struct fs *fs)
{
	struct fs_events *e = fs->events;
	char now[W365_TIME_MAX];

	w365_buf_reset(&e->line);
	e->jw = (struct w365_jw){ .out = &e->line, .compact = true };
	w365_jw_open(&e->jw, '{');
	w365_jw_pair(&e->jw, "time", w365_time_format(time(NULL), now));
	return &e->jw;
}

static void wake(void *arg);

void fs_event_end(struct fs *fs)
{
	struct fs_events *e = fs->events;

	w365_jw_close(&e->jw, '}');
	w365_buf_addc(&e->line, '\n');
	grow_older(e);
	if (!e->line.failed)
		w365_buf_add(&e->kept, e->line.data, e->line.len);
	if (e->line.failed || e->kept.failed) {
		/* Without memory this line is missing, and the next one may have room. */
		w365_buf_done(&e->line);
		e->kept.failed = false;
		return;
	}
	clock_gettime(CLOCK_REALTIME, &e->modified);
	drop_oldest(e);
	graph_loop_soon(fs->loop, &e->wake, wake, e);
}

/* ---- reading ---- */

/* What an open file has at @off, of which @r has read @size at most afterwards. Returns its length; 0:
 * nothing yet. */
static size_t next(struct fs_events *e, struct reader *r, int64_t off, size_t size,
		   const char **ret)
{
	int64_t place = off + r->shift;
	size_t n;

	if (place < e->start && (off < r->own_at || off >= own_end(r))) {
		w365_buf_reset(&r->own);
		write_lost(&r->own, time(NULL), e->start - place);
		r->own_at = off;
		r->shift = e->start - own_end(r);
	}
	if (off >= r->own_at && off < own_end(r)) {
		*ret = r->own.data + (off - r->own_at);
		n = (size_t)(own_end(r) - off);
	} else {
		/* Behind the end means: what comes from now on. */
		if (place > end_of(e))
			r->shift = end_of(e) - off;
		place = off + r->shift;
		*ret = at(e, place);
		n = (size_t)(end_of(e) - place);
	}
	n = MIN(n, size);
	r->off = off + (int64_t)n;
	return n;
}

static bool readable(const struct fs_events *e, const struct reader *r)
{
	return e->fs->ending || r->off < own_end(r) || r->off + r->shift < end_of(e);
}

static void leave(struct waiting *w)
{
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	graph_soon_cancel(w->events->fs->loop, &w->abandon);
	free(w);
}

/* Answers a read that waits, if there is an answer. */
static void answer(struct waiting *w)
{
	const char *text;
	size_t n = next(w->events, w->reader, w->off, w->size, &text);

	if (!n && !w->events->fs->ending)
		return;
	fuse_req_interrupt_func(w->req, NULL, NULL); /* before the reply: after it, req is gone */
	fuse_reply_buf(w->req, text, n);
	leave(w);
}

/* Once for all lines of the event at hand: a listing with a thousand changes wakes nobody a thousand
 * times.
 *
 * Those who poll are told from here, not by the notifier: the kernel only looks up the open file and
 * wakes its waiting queue, under a spin lock. It waits for no page and no directory, so it never waits
 * for us. */
static void wake(void *arg)
{
	struct fs_events *e = arg;

	for (struct waiting *w = e->waiting, *after; w; w = after) {
		after = w->next;
		answer(w);
	}
	for (struct reader *r = e->readers; r; r = r->next) {
		struct fuse_pollhandle *ph = r->poll;

		if (!ph || !readable(e, r))
			continue;
		r->poll = NULL;
		fuse_lowlevel_notify_poll(ph);
		fuse_pollhandle_destroy(ph);
	}
}

static void abandon(void *arg)
{
	struct waiting *w = arg;

	fuse_req_interrupt_func(w->req, NULL, NULL);
	fuse_reply_err(w->req, EINTR);
	leave(w);
}

/* As with parked requests: no reply from inside libfuse's lock. */
static void interrupted(fuse_req_t req, void *arg)
{
	struct waiting *w = arg;

	graph_loop_soon(w->events->fs->loop, &w->abandon, abandon, w);
}

static void wait_for_more(const struct fs_request *r, struct reader *reader)
{
	struct fs_events *e = r->fs->events;
	struct waiting *w = malloc(sizeof(*w));

	if (!w) {
		fuse_reply_err(r->req, ENOMEM);
		return;
	}
	*w = (struct waiting){ .next = e->waiting,
			       .link = &e->waiting,
			       .events = e,
			       .reader = reader,
			       .req = r->req,
			       .size = r->size,
			       .off = r->off };
	if (w->next)
		w->next->link = &w->next;
	e->waiting = w;
	fuse_req_interrupt_func(r->req, interrupted, w); /* last: it may run at once */
}

static void read_open(const struct fs_request *r, const struct fuse_file_info *fi)
{
	struct reader *reader = (struct reader *)(uintptr_t)fi->fh;
	const char *text;
	size_t n = next(r->fs->events, reader, r->off, r->size, &text);

	if (n || r->fs->ending)
		fuse_reply_buf(r->req, text, n);
	else if (fi->flags & O_NONBLOCK)
		fuse_reply_err(r->req, EAGAIN);
	else
		wait_for_more(r, reader);
}

/* Without an open file: as a file of that size has it, whoever reads. */
static void read_plain(const struct fs_request *r)
{
	const struct fs_events *e = r->fs->events;
	int64_t base = (int64_t)fs_ino_key(r->ino), from = base + r->off;
	_cleanup_(w365_buf_done) struct w365_buf lost = W365_BUF;
	_cleanup_(w365_freep) char *text = NULL;
	size_t n, gone;

	if (from >= end_of(e)) {
		fuse_reply_buf(r->req, NULL, 0);
		return;
	}
	n = MIN(r->size, (size_t)(end_of(e) - from));
	if (from >= e->start) {
		fuse_reply_buf(r->req, at(e, from), n);
		return;
	}
	write_lost(&lost, e->dropped, e->start - base);
	text = malloc(n);
	if (!text || lost.failed) {
		fuse_reply_err(r->req, ENOMEM);
		return;
	}
	gone = MIN(n, (size_t)(e->start - from));
	memset(text, '\n', gone);
	for (size_t i = 0; i < lost.len; i++) {
		int64_t to = e->start - (int64_t)lost.len + (int64_t)i - from;

		if (to >= 0 && to < (int64_t)gone)
			text[to] = lost.data[i];
	}
	memcpy(text + gone, e->kept.data, n - gone);
	fuse_reply_buf(r->req, text, n);
}

void fs_events_read(const struct fs_request *r, const struct fuse_file_info *fi)
{
	if (fi->fh)
		read_open(r, fi);
	else
		read_plain(r);
}

/* ---- the file ---- */

uint64_t fs_events_ino(struct fs *fs)
{
	return (uint64_t)FS_INO_EVENTS << 60 | (uint64_t)fs->events->start;
}

void fs_events_attr(struct fs *fs, uint64_t ino, struct stat *st)
{
	const struct fs_events *e = fs->events;
	int64_t size = MAX(end_of(e) - (int64_t)fs_ino_key(ino), 0);

	fs_attr_file(fs, ino, (size_t)size, e->modified.tv_sec * 1000000000LL + e->modified.tv_nsec,
		     4, st);
}

void fs_events_open(const struct fs_request *r, struct fuse_file_info *fi)
{
	struct fs_events *e = r->fs->events;
	struct reader *reader;

	if ((fi->flags & O_ACCMODE) != O_RDONLY) {
		fuse_reply_err(r->req, EACCES);
		return;
	}
	reader = calloc(1, sizeof(*reader));
	if (!reader) {
		fuse_reply_err(r->req, ENOMEM);
		return;
	}
	reader->shift = (int64_t)fs_ino_key(r->ino);
	reader->next = e->readers;
	reader->link = &e->readers;
	if (reader->next)
		reader->next->link = &reader->next;
	e->readers = reader;
	fi->fh = (uintptr_t)reader;
	fi->direct_io = 1;
	fi->noflush = 1;
	if (fuse_reply_open(r->req, fi) < 0)
		reader_free(reader); /* the program was killed: no close will follow */
}

void fs_events_poll(const struct fs_request *r, const struct fuse_file_info *fi,
		    struct fuse_pollhandle *ph)
{
	struct reader *reader = (struct reader *)(uintptr_t)fi->fh;
	bool ready = readable(r->fs->events, reader);

	if (reader->poll)
		fuse_pollhandle_destroy(reader->poll);
	reader->poll = ph; /* NULL: nobody waits */
	fuse_reply_poll(r->req, ready ? POLLIN | POLLRDNORM : 0);
}

void fs_events_release(const struct fs_request *r, const struct fuse_file_info *fi)
{
	struct reader *reader = (struct reader *)(uintptr_t)fi->fh;

	for (struct waiting *w = r->fs->events->waiting, *after; w; w = after) {
		after = w->next;
		if (w->reader == reader)
			abandon(w);
	}
	if (reader)
		reader_free(reader);
	fuse_reply_err(r->req, 0);
}

void fs_events_end(struct fs *fs)
{
	wake(fs->events);
}
