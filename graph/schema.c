#include "graph/schema.h"
#include "base/json-write.h"
#include "base/macros.h"
#include "graph/assign.h"
#include "graph/check.h"
#include "graph/json-same.h"
#include "graph/plan.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"

/* How a type is used in the schema. */
enum { USED = 1, WRITTEN = 2 };

struct schema {
	struct w365_jw w;
	const struct graph_collection *collection;
	enum graph_version version;
	const struct graph_property *assignable;
	uint8_t *uses; /* by graph_type.index */
};

/* ---- which types there are ---- */

static bool is_written(const struct schema *s, const struct graph_property *p)
{
	return p == s->assignable || graph_check_settable(p, true) ||
	       graph_check_settable(p, false);
}

static void use(struct schema *s, const struct graph_type *t, unsigned how);

static void use_members(struct schema *s, const struct graph_type *t, unsigned how)
{
	for (unsigned k = 0; k < t->n_properties; k++) {
		const struct graph_property *p = &t->properties[k];

		if (p->value.type && (p->versions & s->version) &&
		    (is_written(s, p) || !(p->flags & GRAPH_NAVIGATION)))
			use(s, p->value.type, is_written(s, p) ? how : USED);
	}
}

/* Of a polymorphic type those that its values really are of. */
static void use(struct schema *s, const struct graph_type *t, unsigned how)
{
	if (!graph_type_polymorphic(t)) {
		if ((s->uses[t->index] & how) == how)
			return;
		s->uses[t->index] |= (uint8_t)how;
		use_members(s, t, how);
		return;
	}
	for (unsigned i = 0; i < graph_n_types; i++) {
		const struct graph_type *k = graph_types[i];

		if (!graph_type_fits(k, t, s->version) || (s->uses[i] & how) == how)
			continue;
		s->uses[i] |= (uint8_t)how;
		use_members(s, k, how);
	}
}

/* ---- values ---- */

static void write_type(struct schema *s, const char *name, bool nullable)
{
	if (!nullable) {
		w365_jw_pair(&s->w, "type", name);
		return;
	}
	w365_jw_key(&s->w, "type");
	w365_jw_open(&s->w, '[');
	w365_jw_str(&s->w, name);
	w365_jw_str(&s->w, "null");
	w365_jw_close(&s->w, ']');
}

/* With the member for what an older version may not say: it is never sent, but files show it. */
static void write_enum(struct schema *s, const struct graph_enum *e, bool nullable, bool strict)
{
	write_type(s, "string", nullable);
	w365_jw_key(&s->w, strict ? "enum" : "examples");
	w365_jw_open(&s->w, '[');
	for (const struct graph_member *m = e->members; m->name; m++)
		if (m->versions & s->version)
			w365_jw_str(&s->w, m->name);
	if (nullable && strict)
		w365_jw_str(&s->w, NULL);
	w365_jw_close(&s->w, ']');
}

static void write_ref(struct schema *s, const struct graph_type *t)
{
	char ref[128];

	snprintf(ref, sizeof(ref), "#/$defs/%s", t->name);
	w365_jw_pair(&s->w, "$ref", ref);
}

/* The types that a value declared as @t may be of: one reference, or a choice. */
static void write_choice(struct schema *s, const struct graph_type *t, bool nullable)
{
	const struct graph_type *only =
		graph_type_polymorphic(t) ? graph_type_only(t, s->version) : t;

	if (only && !nullable) {
		write_ref(s, only);
		return;
	}
	w365_jw_key(&s->w, "oneOf");
	w365_jw_open(&s->w, '[');
	for (unsigned i = 0; i < graph_n_types; i++) {
		if (only ? graph_types[i] != only : !graph_type_fits(graph_types[i], t, s->version))
			continue;
		w365_jw_open(&s->w, '{');
		write_ref(s, graph_types[i]);
		w365_jw_close(&s->w, '}');
	}
	if (nullable) {
		w365_jw_open(&s->w, '{');
		w365_jw_pair(&s->w, "type", "null");
		w365_jw_close(&s->w, '}');
	}
	w365_jw_close(&s->w, ']');
}

static void write_value(struct schema *s, const struct graph_value *v, bool nullable, bool strict)
{
	struct graph_value element = *v;

	if (v->array) {
		element.array = false;
		write_type(s, "array", nullable);
		w365_jw_key(&s->w, "items");
		w365_jw_open(&s->w, '{');
		write_value(s, &element, false, strict);
		w365_jw_close(&s->w, '}');
		return;
	}
	switch (v->kind) {
	case GRAPH_VALUE_BOOLEAN: write_type(s, "boolean", nullable); return;
	case GRAPH_VALUE_INT32:
		write_type(s, "integer", nullable);
		w365_jw_pair_int(&s->w, "minimum", INT32_MIN);
		w365_jw_pair_int(&s->w, "maximum", INT32_MAX);
		return;
	case GRAPH_VALUE_ENUM: write_enum(s, v->members, nullable, strict); return;
	case GRAPH_VALUE_OBJECT: write_choice(s, v->type, nullable); return;
	case GRAPH_VALUE_STRING: write_type(s, "string", nullable); return;
	case GRAPH_VALUE_DATE:
	case GRAPH_VALUE_DATETIME:
		write_type(s, "string", nullable);
		w365_jw_pair(&s->w, "format", v->kind == GRAPH_VALUE_DATE ? "date" : "date-time");
		return;
	default: return; /* anything */
	}
}

