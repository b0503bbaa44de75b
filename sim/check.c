#include "sim/check.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/macros.h"
#include "sim/json-text.h"
#include "sim/value.h"

/* Where in the body one is: "domainJoinConfigurations[0].regionName". */
struct place {
	const struct place *up;
	struct w365_span name; /* empty: an element of @up */
	unsigned index;
};

struct check {
	const struct w365_json *json;
	enum sim_version version;
	struct w365_err *reterr;
};

static void write_place(const struct place *p, struct w365_buf *out)
{
	if (!p)
		return;
	write_place(p->up, out);
	if (!p->name.len) {
		w365_buf_addf(out, "[%u]", p->index);
		return;
	}
	if (p->up)
		w365_buf_addc(out, '.');
	w365_buf_add(out, p->name.p, MIN(p->name.len, (size_t)100));
}

/* "The property 'a.b[0]' ..." */
static int wrong(const struct check *c, const struct place *p, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong(const struct check *c, const struct place *p, const char *fmt, ...)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	va_list ap;

	w365_buf_adds(&text, p ? "The property '" : "The request body ");
	write_place(p, &text);
	if (p)
		w365_buf_adds(&text, "' ");
	va_start(ap, fmt);
	w365_buf_addv(&text, fmt, ap);
	va_end(ap);
	return w365_err_set(c->reterr, EINVAL, "%s", w365_buf_str(&text));
}

bool sim_type_is_polymorphic(const struct sim_type *type)
{
	for (size_t i = 0; i < sim_type_count; i++)
		if (sim_types[i]->base == type)
			return true;
	return type->abstract;
}

const struct sim_type *sim_type_named(struct w365_span odata_type)
{
	static const char prefix[] = "#microsoft.graph.";
	const size_t n = sizeof(prefix) - 1;

	if (odata_type.len <= n || memcmp(odata_type.p, prefix, n) != 0)
		return NULL;
	return sim_type_find((struct w365_span){ odata_type.p + n, odata_type.len - n });
}

/* The type that the object itself names. Clients' libraries name it where it says nothing new,
 * too. */
static int find_type(const struct check *c, const struct place *p, uint32_t object,
		     const struct sim_type *type, const struct sim_type **ret)
{
	uint32_t named = w365_json_get(c->json, object, "@odata.type");
	const struct sim_type *found = NULL;

	*ret = type;
	if (!named) {
		if (!sim_type_is_polymorphic(type))
			return 0;
		return wrong(c, p,
			     "is of a type derived from 'microsoft.graph.%s': @odata.type has to "
			     "say of which.",
			     type->name);
	}
	if (c->json->nodes[named].kind == W365_JSON_IS_STRING)
		found = sim_type_named(w365_json_raw(c->json, named));
	if (!found || !(found->versions & c->version) || !sim_type_is(found, type) ||
	    found->abstract)
		return wrong(c, p,
			     "has an @odata.type that is not '#microsoft.graph.%s' or a type "
			     "derived from it that objects can be of.",
			     type->name);
	*ret = found;
	return 0;
}

static const char *type_name(const struct sim_type *type, char out[80])
{
	static const char *const primitive[] = {
		[SIM_STRING] = "Edm.String",   [SIM_INT32] = "Edm.Int32",
		[SIM_BOOLEAN] = "Edm.Boolean", [SIM_DATETIME] = "Edm.DateTimeOffset",
		[SIM_DATE] = "Edm.Date",       [SIM_STREAM] = "Edm.Stream",
	};

	if (type->kind < ARRAY_SIZE(primitive))
		return primitive[type->kind];
	snprintf(out, 80, "microsoft.graph.%s", type->name);
	return out;
}

static int wrong_type(const struct check *c, const struct place *p, const struct sim_type *type,
		      bool collection)
{
	char name[80];

	return wrong(c, p,
		     collection ? "must be of the type 'Collection(%s)'."
				: "must be of the type '%s'.",
		     type_name(type, name));
}

static bool is_int32(struct w365_span text)
{
	char digits[16];
	long long v;

	if (text.len >= sizeof(digits))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!w365_is_digit(text.p[i]) && !(i == 0 && text.p[i] == '-'))
			return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)text.len, text.p);
	v = strtoll(digits, NULL, 10);
	return v >= INT32_MIN && v <= INT32_MAX;
}

