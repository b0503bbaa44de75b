/* sim/notes.h - what actions leave behind that no property tells: asked for by functions alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sim_note {
	char *key;  /* "review/ID"; owned */
	char *text; /* JSON; owned */
};

struct sim_notes {
	struct sim_note *list;
	size_t count;
};

/** NULL if there is none. */
const char *sim_note_get(const struct sim_notes *n, const char *kind, const char *id);

/** Replaces it (@text is copied); NULL removes it. False if there is no memory. */
bool sim_note_set(struct sim_notes *n, const char *kind, const char *id, const char *text);

void sim_notes_done(struct sim_notes *n);
