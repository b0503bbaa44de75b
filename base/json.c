#include "base/json.h"
#include "base/buf.h"
#include "base/macros.h"

#include <errno.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* What a byte means inside a string. NUL counts as a control character, and ends every scan at
 * text[len]. */
enum { PLAIN, HIGH, ESCAPE, STOP };
static const uint8_t classes[256] = {
	[0 ... 0x1f] = STOP, ['"'] = STOP, ['\\'] = ESCAPE, [0x7f] = HIGH, [0x80 ... 0xff] = HIGH,
};

struct parser {
	struct w365_json *j;
	const char *p, *end;
	struct w365_err *err;
};

static int fail(struct parser *ps, const char *what)
{
	unsigned line = 1, col = 1;

	ps->j->bad = (size_t)(ps->p - ps->j->text);
	ps->j->why = what;
	for (const char *q = ps->j->text; q < ps->p; q++) {
		if (*q == '\n') {
			line++;
			col = 1;
		} else if (((unsigned char)*q & 0xc0) != 0x80) {
			col++;
		}
	}
	if (ps->p >= ps->end)
		return w365_err_set(ps->err, EINVAL,
				    "JSON ends too early, at line %u column %u: %s", line, col,
				    what);
	return w365_err_set(ps->err, EINVAL, "not JSON at line %u column %u: %s", line, col, what);
}

/*
 * Skips what needs no looking at inside a string: up to the first quote, backslash or control
 * character. *@plain becomes false if something that is not printable ASCII was passed. Sixteen
 * bytes at a time where the processor can: most of a listing is inside strings.
 */
static const unsigned char *skip_plain(const unsigned char *p, const char *end, bool *plain)
{
	uint8_t c;

#ifdef __SSE2__
	while (end - (const char *)p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i stop = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
					    _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
		__m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
		unsigned stops = (unsigned)_mm_movemask_epi8(_mm_or_si128(stop, control));
		unsigned high = (unsigned)_mm_movemask_epi8(
			_mm_or_si128(v, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f))));

		if (stops) {
			unsigned n = (unsigned)__builtin_ctz(stops);

			if (high & ((1u << n) - 1))
				*plain = false;
			return p + n;
		}
		if (high)
			*plain = false;
		p += 16;
	}
#endif
	while ((c = classes[*p]) == PLAIN || c == HIGH) {
		if (c == HIGH)
			*plain = false;
		p++;
	}
	return p;
}

/* At the opening quote; leaves p behind the closing one. */
static int string(struct parser *ps, uint32_t *ret_off, uint32_t *ret_len, bool *ret_plain)
{
	const unsigned char *p = (const unsigned char *)ps->p + 1;
	bool plain = true;

	*ret_off = (uint32_t)((const char *)p - ps->j->text);
	for (;;) {
		p = skip_plain(p, ps->end, &plain);
		if (classes[*p] == STOP)
			break;
		plain = false;
		p++;
		if (*p == 'u') {
			for (unsigned i = 1; i <= 4; i++) {
				if (w365_hex((char)p[i]) < 0) {
					ps->p = (const char *)p + i;
					return fail(ps, "\\u needs four hexadecimal digits");
				}
			}
			p += 5;
		} else if (*p && strchr("\"\\/bfnrt", *p)) {
			p++;
		} else {
			ps->p = (const char *)p;
			return fail(ps, "unknown escape in a string");
		}
	}
	ps->p = (const char *)p;
	if (*p != '"')
		return fail(ps, "a string is not closed, or holds a control character");
	*ret_len = (uint32_t)(ps->p - ps->j->text) - *ret_off;
	*ret_plain = plain;
	ps->j->plain = ps->j->plain && plain;
	ps->p++;
	return 0;
}

static int number(struct parser *ps)
{
	if (*ps->p == '-')
		ps->p++;
	if (*ps->p == '0')
		ps->p++;
	else if (w365_is_digit(*ps->p))
		while (w365_is_digit(*ps->p))
			ps->p++;
	else
		return fail(ps, "a digit is expected");
	if (*ps->p == '.') {
		ps->p++;
		if (!w365_is_digit(*ps->p))
			return fail(ps, "a digit is expected");
		while (w365_is_digit(*ps->p))
			ps->p++;
	}
	if (*ps->p == 'e' || *ps->p == 'E') {
		ps->p++;
		if (*ps->p == '+' || *ps->p == '-')
			ps->p++;
		if (!w365_is_digit(*ps->p))
			return fail(ps, "a digit is expected");
		while (w365_is_digit(*ps->p))
			ps->p++;
	}
	return 0;
}

static int literal(struct parser *ps, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(ps->end - ps->p) < n || memcmp(ps->p, word, n) != 0)
		return fail(ps, "a value is expected");
	ps->p += n;
	return 0;
}