/* ---- objects ---- */

static void write_description(struct schema *s, const struct graph_property *p, bool item)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	if (item && p->access == GRAPH_CREATE_ONLY)
		w365_buf_adds(&text, "Can be set only when the item is made.");
	if (p->note)
		w365_buf_addf(&text, "%s%s", text.len ? " " : "", p->note);
	if (text.len)
		w365_jw_pair(&s->w, "description", text.data);
}

static void write_property(struct schema *s, const struct graph_property *p, bool item, bool strict)
{
	bool written = is_written(s, p);

	w365_jw_key(&s->w, p->name);
	w365_jw_open(&s->w, '{');
	write_description(s, p, item);
	/* What comes only when it is asked for, and is never asked for, may be anything. */
	if (written || !(p->flags & GRAPH_NAVIGATION))
		write_value(s, &p->value, p->nullable & s->version, strict && written);
	if (!written)
		w365_jw_pair_bool(&s->w, "readOnly", true);
	if (p->access == GRAPH_WRITE_ONLY)
		w365_jw_pair_bool(&s->w, "writeOnly", true);
	if (p->flags & GRAPH_DEPRECATED)
		w365_jw_pair_bool(&s->w, "deprecated", true);
	w365_jw_close(&s->w, '}');
}

/* Which type an object is, where it may be of several. */
static void write_odata_type(struct schema *s, const struct graph_type *t)
{
	char name[128];

	snprintf(name, sizeof(name), "#microsoft.graph.%s", t->name);
	w365_jw_key(&s->w, GRAPH_ODATA_TYPE);
	w365_jw_open(&s->w, '{');
	w365_jw_pair(&s->w, "const", name);
	w365_jw_close(&s->w, '}');
}

static void write_required(struct schema *s, const struct graph_type *t)
{
	w365_jw_key(&s->w, "required");
	w365_jw_open(&s->w, '[');
	if (t->base)
		w365_jw_str(&s->w, GRAPH_ODATA_TYPE);
	for (unsigned k = 0; k < t->n_properties; k++) {
		const struct graph_property *p = &t->properties[k];

		if ((p->flags & GRAPH_REQUIRED) && (p->versions & s->version))
			w365_jw_str(&s->w, p->name);
	}
	w365_jw_close(&s->w, ']');
}

static void write_object(struct schema *s, const struct graph_type *t)
{
	bool strict = s->uses[t->index] & WRITTEN;
	bool item = graph_type_is(t, s->collection->type);

	w365_jw_pair(&s->w, "type", "object");
	w365_jw_key(&s->w, "properties");
	w365_jw_open(&s->w, '{');
	if (t->base)
		write_odata_type(s, t);
	for (unsigned k = 0; k < t->n_properties; k++)
		if (t->properties[k].versions & s->version)
			write_property(s, &t->properties[k], item, strict);
	w365_jw_close(&s->w, '}');
	if (strict && !item)
		write_required(s, t);
	if (strict && !t->open)
		w365_jw_pair_bool(&s->w, "additionalProperties", false);
}

static void write_types(struct schema *s)
{
	const struct graph_type *root = s->collection->type;
	bool polymorphic = graph_type_polymorphic(root);

	w365_jw_key(&s->w, "$defs");
	w365_jw_open(&s->w, '{');
	for (unsigned i = 0; i < graph_n_types; i++) {
		if (!s->uses[i] || (!polymorphic && graph_types[i] == root))
			continue;
		w365_jw_key(&s->w, graph_types[i]->name);
		w365_jw_open(&s->w, '{');
		write_object(s, graph_types[i]);
		w365_jw_close(&s->w, '}');
	}
	w365_jw_close(&s->w, '}');
}

void graph_schema_write(const struct graph_collection *c, enum graph_version version,
			struct w365_buf *out)
{
	_cleanup_(w365_freep) uint8_t *uses = calloc(graph_n_types, sizeof(*uses));
	const struct graph_operation *assign = graph_assign_of(c, version);
	struct schema s = {
		.w = { .out = out },
		.collection = c,
		.version = version,
		.assignable = graph_assign_property(c->type, assign, version),
		.uses = uses,
	};
	char id[128];

	if (!uses) {
		out->failed = true;
		return;
	}
	if (c->type)
		use(&s, c->type,
		    graph_updatable(c, version) || graph_creatable(c, version) ? USED | WRITTEN
									       : USED);
	snprintf(id, sizeof(id), "urn:w365fs:%s:%s", graph_version_name(version), c->name);
	w365_jw_open(&s.w, '{');
	w365_jw_pair(&s.w, "$schema", DRAFT);
	w365_jw_pair(&s.w, "$id", id);
	w365_jw_pair(&s.w, "title", c->name);
	w365_jw_pair(&s.w, "description", c->help);
	if (graph_type_polymorphic(c->type))
		write_choice(&s, c->type, false);
	else if (c->type)
		write_object(&s, c->type);
	else
		w365_jw_pair(&s.w, "type", "object");
	write_types(&s);
	w365_jw_close(&s.w, '}');
	w365_buf_addc(out, '\n');
}
