/* sim/json-out.h - JSON without a byte to spare, as the services send it. (base/json-write.h prints
 * for people.) */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/** Writes into @out; zero-initialise the rest. Errors show in out->failed. */
struct sim_json {
	struct w365_buf *out;
	bool some; /* a comma is due before the next value or key */
};

void sim_json_open(struct sim_json *j, char bracket);
void sim_json_close(struct sim_json *j, char bracket);
void sim_json_key(struct sim_json *j, const char *key);

void sim_json_str(struct sim_json *j, const char *s); /* NULL is null */
void sim_json_int(struct sim_json *j, int64_t v);
void sim_json_bool(struct sim_json *j, bool v);
void sim_json_raw(struct sim_json *j, const char *text); /* JSON text as it is */

/** Key and value in one. */
void sim_json_pair(struct sim_json *j, const char *key, const char *s);
void sim_json_pair_int(struct sim_json *j, const char *key, int64_t v);
void sim_json_pair_bool(struct sim_json *j, const char *key, bool v);
void sim_json_pair_raw(struct sim_json *j, const char *key, const char *text);
