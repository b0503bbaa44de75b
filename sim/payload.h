/* sim/payload.h - the JSON object that a write brings. */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "sim/graph.h"

/** No body of a request to Graph is larger. */
#define SIM_MAX_PAYLOAD ((size_t)4 << 20)

/** Zero-initialise. Without a body @json has no nodes. */
struct sim_payload {
	struct w365_buf text;
	struct w365_json json;
};

/**
 * Reads the request's body. @optional: there may be none.
 *
 * False, and answered: too large (413), not declared as JSON (415), not a JSON object (400).
 */
bool sim_payload_read(struct sim_call *c, bool optional, struct sim_payload *ret);

void sim_payload_done(struct sim_payload *p);
