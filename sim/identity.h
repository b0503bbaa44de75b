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
};

/** How an application has proved itself: the claim "appidacr". */
enum sim_proof {
	SIM_PROOF_SECRET = 1,
	SIM_PROOF_CERTIFICATE = 2,
};

/** Who calls Graph. */
struct sim_caller {
	bool delegated;
	char *permissions; /* "roles" or "scp", with a space between; owned */
	char *object_id;   /* of the user or the service principal; owned */
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

/**
 * Appends an access token of an application.
 *
 * @base: this simulator's origin. @audience: whom the token is for. False if it cannot be made.
 */
bool sim_token_mint(struct sim_identity *id, const char *base, const char *audience,
		    const char *client_id, enum sim_proof proof, time_t now, struct w365_buf *out);

/**
 * Checks an access token as Graph does.
 *
 * Owner:  the caller owns what *@ret points to: sim_caller_done().
 * Errors: -EACCES, the sentence as Graph would say it.
 */
int sim_token_check(const struct sim_identity *id, const char *base, const char *token, time_t now,
		    struct sim_caller *ret, struct w365_err *reterr);

void sim_caller_done(struct sim_caller *c);
