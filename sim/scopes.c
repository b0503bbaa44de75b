#include "sim/scopes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/macros.h"
#include "sim/words.h"

#define GRAPH "https://graph.microsoft.com"

static void add_word(struct w365_buf *out, const char *word)
{
	if (!sim_has_word(w365_buf_str(out), word))
		w365_buf_addf(out, "%s%s", out->len ? " " : "", word);
}

static bool next_word(const char **p, struct w365_span *ret)
{
	*p += strspn(*p, " ");
	*ret = (struct w365_span){ *p, strcspn(*p, " ") };
	*p += ret->len;
	return ret->len > 0;
}

/* The part behind "https://graph.microsoft.com/"; sets *@ret_audience. False: of another resource.
 */
static bool split(const struct sim *s, struct w365_span *word, const char **ret_audience)
{
	const char *const origins[] = { GRAPH, s->config.base, SIM_GRAPH_APP };

	*ret_audience = NULL;
	if (!memchr(word->p, '/', word->len))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(origins); i++) {
		size_t n = strlen(origins[i]);

		if (word->len <= n + 1 || strncasecmp(word->p, origins[i], n) != 0 ||
		    word->p[n] != '/')
			continue;
		*word = (struct w365_span){ word->p + n + 1, word->len - n - 1 };
		*ret_audience = i == 1 ? s->config.base : GRAPH;
		return true;
	}
	return false;
}

static unsigned invalid(const char *text, struct w365_span word, struct w365_err *reterr)
{
	w365_err_set(reterr, EINVAL,
		     "The provided request must include a 'scope' input parameter. The provided "
		     "value for the input parameter 'scope' is not valid. The scope %.200s is not "
		     "valid. (%.*s)",
		     text, (int)MIN(word.len, (size_t)100), word.p);
	return 70011;
}

static unsigned read_word(const struct sim *s, const char *text, struct w365_span word,
			  struct sim_scopes *ret, struct w365_err *reterr)
{
	struct w365_span whole = word;
	const struct sim_grantable *g;
	const char *audience;

	if (!split(s, &word, &audience)) {
		w365_err_set(reterr, EINVAL,
			     "The resource principal named %.*s was not found in the tenant named "
			     "%s. You might have sent your authentication request to the wrong "
			     "tenant.",
			     (int)MIN(word.len, (size_t)200), word.p, s->identity.organization);
		return 500011;
	}
	if (audience && ret->audience && !w365_streq(audience, ret->audience)) {
		w365_err_set(reterr, EINVAL,
			     "Provided value for the input parameter scope is not valid because it "
			     "contains more than one resource.");
		return 70011;
	}
	if (audience) {
		ret->audience = audience;
		ret->full = true;
	}
	if (w365_span_is(word, ".default")) {
		ret->whole = true;
		return 0;
	}
	g = sim_grantable_find(word);
	if (!g || !g->scope || (audience && sim_grantable_is_oidc(g)))
		return invalid(text, whole, reterr);
	ret->openid |= w365_streq(g->name, "openid");
	ret->profile |= w365_streq(g->name, "profile");
	ret->email |= w365_streq(g->name, "email");
	ret->offline |= w365_streq(g->name, "offline_access");
	add_word(&ret->words, g->name);
	return 0;
}

/* Is there any that is not openid and its like? */
static bool names_resource(const char *words)
{
	struct w365_span word;

	while (next_word(&words, &word)) {
		const struct sim_grantable *g = sim_grantable_find(word);

		if (g && !sim_grantable_is_oidc(g))
			return true;
	}
	return false;
}

unsigned sim_scopes_read(const struct sim *s, const char *text, struct sim_scopes *ret,
			 struct w365_err *reterr)
{
	struct sim_scopes scopes = { 0 };
	struct w365_span word;
	unsigned code = 0;

	for (const char *p = text; !code && next_word(&p, &word);)
		code = read_word(s, text, word, &scopes, reterr);
	if (!code && scopes.whole && names_resource(w365_buf_str(&scopes.words))) {
		w365_err_set(reterr, EINVAL,
			     "The provided value for the input parameter 'scope' is not valid. The "
			     "scope %.300s is not valid. .default scope can't be combined with "
			     "resource-specific scopes.",
			     text);
		code = 70011;
	}
	if (code) {
		sim_scopes_done(&scopes);
		return code;
	}
	if (!scopes.audience)
		scopes.audience = GRAPH;
	*ret = scopes;
	return 0;
}

