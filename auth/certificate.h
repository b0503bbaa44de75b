/* auth/certificate.h - a certificate with its private key, and the assertions signed by it.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct w365_buf;
struct auth_certificate; /* opaque; auth/certificate.c */

/**
 * Reads PEM or PFX: the key from @key_file, the certificate that belongs to it from @cert_file (which may
 * hold a whole chain, and the key). @password_file (may be NULL) opens an encrypted key; nobody is
 * ever asked on a terminal.
 *
 * Errors: -errno of the files; -EINVAL, each with its own sentence: no key or certificate in the
 * file, a key that does not belong to the certificate, a key that is not RSA or shorter than 2048
 * bits, a certificate that has expired at @wall or is not valid yet.
 */
int auth_certificate_load(const char *cert_file, const char *key_file, const char *password_file,
			  int64_t wall, struct auth_certificate **ret, struct w365_err *reterr);

/** The key is wiped (by OpenSSL). NULL is fine. Returns NULL. */
struct auth_certificate *auth_certificate_free(struct auth_certificate *c);

/** The SHA-1 thumbprint as portals show it, upper-case hexadecimal. Lives as long as @c. */
const char *auth_certificate_thumbprint(const struct auth_certificate *c);

/** When it ends, seconds since 1970. */
int64_t auth_certificate_expires(const struct auth_certificate *c);

/**
 * Appends a JWT for @client_id, to be posted to @audience, valid for ten minutes from @wall.
 * @rs256: the older form, RS256 with x5t; else PS256 with x5t#S256.
 */
int auth_certificate_assertion(const struct auth_certificate *c, const char *client_id,
			       const char *audience, int64_t wall, bool rs256, struct w365_buf *out,
			       struct w365_err *reterr);
