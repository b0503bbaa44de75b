/* Any bytes as JSON: what is taken can be written again, and says the same. */
#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "graph/render.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_utf8(const struct w365_buf *b)
{
	for (size_t i = 0, n; i < b->len; i += n) {
		n = w365_utf8(b->data + i, b->len - i, NULL);
		if (!n)
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, once = W365_BUF, twice = W365_BUF;
	_cleanup_(w365_json_done) struct w365_json j = { 0 }, k = { 0 };
	struct graph_render *r = graph_render_new(GRAPH_BETA);
	const char *end;
	size_t used;

	w365_buf_add(&text, data, size);
	end = w365_json_skip(w365_buf_str(&text), w365_buf_str(&text) + text.len);
	if (w365_json_parse(&j, w365_buf_str(&text), text.len, &used, NULL) == 0) {
		/* Looking past a value by counting brackets ends where parsing it does. */
		if (j.nodes[0].kind >= W365_JSON_IS_STRING && end != w365_buf_str(&text) + used)
			abort();
		graph_render_append(r, &j, 0, NULL, &once);
		if (w365_json_parse(&k, once.data, once.len, NULL, NULL) < 0)
			abort();
		graph_render_append(r, &k, 0, NULL, &twice);
		/* (Keys that differ in bytes that are no UTF-8 only become the same by being
		 * written.) */
		if (is_utf8(&text) &&
		    (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0))
			abort();
	}
	graph_render_free(r);
	return 0;
}
