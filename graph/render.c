#include "graph/render.h"
#include "base/json-write.h"
#include "base/macros.h"

#include <stdlib.h>

#define REMEMBERED 64 /* keys of an object whose order is learnt; further ones are searched for */
#define UNKNOWN    0xff

_Static_assert(GRAPH_PROPERTIES_MAX < UNKNOWN, "a property's index fits into a byte");

/* By type: which property each key of the object before was. A service writes its keys in one
 * order, so that the guess is nearly always right, and costs one comparison. */
struct order {
	uint8_t property[REMEMBERED];
};

struct graph_render {
	enum graph_version version;
	struct w365_buf scratch, key;
	struct order *orders[]; /* by graph_type.index; made when first needed */
};

struct graph_render *graph_render_new(enum graph_version version)
{
	struct graph_render *r = calloc(1, sizeof(*r) + graph_n_types * sizeof(r->orders[0]));

	if (r)
		r->version = version;
	return r;
}

struct graph_render *graph_render_free(struct graph_render *r)
{
	if (r) {
		for (unsigned i = 0; i < graph_n_types; i++)
			free(r->orders[i]);
		w365_buf_done(&r->scratch);
		w365_buf_done(&r->key);
		free(r);
	}
	return NULL;
}

/* The node's key as a string. Valid until the next one that is written with escapes. */
static struct w365_span key_of(struct graph_render *r, const struct w365_json *j, uint32_t i)
{
	struct w365_span key = { j->text + j->nodes[i].key, j->nodes[i].key_len };

	if (j->nodes[i].key_plain || !memchr(key.p, '\\', key.len))
		return key;
	w365_buf_reset(&r->key);
	w365_json_decode(&r->key, key);
	return (struct w365_span){ w365_buf_str(&r->key), r->key.len };
}

static bool is_annotation(struct w365_span key)
{
	const char *at = memchr(key.p, '@', key.len);

	return at && (size_t)(key.p + key.len - at) >= 7 && memcmp(at, "@odata.", 7) == 0;
}

static bool property_is(const struct graph_render *r, const struct graph_property *p,
			struct w365_span key)
{
	return (p->versions & r->version) && strncmp(p->name, key.p, key.len) == 0 &&
	       !p->name[key.len];
}

/* The index of the property that the @nth key of an object of type @t names, or UNKNOWN. */
static unsigned property_of(struct graph_render *r, const struct graph_type *t,
			    struct w365_span key, unsigned nth)
{
	struct order *o = r->orders[t->index];
	unsigned guess = o && nth < REMEMBERED ? o->property[nth] : UNKNOWN;

	if (guess < t->n_properties && property_is(r, &t->properties[guess], key))
		return guess;
	for (unsigned k = 0; k < t->n_properties; k++) {
		if (!property_is(r, &t->properties[k], key))
			continue;
		if (!o)
			o = r->orders[t->index] = calloc(1, sizeof(*o));
		if (o && nth < REMEMBERED)
			o->property[nth] = (uint8_t)k;
		return k;
	}
	return UNKNOWN;
}

static void scalar(struct graph_render *r, const struct w365_json *j, uint32_t i, struct w365_jw *w)
{
	const struct w365_json_node *n = &j->nodes[i];
	struct w365_span raw = w365_json_raw(j, i);

	if (n->kind != W365_JSON_IS_STRING) {
		w365_jw_raw(w, raw.p, raw.len);
	} else if (n->val_plain) {
		w365_jw_plain(w, raw.p, raw.len);
	} else if (!memchr(raw.p, '\\', raw.len)) {
		w365_jw_strn(w, raw.p, raw.len);
	} else {
		w365_buf_reset(&r->scratch);
		w365_json_decode(&r->scratch, raw);
		w365_jw_strn(w, w365_buf_str(&r->scratch), r->scratch.len);
	}
}

static void write_key(struct graph_render *r, const struct w365_json *j, uint32_t i,
		      struct w365_jw *w)
{
	struct w365_span key = key_of(r, j, i);

