/* fs/proc.h - what the kernel tells of other processes: /proc. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/** Whether there is such a process, and it has not ended: what is only waited for has. */
bool fs_proc_alive(pid_t pid);

/** Whether it ends by a signal just now: then the kernel closes its files, and not the program. */
bool fs_proc_killed(pid_t pid);
