/* Several days of a log as one listing: a walk through all of them costs its pages, and not one request
 * a day. Each day gets a snapshot of its own, as if it had been asked for alone. */
#include "base/buf.h"
#include "base/log.h"
#include "base/macros.h"
#include "graph/builder.h"
#include "graph/family.h"
#include "graph/page.h"
#include "graph/pager.h"
#include "graph/query.h"

#include <errno.h>

#define NSEC_A_DAY (86400 * 1000000000LL)

struct graph_range {
	struct graph_store *store;
	struct graph_family *cause; /* the day that somebody has asked for */
	struct graph_pager *pager;
	struct graph_builder *reader; /* looks at all items, and keeps none */
	int64_t from, last;
	bool oddities; /* an event that is no day's was told of */
	struct {
		struct graph_family *family; /* NULL: has no need of it */
		struct graph_builder *builder;
	} days[GRAPH_LOG_DAYS];
};

W365_DEFINE_CLEANUP(struct graph_range *, graph_range_free)

struct graph_range *graph_range_free(struct graph_range *r)
{
	if (r) {
		graph_pager_free(r->pager);
		graph_builder_free(r->reader);
		for (unsigned i = 0; i < ARRAY_SIZE(r->days); i++)
			graph_builder_free(r->days[i].builder);
		free(r);
	}
	return NULL;
}

void graph_range_promote(struct graph_range *r)
{
	if (r->pager)
		graph_pager_promote(r->pager);
}

/* ---- its end ---- */

/* What a listing of one day may not be refused for: the filter, or a next page that is gone. */
static bool refused(const struct w365_err *err)
{
	return (err->http >= 400 && err->http < 500 && err->http != 401 && err->http != 403 &&
		err->http != 429) ||
	       err->http == 501 || err->num == EPROTO;
}

/* Those who wait for a day that was not read get it alone, or the failure; the others were not asked for. */
static void leave(struct graph_family *f, const struct w365_err *err)
{
	if (!f->waiting && !f->again) {
		graph_listing_stop(f);
	} else if (refused(err)) {
		graph_listing_stop(f);
		f->again = false;
		graph_listing_start(f, f->waiting ? GRAPH_INTERACTIVE : GRAPH_BACKGROUND);
	} else {
		graph_listing_ended(f, err);
	}
}

static void on_end(void *arg, const struct w365_err *err)
{
	_cleanup_(graph_range_freep) struct graph_range *r = arg;
	struct w365_err copy = err ? *err : (struct w365_err){ 0 };
	struct graph_store *s = r->store;

	r->pager = graph_pager_free(r->pager);
	s->range = NULL;
	if (err) {
		if (refused(&copy) || copy.http == 403)
			s->range_after = graph_family_now(r->cause) + GRAPH_RANGE_PAUSE_MS;
		if (refused(&copy) || !r->cause->waiting) /* else it is told as that day's */
			s->hooks.failed(s->hooks.arg, r->cause, &copy);
	}
	s->dealing = true;
	/* Whoever is woken may ask for the next day: until its turn it is on its way. */
	for (unsigned i = 0; i < ARRAY_SIZE(r->days); i++) {
		struct graph_family *f = r->days[i].family;

		if (!f)
			continue;
		f->range = NULL;
		if (err) {
			leave(f, &copy);
			continue;
		}
		f->builder = TAKE_PTR(r->days[i].builder);
		graph_listing_ended(f, NULL);
	}
	s->dealing = false;
	for (unsigned i = 0; i < ARRAY_SIZE(r->days); i++) {
		struct graph_family *f = r->days[i].family;

		if (f && f->wanted && !graph_listing_runs(f))
			graph_family_begin(f, f->waiting ? GRAPH_INTERACTIVE : GRAPH_BACKGROUND);
	}
}

/* ---- its pages ---- */

