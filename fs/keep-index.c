#include "fs/keep-index.h"
#include "base/macros.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

const char *const keep_suffixes[KEEP_FILES] = { KEEP_EXT_TEXT, KEEP_EXT_REASON };

#define SERIAL_MAX KEEP_FILE_MASK

/* Two changes of a folder may bear the same time, if they are closer to each other than the clock
 * of the file system ticks. What was read so soon after the last change is read again. */
#define UNSETTLED_S 3

static struct keep_dir *dir_new(struct keep_index *ix, struct keep_dir *parent, const char *name)
{
	struct keep_dir *d;

	if (ix->n > SERIAL_MAX)
		return NULL;
	if (ix->n == ix->cap) {
		size_t cap = ix->cap ? 2 * ix->cap : 64;
		struct keep_dir **all = realloc(ix->all, cap * sizeof(struct keep_dir *));

		if (!all)
			return NULL;
		ix->all = all;
		ix->cap = cap;
	}
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->name = strdup(name);
	if (!d->name) {
		free(d);
		return NULL;
	}
	d->parent = parent;
	d->level = parent ? parent->level + 1 : KEEP_TOP;
	d->part = parent ? parent->part : 0;
	d->serial = (uint32_t)ix->n;
	d->here = true;
	ix->all[ix->n++] = d;
	return d;
}

int keep_index_init(struct keep_index *ix, int root)
{
	struct keep_dir *top;

	*ix = (struct keep_index){ .root = root };
	top = dir_new(ix, NULL, "");
	if (!top)
		return -ENOMEM;
	top->dirs = calloc(KEEP_SHOWN, sizeof(struct keep_dir *));
	if (!top->dirs)
		return -ENOMEM;
	for (enum keep_part part = 0; part < KEEP_SHOWN; part++) {
		struct keep_dir *d = dir_new(ix, top, keep_parts[part]);

		if (!d)
			return -ENOMEM;
		d->part = part;
		top->dirs[top->n_dirs++] = d;
	}
	return 0;
}

void keep_index_done(struct keep_index *ix)
{
	for (size_t i = 0; i < ix->n; i++) {
		free(ix->all[i]->name);
		free(ix->all[i]->dirs);
		free(ix->all[i]->entries);
		free(ix->all[i]);
	}
	free(ix->all);
}

int keep_index_open(const struct keep_index *ix, const struct keep_dir *d)
{
	return keep_open(ix->root, d->part,
			 d->level == KEEP_ITEM_DIR     ? d->parent->name
			 : d->level == KEEP_FAMILY_DIR ? d->name
						       : NULL,
			 d->level == KEEP_ITEM_DIR ? d->name : NULL, false);
}

/* ---- finding ---- */

struct keep_dir *keep_index_dir(struct keep_index *ix, uint64_t id)
{
	uint64_t serial = id >> 24;

	return serial < ix->n && ix->all[serial]->here ? ix->all[serial] : NULL;
}

struct keep_entry *keep_index_file(struct keep_dir *d, uint64_t id, int *ret_which)
{
	uint32_t serial = id & SERIAL_MAX;

	for (size_t i = 0; serial && i < d->n_entries; i++) {
		for (int which = 0; which < KEEP_FILES; which++) {
			if (d->entries[i].files[which].serial == serial) {
				*ret_which = which;
				return &d->entries[i];
			}
		}
	}
	return NULL;
}

struct keep_entry *keep_index_entry(struct keep_dir *d, int64_t t)
{
	for (size_t i = 0; i < d->n_entries; i++)
		if (d->entries[i].t == t)
			return &d->entries[i];
	return NULL;
}

