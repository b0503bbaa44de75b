/* graph/batch-wire.h - JSON batching: up to twenty requests in the body of one. Pure.
 *
 * Source: https://learn.microsoft.com/graph/json-batching
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define GRAPH_BATCH_MAX 20

/** One POST. */
struct graph_post {
	const char *path;   /* below the version */
	const char *body;   /* JSON; NULL or "": none */
	const char *target; /* posts of one target are sent one after the other; NULL: of none */
	const struct graph_permission *permission; /* for sentences; may be NULL */
	bool secret;                               /* the body holds a password */
};

/** Appends the body of the batch; their ids are "1" and so on, in this order. */
void graph_batch_write(struct w365_buf *out, const struct graph_post *const *posts, unsigned n);

/** The answer to one of them. */
struct graph_batch_answer {
	int status;                              /* 0: the batch's answer does not have it */
	struct w365_buf body;                    /* JSON, or what else came; may be empty */
	struct w365_buf retry_after, request_id; /* headers; empty: not there */
};

/**
 * Reads the batch's answer: @ret has room for @n, in the order of the posts, zeroed.
 *
 * Owner:  graph_batch_answers_done(), also after an error.
 * Errors: -EPROTO if it is no answer to a batch; -ENOMEM.
 */
int graph_batch_read(const char *text, size_t len, struct graph_batch_answer *ret, unsigned n,
		     struct w365_err *reterr);

void graph_batch_answers_done(struct graph_batch_answer *a, unsigned n);
