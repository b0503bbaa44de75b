#include "sim/store.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"

static void add_column(struct sim_columns *c, const struct sim_prop *prop)
{
	if (prop->flags & SIM_NAV)
		return;
	if (c->count == SIM_MAX_COLUMNS)
		abort(); /* a mistake in graph.api, seen at the first start */
	c->key_len[c->count] = (uint16_t)(strlen(prop->name) + 3);
	c->props[c->count++] = prop;
}

static void add_own_columns(struct sim_columns *c, const struct sim_type *type)
{
	for (size_t i = 0; i < type->prop_count; i++)
		add_column(c, &type->props[i]);
}

static void columns_init(struct sim_columns *c, const struct sim_type *type)
{
	static struct sim_prop odata_type = { "@odata.type", NULL, false, SIM_V1 | SIM_BETA,
					      SIM_READ_ONLY };

	*c = (struct sim_columns){ .type = type };
	for (size_t i = 0; i < sim_type_count; i++)
		c->polymorphic |= sim_types[i]->base == type;
	if (c->polymorphic) {
		odata_type.type = sim_type_find(W365_SPAN("String"));
		add_column(c, &odata_type);
	}
	if (type->base)
		add_own_columns(c, type->base);
	add_own_columns(c, type);
	for (size_t i = 0; i < sim_type_count; i++)
		if (sim_types[i]->base == type)
			add_own_columns(c, sim_types[i]);

	for (size_t i = 0; i < c->count; i++)
		for (unsigned beta = 0; beta < 2; beta++)
			for (unsigned unknown = 0; unknown < 2; unknown++)
				if (sim_type_varies(c->props[i]->type, beta ? SIM_BETA : SIM_V1,
						    unknown))
					c->varying[beta][unknown] |= (uint64_t)1 << i;
}

int sim_column_find(const struct sim_columns *c, struct w365_span name)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->key_len[i] == name.len + 3 &&
		    memcmp(c->props[i]->name, name.p, name.len) == 0)
			return (int)i;
	return -1;
}

void sim_set_init(struct sim_set *s, const struct sim_resource *resource)
{
	*s = (struct sim_set){ .resource = resource };
	columns_init(&s->columns, resource->type);
}

void sim_set_done(struct sim_set *s)
{
	sim_set_changed(s);
	free(s->items);
	w365_arena_done(&s->arena);
	s->items = NULL;
	s->count = s->cap = 0;
	s->built = false;
}

bool sim_set_add(struct sim_set *s, struct sim_item *item)
{
	if (s->count == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		void *items = reallocarray(s->items, cap, sizeof(*s->items));

		if (!items)
			return false;
		s->items = items;
		s->cap = cap;
	}
	s->items[s->count++] = item;
	sim_set_changed(s);
	return true;
}

bool sim_set_add_first(struct sim_set *s, struct sim_item *item)
{
	if (!sim_set_add(s, item))
		return false;
	memmove(s->items + 1, s->items, (s->count - 1) * sizeof(*s->items));
	s->items[0] = item;
	return true;
}

void sim_set_remove(struct sim_set *s, size_t position)
{
	s->count--;
	memmove(s->items + position, s->items + position + 1,
		(s->count - position) * sizeof(*s->items));
	sim_set_changed(s);
}

void sim_set_replace(struct sim_set *s, size_t position, struct sim_item *item)
{
	const struct sim_item *old = s->items[position];

	item->parent = old->parent;
	item->touched |= old->touched;
	s->items[position] = item;
	s->changes++;
}

void sim_set_truncate(struct sim_set *s, size_t keep)
{
	s->count = MIN(s->count, keep);
	sim_set_changed(s);
}

void sim_set_changed(struct sim_set *s)
{
	free(s->index);
	s->index = NULL;
	s->index_size = 0;
	s->changes++;
}

bool sim_item_id(const struct sim_set *s, const struct sim_item *item, char buf[256])
{
	int column = sim_column_find(&s->columns, W365_SPAN("id"));
	struct w365_span raw;

	if (column < 0)
		return false;
	raw = sim_item_value(item, (size_t)column);
	if (raw.len < 2 || raw.p[0] != '"' || raw.len - 2 > 255)
		return false;
	if (memchr(raw.p, '\\', raw.len)) {
		_cleanup_(w365_buf_done) struct w365_buf b = W365_BUF;

		w365_json_decode(&b, (struct w365_span){ raw.p + 1, raw.len - 2 });
		if (b.failed || b.len > 255)
			return false;
		memcpy(buf, w365_buf_str(&b), b.len + 1);
		return true;
	}
	memcpy(buf, raw.p + 1, raw.len - 2);
	buf[raw.len - 2] = '\0';
	return true;
}

static size_t slot(const struct sim_set *s, const char *id)
{
	return w365_hash(id, strlen(id), 0) & (s->index_size - 1);
}

static bool make_index(struct sim_set *s)
{
	size_t size = 64;
	char id[256];

	while (size < s->count * 2)
		size *= 2;
	s->index = malloc(size * sizeof(*s->index));
	if (!s->index)
		return false;
	memset(s->index, 0xff, size * sizeof(*s->index));
	s->index_size = size;
	for (size_t i = 0; i < s->count; i++) {
		if (!sim_item_id(s, s->items[i], id))
			continue;
		for (size_t at = slot(s, id);; at = (at + 1) & (size - 1)) {
			if (s->index[at] != UINT32_MAX)
				continue;
			s->index[at] = (uint32_t)i;
			break;
		}
	}
	return true;
}

ptrdiff_t sim_set_find(struct sim_set *s, const char *id, const char *parent)
{
	ptrdiff_t found = -1;
	char other[256];

	if (!s->index && !make_index(s))
		return -1;
	for (size_t at = slot(s, id); s->index[at] != UINT32_MAX;
	     at = (at + 1) & (s->index_size - 1)) {
		ptrdiff_t i = s->index[at];
		const struct sim_item *item = s->items[i];

		if (i > found && sim_item_id(s, item, other) && w365_streq(id, other) &&
		    (!parent || (item->parent && w365_streq(item->parent, parent))))
			found = i;
	}
	return found;
}
