/* graph/family.h - a family from inside. Between graph/store.c, graph/listing.c and graph/item.c alone. */
#pragma once

#include "graph/loop.h"
#include "graph/store.h"

/* From this share of its life on, a look at a snapshot starts the next listing in the background.
 */
#define GRAPH_REFRESH_PERCENT 80

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

	/* The listing on its way, if one is: a pager, or a call for a singleton. */
	struct graph_pager *pager;
	struct graph_call *call;
	struct graph_builder *builder;
	uint64_t started;
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

/* graph/listing.c */
bool graph_listing_runs(const struct graph_family *f);
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
