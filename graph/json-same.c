#include "graph/json-same.h"
#include "base/buf.h"
#include "base/macros.h"

#include <errno.h>

#define EXPONENT_DIGITS 15 /* more are no number that anybody means: compared as they are written */

static struct w365_span decoded(struct w365_span in, bool plain, struct w365_buf *spare)
{
	if (plain || !memchr(in.p, '\\', in.len))
		return in;
	w365_buf_reset(spare);
	w365_json_decode(spare, in);
	return (struct w365_span){ w365_buf_str(spare), spare->len };
}

struct w365_span graph_json_key(const struct w365_json *j, uint32_t i, struct w365_buf *spare)
{
	const struct w365_json_node *n = &j->nodes[i];

	return decoded((struct w365_span){ j->text + n->key, n->key_len }, n->key_plain, spare);
}

struct w365_span graph_json_string(const struct w365_json *j, uint32_t i, struct w365_buf *spare)
{
	return decoded(w365_json_raw(j, i), j->nodes[i].val_plain, spare);
}

uint32_t graph_json_member(const struct w365_json *j, uint32_t obj, struct w365_span key)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	uint32_t found = 0;

	if (j->nodes[obj].kind != W365_JSON_IS_OBJECT)
		return 0;
	W365_JSON_EACH (j, obj, i) {
		struct w365_span k = graph_json_key(j, i, &spare);

		if (k.len == key.len && memcmp(k.p, key.p, key.len) == 0)
			found = i;
	}
	return found;
}

/* ---- numbers ---- */

/* "-12.50e3" is -125e2: the digits without zeros at either end, and where they stand. */
static void canon_number(struct w365_span s, struct w365_buf *out)
{
	const char *p = s.p, *end = s.p + s.len, *e;
	_cleanup_(w365_buf_done) struct w365_buf digits = W365_BUF_SECRET;
	bool point = false;
	int64_t exponent = 0;
	size_t len;

	for (e = p; e < end && *e != 'e' && *e != 'E';)
		e++;
	if (e < end) {
		if (end - e > EXPONENT_DIGITS) {
			w365_buf_add(out, s.p, s.len);
			return;
		}
		exponent = strtoll(e + 1, NULL, 10);
	}
	for (const char *d = *p == '-' ? p + 1 : p; d < e; d++) {
		if (*d == '.') {
			point = true;
			continue;
		}
		exponent -= point;
		if (*d != '0' || digits.len)
			w365_buf_addc(&digits, *d);
	}
	out->failed = out->failed || digits.failed;
	for (len = digits.len; len && digits.data[len - 1] == '0'; len--)
		exponent++;
	if (!len) {
		w365_buf_addc(out, '0');
		return;
	}
	if (*p == '-')
		w365_buf_addc(out, '-');
	w365_buf_add(out, digits.data, len);
	w365_buf_addf(out, "e%lld", (long long)exponent);
}

/* ---- objects ---- */

/* The members that mean something, and their keys one after the other. */
struct member {
	uint32_t node;
	size_t key, key_len;
};

static int by_key(const void *pa, const void *pb, void *keys)
{
	const struct member *a = pa, *b = pb;
	const char *text = keys;
	int r = memcmp(text + a->key, text + b->key, MIN(a->key_len, b->key_len));

	return r ? r : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

static bool means_something(const struct w365_json *j, uint32_t i, struct w365_span key)
{
	return !graph_json_nothing(j, i) &&
	       (!graph_json_annotation(key) || w365_span_is(key, GRAPH_ODATA_TYPE));
}

static void canon_object(const struct w365_json *j, uint32_t obj, struct w365_buf *out)
{
	_cleanup_(w365_freep) struct member *members = NULL;
	_cleanup_(w365_buf_done) struct w365_buf keys = W365_BUF, spare = W365_BUF;
	size_t n = 0;

	W365_JSON_EACH (j, obj, i)
		n++;
	members = reallocarray(NULL, n ? n : 1, sizeof(*members));
	if (!members) {
		out->failed = true;
		return;
	}
	n = 0;
	W365_JSON_EACH (j, obj, i) {
		struct w365_span key = graph_json_key(j, i, &spare);

		if (!means_something(j, i, key))
			continue;
		members[n++] = (struct member){ i, keys.len, key.len };
		w365_buf_add(&keys, key.p, key.len);
	}
	if (keys.failed || spare.failed) {
		out->failed = true;
		return;
	}
	if (n)
		qsort_r(members, n, sizeof(*members), by_key, (void *)w365_buf_str(&keys));
	w365_buf_addc(out, '{');
	for (size_t k = 0; k < n; k++) {
		if (k)
			w365_buf_addc(out, ',');
		w365_json_quote(out, w365_buf_str(&keys) + members[k].key, members[k].key_len);
		w365_buf_addc(out, ':');
		graph_json_canon(j, members[k].node, out);
	}
	w365_buf_addc(out, '}');
}

void graph_json_canon(const struct w365_json *j, uint32_t i, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF_SECRET;
	struct w365_span s = w365_json_raw(j, i);
	bool some = false;

	switch (j->nodes[i].kind) {
	case W365_JSON_IS_OBJECT: canon_object(j, i, out); return;
	case W365_JSON_IS_NUMBER: canon_number(s, out); return;
	case W365_JSON_IS_STRING:
		s = graph_json_string(j, i, &spare);
		w365_json_quote(out, s.p, s.len);
		out->failed = out->failed || spare.failed;
		return;
	case W365_JSON_IS_ARRAY: break;
	default: w365_buf_add(out, s.p, s.len); return;
	}
	w365_buf_addc(out, '[');
	W365_JSON_EACH (j, i, child) {
		if (some)
			w365_buf_addc(out, ',');
		some = true;
		graph_json_canon(j, child, out);
	}
	w365_buf_addc(out, ']');
}

size_t graph_json_length(const struct w365_json *j, uint32_t array)
{
	size_t n = 0;

	W365_JSON_EACH (j, array, i)
		n++;
	return n;
}

int graph_json_same(const struct w365_json *a, uint32_t i, const struct w365_json *b, uint32_t k)
{
	_cleanup_(w365_buf_done) struct w365_buf x = W365_BUF_SECRET, y = W365_BUF_SECRET;
	struct w365_span s, t;

	if (graph_json_nothing(a, i) || graph_json_nothing(b, k))
		return graph_json_nothing(a, i) && graph_json_nothing(b, k);
	if (a->nodes[i].kind != b->nodes[k].kind)
		return 0;
	/* Most of a text was not touched. */
	s = w365_json_raw(a, i);
	t = w365_json_raw(b, k);
	if (s.len == t.len && memcmp(s.p, t.p, s.len) == 0)
		return 1;
	/* And what is far longer need not be read. */
	if (a->nodes[i].kind == W365_JSON_IS_ARRAY &&
	    graph_json_length(a, i) != graph_json_length(b, k))
		return 0;
	graph_json_canon(a, i, &x);
	graph_json_canon(b, k, &y);
	if (x.failed || y.failed)
		return -ENOMEM;
	return x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
}
