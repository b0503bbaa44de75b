#include "graph/store.h"
#include "base/macros.h"
#include "graph/family.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

/* What the kernel may keep of an old snapshot while its successor is on its way. */
#define OVERDUE_LIFE_MS 500

/* A look that nobody waits for leaves a family alone for so long after a failure; after a refusal. */
#define LOOK_FAILED_MS  (10 * 1000)
#define LOOK_REFUSED_MS (600 * 1000)

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

struct graph_store *graph_store_free(struct graph_store *s)
{
	if (s) {
		s->range = graph_range_free(s->range);
		graph_soon_cancel(s->loop, &s->trim);
	}
	while (s && s->families) {
		struct graph_family *f = s->families;

		s->families = f->next;
		graph_listing_stop(f);
		graph_overrides_drop(f, UINT_MAX);
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
	f->last_override = &f->overrides;
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

const struct graph_store_config *graph_store_settings(const struct graph_store *s)
{
	return s->config;
}

int64_t graph_store_today(const struct graph_store *s)
{
	return (int64_t)graph_loop_time(s->loop) / 86400;
}

uint64_t graph_store_ttl(const struct graph_store *s, const struct graph_collection *collection,
			 int64_t day)
{
	const struct graph_store_config *c = s->config;
	uint64_t own = c->own_ttl ? c->own_ttl(c->own_ttl_arg, collection) : 0;

	if (own)
		return own;
	switch ((enum graph_freshness)collection->freshness) {
	case GRAPH_FRESH_LIVE: return c->live_ms;
	case GRAPH_FRESH_CATALOGUE: return c->catalogue_ms;
	case GRAPH_FRESH_LOG:
		return graph_day_settles(day, graph_loop_time(s->loop)) ? c->past_ms : c->live_ms;
	default: return c->configuration_ms;
	}
}

uint64_t graph_family_ttl(const struct graph_family *f)
{
	return graph_store_ttl(f->store, f->collection, f->day);
}

uint64_t graph_family_now(const struct graph_family *f)
{
	return graph_loop_now(f->store->loop);
}

uint64_t graph_family_life(const struct graph_family *f)
{
	uint64_t now = graph_family_now(f);

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
	return f->current && graph_family_now(f) < f->expires
		       ? graph_family_life(f)
		       : graph_family_ttl(f) * GRAPH_REFRESH_PERCENT / 100;
}

uint64_t graph_family_epoch(const struct graph_family *f)
{
	uint64_t now = graph_family_now(f),
		 ended = 2 * (f->stats.refreshes + f->stats.failures + f->renewals);

	/* What is expired has the number of its successor. */
	return ended + (!f->current || now >= f->expires ? 2 : now >= f->due);
}

bool graph_family_servable(const struct graph_family *f)
{
	return f->current && (f->settled || graph_family_now(f) - f->current->fetched <=
						    f->store->config->stale_ms);
}

struct graph_family *graph_store_refused(const struct graph_store *s,
					 const struct graph_collection *c)
{
	struct graph_family *last = NULL;

	for (struct graph_family *f = s->n_refused ? s->families : NULL; f; f = f->next)
		if (f->collection == c && f->refused && (!last || f->retry_at > last->retry_at))
			last = f;
	return last;
}

uint64_t graph_family_refusal_life(const struct graph_family *f)
{
	uint64_t now = graph_family_now(f);

	return now < f->retry_at ? f->retry_at - now : 0;
}

static void tell_refused(struct graph_family *f)
{
	if (f->store->hooks.refused)
		f->store->hooks.refused(f->store->hooks.arg, f);
}

void graph_family_set_refused(struct graph_family *f, bool refused)
{
	if (f->refused == refused)
		return;
	f->refused = refused;
	if (refused)
		f->store->n_refused++;
	else
		f->store->n_refused--;
	tell_refused(f);
}

void graph_family_ask_again(struct graph_family *f)
{
	if (f->stats.last.http == 403)
		f->retry_at = 0;
	if (f->refused)
		tell_refused(f);
}

bool graph_family_stale(const struct graph_family *f)
{
	return f->current && !f->settled && graph_family_now(f) >= f->expires;
}

bool graph_family_settled(const struct graph_family *f)
{
	return f->current && f->settled;
}

bool graph_family_listing(const struct graph_family *f)
{
	return graph_listing_runs(f);
}

/* Milliseconds until a day that is not over is; 0: it is, or it is none. */
static uint64_t rest_of_day(const struct graph_family *f)
{
	int64_t end = (f->day + 1) * 86400, now = graph_loop_time(f->store->loop);

	return f->collection->freshness == GRAPH_FRESH_LOG && now < end
		       ? (uint64_t)(end - now) * 1000
		       : 0;
}

/* Today's is no older than today: what comes after midnight is told behind it. */
void graph_family_renew(struct graph_family *f)
{
	uint64_t ttl = graph_family_ttl(f), rest = rest_of_day(f), now = graph_family_now(f);

	f->expires = now + (rest ? MIN(ttl, rest) : ttl);
	f->due = rest && rest < ttl ? f->expires : now + ttl * GRAPH_REFRESH_PERCENT / 100;
	f->retry_at = 0;
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
				  .deadline = graph_family_now(f) + f->store->config->deadline_ms,
				  .link = f->last };
	*f->last = w;
	f->last = &w->next;
	if (!graph_timer_pending(&f->deadline))
		graph_timer_set(&f->deadline, w->deadline);
}

static bool meant(const struct graph_family *f, const struct graph_wait *w, enum graph_waking which)
{
	switch (which) {
	case GRAPH_WAKE_CONTENT: return !w->needs;
	case GRAPH_WAKE_SERVED: return w->needs <= f->flight;
	default: return w->deadline <= graph_family_now(f);
	}
}

void graph_family_wake(struct graph_family *f, enum graph_waking which, struct graph_snapshot *snap,
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

	if (graph_family_servable(f))
		graph_family_wake(f, GRAPH_WAKE_CONTENT, f->current, NULL);
	else if (f->refused)
		graph_family_wake(f, GRAPH_WAKE_CONTENT, NULL, &f->stats.last);
}

static void on_deadline(void *arg)
{
	struct graph_family *f = arg;
	struct w365_err err;

	w365_err_set(&err, ETIMEDOUT, "not complete within %llu s: it goes on, try again",
		     (unsigned long long)(f->store->config->deadline_ms / 1000));
	graph_family_wake(f, GRAPH_WAKE_OVERDUE, graph_family_servable(f) ? f->current : NULL,
			  &err);
}

/* ---- asking ---- */

void graph_family_begin(struct graph_family *f, enum graph_priority priority)
{
	if (!graph_days_walked(f) || !graph_range_start(f, priority))
		graph_listing_start(f, priority);
}

/* What was over by a clock that was put back since, is not. */
static bool settled_too_early(const struct graph_family *f)
{
	time_t read = graph_loop_time(f->store->loop) -
		      (time_t)((graph_family_now(f) - f->current->fetched) / 1000);

	return !graph_day_settles(f->day, read);
}

/* What the kernel and people believe of a day that is over runs out all the same; but it is its own successor. */
static void renew_settled(struct graph_family *f)
{
	if (!f->current || !f->settled)
		return;
	if (settled_too_early(f)) {
		f->settled = false;
		f->due = f->expires = 0;
	} else if (graph_family_now(f) >= f->due) {
		graph_family_renew(f);
		f->renewals++;
	}
}

int graph_family_get(struct graph_family *f, struct graph_wait *w, graph_ready_fn *fn, void *arg,
		     struct graph_snapshot **ret, struct w365_err *reterr)
{
	const struct graph_family *refused = graph_store_refused(f->store, f->collection);
	uint64_t now = graph_family_now(f);

