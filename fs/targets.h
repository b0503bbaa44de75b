/* fs/targets.h - which item somebody means who writes to a control file: a file's name with or without
 * ".json", a path in the mount, an id, or what people call it.
 */
#pragma once

#include "base/buf.h"
#include "fs/listing.h"
#include "graph/command.h"

#define FS_TARGETS_MAX 8

/** Where targets are looked for: zero-initialise, fill the first members. All borrowed. */
struct fs_targets {
	struct graph_snapshot *
		snapshot; /* of the collection that the verb is at home in; NULL: nothing is meant */
	const char *mountpoint; /* absolute, without a slash at its end; NULL: not known */
	bool below; /* it is done to what is below an item: "POLICY%2FASSIGNMENTID" is a target */

	const struct fs_listing *listing;
	char entries[FS_TARGETS_MAX][256]; /* what was handed out last */
	struct w365_buf ids[FS_TARGETS_MAX];
	uint32_t *names, mask; /* items by what people call them, made when it is first needed */
};

void fs_targets_done(struct fs_targets *t);

/**
 * A graph_resolve_fn; @arg is a struct fs_targets.
 *
 * In this order: the name of a file, with or without ".json"; an id, the same (a bare word that is both,
 * of two things, is several); what people call the thing, which may be several; a path, of whose directories only those below the mount are known:
 * "cloudPCs/X.json", "../by-id/ID.json", "MOUNTPOINT/cloudPCs/by-status/failed/X.json".
 * Errors: -ENOENT with the sentence for a path to somewhere else; -ENOMEM.
 */
int fs_targets_resolve(void *arg, struct w365_span text, struct graph_found *ret, unsigned max,
		       struct w365_err *reterr);
