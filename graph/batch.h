/* graph/batch.h - many POSTs, each of which acts: sent in batches, each exactly once.
 *
 * What the service refused unseen (429) is sent again when it wants to be asked again, alone or with
 * others; of what may have been carried out nothing is sent twice, whatever became of the answer.
 * One post goes out as it is, several as $batch.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/http.h"
#include "graph/batch-wire.h"

struct graph_client;
struct graph_loop;
struct graph_batch; /* opaque; graph/batch.c */

/** What became of one post. */
enum graph_fate {
	GRAPH_FATE_ACCEPTED, /* an answer of the 200 family */
	GRAPH_FATE_REFUSED,  /* the service said no: nothing was done */
	GRAPH_FATE_UNKNOWN,  /* it may have been done: look before it is repeated */
	GRAPH_FATE_UNSENT,   /* it never left: interrupted, or the trouble of another one */
};

/** Borrowed until the callback returns. */
struct graph_result {
	enum graph_fate fate;
	const struct w365_err *err;     /* why; NULL if it was accepted */
	const struct w365_reply *reply; /* the answer; NULL if it was not accepted */
	const char *request_id;         /* the service's, for a support case; "" if none is known */
};

struct graph_batch_hooks {
	/**
	 * These are about to leave, for the first time: the place to write down that they may have. An
	 * error keeps them, and all others that wait, from being sent. NULL is fine. May not cancel.
	 */
	int (*leaving)(void *arg, const unsigned *posts, unsigned n, struct w365_err *reterr);
	/** Post @i has come to its end. Not from within graph_batch_new(). May cancel, not free. */
	void (*result)(void *arg, unsigned i, const struct graph_result *result);
	/** All have. May free. */
	void (*done)(void *arg);
	void *arg;
};

struct graph_batch_config {
	uint64_t deadline_ms; /* of one post, from its first sending: throttling included */
};

/**
 * Sends @posts, in this order as far as batches have one; @posts, what they point to, and @config
 * are borrowed until the end.
 *
 * The trouble that all others would meet as well (no network, no sign-in, throttled for longer than
 * the deadline) ends the whole: what was not sent is told so.
 * Errors: -ENOMEM.
 */
int graph_batch_new(struct graph_loop *loop, struct graph_client *client,
		    const struct graph_batch_config *config, const struct graph_post *posts,
		    unsigned n, const struct graph_batch_hooks *hooks, struct graph_batch **ret,
		    struct w365_err *reterr);

/**
 * Nothing more is sent. What was not comes to its end here and now, with EINTR; what is on the wire
 * when its answer has come.
 */
void graph_batch_cancel(struct graph_batch *b);

/** After graph_batch_cancel(): what is on the wire is not waited for. It comes to its end here and now,
 * as unknown. */
void graph_batch_lost(struct graph_batch *b);

/** Drops it at once, without calling back: what is on the wire may be carried out. NULL is fine.
 * Returns NULL. */
struct graph_batch *graph_batch_free(struct graph_batch *b);
