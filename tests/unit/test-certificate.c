/* Certificates as they lie about, and the assertions signed with them, checked by OpenSSL from the
 * other side. */
#include "auth/auth.h"
#include "auth/certificate.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/macros.h"
#include "base/str.h"
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <time.h>

static char dir[] = "/tmp/w365fs-cert-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[4][128];
	static unsigned n;

	n = (n + 1) % 4;
	snprintf(path[n], sizeof(path[n]), "%s/%s", dir, name);
	return path[n];
}

static FILE *create(const char *name, mode_t mode)
{
	FILE *f = fdopen(open(in_dir(name), O_WRONLY | O_CREAT | O_TRUNC, mode), "w");

	fchmod(fileno(f), mode);
	return f;
}

static X509 *make_cert(EVP_PKEY *key, long from, long to)
{
	X509 *c = X509_new();

	X509_set_version(c, 2);
	ASN1_INTEGER_set_int64(X509_get_serialNumber(c), 1);
	X509_gmtime_adj(X509_getm_notBefore(c), from);
	X509_gmtime_adj(X509_getm_notAfter(c), to);
	X509_set_pubkey(c, key);
	X509_sign(c, key, EVP_sha256());
	return c;
}

static EVP_PKEY *rsa, *other;
static X509 *cert;

/* @old: encrypted as Windows Server 2012 and OpenSSL 1 did. */
static void make_pfx(const char *name, const char *password, bool old)
{
	OSSL_LIB_CTX *ctx = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(ctx, "legacy"),
		      *usual = OSSL_PROVIDER_load(ctx, "default");
	PKCS12 *p12 = PKCS12_create_ex(
		password, "app", rsa, cert, NULL, old ? NID_pbe_WithSHA1And3_Key_TripleDES_CBC : 0,
		old ? NID_pbe_WithSHA1And40BitRC2_CBC : 0, 0, 0, 0, ctx, NULL);
	FILE *f = create(name, 0600);

	CHECK(name, p12 && i2d_PKCS12_fp(f, p12));
	fclose(f);
	PKCS12_free(p12);
	OSSL_PROVIDER_unload(legacy);
	OSSL_PROVIDER_unload(usual);
	OSSL_LIB_CTX_free(ctx);
}

static void make_files(void)
{
	EVP_PKEY *small = EVP_RSA_gen(1024), *ec = EVP_EC_gen("P-256");
	X509 *old = make_cert(rsa, -7200, -3600), *future = make_cert(rsa, 3600, 7200),
	     *strange = make_cert(other, -60, 3600), *small_cert = make_cert(small, -60, 3600),
	     *ec_cert = make_cert(ec, -60, 3600);
	static const struct {
		const char *name;
		mode_t mode;
		EVP_PKEY **key;
		X509 **first, **second;
		const char *password;
	} files[] = {
		{ "both.pem", 0600, &rsa, &cert, NULL, NULL },
		{ "open.pem", 0640, &rsa, &cert, NULL, NULL },
		{ "cert.pem", 0644, NULL, &cert, NULL, NULL },
		{ "key.pem", 0600, &rsa, NULL, NULL, NULL },
		{ "other.pem", 0600, &other, NULL, NULL, NULL },
		{ "locked.pem", 0600, &rsa, NULL, NULL, "pass" },
		{ "empty.pem", 0600, NULL, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		FILE *f = create(files[i].name, files[i].mode);

		if (files[i].key)
			PEM_write_PrivateKey(f, *files[i].key,
					     files[i].password ? EVP_aes_256_cbc() : NULL, NULL, 0,
					     NULL, (void *)files[i].password);
		if (files[i].first)
			PEM_write_X509(f, *files[i].first);
		fclose(f);
	}
	struct {
		const char *name;
		EVP_PKEY *key;
		X509 *a, *b;
	} more[] = { { "chain.pem", rsa, strange, cert }, { "old.pem", rsa, old, NULL },
		     { "future.pem", rsa, future, NULL }, { "small.pem", small, small_cert, NULL },
		     { "ec.pem", ec, ec_cert, NULL },     { "strange.pem", rsa, strange, NULL } };
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		FILE *f = create(more[i].name, 0600);

		PEM_write_X509(f, more[i].a);
		if (more[i].b)
			PEM_write_X509(f, more[i].b);
		PEM_write_PrivateKey(f, more[i].key, NULL, NULL, 0, NULL, NULL);
		fclose(f);
	}
	make_pfx("new.pfx", "pass", false);
	make_pfx("open.pfx", "", false);
	make_pfx("none.pfx", NULL, false);
	make_pfx("rc2.pfx", "pass", true);
	FILE *f = create("cut.pfx", 0600);
	fwrite("\x30\x82\x10\x00\x02\x01\x03", 1, 7, f);
	fclose(f);
	f = create("password", 0600);
	fputs("pass\n", f);
	fclose(f);
	f = create("wrong", 0600);
	fputs("wrong\n", f);
	fclose(f);
	EVP_PKEY_free(small);
	EVP_PKEY_free(ec);
	X509_free(old);
	X509_free(future);
	X509_free(strange);
	X509_free(small_cert);
	X509_free(ec_cert);
}

