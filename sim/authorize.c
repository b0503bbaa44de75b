/* /oauth2/v2.0/authorize and the pages behind it: who is it, and do they agree?
 *
 * The pages carry the whole request in a hidden field, so that nothing is kept here for those who
 * never come back; who has signed in is in the browser's cookie.
 */
#include <errno.h>

#include "base/macros.h"
#include "sim/page.h"
#include "sim/words.h"

/** A request for a code on its way through the pages. */
struct authorize {
	struct sim *sim;
	const struct sim_request *req;
	struct sim_reply *reply;
	const char *tenant;
	struct w365_span text; /* as it was sent first */
	struct sim_form form;
	struct sim_app *app;
	struct sim_sign_in in;
	struct sim_scopes scopes;
	const char *redirect, *mode, *prompt;
	const struct sim_user *user;
};

static const char *param(const struct authorize *a, const char *name)
{
	const char *value = sim_form_get(&a->form, name);

	return value && *value ? value : NULL;
}

static void done(struct authorize *a)
{
	sim_form_done(&a->form);
	sim_scopes_done(&a->scopes);
	sim_sign_in_done(&a->in);
}

/* What the application may be told: an error on its redirect URI. */
static void tell(struct authorize *a, const char *error, unsigned code, const char *sentence)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, uri = W365_BUF;

	sim_entra_describe(a->sim, a->req, code, sentence, &text);
	w365_buf_addf(&uri, "%s/error?code=%u", a->sim->config.base, code);
	sim_page_redirect(a->reply, a->redirect, a->mode,
			  (const char *const[]){ "error", error, "error_description",
						 w365_buf_str(&text), "error_uri",
						 w365_buf_str(&uri), "state", param(a, "state"),
						 NULL });
}

/* The application and its redirect URI: until they are known, errors are shown to the person. */
static bool find_client(struct authorize *a)
{
	const char *id = param(a, "client_id");
	struct w365_err err;
	unsigned code = 0;

	a->redirect = param(a, "redirect_uri");
	a->app = id ? sim_app_find(a->sim, id) : NULL;
	if (!id || !a->redirect) {
		code = 900144;
		w365_err_set(&err, EINVAL,
			     "The request body must contain the following parameter: '%s'.",
			     id ? "redirect_uri" : "client_id");
	} else if (!a->app || w365_streq(a->app->app_id, SIM_GRAPH_APP)) {
		code = 700016;
		w365_err_set(&err, EINVAL,
			     "Application with identifier '%.100s' was not found in the directory "
			     "'%s'. This can happen if the application has not been installed by "
			     "the administrator of the tenant or consented to by any user in the "
			     "tenant.",
			     id, a->sim->identity.organization);
	} else {
		code = sim_entra_check_segment(a->sim, a->tenant, a->app, &err);
	}
	if (!code && !sim_redirect_known(a->app, a->redirect, &a->in)) {
		code = 50011;
		w365_err_set(
			&err, EINVAL,
			"The redirect URI '%.300s' specified in the request does not match the "
			"redirect URIs configured for the application '%s'.",
			a->redirect, a->app->app_id);
	}
	if (code)
		sim_page_error(a->sim, a->req, a->reply, code, err.msg);
	return !code;
}

static bool check_challenge(struct authorize *a)
{
	const char *challenge = param(a, "code_challenge");
	const char *method = param(a, "code_challenge_method");

	if (method && !w365_streq(method, "S256") && !w365_streq(method, "plain"))
		tell(a, "invalid_request", 501491,
		     "The code_challenge_method must be 'plain' or 'S256'.");
	else if (!challenge && method)
		tell(a, "invalid_request", 50147, "The 'code_challenge' parameter is missing.");
	else if (challenge && (strlen(challenge) < 43 || strlen(challenge) > 128 ||
			       (method && w365_streq(method, "S256") && strlen(challenge) != 43)))
		tell(a, "invalid_request", 501491, "Invalid size of Code_Challenge parameter.");
	else
		return true;
	return false;
}

