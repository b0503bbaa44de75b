#include "graph/snapshot.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/time.h"
#include "graph/page.h"
#include "graph/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define NSEC 1000000000LL

/* What the public struct does not show. */
struct snapshot {
	struct graph_snapshot s; /* first */
	unsigned refs;
	struct w365_arena arena; /* texts, and ids and names that are not part of them */
};

struct graph_builder {
	const struct graph_collection *collection;
	struct graph_render *render;
	enum graph_version version;
	graph_odd_fn *odd;
	void *arg;
	struct snapshot *snap;
	uint32_t cap;
	struct w365_json json;
	struct w365_buf text, word;
};

W365_DEFINE_CLEANUP(struct graph_builder *, graph_builder_free)

struct graph_snapshot *graph_snapshot_ref(struct graph_snapshot *s)
{
	container_of(s, struct snapshot, s)->refs++;
	return s;
}

struct graph_snapshot *graph_snapshot_unref(struct graph_snapshot *s)
{
	struct snapshot *snap = s ? container_of(s, struct snapshot, s) : NULL;

	if (snap && --snap->refs == 0) {
		if (s->view)
			s->free_view(s->view);
		w365_arena_done(&snap->arena);
		free(s->items);
		free(snap);
	}
	return NULL;
}

/* The key that an id has, unless another id of the snapshot has it too. Below the very last
 * numbers, so that there is always room behind it. */
static uint64_t key_of(const struct graph_collection *c, const char *id, size_t len)
{
	unsigned bits = c->freshness == GRAPH_FRESH_LOG ? GRAPH_LOG_KEY_BITS : GRAPH_KEY_BITS;

	return MIN(w365_hash(id, len, 1) >> (64 - bits), ((uint64_t)1 << bits) - 65536);
}

