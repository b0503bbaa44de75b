/* fs/changes.h - what a refresh has found, as lines of .w365fs/events. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

struct fs;
struct graph_family;
struct graph_snapshot;

#define FS_CHANGES_VALUE_MAX 2048  /* bytes of a value that is shown */
#define FS_CHANGES_MAX       32768 /* of all that is shown of one item */

/** Zero-initialised is empty. */
struct fs_changes {
	struct w365_buf values; /* {"status":["provisioning","provisioned"]} */
	struct w365_buf
		cut; /* ["notes"]: properties of which a value is too long to be shown, and is
				null instead; empty: none */
};

/**
 * What differs between two texts of an item: the top-level properties that do not mean the same,
 * each with its value before and after (null: it is not there). Pure.
 *
 * Returns true if anything does, with @ret filled; fs_changes_done() afterwards in any case.
 * Out of memory, and of what is no JSON object, there is no difference.
 */
bool fs_changes(struct w365_span was, struct w365_span is, struct fs_changes *ret);

void fs_changes_done(struct fs_changes *c);

/** A snapshot was replaced: a line for each item that was changed, added or removed. @before NULL:
 * none, nobody knew anything yet. */
void fs_changes_tell(struct fs *fs, struct graph_family *f, struct graph_snapshot *before,
		     struct graph_snapshot *after);
