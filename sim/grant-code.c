/* grant_type=authorization_code: what the browser brought back. */
#include <openssl/evp.h>

#include "base/macros.h"
#include "sim/entra.h"

#define FAIL(t, ...) sim_entra_fail((t)->sim, (t)->req, (t)->reply, __VA_ARGS__)

static bool fits_challenge(const struct sim_code *code, const char *verifier)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	unsigned char digest[32];

	if (!code->s256)
		return w365_streq(verifier, code->challenge);
	if (EVP_Digest(verifier, strlen(verifier), digest, NULL, EVP_sha256(), NULL) != 1)
		return false;
	w365_base64url(&text, digest, sizeof(digest));
	return w365_streq(w365_buf_str(&text), code->challenge);
}

static bool check_verifier(struct sim_token_request *t, const struct sim_code *code)
{
	const char *verifier = sim_form_get(&t->form, "code_verifier");

	if (!verifier && code->challenge) {
		FAIL(t, 50147,
		     "Missing code verifier: the authorization request had a "
		     "'code_challenge', so 'code_verifier' is needed.");
		return false;
	}
	if (verifier && (!code->challenge || strlen(verifier) < 43 || strlen(verifier) > 128 ||
			 !fits_challenge(code, verifier))) {
		FAIL(t, 501481,
		     "The Code_Verifier does not match the code_challenge supplied in the "
		     "authorization request.");
		return false;
	}
	return true;
}

static bool check_code(struct sim_token_request *t, struct sim_code *code, const char *redirect)
{
	if (!code)
		FAIL(t, 70000,
		     "The provided value for the 'code' parameter is not valid. The code was not "
		     "issued by this service.");
	else if (strcasecmp(code->sign_in.app->app_id, t->client_id) != 0)
		FAIL(t, 70000,
		     "The provided authorization code was issued to another client than '%.100s'.",
		     t->client_id);
	else if (!sim_entra_same_segment(t->sim, code->tenant, t->tenant))
		FAIL(t, 700005,
		     "The provided Authorization Code is intended to use against other tenant, "
		     "thus rejected. OAuth2 Authorization Code must be redeemed against same "
		     "tenant it was acquired for.");
	else if (code->used)
		FAIL(t, 54005,
		     "OAuth2 Authorization code was already redeemed, please retry with a new "
		     "valid code or use an existing refresh token.");
	else if (code->until <= sim_now(t->sim))
		FAIL(t, 70008,
		     "The provided authorization code or refresh token has expired due to "
		     "inactivity. Send a new interactive authorization request for this user and "
		     "resource.");
	else if (!w365_streq(code->redirect, redirect))
		FAIL(t, 50011,
		     "The reply address '%.300s' does not match the reply address '%.300s' "
		     "provided when requesting the authorization code.",
		     redirect, code->redirect);
	else
		return check_verifier(t, code);
	return false;
}

/* The scopes asked for now, or all that the sign-in was for. */
static bool read_scopes(struct sim_token_request *t, const struct sim_sign_in *in,
			struct sim_scopes *ret)
{
	const char *scope = sim_form_get(&t->form, "scope");
	struct sim_scopes first;
	struct w365_err err;
	unsigned code = sim_scopes_read(t->sim, in->scope, &first, &err);

	if (!code)
		code = sim_scopes_read(t->sim, scope && *scope ? scope : in->scope, ret, &err);
	if (code) {
		FAIL(t, code, "%s", err.msg);
		return false;
	}
	/* No refresh token unless the sign-in was asked for one. */
	ret->offline = first.offline;
	sim_scopes_done(&first);
	return true;
}

void sim_grant_code(struct sim_token_request *t)
{
	_cleanup_(sim_scopes_done) struct sim_scopes scopes = { 0 };
	_cleanup_(sim_sign_in_done) struct sim_sign_in in = { 0 };
	const char *text = sim_form_get(&t->form, "code");
	const char *redirect = sim_form_get(&t->form, "redirect_uri");
	struct sim_code *code;
	enum sim_proof proof;
	struct sim_app *app;

	if (!sim_token_param(t, "client_id", t->client_id) || !sim_token_param(t, "code", text) ||
	    !sim_token_param(t, "redirect_uri", redirect))
		return;
	app = sim_token_client(t);
	code = app ? sim_code_find(&t->sim->sessions, text) : NULL;
	if (!app || !check_code(t, code, redirect))
		return;
	if (code->sign_in.spa) {
		FAIL(t, 9002327,
		     "Tokens issued for the 'Single-Page Application' client-type may only be "
		     "redeemed via cross-origin requests.");
		return;
	}
	if (!sim_token_prove(t, app, code->sign_in.confidential, &proof) ||
	    !read_scopes(t, &code->sign_in, &scopes) ||
	    sim_token_blocked(t, "authorization_code", &code->sign_in))
		return;
	code->used = true;
	if (sim_sign_in_copy(&in, &code->sign_in))
		sim_token_issue(t, &in, &scopes, proof);
	else
		FAIL(t, 90033, "A transient error has occurred. Please try again.");
}
