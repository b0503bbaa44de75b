#include "graph/retry.h"
#include "base/macros.h"
#include "base/str.h"

#include <curl/curl.h>

#define TRIES          4 /* sendings of one request that fails without a time named */
#define SERVER_ERRORS  2 /* of those that a plain 500 may have */
#define BACKOFF_MS     1000
#define BACKOFF_MAX_MS 60000
#define TOLD_MAX_MS    3600000

bool graph_retry_after(const char *value, time_t wall, uint64_t *ret_ms)
{
	uint64_t ms = 0, unit = 100;
	const char *p = value;
	time_t at;

	if (!w365_is_digit(*p)) {
		at = curl_getdate(value, NULL);
		if (at < 0)
			return false;
		*ret_ms = at > wall ? MIN((uint64_t)(at - wall) * 1000, TOLD_MAX_MS) : 0;
		return true;
	}
	for (; w365_is_digit(*p); p++)
		ms = MIN(ms * 10 + (uint64_t)(*p - '0') * 1000, (uint64_t)10 * TOLD_MAX_MS);
	if (*p == '.')
		for (p++; w365_is_digit(*p); p++, unit /= 10)
			ms += (uint64_t)(*p - '0') * unit;
	if (*p)
		return false;
	*ret_ms = MIN(ms, TOLD_MAX_MS);
	return true;
}

/* Longer each time, and nobody at the same moment as everybody else. */
static uint64_t backoff(unsigned tries, uint32_t random)
{
	uint64_t wait = MIN((uint64_t)BACKOFF_MS << MIN(tries, 10), BACKOFF_MAX_MS);

	return wait / 2 + random % (wait / 2 + 1);
}

struct graph_verdict graph_verdict(const struct w365_reply *reply, const struct w365_err *err,
				   bool idempotent, unsigned tries, uint32_t random, time_t wall)
{
	struct graph_verdict v = { .kind = GRAPH_VERDICT_AGAIN, .wait_ms = backoff(tries, random) };
	unsigned allowed = TRIES;
	uint64_t told_ms = 0;

	if (!reply) {
		if (!idempotent || !err->passing || tries + 1 >= TRIES)
			v.kind = GRAPH_VERDICT_FAILED;
		return v;
	}
	if (reply->status >= 200 && reply->status < 300) {
		v.kind = GRAPH_VERDICT_DONE;
		return v;
	}
	switch (reply->status) {
	case 401: v.kind = GRAPH_VERDICT_RENEW; return v;
	case 429:
	case 509:
		/* Refused before it was looked at: even an action may be sent again. */
		v.everybody = true;
		idempotent = true;
		break;
	case 500: allowed = SERVER_ERRORS; break;
	case 408:
	case 425:
	case 502:
	case 503:
	case 504: break;
	default: v.kind = GRAPH_VERDICT_FAILED; return v;
	}
	/* "At once" is no answer: that would be a loop without a pause. */
	if (reply->retry_after && graph_retry_after(reply->retry_after, wall, &told_ms) &&
	    told_ms) {
		v.wait_ms = told_ms;
		v.told = true;
	} else if (tries + 1 >= allowed)
		v.kind = GRAPH_VERDICT_FAILED;
	if (!idempotent)
		v.kind = GRAPH_VERDICT_FAILED;
	return v;
}
