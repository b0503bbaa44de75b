/* base/macros.h - small things that C leaves out: cleanup at the end of a scope, giving a pointer
 * away. */
#pragma once

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

/** The struct of @type that holds the member at @ptr. */
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

/** Runs @fn on the variable when it leaves its scope. @fn takes a pointer to the variable. */
#define _cleanup_(fn) __attribute__((cleanup(fn)))

/** The pointer's value, and the pointer is NULL afterwards: ownership moves to the caller. */
#define TAKE_PTR(p)                       \
	({                                \
		__auto_type _taken = (p); \
		(p) = NULL;               \
		_taken;                   \
	})

/** The same for a file descriptor. */
#define TAKE_FD(fd)                \
	({                         \
		int _taken = (fd); \
		(fd) = -1;         \
		_taken;            \
	})

/** Defines fn##p(), the cleanup form of a function that frees a pointer of @type. */
#define W365_DEFINE_CLEANUP(type, fn)     \
	static inline void fn##p(type *p) \
	{                                 \
		if (*p)                   \
			fn(*p);           \
	}

static inline void w365_freep(void *p)
{
	free(*(void **)p);
}

static inline void w365_closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void w365_fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}
