#include "auth/settings.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/url.h"

#include <errno.h>
#include <stdio.h>

/* A GUID, or a host name: nothing that could change the path it becomes part of. */
static bool tenant_valid(const char *tenant)
{
	size_t n = strlen(tenant);

	if (!n || n > 253 || tenant[0] == '.' || strstr(tenant, ".."))
		return false;
	for (const char *p = tenant; *p; p++)
		if (!w365_is_alnum(*p) && *p != '-' && *p != '.')
			return false;
	return true;
}

static int check_tenant(const struct auth_config *c, const struct auth_grant *g,
			struct w365_err *reterr)
{
	static const char *const shared[] = { "common", "organizations", "consumers" };

	if (!c->tenant || !*c->tenant)
		return w365_err_set(
			reterr, EINVAL,
			"the tenant is missing: give --tenant or set AZURE_TENANT_ID to its id or a domain");
	if (!tenant_valid(c->tenant))
		return w365_err_set(
			reterr, EINVAL,
			"'%.100s' cannot be a tenant: it is a GUID or a domain such as contoso.com",
			c->tenant);
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
		if (strcasecmp(c->tenant, shared[i]) == 0 &&
		    (g->app_only || strcasecmp(c->tenant, "organizations") != 0))
			return w365_err_set(
				reterr, EINVAL,
				"%s signs in to one tenant: give its id or a domain instead of '%s'",
				g->app_only ? "an application" : "w365fs", c->tenant);
	return 0;
}

int auth_settings_check(const struct auth_config *c, const struct auth_grant *g,
			struct w365_err *reterr)
{
	struct w365_origin origin;
	const char *rest;
	int r = g->anonymous && !c->tenant ? 0 : check_tenant(c, g, reterr);

	if (r < 0)
		return r;
	if (!g->anonymous && (!c->client_id || !*c->client_id))
		return w365_err_set(
			reterr, EINVAL,
			"the application is missing: give --client-id or set AZURE_CLIENT_ID");
	if (c->client_id && !w365_is_guid(c->client_id))
		return w365_err_set(reterr, EINVAL,
				    "'%.100s' cannot be an application: its client id is a GUID",
				    c->client_id);
	if (w365_origin_parse(c->authority, &origin, &rest, reterr) < 0)
		return -EINVAL;
	if (!origin.tls && !origin.loopback)
		return w365_err_set(reterr, EINVAL, "--authority=%.200s must be https",
				    c->authority);
	if (*rest && !w365_streq(rest, "/"))
		return w365_err_set(
			reterr, EINVAL,
			"--authority=%.200s must be a bare address: the tenant is added to it",
			c->authority);
	return 0;
}

/* A person's token has what is asked for by name; an application's what was granted to it. */
char *auth_settings_scope(const struct auth_config *c, const struct auth_grant *g)
{
	char *scope = NULL;
	int n;

	if (c->scope)
		return strdup(c->scope);
	if (g->app_only)
		n = asprintf(&scope, "%s/.default", c->resource);
	else
		n = asprintf(&scope, "%s/CloudPC.Read.All%s%s%s offline_access openid profile",
			     c->resource, c->write ? " " : "", c->write ? c->resource : "",
			     c->write ? "/CloudPC.ReadWrite.All" : "");
	return n < 0 ? NULL : scope;
}
