#include "auth/challenge.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"

#include <cjson/cJSON.h>

#define CLAIMS_MAX 4096

static void cjson_deletep(cJSON **c)
{
	cJSON_Delete(*c);
}

/*
 * The next "name=value" of the header at *@at, its value unquoted in @value. Services write them
 * quoted or not, with commas and equals signs inside: only quotes and blanks decide.
 */
static bool next_pair(const char **at, struct w365_span *name, struct w365_buf *value)
{
	const char *p = *at;

	w365_buf_reset(value);
	for (;;) {
		p += strspn(p, ", \t\r\n");
		name->p = p;
		p += strcspn(p, "=, \t\r\n\"");
		name->len = (size_t)(p - name->p);
		if (!*p)
			return false;
		if (*p == '=' && name->len)
			break;
		if (*p == '=' || *p == '"')
			p++; /* nothing that we know */
	}
	if (*++p == '"') {
		for (p++; *p && *p != '"'; p++) {
			if (*p == '\\' && p[1])
				p++;
			w365_buf_addc(value, *p);
		}
		p += *p == '"';
	} else {
		size_t n = strcspn(p, ", \t\r\n");

		w365_buf_add(value, p, n);
		p += n;
	}
	*at = p;
	return true;
}

static bool is(struct w365_span name, const char *what)
{
	return name.len == strlen(what) && strncasecmp(name.p, what, name.len) == 0;
}

/* What is asked for, and that we can answer challenges, in one object. */
static bool merge(const char *text, size_t len, struct w365_buf *out)
{
	_cleanup_(cjson_deletep) cJSON *asked = cJSON_ParseWithLength(text, len);
	_cleanup_(cjson_deletep) cJSON *own = cJSON_Parse(AUTH_CAPABLE);
	cJSON *token = cJSON_GetObjectItemCaseSensitive(asked, "access_token"),
	      *mine = cJSON_GetObjectItemCaseSensitive(own, "access_token");
	char *merged;

	if (!cJSON_IsObject(asked) || (token && !cJSON_IsObject(token)))
		return false;
	if (!token)
		token = cJSON_AddObjectToObject(asked, "access_token");
	cJSON_DeleteItemFromObjectCaseSensitive(token, "xms_cc");
	if (!token ||
	    !cJSON_AddItemToObject(token, "xms_cc",
				   cJSON_DetachItemFromObjectCaseSensitive(mine, "xms_cc")))
		return false;
	merged = cJSON_PrintUnformatted(asked);
	if (merged)
		w365_buf_adds(out, merged);
	cJSON_free(merged);
	return merged;
}

bool auth_challenge_read(const char *header, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf value = W365_BUF, claims = W365_BUF;
	struct w365_span name;
	bool insufficient = false, found = false;

	if (!header || !strcasestr(header, "Bearer"))
		return false;
	while (next_pair(&header, &name, &value)) {
		if (is(name, "error"))
			insufficient = strcasecmp(w365_buf_str(&value), "insufficient_claims") == 0;
		else if (is(name, "claims") && value.len <= CLAIMS_MAX) {
			w365_buf_reset(&claims);
			found = w365_base64_decode(&claims, w365_buf_str(&value), value.len);
		}
	}
	return insufficient && found && !claims.failed &&
	       merge(w365_buf_str(&claims), claims.len, out);
}
