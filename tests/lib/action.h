/* tests/lib/action.h - an action by the way a person would write it. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "graph/action.h"

/** The collection of the tenant, or the signed-in user's own, of that name. */
static inline const struct graph_collection *test_home(const char *name, bool own)
{
	for (unsigned i = 0; i < graph_n_collections; i++)
		if (graph_collections[i].own == own && w365_streq(graph_collections[i].name, name))
			return &graph_collections[i];
	return NULL;
}

/** "HOME/VERB", "v1.0:HOME/VERB", "me:HOME/VERB"; an empty home is the tenant's own folder. A name that
 * is none is a mistake of the test. */
static inline void test_action(const char *verb, struct graph_action *ret,
			       enum graph_version *ret_version)
{
	const struct graph_collection *home;
	const char *slash = strrchr(verb, '/');
	bool own = w365_starts(verb, "me:");
	char name[64];

	*ret_version = w365_starts(verb, "v1.0:") ? GRAPH_V1 : GRAPH_BETA;
	verb += *ret_version == GRAPH_V1 ? 5 : own ? 3 : 0;
	snprintf(name, sizeof(name), "%.*s", (int)(slash - verb), verb);
	home = test_home(*name ? name : "virtualEndpoint", own);
	if (!home || !graph_action_find(home, slash + 1, *ret_version, ret)) {
		printf("Bail out! there is no %s\n", verb);
		exit(1);
	}
}
