/* A client assertion: a JWT by which an application proves that it holds the key of its
 * certificate. */
#include <errno.h>
#include <inttypes.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"
#include "sim/jwt.h"

#define SKEW 300 /* seconds that two clocks may differ */

/* The service publishes no bound; more than a day is somebody's mistake. */
#define MAX_LIFETIME 86400

/* Thumbprints come with padding and in either alphabet too: they are compared as bytes. */
static bool same_thumbprint(const char *a, const char *b)
{
	_cleanup_(w365_buf_done) struct w365_buf x = W365_BUF, y = W365_BUF;

	return w365_base64_decode(&x, a, strlen(a)) && w365_base64_decode(&y, b, strlen(b)) &&
	       x.len && x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
}

static void hex_thumbprint(const char *base64, char *out, size_t size)
{
	_cleanup_(w365_buf_done) struct w365_buf raw = W365_BUF;

	out[0] = '\0';
	if (!w365_base64_decode(&raw, base64, strlen(base64)))
		return;
	for (size_t i = 0; i < raw.len && 2 * i + 3 <= size; i++)
		snprintf(out + 2 * i, 3, "%02X", (unsigned char)raw.data[i]);
}

static unsigned check_key(const struct sim_identity *id, const struct sim_jwt *t,
			  const char *client_id, struct w365_err *err)
{
	_cleanup_(w365_buf_done) struct w365_buf sha256 = W365_BUF, sha1 = W365_BUF;
	bool has256 = sim_jwt_string(&t->header, "x5t#S256", &sha256);
	bool has1 = sim_jwt_string(&t->header, "x5t", &sha1);
	bool ps256 = sim_jwt_is(&t->header, "alg", "PS256");
	char hex[65];
	bool known;

	if (!ps256 && !sim_jwt_is(&t->header, "alg", "RS256")) {
		w365_err_set(err, EINVAL,
			     "JWT token is invalid or malformed: alg must be PS256 or RS256.");
		return 50027;
	}
	if (!has256 && !has1) {
		w365_err_set(err, EINVAL,
			     "JWT token is invalid or malformed: neither x5t#S256 nor x5t.");
		return 50027;
	}
	hex_thumbprint(w365_buf_str(has256 ? &sha256 : &sha1), hex, sizeof(hex));
	known = id->cert_key && strcasecmp(client_id, id->cert_client_id) == 0 &&
		(!has256 || same_thumbprint(w365_buf_str(&sha256), id->x5t_s256)) &&
		(!has1 || same_thumbprint(w365_buf_str(&sha1), id->x5t));
	if (!known) {
		w365_err_set(err, EINVAL,
			     "Client assertion contains an invalid signature. [Reason - The key "
			     "was not found., Thumbprint of key used by client: '%s', Configured "
			     "keys: []]",
			     hex);
		return 700027;
	}
	if (!sim_jwt_verify(t, ps256 ? SIM_PS256 : SIM_RS256, id->cert_key)) {
		w365_err_set(err, EINVAL,
			     "Client assertion contains an invalid signature. [Reason - The "
			     "provided signature value did not match the expected signature "
			     "value., Thumbprint of key used by client: '%s']",
			     hex);
		return 700027;
	}
	return 0;
}

static unsigned check_times(const struct w365_json *claims, int64_t now, int64_t *ret_exp,
			    struct w365_err *err)
{
	int64_t nbf, iat = now;
	char text[3][W365_TIME_MAX];

	if (!sim_jwt_time(claims, "exp", ret_exp) || !sim_jwt_time(claims, "nbf", &nbf) ||
	    (w365_json_get(claims, 0, "iat") && !sim_jwt_time(claims, "iat", &iat))) {
		w365_err_set(err, EINVAL,
			     "JWT token is invalid or malformed: exp, nbf and iat must be numbers "
			     "of seconds.");
		return 50027;
	}
	if (*ret_exp + SKEW > now && nbf - SKEW <= now && iat - SKEW <= now &&
	    *ret_exp - nbf <= MAX_LIFETIME && *ret_exp > nbf)
		return 0;
	w365_err_set(err, EINVAL,
		     "Client assertion is not within its valid time range. Current time: %s, "
		     "assertion valid from %s, expiry time of assertion %s.",
		     w365_time_format(now, text[0]), w365_time_format(nbf, text[1]),
		     w365_time_format(*ret_exp, text[2]));
	return 700024;
}

static unsigned check_names(const struct w365_json *claims, const char *client_id,
			    const char *const *audiences, struct w365_err *err)
{
	_cleanup_(w365_buf_done) struct w365_buf iss = W365_BUF, sub = W365_BUF, aud = W365_BUF;

	if (!sim_jwt_string(claims, "iss", &iss) || !sim_jwt_string(claims, "sub", &sub) ||
	    !sim_jwt_string(claims, "aud", &aud)) {
		w365_err_set(
			err, EINVAL,
			"JWT token is invalid or malformed: iss, sub and aud must be strings.");
		return 50027;
	}
	if (!w365_streq(w365_buf_str(&iss), w365_buf_str(&sub))) {
		w365_err_set(err, EINVAL,
			     "Subject must match Issuer claim in the client assertion.");
		return 50048;
	}
	if (strcasecmp(w365_buf_str(&iss), client_id) != 0) {
		w365_err_set(err, EINVAL,
			     "Client assertion application identifier doesn't match 'client_id' "
			     "parameter.");
		return 700021;
	}
	for (; *audiences; audiences++)
		if (w365_streq(w365_buf_str(&aud), *audiences))
			return 0;
	w365_err_set(err, EINVAL,
		     "Client assertion audience claim does not match Realm issuer: '%.300s' is not "
		     "the token endpoint.",
		     w365_buf_str(&aud));
	return 700023;
}

unsigned sim_assertion_check(struct sim *s, const char *assertion, const char *client_id,
			     const char *const *audiences, struct w365_err *reterr)
{
	_cleanup_(sim_jwt_done) struct sim_jwt t;
	_cleanup_(w365_buf_done) struct w365_buf jti = W365_BUF;
	bool whole = sim_jwt_split(&t, assertion);
	int64_t now = sim_now(s), exp;
	unsigned code;

	if (!whole || !sim_jwt_string(&t.payload, "jti", &jti) || !jti.len) {
		w365_err_set(reterr, EINVAL, "JWT token is invalid or malformed%s",
			     whole ? ": jti is missing." : ".");
		return 50027;
	}
	code = check_key(&s->identity, &t, client_id, reterr);
	if (!code)
		code = check_names(&t.payload, client_id, audiences, reterr);
	if (!code)
		code = check_times(&t.payload, now, &exp, reterr);
	if (!code && sim_identity_seen(&s->identity, w365_buf_str(&jti), exp + SKEW, now)) {
		w365_err_set(reterr, EINVAL, "Assertion contains a 'jti' that was used before.");
		code = 50013;
	}
	return code;
}
