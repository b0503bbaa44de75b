/* auth/auth.h - a sign-in that opens no socket and reads no clock; graph/ does both for it.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/http.h"

/** How to sign in, as the options have it. All borrowed: outlives the struct auth made of it. */
struct auth_config {
	const char *grant;     /* "auto", or the name of a grant: auth/grant.h */
	const char *authority; /* origin: "https://login.microsoftonline.com" */
	const char *tenant;    /* GUID or verified domain */
	const char *client_id;
	const char *scope; /* "https://graph.microsoft.com/.default" */

	const char *client_secret;             /* the value; NULL if it is in a file */
	const char *client_secret_file;        /* may be NULL */
	const char *certificate;               /* PEM; may be NULL */
	const char *certificate_key;           /* PEM; NULL: in the file of the certificate */
	const char *certificate_password_file; /* of an encrypted key; may be NULL */
	bool rs256; /* sign assertions with RS256 and x5t instead of PS256 and x5t#S256 */
};

/** Both clocks, since a token's life is counted by one and an assertion's by the other. */
struct auth_clock {
	uint64_t ms;  /* milliseconds, monotonic, goes on while the machine sleeps */
	int64_t wall; /* seconds since 1970 */
};

enum auth_step {
	AUTH_SEND,  /* send *ret_req, hand the answer to auth_feed() */
	AUTH_WAIT,  /* nothing to do before *ret_at (W365_NEVER: before auth_feed()) */
	AUTH_READY, /* auth_bearer() is valid; nothing to do before *ret_at, when a refresh falls
		       due */
};

struct auth; /* opaque; auth/auth.c */

/**
 * Reads and checks the credential (files included), sends nothing.
 *
 * Owner:   @config is borrowed and must outlive *@ret.
 * Errors:  -EINVAL for a setting that is missing or cannot be right, -errno for a file; the
 * sentence names the cure.
 */
int auth_new(const struct auth_config *config, const struct auth_clock *now, struct auth **ret,
	     struct w365_err *reterr);

/** Wipes the token and the credential. NULL is fine. Returns NULL. */
struct auth *auth_free(struct auth *a);

/**
 * What to do now that somebody needs a token. Ask again after auth_feed(), and at *@ret_at.
 *
 * Owner:   *@ret_req belongs to the caller, w365_request_done(); filled for AUTH_SEND only.
 * Errors:  -errno with @reterr filled: there is no token, and asking the service again would be no
 * use yet. The failure is remembered for a minute, so that a thousand readers do not make a
 * thousand requests.
 */
int auth_step(struct auth *a, const struct auth_clock *now, struct w365_request *ret_req,
	      uint64_t *ret_at, struct w365_err *reterr);

/** The answer to what AUTH_SEND had sent; NULL if none came, and then @err says why. */
void auth_feed(struct auth *a, const struct auth_clock *now, const struct w365_reply *reply,
	       const struct w365_err *err);

/** The access token, or NULL if there is none that is still valid. Borrowed; changes with
 * auth_feed(). */
const char *auth_bearer(const struct auth *a, uint64_t now);

/** Counts the tokens received: tells a caller whether the one it used is still the current one. */
unsigned auth_generation(const struct auth *a);

/** The service refused the token of @generation: it is not used again. Does nothing if a newer one
 * is there. */
void auth_reject(struct auth *a, unsigned generation);

/** Forgets a remembered failure: something has changed, ask again. */
void auth_retry_now(struct auth *a);

/** The name of the grant in use: "client-secret". Static. */
const char *auth_grant_name(const struct auth *a);

/** Whether the grant signs in an application and no person: what is delegated only is out of reach.
 */
bool auth_app_only(const struct auth *a);

/** When the current token ends, on the clock of auth_clock.ms; 0 if there is none. */
uint64_t auth_expires(const struct auth *a);

/** What the token says of itself, for people to read: auth/claims.h. NULL if there is no readable
 * token. */
const struct auth_claims *auth_claims(const struct auth *a);
