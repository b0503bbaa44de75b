#include "auth/kept.h"
#include "base/json-read.h"
#include "base/json-write.h"
#include "base/log.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>

#define SPARE_S 60 /* a kept token is worth taking if it lives so long */

void auth_kept_init(struct auth_kept *k, const struct auth_config *config)
{
	*k = (struct auth_kept){ .config = config, .renewing = -1 };
}

void auth_kept_done(struct auth_kept *k)
{
	explicit_bzero(k->key, sizeof(k->key));
	auth_account_done(&k->account);
	auth_kept_renewed(k);
}

/* ---- sealed ---- */

/* What is sealed. */
struct secrets {
	char *refresh, *bearer;
};

static const struct w365_json_field secret_fields[] = {
	{ "refreshToken", W365_JSON_STRING, offsetof(struct secrets, refresh),
	  W365_JSON_LAX | W365_JSON_SECRET },
	{ "accessToken", W365_JSON_STRING, offsetof(struct secrets, bearer),
	  W365_JSON_LAX | W365_JSON_SECRET },
	{ NULL, 0, 0, 0 },
};

/* Whose it is: somebody else's does not open in its place. */
static void about(const struct auth_account *a, struct w365_buf *out)
{
	w365_buf_addf(out, "%s %s %s %s", a->authority, a->tenant, a->client_id,
		      a->user ? a->user : "");
}

static int seal(const struct auth_kept *k, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET, whose = W365_BUF;
	struct w365_jw w = { .out = &text, .compact = true };

	about(&k->account, &whose);
	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "refreshToken", k->account.refresh);
	w365_jw_pair(&w, "accessToken", k->account.bearer);
	w365_jw_close(&w, '}');
	return text.failed || whose.failed
		       ? -ENOMEM
		       : auth_seal(k->key, w365_buf_str(&whose), text.data, text.len, out);
}

static int unseal(const struct auth_kept *k, struct auth_account *a)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET, whose = W365_BUF;
	struct secrets secrets = { 0 };
	int r;

	about(a, &whose);
	r = whose.failed ? -ENOMEM : auth_unseal(k->key, w365_buf_str(&whose), a->sealed, &text);
	if (r == 0)
		r = w365_json_read(w365_buf_str(&text), text.len, secret_fields, &secrets, NULL);
	if (r == 0) {
		a->refresh = secrets.refresh;
		a->bearer = secrets.bearer;
	}
	return r;
}

/* A key that does not open it may have been replaced: the keyring is asked once more. */
static void open_account(struct auth_kept *k, struct auth_account *a)
{
	if (!a->sealed || k->key_is != KEY_HERE)
		return;
	if (unseal(k, a) == 0) {
		k->key_asked = false;
	} else {
		k->key_is = k->key_asked ? KEY_NONE : KEY_UNKNOWN;
		k->key_why = "the key that the keyring has does not open it";
	}
}

bool auth_kept_closed(const struct auth_kept *k)
{
	return k->account.sealed && k->key_is != KEY_HERE;
}

bool auth_kept_wants_key(const struct auth_kept *k)
{
	const struct auth_config *c = k->config;

	return c->sealing != AUTH_SEAL_NEVER && c->keyring && c->token_cache &&
	       k->key_is == KEY_UNKNOWN;
}

const char *const *auth_kept_ask_key(struct auth_kept *k, bool make)
{
	const struct auth_config *c = k->config;
	const char *argv[] = { c->keyring, "keyring", make ? "make" : "get", c->token_cache, NULL };

	memcpy(k->argv, argv, sizeof(argv));
	return k->argv;
}

void auth_kept_key(struct auth_kept *k, const struct auth_ran *ran)
{
	bool is = ran->status == 0 && auth_keyring_read(ran->out, k->key);

	k->key_is = is ? KEY_HERE : KEY_NONE;
	k->key_asked = true;
	k->key_why = auth_keyring_why(ran->status);
	if (!is)
		w365_info("auth: %s", k->key_why);
}

int auth_kept_no_key(struct auth_kept *k, struct w365_err *reterr)
{
	const char *why =
		k->config->keyring ? k->key_why : "this w365fs was built without libsecret";

	k->key_is = KEY_UNKNOWN;
	k->key_asked = false;
	if (k->account.sealed)
		return w365_err_set(
			reterr, EACCES,
			"the sign-in that is kept was sealed by the keyring, and %s; or sign in again by 'w365fs login'",
			why);
	return w365_err_set(
		reterr, EACCES,
		"the sign-in shall be sealed by the keyring, and %s; or leave --token-cache=keyring away",
		why);
}

