#include "fs/audit.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "fs/ops.h"
#include "fs/stream.h"

#include <stdlib.h>
#include <string.h>

#define KEEP ((size_t)4 << 20)

/* While somebody waits, a day that could not be read at all is tried again so often. */
#define RETRY_MS 10000
/* And nothing is looked at more often than that. */
#define LEAST_MS 500

/* The ids of a day's events that are in the stream. */
struct told {
	struct w365_arena arena;
	struct id {
		const char *p;
		uint16_t len;
	} * ids; /* sorted */
	size_t n, cap;
};

struct fs_audit {
	struct fs *fs;
	const struct graph_collection *log; /* NULL: there is none, and nobody asks */
	struct fs_stream *stream;
	bool begun;
	int64_t first; /* the oldest day that something may still come to */
	struct told told[GRAPH_LOG_DAYS];
	struct graph_soon tell;
	struct graph_timer again;
};

/* An event that is new. */
struct news {
	const struct graph_item *item;
	struct told *day;
};

const struct graph_collection *fs_audit_log(const struct graph_part *part)
{
	for (unsigned i = 0; i < graph_n_collections; i++)
		if (graph_collections[i].freshness == GRAPH_FRESH_LOG &&
		    graph_collection_shown(&graph_collections[i], part))
			return &graph_collections[i];
	return NULL;
}

static void on_again(void *arg);
static void followed(struct fs *fs);

struct fs_audit *fs_audit_new(struct fs *fs)
{
	struct fs_audit *a = calloc(1, sizeof(*a));
	struct graph_part part = fs_part(fs->config);

	if (!a)
		return NULL;
	a->fs = fs;
	a->log = fs_audit_log(&part);
	graph_timer_init(&a->again, fs->loop, on_again, a);
	a->stream = fs_stream_new(fs, &(struct fs_stream_config){ .kind = FS_INO_AUDIT,
								  .keep = KEEP,
								  .followed = followed });
	return a->stream ? a : fs_audit_free(a);
}

static void forget(struct told *t)
{
	w365_arena_done(&t->arena);
	free(t->ids);
	*t = (struct told){ 0 };
}

struct fs_audit *fs_audit_free(struct fs_audit *a)
{
	if (a) {
		for (unsigned i = 0; i < ARRAY_SIZE(a->told); i++)
			forget(&a->told[i]);
		graph_soon_cancel(a->fs->loop, &a->tell);
		graph_timer_stop(&a->again);
		fs_stream_free(a->stream);
		free(a);
	}
	return NULL;
}

struct fs_stream *fs_audit_stream(const struct fs *fs)
{
	return fs->audit->stream;
}

static int64_t today(const struct fs_audit *a)
{
	return graph_store_today(a->fs->store);
}

static struct graph_family *family(const struct fs_audit *a, int64_t day)
{
	return graph_store_family(a->fs->store, a->log, day);
}

static struct told *told_of(struct fs_audit *a, int64_t day)
{
	return &a->told[day % GRAPH_LOG_DAYS];
}

/* The further events of the first day are nobody's news. */
static void close_first(struct fs_audit *a)
{
	forget(told_of(a, a->first++));
}

static void close_old(struct fs_audit *a)
{
	a->first = MIN(a->first, today(a)); /* the clock was put back */
	while (a->first < today(a) - GRAPH_LOG_DAYS + 1)
		close_first(a);
}

/* ---- what is in it ---- */

