/* Tokens for people: what consent and policies leave of what was asked for. */
#include "base/json-write.h"
#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"
#include "sim/words.h"

#define FAIL(t, ...) sim_entra_fail((t)->sim, (t)->req, (t)->reply, __VA_ARGS__)

/* The failures that a policy can order: what they say, and whether a new sign-in in the browser
 * satisfies them. */
static const struct {
	unsigned code;
	const char *error, *suberror;
	bool interaction; /* satisfied by a new interactive sign-in */
	bool claims;
	const char *sentence;
} policies[] = {
	{ 50072, "interaction_required", "basic_action", true, true,
	  "Due to a configuration change made by your administrator, or because you moved to a new "
	  "location, you must enroll in multi-factor authentication." },
	{ 50074, "interaction_required", "basic_action", true, true,
	  "Strong Authentication is required." },
	{ 50076, "interaction_required", "basic_action", true, true,
	  "Due to a configuration change made by your administrator, or because you moved to a new "
	  "location, you must use multi-factor authentication to access "
	  "'00000003-0000-0000-c000-000000000000'." },
	{ 50078, "interaction_required", "basic_action", true, true,
	  "Presented multi-factor authentication has expired due to policies configured by your "
	  "administrator, you must refresh your multi-factor authentication." },
	{ 50079, "interaction_required", "basic_action", true, true,
	  "Due to a configuration change made by your administrator, or because you moved to a new "
	  "location, you must enroll in multi-factor authentication." },
	{ 50158, "interaction_required", "basic_action", true, true,
	  "External security challenge not satisfied." },
	{ 50105, "invalid_grant", "message_only", false, false,
	  "Your administrator has configured the application to block users unless they are "
	  "specifically granted ('assigned') access to the application." },
	{ 50131, "invalid_grant", "message_only", false, false,
	  "Device is not in required state, or the request was blocked by Conditional Access." },
	{ 53000, "interaction_required", "additional_action", false, true,
	  "Device is not in required device state: compliant." },
	{ 53001, "interaction_required", "additional_action", false, true,
	  "Device is not in required device state: domain_joined." },
	{ 53002, "interaction_required", "additional_action", false, true,
	  "Application used is not an approved application for Conditional Access." },
	{ 53003, "invalid_grant", "message_only", false, true,
	  "Access has been blocked by Conditional Access policies. The access policy does not allow "
	  "token issuance." },
	{ 530003, "interaction_required", "additional_action", false, true,
	  "Your device is required to be managed to access this resource." },
	{ 530032, "invalid_grant", "message_only", false, false, "Blocked by security policy." },
	{ 530035, "access_denied", "message_only", false, false,
	  "Access has been blocked by security defaults. This is done when the request is deemed "
	  "unsafe." },
	{ 530036, "invalid_grant", "message_only", true, false,
	  "The refresh token was refused by the authentication flows policy." },
};

#define CAPOLIDS                                          \
	"{\"access_token\":{\"capolids\":{\"essential\":" \
	"true,\"values\":[\"0a1b2c3d-4e5f-4a6b-8c7d-8e9fa0b1c2d3\"]}}}"

bool sim_block_known(unsigned code)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		if (policies[i].code == code)
			return true;
	return false;
}

static bool stops(struct sim_token_request *t, const struct sim_block *p,
		  const struct sim_sign_in *sign_in)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		if (policies[i].code != p->code)
			continue;
		if (policies[i].interaction && sign_in && sign_in->serial > p->serial &&
		    !sign_in->device)
			return false;
		if (p->code == 530036 && (!sign_in || !sign_in->device))
			return false;
		sim_entra_fail_more(t->sim, t->req, t->reply, 400, policies[i].error, p->code,
				    policies[i].sentence, policies[i].suberror,
				    policies[i].claims ? CAPOLIDS : NULL);
		return true;
	}
	return false;
}

bool sim_token_blocked(struct sim_token_request *t, const char *grant,
		       const struct sim_sign_in *sign_in)
{
	const struct sim_sessions *s = &t->sim->sessions;

	for (size_t i = 0; i < s->policy_count; i++)
		if ((w365_streq(s->policies[i].grant, "any") ||
		     w365_streq(s->policies[i].grant, grant)) &&
		    stops(t, &s->policies[i], sign_in))
			return true;
	return false;
}

unsigned sim_authorize_blocked(const struct sim *s, const char **ret_sentence)
{
	for (size_t k = 0; k < s->sessions.policy_count; k++) {
		const struct sim_block *p = &s->sessions.policies[k];

		for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
			if (policies[i].code != p->code || policies[i].interaction ||
			    (!w365_streq(p->grant, "any") && !w365_streq(p->grant, "authorize")))
				continue;
			*ret_sentence = policies[i].sentence;
			return p->code;
		}
	}
	return 0;
}

