#include "auth/settings.h"
#include "base/buf.h"
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

const char *const *auth_settings_permissions(const struct auth_config *c)
{
	static const char *const reading[] = { "CloudPC.Read.All", NULL };

	return c->permissions && c->permissions[0] ? c->permissions : reading;
}

/* "CloudPC.Read.All", or with the resource before it. */
bool auth_scope_has(const char *words, const char *permission)
{
	size_t n = strlen(permission), len;

	for (const char *p = words; p && *p; p += len + (p[len] == ' ')) {
		len = strcspn(p, " ");
		if (len >= n && strncasecmp(p + len - n, permission, n) == 0 &&
		    (len == n || p[len - n - 1] == '/'))
			return true;
	}
	return false;
}

/* A person's token has what is asked for by name; an application's what was granted to it. */
char *auth_settings_scope(const struct auth_config *c, const struct auth_grant *g,
			  const char *granted)
{
	const char *const *p = auth_settings_permissions(c);
	struct w365_buf scope = W365_BUF;

	if (c->scope)
		return strdup(c->scope);
	if (g->app_only) {
		w365_buf_addf(&scope, "%s/.default", c->resource);
		return w365_buf_take(&scope);
	}
	for (unsigned i = 0; p[i]; i++)
		if (!i || !granted || auth_scope_has(granted, p[i]))
			w365_buf_addf(&scope, "%s/%s ", c->resource, p[i]);
	w365_buf_adds(&scope, "offline_access openid profile");
	return w365_buf_take(&scope);
}
