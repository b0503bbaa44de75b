/* graph/retry.h - whether a request that failed is sent again, and when. Pure: tested by a table.
 *
 * Source: https://learn.microsoft.com/graph/throttling
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/err.h"
#include "base/http.h"

enum graph_verdict_kind {
	GRAPH_VERDICT_DONE,   /* an answer to hand on */
	GRAPH_VERDICT_FAILED, /* hand on the failure */
	GRAPH_VERDICT_AGAIN,  /* send it again after @wait_ms */
	GRAPH_VERDICT_RENEW,  /* the token is refused: send it again with a new one */
};

struct graph_verdict {
	enum graph_verdict_kind kind;
	uint64_t wait_ms;
	bool everybody; /* the service wants nobody of this tenant to ask before then */
	bool told;      /* the service named the time: tries do not count */
};

/**
 * @reply: what came, or NULL and @err says why nothing did.
 * @idempotent: sending it twice does no harm: a GET. Only such a request is ever sent again after
 * it may have been carried out.
 * @tries: how often it was sent before this time (0: never).
 * @random: any number, for the jitter.
 * @wall: seconds since 1970, for a Retry-After that is a date.
 */
struct graph_verdict graph_verdict(const struct w365_reply *reply, const struct w365_err *err,
				   bool idempotent, unsigned tries, uint32_t random, time_t wall);

/**
 * Milliseconds of a Retry-After: seconds ("2", "2.128") or an HTTP date. False if it is neither. A
 * date in the past is 0. Bounded to an hour.
 */
bool graph_retry_after(const char *value, time_t wall, uint64_t *ret_ms);
