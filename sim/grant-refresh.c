/* grant_type=refresh_token: the sign-in of some while ago. */
#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"

#define FAIL(t, ...) sim_entra_fail((t)->sim, (t)->req, (t)->reply, __VA_ARGS__)

/* Why a refresh token is not good any more: what the hook can order. */
static const struct {
	unsigned code;
	const char *suberror, *sentence;
} ends[] = {
	{ 50089, NULL, "Authentication failed due to flow token expired." },
	{ 50132, NULL,
	  "The session is not valid due to password expiration or recent password change." },
	{ 50133, NULL,
	  "The session is not valid due to password expiration or recent password change." },
	{ 50173, "bad_token",
	  "The provided grant has expired due to it being revoked, a fresh auth token is needed. The "
	  "user might have changed or reset their password." },
	{ 70000, "bad_token", "The provided grant is invalid or malformed." },
	{ 70008, "token_expired",
	  "The provided authorization code or refresh token has expired due to inactivity. Send a new "
	  "interactive authorization request for this user and resource." },
	{ 70043, "token_expired",
	  "The refresh token has expired or is invalid due to sign-in frequency checks by Conditional "
	  "Access." },
	{ 700082, "token_expired", "The refresh token has expired due to inactivity." },
	{ 700084, "token_expired",
	  "The refresh token was issued to a single page app (SPA), and therefore has a fixed, "
	  "limited lifetime, which cannot be extended." },
};

const char *sim_refresh_end(unsigned code)
{
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends[i].code == code)
			return ends[i].sentence;
	return NULL;
}

static void refuse(struct sim_token_request *t, unsigned code)
{
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends[i].code == code)
			sim_entra_fail_more(t->sim, t->req, t->reply, 400, "invalid_grant", code,
					    ends[i].sentence, ends[i].suberror, NULL);
}

static bool check_token(struct sim_token_request *t, const struct sim_refresh *r)
{
	const struct sim_sessions *s = &t->sim->sessions;

	if (!r || strcasecmp(r->sign_in.app->app_id, t->client_id) != 0)
		refuse(t, 70000);
	else if (r->number <= s->revoked)
		refuse(t, s->revoked_code);
	else if (r->sign_in.spa && r->issued + 86400 <= sim_now(t->sim))
		refuse(t, 700084);
	else if (r->issued + SIM_REFRESH_LIFE <= sim_now(t->sim))
		refuse(t, 700082);
	else
		return true;
	return false;
}

void sim_grant_refresh(struct sim_token_request *t)
{
	_cleanup_(sim_scopes_done) struct sim_scopes scopes = { 0 };
	_cleanup_(sim_sign_in_done) struct sim_sign_in in = { 0 };
	const char *text = sim_form_get(&t->form, "refresh_token");
	const char *scope = sim_form_get(&t->form, "scope");
	struct sim_refresh *r;
	enum sim_proof proof;
	struct w365_err err;
	struct sim_app *app;
	unsigned code;

	if (!sim_token_param(t, "client_id", t->client_id) ||
	    !sim_token_param(t, "refresh_token", text))
		return;
	app = sim_token_client(t);
	r = app ? sim_refresh_find(&t->sim->sessions, text) : NULL;
	if (!app || !check_token(t, r))
		return;
	code = sim_entra_check_segment(t->sim, t->tenant, app, &err);
	if (!code && !sim_token_prove(t, app, r->sign_in.confidential, &proof))
		return;
	if (!code)
		code = sim_scopes_read(t->sim, scope && *scope ? scope : r->sign_in.scope, &scopes,
				       &err);
	if (code) {
		FAIL(t, code, "%s", err.msg);
		return;
	}
	scopes.offline = true; /* a new one comes each time; the old one stays good */
	if (sim_token_blocked(t, "refresh_token", &r->sign_in))
		return;
	/* The list of refresh tokens moves when a new one is added. */
	if (sim_sign_in_copy(&in, &r->sign_in)) {
		free(in.nonce);
		in.nonce = NULL;
		sim_token_issue(t, &in, &scopes, proof);
	} else {
		FAIL(t, 90033, "A transient error has occurred. Please try again.");
	}
}
