/* auth/claims.h - what is written inside an access token. For people to read, never to decide by.
 *
 * The token is meant for Graph alone and may be unreadable at any time: everything works without
 * this. Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
#pragma once

#include <stdbool.h>

struct auth_claims {
	char *tenant; /* tid */
	char *object; /* oid: the user or the service principal */
	char *user;   /* upn or preferred_username; NULL of an application */
	char *scopes; /* scp: delegated permissions, separated by spaces; NULL of an application */
	char *roles;  /* application permissions, separated by spaces; NULL if there are none */
	char *wids;   /* ids of the user's directory roles, separated by spaces; NULL if not told */
};

/** Fills @ret, zeroed before. False if the token cannot be read. */
bool auth_claims_read(const char *token, struct auth_claims *ret);

void auth_claims_done(struct auth_claims *c);

/** Whether @permission is among the scopes or roles. */
bool auth_claims_have(const struct auth_claims *c, const char *permission);

/** The name of a directory role among them that opens Windows 365, or NULL. Static. Roles of Intune
 * and of Windows 365 itself are not written in tokens. */
const char *auth_claims_role(const struct auth_claims *c);
