/* Graph's failures as errno and sentence. */
#include "base/macros.h"
#include "graph/errors.h"
#include "tests/lib/check.h"

#include <errno.h>

#define GRAPH(code, message) "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"}}"

static const struct {
	const char *why;
	int http;
	const char *body;
	int num;
	const char *code, *part; /* of the sentence */
} cases[] = {
	{ "gone", 404, GRAPH("itemNotFound", "no such item"), ENOENT, "itemNotFound",
	  "no such item" },
	{ "gone, no body", 404, "", ENOENT, "", "404" },
	{ "not JSON", 502, "<html>Bad Gateway</html>", EIO, "", "not well" },
	{ "cut short", 403, "{\"error\":{\"code\":\"acc", EACCES, "", "CloudPC.Read.All" },
	{ "forbidden names the permission", 403, GRAPH("Forbidden", "x"), EACCES, "Forbidden",
	  "needed is the permission CloudPC.Read.All" },
	{ "unauthorized", 401, GRAPH("InvalidAuthenticationToken", "expired"), EACCES,
	  "InvalidAuthenticationToken", "sign-in" },
	{ "bad request", 400, GRAPH("BadRequest", "Could not find a property"), EINVAL,
	  "BadRequest", "Could not find" },
	{ "conflict", 409, "{}", EBUSY, "", "busy" },
	{ "locked", 423, "{}", EBUSY, "", "busy" },
	{ "throttled", 429, GRAPH("TooManyRequests", "slow"), EAGAIN, "TooManyRequests",
	  "limits requests" },
	{ "not there in this cloud", 405, "{}", EOPNOTSUPP, "", "not available" },
	{ "not implemented", 501, "{}", EOPNOTSUPP, "", "not available" },
	{ "server error", 500, "{}", EIO, "", "not well" },
	{ "time-out", 504, "{}", ETIMEDOUT, "", "not well" },
	{ "activity limit", 520, GRAPH("activityLimitReached", "x"), EBUSY, "activityLimitReached",
	  "x" },
	{ "an error that is no object", 400, "{\"error\":\"nope\"}", EINVAL, "", "refused" },
	{ "a code that is no string", 400, "{\"error\":{\"code\":7}}", EINVAL, "", "refused" },
	{ "JSON inside the message", 400,
	  "{\"error\":{\"code\":\"x\",\"message\":\"{\\\"Message\\\":\\\"the inner one\\\"}\"}}",
	  EINVAL, "x", "the inner one" },
	{ "request id inside", 400,
	  "{\"error\":{\"code\":\"x\",\"message\":\"m\",\"innerError\":{\"request-id\":\"abc-1\"}}}",
	  EINVAL, "x", "request-id abc-1" },
	{ "request id in the other spelling", 400,
	  "{\"error\":{\"code\":\"x\",\"innererror\":{\"request-id\":\"abc-2\"}}}", EINVAL, "x",
	  "request-id abc-2" },
	{ "line breaks become spaces", 400, GRAPH("x", "a\\r\\nb"), EINVAL, "x", "a  b" },
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct w365_reply reply = { .status = cases[i].http,
					    .body = cases[i].body,
					    .len = strlen(cases[i].body) };
		struct w365_err e = { 0 };
		int r = graph_err_from_reply(
			&e, &reply,
			&(struct graph_permission){ "CloudPC.Read.All", "CloudPC.Read.All" },
			false);

		CHECK_INT(cases[i].why, e.num, cases[i].num);
		CHECK_INT(cases[i].why, r, -cases[i].num);
		CHECK_INT(cases[i].why, e.http, cases[i].http);
		CHECK_STR(cases[i].why, e.code, cases[i].code);
		if (!CHECK(cases[i].why, strstr(e.msg, cases[i].part)))
			check_show("sentence", e.msg);
	}
	return check_summary();
}
