/* graph/http.h - requests over HTTP on the loop: libcurl's multi interface, one connection pool for
 * all.
 *
 * Source: https://curl.se/libcurl/c/curl_multi_socket_action.html
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/http.h"
#include "base/err.h"

struct graph_loop;
struct graph_http;     /* opaque; graph/http.c */
struct graph_transfer; /* one request on its way */

/** All borrowed; outlives the struct graph_http. */
struct graph_http_config {
	const char *ca_file;     /* PEM; NULL: the system's */
	const char *unix_socket; /* connect there instead of to the URL's host; NULL: not */
	uint64_t timeout_ms; /* of one transfer, from the first byte sent to the last received */
};

/** What is seen from outside: counters since the start. */
struct graph_http_stats {
	uint64_t requests, failures, bytes_received, connections;
};

int graph_http_new(struct graph_loop *loop, const struct graph_http_config *config,
		   struct graph_http **ret, struct w365_err *reterr);

/** Cancels what is on its way, without calling back. NULL is fine. Returns NULL. */
struct graph_http *graph_http_free(struct graph_http *h);

const struct graph_http_stats *graph_http_stats(const struct graph_http *h);

/** The answer, whatever its status (@reply, borrowed until the callback returns), or why none came
 * (@err). */
typedef void graph_http_fn(void *arg, const struct w365_reply *reply, const struct w365_err *err);

/**
 * Sends @req. Never calls back before it returns.
 *
 * Owner:   @req and its body are borrowed until the callback or the cancelling.
 * @bearer: an access token for the Authorization header, or NULL. Copied, wiped. The caller has
 * checked that @req's origin may see it.
 * @headers: further header lines, ended by NULL; NULL if there are none.
 * @limit:  bytes of the answer, after decompression; more is EPROTO.
 * Errors in the callback: ENETUNREACH (no way there), ETIMEDOUT, EIO (connection lost;
 * certificate), EPROTO.
 */
int graph_http_send(struct graph_http *h, const struct w365_request *req, const char *bearer,
		    const char *const *headers, size_t limit, graph_http_fn *fn, void *arg,
		    struct graph_transfer **ret, struct w365_err *reterr);

/**
 * Takes the memory of @buf, the body of an answer that was kept, for the next answer: a listing's
 * pages are megabytes, which the kernel would have to clear anew for each.
 */
void graph_http_recycle(struct graph_http *h, struct w365_buf *buf);

/** The callback will not run. NULL is fine. Returns NULL. */
struct graph_transfer *graph_transfer_cancel(struct graph_transfer *t);
