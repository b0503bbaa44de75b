/* graph/watch.h - what has become of an action that was accepted: the catalogue says where that is
 * seen, this reads it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "graph/action.h"

struct w365_buf;

enum graph_watch_state {
	GRAPH_WATCH_RUNNING, /* look again */
	GRAPH_WATCH_DONE,
	GRAPH_WATCH_FAILED,
	GRAPH_WATCH_UNKNOWN, /* nothing can tell */
};

/** An action that was accepted. All is borrowed. */
struct graph_watch {
	const struct graph_action *action;
	enum graph_version version;
	time_t sent; /* by the service's clock: the Date of its answer, if it had one */
	const char *body, *result; /* what was sent, and what was answered: JSON, NULL or "" */
	bool ran; /* it was seen to run since. Begins false; kept from look to look */
};

struct graph_outcome {
	enum graph_watch_state state;
	char detail[400]; /* for a person: why it failed, or why nothing can tell; else "" */
};

/** Where to look. */
enum graph_watch_place {
	GRAPH_LOOK_NOWHERE,  /* graph_watch_look() decides without a text */
	GRAPH_LOOK_ITEM,     /* at the target */
	GRAPH_LOOK_ITEMS,    /* at each item of graph_watch_item(), of the same collection */
	GRAPH_LOOK_FUNCTION, /* at the answer to a GET of graph_watch_path() */
};

enum graph_watch_place graph_watch_place(const struct graph_watch *w);

/** Appends the id of the @i-th item to look at: those that the body lists, or the new one. False if
 * there are no more. */
bool graph_watch_item(const struct graph_watch *w, unsigned i, struct w365_buf *out);

/** Appends the path of the function to ask, below the version. @id: of the target. False if it
 * cannot be asked: the answer to the action does not say what is needed for it. */
bool graph_watch_path(const struct graph_watch *w, const char *id, struct w365_buf *out);

/**
 * Looks at @text (text[len] is NUL), the item's (or the function's answer's); NULL: it is not there any more, or there
 * is nowhere to look.
 *
 * A state that may be the one from before the action does not count: the action must have been seen
 * to run, or the state's time not be before the action's (but for a few seconds, by which clocks
 * differ).
 */
void graph_watch_look(struct graph_watch *w, const char *text, size_t len,
		      struct graph_outcome *ret);
