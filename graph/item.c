#include "graph/item.h"
#include "base/buf.h"
#include "base/macros.h"
#include "graph/builder.h"
#include "graph/family.h"
#include "graph/query.h"

#include <errno.h>
#include <string.h>

struct graph_item_read {
	struct graph_family *family;
	struct graph_call *call;
	struct graph_wait wait; /* where the whole family is read instead */
	graph_ready_fn *fn;
	void *arg;
	char *id;
	size_t id_len;
	bool alone; /* the item was asked for by itself */
};

W365_DEFINE_CLEANUP(struct graph_item_read *, graph_item_read_cancel)
W365_DEFINE_CLEANUP(struct graph_builder *, graph_builder_free)

/* ---- what a listing on its way may have missed ---- */

static void free_override(struct graph_override *o)
{
	free(o->id);
	free(o->text);
	free(o);
}

/* @text: NULL if the item is gone. Out of memory, the listing may bring back an old state until the
 * next one. */
static void override(struct graph_family *f, const char *id, size_t id_len, const char *text,
		     size_t len)
{
	struct graph_override *o = calloc(1, sizeof(*o));

	if (!o)
		return;
	o->flight = f->flight;
	o->id = strndup(id, id_len);
	o->id_len = id_len;
	o->text = text ? strndup(text, len) : NULL;
	o->len = len;
	if (!o->id || (text && !o->text)) {
		free_override(o);
		return;
	}
	*f->last_override = o;
	f->last_override = &o->next;
}

int graph_overrides_apply(struct graph_family *f, struct graph_builder *b, struct w365_err *reterr)
{
	int r = 0;

	for (const struct graph_override *o = f->overrides; o && r == 0; o = o->next) {
		if (o->flight != f->flight)
			continue;
		if (o->text)
			r = graph_builder_override(b, o->text, o->len, reterr);
		else
			graph_builder_remove(b, o->id, o->id_len);
	}
	return r;
}

void graph_overrides_drop(struct graph_family *f, unsigned flight)
{
	struct graph_override **link = &f->overrides, *o;

	while ((o = *link)) {
		if (o->flight > flight) {
			link = &o->next;
			continue;
		}
		*link = o->next;
		free_override(o);
	}
	f->last_override = link;
}

/* ---- into the snapshot ---- */

static void replace(struct graph_family *f, struct graph_snapshot *after)
{
	struct graph_snapshot *before = f->current;

	f->current = after;
	f->store->hooks.changed(f->store->hooks.arg, f, before, after);
	graph_snapshot_unref(before);
}

void graph_item_gone(struct graph_family *f, const char *id, size_t len)
{
	struct graph_snapshot *after;

	if (graph_listing_runs(f))
		override(f, id, len, NULL, 0);
	if (!f->current || !graph_snapshot_by_id(f->current, id, len))
		return;
	after = graph_snapshot_with(f->current, NULL, id, len);
	if (after)
		replace(f, after);
}

static int put(struct graph_item_read *r, const struct w365_reply *reply, struct w365_err *reterr)
{
	_cleanup_(graph_builder_freep) struct graph_builder *b = NULL;
	struct graph_family *f = r->family;
	struct graph_snapshot *one, *after;
	const struct graph_item *it;
	struct timespec wall;
	int error;

	if (graph_builder_new(f->collection, f->store->config->version, NULL, NULL, &b) < 0)
		return w365_err_oom(reterr);
	graph_builder_share(b, f->current);
	error = graph_builder_singleton(b, reply->body, reply->len, reterr);
	if (error < 0)
		return error;
	clock_gettime(CLOCK_REALTIME, &wall);
	one = graph_builder_finish(b, f->current, graph_family_now(f), wall);
	if (!one)
		return w365_err_oom(reterr);
	it = &one->items[0];
	if (it->id_len != r->id_len || memcmp(it->id, r->id, r->id_len) != 0) {
		graph_snapshot_unref(one);
		return w365_err_set(reterr, EPROTO, "the service answered with another item");
	}
	after = graph_snapshot_with(f->current, it, it->id, it->id_len);
	graph_snapshot_unref(one);
	if (!after)
		return w365_err_oom(reterr);
	if (graph_listing_runs(f))
		override(f, r->id, r->id_len, reply->body, reply->len);
	replace(f, after);
	return 0;
}

