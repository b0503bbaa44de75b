#include "graph/store.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "graph/builder.h"
#include "graph/loop.h"
#include "graph/page.h"
#include "graph/pager.h"
#include "graph/query.h"

#include <errno.h>
#include <stdio.h>

/* From this share of its life on, a look at a snapshot starts the next listing in the background.
 */
#define REFRESH_PERCENT 80
/* After a failure: so long the old snapshot, or the failure, is the answer to everybody. */
#define RETRY_STALE_MS 10000
#define RETRY_NONE_MS  1000
/* What the kernel may keep of an old snapshot while its successor is on its way. */
#define OVERDUE_LIFE_MS 500

struct graph_family {
	struct graph_store *store;
	struct graph_family *next;
	const struct graph_collection *collection;
	int64_t day;

	struct graph_snapshot *current;
	uint64_t due,
		expires;   /* of it: when a successor is looked for, and when it is fresh no more */
	uint64_t retry_at; /* not asked again before then */

	/* The listing on its way, if one is: a pager, or a call for a singleton. */
	struct graph_pager *pager;
	struct graph_call *call;
	struct graph_builder *builder;
	uint64_t started;
	unsigned flight;         /* counts the listings: the number of the last one begun */
	bool paged;              /* a page of it has come */
	bool again;              /* begin another one when it ends */
	bool plain;              /* without $select: the service did not take it */
	struct w365_err unbegun; /* it could not even begin: num is 0 otherwise */
	struct graph_soon soon;

	struct graph_wait *waiting, **last; /* in order of their deadlines */
	struct graph_timer patience, deadline;
	struct graph_family_stats stats;
};

struct graph_store {
	struct graph_loop *loop;
	struct graph_client *client;
	const struct graph_store_config *config;
	struct graph_store_hooks hooks;
	struct graph_family *families, **end;
};

static void start(struct graph_family *f, enum graph_priority priority);

int graph_store_new(struct graph_loop *loop, struct graph_client *client,
		    const struct graph_store_config *config, const struct graph_store_hooks *hooks,
		    struct graph_store **ret, struct w365_err *reterr)
{
	struct graph_store *s = calloc(1, sizeof(*s));

	if (!s)
		return w365_err_oom(reterr);
	s->loop = loop;
	s->client = client;
	s->config = config;
	s->hooks = *hooks;
	s->end = &s->families;
	*ret = s;
	return 0;
}

static void stop(struct graph_family *f)
{
	f->pager = graph_pager_free(f->pager);
	f->call = graph_call_cancel(f->call);
	f->builder = graph_builder_free(f->builder);
	f->unbegun.num = 0;
	graph_soon_cancel(f->store->loop, &f->soon);
	graph_timer_stop(&f->patience);
	f->stats.refreshing = false;
}

struct graph_store *graph_store_free(struct graph_store *s)
{
	while (s && s->families) {
		struct graph_family *f = s->families;

		s->families = f->next;
		stop(f);
		graph_timer_stop(&f->deadline);
		graph_snapshot_unref(f->current);
		free(f);
	}
	free(s);
	return NULL;
}

/* ---- families ---- */

struct graph_family *graph_store_known(struct graph_store *s, const struct graph_collection *c,
				       int64_t day)
{
	for (struct graph_family *f = s->families; f; f = f->next)
		if (f->collection == c && f->day == day)
			return f;
	return NULL;
}

struct graph_family *graph_store_next(struct graph_store *s, struct graph_family *f)
{
	return f ? f->next : s->families;
}

static void on_patience(void *arg);
static void on_deadline(void *arg);

struct graph_family *graph_store_family(struct graph_store *s, const struct graph_collection *c,
					int64_t day)
{
	struct graph_family *f = graph_store_known(s, c, day);

	if (f)
		return f;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->store = s;
	f->collection = c;
	f->day = day;
	f->last = &f->waiting;
	graph_timer_init(&f->patience, s->loop, on_patience, f);
	graph_timer_init(&f->deadline, s->loop, on_deadline, f);
	*s->end = f;
	s->end = &f->next;
	return f;
}

const struct graph_collection *graph_family_collection(const struct graph_family *f)
{
	return f->collection;
}

