/* auth/aadsts.h - what Entra ID's refusals mean, and what to do about each.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
#pragma once

#include <stdint.h>

#include "base/err.h"

struct auth_config;
struct w365_reply;

/** Who can mend it, and so whether asking again is any use. */
enum auth_failure {
	AUTH_FAIL_CONFIG,    /* settings here or of the app registration */
	AUTH_FAIL_LOGIN,     /* a person signs in again */
	AUTH_FAIL_CONSENT,   /* somebody has to approve the permissions */
	AUTH_FAIL_POLICY,    /* a rule of the tenant: its administrator */
	AUTH_FAIL_ACCOUNT,   /* the user's account */
	AUTH_FAIL_TRANSIENT, /* nobody: try again */
	AUTH_FAIL_BUG,       /* us */
};

/**
 * Turns a reply of the token endpoint that is no token into @err: what is wrong, the cure, the
 * AADSTS number and the correlation id. @wall is our clock, for the failures that come from a wrong
 * one. @thumbprint may be NULL.
 */
enum auth_failure auth_failure_from_reply(const struct w365_reply *reply,
					  const struct auth_config *config, const char *thumbprint,
					  int64_t wall, struct w365_err *err);
