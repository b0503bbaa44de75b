/* fs/register-files.h - the files that a registration leaves here: a key, or a secret. 0600. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/**
 * Makes an RSA key and a certificate of its own for @name, valid for a year, and writes both to
 * @path; or takes the ones that are there. Appends the certificate (DER, base64), the half that
 * may be known, to @out.
 *
 * Errors: -errno of the file; -EINVAL if what is there is no certificate with its key, or has
 * expired.
 */
int fs_register_certificate(const char *path, const char *name, struct w365_buf *out,
			    struct w365_err *reterr);

/**
 * Makes the file that will hold a secret, empty: better now than when the secret is there. *@ret_full:
 * it holds one already.
 */
int fs_register_secret_begin(const char *path, bool *ret_full, struct w365_err *reterr);

/** Writes the secret there. */
int fs_register_secret_write(const char *path, const struct w365_buf *secret,
			     struct w365_err *reterr);

/** No secret came: takes the file away if it is empty. */
void fs_register_secret_drop(const char *path);
