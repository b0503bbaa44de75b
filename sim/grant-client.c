/* grant_type=client_credentials: an application by itself, with a secret or a certificate. */
#include <openssl/crypto.h>

#include "base/macros.h"
#include "sim/entra.h"
#include "base/json-write.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define GRAPH          "https://graph.microsoft.com"

#define FAIL(t, ...) sim_entra_fail((t)->sim, (t)->req, (t)->reply, __VA_ARGS__)

static bool same_secret(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && CRYPTO_memcmp(a, b, strlen(a)) == 0;
}

static bool is_id(const char *given, const char *id)
{
	return strcasecmp(given, id) == 0;
}

static bool check_present(struct sim_token_request *t, const char *name, const char *value)
{
	if (value && *value)
		return true;
	FAIL(t, 900144, "The request body must contain the following parameter: '%s'.", name);
	return false;
}

/* The one scope of this grant is ".default" of one resource. Sets *@ret_audience. */
static bool check_scope(struct sim_token_request *t, const char *scope, const char **ret_audience)
{
	_cleanup_(w365_buf_done) struct w365_buf own = W365_BUF;

	w365_buf_addf(&own, "%s/.default", t->sim->config.base);
	*ret_audience = NULL;
	if (w365_streq(scope, GRAPH "/.default"))
		*ret_audience = GRAPH;
	else if (w365_streq(scope, w365_buf_str(&own)))
		*ret_audience = t->sim->config.base;
	else if (strchr(scope, ' '))
		FAIL(t, 70011,
		     "The provided request must include a 'scope' input parameter. The provided "
		     "value for the input parameter 'scope' is not valid. The scope %.300s is "
		     "not valid.",
		     scope);
	else if (!w365_ends(scope, "/.default"))
		FAIL(t, 1002012,
		     "The provided value for scope %.300s is not valid. Client credential flows "
		     "must have a scope value with /.default suffixed to the resource identifier "
		     "(application ID URI).",
		     scope);
	else
		FAIL(t, 500011,
		     "The resource principal named %.*s was not found in the tenant named %s. "
		     "This can happen if the application has not been installed by the "
		     "administrator of the tenant or consented to by any user in the tenant. You "
		     "might have sent your authentication request to the wrong tenant.",
		     (int)MIN(strlen(scope) - 9, (size_t)300), scope,
		     t->sim->identity.organization);
	return *ret_audience != NULL;
}

static bool check_client(struct sim_token_request *t, bool proves)
{
	const struct sim_identity *id = &t->sim->identity;
	bool public = is_id(t->client_id, id->public_client_id);

	if (!public && !is_id(t->client_id, id->client_id) &&
	    !is_id(t->client_id, id->cert_client_id))
		FAIL(t, 700016,
		     "Application with identifier '%.100s' was not found in the directory '%s'. "
		     "This can "
		     "happen if the application has not been installed by the administrator of the "
		     "tenant or "
		     "consented to by any user in the tenant. You may have sent your "
		     "authentication request "
		     "to the wrong tenant.",
		     t->client_id, id->organization);
	else if (!proves)
		FAIL(t, 7000218,
		     "The request body must contain the following parameter: 'client_assertion' or "
		     "'client_secret'.");
	else if (public)
		FAIL(t, 700025,
		     "Client is public so neither 'client_assertion' nor 'client_secret' should be "
		     "presented.");
	else
		return true;
	return false;
}

static bool check_secret(struct sim_token_request *t)
{
	const struct sim_identity *id = &t->sim->identity;

	/* The application with the certificate has no secret at all. */
	if (!is_id(t->client_id, id->client_id) ||
	    !same_secret(t->client_secret, id->client_secret)) {
		FAIL(t, 7000215,
		     "Invalid client secret provided. Ensure the secret being sent in the "
		     "request is the client secret value, not the client secret ID, for a secret "
		     "added to app '%.100s'.",
		     t->client_id);
		return false;
	}
	if (id->secret_expired) {
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
static bool check_assertion(struct sim_token_request *t, const char *assertion)
{
	_cleanup_(w365_buf_done) struct w365_buf ours = W365_BUF, theirs = W365_BUF;
	const char *type = sim_form_get(&t->form, "client_assertion_type");
	const char *base = t->sim->config.base, *scheme_end = strstr(base, "://");
	struct w365_span path = t->req->path;
	const char *audiences[3] = { 0 };
	struct w365_err err;
	unsigned code;

	if (!check_present(t, "client_assertion_type", type))
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
	code = sim_assertion_check(t->sim, assertion, t->client_id, audiences, &err);
	if (code)
		FAIL(t, code, "%s", err.msg);
	return code == 0;
}

static void succeed(struct sim_token_request *t, const char *audience, enum sim_proof proof)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	struct sim *s = t->sim;
	struct w365_jw j = { .out = &t->reply->body, .compact = true };

	if (!sim_token_mint(&s->identity, s->config.base, audience, t->client_id, proof, sim_now(s),
			    &text)) {
		sim_entra_fail_as(s, t->req, t->reply, 500, "server_error", 90033,
				  "A transient error has occurred. Please try again.");
		return;
	}
	t->reply->status = 200;
	t->reply->content_type = "application/json; charset=utf-8";
	sim_reply_header(t->reply, "Cache-Control", "no-store, no-cache");
	sim_reply_header(t->reply, "Pragma", "no-cache");
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "token_type", "Bearer");
	w365_jw_pair_int(&j, "expires_in", (int64_t)s->identity.lifetime);
	w365_jw_pair_int(&j, "ext_expires_in", (int64_t)s->identity.lifetime);
	w365_jw_pair(&j, "access_token", w365_buf_str(&text));
	w365_jw_close(&j, '}');
}

void sim_grant_client(struct sim_token_request *t)
{
	const char *scope = sim_form_get(&t->form, "scope");
	const char *assertion = sim_form_get(&t->form, "client_assertion");
	const char *audience;

	if (!sim_identity_is(&t->sim->identity, t->tenant)) {
		FAIL(t, 9001023,
		     "The grant type is not supported over the /common or /consumers endpoints. "
		     "Please use the /organizations or tenant-specific endpoint.");
		return;
	}
	if (!check_present(t, "client_id", t->client_id) || !check_present(t, "scope", scope) ||
	    !check_client(t, assertion || t->client_secret) || !check_scope(t, scope, &audience))
		return;
	if (assertion ? check_assertion(t, assertion) : check_secret(t))
		succeed(t, audience, assertion ? SIM_PROOF_CERTIFICATE : SIM_PROOF_SECRET);
}
