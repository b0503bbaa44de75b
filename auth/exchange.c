/* What most grants have in common: the form for the token endpoint, and what its answer means. */
#include "auth/aadsts.h"
#include "auth/grant.h"
#include "base/macros.h"

#define DEFAULT_LIFE_S 300 /* the reply should say; this is for one that does not */

void auth_form_begin(const struct auth_context *x, struct w365_request *req)
{
	*req = (struct w365_request){ .method = "POST",
				      .url = strdup(x->token_url),
				      .content_type = "application/x-www-form-urlencoded",
				      .body = W365_BUF_SECRET };
	w365_buf_adds(&req->body, "client_id=");
	w365_buf_add_url(&req->body, x->config->client_id);
	w365_buf_adds(&req->body, "&scope=");
	w365_buf_add_url(&req->body, x->scope);
	w365_buf_adds(&req->body, "&claims=");
	w365_buf_add_url(&req->body, x->claims);
}

enum auth_result auth_judge(const struct auth_context *x, const struct w365_reply *reply,
			    const char *thumbprint, struct auth_outcome *ret)
{
	enum auth_failure class;

	if (reply->status == 200)
		return auth_token_read(reply->body, reply->len, x->config->authority, &ret->token,
				       &ret->err) < 0
			       ? AUTH_REFUSED
			       : AUTH_GOT_TOKEN;
	class = auth_failure_from_reply(reply, x->config, thumbprint, x->now.wall, &ret->err);
	ret->consent = class == AUTH_FAIL_CONSENT;
	ret->login = class == AUTH_FAIL_LOGIN || class == AUTH_FAIL_CONSENT ||
		     class == AUTH_FAIL_POLICY || class == AUTH_FAIL_ACCOUNT;
	return class == AUTH_FAIL_TRANSIENT ? AUTH_PASSING : AUTH_REFUSED;
}

uint64_t auth_token_life(const struct auth_token *t, const struct auth_clock *now)
{
	uint64_t wall = (uint64_t)now->wall;

	if (t->expires_in)
		return MIN(t->expires_in, (uint64_t)AUTH_LIFE_MAX_S);
	if (t->expires_on > wall)
		return MIN(t->expires_on - wall, (uint64_t)AUTH_LIFE_MAX_S);
	return DEFAULT_LIFE_S;
}
