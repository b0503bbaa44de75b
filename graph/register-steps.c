/* The requests of a registration: what each sends, and what its answer moves. */
#include "graph/register-steps.h"
#include "base/macros.h"
#include "base/str.h"

#include <errno.h>

#define LOST_MS   30000  /* what was made shows by then, in nearly every case */
#define RECENT_MS 180000 /* and by then in every */

const char *const graph_register_names[GRAPH_REGISTER_PERMISSIONS] = {
	"CloudPC.Read.All", "CloudPC.ReadWrite.All", "offline_access", "openid", "profile",
};

bool graph_register_wants(const struct graph_register_plan *plan, unsigned i, bool role)
{
	if (role ? !plan->app || i > 1 : !plan->person)
		return false;
	return i != 1 || plan->write;
}

/* The next application permission that is missing, or -1. */
int graph_register_missing_role(const struct graph_register *g)
{
	for (unsigned i = 0; i < GRAPH_REGISTER_PERMISSIONS; i++)
		if (graph_register_wants(g->plan, i, true) && !g->has_role[i])
			return (int)i;
	return -1;
}

/* ---- answers; g->json is "{}" where nothing was sent ---- */

static int take_resource(struct graph_register *g, struct w365_err *reterr)
{
	int r = graph_register_read_resource(g, reterr);

	g->phase = PHASE_FIND;
	return r == 0 ? graph_register_adopt(g, 0, reterr) : r; /* of a new one all is missing */
}

static int several(struct graph_register *g, uint32_t value, struct w365_err *reterr)
{
	_cleanup_(w365_buf_done) struct w365_buf ids = W365_BUF;
	char id[40];

	W365_JSON_EACH (&g->json, value, i) {
		if (graph_register_read_id(g, w365_json_get(&g->json, i, "appId"), id, reterr) == 0)
			w365_buf_addf(&ids, "%s%s", ids.len ? ", " : "", id);
	}
	return w365_err_set(
		reterr, EEXIST,
		"several applications are called '%.60s': say which one by --client-id: %.200s",
		g->plan->name, w365_buf_str(&ids));
}

/* An application is at hand: to be deleted, just made, or there before. */
static int found(struct graph_register *g, uint32_t item, struct w365_err *reterr)
{
	int r = graph_register_adopt(g, item, reterr);

	if (r < 0)
		return r;
	if (g->plan->likely && strcasecmp(g->plan->likely, g->result.client_id) == 0)
		g->new_application = g->plan->recent;
	if (g->plan->remove && !g->tagged && !g->plan->client_id)
		return w365_err_set(
			reterr, EPERM,
			"the application '%.60s' was not made by 'w365fs register': to delete it all "
			"the same, give --client-id=%s",
			g->plan->name, g->result.client_id);
	if (g->plan->remove) {
		g->phase = PHASE_REMOVE;
	} else if (g->lost) {
		g->lost = false;
		g->new_application = true;
		g->result.application = GRAPH_REGISTER_MADE;
		g->phase = PHASE_SETTLE;
	} else {
		g->result.application = MAX(g->result.application, GRAPH_REGISTER_THERE);
		g->phase = PHASE_UPDATE;
	}
	return 0;
}

static int take_find(struct graph_register *g, struct w365_err *reterr)
{
	const struct w365_json *j = &g->json;
	uint32_t value = w365_json_get(j, 0, "value"), item = 0, n = 0;

	if (!value)
		return w365_err_set(reterr, EPROTO, "the directory's answer has no \"value\"");
	W365_JSON_EACH (j, value, i) {
		item = i;
		n++;
	}
	if (n > 1 && g->plan->likely)
		item = graph_register_among(g, value, "appId", g->plan->likely);
	if (n > 1 && (!g->plan->likely || !item))
		return several(g, value, reterr);
	if (n)
		return found(g, item, reterr);
	if (g->plan->remove) {
		g->phase = PHASE_DONE;
	} else if (g->lost) {
		if (!graph_register_hold(g, LOST_MS))
			return w365_err_set(
				reterr, EIO,
				"no answer came when the application was made, and it does not show yet: in "
				"a few minutes, run this again, which looks for it first");
	} else if (g->plan->client_id) {
		return w365_err_set(reterr, ENOENT,
				    "there is no application %s in this tenant: check --client-id",
				    g->plan->client_id);
	} else {
		g->phase = PHASE_LIKELY;
	}
	return 0;
}

static int take_likely(struct graph_register *g, struct w365_err *reterr)
{
	uint32_t value = w365_json_get(&g->json, 0, "value");
	uint32_t item = graph_register_among(g, value, "appId", g->plan->likely);

	if (item &&
	    graph_register_is(g, w365_json_get(&g->json, item, "displayName"), g->plan->name)) {
		return found(g, item, reterr);
	}
	if (item || !g->plan->recent || !graph_register_hold(g, RECENT_MS))
		g->phase = PHASE_CREATE;
	return 0;
}

