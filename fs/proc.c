#include "fs/proc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/macros.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define SIGNALED 0x400ul /* PF_SIGNALED of the kernel's sched.h */

static bool look(pid_t pid, char *ret_state, unsigned long *ret_flags)
{
	_cleanup_(w365_buf_done) struct w365_buf stat = W365_BUF;
	char path[40];
	const char *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (w365_file_read(path, 4096, false, &stat, NULL) < 0)
		return false;
	p = strrchr(stat.data, ')'); /* its name may be anything */
	return p && sscanf(p + 1, " %c %*d %*d %*d %*d %*d %lu", ret_state, ret_flags) == 2;
}

bool fs_proc_alive(pid_t pid)
{
	unsigned long flags;
	char state;

	if (pid <= 0 || (kill(pid, 0) < 0 && errno != EPERM))
		return false;
	return !look(pid, &state, &flags) || !strchr("ZX", state);
}

bool fs_proc_killed(pid_t pid)
{
	unsigned long flags;
	char state;

	return pid > 0 && look(pid, &state, &flags) && (flags & SIGNALED);
}
