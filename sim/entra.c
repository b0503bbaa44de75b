#include "sim/entra.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/json-write.h"

W365_DEFINE_CLEANUP(BIGNUM *, BN_free)

/* Letters, digits, dots and hyphens with a dot somewhere: what a domain looks like. */
static bool looks_like_domain(const char *s)
{
	return strchr(s, '.') && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					     "0123456789.-")] == '\0';
}

static bool is_shared(const char *tenant)
{
	return strcasecmp(tenant, "common") == 0 || strcasecmp(tenant, "organizations") == 0 ||
	       strcasecmp(tenant, "consumers") == 0;
}

/* Answers and returns false if the tenant segment does not name this tenant. */
static bool check_tenant(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
			 const char *tenant)
{
	if (sim_identity_is(&s->identity, tenant))
		return true;
	if (!w365_is_guid(tenant) && !looks_like_domain(tenant))
		sim_entra_fail(s, req, reply, 900023,
			       "Specified tenant identifier '%.200s' is neither a valid DNS "
			       "name, nor a valid external domain.",
			       tenant);
	else
		sim_entra_fail(s, req, reply, 90002,
			       "Tenant '%.200s' not found. Check to make sure you have the correct "
			       "tenant ID and are signing into the correct cloud. Check with your "
			       "subscription administrator, this may happen if there are no active "
			       "subscriptions for the tenant.",
			       tenant);
	return false;
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

	/* The shared names belong to no tenant; the grant says which of them it takes. */
	if (!is_shared(tenant) && !check_tenant(s, req, reply, tenant))
		return;
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

static void pair_url(struct w365_jw *j, const char *key, const char *base, const char *tenant,
		     const char *rest)
{
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;

	w365_buf_addf(&url, "%s/%s%s", base, tenant, rest);
	w365_jw_pair(j, key, w365_buf_str(&url));
}

static void configuration(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
			  const char *tenant)
{
	struct w365_jw j = { .out = &reply->body, .compact = true };
	const char *id = s->identity.tenant, *base = s->config.base;

	if (is_shared(tenant)) {
		id = tenant;
	} else if (!sim_identity_is(&s->identity, tenant)) {
		sim_entra_fail_as(s, req, reply, 400, "invalid_tenant", 90002,
				  "The tenant was not found.");
		return;
	}
	reply->status = 200;
	reply->content_type = "application/json; charset=utf-8";
	w365_jw_open(&j, '{');
	pair_url(&j, "issuer", base, is_shared(tenant) ? "{tenantid}" : id, "/v2.0");
	pair_url(&j, "authorization_endpoint", base, id, "/oauth2/v2.0/authorize");
	pair_url(&j, "token_endpoint", base, id, "/oauth2/v2.0/token");
	pair_url(&j, "device_authorization_endpoint", base, id, "/oauth2/v2.0/devicecode");
	pair_url(&j, "end_session_endpoint", base, id, "/oauth2/v2.0/logout");
	pair_url(&j, "jwks_uri", base, id, "/discovery/v2.0/keys");
	w365_jw_pair_raw(&j, "token_endpoint_auth_methods_supported",
			 "[\"client_secret_post\",\"private_key_jwt\",\"client_secret_basic\"]");
	w365_jw_pair_raw(&j, "response_modes_supported", "[\"query\",\"fragment\",\"form_post\"]");
	w365_jw_pair_raw(&j, "response_types_supported", "[\"code\"]");
	w365_jw_pair_raw(&j, "subject_types_supported", "[\"pairwise\"]");
	w365_jw_pair_raw(&j, "id_token_signing_alg_values_supported", "[\"RS256\"]");
	w365_jw_pair_raw(&j, "scopes_supported",
			 "[\"openid\",\"profile\",\"email\",\"offline_access\"]");
	w365_jw_pair(&j, "tenant_region_scope", "EU");
	w365_jw_pair(&j, "cloud_instance_name", "simulated");
	w365_jw_close(&j, '}');
}

static void number_member(struct w365_jw *j, const char *key, EVP_PKEY *pkey, const char *name)
{
	_cleanup_(BN_freep) BIGNUM *number = NULL;
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	unsigned char bytes[512];
	int n;

	if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1 ||
	    BN_num_bytes(number) > (int)sizeof(bytes))
		return;
	n = BN_bn2bin(number, bytes);
	w365_base64url(&text, bytes, (size_t)n);
	w365_jw_pair(j, key, w365_buf_str(&text));
}

static void keys(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		 const char *tenant)
{
	struct w365_jw j = { .out = &reply->body, .compact = true };

	if (!is_shared(tenant) && !check_tenant(s, req, reply, tenant))
		return;
	reply->status = 200;
	reply->content_type = "application/json; charset=utf-8";
	w365_jw_open(&j, '{');
	w365_jw_key(&j, "keys");
	w365_jw_open(&j, '[');
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "kty", "RSA");
	w365_jw_pair(&j, "use", "sig");
	w365_jw_pair(&j, "kid", s->identity.kid);
	w365_jw_pair(&j, "x5t", s->identity.kid);
	number_member(&j, "n", s->identity.key, OSSL_PKEY_PARAM_RSA_N);
	number_member(&j, "e", s->identity.key, OSSL_PKEY_PARAM_RSA_E);
	pair_url(&j, "issuer", s->config.base, s->identity.tenant, "/v2.0");
	w365_jw_close(&j, '}');
	w365_jw_close(&j, ']');
	w365_jw_close(&j, '}');
}

/* What follows the tenant, and who answers it. */
static const struct {
	const char *path, *method;
	void (*run)(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		    const char *tenant);
} endpoints[] = {
	{ "/oauth2/v2.0/token", "POST", token },
	{ "/v2.0/.well-known/openid-configuration", "GET", configuration },
	{ "/discovery/v2.0/keys", "GET", keys },
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
	for (size_t i = 0; i < ARRAY_SIZE(endpoints); i++) {
		_cleanup_(w365_buf_done) struct w365_buf tenant = W365_BUF;
		size_t at;

		if (!ends_with(req->path, endpoints[i].path))
			continue;
		w365_buf_add(&tenant, req->path.p + 1,
			     req->path.len - strlen(endpoints[i].path) - 1);
		if (tenant.failed || sim_percent_decode(tenant.data, tenant.len, false, &at))
			sim_entra_fail(s, req, reply, 9002313,
				       "Invalid request. Request is malformed or invalid.");
		else if (!w365_streq(req->method, endpoints[i].method))
			sim_entra_fail(
				s, req, reply, 900561,
				"The endpoint only accepts %s requests. Received a %.20s request.",
				endpoints[i].method, req->method);
		else
			endpoints[i].run(s, req, reply, tenant.data);
		return;
	}
	reply->status = 404;
}