static int take_create(struct graph_register *g, struct w365_err *reterr)
{
	struct graph_register_result *to = &g->result;
	int r = graph_register_read_id(g, w365_json_get(&g->json, 0, "id"), to->object, reterr);

	if (r == 0)
		r = graph_register_read_id(g, w365_json_get(&g->json, 0, "appId"), to->client_id,
					   reterr);
	if (r < 0 && !g->plan->dry)
		return r;
	if (g->plan->dry) {
		snprintf(to->object, sizeof(to->object), "{id of the application}");
		snprintf(to->client_id, sizeof(to->client_id), "{client id}");
	}
	to->application = GRAPH_REGISTER_MADE;
	g->new_application = true;
	w365_buf_reset(&g->required);
	w365_buf_reset(&g->redirects);
	g->add_fallback = g->add_audience = false;
	g->phase = PHASE_SETTLE;
	return 0;
}

/* Twice in a row: the directory has many copies. */
static int take_settle(struct graph_register *g, struct w365_err *reterr)
{
	if (++g->seen < 2)
		return 0;
	g->seen = 0;
	g->phase++;
	return 0;
}

static int take_update(struct graph_register *g, struct w365_err *reterr)
{
	if (g->result.application == GRAPH_REGISTER_THERE)
		g->result.application = GRAPH_REGISTER_CHANGED;
	g->phase++;
	return 0;
}

static int take_find_principal(struct graph_register *g, struct w365_err *reterr)
{
	uint32_t value = w365_json_get(&g->json, 0, "value"), item = 0;
	int r = 0;

	if (value)
		W365_JSON_EACH (&g->json, value, i) {
			item = i;
		}
	g->phase = PHASE_CREATE_PRINCIPAL;
	if (item) {
		r = graph_register_read_id(g, w365_json_get(&g->json, item, "id"),
					   g->result.principal, reterr);
		g->result.service = g->lost ? GRAPH_REGISTER_MADE : GRAPH_REGISTER_THERE;
		g->new_principal = g->lost || g->new_application;
		g->phase = PHASE_SETTLE_PRINCIPAL;
	}
	g->lost = false;
	return r;
}

static int take_create_principal(struct graph_register *g, struct w365_err *reterr)
{
	int r = graph_register_read_id(g, w365_json_get(&g->json, 0, "id"), g->result.principal,
				       reterr);

	if (r < 0 && !g->plan->dry)
		return r;
	if (g->plan->dry)
		snprintf(g->result.principal, sizeof(g->result.principal),
			 "{id of the service principal}");
	g->result.service = GRAPH_REGISTER_MADE;
	g->new_principal = true;
	graph_register_read_grants(g); /* there are none: all has to be granted */
	g->phase = PHASE_SETTLE_PRINCIPAL;
	return 0;
}

static int take_keys(struct graph_register *g, struct w365_err *reterr)
{
	graph_register_read_keys(g);
	g->phase++;
	return g->keys.failed ? w365_err_oom(reterr) : 0;
}

static int take_add_key(struct graph_register *g, struct w365_err *reterr)
{
	g->result.certificate = GRAPH_REGISTER_MADE;
	g->phase++;
	return 0;
}

static int take_federated(struct graph_register *g, struct w365_err *reterr)
{
	uint32_t value = w365_json_get(&g->json, 0, "value");

	if (value)
		W365_JSON_EACH (&g->json, value, i) {
			if (graph_register_is(g, w365_json_get(&g->json, i, "issuer"),
					      g->plan->issuer) &&
			    graph_register_is(g, w365_json_get(&g->json, i, "subject"),
					      g->plan->subject))
				g->result.federated =
					g->lost ? GRAPH_REGISTER_MADE : GRAPH_REGISTER_THERE;
		}
	g->lost = false;
	g->phase++;
	return 0;
}

static int take_add_federated(struct graph_register *g, struct w365_err *reterr)
{
	g->result.federated = GRAPH_REGISTER_MADE;
	g->phase++;
	return 0;
}

/* A secret was perhaps added whose value nobody knows. */
static int take_secret_look(struct graph_register *g, struct w365_err *reterr)
{
	uint32_t all = w365_json_get(&g->json, 0, "passwordCredentials");
	uint32_t item = graph_register_among(g, all, "displayName", g->plan->secret_name);
	int r = 0;

	if (item) {
		r = graph_register_read_id(g, w365_json_get(&g->json, item, "keyId"),
					   g->stray_secret, reterr);
		g->phase = PHASE_SECRET_REMOVE;
	} else if (!graph_register_hold(g, LOST_MS)) {
		g->lost = false;
		g->phase = PHASE_SECRET;
	}
	return r;
}

