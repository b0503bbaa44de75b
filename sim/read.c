/* GET of collections, items and singletons. */
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "sim/graph.h"
#include "sim/locate.h"
#include "sim/odd.h"
#include "sim/paging.h"
#include "sim/query.h"
#include "sim/view.h"

#define BIT(column) ((uint64_t)1 << (column))

/** One reading, from the options to the answer. */
struct reading {
	struct sim_call *call;
	struct sim_set *set;
	struct sim_form form;
	struct sim_query query;
	struct sim_view view, expanded;
	struct w365_buf context;      /* "BASE/VERSION/$metadata#PATH" of the collection */
	const char *parent;           /* id of the item whose children are read, or NULL */
	const struct sim_user *owner; /* below /users: whose items alone are read; else NULL */
	struct sim_prefer prefer;
};

/** The items of a page, as positions in the set. */
struct page {
	uint32_t *items;
	size_t count;
	bool more;
	uint64_t next;  /* what the token of the next page says */
	uint64_t total; /* of all pages, if counted */
};

static void reading_done(struct reading *r)
{
	sim_form_done(&r->form);
	sim_query_done(&r->query);
	w365_buf_done(&r->context);
}

static void write_context(struct reading *r)
{
	const struct sim_call *c = r->call;
	const struct sim_route *route = &c->route;
	const char *path = route->me && route->resource->alias ? route->resource->alias
							       : route->resource->path;
	unsigned id = 0;

	w365_buf_addf(&r->context, "%s/%s/$metadata#", c->sim->config.base,
		      sim_version_name(c->version));
	for (const char *p = path + 1; *p;) {
		const char *brace = strstr(p, "/{");

		w365_buf_add(&r->context, p, brace ? (size_t)(brace - p) : strlen(p));
		if (!brace)
			break;
		w365_buf_adds(&r->context, "('");
		w365_buf_add_url(&r->context, route->ids[id++]);
		w365_buf_adds(&r->context, "')");
		p = strchr(brace, '}') + 1;
	}
}

/* Some properties are told only to who asks for them in a filter too. */
static uint64_t unasked_columns(const struct reading *r)
{
	int column = sim_column_find(&r->set->columns, W365_SPAN("disasterRecoveryCapability"));

	if (column < 0 || (r->query.filter && (sim_filter_inside(r->query.filter) & BIT(column))))
		return 0;
	return BIT(column);
}

/* The list of a user's own Cloud PCs is documented with these ten. */
static uint64_t user_list_columns(const struct sim_columns *c)
{
	static const char *const names[] = { "id",
					     "displayName",
					     "imageDisplayName",
					     "servicePlanId",
					     "servicePlanName",
					     "servicePlanType",
					     "aadDeviceId",
					     "gracePeriodEndDateTime",
					     "provisioningType",
					     "lastModifiedDateTime" };
	uint64_t columns = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int column = sim_column_find(c, (struct w365_span){ names[i], strlen(names[i]) });

		if (column >= 0)
			columns |= BIT(column);
	}
	return columns;
}

static void make_view(struct reading *r)
{
	const struct sim_columns *c = &r->set->columns;
	struct sim_view *v = &r->view;

	*v = (struct sim_view){ .set = r->set,
				.version = r->call->version,
				.unknown_members = r->prefer.all_members,
				.selected = r->query.selected };
	if (r->query.selected)
		v->columns = r->query.select;
	else if (r->call->route.users && !r->call->route.item)
		v->columns = user_list_columns(c);
	else
		v->columns = sim_view_default(c, v->version);
	/* Type names are not selected: they come wherever they say something. */
	if (c->polymorphic)
		v->columns |= BIT(0);
	v->nulls = unasked_columns(r);
	for (size_t i = 0; i < c->count; i++)
		if (c->props[i]->flags & SIM_WRITE_ONLY)
			v->nulls |= BIT(i);
	sim_view_prepare(v);
}

static bool make_expansion(struct reading *r)
{
	char name[64];
	const struct sim_resource *child;
	struct sim_set *set;

	if (!r->query.expand)
		return true;
	snprintf(name, sizeof(name), "%s/assignments", r->set->resource->name);
	child = sim_resource_find(name);
	set = child ? sim_set_of(r->call->sim, child) : NULL;
	if (!set)
		return false;
	r->expanded =
		(struct sim_view){ .set = set,
				   .version = r->call->version,
				   .unknown_members = r->prefer.all_members,
				   .columns = sim_view_default(&set->columns, r->call->version) };
	sim_view_prepare(&r->expanded);
	r->view.expand = &r->expanded;
	r->view.context = w365_buf_str(&r->context);
	return true;
}

