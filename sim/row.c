#include "sim/row.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/json-text.h"

void sim_row_init(struct sim_row *r, struct sim_set *set)
{
	*r = (struct sim_row){ .set = set };
	sim_row_begin(r, set->columns.type);
}

void sim_row_done(struct sim_row *r)
{
	w365_buf_done(&r->values);
	w365_buf_done(&r->extra);
}

void sim_row_begin(struct sim_row *r, const struct sim_type *type)
{
	r->type = type;
	r->open = -1;
	r->cursor = 0;
	memset(r->cells, 0, sizeof(r->cells));
	w365_buf_reset(&r->values);
	w365_buf_reset(&r->extra);
	r->extra_json = (struct w365_jw){ .out = &r->extra, .compact = true };
}

static size_t column(struct sim_row *r, const char *name)
{
	const struct sim_columns *c = &r->set->columns;

	for (size_t n = 0; n < c->count; n++, r->cursor = (r->cursor + 1) % c->count)
		if (w365_streq(c->props[r->cursor]->name, name))
			return r->cursor;
	fprintf(stderr, "w365sim: %s has no property %s\n", c->type->name, name);
	abort();
}

static void close_value(struct sim_row *r)
{
	if (r->open >= 0)
		r->cells[r->open].len = (uint32_t)r->values.len - r->cells[r->open].at;
	r->open = -1;
}

struct w365_jw *sim_row_value(struct sim_row *r, const char *name)
{
	close_value(r);
	r->open = (int)column(r, name);
	r->cells[r->open].at = (uint32_t)r->values.len;
	r->json = (struct w365_jw){ .out = &r->values, .compact = true };
	return &r->json;
}

void sim_row_str(struct sim_row *r, const char *name, const char *s)
{
	w365_jw_str(sim_row_value(r, name), s);
}

void sim_row_int(struct sim_row *r, const char *name, int64_t v)
{
	w365_jw_int(sim_row_value(r, name), v);
}

void sim_row_bool(struct sim_row *r, const char *name, bool v)
{
	w365_jw_bool(sim_row_value(r, name), v);
}

void sim_row_null(struct sim_row *r, const char *name)
{
	w365_jw_raw(sim_row_value(r, name), "null");
}

void sim_row_time(struct sim_row *r, const char *name, time_t t)
{
	char text[W365_TIME_MAX];

	w365_jw_str(sim_row_value(r, name), w365_time_format(t, text));
}

void sim_row_raw(struct sim_row *r, const char *name, struct w365_span json)
{
	w365_buf_add(sim_row_value(r, name)->out, json.p, json.len);
}

struct w365_span sim_row_get(struct sim_row *r, const char *name)
{
	size_t i = column(r, name);

	close_value(r);
	return (struct w365_span){ r->values.data + r->cells[i].at, r->cells[i].len };
}

struct w365_jw *sim_row_extra(struct sim_row *r)
{
	return &r->extra_json;
}

/* The members of a verbatim item that are no columns, as they stand in its text. */
static void load_extra(struct sim_row *r, const struct sim_item *item)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };

	if (w365_json_parse(&j, item->text, item->len, NULL, NULL) < 0)
		return;
	W365_JSON_EACH (&j, 0, i) {
		struct w365_span key = sim_json_key_of(&j, i), value = sim_json_text(&j, i);

		if (sim_column_find(&r->set->columns, key) >= 0)
			continue;
		if (r->extra.len)
			w365_buf_addc(&r->extra, ',');
		w365_buf_add(&r->extra, key.p - 1, (size_t)(value.p + value.len - key.p) + 1);
	}
}

void sim_row_load(struct sim_row *r, const struct sim_item *item)
{
	const struct sim_columns *c = &r->set->columns;

	/* No type: what the item lacks stays absent, whichever derived type it is of. */
	sim_row_begin(r, NULL);
	for (size_t i = 0; i < c->count; i++)
		if (item->cells[i].len)
			sim_row_raw(r, c->props[i]->name, sim_item_value(item, i));
	if (item->verbatim)
		load_extra(r, item);
	else
		w365_buf_add(&r->extra, item->text + item->extra_at, item->extra_len);
	r->extra_json.some = r->extra.len > 0;
}

