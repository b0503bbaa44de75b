/* What a sign-in service, a Graph or a proxy may answer: token replies, failures, headers, tokens.
 */
#include "auth/aadsts.h"
#include "auth/auth.h"
#include "auth/challenge.h"
#include "auth/claims.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/url.h"
#include "graph/errors.h"
#include "graph/retry.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct auth_config config = {
	.grant = "client-secret",
	.resource = "https://graph.example",
	.person = true,
	.authority = "https://login.example",
	.tenant = "contoso.com",
	.client_id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
	.scope = "s",
	.client_secret = "x",
};

/* The same answer to every step that is taken. */
static void feed(const char *grant, const struct w365_reply *reply)
{
	struct auth_clock now = { .ms = 1000, .wall = 1795339815 };
	struct auth_todo todo;
	struct auth *a = NULL;
	struct w365_err err;

	config.grant = grant;
	if (auth_new(&config, &now, &a, &err) < 0)
		return;
	for (unsigned i = 0; i < 3; i++) {
		switch (auth_step(a, &now, &todo, &err)) {
		case AUTH_SEND:
			w365_request_done(&todo.request);
			auth_feed(a, &now, reply, NULL);
			break;
		case AUTH_RUN:
			auth_ran(a, &now,
				 &(struct auth_ran){ .status = reply->status == 200 ? 0 : 1,
						     .out = reply->body,
						     .err = reply->body });
			break;
		case AUTH_LISTEN:
			auth_listening(a, &now, 7071, NULL);
			auth_arrived(a, &now, reply->body);
			break;
		}
		now.ms += 60000;
	}
	auth_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const grants[] = { "client-secret", "device-code", "browser",
					      "managed-identity", "azure-cli" };
	static const int statuses[] = { 200, 400, 401, 403, 404, 429, 500, 503 };
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF, claims_json = W365_BUF;
	struct auth_claims claims = { 0 };
	struct w365_origin origin;
	struct w365_err err;
	uint64_t ms;

	if (!size)
		return 0;
	w365_buf_add(&b, data + 1, size - 1);

	struct w365_reply reply = { .status = statuses[data[0] % ARRAY_SIZE(statuses)],
				    .body = w365_buf_str(&b),
				    .len = b.len,
				    .www_authenticate = w365_buf_str(&b),
				    .retry_after = w365_buf_str(&b),
				    .date = w365_buf_str(&b) };

	for (size_t i = 0; i < ARRAY_SIZE(grants); i++)
		feed(grants[i], &reply);
	auth_challenge_read(w365_buf_str(&b), &claims_json);
	graph_err_from_reply(&err, &reply, &(struct graph_permission){ "CloudPC.Read.All", NULL },
			     true);
	auth_failure_from_reply(&reply, &config, NULL, 1795339815, &err);
	if (auth_claims_read(w365_buf_str(&b), &claims))
		auth_claims_have(&claims, "CloudPC.Read.All");
	auth_claims_done(&claims);
	graph_retry_after(w365_buf_str(&b), 1795339815, &ms);
	w365_origin_parse(w365_buf_str(&b), &origin, NULL, &err);
	return 0;
}
