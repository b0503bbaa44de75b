/* sim/scopes.h - the "scope" and "claims" parameters of people's sign-ins, read. */
#pragma once

#include "sim/sim.h"

/** What a request asks for. Zero-initialise; sim_scopes_done(). */
struct sim_scopes {
	struct w365_buf words; /* all names, canonical, openid and its like too */
	const char *audience;  /* of the one resource */
	bool full;             /* with its address before them: the answer repeats that */
	bool openid, profile, email, offline;
	bool whole; /* ".default" */
};

/**
 * Reads "openid https://graph.microsoft.com/CloudPC.Read.All ...".
 *
 * Errors: the AADSTS number, with its sentence in @reterr; 0 if it is good.
 */
unsigned sim_scopes_read(const struct sim *s, const char *text, struct sim_scopes *ret,
			 struct w365_err *reterr);
void sim_scopes_done(struct sim_scopes *s);

/** Puts in the place of ".default" what @app may for @user (@user "": what it declares). */
void sim_scopes_expand(const struct sim *s, struct sim_scopes *scopes, const struct sim_app *app,
		       const char *user);

/** Appends those of Graph that nobody has consented to yet. */
void sim_scopes_missing(const struct sim *s, const struct sim_scopes *scopes,
			const struct sim_app *app, const char *user, struct w365_buf *out);

/** Appends what the registration of @app declares for Graph: its delegated permissions, or (@roles)
 * the application ones. */
void sim_declared(const struct sim_app *app, bool roles, struct w365_buf *out);

/** May @app (one of Microsoft's own) have all of @words at all? */
bool sim_preauthorized(const struct sim_app *app, const char *words);

/** Does one of @words need an administrator's consent? */
bool sim_needs_admin(const char *words);

/** What the "claims" parameter asks for. */
struct sim_claims {
	bool cp1;
	int64_t nbf; /* 0: not asked for */
};

/** False if @text is no JSON object. NULL asks for nothing. */
bool sim_claims_read(const char *text, struct sim_claims *ret);
