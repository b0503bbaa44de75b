#include "graph/pager.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/loop.h"
#include "graph/page.h"

#include <errno.h>
#include <stdio.h>

/* A walk that goes on beyond this many pages goes in a circle: 100,000 Cloud PCs have 100 to 1,000
 * pages. */
#define PAGES_MAX 20000

struct graph_pager {
	struct graph_loop *loop;
	struct graph_client *client;
	struct graph_ask ask; /* url is NULL after the first page */
	graph_page_fn *page_fn;
	graph_pager_fn *done_fn;
	void *arg;
	struct graph_call *call;
	struct graph_soon work;
	struct w365_buf body; /* the page at hand */
	struct graph_page page;
	uint64_t *links; /* hashes of the links followed: none is followed twice */
	unsigned pages;
};

W365_DEFINE_CLEANUP(struct graph_pager *, graph_pager_free)

static void on_reply(void *arg, const struct w365_reply *reply, const struct w365_err *err);

int graph_pager_new(struct graph_loop *loop, struct graph_client *client,
		    const struct graph_ask *ask, graph_page_fn *page_fn, graph_pager_fn *done_fn,
		    void *arg, struct graph_pager **ret, struct w365_err *reterr)
{
	_cleanup_(graph_pager_freep) struct graph_pager *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return w365_err_oom(reterr);
	p->loop = loop;
	p->client = client;
	p->ask = *ask;
	p->page_fn = page_fn;
	p->done_fn = done_fn;
	p->arg = arg;
	r = graph_get(client, &p->ask, on_reply, p, &p->call, reterr);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(p);
	return 0;
}

struct graph_pager *graph_pager_free(struct graph_pager *p)
{
	if (p) {
		graph_call_cancel(p->call);
		graph_soon_cancel(p->loop, &p->work);
		w365_buf_done(&p->body);
		free(p->links);
		free(p);
	}
	return NULL;
}

void graph_pager_promote(struct graph_pager *p)
{
	p->ask.priority = GRAPH_INTERACTIVE;
	if (p->call)
		graph_call_promote(p->call);
}

static int remember_link(struct graph_pager *p, const struct w365_buf *link, struct w365_err *err)
{
	uint64_t hash = w365_hash(link->data, link->len, 2), *links;

	for (unsigned i = 0; i < p->pages; i++)
		if (p->links[i] == hash)
			return w365_err_set(err, EPROTO,
					    "the service's links to the next page go in a circle");
	if (p->pages >= PAGES_MAX)
		return w365_err_set(err, EPROTO, "the listing has more than %d pages", PAGES_MAX);
	links = realloc(p->links, (p->pages + 1) * sizeof(*links));
	if (!links)
		return w365_err_oom(err);
	links[p->pages] = hash;
	p->links = links;
	return 0;
}

static int ask_next(struct graph_pager *p, struct w365_err *err)
{
	_cleanup_(w365_buf_done) struct w365_buf link = W365_BUF;
	int r;

	graph_page_next(&p->page, &link);
	if (link.failed)
		return w365_err_oom(err);
	r = remember_link(p, &link, err);
	if (r < 0)
		return r;
	p->ask.url = w365_buf_str(&link);
	/* A path alone would be taken for one below the version: a link is a whole address. */
	if (link.data[0] == '/')
		return w365_err_set(err, EPROTO, "the service sent a link that is no address");
	return graph_get(p->client, &p->ask, on_reply, p, &p->call, err);
}

static void done(struct graph_pager *p, const struct w365_err *err)
{
	p->call = graph_call_cancel(p->call);
	p->done_fn(p->arg, err);
}

static void work(void *arg)
{
	struct graph_pager *p = arg;
	struct w365_err err = { 0 };
	bool last = !p->call;

	p->pages++;
	if (p->page_fn(p->arg, &p->page, &err) < 0) {
		done(p, &err);
		return;
	}
	graph_client_recycle(p->client, &p->body);
	if (last)
		done(p, NULL);
}

static void on_reply(void *arg, const struct w365_reply *reply, const struct w365_err *err)
{
	struct graph_pager *p = arg;
	struct w365_err own = { 0 };

	p->call = NULL;
	if (err) {
		done(p, err);
		return;
	}
	w365_buf_done(&p->body);
	p->body = *reply->buf; /* kept beyond this callback */
	*reply->buf = W365_BUF;
	if (graph_page_open(&p->page, w365_buf_str(&p->body), p->body.len, &own) < 0 ||
	    (p->page.next_link.p && ask_next(p, &own) < 0)) {
		done(p, &own);
		return;
	}
	graph_loop_soon(p->loop, &p->work, work, p);
}
