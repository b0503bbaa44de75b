/* tests/lib/action.h - an action by the way a person would write it. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "graph/action.h"

/** "HOME/VERB", "v1.0:HOME/VERB"; an empty home is the tenant's own folder. A name that is none is a
 * mistake of the test. */
static inline void test_action(const char *verb, struct graph_action *ret,
			       enum graph_version *ret_version)
{
	const struct graph_collection *home;
	const char *slash = strrchr(verb, '/');
	char name[64];

	*ret_version = w365_starts(verb, "v1.0:") ? GRAPH_V1 : GRAPH_BETA;
	verb += *ret_version == GRAPH_V1 ? 5 : 0;
	snprintf(name, sizeof(name), "%.*s", (int)(slash - verb), verb);
	home = graph_collection_find(*name ? name : "virtualEndpoint");
	if (!home || !graph_action_find(home, slash + 1, *ret_version, ret)) {
		printf("Bail out! there is no %s\n", verb);
		exit(1);
	}
}
