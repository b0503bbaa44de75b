/* When a request is sent again, and when not. */
#include "base/macros.h"
#include "graph/retry.h"
#include "tests/lib/check.h"

#define WALL 1795339815 /* Sun, 22 Nov 2026 09:30:15 GMT */

static const struct {
	const char *why;
	int status; /* 0: no answer */
	const char *retry_after;
	bool passing, idempotent;
	unsigned tries;
	enum graph_verdict_kind kind;
	int64_t wait; /* exact if it is told; else not looked at */
	bool everybody, told;
} cases[] = {
	{ "an answer", 200, NULL, false, true, 0, GRAPH_VERDICT_DONE, 0, false, false },
	{ "no content is an answer", 204, NULL, false, false, 0, GRAPH_VERDICT_DONE, 0, false,
	  false },
	{ "throttled: as told", 429, "2", false, true, 0, GRAPH_VERDICT_AGAIN, 2000, true, true },
	{ "throttled: a fraction", 429, "2.128", false, true, 0, GRAPH_VERDICT_AGAIN, 2128, true,
	  true },
	{ "throttled: a date", 429, "Sun, 22 Nov 2026 09:30:25 GMT", false, true, 0,
	  GRAPH_VERDICT_AGAIN, 10000, true, true },
	{ "throttled: a date gone by is no leave to ask at once", 429,
	  "Sun, 22 Nov 2026 09:30:05 GMT", false, true, 0, GRAPH_VERDICT_AGAIN, -1, true, false },
	{ "throttled: told, so tries do not count", 429, "1", false, true, 9, GRAPH_VERDICT_AGAIN,
	  1000, true, true },
	{ "throttled: an action was not carried out", 429, "1", false, false, 0,
	  GRAPH_VERDICT_AGAIN, 1000, true, true },
	{ "throttled without a time", 429, NULL, false, true, 0, GRAPH_VERDICT_AGAIN, -1, true,
	  false },
	{ "throttled without a time, too often", 429, NULL, false, true, 3, GRAPH_VERDICT_FAILED,
	  -1, true, false },
	{ "nonsense for a time counts as none", 429, "soon", false, true, 0, GRAPH_VERDICT_AGAIN,
	  -1, true, false },
	{ "unavailable: as told, but others may go", 503, "3", false, true, 0, GRAPH_VERDICT_AGAIN,
	  3000, false, true },
	{ "unavailable, an action", 503, "3", false, false, 0, GRAPH_VERDICT_FAILED, -1, false,
	  true },
	{ "a gateway's time-out", 504, NULL, false, true, 1, GRAPH_VERDICT_AGAIN, -1, false,
	  false },
	{ "a gateway's time-out, too often", 504, NULL, false, true, 3, GRAPH_VERDICT_FAILED, -1,
	  false, false },
	{ "a server error once more", 500, NULL, false, true, 0, GRAPH_VERDICT_AGAIN, -1, false,
	  false },
	{ "a server error not twice more", 500, NULL, false, true, 1, GRAPH_VERDICT_FAILED, -1,
	  false, false },
	{ "a server error, an action", 500, NULL, false, false, 0, GRAPH_VERDICT_FAILED, -1, false,
	  false },
	{ "the token is refused", 401, NULL, false, true, 0, GRAPH_VERDICT_RENEW, -1, false,
	  false },
	{ "forbidden", 403, NULL, false, true, 0, GRAPH_VERDICT_FAILED, -1, false, false },
	{ "gone", 404, NULL, false, true, 0, GRAPH_VERDICT_FAILED, -1, false, false },
	{ "a redirect is no answer", 302, NULL, false, true, 0, GRAPH_VERDICT_FAILED, -1, false,
	  false },
	{ "connection lost", 0, NULL, true, true, 0, GRAPH_VERDICT_AGAIN, -1, false, false },
	{ "connection lost, too often", 0, NULL, true, true, 3, GRAPH_VERDICT_FAILED, -1, false,
	  false },
	{ "connection lost, an action may have been carried out", 0, NULL, true, false, 0,
	  GRAPH_VERDICT_FAILED, -1, false, false },
	{ "a bad certificate stays bad", 0, NULL, false, true, 0, GRAPH_VERDICT_FAILED, -1, false,
	  false },
};

static void test_verdicts(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct w365_reply reply = { .status = cases[i].status,
					    .body = "",
					    .retry_after = cases[i].retry_after };
		struct w365_err err = { .num = 1, .passing = cases[i].passing };
		struct graph_verdict v =
			graph_verdict(cases[i].status ? &reply : NULL, &err, cases[i].idempotent,
				      cases[i].tries, 12345, WALL);

		CHECK_INT(cases[i].why, v.kind, cases[i].kind);
		if (cases[i].wait >= 0 && cases[i].kind == GRAPH_VERDICT_AGAIN)
			CHECK_INT(cases[i].why, (int64_t)v.wait_ms, cases[i].wait);
		CHECK_INT(cases[i].why, v.everybody, cases[i].everybody);
		CHECK_INT(cases[i].why, v.told, cases[i].told);
	}
}

/* Half of the doubled second at least, all of it at most. */
static void test_backoff(void)
{
	struct w365_err err = { .num = 1, .passing = true };

	for (unsigned tries = 0; tries < 3; tries++) {
		uint64_t full = (uint64_t)1000 << tries, low = UINT64_MAX, high = 0;

		for (uint32_t random = 0; random < 70000; random += 7) {
			uint64_t w = graph_verdict(NULL, &err, true, tries, random, WALL).wait_ms;

			low = MIN(low, w);
			high = MAX(high, w);
		}
		CHECK("never shorter than half", low >= full / 2 && low <= full / 2 + 10);
		CHECK("never longer than the whole", high <= full && high >= full - 10);
	}
}

static void test_retry_after(void)
{
	uint64_t ms;

	CHECK("a day is cut to an hour", graph_retry_after("86400", WALL, &ms) && ms == 3600000);
	CHECK("an absurd number does not overflow",
	      graph_retry_after("99999999999999999999999", WALL, &ms) && ms == 3600000);
	CHECK("four digits of fraction", graph_retry_after("0.5009", WALL, &ms) && ms == 500);
	CHECK("a number with a tail is none", !graph_retry_after("2 s", WALL, &ms));
	CHECK("a negative number is none", !graph_retry_after("-1", WALL, &ms));
	CHECK("empty is none", !graph_retry_after("", WALL, &ms));
}

int main(void)
{
	test_verdicts();
	test_backoff();
	test_retry_after();
	return check_summary();
}
