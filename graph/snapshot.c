#include "graph/snapshot.h"
#include "base/macros.h"
#include "base/str.h"

#include <stdlib.h>

struct graph_snapshot *graph_snapshot_ref(struct graph_snapshot *s)
{
	s->refs++;
	return s;
}

struct graph_snapshot *graph_snapshot_unref(struct graph_snapshot *s)
{
	if (s && --s->refs == 0) {
		if (s->view && --s->view->refs == 0)
			s->view->free(s->view);
		if (s->groups)
			s->groups->free(s->groups);
		if (s->texts && --s->texts->refs == 0) {
			w365_arena_done(&s->texts->arena);
			free(s->texts);
		}
		free(s->items);
		free(s);
	}
	return NULL;
}

/* Where an item of that id is to stand, whose key some other ids may have as well. */
static uint32_t place_of(const struct graph_snapshot *s, const char *id, size_t len,
			 uint64_t *ret_key)
{
	uint64_t key = graph_item_key(s->collection, id, len);
	uint32_t i = graph_snapshot_from(s, key);

	for (; i < s->n_items && s->items[i].key == key; i++, key++)
		if (s->items[i].id_len == len && memcmp(s->items[i].id, id, len) == 0)
			break;
	*ret_key = key;
	return i;
}

static bool same_name(const struct graph_item *a, const struct graph_item *b)
{
	return a->name_len == b->name_len &&
	       (!a->name_len || memcmp(a->name, b->name, a->name_len) == 0);
}

struct graph_snapshot *graph_snapshot_with(struct graph_snapshot *before,
					   const struct graph_item *item, const char *id,
					   size_t len)
{
	struct graph_snapshot *s = malloc(sizeof(*s));
	struct graph_item *items = malloc((before->n_items + 1) * sizeof(*items));
	uint64_t key;
	uint32_t at = place_of(before, id, len, &key);
	const struct graph_item *was =
		at < before->n_items && before->items[at].key == key ? &before->items[at] : NULL;

	if (!s || !items) {
		free(s);
		free(items);
		return NULL;
	}
	*s = *before;
	s->refs = 1;
	s->texts->refs++;
	s->items = items;
	s->groups = NULL;
	s->view = NULL;
	if (was && item && same_name(was, item)) {
		s->view = before->view;
		if (s->view)
			s->view->refs++;
	}
	if (at)
		memcpy(items, before->items, at * sizeof(*items));
	if (item) {
		items[at] = *item;
		items[at].key = key;
	}
	if (before->n_items > at + (was != NULL))
		memcpy(items + at + (item != NULL), before->items + at + (was != NULL),
		       (before->n_items - at - (was != NULL)) * sizeof(*items));
	s->n_items = before->n_items + (item != NULL) - (was != NULL);
	s->bytes = before->bytes + (item ? item->text_len : 0) - (was ? was->text_len : 0);
	return s;
}

/* Below the very last numbers, so that there is always room behind it. */
uint64_t graph_item_key(const struct graph_collection *c, const char *id, size_t len)
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

const struct graph_item *graph_snapshot_by_id(const struct graph_snapshot *s, const char *id,
					      size_t len)
{
	uint64_t want = graph_item_key(s->collection, id, len);

	for (uint32_t i = graph_snapshot_from(s, want); i < s->n_items && s->items[i].key == want;
	     i++, want++)
		if (s->items[i].id_len == len && memcmp(s->items[i].id, id, len) == 0)
			return &s->items[i];
	return NULL;
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
		if (was && is && was->text == is->text)
			continue; /* shared */
		if (!was || !is || was->text_len != is->text_len ||
		    memcmp(was->text, is->text, is->text_len) != 0)
			fn(arg, was, is);
	}
}
