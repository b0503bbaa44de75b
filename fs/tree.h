/* fs/tree.h - the fixed part of the tree: what follows from the catalogue and not from the tenant.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "graph/catalogue.h"
#include "graph/question.h"

struct fs_special;

enum fs_node_kind {
	FS_NODE_DIR,        /* holds nodes alone */
	FS_NODE_COLLECTION, /* a directory: nodes, and a file for each item */
	FS_NODE_LOG,        /* a directory: one for each day */
	FS_NODE_KEPT,       /* a directory: what fs/keep.h keeps; only there if something does */
	FS_NODE_VIEW,       /* a directory: one for each group of items, of links: fs/views.h */
	FS_NODE_QUESTION, /* a directory that lists nothing: a name in it is a question: fs/answers.h */
	FS_NODE_BY_ID,     /* a directory: a link for each item */
	FS_NODE_SINGLETON, /* a file */
	FS_NODE_SPECIAL,   /* a file that the program writes: fs/special.h */
	FS_NODE_CONTROL,   /* a control file: fs/control.h */
};

struct fs_node {
	uint64_t ino;
	const char *name; /* "" of the root */
	enum fs_node_kind kind;
	bool unlisted; /* reached by name alone */
	const struct fs_node *parent;
	const struct graph_collection *collection; /* NULL if it has none */
	const struct graph_collection *home;       /* of a control file: whose verb it is */
	unsigned view;                         /* of FS_NODE_VIEW: an index of the collection's */
	const struct graph_question *question; /* of FS_NODE_QUESTION */
	const struct fs_special *special;
	const struct fs_node *children,
		*next; /* first child; next sibling, in the order of listing */
};

struct fs_tree; /* opaque; fs/tree.c */

/** Of what @part has. @app_only: the sign-in is an application's: what only a person may read is not listed. */
int fs_tree_new(const struct graph_part *part, bool app_only, const struct fs_special *specials,
		struct fs_tree **ret, struct w365_err *reterr);

/** NULL is fine. Returns NULL. */
struct fs_tree *fs_tree_free(struct fs_tree *t);

/** NULL if there is none of that number. */
const struct fs_node *fs_tree_by_ino(const struct fs_tree *t, uint64_t ino);

/** NULL if there is none of that name. */
const struct fs_node *fs_node_child(const struct fs_node *n, const char *name);

/** The directory of a collection, or the file of a singleton; NULL if the mount does not show it.
 */
const struct fs_node *fs_tree_of(const struct fs_tree *t, const struct graph_collection *c);

/** The control file of an action; NULL if the mount does not show it. */
struct graph_action;
const struct fs_node *fs_tree_control(const struct fs_tree *t, const struct graph_action *a);

static inline bool fs_node_is_dir(const struct fs_node *n)
{
	return n->kind <= FS_NODE_BY_ID;
}
