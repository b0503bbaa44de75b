#include "graph/plan.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>

int graph_plan_make(const struct graph_save *s, struct graph_plan *ret, struct w365_err *reterr)
{
	return w365_err_set(reterr, ENOSYS, "saving is not there yet");
}

void graph_plan_done(struct graph_plan *p)
{
	w365_buf_done(&p->body);
	w365_buf_done(&p->assign);
	*p = (struct graph_plan){ 0 };
}

int graph_text_id(const char *text, size_t len, struct w365_buf *ret_id, struct w365_err *reterr)
{
	return w365_err_set(reterr, ENOSYS, "saving is not there yet");
}

bool graph_text_mask(char *text, size_t *len)
{
	return false;
}

const struct graph_operation *graph_assign_of(const struct graph_collection *c,
					      enum graph_version v)
{
	for (unsigned i = 0; i < graph_n_operations; i++) {
		const struct graph_operation *o = &graph_operations[i];

		if (o->bound == c->type && !o->collection && !o->function && (o->versions & v) &&
		    w365_streq(o->name, "assign"))
			return o;
	}
	return NULL;
}

bool graph_updatable(const struct graph_collection *c, enum graph_version v)
{
	return c->methods[GRAPH_UPDATE].versions & v;
}

bool graph_creatable(const struct graph_collection *c, enum graph_version v)
{
	return (c->methods[GRAPH_CREATE].versions & v) && !c->methods[GRAPH_CREATE].acts;
}

bool graph_deletable(const struct graph_collection *c, enum graph_version v)
{
	return c->methods[GRAPH_DELETE].versions & v;
}
