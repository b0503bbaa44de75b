/* fs/actions.h - the record of every action that was sent: .w365fs/actions.ndjson.
 *
 * A line for each state of each action; "n" says of which. On disk, beside what is kept, and written
 * before an action is sent: after any crash it tells what was sent and what may have been.
 *
 *   sending  accepted  running  done  failed  refused  unknown  unsent
 */
#pragma once

#include "base/buf.h"
#include "fs/fs.h"
#include "graph/action.h"

struct fs_actions; /* opaque; fs/actions.c */

/** Opens the record in @folder. What a process that died left open is told to be unknown. */
int fs_actions_new(const char *folder, struct fs_actions **ret, struct w365_err *reterr);

/** NULL is fine. Returns NULL. */
struct fs_actions *fs_actions_free(struct fs_actions *a);

/** A number for one more action: no two have the same, also after a restart. */
uint64_t fs_actions_number(struct fs_actions *a);

/** One state of one action; strings may be "" or NULL where there is nothing to say. */
struct fs_action_state {
	uint64_t n;
	const struct graph_action *action;
	const char *id, *entry; /* the target's */
	const char *state;
	const char *request_id, *detail;
};

/** Adds a line to what is written next, and tells those who listen to the events. */
void fs_actions_add(struct fs *fs, const struct fs_action_state *s);

/** Writes what was added. -errno: then nothing may be sent. */
int fs_actions_flush(struct fs *fs, struct w365_err *reterr);

/** The text of the special file. */
void fs_actions_write(struct fs *fs, struct w365_buf *out);
