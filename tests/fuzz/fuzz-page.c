/* A page of a listing, as any service might send it: the envelope, the items, their texts, their
 * names. */
#include "base/buf.h"
#include "base/macros.h"
#include "base/str.h"
#include "fs/listing.h"
#include "graph/builder.h"
#include "graph/page.h"
#include "tests/fuzz/demand.h"

#include <stdlib.h>

/* What is rendered is JSON, one line break at its end, and rendering it again changes nothing. */
static void check_text(const struct graph_item *it)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	w365_buf_add(&text, it->text, it->text_len);
	demand(it->text_len > 2 && text.data[text.len - 1] == '\n');
	demand(w365_json_parse(&j, text.data, text.len, NULL, NULL) == 0);
	demand(j.nodes[0].kind == W365_JSON_IS_OBJECT);
	for (size_t i = 0, n; i < text.len; i += n) {
		n = w365_utf8(text.data + i, text.len - i, NULL);
		demand(n);
	}
}

/* Every name is a name, leads back to its item, and is nobody else's. */
static void check_names(struct graph_snapshot *s)
{
	const struct fs_listing *l = fs_listing_of(s);
	char name[256];

	for (uint32_t i = 0; i < s->n_items; i++) {
		const struct graph_item *it = &s->items[i];
		size_t len = fs_listing_entry(s, l, it, name);

		demand(len == strlen(name) && len <= 255 && !strchr(name, '/') && name[0] != '.');
		demand(fs_listing_find(s, l, name) == it || it->id_len > 60);
		demand(i == 0 || s->items[i - 1].key < it->key);
		demand(graph_snapshot_by_id(s, it->id, it->id_len) == it);
		len = fs_listing_id_entry(it, name);
		demand(len == strlen(name) && len <= 255 && !strchr(name, '/'));
		check_text(it);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The first byte chooses what it is a listing of. */
	static const char *const collections[] = { "cloudPCs", "bulkActions",
						   "provisioningPolicies", "auditEvents" };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, link = W365_BUF;
	struct graph_builder *b = NULL;
	struct graph_snapshot *s = NULL;
	struct graph_page page;
	struct w365_err err;

	if (!size)
		return 0;
	w365_buf_add(&text, data + 1, size - 1);
	if (graph_page_open(&page, w365_buf_str(&text), text.len, &err) < 0)
		return 0;
	if (page.next_link.p)
		graph_page_next(&page, &link);
	demand(graph_builder_new(graph_collection_find(collections[data[0] % 4]), GRAPH_BETA, NULL,
				 NULL, &b) == 0);
	if (graph_builder_page(b, &page, &err) == 0) {
		s = graph_builder_finish(b, NULL, 1, (struct timespec){ 1, 0 });
		check_names(s);
		graph_snapshot_unref(s);
	}
	graph_builder_free(b);
	return 0;
}
