#include "sim/entra.h"

#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"

/* Letters, digits, dots and hyphens with a dot somewhere: what a domain looks like. */
static bool looks_like_domain(const char *s)
{
	return strchr(s, '.') && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					     "0123456789.-")] == '\0';
}

bool sim_entra_is_shared(const char *tenant)
{
	return strcasecmp(tenant, "common") == 0 || strcasecmp(tenant, "organizations") == 0 ||
	       strcasecmp(tenant, "consumers") == 0;
}

static bool is_single_tenant(const struct sim_app *app)
{
	const char *audience =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(app->json, "signInAudience"));

	return audience && w365_streq(audience, "AzureADMyOrg");
}

unsigned sim_entra_check_segment(const struct sim *s, const char *tenant, const struct sim_app *app,
				 struct w365_err *reterr)
{
	if (sim_identity_is(&s->identity, tenant) || (sim_entra_is_shared(tenant) && !app))
		return 0;
	if (strcasecmp(tenant, "consumers") == 0) {
		w365_err_set(reterr, EINVAL,
			     "Application '%s' is configured for use by Azure Active Directory "
			     "users only. Please do not use the /consumers endpoint to serve this "
			     "request.",
			     app->app_id);
		return 9002332;
	}
	if (sim_entra_is_shared(tenant)) {
		if (!is_single_tenant(app))
			return 0;
		w365_err_set(reterr, EINVAL,
			     "Application '%s'(%s) is not configured as a multi-tenant "
			     "application. Usage of the /common endpoint is not supported for such "
			     "apps created after '10/15/2018'. Use a tenant-specific endpoint or "
			     "configure the application to be multi-tenant.",
			     app->app_id, sim_app_name(app));
		return 50194;
	}
	if (!w365_is_guid(tenant) && !looks_like_domain(tenant)) {
		w365_err_set(
			reterr, EINVAL,
			"Specified tenant identifier '%.200s' is neither a valid DNS name, nor "
			"a valid external domain.",
			tenant);
		return 900023;
	}
	w365_err_set(reterr, EINVAL,
		     "Tenant '%.200s' not found. Check to make sure you have the correct tenant ID "
		     "and are signing into the correct cloud. Check with your subscription "
		     "administrator, this may happen if there are no active subscriptions for the "
		     "tenant.",
		     tenant);
	return 90002;
}

bool sim_entra_same_segment(const struct sim *s, const char *a, const char *b)
{
	return strcasecmp(a, b) == 0 ||
	       (sim_identity_is(&s->identity, a) && sim_identity_is(&s->identity, b));
}

/* Authorization: Basic; both parts are form-encoded inside (RFC 6749 2.3.1). */
static void read_basic(struct sim_token_request *t)
{
	_cleanup_(w365_buf_done) struct w365_buf raw = W365_BUF;
	const char *header = t->req->authorization;
	char *colon;
	size_t at;

	if (!header || strncasecmp(header, "Basic ", 6) != 0 ||
	    !w365_base64_decode(&raw, header + 6, strlen(header + 6)) || !raw.len)
		return;
	colon = memchr(raw.data, ':', raw.len);
	if (!colon)
		return;
	w365_buf_add(&t->basic_id, raw.data, (size_t)(colon - raw.data));
	w365_buf_adds(&t->basic_secret, colon + 1);
	if (t->basic_id.failed || t->basic_secret.failed ||
	    sim_percent_decode(t->basic_id.data, t->basic_id.len, true, &at) ||
	    sim_percent_decode(t->basic_secret.data, t->basic_secret.len, true, &at))
		return;
	t->client_id = t->basic_id.data;
	t->client_secret = t->basic_secret.data;
}

static void read_client(struct sim_token_request *t)
{
	const char *id = sim_form_get(&t->form, "client_id");
	const char *secret = sim_form_get(&t->form, "client_secret");

	if (!secret && !sim_form_get(&t->form, "client_assertion"))
		read_basic(t);
	if (id)
		t->client_id = id;
	if (secret)
		t->client_secret = secret;
}

static const struct {
	const char *name;
	void (*run)(struct sim_token_request *t);
} grants[] = {
	{ "client_credentials", sim_grant_client },
	{ "authorization_code", sim_grant_code },
	{ "refresh_token", sim_grant_refresh },
	{ "urn:ietf:params:oauth:grant-type:device_code", sim_grant_device },
	{ "device_code", sim_grant_device }, /* the name before the standard's */
};

