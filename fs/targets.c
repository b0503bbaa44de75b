#include "fs/targets.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/names.h"

#include <errno.h>

#define SUFFIX_LEN (sizeof(FS_SUFFIX) - 1)

void fs_targets_done(struct fs_targets *t)
{
	for (unsigned i = 0; i < FS_TARGETS_MAX; i++)
		w365_buf_done(&t->ids[i]);
	free(t->names);
	t->names = NULL;
}

static bool has_suffix(struct w365_span s)
{
	return s.len > SUFFIX_LEN && memcmp(s.p + s.len - SUFFIX_LEN, FS_SUFFIX, SUFFIX_LEN) == 0;
}

static struct w365_span without_suffix(struct w365_span s)
{
	return (struct w365_span){ s.p, s.len - (has_suffix(s) ? SUFFIX_LEN : 0) };
}

static void hand_out(struct fs_targets *t, const struct graph_item *it, struct graph_found *ret,
		     unsigned i)
{
	size_t len;

	if (i >= FS_TARGETS_MAX)
		return;
	len = fs_listing_entry(t->snapshot, t->listing, it, t->entries[i]);
	*ret = (struct graph_found){
		.id = { it->id, it->id_len },
		.name = { it->name, it->name_len },
		.entry = { t->entries[i], len },
	};
}

/* The item of an entry: as it stands, then with the suffix that was left out. */
static const struct graph_item *by_entry(const struct fs_targets *t, struct w365_span s, bool ids)
{
	const struct graph_item *it = NULL;
	char entry[256];

	for (unsigned i = 0; i < 2 && !it; i++) {
		if (s.len + (i ? SUFFIX_LEN : 0) >= sizeof(entry) || memchr(s.p, '\0', s.len))
			continue;
		memcpy(entry, s.p, s.len);
		strcpy(entry + s.len, i ? FS_SUFFIX : "");
		it = ids ? fs_listing_find_id(t->snapshot, t->listing, entry)
			 : fs_listing_find(t->snapshot, t->listing, entry);
	}
	return it;
}

static uint32_t slot(const struct fs_targets *t, const char *name, size_t len)
{
	return (uint32_t)w365_hash(name, len, 0) & t->mask;
}

/* A file of thousands of lines must not go through thousands of items for each. Items of one name
 * follow one another. False if there is no memory. */
static bool index_names(struct fs_targets *t)
{
	const struct graph_snapshot *s = t->snapshot;

	if (t->names)
		return true;
	for (t->mask = 15; t->mask < 2 * (size_t)s->n_items; t->mask = 2 * t->mask + 1)
		;
	t->names = malloc(((size_t)t->mask + 1) * sizeof(*t->names));
	if (!t->names)
		return false;
	memset(t->names, 0xff, ((size_t)t->mask + 1) * sizeof(*t->names));
	for (uint32_t i = 0; i < s->n_items; i++) {
		uint32_t k = slot(t, s->items[i].name, s->items[i].name_len);

		for (; t->names[k] != FS_NO_ITEM; k = (k + 1) & t->mask)
			;
		t->names[k] = i;
	}
	return true;
}

/* All that people call so. */
static unsigned by_name(struct fs_targets *t, struct w365_span s, struct graph_found *ret,
			unsigned max)
{
	unsigned n = 0;

	if (!s.len || !index_names(t))
		return 0;
	for (uint32_t k = slot(t, s.p, s.len); t->names[k] != FS_NO_ITEM; k = (k + 1) & t->mask) {
		const struct graph_item *it = &t->snapshot->items[t->names[k]];

		if (it->name_len != s.len || memcmp(it->name, s.p, s.len) != 0)
			continue;
		if (n < max)
			hand_out(t, it, &ret[n], n);
		n++;
	}
	return n;
}

static const struct graph_item *by_id(const struct fs_targets *t, struct w365_span s)
{
	const struct graph_item *it = by_entry(t, s, true);

	return it || !s.len ? it : graph_snapshot_by_id(t->snapshot, s.p, s.len);
}

/*
 * One name, without directories. @ids: in by-id/.
 *
 * Who may name a thing may name it by another thing's id. So what a directory lists is what it lists,
 * and a bare word that is the one's id and the other's name means neither.
 */
static unsigned by_word(struct fs_targets *t, struct w365_span s, bool ids, struct graph_found *ret,
			unsigned max)
{
	const struct graph_item *it = ids ? NULL : by_entry(t, s, false), *other = NULL;
	struct w365_span bare = without_suffix(s);
	unsigned n;

	if (!it)
		it = by_id(t, s);
	else if (bare.len == s.len)
		other = by_id(t, s);
	if (other == it)
		other = NULL;
	if (it && max)
		hand_out(t, it, ret, 0);
	if (other && max > 1)
		hand_out(t, other, ret + 1, 1);
	if (it || ids)
		return (it != NULL) + (other != NULL);
	n = by_name(t, s, ret, max);
	return n || bare.len == s.len ? n : by_name(t, bare, ret, max);
}

