#include "fs/keep-disk.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

const char *const keep_parts[KEEP_PARTS] = {
	[KEEP_HISTORY] = "history",
	[KEEP_REJECTED] = "rejected",
	[KEEP_SAVING] = "saving",
};

/* ---- names ---- */

/* Names are encoded where they are made, and cannot be these; but here they become paths. */
static bool is_hostile(const char *s)
{
	return !*s || *s == '.' || strchr(s, '/');
}

static bool take_family(const char *family, char out[256])
{
	size_t n = 0;

	for (; *family && n < NAME_MAX - 2; family++) {
		if (*family == '/') {
			memcpy(out + n, "%2F", 3);
			n += 3;
		} else {
			out[n++] = *family;
		}
	}
	out[n] = '\0';
	return !*family;
}

int keep_item(const char *family, const char *name, struct keep_item *ret, struct w365_err *reterr)
{
	size_t len = strlen(name);

	if (w365_ends(name, KEEP_EXT_TEXT))
		len -= strlen(KEEP_EXT_TEXT);
	if (len > NAME_MAX || !take_family(family, ret->family))
		return w365_err_set(reterr, ENAMETOOLONG, "the name is too long to keep a text of");
	memcpy(ret->name, name, len);
	ret->name[len] = '\0';
	if (is_hostile(ret->name) || is_hostile(ret->family))
		return w365_err_set(reterr, EINVAL, "no text can be kept under the name '%s/%s'",
				    family, name);
	return 0;
}

int64_t keep_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const char *keep_file(int64_t t, const char *suffix, char buf[KEEP_FILE_MAX])
{
	time_t seconds = t / 1000;
	struct tm tm = { 0 };
	char when[24];

	gmtime_r(&seconds, &tm);
	if (strftime(when, sizeof(when), "%Y%m%dT%H%M%S", &tm) != 15)
		memcpy(when, "19700101T000000", 16); /* a clock beyond the year 9999 */
	snprintf(buf, KEEP_FILE_MAX, "%s.%03dZ%s", when, (int)(t % 1000), suffix);
	return buf;
}

bool keep_file_parse(const char *name, int64_t *ret_t, const char **ret_suffix)
{
	static const char form[] = "00000000T000000.000Z";
	char text[W365_TIME_MAX];
	struct timespec ts;

	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? !w365_is_digit(name[i]) : name[i] != form[i])
			return false;
	/* In the spelling that is known already. */
	snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.6sZ", name, name + 4, name + 6,
		 name + 9, name + 11, name + 13);
	if (!w365_time_parse(text, strlen(text), &ts))
		return false;
	*ret_t = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	*ret_suffix = name + KEEP_TIME_LEN;
	return true;
}

/* ---- folders ---- */

static int sync_fd(int fd)
{
	/* Some file systems have nothing to sync of a folder, and say so. */
	return fsync(fd) < 0 && errno != EINVAL && errno != EOPNOTSUPP ? -errno : 0;
}

/* Opens @name in @dir, which is closed. */
static int descend(int dir, const char *name, bool make)
{
	int fd = openat(dir, name, FOLDER_FLAGS), r = 0;

	if (fd < 0 && errno == ENOENT && make) {
		bool made = mkdirat(dir, name, 0700) == 0;

		if (made || errno == EEXIST)
			fd = openat(dir, name, FOLDER_FLAGS);
		if (fd >= 0 && made)
			r = sync_fd(dir);
	}
	if (fd < 0)
		r = -errno;
	else if (r < 0)
		close(fd);
	close(dir);
	return r < 0 ? r : fd;
}

static int open_once(int root, const char *const path[], int n, bool make)
{
	int fd = openat(root, ".", FOLDER_FLAGS);

	if (fd < 0)
		return -errno;
	for (int i = 0; i < n && fd >= 0; i++)
		fd = descend(fd, path[i], make);
	return fd;
}

/* Another process may remove an empty folder between two steps of ours, as we do. */
#define TRIES 100

