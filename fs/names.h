/* fs/names.h - the names of files, made from what the service calls things. Pure.
 *
 * A stem is an entry's name without ".json". '/', control characters, '%', a leading '.' and bytes
 * that are not UTF-8 are written %XX, byte by byte.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct w365_buf;

#define FS_SUFFIX   ".json"
#define FS_STEM_MAX (255 - (sizeof(FS_SUFFIX) - 1)) /* bytes: the whole entry has at most 255 */

/** Appends @s, encoded; not cut. */
void fs_name_encode(struct w365_buf *out, const char *s, size_t len);

/** Appends what an encoded stem stands for. False if a '%' in it is not followed by two hexadecimal
 * digits. */
bool fs_name_decode(struct w365_buf *out, const char *stem, size_t len);

/** Whether fs_name_encode() would change nothing, and the name is short enough. */
bool fs_name_is_plain(const char *s, size_t len);

/** How much of the id a stem needs to be unique. */
enum fs_name_stage {
	FS_NAME_ALONE, /* none, if it is short enough */
	FS_NAME_ID8,   /* its first 8 characters */
	FS_NAME_ID,    /* all of it */
};

/** Appends the stem of an item. Without a name (@len is 0) it is the id. */
void fs_name_item(struct w365_buf *out, const char *name, size_t len, const char *id, size_t id_len,
		  enum fs_name_stage stage);

/** Appends the stem of an entry of a log: "093015Z-ACTIVITY-1a2b3c4d". @seconds: since 1970. */
void fs_name_log(struct w365_buf *out, int64_t seconds, const char *name, size_t len,
		 const char *id, size_t id_len, enum fs_name_stage stage);