static struct w365_span next_part(struct w365_span *path)
{
	const char *slash = memchr(path->p, '/', path->len);
	struct w365_span part = { path->p, slash ? (size_t)(slash - path->p) : path->len };

	path->p += part.len + (slash != NULL);
	path->len -= part.len + (slash != NULL);
	return part;
}

static bool starts(struct w365_span s, const char *prefix)
{
	return s.len >= strlen(prefix) && memcmp(s.p, prefix, strlen(prefix)) == 0;
}

static int elsewhere(const struct fs_targets *t, struct w365_span path, struct w365_err *reterr)
{
	return w365_err_set(reterr, ENOENT,
			    "\"%.*s\" does not lead to %s, where the verb is at home",
			    (int)MIN(path.len, 80), path.p, t->snapshot->collection->name);
}

/* A path's directories: only those that lie in our collection, or lead there, may be among them. We
 * do not know from where a path that does not begin at the root is meant: "../X.json" is X. */
static int by_path(struct fs_targets *t, struct w365_span path, struct graph_found *ret,
		   unsigned max, struct w365_err *reterr)
{
	const char *own = t->snapshot->collection->name;
	struct w365_span rest = path, part, last = { 0 };
	bool inside = false, ids = false;
	size_t len = strlen(t->mountpoint ? t->mountpoint : "");
	unsigned view = 0; /* so many directories of a view are still to come */

	if (*path.p == '/') {
		if (!len || !starts(path, t->mountpoint) || path.len <= len || path.p[len] != '/')
			return elsewhere(t, path, reterr);
		rest = (struct w365_span){ path.p + len + 1, path.len - len - 1 };
	}
	while (rest.len) {
		/* A collection's own name may have a slash in it. */
		if (!inside && starts(rest, own) && rest.len > strlen(own) &&
		    rest.p[strlen(own)] == '/') {
			rest.p += strlen(own) + 1;
			rest.len -= strlen(own) + 1;
			inside = true;
			continue;
		}
		part = next_part(&rest);
		if (!part.len || w365_span_is(part, ".") || w365_span_is(part, ".."))
			continue;
		if (!rest.len)
			last = part;
		else if (view)
			view--;
		else if (w365_span_is(part, "by-id"))
			ids = inside = true;
		else if (starts(part, "by-"))
			view = inside = true;
		else
			return elsewhere(t, path, reterr);
	}
	if (!last.len)
		return elsewhere(t, path, reterr);
	return (int)by_word(t, last, ids, ret, max);
}

/* "POLICY%2FASSIGNMENTID", or with a plain slash: the item, and what is below it. */
static unsigned by_parts(struct fs_targets *t, struct w365_span s, struct graph_found *ret,
			 unsigned max)
{
	static const char *const marks[] = { "%2F", "%2f", "/" };
	unsigned n = 0;

	for (size_t m = 0; m < ARRAY_SIZE(marks) && !n; m++) {
		const char *mark = memmem(s.p, s.len, marks[m], strlen(marks[m]));
		struct w365_span below;

		if (!mark)
			continue;
		below = (struct w365_span){ mark + strlen(marks[m]),
					    (size_t)(s.p + s.len - mark) - strlen(marks[m]) };
		below = without_suffix(below);
		if (!below.len)
			continue;
		n = by_word(t, (struct w365_span){ s.p, (size_t)(mark - s.p) }, false, ret, max);
		for (unsigned i = 0; i < MIN(n, MIN(max, (unsigned)FS_TARGETS_MAX)); i++) {
			w365_buf_reset(&t->ids[i]);
			w365_buf_add(&t->ids[i], ret[i].id.p, ret[i].id.len);
			w365_buf_addc(&t->ids[i], '/');
			w365_buf_add(&t->ids[i], below.p, below.len);
			ret[i].id = (struct w365_span){ w365_buf_str(&t->ids[i]), t->ids[i].len };
		}
	}
	return n;
}

int fs_targets_resolve(void *arg, struct w365_span text, struct graph_found *ret, unsigned max,
		       struct w365_err *reterr)
{
	struct fs_targets *t = arg;
	unsigned n;

	if (!t->snapshot)
		return 0;
	if (!t->listing)
		t->listing = fs_listing_of(t->snapshot);
	if (!t->listing)
		return w365_err_oom(reterr);
	max = MIN(max, (unsigned)FS_TARGETS_MAX);
	if (t->below)
		return (int)by_parts(t, text, ret, max);
	n = by_word(t, text, false, ret, max);
	if (n || !text.len || !memchr(text.p, '/', text.len))
		return (int)n;
	return by_path(t, text, ret, max, reterr);
}
