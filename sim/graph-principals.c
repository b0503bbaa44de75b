/* /servicePrincipals: the applications as this tenant knows them, and the application permissions
 * they have. */
#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/graph-directory.h"

#define READ_SCOPES                                                          \
	"Application.Read.All Application.ReadWrite.All Directory.Read.All " \
	"Directory.AccessAsUser.All"
#define WRITE_SCOPES  "Application.ReadWrite.All Directory.AccessAsUser.All"
#define WRITE_ROLES   "Application.ReadWrite.All Application.ReadWrite.OwnedBy"
#define ASSIGN_SCOPES "AppRoleAssignment.ReadWrite.All Directory.AccessAsUser.All"

static void create(struct sim_dir_call *d)
{
	struct sim *s = d->c->sim;
	const char *app_id = sim_dir_text(d, "appId");
	struct sim_app *app = app_id ? sim_app_find(s, app_id) : NULL;

	if (!sim_dir_may(d, WRITE_SCOPES, WRITE_ROLES))
		return;
	if (!app_id) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "A value is required for property 'appId' of resource "
			     "'ServicePrincipal'.");
	} else if (!app || !sim_dir_visible(app->visible_ms)) {
		SIM_DIR_FAIL(d, 400, "NoBackingApplicationObject",
			     "The appId '%.50s' of the service principal does not reference a "
			     "valid application object.",
			     app_id);
	} else if (app->principal) {
		SIM_DIR_FAIL(d, 409, "Request_MultipleObjectsWithSameKeyValue",
			     "The service principal cannot be created, updated, or restored "
			     "because the service principal name %s is already in use.",
			     app->app_id);
	} else if (!sim_app_make_principal(s, app)) {
		SIM_DIR_FAIL(d, 500, "Service_InternalServerError", "No memory.");
	} else {
		app->principal_visible_ms = w365_now_ms() + s->directory.replication_ms;
		sim_dir_object(d, 201, "servicePrincipals/$entity", app->principal);
	}
}

static void list(struct sim_dir_call *d)
{
	const struct sim_directory *directory = &d->c->sim->directory;
	cJSON *array;

	if (!sim_dir_may(d, READ_SCOPES, READ_SCOPES))
		return;
	array = cJSON_CreateArray();
	for (size_t i = 0; i < directory->app_count; i++) {
		const struct sim_app *app = directory->apps[i];

		if (app->principal && !app->deleted && sim_dir_visible(app->principal_visible_ms))
			cJSON_AddItemToArray(array, cJSON_Duplicate(app->principal, true));
	}
	if (sim_dir_filter(d, array))
		sim_dir_list(d, "servicePrincipals", array);
	else
		cJSON_Delete(array);
}

static struct sim_app *find(struct sim_dir_call *d, const char *key)
{
	struct sim_app *app = sim_dir_app(d, key, sim_app_by_principal);

	if (app && app->principal && sim_dir_visible(app->principal_visible_ms))
		return app;
	sim_dir_missing(d, key);
	return NULL;
}

static cJSON *assignment_object(struct sim_dir_call *d, const struct sim_assignment *a)
{
	const struct sim_app *principal = sim_app_by_principal(d->c->sim, a->principal);
	cJSON *j = cJSON_CreateObject();
	char created[W365_TIME_MAX], graph[37];

	sim_principal_id(SIM_GRAPH_APP, graph);
	cJSON_AddStringToObject(j, "id", a->id);
	cJSON_AddNullToObject(j, "deletedDateTime");
	cJSON_AddStringToObject(j, "appRoleId", a->permission->role);
	cJSON_AddStringToObject(j, "createdDateTime", w365_time_format(a->created, created));
	cJSON_AddStringToObject(j, "principalDisplayName",
				principal ? sim_app_name(principal) : "");
	cJSON_AddStringToObject(j, "principalId", a->principal);
	cJSON_AddStringToObject(j, "principalType", "ServicePrincipal");
	cJSON_AddStringToObject(j, "resourceDisplayName", "Microsoft Graph");
	cJSON_AddStringToObject(j, "resourceId", graph);
	return j;
}

static bool is_graph(const char *principal_id)
{
	char graph[37];

	sim_principal_id(SIM_GRAPH_APP, graph);
	return strcasecmp(principal_id, graph) == 0;
}

static void assign(struct sim_dir_call *d, const struct sim_app *app, bool to)
{
	struct sim *s = d->c->sim;
	const char *principal = sim_dir_text(d, "principalId");
	const char *resource = sim_dir_text(d, "resourceId"), *role = sim_dir_text(d, "appRoleId");
	const struct sim_app *target;
	const struct sim_grantable *permission;
	struct sim_assignment *made;
	cJSON *j;

	if (!sim_dir_may(d, ASSIGN_SCOPES, "AppRoleAssignment.ReadWrite.All"))
		return;
	if (!sim_dir_rights(d).consents_applications) {
		sim_dir_insufficient(d);
		return;
	}
	if (!principal || !resource || !role ||
	    strcasecmp(to ? resource : principal, app->principal_id) != 0) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "principalId, resourceId and appRoleId are required, and one of them "
			     "is the service principal of the address.");
		return;
	}
	target = sim_app_by_principal(s, principal);
	permission = sim_grantable_role(role);
	if (!target || !sim_dir_visible(target->principal_visible_ms)) {
		sim_dir_missing(d, principal);
	} else if (!is_graph(resource) || !permission) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "Permission being assigned was not found on application '%.50s'.",
			     resource);
	} else if (sim_assignment_find(s, target->principal_id, permission)) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "Permission being assigned already exists on the object");
	} else {
		made = sim_assignment_add(s, target->principal_id, permission);
		if (!made) {
			SIM_DIR_FAIL(d, 500, "Service_InternalServerError", "No memory.");
			return;
		}
		j = assignment_object(d, made);
		sim_dir_object(d, 201,
			       to ? "appRoleAssignedTo/$entity" : "appRoleAssignments/$entity", j);
		cJSON_Delete(j);
	}
}

