/* Device code: the endpoint that begins it, and the page where people type the code. */
#include <errno.h>

#include "base/json-write.h"
#include "base/macros.h"
#include "sim/page.h"

static bool start(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		  const char *tenant, struct sim_form *form, struct sim_device **ret)
{
	const char *id = sim_form_get(form, "client_id"), *scope = sim_form_get(form, "scope");
	struct sim_app *app = id ? sim_app_find(s, id) : NULL;
	struct sim_scopes scopes = { 0 };
	struct w365_err err;
	unsigned code;

	if (!id || !*id || !scope || !*scope) {
		sim_entra_fail(s, req, reply, 900144,
			       "The request body must contain the following parameter: '%s'.",
			       id && *id ? "scope" : "client_id");
		return false;
	}
	if (!app || w365_streq(app->app_id, SIM_GRAPH_APP)) {
		sim_entra_fail(
			s, req, reply, 700016,
			"Application with identifier '%.100s' was not found in the directory "
			"'%s'.",
			id, s->identity.organization);
		return false;
	}
	code = sim_entra_check_segment(s, tenant, app, &err);
	if (!code)
		code = sim_scopes_read(s, scope, &scopes, &err);
	if (code) {
		sim_entra_fail(s, req, reply, code, "%s", err.msg);
		return false;
	}
	sim_scopes_done(&scopes);
	*ret = sim_device_new(&s->sessions, sim_now(s));
	if (*ret) {
		(*ret)->sign_in =
			(struct sim_sign_in){ .app = app, .scope = strdup(scope), .device = true };
		snprintf((*ret)->tenant, sizeof((*ret)->tenant), "%s", tenant);
	}
	if (!*ret || !(*ret)->sign_in.scope) {
		sim_entra_fail(s, req, reply, 90033, "A transient error has occurred.");
		return false;
	}
	return true;
}

void sim_device_code(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		     const char *tenant)
{
	_cleanup_(w365_buf_done) struct w365_buf uri = W365_BUF, message = W365_BUF;
	struct w365_jw j = { .out = &reply->body, .compact = true };
	struct sim_form form = { 0 };
	struct sim_device *d = NULL;
	struct w365_err err;

	if (sim_form_parse(req->body, &form, &err) < 0) {
		sim_entra_fail(s, req, reply, 9002313,
			       "Invalid request. Request is malformed or invalid. (%s)", err.msg);
		return;
	}
	if (start(s, req, reply, tenant, &form, &d)) {
		w365_buf_addf(&uri, "%s/device", s->config.base);
		w365_buf_addf(
			&message,
			"To sign in, use a web browser to open the page %s and enter the code "
			"%s to authenticate.",
			w365_buf_str(&uri), d->user_code);
		reply->status = 200;
		reply->content_type = "application/json; charset=utf-8";
		sim_reply_header(reply, "Cache-Control", "no-store, no-cache");
		w365_jw_open(&j, '{');
		w365_jw_pair(&j, "user_code", d->user_code);
		w365_jw_pair(&j, "device_code", d->device_code);
		w365_jw_pair(&j, "verification_uri", w365_buf_str(&uri));
		w365_jw_pair_int(&j, "expires_in", SIM_DEVICE_LIFE);
		w365_jw_pair_int(&j, "interval", d->wait);
		w365_jw_pair(&j, "message", w365_buf_str(&message));
		w365_jw_close(&j, '}');
	}
	sim_form_done(&form);
}

static void ask_code(struct sim *s, struct sim_reply *reply, const char *problem)
{
	sim_page_begin(reply, 200, "Enter code to allow access");
	if (problem) {
		w365_buf_adds(&reply->body, "<p role=\"alert\">");
		sim_page_text(reply, problem);
		w365_buf_adds(&reply->body, "</p>\n");
	}
	sim_page_form(s, reply, "", "/device");
	w365_buf_adds(&reply->body,
		      "<label>Code <input type=\"text\" name=\"user_code\" maxlength=\"12\" "
		      "autocomplete=\"off\"></label>\n");
	sim_page_button(reply, "action", "next", "Next");
	w365_buf_adds(&reply->body, "</form>\n");
	sim_page_end(reply);
}

