#include "sim/filter-tree.h"
#include "sim/filter.h"
#include "sim/json-text.h"

/* The JSON text behind a path; empty if the item has none. */
static struct w365_span path_text(struct sim_filter *f, const struct sim_operand *o,
				  const struct sim_item *item)
{
	const struct w365_span none = { "", 0 };
	const struct sim_cell *cell = &item->cells[o->column];
	struct w365_json *j = &f->json;
	uint32_t at = 0;
	size_t used;

	if (!cell->len || !o->depth)
		return sim_item_value(item, o->column);
	if (w365_json_parse(j, item->text + cell->at, item->len - cell->at, &used, NULL) < 0)
		return none;
	for (unsigned i = 0; i < o->depth; i++) {
		at = w365_json_get(j, at, o->path[i]->name);
		if (!at)
			return none;
	}
	return sim_json_text(j, at);
}

static struct sim_value operand_value(struct sim_filter *f, const struct sim_operand *o,
				      const struct sim_item *item, struct w365_buf *scratch)
{
	struct sim_value v =
		o->is_path ? sim_value_read(path_text(f, o, item), o->kind, scratch) : o->literal;

	if (o->lower)
		sim_value_lower(&v, scratch);
	return v;
}

static bool equal(const struct sim_value *a, const struct sim_value *b)
{
	return a->kind == b->kind && (a->kind == SIM_V_NULL || sim_value_compare(a, b) == 0);
}

static bool relation(enum sim_filter_op op, const struct sim_value *a, const struct sim_value *b)
{
	if (op == SIM_F_EQ)
		return equal(a, b);
	if (op == SIM_F_NE)
		return !equal(a, b);
	if (a->kind == SIM_V_NULL || b->kind == SIM_V_NULL)
		return false;
	switch (op) {
	case SIM_F_GT: return sim_value_compare(a, b) > 0;
	case SIM_F_GE: return sim_value_compare(a, b) >= 0;
	case SIM_F_LT: return sim_value_compare(a, b) < 0;
	default: return sim_value_compare(a, b) <= 0;
	}
}

/* A collection against one value: is any element equal? */
static bool any_equal(struct sim_filter *f, const struct sim_operand *many,
		      const struct sim_value *one, const struct sim_item *item)
{
	struct w365_span raw = path_text(f, many, item);
	size_t left = (size_t)(item->text + item->len - raw.p), used;
	bool found = false;

	if (!raw.len || w365_json_parse(&f->json, raw.p, left, &used, NULL) < 0)
		return false;
	W365_JSON_EACH (&f->json, 0, i) {
		struct sim_value v =
			sim_value_read(sim_json_text(&f->json, i), many->kind, &f->scratch[0]);

		found |= equal(&v, one);
	}
	return found;
}

static bool string_relation(enum sim_filter_op op, const struct sim_value *a,
			    const struct sim_value *b)
{
	if (a->kind == SIM_V_NULL || b->kind == SIM_V_NULL || b->text.len > a->text.len)
		return false;
	switch (op) {
	case SIM_F_STARTSWITH: return memcmp(a->text.p, b->text.p, b->text.len) == 0;
	case SIM_F_ENDSWITH:
		return memcmp(a->text.p + a->text.len - b->text.len, b->text.p, b->text.len) == 0;
	default: return memmem(a->text.p, a->text.len, b->text.p, b->text.len) != NULL;
	}
}

static bool in_list(const struct sim_filter *f, const struct sim_filter_node *n,
		    const struct sim_value *v)
{
	for (unsigned i = 0; i < n->list_count; i++)
		if (equal(v, &f->values[n->list + i]))
			return true;
	return false;
}

static bool holds(struct sim_filter *f, uint8_t i, const struct sim_item *item)
{
	const struct sim_filter_node *n = &f->nodes[i];
	struct sim_value a, b;

	switch (n->op) {
	case SIM_F_OR: return holds(f, n->left, item) || holds(f, n->right, item);
	case SIM_F_AND: return holds(f, n->left, item) && holds(f, n->right, item);
	case SIM_F_NOT: return !holds(f, n->left, item);
	case SIM_F_TRUTH:
		a = operand_value(f, &n->a, item, &f->scratch[0]);
		return a.kind == SIM_V_BOOL && a.number != 0;
	case SIM_F_IN: a = operand_value(f, &n->a, item, &f->scratch[0]); return in_list(f, n, &a);
	default: break;
	}
	if (n->a.collection || n->b.collection) {
		const struct sim_operand *many = n->a.collection ? &n->a : &n->b;

		b = operand_value(f, many == &n->a ? &n->b : &n->a, item, &f->scratch[1]);
		return any_equal(f, many, &b, item) == (n->op == SIM_F_EQ);
	}
	a = operand_value(f, &n->a, item, &f->scratch[0]);
	b = operand_value(f, &n->b, item, &f->scratch[1]);
	return n->op >= SIM_F_CONTAINS ? string_relation(n->op, &a, &b) : relation(n->op, &a, &b);
}

bool sim_filter_matches(struct sim_filter *f, const struct sim_item *item)
{
	return holds(f, f->root, item);
}

bool sim_filter_is_plain(const struct sim_filter *f)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct sim_filter_node *n = &f->nodes[i];

		if (n->op == SIM_F_NOT || n->op == SIM_F_TRUTH || n->op == SIM_F_NE ||
		    n->op >= SIM_F_IN || n->a.lower || n->b.lower)
			return false;
	}
	return true;
}
