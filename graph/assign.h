/* graph/assign.h - the assignments in an item's text: a set of targets, sent as a whole. Pure.
 *
 * Two sets are the same if they have the same targets, whatever their order and whatever ids the
 * service has given to the assignments.
 */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "graph/catalogue.h"
#include "graph/check.h"

/** One assignment. */
struct graph_assigned {
	struct w365_span means; /* what it says, in the one way that all have in common */
	size_t whom, whom_len;  /* whom it is for: the ids in it, in @whom of the set */
	uint32_t node;          /* in @j of the set */
};

/** Zero-initialised is the empty set. */
struct graph_assignments {
	bool known;            /* the text has them; an empty set is not the same as none */
	struct w365_buf body;  /* {"assignments":[...]}: as the action takes it */
	struct w365_buf canon; /* the array in the same order, each as it is compared */
	struct w365_json j;    /* of @canon */
	struct w365_buf whom;
	struct graph_assigned *all; /* sorted by what they say; none twice */
	size_t n;
};

/** The property that the action @assign sets. NULL if there is none. */
const struct graph_property *graph_assign_property(const struct graph_type *t,
						   const struct graph_operation *assign,
						   enum graph_version version);

/** Reads member @i of a text, 0 if it has none. -ENOMEM. */
int graph_assign_read(struct graph_assignments *a, const struct w365_json *j, uint32_t i,
		      const struct graph_property *p, enum graph_version version,
		      struct w365_err *reterr);

void graph_assign_done(struct graph_assignments *a);

bool graph_assign_same(const struct graph_assignments *a, const struct graph_assignments *b);

/**
 * Checks member @i of @c->text, whose set is @a: whatever is not in @base (NULL: nothing was there).
 * @c->fresh is set, @c->base NULL. -EINVAL, -ENOMEM.
 */
int graph_assign_check(const struct graph_check *c, const struct graph_property *p, uint32_t i,
		       const struct graph_assignments *a, const struct graph_assignments *base);

/** How many targets of @before are in @after no more; names some of them for a sentence. -ENOMEM. */
int graph_assign_lost(const struct graph_assignments *before, const struct graph_assignments *after,
		      struct w365_buf *names);