static int value(struct parser *ps, uint32_t self, unsigned depth);

static int more_nodes(struct parser *ps)
{
	struct w365_json *j = ps->j;
	size_t cap = j->cap ? j->cap * 2 : 128;
	void *nodes = realloc(j->nodes, cap * sizeof(*j->nodes));

	if (!nodes)
		return w365_err_oom(ps->err);
	j->nodes = nodes;
	j->cap = cap;
	return 0;
}

static inline int new_node(struct parser *ps, uint32_t *ret)
{
	struct w365_json *j = ps->j;

	if (j->count == j->cap && more_nodes(ps) < 0)
		return -ENOMEM;
	*ret = (uint32_t)j->count++;
	j->nodes[*ret].key = j->nodes[*ret].key_len = 0;
	j->nodes[*ret].key_plain = false;
	return 0;
}

static int members(struct parser *ps, char close, unsigned depth)
{
	bool object = close == '}';
	uint32_t i;
	int r;

	ps->p = w365_json_space(ps->p + 1);
	if (*ps->p == close) {
		ps->p++;
		return 0;
	}
	for (;;) {
		r = new_node(ps, &i);
		if (r < 0)
			return r;
		if (object) {
			struct w365_json_node *n = &ps->j->nodes[i];

			if (*ps->p != '"')
				return fail(ps, "a property name in quotes is expected");
			r = string(ps, &n->key, &n->key_len, &n->key_plain);
			if (r < 0)
				return r;
			ps->p = w365_json_space(ps->p);
			if (*ps->p != ':')
				return fail(ps, "a colon is expected");
			ps->p = w365_json_space(ps->p + 1);
		}
		r = value(ps, i, depth + 1);
		if (r < 0)
			return r;
		ps->p = w365_json_space(ps->p);
		if (*ps->p == close) {
			ps->p++;
			return 0;
		}
		if (*ps->p != ',')
			return fail(ps, object ? "a comma or } is expected"
					       : "a comma or ] is expected");
		ps->p = w365_json_space(ps->p + 1);
	}
}

static int value(struct parser *ps, uint32_t self, unsigned depth)
{
	uint32_t off = (uint32_t)(ps->p - ps->j->text), len;
	enum w365_json_kind kind;
	bool plain = false;
	int r;

	if (depth > ps->j->depth) {
		if (depth > W365_JSON_MAX_DEPTH)
			return fail(ps, "nested too deeply");
		ps->j->depth = depth;
	}
	switch (*ps->p) {
	case '"':
		kind = W365_JSON_IS_STRING;
		r = string(ps, &off, &len, &plain);
		break;
	case '{':
		kind = W365_JSON_IS_OBJECT;
		r = members(ps, '}', depth);
		break;
	case '[':
		kind = W365_JSON_IS_ARRAY;
		r = members(ps, ']', depth);
		break;
	case 't':
		kind = W365_JSON_IS_TRUE;
		r = literal(ps, "true");
		break;
	case 'f':
		kind = W365_JSON_IS_FALSE;
		r = literal(ps, "false");
		break;
	case 'n':
		kind = W365_JSON_IS_NULL;
		r = literal(ps, "null");
		break;
	case '-':
	case '0' ... '9':
		kind = W365_JSON_IS_NUMBER;
		r = number(ps);
		break;
	default: return fail(ps, "a value is expected");
	}
	if (r < 0)
		return r;
	if (kind != W365_JSON_IS_STRING)
		len = (uint32_t)(ps->p - ps->j->text) - off;

	struct w365_json_node *n =
		&ps->j->nodes[self]; /* only now: the children may have moved the array */
	n->val = off;
	n->val_len = len;
	n->kind = kind;
	n->val_plain = plain;
	n->next = (uint32_t)ps->j->count;
	return 0;
}

int w365_json_parse(struct w365_json *j, const char *text, size_t len, size_t *ret_used,
		    struct w365_err *reterr)
{
	struct parser ps = { .j = j, .p = text, .end = text + len, .err = reterr };
	uint32_t root;
	int r;

	j->text = text;
	j->count = 0;
	j->depth = 0;
	j->plain = true;
	j->bad = 0;
	j->why = NULL;
	if (len >= UINT32_MAX)
		return w365_err_set(reterr, EINVAL, "a JSON text of more than 4 GiB");
	r = new_node(&ps, &root);
	if (r < 0)
		return r;
	ps.p = w365_json_space(ps.p);
	r = value(&ps, root, 0);
	if (r < 0)
		return r;
	if (ret_used) {
		*ret_used = (size_t)(ps.p - text);
		return 0;
	}
	ps.p = w365_json_space(ps.p);
	if (ps.p != ps.end)
		return fail(&ps, "something follows the value");
	return 0;
}

void w365_json_done(struct w365_json *j)
{
	free(j->nodes);
	*j = (struct w365_json){ 0 };
}

