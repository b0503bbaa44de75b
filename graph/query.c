#include "graph/query.h"
#include "base/buf.h"
#include "base/macros.h"
#include "base/time.h"

void graph_query_select(struct w365_buf *out, const struct graph_type *t,
			enum graph_version version)
{
	const char *lead = "$select=";

	for (unsigned i = 0; i < t->n_properties; i++) {
		const struct graph_property *p = &t->properties[i];

		if (!(p->versions & version) || (p->flags & GRAPH_NAVIGATION) ||
		    p->access == GRAPH_WRITE_ONLY)
			continue;
		w365_buf_addf(out, "%s%s", lead, p->name);
		lead = ",";
	}
}

/* Appends what @m documents of $select (unless @plain) and $expand; true if there was a $select to
 * leave out. *@lead is what stands before the next option. */
static bool add_options(struct w365_buf *out, const struct graph_collection *c,
			const struct graph_method *m, enum graph_version version, bool plain,
			char *lead)
{
	bool documented = m->versions & version;
	bool selects = documented && (m->options & GRAPH_OPT_SELECT) && c->type &&
		       !graph_type_polymorphic(c->type);

	if (selects && !plain) {
		w365_buf_addc(out, *lead);
		graph_query_select(out, c->type, version);
		*lead = '&';
	}
	if (documented && (m->options & GRAPH_OPT_EXPAND_ASSIGNMENTS)) {
		w365_buf_addf(out, "%c$expand=assignments", *lead);
		*lead = '&';
	}
	return selects;
}

/* What is shown is looked at again when it comes: graph/builder.c. */
static bool add_only(struct w365_buf *out, const struct graph_collection *c,
		     const struct graph_method *m, enum graph_version version, bool plain,
		     char *lead)
{
	bool filters = c->only && (m->versions & version) && (m->options & GRAPH_OPT_FILTER);

	if (!filters || plain)
		return filters;
	w365_buf_addf(out, "%c$filter=startswith(%s,'", *lead, c->only);
	w365_buf_add_url(out, c->begins);
	w365_buf_adds(out, "')");
	*lead = '&';
	return true;
}

bool graph_query_list(struct w365_buf *out, const struct graph_collection *c,
		      enum graph_version version, int64_t day, bool plain)
{
	return graph_query_days(out, c, version, day, day, plain);
}

bool graph_query_days(struct w365_buf *out, const struct graph_collection *c,
		      enum graph_version version, int64_t from, int64_t last, bool plain)
{
	const struct graph_method *m =
		&c->methods[c->kind == GRAPH_SINGLETON ? GRAPH_GET : GRAPH_LIST];
	char lead = '?', since[W365_TIME_MAX], until[W365_TIME_MAX];
	bool selects;

	w365_buf_adds(out, c->path);
	selects = add_options(out, c, m, version, plain, &lead);
	selects |= add_only(out, c, m, version, plain, &lead);
	if (c->freshness == GRAPH_FRESH_LOG && c->modified[0])
		w365_buf_addf(
			out,
			"%c$filter=%s%%20ge%%20%sT00:00:00Z%%20and%%20%s%%20lt%%20%sT00:00:00Z",
			lead, c->modified[0], w365_date_format(from, since), c->modified[0],
			w365_date_format(last + 1, until));
	return selects;
}

void graph_query_item(struct w365_buf *out, const struct graph_collection *c, const char *id,
		      size_t id_len)
{
	_cleanup_(w365_buf_done) struct w365_buf s = W365_BUF;

	w365_buf_add(&s, id, id_len);
	w365_buf_addf(out, "%s/", c->path);
	w365_buf_add_url(out, w365_buf_str(&s));
}

void graph_query_get(struct w365_buf *out, const struct graph_collection *c,
		     enum graph_version version, const char *id, size_t id_len)
{
	char lead = '?';

	graph_query_item(out, c, id, id_len);
	add_options(out, c, &c->methods[GRAPH_GET], version, false, &lead);
}

const char *graph_query_probe(bool own)
{
	if (own)
		return "/me/cloudPCs"; /* nobody has so many */
	return "/deviceManagement/virtualEndpoint/cloudPCs?$top=1&$select=id";
}
