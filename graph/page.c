#include "graph/page.h"
#include "base/buf.h"
#include "base/macros.h"

#include <errno.h>

static int not_a_page(struct w365_err *reterr, const char *why)
{
	return w365_err_set(reterr, EPROTO, "the answer is no collection: %s", why);
}

static const char cut_short[] = "it is not JSON, or was cut short";

/* A member that is not the items: small, so it is validated by parsing it. */
static int other_member(struct graph_page *page, struct w365_json *j, struct w365_span key,
			const char **p, struct w365_err *reterr)
{
	struct w365_err err;
	size_t used;

	if (w365_json_parse(j, *p, (size_t)(page->text + page->len - *p), &used, &err) < 0)
		return not_a_page(reterr, err.msg);
	if (w365_span_is(key, "@odata.nextLink") && j->nodes[0].kind != W365_JSON_IS_NULL) {
		if (j->nodes[0].kind != W365_JSON_IS_STRING || !j->nodes[0].val_len)
			return not_a_page(reterr, "its link to the next page is no text");
		page->next_link = w365_json_raw(j, 0);
	}
	*p += used;
	return 0;
}

/* The items: passed by, unless what is looked for was found before them. */
static int items(struct graph_page *page, const char **p, struct w365_err *reterr)
{
	if (**p != '[' || page->at)
		return not_a_page(reterr, "its \"value\" is no array");
	page->at = *p + 1;
	if (page->next_link.p) {
		page->rest = true;
		return 0;
	}
	*p = w365_json_skip(*p, page->text + page->len);
	return *p ? 0 : not_a_page(reterr, "it was cut short");
}

/* Reads members from @p on, up to the end of the text or to items that were left for later. */
static int members(struct graph_page *page, const char *p, struct w365_err *reterr)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	const char *end = page->text + page->len;
	int r;

	for (;;) {
		struct w365_span key = { p + 1, 0 };
		size_t used;

		if (*p != '"' || w365_json_parse(&j, p, (size_t)(end - p), &used, NULL) < 0)
			return not_a_page(reterr, cut_short);
		key.len = used - 2;
		p = w365_json_space(p + used);
		if (*p != ':')
			return not_a_page(reterr, cut_short);
		p = w365_json_space(p + 1);
		if (w365_span_is(key, "value"))
			r = items(page, &p, reterr);
		else
			r = other_member(page, &j, key, &p, reterr);
		if (r < 0 || page->rest)
			return r;
		p = w365_json_space(p);
		if (*p == '}')
			return w365_json_space(p + 1) == end
				       ? 0
				       : not_a_page(reterr, "something follows it");
		if (*p != ',')
			return not_a_page(reterr, cut_short);
		p = w365_json_space(p + 1);
	}
}

int graph_page_open(struct graph_page *page, const char *text, size_t len, struct w365_err *reterr)
{
	const char *p = w365_json_space(text);
	int r;

	*page = (struct graph_page){ .text = text, .len = len };
	if (*p != '{')
		return not_a_page(reterr, *p == '<' ? "it is HTML (a proxy's, perhaps)"
						    : "it is not a JSON object");
	p = w365_json_space(p + 1);
	r = *p == '}' ? 0 : members(page, p, reterr);
	return r < 0 || page->at ? r : not_a_page(reterr, "it has no \"value\"");
}

/* Behind the last item, what was left for later. */
static int finish(struct graph_page *page, const char *p, struct w365_err *reterr)
{
	struct graph_page rest = *page;

	page->at = p;
	if (!page->rest)
		return 0;
	rest.rest = false;
	p = w365_json_space(p + 1);
	if (*p == '}')
		return w365_json_space(p + 1) == page->text + page->len
			       ? 0
			       : not_a_page(reterr, "something follows it");
	if (*p != ',')
		return not_a_page(reterr, cut_short);
	return members(&rest, w365_json_space(p + 1), reterr);
}

int graph_page_item(struct graph_page *page, struct w365_json *j, struct w365_err *reterr)
{
	const char *p = w365_json_space(page->at), *end = page->text + page->len;
	struct w365_err err;
	size_t used;

	if (*p == ']')
		return finish(page, p, reterr);
	if (page->begun && *p++ != ',')
		return not_a_page(reterr, "its items are not JSON");
	page->begun = true;
	p = w365_json_space(p);
	if (w365_json_parse(j, p, (size_t)(end - p), &used, &err) < 0)
		return err.num == ENOMEM ? w365_err_oom(reterr) : not_a_page(reterr, err.msg);
	page->at = p + used;
	return 1;
}

void graph_page_next(const struct graph_page *page, struct w365_buf *out)
{
	w365_json_decode(out, page->next_link);
}
