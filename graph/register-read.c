/* What the directory's answers say, and what is missing in them. */
#include "base/json-write.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/register-steps.h"

#include <errno.h>

#define GRAPH_APP "00000003-0000-0000-c000-000000000000"

/* Appends the string of node @at; nothing if it is none. */
static void text_of(const struct graph_register *g, uint32_t at, struct w365_buf *out)
{
	if (at && g->json.nodes[at].kind == W365_JSON_IS_STRING)
		w365_json_decode(out, w365_json_raw(&g->json, at));
}

bool graph_register_is(const struct graph_register *g, uint32_t at, const char *text)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	text_of(g, at, &b);
	return b.len && strcasecmp(w365_buf_str(&b), text) == 0;
}

int graph_register_read_id(const struct graph_register *g, uint32_t at, char out[40],
			   struct w365_err *reterr)
{
	struct w365_span id = at ? w365_json_raw(&g->json, at) : (struct w365_span){ "", 0 };

	snprintf(out, 40, "%.*s", (int)MIN(id.len, (size_t)39), id.p);
	if (w365_is_guid(out))
		return 0;
	out[0] = '\0';
	return w365_err_set(reterr, EPROTO, "the directory's answer has no id where one must be");
}

uint32_t graph_register_among(const struct graph_register *g, uint32_t array, const char *name,
			      const char *text)
{
	if (array)
		W365_JSON_EACH (&g->json, array, i) {
			if (graph_register_is(g, w365_json_get(&g->json, i, name), text))
				return i;
		}
	return 0;
}

/* ---- what Graph itself offers ---- */

int graph_register_read_resource(struct graph_register *g, struct w365_err *reterr)
{
	const struct w365_json *j = &g->json;
	uint32_t roles = w365_json_get(j, 0, "appRoles");
	uint32_t scopes = w365_json_get(j, 0, "oauth2PermissionScopes");
	int r = graph_register_read_id(g, w365_json_get(j, 0, "id"), g->resource, reterr);

	for (unsigned i = 0; r == 0 && i < GRAPH_REGISTER_PERMISSIONS; i++) {
		const char *name = graph_register_names[i];
		bool must = w365_starts(name, "CloudPC."); /* the others are Entra ID's own */
		uint32_t scope = graph_register_among(g, scopes, "value", name);
		uint32_t role = graph_register_among(g, roles, "value", name);

		if (must && ((!scope && graph_register_wants(g->plan, i, false)) ||
			     (!role && graph_register_wants(g->plan, i, true))))
			return w365_err_set(reterr, EOPNOTSUPP,
					    "Microsoft Graph of this cloud has no permission %s",
					    name);
		if (scope)
			r = graph_register_read_id(g, w365_json_get(j, scope, "id"),
						   g->ids[i].scope, reterr);
		if (r == 0 && role)
			r = graph_register_read_id(g, w365_json_get(j, role, "id"), g->ids[i].role,
						   reterr);
	}
	return r;
}

/* ---- the application ---- */

/* A value's text as it stands there, quotes and all. */
static void raw(const struct graph_register *g, uint32_t at, struct w365_jw *w)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	struct w365_span s = w365_json_raw(&g->json, at);
	bool quoted = g->json.nodes[at].kind == W365_JSON_IS_STRING;

	w365_buf_add(&b, s.p - quoted, s.len + 2 * (size_t)quoted);
	if (b.failed)
		w->out->failed = true;
	else
		w365_jw_raw(w, w365_buf_str(&b));
}

static bool declared(const struct graph_register *g, uint32_t access, const char *id,
		     const char *type)
{
	if (access)
		W365_JSON_EACH (&g->json, access, i) {
			if (graph_register_is(g, w365_json_get(&g->json, i, "id"), id) &&
			    graph_register_is(g, w365_json_get(&g->json, i, "type"), type))
				return true;
		}
	return false;
}

static void declare(struct w365_jw *w, const char *id, const char *type)
{
	w365_jw_open(w, '{');
	w365_jw_pair(w, "id", id);
	w365_jw_pair(w, "type", type);
	w365_jw_close(w, '}');
}

/* requiredResourceAccess with what is there and what is wanted. @item: the application, or 0 of a
 * new one. */
static void require(struct graph_register *g, uint32_t item)
{
	uint32_t all = item ? w365_json_get(&g->json, item, "requiredResourceAccess") : 0;
	uint32_t ours = graph_register_among(g, all, "resourceAppId", GRAPH_APP), access = 0;
	struct w365_jw w = { .out = &g->required, .depth = 1, .keyed = true };
	unsigned missing = 0;

	w365_buf_reset(&g->required);
	w365_jw_open(&w, '[');
	if (all)
		W365_JSON_EACH (&g->json, all, i) {
			if (i != ours)
				raw(g, i, &w);
		}
	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "resourceAppId", GRAPH_APP);
	w365_jw_key(&w, "resourceAccess");
	w365_jw_open(&w, '[');
	if (ours)
		access = w365_json_get(&g->json, ours, "resourceAccess");
	if (access)
		W365_JSON_EACH (&g->json, access, i) {
			raw(g, i, &w);
		}
	for (unsigned kind = 0; kind < 2; kind++) {
		for (unsigned i = 0; i < GRAPH_REGISTER_PERMISSIONS; i++) {
			const char *id = kind ? g->ids[i].role : g->ids[i].scope;
			const char *type = kind ? "Role" : "Scope";

			if (!*id || !graph_register_wants(g->plan, i, kind) ||
			    declared(g, access, id, type))
				continue;
			declare(&w, id, type);
			missing++;
		}
	}
	w365_jw_close(&w, ']');
	w365_jw_close(&w, '}');
	w365_jw_close(&w, ']');
	if (!missing)
		w365_buf_reset(&g->required);
}

