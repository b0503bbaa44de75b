/* fs/ioctl.h - what `w365fs refresh` says to a mount: works on one that is read-only, too. */
#pragma once

#include <sys/ioctl.h>

/** What is to be refreshed, and how that went. */
struct fs_refresh {
	int num;        /* errno; 0 if all went well */
	char msg[1020]; /* the sentence; before, a path of the fixed part of the tree, below the
			   directory, or "": a directory of mode 0 cannot be opened to say it there */
};

/** On a directory of the mount: list it again now, or all that was looked at if it is the root. */
#define FS_IOC_REFRESH _IOWR('w', 0x36, struct fs_refresh)
