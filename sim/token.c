#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"
#include "sim/identity.h"
#include "base/json-write.h"
#include "sim/jwt.h"
#include "sim/permissions.h"

#define GRAPH_URI "https://graph.microsoft.com"

/* An array of words; nothing granted: the claim is missing, not empty. */
static void add_words(struct w365_jw *j, const char *key, const char *words)
{
	const char *p = words ? words + strspn(words, " ") : "";

	if (!*p)
		return;
	w365_jw_key(j, key);
	w365_jw_open(j, '[');
	while (*p) {
		char word[128];
		size_t n = strcspn(p, " ");

		snprintf(word, sizeof(word), "%.*s", (int)MIN(n, sizeof(word) - 1), p);
		w365_jw_str(j, word);
		p += n;
		p += strspn(p, " ");
	}
	w365_jw_close(j, ']');
}

void sim_principal_id(const char *client_id, char out[37])
{
	snprintf(out, 37, "%s", client_id);
	for (unsigned i = 24; i < 36; i++)
		out[i] = out[i] == 'f' ? '0' : out[i] == '9' ? 'a' : (char)(out[i] + 1);
}

static void pair_some(struct w365_jw *j, const char *key, const char *value)
{
	if (value)
		w365_jw_pair(j, key, value);
}

bool sim_token_mint(struct sim_identity *id, const struct sim_token_spec *spec, time_t now,
		    struct w365_buf *out)
{
	static const char *const acr[] = { "0", "1", "2" };
	_cleanup_(w365_buf_done) struct w365_buf header = W365_BUF, payload = W365_BUF,
						 issuer = W365_BUF;
	struct w365_jw h = { .out = &header, .compact = true },
		       p = { .out = &payload, .compact = true };
	time_t lifetime = (time_t)(spec->lifetime ? spec->lifetime : id->lifetime);
	char nonce[37], uti[37], oid[37];

	w365_guid_new(nonce);
	w365_guid_new(uti);
	if (spec->oid)
		snprintf(oid, sizeof(oid), "%s", spec->oid);
	else
		sim_principal_id(spec->client_id, oid);
	w365_buf_addf(&issuer, "%s/%s/%s", spec->base, id->tenant, spec->v2_issuer ? "v2.0" : "");

	w365_jw_open(&h, '{');
	w365_jw_pair(&h, "typ", "JWT");
	if (!spec->v2_issuer)
		w365_jw_pair(&h, "nonce", nonce);
	w365_jw_pair(&h, "alg", "RS256");
	w365_jw_pair(&h, "x5t", id->kid);
	w365_jw_pair(&h, "kid", id->kid);
	w365_jw_close(&h, '}');

	w365_jw_open(&p, '{');
	w365_jw_pair(&p, "aud", spec->audience);
	w365_jw_pair(&p, "iss", w365_buf_str(&issuer));
	w365_jw_pair_int(&p, "iat", now);
	w365_jw_pair_int(&p, "nbf", now);
	w365_jw_pair_int(&p, "exp", now + lifetime);
	w365_jw_pair(&p, "app_displayname", spec->app_name);
	w365_jw_pair(&p, "appid", spec->client_id);
	w365_jw_pair(&p, "appidacr", acr[spec->proof]);
	w365_jw_pair(&p, "idp", w365_buf_str(&issuer));
	w365_jw_pair(&p, "idtyp", spec->scp ? "user" : "app");
	pair_some(&p, "name", spec->name);
	w365_jw_pair(&p, "oid", oid);
	add_words(&p, "roles", spec->roles);
	pair_some(&p, "scp", spec->scp);
	w365_jw_pair(&p, "sub", oid);
	w365_jw_pair(&p, "tid", id->tenant);
	pair_some(&p, "unique_name", spec->upn);
	pair_some(&p, "upn", spec->upn);
	w365_jw_pair(&p, "uti", uti);
	w365_jw_pair(&p, "ver", "1.0");
	add_words(&p, "wids", spec->wids);
	add_words(&p, "xms_cc", spec->cp1 ? "cp1" : NULL);
	w365_jw_pair_int(&p, "sim_serial", (int64_t)++id->serial); /* ours: for revoking */
	w365_jw_close(&p, '}');
	if (spec->answered_nbf)
		sim_identity_answer(id, oid, spec->answered_nbf, id->serial);

