/* auth/cache.h - sign-ins of persons, kept between runs and shared by all processes of a user.
 *
 * One JSON file, 0600, replaced as a whole: a reader needs no lock, and a power cut leaves the old
 * one or the new one. Whoever changes it locks a file beside it for that moment; another one says
 * who is renewing a token, over the network, right now. What others have written into the file is
 * kept. Where there is a keyring, what is secret in it is sealed (auth/keyring.h); the rest is not, so that everybody finds
 * out who has signed in and how.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/** Zero-initialised is none. Owned; auth_account_done() wipes. */
struct auth_account {
	char *authority, *tenant, *client_id; /* what it was asked for by: together the key */
	char *user;                           /* for people: "alex@contoso.com" */
	char *grant;                          /* how the person signed in */
	char *scope;                          /* what was granted, with a space between */
	char *refresh;                        /* the refresh token; NULL: none was given */
	char *bearer; /* the access token, so that a short command needs no network; may be NULL */
	uint64_t expires, stored; /* seconds since 1970: of @bearer, and when this was written */
	char *sealed;  /* @refresh and @bearer, which are NULL then: auth/kept.c opens it */
	char *trouble; /* why the refresh token serves no more; NULL: it does, as far as is known */
};

void auth_account_done(struct auth_account *a);

/** The file's usual place, ~/.local/state/w365fs/tokens.json or as XDG_STATE_HOME says. NULL: no
 * home. */
char *auth_cache_path(void);

/**
 * Finds the newest sign-in of the key (@user may be NULL: anybody's). 1 if there is one, else 0.
 *
 * Errors: -EACCES if others may read the file, -errno. A file that is damaged is put aside: 0.
 */
int auth_cache_find(const char *path, const char *authority, const char *tenant,
		    const char *client_id, const char *user, struct auth_account *ret,
		    struct w365_err *reterr);

/** Calls @fn for each sign-in that the file has; @a is borrowed. -errno as above. */
int auth_cache_each(const char *path, void (*fn)(void *arg, const struct auth_account *a),
		    void *arg, struct w365_err *reterr);

/** Looks, and changes nothing. How many sign-ins the file has, 0 without a file. -EBADMSG: it makes
 * no sense; -errno as above. */
int auth_cache_check(const char *path, struct w365_err *reterr);

/** Adds it, or replaces what is kept of the same key and user. Makes the file and its folder. */
int auth_cache_put(const char *path, const struct auth_account *a, struct w365_err *reterr);

/** Forgets: of the key, or everything if @authority is NULL. Returns how many, or -errno. */
int auth_cache_forget(const char *path, const char *authority, const char *tenant,
		      const char *client_id, struct w365_err *reterr);

/** Says that this process renews a token: a descriptor to close when it has. -EAGAIN: another one
 * does. */
int auth_cache_renewing(const char *path);
