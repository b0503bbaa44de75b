/* A client assertion of another party: Kubernetes, a build service, a managed identity. */
#include <errno.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"

#define SKEW 300

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}

/* "aud" may be one string or an array of one. */
static void read_audience(const struct w365_json *claims, struct w365_buf *out)
{
	uint32_t i = w365_json_get(claims, 0, "aud");

	if (i && claims->nodes[i].kind == W365_JSON_IS_ARRAY && claims->nodes[i].next > i + 1)
		i++;
	if (i && claims->nodes[i].kind == W365_JSON_IS_STRING)
		w365_json_decode(out, w365_json_raw(claims, i));
}

/* Which of issuer, audience, subject is the first that no credential of the application has? */
static unsigned match(const struct sim_app *app, const char *iss, const char *aud, const char *sub,
		      struct w365_err *err)
{
	bool issuer = false, audience = false;
	const cJSON *credential, *allowed;

	cJSON_ArrayForEach(credential, app->federated)
	{
		bool has = false;

		if (!w365_streq(text_of(credential, "issuer"), iss))
			continue;
		issuer = true;
		cJSON_ArrayForEach(allowed,
				   cJSON_GetObjectItemCaseSensitive(credential, "audiences")) has |=
			cJSON_IsString(allowed) && w365_streq(allowed->valuestring, aud);
		if (!has)
			continue;
		audience = true;
		if (w365_streq(text_of(credential, "subject"), sub))
			return 0;
	}
	if (!cJSON_GetArraySize(app->federated)) {
		w365_err_set(err, EINVAL,
			     "No matching federated identity record found for presented assertion. "
			     "Assertion Issuer: '%.200s'. Assertion Subject: '%.200s'. Assertion "
			     "Audience: '%.200s'.",
			     iss, sub, aud);
		return 70021;
	}
	w365_err_set(err, EINVAL,
		     "No matching federated identity record found for presented assertion %s "
		     "'%.300s'. Check your federated identity credential Subject, Audience and "
		     "Issuer against the presented assertion.",
		     !issuer     ? "issuer"
		     : !audience ? "audience"
				 : "subject",
		     !issuer     ? iss
		     : !audience ? aud
				 : sub);
	return !issuer ? 700211 : !audience ? 700212 : 700213;
}

static unsigned check_signature(struct sim *s, const struct sim_jwt *t, const char *iss,
				struct w365_err *err)
{
	_cleanup_(w365_buf_done) struct w365_buf own = W365_BUF;
	EVP_PKEY *key;

	w365_buf_addf(&own, "%s/%s/v2.0", s->config.base, s->identity.tenant);
	key = w365_streq(iss, w365_buf_str(&own)) ? s->identity.key : sim_issuer_key(s, iss);
	if (!key) {
		w365_err_set(err, EINVAL,
			     "Assertion failed signature validation: the keys of issuer '%.200s' "
			     "cannot be read.",
			     iss);
		return 50013;
	}
	if (!sim_jwt_is(&t->header, "alg", "RS256") || !sim_jwt_verify(t, SIM_RS256, key)) {
		w365_err_set(err, EINVAL,
			     "Assertion failed signature validation. [Reason - The provided "
			     "signature value did not match the expected signature value.]");
		return 50013;
	}
	return 0;
}

static unsigned check_times(struct sim *s, const struct w365_json *claims, struct w365_err *err)
{
	int64_t now = sim_now(s), exp, nbf = now;
	char text[3][W365_TIME_MAX];

	if (!sim_jwt_time(claims, "exp", &exp) ||
	    (w365_json_get(claims, 0, "nbf") && !sim_jwt_time(claims, "nbf", &nbf))) {
		w365_err_set(err, EINVAL, "JWT token is invalid or malformed: exp is missing.");
		return 50027;
	}
	if (exp + SKEW > now && nbf - SKEW <= now)
		return 0;
	w365_err_set(err, EINVAL,
		     "Client assertion is not within its valid time range. Current time: %s, "
		     "assertion valid from %s, expiry time of assertion %s.",
		     w365_time_format(now, text[0]), w365_time_format(nbf, text[1]),
		     w365_time_format(exp, text[2]));
	return 700024;
}

unsigned sim_federated_check(struct sim *s, const struct sim_jwt *t, const struct sim_app *app,
			     struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf iss = W365_BUF, sub = W365_BUF, aud = W365_BUF,
						 v1 = W365_BUF;
	unsigned code;

	read_audience(&t->payload, &aud);
	if (!sim_jwt_string(&t->payload, "iss", &iss) ||
	    !sim_jwt_string(&t->payload, "sub", &sub) || !aud.len) {
		w365_err_set(reterr, EINVAL,
			     "JWT token is invalid or malformed: iss, sub and aud are needed.");
		return 50027;
	}
	/* Tokens for Graph have the issuer of version 1: they are for no other purpose. */
	w365_buf_addf(&v1, "%s/%s/", s->config.base, s->identity.tenant);
	if (w365_streq(w365_buf_str(&iss), w365_buf_str(&v1))) {
		w365_err_set(reterr, EINVAL,
			     "AAD-issued tokens may not be used for federated identity flows.");
		return 700222;
	}
	code = match(app, w365_buf_str(&iss), w365_buf_str(&aud), w365_buf_str(&sub), reterr);
	if (!code)
		code = check_signature(s, t, w365_buf_str(&iss), reterr);
	return code ? code : check_times(s, &t->payload, reterr);
}