/* Does an item of this row's type have the property? */
static bool belongs(const struct sim_row *r, const struct sim_prop *prop)
{
	for (const struct sim_type *t = r->type; t; t = t->base)
		if (prop >= t->props && prop < t->props + t->prop_count)
			return true;
	return false;
}

struct sim_item *sim_row_finish(struct sim_row *r)
{
	const struct sim_columns *c = &r->set->columns;
	size_t size = sizeof(struct sim_item) + c->count * sizeof(struct sim_cell);
	struct sim_item *item = w365_arena_alloc(&r->set->arena, size, _Alignof(struct sim_item));
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	close_value(r);
	if (!item)
		return NULL;
	memset(item, 0, size);
	w365_buf_room(&text, r->values.len + r->extra.len + c->count * 32);
	for (size_t i = 0; i < c->count; i++) {
		struct sim_cell cell = r->cells[i];

		if (!cell.len && !belongs(r, c->props[i])) {
			item->sparse = true;
			continue;
		}
		if (text.len)
			w365_buf_addc(&text, ',');
		w365_buf_addc(&text, '"');
		w365_buf_add(&text, c->props[i]->name, c->key_len[i] - 3u);
		w365_buf_add(&text, "\":", 2);
		item->cells[i].at = (uint32_t)text.len;
		if (cell.len)
			w365_buf_add(&text, r->values.data + cell.at, cell.len);
		else
			w365_buf_adds(&text, c->props[i]->collection ? "[]" : "null");
		item->cells[i].len = (uint32_t)text.len - item->cells[i].at;
	}
	if (r->extra.len) {
		if (text.len)
			w365_buf_addc(&text, ',');
		item->extra_at = (uint32_t)text.len;
		item->extra_len = (uint32_t)r->extra.len;
		w365_buf_add(&text, r->extra.data, r->extra.len);
	}
	if (text.failed || r->values.failed || r->extra.failed)
		return NULL;
	item->len = (uint32_t)text.len;
	item->text = w365_arena_dup(&r->set->arena, text.data, text.len);
	return item->text ? item : NULL;
}

bool sim_row_add(struct sim_row *r, const char *parent)
{
	struct sim_item *item = sim_row_finish(r);

	if (!item)
		return false;
	if (parent) {
		item->parent = w365_arena_dup(&r->set->arena, parent, strlen(parent));
		if (!item->parent)
			return false;
	}
	return sim_set_add(r->set, item);
}

int sim_item_verbatim(struct sim_set *set, struct w365_span text, struct sim_item **ret,
		      struct w365_err *reterr)
{
	const struct sim_columns *c = &set->columns;
	size_t size = sizeof(struct sim_item) + c->count * sizeof(struct sim_cell);
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	struct sim_item *item;
	char *copy;
	int r;

	copy = w365_arena_dup(&set->arena, text.p, text.len);
	item = w365_arena_alloc(&set->arena, size, _Alignof(struct sim_item));
	if (!copy || !item)
		return w365_err_oom(reterr);
	memset(item, 0, size);
	r = w365_json_parse(&j, copy, text.len, NULL, reterr);
	if (r < 0)
		return r;
	if (j.nodes[0].kind != W365_JSON_IS_OBJECT)
		return w365_err_set(reterr, EINVAL, "a JSON object is expected");

	W365_JSON_EACH (&j, 0, i) {
		int column = sim_column_find(c, sim_json_key_of(&j, i));
		struct w365_span value = sim_json_text(&j, i);

		if (column >= 0)
			item->cells[column] = (struct sim_cell){ (uint32_t)(value.p - copy),
								 (uint32_t)value.len };
	}
	item->text = copy;
	item->len = (uint32_t)text.len;
	item->verbatim = true;
	*ret = item;
	return 0;
}