/* ---- reading ---- */

struct graph_item_read *graph_item_read_cancel(struct graph_item_read *r)
{
	if (r) {
		graph_call_cancel(r->call);
		graph_wait_cancel(&r->wait);
		free(r->id);
		free(r);
	}
	return NULL;
}

static void done(struct graph_item_read *r, const struct w365_err *err)
{
	graph_ready_fn *fn = r->fn;
	struct graph_snapshot *snap = err ? NULL : r->family->current;
	void *arg = r->arg;

	graph_item_read_cancel(r);
	fn(arg, snap, err);
}

static int read_alone(struct graph_item_read *r, struct w365_err *reterr);

static bool documented(const struct graph_item_read *r, enum graph_verb verb)
{
	return r->family->collection->methods[verb].versions & r->family->store->config->version;
}

static void on_family(void *arg, struct graph_snapshot *snap, const struct w365_err *err)
{
	struct graph_item_read *r = arg;
	struct w365_err gone;

	if (snap && r->family->collection->kind != GRAPH_SINGLETON &&
	    !graph_snapshot_by_id(snap, r->id, r->id_len)) {
		/* Where no page documents a listing, it says nothing not to be in one. */
		if (!documented(r, GRAPH_LIST) && documented(r, GRAPH_GET) && !r->alone &&
		    read_alone(r, &gone) == 0)
			return;
		w365_err_set(&gone, ENOENT, "there is no such item any more");
		err = &gone;
	}
	done(r, err);
}

static void read_family(struct graph_item_read *r)
{
	graph_family_refresh(r->family, &r->wait, on_family, r);
}

static void on_reply(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_item_read *r = arg;
	struct w365_err own;

	r->call = NULL;
	if (err && (err->http == 400 || err->http == 405 || err->http == 501)) {
		read_family(r); /* it may not be read alone after all, or not by $select */
		return;
	}
	if (err) {
		if (err->http == 404 || err->http == 410)
			graph_item_gone(r->family, r->id, r->id_len);
		own = *err;
		done(r, &own);
		return;
	}
	done(r, put(r, reply, &own) < 0 ? &own : NULL);
}

static int read_alone(struct graph_item_read *r, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
	const struct graph_collection *c = r->family->collection;
	struct graph_ask ask = { .permission = &c->methods[GRAPH_GET].permission };

	r->alone = true;
	graph_query_get(&path, c, r->family->store->config->version, r->id, r->id_len);
	if (path.failed)
		return w365_err_oom(reterr);
	ask.url = w365_buf_str(&path);
	return graph_get(r->family->store->client, &ask, on_reply, r, &r->call, reterr);
}

int graph_item_read(struct graph_family *f, const char *id, size_t len, graph_ready_fn *fn,
		    void *arg, struct graph_item_read **ret, struct w365_err *reterr)
{
	_cleanup_(graph_item_read_cancelp) struct graph_item_read *r = calloc(1, sizeof(*r));
	int error;

	if (!r)
		return w365_err_oom(reterr);
	r->family = f;
	r->fn = fn;
	r->arg = arg;
	r->id = strndup(id, len);
	r->id_len = len;
	if (!r->id)
		return w365_err_oom(reterr);
	if (!f->current || f->collection->kind == GRAPH_SINGLETON || !documented(r, GRAPH_GET)) {
		read_family(r);
	} else {
		error = read_alone(r, reterr);
		if (error < 0)
			return error;
	}
	*ret = TAKE_PTR(r);
	return 0;
}
