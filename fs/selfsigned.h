/* fs/selfsigned.h - a certificate for this machine's own loopback, made on the spot: for the demo.
 */
#pragma once

#include "base/err.h"

/** Writes a new key to @key_file (0600) and a certificate for localhost and 127.0.0.1 to
 * @cert_file, both PEM. */
int fs_selfsigned_make(const char *cert_file, const char *key_file, struct w365_err *reterr);
