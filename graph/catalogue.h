/* graph/catalogue.h - what the service has: collections, properties, enums, actions, functions,
 * permissions.
 *
 * The tables are compiled from graph/catalogue.json by graph/catalogue.py; docs/CATALOGUE.md
 * explains the file. All is const and static: nobody owns or frees any of it. Tree, modes, help,
 * checks and permission lists follow from here, so that a row added to the file is all it takes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** API versions, as bits: most rows exist in both. */
enum graph_version { GRAPH_V1 = 1, GRAPH_BETA = 2 };

enum graph_value_kind {
	GRAPH_VALUE_STRING,
	GRAPH_VALUE_BOOLEAN,
	GRAPH_VALUE_INT32,
	GRAPH_VALUE_DATE,
	GRAPH_VALUE_DATETIME,
	GRAPH_VALUE_STREAM,
	GRAPH_VALUE_ENUM,
	GRAPH_VALUE_OBJECT,
	GRAPH_VALUE_OTHER, /* a type that the catalogue does not describe: any JSON */
};

/** The type of a property, a parameter or a result. */
struct graph_value {
	enum graph_value_kind kind;
	bool array;
	const char *name;                 /* as Graph spells it: "String", "cloudPcStatus" */
	const struct graph_type *type;    /* of an object */
	const struct graph_enum *members; /* of an enum */
};

enum graph_access {
	GRAPH_AS_CONTAINER, /* a part of an object: whatever the whole is */
	GRAPH_READ_ONLY,
	GRAPH_READ_WRITE,
	GRAPH_CREATE_ONLY,
	GRAPH_UPDATE_ONLY,
	GRAPH_WRITE_ONLY,
};

enum graph_property_flags {
	GRAPH_REQUIRED = 1, /* on create; of a parameter: always */
	GRAPH_SELECTED = 2, /* returned only when asked for by $select */
	GRAPH_DEPRECATED = 4,
	GRAPH_NAVIGATION = 8, /* comes by $expand, never by $select */
	GRAPH_SECRET = 16,    /* a password or the like: never shown, logged or kept */
};

struct graph_property {
	const char *name;
	struct graph_value value;
	uint8_t versions; /* bits of enum graph_version */
	uint8_t nullable; /* the same */
	uint8_t access;   /* enum graph_access */
	uint8_t flags;    /* enum graph_property_flags */
	uint8_t name_len;
	const char *note;     /* for a person; NULL if there is none */
	const char *download; /* it is the address of a file of this kind, "zip": whoever knows it
				 may fetch that; NULL: it is none */
	const char *query; /* of a function's parameter: the option in the address that it goes out
			      as, "$select"; NULL: it is one of the path's */
};

enum graph_safety { GRAPH_SAFE, GRAPH_DISRUPTIVE, GRAPH_DESTRUCTIVE };

struct graph_type {
	const char *name;
	const struct graph_type *base;     /* NULL if it has none */
	const struct graph_type **derived; /* ended by NULL; NULL if there are none */
	const struct graph_property
		*properties; /* with the base's, in the order in which they are shown */
	unsigned n_properties;
	uint16_t index; /* in graph_types */
	uint8_t versions;
	uint8_t safety; /* enum graph_safety: of making one, where that is an act */
	bool abstract;
	bool open; /* the service is known to send more than is described */
};

/** A member of nearly every enum: what the service says for one that it may not say. Never sent. */
#define GRAPH_FUTURE_VALUE "unknownFutureValue"

struct graph_enum {
	const char *name;
	const struct graph_member {
		const char *name;
		uint8_t versions;
		bool prefer; /* sent only on "Prefer: include-unknown-enum-members" */
	} * members;         /* ended by a NULL name */
};

/** The least permission of an operation; NULL where that kind of sign-in has none at all. */
struct graph_permission {
	const char *delegated, *application;
	bool inferred; /* no published row says so */
};

enum graph_verb { GRAPH_LIST, GRAPH_GET, GRAPH_CREATE, GRAPH_UPDATE, GRAPH_DELETE, GRAPH_VERBS };

