/* Checking what clients send: every type of the table, every property of it, once good and once in
 * each way wrong. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/macros.h"
#include "sim/check.h"
#include "sim/whole.h"
#include "tests/lib/check.h"

/* A good value of the type; of a polymorphic one, of its first concrete type. */
static void write_good(struct w365_buf *out, const struct sim_type *type, bool collection);

static const struct sim_type *concrete(const struct sim_type *type)
{
	if (!type->abstract)
		return type;
	for (size_t i = 0; i < sim_type_count; i++)
		if (sim_types[i]->base == type && !sim_types[i]->abstract)
			return sim_types[i];
	return type;
}

static bool is_wanted(const struct sim_prop *p, enum sim_purpose purpose)
{
	if (purpose == SIM_AS_ELEMENT)
		return !(p->flags & (SIM_READ_ONLY | SIM_NAV));
	return p->flags & (purpose == SIM_TO_CREATE ? SIM_ON_CREATE : SIM_ON_UPDATE);
}

/* All members that may be there; without @but. */
static void write_object(struct w365_buf *out, const struct sim_type *declared,
			 enum sim_purpose purpose, const struct sim_prop *but)
{
	const struct sim_type *type = concrete(declared);
	bool some = sim_type_is_polymorphic(declared);

	w365_buf_addc(out, '{');
	if (some)
		w365_buf_addf(out, "\"@odata.type\":\"#microsoft.graph.%s\"", type->name);
	for (; type; type = type->base)
		for (size_t i = 0; i < type->prop_count; i++) {
			const struct sim_prop *p = &type->props[i];

			if (p == but || !is_wanted(p, purpose))
				continue;
			w365_buf_addf(out, "%s\"%s\":", some ? "," : "", p->name);
			some = true;
			write_good(out, p->type, p->collection);
		}
	w365_buf_addc(out, '}');
}

static void write_good(struct w365_buf *out, const struct sim_type *type, bool collection)
{
	static const char *const values[] = { [SIM_STRING] = "\"x\"",
					      [SIM_INT32] = "-2147483648",
					      [SIM_BOOLEAN] = "true",
					      [SIM_DATETIME] = "\"2026-11-22T09:30:00.5+08:00\"",
					      [SIM_DATE] = "\"2026-11-22\"" };

	if (collection)
		w365_buf_addc(out, '[');
	if (type->kind == SIM_ENUM)
		w365_buf_addf(out, "\"%s\"", type->members[0].name);
	else if (type->kind >= SIM_COMPLEX)
		write_object(out, type, SIM_AS_ELEMENT, NULL);
	else
		w365_buf_adds(out, values[type->kind]);
	if (collection)
		w365_buf_addc(out, ']');
}

/* 0, or the sentence is in @err. */
static int check(const char *text, const struct sim_type *type, enum sim_purpose purpose,
		 struct w365_err *err)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	const struct sim_type *actual;
	int r = w365_json_parse(&j, text, strlen(text), NULL, err);

	if (r < 0)
		abort(); /* a mistake of the test */
	return sim_check_entity(&j, 0, type, SIM_BETA, purpose, &actual, err);
}

static void refused(const struct w365_buf *text, const struct sim_type *type,
		    enum sim_purpose purpose, const char *name, const char *how)
{
	char why[200], quoted[100];
	struct w365_err err = { 0 };

	snprintf(why, sizeof(why), "%s.%s %s", type->name, name, how);
	snprintf(quoted, sizeof(quoted), "'%s", name);
	if (!CHECK(why,
		   check(w365_buf_str(text), type, purpose, &err) < 0 && strstr(err.msg, quoted)))
		printf("# %s\n# %s\n", w365_buf_str(text), err.msg);
}

/* The object with one member more. */
static void with(struct w365_buf *out, const struct w365_buf *object, const char *name,
		 const char *value)
{
	w365_buf_reset(out);
	w365_buf_add(out, object->data, object->len - 1);
	w365_buf_addf(out, "%s\"%s\":%s}", object->len > 2 ? "," : "", name, value);
}

static void check_prop(const struct sim_type *type, const struct sim_prop *p,
		       enum sim_purpose purpose)
{
	_cleanup_(w365_buf_done) struct w365_buf rest = W365_BUF, text = W365_BUF;
	/* Of no type at all. */
	const char *other = p->type->kind == SIM_BOOLEAN ? "\"true\"" : "true";

