#include "sim/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/time.h"

static void arm(struct sim_loop *l)
{
	struct itimerspec spec = { 0 };

	if (l->timers) {
		spec.it_value.tv_sec = (time_t)(l->timers->due / 1000);
		spec.it_value.tv_nsec = (long)(l->timers->due % 1000) * 1000000;
	}
	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void on_timer(void *arg)
{
	struct sim_loop *l = arg;
	uint64_t times;

	if (read(l->timer_fd, &times, sizeof(times)) < 0)
		return; /* somebody has set it anew meanwhile */
	while (l->timers && l->timers->due <= w365_now_ms()) {
		struct sim_timer *t = l->timers;

		l->timers = t->next;
		t->armed = false;
		t->fn(t->arg);
	}
	arm(l);
}

static void on_signal(void *arg)
{
	struct sim_loop *l = arg;

	l->stop = true;
}

int sim_loop_init(struct sim_loop *l, struct w365_err *reterr)
{
	sigset_t set;

	*l = (struct sim_loop){ .on_timer = { on_timer, l }, .on_signal = { on_signal, l } };
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	/* The clock of w365_now_ms(): one that goes on while the machine sleeps. */
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	l->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->timer_fd < 0 || l->signal_fd < 0 ||
	    !sim_loop_watch(l, l->timer_fd, EPOLLIN, &l->on_timer) ||
	    !sim_loop_watch(l, l->signal_fd, EPOLLIN, &l->on_signal)) {
		int r = w365_err_set(reterr, errno, "cannot make the event loop: %m");

		sim_loop_done(l);
		return r;
	}
	return 0;
}

void sim_loop_done(struct sim_loop *l)
{
	w365_closep(&l->epoll_fd);
	w365_closep(&l->timer_fd);
	w365_closep(&l->signal_fd);
	l->epoll_fd = l->timer_fd = l->signal_fd = -1;
}

bool sim_loop_watch(struct sim_loop *l, int fd, uint32_t events, struct sim_watch *watch)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

void sim_loop_unwatch(struct sim_loop *l, int fd)
{
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void sim_loop_after(struct sim_loop *l, struct sim_timer *timer, uint64_t ms)
{
	struct sim_timer **at = &l->timers;

	/* The clock drops a fraction: rather late than early. */
	timer->due = w365_now_ms() + MIN(ms, (uint64_t)UINT32_MAX) + 1;
	timer->armed = true;
	while (*at && (*at)->due <= timer->due)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
	arm(l);
}

void sim_loop_cancel(struct sim_loop *l, struct sim_timer *timer)
{
	struct sim_timer **at = &l->timers;

	if (!timer->armed)
		return;
	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	timer->armed = false;
	arm(l);
}

void sim_loop_wait(struct sim_loop *l, int timeout_ms)
{
	struct epoll_event event;

	/* One at a time: handling one may take away what another would be told about. */
	if (epoll_wait(l->epoll_fd, &event, 1, timeout_ms) == 1) {
		struct sim_watch *watch = event.data.ptr;

		watch->fn(watch->arg);
	}
}
