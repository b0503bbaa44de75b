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
	const char *tenant;    /* GUID or verified domain; of a person also "organizations" */
	const char *client_id;
	const char *resource; /* origin of the cloud's Graph: scopes are made of it */
	const char *scope;    /* instead of what follows from grant and @permissions; may be NULL */
	const char *const
		*permissions; /* what a person is asked for: first what nothing goes without, ended
				by NULL; NULL: CloudPC.Read.All. An application has what it has */
	bool person;          /* somebody is there who can sign in */
	bool fresh;           /* and shall, whatever is kept of earlier sign-ins */
	bool directory;       /* for the directory (@scope), not for Cloud PCs */
	enum auth_azure {
		AUTH_AZURE_UNASKED,
		AUTH_AZURE_NO,
		AUTH_AZURE_YES,
		AUTH_AZURE_NO_IDENTITY, /* it is, and has none */
	} azure;                        /* whether this is a machine of Azure: auth/probe.h */

	const char *client_secret;             /* the value; NULL if it is in a file */
	const char *client_secret_file;        /* may be NULL */
	const char *certificate;               /* PEM or PFX; may be NULL */
	const char *certificate_key;           /* PEM; NULL: in the file of the certificate */
	const char *certificate_password_file; /* of an encrypted key; may be NULL */
	const char *federated_token_file;      /* of a workload identity; may be NULL */
	bool rs256; /* sign assertions with RS256 and x5t instead of PS256 and x5t#S256 */

	const char *token_cache; /* where sign-ins of persons are kept; NULL: nowhere */
	const char *
		keyring; /* the program that asks the desktop's keyring (auth/keyring.h); NULL: there is none */
	enum auth_sealing {
		AUTH_SEAL_NEVER,
		AUTH_SEAL_MAYBE, /* where a keyring is there */
		AUTH_SEAL_ALWAYS,
	} sealing;              /* whether a new sign-in is sealed by it */
	const char *login_hint; /* the account that is meant; may be NULL */
};

/** Both clocks, since a token's life is counted by one and an assertion's by the other. */
struct auth_clock {
	uint64_t ms;  /* milliseconds, monotonic, goes on while the machine sleeps */
	int64_t wall; /* seconds since 1970 */
};

enum auth_step {
	AUTH_SEND,   /* send @request, hand the answer to auth_feed() */
	AUTH_RUN,    /* run @argv without a shell, hand what it says to auth_ran() */
	AUTH_LISTEN, /* listen on loopback: auth_listening(), auth_arrived() */
	AUTH_WAIT,   /* nothing to do before @at (W365_NEVER: before something is handed in) */
	AUTH_READY, /* auth_bearer() is valid; nothing to do before @at, when a refresh falls due */
};

/** What a step wants. */
struct auth_todo {
	struct w365_request request; /* of AUTH_SEND: the caller's, w365_request_done() */
	const char *const *argv;     /* of AUTH_RUN: borrowed, ended by NULL */
	uint64_t at;
};

/** What a program has said. Borrowed. */
struct auth_ran {
	int status; /* exit code; 127: there is no such program; -1: killed, it took too long */
	const char *out, *err;
};

/** What a person has to be told, once for each @serial. */
struct auth_prompt {
	unsigned serial;
	const char *text; /* for the terminal */
	const char *url;  /* to open in a browser, or NULL */
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
 * What to do now that somebody needs a token. Ask again after whatever was handed in, and at @at.
 *
 * Errors:  -errno with @reterr filled: there is no token, and asking the service again would be no
 * use yet. The failure is remembered for a minute, so that a thousand readers do not make a
 * thousand requests.
 */
int auth_step(struct auth *a, const struct auth_clock *now, struct auth_todo *ret,
	      struct w365_err *reterr);

/** The answer to what AUTH_SEND had sent; NULL if none came, and then @err says why. */
void auth_feed(struct auth *a, const struct auth_clock *now, const struct w365_reply *reply,
	       const struct w365_err *err);

/** What the program of AUTH_RUN has said. */
void auth_ran(struct auth *a, const struct auth_clock *now, const struct auth_ran *ran);

/** AUTH_LISTEN: the browser can come back to @port; or (@err) nobody can listen. */
void auth_listening(struct auth *a, const struct auth_clock *now, unsigned port,
		    const struct w365_err *err);

/**
 * The browser came back with @form ("code=...&state=..."). False: that was none of ours, go on
 * listening.
 */
bool auth_arrived(struct auth *a, const struct auth_clock *now, const char *form);

/** What to tell the person now, or NULL. */
const struct auth_prompt *auth_prompt(const struct auth *a);

/** The access token, or NULL if there is none that is still valid. Borrowed; changes with
 * auth_feed(). */
const char *auth_bearer(const struct auth *a, uint64_t now);

/** Counts the tokens received: tells a caller whether the one it used is still the current one. */
unsigned auth_generation(const struct auth *a);

/** The service refused the token of @generation: it is not used again. Does nothing if a newer one
 * is there. */
void auth_reject(struct auth *a, unsigned generation);

/**
 * The same, and the next token must show what @claims asks for (auth/challenge.h). Kept tokens do
 * not.
 */
void auth_challenge(struct auth *a, unsigned generation, const char *claims);

/** Forgets a remembered failure: something has changed, ask again; for all that is wanted, too. */
void auth_retry_now(struct auth *a);

/** The same, for what may have happened to the token cache: a sign-in with more permissions is taken from there. */
void auth_news(struct auth *a);

/** The name of the grant in use: "client-secret". Static. */
const char *auth_grant_name(const struct auth *a);

/** Whether the grant signs in an application and no person: what is delegated only is out of reach.
 */
bool auth_app_only(const struct auth *a);

/** Whether it signs in a person, who may have to be there. */
bool auth_of_person(const struct auth *a);

/** Whether the sign-in is in the token cache; and sealed there, with a key of the keyring. */
bool auth_is_kept(const struct auth *a);
bool auth_is_sealed(const struct auth *a);

/** When the credential itself (a certificate) ends, seconds since 1970; 0: nobody knows. */
int64_t auth_credential_expires(const struct auth *a);

/** What identifies the credential to a person: a certificate's thumbprint. NULL: nothing does. */
const char *auth_thumbprint(const struct auth *a);

/** When the current token ends, on the clock of auth_clock.ms; 0 if there is none. */
uint64_t auth_expires(const struct auth *a);

/** What the token says of itself, for people to read: auth/claims.h. NULL if there is no readable
 * token. */
const struct auth_claims *auth_claims(const struct auth *a);
