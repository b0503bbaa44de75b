#include "graph/needs.h"
#include "base/str.h"
#include "graph/action.h"

struct needs {
	const struct graph_part *part;
	const char **names;
	unsigned n;
};

static void need(struct needs *s, const struct graph_permission *p)
{
	for (unsigned i = 0; i < s->n; i++)
		if (p->delegated && w365_streq(s->names[i], p->delegated))
			return;
	if (p->delegated && s->n < GRAPH_NEEDS_MAX)
		s->names[s->n++] = p->delegated;
}

static void need_method(struct needs *s, const struct graph_collection *c, enum graph_verb verb)
{
	if (c->methods[verb].versions & s->part->version)
		need(s, &c->methods[verb].permission);
}

static void need_reading(struct needs *s, const struct graph_collection *c)
{
	if (graph_collection_shown(c, s->part))
		need_method(s, c, c->kind == GRAPH_SINGLETON ? GRAPH_GET : GRAPH_LIST);
}

static void need_writing(struct needs *s, const struct graph_collection *c)
{
	struct graph_action a;

	if (!graph_collection_in(c, s->part))
		return;
	for (unsigned v = GRAPH_CREATE; v < GRAPH_VERBS; v++)
		need_method(s, c, v);
	for (unsigned at = 0; graph_action_next(c, s->part->version, &at, &a);)
		need(s, &a.permission);
}

unsigned graph_needs(const struct graph_part *part, bool write,
		     const char *ret[GRAPH_NEEDS_MAX + 1])
{
	struct needs s = { .part = part, .names = ret };

	/* What is next door comes last: it is what a mount can do without. */
	for (unsigned next_door = 0; next_door < 2; next_door++) {
		for (unsigned i = 0; i < graph_n_collections; i++)
			if (!graph_collections[i].with == !next_door)
				need_reading(&s, &graph_collections[i]);
		for (unsigned i = 0; write && i < graph_n_collections; i++)
			if (!graph_collections[i].with == !next_door)
				need_writing(&s, &graph_collections[i]);
	}
	ret[s.n] = NULL;
	return s.n;
}
