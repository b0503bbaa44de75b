/* fs/session.h - libfuse's session on our loop. */
#pragma once

#include "fs/fs.h"

/**
 * Makes the session and starts the notifier; mounts nothing.
 *
 * @options: what libfuse and the kernel shall know, "ro,fsname=...": for `-o`.
 * @debug: libfuse prints each message.
 */
int fs_session_new(struct fs *fs, const char *options, bool debug, struct w365_err *reterr);

/** Mounts at @mountpoint and begins to answer. -errno with the sentence. */
int fs_session_mount(struct fs *fs, const char *mountpoint, struct w365_err *reterr);

/** Answers on @fd instead, which speaks FUSE without a kernel behind it: for tests. Takes @fd. */
int fs_session_attach(struct fs *fs, int fd, struct w365_err *reterr);

/** Unmounts, if the kernel has not done so already, and stops answering. */
void fs_session_unmount(struct fs *fs);

/** Frees the session: after fs_session_unmount(), and after what is parked was answered. */
void fs_session_free(struct fs *fs);

/** "LOOKUP" for 1; NULL for a number that means nothing to us. */
const char *fs_opcode_name(unsigned opcode);
