#include "auth/pfx.h"
#include "base/buf.h"
#include "base/macros.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>

/* Old files are encrypted by RC2 or triple DES, which OpenSSL 3 keeps in a provider of its own. It
 * is loaded into a context of its own, so that nothing else in the process can use it. */
struct legacy {
	OSSL_LIB_CTX *context;
	OSSL_PROVIDER *old, *usual;
};

static void legacy_done(struct legacy *l)
{
	OSSL_PROVIDER_unload(l->old);
	OSSL_PROVIDER_unload(l->usual);
	OSSL_LIB_CTX_free(l->context);
}

W365_DEFINE_CLEANUP(PKCS12 *, PKCS12_free)
W365_DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)

bool auth_pfx_is(const struct w365_buf *file)
{
	/* An ASN.1 sequence with a long length: PEM begins with a dash, or with words. */
	return file->len > 4 && (unsigned char)file->data[0] == 0x30 &&
	       (unsigned char)file->data[1] >= 0x80;
}

/* The key belongs to the context it was read in, which goes: it is written out and read again. */
static EVP_PKEY *moved(EVP_PKEY *key)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF_SECRET;
	unsigned char *der = NULL;
	const unsigned char *at;
	int n = i2d_PrivateKey(key, &der);

	if (n <= 0)
		return NULL;
	w365_buf_add(&b, der, (size_t)n);
	OPENSSL_clear_free(der, (size_t)n);
	at = (const unsigned char *)b.data;
	return b.failed ? NULL : d2i_AutoPrivateKey(NULL, &at, n);
}

int auth_pfx_open(const char *path, const struct w365_buf *file, const struct w365_buf *password,
		  EVP_PKEY **ret_key, X509 **ret_cert, struct w365_err *reterr)
{
	_cleanup_(legacy_done) struct legacy l = { OSSL_LIB_CTX_new(), NULL, NULL };
	_cleanup_(PKCS12_freep) PKCS12 *p12 = NULL;
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	const unsigned char *at = (const unsigned char *)file->data;
	X509 *cert = NULL;

	if (!l.context)
		return w365_err_oom(reterr);
	l.old = OSSL_PROVIDER_load(l.context, "legacy"); /* may not be installed */
	l.usual = OSSL_PROVIDER_load(l.context, "default");
	p12 = PKCS12_init_ex(NID_pkcs7_data, l.context, NULL);
	if (!p12 || !d2i_PKCS12(&p12, &at, (long)file->len)) {
		ERR_clear_error();
		return w365_err_set(reterr, EINVAL, "'%s' is neither PEM nor a PKCS #12 file",
				    path);
	}
	/* A file without a password was made with an empty one, or with none. */
	if (!PKCS12_verify_mac(p12, w365_buf_str(password), -1) &&
	    (password->len || !PKCS12_verify_mac(p12, NULL, 0))) {
		ERR_clear_error();
		return w365_err_set(reterr, EINVAL,
				    "'%s' is encrypted, and --certificate-password-file %s", path,
				    password->len ? "does not open it" : "is not given");
	}
	if (!PKCS12_parse(p12, w365_buf_str(password), &key, &cert, NULL) || !key || !cert) {
		X509_free(cert);
		ERR_clear_error();
		return w365_err_set(
			reterr, EINVAL,
			"'%s' holds no key and certificate that can be read: turn it into PEM by "
			"'openssl pkcs12 -legacy -nodes'",
			path);
	}
	*ret_key = moved(key);
	*ret_cert = cert;
	if (*ret_key)
		return 0;
	X509_free(cert);
	return w365_err_oom(reterr);
}
