/* fs/attr.h - what stat(2) shows, and for how long the kernel may believe it. */
#pragma once

#include "fs/fs.h"

/** A fixed node's attributes; of a singleton or special file only if @snap or the text is at hand.
 */
void fs_attr_dir(struct fs *fs, uint64_t ino, const struct fs_place *p, struct stat *st,
		 uint64_t *ret_life_ms);

/** A regular file of @len bytes. @may: what the owner may, as an octal digit. */
void fs_attr_file(struct fs *fs, uint64_t ino, size_t len, int64_t modified_ns, unsigned may,
		  struct stat *st);

/** A folder of .w365fs/ that things can be removed from: fs/kept.h. */
void fs_attr_folder(struct fs *fs, uint64_t ino, struct timespec modified, struct stat *st);

/** A group of a view. */
void fs_attr_group(struct fs *fs, uint64_t ino, time_t since, struct stat *st);

/** A symbolic link whose target has @len bytes. */
void fs_attr_link(struct fs *fs, uint64_t ino, size_t len, int64_t modified_ns, struct stat *st);

/** How long the names in a fixed directory may be believed: they never change while mounted. */
#define FS_FIXED_MS ((uint64_t)3600 * 1000)
