/* How the commands end. */
#include "fs/commands.h"

#include <errno.h>

int fs_complain(const struct w365_err *err, int code)
{
	fprintf(stderr, "w365fs: %s\n", err->msg);
	return code;
}

int fs_exit_code(enum fs_stage stage, const struct w365_err *err)
{
	switch (err->num) {
	case ENOMEM: return FS_EXIT_INTERNAL;
	case ENOKEY: return FS_EXIT_SIGNIN; /* no sign-in is configured */
	case ENETUNREACH:
	case ETIMEDOUT:
	case EAGAIN: return FS_EXIT_NETWORK;
	}
	switch (stage) {
	case FS_STAGE_SETTINGS: return FS_EXIT_USAGE;
	case FS_STAGE_SIGNIN:
		return err->num == EIO || err->num == EPROTO ? FS_EXIT_NETWORK
		       : err->num == EINTR                   ? FS_EXIT_INTERNAL
							     : FS_EXIT_SIGNIN;
	default: return FS_EXIT_INTERNAL;
	}
}
