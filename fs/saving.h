/* fs/saving.h - the course of one save: the text is kept, handed to graph/saver.h, and whoever waits is
 * answered. Between fs/save.c and fs/saving.c alone.
 */
#pragma once

#include "fs/save.h"

enum fs_saving_kind {
	FS_SAVING_TEXT, /* close, fsync */
	FS_SAVING_OVER, /* rename over an item */
	FS_SAVING_SWAP, /* the same, and the file gets the old text */
	FS_SAVING_AS,   /* rename to a new name */
	FS_SAVING_NAME, /* an item gets another name */
	FS_SAVING_DELETE,
};

/** What a save is about. All borrowed. */
struct fs_saving {
	enum fs_saving_kind kind;
	struct graph_family *family;
	struct fs_file *file; /* whose text it is; NULL: of nobody */
	const char *name;     /* the entry that it is about */
	const char *id;       /* the item's; NULL: it is made */
	size_t id_len;
	uint64_t ino; /* the item's; 0: there is none yet */
};

/** Begins a save of @text, which is copied. @req is answered at its end; NULL: nobody waits. */
void fs_saving_begin(struct fs *fs, fuse_req_t req, const struct fs_saving *about, const char *text,
		     size_t len);

/** @req, too, waits for the end of a save that has begun: of the text as it is now. */
void fs_saving_wait(struct fs_save *s, fuse_req_t req);

/** The text of the file cannot be saved as it is, for which nothing has to be asked: it is kept, and
 * @req answered. */
void fs_saving_refuse(struct fs *fs, fuse_req_t req, const struct fs_saving *about,
		      const struct w365_err *err);
