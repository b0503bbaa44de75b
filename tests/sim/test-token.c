/* Client assertions, good and bad in every way; access tokens likewise. */
#include <openssl/rsa.h>

#include "base/macros.h"
#include "sim/entra.h"
#include "sim/jwt.h"
#include "tests/lib/check.h"

#define BASE "https://127.0.0.1:8443"
#define URL  BASE "/tenant/oauth2/v2.0/token"

/* As if a certificate had been registered: thumbprints are hashes, and any hash will do. */
#define RIGHT_SHA1 "hOBcHZi846VCHSJbFAs26Go9VTQ"
#define RIGHT      "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1w"

static struct sim sim;
static EVP_PKEY *key, *other_key;

static void sign(struct w365_buf *out, bool pss, int salt, EVP_PKEY *with)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char signature[512];
	size_t len = sizeof(signature);
	EVP_PKEY_CTX *ctx;

	EVP_DigestSignInit(md, &ctx, EVP_sha256(), NULL, with);
	if (pss) {
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256());
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt);
	}
	EVP_DigestSign(md, signature, &len, (unsigned char *)out->data, out->len);
	EVP_MD_CTX_free(md);
	w365_buf_addc(out, '.');
	w365_base64url(out, signature, len);
}

static void make(struct w365_buf *out, const char *header, const char *payload, bool pss, int salt,
		 EVP_PKEY *with)
{
	w365_buf_reset(out);
	w365_base64url(out, header, strlen(header));
	w365_buf_addc(out, '.');
	w365_base64url(out, payload, strlen(payload));
	sign(out, pss, salt, with);
}

/* What differs from a good assertion; NULL or 0: nothing. Times are seconds from now. */
static const struct {
	const char *why;
	unsigned code;
	const char *alg;
	const char *sha1, *sha256; /* thumbprints; neither: the right SHA-256; "": none */
	const char *aud, *iss, *sub, *jti;
	const char *exp_text; /* instead of a number */
	int nbf, exp, iat, salt;
	bool other_key, signed_pss, client_differs;
} cases[] = {
	{ "a good one, PS256", 0 },
	{ "a good one, RS256 and SHA-1", 0, .alg = "RS256", .sha1 = RIGHT_SHA1 },
	{ "both thumbprints", 0, .sha1 = RIGHT_SHA1, .sha256 = RIGHT },
	{ "a padded thumbprint", 0, .sha256 = RIGHT "=" },
	{ "a clock four minutes fast", 0, .nbf = 240, .exp = 840, .iat = 240 },
	{ "a clock four minutes slow", 0, .nbf = -900, .exp = -240, .iat = -900 },
	{ "no thumbprint", 50027, .sha256 = "" },
	{ "an unknown thumbprint", 700027,
	  .sha256 = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ "one right, one wrong thumbprint", 700027, .sha1 = "AAAAAAAAAAAAAAAAAAAAAAAAAAA",
	  .sha256 = RIGHT },
	{ "an algorithm that is not allowed", 50027, .alg = "none" },
	{ "HS256", 50027, .alg = "HS256" },
	{ "signed by another key", 700027, .other_key = true },
	{ "says RS256, is PS256", 700027, .alg = "RS256", .signed_pss = true },
	{ "a salt of the wrong length", 700027, .salt = 20 },
	{ "another audience", 700023, .aud = BASE "/other/oauth2/v2.0/token" },
	{ "the audience with a slash", 700023, .aud = URL "/" },
	{ "iss differs from sub", 50048, .sub = "somebody" },
	{ "both differ from the client id", 700021, .client_differs = true },
	{ "no jti", 50027, .jti = "" },
	{ "exp is a string", 50027, .exp_text = "\"1893456540\"" },
	{ "exp is a fraction", 50027, .exp_text = "1893456540.5" },
	{ "exp is missing", 50027, .exp_text = "null" },
	{ "expired ten minutes ago", 700024, .nbf = -1200, .exp = -600, .iat = -1200 },
	{ "valid in ten minutes", 700024, .nbf = 600, .exp = 1200, .iat = 600 },
	{ "made in the future", 700024, .nbf = -60, .exp = 600, .iat = 900 },
	{ "valid for a year", 700024, .nbf = -60, .exp = 31536000, .iat = -60 },
	{ "ends before it begins", 700024, .nbf = 200, .exp = -200, .iat = -60 },
};

static unsigned check(const char *assertion, const char *client, struct w365_err *err)
{
	static const char *const audiences[] = { "https://elsewhere.example/", URL, NULL };

	return sim_assertion_check(&sim, assertion, client, audiences, err);
}

static const char * or (const char *given, const char *usual)
{
	return given ? given : usual;
}

