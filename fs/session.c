#include "fs/session.h"
#include "base/log.h"
#include "base/macros.h"
#include "fs/invalidate.h"
#include "fs/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

const char *fs_opcode_name(unsigned opcode)
{
	static const char *const names[FS_OPCODES] = {
		[FUSE_LOOKUP] = "LOOKUP",
		[FUSE_FORGET] = "FORGET",
		[FUSE_GETATTR] = "GETATTR",
		[FUSE_SETATTR] = "SETATTR",
		[FUSE_READLINK] = "READLINK",
		[FUSE_SYMLINK] = "SYMLINK",
		[FUSE_MKNOD] = "MKNOD",
		[FUSE_MKDIR] = "MKDIR",
		[FUSE_UNLINK] = "UNLINK",
		[FUSE_RMDIR] = "RMDIR",
		[FUSE_RENAME] = "RENAME",
		[FUSE_LINK] = "LINK",
		[FUSE_OPEN] = "OPEN",
		[FUSE_READ] = "READ",
		[FUSE_WRITE] = "WRITE",
		[FUSE_STATFS] = "STATFS",
		[FUSE_RELEASE] = "RELEASE",
		[FUSE_FSYNC] = "FSYNC",
		[FUSE_SETXATTR] = "SETXATTR",
		[FUSE_GETXATTR] = "GETXATTR",
		[FUSE_LISTXATTR] = "LISTXATTR",
		[FUSE_REMOVEXATTR] = "REMOVEXATTR",
		[FUSE_FLUSH] = "FLUSH",
		[FUSE_INIT] = "INIT",
		[FUSE_OPENDIR] = "OPENDIR",
		[FUSE_READDIR] = "READDIR",
		[FUSE_RELEASEDIR] = "RELEASEDIR",
		[FUSE_ACCESS] = "ACCESS",
		[FUSE_CREATE] = "CREATE",
		[FUSE_INTERRUPT] = "INTERRUPT",
		[FUSE_DESTROY] = "DESTROY",
		[FUSE_IOCTL] = "IOCTL",
		[FUSE_POLL] = "POLL",
		[FUSE_BATCH_FORGET] = "BATCH_FORGET",
		[FUSE_FALLOCATE] = "FALLOCATE",
		[FUSE_READDIRPLUS] = "READDIRPLUS",
		[FUSE_RENAME2] = "RENAME2",
		[FUSE_LSEEK] = "LSEEK",
		[FUSE_COPY_FILE_RANGE] = "COPY_FILE_RANGE",
		[FUSE_SETUPMAPPING] = "SETUPMAPPING",
		[FUSE_REMOVEMAPPING] = "REMOVEMAPPING",
	};

	return opcode < FS_OPCODES ? names[opcode] : NULL;
}

static void on_marked(void *arg, uint64_t mark)
{
	fs_unpin(arg, mark);
}

int fs_session_new(struct fs *fs, const char *options, bool debug, struct w365_err *reterr)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	int r = 0;

	if (fuse_opt_add_arg(&args, "w365fs") < 0 || (debug && fuse_opt_add_arg(&args, "-d") < 0) ||
	    (*options &&
	     (fuse_opt_add_arg(&args, "-o") < 0 || fuse_opt_add_arg(&args, options) < 0)))
		r = w365_err_oom(reterr);
	if (r == 0) {
		fs->se = fuse_session_new(&args, &fs_ops, sizeof(fs_ops), fs);
		if (!fs->se)
			r = w365_err_set(reterr, EINVAL, "libfuse does not take the options '%s'",
					 options);
	}
	fuse_opt_free_args(&args);
	return r;
}

/* Messages pass through our hands on their way: requests are counted, and the answer to INIT is
 * mended. */
static ssize_t io_read(int fd, void *buf, size_t len, void *userdata)
{
	const struct fuse_in_header *in = buf;
	struct fs *fs = userdata;
	ssize_t n = read(fd, buf, len);

	if (n < (ssize_t)sizeof(*in))
		return n;
	if (in->opcode < FS_OPCODES)
		fs->opcodes[in->opcode]++;
	if (in->opcode == FUSE_INIT)
		fs->init_unique = in->unique;
	return n;
}

