/* sim/body.h - an answer as libmicrohttpd wants it: whole, packed, cut, or without end. */
#pragma once

#include <microhttpd.h>

#include "sim/sim.h"

/**
 * The response for @reply, whose body moves into it. *@ret_bytes: as many as will be sent. NULL if
 * there is no memory. Not for SIM_DROP.
 */
struct MHD_Response *sim_body_response(const struct sim *s, const struct sim_request *req,
				       struct sim_reply *reply, uint64_t *ret_bytes);