/* Name and password, and what the application wants. */
static void ask_user(struct sim *s, struct sim_reply *reply, const struct sim_device *d,
		     const char *problem)
{
	struct sim_scopes scopes = { 0 };
	struct w365_err err;

	sim_page_begin(reply, 200, "Sign in to your account");
	if (problem) {
		w365_buf_adds(&reply->body, "<p role=\"alert\">");
		sim_page_text(reply, problem);
		w365_buf_adds(&reply->body, "</p>\n");
	}
	w365_buf_adds(&reply->body, "<p>You're signing in to <b>");
	sim_page_text(reply, sim_app_name(d->sign_in.app));
	w365_buf_adds(&reply->body, "</b> on another device. It would like to:</p>\n");
	if (sim_scopes_read(s, d->sign_in.scope, &scopes, &err) == 0) {
		sim_scopes_expand(s, &scopes, d->sign_in.app, "");
		sim_page_permissions(reply, w365_buf_str(&scopes.words));
		sim_scopes_done(&scopes);
	}
	sim_page_form(s, reply, "", "/device");
	sim_page_hidden(reply, "user_code", d->user_code);
	sim_page_credentials(reply, NULL);
	sim_page_button(reply, "action", "approve", "Continue");
	sim_page_button(reply, "action", "decline", "Cancel");
	w365_buf_adds(&reply->body, "</form>\n");
	sim_page_end(reply);
}

static void say(struct sim_reply *reply, const char *title, const char *text)
{
	sim_page_begin(reply, 200, title);
	w365_buf_adds(&reply->body, "<p>");
	sim_page_text(reply, text);
	w365_buf_adds(&reply->body, "</p>\n");
	sim_page_end(reply);
}

bool sim_device_approve(struct sim *s, struct sim_device *d, const struct sim_user *user,
			unsigned *ret_code, struct w365_err *reterr)
{
	_cleanup_(sim_scopes_done) struct sim_scopes scopes = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf missing = W365_BUF;
	struct sim_app *app = d->sign_in.app;
	unsigned code = sim_scopes_read(s, d->sign_in.scope, &scopes, reterr);

	if (!code) {
		sim_scopes_expand(s, &scopes, app, user->id);
		if (!sim_preauthorized(app, w365_buf_str(&scopes.words))) {
			code = 65002;
			w365_err_set(reterr, EINVAL,
				     "Consent between first party application and first party "
				     "resource must be configured via preauthorization.");
		}
		sim_scopes_missing(s, &scopes, app, user->id, &missing);
	}
	if (!code && sim_needs_admin(w365_buf_str(&missing)) &&
	    !sim_user_rights(s, user->id).consents_delegated) {
		code = 90094;
		w365_err_set(reterr, EINVAL,
			     "Need admin approval: %s needs permission to access resources in your "
			     "organization that only an admin can grant.",
			     sim_app_name(app));
	}
	*ret_code = code;
	if (code)
		return false;
	if (missing.len && (!sim_app_ensure_principal(s, app) ||
			    !sim_consent_add(s, app, user->id, w365_buf_str(&scopes.words)))) {
		*ret_code = 90033;
		w365_err_oom(reterr);
		return false;
	}
	d->sign_in.user = user;
	d->sign_in.serial = ++s->sessions.serial;
	d->state = SIM_DEVICE_APPROVED;
	return true;
}

static void answer_form(struct sim *s, struct sim_reply *reply, struct sim_device *d,
			const struct sim_form *form)
{
	_cleanup_(w365_buf_done) struct w365_buf problem = W365_BUF;
	const char *action = sim_form_get(form, "action");
	const struct sim_user *user;
	struct w365_err err;
	unsigned code;

	if (action && w365_streq(action, "decline")) {
		d->state = SIM_DEVICE_DECLINED;
		say(reply, "You cancelled", "You can close this window now.");
		return;
	}
	if (!action || !w365_streq(action, "approve")) {
		ask_user(s, reply, d, NULL);
		return;
	}
	user = sim_page_sign_in(s, form, &code, &err);
	if (user && sim_device_approve(s, d, user, &code, &err)) {
		say(reply, "You have signed in", "You can close this window now.");
		return;
	}
	w365_buf_addf(&problem, "AADSTS%u: %s", code, err.msg);
	ask_user(s, reply, d, w365_buf_str(&problem));
}

void sim_device_page(struct sim *s, const struct sim_request *req, struct sim_reply *reply)
{
	struct sim_form form = { 0 };
	struct w365_err err;
	const char *typed;
	struct sim_device *d;

	if (w365_streq(req->method, "GET")) {
		ask_code(s, reply, NULL);
		return;
	}
	if (!w365_streq(req->method, "POST") || sim_form_parse(req->body, &form, &err) < 0) {
		sim_page_error(s, req, reply, 90023, "Invalid STS request.");
		return;
	}
	typed = sim_form_get(&form, "user_code");
	d = typed ? sim_device_by_user_code(&s->sessions, typed) : NULL;
	if (!d || d->state != SIM_DEVICE_PENDING)
		ask_code(s, reply,
			 "AADSTS70018: Invalid verification code due to User typing in wrong user "
			 "code for device code flow.");
	else if (d->until <= sim_now(s))
		ask_code(s, reply,
			 "AADSTS70019: Verification code expired. Have the user retry "
			 "the sign-in.");
	else
		answer_form(s, reply, d, &form);
	sim_form_done(&form);
}
