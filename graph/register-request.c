/* The requests of a registration as they go onto the wire: paths and bodies. */
#include "base/json-write.h"
#include "base/str.h"
#include "graph/register-steps.h"

#include <stdio.h>

#define GRAPH_APP "00000003-0000-0000-c000-000000000000"
#define MEMBERS \
	"id,appId,displayName,signInAudience,isFallbackPublicClient,publicClient,requiredResourceAccess,tags"

/* A name may have anything in it: a quote is doubled. */
static void filter(struct graph_register *g, const char *set, const char *member, const char *value,
		   const char *select)
{
	w365_buf_addf(&g->path, "/%s?$filter=%s%%20eq%%20'", set, member);
	for (const char *p = value; *p; p++) {
		char one[3] = { *p, *p == '\'' ? '\'' : '\0', '\0' };

		w365_buf_add_url(&g->path, one);
	}
	w365_buf_addf(&g->path, "'&$select=%s", select);
}

void graph_register_path(struct graph_register *g)
{
	const struct graph_register_result *to = &g->result;
	struct w365_buf *b = &g->path;

	w365_buf_reset(b);
	switch (g->phase) {
	case PHASE_RESOURCE:
		w365_buf_adds(b, "/servicePrincipals(appId='" GRAPH_APP
				 "')?$select=id,appRoles,oauth2PermissionScopes");
		break;
	case PHASE_FIND:
		if (g->plan->client_id)
			filter(g, "applications", "appId", g->plan->client_id, MEMBERS);
		else
			filter(g, "applications", "displayName", g->plan->name, MEMBERS);
		break;
	case PHASE_LIKELY: filter(g, "applications", "appId", g->plan->likely, MEMBERS); break;
	case PHASE_CREATE: w365_buf_adds(b, "/applications"); break;
	case PHASE_UPDATE:
	case PHASE_ADD_KEY:
	case PHASE_REMOVE: w365_buf_addf(b, "/applications/%s", to->object); break;
	case PHASE_SETTLE: w365_buf_addf(b, "/applications/%s?$select=id", to->object); break;
	case PHASE_KEYS:
		w365_buf_addf(b, "/applications/%s?$select=keyCredentials", to->object);
		break;
	case PHASE_SECRET_LOOK:
		w365_buf_addf(b, "/applications/%s?$select=passwordCredentials", to->object);
		break;
	case PHASE_SECRET: w365_buf_addf(b, "/applications/%s/addPassword", to->object); break;
	case PHASE_SECRET_REMOVE:
		w365_buf_addf(b, "/applications/%s/removePassword", to->object);
		break;
	case PHASE_FEDERATED:
	case PHASE_ADD_FEDERATED:
		w365_buf_addf(b, "/applications/%s/federatedIdentityCredentials", to->object);
		break;
	case PHASE_FIND_PRINCIPAL:
		filter(g, "servicePrincipals", "appId", to->client_id, "id");
		break;
	case PHASE_CREATE_PRINCIPAL: w365_buf_adds(b, "/servicePrincipals"); break;
	case PHASE_SETTLE_PRINCIPAL:
		w365_buf_addf(b, "/servicePrincipals/%s?$select=id", to->principal);
		break;
	case PHASE_GRANTS:
		w365_buf_addf(
			b,
			"/oauth2PermissionGrants?$filter=clientId%%20eq%%20'%s'%%20and%%20resourceId%%20eq%%20'%s'",
			to->principal, g->resource);
		break;
	case PHASE_GRANT: w365_buf_adds(b, "/oauth2PermissionGrants"); break;
	case PHASE_GRANT_MORE:
		w365_buf_adds(b, "/oauth2PermissionGrants/");
		w365_buf_add_url(b, g->grant);
		break;
	case PHASE_ROLES:
		w365_buf_addf(b, "/servicePrincipals/%s/appRoleAssignments", to->principal);
		break;
	case PHASE_ROLE:
		w365_buf_addf(b, "/servicePrincipals/%s/appRoleAssignedTo", g->resource);
		break;
	case PHASE_DONE: break;
	}
}

/* ---- bodies ---- */

static void body_create(const struct graph_register *g, struct w365_jw *w)
{
	w365_jw_pair(w, "displayName", g->plan->name);
	w365_jw_pair(w, "signInAudience",
		     g->plan->multi_tenant ? "AzureADMultipleOrgs" : "AzureADMyOrg");
	w365_jw_key(w, "tags");
	w365_jw_open(w, '[');
	w365_jw_str(w, "w365fs");
	w365_jw_close(w, ']');
	if (g->plan->person) {
		w365_jw_pair_bool(w, "isFallbackPublicClient", true);
		w365_jw_key(w, "publicClient");
		w365_jw_open(w, '{');
		w365_jw_pair_raw(w, "redirectUris", w365_buf_str(&g->redirects));
		w365_jw_close(w, '}');
	}
	w365_jw_pair_raw(w, "requiredResourceAccess", w365_buf_str(&g->required));
}

