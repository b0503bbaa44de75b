#include "graph/catalogue.h"
#include "base/str.h"

const struct graph_collection *graph_collection_find(const char *name)
{
	for (unsigned i = 0; i < graph_n_collections; i++)
		if (!graph_collections[i].own && w365_streq(graph_collections[i].name, name))
			return &graph_collections[i];
	return NULL;
}

const struct graph_collection *graph_collection_by_tag(unsigned tag)
{
	for (unsigned i = 0; i < graph_n_collections; i++)
		if (graph_collections[i].tag == tag)
			return &graph_collections[i];
	return NULL;
}

bool graph_collection_in(const struct graph_collection *c, const struct graph_part *part)
{
	if (!(c->versions & part->version) || c->nested || c->own != part->own)
		return false;
	if (c->own)
		return c->methods[GRAPH_LIST].versions & part->version;
	return !c->with || (c->with & part->with);
}

bool graph_collection_shown(const struct graph_collection *c, const struct graph_part *part)
{
	return graph_collection_in(c, part) &&
	       (c->kind == GRAPH_COLLECTION || c->kind == GRAPH_SINGLETON);
}

const struct graph_type *graph_type_find(const char *name, size_t len)
{
	static const char prefix[] = "#microsoft.graph.";
	size_t skip = 0;

	/* Documented examples write the type with and without the '#'. */
	if (len && name[0] == '#' && len > sizeof(prefix) - 1 &&
	    memcmp(name, prefix, sizeof(prefix) - 1) == 0)
		skip = sizeof(prefix) - 1;
	else if (len > sizeof(prefix) - 2 && memcmp(name, prefix + 1, sizeof(prefix) - 2) == 0)
		skip = sizeof(prefix) - 2;
	for (unsigned i = 0; i < graph_n_types; i++)
		if (w365_span_is((struct w365_span){ name + skip, len - skip },
				 graph_types[i]->name))
			return graph_types[i];
	return NULL;
}

bool graph_type_is(const struct graph_type *t, const struct graph_type *ancestor)
{
	for (; t; t = t->base)
		if (t == ancestor)
			return true;
	return false;
}

bool graph_type_polymorphic(const struct graph_type *t)
{
	return t && (t->derived || t->abstract);
}

bool graph_type_fits(const struct graph_type *k, const struct graph_type *t,
		     enum graph_version version)
{
	return k && k != t && !k->abstract && (k->versions & version) && graph_type_is(k, t);
}

const struct graph_type *graph_type_only(const struct graph_type *t, enum graph_version version)
{
	const struct graph_type *only = NULL;

	for (unsigned i = 0; i < graph_n_types; i++) {
		if (!graph_type_fits(graph_types[i], t, version))
			continue;
		if (only)
			return NULL;
		only = graph_types[i];
	}
	return only;
}

const struct graph_property *graph_property_find(const struct graph_type *t, const char *name,
						 size_t len, enum graph_version version)
{
	for (unsigned i = 0; t && i < t->n_properties; i++)
		if ((t->properties[i].versions & version) &&
		    w365_span_is((struct w365_span){ name, len }, t->properties[i].name))
			return &t->properties[i];
	return NULL;
}

bool graph_holds_secrets(const struct graph_collection *c)
{
	for (unsigned i = 0; c->type && i < c->type->n_properties; i++)
		if (c->type->properties[i].access == GRAPH_WRITE_ONLY)
			return true;
	return false;
}

const char *graph_version_name(enum graph_version version)
{
	return version == GRAPH_V1 ? "v1.0" : "beta";
}

const char *graph_verb_name(enum graph_verb verb)
{
	static const char *const names[] = { "list", "get", "create", "update", "delete" };

	return names[verb];
}
