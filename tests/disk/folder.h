/* tests/disk/folder.h - a private folder on a real file system, and what is in it. */
#pragma once

#include "tests/lib/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_PATH 4096

static char folder[256]; /* "" until folder_new() */

/* A path in it, for one use. */
static inline char *at(const char *below)
{
	static char paths[4][FOLDER_PATH];
	static unsigned next;
	char *path = paths[next++ % 4];

	strcat(strcat(strcpy(path, folder), "/"), below); /* none of them is long */
	return path;
}

static int folder_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

/* Empties it, and leaves it there. */
static inline void folder_empty(void)
{
	nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (mkdir(folder, 0700) < 0)
		abort();
}

static inline void folder_done(void)
{
	nftw(folder, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Removes what is at a path below, and all that is in it. */
static inline void folder_remove(const char *below)
{
	nftw(at(below), folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In @where, or where temporary files are. Only the process that made it removes it. */
static inline void folder_new(const char *where)
{
	const char *tmp = where ? where : getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/w365fs-disk-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(folder)) {
		printf("Bail out! no folder '%s'\n", folder);
		exit(1);
	}
}

static inline void folder_write(const char *below, const char *text)
{
	char *path = at(below);
	FILE *f;

	for (char *p = path + strlen(folder) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
}

/* The text of a file, for one use; NULL if there is none. */
static inline const char *folder_read(const char *below)
{
	static char text[1 << 16];
	FILE *f = fopen(at(below), "r");
	size_t n;

	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* What is below a folder, in pairs of path and kind, sorted by path. */
struct found {
	char path[800]; /* from the folder that was looked through */
	struct stat st;
};

static struct found *found;
static size_t found_n, found_base;
static bool found_dirs;

static int found_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	if (S_ISDIR(st->st_mode) && !found_dirs)
		return 0;
	found = realloc(found, (found_n + 1) * sizeof(*found));
	snprintf(found[found_n].path, sizeof(found->path), "%s",
		 strlen(path) > found_base ? path + found_base : "");
	found[found_n++].st = *st;
	return 0;
}

static inline int found_by_path(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->path, ((const struct found *)b)->path);
}

/* Looks for files below; their number. They are in found[]. */
static inline int files(const char *below)
{
	char *path = at(below);

	found_n = 0;
	found_base = strlen(path) + 1;
	found_dirs = false;
	nftw(path, found_one, 16, FTW_PHYS);
	if (found_n)
		qsort(found, found_n, sizeof(*found), found_by_path);
	return (int)found_n;
}

/* The same, folders included. */
static inline int everything(const char *below)
{
	char *path = at(below);

	found_n = 0;
	found_base = strlen(path) + 1;
	found_dirs = true;
	nftw(path, found_one, 16, FTW_PHYS);
	return (int)found_n;
}
