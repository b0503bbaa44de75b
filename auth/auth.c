#include "auth/auth.h"
#include "auth/aadsts.h"
#include "auth/claims.h"
#include "auth/grant.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"
#include "base/url.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#define REMEMBER_MS    (60 * 1000) /* a refusal is not asked for again so long: MSAL's value */
#define TRIES          4           /* of one request that fails for a passing reason */
#define BACKOFF_MS     1000        /* doubled with each try, with jitter */
#define BACKOFF_MAX_MS (60 * 1000)
#define DEFAULT_LIFE_S 300 /* the reply should say; this is for one that does not */

struct token {
	char *bearer;
	char *type;
	uint64_t expires_in, refresh_in;
};

static const struct w365_json_field token_fields[] = {
	{ "access_token", W365_JSON_STRING, offsetof(struct token, bearer),
	  W365_JSON_MUST | W365_JSON_SECRET },
	{ "token_type", W365_JSON_STRING, offsetof(struct token, type), 0 },
	{ "expires_in", W365_JSON_UINT, offsetof(struct token, expires_in), 0 },
	{ "refresh_in", W365_JSON_UINT, offsetof(struct token, refresh_in), 0 },
	{ NULL, 0, 0, 0 },
};

struct auth {
	const struct auth_config *config;
	const struct auth_grant *grant;
	void *state; /* the grant's */
	char *token_url;

	struct token token;
	struct auth_claims claims;
	bool readable; /* @claims were */
	unsigned generation;
	uint64_t expires; /* of the token; 0: there is none */
	uint64_t refresh; /* from then on a new one is due */

	bool sent;               /* a request is on its way */
	uint64_t sent_at;        /* life counts from the sending */
	unsigned tries;          /* failures for passing reasons, one after the other */
	uint64_t not_before;     /* do not send until then */
	struct w365_err failure; /* why, if num is not 0 */
};

static void drop_token(struct auth *a)
{
	w365_json_read_free(token_fields, &a->token);
	auth_claims_done(&a->claims);
	a->readable = false;
	a->expires = a->refresh = 0;
}

struct auth *auth_free(struct auth *a)
{
	if (a) {
		drop_token(a);
		if (a->grant && a->state)
			a->grant->close(a->state);
		free(a->token_url);
		free(a);
	}
	return NULL;
}

W365_DEFINE_CLEANUP(struct auth *, auth_free)

/* A GUID, or a host name: nothing that could change the path it becomes part of. */
static bool tenant_valid(const char *tenant)
{
	size_t n = strlen(tenant);

	if (!n || n > 253 || tenant[0] == '.' || strstr(tenant, ".."))
		return false;
	for (const char *p = tenant; *p; p++)
		if (!w365_is_alnum(*p) && *p != '-' && *p != '.')
			return false;
	return true;
}

static int check_config(const struct auth_config *c, struct w365_err *reterr)
{
	static const char *const not_tenants[] = { "common", "organizations", "consumers" };
	struct w365_origin origin;
	const char *rest;

	if (!c->tenant || !*c->tenant)
		return w365_err_set(
			reterr, EINVAL,
			"the tenant is missing: give --tenant or set AZURE_TENANT_ID to its id or a domain");
	if (!tenant_valid(c->tenant))
		return w365_err_set(
			reterr, EINVAL,
			"'%.100s' cannot be a tenant: it is a GUID or a domain such as contoso.com",
			c->tenant);
	for (size_t i = 0; i < ARRAY_SIZE(not_tenants); i++)
		if (strcasecmp(c->tenant, not_tenants[i]) == 0)
			return w365_err_set(
				reterr, EINVAL,
				"an application signs in to one tenant: give its id or a domain instead of '%s'",
				c->tenant);
	if (!c->client_id || !*c->client_id)
		return w365_err_set(
			reterr, EINVAL,
			"the application is missing: give --client-id or set AZURE_CLIENT_ID");
	if (!w365_is_guid(c->client_id))
		return w365_err_set(reterr, EINVAL,
				    "'%.100s' cannot be an application: its client id is a GUID",
				    c->client_id);
	if (w365_origin_parse(c->authority, &origin, &rest, reterr) < 0)
		return -EINVAL;
	if (!origin.tls && !origin.loopback)
		return w365_err_set(reterr, EINVAL, "--authority=%.200s must be https",
				    c->authority);
	if (*rest && !w365_streq(rest, "/"))
		return w365_err_set(
			reterr, EINVAL,
			"--authority=%.200s must be a bare address: the tenant is added to it",
			c->authority);
	return 0;
}

int auth_new(const struct auth_config *config, const struct auth_clock *now, struct auth **ret,
	     struct w365_err *reterr)
{
	_cleanup_(auth_freep) struct auth *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return w365_err_oom(reterr);
	a->config = config;
	r = auth_grant_choose(config, &a->grant, reterr);
	if (r == 0)
		r = check_config(config, reterr);
	if (r == 0)
		r = a->grant->open(config, now, &a->state, reterr);
	if (r < 0)
		return r;
	if (asprintf(&a->token_url, "%.*s/%s/oauth2/v2.0/token",
		     (int)(strlen(config->authority) - w365_ends(config->authority, "/")),
		     config->authority, config->tenant) < 0) {
		a->token_url = NULL;
		return w365_err_oom(reterr);
	}
	*ret = TAKE_PTR(a);
	return 0;
}

static int make_request(struct auth *a, const struct auth_clock *now, struct w365_request *ret_req,
			struct w365_err *reterr)
{
	struct w365_request req = { .method = "POST",
				    .content_type = "application/x-www-form-urlencoded",
				    .body = W365_BUF_SECRET };
	int r;

