#include "fs/register-files.h"
#include "auth/certificate.h"
#include "base/file.h"
#include "base/macros.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define KEY_BITS 3072
#define LIFE_S   (365L * 86400)
#define FILE_MAX ((size_t)1 << 20)

W365_DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
W365_DEFINE_CLEANUP(X509 *, X509_free)
W365_DEFINE_CLEANUP(BIO *, BIO_free_all)

static X509 *make_certificate(EVP_PKEY *key, const char *name)
{
	_cleanup_(X509_freep) X509 *cert = X509_new();
	ASN1_INTEGER *serial;
	X509_NAME *subject;
	char cn[65];

	if (!cert || X509_set_version(cert, 2) != 1)
		return NULL;
	snprintf(cn, sizeof(cn), "%s", name); /* X.520: a common name has 64 letters at most */
	serial = X509_get_serialNumber(cert);
	subject = X509_get_subject_name(cert);
	if (ASN1_INTEGER_set_int64(serial, time(NULL)) != 1 ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert), -300) ||
	    !X509_gmtime_adj(X509_getm_notAfter(cert), LIFE_S) ||
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1,
				       -1, 0) != 1 ||
	    X509_set_issuer_name(cert, subject) != 1 || X509_set_pubkey(cert, key) != 1 ||
	    !X509_sign(cert, key, EVP_sha256()))
		return NULL;
	return TAKE_PTR(cert);
}

static int write_pem(const char *path, X509 *cert, EVP_PKEY *key, struct w365_err *reterr)
{
	_cleanup_(BIO_free_allp) BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long n;
	int r;

	if (!bio || PEM_write_bio_X509(bio, cert) != 1 ||
	    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return w365_err_set(reterr, EIO, "OpenSSL cannot write a key");
	n = BIO_get_mem_data(bio, &text);
	r = w365_file_folder(path, reterr);
	if (r == 0)
		r = w365_file_replace(path, text, (size_t)n, reterr);
	explicit_bzero(text, (size_t)n);
	return r;
}

static int make(const char *path, const char *name, struct w365_err *reterr)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
	_cleanup_(X509_freep) X509 *cert = key ? make_certificate(key, name) : NULL;

	ERR_clear_error();
	if (!cert)
		return w365_err_set(reterr, EIO, "OpenSSL cannot make a certificate");
	return write_pem(path, cert, key, reterr);
}

/* The certificate of the file, checked with its key as a sign-in will. */
static int read_back(const char *path, struct w365_buf *out, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET;
	_cleanup_(X509_freep) X509 *cert = NULL;
	_cleanup_(BIO_free_allp) BIO *bio = NULL;
	struct auth_certificate *checked = NULL;
	unsigned char *der = NULL;
	char *to;
	int r, n;

	r = auth_certificate_load(path, NULL, NULL, (int64_t)time(NULL), &checked, reterr);
	if (r < 0)
		return r;
	auth_certificate_free(checked);
	r = w365_file_read(path, FILE_MAX, true, &text, reterr);
	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(text.data, (int)text.len);
	cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	n = cert ? i2d_X509(cert, &der) : -1;
	ERR_clear_error();
	if (n < 0)
		return w365_err_set(reterr, EINVAL, "'%s' holds no certificate in PEM", path);
	to = w365_buf_room(out, 4 * ((size_t)n / 3 + 1) + 1);
	if (to)
		out->len += (size_t)EVP_EncodeBlock((unsigned char *)to, der, n);
	OPENSSL_free(der);
	return to ? 0 : w365_err_oom(reterr);
}

int fs_register_certificate(const char *path, const char *name, struct w365_buf *out,
			    struct w365_err *reterr)
{
	int r = access(path, F_OK) < 0 ? make(path, name, reterr) : 0;

	return r < 0 ? r : read_back(path, out, reterr);
}

int fs_register_secret_begin(const char *path, bool *ret_full, struct w365_err *reterr)
{
	_cleanup_(w365_closep) int fd = -1;
	struct stat st;
	int r = w365_file_folder(path, reterr);

	if (r < 0)
		return r;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return w365_err_set(reterr, errno, "cannot write '%s': %m", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
		return w365_err_set(reterr, EACCES,
				    "'%s' is no file that nobody else may read: give another one",
				    path);
	*ret_full = st.st_size > 0;
	return 0;
}

int fs_register_secret_write(const char *path, const struct w365_buf *secret,
			     struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf line = W365_BUF_SECRET;

	w365_buf_add(&line, secret->data, secret->len);
	w365_buf_addc(&line, '\n');
	return line.failed ? w365_err_oom(reterr)
			   : w365_file_replace(path, line.data, line.len, reterr);
}

void fs_register_secret_drop(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0)
		unlink(path);
}