/* The template ids of the user's roles; everybody is in the last one. */
static void add_wids(const struct sim *s, const char *user, struct w365_buf *out)
{
	for (size_t i = 0; i < s->directory.membership_count; i++)
		if (w365_streq(s->directory.memberships[i].user, user))
			w365_buf_addf(out, "%s ", s->directory.memberships[i].role->id);
	w365_buf_adds(out, "b79fbf4d-3ef9-4689-8143-76b194e85509");
}

static bool add_id_token(struct sim_token_request *t, const struct sim_sign_in *in,
			 const struct sim_scopes *scopes, struct w365_buf *out)
{
	struct sim *s = t->sim;
	_cleanup_(w365_buf_done) struct w365_buf header = W365_BUF, payload = W365_BUF,
						 issuer = W365_BUF;
	struct w365_jw h = { .out = &header, .compact = true },
		       p = { .out = &payload, .compact = true };
	time_t now = sim_now(s);
	char uti[37];

	w365_guid_new(uti);
	w365_buf_addf(&issuer, "%s/%s/v2.0", s->config.base, s->identity.tenant);
	w365_jw_open(&h, '{');
	w365_jw_pair(&h, "typ", "JWT");
	w365_jw_pair(&h, "alg", "RS256");
	w365_jw_pair(&h, "kid", s->identity.kid);
	w365_jw_close(&h, '}');
	w365_jw_open(&p, '{');
	w365_jw_pair(&p, "aud", in->app->app_id);
	w365_jw_pair(&p, "iss", w365_buf_str(&issuer));
	w365_jw_pair_int(&p, "iat", now);
	w365_jw_pair_int(&p, "nbf", now);
	w365_jw_pair_int(&p, "exp", now + 3900);
	if (scopes->email)
		w365_jw_pair(&p, "email", in->user->upn);
	if (scopes->profile)
		w365_jw_pair(&p, "name", in->user->display);
	if (in->nonce)
		w365_jw_pair(&p, "nonce", in->nonce);
	w365_jw_pair(&p, "oid", in->user->id);
	if (scopes->profile)
		w365_jw_pair(&p, "preferred_username", in->user->upn);
	w365_jw_pair(&p, "sub", in->user->id);
	w365_jw_pair(&p, "tid", s->identity.tenant);
	w365_jw_pair(&p, "uti", uti);
	w365_jw_pair(&p, "ver", "2.0");
	w365_jw_close(&p, '}');
	return !header.failed && !payload.failed &&
	       sim_jwt_sign(out, w365_buf_str(&header), w365_buf_str(&payload), s->identity.key);
}

static void pair_client_info(struct w365_jw *j, const struct sim *s, const struct sim_user *user)
{
	_cleanup_(w365_buf_done) struct w365_buf json = W365_BUF, text = W365_BUF;

	w365_buf_addf(&json, "{\"uid\":\"%s\",\"utid\":\"%s\"}", user->id, s->identity.tenant);
	w365_base64url(&text, w365_buf_str(&json), json.len);
	w365_jw_pair(j, "client_info", w365_buf_str(&text));
}

static const char *new_refresh_token(struct sim_token_request *t, const struct sim_sign_in *in)
{
	struct sim_refresh *r = sim_refresh_new(&t->sim->sessions, sim_now(t->sim));

	return r && sim_sign_in_copy(&r->sign_in, in) ? r->text : NULL;
}

