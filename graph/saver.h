/* graph/saver.h - a change of one item on its way: the item is read again, compared, changed, and
 * read once more.
 *
 * Nothing is overwritten blindly: what is sent follows from graph/plan.h, by the item as it is at
 * the service at that moment. Nothing is sent twice: after an answer that was lost, the item itself
 * tells whether the change was made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "graph/plan.h"
#include "graph/store.h"

struct graph_saver; /* opaque; graph/saver.c */

enum graph_saver_kind {
	GRAPH_SAVE_UPDATE, /* @text over the item @id */
	GRAPH_SAVE_CREATE, /* @text as a new item */
	GRAPH_SAVE_DELETE, /* the item @id */
};

/** All borrowed until graph_saver_new() returns; what is needed longer is copied. */
struct graph_saver_job {
	enum graph_saver_kind kind;
	struct graph_family *family;
	const char *id; /* not of a new item; of a singleton it may be empty */
	size_t id_len;
	const char *text;
	size_t len;
	const char *name; /* of a new item: the file's stem, decoded */
	bool lax, destructive;
};

struct graph_saver_hooks {
	/**
	 * The texts of the item that were seen before, for graph_plan_make(); borrowed until the
	 * hook is called again or the saver has ended. @all: with those that cost reading files.
	 */
	void (*known)(void *arg, bool all, const struct graph_known **ret, unsigned *ret_n);
	/** The change is about to be sent; @it is what it replaces, NULL of a new item. A failure
	 * ends the save, and nothing is sent. */
	int (*sending)(void *arg, const struct graph_item *it, struct w365_err *reterr);
	/**
	 * The end. @err is NULL if all is as it was wanted. @changed: something was changed for
	 * that, or may have been: also where the end is a failure.
	 * @id: the item's, also of a new one (borrowed); NULL if there is none. The saver is gone.
	 */
	void (*done)(void *arg, const struct w365_err *err, bool changed, const char *id);
	void *arg;
};

/** Never calls back before it returns. -ENOMEM. */
int graph_saver_new(struct graph_store *store, const struct graph_saver_job *job,
		    const struct graph_saver_hooks *hooks, struct graph_saver **ret,
		    struct w365_err *reterr);

/** Whether a change has been sent: from then on it is too late to stop. */
bool graph_saver_sent(const struct graph_saver *s);

/** Stops it; nothing calls back. What was sent stays sent. NULL is fine. Returns NULL. */
struct graph_saver *graph_saver_cancel(struct graph_saver *s);