int64_t graph_family_day(const struct graph_family *f)
{
	return f->day;
}

const struct graph_family_stats *graph_family_stats(const struct graph_family *f)
{
	return &f->stats;
}

bool graph_family_touched(const struct graph_family *f)
{
	return f->flight;
}

struct graph_snapshot *graph_family_snapshot(const struct graph_family *f)
{
	return f->current;
}

static uint64_t ttl(const struct graph_family *f)
{
	const struct graph_store_config *c = f->store->config;
	uint64_t own = c->own_ttl ? c->own_ttl(c->own_ttl_arg, f->collection) : 0;

	if (own)
		return own;
	switch ((enum graph_freshness)f->collection->freshness) {
	case GRAPH_FRESH_LIVE: return c->live_ms;
	case GRAPH_FRESH_CATALOGUE: return c->catalogue_ms;
	case GRAPH_FRESH_LOG: return f->day < time(NULL) / 86400 ? c->past_ms : c->live_ms;
	default: return c->configuration_ms;
	}
}

static uint64_t now_of(const struct graph_family *f)
{
	return graph_loop_now(f->store->loop);
}

uint64_t graph_family_life(const struct graph_family *f)
{
	uint64_t now = now_of(f);

	if (!f->current)
		return 0;
	if (now < f->due)
		return f->due - now;
	if (now < f->expires)
		return f->expires - now;
	if (now < f->retry_at)
		return f->retry_at - now;
	return OVERDUE_LIFE_MS;
}

uint64_t graph_family_life_ahead(const struct graph_family *f)
{
	return f->current && now_of(f) < f->expires ? graph_family_life(f)
						    : ttl(f) * REFRESH_PERCENT / 100;
}

uint64_t graph_family_epoch(const struct graph_family *f)
{
	uint64_t ended = 2 * (f->stats.refreshes + f->stats.failures), now = now_of(f);

	/* What is expired has the number of its successor. */
	return ended + (!f->current || now >= f->expires ? 2 : now >= f->due);
}

/* Too old to be fresh, not too old to be served. */
static bool servable(const struct graph_family *f)
{
	return f->current && now_of(f) - f->current->fetched <= f->store->config->stale_ms;
}

bool graph_family_stale(const struct graph_family *f)
{
	return f->current && now_of(f) >= f->expires;
}

/* ---- those who wait ---- */

static void unlink_wait(struct graph_wait *w)
{
	if (w->family->last == &w->next)
		w->family->last = w->link;
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	w->link = NULL;
}

void graph_wait_cancel(struct graph_wait *w)
{
	if (!w->link)
		return;
	unlink_wait(w);
	if (!w->family->waiting)
		graph_timer_stop(&w->family->deadline);
}

static void join(struct graph_family *f, struct graph_wait *w, graph_ready_fn *fn, void *arg,
		 unsigned needs)
{
	*w = (struct graph_wait){ .fn = fn,
				  .arg = arg,
				  .family = f,
				  .needs = needs,
				  .deadline = now_of(f) + f->store->config->deadline_ms,
				  .link = f->last };
	*f->last = w;
	f->last = &w->next;
	if (!graph_timer_pending(&f->deadline))
		graph_timer_set(&f->deadline, w->deadline);
}

/* Which of those who wait to wake. */
enum waking {
	CONTENT, /* those who take an old snapshot */
	SERVED,  /* all whose listing has ended */
	OVERDUE, /* all whose deadline has come */
};

static bool meant(const struct graph_family *f, const struct graph_wait *w, enum waking which)
{
	switch (which) {
	case CONTENT: return !w->needs;
	case SERVED: return w->needs <= f->flight;
	default: return w->deadline <= now_of(f);
	}
}

