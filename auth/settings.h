/* auth/settings.h - what is wrong with how to sign in, before anything is sent. */
#pragma once

#include "auth/grant.h"

/** -EINVAL with the sentence. */
int auth_settings_check(const struct auth_config *c, const struct auth_grant *g,
			struct w365_err *reterr);

/** What to ask for: on the heap; NULL: no memory. */
char *auth_settings_scope(const struct auth_config *c, const struct auth_grant *g);
