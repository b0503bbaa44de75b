/* base/file.h - whole small files, secrets among them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct w365_buf;

/**
 * Appends the file's bytes to @out.
 *
 * @private: the file holds a secret: refused (-EACCES) unless it belongs to this user or root and
 * nobody else may read it. A symbolic link is followed: mounted secrets are links.
 * Errors:   -errno of open and read; -EFBIG beyond @max bytes; -EINVAL for what is no file.
 */
int w365_file_read(const char *path, size_t max, bool private, struct w365_buf *out,
		   struct w365_err *reterr);

/**
 * Puts @p in the place of the file at once: who reads it finds the old text or the new one, also
 * after a power cut. The file is 0600 and no symbolic link.
 */
int w365_file_replace(const char *path, const void *p, size_t n, struct w365_err *reterr);

/** Makes the folders above @path that are not there, 0700. -errno. */
int w365_file_folder(const char *path, struct w365_err *reterr);

/** Writes all of @n bytes to @fd, however many calls that takes. -errno. */
int w365_write_all(int fd, const void *p, size_t n);
