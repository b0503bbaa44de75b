/* sim/check.h - is what a client sends of the type it must be? By the table alone; what the items
 * say is for others. */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "sim/api.h"

/** What the sent object is for: which properties it may and must have. */
enum sim_purpose {
	SIM_TO_CREATE,
	SIM_TO_UPDATE,
	SIM_AS_ELEMENT, /* an entity inside an action's parameter: as to create, and its id may be
			   there */
};

/**
 * Checks the object @object of @j as an entity of @type.
 *
 * @ret_type: the type it is of: what "@odata.type" names, else @type.
 * Errors:    -EINVAL, the sentence as Graph would say it, with the property's path.
 */
int sim_check_entity(const struct w365_json *j, uint32_t object, const struct sim_type *type,
		     enum sim_version version, enum sim_purpose purpose,
		     const struct sim_type **ret_type, struct w365_err *reterr);

/** Checks the root of @j as the parameters of @o; a @j without nodes has none. Errors: as above. */
int sim_check_params(const struct w365_json *j, const struct sim_operation *o,
		     enum sim_version version, struct w365_err *reterr);

/** Has @type others derived from it, so that a value has to name its own? */
bool sim_type_is_polymorphic(const struct sim_type *type);

/** The type that "#microsoft.graph.NAME" means; NULL if there is none. */
const struct sim_type *sim_type_named(struct w365_span odata_type);