	if (j->nodes[i].key_plain)
		w365_jw_key_raw(w, key.p, key.len);
	else
		w365_jw_key_n(w, key.p, key.len);
}

static void object(struct graph_render *r, const struct w365_json *j, uint32_t i,
		   const struct graph_type *t, struct w365_jw *w);

static void value(struct graph_render *r, const struct w365_json *j, uint32_t i,
		  const struct graph_type *t, struct w365_jw *w)
{
	switch (j->nodes[i].kind) {
	case W365_JSON_IS_OBJECT: object(r, j, i, t, w); break;
	case W365_JSON_IS_ARRAY:
		w365_jw_open(w, '[');
		W365_JSON_EACH (j, i, child)
			value(r, j, child, t, w);
		w365_jw_close(w, ']');
		break;
	default: scalar(r, j, i, w); break;
	}
}

/* A key that comes again later in the same object, perhaps spelled otherwise: the last one counts.
 */
static bool comes_again(struct graph_render *r, const struct w365_json *j, uint32_t parent,
			uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf key = W365_BUF;
	struct w365_span first = key_of(r, j, i);

	w365_buf_add(&key, first.p, first.len);
	for (uint32_t k = j->nodes[i].next; k < j->nodes[parent].next; k = j->nodes[k].next) {
		struct w365_span other = key_of(r, j, k);

		if (other.len == key.len && memcmp(other.p, w365_buf_str(&key), key.len) == 0)
			return true;
	}
	return false;
}

/* The type that the object says to be of, if that refines the declared one. */
static const struct graph_type *actual_type(const struct w365_json *j, uint32_t odata_type,
					    const struct graph_type *t)
{
	struct w365_span name = w365_json_raw(j, odata_type);
	const struct graph_type *said = graph_type_find(name.p, name.len);

	return said && graph_type_is(said, t) ? said : t;
}

static void object(struct graph_render *r, const struct w365_json *j, uint32_t i,
		   const struct graph_type *t, struct w365_jw *w)
{
	uint32_t members[GRAPH_PROPERTIES_MAX] = {
		0
	}; /* by property; a node is never 0 below another one */
	uint32_t odata_type = 0;
	unsigned nth = 0, unknown = 0;

	/* Where the catalogue does not know the type, what the service says of it is worth keeping.
	 */
	if (!t || graph_type_polymorphic(t))
		odata_type = w365_json_get(j, i, "@odata.type");
	if (odata_type && t)
		t = actual_type(j, odata_type, t);

	w365_jw_open(w, '{');
	if (odata_type) {
		write_key(r, j, odata_type, w);
		scalar(r, j, odata_type, w);
	}
	W365_JSON_EACH (j, i, child) {
		struct w365_span key = key_of(r, j, child);
		unsigned k = t ? property_of(r, t, key, nth) : UNKNOWN;

		nth++;
		if (k != UNKNOWN)
			members[k] = child;
		else if (!is_annotation(key))
			unknown++;
	}
	for (unsigned k = 0; t && k < t->n_properties; k++) {
		if (!members[k])
			continue;
		write_key(r, j, members[k], w);
		value(r, j, members[k], t->properties[k].value.type, w);
	}
	nth = 0;
	W365_JSON_EACH (j, i, child) {
		struct w365_span key = key_of(r, j, child);

		if (!unknown)
			break;
		if ((t && property_of(r, t, key, nth++) != UNKNOWN) || is_annotation(key))
			continue;
		unknown--;
		if (comes_again(r, j, i, child))
			continue;
		write_key(r, j, child, w);
		value(r, j, child, NULL, w);
	}
	w365_jw_close(w, '}');
}

void graph_render_object(struct graph_render *r, const struct w365_json *j, uint32_t i,
			 const struct graph_type *t, struct w365_buf *out)
{
	struct w365_jw w = { .out = out };

	value(r, j, i, t, &w);
	w365_buf_addc(out, '\n');
}
