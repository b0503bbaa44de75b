#include "auth/claims.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"

struct raw {
	char *tid, *oid, *upn, *preferred, *scp, *roles;
};

static const struct w365_json_field raw_fields[] = {
	{ "tid", W365_JSON_STRING, offsetof(struct raw, tid), W365_JSON_LAX },
	{ "oid", W365_JSON_STRING, offsetof(struct raw, oid), W365_JSON_LAX },
	{ "upn", W365_JSON_STRING, offsetof(struct raw, upn), W365_JSON_LAX },
	{ "preferred_username", W365_JSON_STRING, offsetof(struct raw, preferred), W365_JSON_LAX },
	{ "scp", W365_JSON_STRING, offsetof(struct raw, scp), W365_JSON_LAX },
	{ "roles", W365_JSON_TEXT, offsetof(struct raw, roles), W365_JSON_LAX },
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
