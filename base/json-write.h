/* base/json-write.h - writing JSON: as jq prints it (two spaces, a line a member), or without a byte
 * to spare. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/** Write into @out; zero-initialise the rest. Errors show in out->failed. */
struct w365_jw {
	struct w365_buf *out;
	bool compact; /* no white space */
	unsigned depth;
	bool some;  /* the open container has a member */
	bool keyed; /* a key was written, its value is due */
};

void w365_jw_open(struct w365_jw *w, char bracket);
void w365_jw_close(struct w365_jw *w, char bracket);

/** A key; the next call writes its value. */
void w365_jw_key(struct w365_jw *w, const char *key);

void w365_jw_str(struct w365_jw *w, const char *s); /* NULL is null */
void w365_jw_int(struct w365_jw *w, int64_t v);
void w365_jw_uint(struct w365_jw *w, uint64_t v);
void w365_jw_bool(struct w365_jw *w, bool v);
void w365_jw_raw(struct w365_jw *w, const char *text); /* JSON text, as it is */

/** Appends a valid JSON text without the white space between its parts. */
void w365_json_compact(struct w365_buf *out, struct w365_span text);

/** Key and value in one. */
void w365_jw_pair(struct w365_jw *w, const char *key, const char *s);
void w365_jw_pair_int(struct w365_jw *w, const char *key, int64_t v);
void w365_jw_pair_uint(struct w365_jw *w, const char *key, uint64_t v);
void w365_jw_pair_bool(struct w365_jw *w, const char *key, bool v);
void w365_jw_pair_raw(struct w365_jw *w, const char *key, const char *text);
