#include "sim/view.h"

#include "base/buf.h"
#include "base/macros.h"
#include "sim/json-text.h"

#define BIT(column) ((uint64_t)1 << (column))

struct projection {
	const struct w365_json *json;
	enum sim_version version;
	bool unknown_members;
	struct w365_buf *out;
};

static bool member_hidden(const struct sim_type *type, struct w365_span name,
			  enum sim_version version, bool unknown_members)
{
	const struct sim_member *m = sim_member_find(type, name);

	return m && (!(m->versions & version) || (m->prefer && !unknown_members));
}

/* The type that the object itself names, if that is one of @type's. */
static const struct sim_type *actual_type(const struct w365_json *j, uint32_t object,
					  const struct sim_type *type)
{
	uint32_t named = w365_json_get(j, object, "@odata.type");
	struct w365_span name;
	const struct sim_type *found;

	if (!named || j->nodes[named].kind != W365_JSON_IS_STRING)
		return type;
	name = w365_json_raw(j, named);
	if (name.len < 17 || memcmp(name.p, "#microsoft.graph.", 17) != 0)
		return type;
	found = sim_type_find((struct w365_span){ name.p + 17, name.len - 17 });
	return found && sim_type_is(found, type) ? found : type;
}

static void project(const struct projection *p, uint32_t i, const struct sim_type *type);

static void project_object(const struct projection *p, uint32_t object, const struct sim_type *type)
{
	const struct w365_json *j = p->json;
	bool some = false;

	type = actual_type(j, object, type);
	w365_buf_addc(p->out, '{');
	W365_JSON_EACH (j, object, i) {
		struct w365_span key = sim_json_key_of(j, i);
		const struct sim_prop *beta = sim_prop_find(type, key, SIM_BETA);
		const struct sim_prop *prop = sim_prop_find(type, key, p->version);

		if (beta && !prop)
			continue;
		if (some)
			w365_buf_addc(p->out, ',');
		some = true;
		w365_buf_addc(p->out, '"');
		w365_buf_add(p->out, key.p, key.len);
		w365_buf_add(p->out, "\":", 2);
		project(p, i, prop ? prop->type : NULL);
	}
	w365_buf_addc(p->out, '}');
}

static void project(const struct projection *p, uint32_t i, const struct sim_type *type)
{
	const struct w365_json *j = p->json;
	uint8_t kind = j->nodes[i].kind;
	struct w365_span text = sim_json_text(j, i);
	bool some = false;

	if (kind == W365_JSON_IS_ARRAY && type) {
		w365_buf_addc(p->out, '[');
		W365_JSON_EACH (j, i, element) {
			if (some)
				w365_buf_addc(p->out, ',');
			some = true;
			project(p, element, type);
		}
		w365_buf_addc(p->out, ']');
	} else if (kind == W365_JSON_IS_OBJECT && type && type->kind >= SIM_COMPLEX) {
		project_object(p, i, type);
	} else if (kind == W365_JSON_IS_STRING && type && type->kind == SIM_ENUM &&
		   member_hidden(type, w365_json_raw(j, i), p->version, p->unknown_members)) {
		w365_buf_adds(p->out, "\"unknownFutureValue\"");
	} else {
		w365_buf_add(p->out, text.p, text.len);
	}
}

void sim_project(struct w365_span raw, const struct sim_type *type, enum sim_version version,
		 bool unknown_members, struct w365_buf *out)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	if (type->kind == SIM_ENUM && raw.len > 2 && raw.p[0] == '"') {
		struct w365_span name = { raw.p + 1, raw.len - 2 };

		if (member_hidden(type, name, version, unknown_members))
			w365_buf_adds(out, "\"unknownFutureValue\"");
		else
			w365_buf_add(out, raw.p, raw.len);
		return;
	}
	/* The walker wants a NUL behind the text. */
	w365_buf_add(&text, raw.p, raw.len);
	if (text.failed || w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0) {
		w365_buf_add(out, raw.p, raw.len);
		return;
	}
	project(&(struct projection){ &j, version, unknown_members, out }, 0, type);
}

