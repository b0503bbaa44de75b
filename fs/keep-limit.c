/* How much is kept, and looking through what is kept. */
#include "base/macros.h"
#include "base/time.h"
#include "fs/keep-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static uint64_t size_of(const struct keep_entry *e)
{
	uint64_t size = 0;

	for (int which = 0; which < KEEP_FILES; which++)
		if (e->files[which].serial)
			size += e->files[which].size;
	return size;
}

static void drop(struct fs_keep *k, struct keep_dir *d, struct keep_entry *e)
{
	_cleanup_(w365_closep) int fd = keep_index_open(&k->index, d);
	char name[KEEP_FILE_MAX];

	for (int which = 0; fd >= 0 && which < KEEP_FILES; which++)
		unlinkat(fd, keep_file(e->t, keep_suffixes[which], name), 0);
	keep_index_forget(&k->index, d, e);
	if (!d->n_entries)
		keep_tidy(k->root, d->part, d->parent->name, d->name, 0);
}

static void limit_count(struct fs_keep *k, struct keep_dir *d, int64_t stays)
{
	while (d->n_entries > MAX(k->limits.per_item, 1U))
		drop(k, d, &d->entries[d->entries[0].t == stays]);
}

/* A text among all of a part. */
struct aged {
	struct keep_dir *dir;
	int64_t t, since;
	uint64_t size;
};

static int oldest_first(const void *pa, const void *pb)
{
	const struct aged *a = pa, *b = pb;

	return (a->t > b->t) - (a->t < b->t);
}

static int longest_first(const void *pa, const void *pb)
{
	const struct aged *a = pa, *b = pb;

	return (a->since > b->since) - (a->since < b->since);
}

/* How long it has been there counts, not how old it is: what a dead process has left must not go
 * before anybody could see it. */
static int64_t since(const struct keep_entry *e)
{
	int64_t t = e->t;

	for (int which = 0; which < KEEP_FILES; which++) {
		const struct timespec *modified = &e->files[which].modified;

		t = MAX(t, (int64_t)modified->tv_sec * 1000 + modified->tv_nsec / 1000000);
	}
	return t;
}

/* All texts of @d and below it. */
static bool collect(const struct keep_index *ix, struct keep_dir *d, struct aged **list, size_t *n)
{
	for (size_t i = 0; i < d->n_dirs; i++)
		if (d->dirs[i]->here && !collect(ix, d->dirs[i], list, n))
			return false;
	if (d->n_entries) {
		struct aged *longer = realloc(*list, (*n + d->n_entries) * sizeof(*longer));

		if (!longer)
			return false;
		*list = longer;
	}
	for (size_t i = 0; i < d->n_entries; i++)
		(*list)[(*n)++] = (struct aged){ d, d->entries[i].t, since(&d->entries[i]),
						 size_of(&d->entries[i]) };
	return true;
}

static void totals(const struct keep_dir *d, uint64_t *bytes, int64_t *oldest)
{
	for (size_t i = 0; i < d->n_dirs; i++)
		totals(d->dirs[i], bytes, oldest);
	for (size_t i = 0; i < d->n_entries; i++) {
		*bytes += size_of(&d->entries[i]);
		*oldest = MIN(*oldest, since(&d->entries[i]));
	}
}

/* By age, and by bytes. @mine and @stays: what stays in any case; may be NULL. */
static void limit_part(struct fs_keep *k, struct keep_dir *part, const struct keep_dir *mine,
		       int64_t stays)
{
	_cleanup_(w365_freep) struct aged *list = NULL;
	int64_t before = keep_now() - (int64_t)MIN(k->limits.age_s, INT64_MAX / 2000) * 1000;
	int64_t oldest = INT64_MAX;
	uint64_t bytes = 0;
	size_t n = 0;

	totals(part, &bytes, &oldest);
	if ((bytes <= k->limits.bytes && oldest >= before) || !collect(&k->index, part, &list, &n))
		return;
	qsort(list, n, sizeof(*list), longest_first);
	for (size_t i = 0; i < n && (bytes > k->limits.bytes || list[i].since < before); i++) {
		struct keep_entry *e = keep_index_entry(list[i].dir, list[i].t);

		if (!e || (list[i].dir == mine && list[i].t == stays))
			continue;
		drop(k, list[i].dir, e);
		bytes -= list[i].size;
	}
}

/* What other processes write is counted in now and then: to look at each folder for each save would
 * cost more than the limit is worth. */
#define WALK_MS 60000

void keep_limit(struct fs_keep *k, enum keep_part part, const struct keep_item *it, int64_t t)
{
	struct keep_dir *top = k->index.all[0]->dirs[part];
	struct keep_dir *d = keep_index_item(&k->index, part, it);
	uint64_t now = w365_now_ms();

	if (d)
		limit_count(k, d, t);
	if (now - k->walked > WALK_MS) {
		keep_index_look_all(&k->index, k->index.all[0]);
		k->walked = now;
	}
	limit_part(k, top, d, t);
}

void keep_limit_all(struct fs_keep *k, enum keep_part part)
{
	limit_part(k, k->index.all[0]->dirs[part], NULL, 0);
}

/* ---- history ---- */

/* The text; NULL: it is gone, or is not of that size any more. */
static char *read_text(struct fs_keep *k, const struct aged *a, size_t *ret_len)
{
	_cleanup_(w365_closep) int dir = keep_index_open(&k->index, a->dir), fd = -1;
	_cleanup_(w365_freep) char *text = NULL;
	char name[KEEP_FILE_MAX];
	struct stat st;
	size_t n = 0;

	if (dir < 0)
		return NULL;
	fd = keep_open_file(dir, keep_file(a->t, KEEP_EXT_TEXT, name), O_RDONLY, &st);
	if (fd < 0 || (uint64_t)st.st_size != a->size)
		return NULL;
	text = malloc(a->size + 1);
	while (text && n < a->size) {
		ssize_t got = read(fd, text + n, a->size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return NULL;
		n += (size_t)got;
	}
	if (text)
		text[n] = '\0';
	*ret_len = n;
	return TAKE_PTR(text);
}

void fs_keep_history(struct fs_keep *k, const char *family, size_t size,
		     bool (*fn)(void *arg, const char *text, size_t len), void *arg)
{
	struct keep_dir *d = k->index.all[0]->dirs[KEEP_HISTORY];
	_cleanup_(w365_freep) struct aged *list = NULL;
	struct keep_item it;
	bool enough = false;
	size_t n = 0;

	if (keep_item(family, "any", &it, NULL) < 0 || !keep_index_look(&k->index, d))
		return;
	d = keep_index_child(d, it.family);
	if (!d)
		return;
	keep_index_look_all(&k->index, d);
	if (!collect(&k->index, d, &list, &n) || !n)
		return;
	if (n)
		qsort(list, n, sizeof(*list), oldest_first);
	while (n-- && !enough) {
		_cleanup_(w365_freep) char *text = NULL;
		size_t len;

		if (size && list[n].size != size)
			continue;
		text = read_text(k, &list[n], &len);
		if (text)
			enough = fn(arg, text, len);
	}
}
