#include "sim/log.h"

#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "base/json-write.h"
#include "sim/message.h"

static size_t slot_of(const struct sim_log *l, const char *key)
{
	size_t at = w365_hash(key, strlen(key), 0) & (l->index_size - 1);

	while (l->index[at] != UINT32_MAX && !w365_streq(l->counts[l->index[at]].key, key))
		at = (at + 1) & (l->index_size - 1);
	return at;
}

/* Room for one more key: at most half of the index is used. */
static bool grow(struct sim_log *l)
{
	size_t cap = l->count_cap ? l->count_cap * 2 : 64;
	void *counts, *index;

	if (l->count_used < l->count_cap)
		return true;
	counts = reallocarray(l->counts, cap, sizeof(*l->counts));
	if (!counts)
		return false;
	l->counts = counts;
	index = reallocarray(l->index, cap * 2, sizeof(*l->index));
	if (!index)
		return false;
	l->index = index;
	l->index_size = cap * 2;
	l->count_cap = cap;
	memset(l->index, 0xff, l->index_size * sizeof(*l->index));
	for (size_t i = 0; i < l->count_used; i++)
		l->index[slot_of(l, l->counts[i].key)] = (uint32_t)i;
	return true;
}

static void count(struct sim_log *l, const struct sim_request *req)
{
	_cleanup_(w365_buf_done) struct w365_buf key = W365_BUF;
	size_t slot;

	w365_buf_addf(&key, "%s %.*s", req->method, (int)req->path.len, req->path.p);
	if (key.failed || !grow(l))
		return;
	slot = slot_of(l, key.data);
	if (l->index[slot] == UINT32_MAX) {
		l->index[slot] = (uint32_t)l->count_used;
		l->counts[l->count_used++] = (struct sim_log_count){ .key = w365_buf_take(&key) };
	}
	l->counts[l->index[slot]].count++;
}

static void pair_span(struct w365_jw *j, const char *key, struct w365_span s)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	w365_buf_add(&text, s.p, s.len);
	w365_jw_pair(j, key, w365_buf_str(&text));
}

static bool is_secret(struct w365_span name)
{
	static const char *const secrets[] = { "code",
					       "device_code",
					       "user_code",
					       "client_secret",
					       "refresh_token",
					       "access_token",
					       "id_token",
					       "code_verifier",
					       "client_assertion",
					       "assertion",
					       "passwd",
					       "password",
					       "sig" };

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (w365_span_is(name, secrets[i]))
			return true;
	return false;
}

void sim_log_redact(struct w365_span query, struct w365_buf *out)
{
	const char *p = query.p ? query.p : "", *end = p + query.len;

	while (p < end) {
		const char *amp = memchr(p, '&', (size_t)(end - p)), *stop = amp ? amp : end;
		const char *equals = memchr(p, '=', (size_t)(stop - p));

		if (equals && is_secret((struct w365_span){ p, (size_t)(equals - p) }))
			w365_buf_addf(out, "%.*s=...", (int)(equals - p), p);
		else
			w365_buf_add(out, p, (size_t)(stop - p));
		if (amp)
			w365_buf_addc(out, '&');
		p = amp ? amp + 1 : end;
	}
}

static char *entry_json(const struct sim_log *l, const struct sim_request *req, bool graph,
			uint64_t n, uint64_t batch)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, query = W365_BUF, body = W365_BUF;
	struct w365_jw j = { .out = &text, .compact = true };

	sim_log_redact(req->query, &query);
	w365_jw_pair_int(&j, "n", (int64_t)n);
	if (batch > l->forgotten)
		w365_jw_pair_int(&j, "batch", (int64_t)(batch - l->forgotten));
	w365_jw_pair_int(&j, "time_ms", (int64_t)(w365_now_ms() - l->start_ms));
	w365_jw_pair(&j, "method", req->method);
	pair_span(&j, "path", req->path);
	w365_jw_pair(&j, "query", w365_buf_str(&query));
	w365_jw_pair(&j, "client_request_id", req->client_request_id);
	w365_jw_pair(&j, "user_agent", req->user_agent);
	w365_jw_pair(&j, "http_version", req->http_version);
	w365_jw_pair(&j, "prefer", req->prefer);
	/* Those for Entra ID are made of secrets. */
	if (graph && req->body.len) {
		sim_log_body(req->body, &body);
		w365_jw_pair_raw(&j, "body", w365_buf_str(&body));
	}
	return w365_buf_take(&text);
}

