#include "graph/guard.h"

#include <errno.h>

/* Ids are hexadecimal: people paste them in either case. */
static bool names(const struct graph_action *a, const struct graph_command *c)
{
	size_t entry;

	if (!c->id)
		return w365_streq(c->confirm, a->name);
	entry = strlen(c->entry);
	return w365_streq(c->confirm, c->name) || w365_streq(c->confirm, c->entry) ||
	       strcasecmp(c->confirm, c->id) == 0 ||
	       (w365_ends(c->entry, ".json") && strlen(c->confirm) == entry - 5 &&
		memcmp(c->confirm, c->entry, entry - 5) == 0);
}

int graph_guard_line(const struct graph_guard *g, const struct graph_action *a,
		     const struct graph_command *c, struct w365_err *reterr)
{
	const char *on = c->id ? c->name : "", *wanted = c->id ? c->name : a->name;

	if (c->confirm && !names(a, c))
		return w365_err_set(
			reterr, EPERM,
			"%s %s: confirm= names something else than what the line is done to: it must say %s%s%s",
			a->name, on, wanted, c->id ? " or " : "", c->id ? c->id : "");
	if (c->safety != GRAPH_DESTRUCTIVE || g->destructive == GRAPH_DESTRUCTIVE_ALLOW)
		return 0;
	if (g->destructive == GRAPH_DESTRUCTIVE_DENY)
		return w365_err_set(
			reterr, EPERM,
			"%s %s: data or a Cloud PC can be lost, and this mount refuses that: mount with -o destructive=confirm",
			a->name, on);
	if (!c->confirm)
		return w365_err_set(
			reterr, EPERM,
			"%s %s: data or a Cloud PC can be lost: add confirm='%s' to the line if you mean it",
			a->name, on, wanted);
	return 0;
}

uint64_t graph_guard_weight(const struct graph_command *c)
{
	return c->safety == GRAPH_SAFE ? 0 : c->targets;
}

int graph_guard_count(const struct graph_guard *g, const struct graph_action *a, uint64_t before,
		      uint64_t more, struct w365_err *reterr)
{
	if (!more || (before <= g->max_targets && more <= g->max_targets - before))
		return 0;
	return w365_err_set(
		reterr, E2BIG,
		"%s: %llu targets at once, and this mount takes %llu for one opening of the file: nothing of this write was sent; write fewer, or mount with -o max-targets=%llu",
		a->name, (unsigned long long)(before + more), (unsigned long long)g->max_targets,
		(unsigned long long)(before + more));
}
