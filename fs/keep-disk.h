/* fs/keep-disk.h - the steps on disk that fs/keep.c is made of. Each leaves things right if the
 * process dies behind it. For fs/keep*.c alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

enum keep_part {
	KEEP_HISTORY,
	KEEP_REJECTED,
	KEEP_SHOWN, /* that many are shown in the mount */
	KEEP_SAVING = KEEP_SHOWN,
	KEEP_PARTS
};

extern const char *const keep_parts[KEEP_PARTS];

/*
 * Files, all of them named TIME and one of these:
 *
 * in rejected/   .json     a text
 *                .reason   the sentence; comes before the text, so that no text is without
 * in history/    .json     a text
 * in saving/     .json     a text that is being written
 *                .reason   a sentence that is being written
 *                .part     a version that is being written
 *                .before   a version that is whole, while the change of it is on its way
 *
 * Who has made a .json or .part in saving/ has the TIME for himself, and keeps a lock on the file
 * until nobody needs to look after it any more.
 */
#define KEEP_EXT_TEXT   ".json"
#define KEEP_EXT_REASON ".reason"
#define KEEP_EXT_PART   ".part"
#define KEEP_EXT_BEFORE ".before"

/** An item as folders. */
struct keep_item {
	char family[256], name[256];
};

/** @name: the entry as listed. -EINVAL, -ENAMETOOLONG with the sentence. */
int keep_item(const char *family, const char *name, struct keep_item *ret, struct w365_err *reterr);

#define KEEP_TIME_LEN 20                   /* "20261122T093015.123Z" */
#define KEEP_FILE_MAX (KEEP_TIME_LEN + 16) /* with what is behind it, and NUL */

/** Writes the name of a file. @t: milliseconds since 1970. Returns @buf. */
const char *keep_file(int64_t t, const char *suffix, char buf[KEEP_FILE_MAX]);

/** Reads the TIME that @name begins with; *@ret_suffix is what is behind it. */
bool keep_file_parse(const char *name, int64_t *ret_t, const char **ret_suffix);

/** Milliseconds since 1970, now. */
int64_t keep_now(void);

/** Opens FOLDER itself, and makes it and the parts. */
int keep_open_root(const char *path, int *ret_fd, struct w365_err *reterr);

/** Opens a folder below it: of an item, of a family (@name NULL), of a part (@family NULL too).
 * @make: durably, if it is not there. The descriptor, or -errno. */
int keep_open(int root, enum keep_part part, const char *family, const char *name, bool make);

/** Opens a regular file, whatever is in its place, with @access (O_RDONLY; O_RDWR to lock it, which
 * NFS wants); *@ret_st (may be NULL) is its. The descriptor, or -errno. */
int keep_open_file(int dir, const char *name, int access, struct stat *ret_st);

/** Takes a lock on @fd, a file that was opened as @name in @dir: 0. -EWOULDBLOCK: somebody has it.
 * -ENOENT: it is not there under that name any more. */
int keep_lock(int dir, const char *name, int fd);

/** Makes an empty file in saving/, locked, at *@t or the first free millisecond behind it: free in
 * @part too. *@ret_fd is its. */
int keep_claim(int root, const struct keep_item *it, enum keep_part part, const char *suffix,
	       int64_t *t, int *ret_fd);

/** Moves a file from saving/ to @part, over one that may be there. Not durable. */
int keep_move(int root, const struct keep_item *it, const char *from, enum keep_part part,
	      const char *to);

/** Renames within saving/. Not durable. */
int keep_rename(int root, const struct keep_item *it, const char *from, const char *to);

/** Removes a file; that it is not there is fine. */
int keep_unlink(int root, enum keep_part part, const struct keep_item *it, const char *name);

/** Makes a sentence durable in saving/, as @name. */
int keep_write_sentence(int root, const struct keep_item *it, const char *name, const char *text);

/** Makes what was renamed in the item's folder, or made there, durable. */
int keep_sync(int root, enum keep_part part, const struct keep_item *it);

/** Removes the item's folder, and then the family's (@name NULL: that alone), if they are empty, and
 * nothing happened in them for @unused_s seconds: somebody may have made them for what comes next. */
void keep_tidy(int root, enum keep_part part, const char *family, const char *name,
	       int64_t unused_s);
