/* fs/prefetch.h - mount --prefetch: everything that is listed is fetched before the mount is handed
 * over. */
#pragma once

#include "fs/fs.h"

/**
 * Lists every collection and singleton that the tree shows (of logs nothing: their days are many).
 * Requests of the kernel are served meanwhile. Tells on stderr how far it is, and what could not be
 * had: that is no failure of the mount.
 *
 * Errors: -EINTR by a signal; -ENOMEM; -EIO if it was unmounted meanwhile.
 */
int fs_prefetch(struct fs *fs, struct w365_err *reterr);
