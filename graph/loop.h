/* graph/loop.h - the one loop that owns all state: descriptors, timers, things to do soon.
 *
 * Thread: everything here belongs to the thread that runs the loop.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>

#include "base/err.h"

struct graph_loop; /* opaque; graph/loop.c */

int graph_loop_new(struct graph_loop **ret, struct w365_err *reterr);

/** Whatever was watched or timed must be gone before. NULL is fine. Returns NULL. */
struct graph_loop *graph_loop_free(struct graph_loop *loop);

/** Waits and dispatches until graph_loop_stop(); returns what that was given. */
int graph_loop_run(struct graph_loop *loop);

/** One round: waits for at most @wait_ms (-1: until something happens), dispatches, returns how many
 * descriptors had something. */
int graph_loop_once(struct graph_loop *loop, int wait_ms);

/** Ends graph_loop_run() after the event at hand. The first call's @result counts. */
void graph_loop_stop(struct graph_loop *loop, int result);

/** After graph_loop_run() has returned: it may run again. */
void graph_loop_resume(struct graph_loop *loop);

/** Milliseconds, monotonic, going on while the machine sleeps. Read afresh once per event. */
uint64_t graph_loop_now(const struct graph_loop *loop);

/** What the clock on the wall shows: seconds since 1970, UTC. May jump. */
time_t graph_loop_time(const struct graph_loop *loop);

/** For tests: time has moved on by @ms. */
void graph_loop_skip(struct graph_loop *loop, uint64_t ms);

/** For tests: from now on time stands still but for graph_loop_skip(). */
void graph_loop_freeze(struct graph_loop *loop);

/** For tests: milliseconds until the next timer; UINT64_MAX if there is none. */
uint64_t graph_loop_idle(const struct graph_loop *loop);

/* Descriptors */

struct graph_io; /* opaque: a watched descriptor */
typedef void graph_io_fn(void *arg, uint32_t events);

/**
 * Calls @fn when @fd has one of @events (EPOLLIN, EPOLLOUT; errors and hang-ups always),
 * level-triggered.
 * Owner:   @fd stays the caller's; graph_io_free() before closing it.
 */
int graph_io_new(struct graph_loop *loop, int fd, uint32_t events, graph_io_fn *fn, void *arg,
		 struct graph_io **ret, struct w365_err *reterr);
void graph_io_set(struct graph_io *io, uint32_t events);

/** @fn will not run again, not even for an event that was seen already. NULL is fine. Returns NULL.
 */
struct graph_io *graph_io_free(struct graph_io *io);

/* Timers and errands live inside the structs that need them: setting one cannot fail. */

typedef void graph_fn(void *arg);

struct graph_timer {
	struct graph_loop *loop;
	graph_fn *fn;
	void *arg;
	uint64_t at;
	struct graph_timer *next,
		**link; /* in the loop's list, the earliest first; link is NULL while it is unset */
};

void graph_timer_init(struct graph_timer *t, struct graph_loop *loop, graph_fn *fn, void *arg);

/** Fires once, when graph_loop_now() has reached @at. Set again: the new time counts. */
void graph_timer_set(struct graph_timer *t, uint64_t at);
void graph_timer_stop(struct graph_timer *t);

static inline bool graph_timer_pending(const struct graph_timer *t)
{
	return t->link;
}

struct graph_soon {
	graph_fn *fn;
	void *arg;
	struct graph_soon *next, **link; /* link is NULL while it is not queued */
};

/** Runs @fn once the event at hand has been dealt with, before the loop waits again. Queued twice
 * runs once. */
void graph_loop_soon(struct graph_loop *loop, struct graph_soon *s, graph_fn *fn, void *arg);
void graph_soon_cancel(struct graph_loop *loop, struct graph_soon *s);
