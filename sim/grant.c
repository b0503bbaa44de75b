/* What all grants of the token endpoint share: who the client is, and how it proves that. */
#include <openssl/crypto.h>

#include "base/json-write.h"
#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

#define FAIL(t, ...) sim_entra_fail((t)->sim, (t)->req, (t)->reply, __VA_ARGS__)

static bool same_secret(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && CRYPTO_memcmp(a, b, strlen(a)) == 0;
}

bool sim_token_param(struct sim_token_request *t, const char *name, const char *value)
{
	if (value && *value)
		return true;
	FAIL(t, 900144, "The request body must contain the following parameter: '%s'.", name);
	return false;
}

struct sim_app *sim_token_client(struct sim_token_request *t)
{
	struct sim_app *app = sim_app_find(t->sim, t->client_id);
	cJSON *enabled;

	if (!app || app->visible_ms > w365_now_ms() || w365_streq(app->app_id, SIM_GRAPH_APP)) {
		FAIL(t, 700016,
		     "Application with identifier '%.100s' was not found in the directory '%s'. "
		     "This can happen if the application has not been installed by the "
		     "administrator of the tenant or consented to by any user in the tenant. You "
		     "may have sent your authentication request to the wrong tenant.",
		     t->client_id, t->sim->identity.organization);
		return NULL;
	}
	enabled = cJSON_GetObjectItemCaseSensitive(app->principal, "accountEnabled");
	if (cJSON_IsFalse(enabled)) {
		FAIL(t, 7000112, "Application '%s'(%s) is disabled.", app->app_id,
		     sim_app_name(app));
		return NULL;
	}
	return app;
}

static bool check_secret(struct sim_token_request *t, const struct sim_app *app)
{
	const struct sim_identity *id = &t->sim->identity;
	const struct sim_secret *secret = NULL;

	for (size_t i = 0; i < app->secret_count && !secret; i++)
		if (app->secrets[i].visible_ms <= w365_now_ms() &&
		    same_secret(t->client_secret, app->secrets[i].value))
			secret = &app->secrets[i];
	if (!secret) {
		FAIL(t, 7000215,
		     "Invalid client secret provided. Ensure the secret being sent in the "
		     "request is the client secret value, not the client secret ID, for a secret "
		     "added to app '%.100s'.",
		     t->client_id);
		return false;
	}
	if (secret->end <= sim_now(t->sim) ||
	    (strcasecmp(app->app_id, id->client_id) == 0 && id->secret_expired)) {
		FAIL(t, 7000222,
		     "The provided client secret keys for app '%.100s' are expired. Create new "
		     "keys for your app, or consider using certificate credentials for added "
		     "security.",
		     t->client_id);
		return false;
	}
	return true;
}

/* "Posted to" is what the client wrote: our name for ourselves, or the Host header it sent. */
static bool check_assertion(struct sim_token_request *t, const struct sim_app *app,
			    const char *assertion)
{
	_cleanup_(w365_buf_done) struct w365_buf ours = W365_BUF, theirs = W365_BUF;
	const char *type = sim_form_get(&t->form, "client_assertion_type");
	const char *base = t->sim->config.base, *scheme_end = strstr(base, "://");
	struct w365_span path = t->req->path;
	const char *audiences[3] = { 0 };
	struct w365_err err;
	unsigned code;

	if (!sim_token_param(t, "client_assertion_type", type))
		return false;
	if (!w365_streq(type, ASSERTION_TYPE)) {
		FAIL(t, 9002313,
		     "Invalid request. Request is malformed or invalid. (client_assertion_type)");
		return false;
	}
	w365_buf_addf(&ours, "%s%.*s", base, (int)path.len, path.p);
	audiences[0] = w365_buf_str(&ours);
	if (t->req->host) {
		w365_buf_addf(&theirs, "%.*s://%s%.*s", (int)(scheme_end - base), base,
			      t->req->host, (int)path.len, path.p);
		audiences[1] = w365_buf_str(&theirs);
	}
	code = sim_assertion_check(t->sim, assertion, app->app_id, audiences, &err);
	if (code)
		FAIL(t, code, "%s", err.msg);
	return code == 0;
}

bool sim_token_prove(struct sim_token_request *t, struct sim_app *app, bool must,
		     enum sim_proof *ret)
{
	const char *assertion = sim_form_get(&t->form, "client_assertion");

	*ret = SIM_PROOF_NONE;
	if (!assertion && !t->client_secret) {
		if (must)
			FAIL(t, 7000218,
			     "The request body must contain the following parameter: "
			     "'client_assertion' or 'client_secret'.");
		return !must;
	}
	if (!must || (sim_app_is_public(app) && !sim_app_has_credential(t->sim, app))) {
		FAIL(t, 700025,
		     "Client is public so neither 'client_assertion' nor 'client_secret' should be "
		     "presented.");
		return false;
	}
	*ret = assertion ? SIM_PROOF_CERTIFICATE : SIM_PROOF_SECRET;
	return assertion ? check_assertion(t, app, assertion) : check_secret(t, app);
}

void sim_token_reply(struct sim_token_request *t, const char *access, struct w365_jw *ret)
{
	*ret = (struct w365_jw){ .out = &t->reply->body, .compact = true };
	t->reply->status = 200;
	t->reply->content_type = "application/json; charset=utf-8";
	sim_reply_header(t->reply, "Cache-Control", "no-store, no-cache");
	sim_reply_header(t->reply, "Pragma", "no-cache");
	w365_jw_open(ret, '{');
	w365_jw_pair(ret, "token_type", "Bearer");
	w365_jw_pair_int(ret, "expires_in", (int64_t)t->sim->identity.lifetime);
	w365_jw_pair_int(ret, "ext_expires_in", (int64_t)t->sim->identity.lifetime);
	w365_jw_pair(ret, "access_token", access);
}
