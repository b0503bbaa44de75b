#include "fs/daemon.h"
#include "base/file.h"
#include "base/log.h"
#include "base/macros.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int fs_daemon_fork(struct fs_daemon *d, int died)
{
	int fds[2], code;
	char ready;
	pid_t child;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0) {
		code = -errno;
		close(fds[0]);
		close(fds[1]);
		return code;
	}
	if (child == 0) {
		close(fds[0]);
		d->fd = fds[1];
		return 0;
	}
	close(fds[1]);
	do
		n = read(fds[0], &ready, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	/* It ended without being ready: it has said why, and its exit status is ours. */
	code = wait_for(child);
	_exit(code > 0 ? code : died);
}

void fs_daemon_ready(struct fs_daemon *d)
{
	int null;

	if (d->fd < 0)
		return;
	w365_log_to_journal();
	setsid();
	if (chdir("/") < 0)
		w365_debug("daemon: cannot leave the directory");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	w365_write_all(d->fd, "", 1);
	close(TAKE_FD(d->fd));
}