/* A moment has a zone. */
static bool is_moment(struct w365_span text)
{
	struct timespec time;
	bool zone = text.len > 6 && (text.p[text.len - 1] == 'Z' || text.p[text.len - 6] == '+' ||
				     text.p[text.len - 6] == '-');

	return zone && text.len > 19 && sim_value_time(text, false, &time);
}

/* unknownFutureValue stands for what a client does not know: it is never a value. */
static bool is_member(const struct sim_type *type, struct w365_span name, enum sim_version version)
{
	const struct sim_member *m = sim_member_find(type, name);

	return m && (m->versions & version) && !w365_span_is(name, "unknownFutureValue");
}

static int check_enum(const struct check *c, const struct place *p, const struct sim_type *type,
		      uint32_t i)
{
	struct w365_span name = w365_json_raw(c->json, i);

	if (c->json->nodes[i].kind != W365_JSON_IS_STRING)
		return wrong_type(c, p, type, false);
	if (is_member(type, name, c->version))
		return 0;
	return wrong(c, p, "has the value '%.*s', which is no member of 'microsoft.graph.%s'.",
		     (int)MIN(name.len, (size_t)80), name.p, type->name);
}

static int check_object(const struct check *c, const struct place *p, uint32_t object,
			const struct sim_type *type, enum sim_purpose purpose,
			const struct sim_type **ret_type);

static int check_one(const struct check *c, const struct place *p, uint32_t i,
		     const struct sim_type *type)
{
	uint8_t kind = c->json->nodes[i].kind;
	struct w365_span text = w365_json_raw(c->json, i);
	const struct sim_type *actual;
	struct timespec time;
	bool good = false;

	switch (type->kind) {
	case SIM_STRING: good = kind == W365_JSON_IS_STRING; break;
	case SIM_INT32: good = kind == W365_JSON_IS_NUMBER && is_int32(text); break;
	case SIM_BOOLEAN: good = kind == W365_JSON_IS_TRUE || kind == W365_JSON_IS_FALSE; break;
	case SIM_DATETIME: good = kind == W365_JSON_IS_STRING && is_moment(text); break;
	case SIM_DATE:
		good = kind == W365_JSON_IS_STRING && sim_value_time(text, true, &time);
		break;
	case SIM_ENUM: return check_enum(c, p, type, i);
	case SIM_COMPLEX:
	case SIM_ENTITY:
		if (kind == W365_JSON_IS_OBJECT)
			return check_object(c, p, i, type, SIM_AS_ELEMENT, &actual);
		break;
	default: break;
	}
	return good ? 0 : wrong_type(c, p, type, false);
}

static int check_value(const struct check *c, const struct place *p, uint32_t i,
		       const struct sim_type *type, bool collection, bool filled)
{
	unsigned n = 0;
	int r = 0;

	/* A collection may be empty, never null; and so are its elements. */
	if (c->json->nodes[i].kind == W365_JSON_IS_NULL)
		return filled || collection
			       ? wrong(c, p, "was null, which its type does not allow.")
			       : 0;
	if (!collection)
		return check_one(c, p, i, type);
	if (c->json->nodes[i].kind != W365_JSON_IS_ARRAY)
		return wrong_type(c, p, type, true);
	W365_JSON_EACH (c->json, i, element) {
		const struct place at = { .up = p, .index = n++ };

		r = check_value(c, &at, element, type, false, true);
		if (r < 0)
			break;
	}
	return r;
}

static int check_flags(const struct check *c, const struct place *p, const struct sim_prop *prop,
		       enum sim_purpose purpose)
{
	if (purpose == SIM_AS_ELEMENT && w365_streq(prop->name, "id"))
		return 0;
	if (prop->flags & SIM_NAV)
		return wrong(c, p, "leads to other objects: it is not set with this one.");
	if (prop->flags & SIM_READ_ONLY)
		return wrong(c, p, "is read-only.");
	/* Complex types say nothing of who may set their members. */
	if (purpose == SIM_TO_UPDATE && !(prop->flags & SIM_ON_UPDATE))
		return wrong(c, p, "cannot be changed once the object is made.");
	if (purpose == SIM_TO_CREATE && !(prop->flags & SIM_ON_CREATE))
		return wrong(c, p, "cannot be given when the object is made.");
	return 0;
}