/* Hands out @snap, if it is there and the waiter takes it, or else @err. */
static void wake(struct graph_family *f, enum waking which, struct graph_snapshot *snap,
		 const struct w365_err *err)
{
	struct graph_wait *woken = NULL, **end = &woken, *next;

	/* First taken apart, then called: a callback may ask again, or cancel another one. */
	for (struct graph_wait *w = f->waiting; w; w = next) {
		next = w->next;
		if (!meant(f, w, which))
			continue;
		unlink_wait(w);
		w->next = NULL;
		w->link = end;
		*end = w;
		end = &w->next;
	}
	if (f->waiting)
		graph_timer_set(&f->deadline, f->waiting->deadline);
	else
		graph_timer_stop(&f->deadline);
	while (woken) {
		struct graph_wait *w = woken;
		bool takes = snap && (!err || !w->needs);

		unlink_wait(w);
		w->fn(w->arg, takes ? snap : NULL, takes ? NULL : err);
	}
}

static void on_patience(void *arg)
{
	struct graph_family *f = arg;

	if (servable(f))
		wake(f, CONTENT, f->current, NULL);
}

static void on_deadline(void *arg)
{
	struct graph_family *f = arg;
	struct w365_err err;

	w365_err_set(&err, ETIMEDOUT, "not complete within %llu s: it goes on, try again",
		     (unsigned long long)(f->store->config->deadline_ms / 1000));
	wake(f, OVERDUE, servable(f) ? f->current : NULL, &err);
}

/* ---- a listing ---- */

static bool in_flight(const struct graph_family *f)
{
	return f->pager || f->call || f->unbegun.num;
}

static void promote(struct graph_family *f)
{
	if (f->pager)
		graph_pager_promote(f->pager);
	if (f->call)
		graph_call_promote(f->call);
}

/* Somebody wants a listing that begins after the one that just ended. */
static void wanted_again(struct graph_family *f)
{
	bool again = f->again || f->waiting;

	f->again = false;
	if (again && !in_flight(f))
		start(f, f->waiting ? GRAPH_INTERACTIVE : GRAPH_BACKGROUND);
}

static void fail(struct graph_family *f, const struct w365_err *err)
{
	struct w365_err copy = *err; /* it may live in what stop() frees */
	bool old;

	stop(f);
	if (!f->paged)
		f->plain = false; /* it was not the $select, then */
	old = servable(f);
	f->retry_at = now_of(f) + (old ? RETRY_STALE_MS : RETRY_NONE_MS);
	f->stats.last = copy;
	f->stats.failures++;
	f->store->hooks.failed(f->store->hooks.arg, f, &copy);
	wake(f, SERVED, old ? f->current : NULL, &copy);
	wanted_again(f);
}

static void succeed(struct graph_family *f)
{
	struct graph_snapshot *before = f->current, *after;
	struct timespec wall;
	struct w365_err err;

	clock_gettime(CLOCK_REALTIME, &wall);
	after = graph_builder_finish(f->builder, before, now_of(f), wall);
	if (!after) {
		w365_err_oom(&err);
		fail(f, &err);
		return;
	}
	stop(f);
	f->current = after;
	f->expires = now_of(f) + ttl(f);
	f->due = now_of(f) + ttl(f) * REFRESH_PERCENT / 100;
	f->retry_at = 0;
	f->stats.last = (struct w365_err){ 0 };
	f->stats.refreshes++;
	w365_debug("store: %s: %u items", f->collection->name, after->n_items);
	f->store->hooks.changed(f->store->hooks.arg, f, before, after);
	graph_snapshot_unref(before);
	wake(f, SERVED, after, NULL);
	wanted_again(f);
}

/* The metadata declares a listing that no page documents, and the service does not have it: nothing
 * to list. Where there was something to list before, it is trouble like any other. */
static bool merely_declared(const struct graph_family *f, const struct w365_err *err)
{
	const struct graph_method *list = &f->collection->methods[GRAPH_LIST];

	return f->collection->kind == GRAPH_COLLECTION && !f->paged &&
	       !(f->current && f->current->n_items) &&
	       !(list->versions & f->store->config->version) &&
	       (err->http == 400 || err->http == 404 || err->http == 405 || err->http == 501);
}

static void on_end(void *arg, const struct w365_err *err)
{
	struct graph_family *f = arg;

	if (!err || merely_declared(f, err)) {
		succeed(f);
		return;
	}
	if (err->http == 400 && !f->plain && !f->paged) {
		/* It may be the $select: a property that the service has dropped. Without it there
		 * is less to see, but more than nothing. */
		f->plain = true;
		f->store->hooks.failed(f->store->hooks.arg, f, err);
		stop(f);
		start(f, GRAPH_INTERACTIVE);
		return;
	}
	fail(f, err);
}

