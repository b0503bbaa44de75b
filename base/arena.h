/* base/arena.h - memory that is filled piece by piece and given back all at once. */
#pragma once

#include <stddef.h>

/**
 * Chunks come from mmap() and go back by munmap(): a snapshot that was replaced leaves no hole in
 * the heap, and pages never written to cost nothing. Zero-initialised is empty.
 */
struct w365_arena {
	struct w365_arena_chunk *chunks; /* the newest first: that is where there is room */
};

/** @align is a power of two. NULL if there is no memory. Lives until w365_arena_done(). */
void *w365_arena_alloc(struct w365_arena *a, size_t n, size_t align);

/** A copy of @n bytes with a NUL behind it. */
char *w365_arena_dup(struct w365_arena *a, const void *p, size_t n);

/**
 * Room for at most @n bytes, of which w365_arena_commit() then keeps as many as were written.
 * Nothing else may be asked of the arena in between. NULL if there is no memory.
 */
char *w365_arena_reserve(struct w365_arena *a, size_t n);
void w365_arena_commit(struct w365_arena *a, size_t used);

void w365_arena_done(struct w365_arena *a);
