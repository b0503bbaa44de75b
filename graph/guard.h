/* graph/guard.h - what keeps an action from being done by mistake. Pure. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "graph/command.h"

enum graph_destructive {
	GRAPH_DESTRUCTIVE_CONFIRM, /* with confirm= on the line */
	GRAPH_DESTRUCTIVE_DENY,
	GRAPH_DESTRUCTIVE_ALLOW,
};

struct graph_guard {
	enum graph_destructive destructive; /* -o destructive= */
	uint64_t max_targets;               /* -o max-targets=, for one opening of a control file */
};

/**
 * Whether @c may be sent. A confirm= that names something else is refused wherever it stands: the
 * line does not mean what its writer thinks.
 *
 * Errors: -EPERM, with the cure.
 */
int graph_guard_line(const struct graph_guard *g, const struct graph_action *a,
		     const struct graph_command *c, struct w365_err *reterr);

/**
 * Whether @more targets may follow the @before of the same opening. What is safe is not counted: the
 * caller adds up graph_guard_weight().
 *
 * Errors: -E2BIG, with the cure; then nothing of the whole write is to be sent.
 */
int graph_guard_count(const struct graph_guard *g, const struct graph_action *a, uint64_t before,
		      uint64_t more, struct w365_err *reterr);

/** How many targets a line counts for. */
uint64_t graph_guard_weight(const struct graph_command *c);
