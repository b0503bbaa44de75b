/* fs/notify.h - telling the kernel that something has changed. Linux only lets another thread do
 * it.
 *
 * Invalidating waits for pages that an unanswered READ has locked, and for a directory that an
 * unanswered LOOKUP holds: the loop, which answers those, must never wait for the kernel. So a
 * thread does, which owns nothing: it is handed copies through one socket, and hands back the marks
 * it comes across.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct fuse_session;
struct graph_loop;
struct fs_notifier; /* opaque; fs/notify.c */

/** The kernel has been told all that was said before the mark. Loop thread. */
typedef void fs_marked_fn(void *arg, uint64_t mark);

/** Starts the thread. */
int fs_notifier_new(struct graph_loop *loop, struct fuse_session *se, fs_marked_fn *fn, void *arg,
		    struct fs_notifier **ret, struct w365_err *reterr);

/**
 * Asks the thread to end after what it is just telling the kernel. That may wait for requests that
 * are not answered yet: go on answering until fs_notifier_ended().
 */
void fs_notifier_end(struct fs_notifier *n);
bool fs_notifier_ended(const struct fs_notifier *n);

/** What has not been told yet is dropped. The thread has ended, or the session is unmounted. NULL is
 * fine. */
struct fs_notifier *fs_notifier_free(struct fs_notifier *n);

/** The attributes and the content of @ino are not what they were. */
void fs_notify_inode(struct fs_notifier *n, uint64_t ino);

/** @name in directory @parent is gone, or means another thing. */
void fs_notify_entry(struct fs_notifier *n, uint64_t parent, const char *name);

void fs_notify_mark(struct fs_notifier *n, uint64_t mark);

/** How many have been told to the kernel, by now. */
uint64_t fs_notifier_count(const struct fs_notifier *n);
