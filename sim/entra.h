/* sim/entra.h - the Entra ID half: endpoints below /{tenant}/, and what its grants share. */
#pragma once

#include "sim/form.h"
#include "sim/jwt.h"
#include "sim/scopes.h"
#include "sim/sim.h"

struct w365_jw;

/** A request to the token endpoint, on its way through a grant. */
struct sim_token_request {
	struct sim *sim;
	const struct sim_request *req;
	struct sim_reply *reply;
	const char *tenant; /* the segment, as it was sent */
	struct sim_form form;
	struct w365_buf basic_id, basic_secret; /* of an Authorization: Basic header */
	const char *client_id,
		*client_secret; /* from the body, else from that header; NULL: not sent */
};

/** Answers a request to Entra ID. */
void sim_entra(struct sim *s, const struct sim_request *req, struct sim_reply *reply);

/**
 * Writes the failure AADSTS@code, with the HTTP status and "error" word that belong to it; @fmt is
 * the sentence, without number and trailer. For use by fault hooks too. An unknown code is an
 * invalid_request.
 */
void sim_entra_fail(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		    unsigned code, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/** The same with a status and a word of the caller's choice. */
void sim_entra_fail_as(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		       int status, const char *error, unsigned code, const char *sentence);

/** The same with "suberror" and "claims", as policies have them; NULL: without. */
void sim_entra_fail_more(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
			 int status, const char *error, unsigned code, const char *sentence,
			 const char *suberror, const char *claims);

/** The "error" word of AADSTS@code. */
const char *sim_entra_error_word(unsigned code);

/** Writes "AADSTS@code: @sentence" with its trailer, as error_description has it. */
void sim_entra_describe(struct sim *s, const struct sim_request *req, unsigned code,
			const char *sentence, struct w365_buf *out);

/**
 * May people sign in to @app (NULL: not known yet) below this tenant segment: the tenant's, or a
 * shared name?
 *
 * Errors: the AADSTS number, with its sentence in @reterr; 0 if they may.
 */
unsigned sim_entra_check_segment(const struct sim *s, const char *tenant, const struct sim_app *app,
				 struct w365_err *reterr);

/** common, organizations, consumers: they name no tenant. */
bool sim_entra_is_shared(const char *tenant);

/** Do the two segments name the same tenant? */
bool sim_entra_same_segment(const struct sim *s, const char *a, const char *b);

/** The pages and forms of a browser's sign-in. @tenant is the segment. */
void sim_authorize(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		   const char *tenant);
void sim_login(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
	       const char *tenant);
void sim_consent_page(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		      const char *tenant);
void sim_admin_consent(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		       const char *tenant);
void sim_logout(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		const char *tenant);
void sim_device_code(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		     const char *tenant);

/** GET and POST /device: where people type the code. */
void sim_device_page(struct sim *s, const struct sim_request *req, struct sim_reply *reply);

/** The endpoints that hand out tokens of managed identities. False: it is none of them. */
bool sim_managed(struct sim *s, const struct sim_request *req, struct sim_reply *reply);

/** Discovery. */
void sim_configuration(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		       const char *tenant);
void sim_keys(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
	      const char *tenant);
void sim_instance(struct sim *s, const struct sim_request *req, struct sim_reply *reply,
		  const char *tenant);

/** GET /oidc/userinfo and /error?code=: what discovery and errors refer to. */
void sim_userinfo(struct sim *s, const struct sim_request *req, struct sim_reply *reply);
void sim_error_page(struct sim *s, const struct sim_request *req, struct sim_reply *reply);

/** grant_type=authorization_code, device_code, refresh_token: people. */
void sim_grant_code(struct sim_token_request *t);
void sim_grant_device(struct sim_token_request *t);
void sim_grant_refresh(struct sim_token_request *t);

/** The application of the request's client_id; NULL (and answered) if there is none here. */
struct sim_app *sim_token_client(struct sim_token_request *t);

/** Answers and returns false if @value is missing. */
bool sim_token_param(struct sim_token_request *t, const char *name, const char *value);

/**
 * Checks the secret or assertion of @app, whichever came; answers and returns false if it is bad or
 * (@must) missing.
 */
bool sim_token_prove(struct sim_token_request *t, struct sim_app *app, bool must,
		     enum sim_proof *ret);

/** Begins the answer that holds an access token: what each grant's has. The caller adds its own pairs
 * to @ret and closes it. */
void sim_token_reply(struct sim_token_request *t, const char *access, struct w365_jw *ret);

/** Somebody approves a device code: consents too. False: the AADSTS number says why not. */
bool sim_device_approve(struct sim *s, struct sim_device *d, const struct sim_user *user,
			unsigned *ret_code, struct w365_err *reterr);

/** Can a hook order a policy with this AADSTS number? */
bool sim_block_known(unsigned code);

/** The AADSTS number of the policy that stops a sign-in in the browser, with its sentence; 0: none.
 */
unsigned sim_authorize_blocked(const struct sim *s, const char **ret_sentence);

/** What AADSTS@code says of a refresh token; NULL: it is none of those that end one. */
const char *sim_refresh_end(unsigned code);

/** Does a policy that a hook has ordered stop this grant? Then it has answered. @sign_in may be
 * NULL. */
bool sim_token_blocked(struct sim_token_request *t, const char *grant,
		       const struct sim_sign_in *sign_in);

/** Answers with tokens for somebody's sign-in, if consent covers @scopes. */
void sim_token_issue(struct sim_token_request *t, const struct sim_sign_in *sign_in,
		     struct sim_scopes *scopes, enum sim_proof proof);

/** Checks an assertion that another party has issued. As sim_assertion_check(). */
unsigned sim_federated_check(struct sim *s, const struct sim_jwt *assertion,
			     const struct sim_app *app, struct w365_err *reterr);

/** grant_type=client_credentials: an application by itself, with a secret or a certificate. */
void sim_grant_client(struct sim_token_request *t);

/**
 * Checks a client assertion.
 *
 * Errors: the AADSTS number, with its sentence in @reterr; 0 if the assertion is good.
 * Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
unsigned sim_assertion_check(struct sim *s, const char *assertion, const char *client_id,
			     const char *const *audiences, struct w365_err *reterr);
