#include "auth/token.h"
#include "base/json-read.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <stddef.h>

#define SECRET (W365_JSON_SECRET | W365_JSON_LAX)

static const struct w365_json_field fields[] = {
	{ "access_token", W365_JSON_STRING, offsetof(struct auth_token, bearer), SECRET },
	{ "accessToken", W365_JSON_STRING, offsetof(struct auth_token, cli_bearer), SECRET },
	{ "token_type", W365_JSON_STRING, offsetof(struct auth_token, type), W365_JSON_LAX },
	{ "refresh_token", W365_JSON_STRING, offsetof(struct auth_token, refresh), SECRET },
	{ "scope", W365_JSON_STRING, offsetof(struct auth_token, scope), W365_JSON_LAX },
	{ "expires_in", W365_JSON_UINT, offsetof(struct auth_token, expires_in), 0 },
	{ "refresh_in", W365_JSON_UINT, offsetof(struct auth_token, refresh_in), W365_JSON_LAX },
	{ "expires_on", W365_JSON_UINT, offsetof(struct auth_token, expires_on), W365_JSON_LAX },
	{ NULL, 0, 0, 0 },
};

void auth_token_done(struct auth_token *t)
{
	w365_json_read_free(fields, t);
}

int auth_token_read(const char *text, size_t len, const char *from, struct auth_token *ret,
		    struct w365_err *reterr)
{
	struct auth_token t = { 0 };
	struct w365_err e;

	if (w365_json_read(text, len, fields, &t, &e) < 0)
		return w365_err_set(reterr, EPROTO, "%s answered, but not with a token: %s", from,
				    e.msg);
	if (!t.bearer)
		t.bearer = TAKE_PTR(t.cli_bearer);
	if (!t.bearer || !*t.bearer) {
		auth_token_done(&t);
		return w365_err_set(reterr, EPROTO, "%s answered, but not with a token", from);
	}
	if ((t.type && strcasecmp(t.type, "Bearer") != 0) || strpbrk(t.bearer, "\r\n")) {
		auth_token_done(&t);
		return w365_err_set(reterr, EPROTO,
				    "%s sent a token of a kind that Graph does not take", from);
	}
	if (t.refresh && (!*t.refresh || strpbrk(t.refresh, "\r\n")))
		t.refresh = w365_wipe_str(t.refresh);
	*ret = t;
	return 0;
}
