#include "sim/locate.h"

#include <stdio.h>

void sim_not_found(struct sim_call *c, const char *what, const char *id)
{
	SIM_FAIL(c, 404, "ResourceNotFound", "'%.100s' with id '%.100s' was not found.", what, id);
}

void sim_no_memory(struct sim_call *c)
{
	SIM_FAIL(c, 500, "InternalServerError", "The simulator is out of memory.");
}

bool sim_locate_parents(struct sim_call *c, const char **ret_parent)
{
	const struct sim_route *route = &c->route;
	unsigned above = route->id_count - route->item;
	const char *name = route->resource->name;

	*ret_parent = NULL;
	if (route->users)
		return true;
	for (unsigned i = 0; i < above; i++) {
		char parent_name[128];
		const struct sim_resource *parent;
		struct sim_set *set;
		size_t n = 0;

		/* The i-th id belongs to the resource of the first i+1 names. */
		for (unsigned k = 0; k <= i; k++)
			n += strcspn(name + n + (k > 0), "/") + (k > 0);
		snprintf(parent_name, sizeof(parent_name), "%.*s", (int)n, name);
		parent = sim_resource_find(parent_name);
		set = parent ? sim_set_of(c->sim, parent) : NULL;
		if (!set || sim_set_find(set, route->ids[i], *ret_parent) < 0) {
			sim_not_found(c, parent_name, route->ids[i]);
			return false;
		}
		*ret_parent = route->ids[i];
	}
	return true;
}

bool sim_locate_owner(struct sim_call *c, const struct sim_user **ret)
{
	*ret = NULL;
	if (!c->route.users)
		return true;
	*ret = sim_tenant_user(&c->sim->tenant,
			       c->route.me ? c->caller.object_id : c->route.ids[0]);
	if (!*ret) {
		SIM_FAIL(c, 404, "Request_ResourceNotFound", "The user does not exist.");
		return false;
	}
	/* By name, too, people see what is their own. */
	if (!c->caller.delegated || strcasecmp((*ret)->id, c->caller.object_id) == 0)
		return true;
	SIM_FAIL(c, 403, "Forbidden",
		 "The user is not authorized to look at the Cloud PCs of another user.");
	return false;
}

bool sim_is_owned(const struct sim_set *set, const struct sim_item *item,
		  const struct sim_user *owner)
{
	struct w365_span upn;
	int column;

	if (!owner)
		return true;
	column = sim_column_find(&set->columns, W365_SPAN("userPrincipalName"));
	if (column < 0)
		return false;
	upn = sim_item_value(item, (size_t)column);
	return upn.len == strlen(owner->upn) + 2 && memcmp(upn.p + 1, owner->upn, upn.len - 2) == 0;
}
