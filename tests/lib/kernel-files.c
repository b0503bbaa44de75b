/* Files that are written, as the kernel asks for them. */
#include "tests/lib/kernel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>

static struct iovec text(const char *s)
{
	return (struct iovec){ (char *)s, strlen(s) + 1 };
}

int kernel_open(struct kernel *k, uint64_t ino, uint32_t flags, struct kernel_handle *ret)
{
	struct fuse_open_in in = { .flags = flags };
	struct fuse_open_out out;
	int r = kernel_call(k, FUSE_OPEN, ino, &(struct iovec){ &in, sizeof(in) }, 1, &out,
			    sizeof(out));

	if (r == 0)
		*ret = (struct kernel_handle){
			.ino = ino, .fh = out.fh, .flags = flags, .open_flags = out.open_flags
		};
	return r;
}

int kernel_create(struct kernel *k, uint64_t parent, const char *name, uint32_t flags,
		  struct fuse_entry_out *ret_entry, struct kernel_handle *ret)
{
	struct fuse_create_in in = { .flags = flags | O_CREAT, .mode = 0100600 };
	struct {
		struct fuse_entry_out entry;
		struct fuse_open_out open;
	} out;
	struct iovec iov[] = { { &in, sizeof(in) }, text(name) };
	int r = kernel_call(k, FUSE_CREATE, parent, iov, 2, &out, sizeof(out));

	if (r == 0) {
		*ret_entry = out.entry;
		*ret = (struct kernel_handle){ .ino = out.entry.nodeid,
					       .fh = out.open.fh,
					       .flags = flags,
					       .open_flags = out.open.open_flags };
	}
	return r;
}

int kernel_write(struct kernel *k, const struct kernel_handle *h, const char *bytes, size_t n,
		 uint64_t off)
{
	struct fuse_write_in in = {
		.fh = h->fh, .offset = off, .size = (uint32_t)n, .flags = h->flags
	};
	struct fuse_write_out out;
	struct iovec iov[] = { { &in, sizeof(in) }, { (char *)bytes, n } };
	int r = kernel_call(k, FUSE_WRITE, h->ino, iov, 2, &out, sizeof(out));

	return r < 0 ? r : (int)out.size;
}

int kernel_truncate(struct kernel *k, uint64_t ino, const struct kernel_handle *h, uint64_t size)
{
	struct fuse_setattr_in in = { .valid = FATTR_SIZE | (h ? FATTR_FH : 0),
				      .fh = h ? h->fh : 0,
				      .size = size };
	struct fuse_attr_out out;

	return kernel_call(k, FUSE_SETATTR, ino, &(struct iovec){ &in, sizeof(in) }, 1, &out,
			   sizeof(out));
}

struct kernel_call *kernel_begin_flush(struct kernel *k, const struct kernel_handle *h)
{
	struct fuse_flush_in in = { .fh = h->fh };

	return kernel_begin(k, FUSE_FLUSH, h->ino, &in, sizeof(in));
}

int kernel_flush(struct kernel *k, const struct kernel_handle *h)
{
	return kernel_end(k, kernel_begin_flush(k, h));
}

int kernel_fsync(struct kernel *k, const struct kernel_handle *h)
{
	struct fuse_fsync_in in = { .fh = h->fh };

	return kernel_simple(k, FUSE_FSYNC, h->ino, &in, sizeof(in));
}

int kernel_release(struct kernel *k, const struct kernel_handle *h)
{
	struct fuse_release_in in = { .fh = h->fh, .flags = h->flags };

	return kernel_simple(k, FUSE_RELEASE, h->ino, &in, sizeof(in));
}

int kernel_poll(struct kernel *k, const struct kernel_handle *h, uint64_t kh, bool wait)
{
	struct fuse_poll_in in = { .fh = h->fh,
				   .kh = kh,
				   .flags = wait ? FUSE_POLL_SCHEDULE_NOTIFY : 0 };
	struct fuse_poll_out out;
	int r = kernel_call(k, FUSE_POLL, h->ino, &(struct iovec){ &in, sizeof(in) }, 1, &out,
			    sizeof(out));

	return r < 0 ? r : (int)out.revents;
}

int kernel_rename(struct kernel *k, uint64_t dir, const char *from, const char *to, uint32_t flags)
{
	struct fuse_rename2_in in = { .newdir = dir, .flags = flags };
	struct iovec iov[] = { { &in, sizeof(in) }, text(from), text(to) };

	return kernel_call(k, FUSE_RENAME2, dir, iov, 3, NULL, 0);
}

int kernel_unlink(struct kernel *k, uint64_t dir, const char *name)
{
	return kernel_simple(k, FUSE_UNLINK, dir, name, strlen(name) + 1);
}

int kernel_symlink(struct kernel *k, uint64_t dir, const char *name, const char *target,
		   struct fuse_entry_out *ret)
{
	struct iovec iov[] = { text(name), text(target) };

	return kernel_call(k, FUSE_SYMLINK, dir, iov, 2, ret, sizeof(*ret));
}

int kernel_mknod(struct kernel *k, uint64_t dir, const char *name, uint32_t mode,
		 struct fuse_entry_out *ret)
{
	struct fuse_mknod_in in = { .mode = mode };
	struct iovec iov[] = { { &in, sizeof(in) }, text(name) };

	return kernel_call(k, FUSE_MKNOD, dir, iov, 2, ret, sizeof(*ret));
}
