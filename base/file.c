#include "base/file.h"
#include "base/buf.h"
#include "base/macros.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

int w365_file_read(const char *path, size_t max, bool private, struct w365_buf *out,
		   struct w365_err *reterr)
{
	/* O_NONBLOCK: a FIFO in the file's place must not hold us up before we see what it is. */
	_cleanup_(w365_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	size_t start = out->len;

	if (fd < 0)
		return w365_err_set(reterr, errno, "cannot open '%s': %m", path);
	if (fstat(fd, &st) < 0)
		return w365_err_set(reterr, errno, "cannot stat '%s': %m", path);
	/* /dev/null is an empty file to many programs, and so it is to us. */
	if (!S_ISREG(st.st_mode) && (private || !S_ISCHR(st.st_mode)))
		return w365_err_set(reterr, EINVAL, "'%s' is not a regular file", path);
	if (private && (st.st_mode & 077))
		return w365_err_set(reterr, EACCES,
				    "'%s' holds a secret and others may read it: chmod 600 it",
				    path);
	if (private && st.st_uid != geteuid() && st.st_uid != 0)
		return w365_err_set(reterr, EACCES,
				    "'%s' holds a secret and belongs to another user", path);

	for (;;) {
		char *to = w365_buf_room(out, 4096);
		ssize_t n;

		if (!to)
			return w365_err_oom(reterr);
		n = read(fd, to, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return w365_err_set(reterr, errno, "cannot read '%s': %m", path);
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
		if (out->len - start > max)
			return w365_err_set(reterr, EFBIG, "'%s' is larger than %zu bytes", path,
					    max);
	}
}

int w365_write_all(int fd, const void *p, size_t n)
{
	const char *s = p;

	while (n) {
		ssize_t done = write(fd, s, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		s += done;
		n -= (size_t)done;
	}
	return 0;
}

int w365_file_folder(const char *path, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *copy = strdup(path);

	if (!copy)
		return w365_err_oom(reterr);
	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST)
			return w365_err_set(reterr, errno, "cannot make the folder '%s': %m", copy);
		*p = '/';
	}
	return 0;
}

/* What a rename has promised is on the disk only once the folder is. */
static int sync_folder(const char *path)
{
	_cleanup_(w365_freep) char *folder = strdup(path);
	_cleanup_(w365_closep) int fd = -1;
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (!folder)
		return -ENOMEM;
	if (slash)
		slash[slash == folder] = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int w365_file_replace(const char *path, const void *p, size_t n, struct w365_err *reterr)
{
	_cleanup_(w365_freep) char *temporary = NULL;
	_cleanup_(w365_closep) int fd = -1;
	int r;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0) {
		temporary = NULL;
		return w365_err_oom(reterr);
	}
	fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
	if (fd < 0)
		return w365_err_set(reterr, errno, "cannot write beside '%s': %m", path);
	r = w365_write_all(fd, p, n);
	if (r == 0 && (fsync(fd) < 0 || rename(temporary, path) < 0))
		r = -errno;
	if (r < 0) {
		unlink(temporary);
		return w365_err_set(reterr, -r, "cannot write '%s': %s", path, strerror(-r));
	}
	sync_folder(path);
	return 0;
}
