/* grant_type=client_credentials: an application by itself, with a secret, a certificate, or another
 * party's word. */
#include "base/json-write.h"
#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"

#define GRAPH "https://graph.microsoft.com"

#define FAIL(t, ...) sim_entra_fail((t)->sim, (t)->req, (t)->reply, __VA_ARGS__)

/* The one scope of this grant is ".default" of one resource. Sets *@ret_audience. */
static bool check_scope(struct sim_token_request *t, const char *scope, const char **ret_audience)
{
	_cleanup_(w365_buf_done) struct w365_buf own = W365_BUF;

	w365_buf_addf(&own, "%s/.default", t->sim->config.base);
	*ret_audience = NULL;
	if (w365_streq(scope, GRAPH "/.default"))
		*ret_audience = GRAPH;
	else if (w365_streq(scope, w365_buf_str(&own)))
		*ret_audience = t->sim->config.base;
	else if (strchr(scope, ' '))
		FAIL(t, 70011,
		     "The provided request must include a 'scope' input parameter. The provided "
		     "value for the input parameter 'scope' is not valid. The scope %.300s is "
		     "not valid.",
		     scope);
	else if (!w365_ends(scope, "/.default"))
		FAIL(t, 1002012,
		     "The provided value for scope %.300s is not valid. Client credential flows "
		     "must have a scope value with /.default suffixed to the resource identifier "
		     "(application ID URI).",
		     scope);
	else
		FAIL(t, 500011,
		     "The resource principal named %.*s was not found in the tenant named %s. "
		     "This can happen if the application has not been installed by the "
		     "administrator of the tenant or consented to by any user in the tenant. You "
		     "might have sent your authentication request to the wrong tenant.",
		     (int)MIN(strlen(scope) - 9, (size_t)300), scope,
		     t->sim->identity.organization);
	return *ret_audience != NULL;
}

static void succeed(struct sim_token_request *t, const struct sim_app *app, const char *audience,
		    enum sim_proof proof, const struct sim_claims *claims)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET, roles = W365_BUF;
	struct sim *s = t->sim;
	struct w365_jw j;
	struct sim_token_spec spec = { .base = s->config.base,
				       .audience = audience,
				       .client_id = app->app_id,
				       .app_name = sim_app_name(app),
				       .proof = proof,
				       .cp1 = claims->cp1,
				       .answered_nbf = claims->cp1 ? claims->nbf : 0 };

	sim_app_roles(s, app->principal_id, app->built_in, &roles);
	spec.roles = w365_buf_str(&roles);
	if (!sim_token_mint(&s->identity, &spec, sim_now(s), &text)) {
		sim_entra_fail_as(s, t->req, t->reply, 500, "server_error", 90033,
				  "A transient error has occurred. Please try again.");
		return;
	}
	sim_token_reply(t, w365_buf_str(&text), &j);
	w365_jw_close(&j, '}');
}

void sim_grant_client(struct sim_token_request *t)
{
	const char *scope = sim_form_get(&t->form, "scope");
	struct sim_claims claims;
	enum sim_proof proof;
	const char *audience;
	struct sim_app *app;

	if (!sim_identity_is(&t->sim->identity, t->tenant)) {
		FAIL(t, 9001023,
		     "The grant type is not supported over the /common or /consumers endpoints. "
		     "Please use the /organizations or tenant-specific endpoint.");
		return;
	}
	if (!sim_token_param(t, "client_id", t->client_id) || !sim_token_param(t, "scope", scope))
		return;
	app = sim_token_client(t);
	/* Without a proof nothing else is looked at. */
	if (!app || (!t->client_secret && !sim_form_get(&t->form, "client_assertion") &&
		     !sim_token_prove(t, app, true, &proof)))
		return;
	if (!check_scope(t, scope, &audience) || !sim_token_prove(t, app, true, &proof))
		return;
	if (!app->principal || app->principal_visible_ms > w365_now_ms()) {
		FAIL(t, 7000229,
		     "The client application %s is missing service principal in the tenant %s.",
		     app->app_id, t->sim->identity.tenant);
		return;
	}
	if (!sim_claims_read(sim_form_get(&t->form, "claims"), &claims)) {
		FAIL(t, 90023, "Invalid STS request: the 'claims' parameter is not valid JSON.");
		return;
	}
	if (!sim_token_blocked(t, "client_credentials", NULL))
		succeed(t, app, audience, proof, &claims);
}