static int on_page(void *arg, struct graph_page *page, struct w365_err *reterr)
{
	struct graph_family *f = arg;

	f->stats.pages++;
	f->paged = true;
	return graph_builder_page(f->builder, page, reterr);
}

static void on_singleton(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_family *f = arg;
	struct w365_err own = { 0 };

	f->call = NULL;
	if (reply && graph_builder_singleton(f->builder, reply->body, reply->len, &own) < 0)
		err = &own;
	on_end(f, err);
}

static void on_odd(void *arg, const char *sentence)
{
	struct graph_family *f = arg;
	struct w365_err err;

	w365_err_set(&err, EPROTO, "%s", sentence);
	f->store->hooks.failed(f->store->hooks.arg, f, &err);
}

static const struct graph_permission *permission(const struct graph_collection *c)
{
	return &c->methods[c->kind == GRAPH_SINGLETON ? GRAPH_GET : GRAPH_LIST].permission;
}

static void on_unbegun(void *arg)
{
	struct graph_family *f = arg;

	fail(f, &f->unbegun);
}

/* Begins a listing. A failure to begin is a failure of the listing: those who wait are told, but
 * not from here. */
static void start(struct graph_family *f, enum graph_priority priority)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
	struct graph_store *s = f->store;
	struct graph_ask ask = { .permission = permission(f->collection), .priority = priority };
	struct w365_err err = { 0 };
	int r;

	if (!graph_query_list(&path, f->collection, s->config->version, f->day, f->plain))
		f->plain = true; /* nothing to leave out */
	ask.url = w365_buf_str(&path);
	f->flight++;
	f->paged = false;
	f->started = now_of(f);
	r = path.failed
		    ? -ENOMEM
		    : graph_builder_new(f->collection, s->config->version, on_odd, f, &f->builder);
	if (r < 0)
		w365_err_oom(&err);
	else if (f->collection->kind == GRAPH_SINGLETON)
		r = graph_get(s->client, &ask, on_singleton, f, &f->call, &err);
	else
		r = graph_pager_new(s->loop, s->client, &ask, on_page, on_end, f, &f->pager, &err);
	if (r < 0) {
		f->unbegun = err;
		graph_loop_soon(s->loop, &f->soon, on_unbegun, f);
		return;
	}
	f->stats.refreshing = true;
	if (f->current)
		graph_timer_set(&f->patience, f->started + s->config->patience_ms);
}

/* ---- asking ---- */

int graph_family_get(struct graph_family *f, struct graph_wait *w, graph_ready_fn *fn, void *arg,
		     struct graph_snapshot **ret, struct w365_err *reterr)
{
	uint64_t now = now_of(f);

	if (f->current && now < f->expires) {
		if (now >= f->due && now >= f->retry_at && !in_flight(f))
			start(f, GRAPH_BACKGROUND);
		*ret = f->current;
		return 1;
	}
	if (!in_flight(f) && now < f->retry_at) {
		if (servable(f)) {
			*ret = f->current;
			return 1;
		}
		*reterr = f->stats.last;
		return -reterr->num;
	}
	if (!in_flight(f))
		start(f, GRAPH_INTERACTIVE);
	else
		promote(f);
	if (servable(f) && now >= f->started + f->store->config->patience_ms) {
		*ret = f->current;
		return 1;
	}
	join(f, w, fn, arg, 0);
	return 0;
}

void graph_family_refresh(struct graph_family *f, struct graph_wait *w, graph_ready_fn *fn,
			  void *arg)
{
	unsigned running = in_flight(f);

	if (!running)
		start(f, GRAPH_INTERACTIVE);
	/* One that is on its way may have passed what the caller wants to see: then the next one
	 * counts. */
	join(f, w, fn, arg, f->flight + running);
}

void graph_store_refresh(struct graph_store *s)
{
	for (struct graph_family *f = s->families; f; f = f->next) {
		if (in_flight(f))
			f->again = true;
		else if (f->current)
			start(f, GRAPH_BACKGROUND);
	}
}
