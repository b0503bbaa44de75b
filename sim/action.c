/* Actions, up to the one that is meant. */
#include "sim/action.h"

#include <stdio.h>

#include "base/macros.h"
#include "sim/audit.h"
#include "sim/check.h"
#include "sim/jobs.h"
#include "sim/locate.h"
#include "sim/remote.h"
#include "sim/report.h"
#include "sim/write.h"

static const struct {
	const char *type, *name;
	sim_action_fn *run;
} actions[] = {
	{ "cloudPcProvisioningPolicy", "assign", sim_act_assign },
	{ "cloudPcUserSetting", "assign", sim_act_assign },
	{ "cloudPcProvisioningPolicy", "apply", sim_act_apply },
	{ "cloudPcProvisioningPolicy", "applyConfig", sim_act_apply_config },
	{ "cloudPcProvisioningPolicy", "retry", sim_act_policy_retry },
	{ "cloudPcProvisioningPolicy", "schedulePolicyApplyTask", sim_act_schedule },
	{ "cloudPC", "validateBulkResize", sim_act_validate_resize },
	{ "cloudPcBulkAction", "retry", sim_act_bulk_retry },
	{ "cloudPcCloudApp", "publish", sim_act_publish },
	{ "cloudPcCloudApp", "reset", sim_act_reset_app },
	{ "cloudPcCloudApp", "unpublish", sim_act_unpublish },
	{ "cloudPcDeviceImage", "retryUpload", sim_act_upload },
	{ "cloudPcDeviceImage", "reupload", sim_act_upload },
	{ "cloudPcExternalPartner", "configureAgent", sim_act_configure_agent },
	{ "cloudPcExternalPartner", "deployAgent", sim_act_deploy_agent },
	{ "cloudPcOnPremisesConnection", "runHealthChecks", sim_act_health },
	{ "cloudPcOnPremisesConnection", "updateAdDomainPassword", sim_act_password },
	{ "cloudPCUserSettingsPersistenceDetail", "batchCleanupUserSettingsPersistenceProfile",
	  sim_act_clean_profiles },
	{ "cloudPcSnapshot", "importSnapshot", sim_act_import },
	{ "cloudPcSnapshot", "purgeImportedSnapshot", sim_act_purge },
	{ "virtualEndpoint", "organizationAction", sim_act_organization },
};

void sim_act_done(struct sim_action *a)
{
	a->call->reply->status = a->operation->status;
	a->call->reply->content_type = NULL;
}

uint32_t sim_act_get(const struct sim_action *a, const char *name)
{
	return a->json->count ? w365_json_get(a->json, 0, name) : 0;
}

const char *sim_act_str(const struct sim_action *a, const char *name, struct w365_buf *out)
{
	uint32_t at = sim_act_get(a, name);

	w365_buf_reset(out);
	if (at && a->json->nodes[at].kind == W365_JSON_IS_STRING)
		w365_json_decode(out, w365_json_raw(a->json, at));
	return w365_buf_str(out);
}

struct w365_jw sim_act_answer(struct sim_action *a, const char *type)
{
	struct sim_reply *reply = a->call->reply;
	struct w365_jw j = { .out = &reply->body, .compact = true };
	_cleanup_(w365_buf_done) struct w365_buf context = W365_BUF;

	reply->status = a->operation->status;
	w365_buf_addf(&context, "%s/%s/$metadata#%s", a->call->sim->config.base,
		      sim_version_name(a->call->version), type);
	w365_jw_open(&j, '{');
	w365_jw_pair(&j, "@odata.context", w365_buf_str(&context));
	return j;
}

bool sim_act_each(struct sim_action *a, const char *name,
		  bool (*fn)(struct sim_action *a, const char *id, void *arg), void *arg)
{
	uint32_t list = sim_act_get(a, name);

	if (!list || a->json->nodes[list].kind != W365_JSON_IS_ARRAY)
		return true;
	W365_JSON_EACH (a->json, list, i) {
		_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;

		w365_json_decode(&id, w365_json_raw(a->json, i));
		if (!fn(a, w365_buf_str(&id), arg))
			return false;
	}
	return true;
}

/* The names in the action's path, without the ids and the action's own, are those of its
 * collection. */
