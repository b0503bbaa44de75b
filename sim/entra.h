/* sim/entra.h - the Entra ID half: endpoints below /{tenant}/, and what its grants share. */
#pragma once

#include "sim/form.h"
#include "sim/sim.h"

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
