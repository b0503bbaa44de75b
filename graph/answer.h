/* graph/answer.h - what the service answers to a question, as a file shows it: the array of a
 * collection, an object, a value alone; of a report its rows, as JSON or as CSV. All pages. Or the file
 * that an item leads to, as it is.
 */
#pragma once

#include "graph/client.h"
#include "graph/question.h"

struct graph_loop;
struct graph_answer; /* opaque; graph/answer.c */

/** Exactly one of @text (which the callee may take) and @err is set. The answer may be freed here. */
typedef void graph_answer_fn(void *arg, struct w365_buf *text, const struct w365_err *err);

/**
 * Asks. Never calls back before it returns; calls back once.
 *
 * A report is a POST that only reads: it is not sent again when its answer was lost, like any POST,
 * and nothing is lost by that.
 *
 * @question, @asked: borrowed as long as the answer lives. @id: of the item, or NULL.
 * Errors:  -ENOMEM, -EPROTO.
 */
int graph_answer_new(struct graph_loop *loop, struct graph_client *client,
		     enum graph_version version, const struct graph_question *question,
		     const struct graph_asked *asked, const char *id, graph_answer_fn *fn,
		     void *arg, struct graph_answer **ret, struct w365_err *reterr);

/** It will not call back. NULL is fine. Returns NULL. */
struct graph_answer *graph_answer_free(struct graph_answer *a);
