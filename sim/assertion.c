/* A client assertion: a JWT by which an application proves that it holds the key of its
 * certificate. */
#include <errno.h>
#include <openssl/x509.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"
#include "sim/jwt.h"

W365_DEFINE_CLEANUP(X509 *, X509_free)

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

/* A registered key and the thumbprints of its certificate. */
struct key {
	EVP_PKEY *pkey;
	char x5t[28], x5t_s256[44];
};

static void key_done(struct key *k)
{
	EVP_PKEY_free(k->pkey);
}

static void thumbprint(const X509 *cert, const EVP_MD *md, char *out, size_t size)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (X509_digest(cert, md, digest, &n) == 1)
		w365_base64url(&text, digest, n);
	snprintf(out, size, "%s", w365_buf_str(&text));
}

/* An element of keyCredentials: base64 of a DER certificate in "key". */
static bool read_credential(const cJSON *credential, struct key *ret)
{
	_cleanup_(w365_buf_done) struct w365_buf der = W365_BUF;
	_cleanup_(X509_freep) X509 *cert = NULL;
	const char *text =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(credential, "key"));
	const unsigned char *p;

	*ret = (struct key){ 0 };
	if (!text || !w365_base64_decode(&der, text, strlen(text)))
		return false;
	p = (const unsigned char *)w365_buf_str(&der);
	cert = d2i_X509(NULL, &p, (long)der.len);
	ret->pkey = cert ? X509_get_pubkey(cert) : NULL;
	if (!ret->pkey)
		return false;
	thumbprint(cert, EVP_sha1(), ret->x5t, sizeof(ret->x5t));
	thumbprint(cert, EVP_sha256(), ret->x5t_s256, sizeof(ret->x5t_s256));
	return true;
}

struct thumbprints {
	struct w365_buf sha1, sha256;
	bool has1, has256;
};

static bool fits(const struct thumbprints *t, const char *x5t, const char *x5t_s256)
{
	return (!t->has256 || same_thumbprint(w365_buf_str(&t->sha256), x5t_s256)) &&
	       (!t->has1 || same_thumbprint(w365_buf_str(&t->sha1), x5t));
}

/* The key that the thumbprints name; false if the application has none such. */
static bool find_key(struct sim *s, const char *client_id, const struct thumbprints *t,
		     struct key *ret)
{
	const struct sim_identity *id = &s->identity;
	const struct sim_app *app = sim_app_find(s, client_id);
	const cJSON *credential;

	*ret = (struct key){ 0 };
	if (id->cert_key && strcasecmp(client_id, id->cert_client_id) == 0 &&
	    fits(t, id->x5t, id->x5t_s256)) {
		ret->pkey = EVP_PKEY_up_ref(id->cert_key) == 1 ? id->cert_key : NULL;
		return ret->pkey != NULL;
	}
	cJSON_ArrayForEach(credential, cJSON_GetObjectItemCaseSensitive(app ? app->json : NULL,
									"keyCredentials"))
	{
		if (read_credential(credential, ret) && fits(t, ret->x5t, ret->x5t_s256))
			return true;
		key_done(ret);
		*ret = (struct key){ 0 };
	}
	return false;
}

static unsigned compare_key(struct sim *s, const struct sim_jwt *t, const char *client_id,
			    const struct thumbprints *prints, bool ps256, struct w365_err *err)
{
	_cleanup_(key_done) struct key key = { 0 };
	char hex[65];

	hex_thumbprint(w365_buf_str(prints->has256 ? &prints->sha256 : &prints->sha1), hex,
		       sizeof(hex));
	if (!find_key(s, client_id, prints, &key)) {
		w365_err_set(err, EINVAL,
			     "Client assertion contains an invalid signature. [Reason - The key "
			     "was not found., Thumbprint of key used by client: '%s', Configured "
			     "keys: []]",
			     hex);
		return 700027;
	}
	if (!sim_jwt_verify(t, ps256 ? SIM_PS256 : SIM_RS256, key.pkey)) {
		w365_err_set(err, EINVAL,
			     "Client assertion contains an invalid signature. [Reason - The "
			     "provided signature value did not match the expected signature "
			     "value., Thumbprint of key used by client: '%s']",
			     hex);
		return 700027;
	}
	return 0;
}

static unsigned check_key(struct sim *s, const struct sim_jwt *t, const char *client_id,
			  struct w365_err *err)
{
	struct thumbprints prints = { .sha1 = W365_BUF, .sha256 = W365_BUF };
	bool ps256 = sim_jwt_is(&t->header, "alg", "PS256");
	unsigned code = 50027;

	prints.has256 = sim_jwt_string(&t->header, "x5t#S256", &prints.sha256);
	prints.has1 = sim_jwt_string(&t->header, "x5t", &prints.sha1);
	if (!ps256 && !sim_jwt_is(&t->header, "alg", "RS256"))
		w365_err_set(err, EINVAL,
			     "JWT token is invalid or malformed: alg must be PS256 or RS256.");
	else if (!prints.has256 && !prints.has1)
		w365_err_set(err, EINVAL,
			     "JWT token is invalid or malformed: neither x5t#S256 nor x5t.");
	else
		code = compare_key(s, t, client_id, &prints, ps256, err);
	w365_buf_done(&prints.sha1);
	w365_buf_done(&prints.sha256);
	return code;
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
	_cleanup_(w365_buf_done) struct w365_buf jti = W365_BUF, iss = W365_BUF;
	bool whole = sim_jwt_split(&t, assertion);
	const struct sim_app *app = sim_app_find(s, client_id);
	int64_t now = sim_now(s), exp;
	unsigned code;

	/* An application calls itself by its id, all other issuers by a URL. */
	if (whole && app && sim_jwt_string(&t.payload, "iss", &iss) &&
	    strstr(w365_buf_str(&iss), "://"))
		return sim_federated_check(s, &t, app, reterr);
	if (!whole || !sim_jwt_string(&t.payload, "jti", &jti) || !jti.len) {
		w365_err_set(reterr, EINVAL, "JWT token is invalid or malformed%s",
			     whole ? ": jti is missing." : ".");
		return 50027;
	}
	code = check_key(s, &t, client_id, reterr);
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
