#include "sim/notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static struct sim_note *find(const struct sim_notes *n, const char *kind, const char *id)
{
	size_t len = strlen(kind);

	for (size_t i = 0; i < n->count; i++) {
		const char *key = n->list[i].key;

		if (w365_starts(key, kind) && key[len] == '/' && w365_streq(key + len + 1, id))
			return &n->list[i];
	}
	return NULL;
}

const char *sim_note_get(const struct sim_notes *n, const char *kind, const char *id)
{
	const struct sim_note *note = find(n, kind, id);

	return note ? note->text : NULL;
}

static bool add(struct sim_notes *n, const char *kind, const char *id, char *text)
{
	void *list = reallocarray(n->list, n->count + 1, sizeof(*n->list));
	char *key;

	if (!list)
		return false;
	n->list = list;
	if (asprintf(&key, "%s/%s", kind, id) < 0)
		return false;
	n->list[n->count++] = (struct sim_note){ key, text };
	return true;
}

bool sim_note_set(struct sim_notes *n, const char *kind, const char *id, const char *text)
{
	struct sim_note *note = find(n, kind, id);
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return false;
	if (note) {
		free(note->text);
		note->text = copy;
		if (copy)
			return true;
		free(note->key);
		*note = n->list[--n->count];
		return true;
	}
	if (!copy || add(n, kind, id, copy))
		return true;
	free(copy);
	return false;
}

void sim_notes_done(struct sim_notes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free(n->list[i].key);
		free(n->list[i].text);
	}
	free(n->list);
	*n = (struct sim_notes){ 0 };
}
