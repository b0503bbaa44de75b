/* The directory half of Graph: the request read, who may, and what is small: the caller, the
 * organization. */
#include "sim/graph-directory.h"

#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/words.h"

#define SKU "226ca751-f0a4-4232-9be5-73c02a92555e" /* Windows 365 Enterprise 2 vCPU 8 GB 128 GB */

bool sim_dir_is(const struct sim_dir_call *d, const char *method)
{
	return w365_streq(d->c->req->method, method);
}

struct sim_app *sim_dir_app(const struct sim_dir_call *d, const char *key,
			    struct sim_app *(*by_object)(const struct sim *s, const char *id))
{
	char id[37];

	if (strncasecmp(key, "appId='", 7) != 0)
		return by_object(d->c->sim, key);
	snprintf(id, sizeof(id), "%s", key + 7);
	return sim_app_find(d->c->sim, id);
}

bool sim_dir_visible(uint64_t visible_ms)
{
	return w365_now_ms() >= visible_ms;
}

const char *sim_dir_text(const struct sim_dir_call *d, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(d->body, name));
}

void sim_dir_insufficient(struct sim_dir_call *d)
{
	SIM_DIR_FAIL(d, 403, "Authorization_RequestDenied",
		     "Insufficient privileges to complete the operation.");
}

struct sim_role sim_dir_rights(const struct sim_dir_call *d)
{
	if (!d->c->caller.delegated)
		return (struct sim_role){ .consents_delegated = true,
					  .consents_applications = true,
					  .manages_apps = true };
	return sim_user_rights(d->c->sim, d->c->caller.object_id);
}

bool sim_dir_may(struct sim_dir_call *d, const char *scopes, const char *roles)
{
	const char *allowed = d->c->caller.delegated ? scopes : roles;

	for (const char *p = allowed; *p; p += strspn(p, " ")) {
		char word[80];
		size_t n = strcspn(p, " ");

		snprintf(word, sizeof(word), "%.*s", (int)MIN(n, sizeof(word) - 1), p);
		p += n;
		if (sim_permits(d->c->caller.permissions, word))
			return true;
	}
	sim_dir_insufficient(d);
	return false;
}

void sim_dir_missing(struct sim_dir_call *d, const char *id)
{
	SIM_DIR_FAIL(d, 404, "Request_ResourceNotFound",
		     "Resource '%.200s' does not exist or one of its queried reference-property "
		     "objects are not present.",
		     id);
}

void sim_dir_method(struct sim_dir_call *d)
{
	SIM_DIR_FAIL(d, 405, "Request_BadRequest",
		     "Specified HTTP method is not allowed for the request target.");
}

void sim_dir_nothing(struct sim_dir_call *d)
{
	d->c->reply->status = 204;
	d->c->reply->content_type = NULL;
}

/* A copy with the members that $select names; all without it. */
static cJSON *selected(const struct sim_dir_call *d, const cJSON *object)
{
	const char *select = sim_form_get(&d->query, "$select");
	cJSON *copy = select ? cJSON_CreateObject() : cJSON_Duplicate(object, true);

	for (const char *p = select; p && *p; p += strspn(p, ", ")) {
		char name[64];
		size_t n = strcspn(p, ", ");
		const cJSON *member;

		snprintf(name, sizeof(name), "%.*s", (int)MIN(n, sizeof(name) - 1), p);
		p += n;
		member = cJSON_GetObjectItem(object, name);
		if (member)
			cJSON_AddItemToObject(copy, member->string, cJSON_Duplicate(member, true));
	}
	return copy;
}

static void write_out(struct sim_dir_call *d, int status, cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);

	d->c->reply->status = status;
	if (text)
		w365_buf_adds(&d->c->reply->body, text);
	free(text);
	cJSON_Delete(object);
}

static cJSON *with_context(struct sim_dir_call *d, const char *set)
{
	_cleanup_(w365_buf_done) struct w365_buf context = W365_BUF;
	cJSON *object = cJSON_CreateObject();

	w365_buf_addf(&context, "%s/%s/$metadata#%s", d->c->sim->config.base,
		      sim_version_name(d->c->version), set);
	cJSON_AddStringToObject(object, "@odata.context", w365_buf_str(&context));
	return object;
}

