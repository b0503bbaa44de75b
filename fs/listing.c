#include "fs/listing.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/names.h"

#include <errno.h>
#include <stdlib.h>

#define NSEC 1000000000LL

/* While names are being made: how much of the id each has, and that it needs more. */
enum { STAGE = 0x7f, MARKED = 0x80 };

static void listing_free(struct fs_listing *l)
{
	free(l->stems);
	free(l->lens);
	free(l->by_name);
	w365_arena_done(&l->arena);
	free(l);
}

W365_DEFINE_CLEANUP(struct fs_listing *, listing_free)

static void free_view(struct graph_view *view)
{
	listing_free(container_of(view, struct fs_listing, view));
}

/* Gives item @i its stem. */
static int set_stem(struct fs_listing *l, const struct graph_snapshot *s, uint32_t i,
		    enum fs_name_stage stage, struct w365_buf *scratch)
{
	const struct graph_item *it = &s->items[i];
	bool log = s->collection->freshness == GRAPH_FRESH_LOG;
	const char *stem;

	if (stage == FS_NAME_ALONE && !log && it->name_len &&
	    fs_name_is_plain(it->name, it->name_len)) {
		l->stems[i] = it->name;
		l->lens[i] = (uint8_t)it->name_len;
		return 0;
	}
	w365_buf_reset(scratch);
	if (log)
		fs_name_log(scratch, it->modified / NSEC, it->name, it->name_len, it->id,
			    it->id_len, stage);
	else
		fs_name_item(scratch, it->name, it->name_len, it->id, it->id_len, stage);
	stem = scratch->failed ? NULL
			       : w365_arena_dup(&l->arena, w365_buf_str(scratch), scratch->len);
	if (!stem)
		return -ENOMEM;
	l->stems[i] = stem;
	l->lens[i] = (uint8_t)scratch->len;
	return 0;
}

static bool same(const struct fs_listing *l, uint32_t i, const char *stem, size_t len)
{
	return l->lens[i] == len && memcmp(l->stems[i], stem, len) == 0;
}

/* Where in the table @stem is, or would be. */
static uint32_t slot_of(const struct fs_listing *l, const char *stem, size_t len)
{
	uint32_t slot = (uint32_t)w365_hash(stem, len, 3) & l->mask;

	while (l->by_name[slot] != FS_NO_ITEM && !same(l, l->by_name[slot], stem, len))
		slot = (slot + 1) & l->mask;
	return slot;
}

/* Items of one name all get more of their ids, so that the outcome does not depend on who came
 * first. 1 if there were any: their new names may meet others, so look again. */
static int part_equals(struct fs_listing *l, const struct graph_snapshot *s, uint8_t *stages,
		       struct w365_buf *scratch)
{
	int found = 0;

	memset(l->by_name, 0xff, ((size_t)l->mask + 1) * sizeof(*l->by_name));
	for (uint32_t i = 0; i < l->n; i++) {
		uint32_t slot = slot_of(l, l->stems[i], l->lens[i]), there = l->by_name[slot];

		if (there == FS_NO_ITEM) {
			l->by_name[slot] = i;
			continue;
		}
		/* The stems are still needed to compare with: they are only marked here. */
		for (unsigned k = 0; k < 2; k++) {
			uint8_t *stage = &stages[k ? i : there];

			if ((*stage & STAGE) < FS_NAME_ID) {
				*stage |= MARKED;
				found = 1;
			}
		}
	}
	for (uint32_t i = 0; found && i < l->n; i++) {
		if (!(stages[i] & MARKED))
			continue;
		stages[i] = (uint8_t)((stages[i] & STAGE) + 1);
		if (set_stem(l, s, i, stages[i], scratch) < 0)
			return -ENOMEM;
	}
	return found;
}

