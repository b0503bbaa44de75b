/* sim/result.h - what became of the remote actions so far. */
#pragma once

#include <stddef.h>

struct sim_remote;

/** One that was asked for. */
struct sim_result {
	char pc[64];
	const struct sim_remote *remote;
	const char *state; /* actionState; static */
	char started[40], updated[40], code[64], message[256];
};

struct sim_results {
	struct sim_result *list; /* in the order in which they came */
	size_t count, cap;
};

void sim_results_done(struct sim_results *r);
