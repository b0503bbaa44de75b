#include "auth/certificate.h"
#include "auth/pfx.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>

#define FILE_MAX      (1 << 20)
#define ASSERTION_S   600 /* MSAL's value */
#define CLOCK_SLACK_S 60  /* tolerates a local clock that is fast by so much */

struct auth_certificate {
	EVP_PKEY *key;
	X509 *cert;
	unsigned char sha1[20], sha256[32];
	char thumbprint[41];
};

W365_DEFINE_CLEANUP(struct auth_certificate *, auth_certificate_free)
W365_DEFINE_CLEANUP(BIO *, BIO_free_all)
W365_DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)

struct auth_certificate *auth_certificate_free(struct auth_certificate *c)
{
	if (c) {
		EVP_PKEY_free(c->key);
		X509_free(c->cert);
		free(c);
	}
	return NULL;
}

const char *auth_certificate_thumbprint(const struct auth_certificate *c)
{
	return c->thumbprint;
}

/* OpenSSL would ask on the terminal if it were given no callback: a daemon would hang. */
static int password(char *buf, int size, int rwflag, void *arg)
{
	const struct w365_buf *given = arg;

	if (!given->len || given->len > (size_t)size)
		return -1;
	memcpy(buf, given->data, given->len);
	return (int)given->len;
}

static int read_password(const char *path, struct w365_buf *pass, struct w365_err *reterr)
{
	int r = path ? w365_file_read(path, 4096, true, pass, reterr) : 0;

	while (pass->len &&
	       (pass->data[pass->len - 1] == '\n' || pass->data[pass->len - 1] == '\r'))
		pass->data[--pass->len] = '\0';
	return r;
}

/* Of a PFX file the certificate comes with it. */
static int load_key(struct auth_certificate *c, const char *path, const char *password_file,
		    struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET, pass = W365_BUF_SECRET;
	_cleanup_(BIO_free_allp) BIO *bio = NULL;
	int r = w365_file_read(path, FILE_MAX, false, &text, reterr);

	if (r == 0 && !auth_pfx_is(&text) && !strstr(w365_buf_str(&text), "PRIVATE KEY-----"))
		return w365_err_set(
			reterr, EINVAL,
			"'%s' holds no private key in PEM form: append it, or give --certificate-key",
			path);
	w365_buf_reset(&text);
	if (r == 0) /* now that it is known to be a secret */
		r = w365_file_read(path, FILE_MAX, true, &text, reterr);
	if (r == 0)
		r = read_password(password_file, &pass, reterr);
	if (r < 0)
		return r;
	if (auth_pfx_is(&text))
		return auth_pfx_open(path, &text, &pass, &c->key, &c->cert, reterr);
	bio = BIO_new_mem_buf(w365_buf_str(&text), (int)text.len);
	c->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, password, &pass) : NULL;
	if (c->key)
		return 0;
	ERR_clear_error();
	if (strstr(w365_buf_str(&text), "ENCRYPTED"))
		return w365_err_set(
			reterr, EINVAL,
			"the private key in '%s' is encrypted, and --certificate-password-file %s",
			path, password_file ? "does not open it" : "is not given");
	return w365_err_set(reterr, EINVAL, "'%s' holds no private key in PEM form", path);
}

/* The leaf is the certificate that belongs to the key, not necessarily the first of the file. */
static int load_cert(struct auth_certificate *c, const char *path, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET; /* the key may be in it */
	_cleanup_(BIO_free_allp) BIO *bio = NULL;
	unsigned seen = 0;
	int r = w365_file_read(path, FILE_MAX, false, &text, reterr);

	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(w365_buf_str(&text), (int)text.len);
	for (X509 *x; bio && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)); seen++) {
		if (X509_check_private_key(x, c->key) == 1) {
			c->cert = x;
			break;
		}
		X509_free(x);
	}
	ERR_clear_error();
	if (c->cert)
		return 0;
	if (seen)
		return w365_err_set(reterr, EINVAL,
				    "the private key does not belong to the certificate in '%s'",
				    path);
	return w365_err_set(reterr, EINVAL, "'%s' holds no certificate in PEM form", path);
}

static int check(const struct auth_certificate *c, const char *path, int64_t wall,
		 struct w365_err *reterr)
{
	time_t now = (time_t)wall;
	char when[W365_TIME_MAX];
	struct tm tm = { 0 };