static int build(struct fs_listing *l, const struct graph_snapshot *s)
{
	_cleanup_(w365_freep) uint8_t *stages = calloc(s->n_items + 1, 1);
	_cleanup_(w365_buf_done) struct w365_buf scratch = W365_BUF;
	int r;

	l->n = s->n_items;
	l->mask = 15;
	while (l->mask < l->n + l->n / 2)
		l->mask = 2 * l->mask + 1;
	l->stems = calloc(l->n + 1, sizeof(*l->stems));
	l->lens = calloc(l->n + 1, sizeof(*l->lens));
	l->by_name = malloc(((size_t)l->mask + 1) * sizeof(*l->by_name));
	if (!stages || !l->stems || !l->lens || !l->by_name)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->n; i++) {
		if (s->items[i].id_len > FS_STEM_MAX / 3) /* each byte may become three */
			l->long_ids = true;
		if (set_stem(l, s, i, FS_NAME_ALONE, &scratch) < 0)
			return -ENOMEM;
	}
	do
		r = part_equals(l, s, stages, &scratch);
	while (r > 0);
	for (uint32_t i = 0; i < l->n; i++)
		l->names_hash ^= w365_hash(l->stems[i], l->lens[i], s->items[i].key);
	return r;
}

struct fs_listing *fs_listing_of(struct graph_snapshot *s)
{
	_cleanup_(listing_freep) struct fs_listing *l = NULL;

	if (s->view)
		return container_of(s->view, struct fs_listing, view);
	l = calloc(1, sizeof(*l));
	if (!l || build(l, s) < 0)
		return NULL;
	l->view = (struct graph_view){ .refs = 1, .free = free_view };
	s->view = &l->view;
	return TAKE_PTR(l);
}

/* The stem of an entry; its length is 0 if the name does not end as a resource's does. */
static size_t stem_of(const char *name)
{
	return w365_ends(name, FS_SUFFIX) ? strlen(name) - strlen(FS_SUFFIX) : 0;
}

const struct graph_item *fs_listing_find(struct graph_snapshot *s, const struct fs_listing *l,
					 const char *name)
{
	size_t len = stem_of(name);
	uint32_t i = len ? l->by_name[slot_of(l, name, len)] : FS_NO_ITEM;

	return i == FS_NO_ITEM ? NULL : &s->items[i];
}

const struct graph_item *fs_listing_find_id(struct graph_snapshot *s, const struct fs_listing *l,
					    const char *name)
{
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;
	const struct graph_item *it = NULL;
	size_t len = stem_of(name);
	char entry[256];

	if (len && fs_name_decode(&id, name, len) && !id.failed)
		it = graph_snapshot_by_id(s, w365_buf_str(&id), id.len);
	/* The name must be the id's own, not another spelling of it. */
	if (it && (fs_listing_id_entry(it, entry), w365_streq(entry, name)))
		return it;
	for (uint32_t i = 0; l->long_ids && i < s->n_items; i++) {
		fs_listing_id_entry(&s->items[i], entry);
		if (w365_streq(entry, name))
			return &s->items[i];
	}
	return NULL;
}

size_t fs_listing_entry(const struct graph_snapshot *s, const struct fs_listing *l,
			const struct graph_item *it, char out[256])
{
	size_t i = (size_t)(it - s->items);

	memcpy(out, l->stems[i], l->lens[i]);
	memcpy(out + l->lens[i], FS_SUFFIX, sizeof(FS_SUFFIX));
	return l->lens[i] + sizeof(FS_SUFFIX) - 1;
}

size_t fs_listing_id_entry(const struct graph_item *it, char out[256])
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	if (fs_name_is_plain(it->id, it->id_len)) {
		memcpy(out, it->id, it->id_len);
		memcpy(out + it->id_len, FS_SUFFIX, sizeof(FS_SUFFIX));
		return it->id_len + sizeof(FS_SUFFIX) - 1;
	}
	fs_name_item(&b, NULL, 0, it->id, it->id_len, FS_NAME_ALONE);
	memcpy(out, w365_buf_str(&b), b.len);
	memcpy(out + b.len, FS_SUFFIX, sizeof(FS_SUFFIX));
	return b.len + sizeof(FS_SUFFIX) - 1;
}
