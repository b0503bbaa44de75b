/* auth/machine.h - the inside of the sign-in machine, between its two halves: auth/step.c says what it wants, auth/auth.c is told
 * what came of it.
 */
#pragma once

#include "auth/auth.h"
#include "auth/claims.h"
#include "auth/grant.h"
#include "auth/kept.h"

#define AUTH_REMEMBER_MS (60 * 1000) /* a refusal is not asked for again so long: MSAL's value */
#define AUTH_TRIES       4           /* of one request that fails for a passing reason */

/* What was begun and not answered yet. */
enum busy { IDLE, GRANT, RENEWAL, PROGRAM, BROWSER, KEYRING };

struct auth {
	const struct auth_config *config;
	const struct auth_grant *grant;
	void *state; /* the grant's */
	char *tenant_url, *token_url, *scope;
	bool more;   /* of a person more is wanted than what nothing goes without */
	char *least; /* the scope of what was consented to; NULL until it has to be asked for */
	bool reduced; /* not all has been consented to: @least is asked for until somebody signs in with more */
	uint64_t reduced_by; /* a hash of the refresh token that was not good for all */
	bool news;           /* something has happened to the token cache */

	struct auth_token token;
	struct auth_claims claims;
	bool readable; /* @claims were */
	unsigned generation;
	uint64_t expires; /* of the token; 0: there is none */
	uint64_t refresh; /* from then on a new one is due */

	struct auth_kept kept; /* of a person: what is kept of the sign-in */
	char *challenge;       /* what the next token has to show; NULL: nothing special */

	enum busy busy;
	uint64_t sent_at;        /* life counts from the sending */
	uint64_t go_on_at;       /* the grant's next step is not due before then */
	unsigned tries;          /* failures for passing reasons, one after the other */
	uint64_t not_before;     /* do not send until then */
	struct w365_err failure; /* why, if num is not 0 */
};

/** What the grant may want to know. Borrows from @a. */
struct auth_context auth_context_of(const struct auth *a, const struct auth_clock *now);

/** A token came, from the service or from another process of this user: @t is taken over. Its life counts from @from. In
 * milliseconds, both. */
void auth_use_token(struct auth *a, struct auth_token *t, uint64_t from, uint64_t life);