static void on_odd(void *arg, const char *sentence)
{
	struct graph_range *r = arg;
	struct w365_err err;

	w365_err_set(&err, EPROTO, "%s", sentence);
	r->store->hooks.failed(r->store->hooks.arg, r->cause, &err);
}

static struct graph_builder *pick(void *arg, int64_t modified)
{
	struct graph_range *r = arg;
	int64_t day = modified / NSEC_A_DAY - (modified % NSEC_A_DAY < 0);

	if (modified && day >= r->from && day <= r->last)
		return r->days[day - r->from].builder;
	if (!r->oddities)
		on_odd(r, "the service's log has an event without a time, or of another day than "
			  "asked for: it is not shown");
	r->oddities = true;
	return NULL;
}

static int on_page(void *arg, struct graph_page *page, struct w365_err *reterr)
{
	struct graph_range *r = arg;

	r->cause->stats.pages++;
	return graph_builder_split(r->reader, page, pick, r, reterr);
}

/* ---- its beginning ---- */

/* Whether a day is to be read with the others: what is kept, and fresh, or on its way, is not. */
static bool needs(const struct graph_family *f, bool wanted)
{
	uint64_t now = graph_family_now(f);

	if (graph_listing_runs(f))
		return false;
	if (wanted)
		return f->wanted;
	return !f->current || (!f->settled && now >= f->expires && now >= f->retry_at);
}

static int choose_days(struct graph_range *r, struct graph_family *cause)
{
	int64_t today = graph_store_today(r->store), first = today - GRAPH_LOG_DAYS + 1;
	struct graph_family *families[GRAPH_LOG_DAYS];

	if (cause->day < first || cause->day > today)
		return -ERANGE;
	r->from = today + 1;
	for (unsigned i = 0; i < GRAPH_LOG_DAYS; i++) {
		struct graph_family *f = graph_store_family(r->store, cause->collection, first + i);

		if (!f)
			return -ENOMEM;
		families[i] = f == cause || needs(f, cause->wanted) ? f : NULL;
		if (!families[i])
			continue;
		r->from = MIN(r->from, f->day);
		r->last = f->day;
	}
	for (int64_t day = r->from; day <= r->last; day++)
		r->days[day - r->from].family = families[day - first];
	return 0;
}

static int make_builders(struct graph_range *r)
{
	const struct graph_collection *c = r->cause->collection;
	enum graph_version version = r->store->config->version;

	for (unsigned i = 0; i < ARRAY_SIZE(r->days); i++)
		if (r->days[i].family &&
		    graph_builder_new(c, version, on_odd, r, &r->days[i].builder) < 0)
			return -ENOMEM;
	return graph_builder_new(c, version, on_odd, r, &r->reader);
}

bool graph_range_start(struct graph_family *f, enum graph_priority priority)
{
	_cleanup_(graph_range_freep) struct graph_range *r = calloc(1, sizeof(*r));
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
	struct graph_store *s = f->store;
	struct graph_ask ask = { .permission = &f->collection->methods[GRAPH_LIST].permission,
				 .priority = priority };
	struct w365_err err;

	if (!r || s->range || graph_family_now(f) < s->range_after)
		return false;
	r->store = s;
	r->cause = f;
	if (choose_days(r, f) < 0 || make_builders(r) < 0)
		return false;
	graph_query_days(&path, f->collection, s->config->version, r->from, r->last, false);
	ask.url = w365_buf_str(&path);
	if (path.failed ||
	    graph_pager_new(s->loop, s->client, &ask, on_page, on_end, r, &r->pager, &err) < 0)
		return false;
	w365_debug("store: %s: %d days at once", f->collection->name, (int)(r->last - r->from + 1));
	for (unsigned i = 0; i < ARRAY_SIZE(r->days); i++)
		if (r->days[i].family) {
			r->days[i].family->range = r;
			graph_listing_begun(r->days[i].family);
		}
	s->range = TAKE_PTR(r);
	return true;
}
