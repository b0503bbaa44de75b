/* sim/message.h - one request and the answer to it as plain data: who answers needs not know who
 * listens. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/** A request. The strings are borrowed from who received it; NULL where a header is absent. */
struct sim_request {
	const char *method;
	const char *target;           /* as sent: path and query */
	struct w365_span path, query; /* the target's parts; the query without its '?' */
	struct w365_span body;
	const char *authorization, *user_agent, *prefer, *client_request_id, *accept_encoding,
		*content_type, *host, *cookie;
	const char *government_token; /* X-MS-CloudPC-USGovCloudTenantAADToken */
	const char *metadata, *identity_header, *msi_secret,
		*forwarded_for; /* of managed identities */
	bool return_client_request_id;
	bool inner;      /* one of a batch */
	uint64_t ticket; /* of the log; 0: not logged */
	char http_version[12];
};

/** How an answer leaves. */
enum sim_delivery {
	SIM_SEND,
	SIM_DROP, /* the connection is closed without a word */
	SIM_CUT,  /* all headers, half the body, then the connection is closed */
	SIM_BIG,  /* a JSON list of @size bytes, made as it goes */
};

#define SIM_MAX_HEADERS 12

struct sim_header {
	const char *name; /* static */
	char *value;      /* owned */
};

struct sim_reply {
	enum sim_delivery delivery;
	int status;
	const char *content_type; /* static, or one of the headers' values; NULL without a body */
	struct w365_buf body;
	struct sim_header headers[SIM_MAX_HEADERS];
	unsigned header_count;
	uint64_t size; /* of SIM_BIG */
	bool chunked;  /* of SIM_BIG: its length is not told */
};

/** Adds a header (@value is copied). One too many is lost: a mistake of ours. */
void sim_reply_header(struct sim_reply *r, const char *name, const char *value);

/** NULL if the answer has no such header. */
const char *sim_reply_get(const struct sim_reply *r, const char *name);

/** Frees everything and makes it an empty answer again. */
void sim_reply_reset(struct sim_reply *r);
