#include "auth/claims.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"

struct raw {
	char *tid, *oid, *upn, *preferred, *scp, *roles, *wids;
};

static const struct w365_json_field raw_fields[] = {
	{ "tid", W365_JSON_STRING, offsetof(struct raw, tid), W365_JSON_LAX },
	{ "oid", W365_JSON_STRING, offsetof(struct raw, oid), W365_JSON_LAX },
	{ "upn", W365_JSON_STRING, offsetof(struct raw, upn), W365_JSON_LAX },
	{ "preferred_username", W365_JSON_STRING, offsetof(struct raw, preferred), W365_JSON_LAX },
	{ "scp", W365_JSON_STRING, offsetof(struct raw, scp), W365_JSON_LAX },
	{ "roles", W365_JSON_TEXT, offsetof(struct raw, roles), W365_JSON_LAX },
	{ "wids", W365_JSON_TEXT, offsetof(struct raw, wids), W365_JSON_LAX },
	{ NULL, 0, 0, 0 },
};

/* ["A","B"] becomes "A B". */
static char *joined(const char *array)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	if (!array || w365_json_parse(&j, array, strlen(array), NULL, NULL) < 0)
		return NULL;
	W365_JSON_EACH (&j, 0, i) {
		if (j.nodes[i].kind != W365_JSON_IS_STRING)
			continue;
		if (b.len)
			w365_buf_addc(&b, ' ');
		w365_json_decode(&b, w365_json_raw(&j, i));
	}
	return b.len ? w365_buf_take(&b) : NULL;
}

bool auth_claims_read(const char *token, struct auth_claims *ret)
{
	_cleanup_(w365_buf_done) struct w365_buf payload = W365_BUF_SECRET;
	const char *dot = strchr(token, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
	struct raw raw = { 0 };

	if (!end || !w365_base64_decode(&payload, dot + 1, (size_t)(end - dot - 1)) ||
	    w365_json_read(w365_buf_str(&payload), payload.len, raw_fields, &raw, NULL) < 0)
		return false;
	ret->tenant = TAKE_PTR(raw.tid);
	ret->object = TAKE_PTR(raw.oid);
	ret->user = raw.upn ? TAKE_PTR(raw.upn) : TAKE_PTR(raw.preferred);
	ret->scopes = TAKE_PTR(raw.scp);
	ret->roles = joined(raw.roles);
	ret->wids = joined(raw.wids);
	w365_json_read_free(raw_fields, &raw);
	return true;
}

void auth_claims_done(struct auth_claims *c)
{
	free(c->tenant);
	free(c->object);
	free(c->user);
	free(c->scopes);
	free(c->roles);
	free(c->wids);
	*c = (struct auth_claims){ 0 };
}

static bool has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; p && *p; p += strcspn(p, " "), p += *p == ' ')
		if (strncasecmp(p, word, n) == 0 && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

bool auth_claims_have(const struct auth_claims *c, const char *permission)
{
	return has_word(c->scopes, permission) || has_word(c->roles, permission);
}

/* Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference */
const char *auth_claims_role(const struct auth_claims *c)
{
	static const struct {
		const char *id, *name;
	} roles[] = {
		{ "11451d60-acb2-45eb-a7d6-43d0f0125c13", "Windows 365 Administrator" },
		{ "3a2c62db-5318-420d-8d74-23affee5d9d5", "Intune Administrator" },
		{ "62e90394-69f5-4237-9190-012177145e10", "Global Administrator" },
		{ "f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (has_word(c->wids, roles[i].id))
			return roles[i].name;
	return NULL;
}
