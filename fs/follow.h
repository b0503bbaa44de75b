/* fs/follow.h - actions that were accepted, and are looked at until they have come to their end. The
 * file of what they are done to follows by itself.
 */
#pragma once

#include "fs/fs.h"
#include "graph/watch.h"

/** One action. Strings are copied. */
struct fs_followed {
	uint64_t n; /* in the record */
	struct graph_action action;
	const char *id, *entry;    /* the target's; NULL where it has none */
	const char *body, *result; /* what was sent, and what was answered: JSON */
	time_t sent;
	uint64_t wait_ms; /* somebody waits so long for the end; 0: nobody does */
	/** Somebody waits: called once, with how it ended, or NULL: not within @wait_ms. Then it is
	 * followed on. */
	void (*ended)(void *arg, const struct graph_outcome *outcome);
	void *arg;
};

/** Looks at once, and then again. Out of memory it is recorded as unknown. */
void fs_follow(struct fs *fs, const struct fs_followed *f);

/** Nobody waits any more with that @arg. */
void fs_follow_forget(struct fs *fs, const void *arg);

void fs_follow_done(struct fs *fs);