uint32_t graph_snapshot_from(const struct graph_snapshot *s, uint64_t key)
{
	uint32_t lo = 0, hi = s->n_items;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (s->items[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct graph_item *graph_snapshot_by_key(const struct graph_snapshot *s, uint64_t key)
{
	uint32_t i = graph_snapshot_from(s, key);

	return i < s->n_items && s->items[i].key == key ? &s->items[i] : NULL;
}

/* An id has the key of its hash, or one of those right behind it where several ids share a hash. */
const struct graph_item *graph_snapshot_by_id(const struct graph_snapshot *s, const char *id,
					      size_t len)
{
	uint64_t want = key_of(s->collection, id, len);

	for (uint32_t i = graph_snapshot_from(s, want); i < s->n_items && s->items[i].key == want;
	     i++, want++)
		if (s->items[i].id_len == len && memcmp(s->items[i].id, id, len) == 0)
			return &s->items[i];
	return NULL;
}

/* ---- making one ---- */

int graph_builder_new(const struct graph_collection *c, enum graph_version version,
		      graph_odd_fn *odd, void *arg, struct graph_builder **ret)
{
	_cleanup_(graph_builder_freep) struct graph_builder *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->collection = c;
	b->version = version;
	b->odd = odd;
	b->arg = arg;
	b->render = graph_render_new(version);
	b->snap = calloc(1, sizeof(*b->snap));
	if (!b->render || !b->snap)
		return -ENOMEM;
	b->snap->refs = 1;
	b->snap->s.collection = c;
	*ret = TAKE_PTR(b);
	return 0;
}

struct graph_builder *graph_builder_free(struct graph_builder *b)
{
	if (b) {
		graph_render_free(b->render);
		if (b->snap)
			graph_snapshot_unref(&b->snap->s);
		w365_json_done(&b->json);
		w365_buf_done(&b->text);
		w365_buf_done(&b->word);
		free(b);
	}
	return NULL;
}

static void odd(struct graph_builder *b, const char *fmt, const char *id, size_t len)
{
	char sentence[256];

	b->snap->s.n_odd++;
	if (!b->odd)
		return;
	snprintf(sentence, sizeof(sentence), fmt, b->collection->name, (int)MIN(len, 100), id);
	b->odd(b->arg, sentence);
}

/* The string member @name of the item, where it has one that is not blank. */
static bool string_member(const struct graph_builder *b, uint32_t item, const char *name,
			  uint32_t *ret)
{
	uint32_t i = w365_json_get(&b->json, item, name);
	struct w365_span raw;

	if (!i || b->json.nodes[i].kind != W365_JSON_IS_STRING)
		return false;
	raw = w365_json_raw(&b->json, i);
	for (size_t k = 0; k < raw.len; k++) {
		if (raw.p[k] != ' ') {
			*ret = i;
			return true;
		}
	}
	return false;
}

/*
 * Keeps a string of the item. One that is plain stands in the item's text as it is, and is pointed
 * to there; any other is decoded into the arena.
 */
static int keep_string(struct graph_builder *b, uint32_t node, const char *text, size_t text_len,
		       const char **ret, uint16_t *ret_len)
{
	struct w365_span raw = w365_json_raw(&b->json, node);

	if (b->json.nodes[node].val_plain && raw.len <= UINT16_MAX) {
		*ret = memmem(text, text_len, raw.p, raw.len);
		*ret_len = (uint16_t)raw.len;
		if (*ret)
			return 0;
	}
	w365_buf_reset(&b->word);
	w365_json_decode(&b->word, raw);
	if (b->word.failed)
		return -ENOMEM;
	*ret_len =
		(uint16_t)MIN(b->word.len, UINT16_MAX); /* names of files are cut far below that */
	*ret = w365_arena_dup(&b->snap->arena, w365_buf_str(&b->word), *ret_len);
	return *ret ? 0 : -ENOMEM;
}

/* Nanoseconds since 1970; 0 if it does not say. */
static int64_t modified_of(const struct graph_builder *b, uint32_t item)
{
	for (const char *const *m = b->collection->modified; *m; m++) {
		uint32_t i = w365_json_get(&b->json, item, *m);
		struct w365_span raw;
		struct timespec ts;
		char date[32];

		if (!i || b->json.nodes[i].kind != W365_JSON_IS_STRING)
			continue;
		raw = w365_json_raw(&b->json, i);
		if (raw.len == 10) { /* a date alone */
			snprintf(date, sizeof(date), "%.10sT00:00:00Z", raw.p);
			raw = (struct w365_span){ date, strlen(date) };
		}
		if (w365_time_parse(raw.p, raw.len, &ts) && ts.tv_sec < INT64_MAX / NSEC &&
		    ts.tv_sec > INT64_MIN / NSEC)
			return ts.tv_sec * NSEC + ts.tv_nsec;
	}
	return 0;
}

static int grow(struct graph_builder *b)
{
	struct graph_snapshot *s = &b->snap->s;
	uint32_t cap = b->cap ? b->cap + b->cap / 2 : 16;
	struct graph_item *items;

	if (s->n_items < b->cap)
		return 0;
	items = realloc(s->items, cap * sizeof(*items));
	if (!items)
		return -ENOMEM;
	s->items = items;
	b->cap = cap;
	return 0;
}

/* Renders node @node of the parsed text and appends it to the snapshot. @id: the node of its id, 0
 * of a singleton. */
static int add_item(struct graph_builder *b, uint32_t node, uint32_t id)
{
	struct graph_snapshot *s = &b->snap->s;
	struct graph_item it = { 0 };
	uint32_t name;
	char *text;

	w365_buf_reset(&b->text);
	graph_render_object(b->render, &b->json, node, b->collection->type, &b->text);
	if (b->text.failed || grow(b) < 0)
		return -ENOMEM;
	text = w365_arena_alloc(&b->snap->arena, b->text.len, 1);
	if (!text)
		return -ENOMEM;
	memcpy(text, b->text.data, b->text.len);
	it.text = text;
	it.text_len = (uint32_t)b->text.len;
	s->bytes += b->text.len;

	if (id && keep_string(b, id, text, b->text.len, &it.id, &it.id_len) < 0)
		return -ENOMEM;
	for (const char *const *n = b->collection->name_from; *n; n++) {
		if (!string_member(b, node, *n, &name))
			continue;
		if (keep_string(b, name, text, b->text.len, &it.name, &it.name_len) < 0)
			return -ENOMEM;
		break;
	}
	it.modified = modified_of(b, node);
	it.key = key_of(b->collection, it.id, it.id_len);
	it.arrival = s->n_items;
	s->items[s->n_items++] = it;
	return 0;
}

int graph_builder_page(struct graph_builder *b, const struct graph_page *page,
		       struct w365_err *reterr)
{
	const char *at = page->items;
	int r;

	while ((r = graph_page_item(page, &at, &b->json, reterr)) > 0) {
		uint32_t node = 0, id, inner;

		if (b->json.nodes[0].kind != W365_JSON_IS_OBJECT)
			return w365_err_set(
				reterr, EPROTO,
				"the answer is no collection: an item of it is no object");
		/* A documented example wraps each item once more. */
		if (!string_member(b, 0, "id", &id)) {
			inner = w365_json_get(&b->json, 0, "value");
			if (inner && b->json.nodes[inner].kind == W365_JSON_IS_OBJECT)
				node = inner;
		}
		if (!string_member(b, node, "id", &id)) {
			odd(b, "%s: an item has no id and is not shown%.*s", "", 0);
			continue;
		}
		r = add_item(b, node, id);
		if (r < 0)
			return w365_err_oom(reterr);
	}
	return r;
}

int graph_builder_singleton(struct graph_builder *b, const char *text, size_t len,
			    struct w365_err *reterr)
{
	struct w365_err err;
	uint32_t id = 0;

	if (w365_json_parse(&b->json, text, len, NULL, &err) < 0)
		return w365_err_set(reterr, err.num == ENOMEM ? ENOMEM : EPROTO,
				    "the answer is no object: %s", err.msg);
	if (b->json.nodes[0].kind != W365_JSON_IS_OBJECT)
		return w365_err_set(reterr, EPROTO, "the answer is no object");
	string_member(b, 0, "id", &id);
	return add_item(b, 0, id) < 0 ? w365_err_oom(reterr) : 0;
}

/* By key, then by id, then as they came: the result never depends on the order of arrival but where
 * it must. */
static int by_key(const void *pa, const void *pb)
{
	const struct graph_item *a = pa, *b = pb;
	int c = (a->key > b->key) - (a->key < b->key);

	if (!c)
		c = memcmp(a->id, b->id, MIN(a->id_len, b->id_len));
	if (!c)
		c = (a->id_len > b->id_len) - (a->id_len < b->id_len);
	return c ? c : (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

/* Of two items with one id the later wins; of two ids with one key the second moves to the next
 * number. */
static void settle(struct graph_builder *b)
{
	struct graph_snapshot *s = &b->snap->s;
	uint32_t n = 0;

	if (s->n_items > 1)
		qsort(s->items, s->n_items, sizeof(*s->items), by_key);
	for (uint32_t i = 0; i < s->n_items; i++) {
		struct graph_item *it = &s->items[i], *next = it + 1;

		if (i + 1 < s->n_items && next->id_len == it->id_len &&
		    memcmp(next->id, it->id, it->id_len) == 0) {
			odd(b, "%s: two items have the id '%.*s', the later one is shown", it->id,
			    it->id_len);
			s->bytes -= it->text_len;
			continue;
		}
		s->items[n] = *it;
		if (n && s->items[n].key <= s->items[n - 1].key)
			s->items[n].key = s->items[n - 1].key + 1;
		n++;
	}
	s->n_items = n;
}

/* What does not say when it changed keeps the time at which its text was first seen. */
static void date_items(struct graph_snapshot *s, const struct graph_snapshot *before)
{
	int64_t now = s->wall.tv_sec * NSEC + s->wall.tv_nsec;

	for (uint32_t i = 0; i < s->n_items; i++) {
		struct graph_item *it = &s->items[i];
		const struct graph_item *was;

		if (it->modified)
			continue;
		was = before ? graph_snapshot_by_key(before, it->key) : NULL;
		it->modified = was && was->text_len == it->text_len &&
					       memcmp(was->text, it->text, it->text_len) == 0
				       ? was->modified
				       : now;
	}
}

struct graph_snapshot *graph_builder_finish(struct graph_builder *b,
					    const struct graph_snapshot *before, uint64_t now,
					    struct timespec wall)
{
	struct graph_snapshot *s = &b->snap->s;
	void *fit;

	settle(b);
	s->fetched = now;
	s->wall = wall;
	date_items(s, before);
	fit = s->n_items ? realloc(s->items, s->n_items * sizeof(*s->items)) : NULL;
	if (fit)
		s->items = fit;
	b->snap = NULL;
	return s;
}

void graph_snapshot_diff(const struct graph_snapshot *before, const struct graph_snapshot *after,
			 graph_change_fn *fn, void *arg)
{
	uint32_t i = 0, k = 0;

	while (i < before->n_items || k < after->n_items) {
		const struct graph_item *was = i < before->n_items ? &before->items[i] : NULL;
		const struct graph_item *is = k < after->n_items ? &after->items[k] : NULL;

		if (was && is && was->key != is->key) {
			if (was->key < is->key)
				is = NULL;
			else
				was = NULL;
		}
		i += was != NULL;
		k += is != NULL;
		if (!was || !is || was->text_len != is->text_len ||
		    memcmp(was->text, is->text, is->text_len) != 0)
			fn(arg, was, is);
	}
}
