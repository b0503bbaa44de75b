/* fs/file.h - files that are being written, and files that are only here: the part of the tree that
 * the service does not know.
 *
 *   an item that somebody has open for writing: the text as it is so far
 *   scratch: names that are no resource's (swap files, temporaries, backups); never sent
 *   a draft: a new NAME.json that was not sent, or could not be
 *   a link: the lock of an editor
 *   a hidden item: moved or taken away by an editor that is about to write it anew
 *
 * All of it is memory, and bounded. What is to become an item is in a journal on the disk as well
 * (fs/keep.h), so that no text is lost if the daemon is killed.
 */
#pragma once

#include "base/buf.h"
#include "fs/fs.h"

#define FS_FILE_MAX   ((size_t)16 << 20) /* bytes of one file */
#define FS_FILES_MAX  ((size_t)64 << 20) /* of all of them */
#define FS_FILES_MANY 4096

struct fs_wip;
struct fs_save;

enum fs_file_kind { FS_FILE_ITEM, FS_FILE_LOCAL, FS_FILE_LINK };

struct fs_file {
	struct fs_file *next, **link; /* in the order in which they were made */
	enum fs_file_kind kind;
	uint64_t ino;
	uint64_t dir; /* where it is listed */
	char *name;   /* the entry's; of an item, as it was listed when it was opened */
	struct graph_family *family; /* NULL: a local file in the root */
	char *id;                    /* of an item ("" of a singleton that has none); of a local
					file: of what it has become, while it is still open */
	struct w365_buf text;        /* of a link: the target */
	bool loaded;                 /* the text is what the file has; else nobody has written */
	bool unlinked;               /* in no directory any more; gone with its last handle */
	unsigned opens, writers;
	uint64_t changes, saved; /* counted changes of the text; the last one that was dealt with */
	mode_t mode;
	struct timespec modified;
	struct fs_wip *wip;      /* its journal; NULL: it has none */
	struct fs_save *save;    /* on its way; NULL: none */
	struct w365_err refused; /* why it was not saved the last time; num 0: it was */
	/* A refused rename, which the kernel may try once more. */
	char *rename_to;
	uint64_t rename_changes, rename_at;
};

/** An item whose name is taken away for a moment. */
struct fs_hidden {
	struct fs_hidden *next, **link;
	struct fs *fs;
	struct graph_family *family;
	uint64_t dir, ino; /* the item's */
	char *id;
	struct graph_timer until;
	bool removes; /* then it is deleted; else it shows again */
};

/** A name in a directory, and what it is at this moment. */
struct fs_spot {
	uint64_t dir;
	const char *name;
	struct graph_family *family; /* of the items there; of a singleton, its own; may be NULL */
	const struct fs_node *node;  /* a fixed entry of that name; NULL: none */
	struct fs_file *file;        /* a local file or link */
	const struct graph_item *item; /* also one that is hidden; borrowed as the snapshot is */
	uint64_t ino;                  /* the item's */
	struct fs_hidden *hidden;
};

/** Whether an entry's name is a resource's: what else there is, is scratch. */
bool fs_name_is_resource(const char *name);

/** The directories in which files can be made: the root, and those of families that can be written. */
bool fs_dir_takes_files(struct fs *fs, uint64_t dir);

/** The family whose snapshot tells what @name in @dir is; NULL if none is needed. */
struct graph_family *fs_spot_family(struct fs *fs, uint64_t dir, const char *name);

/** @snap: of fs_spot_family(); may be NULL where that is. */
void fs_spot_find(struct fs *fs, uint64_t dir, const char *name, struct graph_snapshot *snap,
		  struct fs_spot *ret);

/** NULL if there is none. */
struct fs_file *fs_file_by_ino(struct fs *fs, uint64_t ino);
struct fs_file *fs_file_by_name(struct fs *fs, uint64_t dir, const char *name);

/** Makes a local file or link. -ENOSPC if there are too many, -ENOMEM. */
int fs_file_new(struct fs *fs, enum fs_file_kind kind, uint64_t dir, const char *name,
		struct graph_family *family, mode_t mode, struct fs_file **ret);

/** The file of an item that is opened for writing, made on first use. -ENOMEM. */
int fs_file_of_item(struct fs *fs, const struct fs_spot *spot, struct fs_file **ret);

/** Takes it out of its directory, and frees it unless it is open or being saved. */
void fs_file_unlink(struct fs *fs, struct fs_file *f);

/** Frees it if nobody needs it any more: after a handle was closed, or a save has ended. */
void fs_file_settle(struct fs *fs, struct fs_file *f);

/** It has another name. -ENOMEM. */
int fs_file_rename(struct fs_file *f, uint64_t dir, const char *name);

/** Gives an item's file its text, if it has none of its own yet: a copy of @text. -ENOSPC. */
int fs_file_load(struct fs *fs, struct fs_file *f, const char *text, size_t len);

/** -ENOSPC beyond what a file, or all of them, may have; -errno of the journal. */
int fs_file_write(struct fs *fs, struct fs_file *f, const void *p, size_t n, uint64_t off);
int fs_file_truncate(struct fs *fs, struct fs_file *f, uint64_t size);

/** Gives it another text, which is not to be saved. */
void fs_file_set_text(struct fs *fs, struct fs_file *f, const struct w365_buf *text);

/** A rename to @to was refused: the same once more, of the same text, is the kernel's second try. */
void fs_file_refuse_rename(struct fs_file *f, const char *to, uint64_t now);
bool fs_file_rename_refused(const struct fs_file *f, const char *to, uint64_t now);

static inline bool fs_file_dirty(const struct fs_file *f)
{
	return f->changes != f->saved;
}

void fs_file_attr(struct fs *fs, const struct fs_file *f, struct stat *st);

/** An item's name is taken away until it is written anew, at most for a moment. @removes: then it is
 * deleted; else it is back. -ENOMEM. */
int fs_hide(struct fs *fs, const struct fs_spot *spot, bool removes);

/** Its time begins anew: somebody is about it. */
void fs_hide_on(struct fs *fs, struct fs_hidden *h);

/** It shows again. */
void fs_unhide(struct fs *fs, struct fs_hidden *h);

/** NULL if the item is not hidden. */
struct fs_hidden *fs_hidden_of(const struct fs *fs, uint64_t ino);

/** At the end. */
void fs_files_done(struct fs *fs);