/* Graph's words first, then those of the sign-in itself, as the service lists them. */
static void granted_words(const struct sim_scopes *scopes, struct w365_buf *out)
{
	static const char *const oidc[] = { "openid", "profile", "email" };
	const char *words = w365_buf_str(&scopes->words);

	for (size_t i = 4; i < sim_grantable_count; i++)
		if (sim_has_word(words, sim_grantables[i].name))
			w365_buf_addf(out, "%s%s", out->len ? " " : "", sim_grantables[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(oidc); i++)
		if (sim_has_word(words, oidc[i]))
			w365_buf_addf(out, "%s%s", out->len ? " " : "", oidc[i]);
}

/* The same as the answer to the client lists them: with the resource's address if it asked so, by which
 * clients find them again in their caches. */
static void answered_words(const struct sim_scopes *scopes, const char *words, struct w365_buf *out)
{
	for (const char *p = words; *p; p += strspn(p, " ")) {
		struct w365_span word = { p, strcspn(p, " ") };
		const struct sim_grantable *g = sim_grantable_find(word);

		if (out->len)
			w365_buf_adds(out, " ");
		if (scopes->full && g && !sim_grantable_is_oidc(g))
			w365_buf_addf(out, "%s/", scopes->audience);
		w365_buf_add(out, word.p, word.len);
		p += word.len;
	}
	if (scopes->full && scopes->whole)
		w365_buf_addf(out, " %s/.default", scopes->audience);
}

static bool mint(struct sim_token_request *t, const struct sim_sign_in *in,
		 const struct sim_scopes *scopes, enum sim_proof proof, const char *scp,
		 struct w365_buf *out)
{
	struct sim *s = t->sim;
	_cleanup_(w365_buf_done) struct w365_buf wids = W365_BUF;
	struct sim_claims claims = { 0 };
	struct sim_token_spec spec = { .base = s->config.base,
				       .audience = scopes->audience,
				       .client_id = in->app->app_id,
				       .app_name = sim_app_name(in->app),
				       .proof = proof,
				       .oid = in->user->id,
				       .upn = in->user->upn,
				       .name = in->user->display,
				       .scp = scp };

	sim_claims_read(sim_form_get(&t->form, "claims"), &claims);
	spec.cp1 = claims.cp1;
	spec.answered_nbf = claims.cp1 ? claims.nbf : 0;
	add_wids(s, in->user->id, &wids);
	spec.wids = w365_buf_str(&wids);
	return sim_token_mint(&s->identity, &spec, sim_now(s), out);
}

static void succeed(struct sim_token_request *t, const struct sim_sign_in *in,
		    const struct sim_scopes *scopes, enum sim_proof proof)
{
	_cleanup_(w365_buf_done) struct w365_buf access = W365_BUF_SECRET, id = W365_BUF_SECRET,
						 scp = W365_BUF, words = W365_BUF;
	const char *info = sim_form_get(&t->form, "client_info");
	struct w365_jw j;
	const char *refresh = NULL;

	granted_words(scopes, &scp);
	if (scopes->offline)
		refresh = new_refresh_token(t, in);
	if ((scopes->offline && !refresh) ||
	    !mint(t, in, scopes, proof, w365_buf_str(&scp), &access) ||
	    (scopes->openid && !add_id_token(t, in, scopes, &id))) {
		sim_entra_fail_as(t->sim, t->req, t->reply, 500, "server_error", 90033,
				  "A transient error has occurred. Please try again.");
		return;
	}
	answered_words(scopes, w365_buf_str(&scp), &words);
	sim_token_reply(t, w365_buf_str(&access), &j);
	w365_jw_pair(&j, "scope", w365_buf_str(&words));
	if (refresh)
		w365_jw_pair(&j, "refresh_token", refresh);
	if (id.len)
		w365_jw_pair(&j, "id_token", w365_buf_str(&id));
	if (info && w365_streq(info, "1"))
		pair_client_info(&j, t->sim, in->user);
	w365_jw_close(&j, '}');
}

/* False: nobody has consented, or nobody can; answered. */
static bool check_consent(struct sim_token_request *t, const struct sim_sign_in *in,
			  const struct sim_scopes *scopes)
{
	_cleanup_(w365_buf_done) struct w365_buf missing = W365_BUF, sentence = W365_BUF;

	if (!sim_preauthorized(in->app, w365_buf_str(&scopes->words))) {
		FAIL(t, 65002,
		     "Consent between first party application '%s' and first party resource '%s' "
		     "must be configured via preauthorization - applications owned and operated by "
		     "Microsoft must get approval from the API owner before requesting tokens for "
		     "that API.",
		     in->app->app_id, SIM_GRAPH_APP);
		return false;
	}
	sim_scopes_missing(t->sim, scopes, in->app, in->user->id, &missing);
	if (!missing.len)
		return true;
	w365_buf_addf(
		&sentence,
		"The user or administrator has not consented to use the application with ID "
		"'%s' named '%s'. Send an interactive authorization request for this user and "
		"resource.",
		in->app->app_id, sim_app_name(in->app));
	sim_entra_fail_more(t->sim, t->req, t->reply, 400, "invalid_grant", 65001,
			    w365_buf_str(&sentence), "consent_required", NULL);
	return false;
}

void sim_token_issue(struct sim_token_request *t, const struct sim_sign_in *in,
		     struct sim_scopes *scopes, enum sim_proof proof)
{
	struct sim_claims claims;

	if (!in->app->principal || in->app->principal_visible_ms > w365_now_ms()) {
		FAIL(t, 7000229,
		     "The client application %s is missing service principal in the tenant %s.",
		     in->app->app_id, t->sim->identity.tenant);
		return;
	}
	if (sim_user_is_disabled(t->sim, in->user->id)) {
		FAIL(t, 50057, "The user account is disabled.");
		return;
	}
	if (!sim_claims_read(sim_form_get(&t->form, "claims"), &claims)) {
		FAIL(t, 90023, "Invalid STS request: the 'claims' parameter is not valid JSON.");
		return;
	}
	sim_scopes_expand(t->sim, scopes, in->app, in->user->id);
	if (check_consent(t, in, scopes))
		succeed(t, in, scopes, proof);
}
