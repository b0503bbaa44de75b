/* base/url.h - origins: who is spoken to, and who may see the token. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/** Scheme, host and port of an http or https URL. */
struct w365_origin {
	bool tls;
	bool loopback;  /* the host is 127.x.y.z, [::1] or localhost */
	uint16_t port;  /* the scheme's own if the URL names none */
	char host[256]; /* lower case, no trailing dot; an IPv6 address in its brackets */
};

/**
 * Reads the origin of @url, strictly: what has user info, odd characters or an odd port is refused,
 * so that no two readers can take it for different hosts. *@ret_rest (may be NULL) is what follows
 * the origin: "" or "/...".
 *
 * Errors: -EINVAL, the sentence says why.
 */
int w365_origin_parse(const char *url, struct w365_origin *ret, const char **ret_rest,
		      struct w365_err *reterr);

/** Appends what a value of a form or query stands for: '+' is a space, %XX a byte. Bytes that have no
 * place in a text (NUL) are left out. */
void w365_form_decode(struct w365_buf *out, const char *s, size_t n);

bool w365_origin_same(const struct w365_origin *a, const struct w365_origin *b);
