/* /adminconsent: an administrator agrees for everybody, application permissions too. */
#include <errno.h>

#include "base/macros.h"
#include "sim/page.h"

struct admin {
	struct sim *sim;
	const struct sim_request *req;
	struct sim_reply *reply;
	const char *tenant, *redirect;
	struct w365_span text;
	struct sim_form form;
	struct sim_app *app;
	struct sim_scopes scopes;
	struct w365_buf roles; /* application permissions */
	bool old;              /* the endpoint without /v2.0 */
};

static void tell(struct admin *a, const char *error, unsigned code, const char *sentence)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	sim_entra_describe(a->sim, a->req, code, sentence, &text);
	sim_page_redirect(a->reply, a->redirect, "query",
			  (const char *const[]){ "admin_consent", "True", "error",
						 a->old ? "permission_denied" : error,
						 "error_description", w365_buf_str(&text), "state",
						 sim_form_get(&a->form, "state"), NULL });
}

/* What is asked for. The old endpoint has no scope: it means all that is declared. */
static unsigned read_scope(struct admin *a, struct w365_err *err)
{
	const char *scope = sim_form_get(&a->form, "scope");
	unsigned code =
		sim_scopes_read(a->sim, scope && *scope ? scope : ".default", &a->scopes, err);

	if (code || !a->scopes.whole)
		return code;
	sim_declared(a->app, false, &a->scopes.words);
	sim_declared(a->app, true, &a->roles);
	return 0;
}

static bool begin(struct admin *a, struct w365_span text)
{
	struct sim_sign_in in = { 0 };
	struct w365_err err;
	const char *id;
	unsigned code = 0;

	a->text = text;
	if (sim_form_parse(text, &a->form, &err) < 0) {
		sim_page_error(a->sim, a->req, a->reply, 90023, err.msg);
		return false;
	}
	id = sim_form_get(&a->form, "client_id");
	a->redirect = sim_form_get(&a->form, "redirect_uri");
	a->app = id ? sim_app_find(a->sim, id) : NULL;
	if (!a->app) {
		code = 700016;
		w365_err_set(&err, EINVAL,
			     "Application with identifier '%.100s' was not found in the directory.",
			     id ? id : "");
	} else if (strcasecmp(a->tenant, "common") == 0) {
		code = 90009;
		w365_err_set(&err, EINVAL,
			     "Admin consent is not supported over the /common endpoint. Please use "
			     "the /organizations or tenant-specific endpoint.");
	} else {
		code = sim_entra_check_segment(a->sim, a->tenant, NULL, &err);
	}
	if (!code && (!a->redirect || !sim_redirect_known(a->app, a->redirect, &in))) {
		code = 50011;
		w365_err_set(
			&err, EINVAL,
			"The redirect URI '%.300s' specified in the request does not match the "
			"redirect URIs configured for the application '%s'.",
			a->redirect ? a->redirect : "", a->app->app_id);
	}
	if (!code)
		code = read_scope(a, &err);
	if (code)
		sim_page_error(a->sim, a->req, a->reply, code, err.msg);
	return !code;
}

static void show(struct admin *a, const char *problem)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	w365_buf_add(&text, a->text.p, a->text.len);
	sim_page_begin(a->reply, 200, "Permissions requested: review for your organization");
	if (problem) {
		w365_buf_adds(&a->reply->body, "<p role=\"alert\">");
		sim_page_text(a->reply, problem);
		w365_buf_adds(&a->reply->body, "</p>\n");
	}
	w365_buf_adds(&a->reply->body, "<p><b>");
	sim_page_text(a->reply, sim_app_name(a->app));
	w365_buf_adds(&a->reply->body, "</b> would like to, for every user:</p>\n");
	sim_page_permissions(a->reply, w365_buf_str(&a->scopes.words));
	if (a->roles.len) {
		w365_buf_adds(&a->reply->body, "<p>and by itself:</p>\n");
		sim_page_permissions(a->reply, w365_buf_str(&a->roles));
	}
	sim_page_form(a->sim, a->reply, a->tenant, a->old ? "/adminconsent" : "/v2.0/adminconsent");
	sim_page_hidden(a->reply, "request", w365_buf_str(&text));
	sim_page_credentials(a->reply, NULL);
	sim_page_button(a->reply, "action", "accept", "Accept");
	sim_page_button(a->reply, "action", "cancel", "Cancel");
	w365_buf_adds(&a->reply->body, "</form>\n");
	sim_page_end(a->reply);
}