static int check_member(const struct check *c, const struct place *up, uint32_t i,
			const struct sim_type *type, enum sim_purpose purpose)
{
	struct w365_span key = sim_json_key_of(c->json, i);
	const struct place p = { .up = up, .name = key };
	const struct sim_prop *prop = sim_prop_find(type, key, c->version);
	int r;

	if (!prop)
		return wrong(c, &p,
			     "does not exist on type 'microsoft.graph.%s'. Make sure to only use "
			     "property names that are defined by the type.",
			     type->name);
	r = check_flags(c, &p, prop, purpose);
	if (r < 0)
		return r;
	return check_value(c, &p, i, prop->type, prop->collection, prop->flags & SIM_FILLED);
}

static bool same_key(const struct w365_json *j, uint32_t a, uint32_t b)
{
	struct w365_span x = sim_json_key_of(j, a), y = sim_json_key_of(j, b);

	return x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
}

static int check_twice(const struct check *c, const struct place *up, uint32_t object)
{
	W365_JSON_EACH (c->json, object, i)
		for (uint32_t k = c->json->nodes[i].next; k < c->json->nodes[object].next;
		     k = c->json->nodes[k].next)
			if (same_key(c->json, i, k))
				return wrong(c,
					     &(struct place){ .up = up,
							      .name = sim_json_key_of(c->json, i) },
					     "is there more than once.");
	return 0;
}

static int check_required(const struct check *c, const struct place *up, uint32_t object,
			  const struct sim_type *type)
{
	for (; type; type = type->base)
		for (size_t i = 0; i < type->prop_count; i++) {
			const struct sim_prop *prop = &type->props[i];
			const struct place p = { up, { prop->name, strlen(prop->name) }, 0 };
			uint32_t at;

			if (!(prop->flags & SIM_REQUIRED) || !(prop->versions & c->version))
				continue;
			at = w365_json_get(c->json, object, prop->name);
			if (!at || c->json->nodes[at].kind == W365_JSON_IS_NULL)
				return wrong(c, &p, "is required.");
		}
	return 0;
}

static int check_object(const struct check *c, const struct place *p, uint32_t object,
			const struct sim_type *type, enum sim_purpose purpose,
			const struct sim_type **ret_type)
{
	int r = find_type(c, p, object, type, ret_type);

	if (r < 0)
		return r;
	W365_JSON_EACH (c->json, object, i) {
		if (w365_span_is(sim_json_key_of(c->json, i), "@odata.type"))
			continue;
		r = check_member(c, p, i, *ret_type, purpose);
		if (r < 0)
			return r;
	}
	/* Only now: a type does not have many properties. */
	r = check_twice(c, p, object);
	if (r < 0)
		return r;
	return purpose == SIM_TO_UPDATE ? 0 : check_required(c, p, object, *ret_type);
}

int sim_check_entity(const struct w365_json *j, uint32_t object, const struct sim_type *type,
		     enum sim_version version, enum sim_purpose purpose,
		     const struct sim_type **ret_type, struct w365_err *reterr)
{
	const struct check c = { j, version, reterr };

	return check_object(&c, NULL, object, type, purpose, ret_type);
}

static const struct sim_param *find_param(const struct sim_operation *o, struct w365_span name)
{
	for (size_t i = 0; i < o->param_count; i++)
		if (w365_span_is(name, o->params[i].name))
			return &o->params[i];
	return NULL;
}

static int check_param(const struct check *c, const struct sim_operation *o, uint32_t i)
{
	const struct place p = { .name = sim_json_key_of(c->json, i) };
	const struct sim_param *param = find_param(o, p.name);

	if (!param)
		return wrong(c, &p, "is no parameter of '%s'.", o->name);
	return check_value(c, &p, i, param->type, param->collection, param->required);
}

int sim_check_params(const struct w365_json *j, const struct sim_operation *o,
		     enum sim_version version, struct w365_err *reterr)
{
	const struct check c = { j, version, reterr };
	int r = 0;

	if (j->count)
		W365_JSON_EACH (j, 0, i) {
			r = check_param(&c, o, i);
			if (r < 0)
				return r;
		}
	if (j->count)
		r = check_twice(&c, NULL, 0);
	for (size_t i = 0; i < o->param_count && r == 0; i++) {
		const struct place p = { .name = { o->params[i].name, strlen(o->params[i].name) } };

		if (o->params[i].required && (!j->count || !w365_json_get(j, 0, p.name.p)))
			r = wrong(&c, &p, "is required.");
	}
	return r;
}