int keep_open(int root, enum keep_part part, const char *family, const char *name, bool make)
{
	const char *const path[] = { keep_parts[part], family, name };
	int fd = -ENOENT;

	for (int i = 0; fd == -ENOENT && i < (make ? TRIES : 1); i++)
		fd = open_once(root, path, name ? 3 : family ? 2 : 1, make);
	return fd;
}

static int check_root(int fd, const char *path, struct w365_err *reterr)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return w365_err_set(reterr, errno, "cannot stat '%s': %m", path);
	if (st.st_uid != geteuid())
		return w365_err_set(reterr, EACCES,
				    "'%s' belongs to another user: texts that are saved cannot be "
				    "kept there; set XDG_STATE_HOME to a folder of your own",
				    path);
	if ((st.st_mode & 077) && fchmod(fd, 0700) < 0)
		return w365_err_set(reterr, errno, "others may look into '%s': chmod 700 it", path);
	return 0;
}

/* Whether files can be made there, and locked: better asked now than at the first save. */
static int try_root(int root)
{
	_cleanup_(w365_closep) int fd = -1, dir = -1;
	int r;

	for (int part = 0; part < KEEP_PARTS; part++) {
		if (dir >= 0)
			close(dir);
		dir = keep_open(root, part, NULL, NULL, true);
		if (dir < 0)
			return dir;
	}
	fd = openat(dir, ".try", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = flock(fd, LOCK_SH | LOCK_NB) < 0 ? -errno : 0;
	unlinkat(dir, ".try", 0);
	return r;
}

int keep_open_root(const char *path, int *ret_fd, struct w365_err *reterr)
{
	_cleanup_(w365_closep) int fd = -1;
	struct stat st;
	int r = w365_file_folder(path, reterr);

	if (r < 0)
		return r;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return w365_err_set(reterr, errno, "cannot make the folder '%s': %m", path);
	fd = open(path, FOLDER_FLAGS);
	if (fd < 0 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		return w365_err_set(reterr, ELOOP,
				    "'%s' is a symbolic link: texts that are saved are kept in a "
				    "folder of their own",
				    path);
	if (fd < 0)
		return w365_err_set(reterr, errno, "cannot open the folder '%s': %m", path);
	r = check_root(fd, path, reterr);
	if (r < 0)
		return r;
	r = try_root(fd);
	if (r < 0)
		return w365_err_set(reterr, -r,
				    "cannot keep the texts that are saved in '%s': %s; set "
				    "XDG_STATE_HOME to a folder where that can be done",
				    path, strerror(-r));
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Removes the folder, if it is empty and has been so for long enough. */
static bool remove_folder(int dir, const char *name, int64_t unused_s)
{
	struct stat st;

	if (unused_s && (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			 keep_now() / 1000 - st.st_mtim.tv_sec < unused_s))
		return false;
	return unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

void keep_tidy(int root, enum keep_part part, const char *family, const char *name,
	       int64_t unused_s)
{
	_cleanup_(w365_closep) int in_family = keep_open(root, part, family, NULL, false),
				   in_part = keep_open(root, part, NULL, NULL, false);

	if (in_family >= 0 && (!name || remove_folder(in_family, name, unused_s)))
		remove_folder(in_part, family, unused_s);
}

/* ---- files ---- */

int keep_open_file(int dir, const char *name, int access, struct stat *ret_st)
{
	/* O_NONBLOCK: a FIFO in its place must not hold us up. */
	int fd = openat(dir, name, access | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	if (ret_st)
		*ret_st = st;
	return fd;
}

int keep_lock(int dir, const char *name, int fd)
{
	struct stat opened, named;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	if (fstat(fd, &opened) < 0 || fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev ? 0 : -ENOENT;
}

static bool exists(int dir, int64_t t, const char *suffix)
{
	char name[KEEP_FILE_MAX];

	return faccessat(dir, keep_file(t, suffix, name), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Whether somebody has had this time before and has moved on. Asked once the claim is made: whoever
 * had the same claim before us has given it up by renaming, and what it became is there for us to
 * see. Looked for in the order in which it moves, or it could slip past.
 */
static bool is_taken(int root, const struct keep_item *it, enum keep_part part, int saving,
		     int64_t t)
{
	_cleanup_(w365_closep) int dir = -1;

	if (exists(saving, t, KEEP_EXT_BEFORE))
		return true;
	dir = keep_open(root, part, it->family, it->name, false);
	return dir >= 0 && (exists(dir, t, KEEP_EXT_TEXT) || exists(dir, t, KEEP_EXT_REASON));
}

/* 0; -EEXIST: the time is taken. */
static int claim_at(int root, const struct keep_item *it, enum keep_part part, int dir,
		    const char *suffix, int64_t t, int *ret_fd)
{
	_cleanup_(w365_closep) int fd = -1;
	char name[KEEP_FILE_MAX];
	int r;

	fd = openat(dir, keep_file(t, suffix, name),
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* Whoever starts just now may have taken the file for one that was left behind. */
	r = keep_lock(dir, name, fd);
	if (r == -EWOULDBLOCK || r == -ENOENT)
		return -EEXIST;
	if (r == 0 && is_taken(root, it, part, dir, t))
		r = -EEXIST;
	if (r < 0) {
		unlinkat(dir, name, 0);
		return r;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int keep_claim(int root, const struct keep_item *it, enum keep_part part, const char *suffix,
	       int64_t *t, int *ret_fd)
{
	int r, tries = 0;

	do {
		_cleanup_(w365_closep) int dir =
			keep_open(root, KEEP_SAVING, it->family, it->name, true);

		if (dir < 0)
			return dir;
		while ((r = claim_at(root, it, part, dir, suffix, *t, ret_fd)) == -EEXIST)
			++*t;
	} while (r == -ENOENT && ++tries < TRIES);
	return r;
}

int keep_move(int root, const struct keep_item *it, const char *from, enum keep_part part,
	      const char *to)
{
	_cleanup_(w365_closep) int dir = keep_open(root, KEEP_SAVING, it->family, it->name, false);
	int r = -ENOENT;

	if (dir < 0)
		return dir;
	for (int i = 0; r == -ENOENT && i < TRIES; i++) {
		_cleanup_(w365_closep) int into = keep_open(root, part, it->family, it->name, true);

		if (into < 0)
			return into;
		r = renameat(dir, from, into, to) < 0 ? -errno : 0;
		if (r == -ENOENT && faccessat(dir, from, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			break;
	}
	return r;
}

int keep_rename(int root, const struct keep_item *it, const char *from, const char *to)
{
	_cleanup_(w365_closep) int dir = keep_open(root, KEEP_SAVING, it->family, it->name, false);

	if (dir < 0)
		return dir;
	return renameat(dir, from, dir, to) < 0 ? -errno : 0;
}

int keep_unlink(int root, enum keep_part part, const struct keep_item *it, const char *name)
{
	_cleanup_(w365_closep) int dir = keep_open(root, part, it->family, it->name, false);

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	return unlinkat(dir, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int keep_write_sentence(int root, const struct keep_item *it, const char *name, const char *text)
{
	_cleanup_(w365_closep) int dir = keep_open(root, KEEP_SAVING, it->family, it->name, true),
				   fd = -1;
	int r;

	if (dir < 0)
		return dir;
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = w365_write_all(fd, text, strlen(text));
	if (r == 0)
		r = w365_write_all(fd, "\n", 1);
	if (r == 0 && fdatasync(fd) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir, name, 0);
	return r;
}

int keep_sync(int root, enum keep_part part, const struct keep_item *it)
{
	_cleanup_(w365_closep) int dir = keep_open(root, part, it->family, it->name, false);

	return dir < 0 ? dir : sync_fd(dir);
}
