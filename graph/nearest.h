/* graph/nearest.h - which of some names somebody may have meant. Pure. */
#pragma once

#include "base/str.h"

/** Begin with the word and zeros; offer every name; @best is NULL if none is near. */
struct graph_nearest {
	struct w365_span word; /* what was written */
	const char *best;      /* of the names that were offered */
	unsigned distance;     /* letters between the two */
};

void graph_nearest_offer(struct graph_nearest *n, const char *name);