static void body_update(const struct graph_register *g, struct w365_jw *w)
{
	if (g->add_audience)
		w365_jw_pair(w, "signInAudience", "AzureADMultipleOrgs");
	if (g->add_fallback)
		w365_jw_pair_bool(w, "isFallbackPublicClient", true);
	if (g->redirects.len) {
		w365_jw_key(w, "publicClient");
		w365_jw_open(w, '{');
		w365_jw_pair_raw(w, "redirectUris", w365_buf_str(&g->redirects));
		w365_jw_close(w, '}');
	}
	if (g->required.len)
		w365_jw_pair_raw(w, "requiredResourceAccess", w365_buf_str(&g->required));
}

static void body_principal(const struct graph_register *g, struct w365_jw *w)
{
	w365_jw_pair(w, "appId", g->result.client_id);
}

static void body_key(const struct graph_register *g, struct w365_jw *w)
{
	w365_jw_key(w, "keyCredentials");
	w365_jw_open(w, '[');
	if (g->keys.len)
		w365_jw_raw(w, w365_buf_str(&g->keys));
	w365_jw_open(w, '{');
	w365_jw_pair(w, "type", "AsymmetricX509Cert");
	w365_jw_pair(w, "usage", "Verify");
	w365_jw_pair(w, "displayName", g->plan->certificate_name);
	w365_jw_pair(w, "key", g->plan->certificate);
	w365_jw_close(w, '}');
	w365_jw_close(w, ']');
}

static void body_federated(const struct graph_register *g, struct w365_jw *w)
{
	char name[40];

	/* Of its own for each subject; it can be changed by nobody. */
	snprintf(name, sizeof(name), "w365fs-%016llx",
		 (unsigned long long)w365_hash(
			 g->plan->subject, strlen(g->plan->subject),
			 w365_hash(g->plan->issuer, strlen(g->plan->issuer), 0)));
	w365_jw_pair(w, "name", name);
	w365_jw_pair(w, "issuer", g->plan->issuer);
	w365_jw_pair(w, "subject", g->plan->subject);
	w365_jw_key(w, "audiences");
	w365_jw_open(w, '[');
	w365_jw_str(w, "api://AzureADTokenExchange");
	w365_jw_close(w, ']');
}

static void body_secret(const struct graph_register *g, struct w365_jw *w)
{
	w365_jw_key(w, "passwordCredential");
	w365_jw_open(w, '{');
	w365_jw_pair(w, "displayName", g->plan->secret_name);
	w365_jw_pair(w, "endDateTime", g->plan->secret_end);
	w365_jw_close(w, '}');
}

static void body_remove_secret(const struct graph_register *g, struct w365_jw *w)
{
	w365_jw_pair(w, "keyId", g->stray_secret);
}

static void body_grant(const struct graph_register *g, struct w365_jw *w)
{
	w365_jw_pair(w, "clientId", g->result.principal);
	w365_jw_pair(w, "consentType", "AllPrincipals");
	w365_jw_pair(w, "resourceId", g->resource);
	w365_jw_pair(w, "scope", w365_buf_str(&g->scope));
}

static void body_grant_more(const struct graph_register *g, struct w365_jw *w)
{
	w365_jw_pair(w, "scope", w365_buf_str(&g->scope));
}

static void body_role(const struct graph_register *g, struct w365_jw *w)
{
	int i = graph_register_missing_role(g);

	w365_jw_pair(w, "principalId", g->result.principal);
	w365_jw_pair(w, "resourceId", g->resource);
	w365_jw_pair(w, "appRoleId", g->ids[i < 0 ? 0 : i].role);
}

void graph_register_body(struct graph_register *g)
{
	static void (*const bodies[PHASE_DONE])(const struct graph_register *g,
						struct w365_jw *w) = {
		[PHASE_CREATE] = body_create,
		[PHASE_UPDATE] = body_update,
		[PHASE_CREATE_PRINCIPAL] = body_principal,
		[PHASE_ADD_KEY] = body_key,
		[PHASE_ADD_FEDERATED] = body_federated,
		[PHASE_SECRET] = body_secret,
		[PHASE_SECRET_REMOVE] = body_remove_secret,
		[PHASE_GRANT] = body_grant,
		[PHASE_GRANT_MORE] = body_grant_more,
		[PHASE_ROLE] = body_role,
	};
	struct w365_jw w = { .out = &g->body };

	w365_buf_reset(&g->body);
	if (!bodies[g->phase])
		return;
	w365_jw_open(&w, '{');
	bodies[g->phase](g, &w);
	w365_jw_close(&w, '}');
}
