/* graph/command.h - one line written to a control file: what it asks for. Pure.
 *
 *     TARGET key=value ...                     quotes as in a shell (graph/words.h)
 *     {"target":"TARGET","key":value,...}      the same as JSON
 *
 * A line that as a whole is the name of an item needs no quotes, so that a directory's listing can be
 * written to a control file. A value that begins with [ or {, where a list or an object is due, is
 * JSON. Blank lines, and lines that begin with #, ask for nothing. A verb that is not done to an item
 * takes no target.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "graph/action.h"

/** An item that a target may mean. */
struct graph_found {
	struct w365_span id, name; /* name: what people call it; may be empty */
	struct w365_span entry;    /* its file's name, with ".json" */
};

/**
 * Which items @text means: a file's name, a path, an id.
 *
 * @ret: room for @max of them; good until it is called again.
 * Returns: how many there are, which may be more than @max. Errors: a number below 0 with the
 * sentence (-ENOENT for a path that leads elsewhere).
 */
typedef int graph_resolve_fn(void *arg, struct w365_span text, struct graph_found *ret,
			     unsigned max, struct w365_err *reterr);

/** How lines are read: the same for all lines of a file that was opened. */
struct graph_command_reader {
	const struct graph_action *action; /* borrowed */
	enum graph_version version;
	bool lax; /* values that the catalogue does not know may be sent */
	graph_resolve_fn *resolve;
	void *arg;
};

struct graph_command {
	char *id, *name, *entry; /* of the target; NULL where the verb takes none */
	char *confirm;           /* what was written behind confirm=; NULL: nothing */
	struct w365_buf body;    /* JSON without a byte to spare; empty: none. May hold a secret */
	enum graph_safety safety;
	unsigned targets; /* how many things it is done to: the ids in a list of the body, or one */
	bool waits;
	unsigned wait_s; /* the write shall return when the action has finished, or after so long */
};

/**
 * Reads one line, without its line break; line[len] is NUL.
 *
 * Owner:   @ret is overwritten; graph_command_done() after 1.
 * Returns: 1, or 0 if the line asks for nothing. Errors: -EINVAL, -ENOENT (nothing of that name), or
 *          what the resolver said. The sentence names the verb, the column (from 1, in characters)
 *          and the cure; it quotes nothing of a line that may hold a secret. -ENOMEM.
 */
int graph_command_read(const struct graph_command_reader *r, const char *line, size_t len,
		       struct graph_command *ret, struct w365_err *reterr);

/** Wipes and frees. */
void graph_command_done(struct graph_command *c);
