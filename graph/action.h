/* graph/action.h - the verbs that control files are made of. Pure: all of it follows from the
 * catalogue.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "graph/catalogue.h"

struct w365_buf;

/** One control file. By value, of const tables: nothing to free, good for ever. */
struct graph_action {
	const char *name; /* "reboot", "create" */
	const struct graph_collection *
		home; /* whose folder actions/ has it; the container virtualEndpoint: the tenant's */
	const struct graph_operation *op; /* NULL: it makes a new item of @home */
	const struct graph_property *parameters;
	unsigned n_parameters;
	const struct graph_type *creates; /* of the new item; NULL: it makes none */
	const char *note;                 /* what it does, for a person */
	const char *watch;                /* where a person finds its result; NULL: nowhere */
	struct graph_permission permission;
	const struct graph_finish *finish;
	unsigned n_finish;
	uint8_t safety; /* enum graph_safety; of a create also the type has a say */
	bool targeted;  /* a line names the item it is done to */
	bool below;     /* which is below an item: its id is "ITEMID/ID" */
	bool runs_on;   /* the answer comes before the effect */
	bool secret; /* what a line says may hold a password: nothing of it is shown or recorded */
	bool deprecated;
};

/**
 * The control files of @home in @version, in the catalogue's order: call with *@at = 0 and again
 * until it returns false.
 *
 * Reports, which are actions on the wire, are files to be read and not among them; nor is the
 * creating of things that are made by a new file.
 */
bool graph_action_next(const struct graph_collection *home, enum graph_version version,
		       unsigned *at, struct graph_action *ret);

/** By exact name. False if there is none. */
bool graph_action_find(const struct graph_collection *home, const char *name,
		       enum graph_version version, struct graph_action *ret);

/**
 * Appends the path of the request, below the version. @id: of the target, percent-encoded here; of
 * what is bound below an assignment, "POLICYID/ASSIGNMENTID". NULL where it takes none.
 *
 * False if @id does not have as many parts as the path needs, or has an empty one.
 */
bool graph_action_path(struct w365_buf *out, const struct graph_action *a, const char *id);

/** Whose folder has what is at @path: the innermost collection in the tree whose path it begins with.
 * What is bound below an assignment is in the policies' folder. NULL: it is none of the tenant's. */
const struct graph_collection *graph_home_of(const char *path);

/** "safe", "disruptive", "destructive". */
const char *graph_safety_name(enum graph_safety safety);

/** Whether it may be given: it exists in @version, and is not the service's alone. */
bool graph_parameter_given(const struct graph_property *p, enum graph_version version);

/** Appends those that may be given, with their types: "displayName (text, required), …", "none". */
void graph_parameters_describe(struct w365_buf *out, const struct graph_property *p, unsigned n,
			       enum graph_version version);

/** Appends the type of a value as a person is told it: "text", "true or false", "a list of text",
 * "standardUser|administrator", "an object cloudPcReviewStatus". */
void graph_value_describe(struct w365_buf *out, const struct graph_value *v);