	write_object(&rest, type, purpose, p);
	if (!is_wanted(p, purpose)) {
		with(&text, &rest, p->name, "null");
		refused(&text, type, purpose, p->name, "is not the client's to set");
		return;
	}
	with(&text, &rest, p->name, p->collection ? "{}" : other);
	refused(&text, type, purpose, p->name, "of another type");
	if (p->collection) {
		with(&text, &rest, p->name, "[null]");
		refused(&text, type, purpose, p->name, "with an element that is null");
	}
	if (p->collection || (p->flags & SIM_FILLED)) {
		with(&text, &rest, p->name, "null");
		refused(&text, type, purpose, p->name, "is null");
	}
	if (p->type->kind == SIM_ENUM && !p->collection) {
		with(&text, &rest, p->name, "\"nobody's\"");
		refused(&text, type, purpose, p->name, "is no member");
	}
	if (p->type->kind == SIM_INT32 && !p->collection) {
		with(&text, &rest, p->name, "2147483648");
		refused(&text, type, purpose, p->name, "is too large");
	}
	if ((p->flags & SIM_REQUIRED) && purpose == SIM_TO_CREATE)
		refused(&rest, type, purpose, p->name, "is missing");
}

static void check_type(const struct sim_type *type, enum sim_purpose purpose)
{
	_cleanup_(w365_buf_done) struct w365_buf good = W365_BUF, text = W365_BUF;
	struct w365_err err = { 0 };
	char why[200];

	write_object(&good, type, purpose, NULL);
	snprintf(why, sizeof(why), "%s is good", type->name);
	if (!CHECK(why, check(w365_buf_str(&good), type, purpose, &err) == 0))
		printf("# %s\n# %s\n", w365_buf_str(&good), err.msg);
	with(&text, &good, "nope", "1");
	refused(&text, type, purpose, "nope", "does not exist");
	for (const struct sim_type *t = concrete(type); t; t = t->base)
		for (size_t i = 0; i < t->prop_count; i++)
			check_prop(type, &t->props[i], purpose);
}

/* As kept, a value has all members of its type, and is good itself. */
static void check_whole(const struct sim_type *type)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 }, whole = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, out = W365_BUF;
	const struct sim_type *actual = concrete(type);
	bool good = true;

	w365_buf_adds(&text, "{");
	if (sim_type_is_polymorphic(type))
		w365_buf_addf(&text, "\"@odata.type\":\"#microsoft.graph.%s\"", actual->name);
	w365_buf_adds(&text, "}");
	if (w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0)
		abort();
	sim_whole_value(&j, 0, type, &out);
	good = w365_json_parse(&whole, w365_buf_str(&out), out.len, NULL, NULL) == 0;
	for (; good && actual; actual = actual->base)
		for (size_t i = 0; i < actual->prop_count; i++)
			good &= (actual->props[i].flags & SIM_NAV) ||
				w365_json_get(&whole, 0, actual->props[i].name);
	CHECK(type->name, good);
}

static void check_operations(void)
{
	for (size_t i = 0; i < sim_operation_count; i++) {
		const struct sim_operation *o = &sim_operations[i];
		_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, more = W365_BUF;
		_cleanup_(w365_json_done) struct w365_json j = { 0 };
		bool needs = false;

		if (!o->action)
			continue;
		w365_buf_addc(&text, '{');
		for (size_t k = 0; k < o->param_count; k++) {
			w365_buf_addf(&text, "%s\"%s\":", k ? "," : "", o->params[k].name);
			write_good(&text, o->params[k].type, o->params[k].collection);
			needs |= o->params[k].required;
		}
		w365_buf_addc(&text, '}');
		CHECK(o->path, w365_json_parse(&j, text.data, text.len, NULL, NULL) == 0 &&
				       sim_check_params(&j, o, SIM_BETA, NULL) == 0);
		with(&more, &text, "nope", "1");
		CHECK("one more", w365_json_parse(&j, more.data, more.len, NULL, NULL) == 0 &&
					  sim_check_params(&j, o, SIM_BETA, NULL) < 0);
		j.count = 0;
		CHECK("none at all", (sim_check_params(&j, o, SIM_BETA, NULL) < 0) == needs);
	}
}

int main(void)
{
	for (size_t i = 0; i < sim_resource_count; i++) {
		const struct sim_resource *r = &sim_resources[i];

		if (r->methods[SIM_CREATE].versions)
			check_type(r->type, SIM_TO_CREATE);
		if (r->methods[SIM_UPDATE].versions)
			check_type(r->type, SIM_TO_UPDATE);
	}
	for (size_t i = 0; i < sim_type_count; i++)
		if (sim_types[i]->kind == SIM_COMPLEX && concrete(sim_types[i])->prop_count)
			check_whole(sim_types[i]);
	check_operations();
	return check_summary();
}
