/* sim/locate.h - the items that a request's path means. */
#pragma once

#include "sim/graph.h"

/**
 * Follows the ids above what the path means; each must exist. *@ret_parent: the last of them, or
 * NULL. False, and answered, if one does not.
 */
bool sim_locate_parents(struct sim_call *c, const char **ret_parent);

/**
 * Below /users and /me only one user's items are meant: *@ret; else NULL. False, and answered, if
 * there is no such user, or a signed-in user means another.
 */
bool sim_locate_owner(struct sim_call *c, const struct sim_user **ret);

/** Is it @owner's? NULL: everybody's. */
bool sim_is_owned(const struct sim_set *set, const struct sim_item *item,
		  const struct sim_user *owner);

/** Answers 404. */
void sim_not_found(struct sim_call *c, const char *what, const char *id);

/** Answers 500: there is no memory. */
void sim_no_memory(struct sim_call *c);
