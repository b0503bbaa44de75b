/* graph/errors.h - the only place where Graph's words become an errno and a sentence. */
#pragma once

#include "base/err.h"
#include "base/http.h"
#include "graph/catalogue.h"

/**
 * Fills @err from an answer that is a failure: errno, Graph's code and message, the request id. The
 * sentence does not say what was asked for: whoever shows it knows where in the mount that is.
 *
 * @permission: the least one of the operation, named if the answer is 403; may be NULL.
 * @app_only: an application is signed in, no person.
 * Returns -err->num.
 */
int graph_err_from_reply(struct w365_err *err, const struct w365_reply *reply,
			 const struct graph_permission *permission, bool app_only);