static void check_cases(void)
{
	const struct sim_identity *id = &sim.identity;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(w365_buf_done) struct w365_buf header = W365_BUF, payload = W365_BUF,
							 token = W365_BUF;
		long long now = (long long)sim_now(&sim);
		const char *alg = or (cases[i].alg, "PS256");
		bool timed = cases[i].exp != 0,
		     pss = w365_streq(alg, "PS256") || cases[i].signed_pss;
		const char *sha256 = or (cases[i].sha256, cases[i].sha1 ? NULL : RIGHT);
		const char *self = cases[i].client_differs ? id->client_id : id->cert_client_id;
		struct w365_err err = { 0 };
		char jti[37];
		unsigned code;

		w365_guid_new(jti);
		w365_buf_addf(&header, "{\"typ\":\"JWT\",\"alg\":\"%s\"", alg);
		if (cases[i].sha1)
			w365_buf_addf(&header, ",\"x5t\":\"%s\"", cases[i].sha1);
		if (sha256 && *sha256)
			w365_buf_addf(&header, ",\"x5t#S256\":\"%s\"", sha256);
		w365_buf_addc(&header, '}');
		w365_buf_addf(&payload,
			      "{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",\"jti\":\"%s\",",
			      or (cases[i].aud, URL), or (cases[i].iss, self),
			      or (cases[i].sub, self), or (cases[i].jti, jti));
		w365_buf_addf(&payload, "\"nbf\":%lld,\"iat\":%lld,",
			      now + (timed ? cases[i].nbf : -60),
			      now + (timed ? cases[i].iat : -60));
		if (cases[i].exp_text)
			w365_buf_addf(&payload, "\"exp\":%s}", cases[i].exp_text);
		else
			w365_buf_addf(&payload, "\"exp\":%lld}",
				      now + (timed ? cases[i].exp : 600));
		make(&token, header.data, payload.data, pss, cases[i].salt ? cases[i].salt : 32,
		     cases[i].other_key ? other_key : key);

		code = check(token.data, id->cert_client_id, &err);
		CHECK_INT(cases[i].why, code, cases[i].code);
		if (code != cases[i].code)
			check_show("error", err.msg);
		if (!cases[i].code)
			CHECK_INT("but not a second time",
				  check(token.data, id->cert_client_id, &err), 50013);
	}
}

static void check_shapes(void)
{
	static const char *const shapes[] = { "",        "a",          "a.b",       "a.b.c",
					      "..",      "e30.e30.",   "e30.e30.!", "e30.W10.AA",
					      "e30..AA", "e30=.e30.AA" };
	struct w365_err err;

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		CHECK_INT(shapes[i], check(shapes[i], sim.identity.cert_client_id, &err), 50027);
}

static void mint(struct w365_buf *out, const char *audience)
{
	w365_buf_reset(out);
	sim_token_mint(&sim.identity,
		       &(struct sim_token_spec){ .base = BASE,
						 .audience = audience,
						 .client_id = sim.identity.client_id,
						 .roles = sim.identity.roles,
						 .proof = SIM_PROOF_SECRET },
		       sim_now(&sim), out);
}

static bool accepted(const char *token, struct w365_err *err)
{
	struct sim_caller caller = { 0 };
	bool ok = sim_token_check(&sim.identity, BASE, token, sim_now(&sim), &caller, err) == 0;

	sim_caller_done(&caller);
	return ok;
}

static void check_access_tokens(void)
{
	_cleanup_(w365_buf_done) struct w365_buf token = W365_BUF, forged = W365_BUF;
	struct sim_caller caller = { 0 };
	struct w365_err err;

	mint(&token, "https://graph.microsoft.com");
	CHECK("a token is accepted",
	      sim_token_check(&sim.identity, BASE, token.data, sim_now(&sim), &caller, &err) == 0);
	CHECK_STR("with its roles", caller.permissions, "CloudPC.Read.All CloudPC.ReadWrite.All");
	CHECK("as an application's", !caller.delegated);
	sim_caller_done(&caller);

	sim.clock_ahead = 4000;
	CHECK("not when it has expired", !accepted(token.data, &err) && strstr(err.msg, "expired"));
	sim.clock_ahead = 0;
	w365_buf_adds(&forged, token.data);
	forged.data[forged.len - 10] ^= 1;
	CHECK("not with another signature", !accepted(forged.data, &err));
	make(&forged, "{\"alg\":\"RS256\",\"kid\":\"x\"}",
	     "{\"aud\":\"https://graph.microsoft.com\"}", false, 0, key);
	CHECK("not by another key", !accepted(forged.data, &err) && strstr(err.msg, "signature"));
	CHECK("not nothing", !accepted("", &err) && strstr(err.msg, "empty"));
	CHECK("not a word", !accepted("nonsense", &err) && strstr(err.msg, "not well formed"));
	sim.identity.revoked = sim.identity.serial;
	CHECK("not when it was revoked", !accepted(token.data, &err) && strstr(err.msg, "revoked"));
	mint(&token, BASE);
	CHECK("the simulator's own origin is an audience too", accepted(token.data, &err));
	mint(&token, "https://vault.example");
	CHECK("another resource is none",
	      !accepted(token.data, &err) && strstr(err.msg, "audience"));

	sim_identity_set_roles(&sim.identity, " ");
	mint(&token, BASE);
	CHECK("without roles a token is made",
	      sim_token_check(&sim.identity, BASE, token.data, sim_now(&sim), &caller, &err) == 0);
	CHECK_STR("and says nothing of roles", caller.permissions, "");
	sim_caller_done(&caller);
}

int main(void)
{
	const struct sim_config config = { .seed = 1,
					   .base = BASE,
					   .page_size = 1000,
					   .roles = "CloudPC.Read.All CloudPC.ReadWrite.All" };
	struct w365_err err;

	key = EVP_RSA_gen(2048);
	other_key = EVP_RSA_gen(2048);
	if (!CHECK("a simulator", sim_init(&sim, &config, &err) == 0))
		return check_summary();
	EVP_PKEY_up_ref(key);
	sim.identity.cert_key = key;
	strcpy(sim.identity.x5t, RIGHT_SHA1);
	strcpy(sim.identity.x5t_s256, RIGHT);
	check_cases();
	check_shapes();
	check_access_tokens();
	sim_done(&sim);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other_key);
	return check_summary();
}
