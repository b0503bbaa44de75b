#include "auth/seal.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#define NONCE 12
#define TAG   16

W365_DEFINE_CLEANUP(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_free)

/* Begins with the nonce and what it is about. NULL if that cannot be. */
static EVP_CIPHER_CTX *begin(bool seal, const unsigned char *key, const unsigned char *nonce,
			     const char *about)
{
	_cleanup_(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	if (!c || EVP_CipherInit_ex2(c, EVP_aes_256_gcm(), key, nonce, seal, NULL) != 1 ||
	    EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)about, (int)strlen(about)) != 1)
		return NULL;
	return TAKE_PTR(c);
}

int auth_seal(const unsigned char key[AUTH_SEAL_KEY], const char *about, const char *text,
	      size_t len, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	_cleanup_(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *c = NULL;
	unsigned char *p = (unsigned char *)w365_buf_room(&b, NONCE + len + TAG);
	int n;

	if (!p)
		return -ENOMEM;
	if (RAND_bytes(p, NONCE) != 1 || !(c = begin(true, key, p, about)) ||
	    EVP_CipherUpdate(c, p + NONCE, &n, (const unsigned char *)text, (int)len) != 1 ||
	    EVP_CipherFinal_ex(c, p + NONCE + n, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG, p + NONCE + len) != 1)
		return -EIO;
	w365_base64url(out, p, NONCE + len + TAG);
	return out->failed ? -ENOMEM : 0;
}

int auth_unseal(const unsigned char key[AUTH_SEAL_KEY], const char *about, const char *sealed,
		struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;
	_cleanup_(EVP_CIPHER_CTX_freep) EVP_CIPHER_CTX *c = NULL;
	unsigned char *from, *to;
	size_t len;
	int n;

	if (!w365_base64_decode(&b, sealed, strlen(sealed)) || b.len < NONCE + TAG)
		return -EBADMSG;
	from = (unsigned char *)b.data;
	len = b.len - NONCE - TAG;
	to = (unsigned char *)w365_buf_room(out, len + 1);
	if (!to)
		return -ENOMEM;
	c = begin(false, key, from, about);
	if (!c || EVP_CipherUpdate(c, to, &n, from + NONCE, (int)len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG, from + NONCE + len) != 1 ||
	    EVP_CipherFinal_ex(c, to + n, &n) != 1) {
		explicit_bzero(to, len);
		return -EBADMSG;
	}
	to[len] = '\0';
	out->len += len;
	return 0;
}
