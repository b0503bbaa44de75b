/* fs/keyring.h - the program that auth/keyring.h has run: this one, by another name of command. GLib and its threads stay
 * in it, and a keyring that asks somebody something, or hangs, holds up nobody else.
 */
#pragma once

/** What auth_config.keyring is: the program's path. NULL: built without libsecret. */
const char *fs_keyring_program(void);

/** "keyring get|make|forget FILE": the key of the token cache FILE, on stdout. Not for people. */
int fs_cmd_keyring(int argc, char **argv);

/** Nothing in the token cache @path is sealed any more: the keyring need not have its key. Waits for the program, some
 * seconds at most. */
void fs_keyring_forget(const char *path);
