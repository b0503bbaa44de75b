/* fs/refusal.h - why a file was not saved the last time: the attribute user.w365fs.error. */
#pragma once

#include "fs/fs.h"

/** @err NULL: all is well again. The sentence is copied; the oldest of many is forgotten. */
void fs_refusal_note(struct fs *fs, uint64_t ino, const struct w365_err *err);

/** The sentence, or NULL. Borrowed until the loop goes on. */
const char *fs_refusal_of(const struct fs *fs, uint64_t ino);

void fs_refusals_done(struct fs *fs);
