/* A text that is being written, and a version that is about to be replaced: from saving/ to where
 * they are shown. */
#include "base/file.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/keep-impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct fs_wip {
	struct fs_keep *k;
	struct keep_item it;
	int fd;          /* locked */
	int64_t t;       /* of the file in saving/, or, once @shown, in rejected/ */
	bool shown;      /* @fd is the entry itself, and must not change */
	int64_t entry;   /* the entry in rejected/; 0: there is none */
	char *sentence;  /* of the entry */
	char where[600]; /* the entry's path; "" if there is none */
};

static int begin(struct fs_wip *w)
{
	w->t = keep_now();
	return keep_claim(w->k->root, &w->it, KEEP_REJECTED, KEEP_EXT_TEXT, &w->t, &w->fd);
}

int fs_wip_new(struct fs_keep *k, const char *family, const char *name, struct fs_wip **ret,
	       struct w365_err *reterr)
{
	_cleanup_(w365_freep) struct fs_wip *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return w365_err_oom(reterr);
	w->k = k;
	r = keep_item(family, name, &w->it, reterr);
	if (r == 0)
		r = keep_root_check(k, reterr);
	if (r < 0)
		return r;
	r = begin(w);
	if (r < 0)
		return w365_err_set(reterr, -r, "cannot keep what is being saved in '%s': %s",
				    k->path, strerror(-r));
	*ret = TAKE_PTR(w);
	return 0;
}

bool fs_wip_is(const struct fs_wip *w, const char *family, const char *name)
{
	struct keep_item it;

	return keep_item(family, name, &it, NULL) == 0 && w365_streq(it.family, w->it.family) &&
	       w365_streq(it.name, w->it.name);
}

static int write_at(int fd, const void *p, size_t n, uint64_t off)
{
	const char *s = p;

	while (n) {
		ssize_t done = pwrite(fd, s, n, (off_t)off);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		s += done;
		off += (uint64_t)done;
		n -= (size_t)done;
	}
	return 0;
}

static int copy(int from, int to, uint64_t size)
{
	char buf[16384];

	for (uint64_t off = 0; off < size;) {
		ssize_t n = pread(from, buf, MIN(sizeof(buf), size - off), (off_t)off);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = write_at(to, buf, (size_t)n, off);
		if (r < 0)
			return r;
		off += (uint64_t)n;
	}
	return 0;
}

static void forget_saving(struct fs_wip *w)
{
	char name[KEEP_FILE_MAX];

	keep_unlink(w->k->root, KEEP_SAVING, &w->it, keep_file(w->t, KEEP_EXT_TEXT, name));
}

/* What was refused is shown and stays as it is: the text goes on in a new file, with the first
 * @size bytes of it. */
static int go_on(struct fs_wip *w, uint64_t size)
{
	int64_t t = w->t;
	int old = w->fd, r;

	if (!w->shown)
		return 0;
	r = begin(w);
	if (r == 0) {
		r = copy(old, w->fd, size);
		if (r < 0) {
			forget_saving(w);
			close(w->fd);
		}
	}
	if (r < 0) {
		w->t = t;
		w->fd = old;
		return r;
	}
	close(old);
	w->shown = false;
	return 0;
}

int fs_wip_write(struct fs_wip *w, const void *p, size_t n, uint64_t off)
{
	int r = go_on(w, UINT64_MAX);

	return r < 0 ? r : write_at(w->fd, p, n, off);
}

int fs_wip_truncate(struct fs_wip *w, uint64_t size)
{
	int r = go_on(w, size);

	if (r < 0)
		return r;
	return ftruncate(w->fd, (off_t)size) < 0 ? -errno : 0;
}

int fs_wip_sync(struct fs_wip *w)
{
	if (w->shown)
		return 0; /* it is already */
	if (fdatasync(w->fd) < 0)
		return -errno;
	return keep_sync(w->k->root, KEEP_SAVING, &w->it);
}

/* Removes the entry of @t. */
static void forget_entry(struct fs_wip *w, int64_t t)
{
	char name[KEEP_FILE_MAX];

	keep_unlink(w->k->root, KEEP_REJECTED, &w->it, keep_file(t, KEEP_EXT_TEXT, name));
	keep_unlink(w->k->root, KEEP_REJECTED, &w->it, keep_file(t, KEEP_EXT_REASON, name));
}

/* Puts the sentence beside where the text is, or will be. */
static int put_sentence(struct fs_wip *w, const char *sentence)
{
	char name[KEEP_FILE_MAX];
	int r;

	keep_file(w->t, KEEP_EXT_REASON, name);
	r = keep_write_sentence(w->k->root, &w->it, name, sentence);
	return r < 0 ? r : keep_move(w->k->root, &w->it, name, KEEP_REJECTED, name);
}

