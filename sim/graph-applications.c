/* /applications: registrations, their secrets, certificates and federated credentials. */
#include <openssl/rand.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/graph-directory.h"
#include "sim/rng.h"

#define READ_SCOPES                                                          \
	"Application.Read.All Application.ReadWrite.All Directory.Read.All " \
	"Directory.AccessAsUser.All"
#define WRITE_SCOPES "Application.ReadWrite.All Directory.AccessAsUser.All"
#define WRITE_ROLES  "Application.ReadWrite.All Application.ReadWrite.OwnedBy"

/* What can be set, and what it is without that: JSON. */
static const struct {
	const char *name;
	int type;
	const char *otherwise;
} writable[] = {
	{ "displayName", cJSON_String, NULL },
	{ "description", cJSON_String, "null" },
	{ "notes", cJSON_String, "null" },
	{ "identifierUris", cJSON_Array, "[]" },
	{ "signInAudience", cJSON_String, "\"AzureADandPersonalMicrosoftAccount\"" },
	{ "isFallbackPublicClient", cJSON_True, "null" },
	{ "tags", cJSON_Array, "[]" },
	{ "api", cJSON_Object, "{\"oauth2PermissionScopes\":[],\"preAuthorizedApplications\":[]}" },
	{ "appRoles", cJSON_Array, "[]" },
	{ "publicClient", cJSON_Object, "{\"redirectUris\":[]}" },
	{ "web", cJSON_Object, "{\"redirectUris\":[]}" },
	{ "spa", cJSON_Object, "{\"redirectUris\":[]}" },
	{ "requiredResourceAccess", cJSON_Array, "[]" },
	{ "keyCredentials", cJSON_Array, "[]" },
	{ "optionalClaims", cJSON_Object, "null" },
	{ "info", cJSON_Object, "{}" },
	{ "serviceManagementReference", cJSON_String, "null" },
};

static bool right_type(const cJSON *value, int type)
{
	return cJSON_IsNull(value) || (value->type & type) ||
	       (type == cJSON_True && cJSON_IsBool(value));
}

/* Every member known and of its type? Answers if not. */
static bool check_members(struct sim_dir_call *d)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, d->body)
	{
		size_t i = 0;

		if (member->string[0] == '@')
			continue;
		while (i < ARRAY_SIZE(writable) && !w365_streq(writable[i].name, member->string))
			i++;
		if (i == ARRAY_SIZE(writable)) {
			SIM_DIR_FAIL(d, 400, "Request_BadRequest",
				     "Invalid property '%.100s', or one that cannot be set here.",
				     member->string);
			return false;
		}
		if (!right_type(member, writable[i].type)) {
			SIM_DIR_FAIL(d, 400, "Request_BadRequest",
				     "Invalid value specified for property '%s' of resource "
				     "'Application'.",
				     member->string);
			return false;
		}
	}
	return true;
}

static bool check_audience(struct sim_dir_call *d)
{
	static const char *const known[] = { "AzureADMyOrg", "AzureADMultipleOrgs",
					     "AzureADandPersonalMicrosoftAccount",
					     "PersonalMicrosoftAccount" };
	const char *audience = sim_dir_text(d, "signInAudience");

	for (size_t i = 0; audience && i < ARRAY_SIZE(known); i++)
		if (w365_streq(audience, known[i]))
			return true;
	if (audience)
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "Invalid value specified for property 'signInAudience' of resource "
			     "'Application'.");
	return !audience;
}

/* Each needs a certificate; gets an id and, if it has none, a name. */
static bool finish_keys(struct sim_dir_call *d, cJSON *app)
{
	cJSON *credential;
	char id[37];

	cJSON_ArrayForEach(credential, cJSON_GetObjectItemCaseSensitive(app, "keyCredentials"))
	{
		const char *key =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(credential, "key"));
		const char *type =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(credential, "type"));
		const char *usage =
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(credential, "usage"));

		if (!key || !type || !usage || !w365_streq(type, "AsymmetricX509Cert") ||
		    !w365_streq(usage, "Verify")) {
			SIM_DIR_FAIL(
				d, 400, "KeyCredentialsInvalidValue",
				"Key credential value is invalid: a certificate in 'key', type "
				"'AsymmetricX509Cert' and usage 'Verify' are needed.");
			return false;
		}
		if (!cJSON_GetObjectItemCaseSensitive(credential, "keyId")) {
			w365_guid_new(id);
			cJSON_AddStringToObject(credential, "keyId", id);
		}
	}
	return true;
}

