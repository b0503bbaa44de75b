#include "fs/prefetch.h"
#include "base/log.h"
#include "base/macros.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct prefetch {
	struct fs *fs;
	struct wanted {
		struct prefetch *all;
		struct graph_wait wait;
	} * wanted;
	unsigned n_wanted, n_done;
	uint64_t n_items;
	bool draws; /* somebody watches: a line that is drawn over and over */
};

static void draw(const struct prefetch *p)
{
	enum { WIDTH = 30 };
	static const char bar[WIDTH + 1] = "##############################";
	int full = p->n_wanted ? (int)(p->n_done * WIDTH / p->n_wanted) : WIDTH;

	if (p->draws)
		fprintf(stderr, "\r[%-*.*s] %u of %u collections, %llu items", WIDTH, full, bar,
			p->n_done, p->n_wanted, (unsigned long long)p->n_items);
}

static void on_done(void *arg, struct graph_snapshot *snap, const struct w365_err *err)
{
	struct wanted *one = arg;
	struct prefetch *p = one->all;

	p->n_done++;
	if (snap)
		p->n_items += snap->n_items;
	draw(p); /* a failure was noted, and so told, already */
	if (p->n_done == p->n_wanted)
		graph_loop_stop(p->fs->loop, 0);
}

static bool wants(const struct fs *fs, const struct graph_collection *c)
{
	const struct fs_node *n = fs_tree_of(fs->tree, c);

	return n && !n->unlisted && c->freshness != GRAPH_FRESH_LOG;
}

static void ask(struct wanted *one, struct prefetch *p, const struct graph_collection *c)
{
	struct graph_family *f = graph_store_family(p->fs->store, c, 0);
	struct graph_snapshot *snap = NULL;
	struct w365_err err;
	int r = f ? 1 : w365_err_oom(&err);

	one->all = p;
	if (f)
		r = graph_family_get(f, &one->wait, on_done, one, &snap, &err);
	if (r != 0)
		on_done(one, snap, &err);
}

int fs_prefetch(struct fs *fs, struct w365_err *reterr)
{
	_cleanup_(w365_freep) struct wanted *wanted = calloc(graph_n_collections, sizeof(*wanted));
	struct prefetch p = { .fs = fs, .wanted = wanted, .draws = isatty(STDERR_FILENO) };
	unsigned n = 0;
	int r = 0;

	if (!wanted)
		return w365_err_oom(reterr);
	for (unsigned i = 0; i < graph_n_collections; i++)
		p.n_wanted += wants(fs, &graph_collections[i]);
	for (unsigned i = 0; i < graph_n_collections; i++)
		if (wants(fs, &graph_collections[i]))
			ask(&wanted[n++], &p, &graph_collections[i]);
	draw(&p);
	if (p.n_done < p.n_wanted)
		r = graph_loop_run(fs->loop);
	for (unsigned i = 0; i < n; i++)
		graph_wait_cancel(&wanted[i].wait);
	if (p.draws)
		fputc('\n', stderr);
	if (r < 0)
		return w365_err_set(reterr, EINTR, "interrupted");
	if (fs->unmounted)
		return w365_err_set(reterr, EIO, "it was unmounted before all was fetched");
	graph_loop_resume(fs->loop);
	w365_info("prefetched %u collections, %llu items", p.n_done, (unsigned long long)p.n_items);
	return 0;
}
