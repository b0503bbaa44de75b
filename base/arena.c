#include "base/arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* Large enough that 100,000 texts need a few hundred mappings, small enough that the last one's
 * unused end (never touched, so never resident) does not matter. */
#define CHUNK ((size_t)1 << 20)

struct w365_arena_chunk {
	struct w365_arena_chunk *next;
	size_t size, used;
};

void *w365_arena_alloc(struct w365_arena *a, size_t n, size_t align)
{
	struct w365_arena_chunk *c = a->chunks;
	size_t at = c ? (c->used + align - 1) & ~(align - 1) : 0;

	if (!c || at > c->size || n > c->size - at) {
		size_t size = CHUNK;

		if (n > SIZE_MAX / 4)
			return NULL;
		if (n + sizeof(*c) + align > size)
			size = (n + sizeof(*c) + align + 0xfff) & ~(size_t)0xfff;
		c = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (c == MAP_FAILED)
			return NULL;
		c->size = size;
		c->used = sizeof(*c);
		/* A piece with a chunk of its own goes behind the head, which still has room. */
		if (size > CHUNK && a->chunks) {
			c->next = a->chunks->next;
			a->chunks->next = c;
		} else {
			c->next = a->chunks;
			a->chunks = c;
		}
		at = (c->used + align - 1) & ~(align - 1);
	}
	c->used = at + n;
	a->bytes += n;
	return (char *)c + at;
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
	a->bytes = 0;
}
