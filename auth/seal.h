/* auth/seal.h - what is kept of a sign-in, sealed: only who has the key reads it or makes another. AES-256-GCM. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define AUTH_SEAL_KEY 32 /* bytes */

/**
 * Appends @text, sealed, to @out: base64, another one each time.
 *
 * @about: what it belongs to; opens with the same alone.
 */
int auth_seal(const unsigned char key[AUTH_SEAL_KEY], const char *about, const char *text,
	      size_t len, struct w365_buf *out);

/** Appends the text to @out (make it secret). -EBADMSG: it was sealed with another key or about something else, or is
 * damaged. */
int auth_unseal(const unsigned char key[AUTH_SEAL_KEY], const char *about, const char *sealed,
		struct w365_buf *out);
