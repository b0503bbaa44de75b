#include "fs/listing.h"
#include "base/buf.h"
#include "base/macros.h"
#include "fs/names.h"

#include <errno.h>
#include <stdlib.h>

#define NSEC 1000000000LL

static void listing_free(struct fs_listing *l)
{
	free(l->stems);
	free(l->lens);
	free(l->by_name);
	w365_arena_done(&l->arena);
	free(l);
}

W365_DEFINE_CLEANUP(struct fs_listing *, listing_free)

static void free_view(void *view)
{
	listing_free(view);
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

static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int c = memcmp(a, b, MIN(a_len, b_len));

	return c ? c : (a_len > b_len) - (a_len < b_len);
}

static int by_stem(const void *pa, const void *pb, void *arg)
{
	const struct fs_listing *l = arg;
	uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

	return compare(l->stems[a], l->lens[a], l->stems[b], l->lens[b]);
}

/* Items of one name all get more of their ids, so that the outcome does not depend on who came
 * first. 1 if there were any: their new names may meet others, so look again. */
static int part_equals(struct fs_listing *l, const struct graph_snapshot *s, uint8_t *stages,
		       struct w365_buf *scratch)
{
	int found = 0;

	qsort_r(l->by_name, l->n, sizeof(*l->by_name), by_stem, l);
	for (uint32_t i = 0, end; i < l->n; i = end) {
		for (end = i + 1; end < l->n && by_stem(&l->by_name[i], &l->by_name[end], l) == 0;)
			end++;
		/* The run's stems are still needed to compare with: its items are only marked here.
		 */
		for (uint32_t k = i; end - i > 1 && k < end; k++)
			if (stages[l->by_name[k]] < FS_NAME_ID)
				found = 1, stages[l->by_name[k]] |= 0x80;
	}
	for (uint32_t i = 0; found && i < l->n; i++) {
		if (!(stages[i] & 0x80))
			continue;
		stages[i] = (uint8_t)((stages[i] & 0x7f) + 1);
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
	l->stems = calloc(l->n + 1, sizeof(*l->stems));
	l->lens = calloc(l->n + 1, sizeof(*l->lens));
	l->by_name = calloc(l->n + 1, sizeof(*l->by_name));
	if (!stages || !l->stems || !l->lens || !l->by_name)
		return -ENOMEM;
	for (uint32_t i = 0; i < l->n; i++) {
		l->by_name[i] = i;
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
		return s->view;
	l = calloc(1, sizeof(*l));
	if (!l || build(l, s) < 0)
		return NULL;
	s->free_view = free_view;
	s->view = l;
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
	uint32_t lo = 0, hi = l->n;

	while (len && lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2, i = l->by_name[mid];
		int c = compare(l->stems[i], l->lens[i], name, len);

		if (c == 0)
			return &s->items[i];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
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
