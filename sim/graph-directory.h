/* sim/graph-directory.h - the directory half of Graph: what its files share. */
#pragma once

#include <cjson/cJSON.h>

#include "sim/form.h"
#include "sim/graph.h"

/** A request about the directory. "applications(appId='x')" is two segments: "applications",
 * "appId='x')". */
struct sim_dir_call {
	struct sim_call *c;
	struct sim_form query;
	const char *segments[SIM_MAX_SEGMENTS]; /* behind the version */
	unsigned count;
	cJSON *body; /* of POST and PATCH: an object */
};

#define SIM_DIR_FAIL(d, ...) SIM_FAIL((d)->c, __VA_ARGS__)

/** Is it this method? */
bool sim_dir_is(const struct sim_dir_call *d, const char *method);

/**
 * Has the caller one of @scopes (words; delegated) or @roles (application)? Answers 403 and returns
 * false if not.
 */
bool sim_dir_may(struct sim_dir_call *d, const char *scopes, const char *roles);

/** Answers 403: the user's own roles do not suffice. */
void sim_dir_insufficient(struct sim_dir_call *d);

/** What the signed-in user's roles allow; everything for an application. */
struct sim_role sim_dir_rights(const struct sim_dir_call *d);

/** Answers 404 Request_ResourceNotFound, 405. */
void sim_dir_missing(struct sim_dir_call *d, const char *id);
void sim_dir_method(struct sim_dir_call *d);

/** A string member of the body, or NULL. */
const char *sim_dir_text(const struct sim_dir_call *d, const char *name);

/** Is the object seen everywhere by now? */
bool sim_dir_visible(uint64_t visible_ms);

/** The application that @key names: "appId='...')", or an object id by @by_object. NULL: none. */
struct sim_app *sim_dir_app(const struct sim_dir_call *d, const char *key,
			    struct sim_app *(*by_object)(const struct sim *s, const char *id));

/** Answers with one object (@set "applications/$entity"), a list, or nothing. @object is copied; of
 * what $select names. */
void sim_dir_object(struct sim_dir_call *d, int status, const char *set, const cJSON *object);
void sim_dir_list(struct sim_dir_call *d, const char *set, cJSON *array);
void sim_dir_nothing(struct sim_dir_call *d);

/**
 * Keeps the items of @array that "$filter" asks for: comparisons with eq, joined by and;
 * startswith(). False, and answered, if it is something else.
 */
bool sim_dir_filter(struct sim_dir_call *d, cJSON *array);

/** One for each first segment. */
void sim_dir_applications(struct sim_dir_call *d);
void sim_dir_principals(struct sim_dir_call *d);
void sim_dir_grants(struct sim_dir_call *d);

/** The delegated grants of one client. */
void sim_dir_grants_of(struct sim_dir_call *d, const struct sim_app *app);

/** What is below a service principal: appRoleAssignments (@to false) or appRoleAssignedTo. */
void sim_dir_assignments(struct sim_dir_call *d, const struct sim_app *app, bool to,
			 const char *id);
