/* base/json-write.h - JSON as jq prints it: two spaces, UTF-8, a line a member. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/** Write into @out; zero-initialise the rest. Errors show in out->failed. */
struct w365_jw {
	struct w365_buf *out;
	unsigned depth;
	bool some;  /* the open container has a member */
	bool keyed; /* a key was written, its value is due */
};

void w365_jw_open(struct w365_jw *w, char bracket);
void w365_jw_close(struct w365_jw *w, char bracket);

/** A key; the next call writes its value. */
void w365_jw_key(struct w365_jw *w, const char *key);
void w365_jw_key_n(struct w365_jw *w, const char *key, size_t len);

/** A key that needs no escaping, or that is the inside of a JSON string already. */
void w365_jw_key_raw(struct w365_jw *w, const char *key, size_t len);

void w365_jw_str(struct w365_jw *w, const char *s); /* NULL is null */
void w365_jw_strn(struct w365_jw *w, const char *s, size_t len);
void w365_jw_raw(struct w365_jw *w, const char *text,
		 size_t len); /* a scalar, or a quoted string, as it is */
void w365_jw_plain(struct w365_jw *w, const char *s,
		   size_t len); /* a string that needs no escaping */
void w365_jw_uint(struct w365_jw *w, uint64_t v);
void w365_jw_bool(struct w365_jw *w, bool v);

/** Key and value in one. */
void w365_jw_pair(struct w365_jw *w, const char *key, const char *s);
void w365_jw_pair_uint(struct w365_jw *w, const char *key, uint64_t v);
void w365_jw_pair_bool(struct w365_jw *w, const char *key, bool v);
