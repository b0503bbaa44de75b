/* base/buf.h - a growable buffer of bytes, and a kind of it that leaves no secret behind. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * Invariants: data[0..len) is what was added and data[len] is NUL once anything was added; data is
 * NULL before. A failed allocation sets @failed, and every later addition does nothing: add freely,
 * ask once at the end.
 * @secret: memory given back is wiped first, on growth as well as at the end.
 */
struct w365_buf {
	char *data;
	size_t len, cap;
	bool secret, failed;
};

#define W365_BUF        ((struct w365_buf){ 0 })
#define W365_BUF_SECRET ((struct w365_buf){ .secret = true })

void w365_buf_add(struct w365_buf *b, const void *p, size_t n);
void w365_buf_adds(struct w365_buf *b, const char *s);
void w365_buf_addc(struct w365_buf *b, char c);
void w365_buf_addf(struct w365_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void w365_buf_addv(struct w365_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/** Adds @s percent-encoded for a URL or a form: all but letters, digits and "-._~". */
void w365_buf_add_url(struct w365_buf *b, const char *s);

/** Room for @n more bytes at data + len; the caller writes them and adds to len. NULL if there is
 * no memory. */
char *w365_buf_room(struct w365_buf *b, size_t n);

/** Empties the buffer and keeps its memory. Wipes if secret. */
void w365_buf_reset(struct w365_buf *b);

/** Frees (and wipes) the memory; the buffer is empty and usable again. */
void w365_buf_done(struct w365_buf *b);

/** The text, never NULL. */
static inline const char *w365_buf_str(const struct w365_buf *b)
{
	return b->data ? b->data : "";
}

/** The text as a heap string that the caller frees; the buffer is empty afterwards. NULL if
 * @failed. */
char *w365_buf_take(struct w365_buf *b);
