/* base/str.h - strings without a locale, and the encodings of URLs and tokens. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/** A piece of text inside a larger one: not terminated, not owned. */
struct w365_span {
	const char *p;
	size_t len;
};

#define W365_SPAN(lit) ((struct w365_span){ (lit), sizeof(lit) - 1 })

static inline bool w365_streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool w365_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static inline bool w365_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

static inline bool w365_span_is(struct w365_span a, const char *s)
{
	return a.len == strlen(s) && memcmp(a.p, s, a.len) == 0;
}

/** Whether @word is in the @list, which NULL ends (NULL: nothing is), whatever its capitals. */
static inline bool w365_among(const char *const *list, const char *word)
{
	for (; list && *list; list++)
		if (strcasecmp(*list, word) == 0)
			return true;
	return false;
}

/** "." or "..": whoever normalises an address takes such a step for a way, percent-encoded as well (RFC 3986, 5.2.4). */
static inline bool w365_is_dots(const char *s)
{
	return w365_streq(s, ".") || w365_streq(s, "..");
}

static inline bool w365_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool w365_is_alnum(char c)
{
	return w365_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/** Value of a hexadecimal digit, or -1. */
int w365_hex(char c);

/** free() after explicit_bzero(). NULL is fine. Returns NULL. */
void *w365_wipe_free(void *p, size_t n);

/** The same for a string. */
char *w365_wipe_str(char *s);

/**
 * Length of the valid UTF-8 sequence at @p (1 to 4), or 0 if the bytes there are none. Overlong
 * forms, surrogates and what is beyond U+10FFFF are not valid. @ret_cp may be NULL.
 */
unsigned w365_utf8(const char *p, size_t len, uint32_t *ret_cp);

/** Writes @cp to @out (4 bytes of room); returns its length. */
unsigned w365_utf8_put(uint32_t cp, char *out);

/** A GUID in its usual form, 8-4-4-4-12 hexadecimal digits. */
bool w365_is_guid(const char *s);

/** Fills @out with a random (version 4) GUID. */
void w365_guid_new(char out[37]);

/** Unsigned decimal number that is the whole of @s. */
bool w365_parse_u64(const char *s, uint64_t *ret);

/** FNV-1a, 64 bits, with a last mix so that low bits are good. Stable: inode numbers are made of
 * it. */
uint64_t w365_hash(const void *p, size_t n, uint64_t seed);

struct w365_buf;

/** Base64url without padding, as JWTs have it. */
void w365_base64url(struct w365_buf *out, const void *p, size_t n);

/** Decodes base64 of either alphabet, padded or not. False if @s is neither. */
bool w365_base64_decode(struct w365_buf *out, const char *s, size_t n);
