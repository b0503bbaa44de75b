/* base/http.h - one HTTP request and its answer as plain data: who makes one needs not know who
 * sends it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/str.h"

/** What a step machine wants sent. Fill, hand over; w365_request_done() afterwards. */
struct w365_request {
	const char *method;       /* static: "GET", "POST" */
	char *url;                /* owned */
	const char *content_type; /* static; NULL without a body */
	struct w365_buf body;     /* make it secret where it holds one */
	char *headers[2];         /* further lines, owned and wiped; NULL: none */
	bool direct;              /* to this machine or its host: never through a proxy */
};

/** What came back. Borrowed from whoever received it. */
struct w365_reply {
	int status;
	const char *body; /* NUL behind it */
	size_t len;
	struct w365_buf
		*buf; /* what holds the body: swap it out to keep it; NULL if it cannot be kept */
	const char *retry_after;      /* header as sent, or NULL */
	const char *www_authenticate; /* the same; several headers joined by ", " */
	const char *request_id;       /* the service's "request-id" or "x-ms-request-id", or NULL */
	const char *date;             /* the same of "date" */
};

static inline void w365_request_done(struct w365_request *r)
{
	free(r->url);
	w365_buf_done(&r->body);
	for (unsigned i = 0; i < sizeof(r->headers) / sizeof(r->headers[0]); i++)
		r->headers[i] = w365_wipe_str(r->headers[i]);
	r->url = NULL;
}
