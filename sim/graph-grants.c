/* /oauth2PermissionGrants: which delegated permissions have been consented to. */
#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/graph-directory.h"

#define SCOPES "DelegatedPermissionGrant.ReadWrite.All Directory.AccessAsUser.All"

static cJSON *object(const struct sim_consent *c)
{
	cJSON *j = cJSON_CreateObject();
	char graph[37];

	sim_principal_id(SIM_GRAPH_APP, graph);
	cJSON_AddStringToObject(j, "clientId", c->client->principal_id);
	cJSON_AddStringToObject(j, "consentType", c->user[0] ? "Principal" : "AllPrincipals");
	cJSON_AddStringToObject(j, "id", c->id);
	if (c->user[0])
		cJSON_AddStringToObject(j, "principalId", c->user);
	else
		cJSON_AddNullToObject(j, "principalId");
	cJSON_AddStringToObject(j, "resourceId", graph);
	cJSON_AddStringToObject(j, "scope", c->scope);
	return j;
}

static void list(struct sim_dir_call *d, const struct sim_app *of)
{
	const struct sim_directory *directory = &d->c->sim->directory;
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < directory->consent_count; i++) {
		const struct sim_consent *c = &directory->consents[i];

		if (!c->deleted && c->scope && (!of || c->client == of))
			cJSON_AddItemToArray(array, object(c));
	}
	if (sim_dir_filter(d, array))
		sim_dir_list(d, "oauth2PermissionGrants", array);
	else
		cJSON_Delete(array);
}

static bool may_read(struct sim_dir_call *d)
{
	return sim_dir_may(d, SCOPES " Directory.Read.All",
			   "DelegatedPermissionGrant.ReadWrite.All Directory.Read.All");
}

void sim_dir_grants_of(struct sim_dir_call *d, const struct sim_app *app)
{
	if (may_read(d))
		list(d, app);
}

static bool may_write(struct sim_dir_call *d)
{
	if (!sim_dir_may(d, SCOPES, "DelegatedPermissionGrant.ReadWrite.All"))
		return false;
	if (sim_dir_rights(d).consents_delegated)
		return true;
	sim_dir_insufficient(d);
	return false;
}

/* Every word a delegated permission of Graph? Answers if not. */
static bool check_scope(struct sim_dir_call *d, const char *scope)
{
	for (const char *p = scope + strspn(scope, " "); *p; p += strspn(p, " ")) {
		struct w365_span word = { p, strcspn(p, " ") };
		const struct sim_grantable *g = sim_grantable_find(word);

		p += word.len;
		if (g && g->scope)
			continue;
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "The scope '%.*s' does not exist on the resource.",
			     (int)MIN(word.len, (size_t)100), word.p);
		return false;
	}
	return true;
}

static bool exists(const struct sim *s, const struct sim_app *app, const char *user)
{
	for (size_t i = 0; i < s->directory.consent_count; i++) {
		const struct sim_consent *c = &s->directory.consents[i];

		if (!c->deleted && c->client == app && w365_streq(c->user, user))
			return true;
	}
	return false;
}

static void create(struct sim_dir_call *d)
{
	struct sim *s = d->c->sim;
	const char *client = sim_dir_text(d, "clientId"), *type = sim_dir_text(d, "consentType");
	const char *principal = sim_dir_text(d, "principalId");
	const char *resource = sim_dir_text(d, "resourceId"), *scope = sim_dir_text(d, "scope");
	bool everybody = type && w365_streq(type, "AllPrincipals");
	struct sim_app *app;
	char graph[37];
	cJSON *j;

	sim_principal_id(SIM_GRAPH_APP, graph);
	if (!client || !resource || !scope || !type ||
	    (!everybody && !w365_streq(type, "Principal")) || everybody == (principal != NULL)) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "clientId, consentType, resourceId and scope are required, and "
			     "principalId with consentType Principal alone.");
		return;
	}
	app = sim_app_by_principal(s, client);
	if (!app || !sim_dir_visible(app->principal_visible_ms)) {
		sim_dir_missing(d, client);
	} else if (strcasecmp(resource, graph) != 0) {
		sim_dir_missing(d, resource);
	} else if (!everybody && !sim_tenant_user(&s->tenant, principal)) {
		sim_dir_missing(d, principal);
	} else if (!check_scope(d, scope)) {
		return;
	} else if (exists(s, app, everybody ? "" : principal)) {
		SIM_DIR_FAIL(d, 409, "Request_MultipleObjectsWithSameKeyValue",
			     "Permission entry already exists.");
	} else if (!sim_consent_add(s, app, everybody ? "" : principal, scope)) {
		SIM_DIR_FAIL(d, 500, "Service_InternalServerError", "No memory.");
	} else {
		j = object(&s->directory.consents[s->directory.consent_count - 1]);
		sim_dir_object(d, 201, "oauth2PermissionGrants/$entity", j);
		cJSON_Delete(j);
	}
}

static void update(struct sim_dir_call *d, struct sim_consent *c)
{
	const char *scope = sim_dir_text(d, "scope");
	char *copy;

	if (!scope) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest", "scope is required.");
		return;
	}
	if (!check_scope(d, scope))
		return;
	copy = strdup(scope);
	if (!copy) {
		SIM_DIR_FAIL(d, 500, "Service_InternalServerError", "No memory.");
		return;
	}
	free(c->scope);
	c->scope = copy;
	sim_dir_nothing(d);
}

static void one(struct sim_dir_call *d, struct sim_consent *c)
{
	cJSON *j;

	if (sim_dir_is(d, "GET")) {
		if (!may_read(d))
			return;
		j = object(c);
		sim_dir_object(d, 200, "oauth2PermissionGrants/$entity", j);
		cJSON_Delete(j);
	} else if (!sim_dir_is(d, "PATCH") && !sim_dir_is(d, "DELETE")) {
		sim_dir_method(d);
	} else if (!may_write(d)) {
		return;
	} else if (sim_dir_is(d, "PATCH")) {
		update(d, c);
	} else {
		c->deleted = true;
		sim_dir_nothing(d);
	}
}

void sim_dir_grants(struct sim_dir_call *d)
{
	struct sim_directory *directory = &d->c->sim->directory;

	if (d->count == 2) {
		for (size_t i = 0; i < directory->consent_count; i++) {
			struct sim_consent *c = &directory->consents[i];

			if (c->deleted || !w365_streq(c->id, d->segments[1]))
				continue;
			one(d, c);
			return;
		}
		sim_dir_missing(d, d->segments[1]);
	} else if (sim_dir_is(d, "GET")) {
		if (may_read(d))
			list(d, NULL);
	} else if (sim_dir_is(d, "POST")) {
		if (may_write(d))
			create(d);
	} else {
		sim_dir_method(d);
	}
}
