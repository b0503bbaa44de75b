/* graph/download.h - the file that an item leads to by an address of its own: what an export job has
 * written.
 *
 * Whoever knows such an address may read the file, so it is a secret: it is in no text and no sentence,
 * and lives as long as the download. It leads to another host than Graph: the token stays here.
 */
#pragma once

#include "graph/client.h"
#include "graph/question.h"

struct graph_download; /* opaque; graph/download.c */

/** Bytes of a file at most. */
#define GRAPH_DOWNLOAD_MAX ((size_t)256 << 20)

/** Exactly one of @file (which the callee may take) and @err is set. The download may be freed here. */
typedef void graph_download_fn(void *arg, struct w365_buf *file, const struct w365_err *err);

/**
 * Reads the item at @url, then fetches what its property @question->download leads to; where that address
 * has run out, the item is read once more for a new one. Never calls back before it returns; calls back
 * once. All is borrowed as long as the download lives.
 *
 * Errors:  -ENOMEM. In the callback: EAGAIN while it is not written yet, ENODATA if it never will be or is
 * not there any more, EPROTO for an address that is none, or not https; as of any request.
 */
int graph_download_new(struct graph_client *client, const struct graph_question *question,
		       const char *url, graph_download_fn *fn, void *arg,
		       struct graph_download **ret, struct w365_err *reterr);

/** It will not call back. NULL is fine. Returns NULL. */
struct graph_download *graph_download_free(struct graph_download *d);