static void list_assignments(struct sim_dir_call *d, const struct sim_app *app, bool to)
{
	const struct sim_directory *directory = &d->c->sim->directory;
	cJSON *array = cJSON_CreateArray();

	for (size_t i = 0; i < directory->assignment_count; i++) {
		const struct sim_assignment *a = &directory->assignments[i];

		if (!a->deleted && (to ? is_graph(app->principal_id)
				       : w365_streq(a->principal, app->principal_id)))
			cJSON_AddItemToArray(array, assignment_object(d, a));
	}
	if (sim_dir_filter(d, array))
		sim_dir_list(d, to ? "appRoleAssignedTo" : "appRoleAssignments", array);
	else
		cJSON_Delete(array);
}

static void unassign(struct sim_dir_call *d, const char *id)
{
	struct sim_directory *directory = &d->c->sim->directory;

	if (!sim_dir_may(d, ASSIGN_SCOPES, "AppRoleAssignment.ReadWrite.All"))
		return;
	if (!sim_dir_rights(d).consents_applications) {
		sim_dir_insufficient(d);
		return;
	}
	for (size_t i = 0; i < directory->assignment_count; i++) {
		if (directory->assignments[i].deleted ||
		    !w365_streq(directory->assignments[i].id, id))
			continue;
		directory->assignments[i].deleted = true;
		sim_dir_nothing(d);
		return;
	}
	sim_dir_missing(d, id);
}

void sim_dir_assignments(struct sim_dir_call *d, const struct sim_app *app, bool to, const char *id)
{
	if (id && sim_dir_is(d, "DELETE"))
		unassign(d, id);
	else if (!id && sim_dir_is(d, "POST"))
		assign(d, app, to);
	else if (!id && sim_dir_is(d, "GET")) {
		if (sim_dir_may(d, READ_SCOPES " " ASSIGN_SCOPES,
				READ_SCOPES " AppRoleAssignment.ReadWrite.All"))
			list_assignments(d, app, to);
	} else {
		sim_dir_method(d);
	}
}

static void update(struct sim_dir_call *d, struct sim_app *app)
{
	const char *const writable[] = { "accountEnabled", "appRoleAssignmentRequired", "tags" };
	const cJSON *member;

	cJSON_ArrayForEach(member, d->body)
	{
		bool known = false;

		for (size_t i = 0; i < ARRAY_SIZE(writable); i++)
			known |= w365_streq(member->string, writable[i]);
		if (!known && member->string[0] != '@') {
			SIM_DIR_FAIL(d, 400, "Request_BadRequest",
				     "Property '%.100s' cannot be set here.", member->string);
			return;
		}
	}
	cJSON_ArrayForEach(member, d->body)
	{
		cJSON_DeleteItemFromObjectCaseSensitive(app->principal, member->string);
		cJSON_AddItemToObject(app->principal, member->string,
				      cJSON_Duplicate(member, true));
	}
	sim_dir_nothing(d);
}

static void one(struct sim_dir_call *d, struct sim_app *app)
{
	if (sim_dir_is(d, "GET")) {
		if (sim_dir_may(d, READ_SCOPES, READ_SCOPES))
			sim_dir_object(d, 200, "servicePrincipals/$entity", app->principal);
		return;
	}
	if (!sim_dir_may(d, WRITE_SCOPES, WRITE_ROLES))
		return;
	if (!sim_dir_rights(d).manages_apps && !w365_streq(app->owner, d->c->caller.object_id)) {
		sim_dir_insufficient(d);
	} else if (sim_dir_is(d, "PATCH")) {
		update(d, app);
	} else if (sim_dir_is(d, "DELETE")) {
		sim_consent_clear(d->c->sim, app);
		cJSON_Delete(app->principal);
		app->principal = NULL;
		sim_dir_nothing(d);
	} else {
		sim_dir_method(d);
	}
}

void sim_dir_principals(struct sim_dir_call *d)
{
	const char *what = d->count > 2 ? d->segments[2] : NULL;
	const char *id = d->count > 3 ? d->segments[3] : NULL;
	struct sim_app *app;

	if (d->count == 1) {
		if (sim_dir_is(d, "POST"))
			create(d);
		else if (sim_dir_is(d, "GET"))
			list(d);
		else
			sim_dir_method(d);
		return;
	}
	app = find(d, d->segments[1]);
	if (!app)
		return;
	if (!what)
		one(d, app);
	else if (strcasecmp(what, "appRoleAssignedTo") == 0)
		sim_dir_assignments(d, app, true, id);
	else if (strcasecmp(what, "appRoleAssignments") == 0)
		sim_dir_assignments(d, app, false, id);
	else if (strcasecmp(what, "oauth2PermissionGrants") == 0 && sim_dir_is(d, "GET"))
		sim_dir_grants_of(d, app);
	else
		SIM_DIR_FAIL(d, 404, "BadRequest", "Resource not found for the segment '%.100s'.",
			     what);
}