static bool check_request(struct authorize *a)
{
	const char *type = param(a, "response_type"), *scope = param(a, "scope");
	const char *mode = param(a, "response_mode");
	struct sim_claims claims;
	struct w365_err err;
	unsigned code;

	a->mode = "query";
	a->prompt = param(a, "prompt") ? param(a, "prompt") : "";
	if (mode && !w365_streq(mode, "query") && !w365_streq(mode, "fragment") &&
	    !w365_streq(mode, "form_post")) {
		tell(a, "invalid_request", 70007, "The 'response_mode' is not supported.");
		return false;
	}
	if (mode)
		a->mode = mode;
	if (!type)
		tell(a, "invalid_request", 900144,
		     "The request body must contain the following parameter: 'response_type'.");
	else if (!w365_streq(type, "code"))
		tell(a, "unsupported_response_type", 70005,
		     "The response_type is not enabled for the application.");
	else if (!scope)
		tell(a, "invalid_request", 900144,
		     "The request body must contain the following parameter: 'scope'.");
	else if (*a->prompt && !sim_has_word("none login select_account consent create", a->prompt))
		tell(a, "invalid_request", 90023,
		     "Invalid STS request: the value of 'prompt' is not supported.");
	else if (!sim_claims_read(param(a, "claims"), &claims))
		tell(a, "invalid_request", 90023,
		     "Invalid STS request: the 'claims' parameter is not valid JSON.");
	else if (check_challenge(a)) {
		code = sim_scopes_read(a->sim, scope, &a->scopes, &err);
		if (code)
			tell(a, sim_entra_error_word(code), code, err.msg);
		return !code;
	}
	return false;
}

/* Reads the request, from wherever it stands. False: answered. */
static bool begin(struct authorize *a, struct w365_span text)
{
	struct w365_err err;

	a->text = text;
	if (sim_form_parse(text, &a->form, &err) < 0) {
		sim_page_error(a->sim, a->req, a->reply, 90023, err.msg);
		return false;
	}
	return find_client(a) && check_request(a);
}

static void hide_request(struct authorize *a)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	w365_buf_add(&text, a->text.p, a->text.len);
	sim_page_hidden(a->reply, "request", w365_buf_str(&text));
}

static void sign_in_page(struct authorize *a, const char *problem)
{
	const char *hint = param(a, "login_hint");

	sim_page_begin(a->reply, 200, "Sign in to your account");
	if (problem) {
		w365_buf_adds(&a->reply->body, "<p role=\"alert\">");
		sim_page_text(a->reply, problem);
		w365_buf_adds(&a->reply->body, "</p>\n");
	}
	if (a->user && !w365_streq(a->prompt, "login")) {
		sim_page_form(a->sim, a->reply, a->tenant, "/login");
		hide_request(a);
		sim_page_button(a->reply, "account", a->user->upn, a->user->upn);
		w365_buf_adds(&a->reply->body, "</form>\n");
	}
	sim_page_form(a->sim, a->reply, a->tenant, "/login");
	hide_request(a);
	sim_page_credentials(a->reply, hint);
	sim_page_button(a->reply, "action", "sign-in", "Sign in");
	sim_page_button(a->reply, "action", "cancel", "Cancel");
	w365_buf_adds(&a->reply->body, "</form>\n");
	sim_page_end(a->reply);
}

static void consent_page(struct authorize *a, const char *words)
{
	bool approves = sim_user_rights(a->sim, a->user->id).consents_delegated;
	bool blocked = sim_needs_admin(words) && !approves;

	sim_page_begin(a->reply, 200, blocked ? "Need admin approval" : "Permissions requested");
	w365_buf_adds(&a->reply->body, "<p>");
	sim_page_text(a->reply, a->user->upn);
	w365_buf_adds(&a->reply->body, "</p>\n<p><b>");
	sim_page_text(a->reply, sim_app_name(a->app));
	w365_buf_adds(&a->reply->body,
		      blocked ? "</b> needs permission to access resources in your organization "
				"that only an admin can grant. (AADSTS90094)</p>\n"
			      : "</b> would like to:</p>\n");
	sim_page_permissions(a->reply, words);
	sim_page_form(a->sim, a->reply, a->tenant, "/consent");
	hide_request(a);
	if (!blocked) {
		if (approves)
			w365_buf_adds(&a->reply->body,
				      "<label><input type=\"checkbox\" name=\"everybody\" "
				      "value=\"1\"> Consent on behalf of your "
				      "organization</label>\n");
		sim_page_button(a->reply, "action", "accept", "Accept");
	}
	sim_page_button(a->reply, "action", blocked ? "back" : "cancel",
			blocked ? "Return to the application without granting consent" : "Cancel");
	w365_buf_adds(&a->reply->body, "</form>\n");
	sim_page_end(a->reply);
}

