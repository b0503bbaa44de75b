/* sim/loop.h - the one loop: descriptors, timers, and the signals that end it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/** Told when its descriptor is ready. In the memory of whoever watches. */
struct sim_watch {
	void (*fn)(void *arg);
	void *arg;
};

/** Runs once. In the memory of whoever waits; zero-initialised is not armed. */
struct sim_timer {
	uint64_t due; /* milliseconds of w365_now_ms() */
	void (*fn)(void *arg);
	void *arg;
	struct sim_timer *next;
	bool armed;
};

struct sim_loop {
	int epoll_fd, timer_fd, signal_fd;
	struct sim_timer *timers; /* the earliest first */
	struct sim_watch on_timer, on_signal;
	bool stop; /* SIGINT or SIGTERM has come, or somebody has set it */
};

/** From now on SIGINT and SIGTERM end the loop, and SIGPIPE is ignored. Errors: -errno. */
int sim_loop_init(struct sim_loop *l, struct w365_err *reterr);
void sim_loop_done(struct sim_loop *l);

/** @events as of epoll_ctl(2). False if the kernel refuses. */
bool sim_loop_watch(struct sim_loop *l, int fd, uint32_t events, struct sim_watch *watch);
void sim_loop_unwatch(struct sim_loop *l, int fd);

/** Arms @timer, whose fn and arg are set. */
void sim_loop_after(struct sim_loop *l, struct sim_timer *timer, uint64_t ms);
void sim_loop_cancel(struct sim_loop *l, struct sim_timer *timer);

/** Waits for one event, at most @timeout_ms (-1: for ever), and has it handled. */
void sim_loop_wait(struct sim_loop *l, int timeout_ms);
