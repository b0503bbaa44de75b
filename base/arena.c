#include "base/arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* The first chunk is small, since most arenas are. Those that grow beyond it hold hundreds of
 * megabytes sometimes: their chunks are as large as a huge page, which one page fault fills instead
 * of 512. */
#define FIRST_CHUNK ((size_t)256 << 10)
#define CHUNK       ((size_t)2 << 20)

struct w365_arena_chunk {
	struct w365_arena_chunk *next;
	size_t size, used;
};

static size_t align_up(size_t n, size_t align)
{
	return (n + align - 1) & ~(align - 1);
}

static struct w365_arena_chunk *new_chunk(struct w365_arena *a, size_t n)
{
	size_t size = a->chunks ? CHUNK : FIRST_CHUNK;
	struct w365_arena_chunk *c;

	if (n > SIZE_MAX / 4)
		return NULL;
	if (n + sizeof(*c) > size)
		size = align_up(n + sizeof(*c), 4096);
	c = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		return NULL;
	if (size == CHUNK)
		madvise(c, size, MADV_HUGEPAGE);
	c->size = size;
	c->used = sizeof(*c);
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

char *w365_arena_reserve(struct w365_arena *a, size_t n)
{
	struct w365_arena_chunk *c = a->chunks;

	if (!c || n > c->size - c->used)
		c = new_chunk(a, n);
	return c ? (char *)c + c->used : NULL;
}

void w365_arena_commit(struct w365_arena *a, size_t used)
{
	a->chunks->used += used;
}

void *w365_arena_alloc(struct w365_arena *a, size_t n, size_t align)
{
	char *p = w365_arena_reserve(a, n + align), *at;

	if (!p)
		return NULL;
	at = (char *)align_up((uintptr_t)p, align);
	w365_arena_commit(a, (size_t)(at - p) + n);
	return at;
}

char *w365_arena_dup(struct w365_arena *a, const void *p, size_t n)
{
	char *s = w365_arena_alloc(a, n + 1, 1);

	if (s) {
		if (n)
			memcpy(s, p, n);
		s[n] = '\0';
	}
	return s;
}

void w365_arena_done(struct w365_arena *a)
{
	while (a->chunks) {
		struct w365_arena_chunk *next = a->chunks->next;

		munmap(a->chunks, a->chunks->size);
		a->chunks = next;
	}
}