/* Where @name is in @d, or would be. */
static size_t place_of(const struct keep_dir *d, const char *name)
{
	size_t lo = 0, hi = d->n_dirs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(d->dirs[mid]->name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct keep_dir *keep_index_child(const struct keep_dir *d, const char *name)
{
	size_t at = place_of(d, name);

	return at < d->n_dirs && w365_streq(d->dirs[at]->name, name) ? d->dirs[at] : NULL;
}

/* ---- reading ---- */

static void gone(struct keep_index *ix, struct keep_dir *d)
{
	if (!d->here)
		return;
	for (size_t i = 0; i < d->n_dirs; i++)
		gone(ix, d->dirs[i]);
	d->n_entries = 0;
	d->here = d->settled = false;
	d->ino = 0;
	ix->changes++;
}

static bool is_folder(int fd, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type == DT_DIR;
	return fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int by_name(const void *pa, const void *pb)
{
	const struct keep_dir *const *a = pa, *const *b = pb;

	return strcmp((*a)->name, (*b)->name);
}

/* A folder that was not known: behind the others, which are sorted when all are there. */
static int add_child(struct keep_index *ix, struct keep_dir *d, size_t *n, const char *name)
{
	struct keep_dir **dirs = realloc(d->dirs, (*n + 1) * sizeof(struct keep_dir *));

	if (!dirs)
		return -ENOMEM;
	d->dirs = dirs;
	dirs[*n] = dir_new(ix, d, name);
	if (!dirs[*n])
		return -ENOMEM;
	dirs[(*n)++]->met = true;
	ix->changes++;
	return 0;
}

static int read_dirs(struct keep_index *ix, struct keep_dir *d, DIR *stream)
{
	size_t n = d->n_dirs;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		d->dirs[i]->met = false;
	for (struct dirent *e; r == 0 && (e = readdir(stream));) {
		struct keep_dir *child;

		if (e->d_name[0] == '.' || !is_folder(dirfd(stream), e))
			continue;
		child = keep_index_child(d, e->d_name);
		if (!child) {
			r = add_child(ix, d, &n, e->d_name);
			continue;
		}
		ix->changes += !child->here;
		child->here = child->met = true;
	}
	for (size_t i = 0; r == 0 && i < n; i++)
		if (!d->dirs[i]->met)
			gone(ix, d->dirs[i]);
	d->n_dirs = n;
	if (n)
		qsort(d->dirs, n, sizeof(struct keep_dir *), by_name);
	return r;
}

/* What is read of an item. */
struct reading {
	struct keep_entry *entries;
	size_t n, cap;
};

static struct keep_entry *entry_of(struct reading *rd, int64_t t)
{
	/* Text and sentence follow each other nowhere in particular: they are few. */
	for (size_t i = rd->n; i-- > 0;)
		if (rd->entries[i].t == t)
			return &rd->entries[i];
	if (rd->n == rd->cap) {
		size_t cap = rd->cap ? 2 * rd->cap : 16;
		struct keep_entry *entries = realloc(rd->entries, cap * sizeof(*entries));

		if (!entries)
			return NULL;
		rd->entries = entries;
		rd->cap = cap;
	}
	rd->entries[rd->n] = (struct keep_entry){ .t = t };
	return &rd->entries[rd->n++];
}

static int read_file(struct reading *rd, int fd, const char *name)
{
	struct keep_entry *e;
	const char *suffix;
	struct stat st;
	int64_t t;

	if (!keep_file_parse(name, &t, &suffix))
		return 0; /* not ours */
	for (int which = 0; which < KEEP_FILES; which++) {
		if (!w365_streq(suffix, keep_suffixes[which]) ||
		    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
			continue;
		e = entry_of(rd, t);
		if (!e)
			return -ENOMEM;
		/* The number is given later. */
		e->files[which] = (struct keep_file_info){ 1, (uint64_t)st.st_size, st.st_mtim };
	}
	return 0;
}

static int by_time(const void *pa, const void *pb)
{
	const struct keep_entry *a = pa, *b = pb;

	return (a->t > b->t) - (a->t < b->t);
}

/* A file that was there before keeps its number. Both are sorted. */
static bool number(struct keep_dir *d, struct reading *rd)
{
	bool changed = false;
	size_t k = 0;

	for (size_t i = 0; i < rd->n; i++) {
		struct keep_entry *e = &rd->entries[i];

		for (; k < d->n_entries && d->entries[k].t < e->t; k++)
			changed = true; /* it is gone */
		for (int which = 0; which < KEEP_FILES; which++) {
			struct keep_file_info *now = &e->files[which], was = { 0 };

			if (k < d->n_entries && d->entries[k].t == e->t)
				was = d->entries[k].files[which];
			changed = changed || !now->serial != !was.serial || now->size != was.size;
			if (now->serial)
				now->serial = was.serial
						      ? was.serial
						      : (uint32_t)(d->last_file++ % SERIAL_MAX) + 1;
		}
		k += k < d->n_entries && d->entries[k].t == e->t;
	}
	return changed || k < d->n_entries;
}

static int read_files(struct keep_index *ix, struct keep_dir *d, DIR *stream)
{
	struct reading rd = { 0 };
	int r = 0;

	for (struct dirent *e; r == 0 && (e = readdir(stream));)
		r = read_file(&rd, dirfd(stream), e->d_name);
	if (r < 0) {
		free(rd.entries);
		return r;
	}
	if (rd.n)
		qsort(rd.entries, rd.n, sizeof(*rd.entries), by_time);
	ix->changes += number(d, &rd);
	free(d->entries);
	d->entries = rd.entries;
	d->n_entries = rd.n;
	return 0;
}

static void read_again(struct keep_index *ix, struct keep_dir *d, int fd, const struct stat *st)
{
	DIR *stream = fdopendir(fd); /* takes fd */
	int64_t now = keep_now() / 1000;
	int r;

	if (!stream) {
		close(fd);
		return;
	}
	r = d->level == KEEP_ITEM_DIR ? read_files(ix, d, stream) : read_dirs(ix, d, stream);
	closedir(stream);
	d->seen = st->st_mtim;
	d->ino = st->st_ino;
	d->settled = r == 0 && now - st->st_mtim.tv_sec > UNSETTLED_S;
}

bool keep_index_look(struct keep_index *ix, struct keep_dir *d)
{
	struct stat st;
	int fd;

	if (d->level == KEEP_TOP)
		return true;
	fd = keep_index_open(ix, d);
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP) {
		gone(ix, d);
		/* Whatever a person has removed: rejected/ and history/ themselves are there. */
		d->here = d->level == KEEP_PART_DIR;
		return d->here;
	}
	d->here = true;
	if (fd < 0)
		return true; /* no descriptors left, say: what was seen last must do */
	if (fstat(fd, &st) == 0 &&
	    !(d->settled && st.st_ino == d->ino && st.st_mtim.tv_sec == d->seen.tv_sec &&
	      st.st_mtim.tv_nsec == d->seen.tv_nsec))
		read_again(ix, d, fd, &st);
	else
		close(fd);
	return true;
}

void keep_index_look_all(struct keep_index *ix, struct keep_dir *d)
{
	if (!keep_index_look(ix, d))
		return;
	for (size_t i = 0; i < d->n_dirs; i++)
		if (d->dirs[i]->here)
			keep_index_look_all(ix, d->dirs[i]);
}

struct keep_dir *keep_index_item(struct keep_index *ix, enum keep_part part,
				 const struct keep_item *it)
{
	struct keep_dir *d = ix->all[0]->dirs[part];

	keep_index_look(ix, d);
	d = keep_index_child(d, it->family);
	if (!d || !keep_index_look(ix, d))
		return NULL;
	d = keep_index_child(d, it->name);
	return d && keep_index_look(ix, d) ? d : NULL;
}

void keep_index_forget(struct keep_index *ix, struct keep_dir *d, struct keep_entry *e)
{
	size_t at = (size_t)(e - d->entries);

	memmove(e, e + 1, (d->n_entries - at - 1) * sizeof(*e));
	d->n_entries--;
	d->settled = false;
	ix->changes++;
}