void sim_dir_object(struct sim_dir_call *d, int status, const char *set, const cJSON *object)
{
	cJSON *out = with_context(d, set), *copy = selected(d, object), *member;

	while ((member = cJSON_DetachItemFromArray(copy, 0)))
		cJSON_AddItemToObject(out, member->string, member);
	cJSON_Delete(copy);
	write_out(d, status, out);
}

void sim_dir_list(struct sim_dir_call *d, const char *set, cJSON *array)
{
	const char *top = sim_form_get(&d->query, "$top");
	const char *count = sim_form_get(&d->query, "$count");
	cJSON *out = with_context(d, set), *value = cJSON_CreateArray();
	const cJSON *item;
	uint64_t limit = UINT64_MAX, n = 0;

	if (top && !w365_parse_u64(top, &limit)) {
		cJSON_Delete(out);
		cJSON_Delete(value);
		cJSON_Delete(array);
		SIM_DIR_FAIL(d, 400, "Request_BadRequest", "Invalid $top: '%.50s'.", top);
		return;
	}
	if (count && w365_streq(count, "true"))
		cJSON_AddNumberToObject(out, "@odata.count", cJSON_GetArraySize(array));
	cJSON_ArrayForEach(item, array) if (n++ < limit)
		cJSON_AddItemToArray(value, selected(d, item));
	cJSON_AddItemToObject(out, "value", value);
	cJSON_Delete(array);
	write_out(d, 200, out);
}

/** One comparison: name eq 'text', or startswith(name,'text'). */
struct term {
	char name[64], value[256];
	bool starts;
};

/* Reads 'text' with doubled quotes. NULL: it is none. */
static const char *read_quoted(const char *p, char *out, size_t size)
{
	size_t n = 0;

	if (*p++ != '\'')
		return NULL;
	for (; *p && (*p != '\'' || p[1] == '\''); p++) {
		p += *p == '\'';
		if (n + 1 < size)
			out[n++] = *p;
	}
	out[n] = '\0';
	return *p == '\'' ? p + 1 : NULL;
}

static const char *read_name(const char *p, char *out, size_t size)
{
	size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	if (!n || n >= size)
		return NULL;
	snprintf(out, size, "%.*s", (int)n, p);
	return p + n;
}

static const char *read_term(const char *p, struct term *t)
{
	*t = (struct term){ .starts = strncasecmp(p, "startswith(", 11) == 0 };
	p = read_name(t->starts ? p + 11 : p, t->name, sizeof(t->name));
	if (!p)
		return NULL;
	p += strspn(p, " ");
	if (t->starts) {
		if (*p++ != ',')
			return NULL;
	} else if (strncasecmp(p, "eq ", 3) == 0) {
		p += 3;
	} else {
		return NULL;
	}
	p += strspn(p, " ");
	if (*p == '\'') {
		p = read_quoted(p, t->value, sizeof(t->value));
	} else {
		size_t n = strcspn(p, " )");

		snprintf(t->value, sizeof(t->value), "%.*s", (int)n, p);
		p += n;
	}
	if (p && t->starts)
		return *p == ')' ? p + 1 : NULL;
	return p;
}

static bool fits(const struct term *t, const cJSON *item)
{
	const cJSON *member = cJSON_GetObjectItem(item, t->name);

	if (cJSON_IsBool(member))
		return w365_streq(t->value, cJSON_IsTrue(member) ? "true" : "false");
	if (!cJSON_IsString(member))
		return w365_streq(t->value, "null") && cJSON_IsNull(member);
	if (t->starts)
		return strncasecmp(member->valuestring, t->value, strlen(t->value)) == 0;
	return strcasecmp(member->valuestring, t->value) == 0;
}

bool sim_dir_filter(struct sim_dir_call *d, cJSON *array)
{
	const char *p = sim_form_get(&d->query, "$filter");
	struct term t;

	while (p && *p) {
		p = read_term(p + strspn(p, " "), &t);
		if (!p)
			break;
		for (int i = cJSON_GetArraySize(array) - 1; i >= 0; i--)
			if (!fits(&t, cJSON_GetArrayItem(array, i)))
				cJSON_DeleteItemFromArray(array, i);
		p += strspn(p, " ");
		if (!*p)
			return true;
		if (strncasecmp(p, "and ", 4) != 0)
			break;
		p += 4;
	}
	if (!sim_form_get(&d->query, "$filter"))
		return true;
	SIM_DIR_FAIL(d, 400, "Request_UnsupportedQuery",
		     "Unsupported or invalid query filter clause.");
	return false;
}

