/* What is kept, as folders and files with numbers. */
#include "base/macros.h"
#include "base/str.h"
#include "fs/keep-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *file_name(const struct keep_entry *e, int which, char buf[KEEP_FILE_MAX])
{
	return keep_file(e->t, keep_suffixes[which], buf);
}

/* Its seconds are the folder's own; the rest is a number that differs whenever anything was found
 * to be different, so that the kernel reads the folder again. */
static void stat_dir(const struct fs_keep *k, const struct keep_dir *d, struct fs_keep_stat *st)
{
	*st = (struct fs_keep_stat){
		.id = KEEP_ID(d, 0),
		.dir = true,
		.modified = { d->seen.tv_sec, (long)(k->index.changes % 1000000000) },
	};
}

static void stat_file(const struct keep_dir *d, const struct keep_file_info *f,
		      struct fs_keep_stat *st)
{
	*st = (struct fs_keep_stat){
		.id = KEEP_ID(d, f->serial),
		.size = f->size,
		.modified = f->modified,
	};
}

/* What a file has now: a person may have written into it. */
static int stat_file_now(struct fs_keep *k, const struct keep_dir *d, struct keep_entry *e,
			 int which, struct fs_keep_stat *ret)
{
	_cleanup_(w365_closep) int dir = keep_index_open(&k->index, d);
	char name[KEEP_FILE_MAX];
	struct stat st;

	if (dir < 0)
		return dir;
	if (fstatat(dir, file_name(e, which, name), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	e->files[which].size = (uint64_t)st.st_size;
	e->files[which].modified = st.st_mtim;
	stat_file(d, &e->files[which], ret);
	return 0;
}

int fs_keep_stat(struct fs_keep *k, uint64_t id, struct fs_keep_stat *ret)
{
	struct keep_dir *d = keep_index_dir(&k->index, id);
	struct keep_entry *e;
	int which;

	if (!d || !keep_index_look(&k->index, d))
		return -ENOENT;
	if (!(id & KEEP_FILE_MASK)) {
		stat_dir(k, d, ret);
		return 0;
	}
	e = keep_index_file(d, id, &which);
	if (!e)
		return -ENOENT;
	return stat_file_now(k, d, e, which, ret);
}

int fs_keep_lookup(struct fs_keep *k, uint64_t dir, const char *name, struct fs_keep_stat *ret)
{
	struct keep_dir *d = keep_index_dir(&k->index, dir), *child;
	const char *suffix;
	struct keep_entry *e;
	int64_t t;

	if (!d || !keep_index_look(&k->index, d))
		return -ENOENT;
	child = keep_index_child(d, name);
	if (child && keep_index_look(&k->index, child)) {
		stat_dir(k, child, ret);
		return 0;
	}
	e = keep_file_parse(name, &t, &suffix) ? keep_index_entry(d, t) : NULL;
	for (int which = 0; e && which < KEEP_FILES; which++) {
		if (e->files[which].serial && w365_streq(suffix, keep_suffixes[which])) {
			return stat_file_now(k, d, e, which, ret);
		}
	}
	return -ENOENT;
}

uint64_t fs_keep_parent(struct fs_keep *k, uint64_t id)
{
	const struct keep_dir *d = keep_index_dir(&k->index, id);

	if (!d)
		return FS_KEEP_ROOT;
	if (id & KEEP_FILE_MASK)
		return KEEP_ID(d, 0);
	return d->parent ? KEEP_ID(d->parent, 0) : FS_KEEP_ROOT;
}

/* ---- listing ---- */

struct listed {
	const struct keep_dir *dir; /* or a file */
	const struct keep_entry *entry;
	int which;
	uint64_t id;
};

static int by_id(const void *pa, const void *pb)
{
	const struct listed *a = pa, *b = pb;

	return (a->id > b->id) - (a->id < b->id);
}

static size_t gather(const struct keep_dir *d, uint64_t after, struct listed *list)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_dirs; i++)
		if (d->dirs[i]->here && KEEP_ID(d->dirs[i], 0) > after)
			list[n++] =
				(struct listed){ .dir = d->dirs[i], .id = KEEP_ID(d->dirs[i], 0) };
	for (size_t i = 0; i < d->n_entries; i++) {
		const struct keep_entry *e = &d->entries[i];

		for (int which = 0; which < KEEP_FILES; which++)
			if (e->files[which].serial && KEEP_ID(d, e->files[which].serial) > after)
				list[n++] = (struct listed){
					.entry = e,
					.which = which,
					.id = KEEP_ID(d, e->files[which].serial),
				};
	}
	return n;
}

void fs_keep_list(struct fs_keep *k, uint64_t dir, uint64_t after,
		  bool (*fn)(void *arg, const char *name, const struct fs_keep_stat *st), void *arg)
{
	struct keep_dir *d = keep_index_dir(&k->index, dir);
	_cleanup_(w365_freep) struct listed *list = NULL;
	bool more = true;
	size_t n;

	if (!d || !keep_index_look(&k->index, d))
		return;
	list = malloc((d->n_dirs + KEEP_FILES * d->n_entries + 1) * sizeof(*list));
	if (!list)
		return;
	n = gather(d, after, list);
	if (n)
		qsort(list, n, sizeof(*list), by_id);
	for (size_t i = 0; i < n && more; i++) {
		const struct listed *l = &list[i];
		char name[KEEP_FILE_MAX];
		struct fs_keep_stat st;

		if (l->dir)
			stat_dir(k, l->dir, &st);
		else
			stat_file(d, &l->entry->files[l->which], &st);
		more = fn(arg, l->dir ? l->dir->name : file_name(l->entry, l->which, name), &st);
	}
}

/* ---- files ---- */

ssize_t fs_keep_read(struct fs_keep *k, uint64_t id, char *buf, size_t size, uint64_t off)
{
	_cleanup_(w365_closep) int dir = -1, fd = -1;
	struct keep_dir *d = keep_index_dir(&k->index, id);
	const struct keep_entry *e;
	char name[KEEP_FILE_MAX];
	size_t n = 0;
	int which;

	e = d ? keep_index_file(d, id, &which) : NULL;
	if (!e)
		return -ENOENT;
	dir = keep_index_open(&k->index, d);
	if (dir < 0)
		return dir;
	fd = keep_open_file(dir, file_name(e, which, name), O_RDONLY, NULL);
	if (fd < 0)
		return fd;
	while (n < size) {
		ssize_t got = pread(fd, buf + n, size - n, (off_t)(off + n));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

static int remove_folder(struct fs_keep *k, const struct keep_dir *d)
{
	_cleanup_(w365_closep) int above = keep_index_open(&k->index, d->parent);

	if (d->level < KEEP_FAMILY_DIR)
		return -EPERM;
	if (above < 0)
		return above;
	return unlinkat(above, d->name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int fs_keep_remove(struct fs_keep *k, uint64_t dir, const char *name, bool folder)
{
	_cleanup_(w365_closep) int in = -1;
	struct keep_dir *d = keep_index_dir(&k->index, dir);
	struct fs_keep_stat st;
	int r = fs_keep_lookup(k, dir, name, &st);

	if (r < 0)
		return r;
	if (st.dir != folder)
		return folder ? -ENOTDIR : -EISDIR;
	if (folder)
		return remove_folder(k, keep_index_dir(&k->index, st.id));
	in = keep_index_open(&k->index, d);
	if (in < 0)
		return in;
	return unlinkat(in, name, 0) < 0 ? -errno : 0;
}
