/* POST /_sim/item and /_sim/items: changes behind the clients' backs. */
#include <errno.h>

#include "base/macros.h"
#include "sim/hook.h"
#include "sim/json-text.h"
#include "sim/write.h"

static bool is_set(const struct sim_hook_call *h, const char *name)
{
	const char *value = sim_form_get(&h->form, name);

	return value && w365_streq(value, "1");
}

static int find_set(const struct sim_hook_call *h, struct sim_set **ret, struct w365_err *reterr)
{
	const char *name = sim_form_get(&h->form, "collection");
	const struct sim_resource *resource = name ? sim_resource_find(name) : NULL;

	if (!resource || w365_starts(name, "users/"))
		return w365_err_set(reterr, EINVAL, "there is no collection '%.100s'",
				    name ? name : "");
	*ret = sim_set_of(h->sim, resource);
	return *ret ? 0 : w365_err_oom(reterr);
}

static int find_position(const struct sim_hook_call *h, struct sim_set *set, size_t *ret,
			 struct w365_err *reterr)
{
	const char *id = sim_form_get(&h->form, "id");
	ptrdiff_t at;

	if (!id && !set->resource->singleton)
		return w365_err_set(reterr, EINVAL, "id= is missing");
	at = id ? sim_set_find(set, id, sim_form_get(&h->form, "parent"))
		: (ptrdiff_t)set->count - 1;
	if (at < 0)
		return w365_err_set(reterr, EINVAL, "'%s' has no item '%.100s'",
				    set->resource->name, id ? id : "");
	*ret = (size_t)at;
	return 0;
}

static int create(const struct sim_hook_call *h, struct sim_set *set, struct w365_err *reterr)
{
	const char *parent = sim_form_get(&h->form, "parent");
	struct sim_item *item;
	int r = sim_item_verbatim(set, h->body, &item, reterr);

	if (r < 0)
		return r;
	if (parent)
		item->parent = w365_arena_dup(&set->arena, parent, strlen(parent));
	return (!parent || item->parent) && sim_set_add(set, item) ? 0 : w365_err_oom(reterr);
}

/* The unknown members of the item that the change does not mention, then those of the change. */
static int merge_extra(struct sim_row *row, const struct w365_json *change, struct w365_err *reterr)
{
	_cleanup_(w365_json_done) struct w365_json old = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	const struct w365_json *const both[] = { &old, change };
	bool some = false;
	int r;

	w365_buf_addf(&text, "{%s}", w365_buf_str(&row->extra));
	if (text.failed)
		return w365_err_oom(reterr);
	r = w365_json_parse(&old, text.data, text.len, NULL, reterr);
	if (r < 0)
		return r;
	w365_buf_reset(&row->extra);
	for (size_t k = 0; k < ARRAY_SIZE(both); k++) {
		const struct w365_json *j = both[k];

		W365_JSON_EACH (j, 0, i) {
			struct w365_span key = sim_json_key_of(j, i), value = sim_json_text(j, i);
			char name[128];

			snprintf(name, sizeof(name), "%.*s", (int)MIN(key.len, sizeof(name) - 1),
				 key.p);
			if (sim_column_find(&row->set->columns, key) >= 0 ||
			    (j == &old && w365_json_get(change, 0, name)))
				continue;
			if (some)
				w365_buf_addc(&row->extra, ',');
			some = true;
			w365_buf_add(&row->extra, key.p - 1,
				     (size_t)(value.p + value.len - key.p) + 1);
		}
	}
	return 0;
}

int sim_item_merge(struct sim *s, struct sim_set *set, size_t position, struct w365_span json,
		   struct w365_err *reterr)
{
	_cleanup_(sim_row_done) struct sim_row row;
	_cleanup_(w365_json_done) struct w365_json change = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	const struct sim_item *old = set->items[position];
	struct sim_item *item;
	bool dated = false;
	int r;

	sim_row_init(&row, set);
	w365_buf_add(&text, json.p, json.len);
	if (text.failed)
		return w365_err_oom(reterr);
	r = w365_json_parse(&change, text.data, text.len, NULL, reterr);
	if (r < 0)
		return r;
	if (change.nodes[0].kind != W365_JSON_IS_OBJECT)
		return w365_err_set(reterr, EINVAL, "a JSON object is expected");

	sim_row_load(&row, old);
	W365_JSON_EACH (&change, 0, i) {
		struct w365_span key = sim_json_key_of(&change, i);
		int column = sim_column_find(&set->columns, key);

		if (column >= 0)
			sim_row_raw(&row, set->columns.props[column]->name,
				    sim_json_text(&change, i));
		dated |= w365_span_is(key, "lastModifiedDateTime");
	}
	if (!dated)
		sim_row_stamp(s, &row, old);
	r = merge_extra(&row, &change, reterr);
	if (r < 0)
		return r;
	item = sim_row_finish(&row);
	if (!item)
		return w365_err_oom(reterr);
	item->touched = true;
	sim_set_replace(set, position, item);
	sim_set_changed(set); /* its id may be another */
	return 0;
}

int sim_hook_item(struct sim_hook_call *h, struct w365_err *reterr)
{
	bool creates = is_set(h, "create"), deletes = is_set(h, "delete");
	struct sim_set *set;
	size_t position = 0;
	int r = find_set(h, &set, reterr);

	if (r < 0)
		return r;
	if (creates && deletes)
		return w365_err_set(reterr, EINVAL, "create and delete exclude each other");
	if (deletes == (h->body.len > 0))
		return w365_err_set(reterr, EINVAL,
				    deletes ? "delete takes no body"
					    : "a body with a JSON object is missing");
	if (creates)
		return create(h, set, reterr);
	r = find_position(h, set, &position, reterr);
	if (r < 0)
		return r;
	if (!deletes)
		return sim_item_merge(h->sim, set, position, h->body, reterr);
	sim_set_remove(set, position);
	return 0;
}

int sim_hook_items(struct sim_hook_call *h, struct w365_err *reterr)
{
	struct sim_set *set;
	uint64_t keep;
	int r = find_set(h, &set, reterr);

	if (r == 0)
		r = sim_hook_number(h, "keep", &keep, reterr);
	if (r == 0)
		sim_set_truncate(set, (size_t)keep);
	return r;
}
