/* Discovery: where the endpoints are, and the keys that sign. */
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "base/json-write.h"
#include "base/macros.h"
#include "sim/graph.h"
#include "sim/page.h"

W365_DEFINE_CLEANUP(BIGNUM *, BN_free)

static void pair_url(struct w365_jw *j, const char *key, const char *base, const char *tenant,
		     const char *rest)
{
	_cleanup_(w365_buf_done) struct w365_buf url = W365_BUF;

	w365_buf_addf(&url, "%s/%s%s", base, tenant, rest);
	w365_jw_pair(j, key, w365_buf_str(&url));
}

void sim_configuration(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		       const char *tenant)
{
	struct w365_jw j = { .out = &reply->body, .compact = true };
	const char *id = s->identity.tenant, *base = s->config.base;
	const char *base_host = strstr(base, "://") + 3;

	if (sim_entra_is_shared(tenant)) {
		id = tenant;
	} else if (!sim_identity_is(&s->identity, tenant)) {
		sim_entra_fail_as(s, req, reply, 400, "invalid_tenant", 90002,
				  "The tenant was not found.");
		return;
	}
	reply->status = 200;
	reply->content_type = "application/json; charset=utf-8";
	w365_jw_open(&j, '{');
	pair_url(&j, "issuer", base, sim_entra_is_shared(tenant) ? "{tenantid}" : id, "/v2.0");
	pair_url(&j, "authorization_endpoint", base, id, "/oauth2/v2.0/authorize");
	pair_url(&j, "token_endpoint", base, id, "/oauth2/v2.0/token");
	pair_url(&j, "device_authorization_endpoint", base, id, "/oauth2/v2.0/devicecode");
	pair_url(&j, "end_session_endpoint", base, id, "/oauth2/v2.0/logout");
	pair_url(&j, "jwks_uri", base, id, "/discovery/v2.0/keys");
	w365_jw_pair_raw(&j, "token_endpoint_auth_methods_supported",
			 "[\"client_secret_post\",\"private_key_jwt\",\"client_secret_basic\"]");
	w365_jw_pair_raw(&j, "response_modes_supported", "[\"query\",\"fragment\",\"form_post\"]");
	w365_jw_pair_raw(&j, "response_types_supported", "[\"code\"]");
	w365_jw_pair_raw(&j, "code_challenge_methods_supported", "[\"S256\",\"plain\"]");
	w365_jw_pair_bool(&j, "request_uri_parameter_supported", false);
	w365_jw_pair_bool(&j, "http_logout_supported", true);
	w365_jw_pair_bool(&j, "frontchannel_logout_supported", true);
	w365_jw_pair_raw(&j, "claims_supported",
			 "[\"sub\",\"iss\",\"aud\",\"exp\",\"iat\",\"nonce\","
			 "\"preferred_username\",\"name\",\"tid\",\"ver\",\"email\"]");
	pair_url(&j, "userinfo_endpoint", base, "oidc", "/userinfo");
	w365_jw_pair_raw(&j, "subject_types_supported", "[\"pairwise\"]");
	w365_jw_pair_raw(&j, "id_token_signing_alg_values_supported", "[\"RS256\"]");
	w365_jw_pair_raw(&j, "scopes_supported",
			 "[\"openid\",\"profile\",\"email\",\"offline_access\"]");
	w365_jw_pair(&j, "tenant_region_scope", "EU");
	w365_jw_pair(&j, "cloud_graph_host_name", "graph.windows.net");
	w365_jw_pair(&j, "msgraph_host", base_host);
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

void sim_keys(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
	      const char *tenant)
{
	struct w365_jw j = { .out = &reply->body, .compact = true };

	struct w365_err err;
	unsigned code = sim_entra_check_segment(s, tenant, NULL, &err);

	if (code) {
		sim_entra_fail(s, req, reply, code, "%s", err.msg);
		return;
	}
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

/* Which hosts are aliases of each other: this one has none. */
void sim_instance(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		  const char *tenant)
{
	struct w365_jw j = { .out = &reply->body, .compact = true };
	const char *host = strstr(s->config.base, "://") + 3;

	reply->status = 200;
	reply->content_type = "application/json; charset=utf-8";
	w365_jw_open(&j, '{');
	pair_url(&j, "tenant_discovery_endpoint", s->config.base, s->identity.tenant,
		 "/v2.0/.well-known/openid-configuration");
	w365_jw_pair(&j, "api-version", "1.1");
	w365_jw_key(&j, "metadata");
	w365_jw_open(&j, '[');
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "preferred_network", host);
	w365_jw_pair(&j, "preferred_cache", host);
	w365_jw_key(&j, "aliases");
	w365_jw_open(&j, '[');
	w365_jw_str(&j, host);
	w365_jw_close(&j, ']');
	w365_jw_close(&j, '}');
	w365_jw_close(&j, ']');
	w365_jw_close(&j, '}');
}

void sim_userinfo(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	const char *header = req->authorization ? req->authorization : "";
	const struct sim_user *user = NULL;
	struct sim_caller caller = { 0 };
	struct w365_err err;
	struct w365_jw j = { .out = &reply->body, .compact = true };

	if (strncasecmp(header, "Bearer ", 7) == 0 &&
	    sim_token_check(&s->identity, s->config.base, header + 7, sim_now(s), &caller, &err) ==
		    0 &&
	    caller.delegated)
		user = sim_tenant_user(&s->tenant, caller.object_id);
	sim_caller_done(&caller);
	if (!user) {
		sim_graph_challenge(s, req, reply, "Access token validation failure.");
		return;
	}
	reply->status = 200;
	reply->content_type = "application/json; charset=utf-8";
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "sub", user->id);
	w365_jw_pair(&j, "name", user->display);
	w365_jw_pair(&j, "email", user->upn);
	w365_jw_close(&j, '}');
}

/* What "error_uri" leads to. */
void sim_error_page(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	struct sim_form form = { 0 };
	struct w365_err err;
	const char *code = NULL;
	uint64_t number;

	if (sim_form_parse(req->query, &form, &err) == 0)
		code = sim_form_get(&form, "code");
	if (code && w365_parse_u64(code, &number) && number <= UINT32_MAX)
		sim_page_error(s, req, reply, (unsigned)number,
			       "The sign-in log of the tenant has more.");
	else
		reply->status = 404;
	if (reply->status == 400)
		reply->status = 200;
	sim_form_done(&form);
}
