#include "sim/limit.h"

unsigned sim_limit_count(struct sim_limit *l, bool writes, uint64_t now_ms)
{
	if (!l->requests && !l->writes)
		return 0;
	if (!l->seen || now_ms >= l->start + l->window_ms) {
		l->start = now_ms;
		l->seen = l->written = 0;
	}
	l->seen++;
	l->written += writes;
	if ((!l->requests || l->seen <= l->requests) &&
	    (!l->writes || !writes || l->written <= l->writes))
		return 0;
	return (unsigned)((l->start + l->window_ms - now_ms + 999) / 1000);
}
