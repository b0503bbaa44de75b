#include "fs/invalidate.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/notify.h"
#include "fs/views.h"

#include <stdlib.h>

/* The changed items of one replaced snapshot. */
struct fs_pin {
	struct fs_pin *next;           /* an older one */
	struct graph_snapshot *before; /* keeps the texts */
	uint64_t mark;
	struct pinned {
		uint64_t ino;
		const struct graph_item *was; /* NULL: believed no more */
	} * items;                            /* sorted by ino, as the items of a snapshot are */
	size_t n, cap;
};

/* One replacement, while it is being looked through. */
struct change {
	struct fs *fs;
	struct graph_snapshot *before, *after;
	struct fs_listing *names_before, *names_after;
	const struct graph_collection *collection;
	int64_t day;
	uint64_t dir, by_id; /* inode numbers of the directories; 0: there is none */
	uint64_t singleton;
	struct fs_pin *pin;
};

static void unpin(struct fs_pin *p)
{
	graph_snapshot_unref(p->before);
	free(p->items);
	free(p);
}

void fs_unpin(struct fs *fs, uint64_t mark)
{
	for (struct fs_pin **link = &fs->pins, *p; (p = *link);) {
		if (p->mark > mark) {
			link = &p->next;
			continue;
		}
		*link = p->next;
		unpin(p);
	}
}

void fs_pins_done(struct fs *fs)
{
	fs_unpin(fs, UINT64_MAX);
}

static struct pinned *find(const struct fs_pin *p, uint64_t ino)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->items[mid].ino == ino)
			return &p->items[mid];
		if (p->items[mid].ino < ino)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct graph_item *fs_pinned(struct fs *fs, uint64_t ino, const struct graph_item *is)
{
	/* What the kernel was given first is what it believes: the oldest pin, the last of the
	 * list, counts. */
	for (const struct fs_pin *p = fs->pins; p; p = p->next) {
		const struct pinned *found = find(p, ino);

		if (found && found->was)
			is = found->was;
	}
	return is;
}

void fs_believe(struct fs *fs, uint64_t ino)
{
	for (const struct fs_pin *p = fs->pins; p; p = p->next) {
		struct pinned *found = find(p, ino);

		if (found)
			found->was = NULL;
	}
}

/* Out of memory, the old text is not pinned: a reader in this very moment may get it cut. */
static void pin(struct change *c, uint64_t ino, const struct graph_item *was)
{
	struct fs_pin *p = c->pin;

	if (!p)
		return;
	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 16;
		struct pinned *items = realloc(p->items, cap * sizeof(*items));

		if (!items)
			return;
		p->items = items;
		p->cap = cap;
	}
	p->items[p->n++] = (struct pinned){ ino, was };
}

static uint64_t ino_of(const struct change *c, enum fs_ino_kind kind, const struct graph_item *it)
{
	return c->singleton ? c->singleton : fs_ino(kind, c->collection, c->day, it->key);
}

static void text_changed(void *arg, const struct graph_item *was, const struct graph_item *is)
{
	struct change *c = arg;

	if (!was || !is)
		return; /* names come and go in names_changed() */
	pin(c, ino_of(c, FS_INO_ITEM, is), was);
	fs_notify_inode(c->fs->notifier, ino_of(c, FS_INO_ITEM, is));
}

static bool same_stem(const struct change *c, uint32_t i, uint32_t k)
{
	const struct fs_listing *b = c->names_before, *a = c->names_after;

	return b->lens[i] == a->lens[k] && memcmp(b->stems[i], a->stems[k], a->lens[k]) == 0;
}

/* Names that are gone or mean something else. A name changes without its item too, when another
 * gets the same. */
static void names_changed(struct change *c)
{
	char name[256];
	uint32_t k = 0;

	for (uint32_t i = 0; i < c->before->n_items; i++) {
		const struct graph_item *was = &c->before->items[i], *is;

		while (k < c->after->n_items && c->after->items[k].key < was->key)
			k++;
		is = k < c->after->n_items && c->after->items[k].key == was->key
			     ? &c->after->items[k]
			     : NULL;
		if (is && same_stem(c, i, k))
			continue;
		fs_listing_entry(c->before, c->names_before, was, name);
		fs_notify_entry(c->fs->notifier, c->dir, name);
		if (!c->by_id)
			continue;
		if (is) { /* the link of this id leads to another name */
			fs_notify_inode(c->fs->notifier, ino_of(c, FS_INO_BY_ID, is));
		} else {
			fs_listing_id_entry(was, name);
			fs_notify_entry(c->fs->notifier, c->by_id, name);
		}
	}
	fs_notify_inode(c->fs->notifier, c->dir);
	if (c->by_id)
		fs_notify_inode(c->fs->notifier, c->by_id);
}

static void directories(struct change *c)
{
	const struct fs_node *n = fs_tree_of(c->fs->tree, c->collection);

	switch (n->kind) {
	case FS_NODE_SINGLETON: c->singleton = n->ino; break;
	case FS_NODE_LOG:
		c->dir = fs_ino(FS_INO_DAY, c->collection, c->day, (uint64_t)c->day);
		break;
	default: c->dir = n->ino; c->by_id = fs_node_child(n, "by-id")->ino;
	}
}

void fs_invalidate(struct fs *fs, struct graph_family *f, struct graph_snapshot *before,
		   struct graph_snapshot *after)
{
	struct change c = { .fs = fs,
			    .before = before,
			    .after = after,
			    .collection = graph_family_collection(f),
			    .day = graph_family_day(f) };

	if (!fs_tree_of(fs->tree, c.collection))
		return;
	directories(&c);
	c.names_before = before ? fs_listing_of(before) : NULL;
	c.names_after = fs_listing_of(after);
	if (!c.names_before || !c.names_after)
		return;
	c.names_after->since = c.names_before->names_hash == c.names_after->names_hash
				       ? c.names_before->since
				       : time(NULL);
	fs_views_changed(fs, before, after);
	if (!fs->notifier)
		return;

	c.pin = calloc(1, sizeof(*c.pin));
	graph_snapshot_diff(before, after, text_changed, &c);
	if (c.dir && c.names_before->names_hash != c.names_after->names_hash)
		names_changed(&c);
	if (!c.pin)
		return;
	c.pin->mark = ++fs->marks;
	c.pin->before = graph_snapshot_ref(before);
	c.pin->next = fs->pins;
	fs->pins = c.pin;
	fs_notify_mark(fs->notifier, c.pin->mark);
}