static int take_secret_remove(struct graph_register *g, struct w365_err *reterr)
{
	g->lost = false;
	g->stray_secret[0] = '\0';
	g->phase = PHASE_SECRET;
	return 0;
}

static int take_secret(struct graph_register *g, struct w365_err *reterr)
{
	uint32_t at = w365_json_get(&g->json, 0, "secretText");

	w365_buf_reset(&g->result.secret_value);
	if (at)
		w365_json_decode(&g->result.secret_value, w365_json_raw(&g->json, at));
	if (!g->result.secret_value.len && !g->plan->dry)
		return w365_err_set(reterr, EPROTO, "the new secret's value did not come");
	g->result.secret = GRAPH_REGISTER_MADE;
	g->phase++;
	return 0;
}

static int take_grants(struct graph_register *g, struct w365_err *reterr)
{
	graph_register_read_grants(g);
	if (!g->scope.len)
		g->result.delegated = g->lost ? GRAPH_REGISTER_MADE : GRAPH_REGISTER_THERE;
	g->lost = false;
	g->phase++;
	return g->scope.failed ? w365_err_oom(reterr) : 0;
}

static int take_grant(struct graph_register *g, struct w365_err *reterr)
{
	g->result.delegated =
		g->phase == PHASE_GRANT ? GRAPH_REGISTER_MADE : GRAPH_REGISTER_CHANGED;
	w365_buf_reset(&g->scope);
	g->phase = PHASE_ROLES;
	return 0;
}

static int take_roles(struct graph_register *g, struct w365_err *reterr)
{
	graph_register_read_roles(g);
	if (graph_register_missing_role(g) < 0)
		g->result.roles =
			g->lost ? GRAPH_REGISTER_MADE : MAX(g->result.roles, GRAPH_REGISTER_THERE);
	g->lost = false;
	g->phase++;
	return 0;
}

static int take_role(struct graph_register *g, struct w365_err *reterr)
{
	int i = graph_register_missing_role(g);

	if (i >= 0)
		g->has_role[i] = true;
	g->result.roles = GRAPH_REGISTER_MADE;
	return 0; /* and the next */
}

static int take_remove(struct graph_register *g, struct w365_err *reterr)
{
	g->result.application = GRAPH_REGISTER_REMOVED;
	g->phase = PHASE_DONE;
	return 0;
}

/* ---- when ---- */

static bool imagined(const char *id)
{
	return id[0] == '{';
}

static bool is_likely(const struct graph_register *g)
{
	return g->plan->likely != NULL;
}

static bool wants_resource(const struct graph_register *g)
{
	return !g->plan->remove;
}

static bool settles(const struct graph_register *g)
{
	return g->new_application && !imagined(g->result.object);
}

static bool misses(const struct graph_register *g)
{
	return g->required.len || g->redirects.len || g->add_fallback || g->add_audience;
}

static bool finds_principal(const struct graph_register *g)
{
	return !imagined(g->result.object);
}

static bool settles_principal(const struct graph_register *g)
{
	return g->new_principal && !imagined(g->result.principal);
}

static bool looks_for_keys(const struct graph_register *g)
{
	return g->plan->certificate && !imagined(g->result.object);
}

static bool adds_key(const struct graph_register *g)
{
	return g->plan->certificate && g->result.certificate == GRAPH_REGISTER_NONE;
}

static bool looks_for_federated(const struct graph_register *g)
{
	return g->plan->issuer && !imagined(g->result.object);
}

static bool adds_federated(const struct graph_register *g)
{
	return g->plan->issuer && g->result.federated == GRAPH_REGISTER_NONE;
}

static bool looks_for_secret(const struct graph_register *g)
{
	return g->plan->secret_name && g->lost;
}

static bool removes_secret(const struct graph_register *g)
{
	return g->stray_secret[0];
}

static bool adds_secret(const struct graph_register *g)
{
	return g->plan->secret_name && g->result.secret == GRAPH_REGISTER_NONE;
}

static bool grants(const struct graph_register *g)
{
	return g->plan->consent && g->plan->person;
}

static bool looks_for_grants(const struct graph_register *g)
{
	return grants(g) && !imagined(g->result.principal);
}

static bool adds_grant(const struct graph_register *g)
{
	return grants(g) && g->scope.len && !g->grant[0];
}

static bool widens_grant(const struct graph_register *g)
{
	return grants(g) && g->scope.len && g->grant[0];
}

static bool assigns(const struct graph_register *g)
{
	return g->plan->consent && g->plan->app;
}

static bool looks_for_roles(const struct graph_register *g)
{
	return assigns(g) && !imagined(g->result.principal);
}