static bool grant_roles(struct admin *a)
{
	for (const char *p = w365_buf_str(&a->roles); *p; p += strspn(p, " ")) {
		struct w365_span word = { p, strcspn(p, " ") };
		const struct sim_grantable *g = sim_grantable_find(word);

		p += word.len;
		if (g && !sim_assignment_add(a->sim, a->app->principal_id, g))
			return false;
	}
	return true;
}

static void accept(struct admin *a, const struct sim_user *user)
{
	struct sim_role rights = sim_user_rights(a->sim, user->id);
	_cleanup_(w365_buf_done) struct w365_buf scope = W365_BUF;

	if (!rights.consents_delegated || (a->roles.len && !rights.consents_applications)) {
		tell(a, "access_denied", 90094,
		     "This operation can only be performed by an administrator.");
		return;
	}
	if (!sim_app_ensure_principal(a->sim, a->app) ||
	    (a->scopes.words.len &&
	     !sim_consent_add(a->sim, a->app, "", w365_buf_str(&a->scopes.words))) ||
	    !grant_roles(a)) {
		tell(a, "server_error", 90033, "A transient error has occurred.");
		return;
	}
	for (const char *p = w365_buf_str(&a->scopes.words); *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		w365_buf_addf(&scope, "%shttps://graph.microsoft.com/%.*s", scope.len ? " " : "",
			      (int)n, p);
		p += n;
	}
	sim_page_redirect(a->reply, a->redirect, "query",
			  (const char *const[]){ "admin_consent", "True", "tenant",
						 a->sim->identity.tenant, "scope",
						 a->old ? NULL : w365_buf_str(&scope), "state",
						 sim_form_get(&a->form, "state"), NULL });
}

static void answer_form(struct admin *a, const struct sim_form *page)
{
	_cleanup_(w365_buf_done) struct w365_buf problem = W365_BUF;
	const char *action = sim_form_get(page, "action");
	const struct sim_user *user;
	struct w365_err err;
	unsigned code;

	if (action && w365_streq(action, "cancel")) {
		tell(a, "consent_required", 65004,
		     "The resource owner or authorization server denied the request.");
		return;
	}
	user = sim_page_sign_in(a->sim, page, &code, &err);
	if (user) {
		accept(a, user);
		return;
	}
	w365_buf_addf(&problem, "AADSTS%u: %s", code, err.msg);
	show(a, w365_buf_str(&problem));
}

void sim_admin_consent(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		       const char *tenant)
{
	struct admin a = { .sim = s, .req = req, .reply = reply, .tenant = tenant };
	struct sim_form page = { 0 };
	struct w365_err err;
	const char *request;

	a.old = !memmem(req->path.p, req->path.len, "/v2.0/", 6);
	if (w365_streq(req->method, "GET")) {
		if (begin(&a, req->query))
			show(&a, NULL);
	} else if (sim_form_parse(req->body, &page, &err) < 0 ||
		   !(request = sim_form_get(&page, "request"))) {
		sim_page_error(s, req, reply, 90023, "The form cannot be read.");
	} else if (begin(&a, (struct w365_span){ request, strlen(request) })) {
		answer_form(&a, &page);
	}
	sim_form_done(&a.form);
	sim_form_done(&page);
	sim_scopes_done(&a.scopes);
	w365_buf_done(&a.roles);
}
