/* fs/mountpoint.h - where to mount: looked at before anything is asked of the kernel. */
#pragma once

#include <stdbool.h>

#include "base/err.h"

/**
 * Checks that @path can be mounted on; *@ret is its absolute path, freed by the caller. A mount of
 * ours whose daemon is gone is cleared away first.
 *
 * Errors: -ENOENT, -ENOTDIR, -ENOTEMPTY (unless @nonempty), -EBUSY (a mount of ours is there),
 * -errno.
 */
int fs_mountpoint_check(const char *path, bool nonempty, char **ret, struct w365_err *reterr);

/** Unmounts a mount of ours at @path. @lazy: even if it is in use. -EINVAL if there is none. */
int fs_mountpoint_unmount(const char *path, bool lazy, struct w365_err *reterr);

/** Whether a file system of ours is mounted at the absolute @path, dead or alive. */
bool fs_mountpoint_is_ours(const char *path);
