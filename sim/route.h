/* sim/route.h - which resource or operation a path means. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "sim/api.h"

#define SIM_MAX_SEGMENTS 12
#define SIM_MAX_IDS      4

/** A path in its segments, decoded. */
struct sim_path {
	char *text; /* owned */
	const char *segments[SIM_MAX_SEGMENTS];
	unsigned count;
};

struct sim_route {
	const struct sim_resource *resource;   /* or NULL: an operation */
	const struct sim_operation *operation; /* or NULL: a resource */
	bool item;                             /* of a collection: an id is the last segment */
	bool users, me;                        /* below /users/{id} or /me (both are "users") */
	const char *ids[SIM_MAX_IDS]; /* in the order of the path; borrowed from the sim_path */
	unsigned id_count;
	const char *segment; /* an operation's own, the last: "name" or "name(a='b')"; borrowed */
	const char
		*unknown; /* if nothing is meant: the first segment that says nothing; borrowed */
};

/** Splits and decodes. False, and *@ret stays, if a percent code is bad or the path too long. */
bool sim_path_read(struct w365_span text, struct sim_path *ret);
void sim_path_done(struct sim_path *p);

/**
 * Finds what segments @from.. of @path mean in @version, without regard to case. False if nothing:
 * ret->unknown.
 */
bool sim_route_find(const struct sim_path *path, unsigned from, enum sim_version version,
		    struct sim_route *ret);
