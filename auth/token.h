/* auth/token.h - what a token endpoint hands out. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/http.h"

/** Zero-initialised is none. Owned; auth_token_done() wipes. */
struct auth_token {
	char *bearer, *type;
	char *cli_bearer; /* how the Azure CLI calls it; NULL once it is read */
	char *refresh;    /* a refresh token; NULL: none was sent */
	char *scope;      /* what was granted, with a space between; NULL of an application */
	uint64_t expires_in, refresh_in; /* seconds from the sending; 0: not said */
	uint64_t expires_on; /* seconds since 1970, where that is what is said; 0: not */
};

/**
 * Reads an answer 200.
 *
 * @from: who sent it, for the sentence.
 * Errors: -EPROTO for what is no token, or none that Graph takes.
 */
int auth_token_read(const char *text, size_t len, const char *from, struct auth_token *ret,
		    struct w365_err *reterr);

void auth_token_done(struct auth_token *t);