static cJSON *user_object(const struct sim_user *u)
{
	cJSON *j = cJSON_CreateObject();

	cJSON_AddStringToObject(j, "id", u->id);
	cJSON_AddStringToObject(j, "displayName", u->display);
	cJSON_AddStringToObject(j, "userPrincipalName", u->upn);
	cJSON_AddStringToObject(j, "mail", u->upn);
	cJSON_AddNullToObject(j, "jobTitle");
	cJSON_AddStringToObject(j, "userType", u->guest ? "Guest" : "Member");
	return j;
}

static void one_user(struct sim_dir_call *d, const char *id)
{
	const struct sim_user *u = sim_tenant_user(&d->c->sim->tenant, id);
	cJSON *j;

	if (!u) {
		sim_dir_missing(d, id);
		return;
	}
	j = user_object(u);
	sim_dir_object(d, 200, "users/$entity", j);
	cJSON_Delete(j);
}

static void roles_of(struct sim_dir_call *d, const char *user)
{
	const struct sim_directory *directory = &d->c->sim->directory;
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < directory->membership_count; i++) {
		const struct sim_membership *m = &directory->memberships[i];
		cJSON *j;
		char id[37];

		if (strcasecmp(m->user, user) != 0)
			continue;
		j = cJSON_CreateObject();
		sim_principal_id(m->role->id, id);
		cJSON_AddStringToObject(j, "@odata.type", "#microsoft.graph.directoryRole");
		cJSON_AddStringToObject(j, "id", id);
		cJSON_AddStringToObject(j, "displayName", m->role->name);
		cJSON_AddStringToObject(j, "roleTemplateId", m->role->id);
		cJSON_AddItemToArray(list, j);
	}
	sim_dir_list(d, "directoryObjects", list);
}

static void me(struct sim_dir_call *d)
{
	const char *id = d->c->caller.object_id;

	if (!d->c->caller.delegated)
		SIM_DIR_FAIL(d, 400, "BadRequest",
			     "/me request is only valid with delegated authentication flow.");
	else if (!sim_dir_is(d, "GET"))
		sim_dir_method(d);
	else if (!sim_dir_may(d,
			      "User.Read User.Read.All Directory.Read.All "
			      "Directory.AccessAsUser.All",
			      ""))
		return;
	else if (d->count == 1)
		one_user(d, id);
	else
		roles_of(d, id);
}

static void users(struct sim_dir_call *d)
{
	if (!sim_dir_is(d, "GET"))
		sim_dir_method(d);
	else if (sim_dir_may(d, "User.Read.All Directory.Read.All Directory.AccessAsUser.All",
			     "User.Read.All Directory.Read.All"))
		one_user(d, d->segments[1]);
}

static void organization(struct sim_dir_call *d)
{
	const struct sim_identity *id = &d->c->sim->identity;
	cJSON *list, *j, *domain, *domains;

	if (!sim_dir_is(d, "GET")) {
		sim_dir_method(d);
		return;
	}
	if (!sim_dir_may(d,
			 "User.Read Organization.Read.All Directory.Read.All "
			 "Directory.AccessAsUser.All",
			 "Organization.Read.All Directory.Read.All"))
		return;
	list = cJSON_CreateArray();
	j = cJSON_CreateObject();
	domains = cJSON_CreateArray();
	domain = cJSON_CreateObject();
	cJSON_AddStringToObject(j, "id", id->tenant);
	cJSON_AddStringToObject(j, "displayName", id->organization);
	cJSON_AddStringToObject(j, "tenantType", "AAD");
	cJSON_AddStringToObject(domain, "name", id->domain);
	cJSON_AddBoolToObject(domain, "isDefault", true);
	cJSON_AddBoolToObject(domain, "isInitial", true);
	cJSON_AddStringToObject(domain, "type", "Managed");
	cJSON_AddItemToArray(domains, domain);
	cJSON_AddItemToObject(j, "verifiedDomains", domains);
	if (d->count == 2) {
		if (strcasecmp(d->segments[1], id->tenant) == 0)
			sim_dir_object(d, 200, "organization/$entity", j);
		else
			sim_dir_missing(d, d->segments[1]);
		cJSON_Delete(j);
		cJSON_Delete(list);
		return;
	}
	cJSON_AddItemToArray(list, j);
	sim_dir_list(d, "organization", list);
}

