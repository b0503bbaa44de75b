/* auth/discovery.h - what the sign-in service tells everybody: whether it is there, and whether it
 * knows a tenant.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/http.h"

struct auth_config;

/** The request, which carries no credential. Without a tenant it asks about "organizations". */
int auth_discovery_request(const struct auth_config *c, struct w365_request *ret,
			   struct w365_err *reterr);

/**
 * Judges the answer. 0: the service knows the tenant. @wall: seconds since 1970.
 *
 * Errors: -EACCES: it does not, with its sentence; -EAGAIN: it is not well; -EPROTO: whoever
 * answered is no sign-in service.
 */
int auth_discovery_judge(const struct auth_config *c, const struct w365_reply *reply, int64_t wall,
			 struct w365_err *reterr);
