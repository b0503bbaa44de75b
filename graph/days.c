/* The days of a log: when one is over for good, when many are asked for at once, which are let go. */
#include "base/log.h"
#include "base/macros.h"
#include "graph/family.h"

/* Events come to a log after they happened. Nothing says how long Windows 365 takes; of Entra's own audit
 * log 99 of 100 are told to be there after five minutes. A day is done an hour after its end. */
#define LATE_S 3600

/* A program that walks through the days asks for the next one as soon as it has the one before. */
#define WALK_MS 5000

/* Beside its text an item costs its place in the snapshot and its name in the listing. */
#define ITEM_BYTES (sizeof(struct graph_item) + 64)

bool graph_day_settles(int64_t day, time_t now)
{
	return day < ((int64_t)now - LATE_S) / 86400;
}

/* ---- walks ---- */

static bool lately(const struct graph_family *f)
{
	return f && f->flight == f->walk &&
	       (graph_listing_runs(f) ||
		graph_family_now(f) - MAX(f->started, f->ended) <= WALK_MS);
}

bool graph_days_walked(struct graph_family *f)
{
	struct graph_family **walked = f->store->walked[f->wanted];
	bool third;

	if (f->collection->freshness != GRAPH_FRESH_LOG)
		return false;
	third = f != walked[0] && f != walked[1] && lately(walked[0]) && lately(walked[1]);
	f->walk = f->flight + 1;
	if (f != walked[0]) {
		walked[1] = walked[0];
		walked[0] = f;
	}
	return third;
}

/* ---- memory ---- */

static size_t cost(const struct graph_family *f)
{
	return f->current && f->settled ? f->current->bytes + f->current->n_items * ITEM_BYTES : 0;
}

static struct graph_family *longest_unused(struct graph_store *s)
{
	struct graph_family *oldest = NULL;

	for (struct graph_family *f = s->families; f; f = f->next)
		if (cost(f) && !graph_listing_runs(f) && (!oldest || f->used < oldest->used))
			oldest = f;
	return oldest;
}

static void let_go(struct graph_family *f)
{
	w365_debug("store: %s: a day with %u items is let go", f->collection->name,
		   f->current->n_items);
	f->current = graph_snapshot_unref(f->current);
	f->settled = false;
	f->due = f->expires = 0;
	f->used = 0;
}

/* What the kernel has of such a day stays true: nothing is to be told. */
static void trim(void *arg)
{
	struct graph_store *s = arg;
	size_t all = 0;

	for (struct graph_family *f = s->families; f; f = f->next)
		all += cost(f);
	while (all > s->config->log_bytes) {
		struct graph_family *f = longest_unused(s);

		if (!f)
			return;
		all -= cost(f);
		/* There is no room for so many at once: the next ones are read when somebody looks. */
		if (!f->used)
			s->range_after = graph_family_now(f) + GRAPH_RANGE_PAUSE_MS;
		let_go(f);
	}
}

void graph_days_trim(struct graph_store *s)
{
	graph_loop_soon(s->loop, &s->trim, trim, s);
}
