/* graph/words.h - a line taken apart into words, as a shell does it. Pure.
 *
 * '…' is as it stands; in "…" a backslash takes the next of " \ $ ` as it stands; outside of quotes
 * it takes any. Words are separated by blanks and tabs; a # that begins a word begins a comment.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct graph_words {
	const char *line, *p, *end; /* *end is NUL */
	bool secret;                /* nothing of the line is to be quoted */
};

struct graph_word {
	struct w365_buf text; /* without the quotes */
	const char *at;       /* where in the line it begins */
	const char *value;    /* of a pair KEY=VALUE: where in the line the value begins */
	size_t key_len;       /* the text's first so many bytes, and then a '='; 0: it is no pair */
	bool json;            /* the value is JSON, as it stands in the line */
};

/** Whether the value of @key, which begins with [ or { and no quote before it, is JSON. Then quotes
 * are the JSON's, and blanks do not end it. */
typedef bool graph_word_json_fn(void *arg, struct w365_span key);

/**
 * The next word. @pairs: a '=' outside of quotes makes it a pair; else it is part of the word.
 *
 * Owner:   ret->text is the caller's, to be used again for the next one. Make it secret where the
 *          line may hold a password.
 * Returns: 1, or 0 at the end or a comment. Errors: -EINVAL, with the column: a quote without its
 *          end, JSON that is none; -ENOMEM.
 */
int graph_words_next(struct graph_words *w, bool pairs, graph_word_json_fn *is_json, void *arg,
		     struct graph_word *ret, struct w365_err *reterr);

/** The column of @at, from 1, in characters. */
unsigned graph_words_column(const struct graph_words *w, const char *at);
