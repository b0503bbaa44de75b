/* fs/keep-index.h - what is in rejected/ and history/, in memory. Other processes write there too,
 * so a folder is read again whenever its time has changed. For fs/keep*.c alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "fs/keep-disk.h"

enum { KEEP_FILE_TEXT, KEEP_FILE_REASON, KEEP_FILES };
extern const char *const keep_suffixes[KEEP_FILES];

struct keep_file_info {
	uint32_t serial; /* 0: there is none */
	uint64_t size;
	struct timespec modified;
};

/** A text that is kept, or its sentence, or both. */
struct keep_entry {
	int64_t t; /* milliseconds since 1970 */
	struct keep_file_info files[KEEP_FILES];
};

/** A folder. Once known it stays in memory, so that its number stays. */
struct keep_dir {
	struct keep_dir *parent;
	char *name;
	enum { KEEP_TOP, KEEP_PART_DIR, KEEP_FAMILY_DIR, KEEP_ITEM_DIR } level;
	enum keep_part part; /* not of the top */
	uint32_t serial;
	bool here;    /* on disk */
	bool met;     /* while the folder above is read */
	bool settled; /* what was read of it holds as long as its time is the same */
	struct timespec seen;
	ino_t ino;
	struct keep_dir **dirs; /* by name; not of an item */
	size_t n_dirs;
	struct keep_entry *entries; /* by time, the oldest first; of an item */
	size_t n_entries;
	uint32_t last_file; /* serial given out last */
};

struct keep_index {
	int root;              /* FOLDER; borrowed */
	struct keep_dir **all; /* by serial; the first is the top */
	size_t n, cap;
	uint64_t changes; /* counted: whatever was found to be different */
};

int keep_index_init(struct keep_index *ix, int root);
void keep_index_done(struct keep_index *ix);

/** The number of a folder, or of a file in it. */
#define KEEP_ID(dir, file) ((uint64_t)(dir)->serial << 24 | (file))
#define KEEP_FILE_MASK     (((uint64_t)1 << 24) - 1) /* 0 there: the folder itself */

/** NULL if there is no such number, or the folder is gone. */
struct keep_dir *keep_index_dir(struct keep_index *ix, uint64_t id);

/** The file's entry in keep_index_dir(), and which it is of KEEP_FILES. NULL: it is gone. */
struct keep_entry *keep_index_file(struct keep_dir *d, uint64_t id, int *ret_which);

/** The entry of that time, or NULL. */
struct keep_entry *keep_index_entry(struct keep_dir *d, int64_t t);

/** Reads the folder again if need be. False: it is gone. */
bool keep_index_look(struct keep_index *ix, struct keep_dir *d);

/** The same with everything below it. */
void keep_index_look_all(struct keep_index *ix, struct keep_dir *d);

/** A folder in a folder, as last seen. NULL: there is none. */
struct keep_dir *keep_index_child(const struct keep_dir *d, const char *name);

/** The item's folder, looked at. NULL: there is none. */
struct keep_dir *keep_index_item(struct keep_index *ix, enum keep_part part,
				 const struct keep_item *it);

/** Opens it on disk. The descriptor, or -errno. */
int keep_index_open(const struct keep_index *ix, const struct keep_dir *d);

/** Forgets an entry that was removed from the disk. */
void keep_index_forget(struct keep_index *ix, struct keep_dir *d, struct keep_entry *e);
