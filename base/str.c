#include "base/str.h"
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

int w365_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void *w365_wipe_free(void *p, size_t n)
{
	if (p) {
		explicit_bzero(p, n);
		free(p);
	}
	return NULL;
}

char *w365_wipe_str(char *s)
{
	return s ? w365_wipe_free(s, strlen(s)) : NULL;
}

unsigned w365_utf8(const char *s, size_t len, uint32_t *ret_cp)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t cp;
	unsigned n;

	if (!len)
		return 0;
	if (p[0] < 0x80) {
		if (ret_cp)
			*ret_cp = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > len)
		return 0;
	cp = p[0] & (0xff >> (n + 1));
	for (unsigned i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && cp < 0x800) || (n == 4 && cp < 0x10000) || cp > 0x10ffff ||
	    (cp >= 0xd800 && cp < 0xe000))
		return 0;
	if (ret_cp)
		*ret_cp = cp;
	return n;
}

unsigned w365_utf8_put(uint32_t cp, char *out)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

bool w365_is_guid(const char *s)
{
	for (unsigned i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-'
			 : w365_hex(s[i]) < 0) /* a NUL is neither: no read beyond the end */
			return false;
	}
	return s[36] == '\0';
}

void w365_guid_new(char out[37])
{
	unsigned char r[16];

	/* Sixteen bytes never come short, and cannot be interrupted, once the pool is seeded. */
	while (getrandom(r, sizeof(r), 0) != sizeof(r))
		if (errno != EINTR)
			abort();
	r[6] = 0x40 | (r[6] & 0x0f);
	r[8] = 0x80 | (r[8] & 0x3f);
	snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12],
		 r[13], r[14], r[15]);
}

bool w365_parse_u64(const char *s, uint64_t *ret)
{
	uint64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned d = (unsigned)(*s - '0');

		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*ret = v;
	return true;
}

uint64_t w365_hash(const void *p, size_t n, uint64_t seed)
{
	const unsigned char *s = p;
	uint64_t h = 0xcbf29ce484222325u ^ seed * 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ s[i]) * 0x100000001b3u;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	return h;
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void w365_base64url(struct w365_buf *out, const void *p, size_t n)
{
	const unsigned char *s = p;

	for (; n >= 3; n -= 3, s += 3) {
		uint32_t v = (uint32_t)s[0] << 16 | (uint32_t)s[1] << 8 | s[2];

		w365_buf_addc(out, base64url[v >> 18]);
		w365_buf_addc(out, base64url[v >> 12 & 63]);
		w365_buf_addc(out, base64url[v >> 6 & 63]);
		w365_buf_addc(out, base64url[v & 63]);
	}
	if (n) {
		uint32_t v = (uint32_t)s[0] << 16 | (n == 2 ? (uint32_t)s[1] << 8 : 0);

		w365_buf_addc(out, base64url[v >> 18]);
		w365_buf_addc(out, base64url[v >> 12 & 63]);
		if (n == 2)
			w365_buf_addc(out, base64url[v >> 6 & 63]);
	}
}

bool w365_base64_decode(struct w365_buf *out, const char *s, size_t n)
{
	uint32_t v = 0;
	unsigned bits = 0;

	while (n && s[n - 1] == '=')
		n--;
	if (n % 4 == 1)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[i] == '+' ? '-' : s[i] == '/' ? '_' : s[i];
		const char *at = c ? strchr(base64url, c) : NULL;

		if (!at)
			return false;
		v = v << 6 | (uint32_t)(at - base64url);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			w365_buf_addc(out, (char)(v >> bits));
		}
	}
	return !out->failed;
}