/* Where the browser may come back to. */
static void redirect(struct graph_register *g, uint32_t item)
{
	uint32_t client = item ? w365_json_get(&g->json, item, "publicClient") : 0;
	uint32_t uris = client ? w365_json_get(&g->json, client, "redirectUris") : 0;
	struct w365_jw w = { .out = &g->redirects, .depth = 2, .keyed = true };
	bool there = false;

	w365_buf_reset(&g->redirects);
	if (!g->plan->person)
		return;
	w365_jw_open(&w, '[');
	if (uris)
		W365_JSON_EACH (&g->json, uris, i) {
			there |= graph_register_is(g, i, "http://localhost");
			raw(g, i, &w);
		}
	w365_jw_str(&w, "http://localhost");
	w365_jw_close(&w, ']');
	if (there)
		w365_buf_reset(&g->redirects);
}

static bool is_true(const struct graph_register *g, uint32_t at)
{
	return at && g->json.nodes[at].kind == W365_JSON_IS_TRUE;
}

int graph_register_adopt(struct graph_register *g, uint32_t item, struct w365_err *reterr)
{
	const struct w365_json *j = &g->json;
	struct graph_register_result *to = &g->result;
	uint32_t tags = item ? w365_json_get(j, item, "tags") : 0;
	int r = 0;

	g->tagged = false;
	if (tags)
		W365_JSON_EACH (j, tags, i) {
			g->tagged |= graph_register_is(g, i, "w365fs");
		}
	require(g, item);
	redirect(g, item);
	g->add_fallback = g->plan->person &&
			  !(item && is_true(g, w365_json_get(j, item, "isFallbackPublicClient")));
	g->add_audience = g->plan->multi_tenant &&
			  !(item && (graph_register_is(g, w365_json_get(j, item, "signInAudience"),
						       "AzureADMultipleOrgs") ||
				     graph_register_is(g, w365_json_get(j, item, "signInAudience"),
						       "AzureADandPersonalMicrosoftAccount")));
	if (item) {
		r = graph_register_read_id(g, w365_json_get(j, item, "id"), to->object, reterr);
		if (r == 0)
			r = graph_register_read_id(g, w365_json_get(j, item, "appId"),
						   to->client_id, reterr);
	}
	if (r == 0 && (g->required.failed || g->redirects.failed))
		r = w365_err_oom(reterr);
	return r;
}

/* ---- what hangs on it ---- */

/* A PATCH replaces all certificates: those that are there are kept as they are. */
void graph_register_read_keys(struct graph_register *g)
{
	uint32_t keys = w365_json_get(&g->json, 0, "keyCredentials");

	w365_buf_reset(&g->keys);
	if (!keys)
		return;
	W365_JSON_EACH (&g->json, keys, i) {
		struct w365_span s = w365_json_raw(&g->json, i);

		w365_buf_adds(&g->keys, g->keys.len ? "," : "");
		w365_buf_add(&g->keys, s.p, s.len);
		if (graph_register_is(g, w365_json_get(&g->json, i, "key"), g->plan->certificate) &&
		    g->result.certificate == GRAPH_REGISTER_NONE)
			g->result.certificate = GRAPH_REGISTER_THERE;
	}
}

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; *p; p += strspn(p, " ")) {
		size_t len = strcspn(p, " ");

		if (len == n && strncasecmp(p, word, n) == 0)
			return true;
		p += len;
	}
	return false;
}

/* Of all grants the one for everybody; g->scope is empty if nothing is missing in it. */
void graph_register_read_grants(struct graph_register *g)
{
	const struct w365_json *j = &g->json;
	_cleanup_(w365_buf_done) struct w365_buf words = W365_BUF;
	uint32_t at = graph_register_among(g, w365_json_get(j, 0, "value"), "consentType",
					   "AllPrincipals");
	bool missing = false;

	g->grant[0] = '\0';
	if (at) {
		_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

		text_of(g, w365_json_get(j, at, "id"), &id);
		snprintf(g->grant, sizeof(g->grant), "%s", w365_buf_str(&id));
		text_of(g, w365_json_get(j, at, "scope"), &words);
	}
	w365_buf_reset(&g->scope);
	w365_buf_adds(&g->scope, w365_buf_str(&words) + strspn(w365_buf_str(&words), " "));
	for (unsigned i = 0; i < GRAPH_REGISTER_PERMISSIONS; i++) {
		if (!graph_register_wants(g->plan, i, false) ||
		    has_word(w365_buf_str(&words), graph_register_names[i]))
			continue;
		w365_buf_addf(&g->scope, "%s%s", g->scope.len ? " " : "", graph_register_names[i]);
		missing = true;
	}
	if (!missing)
		w365_buf_reset(&g->scope);
}

void graph_register_read_roles(struct graph_register *g)
{
	uint32_t value = w365_json_get(&g->json, 0, "value");

	for (unsigned i = 0; i < GRAPH_REGISTER_PERMISSIONS; i++)
		if (*g->ids[i].role)
			g->has_role[i] |=
				graph_register_among(g, value, "appRoleId", g->ids[i].role) != 0;
}
