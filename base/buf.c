#include "base/buf.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *w365_buf_room(struct w365_buf *b, size_t n)
{
	size_t need, cap;
	char *data;

	if (b->failed)
		return NULL;
	if (n > (size_t)1 << 40) /* an overflow somewhere above us, not a wish */
		goto fail;
	need = b->len + n + 1;
	if (need <= b->cap)
		return b->data + b->len;

	cap = b->cap ? b->cap + b->cap / 2 : 64;
	if (cap < need)
		cap = need;
	if (b->secret) {
		/* realloc() would leave the old bytes behind in the heap. */
		data = malloc(cap);
		if (!data)
			goto fail;
		if (b->data)
			memcpy(data, b->data, b->len + 1);
		w365_wipe_free(b->data, b->cap);
	} else {
		data = realloc(b->data, cap);
		if (!data)
			goto fail;
	}
	b->data = data;
	b->cap = cap;
	b->data[b->len] = '\0';
	return b->data + b->len;
fail:
	b->failed = true;
	return NULL;
}

void w365_buf_add(struct w365_buf *b, const void *p, size_t n)
{
	char *to = w365_buf_room(b, n);

	if (!to)
		return;
	if (n)
		memcpy(to, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void w365_buf_adds(struct w365_buf *b, const char *s)
{
	w365_buf_add(b, s, strlen(s));
}

void w365_buf_addc(struct w365_buf *b, char c)
{
	w365_buf_add(b, &c, 1);
}

void w365_buf_addv(struct w365_buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || !w365_buf_room(b, (size_t)n)) {
		b->failed = true;
		return;
	}
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void w365_buf_addf(struct w365_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	w365_buf_addv(b, fmt, ap);
	va_end(ap);
}

void w365_buf_add_url(struct w365_buf *b, const char *s)
{
	for (; *s; s++) {
		if (w365_is_alnum(*s) || strchr("-._~", *s))
			w365_buf_addc(b, *s);
		else
			w365_buf_addf(b, "%%%02X", (unsigned char)*s);
	}
}

void w365_buf_reset(struct w365_buf *b)
{
	if (b->data) {
		if (b->secret)
			explicit_bzero(b->data, b->cap);
		b->data[0] = '\0';
	}
	b->len = 0;
	b->failed = false;
}

void w365_buf_done(struct w365_buf *b)
{
	if (b->secret)
		w365_wipe_free(b->data, b->cap);
	else
		free(b->data);
	*b = (struct w365_buf){ .secret = b->secret };
}

char *w365_buf_take(struct w365_buf *b)
{
	char *s;

	w365_buf_room(b, 0); /* an empty text is "", not NULL */
	if (b->failed)
		return NULL;
	s = b->data;
	*b = (struct w365_buf){ .secret = b->secret };
	return s;
}
