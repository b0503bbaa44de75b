#include "fs/refusal.h"
#include "base/macros.h"

#include <string.h>

#define MANY 256

struct fs_refusal {
	struct fs_refusal *next; /* an older one */
	uint64_t ino;
	char *sentence;
};

static void free_refusal(struct fs_refusal **at)
{
	struct fs_refusal *r = *at;

	*at = r->next;
	free(r->sentence);
	free(r);
}

void fs_refusal_note(struct fs *fs, uint64_t ino, const struct w365_err *err)
{
	struct fs_refusal **at = &fs->refusals, *r;
	unsigned n = 0;

	while (*at) {
		if ((*at)->ino == ino || ++n == MANY)
			free_refusal(at);
		else
			at = &(*at)->next;
	}
	if (!err)
		return;
	r = malloc(sizeof(*r));
	if (!r)
		return;
	*r = (struct fs_refusal){ .next = fs->refusals, .ino = ino, .sentence = strdup(err->msg) };
	fs->refusals = r;
}

const char *fs_refusal_of(const struct fs *fs, uint64_t ino)
{
	for (const struct fs_refusal *r = fs->refusals; r; r = r->next)
		if (r->ino == ino)
			return r->sentence;
	return NULL;
}

void fs_refusals_done(struct fs *fs)
{
	while (fs->refusals)
		free_refusal(&fs->refusals);
}
