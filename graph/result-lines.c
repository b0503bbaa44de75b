#include "graph/result-lines.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/macros.h"
#include "graph/plan.h"
#include "graph/send.h"

static void line(struct w365_buf *out, const struct graph_send *s, uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF_SECRET;

	graph_send_value(s, i, NULL, &text);
	if (text.len)
		graph_text_mask(text.data, &text.len);
	w365_buf_adds(out, "#   ");
	w365_buf_add(out, w365_buf_str(&text), text.len);
	w365_buf_addc(out, '\n');
}

void graph_result_lines(struct w365_buf *out, const char *body, size_t len,
			enum graph_version version)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	struct graph_send send = { .text = &j, .version = version };
	uint32_t value;

	if (!len || w365_json_parse(&j, body, len, NULL, NULL) < 0 ||
	    j.nodes[0].kind != W365_JSON_IS_OBJECT || j.nodes[0].next == 1)
		return;
	/* OData wraps what is no object into one. */
	value = w365_json_get(&j, 0, "value");
	if (!value) {
		line(out, &send, 0);
	} else if (j.nodes[value].kind != W365_JSON_IS_ARRAY) {
		line(out, &send, value);
	} else {
		W365_JSON_EACH (&j, value, i)
			line(out, &send, i);
	}
}
