#include "base/json-write.h"
#include "base/json.h"

static void line(struct w365_jw *w)
{
	char *to = w->compact ? NULL : w365_buf_room(w->out, 1 + 2 * (size_t)w->depth);

	if (!to)
		return;
	*to++ = '\n';
	memset(to, ' ', 2 * (size_t)w->depth);
	to[2 * w->depth] = '\0';
	w->out->len += 1 + 2 * (size_t)w->depth;
}

/* What stands before a value or a key: a comma and a new line, unless the key has written them. */
static void lead(struct w365_jw *w)
{
	if (w->keyed) {
		w->keyed = false;
		return;
	}
	if (w->some)
		w365_buf_addc(w->out, ',');
	if (w->depth)
		line(w);
	w->some = true;
}

void w365_jw_open(struct w365_jw *w, char bracket)
{
	lead(w);
	w365_buf_addc(w->out, bracket);
	w->depth++;
	w->some = false;
}

void w365_jw_close(struct w365_jw *w, char bracket)
{
	w->depth--;
	if (w->some)
		line(w);
	w365_buf_addc(w->out, bracket);
	w->some = true;
}

void w365_jw_key(struct w365_jw *w, const char *key)
{
	lead(w);
	w365_json_quote(w->out, key, strlen(key));
	w365_buf_adds(w->out, w->compact ? ":" : ": ");
	w->keyed = true;
}

void w365_jw_str(struct w365_jw *w, const char *s)
{
	if (!s) {
		w365_jw_raw(w, "null");
		return;
	}
	lead(w);
	w365_json_quote(w->out, s, strlen(s));
}

void w365_jw_raw(struct w365_jw *w, const char *text)
{
	lead(w);
	w365_buf_adds(w->out, text);
}

void w365_jw_int(struct w365_jw *w, int64_t v)
{
	lead(w);
	w365_buf_addf(w->out, "%lld", (long long)v);
}

void w365_jw_uint(struct w365_jw *w, uint64_t v)
{
	lead(w);
	w365_buf_addf(w->out, "%llu", (unsigned long long)v);
}

void w365_jw_bool(struct w365_jw *w, bool v)
{
	w365_jw_raw(w, v ? "true" : "false");
}

void w365_jw_pair(struct w365_jw *w, const char *key, const char *s)
{
	w365_jw_key(w, key);
	w365_jw_str(w, s);
}

void w365_jw_pair_int(struct w365_jw *w, const char *key, int64_t v)
{
	w365_jw_key(w, key);
	w365_jw_int(w, v);
}

void w365_jw_pair_uint(struct w365_jw *w, const char *key, uint64_t v)
{
	w365_jw_key(w, key);
	w365_jw_uint(w, v);
}

void w365_jw_pair_bool(struct w365_jw *w, const char *key, bool v)
{
	w365_jw_key(w, key);
	w365_jw_bool(w, v);
}

void w365_jw_pair_raw(struct w365_jw *w, const char *key, const char *text)
{
	w365_jw_key(w, key);
	w365_jw_raw(w, text);
}

void w365_json_compact(struct w365_buf *out, struct w365_span text)
{
	const char *end = text.p + text.len, *from = text.p;
	bool string = false;

	for (const char *p = text.p; p < end; p++) {
		if (*p == '\\') {
			p++;
		} else if (*p == '"') {
			string = !string;
		} else if (!string && memchr(" \t\r\n", *p, 4)) {
			w365_buf_add(out, from, (size_t)(p - from));
			from = p + 1;
		}
	}
	w365_buf_add(out, from, (size_t)(end - from));
}
