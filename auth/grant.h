/* auth/grant.h - what a way of signing in has to offer. One file each; the table is in
 * auth/grants.c. */
#pragma once

#include "auth/auth.h"

struct auth_grant {
	const char *name; /* value of --auth */
	const char *help; /* one line */
	bool app_only;    /* gives an application's token, not a person's */

	/** Whether @c holds what this grant needs: how "auto" chooses. */
	bool (*configured)(const struct auth_config *c);

	/** Reads the credential; *@ret_state is handed to the others. -errno with @reterr. */
	int (*open)(const struct auth_config *c, const struct auth_clock *now, void **ret_state,
		    struct w365_err *reterr);

	/**
	 * Adds this grant's own "&name=value" pairs to the form of a token request. client_id and
	 * scope are there.
	 * @token_url is where the form will be posted: assertions are bound to it.
	 */
	int (*form)(void *state, const struct auth_config *c, const struct auth_clock *now,
		    const char *token_url, struct w365_buf *form, struct w365_err *reterr);

	/** What identifies the credential to a person, or NULL: a certificate's thumbprint. May be
	 * left out. */
	const char *(*thumbprint)(const void *state);

	/** Wipes. */
	void (*close)(void *state);
};

extern const struct auth_grant auth_grant_client_secret;
extern const struct auth_grant auth_grant_client_certificate;

/** All of them, in the order in which "auto" looks for one that is configured; ended by NULL. */
extern const struct auth_grant *const auth_grants[];

/** The grant that @c asks for. -EINVAL with the sentence if it is unknown or lacks a setting. */
int auth_grant_choose(const struct auth_config *c, const struct auth_grant **ret,
		      struct w365_err *reterr);
