/* fs/keep-impl.h - what fs/keep.c and fs/keep-text.c share. */
#pragma once

#include "fs/keep-index.h"
#include "fs/keep.h"

struct fs_keep {
	char *path;
	int root; /* the folder */
	struct fs_keep_limits limits;
	struct keep_index index;
	uint64_t walked; /* when all was looked at, w365_now_ms() */
};

/** Somebody may have removed the folder: then it is made again. */
int keep_root_check(struct fs_keep *k, struct w365_err *reterr);

/** Removes what is beyond the limits in @part, after @t of @it was written, which stays. */
void keep_limit(struct fs_keep *k, enum keep_part part, const struct keep_item *it, int64_t t);

/** The same for all of a part, after nothing. */
void keep_limit_all(struct fs_keep *k, enum keep_part part);
