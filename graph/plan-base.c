/* Which version of the item a text was made from. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/time.h"
#include "graph/json-same.h"
#include "graph/plan-parts.h"
#include "graph/text.h"

#include <errno.h>
#include <stdlib.h>

int graph_side_read(struct graph_side *side, const char *text, size_t len)
{
	int r;

	side->text = malloc(len + 1);
	if (!side->text)
		return -ENOMEM;
	if (len)
		memcpy(side->text, text, len);
	side->text[len] = '\0';
	r = w365_json_parse(&side->j, side->text, len, NULL, NULL);
	return r < 0 ? r : side->j.nodes[0].kind == W365_JSON_IS_OBJECT ? 0 : -EINVAL;
}

void graph_side_done(struct graph_side *side)
{
	free(side->text);
	w365_json_done(&side->j);
	*side = (struct graph_side){ 0 };
}

/* What a text says of the time of its version. */
struct stamp {
	const char *property; /* NULL: nothing */
	uint32_t node;
	struct timespec when;
};

enum reading { NO_TIME, TIME, NONSENSE };

static enum reading read_time(const struct w365_json *j, uint32_t i, struct timespec *ret)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	struct w365_span s;

	if (graph_json_nothing(j, i))
		return NO_TIME;
	if (j->nodes[i].kind != W365_JSON_IS_STRING)
		return NONSENSE;
	s = graph_json_string(j, i, &spare);
	/* The service writes the first of these for "never", and says so by the others too. */
	if (!s.len || (s.len > 5 && memcmp(s.p, "0001-", 5) == 0))
		return NO_TIME;
	return w365_time_parse(s.p, s.len, ret) ? TIME : NONSENSE;
}

static int read_stamp(const struct graph_planning *g, struct stamp *ret)
{
	const struct graph_save *s = g->save;

	*ret = (struct stamp){ 0 };
	for (const char *const *name = s->collection->modified; *name; name++) {
		uint32_t i = w365_json_get(&g->text, 0, *name);

		if (!graph_property_find(g->type, *name, strlen(*name), s->version))
			continue;
		switch (read_time(&g->text, i, &ret->when)) {
		case NO_TIME: continue;
		case NONSENSE:
			return graph_text_fail(&g->text, i, GRAPH_AT_VALUE, g->err, EINVAL,
					       "is read-only: restore it, or leave it out of the "
					       "text");
		case TIME:
			ret->property = *name;
			ret->node = i;
			return 0;
		}
	}
	return 0;
}

static bool of_that_time(const struct w365_json *j, const struct stamp *st)
{
	struct timespec when;

	return read_time(j, w365_json_get(j, 0, st->property), &when) == TIME &&
	       when.tv_sec == st->when.tv_sec && when.tv_nsec == st->when.tv_nsec;
}

/* Whether the text repeats all that is read-only in the version. Nobody changes that on purpose, so
 * it tells versions apart where there is no time, or where more than one has the same: the state of
 * a health check goes on while somebody edits the connection. */
static int repeats(const struct graph_planning *g, const struct w365_json *j)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;

	W365_JSON_EACH (&g->text, 0, i) {
		struct w365_span key = graph_json_key(&g->text, i, &spare);
		const struct graph_property *p =
			graph_property_find(g->type, key.p, key.len, g->save->version);
		int r;

		if (!p || p->access != GRAPH_READ_ONLY)
			continue;
		r = graph_json_same(&g->text, i, j, graph_json_member(j, 0, key));
		if (r <= 0)
			return r;
	}
	return 1;
}

static int stale(const struct graph_planning *g, const struct stamp *st,
		 const struct w365_json *remote)
{
	_cleanup_(w365_buf_done) struct w365_buf now = W365_BUF, then = W365_BUF;
	uint32_t i = w365_json_get(remote, 0, st->property);
	struct w365_span s;

	s = w365_json_raw(&g->text, st->node);
	graph_text_quote(&then, s.p, s.len);
	if (i) {
		s = w365_json_raw(remote, i);
		graph_text_quote(&now, s.p, s.len);
	}
	return graph_text_fail(
		&g->text, st->node, GRAPH_AT_VALUE, g->err, ESTALE,
		"says that the text is of %s, but the item was changed since, at %s: read it again, or "
		"remove %s from the text to save it all the same",
		w365_buf_str(&then), now.len ? now.data : "a time that it does not tell",
		st->property);
}

enum fit { FITS_NOT, FITS_TIME, FITS_WHOLLY };

static int fit(const struct graph_planning *g, const struct stamp *st, const struct w365_json *j)
{
	int r;

	if (st->property && !of_that_time(j, st))
		return FITS_NOT;
	r = repeats(g, j);
	return r < 0 ? r : r ? FITS_WHOLLY : FITS_TIME;
}

static int fit_known(const struct graph_planning *g, const struct stamp *st,
		     const struct graph_known *known)
{
	_cleanup_(graph_side_done) struct graph_side side = { 0 };
	int r = graph_side_read(&side, known->text, known->len);

	return r == -EINVAL ? FITS_NOT : r < 0 ? r : fit(g, st, &side.j);
}

int graph_plan_base(const struct graph_planning *g, const struct graph_side *remote,
		    struct graph_side *spare, const struct w365_json **ret)
{
	const struct graph_save *s = g->save;
	const struct graph_known *found = NULL;
	enum fit best = FITS_NOT;
	struct stamp st;
	int r;

	r = read_stamp(g, &st);
	if (r < 0)
		return r;
	for (unsigned k = 0; k <= s->n_known && best != FITS_WHOLLY; k++) {
		r = k < s->n_known ? fit_known(g, &st, &s->known[k]) : fit(g, &st, &remote->j);
		if (r < 0)
			return w365_err_oom(g->err);
		if (r > (int)best) {
			best = (enum fit)r;
			found = k < s->n_known ? &s->known[k] : NULL;
		}
	}
	if (best == FITS_NOT)
		return stale(g, &st, &remote->j);
	if (found && graph_side_read(spare, found->text, found->len) < 0)
		return w365_err_oom(g->err);
	*ret = found ? &spare->j : &remote->j;
	return 0;
}