static bool adds_role(const struct graph_register *g)
{
	return assigns(g) && graph_register_missing_role(g) >= 0;
}

static bool removes(const struct graph_register *g)
{
	return g->plan->remove && g->result.object[0];
}

#define BY_APPLICATIONS                                                                         \
	"the role Application Administrator or Cloud Application Administrator, and the scope " \
	"Application.ReadWrite.All"
#define BY_GRANTS                                                                                 \
	"the role Cloud Application Administrator, Application Administrator or Privileged Role " \
	"Administrator, and the scope DelegatedPermissionGrant.ReadWrite.All"
#define BY_ASSIGNMENTS \
	"the role Privileged Role Administrator, and the scope AppRoleAssignment.ReadWrite.All"

const struct graph_register_row graph_register_rows[PHASE_DONE] = {
	[PHASE_RESOURCE] = { "GET", wants_resource, take_resource, true, .takes = BY_APPLICATIONS },
	[PHASE_FIND] = { "GET", NULL, take_find, true, .takes = BY_APPLICATIONS },
	[PHASE_LIKELY] = { "GET", is_likely, take_likely, true, .takes = BY_APPLICATIONS },
	[PHASE_CREATE] = { "POST", wants_resource, take_create, true, PHASE_FIND,
			   .takes = BY_APPLICATIONS },
	[PHASE_SETTLE] = { "GET", settles, take_settle, .needs = NEEDS_APPLICATION,
			   .takes = BY_APPLICATIONS },
	[PHASE_UPDATE] = { "PATCH", misses, take_update, false, PHASE_UPDATE, NEEDS_APPLICATION,
			   .takes = BY_APPLICATIONS },
	[PHASE_FIND_PRINCIPAL] = { "GET", finds_principal, take_find_principal, true,
				   .takes = BY_APPLICATIONS },
	[PHASE_CREATE_PRINCIPAL] = { "POST", NULL, take_create_principal, true,
				     PHASE_FIND_PRINCIPAL, NEEDS_APPLICATION,
				     .takes = BY_APPLICATIONS },
	[PHASE_SETTLE_PRINCIPAL] = { "GET", settles_principal, take_settle,
				     .needs = NEEDS_PRINCIPAL, .takes = BY_APPLICATIONS },
	[PHASE_KEYS] = { "GET", looks_for_keys, take_keys, true, .needs = NEEDS_APPLICATION,
			 .takes = BY_APPLICATIONS },
	[PHASE_ADD_KEY] = { "PATCH", adds_key, take_add_key, false, PHASE_KEYS, NEEDS_APPLICATION,
			    .takes = BY_APPLICATIONS },
	[PHASE_FEDERATED] = { "GET", looks_for_federated, take_federated, true,
			      .needs = NEEDS_APPLICATION, .takes = BY_APPLICATIONS },
	[PHASE_ADD_FEDERATED] = { "POST", adds_federated, take_add_federated, false,
				  PHASE_FEDERATED, NEEDS_APPLICATION, .takes = BY_APPLICATIONS },
	[PHASE_SECRET_LOOK] = { "GET", looks_for_secret, take_secret_look, true,
				.needs = NEEDS_APPLICATION, .takes = BY_APPLICATIONS },
	[PHASE_SECRET_REMOVE] = { "POST", removes_secret, take_secret_remove, false,
				  PHASE_SECRET_LOOK, NEEDS_APPLICATION, .takes = BY_APPLICATIONS },
	[PHASE_SECRET] = { "POST", adds_secret, take_secret, true, PHASE_SECRET_LOOK,
			   NEEDS_APPLICATION, .takes = BY_APPLICATIONS },
	[PHASE_GRANTS] = { "GET", looks_for_grants, take_grants, true, .needs = NEEDS_PRINCIPAL,
			   .consents = true, .takes = BY_GRANTS },
	[PHASE_GRANT] = { "POST", adds_grant, take_grant, false, PHASE_GRANTS, NEEDS_PRINCIPAL,
			  true, BY_GRANTS },
	[PHASE_GRANT_MORE] = { "PATCH", widens_grant, take_grant, false, PHASE_GRANTS,
			       NEEDS_PRINCIPAL, true, BY_GRANTS },
	[PHASE_ROLES] = { "GET", looks_for_roles, take_roles, true, .needs = NEEDS_PRINCIPAL,
			  .consents = true, .takes = BY_ASSIGNMENTS },
	[PHASE_ROLE] = { "POST", adds_role, take_role, false, PHASE_ROLES, NEEDS_PRINCIPAL, true,
			 BY_ASSIGNMENTS },
	[PHASE_REMOVE] = { "DELETE", removes, take_remove, false, PHASE_FIND,
			   .takes = BY_APPLICATIONS },
};