static void run_grant(struct sim_token_request *t)
{
	const char *grant = sim_form_get(&t->form, "grant_type");

	if (!grant) {
		sim_entra_fail(
			t->sim, t->req, t->reply, 900144,
			"The request body must contain the following parameter: 'grant_type'.");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		if (w365_streq(grant, grants[i].name)) {
			read_client(t);
			grants[i].run(t);
			return;
		}
	}
	sim_entra_fail(t->sim, t->req, t->reply, 70003,
		       "The app requested an unsupported grant type '%.100s'.", grant);
}

static void token(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		  const char *tenant)
{
	struct sim_token_request t = { .sim = s,
				       .req = req,
				       .reply = reply,
				       .tenant = tenant,
				       .basic_id = W365_BUF_SECRET,
				       .basic_secret = W365_BUF_SECRET };
	const char *type = req->content_type ? req->content_type : "";
	struct w365_err err;
	unsigned code = sim_entra_check_segment(s, tenant, NULL, &err);

	/* The shared names belong to no tenant; the grant says which of them it takes. */
	if (code) {
		sim_entra_fail(s, req, reply, code, "%s", err.msg);
		return;
	}
	/* A body of another kind is not looked into: its parameters are missing. */
	if (strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0 &&
	    sim_form_parse(req->body, &t.form, &err) < 0)
		sim_entra_fail(s, req, reply, 9002313,
			       "Invalid request. Request is malformed or invalid. (%s)", err.msg);
	else
		run_grant(&t);
	sim_form_done(&t.form);
	w365_buf_done(&t.basic_id);
	w365_buf_done(&t.basic_secret);
}

/* What follows the tenant, and who answers it. */
static const struct {
	const char *path, *method;
	void (*run)(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		    const char *tenant);
} endpoints[] = {
	{ "/oauth2/v2.0/token", "POST", token },
	{ "/oauth2/v2.0/authorize", "GET", sim_authorize },
	{ "/oauth2/v2.0/authorize", "POST", sim_authorize },
	{ "/oauth2/v2.0/devicecode", "POST", sim_device_code },
	{ "/oauth2/v2.0/logout", "GET", sim_logout },
	{ "/login", "POST", sim_login },
	{ "/consent", "POST", sim_consent_page },
	{ "/v2.0/adminconsent", "GET", sim_admin_consent },
	{ "/v2.0/adminconsent", "POST", sim_admin_consent },
	{ "/adminconsent", "GET", sim_admin_consent },
	{ "/adminconsent", "POST", sim_admin_consent },
	{ "/v2.0/.well-known/openid-configuration", "GET", sim_configuration },
	{ "/discovery/v2.0/keys", "GET", sim_keys },
	{ "/discovery/instance", "GET", sim_instance },
};

/* What is of no tenant. */
static const struct {
	const char *path;
	void (*run)(struct sim *s, const struct sim_request *req, struct sim_reply *reply);
} places[] = {
	{ "/device", sim_device_page },
	{ "/oidc/userinfo", sim_userinfo },
	{ "/error", sim_error_page },
};

static bool ends_with(struct w365_span path, const char *tail)
{
	size_t n = strlen(tail);

	return path.len > n && strncasecmp(path.p + path.len - n, tail, n) == 0 &&
	       !memchr(path.p + 1, '/', path.len - n - 1);
}

bool sim_is_graph(const struct sim_request *req)
{
	const char *p = req->path.p + 1;

	return (req->path.len > 2 && (p[0] == 'v' || p[0] == 'V') && w365_is_digit(p[1])) ||
	       (req->path.len >= 5 && strncasecmp(p, "beta", 4) == 0 &&
		(req->path.len == 5 || p[4] == '/'));
}

void sim_entra(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	const char *only = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!w365_span_is(req->path, places[i].path))
			continue;
		places[i].run(s, req, reply);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(endpoints); i++) {
		_cleanup_(w365_buf_done) struct w365_buf tenant = W365_BUF;
		size_t at;

		if (!ends_with(req->path, endpoints[i].path))
			continue;
		if (!w365_streq(req->method, endpoints[i].method)) {
			only = endpoints[i].method;
			continue;
		}
		w365_buf_add(&tenant, req->path.p + 1,
			     req->path.len - strlen(endpoints[i].path) - 1);
		if (tenant.failed || sim_percent_decode(tenant.data, tenant.len, false, &at))
			sim_entra_fail(s, req, reply, 9002313,
				       "Invalid request. Request is malformed or invalid.");
		else
			endpoints[i].run(s, req, reply, tenant.data);
		return;
	}
	if (only)
		sim_entra_fail(s, req, reply, 900561,
			       "The endpoint only accepts %s requests. Received a %.20s request.",
			       only, req->method);
	else
		reply->status = 404;
}
