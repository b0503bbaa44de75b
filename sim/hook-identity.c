/* The hooks of the sign-in service: approvals, consents, policies, people. */
#include <errno.h>

#include "base/macros.h"
#include "sim/entra.h"
#include "sim/hook.h"

static const char *param(const struct sim_hook_call *h, const char *name)
{
	const char *value = sim_form_get(&h->form, name);

	return value && *value ? value : NULL;
}

/* The user of user=, or SIM_USER. */
static int find_user(const struct sim_hook_call *h, const struct sim_user **ret,
		     struct w365_err *reterr)
{
	const char *name = param(h, "user");

	*ret = sim_tenant_user(&h->sim->tenant, name ? name : h->sim->identity.user);
	if (!*ret)
		return w365_err_set(reterr, EINVAL, "there is no user '%.100s'", name ? name : "");
	return 0;
}

static int find_app(const struct sim_hook_call *h, const char *otherwise, struct sim_app **ret,
		    struct w365_err *reterr)
{
	const char *id = param(h, "client_id");

	*ret = sim_app_find(h->sim, id ? id : otherwise);
	if (!*ret)
		return w365_err_set(reterr, EINVAL, "there is no application '%.100s'",
				    id ? id : otherwise);
	return 0;
}

int sim_hook_device(struct sim_hook_call *h, struct w365_err *reterr)
{
	struct sim_sessions *s = &h->sim->sessions;
	const char *code = param(h, "user_code"), *action = param(h, "action");
	struct sim_device *d = code              ? sim_device_by_user_code(s, code)
			       : s->device_count ? &s->devices[s->device_count - 1]
						 : NULL;
	const struct sim_user *user;
	struct w365_err why;
	uint64_t seconds;
	unsigned number;
	int r = find_user(h, &user, reterr);

	if (r < 0)
		return r;
	if (param(h, "interval")) {
		r = sim_hook_number(h, "interval", &seconds, reterr);
		if (r == 0)
			s->device_wait = (unsigned)MIN(seconds, (uint64_t)SIM_DEVICE_LIFE);
		return r;
	}
	if (!d)
		return w365_err_set(reterr, EINVAL, "there is no such device code");
	if (!action || w365_streq(action, "approve")) {
		if (d->state != SIM_DEVICE_PENDING)
			return w365_err_set(reterr, EINVAL, "this code was answered already");
		if (!sim_device_approve(h->sim, d, user, &number, &why))
			return w365_err_set(reterr, EINVAL, "AADSTS%u: %s", number, why.msg);
	} else if (w365_streq(action, "decline")) {
		d->state = SIM_DEVICE_DECLINED;
	} else if (w365_streq(action, "expire")) {
		d->until = sim_now(h->sim) - 1;
	} else {
		return w365_err_set(reterr, EINVAL, "action= must be approve, decline or expire");
	}
	return 0;
}

int sim_hook_policy(struct sim_hook_call *h, struct w365_err *reterr)
{
	static const char *const grants[] = {
		"any",         "client_credentials", "authorization_code",
		"device_code", "refresh_token",      "authorize"
	};
	struct sim_sessions *s = &h->sim->sessions;
	const char *grant = param(h, "grant");
	struct sim_block *more;
	uint64_t code;
	int r;

	if (param(h, "clear")) {
		s->policy_count = 0;
		return 0;
	}
	r = sim_hook_number(h, "code", &code, reterr);
	if (r < 0)
		return r;
	if (code > UINT32_MAX || !sim_block_known((unsigned)code))
		return w365_err_set(reterr, EINVAL, "code=%llu is no policy's",
				    (unsigned long long)code);
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		if (!w365_streq(grant ? grant : "any", grants[i]))
			continue;
		more = reallocarray(s->policies, s->policy_count + 1, sizeof(*more));
		if (!more)
			return w365_err_oom(reterr);
		s->policies = more;
		more += s->policy_count++;
		*more = (struct sim_block){ .code = (unsigned)code, .serial = s->serial };
		snprintf(more->grant, sizeof(more->grant), "%s", grants[i]);
		return 0;
	}
	return w365_err_set(reterr, EINVAL, "grant=%.50s is not known", grant);
}

