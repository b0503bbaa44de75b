#include "sim/jwt.h"

#include <openssl/rsa.h>
#include <stdlib.h>

#include "base/macros.h"
#include "sim/json-text.h"

W365_DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)

static bool part(struct w365_span text, struct w365_buf *out, struct w365_json *json)
{
	/* base64url alone: base/str.h reads the other alphabet and padding too. */
	for (size_t i = 0; i < text.len; i++)
		if (!w365_is_alnum(text.p[i]) && text.p[i] != '-' && text.p[i] != '_')
			return false;
	if (!text.len || !w365_base64_decode(out, text.p, text.len))
		return false;
	return !json || (w365_json_parse(json, w365_buf_str(out), out->len, NULL, NULL) == 0 &&
			 json->nodes[0].kind == W365_JSON_IS_OBJECT);
}

bool sim_jwt_split(struct sim_jwt *t, const char *token)
{
	const char *dot1 = strchr(token, '.'), *dot2 = dot1 ? strchr(dot1 + 1, '.') : NULL;

	*t = (struct sim_jwt){ 0 };
	if (!dot2)
		return false;
	t->signed_part = (struct w365_span){ token, (size_t)(dot2 - token) };
	return part((struct w365_span){ token, (size_t)(dot1 - token) }, &t->header_text,
		    &t->header) &&
	       part((struct w365_span){ dot1 + 1, (size_t)(dot2 - dot1 - 1) }, &t->payload_text,
		    &t->payload) &&
	       part((struct w365_span){ dot2 + 1, strlen(dot2 + 1) }, &t->signature, NULL);
}

void sim_jwt_done(struct sim_jwt *t)
{
	w365_json_done(&t->header);
	w365_json_done(&t->payload);
	w365_buf_done(&t->header_text);
	w365_buf_done(&t->payload_text);
	w365_buf_done(&t->signature);
}

bool sim_jwt_verify(const struct sim_jwt *t, enum sim_jwt_alg alg, EVP_PKEY *key)
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;

	if (!md || EVP_DigestVerifyInit(md, &ctx, EVP_sha256(), NULL, key) != 1)
		return false;
	if (alg == SIM_PS256 &&
	    (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) != 1 ||
	     EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) != 1 ||
	     EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) != 1))
		return false;
	return EVP_DigestVerify(md, (const unsigned char *)t->signature.data, t->signature.len,
				(const unsigned char *)t->signed_part.p, t->signed_part.len) == 1;
}

bool sim_jwt_sign(struct w365_buf *out, const char *header, const char *payload, EVP_PKEY *key)
{
	_cleanup_(EVP_MD_CTX_freep) EVP_MD_CTX *md = EVP_MD_CTX_new();
	_cleanup_(w365_freep) unsigned char *signature = NULL;
	size_t start = out->len, len = 0;

	w365_base64url(out, header, strlen(header));
	w365_buf_addc(out, '.');
	w365_base64url(out, payload, strlen(payload));
	if (!md || out->failed || EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(md, NULL, &len, (unsigned char *)out->data + start, out->len - start) !=
		    1)
		return false;
	signature = malloc(len);
	if (!signature || EVP_DigestSign(md, signature, &len, (unsigned char *)out->data + start,
					 out->len - start) != 1)
		return false;
	w365_buf_addc(out, '.');
	w365_base64url(out, signature, len);
	return !out->failed;
}

bool sim_jwt_string(const struct w365_json *j, const char *name, struct w365_buf *out)
{
	uint32_t i = w365_json_get(j, 0, name);

	if (!i || j->nodes[i].kind != W365_JSON_IS_STRING)
		return false;
	w365_json_decode(out, w365_json_raw(j, i));
	return !out->failed;
}

bool sim_jwt_is(const struct w365_json *j, const char *name, const char *want)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	return sim_jwt_string(j, name, &text) && text.len == strlen(want) &&
	       memcmp(w365_buf_str(&text), want, text.len) == 0;
}

bool sim_jwt_time(const struct w365_json *j, const char *name, int64_t *ret)
{
	uint32_t i = w365_json_get(j, 0, name);
	struct w365_span text;
	int64_t v = 0;

	if (!i || j->nodes[i].kind != W365_JSON_IS_NUMBER)
		return false;
	text = sim_json_text(j, i);
	if (text.len > 12) /* beyond the year 33,000 */
		return false;
	for (size_t k = 0; k < text.len; k++) {
		if (!w365_is_digit(text.p[k]))
			return false;
		v = v * 10 + (text.p[k] - '0');
	}
	*ret = v;
	return true;
}
