/* graph/question.h - what can be asked beyond listing: functions, reports, collections below an
 * item, the files that items lead to. Each is a directory in which a file's name says what is asked. Pure: all of it follows from
 * the catalogue.
 *
 *     ITEM,key=value,key=value.json      parts separated by commas; a comma inside one is %2C
 *     all.json                           nothing to say
 *     ITEM.zip                           a file that the item leads to
 *
 * ITEM is there where the question is about one item: the name of its file, without ".json", or its
 * id. What is bound below an assignment takes POLICY%2FASSIGNMENTID. In values %XX stands for a byte,
 * as in any name. A value that is a list is separated by %2C, or a JSON array.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "graph/catalogue.h"

/** A directory. By value, of const tables: nothing to free, good for ever. */
struct graph_question {
	const char *name;                      /* "retrieveSnapshots" */
	const struct graph_collection *home;   /* what it is bound to, and caches as long as; the
						   container virtualEndpoint: the tenant */
	const struct graph_operation *op;      /* NULL: it reads all of @below */
	const struct graph_collection *below;  /* a collection, or singleton, below an item */
	const struct graph_property *download; /* the item's property with the address of a file:
						  that file. Then @op and @below are NULL */
	const struct graph_property *parameters;
	unsigned n_parameters;
	struct graph_value returns;
	const struct graph_permission *permission; /* NULL: no page documents one */
	const char *path;                          /* below the version, with {parameters} */
	const char *note;                          /* for a person; NULL: none */
	unsigned n_ids; /* that the path takes: of no item, an item, or an item and an assignment */
	bool report;    /* rows: also as CSV */
	bool deprecated;
};

/**
 * All of them in @part, in the catalogue's order: call with *@at = 0 and again until it returns
 * false. Not among them: a report that both `report` and `reports` have is `report`'s; what comes
 * with the item by $expand needs no asking.
 */
bool graph_question_next(const struct graph_part *part, unsigned *at, struct graph_question *ret);

/** Appends where it is in the mount: "cloudPCs/functions/retrieveSnapshots". */
void graph_question_path(struct w365_buf *out, const struct graph_question *q);

/** Appends what a file of it is called: "ITEM.json", "all.csv", "groupId=TEXT,servicePlanId=TEXT.json"
 * (what must be there, and nothing else). */
void graph_question_usage(struct w365_buf *out, const struct graph_question *q,
			  enum graph_version version);

/** Appends a row of a Markdown table: the file, what it shows, the permission it takes. */
void graph_question_row(struct w365_buf *out, const struct graph_question *q,
			enum graph_version version);

#define GRAPH_ARGUMENTS_MAX 16

/** What a file's name asks. Zero-initialised is empty. */
struct graph_asked {
	struct w365_buf item;  /* the entry of the item without ".json", or its id; empty: none */
	struct w365_buf below; /* the id of the assignment */
	struct graph_argument {
		const struct graph_property *p;
		struct w365_buf text;
	} arguments[GRAPH_ARGUMENTS_MAX];
	unsigned n;
	bool csv;
};

void graph_asked_done(struct graph_asked *a);

/**
 * Reads the name of a file.
 *
 * @lax:    members of enums that the catalogue does not know pass.
 * Owner:   @ret is overwritten; graph_asked_done() after 1.
 * Returns: 1, or 0 if no file can be called so (another suffix, a leading dot).
 * Errors:  -EINVAL with what is wrong and how it is written; -ENOMEM.
 */
int graph_question_read(const struct graph_question *q, enum graph_version version, bool lax,
			const char *name, struct graph_asked *ret, struct w365_err *reterr);

/** Appends the path of the request, below the version, with what was asked for in its query. @id: of the
 * item; ignored where none is due. */
void graph_question_url(struct w365_buf *out, const struct graph_question *q,
			const struct graph_asked *a, const char *id);

/** Appends to that a $select of all properties, where one is documented and nothing was selected. True: there
 * is one. */
bool graph_question_select(struct w365_buf *out, const struct graph_question *q,
			   const struct graph_asked *a, enum graph_version version);

/** Appends the body that asks for @top rows of a report from row @skip on. */
void graph_question_body(struct w365_buf *out, const struct graph_asked *a, uint64_t skip,
			 uint64_t top);

/** The whole number given for @name, or @otherwise. */
uint64_t graph_asked_number(const struct graph_asked *a, const char *name, uint64_t otherwise);