int sim_hook_sign_out(struct sim_hook_call *h, struct w365_err *reterr)
{
	struct sim_sessions *s = &h->sim->sessions;
	uint64_t code = 50173;
	int r = param(h, "code") ? sim_hook_number(h, "code", &code, reterr) : 0;

	if (r < 0)
		return r;
	if (code > UINT32_MAX || !sim_refresh_end((unsigned)code))
		return w365_err_set(reterr, EINVAL, "code=%llu does not end a sign-in",
				    (unsigned long long)code);
	s->browser_count = 0; /* their cookies mean nobody any more */
	s->revoked = s->refresh_number;
	s->revoked_code = (unsigned)code;
	return 0;
}

int sim_hook_consent(struct sim_hook_call *h, struct w365_err *reterr)
{
	const char *scopes = param(h, "scopes"), *who = param(h, "user");
	struct sim_scopes read = { 0 };
	const struct sim_user *user = NULL;
	struct sim_app *app;
	struct w365_err why;
	bool ok;
	int r = find_app(h, h->sim->identity.public_client_id, &app, reterr);

	if (r == 0 && who)
		r = find_user(h, &user, reterr);
	if (r < 0)
		return r;
	if (param(h, "clear")) {
		sim_consent_clear(h->sim, param(h, "client_id") ? app : NULL);
		return 0;
	}
	if (!scopes)
		return w365_err_set(reterr, EINVAL, "scopes= or clear=1 is missing");
	if (sim_scopes_read(h->sim, scopes, &read, &why))
		return w365_err_set(reterr, EINVAL, "%s", why.msg);
	ok = sim_app_ensure_principal(h->sim, app) &&
	     sim_consent_add(h->sim, app, user ? user->id : "", w365_buf_str(&read.words));
	sim_scopes_done(&read);
	return ok ? 0 : w365_err_oom(reterr);
}

int sim_hook_federated(struct sim_hook_call *h, struct w365_err *reterr)
{
	const char *issuer = param(h, "issuer"), *subject = param(h, "subject");
	const char *audience = param(h, "audience");
	cJSON *credential, *audiences;
	struct sim_app *app;
	char id[37];
	int r = find_app(h, h->sim->identity.client_id, &app, reterr);

	if (r < 0)
		return r;
	if (!issuer)
		return w365_err_set(reterr, EINVAL, "issuer= is missing");
	if (h->body.len)
		r = sim_issuer_add(h->sim, issuer, h->body, reterr);
	if (r < 0 || !subject)
		return r;
	if (!audience)
		audience = "api://AzureADTokenExchange";
	w365_guid_new(id);
	credential = cJSON_CreateObject();
	audiences = cJSON_CreateStringArray(&audience, 1);
	cJSON_AddStringToObject(credential, "id", id);
	cJSON_AddStringToObject(credential, "name", id);
	cJSON_AddStringToObject(credential, "issuer", issuer);
	cJSON_AddStringToObject(credential, "subject", subject);
	cJSON_AddNullToObject(credential, "description");
	cJSON_AddItemToObject(credential, "audiences", audiences);
	cJSON_AddItemToArray(app->federated, credential);
	return 0;
}

int sim_hook_user(struct sim_hook_call *h, struct w365_err *reterr)
{
	const char *role = param(h, "role"), *state = param(h, "state");
	const struct sim_role *found = NULL;
	const struct sim_user *user;
	int r = find_user(h, &user, reterr);

	if (r < 0)
		return r;
	if (role && !w365_streq(role, "none")) {
		found = sim_role_find(role);
		if (!found)
			return w365_err_set(reterr, EINVAL, "there is no role '%.100s'", role);
	}
	if (state && !w365_streq(state, "enabled") && !w365_streq(state, "disabled"))
		return w365_err_set(reterr, EINVAL, "state= must be enabled or disabled");
	if ((role && !sim_user_set_role(h->sim, user->id, found)) ||
	    (state && !sim_user_disable(h->sim, user->id, w365_streq(state, "disabled"))))
		return w365_err_oom(reterr);
	return 0;
}

int sim_hook_replication(struct sim_hook_call *h, struct w365_err *reterr)
{
	return sim_hook_number(h, "ms", &h->sim->directory.replication_ms, reterr);
}