static void skus(struct sim_dir_call *d)
{
	cJSON *list, *j, *units;

	if (!sim_dir_is(d, "GET")) {
		sim_dir_method(d);
		return;
	}
	if (!sim_dir_may(d, "Organization.Read.All Directory.Read.All Directory.AccessAsUser.All",
			 "Organization.Read.All Directory.Read.All"))
		return;
	list = cJSON_CreateArray();
	j = cJSON_CreateObject();
	units = cJSON_CreateObject();
	cJSON_AddStringToObject(j, "id", SKU);
	cJSON_AddStringToObject(j, "skuId", SKU);
	cJSON_AddStringToObject(j, "skuPartNumber", "CPC_E_2C_8GB_128GB");
	cJSON_AddStringToObject(j, "capabilityStatus", "Enabled");
	cJSON_AddStringToObject(j, "appliesTo", "User");
	cJSON_AddNumberToObject(j, "consumedUnits", (double)d->c->sim->config.cloud_pcs);
	cJSON_AddNumberToObject(units, "enabled", (double)d->c->sim->config.cloud_pcs + 10);
	cJSON_AddNumberToObject(units, "suspended", 0);
	cJSON_AddNumberToObject(units, "warning", 0);
	cJSON_AddItemToObject(j, "prepaidUnits", units);
	cJSON_AddItemToArray(list, j);
	sim_dir_list(d, "subscribedSkus", list);
}

static const struct {
	const char *name, *second; /* second: of the two segments; NULL: any number */
	unsigned min, max;
	void (*run)(struct sim_dir_call *d);
} places[] = {
	{ "applications", NULL, 1, 5, sim_dir_applications },
	{ "servicePrincipals", NULL, 1, 5, sim_dir_principals },
	{ "oauth2PermissionGrants", NULL, 1, 2, sim_dir_grants },
	{ "organization", NULL, 1, 2, organization },
	{ "subscribedSkus", NULL, 1, 1, skus },
	{ "me", NULL, 1, 1, me },
	{ "me", "memberOf", 2, 3, me },
	{ "me", "transitiveMemberOf", 2, 3, me },
	{ "users", NULL, 2, 2, users },
};

/* "applications(appId='x')" is two segments. */
static bool split(struct sim_dir_call *d, const struct sim_path *path, struct w365_buf *first)
{
	const char *name = path->segments[1], *open = strchr(name, '(');

	w365_buf_add(first, name, open ? (size_t)(open - name) : strlen(name));
	if (first->failed)
		return false;
	d->segments[d->count++] = w365_buf_str(first);
	if (open)
		d->segments[d->count++] = open + 1;
	for (unsigned i = 2; i < path->count && d->count < SIM_MAX_SEGMENTS; i++)
		d->segments[d->count++] = path->segments[i];
	return true;
}

static bool read_body(struct sim_dir_call *d)
{
	struct w365_span text = d->c->req->body;

	if (!sim_dir_is(d, "POST") && !sim_dir_is(d, "PATCH"))
		return true;
	d->body = cJSON_ParseWithLength(text.p ? text.p : "", text.len);
	if (cJSON_IsObject(d->body))
		return true;
	SIM_DIR_FAIL(
		d, 400, "BadRequest",
		"Unable to read JSON request payload. Please ensure Content-Type header is set "
		"and payload is of valid JSON format.");
	return false;
}

bool sim_graph_directory(struct sim_call *c, const struct sim_path *path)
{
	_cleanup_(w365_buf_done) struct w365_buf first = W365_BUF;
	struct sim_dir_call d = { .c = c };
	struct w365_err err;
	bool found = false;

	if (path->count < 2 || !split(&d, path, &first))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places) && !found; i++) {
		if (strcasecmp(d.segments[0], places[i].name) != 0 || d.count < places[i].min ||
		    d.count > places[i].max ||
		    (places[i].second && strcasecmp(d.segments[1], places[i].second) != 0))
			continue;
		found = true;
		if (sim_form_parse(c->req->query, &d.query, &err) < 0)
			SIM_FAIL(c, 400, "BadRequest", "Invalid query: %s", err.msg);
		else if (read_body(&d))
			places[i].run(&d);
	}
	sim_form_done(&d.query);
	cJSON_Delete(d.body);
	return found;
}
