/* graph/child.h - a program that is run for what it says, on the loop. No shell. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct graph_loop;
struct graph_child; /* opaque; graph/child.c */

/** It has ended. @status: its exit code; 127: there is no such program; -1: killed, by us if it
 * took too long. @out, @err: what it said, borrowed. The child may be freed here. */
typedef void graph_child_fn(void *arg, int status, const char *out, const char *err);

/**
 * Runs @argv, found in $PATH, with the working directory "/" and no standard input. What it says is
 * kept as a secret. Never calls back before it returns.
 *
 * Errors: -errno if it cannot be begun; a program that is not there is told by the callback.
 */
int graph_child_new(struct graph_loop *loop, const char *const *argv, uint64_t timeout_ms,
		    graph_child_fn *fn, void *arg, struct graph_child **ret,
		    struct w365_err *reterr);

/** Kills it, and does not call back. NULL is fine. Returns NULL. */
struct graph_child *graph_child_free(struct graph_child *c);
