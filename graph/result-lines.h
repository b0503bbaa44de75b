/* graph/result-lines.h - what a person is shown of the answer to an action. Pure. */
#pragma once

#include <stddef.h>

#include "graph/catalogue.h"

struct w365_buf;

/**
 * Appends the answer @body as lines that begin with "#   ", so that they do nothing when they are
 * written back: one for each element where it is a list, else one. Annotations are left out. Nothing
 * for an empty answer, or what is no JSON object.
 */
void graph_result_lines(struct w365_buf *out, const char *body, size_t len,
			enum graph_version version);
