#include "graph/render.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/url.h"
#include "graph/json-same.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REMEMBERED 64 /* keys of an object whose order is learnt; further ones are searched for */
#define UNKNOWN    0xff
#define WILD       16 /* bytes that a careless copy may write beyond what it means */

_Static_assert(GRAPH_PROPERTIES_MAX < UNKNOWN, "a property's index fits into a byte");

/* By type: which property each key of the object before was. A service writes its keys in one
 * order, so that the guess is nearly always right, and costs one comparison. */
struct order {
	uint8_t property[REMEMBERED];
};

struct graph_render {
	enum graph_version version;
	struct w365_buf key, quoted; /* for what is written with escapes */
	struct order *orders[];      /* by graph_type.index; made when first needed */
};

/* Listings are large, and most of the work: everything is written at a cursor, unchecked, into room
 * that graph_render_bound() has asked for. */
struct writer {
	struct graph_render *r;
	const struct w365_json *j;
	char *at;
	const char *safe; /* of what begins before this, sixteen bytes can be read */
	unsigned depth;
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
		w365_buf_done(&r->key);
		w365_buf_done(&r->quoted);
		free(r);
	}
	return NULL;
}

/* ---- looking ---- */

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

/* memcmp() == 0 without the call: names are short, and compared a hundred times for each item. */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
	uint64_t x, y;

	for (; n >= 8; n -= 8, a += 8, b += 8) {
		memcpy(&x, a, 8);
		memcpy(&y, b, 8);
		if (x != y)
			return false;
	}
	for (; n; n--)
		if (*a++ != *b++)
			return false;
	return true;
}

