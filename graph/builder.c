#include "graph/builder.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "graph/page.h"
#include "graph/render.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define NSEC        1000000000LL
#define CANDIDATES  4 /* properties that may name an item, or tell its time */
#define NO_PROPERTY UINT_MAX

struct graph_builder {
	const struct graph_collection *collection;
	enum graph_version version;
	struct graph_render *render;
	graph_odd_fn *odd;
	void *arg;
	/* Which of the type's properties they are; ended by NO_PROPERTY. */
	unsigned id, only, name[CANDIDATES + 1], modified[CANDIDATES + 1];
	struct graph_snapshot *snap;
	uint32_t cap, listed; /* listed: how many came by pages, once others are added */
	struct w365_json json;
	struct graph_members members;
	struct w365_buf word;
};

W365_DEFINE_CLEANUP(struct graph_builder *, graph_builder_free)

static unsigned property_index(const struct graph_builder *b, const char *name)
{
	const struct graph_type *t = b->collection->type;
	const struct graph_property *p = graph_property_find(t, name, strlen(name), b->version);

	return p ? (unsigned)(p - t->properties) : NO_PROPERTY;
}

static void property_indices(const struct graph_builder *b, const char *const *names, unsigned *ret)
{
	unsigned n = 0;

	for (; *names && n < CANDIDATES; names++) {
		unsigned k = property_index(b, *names);

		if (k != NO_PROPERTY)
			ret[n++] = k;
	}
	ret[n] = NO_PROPERTY;
}

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
	b->listed = UINT32_MAX;
	b->snap->refs = 1;
	b->snap->texts = calloc(1, sizeof(*b->snap->texts));
	if (!b->snap->texts)
		return -ENOMEM;
	b->snap->texts->refs = 1;
	b->snap->collection = c;
	b->id = property_index(b, "id");
	b->only = c->only ? property_index(b, c->only) : NO_PROPERTY;
	property_indices(b, c->name_from, b->name);
	property_indices(b, c->modified, b->modified);
	*ret = TAKE_PTR(b);
	return 0;
}

struct graph_builder *graph_builder_free(struct graph_builder *b)
{
	if (b) {
		graph_render_free(b->render);
		graph_snapshot_unref(b->snap);
		w365_json_done(&b->json);
		w365_buf_done(&b->word);
		free(b);
	}
	return NULL;
}

static void odd(struct graph_builder *b, const char *fmt, const char *id, size_t len)
{
	char sentence[256];

	b->snap->n_odd++;
	if (!b->odd)
		return;
	snprintf(sentence, sizeof(sentence), fmt, b->collection->name, (int)MIN(len, 100), id);
	b->odd(b->arg, sentence);
}

/* ---- one item ---- */

/* The node of property @k, where it is a string that is not blank; else 0. */
static uint32_t string_of(const struct graph_builder *b, unsigned k)
{
	uint32_t i = k == NO_PROPERTY ? 0 : b->members.node[k];
	struct w365_span raw;

	if (!i || b->json.nodes[i].kind != W365_JSON_IS_STRING)
		return 0;
	raw = w365_json_raw(&b->json, i);
	for (size_t n = 0; n < raw.len; n++)
		if (raw.p[n] != ' ')
			return i;
	return 0;
}

/*
 * Keeps the string property @k of the item whose text was just written to @s. One that is plain stands in
 * the text as it is, and is pointed to there; any other is decoded into the arena.
 */
static int keep_string(struct graph_builder *b, unsigned k, struct graph_snapshot *s,
		       const char *text, const char **ret, uint16_t *ret_len)
{
	uint32_t i = b->members.node[k];
	struct w365_span raw = w365_json_raw(&b->json, i);

	if (b->json.nodes[i].val_plain && raw.len <= UINT16_MAX) {
		*ret = text + b->members.value[k] + 1; /* behind the quote */
		*ret_len = (uint16_t)raw.len;
		return 0;
	}
	w365_buf_reset(&b->word);
	w365_json_decode(&b->word, raw);
	if (b->word.failed)
		return -ENOMEM;
	/* Names of files are cut far below that. */
	*ret_len = (uint16_t)MIN(b->word.len, UINT16_MAX);
	*ret = w365_arena_dup(&s->texts->arena, w365_buf_str(&b->word), *ret_len);
	return *ret ? 0 : -ENOMEM;
}

