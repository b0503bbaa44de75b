/* sim/words.h - a list of words with spaces between, as scopes are written. */
#pragma once

#include <stdbool.h>
#include <string.h>

/** Is @word one of them? Exactly. */
static inline bool sim_has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; n && (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}