	return !issuer.failed && !header.failed && !payload.failed &&
	       sim_jwt_sign(out, header.data, payload.data, id->key);
}

static int refuse(struct w365_err *reterr, const char *why)
{
	return w365_err_set(reterr, EACCES, "%s", why);
}

static int check_claims(const struct sim_identity *id, const char *base,
			const struct w365_json *claims, time_t now, struct w365_err *reterr)
{
	int64_t exp, nbf, serial;

	if (!sim_jwt_is(claims, "aud", GRAPH_URI) && !sim_jwt_is(claims, "aud", SIM_GRAPH_APP) &&
	    !sim_jwt_is(claims, "aud", base))
		return refuse(reterr, "Access token validation failure. Invalid audience.");
	if (!sim_jwt_is(claims, "tid", id->tenant))
		return refuse(reterr, "Access token validation failure. Invalid tenant.");
	if (!sim_jwt_time(claims, "exp", &exp) || !sim_jwt_time(claims, "nbf", &nbf) ||
	    !sim_jwt_time(claims, "sim_serial", &serial))
		return refuse(reterr, "CompactToken parsing failed with error code: 80049217.");
	if (exp <= now)
		return refuse(reterr, "Lifetime validation failed, the token is expired.");
	if (nbf > now + 300)
		return refuse(reterr, "Lifetime validation failed, the token is not yet valid.");
	if ((uint64_t)serial <= id->revoked)
		return refuse(reterr, "Lifetime validation failed, the token was revoked.");
	return 0;
}

/* The words of an array of strings, with spaces between. */
static char *join(const struct w365_json *j, uint32_t array)
{
	_cleanup_(w365_buf_done) struct w365_buf out = W365_BUF;

	if (array && j->nodes[array].kind == W365_JSON_IS_ARRAY) {
		W365_JSON_EACH (j, array, i) {
			if (out.len)
				w365_buf_addc(&out, ' ');
			if (j->nodes[i].kind == W365_JSON_IS_STRING)
				w365_json_decode(&out, w365_json_raw(j, i));
		}
	}
	return w365_buf_take(&out);
}

static int read_caller(const struct w365_json *claims, struct sim_caller *ret,
		       struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf scp = W365_BUF, oid = W365_BUF, app = W365_BUF;
	int64_t serial;
	struct sim_caller c = { .delegated = sim_jwt_string(claims, "scp", &scp) };

	sim_jwt_string(claims, "oid", &oid);
	sim_jwt_string(claims, "appid", &app);
	c.permissions =
		c.delegated ? w365_buf_take(&scp) : join(claims, w365_json_get(claims, 0, "roles"));
	c.object_id = w365_buf_take(&oid);
	if (sim_jwt_time(claims, "sim_serial", &serial))
		c.serial = (uint64_t)serial;
	c.client_id = w365_buf_take(&app);
	if (!c.permissions || !c.object_id || !c.client_id) {
		sim_caller_done(&c);
		return w365_err_oom(reterr);
	}
	*ret = c;
	return 0;
}

int sim_token_check(const struct sim_identity *id, const char *base, const char *token, time_t now,
		    struct sim_caller *ret, struct w365_err *reterr)
{
	_cleanup_(sim_jwt_done) struct sim_jwt t;
	bool whole = sim_jwt_split(&t, token);
	int r;

	if (!*token)
		return refuse(reterr, "Access token is empty.");
	if (!whole)
		return refuse(reterr, "IDX14100: JWT is not well formed, there are no dots (.).");
	if (!sim_jwt_is(&t.header, "alg", "RS256") || !sim_jwt_is(&t.header, "kid", id->kid) ||
	    !sim_jwt_verify(&t, SIM_RS256, id->key))
		return refuse(reterr, "Access token validation failure. Invalid signature.");
	r = check_claims(id, base, &t.payload, now, reterr);
	if (r == 0)
		r = read_caller(&t.payload, ret, reterr);
	if (r < 0)
		return r;
	if (sim_identity_challenged(id, ret->object_id, ret->serial))
		return w365_err_set(reterr, EKEYREJECTED,
				    "Continuous access evaluation resulted in challenge.");
	return 0;
}

void sim_caller_done(struct sim_caller *c)
{
	free(c->permissions);
	free(c->object_id);
	free(c->client_id);
	*c = (struct sim_caller){ 0 };
}