enum graph_options {
	GRAPH_OPT_SELECT = 1,
	GRAPH_OPT_FILTER = 2,
	GRAPH_OPT_EXPAND_ASSIGNMENTS = 4,
	GRAPH_OPT_TOP = 8,
	GRAPH_OPT_SKIP = 16,
	GRAPH_OPT_ORDERBY = 32,
	GRAPH_OPT_COUNT = 64,
	GRAPH_OPT_SKIPTOKEN = 128,
};

/** What tells that an action has finished; graph/watch.h reads it. */
enum graph_finish_kind {
	GRAPH_FINISH_REMOTE_ACTION, /* lastRemoteActionResult, once it is about this action */
	GRAPH_FINISH_STATE,         /* a value that is one of those named here */
	GRAPH_FINISH_SAME,          /* a value that has become what the parameter said */
	GRAPH_FINISH_GROUPS,        /* the assignments have become those that were sent */
	GRAPH_FINISH_GONE,          /* the item is not there any more */
};

/** Paths have '/' between their levels, and go through arrays; lists are ended by NULL. */
struct graph_finish {
	uint8_t kind;                    /* enum graph_finish_kind */
	bool proves_done, proves_failed; /* such a value tells all by itself; else it may be the one
					    from before, and counts once it is known to be newer */
	const char *const *as;           /* what the remote action may be called instead */
	const char *function;            /* look at its answer; NULL: at the item */
	const char *const *arguments;    /* of the function, "name=source"; the source is
					 "result/PATH", "body/PATH", or empty */
	const char
		*items; /* the parameter with the ids of the items to look at; NULL: it has one */
	const char *state; /* the path of the value; "": the answer is it */
	const char *time;  /* the path of its time, which is not before the action if it is about it
			   */
	const char *detail; /* the path of what a person is told of a failure */
	const char *parameter;
	const char *const *running, *const *done, *const *failed;
};

struct graph_method {
	uint8_t versions; /* documented there; 0: not at all */
	uint8_t options;  /* enum graph_options */
	uint8_t safety;   /* enum graph_safety */
	bool declared; /* the metadata declares it, no page documents it: expect it to be refused */
	bool acts;     /* starts something: done through a control file, never by writing a file */
	struct graph_permission permission;
	const char *note;
	const struct graph_finish *finish; /* the first step that can tell decides */
	unsigned n_finish;
};

enum graph_collection_kind {
	GRAPH_COLLECTION,
	GRAPH_SINGLETON,
	GRAPH_CONTAINER, /* has no content of its own */
	GRAPH_CARRIER,   /* carries actions only */
};

/** How fast a collection's content ages. */
enum graph_freshness {
	GRAPH_FRESH_CONFIGURATION,
	GRAPH_FRESH_LIVE,
	GRAPH_FRESH_CATALOGUE,
	GRAPH_FRESH_LOG
};

/** A view: the collection's items by the value of one of their properties. */
struct graph_grouping {
	const char *name; /* of the directory: "by-status" */
	const char *path; /* of the property: "status", "groupDetail/groupDisplayName" */
	uint8_t versions; /* where all of the path is there */
	bool unlisted;    /* reached by name alone: there are about as many groups as items */
};

/** No collection has more views: inode numbers have room for so many. The compiler of the file
 * checks it. */
#define GRAPH_VIEWS_MAX 16

struct graph_collection {
	const char *name; /* as it stands behind virtualEndpoint/ in its path: "cloudPCs",
			     "reports/exportJobs"; of the signed-in user's own: behind me/ */
	const char *path; /* below the version: "/deviceManagement/virtualEndpoint/cloudPCs" */
	const char *help; /* one line */
	const struct graph_type *type;
	const char *const
		*name_from; /* properties that name an item, the best first; ended by NULL */
	const char *const
		*modified; /* properties that tell its last change, the best first; ended by NULL */
	const char *const *notes;           /* ended by NULL */
	const struct graph_grouping *views; /* ended by a NULL name */
	const char *only, *begins; /* shown are those items alone whose property @only begins so;
				      NULL: all */
	struct graph_method methods[GRAPH_VERBS];
	uint16_t tag; /* 12 bits, stable, unique: inode numbers are made of it */
	uint8_t versions;
	uint8_t kind;      /* enum graph_collection_kind */
	uint8_t freshness; /* enum graph_freshness */
	uint8_t with; /* next door to Windows 365, and shown only if wanted: a bit, by graph_with */
	bool own;     /* the signed-in user's own */
	bool nested;  /* lives below an item: its path has a {parameter} */
	bool deprecated;
};

