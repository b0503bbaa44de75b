/* auth/grant.h - what a way of signing in has to offer. One file each; the table is in
 * auth/grants.c.
 *
 * A grant is a step machine: it says what it wants sent, run or shown, and is told what came back.
 * What all have in common (one request at a time, the life of tokens, refresh tokens, back-off,
 * memory of refusals) is in auth/auth.c. Most grants are one form posted to the token endpoint:
 * they need form() alone.
 */
#pragma once

#include "auth/auth.h"
#include "auth/token.h"

/** What a grant may want to know. Borrowed for the call. */
struct auth_context {
	const struct auth_config *config;
	const char *
		tenant_url; /* the authority with the tenant: "https://login.example/contoso.com" */
	const char *token_url; /* where tokens are asked for there */
	const char *scope;
	const char *claims; /* JSON to send along, unencoded */
	struct auth_clock now;
};

enum auth_result {
	AUTH_GOT_TOKEN, /* @token is filled */
	AUTH_GO_ON,     /* there is a next step, not before @at */
	AUTH_PASSING,   /* failed; it may pass: @err */
	AUTH_REFUSED, /* failed; no use asking again before somebody has changed something: @err */
};

struct auth_outcome {
	struct auth_token token;
	uint64_t at;
	struct w365_err err;
	bool login;   /* of a refusal: a person has to sign in again */
	bool consent; /* of a refusal: for want of consent to the scope */
	bool absent;  /* of a refusal: there is no such credential at all */
};

struct auth_grant {
	const char *name; /* value of --auth */
	const char *help; /* one line */
	bool app_only;    /* gives an application's token, not a person's */
	bool person;      /* needs one in front of it */
	bool anonymous;   /* needs neither tenant nor application named */

	/** Whether @c holds what this grant needs: how "auto" chooses. */
	bool (*configured)(const struct auth_config *c);

	/** Reads the credential; *@ret_state is handed to the others. -errno with @reterr. */
	int (*open)(const struct auth_config *c, const struct auth_clock *now, void **ret_state,
		    struct w365_err *reterr);

	/**
	 * Adds this grant's own "&name=value" pairs to the form of a token request. client_id and
	 * scope are there. NULL of a grant that has next().
	 */
	int (*form)(void *state, const struct auth_context *x, struct w365_buf *form,
		    struct w365_err *reterr);

	/** What to do now: AUTH_SEND, AUTH_RUN, AUTH_LISTEN (with *@ret filled), or -errno. */
	int (*next)(void *state, const struct auth_context *x, struct auth_todo *ret,
		    struct w365_err *reterr);

	/** The answer to AUTH_SEND. NULL: that of a token endpoint. */
	enum auth_result (*reply)(void *state, const struct auth_context *x,
				  const struct w365_reply *reply, struct auth_outcome *ret);

	/** What AUTH_RUN's program has said. */
	enum auth_result (*ran)(void *state, const struct auth_context *x,
				const struct auth_ran *ran, struct auth_outcome *ret);

	/** AUTH_LISTEN: the browser can come back to this port. Fills the prompt. */
	int (*listening)(void *state, const struct auth_context *x, unsigned port,
			 struct w365_err *reterr);

	/** The browser has come back with @form ("code=...&state=..."). */
	enum auth_result (*arrived)(void *state, const struct auth_context *x, const char *form,
				    struct auth_outcome *ret);

	/** What to tell the person now, or NULL. */
	const struct auth_prompt *(*prompt)(const void *state);

	/** Forgets a sign-in that was begun: the next step is the first one. May be left out. */
	void (*restart)(void *state);

	/** What identifies the credential to a person, or NULL: a certificate's thumbprint. May be
	 * left out. */
	const char *(*thumbprint)(const void *state);

	/** When the credential itself ends, seconds since 1970. May be left out: nobody knows. */
	int64_t (*expires)(const void *state);

	/** Wipes. */
	void (*close)(void *state);
};

extern const struct auth_grant auth_grant_client_secret;
extern const struct auth_grant auth_grant_client_certificate;
extern const struct auth_grant auth_grant_workload_identity;
extern const struct auth_grant auth_grant_managed_identity;
extern const struct auth_grant auth_grant_azure_cli;
extern const struct auth_grant auth_grant_device_code;
extern const struct auth_grant auth_grant_browser;

/** All of them, in the order in which "auto" looks for one that is configured; ended by NULL. */
extern const struct auth_grant *const auth_grants[];

/** The grant that @c asks for. -EINVAL with the sentence if it is unknown, -ENOKEY if nothing is
 * configured. */
int auth_grant_choose(const struct auth_config *c, const struct auth_grant **ret,
		      struct w365_err *reterr);

/** A form's pairs before a JWT by which a client proves itself. */
#define AUTH_ASSERTION                                         \
	"client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A" \
	"client-assertion-type%3Ajwt-bearer&client_assertion="

/** The form that posts to the token endpoint begin with: client_id, scope, claims. */
void auth_form_begin(const struct auth_context *x, struct w365_request *req);

/** Judges a token endpoint's answer: a token, or why there is none. */
enum auth_result auth_judge(const struct auth_context *x, const struct w365_reply *reply,
			    const char *thumbprint, struct auth_outcome *ret);

/** How long @t lives from now, in seconds; at most AUTH_LIFE_MAX_S. */
uint64_t auth_token_life(const struct auth_token *t, const struct auth_clock *now);
#define AUTH_LIFE_MAX_S (7 * 86400)
