/* .w365fs/status.json: who, how fresh, how much was asked. */
#include "auth/auth.h"
#include "auth/claims.h"
#include "base/json-write.h"
#include "base/time.h"
#include "fs/fs.h"
#include "fs/notify.h"
#include "fs/session.h"

/* A moment on the loop's clock, as people write it. */
static void pair_time(struct fs *fs, struct w365_jw *w, const char *key, uint64_t at)
{
	int64_t off = ((int64_t)at - (int64_t)graph_loop_now(fs->loop)) / 1000;
	char when[W365_TIME_MAX];

	w365_jw_pair(w, key, at ? w365_time_format(time(NULL) + off, when) : NULL);
}

static void sign_in(struct fs *fs, struct w365_jw *w)
{
	const struct auth_claims *c = auth_claims(fs->auth);

	w365_jw_key(w, "signIn");
	w365_jw_open(w, '{');
	w365_jw_pair(w, "tenant", c && c->tenant ? c->tenant : fs->config->tenant);
	w365_jw_pair(w, "account", c ? c->user ? c->user : c->object : NULL);
	w365_jw_pair(w, "clientId", fs->config->client_id);
	w365_jw_pair(w, "grant", auth_grant_name(fs->auth));
	w365_jw_pair(w, "scopes", c ? c->scopes : NULL);
	w365_jw_pair(w, "roles", c ? c->roles : NULL);
	pair_time(fs, w, "expires", auth_expires(fs->auth));
	w365_jw_close(w, '}');
}

static void family(struct fs *fs, struct w365_jw *w, struct graph_family *f)
{
	const struct graph_collection *c = graph_family_collection(f);
	const struct graph_family_stats *st = graph_family_stats(f);
	const struct graph_snapshot *s = graph_family_snapshot(f);
	char when[W365_TIME_MAX];

	w365_jw_open(w, '{');
	w365_jw_pair(w, "name", c->name);
	if (c->freshness == GRAPH_FRESH_LOG) {
		w365_jw_pair(w, "day", w365_date_format(graph_family_day(f), when));
		w365_jw_pair_bool(w, "settled", graph_family_settled(f));
	}
	w365_jw_pair(w, "fetched", s ? w365_time_format(s->wall.tv_sec, when) : NULL);
	if (s) {
		w365_jw_pair_uint(w, "age", (graph_loop_now(fs->loop) - s->fetched) / 1000);
		w365_jw_pair_uint(w, "count", s->n_items);
		w365_jw_pair_uint(w, "bytes", s->bytes);
		w365_jw_pair_uint(w, "leftOut", s->n_odd);
	}
	w365_jw_pair_bool(w, "stale", graph_family_stale(f));
	w365_jw_pair_bool(w, "refreshing", st->refreshing);
	w365_jw_pair_uint(w, "refreshes", st->refreshes);
	w365_jw_pair_uint(w, "pages", st->pages);
	w365_jw_pair_uint(w, "failures", st->failures);
	w365_jw_pair(w, "lastError", st->last.num ? st->last.msg : NULL);
	w365_jw_close(w, '}');
}

static void requests(struct fs *fs, struct w365_jw *w)
{
	const struct graph_client_stats *c = graph_client_stats(fs->client);
	const struct graph_http_stats *h = graph_http_stats(fs->http);

	w365_jw_key(w, "graph");
	w365_jw_open(w, '{');
	w365_jw_pair_uint(w, "requests", c->requests);
	w365_jw_pair_uint(w, "retries", c->retries);
	w365_jw_pair_uint(w, "throttled", c->throttled);
	w365_jw_pair_uint(w, "renewed", c->renewed);
	w365_jw_pair_uint(w, "failed", c->failed);
	pair_time(fs, w, "waitUntil", c->gate_until > graph_loop_now(fs->loop) ? c->gate_until : 0);
	w365_jw_close(w, '}');

	w365_jw_key(w, "http");
	w365_jw_open(w, '{');
	w365_jw_pair_uint(w, "requests", h->requests);
	w365_jw_pair_uint(w, "tokenRequests", graph_client_token_requests(fs->client));
	w365_jw_pair_uint(w, "connections", h->connections);
	w365_jw_pair_uint(w, "failures", h->failures);
	w365_jw_pair_uint(w, "bytesReceived", h->bytes_received);
	w365_jw_close(w, '}');

	w365_jw_key(w, "fuse");
	w365_jw_open(w, '{');
	for (unsigned i = 0; i < FS_OPCODES; i++)
		if (fs->opcodes[i] && fs_opcode_name(i))
			w365_jw_pair_uint(w, fs_opcode_name(i), fs->opcodes[i]);
	w365_jw_pair_uint(w, "notifications", fs->notifier ? fs_notifier_count(fs->notifier) : 0);
	w365_jw_close(w, '}');
}

void fs_status_write(struct fs *fs, struct w365_buf *out)
{
	struct w365_jw w = { .out = out };
	char when[W365_TIME_MAX];

	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "version", W365_VERSION);
	w365_jw_pair(&w, "endpoint", fs->config->endpoint);
	w365_jw_pair(&w, "api", graph_version_name(fs->config->version));
	w365_jw_pair(&w, "mounted", w365_time_format(fs->started.tv_sec, when));
	sign_in(fs, &w);
	w365_jw_key(&w, "collections");
	w365_jw_open(&w, '[');
	for (struct graph_family *f = NULL; (f = graph_store_next(fs->store, f));)
		if (graph_family_touched(f))
			family(fs, &w, f);
	w365_jw_close(&w, ']');
	requests(fs, &w);
	w365_jw_close(&w, '}');
	w365_buf_addc(out, '\n');
}