struct graph_operation {
	const char *name;
	const char *path; /* below the version, with {parameters} */
	const char *note, *watch;
	const struct graph_type *bound; /* to an item of this type, or to a collection of them */
	const struct graph_property *parameters;
	unsigned n_parameters;
	struct graph_value returns; /* name NULL: nothing */
	struct graph_permission permission;
	uint8_t versions;
	uint8_t safety;
	bool function;   /* a GET; else an action, a POST */
	bool collection; /* bound to the collection */
	bool runs_on;    /* the answer comes before the effect */
	bool own; /* below the signed-in user's own Cloud PCs: another row has the tenant's */
	bool deprecated;
	const struct graph_finish *finish; /* the first step that can tell decides; NULL: nothing
					      can */
	unsigned n_finish;
	unsigned
		rows_max; /* of a report: it gives at most so many rows at once; 0: it does not say */
};

extern const struct graph_collection graph_collections[];
extern const unsigned graph_n_collections;
/** No type has more properties: lets readers of an object count on the stack. The compiler of the
 * file checks it. */
#define GRAPH_PROPERTIES_MAX 96

extern const struct graph_type *const graph_types[];
extern const unsigned graph_n_types;
extern const struct graph_operation graph_operations[];
extern const unsigned graph_n_operations;

/** What is next door can be called: words in the order of the bits of graph_collection.with, ended
 * by NULL. */
extern const char *const graph_with[];

/** What a mount shows of the service. */
struct graph_part {
	enum graph_version version;
	bool own;      /* the signed-in user's own things, and nothing else */
	unsigned with; /* what is next door: bits, by graph_with */
};

/** Of the tenant, by exact name; NULL if there is none. */
const struct graph_collection *graph_collection_find(const char *name);

/** By its tag; NULL if there is none. */
const struct graph_collection *graph_collection_by_tag(unsigned tag);

/** Whether it belongs to @part: it exists in that version, and lives directly in the tenant or,
 * where only that is wanted, is the signed-in user's own and documented to be listed. */
bool graph_collection_in(const struct graph_collection *c, const struct graph_part *part);

/** Whether the mount shows it: it belongs to @part and has content. */
bool graph_collection_shown(const struct graph_collection *c, const struct graph_part *part);

/** By a name with or without "#microsoft.graph." before it; NULL if there is none. */
const struct graph_type *graph_type_find(const char *name, size_t len);

/** Whether @t is @ancestor or derives from it. */
bool graph_type_is(const struct graph_type *t, const struct graph_type *ancestor);

/** Whether a value declared as @t may be of several types, so that its @odata.type matters. */
bool graph_type_polymorphic(const struct graph_type *t);

/** Whether a value declared as @t may really be of type @k: one that derives from it and has values
 * of its own. */
bool graph_type_fits(const struct graph_type *k, const struct graph_type *t,
		     enum graph_version version);

/** Of a polymorphic type the one that its values are of; NULL if there are several, or none. */
const struct graph_type *graph_type_only(const struct graph_type *t, enum graph_version version);

/** By exact name; NULL if there is none, or not in @version. */
const struct graph_property *graph_property_find(const struct graph_type *t, const char *name,
						 size_t len, enum graph_version version);

/** Whether a property of its items can be written and is never shown again: a password. */
bool graph_holds_secrets(const struct graph_collection *c);

/** "v1.0", "beta". */
const char *graph_version_name(enum graph_version version);

/** "list", "get", ... */
const char *graph_verb_name(enum graph_verb verb);
