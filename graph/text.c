#include "graph/text.h"
#include "base/buf.h"
#include "base/macros.h"
#include "graph/json-same.h"
#include "graph/plan.h"

#include <errno.h>

#define QUOTED_MAX 60  /* bytes of somebody's text in a sentence */
#define PATH_SHOWN 200 /* bytes of a path in a sentence */

/* ---- saying where ---- */

static void place(const char *text, size_t at, unsigned *line, unsigned *col)
{
	*line = *col = 1;
	for (size_t i = 0; i < at; i++) {
		if (text[i] == '\n') {
			(*line)++;
			*col = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			(*col)++;
		}
	}
}

static int fail_at(const char *text, size_t at, struct w365_err *reterr, const char *what)
{
	unsigned line, col;

	place(text, at, &line, &col);
	return w365_err_set(reterr, EINVAL, "line %u, column %u: %s", line, col, what);
}

/* At most @max bytes, cut at a character. */
static void add_short(struct w365_buf *out, const char *s, size_t len, size_t max)
{
	size_t n = MIN(len, max);

	while (n < len && n && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	w365_buf_add(out, s, n);
	if (n < len)
		w365_buf_adds(out, "...");
}

void graph_text_quote(struct w365_buf *out, const char *s, size_t len)
{
	w365_buf_addc(out, '"');
	add_short(out, s, len, QUOTED_MAX);
	w365_buf_addc(out, '"');
}

void graph_text_path(const struct w365_json *j, uint32_t i, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	uint32_t at = 0;

	/* Preorder: the child on the way to @i is the one whose nodes end behind it. */
	while (at != i) {
		bool array = j->nodes[at].kind == W365_JSON_IS_ARRAY;
		uint32_t child = at + 1;
		size_t nth = 0;
		struct w365_span key;

		for (; j->nodes[child].next <= i; child = j->nodes[child].next)
			nth++;
		if (array) {
			w365_buf_addf(out, "[%zu]", nth);
		} else {
			if (out->len)
				w365_buf_addc(out, '.');
			key = graph_json_key(j, child, &spare);
			add_short(out, key.p, key.len, QUOTED_MAX);
		}
		at = child;
	}
}

int graph_text_fail(const struct w365_json *j, uint32_t i, enum graph_spot spot,
		    struct w365_err *reterr, int num, const char *fmt, ...)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF, out = W365_BUF;
	const struct w365_json_node *n = &j->nodes[i];
	bool key = spot == GRAPH_AT_KEY && n->key;
	size_t at = key ? n->key : n->val;
	unsigned line, col;
	va_list ap;

	if (key || n->kind == W365_JSON_IS_STRING)
		at--; /* the quote */
	place(j->text, at, &line, &col);
	w365_buf_addf(&out, "line %u, column %u: ", line, col);
	graph_text_path(j, i, &path);
	if (path.len) {
		add_short(&out, path.data, path.len, PATH_SHOWN);
		w365_buf_addc(&out, ' ');
	}
	va_start(ap, fmt);
	w365_buf_addv(&out, fmt, ap);
	va_end(ap);
	return w365_err_set(reterr, num, "%s", w365_buf_str(&out));
}

/* ---- reading ---- */

static bool blank(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] && !strchr(" \t\r\n", text[i]))
			return false;
	return true;
}

static int check_utf8(const char *text, size_t len, struct w365_err *reterr)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = (unsigned char)text[i] < 0x80 ? 1 : w365_utf8(text + i, len - i, NULL);
		if (!n)
			return fail_at(text, i, reterr,
				       "this is not UTF-8: save the text in that encoding");
	}
	return 0;
}

/* A key of an object. Keys are compared by their hashes: an object may have a million of them. */
struct key {
	uint64_t hash;
	uint32_t node;
};

static int by_hash(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;

	return a->hash != b->hash ? (a->hash > b->hash) - (a->hash < b->hash)
				  : (a->node > b->node) - (a->node < b->node);
}

/* That two keys have one hash by accident is less likely than a broken processor. */
static int check_keys(const struct w365_json *j, uint32_t obj, struct key **keys, size_t *cap,
		      struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	size_t n = 0;

	W365_JSON_EACH (j, obj, i) {
		struct w365_span key;

		if (n == *cap) {
			size_t more = *cap ? 2 * *cap : 64;
			void *p = reallocarray(*keys, more, sizeof(**keys));

			if (!p)
				return w365_err_oom(reterr);
			*keys = p;
			*cap = more;
		}
		key = graph_json_key(j, i, &spare);
		(*keys)[n++] = (struct key){ w365_hash(key.p, key.len, 0), i };
	}
	if (spare.failed)
		return w365_err_oom(reterr);
	if (n < 2)
		return 0;
	qsort(*keys, n, sizeof(**keys), by_hash);
	for (size_t i = 1; i < n; i++)
		if ((*keys)[i].hash == (*keys)[i - 1].hash)
			return graph_text_fail(j, (*keys)[i].node, GRAPH_AT_KEY, reterr, EINVAL,
					       "is there twice: leave one of them out");
	return 0;
}

static int no_json(const struct w365_json *j, size_t len, struct w365_err *reterr)
{
	char what[128];

	snprintf(what, sizeof(what), "%s%s",
		 j->bad < len ? "" : "the text ends too early: ", j->why);
	return fail_at(j->text, j->bad, reterr, what);
}

int graph_text_read(struct w365_json *j, const char *text, size_t len, struct w365_err *reterr)
{
	_cleanup_(w365_freep) struct key *keys = NULL;
	size_t cap = 0;
	int r;

	if (blank(text, len))
		return w365_err_set(
			reterr, ENODATA,
			"the text is empty: write the whole item, or leave the file alone");
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return fail_at(text, 0, reterr,
			       "the text begins with a byte order mark: save it without");
	r = check_utf8(text, len, reterr);
	if (r < 0)
		return r;
	r = w365_json_parse(j, text, len, NULL, reterr);
	if (r < 0)
		return j->why ? no_json(j, len, reterr) : r;
	if (j->nodes[0].kind != W365_JSON_IS_OBJECT)
		return fail_at(text, j->nodes[0].val - (j->nodes[0].kind == W365_JSON_IS_STRING),
			       reterr, "an object in braces is expected");
	for (uint32_t i = 0; i < j->count; i++) {
		if (j->nodes[i].kind != W365_JSON_IS_OBJECT)
			continue;
		r = check_keys(j, i, &keys, &cap, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

int graph_text_id(const char *text, size_t len, struct w365_buf *ret_id, struct w365_err *reterr)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;
	struct w365_span id;
	uint32_t i;
	int r;

	r = graph_text_read(&j, text, len, reterr);
	if (r < 0)
		return r;
	i = w365_json_get(&j, 0, "id");
	if (graph_json_nothing(&j, i))
		return 0;
	if (j.nodes[i].kind != W365_JSON_IS_STRING)
		return graph_text_fail(&j, i, GRAPH_AT_VALUE, reterr, EINVAL,
				       "must be a string: restore it, or leave it out");
	id = graph_json_string(&j, i, &spare);
	if (!id.len)
		return 0;
	if (ret_id)
		w365_buf_add(ret_id, id.p, id.len);
	return spare.failed || (ret_id && ret_id->failed) ? w365_err_oom(reterr) : 1;
}