uint32_t w365_json_get(const struct w365_json *j, uint32_t obj, const char *key)
{
	uint32_t found = 0;
	size_t len = strlen(key);

	if (j->nodes[obj].kind != W365_JSON_IS_OBJECT)
		return 0;
	W365_JSON_EACH (j, obj, i) {
		const struct w365_json_node *n = &j->nodes[i];

		if (n->key_plain) {
			if (n->key_len == len && memcmp(j->text + n->key, key, len) == 0)
				found = i;
		} else {
			_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

			w365_json_decode(&b, (struct w365_span){ j->text + n->key, n->key_len });
			if (b.len == len && memcmp(w365_buf_str(&b), key, len) == 0)
				found = i;
		}
	}
	return found;
}

static uint32_t hex4(const char *p)
{
	return (uint32_t)(w365_hex(p[0]) << 12 | w365_hex(p[1]) << 8 | w365_hex(p[2]) << 4 |
			  w365_hex(p[3]));
}

void w365_json_decode(struct w365_buf *out, struct w365_span in)
{
	const char *p = in.p, *end = in.p + in.len;

	while (p < end) {
		const char *esc = memchr(p, '\\', (size_t)(end - p));
		uint32_t cp;
		char utf8[4];

		w365_buf_add(out, p, (size_t)((esc ? esc : end) - p));
		if (!esc)
			return;
		p = esc + 2;
		switch (esc[1]) {
		case 'b': w365_buf_addc(out, '\b'); break;
		case 'f': w365_buf_addc(out, '\f'); break;
		case 'n': w365_buf_addc(out, '\n'); break;
		case 'r': w365_buf_addc(out, '\r'); break;
		case 't': w365_buf_addc(out, '\t'); break;
		case 'u':
			cp = hex4(p);
			p += 4;
			if (cp >= 0xd800 && cp < 0xdc00 && end - p >= 6 && p[0] == '\\' &&
			    p[1] == 'u') {
				uint32_t low = hex4(p + 2);

				if (low >= 0xdc00 && low < 0xe000) {
					cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
					p += 6;
				}
			}
			if (cp >= 0xd800 && cp < 0xe000)
				cp = 0xfffd;
			w365_buf_add(out, utf8, w365_utf8_put(cp, utf8));
			break;
		default: w365_buf_addc(out, esc[1]); break;
		}
	}
}

/* How many bytes one U+FFFD replaces, where @p is not UTF-8: a sequence that is whole but forbidden
 * (overlong, a surrogate) as one; one that breaks off, up to where it breaks. jq counts them the
 * same way. */
static size_t bad_len(const char *p, size_t len)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t n = s[0] >= 0xf8 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 1;

	for (size_t i = 1; i < n; i++)
		if (i >= len || (s[i] & 0xc0) != 0x80)
			return i;
	return n;
}

void w365_json_quote(struct w365_buf *out, const char *s, size_t len)
{
	static const char names[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
	const char *end = s + len;

	w365_buf_addc(out, '"');
	while (s < end) {
		const char *from = s, *name;
		unsigned n;

		while (s < end && classes[(unsigned char)*s] == PLAIN)
			s++;
		if (s > from)
			w365_buf_add(out, from, (size_t)(s - from));
		if (s == end)
			break;
		if ((unsigned char)*s >= 0x80) {
			n = w365_utf8(s, (size_t)(end - s), NULL);
			if (n) {
				w365_buf_add(out, s, n);
				s += n;
			} else {
				w365_buf_adds(out, "\xef\xbf\xbd");
				s += bad_len(s, (size_t)(end - s));
			}
			continue;
		}
		name = *s ? strchr(names, *s) : NULL;
		if (name) {
			w365_buf_addc(out, '\\');
			w365_buf_addc(out, letters[name - names]);
		} else {
			w365_buf_addf(out, "\\u%04x", (unsigned char)*s);
		}
		s++;
	}
	w365_buf_addc(out, '"');
}

const char *w365_json_skip(const char *p, const char *end)
{
	unsigned depth = 0;

	p = w365_json_space(p);
	while (p < end) {
		switch (*p) {
		case '"':
			for (p++;; p++) {
				p = memchr(p, '"', (size_t)(end - p));
				if (!p)
					return NULL;
				/* Escaped if an odd number of backslashes stands before it. */
				const char *q = p;
				while (q[-1] == '\\')
					q--;
				if ((p - q) % 2 == 0)
					break;
			}
			p++;
			break;
		case '{':
		case '[':
			depth++;
			p++;
			continue;
		case '}':
		case ']':
			if (!depth)
				return p;
			depth--;
			p++;
			break;
		case ',':
			if (!depth)
				return p;
			p++;
			continue;
		default: p++; continue;
		}
		if (!depth)
			return p;
	}
	return depth ? NULL : p;
}
