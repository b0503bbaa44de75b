#include "graph/send.h"
#include "base/buf.h"
#include "base/macros.h"
#include "graph/check.h"
#include "graph/json-same.h"

void graph_send_key(struct w365_buf *out, bool *some, const char *key, size_t len)
{
	if (*some)
		w365_buf_addc(out, ',');
	*some = true;
	w365_json_quote(out, key, len);
	w365_buf_addc(out, ':');
}

void graph_send_type(struct w365_buf *out, bool *some, const struct graph_type *t)
{
	graph_send_key(out, some, GRAPH_ODATA_TYPE, strlen(GRAPH_ODATA_TYPE));
	w365_buf_addf(out, "\"#microsoft.graph.%s\"", t->name);
}

const struct graph_type *graph_send_type_of(const struct w365_json *j, uint32_t i,
					    const struct graph_type *t, enum graph_version version)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	const struct graph_type *only, *said;
	struct w365_span name;
	uint32_t at;

	if (!graph_type_polymorphic(t))
		return t;
	at = w365_json_get(j, i, GRAPH_ODATA_TYPE);
	if (at && j->nodes[at].kind == W365_JSON_IS_STRING) {
		name = graph_json_string(j, at, &spare);
		said = graph_type_find(name.p, name.len);
		return said && graph_type_is(said, t) ? said : t;
	}
	only = graph_type_only(t, version);
	return only ? only : t;
}

static void string(const struct w365_json *j, uint32_t i, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF_SECRET;
	struct w365_span s = graph_json_string(j, i, &spare);

	w365_json_quote(out, s.p, s.len);
	out->failed = out->failed || spare.failed;
}

static bool left_out(const struct graph_send *s, uint32_t i, const struct graph_type *t,
		     struct w365_span key)
{
	const struct graph_property *p;

	if (graph_json_annotation(key))
		return !w365_span_is(key, GRAPH_ODATA_TYPE);
	if (!s->fresh)
		return false;
	p = graph_property_find(t, key.p, key.len, s->version);
	return graph_json_nothing(s->text, i) || (p && !graph_check_settable(p, true));
}

static void object(const struct graph_send *s, uint32_t obj, const struct graph_type *declared,
		   struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	const struct graph_type *t = graph_send_type_of(s->text, obj, declared, s->version);
	bool some = false;

	w365_buf_addc(out, '{');
	if (t != declared && !w365_json_get(s->text, obj, GRAPH_ODATA_TYPE))
		graph_send_type(out, &some, t);
	W365_JSON_EACH (s->text, obj, i) {
		struct w365_span key = graph_json_key(s->text, i, &spare);
		const struct graph_property *p;

		if (left_out(s, i, t, key))
			continue;
		p = graph_property_find(t, key.p, key.len, s->version);
		graph_send_key(out, &some, key.p, key.len);
		graph_send_value(s, i, p ? p->value.type : NULL, out);
	}
	w365_buf_addc(out, '}');
	out->failed = out->failed || spare.failed;
}

void graph_send_value(const struct graph_send *s, uint32_t i, const struct graph_type *t,
		      struct w365_buf *out)
{
	struct w365_span raw = w365_json_raw(s->text, i);
	bool some = false;

	switch (s->text->nodes[i].kind) {
	case W365_JSON_IS_OBJECT: object(s, i, t, out); return;
	case W365_JSON_IS_STRING: string(s->text, i, out); return;
	case W365_JSON_IS_ARRAY: break;
	default: w365_buf_add(out, raw.p, raw.len); return;
	}
	w365_buf_addc(out, '[');
	W365_JSON_EACH (s->text, i, child) {
		if (some)
			w365_buf_addc(out, ',');
		some = true;
		graph_send_value(s, child, t, out);
	}
	w365_buf_addc(out, ']');
}
