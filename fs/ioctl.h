/* fs/ioctl.h - what `w365fs refresh` says to a mount: works on one that is read-only, too. */
#pragma once

#include <sys/ioctl.h>

/** How a refresh went. */
struct fs_refresh {
	int num;        /* errno; 0 if all went well */
	char msg[1020]; /* the sentence */
};

/** On a directory of the mount: list it again now, or all that was looked at if it is the root. */
#define FS_IOC_REFRESH _IOR('w', 0x36, struct fs_refresh)
