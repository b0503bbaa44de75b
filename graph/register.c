#include "graph/register.h"
#include "base/macros.h"
#include "base/str.h"
#include "graph/register-steps.h"

#include <errno.h>

#define SHOW_MS   180000 /* so long what was made may stay unseen elsewhere */
#define REFUSE_MS 30000  /* so long a 400 or 403 may be due to that */
#define LOSSES    3      /* answers that may be lost */
#define PAGES     100    /* of one list: more is a circle */

W365_DEFINE_CLEANUP(struct graph_register *, graph_register_free)

int graph_register_new(const struct graph_register_plan *plan, struct graph_register **ret,
		       struct w365_err *reterr)
{
	_cleanup_(graph_register_freep) struct graph_register *g = calloc(1, sizeof(*g));

	if (!g)
		return w365_err_oom(reterr);
	g->plan = plan;
	g->result.secret_value = W365_BUF_SECRET;
	if (w365_json_parse(&g->json, "{}", 2, NULL, reterr) < 0)
		return w365_err_oom(reterr);
	*ret = TAKE_PTR(g);
	return 0;
}

struct graph_register *graph_register_free(struct graph_register *g)
{
	if (g) {
		w365_buf_done(&g->result.secret_value);
		w365_buf_done(&g->path);
		w365_buf_done(&g->body);
		w365_buf_done(&g->required);
		w365_buf_done(&g->redirects);
		w365_buf_done(&g->keys);
		w365_buf_done(&g->scope);
		w365_buf_done(&g->items);
		w365_buf_done(&g->link);
		w365_json_done(&g->json);
		free(g);
	}
	return NULL;
}

const struct graph_register_result *graph_register_result(const struct graph_register *g)
{
	return &g->result;
}

void graph_register_permissions(const struct graph_register_plan *plan, struct w365_buf *out)
{
	for (unsigned i = 0; i < 2; i++)
		if (graph_register_wants(plan, i, plan->app))
			w365_buf_addf(out, "%s%s", i ? " " : "", graph_register_names[i]);
}

void graph_register_scopes(const struct graph_register_plan *plan, const char *resource,
			   struct w365_buf *out)
{
	w365_buf_addf(out, "%s/Application.ReadWrite.All", resource);
	if (plan->consent && plan->person && !plan->remove)
		w365_buf_addf(out, " %s/DelegatedPermissionGrant.ReadWrite.All", resource);
	if (plan->consent && plan->app && !plan->remove)
		w365_buf_addf(out, " %s/AppRoleAssignment.ReadWrite.All", resource);
	w365_buf_adds(out, " openid profile");
}

/* A second at first, then longer: most of the time the directory is fast. */
bool graph_register_hold(struct graph_register *g, uint64_t limit_ms)
{
	if (g->waited >= limit_ms)
		return false;
	g->wait = MIN((uint64_t)1000 << MIN(g->holds, 3u), (uint64_t)5000);
	g->waited += g->wait;
	g->holds++;
	return true;
}

static const struct graph_register_row *row(const struct graph_register *g)
{
	return &graph_register_rows[g->phase];
}

static bool writes(const struct graph_register *g)
{
	return !w365_streq(row(g)->method, "GET");
}

int graph_register_next(struct graph_register *g, struct graph_register_todo *ret,
			struct w365_err *reterr)
{
	*ret = (struct graph_register_todo){ .wait_ms = g->wait };
	if (g->wait) {
		g->wait = 0;
		return GRAPH_REGISTER_WAIT;
	}
	while (g->phase < PHASE_DONE && row(g)->wanted && !row(g)->wanted(g))
		g->phase++;
	if (g->phase > g->furthest) {
		g->furthest = g->phase;
		g->waited = g->holds = g->losses = 0;
		g->lost = false;
	}
	if (g->phase == PHASE_DONE)
		return GRAPH_REGISTER_DONE;
	graph_register_path(g);
	graph_register_body(g);
	if (g->path.failed || g->body.failed)
		return w365_err_oom(reterr);
	ret->method = row(g)->method;
	ret->path = w365_buf_str(g->link.len ? &g->link : &g->path);
	ret->body = g->body.len ? w365_buf_str(&g->body) : NULL;
	ret->writes = writes(g);
	return GRAPH_REGISTER_SEND;
}

/* ---- what failed ---- */

/* Nobody knows whether the service has carried it out. */
static bool is_lost(const struct w365_err *err)
{
	if (err->http)
		return err->http == 408 || err->http >= 500;
	return err->num == ETIMEDOUT || err->num == EPROTO || (err->num == EIO && err->passing);
}

static void look(struct graph_register *g)
{
	g->phase = row(g)->look;
	g->seen = 0;
}

static int lose(struct graph_register *g, const struct w365_err *err, struct w365_err *reterr)
{
	if (++g->losses > LOSSES) {
		*reterr = *err;
		return -err->num;
	}
	g->lost = true;
	g->wait = 1000; /* it may be on its way still */
	look(g);
	return 0;
}

/* Refused because the directory has not heard yet of what this run, or the one before, has made? */
static bool is_early(struct graph_register *g, const struct w365_err *err)
{
	bool fresh = row(g)->needs == NEEDS_APPLICATION
			     ? g->new_application
			     : row(g)->needs == NEEDS_PRINCIPAL &&
				       (g->new_principal || g->new_application);

	if (err->http == 409 && writes(g)) /* it is there, and does not show yet */
		return graph_register_hold(g, SHOW_MS);
	if (!fresh)
		return false;
	if (err->http == 404 || w365_streq(err->code, "NoBackingApplicationObject"))
		return graph_register_hold(g, SHOW_MS);
	if (err->http == 400)
		return graph_register_hold(g, REFUSE_MS);
	return err->http == 403 && g->phase == PHASE_CREATE_PRINCIPAL &&
	       graph_register_hold(g, REFUSE_MS / 2);
}

