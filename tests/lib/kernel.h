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

/** *@ret_fd is the daemon's end. */
struct kernel *kernel_new(int *ret_fd);

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