/* Keys are shown to who selects them alone. */
static void show(struct sim_dir_call *d, int status, const struct sim_app *app)
{
	const char *select = sim_form_get(&d->query, "$select");
	bool keys = select && strstr(select, "keyCredentials") && sim_dir_is(d, "GET");
	cJSON *copy = cJSON_Duplicate(app->json, true), *credential;

	cJSON_ArrayForEach(credential,
			   cJSON_GetObjectItemCaseSensitive(copy, "keyCredentials")) if (!keys)
		cJSON_ReplaceItemInObject(credential, "key", cJSON_CreateNull());
	sim_dir_object(d, status, "applications/$entity", copy);
	cJSON_Delete(copy);
}

static void create(struct sim_dir_call *d)
{
	struct sim *s = d->c->sim;
	char app_id[37], now[W365_TIME_MAX];
	struct sim_app *app;
	cJSON *j;

	if (!sim_dir_may(d, WRITE_SCOPES, WRITE_ROLES) || !check_members(d) || !check_audience(d))
		return;
	if (!sim_dir_text(d, "displayName") || !*sim_dir_text(d, "displayName")) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "A value without a type name was found and no expected type is "
			     "available: 'displayName' is required.");
		return;
	}
	if (!finish_keys(d, d->body))
		return;
	sim_guid(s->config.seed, "app-id", ++s->directory.serial, app_id);
	app = sim_app_new(s, app_id);
	j = app ? cJSON_CreateObject() : NULL;
	if (!j) {
		SIM_DIR_FAIL(d, 500, "Service_InternalServerError", "No memory.");
		return;
	}
	cJSON_AddStringToObject(j, "id", app->id);
	cJSON_AddStringToObject(j, "appId", app_id);
	cJSON_AddStringToObject(j, "createdDateTime", w365_time_format(sim_now(s), now));
	cJSON_AddStringToObject(j, "publisherDomain", s->identity.domain);
	cJSON_AddItemToObject(j, "passwordCredentials", cJSON_CreateArray());
	for (size_t i = 0; i < ARRAY_SIZE(writable); i++) {
		const cJSON *given = cJSON_GetObjectItemCaseSensitive(d->body, writable[i].name);

		cJSON_AddItemToObject(j, writable[i].name,
				      given ? cJSON_Duplicate(given, true)
					    : cJSON_Parse(writable[i].otherwise));
	}
	app->json = j;
	snprintf(app->owner, sizeof(app->owner), "%s", d->c->caller.object_id);
	app->visible_ms = w365_now_ms() + s->directory.replication_ms;
	show(d, 201, app);
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
		cJSON *copy, *credential;

		if (!app->json || app->deleted || !sim_dir_visible(app->visible_ms))
			continue;
		copy = cJSON_Duplicate(app->json, true);
		cJSON_ArrayForEach(credential,
				   cJSON_GetObjectItemCaseSensitive(copy, "keyCredentials"))
			cJSON_ReplaceItemInObject(credential, "key", cJSON_CreateNull());
		cJSON_AddItemToArray(array, copy);
	}
	if (sim_dir_filter(d, array))
		sim_dir_list(d, "applications", array);
	else
		cJSON_Delete(array);
}

static void update(struct sim_dir_call *d, struct sim_app *app)
{
	const cJSON *member;

	if (!check_members(d) || !check_audience(d) || !finish_keys(d, d->body))
		return;
	cJSON_ArrayForEach(member, d->body)
	{
		if (member->string[0] == '@')
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(app->json, member->string);
		cJSON_AddItemToObject(app->json, member->string, cJSON_Duplicate(member, true));
	}
	sim_dir_nothing(d);
}

/* Deleting the application deletes its service principal, and what was granted to that. */
static void delete (struct sim_dir_call *d, struct sim_app *app)
{
	struct sim_directory *directory = &d->c->sim->directory;

	app->deleted = true;
	sim_consent_clear(d->c->sim, app);
	for (size_t i = 0; i < directory->assignment_count; i++)
		if (w365_streq(directory->assignments[i].principal, app->principal_id))
			directory->assignments[i].deleted = true;
	sim_dir_nothing(d);
}

static void make_secret(char out[41])
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_";
	unsigned char raw[40];

	RAND_bytes(raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		out[i] = letters[raw[i] & 63];
	/* What a careless form encoder gets wrong is somewhere in every one. */
	out[3] = '8';
	out[4] = 'Q';
	out[5] = '~';
	out[40] = '\0';
}

