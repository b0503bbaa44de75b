/* sim/form.h - "a=b&c=d": token requests, queries, the hooks' parameters. Read strictly. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct sim_pair {
	const char *name, *value; /* decoded */
};

/** Zero-initialised is empty. The pairs live in @text. */
struct sim_form {
	struct sim_pair *pairs;
	size_t count;
	char *text;
};

/**
 * Reads @text. A '+' is a space. An empty text has no pairs.
 *
 * Errors: -EINVAL with the position of what is wrong: a pair without '=' or without a name, a bad
 * percent code, a NUL, the same name twice; -ENOMEM.
 */
int sim_form_parse(struct w365_span text, struct sim_form *ret, struct w365_err *reterr);

void sim_form_done(struct sim_form *f);

/** The value, or NULL if there is no such name. */
const char *sim_form_get(const struct sim_form *f, const char *name);

/** Percent-decodes in place; the result is terminated. NULL, or what is wrong at *@ret_at (bytes
 * from @s). */
const char *sim_percent_decode(char *s, size_t len, bool plus, size_t *ret_at);
