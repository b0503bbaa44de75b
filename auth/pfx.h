/* auth/pfx.h - PKCS #12 files, as Azure's portal and Windows export them. */
#pragma once

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct w365_buf;

/** Whether that is how such a file begins. */
bool auth_pfx_is(const struct w365_buf *file);

/**
 * Takes the key and its certificate out of @file.
 *
 * @path:     for the sentence.
 * @password: may be empty.
 * Owner:     the key and the certificate belong to the caller.
 * Errors:    -EINVAL: no such file, a wrong password, no key in it.
 */
int auth_pfx_open(const char *path, const struct w365_buf *file, const struct w365_buf *password,
		  EVP_PKEY **ret_key, X509 **ret_cert, struct w365_err *reterr);