static int compare_ids(const void *pa, const void *pb)
{
	const struct id *a = pa, *b = pb;
	int c = memcmp(a->p, b->p, MIN(a->len, b->len));

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static bool is_told(const struct told *t, const struct graph_item *it)
{
	const struct id id = { it->id, it->id_len };

	return t->n && bsearch(&id, t->ids, t->n, sizeof(id), compare_ids);
}

static bool make_room(struct told *t, size_t more)
{
	size_t cap = t->n + more;
	struct id *ids;

	if (cap <= t->cap)
		return true;
	cap += cap / 2;
	ids = realloc(t->ids, cap * sizeof(*ids));
	if (!ids)
		return false;
	t->ids = ids;
	t->cap = cap;
	return true;
}

/* The ids stay unsorted until all of the day's are there. Without memory the event waits for the next
 * listing. */
static void add(struct fs_audit *a, const struct news *n)
{
	_cleanup_(w365_buf_done) struct w365_buf line = W365_BUF;
	struct told *t = n->day;
	const char *id = w365_arena_dup(&t->arena, n->item->id, n->item->id_len);

	w365_json_compact(&line, (struct w365_span){ n->item->text, n->item->text_len });
	w365_buf_addc(&line, '\n');
	if (id && !line.failed && fs_stream_add(a->stream, line.data, line.len))
		t->ids[t->n++] = (struct id){ id, n->item->id_len };
}

/* ---- what is new ---- */

static int by_time(const void *pa, const void *pb)
{
	const struct graph_item *a = ((const struct news *)pa)->item,
				*b = ((const struct news *)pb)->item;
	const struct id x = { a->id, a->id_len }, y = { b->id, b->id_len };

	if (a->modified != b->modified)
		return a->modified < b->modified ? -1 : 1;
	return compare_ids(&x, &y);
}

/* Writes a day's new events to @out, which has room; returns how many. */
static size_t collect(struct fs_audit *a, int64_t day, struct news *out)
{
	const struct graph_snapshot *s = graph_family_snapshot(family(a, day));
	struct told *t = told_of(a, day);
	size_t n = 0;

	for (uint32_t i = 0; s && i < s->n_items; i++)
		if (!is_told(t, &s->items[i]))
			out[n++] = (struct news){ &s->items[i], t };
	return make_room(t, n) ? n : 0;
}

/* Whether the day was over when it was read. */
static bool read_whole(const struct fs_audit *a, const struct graph_family *f)
{
	const struct graph_snapshot *s = graph_family_snapshot(f);
	int64_t age = (int64_t)(graph_loop_now(a->fs->loop) - s->fetched) / 1000;

	return (int64_t)graph_loop_time(a->fs->loop) - age >= (graph_family_day(f) + 1) * 86400;
}

/* Whether events are still to come that are older than those of the days behind it. What could not be
 * read is not waited for. */
static bool to_come(const struct fs_audit *a, const struct graph_family *f)
{
	if (graph_family_snapshot(f) && (graph_family_day(f) == today(a) || read_whole(a, f)))
		return false;
	return graph_family_listing(f) || !graph_family_stats(f)->last.num;
}

/* How many events there are up to the day @last, told or not; -1: it is not time to tell them. */
static ssize_t count(const struct fs_audit *a, int64_t last)
{
	ssize_t n = 0;

	for (int64_t day = a->first; day <= last; day++) {
		const struct graph_family *f = family(a, day);

		if (!f || to_come(a, f))
			return -1;
		if (graph_family_snapshot(f))
			n += graph_family_snapshot(f)->n_items;
	}
	return n;
}

static void tell_new(struct fs_audit *a)
{
	_cleanup_(w365_freep) struct news *news = NULL;
	int64_t last = today(a);
	ssize_t most;
	size_t n = 0;

	close_old(a);
	most = count(a, last);
	if (most < 0)
		return;
	news = calloc((size_t)most + 1, sizeof(*news));
	if (!news)
		return;
	for (int64_t day = a->first; day <= last; day++)
		n += collect(a, day, news + n);
	qsort(news, n, sizeof(*news), by_time);
	for (size_t i = 0; i < n; i++)
		add(a, &news[i]);
	for (int64_t day = a->first; n && day <= last; day++)
		if (told_of(a, day)->n)
			qsort(told_of(a, day)->ids, told_of(a, day)->n, sizeof(struct id),
			      compare_ids);
	while (a->first < last && graph_family_settled(family(a, a->first)))
		close_first(a);
}

/* ---- looking ---- */

/* Days that nobody has seen yet are asked for together. */
static void look(struct fs_audit *a)
{
	close_old(a);
	for (int64_t day = a->first; day <= today(a); day++) {
		struct graph_family *f = family(a, day);

		if (f && !graph_family_snapshot(f) && !graph_family_listing(f))
			graph_family_want(f);
	}
	for (int64_t day = a->first; day <= today(a); day++)
		if (family(a, day))
			graph_family_look(family(a, day));
}

/* Until the next look, for those who wait. What is on its way will be heard of. */
static void arm(struct fs_audit *a)
{
	uint64_t ms = UINT64_MAX;

	graph_timer_stop(&a->again);
	if (!fs_stream_waited(a->stream))
		return;
	for (int64_t day = a->first; day <= today(a); day++) {
		const struct graph_family *f = family(a, day);

		if (f && !graph_family_listing(f))
			ms = MIN(ms, graph_family_snapshot(f) ? graph_family_life(f) : RETRY_MS);
	}
	if (ms != UINT64_MAX)
		graph_timer_set(&a->again, graph_loop_now(a->fs->loop) + MAX(ms, LEAST_MS));
}

static void on_again(void *arg)
{
	struct fs_audit *a = arg;

	if (a->fs->ending)
		return;
	look(a);
	arm(a);
}

static void followed(struct fs *fs)
{
	if (!fs->audit->begun)
		return;
	look(fs->audit);
	arm(fs->audit);
}

static void tell(void *arg)
{
	struct fs_audit *a = arg;

	tell_new(a);
	arm(a);
}

void fs_audit_listed(struct fs *fs, const struct graph_family *f)
{
	struct fs_audit *a = fs->audit;

	if (a->begun && graph_family_collection(f)->freshness == GRAPH_FRESH_LOG)
		graph_loop_soon(fs->loop, &a->tell, tell, a);
}

/* ---- the file ---- */

/* Never empty: `tail -f` takes an empty file for a pipe, of which it waits for the end before it shows
 * anything. */
static void begin(struct fs_audit *a, int64_t day)
{
	a->begun = true;
	a->first = day;
	tell_new(a);
	if (fs_stream_empty(a->stream))
		fs_stream_add(a->stream, "\n", 1);
}

static void bring_up_to_date(const struct fs_request *r, const struct graph_family *f)
{
	struct fs_audit *a = r->fs->audit;

	if (!a->begun) {
		begin(a, graph_family_day(f));
		return;
	}
	look(a);
	tell_new(a);
}

static void reply_entry(const struct fs_request *r, struct graph_family *f,
			struct graph_snapshot *snap)
{
	struct fs_place p;
	struct fuse_entry_param e = { 0 };

	bring_up_to_date(r, f);
	fs_place_of(r->fs, fs_stream_ino(fs_audit_stream(r->fs)), &p);
	fs_entry_node(r->fs, p.node, &e);
	fuse_reply_entry(r->req, &e);
}

static void reply_attr(const struct fs_request *r, struct graph_family *f,
		       struct graph_snapshot *snap)
{
	struct stat st;

	bring_up_to_date(r, f);
	fs_stream_attr(fs_audit_stream(r->fs), r->ino, &st);
	fuse_reply_attr(r->req, &st, 0);
}

static void await(struct fs_request *r)
{
	r->anyway = r->fs->audit->begun;
	fs_await(r, family(r->fs->audit, today(r->fs->audit)));
}

void fs_audit_lookup(struct fs_request *r)
{
	r->go = reply_entry;
	await(r);
}

void fs_audit_getattr(struct fs_request *r)
{
	r->go = reply_attr;
	await(r);
}
