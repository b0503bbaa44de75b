#include "fs/keep.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "fs/keep-impl.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

/* At the start, empty folders of other processes are told from those of dead ones by that. */
#define UNUSED_S 60

#define DAY_S ((uint64_t)24 * 3600)

const struct fs_keep_limits fs_keep_limits_default = {
	.per_item = 50,
	.bytes = (uint64_t)64 << 20,
	.age_s = 90 * DAY_S,
};

W365_DEFINE_CLEANUP(struct fs_keep *, fs_keep_free)

/* ---- what a dead process has left ---- */

struct walk {
	struct fs_keep *k;
	struct keep_item it;
	int dir; /* the item's folder in saving/ */
};

/* The text was being written. */
static void rescue_text(const struct walk *w, int64_t t, uint64_t size)
{
	char text[KEEP_FILE_MAX], reason[KEEP_FILE_MAX];
	int root = w->k->root, r = 0;

	keep_file(t, KEEP_EXT_TEXT, text);
	keep_file(t, KEEP_EXT_REASON, reason);
	if (!size) {
		unlinkat(w->dir, reason, 0);
		unlinkat(w->dir, text, 0);
		return;
	}
	/* If the sentence has gone ahead, it was refused. */
	_cleanup_(w365_closep) int into =
		keep_open(root, KEEP_REJECTED, w->it.family, w->it.name, false);
	if (into < 0 || faccessat(into, reason, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
		r = keep_write_sentence(root, &w->it, reason,
					"w365fs ended while this was being saved");
		if (r == 0)
			r = keep_move(root, &w->it, reason, KEEP_REJECTED, reason);
	}
	if (keep_move(root, &w->it, text, KEEP_REJECTED, text) == 0)
		keep_sync(root, KEEP_REJECTED, &w->it);
}

/* The version is whole, and the change may have been made or not. */
static void rescue_before(const struct walk *w, int64_t t)
{
	char from[KEEP_FILE_MAX], to[KEEP_FILE_MAX];

	if (keep_move(w->k->root, &w->it, keep_file(t, KEEP_EXT_BEFORE, from), KEEP_HISTORY,
		      keep_file(t, KEEP_EXT_TEXT, to)) == 0)
		keep_sync(w->k->root, KEEP_HISTORY, &w->it);
}

static void rescue(const struct walk *w, const char *name)
{
	_cleanup_(w365_closep) int fd = -1;
	char text[KEEP_FILE_MAX];
	const char *suffix;
	struct stat st;
	int64_t t;

	if (!keep_file_parse(name, &t, &suffix))
		return;
	if (w365_streq(suffix, KEEP_EXT_REASON)) {
		/* It belongs to the text, which comes away after it. */
		if (faccessat(w->dir, keep_file(t, KEEP_EXT_TEXT, text), F_OK,
			      AT_SYMLINK_NOFOLLOW) < 0)
			unlinkat(w->dir, name, 0);
		return;
	}
	fd = keep_open_file(w->dir, name, O_RDWR, NULL);
	if (fd < 0 || keep_lock(w->dir, name, fd) < 0 || fstat(fd, &st) < 0)
		return;     /* somebody is about it */
	futimens(fd, NULL); /* it is kept from now on */
	if (w365_streq(suffix, KEEP_EXT_TEXT))
		rescue_text(w, t, (uint64_t)st.st_size);
	else if (w365_streq(suffix, KEEP_EXT_BEFORE))
		rescue_before(w, t);
	else if (w365_streq(suffix, KEEP_EXT_PART))
		unlinkat(w->dir, name, 0); /* nothing was sent yet */
}

/* Calls @fn for each name in a folder below FOLDER. */
static void each_name(int fd, void (*fn)(struct walk *w, const char *name), struct walk *w)
{
	DIR *stream = fd < 0 ? NULL : fdopendir(fd); /* takes fd */

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (struct dirent *e; (e = readdir(stream));)
		if (e->d_name[0] != '.')
			fn(w, e->d_name);
	closedir(stream);
}

static void rescue_file(struct walk *w, const char *name)
{
	rescue(w, name);
}

static void rescue_item(struct walk *w, const char *name)
{
	int fd = -1;

	snprintf(w->it.name, sizeof(w->it.name), "%s", name);
	w->dir = keep_open(w->k->root, KEEP_SAVING, w->it.family, name, false);
	if (w->dir < 0)
		return;
	fd = dup(w->dir);
	each_name(fd, rescue_file, w);
	close(w->dir);
	keep_tidy(w->k->root, KEEP_SAVING, w->it.family, name, UNUSED_S);
}

static void rescue_family(struct walk *w, const char *name)
{
	snprintf(w->it.family, sizeof(w->it.family), "%s", name);
	each_name(keep_open(w->k->root, KEEP_SAVING, name, NULL, false), rescue_item, w);
	keep_tidy(w->k->root, KEEP_SAVING, name, NULL, UNUSED_S);
}

static void rescue_all(struct fs_keep *k)
{
	struct walk w = { .k = k };

	each_name(keep_open(k->root, KEEP_SAVING, NULL, NULL, false), rescue_family, &w);
}

/* Folders that were left without a file. */
static void tidy_all(struct fs_keep *k)
{
	struct keep_index *ix = &k->index;

	for (size_t i = 0; i < ix->n; i++) {
		const struct keep_dir *d = ix->all[i];

		if (d->level == KEEP_ITEM_DIR && d->here && !d->n_entries)
			keep_tidy(k->root, d->part, d->parent->name, d->name, UNUSED_S);
		else if (d->level == KEEP_FAMILY_DIR && d->here && !d->n_dirs)
			keep_tidy(k->root, d->part, d->name, NULL, UNUSED_S);
	}
}

/* ---- begin and end ---- */

struct fs_keep *fs_keep_free(struct fs_keep *k)
{
	if (k) {
		keep_index_done(&k->index);
		if (k->root >= 0)
			close(k->root);
		free(k->path);
		free(k);
	}
	return NULL;
}

int fs_keep_new(const char *folder, const struct fs_keep_limits *limits, struct fs_keep **ret,
		struct w365_err *reterr)
{
	_cleanup_(fs_keep_freep) struct fs_keep *k = calloc(1, sizeof(*k));
	int r;

	if (!k)
		return w365_err_oom(reterr);
	k->root = -1;
	k->limits = limits ? *limits : fs_keep_limits_default;
	k->path = strdup(folder);
	if (!k->path)
		return w365_err_oom(reterr);
	r = keep_open_root(folder, &k->root, reterr);
	if (r < 0)
		return r;
	if (keep_index_init(&k->index, k->root) < 0)
		return w365_err_oom(reterr);
	rescue_all(k);
	keep_index_look_all(&k->index, k->index.all[0]);
	tidy_all(k);
	k->walked = w365_now_ms();
	for (enum keep_part part = 0; part < KEEP_SHOWN; part++)
		keep_limit_all(k, part);
	*ret = TAKE_PTR(k);
	return 0;
}

int keep_root_check(struct fs_keep *k, struct w365_err *reterr)
{
	struct stat st;
	int fd, r;

	if (fstat(k->root, &st) == 0 && st.st_nlink > 0)
		return 0;
	r = keep_open_root(k->path, &fd, reterr);
	if (r < 0)
		return r;
	close(k->root);
	k->root = k->index.root = fd;
	return 0;
}
