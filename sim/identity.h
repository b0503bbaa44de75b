/* sim/identity.h - the directory side of the tenant: who may sign in, with what, and the tokens
 * they get. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"

/** An assertion's "jti" that was seen, until the assertion has expired. */
struct sim_seen {
	uint64_t hash;
	int64_t until;
};

/** Whose tokens Graph refuses unless they were asked for with the claims of the challenge. */
struct sim_challenge {
	char object_id[37];
	int64_t nbf;
	uint64_t answered; /* the first token that answers it; 0: none yet */
};

struct sim_identity {
	char tenant[37];
	const char *domain, *organization; /* static */
	char client_id[37], public_client_id[37], cert_client_id[37];
	char client_secret[48];
	char user[64], password[32];
	bool secret_expired;
	char *roles; /* the applications' permissions, with a space between */

	EVP_PKEY *key; /* signs the tokens; new at every start */
	char kid[28];

	EVP_PKEY *cert_key; /* of the registered certificate; NULL if there is none */
	char x5t[28], x5t_s256[44];

	uint64_t lifetime; /* seconds that a new token lives */
	uint64_t serial;   /* of the newest token */
	uint64_t revoked;  /* tokens up to this serial are refused */
	struct sim_seen *seen;
	size_t seen_count;

	char managed_id[2]
		       [37]; /* client ids of the machine's identities: its own, an assigned one */
	char managed_header[48]; /* what App Service's endpoint wants in X-IDENTITY-HEADER */
	char arc_key[37];        /* of Azure Arc's newest challenge; "": used */
	struct sim_challenge *challenges;
	size_t challenge_count;
};

/** How an application has proved itself: the claim "appidacr". */
enum sim_proof {
	SIM_PROOF_NONE = 0, /* a public client */
	SIM_PROOF_SECRET = 1,
	SIM_PROOF_CERTIFICATE = 2,
};

/** Who calls Graph. */
struct sim_caller {
	bool delegated;
	char *permissions; /* "roles" or "scp", with a space between; owned */
	char *object_id;   /* of the user or the service principal; owned */
	char *client_id;   /* of the application; owned */
	uint64_t serial;   /* of the token */
};

/**
 * Ids and secrets come from @seed; the signing key does not.
 *
 * @cert_file: a PEM certificate (RSA) for the application cert_client_id; NULL: none.
 * Errors:     -EINVAL, -ENOMEM, -errno of the file.
 */
int sim_identity_init(struct sim_identity *id, uint64_t seed, const char *roles,
		      const char *cert_file, struct w365_err *reterr);

void sim_identity_done(struct sim_identity *id);

/** Is @tenant this tenant's GUID or domain? Without regard to case. */
bool sim_identity_is(const struct sim_identity *id, const char *tenant);

/** Replaces the permissions. False if there is no memory. */
bool sim_identity_set_roles(struct sim_identity *id, const char *roles);

/** Was this "jti" seen before? If not, it is from now on, until @until. */
bool sim_identity_seen(struct sim_identity *id, const char *jti, int64_t until, int64_t now);

/** The id of an application's service principal: fixed by the application. */
void sim_principal_id(const char *client_id, char out[37]);

/** What an access token is made of. The strings are borrowed; NULL: the claim is missing. */
struct sim_token_spec {
	const char *base;     /* this simulator's origin */
	const char *audience; /* whom the token is for */
	const char *client_id, *app_name;
	enum sim_proof proof;
	const char *roles; /* of an application: words */
	/* Of a user: */
	const char *oid, *upn, *name, *scp, *wids;
	bool cp1;             /* the client can handle challenges */
	int64_t answered_nbf; /* the challenge that the request answers; 0: none */
	bool v2_issuer;       /* for federation: "/v2.0" behind the tenant, no roles */
	uint64_t lifetime;    /* 0: as the hook has set it */
};

/** Appends an access token. False if it cannot be made. */
bool sim_token_mint(struct sim_identity *id, const struct sim_token_spec *spec, time_t now,
		    struct w365_buf *out);

/** From now on @object_id needs a token that answers the challenge. False if there is no memory. */
bool sim_identity_challenge(struct sim_identity *id, const char *object_id, int64_t nbf);

/** The challenge that stands for the token @serial of @object_id; 0: none. */
int64_t sim_identity_challenged(const struct sim_identity *id, const char *object_id,
				uint64_t serial);

/** A token of @object_id was asked for with the claims of a challenge. */
void sim_identity_answer(struct sim_identity *id, const char *object_id, int64_t nbf,
			 uint64_t serial);

/**
 * Checks an access token as Graph does.
 *
 * Owner:  the caller owns what *@ret points to: sim_caller_done().
 * Errors: -EACCES, the sentence as Graph would say it; -EKEYREJECTED: good, but a challenge stands
 *         (@ret is filled then too).
 */
int sim_token_check(const struct sim_identity *id, const char *base, const char *token, time_t now,
		    struct sim_caller *ret, struct w365_err *reterr);

void sim_caller_done(struct sim_caller *c);
