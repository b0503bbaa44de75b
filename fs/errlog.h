/* fs/errlog.h - the last failures, a line each: what .w365fs/errors shows. */
#pragma once

#include <stdint.h>

#include "base/err.h"

struct w365_buf;

#define FS_ERRLOG_LINES 256

/** Zero-initialised is empty. */
struct fs_errlog {
	char *lines[FS_ERRLOG_LINES]; /* a ring */
	uint64_t count;               /* of all that ever were */
};

/**
 * Adds "TIME ERRNO WHERE: SENTENCE". Says no if the line before was the same but for its time: a
 * walk that fails everywhere for one reason is told once.
 */
bool fs_errlog_add(struct fs_errlog *l, const char *where, const struct w365_err *err);

/** Appends the lines, the newest last. */
void fs_errlog_write(const struct fs_errlog *l, struct w365_buf *out);

void fs_errlog_done(struct fs_errlog *l);
