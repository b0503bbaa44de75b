/* fs/special.h - files that the program writes: README.md, and those in .w365fs/. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct fs;
struct graph_collection;
struct w365_buf;
struct w365_err;

struct fs_special {
	const char *path; /* in the mount */
	const char *help; /* one line */
	/** How its text changes while mounted. */
	enum {
		FS_SPECIAL_FIXED,
		FS_SPECIAL_GROWS,
		FS_SPECIAL_VARIES,
		FS_SPECIAL_STREAM, /* fs/stream.h */
	} kind;
	void (*write)(struct fs *fs, struct w365_buf *out); /* NULL: a schema, a stream */
	const struct graph_collection *schema_of;           /* whose items it describes */
	unsigned stream;                                    /* the kind of its inode numbers */
};

/** A special file as it was last told to the kernel: what is read later is the text whose size was
 * told. */
struct fs_special_text {
	char *text;
	size_t len;
	uint64_t made, used; /* on the loop's clock */
	struct timespec modified;
};

/**
 * Fills fs->specials, ended by a NULL path: those that every mount has, and a schema for each
 * collection that this one shows. -ENOMEM. fs_special_done(), also after a failure.
 */
int fs_special_init(struct fs *fs, struct w365_err *reterr);

/** The file's text now; made anew if it may have changed. @told: its size is about to be told to
 * the kernel. */
const struct fs_special_text *fs_special_text(struct fs *fs, const struct fs_special *s, bool told);

void fs_special_done(struct fs *fs);

/* The writers. */
void fs_readme_write(struct fs *fs, struct w365_buf *out);
void fs_status_write(struct fs *fs, struct w365_buf *out);
void fs_metrics_write(struct fs *fs, struct w365_buf *out);
void fs_errors_write(struct fs *fs, struct w365_buf *out);
