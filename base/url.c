#include "base/url.h"
#include "base/str.h"

#include <errno.h>

int w365_origin_parse(const char *url, struct w365_origin *ret, const char **ret_rest,
		      struct w365_err *reterr)
{
	struct w365_origin o = { 0 };
	const char *p = url, *end;
	size_t n;

	if (strncasecmp(p, "https://", 8) == 0) {
		o.tls = true;
		p += 8;
	} else if (strncasecmp(p, "http://", 7) == 0) {
		p += 7;
	} else {
		return w365_err_set(reterr, EINVAL, "'%.100s' is not an http or https address",
				    url);
	}

	end = p;
	if (*p == '[') {
		for (end++; w365_hex(*end) >= 0 || *end == ':' || *end == '.';)
			end++;
		if (*end++ != ']')
			return w365_err_set(reterr, EINVAL, "'%.100s' has no valid host", url);
	} else {
		while (w365_is_alnum(*end) || *end == '-' || *end == '.')
			end++;
	}
	n = (size_t)(end - p);
	while (n && p[n - 1] == '.')
		n--;
	if (!n || n >= sizeof(o.host))
		return w365_err_set(reterr, EINVAL, "'%.100s' has no valid host", url);
	for (size_t i = 0; i < n; i++)
		o.host[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);

	o.port = o.tls ? 443 : 80;
	if (*end == ':') {
		unsigned port = 0;

		for (end++; w365_is_digit(*end) && port <= 65535; end++)
			port = port * 10 + (unsigned)(*end - '0');
		if (port < 1 || port > 65535)
			return w365_err_set(reterr, EINVAL, "'%.100s' has no valid port", url);
		o.port = (uint16_t)port;
	}
	if (*end && *end != '/')
		return w365_err_set(reterr, EINVAL, "'%.100s' has no valid host", url);
	for (const char *q = end; *q; q++)
		if ((unsigned char)*q <= 0x20 || (unsigned char)*q >= 0x7f || *q == '\\')
			return w365_err_set(reterr, EINVAL,
					    "'%.100s' holds a character that no address has", url);

	o.loopback = w365_streq(o.host, "localhost") || w365_streq(o.host, "[::1]");
	if (!o.loopback && w365_starts(o.host, "127.")) {
		/* 127.evil.example is no loopback address: four numbers, nothing else. */
		unsigned dots = 0;

		o.loopback = true;
		for (const char *q = o.host; *q; q++) {
			if (*q == '.')
				dots++;
			else if (!w365_is_digit(*q))
				o.loopback = false;
		}
		o.loopback = o.loopback && dots == 3;
	}
	*ret = o;
	if (ret_rest)
		*ret_rest = end;
	return 0;
}

bool w365_origin_same(const struct w365_origin *a, const struct w365_origin *b)
{
	return a->tls == b->tls && a->port == b->port && w365_streq(a->host, b->host);
}

void w365_form_decode(struct w365_buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int high = s[i] == '%' && i + 2 < n ? w365_hex(s[i + 1]) : -1,
		    low = high >= 0 ? w365_hex(s[i + 2]) : -1;
		char c = s[i] == '+' ? ' ' : s[i];

		if (low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (c)
			w365_buf_addc(out, c);
	}
}