static void give_code(struct authorize *a)
{
	struct sim_sessions *sessions = &a->sim->sessions;
	struct sim_code *code = sim_code_new(sessions, sim_now(a->sim));
	const char *challenge = param(a, "code_challenge");
	const char *method = param(a, "code_challenge_method"), *nonce = param(a, "nonce");
	char session[37];

	w365_guid_new(session);
	if (code) {
		code->sign_in = (struct sim_sign_in){ .app = a->app,
						      .user = a->user,
						      .scope = strdup(param(a, "scope")),
						      .nonce = nonce ? strdup(nonce) : NULL,
						      .serial = ++sessions->serial,
						      .confidential = a->in.confidential,
						      .spa = a->in.spa };
		code->redirect = strdup(a->redirect);
		code->challenge = challenge ? strdup(challenge) : NULL;
		code->s256 = method && w365_streq(method, "S256");
		snprintf(code->tenant, sizeof(code->tenant), "%s", a->tenant);
	}
	if (!code || !code->sign_in.scope || !code->redirect) {
		tell(a, "server_error", 90033, "A transient error has occurred.");
		return;
	}
	sim_page_redirect(a->reply, a->redirect, a->mode,
			  (const char *const[]){ "code", code->text, "state", param(a, "state"),
						 "session_state", session, NULL });
}

/* Somebody is there: is consent? */
static void with_user(struct authorize *a, bool agreed)
{
	_cleanup_(w365_buf_done) struct w365_buf missing = W365_BUF;
	bool ask = w365_streq(a->prompt, "consent") && !agreed;
	const char *sentence;
	unsigned blocked = sim_authorize_blocked(a->sim, &sentence);

	/* The application never hears of it, unless it has asked to be told. */
	if (blocked) {
		if (w365_streq(a->prompt, "none"))
			tell(a, "interaction_required", blocked, sentence);
		else
			sim_page_error(a->sim, a->req, a->reply, blocked, sentence);
		return;
	}
	sim_scopes_expand(a->sim, &a->scopes, a->app, a->user->id);
	if (!sim_preauthorized(a->app, w365_buf_str(&a->scopes.words))) {
		tell(a, "invalid_request", 65002,
		     "Consent between first party application and first party resource must be "
		     "configured via preauthorization.");
		return;
	}
	sim_scopes_missing(a->sim, &a->scopes, a->app, a->user->id, &missing);
	if (!missing.len && !ask)
		give_code(a);
	else if (w365_streq(a->prompt, "none"))
		tell(a, "interaction_required", 65001,
		     "The user or administrator has not consented to use the application. Send an "
		     "interactive authorization request for this user and resource.");
	else
		consent_page(a, w365_buf_str(&a->scopes.words));
}

void sim_authorize(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		   const char *tenant)
{
	struct authorize a = { .sim = s, .req = req, .reply = reply, .tenant = tenant };
	bool post = w365_streq(req->method, "POST");
	const char *hint;

	if (!begin(&a, post ? req->body : req->query)) {
		done(&a);
		return;
	}
	a.user = sim_browser_user(&s->sessions, req->cookie);
	hint = param(&a, "login_hint");
	if (a.user && hint && strcasecmp(hint, a.user->upn) != 0)
		a.user = NULL;
	if (a.user && sim_user_is_disabled(s, a.user->id))
		a.user = NULL;
	if (!a.user && w365_streq(a.prompt, "none"))
		tell(&a, "login_required", 50058,
		     "A silent sign-in request was sent but no user is signed in.");
	else if (a.user &&
		 (!*a.prompt || w365_streq(a.prompt, "none") || w365_streq(a.prompt, "consent")))
		with_user(&a, false);
	else
		sign_in_page(&a, NULL);
	done(&a);
}

static void cancelled(struct authorize *a)
{
	tell(a, "access_denied", 65004, "User declined to consent to access the app.");
}