/* ---- as the machine uses it ---- */

int auth_kept_look(struct auth_kept *k, struct w365_err *reterr)
{
	const struct auth_config *c = k->config;
	struct auth_account found = { 0 };
	int r;

	if (!c->token_cache)
		return 0;
	r = auth_cache_find(c->token_cache, c->authority, c->tenant, c->client_id, c->login_hint,
			    &found, reterr);
	if (r > 0) {
		open_account(k, &found);
		auth_account_done(&k->account);
		k->account = found;
		k->in_file = true;
	} else if (r == 0 && k->in_file) {
		/* Somebody has signed out: what is remembered here is not to come back. */
		auth_account_done(&k->account);
		k->in_file = false;
	}
	return r;
}

bool auth_kept_token(const struct auth_kept *k, const char *bearer, const struct auth_clock *now,
		     struct auth_token *ret, uint64_t *ret_life_s)
{
	const struct auth_account *a = &k->account;
	uint64_t wall = (uint64_t)now->wall;

	/* What was written in the future was written by another clock: nothing is known then. */
	if (!a->bearer || a->expires < wall + SPARE_S || a->stored > wall + SPARE_S ||
	    a->stored <= k->rejected || (bearer && w365_streq(bearer, a->bearer)))
		return false;
	*ret = (struct auth_token){ .bearer = strdup(a->bearer) };
	*ret_life_s = a->expires - wall;
	return ret->bearer != NULL;
}

uint64_t auth_kept_mark(const struct auth_kept *k)
{
	const char *r = k->account.refresh ? k->account.refresh : "";

	return w365_hash(r, strlen(r), 3);
}

bool auth_kept_renewable(const struct auth_kept *k)
{
	return k->account.refresh && !k->account.trouble;
}

int auth_kept_renew(struct auth_kept *k)
{
	int r;

	if (!k->config->token_cache || k->renewing >= 0)
		return 0;
	r = auth_cache_renewing(k->config->token_cache);
	if (r == -EAGAIN)
		return r;
	k->renewing = r; /* if it cannot be said, it is done all the same */
	return 0;
}

void auth_kept_renewed(struct auth_kept *k)
{
	w365_closep(&k->renewing);
	k->renewing = -1;
}

static void replace(char **at, const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	w365_wipe_str(*at);
	*at = copy;
}

static void keep(struct auth_kept *k, const struct auth_clock *now)
{
	const char *path = k->config->token_cache;
	_cleanup_(w365_buf_done) struct w365_buf sealed = W365_BUF;
	struct auth_account out;
	struct w365_err err;
	int r = 0;

	k->account.stored = (uint64_t)now->wall;
	if (!path)
		return;
	replace(&k->account.sealed, NULL);
	if (k->key_is == KEY_HERE) {
		r = seal(k, &sealed);
		replace(&k->account.sealed, r == 0 ? w365_buf_str(&sealed) : NULL);
	}
	out = k->account;
	if (out.sealed)
		out.refresh = out.bearer = NULL;
	r = r < 0 ? w365_err_set(&err, -r, "cannot seal it: %s", strerror(-r))
		  : auth_cache_put(path, &out, &err);
	k->in_file |= r == 0;
	if (r < 0)
		w365_warning("signed in, but that cannot be kept: %s", err.msg);
}

void auth_kept_put(struct auth_kept *k, const char *grant, const struct auth_token *t,
		   const struct auth_claims *claims, const struct auth_clock *now, uint64_t life_s)
{
	struct auth_account *a = &k->account;

	replace(&a->authority, k->config->authority);
	replace(&a->tenant, k->config->tenant);
	replace(&a->client_id, k->config->client_id);
	replace(&a->grant, grant);
	replace(&a->user, claims ? claims->user : NULL);
	replace(&a->scope, t->scope);
	replace(&a->bearer, t->bearer);
	replace(&a->trouble, NULL);
	if (t->refresh)
		replace(&a->refresh, t->refresh);
	a->expires = (uint64_t)now->wall + life_s;
	keep(k, now);
}

void auth_kept_trouble(struct auth_kept *k, const char *why, const struct auth_clock *now)
{
	replace(&k->account.trouble, why);
	keep(k, now);
}

int auth_kept_refuse(const struct auth_kept *k, struct w365_err *reterr)
{
	if (k->account.trouble)
		return w365_err_set(reterr, EACCES, "sign in again by 'w365fs login': %s",
				    k->account.trouble);
	return w365_err_set(reterr, EACCES,
			    "nobody has signed in to %s as a person: run 'w365fs login'",
			    k->config->tenant);
}
