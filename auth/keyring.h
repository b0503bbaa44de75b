/* auth/keyring.h - the desktop's keyring, as the sign-in machine knows it: a program that is run (AUTH_RUN) and says a key.
 *
 * What is kept of a person's sign-in stays a file, which all processes of the user share, lock and watch; the keyring has
 * the key that seals what is secret in it (auth/seal.h). So the keyring is asked once a process and never waited for: not
 * when a token is renewed, and not while it is locked.
 *
 * The program prints the key as hexadecimal digits and ends with 0, or says why not by its exit code.
 */
#pragma once

#include "auth/seal.h"

/** Exit codes: far from those of commands. */
enum auth_keyring_says {
	AUTH_KEYRING_NONE = 101,   /* there is no keyring here */
	AUTH_KEYRING_LOCKED = 102, /* there is, and it is locked */
	AUTH_KEYRING_EMPTY = 103,  /* it has no key for this file */
	AUTH_KEYRING_BUG = 104,
};

/** The sentence for an exit code: "it is locked: unlock it". Static. */
const char *auth_keyring_why(int status);

/** Reads the program's answer. False: that is no key. */
bool auth_keyring_read(const char *said, unsigned char ret[AUTH_SEAL_KEY]);
