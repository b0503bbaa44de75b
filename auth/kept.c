#include "auth/kept.h"
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
	auth_account_done(&k->account);
	auth_kept_renewed(k);
}

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
		auth_account_done(&k->account);
		k->account = found;
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

static void keep(struct auth_kept *k, const struct auth_clock *now)
{
	const char *path = k->config->token_cache;
	struct w365_err err;

	k->account.stored = (uint64_t)now->wall;
	if (path && auth_cache_put(path, &k->account, &err) < 0)
		w365_warning("signed in, but that cannot be kept: %s", err.msg);
}

static void replace(char **at, const char *value)
{
	char *copy = value ? strdup(value) : NULL;

	w365_wipe_str(*at);
	*at = copy;
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