	if (EVP_PKEY_get_base_id(c->key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(c->key) < 2048)
		return w365_err_set(
			reterr, EINVAL,
			"the key of '%s' cannot be used: Entra ID takes RSA keys of at least 2048 bits",
			path);
	if (X509_cmp_time(X509_get0_notAfter(c->cert), &now) < 0) {
		ASN1_TIME_to_tm(X509_get0_notAfter(c->cert), &tm);
		return w365_err_set(
			reterr, EINVAL,
			"the certificate in '%s' expired on %s: make a new one and upload it to the app",
			path, w365_time_format(timegm(&tm), when));
	}
	if (X509_cmp_time(X509_get0_notBefore(c->cert), &now) > 0) {
		ASN1_TIME_to_tm(X509_get0_notBefore(c->cert), &tm);
		return w365_err_set(
			reterr, EINVAL,
			"the certificate in '%s' is not valid before %s: is this computer's clock right?",
			path, w365_time_format(timegm(&tm), when));
	}
	return 0;
}

int auth_certificate_load(const char *cert_file, const char *key_file, const char *password_file,
			  int64_t wall, struct auth_certificate **ret, struct w365_err *reterr)
{
	_cleanup_(auth_certificate_freep) struct auth_certificate *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return w365_err_oom(reterr);
	r = load_key(c, key_file ? key_file : cert_file, password_file, reterr);
	if (r == 0 && (!c->cert || key_file)) {
		X509_free(TAKE_PTR(c->cert));
		r = load_cert(c, cert_file, reterr);
	}
	if (r == 0)
		r = check(c, cert_file, wall, reterr);
	if (r < 0)
		return r;
	/* Both are hashes of the DER form of the whole certificate. */
	if (!X509_digest(c->cert, EVP_sha1(), c->sha1, NULL) ||
	    !X509_digest(c->cert, EVP_sha256(), c->sha256, NULL))
		return w365_err_oom(reterr);
	for (unsigned i = 0; i < sizeof(c->sha1); i++)
		snprintf(c->thumbprint + 2 * i, 3, "%02X", c->sha1[i]);
	*ret = TAKE_PTR(c);
	return 0;
}

int64_t auth_certificate_expires(const struct auth_certificate *c)
{
	struct tm tm = { 0 };

	ASN1_TIME_to_tm(X509_get0_notAfter(c->cert), &tm);
	return (int64_t)timegm(&tm);
}

static int sign(const struct auth_certificate *c, bool rs256, const struct w365_buf *text,
		struct w365_buf *sig)
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx; /* owned by md */
	size_t len;

	if (!md || EVP_DigestSignInit(md, &pctx, EVP_sha256(), NULL, c->key) != 1)
		return -EIO;
	if (!rs256 && (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) != 1 ||
		       EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, EVP_sha256()) != 1 ||
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) != 1))
		return -EIO;
	if (EVP_DigestSign(md, NULL, &len, (const unsigned char *)text->data, text->len) != 1 ||
	    !w365_buf_room(sig, len) ||
	    EVP_DigestSign(md, (unsigned char *)sig->data, &len, (const unsigned char *)text->data,
			   text->len) != 1)
		return -EIO;
	sig->len = len;
	return 0;
}

int auth_certificate_assertion(const struct auth_certificate *c, const char *client_id,
			       const char *audience, int64_t wall, bool rs256, struct w365_buf *out,
			       struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf part = W365_BUF, jwt = W365_BUF_SECRET,
						 sig = W365_BUF_SECRET;
	struct w365_jw w = { .out = &part };
	char jti[37];

	w365_buf_addf(&part, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"%s\":\"", rs256 ? "RS256" : "PS256",
		      rs256 ? "x5t" : "x5t#S256");
	w365_base64url(&part, rs256 ? c->sha1 : c->sha256,
		       rs256 ? sizeof(c->sha1) : sizeof(c->sha256));
	w365_buf_adds(&part, "\"}");
	w365_base64url(&jwt, w365_buf_str(&part), part.len);
	w365_buf_addc(&jwt, '.');

	w365_buf_reset(&part);
	w365_guid_new(jti);
	w365_jw_open(&w, '{');
	w365_jw_pair(&w, "aud", audience);
	w365_jw_pair(&w, "iss", client_id);
	w365_jw_pair(&w, "sub", client_id);
	w365_jw_pair(&w, "jti", jti);
	w365_jw_pair_uint(&w, "nbf", (uint64_t)(wall - CLOCK_SLACK_S));
	w365_jw_pair_uint(&w, "iat", (uint64_t)(wall - CLOCK_SLACK_S));
	w365_jw_pair_uint(&w, "exp", (uint64_t)(wall - CLOCK_SLACK_S + ASSERTION_S));
	w365_jw_close(&w, '}');
	w365_base64url(&jwt, w365_buf_str(&part), part.len);

	if (part.failed || jwt.failed)
		return w365_err_oom(reterr);
	if (sign(c, rs256, &jwt, &sig) < 0) {
		ERR_clear_error();
		return w365_err_set(reterr, EIO, "the private key could not sign the assertion");
	}
	w365_buf_addc(&jwt, '.');
	w365_base64url(&jwt, sig.data, sig.len);
	w365_buf_add(out, w365_buf_str(&jwt), jwt.len);
	return jwt.failed || out->failed ? w365_err_oom(reterr) : 0;
}
