#include "sim/identity.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/macros.h"
#include "base/str.h"
#include "sim/rng.h"

W365_DEFINE_CLEANUP(X509 *, X509_free)
W365_DEFINE_CLEANUP(BIO *, BIO_free)

static void encode(char *to, const void *p, size_t n)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

	w365_base64url(&b, p, n);
	memcpy(to, w365_buf_str(&b), b.len + 1);
}

/* The letters between are what a careless form encoder gets wrong. */
static void make_secret(struct sim_identity *id, uint64_t seed)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
	static const char odd[] = "~+/=&%";
	struct sim_rng r = sim_rng(seed, "secret", 0);
	char *to = id->client_secret;

	for (unsigned i = 0; i < 40; i++)
		*to++ = i % 7 == 3 ? odd[i / 7] : letters[sim_rng_below(&r, sizeof(letters) - 1)];
	*to = '\0';
}

static int make_key(struct sim_identity *id, struct w365_err *reterr)
{
	unsigned char der[1024], *end = der, digest[32];
	int len;

	id->key = EVP_RSA_gen(2048);
	len = id->key ? i2d_PUBKEY(id->key, NULL) : 0;
	if (len <= 0 || len > (int)sizeof(der) || i2d_PUBKEY(id->key, &end) != len ||
	    EVP_Digest(der, (size_t)len, digest, NULL, EVP_sha256(), NULL) != 1)
		return w365_err_set(reterr, EIO, "OpenSSL cannot make a signing key");
	encode(id->kid, digest, 20);
	return 0;
}

static int read_certificate(struct sim_identity *id, const char *path, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf pem = W365_BUF;
	_cleanup_(BIO_freep) BIO *bio = NULL;
	_cleanup_(X509_freep) X509 *cert = NULL;
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n;
	int r = w365_file_read(path, 1 << 20, false, &pem, reterr);

	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	id->cert_key = cert ? X509_get_pubkey(cert) : NULL;
	if (!id->cert_key || EVP_PKEY_get_base_id(id->cert_key) != EVP_PKEY_RSA)
		return w365_err_set(reterr, EINVAL, "'%s' holds no PEM certificate of an RSA key",
				    path);
	if (X509_digest(cert, EVP_sha1(), md, &n) != 1)
		return w365_err_set(reterr, EINVAL, "no SHA-1 of the certificate in '%s'", path);
	encode(id->x5t, md, n);
	if (X509_digest(cert, EVP_sha256(), md, &n) != 1)
		return w365_err_set(reterr, EINVAL, "no SHA-256 of the certificate in '%s'", path);
	encode(id->x5t_s256, md, n);
	return 0;
}

int sim_identity_init(struct sim_identity *id, uint64_t seed, const char *roles,
		      const char *cert_file, struct w365_err *reterr)
{
	struct sim_rng r = sim_rng(seed, "password", 0);
	int e;

	*id = (struct sim_identity){ .domain = "larkspurlabs.example",
				     .organization = "Larkspur Labs",
				     .lifetime = 3599 };
	sim_guid(seed, "tenant", 0, id->tenant);
	sim_guid(seed, "client", 0, id->client_id);
	sim_guid(seed, "client", 1, id->public_client_id);
	sim_guid(seed, "client", 2, id->cert_client_id);
	sim_guid(seed, "managed", 0, id->managed_id[0]);
	sim_guid(seed, "managed", 1, id->managed_id[1]);
	sim_guid(seed, "managed-header", 0, id->managed_header);
	make_secret(id, seed);
	snprintf(id->user, sizeof(id->user), "alexw@%s", id->domain);
	snprintf(id->password, sizeof(id->password), "Lark-%06u+spur", sim_rng_below(&r, 1000000));
	if (!sim_identity_set_roles(id, roles))
		return w365_err_oom(reterr);
	e = make_key(id, reterr);
	if (e == 0 && cert_file)
		e = read_certificate(id, cert_file, reterr);
	if (e < 0)
		sim_identity_done(id);
	return e;
}

void sim_identity_done(struct sim_identity *id)
{
	EVP_PKEY_free(id->key);
	EVP_PKEY_free(id->cert_key);
	free(id->roles);
	free(id->seen);
	free(id->challenges);
	*id = (struct sim_identity){ 0 };
}

bool sim_identity_is(const struct sim_identity *id, const char *tenant)
{
	return strcasecmp(tenant, id->tenant) == 0 || strcasecmp(tenant, id->domain) == 0;
}

bool sim_identity_set_roles(struct sim_identity *id, const char *roles)
{
	char *copy = strdup(roles);

	if (!copy)
		return false;
	free(id->roles);
	id->roles = copy;
	return true;
}

bool sim_identity_seen(struct sim_identity *id, const char *jti, int64_t until, int64_t now)
{
	uint64_t hash = w365_hash(jti, strlen(jti), 0);
	size_t kept = 0;
	void *seen;

	for (size_t i = 0; i < id->seen_count; i++) {
		if (id->seen[i].hash == hash)
			return true;
		if (id->seen[i].until >= now)
			id->seen[kept++] = id->seen[i];
	}
	id->seen_count = kept;
	seen = reallocarray(id->seen, kept + 1, sizeof(*id->seen));
	if (!seen)
		return false;
	id->seen = seen;
	id->seen[id->seen_count++] = (struct sim_seen){ hash, until };
	return false;
}

bool sim_identity_challenge(struct sim_identity *id, const char *object_id, int64_t nbf)
{
	struct sim_challenge *more;

	for (size_t i = 0; i < id->challenge_count; i++) {
		if (!w365_streq(id->challenges[i].object_id, object_id))
			continue;
		id->challenges[i].nbf = nbf;
		id->challenges[i].answered = 0;
		return true;
	}
	more = reallocarray(id->challenges, id->challenge_count + 1, sizeof(*more));
	if (!more)
		return false;
	id->challenges = more;
	more += id->challenge_count++;
	*more = (struct sim_challenge){ .nbf = nbf };
	snprintf(more->object_id, sizeof(more->object_id), "%s", object_id);
	return true;
}

int64_t sim_identity_challenged(const struct sim_identity *id, const char *object_id,
				uint64_t serial)
{
	for (size_t i = 0; i < id->challenge_count; i++) {
		const struct sim_challenge *c = &id->challenges[i];

		if (w365_streq(c->object_id, object_id))
			return c->answered && serial >= c->answered ? 0 : c->nbf;
	}
	return 0;
}

void sim_identity_answer(struct sim_identity *id, const char *object_id, int64_t nbf,
			 uint64_t serial)
{
	for (size_t i = 0; i < id->challenge_count; i++) {
		struct sim_challenge *c = &id->challenges[i];

		if (w365_streq(c->object_id, object_id) && !c->answered && nbf >= c->nbf)
			c->answered = serial;
	}
}