/* Everything about the request but the items. False if that was refused: answered. */
static bool prepare(struct reading *r, enum sim_method_kind kind)
{
	struct sim_call *c = r->call;
	const struct sim_resource *resource = c->route.resource;
	struct w365_err err;

	r->set = sim_set_of(c->sim, resource);
	if (!r->set) {
		sim_no_memory(c);
		return false;
	}
	if (!sim_locate_parents(c, &r->parent) || !sim_locate_owner(c, &r->owner))
		return false;
	if (sim_form_parse(c->req->query, &r->form, &err) < 0 ||
	    sim_query_read(&r->form, resource->methods[kind].options, r->set, c->version,
			   c->sim->config.seed, &r->query, &err) < 0) {
		SIM_FAIL(c, 400, "BadRequest", "%s", err.msg);
		return false;
	}
	r->prefer = sim_prefer_read(c->req->prefer);
	write_context(r);
	make_view(r);
	if (make_expansion(r))
		return true;
	sim_no_memory(c);
	return false;
}

/* v1.0 has the plans of enterprises alone, and no property that tells them from the others. */
static bool hidden(const struct reading *r, const struct sim_item *item)
{
	int column;

	if (r->call->version != SIM_V1 || !w365_streq(r->set->resource->name, "servicePlans"))
		return false;
	column = sim_column_find(&r->set->columns, W365_SPAN("type"));
	return !w365_span_is(sim_item_value(item, (size_t)column), "\"enterprise\"");
}

static bool belongs(const struct reading *r, const struct sim_item *item)
{
	if (r->parent && (!item->parent || !w365_streq(item->parent, r->parent)))
		return false;
	return !hidden(r, item) && sim_is_owned(r->set, item, r->owner) &&
	       (!r->query.filter || sim_filter_matches(r->query.filter, item));
}

static int compare_items(const void *a, const void *b, void *arg)
{
	const struct reading *r = arg;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int order =
		sim_query_compare(&r->query, &r->set->columns, r->set->items[i], r->set->items[k]);

	return order ? order : (i > k) - (i < k);
}

static uint64_t page_size(const struct reading *r)
{
	return MIN(MIN(r->call->sim->page_size, r->query.top), r->prefer.max_page);
}