static const struct sim_resource *resource_of(const struct sim_operation *o)
{
	const char *p = o->path + strlen("/deviceManagement/virtualEndpoint");
	const char *last = strrchr(o->path, '/');
	char name[128] = "";
	size_t n = 0;

	while (p < last) {
		size_t len = strcspn(p + 1, "/");

		if (p[1] != '{')
			n += (size_t)snprintf(name + n, sizeof(name) - n, "%s%.*s", n ? "/" : "",
					      (int)len, p + 1);
		p += 1 + len;
	}
	return *name ? sim_resource_find(name) : NULL;
}

/* The position of the one that belongs to @parent. */
static ptrdiff_t only_child(const struct sim_set *set, const char *parent)
{
	for (size_t i = 0; i < set->count; i++)
		if (!parent || (set->items[i]->parent && w365_streq(set->items[i]->parent, parent)))
			return (ptrdiff_t)i;
	return -1;
}

/* Is it there for its actions and functions alone? */
static bool is_carrier(const struct sim_resource *r)
{
	for (size_t i = 0; i < SIM_METHODS; i++)
		if (r->methods[i].versions)
			return false;
	return r->singleton;
}

bool sim_act_locate(struct sim_action *a)
{
	struct sim_call *c = a->call;
	struct sim_route *route = &c->route;
	const struct sim_user *owner;
	const char *parent, *id;
	ptrdiff_t at;

	route->resource = resource_of(a->operation);
	if (!route->resource || is_carrier(route->resource))
		return true;
	a->set = sim_set_of(c->sim, route->resource);
	if (!a->set) {
		sim_no_memory(c);
		return false;
	}
	route->item = !a->operation->on_collection && !route->resource->singleton;
	if (!sim_locate_parents(c, &parent) || !sim_locate_owner(c, &owner))
		return false;
	if (a->operation->on_collection)
		return true;
	id = route->item ? route->ids[route->id_count - 1] : "";
	at = route->item ? sim_set_find(a->set, id, parent) : only_child(a->set, parent);
	if (at < 0 || !sim_is_owned(a->set, a->set->items[at], owner)) {
		sim_not_found(c, route->resource->name, id);
		return false;
	}
	a->position = (size_t)at;
	return sim_item_id(a->set, a->set->items[at], a->id);
}

static bool needs_body(const struct sim_operation *o)
{
	for (size_t i = 0; i < o->param_count; i++)
		if (o->params[i].required)
			return true;
	return false;
}

static void run(struct sim_action *a)
{
	/* All others that a single Cloud PC has. */
	if (w365_streq(a->operation->on->name, "cloudPC") && !a->operation->on_collection &&
	    sim_remote_find(a->operation->name)) {
		sim_act_remote(a);
		return;
	}
	if (a->operation->returns && a->operation->returns->kind == SIM_STREAM) {
		sim_act_report(a);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (w365_streq(actions[i].type, a->operation->on->name) &&
		    w365_streq(actions[i].name, a->operation->name)) {
			actions[i].run(a);
			return;
		}
	SIM_FAIL(a->call, 501, "notImplemented", "The simulator does not serve this yet: %s.",
		 a->operation->name);
}

static void tell(const struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF;
	ptrdiff_t at = *a->id ? sim_set_find(a->set, a->id, NULL) : -1;

	sim_audit(a->call, &(struct sim_deed){
				   .operation = "create",
				   .verb = a->operation->name,
				   .type = a->operation->on,
				   .id = a->id,
				   .name = at < 0 ? ""
						  : sim_item_str(a->set, a->set->items[at],
								 "displayName", &name),
			   });
}

void sim_act(struct sim_call *c)
{
	_cleanup_(sim_payload_done) struct sim_payload payload = { 0 };
	struct sim_action a = { .call = c, .operation = c->route.operation, .json = &payload.json };
	struct w365_err err;

	if (!sim_payload_read(c, !needs_body(a.operation), &payload))
		return;
	if (sim_check_params(a.json, a.operation, c->version, &err) < 0)
		SIM_FAIL(c, 400, "BadRequest", "%s", err.msg);
	else if (sim_act_locate(&a))
		run(&a);
	/* What is answered with a value alone changes nothing. */
	if (c->reply->status == 202 || c->reply->status == 204)
		tell(&a);
}