uint64_t sim_view_default(const struct sim_columns *c, enum sim_version version)
{
	uint64_t columns = 0;

	for (size_t i = 0; i < c->count; i++)
		if ((c->props[i]->versions & version) &&
		    !(c->props[i]->flags & (SIM_SELECT | SIM_WRITE_ONLY)))
			columns |= BIT(i);
	return columns;
}

void sim_view_prepare(struct sim_view *v)
{
	const struct sim_columns *c = &v->set->columns;
	uint64_t copied;

	v->projected = v->columns & c->varying[v->version == SIM_BETA][v->unknown_members];
	copied = v->columns & ~v->projected & ~v->nulls;
	v->run_count = 0;
	for (size_t i = 0; i < c->count; i++) {
		if (!(v->columns & BIT(i)))
			continue;
		if (!i || !(copied & BIT(i)) || !(copied & BIT(i - 1)))
			v->runs[v->run_count++].first = (uint8_t)i;
		v->runs[v->run_count - 1].last = (uint8_t)i;
	}
}

static void comma(struct w365_buf *out, size_t start)
{
	if (out->len > start)
		w365_buf_addc(out, ',');
}

static void member(const struct sim_view *v, const struct sim_item *item, size_t i,
		   struct w365_buf *out)
{
	const struct sim_columns *c = &v->set->columns;
	struct w365_span raw = sim_item_value(item, i);

	w365_buf_addc(out, '"');
	w365_buf_add(out, c->props[i]->name, c->key_len[i] - 3u);
	w365_buf_add(out, "\":", 2);
	if (v->nulls & BIT(i))
		w365_buf_add(out, "null", 4);
	else if (v->projected & BIT(i))
		sim_project(raw, c->props[i]->type, v->version, v->unknown_members, out);
	else
		w365_buf_add(out, raw.p, raw.len);
}

static void expanded(const struct sim_view *v, const struct sim_item *item, struct w365_buf *out)
{
	const struct sim_set *children = v->expand->set;
	const char *name = strrchr(children->resource->name, '/') + 1;
	bool some = false;
	char id[256];

	if (!sim_item_id(v->set, item, id))
		return;
	w365_buf_addf(out, "\"%s@odata.context\":\"%s('", name, v->context);
	w365_buf_add_url(out, id);
	w365_buf_addf(out, "')/%s\",\"%s\":[", name, name);
	for (size_t i = 0; i < children->count; i++) {
		const struct sim_item *one = children->items[i];

		if (!one->parent || !w365_streq(one->parent, id))
			continue;
		if (some)
			w365_buf_addc(out, ',');
		some = true;
		sim_view_item(v->expand, one, out);
	}
	w365_buf_addc(out, ']');
}

void sim_view_members(const struct sim_view *v, const struct sim_item *item, struct w365_buf *out)
{
	const struct sim_columns *c = &v->set->columns;
	size_t start = out->len;

	if (item->verbatim) {
		/* Without its braces: the caller has written one already. */
		const char *from = memchr(item->text, '{', item->len);
		const char *to = memrchr(item->text, '}', item->len);

		w365_buf_add(out, from + 1, (size_t)(to - from - 1));
		return;
	}
	for (unsigned r = 0; r < v->run_count; r++) {
		size_t first = v->runs[r].first, last = v->runs[r].last;

		if (first < last && !item->sparse) {
			uint32_t from = item->cells[first].at - c->key_len[first];
			uint32_t to = item->cells[last].at + item->cells[last].len;

			comma(out, start);
			w365_buf_add(out, item->text + from, to - from);
			continue;
		}
		for (size_t i = first; i <= last; i++) {
			if (!item->cells[i].len)
				continue;
			comma(out, start);
			member(v, item, i, out);
		}
	}
	if (item->extra_len && (item->touched || !v->selected)) {
		comma(out, start);
		w365_buf_add(out, item->text + item->extra_at, item->extra_len);
	}
	if (v->expand) {
		comma(out, start);
		expanded(v, item, out);
	}
}

void sim_view_item(const struct sim_view *v, const struct sim_item *item, struct w365_buf *out)
{
	w365_buf_addc(out, '{');
	sim_view_members(v, item, out);
	w365_buf_addc(out, '}');
}