/* Nanoseconds since 1970; 0 if it does not say. */
static int64_t modified_of(const struct graph_builder *b)
{
	for (const unsigned *k = b->modified; *k != NO_PROPERTY; k++) {
		uint32_t i = string_of(b, *k);
		struct w365_span raw;
		struct timespec ts;
		char date[32];

		if (!i)
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
	struct graph_snapshot *s = b->snap;
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

/* Writes the object @node, which @b has looked at, into the snapshot of @into. */
static int add_item(struct graph_builder *b, uint32_t node, struct graph_builder *into)
{
	struct graph_snapshot *s = into->snap;
	struct graph_item it = { 0 };
	char *text = w365_arena_reserve(&s->texts->arena, graph_render_bound(&b->json));

	if (!text || grow(into) < 0)
		return -ENOMEM;
	it.text = text;
	it.text_len =
		(uint32_t)(graph_render_write(b->render, &b->json, node, &b->members, text) - text);
	w365_arena_commit(&s->texts->arena, it.text_len);
	s->bytes += it.text_len;

	if (string_of(b, b->id) && keep_string(b, b->id, s, text, &it.id, &it.id_len) < 0)
		return -ENOMEM;
	for (const unsigned *k = b->name; *k != NO_PROPERTY && !it.name; k++)
		if (string_of(b, *k) && keep_string(b, *k, s, text, &it.name, &it.name_len) < 0)
			return -ENOMEM;
	it.modified = modified_of(b);
	it.key = graph_item_key(b->collection, it.id, it.id_len);
	it.arrival = s->n_items;
	s->items[s->n_items++] = it;
	return 0;
}

/* An id becomes a step of an address, and such a one would lead to something else. */
static bool misleads(struct graph_builder *b)
{
	struct w365_span raw = w365_json_raw(&b->json, b->members.node[b->id]);

	if (raw.len > strlen("\\u002e\\u002e"))
		return false;
	w365_buf_reset(&b->word);
	w365_json_decode(&b->word, raw);
	return b->word.failed || w365_is_dots(w365_buf_str(&b->word));
}

static uint32_t look(struct graph_builder *b, uint32_t node)
{
	graph_render_look(b->render, &b->json, node, b->collection->type, &b->members);
	return string_of(b, b->id);
}

/* The node of the item in the text at hand, which was looked at then: the text itself, or what it
 * wraps, as in a documented example. */
static uint32_t find_item(struct graph_builder *b)
{
	uint32_t inner = look(b, 0) ? 0 : w365_json_get(&b->json, 0, "value");

	if (inner && b->json.nodes[inner].kind == W365_JSON_IS_OBJECT && look(b, inner))
		return inner;
	look(b, 0);
	return 0;
}

/* Whether the item that was looked at is of those that the collection is about: the service has
 * been asked for no other, but may know of no such filter. One that does not tell is shown. */
static bool about(const struct graph_builder *b)
{
	uint32_t i = string_of(b, b->only);
	const char *begins = b->collection->begins;
	struct w365_span raw;

	if (!i)
		return true;
	raw = w365_json_raw(&b->json, i);
	return raw.len >= strlen(begins) && strncasecmp(raw.p, begins, strlen(begins)) == 0;
}

static struct graph_builder *itself(void *arg, int64_t modified)
{
	return arg;
}

int graph_builder_page(struct graph_builder *b, struct graph_page *page, struct w365_err *reterr)
{
	return graph_builder_split(b, page, itself, b, reterr);
}

int graph_builder_split(struct graph_builder *b, struct graph_page *page, graph_pick_fn *pick,
			void *arg, struct w365_err *reterr)
{
	int r;

	while ((r = graph_page_item(page, &b->json, reterr)) > 0) {
		struct graph_builder *into;
		uint32_t node;

		if (b->json.nodes[0].kind != W365_JSON_IS_OBJECT)
			return w365_err_set(
				reterr, EPROTO,
				"the answer is no collection: an item of it is no object");
		node = find_item(b);
		if (!string_of(b, b->id)) {
			odd(b, "%s: an item has no id and is not shown%.*s", "", 0);
			continue;
		}
		if (misleads(b)) {
			odd(b, "%s: an item has dots for an id and is not shown%.*s", "", 0);
			continue;
		}
		if (!about(b))
			continue;
		into = pick(arg, pick == itself ? 0 : modified_of(b));
		if (into && add_item(b, node, into) < 0)
			return w365_err_oom(reterr);
	}
	return r;
}

void graph_builder_share(struct graph_builder *b, struct graph_snapshot *s)
{
	free(b->snap->texts);
	b->snap->texts = s->texts;
	s->texts->refs++;
}

int graph_builder_override(struct graph_builder *b, const char *text, size_t len,
			   struct w365_err *reterr)
{
	b->listed = MIN(b->listed, b->snap->n_items);
	return graph_builder_singleton(b, text, len, reterr);
}

void graph_builder_remove(struct graph_builder *b, const char *id, size_t len)
{
	struct graph_snapshot *s = b->snap;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n_items; i++) {
		if (s->items[i].id_len == len && memcmp(s->items[i].id, id, len) == 0)
			s->bytes -= s->items[i].text_len;
		else
			s->items[n++] = s->items[i];
	}
	s->n_items = n;
}

int graph_builder_singleton(struct graph_builder *b, const char *text, size_t len,
			    struct w365_err *reterr)
{
	struct w365_err err;

	if (w365_json_parse(&b->json, text, len, NULL, &err) < 0)
		return w365_err_set(reterr, err.num == ENOMEM ? ENOMEM : EPROTO,
				    "the answer is no object: %s", err.msg);
	if (b->json.nodes[0].kind != W365_JSON_IS_OBJECT)
		return w365_err_set(reterr, EPROTO, "the answer is no object");
	return add_item(b, find_item(b), b) < 0 ? w365_err_oom(reterr) : 0;
}

/* ---- all of them ---- */

/* By key, then by id, then as they came: the result never depends on the order of arrival but where
 * it must. */
static int by_key(const struct graph_item *a, const struct graph_item *b)
{
	int c = (a->key > b->key) - (a->key < b->key);

	if (!c)
		c = memcmp(a->id, b->id, MIN(a->id_len, b->id_len));
	if (!c)
		c = (a->id_len > b->id_len) - (a->id_len < b->id_len);
	return c ? c : (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

static void insert_sorted(struct graph_item *items, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		struct graph_item it = items[i];
		uint32_t k = i;

		for (; k && by_key(&it, &items[k - 1]) < 0; k--)
			items[k] = items[k - 1];
		items[k] = it;
	}
}

/* Keys are hashes, and so spread evenly: each item goes to about its place at once, by the upper
 * bits of its key, and neighbours are put in order. */
static int sort_items(struct graph_snapshot *s)
{
	unsigned bits = 1, key_bits = s->collection->freshness == GRAPH_FRESH_LOG
					      ? GRAPH_LOG_KEY_BITS
					      : GRAPH_KEY_BITS;
	struct graph_item *sorted;
	uint32_t *start;

	if (s->n_items < 2)
		return 0;
	while (bits < 24 && (1u << bits) < s->n_items)
		bits++;
	start = calloc((1u << bits) + 1, sizeof(*start));
	sorted = malloc(s->n_items * sizeof(*sorted));
	if (!start || !sorted) {
		free(start);
		free(sorted);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < s->n_items; i++)
		start[(s->items[i].key >> (key_bits - bits)) + 1]++;
	for (uint32_t i = 0; i < 1u << bits; i++)
		start[i + 1] += start[i];
	for (uint32_t i = 0; i < s->n_items; i++)
		sorted[start[s->items[i].key >> (key_bits - bits)]++] = s->items[i];
	for (uint32_t i = 0, from = 0; i < 1u << bits; i++) {
		insert_sorted(sorted + from, start[i] - from);
		from = start[i];
	}
	free(start);
	free(s->items);
	s->items = sorted;
	return 0;
}

/* Of two items with one id the later wins; of two ids with one key the second moves to the next
 * number. */
static void settle(struct graph_builder *b)
{
	struct graph_snapshot *s = b->snap;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n_items; i++) {
		struct graph_item *it = &s->items[i], *next = it + 1;

		if (i + 1 < s->n_items && next->id_len == it->id_len &&
		    memcmp(next->id, it->id, it->id_len) == 0) {
			if (next->arrival < b->listed)
				odd(b, "%s: two items have the id '%.*s', the later one is shown",
				    it->id, it->id_len);
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
	struct graph_snapshot *s = b->snap;

	if (sort_items(s) < 0)
		return NULL;
	settle(b);
	s->fetched = now;
	s->wall = wall;
	date_items(s, before);
	b->snap = NULL;
	return s;
}
