/* fs/keep.h - texts that must not be lost: those that were refused, and the versions before each
 * change. On a local disk, so that they outlive the process:
 *
 *   FOLDER/rejected/FAMILY/NAME/TIME.json    and TIME.reason beside it, one sentence
 *   FOLDER/history/FAMILY/NAME/TIME.json
 *   FOLDER/saving/FAMILY/NAME/...            what is being written or sent at this moment
 *
 * Folders are 0700, files 0600; no symbolic link is followed below FOLDER or in its place. NAME is
 * the entry's name in the mount without ".json", TIME is UTC to the millisecond,
 * "20261122T093015.123Z": sorted as the times are, and no two of an item are equal (the later one
 * gets the next free millisecond). A '/' in FAMILY is written "%2F".
 *
 * At any instant a text is whole and durable in one place before it leaves another. Whatever is in
 * saving/ is locked (flock) by the process that it belongs to, so that the next start knows what a
 * dead one has left. Several processes may use one folder at once.
 *
 * Thread: the loop. All this is done at once, without giving way: small files on a local disk, a few
 * of them for each save that a person makes. Reading costs microseconds; only what says "durable"
 * waits for the disk, for milliseconds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/err.h"

struct fs_keep; /* opaque; fs/keep.c */

/** What is kept at most; the oldest goes first, and never what was just written. */
struct fs_keep_limits {
	unsigned per_item; /* texts of one item, in rejected/ and in history/ each */
	uint64_t bytes;    /* of rejected/ and of history/ each */
	uint64_t age_s;    /* since it was put there */
};

/** 50, 64 MiB, 90 days. */
extern const struct fs_keep_limits fs_keep_limits_default;

/**
 * Opens @folder, and makes it if need be. What a process that died has left in saving/ becomes an
 * entry: a text that it was being given in rejected/, a version that it was about to replace in
 * history/.
 *
 * @limits: NULL: the defaults. Copied, as is @folder.
 * Errors:  a folder that cannot be written to, or cannot lock files; one that belongs to another
 *          user, or is a symbolic link. The sentence names the folder.
 */
int fs_keep_new(const char *folder, const struct fs_keep_limits *limits, struct fs_keep **ret,
		struct w365_err *reterr);

/** Texts of it are freed before. NULL is fine. Returns NULL. */
struct fs_keep *fs_keep_free(struct fs_keep *k);

/* ---- a text that is being written ---- */

struct fs_wip; /* opaque; fs/keep-text.c */

/**
 * Begins a text, empty, on disk from now on: a process that is killed leaves it behind.
 *
 * @family: the collection's name. @name: the entry as listed, ".json" included.
 * Errors:  -EINVAL, -ENAMETOOLONG for what cannot be a name; -errno of the disk.
 */
int fs_wip_new(struct fs_keep *k, const char *family, const char *name, struct fs_wip **ret,
	       struct w365_err *reterr);

/** Whether that is what it was begun for. */
bool fs_wip_is(const struct fs_wip *w, const char *family, const char *name);

/** All of @n bytes at @off; what lies between the end and @off reads as NUL. -errno: some of it may
 * have been written. */
int fs_wip_write(struct fs_wip *w, const void *p, size_t n, uint64_t off);

int fs_wip_truncate(struct fs_wip *w, uint64_t size);

/** Makes it durable. */
int fs_wip_sync(struct fs_wip *w);

/**
 * It was refused: from now on, and durably, it is rejected/FAMILY/NAME/TIME.json, with the sentence
 * of @why in TIME.reason. The text may be written on afterwards; that leaves the entry alone. When
 * it is refused again it takes the place of its former entry; a text that has not changed since and
 * is refused with the same sentence is the same entry.
 *
 * -errno if something of it could not be done; then the text is in rejected/ without its sentence,
 * or still in saving/, from where the next start takes it.
 */
int fs_wip_reject(struct fs_wip *w, const struct w365_err *why);

/** "rejected/FAMILY/NAME/TIME.json" of what was refused, for sentences; NULL if nothing was. Lives
 * until the next call for @w. */
const char *fs_wip_rejected(const struct fs_wip *w);

/** What was written is not needed any more. The entry that fs_wip_reject() made stays, unless
 * @forget: the text was accepted in the end. NULL is fine. Returns NULL. */
struct fs_wip *fs_wip_free(struct fs_wip *w, bool forget);

/* ---- a version that is about to be replaced ---- */

struct fs_before; /* opaque; fs/keep-text.c */

/** Keeps the text that an item has, durably, before a change of it is sent. As fs_wip_new(). */
int fs_before_new(struct fs_keep *k, const char *family, const char *name, const char *text,
		  size_t len, struct fs_before **ret, struct w365_err *reterr);

/** @accepted: the change was made (or may have been): the text is shown in history/. Else it is
 * removed. NULL is fine. Returns NULL. */
struct fs_before *fs_before_end(struct fs_before *b, bool accepted);

/** Calls @fn for each text of @family in history/, the newest first, that has @size bytes (0: of
 * any size), until it returns true. @text is NUL-terminated, and only there during the call, which
 * must not call back here. */
void fs_keep_history(struct fs_keep *k, const char *family, size_t size,
		     bool (*fn)(void *arg, const char *text, size_t len), void *arg);

/* ---- what is shown of it: for fs/kept.c ---- */

/** Numbers of folders and files: the same as long as the process lives; below 1 << 48. */
#define FS_KEEP_ROOT 0

struct fs_keep_stat {
	uint64_t id;
	bool dir;
	uint64_t size;
	struct timespec modified; /* of a folder: differs whenever anything in it may differ */
};

/** 0, or -ENOENT: it is gone. */
int fs_keep_stat(struct fs_keep *k, uint64_t id, struct fs_keep_stat *ret);

/** What @name is in the folder @dir. -ENOENT. The root has "rejected" and "history". */
int fs_keep_lookup(struct fs_keep *k, uint64_t dir, const char *name, struct fs_keep_stat *ret);

/** The folder that @id is in. */
uint64_t fs_keep_parent(struct fs_keep *k, uint64_t id);

/** Calls @fn for what is in @dir and has a number above @after (0: all), in the order of numbers,
 * until it returns false. */
void fs_keep_list(struct fs_keep *k, uint64_t dir, uint64_t after,
		  bool (*fn)(void *arg, const char *name, const struct fs_keep_stat *st),
		  void *arg);

/** Bytes read, 0 at the end, -errno. */
ssize_t fs_keep_read(struct fs_keep *k, uint64_t id, char *buf, size_t size, uint64_t off);

/** Removes the file @name from the folder @dir, as rm(1) does; with @folder: the empty folder, as
 * rmdir(1) does. -ENOENT, -EISDIR, -ENOTDIR, -ENOTEMPTY, -EPERM. */
int fs_keep_remove(struct fs_keep *k, uint64_t dir, const char *name, bool folder);
