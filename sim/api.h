/* sim/api.h - what Microsoft Graph has for Windows 365: sim/graph.api as const tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/** A version, or a set of them. Whatever v1.0 has, beta has too. */
enum sim_version {
	SIM_V1 = 1,
	SIM_BETA = 2,
};

enum sim_kind {
	SIM_STRING,
	SIM_INT32,
	SIM_BOOLEAN,
	SIM_DATETIME, /* DateTimeOffset */
	SIM_DATE,
	SIM_STREAM,
	SIM_ENUM,
	SIM_COMPLEX,
	SIM_ENTITY,
};

enum sim_prop_flag {
	SIM_READ_ONLY = 1,
	SIM_ON_CREATE = 2, /* may be given when the thing is made */
	SIM_ON_UPDATE = 4, /* may be changed later */
	SIM_WRITE_ONLY = 8,
	SIM_REQUIRED = 16, /* must be given when the thing is made */
	SIM_FILLED = 32,   /* never null */
	SIM_SELECT = 64,   /* returned only when selected */
	SIM_OLD = 128,     /* deprecated */
	SIM_NAV = 256,     /* a navigation property: returned only when expanded */
};

struct sim_member {
	const char *name;
	unsigned versions;
	bool prefer; /* sent only to who asks for unknown members */
};

struct sim_prop {
	const char *name;
	const struct sim_type *type;
	bool collection;
	unsigned versions;
	unsigned flags;
};

/** A primitive type, an enumeration (members), or a structure (base, props). */
struct sim_type {
	const char *name; /* without "microsoft.graph." */
	enum sim_kind kind;
	unsigned versions;
	bool abstract;
	const struct sim_type *base;
	const struct sim_prop *props; /* its own ones, without the base's */
	size_t prop_count;
	const struct sim_member *members;
	size_t member_count;
};

enum sim_method_kind {
	SIM_LIST,
	SIM_GET,
	SIM_CREATE,
	SIM_UPDATE,
	SIM_DELETE,
	SIM_METHODS,
};

enum sim_option {
	SIM_OPT_SELECT = 1,
	SIM_OPT_FILTER = 2,
	SIM_OPT_COUNT = 4,
	SIM_OPT_TOP = 8,
	SIM_OPT_SKIP = 16,
	SIM_OPT_ORDERBY = 32,
	SIM_OPT_EXPAND = 64, /* $expand=assignments and nothing else */
};

/** Who may call. The least permission, or several with commas between, of which one will do; NULL: no
 * token of that kind will. */
struct sim_permission {
	const char *delegated, *application;
};

/** @versions is 0 where no page documents the method. */
struct sim_method {
	unsigned versions;
	unsigned short status, status2; /* status2: the other documented one, or 0 */
	struct sim_permission permission;
	unsigned options;
};

/** A collection or a singleton. */
struct sim_resource {
	const char *name; /* "cloudPCs", "provisioningPolicies/assignments" */
	const char *path; /* with {id} in the keys' places */
	const char *alias;
	unsigned versions;
	const struct sim_type *type;
	bool singleton;
	unsigned undocumented; /* bits 1 << sim_method_kind: in the metadata, on no page */
	struct sim_method methods[SIM_METHODS];
};

struct sim_param {
	const char *name;
	const struct sim_type *type;
	bool collection, required;
};

struct sim_operation {
	const char *name;
	const char *path;
	bool action; /* POST; else a function, GET */
	unsigned versions;
	unsigned short status, status2;
	struct sim_permission permission;
	const struct sim_type *on;
	bool on_collection;
	bool below_users, documented_below_users;
	bool delegated_below_users;     /* there for signed-in users alone */
	const struct sim_type *returns; /* NULL: no content */
	bool returns_collection;
	const struct sim_param *params;
	size_t param_count;
};

extern const struct sim_type *const sim_types[];
extern const size_t sim_type_count;
extern const struct sim_resource sim_resources[];
extern const size_t sim_resource_count;
extern const struct sim_operation sim_operations[];
extern const size_t sim_operation_count;

/** NULL if there is none of that name (which is compared exactly). */
const struct sim_type *sim_type_find(struct w365_span name);
const struct sim_resource *sim_resource_find(const char *name);

/** The property @name of @type or of what it derives from, in @version; NULL if there is none. */
const struct sim_prop *sim_prop_find(const struct sim_type *type, struct w365_span name,
				     enum sim_version version);

const struct sim_member *sim_member_find(const struct sim_type *type, struct w365_span name);

/** Is @type @base, or derived from it? */
bool sim_type_is(const struct sim_type *type, const struct sim_type *base);

/**
 * Is there a value of @type that @version cannot send as it is: with a member that it lacks, or
 * (unless
 * @unknown_members) one that is sent only to who asks for it?
 */
bool sim_type_varies(const struct sim_type *type, enum sim_version version, bool unknown_members);

/** "v1.0" or "beta". */
const char *sim_version_name(enum sim_version version);
