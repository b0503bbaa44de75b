/* tests/lib/kernel.h - the kernel's part of FUSE, spoken by a test over a socket pair: no mount, no
 * privileges.
 *
 * It caches nothing, so that every call is a request. Calls block until the answer is there; any
 * number of threads may call. Errors are -errno.
 */
#pragma once

#include <linux/fuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel;

/**
 * *@ret_fd is the daemon's end. @step: what has the daemon, which runs in the caller's thread, go one
 * step further: called while an answer is waited for. NULL: it runs in a thread of its own.
 */
struct kernel *kernel_new(int *ret_fd, void (*step)(void *arg), void *arg);

/** Says INIT; the first thing to do once the daemon answers. */
int kernel_init(struct kernel *k);

/** The flags of its answer. */
uint32_t kernel_flags(const struct kernel *k);
void kernel_free(struct kernel *k);

int kernel_lookup(struct kernel *k, uint64_t parent, const char *name, struct fuse_entry_out *ret);
int kernel_getattr(struct kernel *k, uint64_t ino, struct fuse_attr_out *ret);

/** Bytes read into @buf. @flags: of the open file, O_DIRECT. */
int kernel_read(struct kernel *k, uint64_t ino, uint64_t off, uint32_t size, uint32_t flags,
		char *buf);
int kernel_readlink(struct kernel *k, uint64_t ino, char *buf, size_t size);

/** -ERANGE and the like as getxattr(2); @size 0 asks for the length. @name NULL: lists the names.
 */
int kernel_getxattr(struct kernel *k, uint64_t ino, const char *name, char *buf, uint32_t size);

/** A request without an answer to look at: OPEN, FLUSH, OPENDIR. */
int kernel_simple(struct kernel *k, uint32_t opcode, uint64_t ino, const void *in, size_t size);

/** The same with whatever has to be sent; the answer must have exactly @size bytes. */
struct iovec;
int kernel_call(struct kernel *k, uint32_t opcode, uint64_t ino, const struct iovec *in, int n,
		void *out, size_t size);

/** A request that is not waited for yet. */
struct kernel_call *kernel_begin(struct kernel *k, uint32_t opcode, uint64_t ino, const void *in,
				 size_t size);
int kernel_end(struct kernel *k, struct kernel_call *c);

/* Files: tests/lib/kernel-files.c. */

struct kernel_handle {
	uint64_t ino, fh;
	uint32_t flags;      /* of open(2) */
	uint32_t open_flags; /* FOPEN_...: what the daemon wants of the kernel */
};

int kernel_open(struct kernel *k, uint64_t ino, uint32_t flags, struct kernel_handle *ret);
int kernel_create(struct kernel *k, uint64_t parent, const char *name, uint32_t flags,
		  struct fuse_entry_out *ret_entry, struct kernel_handle *ret);

/** Bytes written. */
int kernel_write(struct kernel *k, const struct kernel_handle *h, const char *text, size_t n,
		 uint64_t off);

/** @h: ftruncate(2); NULL: truncate(2). */
int kernel_truncate(struct kernel *k, uint64_t ino, const struct kernel_handle *h, uint64_t size);

/** What close(2) and fsync(2) send and wait for; kernel_begin_flush() does not wait. */
int kernel_flush(struct kernel *k, const struct kernel_handle *h);
int kernel_fsync(struct kernel *k, const struct kernel_handle *h);
struct kernel_call *kernel_begin_flush(struct kernel *k, const struct kernel_handle *h);
int kernel_release(struct kernel *k, const struct kernel_handle *h);

/** As kernel_read(), of the open file; what it was opened for may have been changed: @flags. */
int kernel_read_open(struct kernel *k, const struct kernel_handle *h, uint64_t off, uint32_t size,
		     uint32_t flags, char *buf);

/** The events of poll(2), or -errno. @wait: and a notification with the number @kh when it is worth
 * asking again. */
int kernel_poll(struct kernel *k, const struct kernel_handle *h, uint64_t kh, bool wait);

/** @flags: of renameat2(2). */
int kernel_rename(struct kernel *k, uint64_t dir, const char *from, const char *to, uint32_t flags);
int kernel_unlink(struct kernel *k, uint64_t dir, const char *name);
int kernel_symlink(struct kernel *k, uint64_t dir, const char *name, const char *target,
		   struct fuse_entry_out *ret);
int kernel_mknod(struct kernel *k, uint64_t dir, const char *name, uint32_t mode,
		 struct fuse_entry_out *ret);
/** It was told of @ino so often, and gives it back. There is no answer: whatever is asked next finds it
 * done. */
void kernel_forget(struct kernel *k, uint64_t ino, uint64_t times);

struct kernel_entry {
	char name[256];
	struct fuse_entry_out entry; /* nodeid 0: the name alone */
};

/**
 * Reads the whole directory by READDIRPLUS in pieces of @size bytes. Returns how many entries ("."
 * and ".." are left out), at most @max into @ret; *@ret_requests (may be NULL) counts the requests.
 */
int kernel_readdir(struct kernel *k, uint64_t ino, uint32_t size, struct kernel_entry *ret, int max,
		   int *ret_requests);

/** Walks a path from the root. */
int kernel_walk(struct kernel *k, const char *path, struct fuse_entry_out *ret);

/** The whole file at @path as a string, the caller's; NULL and *@ret_err if it fails. */
char *kernel_cat(struct kernel *k, const char *path, int *ret_err);

int kernel_ioctl(struct kernel *k, uint64_t ino, uint32_t cmd, void *out, uint32_t out_size);

/** Sends INTERRUPT for every call that waits. */
void kernel_interrupt(struct kernel *k);

/** The number of calls that wait for their answers. */
unsigned kernel_waiting(struct kernel *k);

/** Notifications received: how many of @code (FUSE_NOTIFY_INVAL_INODE, ...) for inode @ino (0:
 * any). */
unsigned kernel_notified(struct kernel *k, int code, uint64_t ino);
void kernel_forget_notifications(struct kernel *k);