/* The form of a page, and the request inside it. False: answered. */
static bool begin_page(struct authorize *a, struct sim_form *page)
{
	struct w365_err err;
	const char *request;

	if (sim_form_parse(a->req->body, page, &err) < 0) {
		sim_page_error(a->sim, a->req, a->reply, 90023, err.msg);
		return false;
	}
	request = sim_form_get(page, "request");
	if (!request) {
		sim_page_error(a->sim, a->req, a->reply, 900144, "The form has no 'request'.");
		return false;
	}
	return begin(a, (struct w365_span){ request, strlen(request) });
}

void sim_login(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
	       const char *tenant)
{
	struct authorize a = { .sim = s, .req = req, .reply = reply, .tenant = tenant };
	struct sim_form page = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf problem = W365_BUF;
	const char *action, *account;
	const struct sim_user *user;
	struct w365_err err;
	unsigned code;

	if (begin_page(&a, &page)) {
		action = sim_form_get(&page, "action");
		account = sim_form_get(&page, "account");
		a.user = sim_browser_user(&s->sessions, req->cookie);
		if (action && w365_streq(action, "cancel")) {
			cancelled(&a);
		} else if (account && a.user && strcasecmp(account, a.user->upn) == 0 &&
			   !w365_streq(a.prompt, "login")) {
			with_user(&a, false);
		} else {
			user = sim_page_sign_in(s, &page, &code, &err);
			if (user) {
				a.user = user;
				sim_page_remember(s, reply, user);
				with_user(&a, false);
			} else {
				w365_buf_addf(&problem, "AADSTS%u: %s", code, err.msg);
				sign_in_page(&a, w365_buf_str(&problem));
			}
		}
	}
	sim_form_done(&page);
	done(&a);
}

static void accept(struct authorize *a, bool everybody)
{
	struct sim_role rights = sim_user_rights(a->sim, a->user->id);

	sim_scopes_expand(a->sim, &a->scopes, a->app, a->user->id);
	if (sim_needs_admin(w365_buf_str(&a->scopes.words)) && !rights.consents_delegated) {
		tell(a, "access_denied", 90094,
		     "Admin consent is required for the permissions requested by this application. "
		     "An admin consent request may be sent to the admin.");
		return;
	}
	if (sim_app_ensure_principal(a->sim, a->app) &&
	    sim_consent_add(a->sim, a->app,
			    everybody && rights.consents_delegated ? "" : a->user->id,
			    w365_buf_str(&a->scopes.words)))
		with_user(a, true);
	else
		tell(a, "server_error", 90033, "A transient error has occurred.");
}

void sim_consent_page(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		      const char *tenant)
{
	struct authorize a = { .sim = s, .req = req, .reply = reply, .tenant = tenant };
	struct sim_form page = { 0 };
	const char *action;

	if (begin_page(&a, &page)) {
		action = sim_form_get(&page, "action");
		a.user = sim_browser_user(&s->sessions, req->cookie);
		if (!a.user)
			sign_in_page(&a, NULL);
		else if (action && w365_streq(action, "accept"))
			accept(&a, sim_form_get(&page, "everybody") != NULL);
		else if (action && w365_streq(action, "back"))
			tell(&a, "access_denied", 90094,
			     "Admin consent is required for the permissions requested by this "
			     "application.");
		else
			cancelled(&a);
	}
	sim_form_done(&page);
	done(&a);
}

void sim_logout(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		const char *tenant)
{
	struct sim_form form = { 0 };
	struct w365_err err;

	sim_page_begin(reply, 200, "You signed out of your account");
	sim_page_end(reply);
	sim_reply_header(reply, "Set-Cookie", "ESTSAUTH=; Path=/; Max-Age=0");
	if (sim_form_parse(req->query, &form, &err) == 0) {
		const char *to = sim_form_get(&form, "post_logout_redirect_uri");
		struct sim_sign_in in = { 0 };

		/* Only to where some application of this tenant lives. */
		for (size_t i = 0; to && i < s->directory.app_count; i++) {
			if (!sim_redirect_known(s->directory.apps[i], to, &in))
				continue;
			reply->status = 302;
			sim_reply_header(reply, "Location", to);
			break;
		}
	}
	sim_form_done(&form);
}
