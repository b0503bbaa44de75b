/* graph/family.h - a family from inside. Between graph/store.c, graph/listing.c, graph/days.c, graph/range.c
 * and graph/item.c alone. */
#pragma once

#include "graph/loop.h"
#include "graph/store.h"

/* From this share of its life on, a look at a snapshot starts the next listing in the background.
 */
#define GRAPH_REFRESH_PERCENT 80

/* Where many days at once are refused, or too much, days are asked for one by one for so long. */
#define GRAPH_RANGE_PAUSE_MS (600 * 1000)

struct graph_builder;
struct graph_pager;

/* What was read of one item while a listing was on its way, which may be older. */
struct graph_override {
	struct graph_override *next;
	unsigned flight; /* the listing it counts for */
	char *id;
	size_t id_len;
	char *text; /* as the service sent it; NULL: the item is gone */
	size_t len;
};

struct graph_family {
	struct graph_store *store;
	struct graph_family *next;
	const struct graph_collection *collection;
	int64_t day;

	struct graph_snapshot *current;
	uint64_t due,
		expires;   /* of it: when a successor is looked for, and when it is fresh no more */
	uint64_t retry_at; /* not asked again before then */
	bool settled;      /* it is a day's that was long over: it stays as it is */
	bool wanted;       /* it is to be read anew all the same */
	unsigned outdated; /* graph_family_refresh() is about to be called: what it will wait for */
	uint64_t renewals; /* lives of settled snapshots that ended without a listing */
	uint64_t used;     /* when it was looked at, in looks at all of them */
	unsigned walk;     /* the last listing of it that somebody waited for from its beginning */

	/* The listing on its way, if one is: a pager, a call for a singleton, or a part of a listing of
	 * several days. */
	struct graph_range *range; /* borrowed */
	struct graph_pager *pager;
	struct graph_call *call;
	struct graph_builder *builder;
	uint64_t started, ended;
	time_t asked;            /* the same as @started, on the wall */
	unsigned flight;         /* counts the listings: the number of the last one begun */
	bool paged;              /* a page of it has come */
	bool again;              /* begin another one when it ends */
	bool plain;              /* without $select: the service did not take it */
	bool listed;             /* a page has come, of this one or an earlier one */
	bool refused;            /* by 403 the last time, with nothing older to serve */
	struct w365_err unbegun; /* it could not even begin: num is 0 otherwise */
	struct graph_soon soon;

	struct graph_override *overrides, **last_override; /* in the order in which they came */

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
	unsigned n_refused; /* of them */

	/* Of logs: graph/days.c. */
	struct graph_range *range; /* several days, on their way */
	uint64_t range_after;      /* no such listing before then */
	bool dealing;              /* it has ended: its days are dealt with, one after the other */
	/* The last two days that were asked for, the last one first: by who looks, and by who refreshes. */
	struct graph_family *walked[2][2];
	uint64_t looks;
	struct graph_soon trim;
};

/* Which of those who wait to wake. */
enum graph_waking {
	GRAPH_WAKE_CONTENT, /* those who take an old snapshot */
	GRAPH_WAKE_SERVED,  /* all whose listing has ended */
	GRAPH_WAKE_OVERDUE, /* all whose deadline has come */
};

/* graph/store.c */
uint64_t graph_family_now(const struct graph_family *f);
uint64_t graph_family_ttl(const struct graph_family *f);
/* Too old to be fresh, not too old to be served. */
bool graph_family_servable(const struct graph_family *f);
/* Whether it is refused; tells the hook when that has changed. */
void graph_family_set_refused(struct graph_family *f, bool refused);
/* Hands out @snap, if it is there and the waiter takes it, or else @err. */
void graph_family_wake(struct graph_family *f, enum graph_waking which, struct graph_snapshot *snap,
		       const struct w365_err *err);

/* Has it listed; a day of a log with others, where that is due. Not while it is on its way. */
void graph_family_begin(struct graph_family *f, enum graph_priority priority);

/* From now on the snapshot at hand is fresh. */
void graph_family_renew(struct graph_family *f);

/* graph/days.c */
/* Whether what is read of a day at @now, on the wall, is all that there will ever be. */
bool graph_day_settles(int64_t day, time_t now);
/* Somebody asks for @f, for which a listing has to begin: true if it is time to ask for many days at
 * once. */
bool graph_days_walked(struct graph_family *f);
/* Lets go of days if they are too much; not from here. */
void graph_days_trim(struct graph_store *s);

/* graph/range.c: begins a listing of several days, of which @f is one; false: of this one alone, then. */
bool graph_range_start(struct graph_family *f, enum graph_priority priority);
void graph_range_promote(struct graph_range *r);
/* NULL is fine. Returns NULL. */
struct graph_range *graph_range_free(struct graph_range *r);

/* graph/listing.c */
bool graph_listing_runs(const struct graph_family *f);
/* A listing is on its way from now on. */
void graph_listing_begun(struct graph_family *f);
/* It has ended: f->builder has everything, or (@err) it failed. */
void graph_listing_ended(struct graph_family *f, const struct w365_err *err);
/* Begins a listing. A failure to begin is a failure of the listing: those who wait are told, but not
 * from here. */
void graph_listing_start(struct graph_family *f, enum graph_priority priority);
/* Somebody waits for it now. */
void graph_listing_promote(struct graph_family *f);
void graph_listing_stop(struct graph_family *f);

/* graph/item.c: lets the listing that ends know what it may have missed. */
int graph_overrides_apply(struct graph_family *f, struct graph_builder *b, struct w365_err *reterr);
/* Forgets those of listings that have ended. */
void graph_overrides_drop(struct graph_family *f, unsigned flight);
