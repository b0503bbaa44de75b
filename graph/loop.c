#include "graph/loop.h"
#include "base/macros.h"
#include "base/time.h"

#include <errno.h>
#include <sys/timerfd.h>

struct graph_io {
	struct graph_loop *loop;
	int fd;
	uint32_t events;
	graph_io_fn *fn; /* NULL: freed while the loop still holds an event for it */
	void *arg;
	struct graph_io *next_dead;
};

struct graph_loop {
	int epoll, timerfd;
	bool stopped;
	bool frozen; /* time moves by graph_loop_skip() alone */
	int result;
	uint64_t now, skew;
	uint64_t armed; /* what the timerfd is set to; 0: nothing */
	struct graph_timer *timers;
	struct graph_soon *soon, **soon_end;
	struct graph_io *dead; /* freed when the round is over */
};

W365_DEFINE_CLEANUP(struct graph_loop *, graph_loop_free)

int graph_loop_new(struct graph_loop **ret, struct w365_err *reterr)
{
	_cleanup_(graph_loop_freep) struct graph_loop *l = calloc(1, sizeof(*l));
	struct epoll_event ev = { .events = EPOLLIN };

	if (!l)
		return w365_err_oom(reterr);
	l->soon_end = &l->soon;
	l->now = w365_now_ms();
	l->timerfd = -1;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll >= 0)
		l->timerfd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timerfd < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->timerfd, &ev) < 0)
		return w365_err_set(reterr, errno, "cannot make an event loop: %m");
	*ret = TAKE_PTR(l);
	return 0;
}

/* An event of this round may still point at it: freed only between the rounds. */
static void bury(struct graph_loop *l)
{
	while (l->dead) {
		struct graph_io *io = l->dead;

		l->dead = io->next_dead;
		free(io);
	}
}

struct graph_loop *graph_loop_free(struct graph_loop *l)
{
	if (l) {
		bury(l);
		w365_closep(&l->epoll);
		w365_closep(&l->timerfd);
		free(l);
	}
	return NULL;
}

uint64_t graph_loop_now(const struct graph_loop *l)
{
	return l->now;
}

time_t graph_loop_time(const struct graph_loop *l)
{
	return time(NULL) + (time_t)(l->skew / 1000);
}

static void update_now(struct graph_loop *l)
{
	if (!l->frozen)
		l->now = w365_now_ms() + l->skew;
}

void graph_loop_skip(struct graph_loop *l, uint64_t ms)
{
	l->skew += ms;
	l->armed = 0;
	if (l->frozen)
		l->now += ms;
	update_now(l);
}

void graph_loop_freeze(struct graph_loop *l)
{
	l->frozen = true;
}

uint64_t graph_loop_idle(const struct graph_loop *l)
{
	if (l->soon)
		return 0;
	if (!l->timers)
		return UINT64_MAX;
	return l->timers->at > l->now ? l->timers->at - l->now : 0;
}

void graph_loop_stop(struct graph_loop *l, int result)
{
	if (!l->stopped)
		l->result = result;
	l->stopped = true;
}

void graph_loop_resume(struct graph_loop *l)
{
	l->stopped = false;
}

int graph_io_new(struct graph_loop *l, int fd, uint32_t events, graph_io_fn *fn, void *arg,
		 struct graph_io **ret, struct w365_err *reterr)
{
	_cleanup_(w365_freep) struct graph_io *io = malloc(sizeof(*io));
	struct epoll_event ev = { .events = events, .data.ptr = io };

	if (!io)
		return w365_err_oom(reterr);
	*io = (struct graph_io){ .loop = l, .fd = fd, .events = events, .fn = fn, .arg = arg };
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		return w365_err_set(reterr, errno, "cannot watch a descriptor: %m");
	*ret = TAKE_PTR(io);
	return 0;
}

void graph_io_set(struct graph_io *io, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = io };

	if (io->events != events && epoll_ctl(io->loop->epoll, EPOLL_CTL_MOD, io->fd, &ev) == 0)
		io->events = events;
}

