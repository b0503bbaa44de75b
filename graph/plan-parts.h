/* graph/plan-parts.h - what the parts of the save pipeline share. For graph/plan*.c alone. */
#pragma once

#include "graph/assign.h"
#include "graph/check.h"
#include "graph/plan.h"

/** A version of the item as files show it: our copy, which ends with NUL, and its nodes. */
struct graph_side {
	char *text;
	struct w365_json j;
};

/** -EINVAL if it is no JSON object; -ENOMEM. graph_side_done() whatever comes of it. */
int graph_side_read(struct graph_side *side, const char *text, size_t len);
void graph_side_done(struct graph_side *side);

/** A plan in the making. */
struct graph_planning {
	const struct graph_save *save;
	const struct graph_type *type; /* the item's own; of a polymorphic family a derived one */
	struct w365_json text;
	struct graph_check check; /* of the text against its base */
	const struct graph_operation *assign;
	const struct graph_property *assignable; /* the property that it sets; NULL: none */
	bool some;                               /* the body has a member */
	struct graph_plan *plan;
	struct w365_err *err;
};

/**
 * Finds what the text was made from: the version whose time of change the text has, else the one
 * served last. @spare holds it if it is not @remote.
 *
 * Errors: -ESTALE if the text is from a version that is not there any more; -EINVAL, -ENOMEM.
 */
int graph_plan_base(const struct graph_planning *g, const struct graph_side *remote,
		    struct graph_side *spare, const struct w365_json **ret);

/** Adds member @i of the text to the body. */
void graph_plan_add(struct graph_planning *g, uint32_t i, const struct graph_property *p);

/** Whether the value of a secret is none: what is left of it in a text that was kept. It means that
 * nothing is said of it. */
bool graph_plan_masked(const struct w365_json *j, uint32_t i, const struct graph_property *p);

/** With the body begun, g->plan zeroed, and what can be known of the item from its collection. */
int graph_plan_update(struct graph_planning *g);
int graph_plan_create(struct graph_planning *g);
