/* .w365fs/metrics: the numbers of status.json for machines that watch.
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#include "auth/auth.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/time.h"
#include "fs/fs.h"
#include "fs/notify.h"
#include "fs/session.h"

static void head(struct w365_buf *out, const char *name, const char *type, const char *help)
{
	w365_buf_addf(out, "# HELP w365fs_%s %s\n# TYPE w365fs_%s %s\n", name, help, name, type);
}

static void totals(struct fs *fs, struct w365_buf *out)
{
	const struct graph_client_stats *c = graph_client_stats(fs->client);
	const struct graph_http_stats *h = graph_http_stats(fs->http);
	const struct {
		const char *name, *help;
		uint64_t value;
	} rows[] = {
		{ "graph_requests_total", "Requests sent to Graph, tries included.", c->requests },
		{ "graph_retries_total", "Of these, further tries.", c->retries },
		{ "graph_throttled_total", "Answers 429.", c->throttled },
		{ "graph_failed_total", "Requests that failed for good.", c->failed },
		{ "token_requests_total", "Requests for an access token.",
		  graph_client_token_requests(fs->client) },
		{ "http_connections_total", "Connections opened.", h->connections },
		{ "http_received_bytes_total", "Bytes of answers.", h->bytes_received },
		{ "notifications_total", "Changes told to the kernel.",
		  fs->notifier ? fs_notifier_count(fs->notifier) : 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		head(out, rows[i].name, "counter", rows[i].help);
		w365_buf_addf(out, "w365fs_%s %llu\n", rows[i].name,
			      (unsigned long long)rows[i].value);
	}
}

static void opcodes(struct fs *fs, struct w365_buf *out)
{
	head(out, "fuse_requests_total", "counter", "Requests of the kernel.");
	for (unsigned i = 0; i < FS_OPCODES; i++)
		if (fs->opcodes[i] && fs_opcode_name(i))
			w365_buf_addf(out, "w365fs_fuse_requests_total{opcode=\"%s\"} %llu\n",
				      fs_opcode_name(i), (unsigned long long)fs->opcodes[i]);
}

static uint64_t age(struct fs *fs, struct graph_family *f)
{
	return (graph_loop_now(fs->loop) - graph_family_snapshot(f)->fetched) / 1000;
}

static uint64_t items(struct fs *fs, struct graph_family *f)
{
	return graph_family_snapshot(f)->n_items;
}

static uint64_t stale(struct fs *fs, struct graph_family *f)
{
	return graph_family_stale(f);
}

static uint64_t refreshes(struct fs *fs, struct graph_family *f)
{
	return graph_family_stats(f)->refreshes;
}

static uint64_t failures(struct fs *fs, struct graph_family *f)
{
	return graph_family_stats(f)->failures;
}

static const struct {
	const char *name, *type, *help;
	bool of_snapshot; /* there is none without one */
	uint64_t (*value)(struct fs *fs, struct graph_family *f);
} per_collection[] = {
	{ "collection_age_seconds", "gauge", "Since the service was asked.", true, age },
	{ "collection_items", "gauge", "Items.", true, items },
	{ "collection_stale", "gauge", "Whether it is older than it should be.", true, stale },
	{ "collection_refreshes_total", "counter", "Listings that were completed.", false,
	  refreshes },
	{ "collection_failures_total", "counter", "Listings that failed.", false, failures },
};

static void collections(struct fs *fs, struct w365_buf *out)
{
	char day[W365_TIME_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(per_collection); i++) {
		head(out, per_collection[i].name, per_collection[i].type, per_collection[i].help);
		for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));) {
			const struct graph_collection *c = graph_family_collection(f);

			if (!graph_family_touched(f) ||
			    (per_collection[i].of_snapshot && !graph_family_snapshot(f)))
				continue;
			w365_buf_addf(out, "w365fs_%s{collection=\"%s\"", per_collection[i].name,
				      c->name);
			if (c->freshness == GRAPH_FRESH_LOG)
				w365_buf_addf(out, ",day=\"%s\"",
					      w365_date_format(graph_family_day(f), day));
			w365_buf_addf(out, "} %llu\n",
				      (unsigned long long)per_collection[i].value(fs, f));
		}
	}
}

void fs_metrics_write(struct fs *fs, struct w365_buf *out)
{
	totals(fs, out);
	opcodes(fs, out);
	collections(fs, out);
}
