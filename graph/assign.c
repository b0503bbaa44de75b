#include "graph/assign.h"
#include "base/macros.h"
#include "graph/json-same.h"
#include "graph/send.h"
#include "graph/text.h"

#include <errno.h>
#include <stdlib.h>

#define NAMED 3 /* groups in a sentence */

const struct graph_property *graph_assign_property(const struct graph_type *t,
						   const struct graph_operation *assign,
						   enum graph_version version)
{
	const char *name = assign && assign->n_parameters ? assign->parameters[0].name : NULL;

	return name ? graph_property_find(t, name, strlen(name), version) : NULL;
}

void graph_assign_done(struct graph_assignments *a)
{
	w365_buf_done(&a->body);
	w365_buf_done(&a->canon);
	w365_buf_done(&a->whom);
	w365_json_done(&a->j);
	free(a->all);
	*a = (struct graph_assignments){ 0 };
}

static int compare(struct w365_span a, struct w365_span b)
{
	int r = memcmp(a.p, b.p, MIN(a.len, b.len));

	return r ? r : (a.len > b.len) - (a.len < b.len);
}

/* ---- reading ---- */

static bool is_id(struct w365_span key)
{
	return key.len >= 2 && memcmp(key.p + key.len - 2, "Id", 2) == 0;
}

/* Appends whom an assignment is for: the ids in it, and of what type its target is. What else a
 * target has (how many licences, a name for them) may change without anybody losing anything. */
static void add_whom(const struct w365_json *j, uint32_t obj, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;

	W365_JSON_EACH (j, obj, i) {
		struct w365_span key = graph_json_key(j, i, &spare);
		struct w365_span value = w365_json_raw(j, i);

		if (j->nodes[i].kind == W365_JSON_IS_OBJECT)
			add_whom(j, i, out);
		else if (is_id(key) || w365_span_is(key, GRAPH_ODATA_TYPE))
			w365_buf_addf(out, "%.*s=%.*s\n", (int)key.len, key.p, (int)value.len,
				      value.p);
	}
}

static int by_meaning(const void *pa, const void *pb)
{
	const struct graph_assigned *a = pa, *b = pb;

	return compare(a->means, b->means);
}

static int collect(struct graph_assignments *a)
{
	size_t n = 0;

	W365_JSON_EACH (&a->j, 0, i)
		n++;
	a->all = reallocarray(NULL, n ? n : 1, sizeof(*a->all));
	if (!a->all)
		return -ENOMEM;
	n = 0;
	W365_JSON_EACH (&a->j, 0, i) {
		struct graph_assigned *e = &a->all[n++];

		*e = (struct graph_assigned){ .node = i, .whom = a->whom.len };
		e->means = w365_json_raw(&a->j, i);
		if (a->j.nodes[i].kind == W365_JSON_IS_OBJECT)
			add_whom(&a->j, i, &a->whom);
		e->whom_len = a->whom.len - e->whom;
	}
	qsort(a->all, n, sizeof(*a->all), by_meaning);
	for (size_t i = 0; i < n; i++)
		if (!a->n || by_meaning(&a->all[i], &a->all[a->n - 1]) != 0)
			a->all[a->n++] = a->all[i];
	return a->whom.failed ? -ENOMEM : 0;
}

int graph_assign_read(struct graph_assignments *a, const struct w365_json *j, uint32_t i,
		      const struct graph_property *p, enum graph_version version,
		      struct w365_err *reterr)
{
	_cleanup_(w365_json_done) struct w365_json sent = { 0 };
	struct graph_send send = { .text = j, .version = version, .fresh = true };
	bool some = false;

	a->known = i != 0;
	w365_buf_addc(&a->body, '{');
	graph_send_key(&a->body, &some, p->name, p->name_len);
	if (i && j->nodes[i].kind == W365_JSON_IS_ARRAY)
		graph_send_value(&send, i, p->value.type, &a->body);
	else
		w365_buf_adds(&a->body, "[]");
	w365_buf_addc(&a->body, '}');
	if (a->body.failed || w365_json_parse(&sent, a->body.data, a->body.len, NULL, NULL) < 0)
		return w365_err_oom(reterr);
	graph_json_canon(&sent, 1, &a->canon);
	if (a->canon.failed ||
	    w365_json_parse(&a->j, a->canon.data, a->canon.len, NULL, NULL) < 0 || collect(a) < 0)
		return w365_err_oom(reterr);
	return 0;
}

/* ---- comparing ---- */

bool graph_assign_same(const struct graph_assignments *a, const struct graph_assignments *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (by_meaning(&a->all[i], &b->all[i]) != 0)
			return false;
	return true;
}

int graph_assign_check(const struct graph_check *c, const struct graph_property *p, uint32_t i,
		       const struct graph_assignments *a, const struct graph_assignments *base)
{
	struct graph_value element = p->value;
	uint32_t own = 1;
	int r;

	if (c->text->nodes[i].kind != W365_JSON_IS_ARRAY)
		return graph_check_value(c, &p->value, true, i, 0);
	element.array = false;
	W365_JSON_EACH (c->text, i, child) {
		struct graph_assigned e = { .means = w365_json_raw(&a->j, own) };

		own = a->j.nodes[own].next;
		if (base && bsearch(&e, base->all, base->n, sizeof(e), by_meaning))
			continue;
		r = graph_check_value(c, &element, false, child, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- who is left out ---- */

static struct w365_span whom(const struct graph_assignments *a, const struct graph_assigned *e)
{
	return (struct w365_span){ w365_buf_str(&a->whom) + e->whom, e->whom_len };
}

/* The node of the first id in an assignment; 0 if there is none. */
static uint32_t first_id(const struct w365_json *j, uint32_t obj)
{
	W365_JSON_EACH (j, obj, i) {
		struct w365_span key = { j->text + j->nodes[i].key, j->nodes[i].key_len };
		uint32_t found = 0;

		if (j->nodes[i].kind == W365_JSON_IS_OBJECT)
			found = first_id(j, i);
		else if (j->nodes[i].kind == W365_JSON_IS_STRING && is_id(key))
			found = i;
		if (found)
			return found;
	}
	return 0;
}

static int by_span(const void *a, const void *b)
{
	return compare(*(const struct w365_span *)a, *(const struct w365_span *)b);
}

int graph_assign_lost(const struct graph_assignments *before, const struct graph_assignments *after,
		      struct w365_buf *names)
{
	_cleanup_(w365_freep) struct w365_span *sorted = NULL;
	int lost = 0;

	sorted = reallocarray(NULL, after->n ? after->n : 1, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < after->n; i++)
		sorted[i] = whom(after, &after->all[i]);
	qsort(sorted, after->n, sizeof(*sorted), by_span);
	for (size_t i = 0; i < before->n; i++) {
		struct w365_span w = whom(before, &before->all[i]), id;
		uint32_t node;

		if (bsearch(&w, sorted, after->n, sizeof(w), by_span))
			continue;
		node = first_id(&before->j, before->all[i].node);
		id = node ? w365_json_raw(&before->j, node) : W365_SPAN("without an id");
		if (++lost <= NAMED)
			w365_buf_addf(names, "%s%.*s", lost > 1 ? ", " : "", (int)MIN(id.len, 64u),
				      id.p);
	}
	if (lost > NAMED)
		w365_buf_addf(names, " and %d more", lost - NAMED);
	return names->failed ? -ENOMEM : lost;
}
