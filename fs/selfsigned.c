#include "fs/selfsigned.h"
#include "base/macros.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define LIFE_S (7L * 86400)

W365_DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
W365_DEFINE_CLEANUP(X509 *, X509_free)

static bool add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = ext && X509_add_ext(cert, ext, -1) == 1;

	X509_EXTENSION_free(ext);
	return ok;
}

static X509 *make(EVP_PKEY *key)
{
	_cleanup_(X509_freep) X509 *cert = X509_new();
	X509_NAME *name;

	if (!cert || X509_set_version(cert, 2) != 1)
		return NULL;
	name = X509_get_subject_name(cert);
	if (ASN1_INTEGER_set_int64(X509_get_serialNumber(cert), time(NULL)) != 1 ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert), -60) ||
	    !X509_gmtime_adj(X509_getm_notAfter(cert), LIFE_S) ||
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				       (const unsigned char *)"w365fs demo", -1, -1, 0) != 1 ||
	    X509_set_issuer_name(cert, name) != 1 || X509_set_pubkey(cert, key) != 1 ||
	    !add_extension(cert, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1") ||
	    !add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") ||
	    !X509_sign(cert, key, EVP_sha256()))
		return NULL;
	return TAKE_PTR(cert);
}

static FILE *create(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f && fd >= 0)
		close(fd);
	return f;
}

int fs_selfsigned_make(const char *cert_file, const char *key_file, struct w365_err *reterr)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = EVP_EC_gen("P-256");
	_cleanup_(X509_freep) X509 *cert = key ? make(key) : NULL;
	_cleanup_(w365_fclosep) FILE *cf = NULL, *kf = NULL;

	ERR_clear_error();
	if (!cert)
		return w365_err_set(reterr, EIO, "OpenSSL cannot make a certificate");
	cf = create(cert_file, 0644);
	kf = create(key_file, 0600);
	if (!cf || !kf)
		return w365_err_set(reterr, errno, "cannot write '%s': %m",
				    cf ? key_file : cert_file);
	if (PEM_write_X509(cf, cert) != 1 ||
	    PEM_write_PrivateKey(kf, key, NULL, NULL, 0, NULL, NULL) != 1 || fflush(cf) ||
	    fflush(kf))
		return w365_err_set(reterr, EIO, "cannot write the demo's certificate to '%s'",
				    cert_file);
	return 0;
}
