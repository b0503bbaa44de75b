/* sim/limit.h - how many requests the tenant may send in some seconds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Zero-initialised: no limit. */
struct sim_limit {
	uint64_t requests, writes; /* in one window; 0: as many as one likes */
	uint64_t window_ms;
	uint64_t start; /* of this window, w365_now_ms(); it begins with a request */
	uint64_t seen, written;
};

/**
 * Counts a request, also one that is refused. 0: it may go on; else the seconds after which to come
 * again.
 */
unsigned sim_limit_count(struct sim_limit *l, bool writes, uint64_t now_ms);