static const struct {
	const char *why, *cert, *key, *password;
	int r;
	const char *part;
} loads[] = {
	{ "key and certificate in one file", "both.pem", NULL, NULL, 0, NULL },
	{ "kept apart", "cert.pem", "key.pem", NULL, 0, NULL },
	{ "the leaf is the one of the key, not the first", "chain.pem", NULL, NULL, 0, NULL },
	{ "an encrypted key", "cert.pem", "locked.pem", "password", 0, NULL },
	{ "an encrypted key without its password: nobody is asked", "cert.pem", "locked.pem", NULL,
	  -EINVAL, "--certificate-password-file is not given" },
	{ "an encrypted key and a wrong password", "cert.pem", "locked.pem", "wrong", -EINVAL,
	  "does not open it" },
	{ "a key that others may read", "open.pem", NULL, NULL, -EACCES, "chmod 600" },
	{ "no key", "empty.pem", NULL, NULL, -EINVAL, "no private key" },
	{ "no certificate", "key.pem", NULL, NULL, -EINVAL, "no certificate" },
	{ "a key that does not belong to it", "cert.pem", "other.pem", NULL, -EINVAL,
	  "does not belong" },
	{ "a certificate of somebody else", "strange.pem", NULL, NULL, -EINVAL, "does not belong" },
	{ "expired", "old.pem", NULL, NULL, -EINVAL, "expired on" },
	{ "not valid yet", "future.pem", NULL, NULL, -EINVAL, "not valid before" },
	{ "1024 bits", "small.pem", NULL, NULL, -EINVAL, "2048 bits" },
	{ "an elliptic curve", "ec.pem", NULL, NULL, -EINVAL, "RSA" },
	{ "PFX", "new.pfx", NULL, "password", 0, NULL },
	{ "PFX without a password", "open.pfx", NULL, NULL, 0, NULL },
	{ "the other kind of that", "none.pfx", NULL, NULL, 0, NULL },
	{ "an old PFX, by RC2", "rc2.pfx", NULL, "password", 0, NULL },
	{ "PFX and no password given", "new.pfx", NULL, NULL, -EINVAL, "is not given" },
	{ "PFX and a wrong one", "new.pfx", NULL, "wrong", -EINVAL, "does not open it" },
	{ "half a PFX", "cut.pfx", NULL, NULL, -EINVAL, "neither PEM nor" },
	{ "the key in a PFX, the certificate apart", "cert.pem", "new.pfx", "password", 0, NULL },
	{ "not there", "none.pem", NULL, NULL, -ENOENT, "cannot open" },
};

static void test_loads(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(loads); i++) {
		struct auth_certificate *c = NULL;
		struct w365_err err = { 0 };
		int r = auth_certificate_load(
			in_dir(loads[i].cert), loads[i].key ? in_dir(loads[i].key) : NULL,
			loads[i].password ? in_dir(loads[i].password) : NULL, time(NULL), &c, &err);

		CHECK_INT(loads[i].why, r, loads[i].r);
		if (loads[i].part && !CHECK(loads[i].why, strstr(err.msg, loads[i].part) != NULL))
			check_show("sentence", err.msg);
		auth_certificate_free(c);
	}
}

static bool verify(const char *jwt, bool rs256)
{
	const char *dot = strrchr(jwt, '.');
	_cleanup_(w365_buf_done) struct w365_buf sig = W365_BUF;
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	bool ok;

	w365_base64_decode(&sig, dot + 1, strlen(dot + 1));
	EVP_DigestVerifyInit(md, &ctx, EVP_sha256(), NULL, rsa);
	if (!rs256) {
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32);
	}
	ok = EVP_DigestVerify(md, (unsigned char *)sig.data, sig.len, (const unsigned char *)jwt,
			      (size_t)(dot - jwt)) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

static void part(const char *jwt, unsigned n, struct w365_buf *out)
{
	for (; n; n--)
		jwt = strchr(jwt, '.') + 1;
	w365_base64_decode(out, jwt, strcspn(jwt, "."));
}