static uint64_t add_entry(struct sim_log *l, const struct sim_request *req, bool graph,
			  uint64_t batch)
{
	struct sim_log_entry *e;

	if (!l->ring)
		l->ring = calloc(SIM_LOG_MAX, sizeof(*l->ring));
	l->entries++;
	count(l, req);
	if (l->ring) {
		e = &l->ring[(l->entries - 1) % SIM_LOG_MAX];
		free(e->json);
		*e = (struct sim_log_entry){ .json = entry_json(l, req, graph, l->entries, batch) };
	}
	return l->forgotten + l->entries;
}

uint64_t sim_log_begin(struct sim_log *l, const struct sim_request *req, bool graph)
{
	l->total++;
	if (graph)
		l->graph++;
	else
		l->entra++;
	return add_entry(l, req, graph, 0);
}

uint64_t sim_log_inner(struct sim_log *l, const struct sim_request *req, uint64_t batch)
{
	return add_entry(l, req, true, batch);
}

void sim_log_end(struct sim_log *l, uint64_t ticket, int status, uint64_t bytes)
{
	uint64_t n = ticket - l->forgotten;
	struct sim_log_entry *e;

	if (!l->ring || ticket <= l->forgotten || l->entries - n >= SIM_LOG_MAX)
		return;
	e = &l->ring[(n - 1) % SIM_LOG_MAX];
	e->status = status;
	e->bytes = bytes;
}

static void write_counts(const struct sim_log *l, struct w365_jw *j)
{
	w365_jw_open(j, '{');
	for (size_t i = 0; i < l->count_used; i++)
		w365_jw_pair_int(j, l->counts[i].key, (int64_t)l->counts[i].count);
	w365_jw_close(j, '}');
}

static void write_requests(const struct sim_log *l, struct w365_jw *j)
{
	uint64_t first = l->entries > SIM_LOG_MAX ? l->entries - SIM_LOG_MAX : 0;

	w365_jw_open(j, '[');
	for (uint64_t n = first; l->ring && n < l->entries; n++) {
		const struct sim_log_entry *e = &l->ring[n % SIM_LOG_MAX];

		if (!e->json)
			continue;
		w365_jw_open(j, '{');
		w365_jw_raw(j, e->json);
		w365_jw_pair_int(j, "status", e->status);
		w365_jw_pair_int(j, "bytes", (int64_t)e->bytes);
		w365_jw_close(j, '}');
	}
	w365_jw_close(j, ']');
}

void sim_log_write(const struct sim_log *l, bool counts_only, struct w365_buf *out)
{
	struct w365_jw j = { .out = out, .compact = true };

	w365_jw_open(&j, '{');
	w365_jw_pair_int(&j, "total", (int64_t)l->total);
	w365_jw_pair_int(&j, "graph", (int64_t)l->graph);
	w365_jw_pair_int(&j, "entra", (int64_t)l->entra);
	w365_jw_pair_int(&j, "batched", (int64_t)(l->entries - l->total));
	w365_jw_key(&j, "counts");
	write_counts(l, &j);
	if (!counts_only) {
		w365_jw_key(&j, "requests");
		write_requests(l, &j);
	}
	w365_jw_close(&j, '}');
}

void sim_log_reset(struct sim_log *l)
{
	for (size_t i = 0; l->ring && i < SIM_LOG_MAX; i++)
		free(l->ring[i].json);
	for (size_t i = 0; i < l->count_used; i++)
		free(l->counts[i].key);
	free(l->ring);
	free(l->counts);
	free(l->index);
	*l = (struct sim_log){ .start_ms = l->start_ms, .forgotten = l->forgotten + l->entries };
}
