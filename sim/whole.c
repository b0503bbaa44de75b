#include "sim/whole.h"

#include "base/buf.h"
#include "base/macros.h"
#include "sim/check.h"
#include "sim/json-text.h"

/* The old and the new name of one member. */
static const struct {
	const char *type, *name, *other;
} twins[] = {
	{ "cloudPcDomainJoinConfiguration", "domainJoinType", "type" },
	{ "microsoftManagedDesktop", "managedType", "type" },
};

static const char *twin_of(const struct sim_type *type, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(twins); i++) {
		if (!w365_streq(twins[i].type, type->name))
			continue;
		if (w365_streq(twins[i].name, name))
			return twins[i].other;
		if (w365_streq(twins[i].other, name))
			return twins[i].name;
	}
	return NULL;
}

static void no_value(const struct sim_prop *prop, struct w365_buf *out)
{
	const struct sim_type *type = prop->type;

	if (prop->collection)
		w365_buf_adds(out, "[]");
	else if (!(prop->flags & SIM_FILLED))
		w365_buf_adds(out, "null");
	else if (type->kind == SIM_BOOLEAN)
		w365_buf_adds(out, "false");
	else if (type->kind == SIM_INT32)
		w365_buf_adds(out, "0");
	else if (type->kind == SIM_ENUM)
		w365_buf_addf(out, "\"%s\"", type->members[0].name);
	else if (type->kind == SIM_DATETIME)
		w365_buf_adds(out, "\"0001-01-01T00:00:00Z\"");
	else
		w365_buf_adds(out, type->kind == SIM_STRING ? "\"\"" : "null");
}

static void members(const struct w365_json *j, uint32_t object, const struct sim_type *actual,
		    const struct sim_type *type, struct w365_buf *out, bool *some)
{
	if (!type)
		return;
	members(j, object, actual, type->base, out, some);
	for (size_t i = 0; i < type->prop_count; i++) {
		const struct sim_prop *prop = &type->props[i];
		const char *twin = twin_of(actual, prop->name);
		uint32_t at = w365_json_get(j, object, prop->name);

		if (prop->flags & SIM_NAV)
			continue;
		if (!at && twin)
			at = w365_json_get(j, object, twin);
		if (*some)
			w365_buf_addc(out, ',');
		*some = true;
		w365_buf_addf(out, "\"%s\":", prop->name);
		if (at)
			sim_whole_value(j, at, prop->type, out);
		else
			no_value(prop, out);
	}
}

static void whole_object(const struct w365_json *j, uint32_t object, const struct sim_type *type,
			 struct w365_buf *out)
{
	uint32_t named = w365_json_get(j, object, "@odata.type");
	const struct sim_type *actual = named ? sim_type_named(w365_json_raw(j, named)) : NULL;
	bool some = sim_type_is_polymorphic(type);

	actual = actual ? actual : type;
	w365_buf_addc(out, '{');
	if (some)
		w365_buf_addf(out, "\"@odata.type\":\"#microsoft.graph.%s\"", actual->name);
	members(j, object, actual, actual, out, &some);
	w365_buf_addc(out, '}');
}

/* Escapes are the client's choice; the service writes its own. */
static void string(const struct w365_json *j, uint32_t i, struct w365_buf *out)
{
	struct w365_buf text = W365_BUF;

	w365_json_decode(&text, w365_json_raw(j, i));
	w365_json_quote(out, w365_buf_str(&text), text.len);
	w365_buf_done(&text);
}

void sim_whole_value(const struct w365_json *j, uint32_t i, const struct sim_type *type,
		     struct w365_buf *out)
{
	struct w365_span text = sim_json_text(j, i);
	bool some = false;

	switch (j->nodes[i].kind) {
	case W365_JSON_IS_ARRAY:
		w365_buf_addc(out, '[');
		W365_JSON_EACH (j, i, element) {
			if (some)
				w365_buf_addc(out, ',');
			some = true;
			sim_whole_value(j, element, type, out);
		}
		w365_buf_addc(out, ']');
		break;
	case W365_JSON_IS_OBJECT: whole_object(j, i, type, out); break;
	case W365_JSON_IS_STRING: string(j, i, out); break;
	default: w365_buf_add(out, text.p, text.len); break;
	}
}