static inline bool property_is(const struct graph_render *r, const struct graph_property *p,
			       struct w365_span key)
{
	return (p->versions & r->version) && p->name_len == key.len &&
	       same_bytes(p->name, key.p, key.len);
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

/* The type that the object says to be of, if that refines the declared one. */
static const struct graph_type *actual_type(const struct w365_json *j, uint32_t odata_type,
					    const struct graph_type *t)
{
	struct w365_span name = w365_json_raw(j, odata_type);
	const struct graph_type *said = graph_type_find(name.p, name.len);

	return said && graph_type_is(said, t) ? said : t;
}

void graph_render_look(struct graph_render *r, const struct w365_json *j, uint32_t i,
		       const struct graph_type *t, struct graph_members *m)
{
	unsigned nth = 0;

	m->odata_type = 0;
	m->unknown = 0;
	/* Where the catalogue does not know the type, what the service says of it is worth keeping.
	 */
	if (!t || graph_type_polymorphic(t))
		m->odata_type = w365_json_get(j, i, "@odata.type");
	m->type = m->odata_type && t ? actual_type(j, m->odata_type, t) : t;
	if (m->type)
		memset(m->node, 0, m->type->n_properties * sizeof(m->node[0]));

	W365_JSON_EACH (j, i, child) {
		struct w365_span key = key_of(r, j, child);
		unsigned k = m->type ? property_of(r, m->type, key, nth++) : UNKNOWN;

		if (k != UNKNOWN)
			m->node[k] = child;
		else if (!graph_json_annotation(key))
			m->unknown++;
	}
}

/* ---- writing ---- */

size_t graph_render_bound(const struct w365_json *j)
{
	/* A byte may become \u007f, or U+FFFD; each value may get a line with its indentation, a
	 * space, a comma, and a line before a closing bracket. */
	return (size_t)j->nodes[0].val_len * (j->plain ? 1 : 6) +
	       j->count * (4 * (size_t)(j->depth + 1) + 8) + WILD;
}

/* Most pieces are shorter than sixteen bytes: so many are copied, whatever their length. What is
 * too much is written over by the next piece. */
static inline void put(struct writer *w, const char *p, size_t n)
{
	if (n <= WILD && p < w->safe)
		memcpy(w->at, p, WILD);
	else
		memcpy(w->at, p, n);
	w->at += n;
}

static inline void put_line(struct writer *w)
{
	static const char spaces[WILD] = "\n               ";

	if (w->depth <= 7) {
		memcpy(w->at, spaces, WILD);
		w->at += 1 + 2 * (size_t)w->depth;
		return;
	}
	*w->at++ = '\n';
	memset(w->at, ' ', 2 * (size_t)w->depth);
	w->at += 2 * (size_t)w->depth;
}

static void put_quoted(struct writer *w, struct w365_span s)
{
	w365_buf_reset(&w->r->quoted);
	w365_json_quote(&w->r->quoted, s.p, s.len);
	memcpy(w->at, w365_buf_str(&w->r->quoted), w->r->quoted.len);
	w->at += w->r->quoted.len;
}

static void put_scalar(struct writer *w, uint32_t i)
{
	const struct w365_json_node *n = &w->j->nodes[i];
	struct w365_span raw = w365_json_raw(w->j, i);

	if (n->kind != W365_JSON_IS_STRING) {
		put(w, raw.p, raw.len);
	} else if (n->val_plain) { /* with its quotes */
		put(w, raw.p - 1, raw.len + 2);
	} else if (!memchr(raw.p, '\\', raw.len)) {
		put_quoted(w, raw);
	} else {
		_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF;

		w365_json_decode(&s, raw);
		put_quoted(w, (struct w365_span){ w365_buf_str(&s), s.len });
	}
}

static void put_key(struct writer *w, uint32_t i)
{
	const struct w365_json_node *n = &w->j->nodes[i];

	if (n->key_plain)
		put(w, w->j->text + n->key - 1, n->key_len + 2);
	else
		put_quoted(w, key_of(w->r, w->j, i));
	*w->at++ = ':';
	*w->at++ = ' ';
}

/* What must not be shown. Of an address that lets everybody in who knows it, that is what is behind its
 * question mark; of all else the whole. Never longer than what was sent. */
static void put_secret(struct writer *w, uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF_SECRET;
	const char *query;
	size_t shown = 0;

	if (w->j->nodes[i].kind == W365_JSON_IS_NULL) {
		put_scalar(w, i);
		return;
	}
	if (w->j->nodes[i].kind == W365_JSON_IS_STRING)
		w365_json_decode(&s, w365_json_raw(w->j, i));
	query = strchr(w365_buf_str(&s), '?');
	if (w365_origin_parse(w365_buf_str(&s), &(struct w365_origin){ 0 }, NULL, NULL) == 0 &&
	    query)
		shown = (size_t)(query + 1 - s.data);
	put_quoted(w, (struct w365_span){ w365_buf_str(&s), shown });
}

static void put_object(struct writer *w, uint32_t i, struct graph_members *m);

static void put_value(struct writer *w, uint32_t i, const struct graph_type *t)
{
	struct graph_members m;
	bool some = false;

	if (w->j->nodes[i].kind == W365_JSON_IS_OBJECT) {
		graph_render_look(w->r, w->j, i, t, &m);
		put_object(w, i, &m);
		return;
	}
	if (w->j->nodes[i].kind != W365_JSON_IS_ARRAY) {
		put_scalar(w, i);
		return;
	}
	*w->at++ = '[';
	w->depth++;
	W365_JSON_EACH (w->j, i, child) {
		if (some)
			*w->at++ = ',';
		some = true;
		put_line(w);
		put_value(w, child, t);
	}
	w->depth--;
	if (some)
		put_line(w);
	*w->at++ = ']';
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

static void put_member(struct writer *w, uint32_t child, bool *some)
{
	if (*some)
		*w->at++ = ',';
	*some = true;
	put_line(w);
	put_key(w, child);
}

/* A secret's name in other letters: unknown, and a secret all the same. */
static bool spells_secret(const struct graph_type *t, struct w365_span key)
{
	for (unsigned k = 0; t && k < t->n_properties; k++)
		if ((t->properties[k].flags & GRAPH_SECRET) &&
		    t->properties[k].name_len == key.len &&
		    strncasecmp(t->properties[k].name, key.p, key.len) == 0)
			return true;
	return false;
}

/* What the catalogue does not know, behind all that it does. */
static void put_unknown(struct writer *w, uint32_t i, const struct graph_members *m, bool *some)
{
	unsigned left = m->unknown, nth = 0;

	W365_JSON_EACH (w->j, i, child) {
		struct w365_span key = key_of(w->r, w->j, child);

		if (!left)
			return;
		if ((m->type && property_of(w->r, m->type, key, nth++) != UNKNOWN) ||
		    graph_json_annotation(key))
			continue;
		left--;
		if (comes_again(w->r, w->j, i, child))
			continue;
		put_member(w, child, some);
		if (spells_secret(m->type, key))
			put_secret(w, child);
		else
			put_value(w, child, NULL);
	}
}

static void put_object(struct writer *w, uint32_t i, struct graph_members *m)
{
	const char *start = w->at;
	bool some = false;

	*w->at++ = '{';
	w->depth++;
	if (m->odata_type) {
		put_member(w, m->odata_type, &some);
		put_scalar(w, m->odata_type);
	}
	for (unsigned k = 0; m->type && k < m->type->n_properties; k++) {
		if (!m->node[k])
			continue;
		put_member(w, m->node[k], &some);
		m->value[k] = (uint32_t)(w->at - start);
		if (m->type->properties[k].flags & GRAPH_SECRET)
			put_secret(w, m->node[k]);
		else
			put_value(w, m->node[k], m->type->properties[k].value.type);
	}
	if (m->unknown)
		put_unknown(w, i, m, &some);
	w->depth--;
	if (some)
		put_line(w);
	*w->at++ = '}';
}

static const char *safe_end(const struct w365_json *j)
{
	size_t len = j->nodes[0].val + (size_t)j->nodes[0].val_len;

	return len < WILD ? j->text : j->text + len - WILD + 1;
}

char *graph_render_write(struct graph_render *r, const struct w365_json *j, uint32_t i,
			 struct graph_members *m, char *out)
{
	struct writer w = { .r = r, .j = j, .at = out, .safe = safe_end(j) };

	put_object(&w, i, m);
	*w.at++ = '\n';
	return w.at;
}

void graph_render_append(struct graph_render *r, const struct w365_json *j, uint32_t i,
			 const struct graph_type *t, struct w365_buf *out)
{
	struct writer w = { .r = r, .j = j, .safe = safe_end(j) };

	w.at = w365_buf_room(out, graph_render_bound(j));
	if (!w.at)
		return;
	put_value(&w, i, t);
	*w.at++ = '\n';
	*w.at = '\0';
	out->len = (size_t)(w.at - out->data);
}

/* ---- reading what was written ---- */

/* The end of a value that begins at @p, on a line that is indented by @indent. */
static const char *value_end(const char *p, const char *end, unsigned indent)
{
	char closing[2 * W365_JSON_MAX_DEPTH + 3];
	const char *line = memchr(p, '\n', (size_t)(end - p));

	if (!line)
		return end;
	if ((*p == '{' || *p == '[') && line == p + 1) { /* over several lines */
		snprintf(closing, sizeof(closing), "\n%*s%c", (int)indent, "", *p + 2);
		line = memmem(p, (size_t)(end - p), closing, indent + 2);
		return line ? line + indent + 2 : end;
	}
	return line[-1] == ',' ? line - 1 : line;
}

bool graph_render_find(const char *text, size_t len, const char *path, struct w365_span *ret)
{
	const char *p = text, *end = text + len;

	for (unsigned indent = 2;; indent += 2) {
		size_t n = strcspn(path, "/");
		char key[128];
		int key_len = snprintf(key, sizeof(key), "\n%*s\"%.*s\": ", (int)indent, "", (int)n,
				       path);

		p = memmem(p, (size_t)(end - p), key, (size_t)key_len);
		if (!p)
			return false;
		p += key_len;
		end = value_end(p, end, indent);
		path += n;
		if (!*path++)
			break;
		if (*p != '{')
			return false;
	}
	*ret = (struct w365_span){ p, (size_t)(end - p) };
	return true;
}