/*
 * libfuse before 3.16.2 never passes FUSE_PARALLEL_DIROPS on to the kernel (libfuse issue 861).
 * Without it the kernel lets one process at a time look up a name in a directory or read it, and
 * those who wait for their turn cannot be interrupted: one parked request would make every other
 * user of the directory hang.
 */
static ssize_t io_writev(int fd, struct iovec *iov, int count, void *userdata)
{
	const struct fuse_out_header *out = iov[0].iov_base;
	struct fs *fs = userdata;

	if (fs->init_unique && out->unique == fs->init_unique && !out->error && count > 1 &&
	    iov[1].iov_len >= offsetof(struct fuse_init_out, max_background)) {
		if (fs->parallel)
			((struct fuse_init_out *)iov[1].iov_base)->flags |= FUSE_PARALLEL_DIROPS;
		fs->init_unique = 0;
	}
	return writev(fd, iov, count);
}

/* One message an event: the descriptor is watched level-triggered, so that asking for a second one,
 * which mostly is not there, would cost a system call more than waiting does. */
static void on_readable(void *arg, uint32_t events)
{
	struct fs *fs = arg;
	int n = fuse_session_receive_buf(fs->se, &fs->inbox);

	if (n > 0)
		fuse_session_process_buf(fs->se, &fs->inbox);
	if (n == -EAGAIN || n == -EINTR || (n > 0 && !fuse_session_exited(fs->se)))
		return;
	/* The kernel has ended the session: somebody has unmounted. */
	fs->io = graph_io_free(fs->io);
	fs->unmounted = true;
	graph_loop_stop(fs->loop, 0);
}

static int start(struct fs *fs, int fd, struct w365_err *reterr)
{
	static const struct fuse_custom_io io = { .writev = io_writev, .read = io_read };
	int flags = fcntl(fd, F_GETFL), r;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return w365_err_set(reterr, errno, "cannot use the FUSE descriptor: %m");
	r = fuse_session_custom_io(fs->se, &io, fd);
	if (r < 0)
		return w365_err_set(reterr, -r, "libfuse does not take the FUSE descriptor: %s",
				    strerror(-r));
	r = fs_notifier_new(fs->loop, fs->se, on_marked, fs, &fs->notifier, reterr);
	return r < 0 ? r : graph_io_new(fs->loop, fd, EPOLLIN, on_readable, fs, &fs->io, reterr);
}

/* What libfuse says of a failure goes to its log alone. */
static char last_words[256];

static void remember_words(enum fuse_log_level level, const char *fmt, va_list ap)
{
	char line[sizeof(last_words)];

	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	if (level <= FUSE_LOG_ERR)
		memcpy(last_words, line, sizeof(line));
	else
		w365_debug("libfuse: %s", line);
}

int fs_session_mount(struct fs *fs, const char *mountpoint, struct w365_err *reterr)
{
	int r;

	if (access("/dev/fuse", F_OK) < 0)
		return w365_err_set(
			reterr, ENODEV,
			"/dev/fuse is not there: load the kernel's module by 'modprobe fuse'");
	fuse_set_log_func(remember_words);
	last_words[0] = '\0';
	if (fuse_session_mount(fs->se, mountpoint) < 0) {
		bool allowed = access("/dev/fuse", R_OK | W_OK) == 0;

		return w365_err_set(reterr, allowed ? EIO : EACCES, "cannot mount at '%s'%s%s%s",
				    mountpoint,
				    allowed ? "" : ": /dev/fuse may not be used by this user",
				    last_words[0] ? ": " : "", last_words);
	}
	r = start(fs, fuse_session_fd(fs->se), reterr);
	if (r < 0)
		fuse_session_unmount(fs->se);
	return r;
}

int fs_session_attach(struct fs *fs, int fd, struct w365_err *reterr)
{
	return start(fs, fd, reterr);
}

void fs_session_unmount(struct fs *fs)
{
	fs->io = graph_io_free(fs->io);
	if (!fs->unmounted)
		fuse_session_unmount(fs->se);
	fs->unmounted = true;
}

void fs_session_free(struct fs *fs)
{
	if (fs->se)
		fuse_session_destroy(fs->se);
	fs->se = NULL;
	free(fs->inbox.mem);
	fs->inbox = (struct fuse_buf){ 0 };
}
