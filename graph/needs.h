/* graph/needs.h - which permissions a mount asks a person for. Pure: all of it follows from the
 * catalogue. */
#pragma once

#include "graph/catalogue.h"

/** No mount needs more; what does not fit is not asked for, and a test finds that. */
#define GRAPH_NEEDS_MAX 8

/**
 * The delegated permissions that @part takes, each once: those for listing what it shows, what the
 * plainest mount needs first; with @write also those for changing it and for acting on it.
 *
 * Returns how many; @ret is ended by NULL. Static names.
 */
unsigned graph_needs(const struct graph_part *part, bool write,
		     const char *ret[GRAPH_NEEDS_MAX + 1]);
