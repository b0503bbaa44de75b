/* auth/settings.h - what is wrong with how to sign in, before anything is sent. */
#pragma once

#include "auth/grant.h"

/** -EINVAL with the sentence. */
int auth_settings_check(const struct auth_config *c, const struct auth_grant *g,
			struct w365_err *reterr);

/**
 * What to ask for: on the heap; NULL: no memory.
 *
 * @granted: of the permissions, besides the first, those alone that are among these words; NULL: all
 * of them.
 */
char *auth_settings_scope(const struct auth_config *c, const struct auth_grant *g,
			  const char *granted);

/** The permissions that are wanted, as auth_config has them: never NULL, never none. */
const char *const *auth_settings_permissions(const struct auth_config *c);

/** Whether the words of a scope, as the service writes it, have @permission. NULL has none. */
bool auth_scope_has(const char *words, const char *permission);