	w365_buf_adds(&req.body, "client_id=");
	w365_buf_add_url(&req.body, a->config->client_id);
	w365_buf_adds(&req.body, "&scope=");
	w365_buf_add_url(&req.body, a->config->scope);
	r = a->grant->form(a->state, a->config, now, a->token_url, &req.body, reterr);
	req.url = strdup(a->token_url);
	if (r == 0 && (req.body.failed || !req.url))
		r = w365_err_oom(reterr);
	if (r < 0) {
		w365_request_done(&req);
		return r;
	}
	*ret_req = req;
	return 0;
}

int auth_step(struct auth *a, const struct auth_clock *now, struct w365_request *ret_req,
	      uint64_t *ret_at, struct w365_err *reterr)
{
	bool valid = auth_bearer(a, now->ms) != NULL;
	int r;

	if (a->sent) {
		*ret_at = W365_NEVER;
		return AUTH_WAIT;
	}
	if (valid && now->ms < a->refresh) {
		*ret_at = a->refresh;
		return AUTH_READY;
	}
	if (now->ms < a->not_before) {
		*ret_at = a->not_before;
		if (valid)
			return AUTH_READY;
		/* Passing trouble is worth waiting for, but not for ever: after some tries the
		 * caller gets to know. */
		if (a->tries && a->tries < TRIES)
			return AUTH_WAIT;
		*reterr = a->failure;
		return -a->failure.num;
	}
	if (a->tries >= TRIES)
		a->tries = 0;
	r = make_request(a, now, ret_req, reterr);
	if (r < 0)
		return r;
	a->sent = true;
	a->sent_at = now->ms;
	return AUTH_SEND;
}

/* A request failed in a way that may pass: wait as told, or longer each time. */
static void back_off(struct auth *a, const struct auth_clock *now, const char *retry_after)
{
	uint64_t wait = (uint64_t)BACKOFF_MS << MIN(a->tries, 6);
	uint64_t told = 0;
	uint32_t random = 0;

	a->tries++;
	if (retry_after && w365_parse_u64(retry_after, &told) && told && told <= 3600) {
		a->not_before = now->ms + told * 1000;
		return;
	}
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)now->ms; /* jitter, not secrecy */
	wait = MIN(wait, BACKOFF_MAX_MS);
	a->not_before = now->ms + wait / 2 + random % (wait / 2 + 1);
}

/* No use asking again before somebody has changed something, or a minute is over. */
static void give_up(struct auth *a, const struct auth_clock *now)
{
	a->tries = 0;
	a->not_before = now->ms + REMEMBER_MS;
}

static void take_token(struct auth *a, const struct auth_clock *now, const struct w365_reply *reply)
{
	struct token t = { 0 };
	struct w365_err e;
	uint64_t life;

	if (w365_json_read(reply->body, reply->len, token_fields, &t, &e) < 0) {
		w365_err_set(&a->failure, EPROTO, "%s answered, but not with a token: %s",
			     a->config->authority, e.msg);
		give_up(a, now);
		return;
	}
	if ((t.type && strcasecmp(t.type, "Bearer") != 0) || strpbrk(t.bearer, "\r\n")) {
		w365_json_read_free(token_fields, &t);
		w365_err_set(&a->failure, EPROTO,
			     "%s sent a token of a kind that Graph does not take",
			     a->config->authority);
		give_up(a, now);
		return;
	}
	drop_token(a);
	life = MIN(t.expires_in ? t.expires_in : DEFAULT_LIFE_S, 7 * 86400) * 1000;
	a->token = t;
	a->generation++;
	a->expires = a->sent_at + life - MIN(life / 10, 30 * 1000);
	a->refresh = a->sent_at + (t.refresh_in && t.refresh_in * 1000 < life ? t.refresh_in * 1000
									      : life * 2 / 3);
	a->readable = auth_claims_read(t.bearer, &a->claims);
	a->tries = 0;
	a->not_before = 0;
	a->failure = (struct w365_err){ 0 };
}

void auth_feed(struct auth *a, const struct auth_clock *now, const struct w365_reply *reply,
	       const struct w365_err *err)
{
	const char *thumbprint = a->grant->thumbprint ? a->grant->thumbprint(a->state) : NULL;

	a->sent = false;
	if (!reply) {
		a->failure = *err;
		if (err->passing)
			back_off(a, now, NULL);
		else
			give_up(a, now);
	} else if (reply->status == 200) {
		take_token(a, now, reply);
	} else if (auth_failure_from_reply(reply, a->config, thumbprint, now->wall, &a->failure) ==
		   AUTH_FAIL_TRANSIENT) {
		back_off(a, now, reply->retry_after);
	} else {
		give_up(a, now);
	}
}

const char *auth_bearer(const struct auth *a, uint64_t now)
{
	return a->token.bearer && now < a->expires ? a->token.bearer : NULL;
}

unsigned auth_generation(const struct auth *a)
{
	return a->generation;
}

void auth_reject(struct auth *a, unsigned generation)
{
	if (generation == a->generation)
		drop_token(a);
}

void auth_retry_now(struct auth *a)
{
	a->not_before = 0;
	a->tries = 0;
}

const char *auth_grant_name(const struct auth *a)
{
	return a->grant->name;
}

bool auth_app_only(const struct auth *a)
{
	return a->grant->app_only;
}

uint64_t auth_expires(const struct auth *a)
{
	return a->expires;
}

const struct auth_claims *auth_claims(const struct auth *a)
{
	return a->readable ? &a->claims : NULL;
}