static void add_password(struct sim_dir_call *d, struct sim_app *app)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(d->body, "passwordCredential");
	const char *end_text =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(given, "endDateTime"));
	const char *name =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(given, "displayName"));
	time_t now = sim_now(d->c->sim), end = now + 2 * 365 * (time_t)86400;
	char id[37], value[41], hint[4], start[W365_TIME_MAX], stop[W365_TIME_MAX];
	struct timespec read;
	cJSON *j;

	if (end_text) {
		if (!w365_time_parse(end_text, strlen(end_text), &read) || read.tv_sec <= now) {
			SIM_DIR_FAIL(d, 400, "Request_BadRequest",
				     "Invalid value specified for property 'endDateTime' of "
				     "resource 'PasswordCredential'.");
			return;
		}
		end = read.tv_sec;
	}
	w365_guid_new(id);
	make_secret(value);
	snprintf(hint, sizeof(hint), "%.3s", value);
	if (!sim_app_add_secret(app, id, value, end)) {
		SIM_DIR_FAIL(d, 500, "Service_InternalServerError", "No memory.");
		return;
	}
	app->secrets[app->secret_count - 1].visible_ms =
		w365_now_ms() + d->c->sim->directory.replication_ms;
	j = cJSON_CreateObject();
	cJSON_AddNullToObject(j, "customKeyIdentifier");
	if (name)
		cJSON_AddStringToObject(j, "displayName", name);
	else
		cJSON_AddNullToObject(j, "displayName");
	cJSON_AddStringToObject(j, "endDateTime", w365_time_format(end, stop));
	cJSON_AddStringToObject(j, "hint", hint);
	cJSON_AddStringToObject(j, "keyId", id);
	cJSON_AddNullToObject(j, "secretText");
	cJSON_AddStringToObject(j, "startDateTime", w365_time_format(now, start));
	cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(app->json, "passwordCredentials"),
			     cJSON_Duplicate(j, true));
	cJSON_ReplaceItemInObject(j, "secretText", cJSON_CreateString(value));
	sim_dir_object(d, 200, "microsoft.graph.passwordCredential", j);
	cJSON_Delete(j);
	explicit_bzero(value, sizeof(value));
}

/* Where in the array is the object with that member? -1: nowhere. */
static int position(const cJSON *array, const char *member, const char *value)
{
	int n = cJSON_GetArraySize(array);

	for (int i = 0; value && i < n; i++) {
		const char *text = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(array, i), member));

		if (text && strcasecmp(text, value) == 0)
			return i;
	}
	return -1;
}

static void remove_password(struct sim_dir_call *d, struct sim_app *app)
{
	const char *id = sim_dir_text(d, "keyId");
	cJSON *array = cJSON_GetObjectItemCaseSensitive(app->json, "passwordCredentials");
	int at = position(array, "keyId", id);

	if (at < 0) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "No password credential found with keyId '%.50s'.", id ? id : "");
		return;
	}
	cJSON_DeleteItemFromArray(array, at);
	for (size_t i = 0; i < app->secret_count; i++)
		if (strcasecmp(app->secrets[i].key_id, id) == 0)
			app->secrets[i].end = 0;
	for (size_t i = 0; i < app->secret_count; i++)
		if (!app->secrets[i].end) {
			w365_wipe_str(app->secrets[i].value);
			app->secrets[i] = app->secrets[--app->secret_count];
		}
	sim_dir_nothing(d);
}

static void add_federated(struct sim_dir_call *d, struct sim_app *app)
{
	const char *const names[] = { "name", "issuer", "subject" };
	const cJSON *audiences = cJSON_GetObjectItemCaseSensitive(d->body, "audiences");
	const cJSON *other;
	char id[37];
	cJSON *j;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = sim_dir_text(d, names[i]);

		if (text && *text && strlen(text) <= (i ? 600 : 120))
			continue;
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "Property '%s' is required and has a bound.", names[i]);
		return;
	}
	if (cJSON_GetArraySize(audiences) != 1) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest", "Exactly one audience is expected.");
		return;
	}
	if (cJSON_GetArraySize(app->federated) >= 20) {
		SIM_DIR_FAIL(d, 400, "Request_BadRequest",
			     "FederatedIdentityCredentials are limited to 20.");
		return;
	}
	cJSON_ArrayForEach(other, app->federated)
	{
		if (w365_streq(cJSON_GetStringValue(cJSON_GetObjectItem(other, "name")),
			       sim_dir_text(d, "name")) ||
		    (w365_streq(cJSON_GetStringValue(cJSON_GetObjectItem(other, "issuer")),
				sim_dir_text(d, "issuer")) &&
		     w365_streq(cJSON_GetStringValue(cJSON_GetObjectItem(other, "subject")),
				sim_dir_text(d, "subject")))) {
			SIM_DIR_FAIL(d, 409, "Request_MultipleObjectsWithSameKeyValue",
				     "FederatedIdentityCredential with this name, or this issuer "
				     "and subject, already exists.");
			return;
		}
	}
	w365_guid_new(id);
	j = cJSON_CreateObject();
	cJSON_AddStringToObject(j, "id", id);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		cJSON_AddStringToObject(j, names[i], sim_dir_text(d, names[i]));
	if (sim_dir_text(d, "description"))
		cJSON_AddStringToObject(j, "description", sim_dir_text(d, "description"));
	else
		cJSON_AddNullToObject(j, "description");
	cJSON_AddItemToObject(j, "audiences", cJSON_Duplicate(audiences, true));
	cJSON_AddItemToArray(app->federated, cJSON_Duplicate(j, true));
	sim_dir_object(d, 201, "federatedIdentityCredentials/$entity", j);
	cJSON_Delete(j);
}

