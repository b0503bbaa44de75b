/* graph/command-parts.h - between the files that read one line of a control file, and nobody else. */
#pragma once

#include "graph/command.h"
#include "graph/words.h"

#define GRAPH_GIVEN_MAX 64

/** A member of the request, as the line gives it. */
struct graph_given {
	struct w365_buf key, value;
	const char *at; /* where in the line its value, or the whole of it, begins */
	bool json;      /* the value is JSON text; else it is a word */
};

struct graph_reading {
	const struct graph_command_reader *r;
	const struct graph_action *a;
	struct graph_words words;
	struct graph_given given[GRAPH_GIVEN_MAX];
	unsigned n_given;
	struct graph_command *c;
	struct w365_err *err;
};

#define GRAPH_QUOTE_MAX 88

/** A sentence, with the verb and the column of @at before it. Returns -@num. */
int graph_command_fail(struct graph_reading *rd, int num, const char *at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/** A piece of the line in quotes, if it may be shown. Returns @out. */
const char *graph_command_quote(const struct graph_reading *rd, const char *s, size_t len,
				char out[GRAPH_QUOTE_MAX]);

/** The parameter of that name, or the property of a new item of type @t; NULL if there is none that
 * may be given. */
const struct graph_property *graph_command_parameter(const struct graph_reading *rd,
						     const struct graph_type *t,
						     struct w365_span key);

/** Checks what is given, and writes the body. 1, or -EINVAL, -ENOMEM. */
int graph_command_check(struct graph_reading *rd);
