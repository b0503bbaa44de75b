#include "fs/stream.h"
#include "base/buf.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/attr.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

/* What is beyond that which is always kept is dropped in pieces of some size, and not while it is so
 * young that a reader who is not slow may not have come to it: one listing can bring thousands of
 * lines in one go. */
#define PIECE    ((size_t)256 << 10)
#define YOUNG_MS 5000
#define MOST     ((size_t)16 << 20) /* whatever their age */

/* Places in the stream are bytes since the mount. They are compared with signs: what a reader was told
 * of its losses may be longer than what it lost. */
struct fs_stream {
	struct fs *fs;
	struct fs_stream_config config;
	int64_t start; /* where what is kept begins; always a line's beginning */
	struct w365_buf kept;
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
	struct fs_stream *stream;
	struct reader *reader;
	fuse_req_t req;
	size_t size;
	int64_t off;
	struct graph_soon abandon;
};

struct fs_stream *fs_stream_new(struct fs *fs, const struct fs_stream_config *config)
{
	struct fs_stream *s = calloc(1, sizeof(*s));

	if (s) {
		s->fs = fs;
		s->config = *config;
		s->modified = fs->started;
	}
	return s;
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

struct fs_stream *fs_stream_free(struct fs_stream *s)
{
	if (s) {
		while (s->readers)
			reader_free(s->readers);
		graph_soon_cancel(s->fs->loop, &s->wake);
		w365_buf_done(&s->kept);
		free(s);
	}
	return NULL;
}

static int64_t end_of(const struct fs_stream *s)
{
	return s->start + (int64_t)s->kept.len;
}

static const char *at(const struct fs_stream *s, int64_t place)
{
	return w365_buf_str(&s->kept) + (place - s->start);
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
static void keep_rest(struct fs_stream *s, struct reader *r, int64_t start)
{
	int64_t place = r->off + r->shift;
	const char *end;

	if (r->off < own_end(r) || place <= s->start || place >= start || *at(s, place - 1) == '\n')
		return;
	end = memchr(at(s, place), '\n', (size_t)(end_of(s) - place));
	w365_buf_reset(&r->own);
	w365_buf_add(&r->own, at(s, place), (size_t)(end + 1 - at(s, place)));
	r->own_at = r->off;
}

static void drop_oldest(struct fs_stream *s)
{
	size_t len = s->kept.len, cut = 0;
	struct w365_buf rest = W365_BUF;
	const char *last;

	if (len > s->config.keep && s->old > s->start)
		cut = MIN(len - s->config.keep, (size_t)(s->old - s->start));
	if (len > MOST)
		cut = MAX(cut, PIECE);
	last = cut < PIECE ? NULL : memrchr(s->kept.data, '\n', cut); /* whole lines */
	if (!last)
		return;
	cut = (size_t)(last + 1 - s->kept.data);
	w365_buf_add(&rest, s->kept.data + cut, len - cut);
	if (rest.failed)
		return;
	for (struct reader *r = s->readers; r; r = r->next)
		keep_rest(s, r, s->start + (int64_t)cut);
	w365_buf_done(&s->kept);
	s->kept = rest;
	s->start += (int64_t)cut;
	s->dropped = time(NULL);
}

static void grow_older(struct fs_stream *s)
{
	uint64_t now = graph_loop_now(s->fs->loop);

	if (now - s->young_since < YOUNG_MS)
		return;
	s->old = s->young;
	s->young = end_of(s);
	s->young_since = now;
}

static void wake(void *arg);

bool fs_stream_add(struct fs_stream *s, const char *line, size_t len)
{
	grow_older(s);
	w365_buf_add(&s->kept, line, len);
	if (s->kept.failed) {
		s->kept.failed = false; /* the next one may have room */
		return false;
	}
	clock_gettime(CLOCK_REALTIME, &s->modified);
	drop_oldest(s);
	graph_loop_soon(s->fs->loop, &s->wake, wake, s);
	return true;
}

bool fs_stream_empty(const struct fs_stream *s)
{
	return !end_of(s);
}

/* ---- reading ---- */

/* What an open file has at @off, of which @r has read @size at most afterwards. Returns its length; 0:
 * nothing yet. */
static size_t next(struct fs_stream *s, struct reader *r, int64_t off, size_t size,
		   const char **ret)
{
	int64_t place = off + r->shift;
	size_t n;

	if (place < s->start && (off < r->own_at || off >= own_end(r))) {
		w365_buf_reset(&r->own);
		write_lost(&r->own, time(NULL), s->start - place);
		r->own_at = off;
		r->shift = s->start - own_end(r);
	}
	if (off >= r->own_at && off < own_end(r)) {
		*ret = r->own.data + (off - r->own_at);
		n = (size_t)(own_end(r) - off);
	} else {
		/* Behind the end means: what comes from now on. */
		if (place > end_of(s))
			r->shift = end_of(s) - off;
		place = off + r->shift;
		*ret = at(s, place);
		n = (size_t)(end_of(s) - place);
	}
	n = MIN(n, size);
	r->off = off + (int64_t)n;
	return n;
}

static bool readable(const struct fs_stream *s, const struct reader *r)
{
	return s->fs->ending || r->off < own_end(r) || r->off + r->shift < end_of(s);
}

bool fs_stream_waited(const struct fs_stream *s)
{
	const struct reader *r = s->readers;

	while (r && !r->poll)
		r = r->next;
	return s->waiting || r;
}

/* Somebody has come to the end, or does not wait there any more. */
static void followed(const struct fs_stream *s)
{
	if (s->config.followed && !s->fs->ending)
		s->config.followed(s->fs);
}

static void leave(struct waiting *w)
{
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	graph_soon_cancel(w->stream->fs->loop, &w->abandon);
	free(w);
}

/* Answers a read that waits, if there is an answer. */
static void answer(struct waiting *w)
{
	const char *text;
	size_t n = next(w->stream, w->reader, w->off, w->size, &text);

	if (!n && !w->stream->fs->ending)
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
	struct fs_stream *s = arg;

	for (struct waiting *w = s->waiting, *after; w; w = after) {
		after = w->next;
		answer(w);
	}
	for (struct reader *r = s->readers; r; r = r->next) {
		struct fuse_pollhandle *ph = r->poll;

		if (!ph || !readable(s, r))
			continue;
		r->poll = NULL;
		fuse_lowlevel_notify_poll(ph);
		fuse_pollhandle_destroy(ph);
	}
	followed(s);
}

static void abandon(void *arg)
{
	struct waiting *w = arg;
	struct fs_stream *s = w->stream;

	fuse_req_interrupt_func(w->req, NULL, NULL);
	fuse_reply_err(w->req, EINTR);
	leave(w);
	followed(s);
}

/* As with parked requests: no reply from inside libfuse's lock. */
static void interrupted(fuse_req_t req, void *arg)
{
	struct waiting *w = arg;

	graph_loop_soon(w->stream->fs->loop, &w->abandon, abandon, w);
}

static void wait_for_more(struct fs_stream *s, const struct fs_request *r, struct reader *reader)
{
	struct waiting *w = malloc(sizeof(*w));

	if (!w) {
		fuse_reply_err(r->req, ENOMEM);
		return;
	}
	*w = (struct waiting){ .next = s->waiting,
			       .link = &s->waiting,
			       .stream = s,
			       .reader = reader,
			       .req = r->req,
			       .size = r->size,
			       .off = r->off };
	if (w->next)
		w->next->link = &w->next;
	s->waiting = w;
	followed(s);
	fuse_req_interrupt_func(r->req, interrupted, w); /* last: it may run at once */
}

static void read_open(struct fs_stream *s, const struct fs_request *r,
		      const struct fuse_file_info *fi)
{
	struct reader *reader = (struct reader *)(uintptr_t)fi->fh;
	const char *text;
	size_t n = next(s, reader, r->off, r->size, &text);

	if (n || r->fs->ending)
		fuse_reply_buf(r->req, text, n);
	else if (!(fi->flags & O_NONBLOCK))
		wait_for_more(s, r, reader);
	else {
		fuse_reply_err(r->req, EAGAIN);
		followed(s);
	}
}

/* Without an open file: as a file of that size has it, whoever reads. */
static void read_plain(const struct fs_stream *s, const struct fs_request *r)
{
	int64_t base = (int64_t)fs_ino_key(r->ino), from = base + r->off;
	_cleanup_(w365_buf_done) struct w365_buf lost = W365_BUF;
	_cleanup_(w365_freep) char *text = NULL;
	size_t n, gone;

	if (from >= end_of(s)) {
		fuse_reply_buf(r->req, NULL, 0);
		return;
	}
	n = MIN(r->size, (size_t)(end_of(s) - from));
	if (from >= s->start) {
		fuse_reply_buf(r->req, at(s, from), n);
		return;
	}
	write_lost(&lost, s->dropped, s->start - base);
	text = malloc(n);
	if (!text || lost.failed) {
		fuse_reply_err(r->req, ENOMEM);
		return;
	}
	gone = MIN(n, (size_t)(s->start - from));
	memset(text, '\n', gone);
	for (size_t i = 0; i < lost.len; i++) {
		int64_t to = s->start - (int64_t)lost.len + (int64_t)i - from;

		if (to >= 0 && to < (int64_t)gone)
			text[to] = lost.data[i];
	}
	memcpy(text + gone, s->kept.data, n - gone);
	fuse_reply_buf(r->req, text, n);
}

void fs_stream_read(struct fs_stream *s, const struct fs_request *r,
		    const struct fuse_file_info *fi)
{
	if (fi->fh)
		read_open(s, r, fi);
	else
		read_plain(s, r);
}

/* ---- the file ---- */

uint64_t fs_stream_ino(const struct fs_stream *s)
{
	return (uint64_t)s->config.kind << 60 | (uint64_t)s->start;
}

void fs_stream_attr(const struct fs_stream *s, uint64_t ino, struct stat *st)
{
	int64_t size = MAX(end_of(s) - (int64_t)fs_ino_key(ino), 0);

	fs_attr_file(s->fs, ino, (size_t)size,
		     s->modified.tv_sec * 1000000000LL + s->modified.tv_nsec, 4, st);
}

void fs_stream_open(struct fs_stream *s, const struct fs_request *r, struct fuse_file_info *fi)
{
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
	reader->next = s->readers;
	reader->link = &s->readers;
	if (reader->next)
		reader->next->link = &reader->next;
	s->readers = reader;
	fi->fh = (uintptr_t)reader;
	fi->direct_io = 1;
	fi->noflush = 1;
	if (fuse_reply_open(r->req, fi) < 0)
		reader_free(reader); /* the program was killed: no close will follow */
}

void fs_stream_poll(struct fs_stream *s, const struct fs_request *r,
		    const struct fuse_file_info *fi, struct fuse_pollhandle *ph)
{
	struct reader *reader = (struct reader *)(uintptr_t)fi->fh;
	bool ready = readable(s, reader);

	if (reader->poll)
		fuse_pollhandle_destroy(reader->poll);
	reader->poll = ph; /* NULL: nobody waits */
	fuse_reply_poll(r->req, ready ? POLLIN | POLLRDNORM : 0);
	if (!ready)
		followed(s);
}

void fs_stream_release(struct fs_stream *s, const struct fs_request *r,
		       const struct fuse_file_info *fi)
{
	struct reader *reader = (struct reader *)(uintptr_t)fi->fh;

	for (struct waiting *w = s->waiting, *after; w; w = after) {
		after = w->next;
		if (w->reader == reader)
			abandon(w);
	}
	if (reader)
		reader_free(reader);
	fuse_reply_err(r->req, 0);
	followed(s);
}

void fs_stream_end(struct fs_stream *s)
{
	wake(s);
}
