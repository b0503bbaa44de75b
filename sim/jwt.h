/* sim/jwt.h - signed tokens: three pieces of base64url with dots between. RS256 and PS256. */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

enum sim_jwt_alg {
	SIM_RS256, /* RSASSA-PKCS1-v1_5 with SHA-256 */
	SIM_PS256, /* RSASSA-PSS with SHA-256, MGF1 with SHA-256, salt of 32 bytes */
};

/** A token taken apart. Header and payload are walked JSON objects; nothing about the signature is
 * known yet. */
struct sim_jwt {
	struct w365_buf header_text, payload_text, signature;
	struct w365_json header, payload;
	struct w365_span signed_part; /* inside the token, borrowed */
};

/** False if it is no token: not three parts, not base64url, not two JSON objects. sim_jwt_done() in
 * either case. */
bool sim_jwt_split(struct sim_jwt *t, const char *token);

void sim_jwt_done(struct sim_jwt *t);

bool sim_jwt_verify(const struct sim_jwt *t, enum sim_jwt_alg alg, EVP_PKEY *key);

/** Appends the token of the two JSON texts, signed with RS256. False if OpenSSL fails. */
bool sim_jwt_sign(struct w365_buf *out, const char *header, const char *payload, EVP_PKEY *key);

/** A string member, decoded into @out. False if it is missing or no string. */
bool sim_jwt_string(const struct w365_json *j, const char *name, struct w365_buf *out);

/** Is the string member exactly @want? */
bool sim_jwt_is(const struct w365_json *j, const char *name, const char *want);

/** A number member (not a string that holds one), whole seconds. False if it is missing or
 * something else. */
bool sim_jwt_time(const struct w365_json *j, const char *name, int64_t *ret);
