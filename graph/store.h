/* graph/store.h - what is known of the tenant, and how fresh it is.
 *
 * A family is a collection, a singleton, or a day of a log. Each has at most one snapshot and at
 * most one listing on its way, however many ask. Only use causes requests: a family that nobody
 * looks at is not refreshed.
 *
 * A day of a log that was read when it was long over is settled: nothing makes it outdated but a
 * refresh. Days that are walked through are read as one: graph/days.c, graph/range.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "graph/catalogue.h"
#include "graph/client.h"
#include "graph/snapshot.h"

struct graph_loop;
struct graph_store;  /* opaque; graph/store.c */
struct graph_family; /* opaque; graph/store.c */

struct graph_store_config {
	enum graph_version version;
	uint64_t live_ms, configuration_ms, catalogue_ms, past_ms; /* lives of snapshots */
	uint64_t patience_ms; /* a refresh is waited for so long before an old snapshot is served */
	uint64_t stale_ms;    /* and how old that may be */
	uint64_t deadline_ms; /* of one waiting */
	size_t log_bytes; /* what is kept of a log's past days: what nobody has looked at for longest
			     goes first */
	/** A life of its own for this collection, or 0. May be NULL. */
	uint64_t (*own_ttl)(void *arg, const struct graph_collection *c);
	void *own_ttl_arg;
};

struct graph_store_hooks {
	/** @before was replaced by @after. @before is NULL the first time. */
	void (*changed)(void *arg, struct graph_family *f, struct graph_snapshot *before,
			struct graph_snapshot *after);
	/** Something went wrong that a person may want to read. */
	void (*failed)(void *arg, struct graph_family *f, const struct w365_err *err);
	/** It is refused from now on, or no more, or whoever looks next asks again. May be NULL. */
	void (*refused)(void *arg, struct graph_family *f);
	void *arg;
};

/** What is seen from outside. */
struct graph_family_stats {
	uint64_t refreshes, failures, pages;
	struct w365_err last; /* num 0 if the last refresh went well */
	bool refreshing;
};

int graph_store_new(struct graph_loop *loop, struct graph_client *client,
		    const struct graph_store_config *config, const struct graph_store_hooks *hooks,
		    struct graph_store **ret, struct w365_err *reterr);

/** What it was made with: what is cached elsewhere lives as long, and waits as long. */
const struct graph_store_config *graph_store_settings(const struct graph_store *s);

/** Days of a log that are listed. */
#define GRAPH_LOG_DAYS 90

/** Today, in days since 1970, UTC. */
int64_t graph_store_today(const struct graph_store *s);

/** How long something of @c stays fresh, in milliseconds; of a log, something of @day. */
uint64_t graph_store_ttl(const struct graph_store *s, const struct graph_collection *c,
			 int64_t day);

/** Nobody may be waiting any more. NULL is fine. Returns NULL. */
struct graph_store *graph_store_free(struct graph_store *s);

/** The family of @c; of a log, the one of @day (days since 1970, UTC; else 0). Made on first use;
 * NULL: no memory. */
struct graph_family *graph_store_family(struct graph_store *s, const struct graph_collection *c,
					int64_t day);

/** The same, but NULL where nobody has asked for it yet. */
struct graph_family *graph_store_known(struct graph_store *s, const struct graph_collection *c,
				       int64_t day);

/** Loops over the known families; begin with NULL. */
struct graph_family *graph_store_next(struct graph_store *s, struct graph_family *f);

const struct graph_collection *graph_family_collection(const struct graph_family *f);
int64_t graph_family_day(const struct graph_family *f);
const struct graph_family_stats *graph_family_stats(const struct graph_family *f);

/** Whether it was ever asked for, with or without success. */
bool graph_family_touched(const struct graph_family *f);

/** The snapshot at hand, however old; NULL before the first. Borrowed until the loop goes on. */
struct graph_snapshot *graph_family_snapshot(const struct graph_family *f);

/** Milliseconds for which what is served now needs no asking again: the kernel may keep it so long.
 */
uint64_t graph_family_life(const struct graph_family *f);

/** The same of a listing that would begin now: for what is told of a directory before its listing
 * is there. */
uint64_t graph_family_life_ahead(const struct graph_family *f);

/**
 * A number that changes whenever what the kernel was told has run out, and stays the same from an
 * asking to the listing that answers it.
 */
uint64_t graph_family_epoch(const struct graph_family *f);

/** Whether the snapshot is older than it should be, because the service did not answer. */
bool graph_family_stale(const struct graph_family *f);

/** Whether the snapshot is that of a day which nothing will be added to any more. */
bool graph_family_settled(const struct graph_family *f);

/** Whether a listing is on its way. */
bool graph_family_listing(const struct graph_family *f);

/** Exactly one of @snap (borrowed until it returns) and @err is set. */
typedef void graph_ready_fn(void *arg, struct graph_snapshot *snap, const struct w365_err *err);

/** Somebody who waits; lives in the struct of whoever does. Zeroed when new. */
struct graph_wait {
	graph_ready_fn *fn;
	void *arg;
	struct graph_family *family;
	struct graph_wait *next, **link; /* link is NULL unless it waits */
	uint64_t deadline;
	unsigned needs; /* the listing of this number or a later one, and no old snapshot instead;
			   0: is content with that */
};

/**
 * What there is to serve.
 *
 * Returns 1 with *@ret (borrowed until the loop goes on) if that is fresh enough; 0 if @w waits now
 * and will be called, once; -errno with @reterr if there is nothing and the service was asked in
 * vain a moment ago.
 */
int graph_family_get(struct graph_family *f, struct graph_wait *w, graph_ready_fn *fn, void *arg,
		     struct graph_snapshot **ret, struct w365_err *reterr);

/** As a look at what is there, for which nobody waits: if it is due, the service is asked. */
void graph_family_look(struct graph_family *f);

/** Before graph_family_look(), of several that are not there yet: what can be asked for together, will
 * be, and nothing else. */
void graph_family_want(struct graph_family *f);

/** Before graph_family_refresh(), of several: what can be asked for together, will be. */
void graph_family_outdate(struct graph_family *f);

/** Asks the service again, even for what is fresh. @w waits until that has succeeded or failed. */
void graph_family_refresh(struct graph_family *f, struct graph_wait *w, graph_ready_fn *fn,
			  void *arg);

/** The same for every family that has a snapshot; nobody waits. Refusals are forgotten. */
void graph_store_refresh(struct graph_store *s);

/**
 * The family of @c that the service refused to this sign-in (403) when it was asked last, with nothing
 * older to serve; NULL: none. What is refused of one day of a log is refused of all.
 */
struct graph_family *graph_store_refused(const struct graph_store *s,
					 const struct graph_collection *c);

/** Milliseconds for which the refusal is the answer to everybody; then whoever looks has the service
 * asked again. */
uint64_t graph_family_refusal_life(const struct graph_family *f);

/** Something has changed that may change what the service refuses: whoever looks next at @f asks. */
void graph_family_ask_again(struct graph_family *f);

/** It will not be called. Fine for one that does not wait. */
void graph_wait_cancel(struct graph_wait *w);
