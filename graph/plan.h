/* graph/plan.h - what saving a text means: a PATCH, a POST, an assign, nothing, or a refusal. Pure.
 *
 * A text that somebody wants to save is compared with the version that it was made from (its base)
 * and with the item as it is now at the service. What the person changed is checked against the
 * catalogue and merged with what the service has changed meanwhile. Nothing here sends anything.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "graph/catalogue.h"

/** A text of the item that was seen before: perhaps what somebody has read and edited. */
struct graph_known {
	const char *text; /* as files show it */
	size_t len;
	bool kept; /* as history: the very same text, copied back, is an undo */
};

/** What shall be saved, and where. All is borrowed for the time of the call. */
struct graph_save {
	const struct graph_collection *collection;
	enum graph_version version;
	const char *text; /* text[len] is NUL */
	size_t len;
	const char *name; /* of a new item: its file's name, decoded, without .json; NULL: an update
			   */
	const char *id;   /* update: whose text it is to be; not terminated */
	size_t id_len;    /* 0: a singleton that has none */
	const char *remote; /* update: the item as it is now at the service, as files show it */
	size_t remote_len;
	const struct graph_known *known; /* the version last served first, then older ones */
	unsigned n_known;
	bool lax;         /* what the catalogue does not know may be sent */
	bool destructive; /* groups may be dropped from the assignments */
};

enum graph_plan_kind { GRAPH_PLAN_NOTHING, GRAPH_PLAN_UPDATE, GRAPH_PLAN_CREATE };

/** Zero-initialised is empty. Both bodies may hold a password: they are wiped. */
struct graph_plan {
	enum graph_plan_kind kind;
	struct w365_buf body;   /* of PATCH or POST, compact; empty: only the assignments change */
	struct w365_buf assign; /* of the action "assign": the whole set; empty: they stay */
	unsigned dropped;       /* groups that @assign takes away */
};

/**
 * Works out what saving the text means.
 *
 * Owner:   @ret is overwritten; graph_plan_done() after success.
 * Errors:  -EINVAL: the text cannot be sent as it is; -ESTALE: the item was changed meanwhile, in
 *          what the text changes too; -EPERM: a change that needs more than this mount allows;
 *          -EPROTO: @remote makes no sense; -ENOMEM. The sentence begins with "line L, column C: "
 *          where there is a place, names the property by its path, and ends with the cure. No value
 *          of a secret property is in it.
 */
int graph_plan_make(const struct graph_save *s, struct graph_plan *ret, struct w365_err *reterr);

/** Wipes and frees what the plan holds. */
void graph_plan_done(struct graph_plan *p);

/**
 * Which item a text says it is; text[len] is NUL.
 *
 * Returns: 1 with the id appended to @ret_id (NULL: not wanted); 0 if the text has none.
 * Errors:  -ENODATA if it is empty, blank, or nothing but NUL bytes: nobody wants to save that;
 *          -EINVAL, with line and column, if it is no JSON object, or its id is no string.
 */
int graph_text_id(const char *text, size_t len, struct w365_buf *ret_id, struct w365_err *reterr);

/**
 * Blanks the values of secret properties in @text, in place, and shortens it:
 * "adDomainPassword": "" is left. Goes by the look of the text and not by its meaning, so that it
 * holds for a text that is no valid JSON; and knows the secrets of every type, so that it holds for
 * one that was saved in the wrong place.
 *
 * Returns whether there was one.
 */
bool graph_text_mask(char *text, size_t *len);

/** The action "assign" of the collection's items; NULL: their assignments cannot be set. */
const struct graph_operation *graph_assign_of(const struct graph_collection *c,
					      enum graph_version v);

/** Whether items can be changed, made, and removed by their files. What only acts when it is made
 * (a bulk action, an export job) is made through a control file. */
bool graph_updatable(const struct graph_collection *c, enum graph_version v);
bool graph_creatable(const struct graph_collection *c, enum graph_version v);
bool graph_deletable(const struct graph_collection *c, enum graph_version v);
