/* fs/journal.h - the text that is about to be saved, on the disk before anything is sent. */
#pragma once

#include "fs/file.h"

struct graph_family;

/**
 * Has the journal of the file hold its whole text, durably, under the name that it is to get; passwords are left out. A journal
 * by another name goes when the new one is there: at any moment the text is in one of them.
 *
 * Errors: ENOSPC, EIO and others of the disk, with the sentence; the text in memory is untouched.
 */
int fs_journal(struct fs *fs, struct fs_file *f, const struct graph_family *family,
	       const char *name, struct w365_err *reterr);
