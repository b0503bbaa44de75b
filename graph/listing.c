/* The course of a listing: how it begins, what comes of each page, how it ends. */
#include "base/buf.h"
#include "base/log.h"
#include "base/macros.h"
#include "graph/builder.h"
#include "graph/family.h"
#include "graph/page.h"
#include "graph/pager.h"
#include "graph/query.h"

#include <errno.h>
#include <stdio.h>

/* After a failure: so long the old snapshot, or the failure, is the answer to everybody. */
#define RETRY_STALE_MS 10000
#define RETRY_NONE_MS  1000

void graph_listing_stop(struct graph_family *f)
{
	f->pager = graph_pager_free(f->pager);
	f->call = graph_call_cancel(f->call);
	f->builder = graph_builder_free(f->builder);
	f->unbegun.num = 0;
	f->range = NULL;
	f->ended = graph_family_now(f);
	graph_soon_cancel(f->store->loop, &f->soon);
	graph_timer_stop(&f->patience);
	f->stats.refreshing = false;
}

bool graph_listing_runs(const struct graph_family *f)
{
	return f->pager || f->call || f->range || f->unbegun.num;
}

void graph_listing_promote(struct graph_family *f)
{
	if (f->pager)
		graph_pager_promote(f->pager);
	if (f->call)
		graph_call_promote(f->call);
	if (f->range)
		graph_range_promote(f->range);
}

void graph_listing_begun(struct graph_family *f)
{
	struct graph_store *s = f->store;

	f->flight++;
	f->paged = false;
	f->wanted = false;
	f->started = graph_family_now(f);
	f->asked = graph_loop_time(s->loop);
	f->stats.refreshing = true;
	if (f->current || f->refused)
		graph_timer_set(&f->patience, f->started + s->config->patience_ms);
}

/* Somebody wants a listing that begins after the one that just ended. */
static void wanted_again(struct graph_family *f)
{
	bool again = f->again || f->waiting;

	f->again = false;
	if (f->store->dealing) { /* and so may others: together */
		f->wanted = again;
		return;
	}
	if (again && !graph_listing_runs(f))
		graph_listing_start(f, f->waiting ? GRAPH_INTERACTIVE : GRAPH_BACKGROUND);
}

/* What the sign-in may not read, it may not read a second later either. Of a log no day is told from
 * another. */
static uint64_t retry_ms(const struct graph_family *f, const struct w365_err *err, bool old)
{
	uint64_t pause = old ? RETRY_STALE_MS : RETRY_NONE_MS;

	return err->http == 403 ? MAX(pause, graph_store_ttl(f->store, f->collection, INT64_MAX))
				: pause;
}

static void fail(struct graph_family *f, const struct w365_err *err)
{
	struct w365_err copy = *err; /* it may live in what graph_listing_stop() frees */
	bool old;

	graph_listing_stop(f);
	if (!f->paged)
		f->plain = false; /* it was not the $select, then */
	old = graph_family_servable(f);
	f->retry_at = graph_family_now(f) + retry_ms(f, &copy, old);
	f->stats.last = copy;
	f->stats.failures++;
	graph_family_set_refused(f, copy.http == 403 && !old);
	f->store->hooks.failed(f->store->hooks.arg, f, &copy);
	graph_family_wake(f, GRAPH_WAKE_SERVED, old ? f->current : NULL, &copy);
	wanted_again(f);
}

static void succeed(struct graph_family *f)
{
	struct graph_snapshot *before = f->current, *after;
	struct timespec wall;
	struct w365_err err;

	clock_gettime(CLOCK_REALTIME, &wall);
	if (graph_overrides_apply(f, f->builder, &err) < 0) {
		fail(f, &err);
		return;
	}
	after = graph_builder_finish(f->builder, before, graph_family_now(f), wall);
	if (!after) {
		w365_err_oom(&err);
		fail(f, &err);
		return;
	}
	graph_overrides_drop(f, f->flight);
	graph_listing_stop(f);
	f->current = after;
	f->settled =
		f->collection->freshness == GRAPH_FRESH_LOG && graph_day_settles(f->day, f->asked);
	graph_family_renew(f);
	f->stats.last = (struct w365_err){ 0 };
	f->stats.refreshes++;
	w365_debug("store: %s: %u items", f->collection->name, after->n_items);
	for (struct graph_family *other = f; other;
	     other = graph_store_refused(f->store, f->collection))
		graph_family_set_refused(other, false);
	f->store->hooks.changed(f->store->hooks.arg, f, before, after);
	graph_snapshot_unref(before);
	graph_family_wake(f, GRAPH_WAKE_SERVED, after, NULL);
	if (f->settled)
		graph_days_trim(f->store);
	wanted_again(f);
}

void graph_listing_ended(struct graph_family *f, const struct w365_err *err)
{
	if (err)
		fail(f, err);
	else
		succeed(f);
}

/* The metadata declares a listing that no page documents, and the service does not have it: nothing
 * to list. Where it could be listed before, it is trouble like any other. */
static bool merely_declared(const struct graph_family *f, const struct w365_err *err)
{
	const struct graph_method *list = &f->collection->methods[GRAPH_LIST];

	return f->collection->kind == GRAPH_COLLECTION && !f->listed &&
	       !(list->versions & f->store->config->version) &&
	       (err->http == 400 || err->http == 403 || err->http == 404 || err->http == 405 ||
		err->http == 501);
}

/* What was read one by one is all there is to show. */
static void stay(struct graph_family *f)
{
	graph_overrides_drop(f, f->flight);
	graph_listing_stop(f);
	f->expires = f->due = graph_family_now(f) + graph_family_ttl(f);
	f->retry_at = 0;
	f->stats.last = (struct w365_err){ 0 };
	f->stats.refreshes++;
	graph_family_wake(f, GRAPH_WAKE_SERVED, f->current, NULL);
	wanted_again(f);
}

static void on_end(void *arg, const struct w365_err *err)
{
	struct graph_family *f = arg;

	if (err && f->current && merely_declared(f, err)) {
		stay(f);
		return;
	}
	if (!err || merely_declared(f, err)) {
		succeed(f);
		return;
	}
	if (err->http == 400 && !f->plain && !f->paged) {
		/* It may be the $select: a property that the service has dropped. Without it there
		 * is less to see, but more than nothing. Or the $filter, which spares us what is not
		 * shown. */
		f->plain = true;
		f->store->hooks.failed(f->store->hooks.arg, f, err);
		graph_listing_stop(f);
		graph_listing_start(f, GRAPH_INTERACTIVE);
		return;
	}
	fail(f, err);
}

static int on_page(void *arg, struct graph_page *page, struct w365_err *reterr)
{
	struct graph_family *f = arg;

	f->stats.pages++;
	f->paged = f->listed = true;
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

void graph_listing_start(struct graph_family *f, enum graph_priority priority)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
	struct graph_store *s = f->store;
	struct graph_ask ask = { .permission = permission(f->collection), .priority = priority };
	struct w365_err err = { 0 };
	int r;

	if (!graph_query_list(&path, f->collection, s->config->version, f->day, f->plain))
		f->plain = true; /* nothing to leave out */
	ask.url = w365_buf_str(&path);
	graph_listing_begun(f);
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
	}
}
