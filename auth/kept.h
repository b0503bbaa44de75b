/* auth/kept.h - one person's sign-in as the machine of auth/auth.c uses it: what auth/cache.h has of
 * it, whether that is worth something now, and who renews it.
 */
#pragma once

#include "auth/auth.h"
#include "auth/cache.h"
#include "auth/claims.h"
#include "auth/keyring.h"
#include "auth/token.h"

/** auth_kept_init(), auth_kept_done(). */
struct auth_kept {
	const struct auth_config *config; /* borrowed */
	struct auth_account account;      /* as it was when it was looked at last */
	bool in_file;                     /* it was there, then */
	uint64_t rejected;                /* tokens kept up to this time were refused by Graph */
	int renewing;                     /* the lock that says so to other processes, or -1 */

	enum { KEY_UNKNOWN, KEY_HERE, KEY_NONE } key_is;
	unsigned char key[AUTH_SEAL_KEY];
	bool key_asked;      /* and nothing has been opened by it since */
	const char *key_why; /* KEY_NONE: the reason. Static */
	const char *argv[5]; /* the program that asks for it */
};

void auth_kept_init(struct auth_kept *k, const struct auth_config *config);
void auth_kept_done(struct auth_kept *k);

/** Looks again: another process may have changed it. 1 if there is one, 0, or -errno. One that is sealed is opened, if the
 * key is here. */
int auth_kept_look(struct auth_kept *k, struct w365_err *reterr);

/**
 * The token that is kept, if it is worth it: it lives long enough, is none that Graph has refused,
 * and not @bearer, which is at hand already (may be NULL). Fills *@ret and its life then.
 */
bool auth_kept_token(const struct auth_kept *k, const char *bearer, const struct auth_clock *now,
		     struct auth_token *ret, uint64_t *ret_life_s);

/** Tells one refresh token from another. */
uint64_t auth_kept_mark(const struct auth_kept *k);

/** Can a new token be had by it? */
bool auth_kept_renewable(const struct auth_kept *k);

/** Tells other processes that this one renews, until auth_kept_renewed(). -EAGAIN: another one
 * does. */
int auth_kept_renew(struct auth_kept *k);
void auth_kept_renewed(struct auth_kept *k);

/**
 * The token at hand becomes what is kept. An answer without a refresh token leaves the old one. That
 * it cannot be written is said in the log, and no failure.
 *
 * @grant: by which the person signed in. @claims: of the token; NULL if they cannot be read.
 */
void auth_kept_put(struct auth_kept *k, const char *grant, const struct auth_token *t,
		   const struct auth_claims *claims, const struct auth_clock *now, uint64_t life_s);

/** The refresh token serves no more, and why. It stays where it is: the reason may be a rule that
 * passes. */
void auth_kept_trouble(struct auth_kept *k, const char *why, const struct auth_clock *now);

/** Is what was looked at sealed, with a key that is not here? */
bool auth_kept_closed(const struct auth_kept *k);

/** Is the keyring to be asked for the key, before a new sign-in is kept? */
bool auth_kept_wants_key(const struct auth_kept *k);

/** The program to run for the key, which makes one if @make; ended by NULL. Then hand in what it said. */
const char *const *auth_kept_ask_key(struct auth_kept *k, bool make);
void auth_kept_key(struct auth_kept *k, const struct auth_ran *ran);

/** There is no key where there must be one: the sentence, and the keyring may be asked again later. Returns -EACCES. */
int auth_kept_no_key(struct auth_kept *k, struct w365_err *reterr);

/** Why a person has to sign in (again). Returns -EACCES. */
int auth_kept_refuse(const struct auth_kept *k, struct w365_err *reterr);
