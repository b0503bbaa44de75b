#include "graph/page.h"
#include "base/macros.h"

#include <errno.h>

static int not_a_page(struct w365_err *reterr, const char *why)
{
	return w365_err_set(reterr, EPROTO, "the answer is no collection: %s", why);
}

/* A member that is not the items: small, so it is validated by parsing it. */
static int other_member(struct graph_page *page, struct w365_json *j, const char *key,
			size_t key_len, const char **p, struct w365_err *reterr)
{
	static const char next_link[] = "@odata.nextLink";
	struct w365_err err;
	size_t used;

	if (w365_json_parse(j, *p, (size_t)(page->text + page->len - *p), &used, &err) < 0)
		return not_a_page(reterr, err.msg);
	if (key_len == sizeof(next_link) - 1 && memcmp(key, next_link, key_len) == 0 &&
	    j->nodes[0].kind != W365_JSON_IS_NULL) {
		if (j->nodes[0].kind != W365_JSON_IS_STRING || !j->nodes[0].val_len)
			return not_a_page(reterr, "its link to the next page is no text");
		page->next_link = w365_json_raw(j, 0);
	}
	*p += used;
	return 0;
}

int graph_page_open(struct graph_page *page, const char *text, size_t len, struct w365_err *reterr)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	const char *p = w365_json_space(text), *end = text + len;
	int r;

	*page = (struct graph_page){ .text = text, .len = len };
	if (*p != '{')
		return not_a_page(reterr, *p == '<' ? "it is HTML (a proxy's, perhaps)"
						    : "it is not a JSON object");
	p = w365_json_space(p + 1);
	while (*p != '}') {
		const char *key = p + 1;
		size_t key_len, used;

		if (*p != '"' || w365_json_parse(&j, p, (size_t)(end - p), &used, NULL) < 0)
			return not_a_page(reterr, "it is not JSON, or was cut short");
		key_len = used - 2;
		p = w365_json_space(p + used);
		if (*p != ':')
			return not_a_page(reterr, "it is not JSON, or was cut short");
		p = w365_json_space(p + 1);
		if (key_len == 5 && memcmp(key, "value", 5) == 0) {
			if (*p != '[' || page->items)
				return not_a_page(reterr, "its \"value\" is no array");
			page->items = p + 1;
			p = w365_json_skip(p, end);
			if (!p)
				return not_a_page(reterr, "it was cut short");
		} else {
			r = other_member(page, &j, key, key_len, &p, reterr);
			if (r < 0)
				return r;
		}
		p = w365_json_space(p);
		if (*p == '}')
			break;
		if (*p != ',')
			return not_a_page(reterr, "it is not JSON, or was cut short");
		p = w365_json_space(p + 1);
		if (*p != '"')
			return not_a_page(reterr, "it is not JSON, or was cut short");
	}
	if (w365_json_space(p + 1) != end)
		return not_a_page(reterr, "something follows it");
	if (!page->items)
		return not_a_page(reterr, "it has no \"value\"");
	return 0;
}

int graph_page_item(const struct graph_page *page, const char **at, struct w365_json *j,
		    struct w365_err *reterr)
{
	const char *p = w365_json_space(*at), *end = page->text + page->len;
	struct w365_err err;
	size_t used;

	if (*at == page->items) {
		if (*p == ']')
			return 0;
	} else if (*p == ',') {
		p = w365_json_space(p + 1);
	} else if (*p == ']') {
		return 0;
	} else {
		return not_a_page(reterr, "its items are not JSON");
	}
	if (w365_json_parse(j, p, (size_t)(end - p), &used, &err) < 0)
		return err.num == ENOMEM ? w365_err_oom(reterr) : not_a_page(reterr, err.msg);
	*at = p + used;
	return 1;
}

void graph_page_next(const struct graph_page *page, struct w365_buf *out)
{
	w365_json_decode(out, page->next_link);
}