static void federated(struct sim_dir_call *d, struct sim_app *app, const char *id)
{
	int at = position(app->federated, "id", id);

	if (!id) {
		if (sim_dir_is(d, "POST"))
			add_federated(d, app);
		else if (sim_dir_is(d, "GET"))
			sim_dir_list(d, "federatedIdentityCredentials",
				     cJSON_Duplicate(app->federated, true));
		else
			sim_dir_method(d);
		return;
	}
	if (at < 0)
		at = position(app->federated, "name", id);
	if (at < 0) {
		sim_dir_missing(d, id);
	} else if (sim_dir_is(d, "GET")) {
		sim_dir_object(d, 200, "federatedIdentityCredentials/$entity",
			       cJSON_GetArrayItem(app->federated, at));
	} else if (sim_dir_is(d, "DELETE")) {
		cJSON_DeleteItemFromArray(app->federated, at);
		sim_dir_nothing(d);
	} else {
		sim_dir_method(d);
	}
}

/* By object id, or "appId='...')". NULL, and answered: there is none, or not yet. */
static struct sim_app *find(struct sim_dir_call *d, const char *key)
{
	struct sim_app *app = sim_dir_app(d, key, sim_app_by_id);

	if (app && app->json && sim_dir_visible(app->visible_ms))
		return app;
	sim_dir_missing(d, key);
	return NULL;
}

/* Who may change it: its owner, and administrators. */
static bool check_owner(struct sim_dir_call *d, const struct sim_app *app)
{
	const struct sim_caller *caller = &d->c->caller;

	if (w365_streq(app->owner, caller->object_id) ||
	    (caller->delegated ? sim_dir_rights(d).manages_apps
			       : sim_permits(caller->permissions, "Application.ReadWrite.All")))
		return true;
	sim_dir_insufficient(d);
	return false;
}

static void one(struct sim_dir_call *d, struct sim_app *app)
{
	if (sim_dir_is(d, "GET"))
		show(d, 200, app);
	else if (sim_dir_is(d, "PATCH"))
		update(d, app);
	else if (sim_dir_is(d, "DELETE"))
		delete (d, app);
	else
		sim_dir_method(d);
}

void sim_dir_applications(struct sim_dir_call *d)
{
	bool reads = sim_dir_is(d, "GET");
	const char *what = d->count > 2 ? d->segments[2] : NULL;
	struct sim_app *app;

	if (d->count == 1) {
		if (sim_dir_is(d, "POST"))
			create(d);
		else if (reads)
			list(d);
		else
			sim_dir_method(d);
		return;
	}
	if (!sim_dir_may(d, reads ? READ_SCOPES : WRITE_SCOPES, reads ? READ_SCOPES : WRITE_ROLES))
		return;
	app = find(d, d->segments[1]);
	if (!app || (!reads && !check_owner(d, app)))
		return;
	if (!what)
		one(d, app);
	else if (strcasecmp(what, "federatedIdentityCredentials") == 0)
		federated(d, app, d->count > 3 ? d->segments[3] : NULL);
	else if (strcasecmp(what, "addPassword") == 0 && sim_dir_is(d, "POST"))
		add_password(d, app);
	else if (strcasecmp(what, "removePassword") == 0 && sim_dir_is(d, "POST"))
		remove_password(d, app);
	else
		SIM_DIR_FAIL(d, 404, "BadRequest", "Resource not found for the segment '%.100s'.",
			     what);
}
