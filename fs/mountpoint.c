#include "fs/mountpoint.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>

#define FSTYPE "fuse.w365fs"

extern char **environ;

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

bool fs_mountpoint_is_ours(const char *path)
{
	_cleanup_(w365_fclosep) FILE *f = fopen("/proc/self/mountinfo", "re");
	_cleanup_(w365_freep) char *line = NULL;
	bool ours = false;
	size_t cap = 0;

	while (f && getline(&line, &cap, f) > 0) {
		/* 36 35 98:0 /root /mount/point options - type source superoptions */
		char *type = strstr(line, " - "), *rest = line, *point = NULL;

		for (unsigned i = 0; i < 5; i++)
			point = strsep(&rest, " ");
		if (!type || !point)
			continue;
		unescape(point);
		if (w365_streq(point, path)) /* the last one is on top */
			ours = w365_starts(type + 3, FSTYPE " ");
	}
	return ours;
}

/* An absolute path without touching what is mounted at its end: that may be dead. */
static int resolve(const char *path, char **ret, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *copy = strdup(path), *dir = NULL;
	char *slash, *base;
	size_t n;

	*ret = realpath(path, NULL);
	if (*ret)
		return 0;
	if (errno != ENOTCONN || !copy)
		return w365_err_set(
			reterr, errno,
			errno == ENOENT ? "the mount point '%s' does not exist: make it by mkdir"
					: "cannot use the mount point '%s': %m",
			path);
	for (n = strlen(copy); n > 1 && copy[n - 1] == '/';)
		copy[--n] = '\0';
	slash = strrchr(copy, '/');
	base = slash ? slash + 1 : copy;
	if (slash)
		*slash = '\0';
	dir = realpath(!slash ? "." : *copy ? copy : "/", NULL);
	if (!dir || asprintf(ret, "%s/%s", w365_streq(dir, "/") ? "" : dir, base) < 0)
		return w365_err_set(reterr, errno, "cannot use the mount point '%s': %m", path);
	return 0;
}

static int run(const char *const *argv)
{
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ) != 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBUSY;
}

static int unmount(const char *path, bool lazy, struct w365_err *reterr)
{
	const char *argv[] = { "fusermount3",      "-u", lazy ? "-z" : "--", lazy ? "--" : path,
			       lazy ? path : NULL, NULL };

	if (geteuid() == 0) {
		if (umount2(path, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) == 0)
			return 0;
		return w365_err_set(
			reterr, errno,
			errno == EBUSY
				? "'%s' is in use: leave it (fuser -vm shows who is there), or say --lazy"
				: "cannot unmount '%s': %m",
			path);
	}
	if (run(argv) < 0)
		return w365_err_set(reterr, EBUSY, "fusermount3 did not unmount '%s': see above",
				    path);
	return 0;
}

int fs_mountpoint_unmount(const char *path, bool lazy, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *real = NULL;
	int r = resolve(path, &real, reterr);

	if (r < 0)
		return r;
	if (!fs_mountpoint_is_ours(real))
		return w365_err_set(reterr, EINVAL, "'%s' is no mount of w365fs", path);
	return unmount(real, lazy, reterr);
}

static int check_empty(const char *path, struct w365_err *reterr)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	bool empty = true;

	if (!d)
		return w365_err_set(reterr, errno, "cannot use the mount point '%s': %m", path);
	while ((e = readdir(d)))
		empty = empty && (w365_streq(e->d_name, ".") || w365_streq(e->d_name, ".."));
	closedir(d);
	if (!empty)
		return w365_err_set(
			reterr, ENOTEMPTY,
			"the mount point '%s' is not empty: its files would be hidden; give another one, or "
			"-o nonempty",
			path);
	return 0;
}

int fs_mountpoint_check(const char *path, bool nonempty, char **ret, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *real = NULL;
	struct statfs sfs;
	struct stat st;
	int r = resolve(path, &real, reterr);

	if (r < 0)
		return r;
	if (fs_mountpoint_is_ours(real)) {
		/* Attributes may be cached long after the daemon's death; these are not. */
		if (statfs(real, &sfs) == 0 || errno != ENOTCONN)
			return w365_err_set(
				reterr, EBUSY,
				"w365fs is mounted at '%s' already: 'w365fs umount' it first",
				path);
		w365_info("clearing away the dead mount at '%s'", real);
		r = unmount(real, true, reterr);
		if (r < 0)
			return r;
	}
	if (stat(real, &st) < 0)
		return w365_err_set(reterr, errno, "cannot use the mount point '%s': %m", path);
	if (!S_ISDIR(st.st_mode))
		return w365_err_set(reterr, ENOTDIR, "the mount point '%s' is not a directory",
				    path);
	if (!nonempty && (r = check_empty(real, reterr)) < 0)
		return r;
	*ret = TAKE_PTR(real);
	return 0;
}