void sim_scopes_done(struct sim_scopes *s)
{
	w365_buf_done(&s->words);
	*s = (struct sim_scopes){ 0 };
}

void sim_declared(const struct sim_app *app, bool roles, struct w365_buf *out)
{
	const cJSON *resource, *access;

	cJSON_ArrayForEach(resource,
			   cJSON_GetObjectItemCaseSensitive(app->json, "requiredResourceAccess"))
	{
		const char *id = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(resource, "resourceAppId"));

		if (!id || strcasecmp(id, SIM_GRAPH_APP) != 0)
			continue;
		cJSON_ArrayForEach(access,
				   cJSON_GetObjectItemCaseSensitive(resource, "resourceAccess"))
		{
			const char *what = cJSON_GetStringValue(
				cJSON_GetObjectItemCaseSensitive(access, "id"));
			const char *type = cJSON_GetStringValue(
				cJSON_GetObjectItemCaseSensitive(access, "type"));
			const struct sim_grantable *g;

			if (!what || !type || w365_streq(type, "Role") != roles)
				continue;
			g = roles ? sim_grantable_role(what) : sim_grantable_scope(what);
			if (g)
				add_word(out, g->name);
		}
	}
}

void sim_scopes_expand(const struct sim *s, struct sim_scopes *scopes, const struct sim_app *app,
		       const char *user)
{
	_cleanup_(w365_buf_done) struct w365_buf all = W365_BUF;
	struct w365_span word;
	const char *p;

	if (!scopes->whole)
		return;
	sim_consent_list(s, app, user, &all);
	/* A page is shown only if there is no consent at all: then, of what is declared. */
	if (!all.len)
		sim_declared(app, false, &all);
	p = w365_buf_str(&all);
	while (next_word(&p, &word)) {
		const struct sim_grantable *g = sim_grantable_find(word);

		if (g && !sim_grantable_is_oidc(g))
			add_word(&scopes->words, g->name);
	}
}

void sim_scopes_missing(const struct sim *s, const struct sim_scopes *scopes,
			const struct sim_app *app, const char *user, struct w365_buf *out)
{
	const char *p = w365_buf_str(&scopes->words);
	struct w365_span word;

	while (next_word(&p, &word)) {
		const struct sim_grantable *g = sim_grantable_find(word);

		if (g && !sim_grantable_is_oidc(g) && !sim_consent_has(s, app, user, g->name))
			add_word(out, g->name);
	}
}

bool sim_preauthorized(const struct sim_app *app, const char *words)
{
	struct w365_span word;

	while (app->preauthorized && next_word(&words, &word)) {
		const struct sim_grantable *g = sim_grantable_find(word);

		if (g && !sim_has_word(app->preauthorized, g->name))
			return false;
	}
	return true;
}

bool sim_needs_admin(const char *words)
{
	struct w365_span word;

	while (next_word(&words, &word)) {
		const struct sim_grantable *g = sim_grantable_find(word);

		if (g && g->admin)
			return true;
	}
	return false;
}

bool sim_claims_read(const char *text, struct sim_claims *ret)
{
	cJSON *root = text ? cJSON_Parse(text) : NULL;
	const cJSON *access, *value;

	*ret = (struct sim_claims){ 0 };
	if (!text || !*text)
		return true;
	if (!cJSON_IsObject(root)) {
		cJSON_Delete(root);
		return false;
	}
	access = cJSON_GetObjectItemCaseSensitive(root, "access_token");
	cJSON_ArrayForEach(value,
			   cJSON_GetObjectItemCaseSensitive(
				   cJSON_GetObjectItemCaseSensitive(access, "xms_cc"), "values"))
		ret->cp1 |= cJSON_IsString(value) && strcasecmp(value->valuestring, "cp1") == 0;
	value = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(access, "nbf"),
						 "value");
	if (cJSON_IsString(value))
		ret->nbf = strtoll(value->valuestring, NULL, 10);
	else if (cJSON_IsNumber(value))
		ret->nbf = (int64_t)value->valuedouble;
	cJSON_Delete(root);
	return true;
}
