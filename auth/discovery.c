#include "auth/discovery.h"
#include "auth/aadsts.h"
#include "auth/auth.h"
#include "base/json-read.h"
#include "base/macros.h"

#include <errno.h>
#include <stddef.h>

struct document {
	char *issuer;
};

static const struct w365_json_field fields[] = {
	{ "issuer", W365_JSON_STRING, offsetof(struct document, issuer), W365_JSON_MUST },
	{ NULL, 0, 0, 0 },
};

int auth_discovery_request(const struct auth_config *c, struct w365_request *ret,
			   struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;

	w365_buf_addf(&url, "%s/", c->authority);
	w365_buf_add_url(&url, c->tenant && *c->tenant ? c->tenant : "organizations");
	w365_buf_adds(&url, "/v2.0/.well-known/openid-configuration");
	*ret = (struct w365_request){ .method = "GET", .url = w365_buf_take(&url) };
	return ret->url ? 0 : w365_err_oom(reterr);
}

int auth_discovery_judge(const struct auth_config *c, const struct w365_reply *reply, int64_t wall,
			 struct w365_err *reterr)
{
	struct document doc = { 0 };
	int r;

	if (reply->status != 200) {
		auth_failure_from_reply(reply, c, NULL, wall, reterr);
		return -reterr->num;
	}
	r = w365_json_read(reply->body, reply->len, fields, &doc, NULL);
	w365_json_read_free(fields, &doc);
	if (r < 0)
		return w365_err_set(
			reterr, EPROTO,
			"%s answered, but not as a sign-in service does: check --authority, and whether this "
			"network shows a page of its own first",
			c->authority);
	return 0;
}