static int refuse(struct graph_register *g, const struct w365_err *err, struct w365_err *to)
{
	static const char *const what[] = { "read applications", "register applications",
					    "consent for everybody" };

	w365_err_set(to, EACCES, "the signed-in account may not %s: that takes %s (%s)",
		     what[row(g)->consents ? 2 : writes(g)], row(g)->takes, err->msg);
	to->http = err->http;
	snprintf(to->code, sizeof(to->code), "%s", err->code);
	snprintf(to->request, sizeof(to->request), "%s", err->request);
	return -EACCES;
}

/* The rest is worth doing without consent: an administrator gives it later. */
static void go_without(struct graph_register *g, const struct w365_err *err)
{
	if (row(g)->takes == graph_register_rows[PHASE_GRANT].takes) {
		g->result.delegated = GRAPH_REGISTER_REFUSED;
		g->phase = PHASE_ROLES;
	} else {
		g->result.roles = GRAPH_REGISTER_REFUSED;
		g->phase = PHASE_REMOVE;
	}
}

static void forget_pages(struct graph_register *g)
{
	w365_buf_reset(&g->items);
	w365_buf_reset(&g->link);
	g->pages = 0;
}

static int fail(struct graph_register *g, const struct w365_err *err, struct w365_err *reterr)
{
	forget_pages(g);
	if (writes(g) && is_lost(err))
		return lose(g, err, reterr);
	if (g->phase == PHASE_REMOVE && err->http == 404) {
		g->phase = PHASE_DONE;
		g->result.application = GRAPH_REGISTER_REMOVED;
		return 0;
	}
	if (is_early(g, err)) {
		g->seen = 0;
		if (writes(g))
			look(g);
		return 0;
	}
	/* A permission that is there already is a plain 400: what is there tells. */
	if (g->phase == PHASE_ROLE && err->http == 400 && ++g->losses <= LOSSES) {
		look(g);
		return 0;
	}
	if (err->http == 403 && row(g)->consents) {
		refuse(g, err, &g->result.refused);
		go_without(g, err);
		return 0;
	}
	if (err->http == 403)
		return refuse(g, err, reterr);
	*reterr = *err;
	if (g->waited >= REFUSE_MS)
		w365_err_set(
			reterr, ETIMEDOUT,
			"the directory does not show yet what was made: run this again in some minutes (%s)",
			err->msg);
	return -reterr->num;
}

/* ---- what came ---- */

static int parse(struct graph_register *g, const char *text, size_t len, struct w365_err *reterr)
{
	struct w365_err why;

	if (w365_json_parse(&g->json, text, len, NULL, &why) == 0)
		return 0;
	w365_json_parse(&g->json, "{}", 2, NULL, NULL);
	return why.num == ENOMEM
		       ? w365_err_oom(reterr)
		       : w365_err_set(reterr, EPROTO, "the directory's answer makes no sense: %s",
				      why.msg);
}

/*
 * A list may come in pages: 1 if there is another one to ask for. After the last one the whole list is in g->json, as if it had
 * come at once; @whole holds its text.
 */
static int gather(struct graph_register *g, struct w365_buf *whole, struct w365_err *reterr)
{
	uint32_t value = w365_json_get(&g->json, 0, "value");
	uint32_t link = w365_json_get(&g->json, 0, "@odata.nextLink");

	if (!link && !g->pages)
		return 0;
	if (!value || g->json.nodes[value].kind != W365_JSON_IS_ARRAY ||
	    (link && g->json.nodes[link].kind != W365_JSON_IS_STRING) || ++g->pages > PAGES) {
		forget_pages(g);
		return w365_err_set(reterr, EPROTO, "the directory's list has no end");
	}
	W365_JSON_EACH (&g->json, value, i) {
		struct w365_span item = w365_json_raw(&g->json, i);

		w365_buf_adds(&g->items, g->items.len ? "," : "");
		w365_buf_add(&g->items, item.p, item.len);
	}
	w365_buf_reset(&g->link);
	if (link) {
		w365_json_decode(&g->link, w365_json_raw(&g->json, link));
		return g->items.failed || g->link.failed ? w365_err_oom(reterr) : 1;
	}
	w365_buf_addf(whole, "{\"value\":[");
	w365_buf_add(whole, g->items.data, g->items.len);
	w365_buf_adds(whole, "]}");
	forget_pages(g);
	return whole->failed ? w365_err_oom(reterr)
			     : parse(g, w365_buf_str(whole), whole->len, reterr);
}

int graph_register_feed(struct graph_register *g, const struct w365_reply *reply,
			const struct w365_err *err, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf whole = W365_BUF;
	struct w365_err bad = { 0 };
	int r = 0;

	if (!reply)
		return fail(g, err, reterr);
	if (row(g)->json)
		r = parse(g, reply->body, reply->len, &bad);
	if (r == 0 && row(g)->json && !writes(g))
		r = gather(g, &whole, &bad);
	if (r == 0)
		r = row(g)->take(g, &bad);
	/* The answer's memory is not ours: a dangling one would be read by the next step. */
	w365_json_parse(&g->json, "{}", 2, NULL, NULL);
	if (r == -EPROTO && writes(g))
		return lose(g, &bad, reterr);
	if (r < 0)
		*reterr = bad;
	return MIN(r, 0);
}

int graph_register_pretend(struct graph_register *g, struct w365_err *reterr)
{
	return row(g)->take(g, reterr);
}