	f->used = ++f->store->looks;
	renew_settled(f);
	if (f->current && now < f->expires) {
		if (now >= f->due && now >= f->retry_at && !graph_listing_runs(f))
			graph_listing_start(f, GRAPH_BACKGROUND);
		*ret = f->current;
		return 1;
	}
	if (!graph_listing_runs(f) && now < f->retry_at) {
		if (graph_family_servable(f)) {
			*ret = f->current;
			return 1;
		}
		*reterr = f->stats.last;
		return -reterr->num;
	}
	/* Another day of the same log was: so is this one. */
	if (refused && refused != f && now < refused->retry_at && !graph_family_servable(f)) {
		*reterr = refused->stats.last;
		return -reterr->num;
	}
	if (!graph_listing_runs(f))
		graph_family_begin(f, GRAPH_INTERACTIVE);
	else
		graph_listing_promote(f);
	if (now >= f->started + f->store->config->patience_ms) {
		if (graph_family_servable(f)) {
			*ret = f->current;
			return 1;
		}
		if (f->refused) {
			*reterr = f->stats.last;
			return -reterr->num;
		}
	}
	join(f, w, fn, arg, 0);
	return 0;
}

/* After a failure, for whom nobody waits: a day that is over and that the service does not give, it will not give in a moment. */
static uint64_t look_again_ms(const struct graph_family *f)
{
	int http = f->stats.last.http;
	bool over =
		f->collection->freshness == GRAPH_FRESH_LOG && f->day < graph_store_today(f->store);

	return over && http >= 400 && http < 500 && http != 403 && http != 429 ? LOOK_REFUSED_MS
									       : LOOK_FAILED_MS;
}

void graph_family_look(struct graph_family *f)
{
	const struct graph_family *refused = graph_store_refused(f->store, f->collection);
	uint64_t now = graph_family_now(f);

	renew_settled(f);
	if (graph_listing_runs(f) || now < f->retry_at || (f->current && now < f->due))
		return;
	if (refused && now < refused->retry_at)
		return;
	if (f->stats.last.num && now - f->ended < look_again_ms(f))
		return;
	if (f->current)
		graph_listing_start(f, GRAPH_BACKGROUND);
	else
		graph_family_begin(f, GRAPH_BACKGROUND);
}

void graph_family_want(struct graph_family *f)
{
	f->wanted = true;
}

void graph_family_outdate(struct graph_family *f)
{
	f->wanted = true;
	f->outdated = f->flight + 1;
}

void graph_family_refresh(struct graph_family *f, struct graph_wait *w, graph_ready_fn *fn,
			  void *arg)
{
	/* One that is on its way may have passed what the caller wants to see: then the next one
	 * counts. */
	unsigned needs = f->outdated ? f->outdated : f->flight + 1;

	f->outdated = 0;
	if (!graph_listing_runs(f))
		graph_family_begin(f, GRAPH_INTERACTIVE);
	join(f, w, fn, arg, needs);
}

void graph_store_refresh(struct graph_store *s)
{
	for (struct graph_family *f = s->families; f; f = f->next)
		if (graph_listing_runs(f))
			f->again = true;
		else if (!(f->wanted = f->current))
			graph_family_ask_again(f);
	for (struct graph_family *f = s->families; f; f = f->next)
		if (f->wanted && !graph_listing_runs(f))
			graph_family_begin(f, GRAPH_BACKGROUND);
}
