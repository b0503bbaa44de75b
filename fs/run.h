/* fs/run.h - a mounted tenant, from the sign-in to the last unmount. */
#pragma once

#include "base/err.h"
#include "fs/options.h"

/** How far a run came, for the exit code. */
enum fs_stage { FS_STAGE_SETTINGS, FS_STAGE_SIGNIN, FS_STAGE_MOUNT, FS_STAGE_SERVING };

struct fs_run {
	struct fs_options *options; /* settled; borrowed */
	const char *mountpoint;     /* absolute, checked */
	/** The mount is usable. */
	void (*ready)(void *arg);
	void *arg;
};

/**
 * Signs in, mounts, serves until it is unmounted or a signal ends it, unmounts. Blocks SIGINT,
 * SIGTERM, SIGHUP for good: the loop reads them.
 *
 * Errors: -errno with the sentence, and *@ret_stage.
 */
int fs_run(const struct fs_run *run, enum fs_stage *ret_stage, struct w365_err *reterr);