static void test_assertion(bool rs256)
{
	_cleanup_(w365_buf_done) struct w365_buf jwt = W365_BUF, again = W365_BUF, head = W365_BUF,
						 body = W365_BUF, thumb = W365_BUF;
	_cleanup_(w365_json_done) struct w365_json h = { 0 }, b = { 0 };
	struct auth_certificate *c = NULL;
	unsigned char digest[32];
	unsigned n;

	auth_certificate_load(in_dir("both.pem"), NULL, NULL, time(NULL), &c, NULL);
	CHECK_INT("signs",
		  auth_certificate_assertion(c, "the-client", "https://login/t/token", 1795339815,
					     rs256, &jwt, NULL),
		  0);
	auth_certificate_assertion(c, "the-client", "https://login/t/token", 1795339815, rs256,
				   &again, NULL);
	CHECK("the signature holds", verify(jwt.data, rs256));
	CHECK("and is no signature of the other kind", !verify(jwt.data, !rs256));
	CHECK("no assertion is used twice", !w365_streq(jwt.data, again.data));

	part(jwt.data, 0, &head);
	part(jwt.data, 1, &body);
	CHECK("both parts are JSON",
	      w365_json_parse(&h, head.data, head.len, NULL, NULL) == 0 &&
		      w365_json_parse(&b, body.data, body.len, NULL, NULL) == 0);
	CHECK("alg", w365_span_is(w365_json_raw(&h, w365_json_get(&h, 0, "alg")),
				  rs256 ? "RS256" : "PS256"));
	X509_digest(cert, rs256 ? EVP_sha1() : EVP_sha256(), digest, &n);
	w365_base64url(&thumb, digest, n);
	CHECK("the thumbprint of the DER form, unpadded",
	      w365_span_is(w365_json_raw(&h, w365_json_get(&h, 0, rs256 ? "x5t" : "x5t#S256")),
			   thumb.data));
	CHECK("aud", w365_span_is(w365_json_raw(&b, w365_json_get(&b, 0, "aud")),
				  "https://login/t/token"));
	CHECK("iss and sub",
	      w365_span_is(w365_json_raw(&b, w365_json_get(&b, 0, "iss")), "the-client") &&
		      w365_span_is(w365_json_raw(&b, w365_json_get(&b, 0, "sub")), "the-client"));
	CHECK("times are numbers: a minute back, ten minutes long",
	      w365_span_is(w365_json_raw(&b, w365_json_get(&b, 0, "nbf")), "1795339755") &&
		      w365_span_is(w365_json_raw(&b, w365_json_get(&b, 0, "exp")), "1795340355"));
	CHECK_INT("the thumbprint that people see", (int)strlen(auth_certificate_thumbprint(c)),
		  40);
	auth_certificate_free(c);
}

/* The whole form, as the machine makes it. */
static void test_form(void)
{
	struct auth_config config = { .grant = "client-certificate",
				      .authority = "https://login.example/",
				      .tenant = "contoso.com",
				      .client_id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
				      .scope = "https://graph.microsoft.com/.default",
				      .certificate = in_dir("both.pem") };
	struct auth_clock now = { .ms = 1, .wall = time(NULL) };
	struct auth_todo todo;
	struct auth *a = NULL;
	struct w365_err err;

	CHECK_INT("the machine takes a certificate", auth_new(&config, &now, &a, &err), 0);
	CHECK_INT("and asks", auth_step(a, &now, &todo, &err), AUTH_SEND);
	CHECK_STR("there", todo.request.url, "https://login.example/contoso.com/oauth2/v2.0/token");
	CHECK("so",
	      strstr(todo.request.body.data,
		     "&grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=eyJ"));
	CHECK("without a secret", !strstr(todo.request.body.data, "client_secret"));
	w365_request_done(&todo.request);
	auth_free(a);
}

int main(void)
{
	static const char *const names[] = { "both.pem",    "open.pem",   "cert.pem",  "key.pem",
					     "other.pem",   "locked.pem", "empty.pem", "chain.pem",
					     "old.pem",     "future.pem", "small.pem", "ec.pem",
					     "strange.pem", "password",   "wrong",     "new.pfx",
					     "open.pfx",    "none.pfx",   "rc2.pfx",   "cut.pfx" };

	if (!mkdtemp(dir))
		return 1;
	rsa = EVP_RSA_gen(2048);
	other = EVP_RSA_gen(2048);
	cert = make_cert(rsa, -60, 3600);
	make_files();
	test_loads();
	test_assertion(false);
	test_assertion(true);
	test_form();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlink(in_dir(names[i]));
	rmdir(dir);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other);
	X509_free(cert);
	return check_summary();
}
