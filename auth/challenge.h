/* auth/challenge.h - continuous access evaluation: Graph refuses a token before its time and says
 * what the next one must show.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
#pragma once

#include <stdbool.h>

struct w365_buf;

/** What every token request says: we can answer such a challenge, so that tokens may live long. */
#define AUTH_CAPABLE "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}"

/**
 * Appends the claims that the next token request has to carry, as JSON with AUTH_CAPABLE in it.
 * @header: all of WWW-Authenticate; may be NULL. False if there is no challenge of that kind.
 */
bool auth_challenge_read(const char *header, struct w365_buf *out);
