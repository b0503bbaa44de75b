/* tests/fuse/events.h - programs that have .w365fs/events open on a mount that can be written. */
#pragma once

#include "base/macros.h"
#include "tests/lib/check.h"
#include "tests/lib/world.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#define PATH  ".w365fs/events"
#define BLOCK 131072

static inline uint64_t ino_of(struct world *w, uint64_t *ret_size)
{
	struct fuse_entry_out e;
	int r = kernel_walk(w->kernel, PATH, &e);

	if (ret_size)
		*ret_size = e.attr.size;
	return r < 0 ? 0 : e.nodeid;
}

struct open_file {
	struct world *w;
	struct kernel_handle h;
	uint64_t off;
	uint32_t flags;
	char *buf;
	size_t at, n; /* what next_line() has not used yet of it */
	pthread_t thread;
	int got;
};

static inline struct open_file open_file(struct world *w)
{
	struct open_file f = { .w = w, .buf = malloc(BLOCK) };

	CHECK_INT("it is opened", kernel_open(w->kernel, ino_of(w, NULL), O_RDONLY, &f.h), 0);
	CHECK_INT("past the kernel's cache", f.h.open_flags & (FOPEN_DIRECT_IO | FOPEN_KEEP_CACHE),
		  FOPEN_DIRECT_IO);
	return f;
}

static inline void close_file(struct open_file *f)
{
	CHECK_INT("it is closed", kernel_release(f->w->kernel, &f->h), 0);
	free(f->buf);
}

/* As read(2) would have it. */
static inline int read_some(struct open_file *f, uint32_t size)
{
	f->got = kernel_read_open(f->w->kernel, &f->h, f->off, size, f->flags, f->buf);
	if (f->got > 0)
		f->off += (uint64_t)f->got;
	return f->got;
}

static inline void *run_read(void *arg)
{
	read_some(arg, BLOCK - 1);
	return NULL;
}

static inline void begin_read(struct open_file *f)
{
	pthread_create(&f->thread, NULL, run_read, f);
}

static inline int end_read(struct open_file *f)
{
	pthread_join(f->thread, NULL);
	f->buf[MAX(f->got, 0)] = '\0';
	return f->got;
}

/* {"time":"2026-11-22T09:30:15Z", */
#define TIME_LEN 31

/* What the next line says behind its time; "" if there is none at once. */
static inline const char *next_line(struct open_file *f)
{
	static char line[BLOCK];
	size_t n = 0;

	f->flags = O_NONBLOCK;
	for (;;) {
		if (f->at == f->n) {
			read_some(f, BLOCK);
			f->at = 0;
			f->n = (size_t)MAX(f->got, 0);
		}
		if (f->at == f->n || f->buf[f->at] == '\n' || n + 1 == sizeof(line))
			break;
		line[n++] = f->buf[f->at++];
	}
	f->at += f->at < f->n;
	f->flags = 0;
	line[n] = '\0';
	return n > TIME_LEN ? line + TIME_LEN : line;
}

/* All of them. */
static inline void read_all(struct open_file *f)
{
	while (*next_line(f)) {
	}
}
