/* fs/daemon.h - going to the background, with the parent waiting until it is known how that went.
 */
#pragma once

/** In the child: the end of the pipe on which the parent waits; -1 if there is no parent. */
struct fs_daemon {
	int fd;
};

/**
 * Forks. In the parent it does not return: the parent exits with what the child reports, or with
 * @died if the child ends without a word. In the child it returns 0. -errno if there is no fork.
 * Before any thread is started.
 */
int fs_daemon_fork(struct fs_daemon *d, int died);

/** Ready: lets go of the terminal, and the parent exits with 0. Does nothing without a parent. */
void fs_daemon_ready(struct fs_daemon *d);
