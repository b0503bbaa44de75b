#include "auth/grant.h"
#include "auth/cache.h"
#include "base/str.h"

#include <errno.h>

const struct auth_grant *const auth_grants[] = {
	&auth_grant_client_secret,     &auth_grant_client_certificate,
	&auth_grant_workload_identity, &auth_grant_managed_identity,
	&auth_grant_azure_cli,         &auth_grant_browser,
	&auth_grant_device_code,       NULL,
};

static const struct auth_grant *by_name(const char *name)
{
	for (const struct auth_grant *const *g = auth_grants; *g; g++)
		if (w365_streq((*g)->name, name))
			return *g;
	return NULL;
}

/* A sign-in that a person made before, by whatever grant that was. */
static const struct auth_grant *kept(const struct auth_config *c)
{
	struct auth_account a = { 0 };
	const struct auth_grant *g = NULL;

	if (!c->token_cache || !c->tenant || !c->client_id ||
	    auth_cache_find(c->token_cache, c->authority, c->tenant, c->client_id, c->login_hint,
			    &a, NULL) <= 0)
		return NULL;
	g = a.grant ? by_name(a.grant) : NULL;
	auth_account_done(&a);
	return g && g->person ? g : NULL;
}

/* As Azure's own libraries look for it, but for what a person has signed in to for this program,
 * which comes before the machine's own identities; and a configured one that fails is not passed
 * over for another. */
static const struct auth_grant *automatic(const struct auth_config *c)
{
	const struct auth_grant *person = NULL;

	for (const struct auth_grant *const *g = auth_grants; *g; g++) {
		bool machine = *g == &auth_grant_managed_identity;

		if (machine && (person = kept(c)))
			return person;
		if ((*g)->configured(c) || (machine && c->azure == AUTH_AZURE_YES))
			return *g;
	}
	return c->person && c->tenant && c->client_id ? &auth_grant_browser : NULL;
}

int auth_grant_choose(const struct auth_config *c, const struct auth_grant **ret,
		      struct w365_err *reterr)
{
	static const char *const azure[] = {
		[AUTH_AZURE_UNASKED] = "",
		[AUTH_AZURE_NO] = ", and this is no machine of Azure",
		[AUTH_AZURE_YES] = "",
		[AUTH_AZURE_NO_IDENTITY] = ", and this machine of Azure has no such identity",
	};
	bool any = w365_streq(c->grant, "auto");

	*ret = any ? automatic(c) : by_name(c->grant);
	if (*ret)
		return 0;
	if (any)
		return w365_err_set(
			reterr, ENOKEY,
			"no sign-in is configured%s: run 'w365fs login', or give --client-secret-file or --certificate, "
			"or set AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH",
			azure[c->azure]);
	return w365_err_set(reterr, EINVAL,
			    "--auth=%.40s is not known; 'w365fs help mount' lists what is",
			    c->grant);
}