/* Sorted, all that belong must be seen before the first is known: the token counts ranks. */
static bool sorted_page(const struct reading *r, struct page *page)
{
	uint64_t size = page_size(r), from;
	_cleanup_(w365_freep) uint32_t *all = calloc(r->set->count + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return false;
	for (size_t i = 0; i < r->set->count; i++)
		if (belongs(r, r->set->items[i]))
			all[n++] = (uint32_t)i;
	qsort_r(all, n, sizeof(*all), compare_items, (void *)r);
	from = MIN(r->query.position == UINT64_MAX ? r->query.skip : r->query.position, n);
	page->total = n;
	page->count = MIN(size, n - from);
	page->next = from + page->count;
	page->more = page->next < n && page->count;
	memmove(all, all + from, page->count * sizeof(*all));
	page->items = TAKE_PTR(all);
	return true;
}

/* In the collection's own order the token is a position in it, so that no page sees the items
 * before its own. */
static bool plain_page(const struct reading *r, struct page *page)
{
	bool first = r->query.position == UINT64_MAX;
	uint64_t size = page_size(r), skip = first ? r->query.skip : 0;
	size_t start = first ? 0 : MIN(r->query.position, r->set->count);
	size_t count = r->set->count;

	page->items = calloc(MIN(size, count) + 1, sizeof(*page->items));
	if (!page->items)
		return false;
	for (size_t i = r->query.count ? 0 : start; i < count; i++) {
		if (!belongs(r, r->set->items[i]))
			continue;
		page->total++;
		if (i < start)
			continue;
		if (skip) {
			skip--;
		} else if (page->count < size) {
			page->items[page->count++] = (uint32_t)i;
		} else if (!page->more) {
			page->more = size > 0;
			page->next = i;
			if (!r->query.count)
				break;
		}
	}
	return true;
}

static void write_selected(const struct reading *r, struct w365_buf *out)
{
	const struct sim_columns *c = &r->set->columns;
	bool some = false;

	if (!r->query.selected)
		return;
	w365_buf_addc(out, '(');
	for (size_t i = 0; i < c->count; i++) {
		if (!(r->query.select & BIT(i)))
			continue;
		if (some)
			w365_buf_addc(out, ',');
		some = true;
		w365_buf_adds(out, c->props[i]->name);
	}
	w365_buf_addc(out, ')');
}

static void list(struct reading *r)
{
	struct sim_reply *reply = r->call->reply;
	struct w365_buf *out = &reply->body;
	const bool wrapped = sim_odd_wraps(r->call->sim, r->set->resource, true);
	struct page page = { 0 };
	size_t room = 4096;

	if (!(r->query.order_count ? sorted_page(r, &page) : plain_page(r, &page))) {
		sim_no_memory(r->call);
		return;
	}
	/* One allocation: a page is megabytes, and growing would copy it. */
	for (size_t i = 0; i < page.count; i++)
		room += r->set->items[page.items[i]]->len + 3;
	w365_buf_room(out, room);

	reply->status = 200;
	w365_buf_addf(out, "{\"@odata.context\":\"%s", w365_buf_str(&r->context));
	write_selected(r, out);
	w365_buf_adds(out, "\",");
	if (r->query.count)
		w365_buf_addf(out, "\"@odata.count\":%llu,", (unsigned long long)page.total);
	if (page.more)
		sim_next_link(r->call, &r->form, r->set, page.next, out);
	w365_buf_adds(out, "\"value\":[");
	for (size_t i = 0; i < page.count; i++) {
		if (i)
			w365_buf_addc(out, ',');
		if (wrapped)
			w365_buf_adds(out, "{\"value\":");
		sim_view_item(&r->view, r->set->items[page.items[i]], out);
		if (wrapped)
			w365_buf_addc(out, '}');
	}
	w365_buf_adds(out, "]}");
	free(page.items);
}

static const struct sim_item *find_item(const struct reading *r)
{
	const struct sim_route *route = &r->call->route;
	const struct sim_item *item;
	ptrdiff_t at;

	if (!route->item) { /* a singleton: the only one, or the only one of its parent */
		for (size_t i = 0; i < r->set->count; i++)
			if (belongs(r, r->set->items[i]))
				return r->set->items[i];
		return NULL;
	}
	at = sim_set_find(r->set, route->ids[route->id_count - 1], r->parent);
	item = at < 0 ? NULL : r->set->items[at];
	return item && belongs(r, item) ? item : NULL;
}

/* @one: of a collection. */
static void write_item(const struct reading *r, const struct sim_item *item, int status, bool one)
{
	struct w365_buf *out = &r->call->reply->body;

	r->call->reply->status = status;
	w365_buf_addf(out, "{\"@odata.context\":\"%s", w365_buf_str(&r->context));
	write_selected(r, out);
	w365_buf_addf(out, "%s\",", one ? "/$entity" : "");
	if (sim_odd_wraps(r->call->sim, r->set->resource, false)) {
		w365_buf_adds(out, "\"value\":");
		sim_view_item(&r->view, item, out);
	} else {
		sim_view_members(&r->view, item, out);
	}
	w365_buf_addc(out, '}');
}

static void get(struct reading *r)
{
	const struct sim_route *route = &r->call->route;
	const struct sim_item *item = find_item(r);

	if (item)
		write_item(r, item, 200, route->item);
	else
		sim_not_found(r->call, route->resource->name,
			      route->id_count ? route->ids[route->id_count - 1] : "");
}

void sim_read_back(struct sim_call *c, int status, const struct sim_item *item)
{
	_cleanup_(reading_done) struct reading r = { .call = c };

	r.set = sim_set_of(c->sim, c->route.resource);
	r.prefer = sim_prefer_read(c->req->prefer);
	write_context(&r);
	make_view(&r);
	write_item(&r, item, status, !c->route.resource->singleton);
	if (c->reply->body.failed)
		sim_no_memory(c);
}

void sim_read(struct sim_call *c)
{
	_cleanup_(reading_done) struct reading r = { .call = c };
	bool one = c->route.item || c->route.resource->singleton;

	if (!prepare(&r, one ? SIM_GET : SIM_LIST))
		return;
	if (one)
		get(&r);
	else
		list(&r);
	if (c->reply->body.failed)
		sim_no_memory(c);
}
