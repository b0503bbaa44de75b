#include "sim/api.h"

const struct sim_type *sim_type_find(struct w365_span name)
{
	for (size_t i = 0; i < sim_type_count; i++)
		if (w365_span_is(name, sim_types[i]->name))
			return sim_types[i];
	return NULL;
}

const struct sim_resource *sim_resource_find(const char *name)
{
	for (size_t i = 0; i < sim_resource_count; i++)
		if (w365_streq(sim_resources[i].name, name))
			return &sim_resources[i];
	return NULL;
}

const struct sim_prop *sim_prop_find(const struct sim_type *type, struct w365_span name,
				     enum sim_version version)
{
	for (; type; type = type->base)
		for (size_t i = 0; i < type->prop_count; i++)
			if ((type->props[i].versions & version) &&
			    w365_span_is(name, type->props[i].name))
				return &type->props[i];
	return NULL;
}

const struct sim_member *sim_member_find(const struct sim_type *type, struct w365_span name)
{
	for (size_t i = 0; i < type->member_count; i++)
		if (w365_span_is(name, type->members[i].name))
			return &type->members[i];
	return NULL;
}

bool sim_type_is(const struct sim_type *type, const struct sim_type *base)
{
	while (type && type != base)
		type = type->base;
	return type != NULL;
}

/* The metadata nests less than this. */
#define MAX_NESTING 8

static bool varies(const struct sim_type *type, enum sim_version version, bool unknown_members,
		   unsigned depth)
{
	for (size_t i = 0; i < type->member_count; i++)
		if (!(type->members[i].versions & version) ||
		    (type->members[i].prefer && !unknown_members))
			return true;
	if (type->kind < SIM_COMPLEX || depth > MAX_NESTING)
		return false;
	for (size_t i = 0; i < sim_type_count; i++) {
		const struct sim_type *t = sim_types[i];

		if (!sim_type_is(t, type))
			continue;
		for (size_t k = 0; k < t->prop_count; k++)
			if (!(t->props[k].versions & version) ||
			    varies(t->props[k].type, version, unknown_members, depth + 1))
				return true;
	}
	return false;
}

bool sim_type_varies(const struct sim_type *type, enum sim_version version, bool unknown_members)
{
	return varies(type, version, unknown_members, 0);
}

const char *sim_version_name(enum sim_version version)
{
	return version == SIM_V1 ? "v1.0" : "beta";
}