struct graph_io *graph_io_free(struct graph_io *io)
{
	if (io && io->fn) {
		epoll_ctl(io->loop->epoll, EPOLL_CTL_DEL, io->fd, NULL);
		io->fn = NULL;
		io->next_dead = io->loop->dead;
		io->loop->dead = io;
	}
	return NULL;
}

void graph_timer_init(struct graph_timer *t, struct graph_loop *loop, graph_fn *fn, void *arg)
{
	*t = (struct graph_timer){ .loop = loop, .fn = fn, .arg = arg };
}

void graph_timer_stop(struct graph_timer *t)
{
	if (t->link) {
		*t->link = t->next;
		if (t->next)
			t->next->link = t->link;
		t->link = NULL;
	}
}

/* A sorted list: there are as many timers as requests in flight, a few dozen at most. */
void graph_timer_set(struct graph_timer *t, uint64_t at)
{
	struct graph_timer **p = &t->loop->timers;

	graph_timer_stop(t);
	t->at = at;
	while (*p && (*p)->at <= at)
		p = &(*p)->next;
	t->next = *p;
	t->link = p;
	*p = t;
	if (t->next)
		t->next->link = &t->next;
}

void graph_loop_soon(struct graph_loop *l, struct graph_soon *s, graph_fn *fn, void *arg)
{
	if (s->link)
		return;
	s->fn = fn;
	s->arg = arg;
	s->next = NULL;
	s->link = l->soon_end;
	*l->soon_end = s;
	l->soon_end = &s->next;
}

void graph_soon_cancel(struct graph_loop *l, struct graph_soon *s)
{
	if (!s->link)
		return;
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	else
		l->soon_end = s->link;
	s->link = NULL;
}

/* Errands and timers that are due; an errand may ask for another, which still runs before the loop
 * waits. */
static void run_due(struct graph_loop *l)
{
	for (;;) {
		if (l->soon) {
			struct graph_soon *s = l->soon;

			graph_soon_cancel(l, s);
			s->fn(s->arg);
		} else if (l->timers && l->timers->at <= l->now) {
			struct graph_timer *t = l->timers;

			graph_timer_stop(t);
			t->fn(t->arg);
		} else {
			return;
		}
	}
}

/* The timerfd is touched only when the earliest time has changed. */
static void arm(struct graph_loop *l)
{
	uint64_t at = l->timers && !l->frozen ? l->timers->at : 0, real;
	struct itimerspec spec = { 0 };

	if (at == l->armed)
		return;
	if (at) {
		real = at > l->skew ? at - l->skew : 1;
		spec.it_value.tv_sec = (time_t)(real / 1000);
		spec.it_value.tv_nsec = (long)(real % 1000) * 1000000;
	}
	timerfd_settime(l->timerfd, TFD_TIMER_ABSTIME, &spec, NULL);
	l->armed = at;
}

int graph_loop_once(struct graph_loop *l, int wait_ms)
{
	struct epoll_event ev[64];
	int n;

	update_now(l);
	run_due(l);
	if (l->stopped)
		return 0;
	arm(l);
	n = epoll_wait(l->epoll, ev, ARRAY_SIZE(ev), wait_ms);
	update_now(l);
	/* Once stopped, what is left of the events comes again: they are level-triggered. */
	for (int i = 0; i < n && !l->stopped; i++) {
		struct graph_io *io = ev[i].data.ptr;

		if (!io) { /* the timerfd: run_due() sees to it */
			uint64_t expirations;

			l->armed = 0;
			if (read(l->timerfd, &expirations, sizeof(expirations)) < 0 &&
			    errno != EAGAIN)
				abort();
		} else if (io->fn) {
			io->fn(io->arg, ev[i].events);
			run_due(l);
		}
	}
	if (!l->stopped)
		run_due(l);
	bury(l);
	return MAX(n, 0);
}

int graph_loop_run(struct graph_loop *l)
{
	while (!l->stopped)
		graph_loop_once(l, -1);
	bury(l);
	return l->result;
}
