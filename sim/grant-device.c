/* grant_type=urn:ietf:params:oauth:grant-type:device_code: has the person approved yet? */
#include "base/macros.h"
#include "base/time.h"
#include "sim/entra.h"

#define FAIL(t, ...) sim_entra_fail((t)->sim, (t)->req, (t)->reply, __VA_ARGS__)

static void pending(struct sim_token_request *t, struct sim_device *d)
{
	uint64_t now = w365_now_ms();
	/* Half a second is the network's. */
	bool fast = d->asked_ms && d->wait && now + 500 < d->asked_ms + d->wait * 1000ull;

	d->asked_ms = now;
	if (fast) {
		d->wait += 5;
		sim_entra_fail_as(t->sim, t->req, t->reply, 400, "slow_down", 70016,
				  "The client asks too often: wait longer between two requests.");
		return;
	}
	FAIL(t, 70016, "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
}

static bool check_state(struct sim_token_request *t, struct sim_device *d)
{
	if (!d || strcasecmp(d->sign_in.app->app_id, t->client_id) != 0)
		FAIL(t, 70018, "Invalid verification code: the device_code was not recognized.");
	else if (!sim_entra_same_segment(t->sim, d->tenant, t->tenant))
		sim_entra_fail_as(t->sim, t->req, t->reply, 400, "invalid_grant", 50134,
				  "Wrong data center or tenant for this device_code.");
	else if (d->state == SIM_DEVICE_USED)
		sim_entra_fail_as(t->sim, t->req, t->reply, 400, "invalid_grant", 54005,
				  "The device_code was already redeemed.");
	else if (d->state == SIM_DEVICE_DECLINED)
		sim_entra_fail_as(t->sim, t->req, t->reply, 400, "authorization_declined", 65004,
				  "The end user has denied the authorization request.");
	else if (d->until <= sim_now(t->sim))
		FAIL(t, 70020,
		     "The provided value for the input parameter 'device_code' is not valid. This "
		     "device code has expired.");
	else if (d->state == SIM_DEVICE_PENDING)
		pending(t, d);
	else
		return true;
	return false;
}

void sim_grant_device(struct sim_token_request *t)
{
	_cleanup_(sim_scopes_done) struct sim_scopes scopes = { 0 };
	_cleanup_(sim_sign_in_done) struct sim_sign_in in = { 0 };
	const char *text = sim_form_get(&t->form, "device_code");
	enum sim_proof proof;
	struct sim_device *d;
	struct w365_err err;
	struct sim_app *app;
	unsigned code;

	if (!text) /* the older clients' name for it */
		text = sim_form_get(&t->form, "code");
	if (!sim_token_param(t, "client_id", t->client_id) ||
	    !sim_token_param(t, "device_code", text))
		return;
	app = sim_token_client(t);
	d = app ? sim_device_find(&t->sim->sessions, text) : NULL;
	if (!app || !check_state(t, d))
		return;
	/* Only now does it matter whether the application may do this. */
	if (!sim_token_prove(t, app, !sim_app_is_public(app), &proof) ||
	    sim_token_blocked(t, "device_code", &d->sign_in))
		return;
	code = sim_scopes_read(t->sim, d->sign_in.scope, &scopes, &err);
	if (code) {
		FAIL(t, code, "%s", err.msg);
		return;
	}
	d->state = SIM_DEVICE_USED;
	if (sim_sign_in_copy(&in, &d->sign_in))
		sim_token_issue(t, &in, &scopes, proof);
	else
		FAIL(t, 90033, "A transient error has occurred. Please try again.");
}
