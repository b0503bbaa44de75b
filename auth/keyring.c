#include "auth/keyring.h"
#include "base/macros.h"
#include "base/str.h"

const char *auth_keyring_why(int status)
{
	static const struct {
		int status;
		const char *why;
	} table[] = {
		{ AUTH_KEYRING_NONE, "no keyring answers here" },
		{ AUTH_KEYRING_LOCKED, "the keyring is locked: unlock it" },
		{ AUTH_KEYRING_EMPTY, "the keyring has no key for it" },
		{ -1, "the keyring does not answer" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].status == status)
			return table[i].why;
	return "the keyring cannot be asked";
}

bool auth_keyring_read(const char *said, unsigned char ret[AUTH_SEAL_KEY])
{
	for (size_t i = 0; i < AUTH_SEAL_KEY; i++) {
		int high = w365_hex(said[2 * i]), low = high < 0 ? -1 : w365_hex(said[2 * i + 1]);

		if (low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	return strspn(said + 2 * AUTH_SEAL_KEY, "\r\n") == strlen(said + 2 * AUTH_SEAL_KEY);
}
