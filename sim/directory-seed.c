/* What the directory holds at the start: the applications of the environment file, Microsoft's own,
 * managed identities, and one administrator. */
#include "base/macros.h"
#include "sim/sim.h"

static cJSON *public_client(const char *const *uris, int count)
{
	cJSON *client = cJSON_CreateObject();

	cJSON_AddItemToObject(client, "redirectUris", cJSON_CreateStringArray(uris, count));
	return client;
}

static struct sim_app *add_app(struct sim *s, const char *app_id, const char *name, bool public)
{
	static const char *const uris[] = {
		"http://localhost", "http://127.0.0.1",
		"https://login.microsoftonline.com/common/oauth2/nativeclient"
	};
	struct sim_app *app = sim_app_new(s, app_id);
	cJSON *j = cJSON_CreateObject();

	if (!app || !j)
		return NULL;
	cJSON_AddStringToObject(j, "id", app->id);
	cJSON_AddStringToObject(j, "appId", app_id);
	cJSON_AddStringToObject(j, "displayName", name);
	cJSON_AddStringToObject(j, "createdDateTime", "2026-01-05T08:00:00Z");
	cJSON_AddStringToObject(j, "signInAudience", "AzureADMultipleOrgs");
	cJSON_AddBoolToObject(j, "isFallbackPublicClient", public);
	cJSON_AddItemToObject(j, "publicClient",
			      public_client(uris, public ? (int)ARRAY_SIZE(uris) : 0));
	cJSON_AddItemToObject(j, "requiredResourceAccess", cJSON_CreateArray());
	cJSON_AddItemToObject(j, "passwordCredentials", cJSON_CreateArray());
	cJSON_AddItemToObject(j, "keyCredentials", cJSON_CreateArray());
	app->json = j;
	app->built_in = !public;
	return sim_app_make_principal(s, app) ? app : NULL;
}

/* A service principal whose application is not in this tenant. */
static struct sim_app *add_foreign(struct sim *s, const char *app_id, const char *name,
				   const char *type)
{
	struct sim_app *app = sim_app_new(s, app_id);
	cJSON *p;

	if (!app || !sim_app_make_principal(s, app))
		return NULL;
	p = app->principal;
	cJSON_ReplaceItemInObject(p, "appDisplayName", cJSON_CreateString(name));
	cJSON_ReplaceItemInObject(p, "displayName", cJSON_CreateString(name));
	cJSON_ReplaceItemInObject(p, "servicePrincipalType", cJSON_CreateString(type));
	if (w365_streq(type, "Application"))
		cJSON_ReplaceItemInObject(
			p, "appOwnerOrganizationId",
			cJSON_CreateString("f8cdef31-a31e-4b4a-93e4-5f571e91255a"));
	return app;
}

static cJSON *app_role(const struct sim_grantable *g)
{
	static const char *const members[] = { "Application" };
	cJSON *role = cJSON_CreateObject();

	cJSON_AddItemToObject(role, "allowedMemberTypes", cJSON_CreateStringArray(members, 1));
	cJSON_AddStringToObject(role, "description", g->title);
	cJSON_AddStringToObject(role, "displayName", g->title);
	cJSON_AddStringToObject(role, "id", g->role);
	cJSON_AddBoolToObject(role, "isEnabled", true);
	cJSON_AddStringToObject(role, "origin", "Application");
	cJSON_AddStringToObject(role, "value", g->name);
	return role;
}

static cJSON *scope(const struct sim_grantable *g)
{
	cJSON *scope = cJSON_CreateObject();

	cJSON_AddStringToObject(scope, "adminConsentDescription", g->title);
	cJSON_AddStringToObject(scope, "adminConsentDisplayName", g->title);
	cJSON_AddStringToObject(scope, "id", g->scope);
	cJSON_AddBoolToObject(scope, "isEnabled", true);
	cJSON_AddStringToObject(scope, "type", g->admin ? "Admin" : "User");
	cJSON_AddStringToObject(scope, "userConsentDescription", g->title);
	cJSON_AddStringToObject(scope, "userConsentDisplayName", g->title);
	cJSON_AddStringToObject(scope, "value", g->name);
	return scope;
}

static bool add_graph(struct sim *s)
{
	struct sim_app *app = add_foreign(s, SIM_GRAPH_APP, "Microsoft Graph", "Application");
	cJSON *roles, *scopes;

	if (!app)
		return false;
	roles = cJSON_GetObjectItemCaseSensitive(app->principal, "appRoles");
	scopes = cJSON_GetObjectItemCaseSensitive(app->principal, "oauth2PermissionScopes");
	for (size_t i = 0; i < sim_grantable_count; i++) {
		const struct sim_grantable *g = &sim_grantables[i];

		if (g->role)
			cJSON_AddItemToArray(roles, app_role(g));
		if (g->scope)
			cJSON_AddItemToArray(scopes, scope(g));
	}
	return true;
}

int sim_directory_init(struct sim *s, struct w365_err *reterr)
{
	const struct sim_identity *id = &s->identity;
	struct sim_app *daemon = add_app(s, id->client_id, "w365fs service", false);
	struct sim_app *azure, *managed[2];
	bool ok =
		daemon && add_app(s, id->cert_client_id, "w365fs service (certificate)", false) &&
		add_app(s, id->public_client_id, "w365fs", true) && add_graph(s) &&
		add_foreign(s, SIM_CLI_TOOLS, "Microsoft Graph Command Line Tools", "Application");

	azure = ok ? add_foreign(s, SIM_AZURE_CLI, "Microsoft Azure CLI", "Application") : NULL;
	managed[0] = azure ? add_foreign(s, id->managed_id[0], "sim-vm", "ManagedIdentity") : NULL;
	managed[1] = managed[0] ? add_foreign(s, id->managed_id[1], "sim-user-assigned",
					      "ManagedIdentity")
				: NULL;
	if (!managed[1] || !sim_app_add_secret(daemon, "5ec2e700-0000-4000-8000-000000000001",
					       id->client_secret, INT64_MAX))
		return w365_err_oom(reterr);
	azure->preauthorized =
		"openid profile email offline_access User.Read User.Read.All Group.Read.All "
		"Application.ReadWrite.All AppRoleAssignment.ReadWrite.All "
		"DelegatedPermissionGrant.ReadWrite.All Directory.AccessAsUser.All";
	managed[0]->built_in = managed[1]->built_in = true;
	if (!sim_consent_add(s, azure, "", azure->preauthorized) ||
	    !sim_user_set_role(s, s->tenant.users[0].id, &sim_roles[0]) || !sim_assignment_seed(s))
		return w365_err_oom(reterr);
	return 0;
}