static int show_text(struct fs_wip *w)
{
	char name[KEEP_FILE_MAX];
	int r;

	/* Its time is when it was refused. */
	if (futimens(w->fd, NULL) < 0 || fdatasync(w->fd) < 0)
		return -errno;
	keep_file(w->t, KEEP_EXT_TEXT, name);
	r = keep_move(w->k->root, &w->it, name, KEEP_REJECTED, name);
	if (r < 0)
		return r;
	w->shown = true;
	snprintf(w->where, sizeof(w->where), "%s/%s/%s/%s", keep_parts[KEEP_REJECTED], w->it.family,
		 w->it.name, name);
	if (w->entry)
		forget_entry(w, w->entry);
	w->entry = w->t;
	return 0;
}

int fs_wip_reject(struct fs_wip *w, const struct w365_err *why)
{
	const char *sentence = why->msg[0] ? why->msg : strerror(why->num);
	struct stat st;
	int said, r;

	/* Somebody may have removed the entry in the meantime. */
	if (w->shown && fstat(w->fd, &st) == 0 && !st.st_nlink) {
		r = go_on(w, UINT64_MAX);
		if (r < 0)
			return r;
	}
	if (w->shown && w->sentence && w365_streq(w->sentence, sentence))
		return 0;
	/* Without room for the sentence the text is shown all the same. */
	said = put_sentence(w, sentence);
	r = w->shown ? 0 : show_text(w);
	if (r < 0)
		return r;
	free(w->sentence);
	w->sentence = said < 0 ? NULL : strdup(sentence);
	r = keep_sync(w->k->root, KEEP_REJECTED, &w->it);
	keep_limit(w->k, KEEP_REJECTED, &w->it, w->t);
	return said < 0 ? said : r;
}

const char *fs_wip_rejected(const struct fs_wip *w)
{
	return w->entry ? w->where : NULL;
}

struct fs_wip *fs_wip_free(struct fs_wip *w, bool forget)
{
	if (!w)
		return NULL;
	if (!w->shown)
		forget_saving(w);
	if (forget && w->entry) {
		forget_entry(w, w->entry);
		keep_tidy(w->k->root, KEEP_REJECTED, w->it.family, w->it.name, 0);
	}
	close(w->fd); /* last: until now it is ours */
	free(w->sentence);
	free(w);
	return NULL;
}

/* ---- versions ---- */

struct fs_before {
	struct fs_keep *k;
	struct keep_item it;
	int fd; /* locked */
	int64_t t;
};

/* Whole and durable under its second name, or not there: a version that was cut short must not be
 * taken for one. */
static int write_before(struct fs_before *b, const char *text, size_t len)
{
	char part[KEEP_FILE_MAX], whole[KEEP_FILE_MAX];
	int root = b->k->root, r;

	keep_file(b->t, KEEP_EXT_PART, part);
	keep_file(b->t, KEEP_EXT_BEFORE, whole);
	r = w365_write_all(b->fd, text, len);
	if (r == 0 && fdatasync(b->fd) < 0)
		r = -errno;
	if (r == 0)
		r = keep_rename(root, &b->it, part, whole);
	if (r == 0)
		r = keep_sync(root, KEEP_SAVING, &b->it);
	if (r < 0) {
		keep_unlink(root, KEEP_SAVING, &b->it, part);
		keep_unlink(root, KEEP_SAVING, &b->it, whole);
	}
	return r;
}

int fs_before_new(struct fs_keep *k, const char *family, const char *name, const char *text,
		  size_t len, struct fs_before **ret, struct w365_err *reterr)
{
	_cleanup_(w365_freep) struct fs_before *b = calloc(1, sizeof(*b));
	int r;

	if (!b)
		return w365_err_oom(reterr);
	*b = (struct fs_before){ .k = k, .fd = -1, .t = keep_now() };
	r = keep_item(family, name, &b->it, reterr);
	if (r == 0)
		r = keep_root_check(k, reterr);
	if (r < 0)
		return r;
	r = keep_claim(k->root, &b->it, KEEP_HISTORY, KEEP_EXT_PART, &b->t, &b->fd);
	if (r == 0) {
		r = write_before(b, text, len);
		if (r < 0)
			close(b->fd);
	}
	if (r < 0)
		return w365_err_set(reterr, -r,
				    "cannot keep the version before the change in '%s': %s",
				    k->path, strerror(-r));
	*ret = TAKE_PTR(b);
	return 0;
}

struct fs_before *fs_before_end(struct fs_before *b, bool accepted)
{
	char from[KEEP_FILE_MAX], to[KEEP_FILE_MAX];
	int r;

	if (!b)
		return NULL;
	keep_file(b->t, KEEP_EXT_BEFORE, from);
	keep_file(b->t, KEEP_EXT_TEXT, to);
	if (accepted) {
		/* Durable enough: if the power goes, it is still in saving/, and the next start
		 * does the same. */
		r = keep_move(b->k->root, &b->it, from, KEEP_HISTORY, to);
		if (r < 0)
			w365_warning("a version of '%s' will be in history/ after the next start "
				     "alone: %s",
				     b->it.name, strerror(-r));
		else
			keep_limit(b->k, KEEP_HISTORY, &b->it, b->t);
	} else {
		keep_unlink(b->k->root, KEEP_SAVING, &b->it, from);
	}
	close(b->fd);
	free(b);
	return NULL;
}
