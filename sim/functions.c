/* Functions: those that tell what became of actions. */
#include "sim/functions.h"

#include <stdio.h>

#include "base/macros.h"
#include "sim/action.h"
#include "sim/form.h"
#include "sim/locate.h"
#include "sim/remote.h"
#include "sim/view.h"
#include "sim/words.h"
#include "sim/write.h"

/* name(a='x',b='y') as the last segment of the path: the value of @name in @out, with its doubled
 * quotes read. False if it is not there. */
static bool argument(const struct sim_call *c, const char *name, struct w365_buf *out)
{
	_cleanup_(w365_buf_done) struct w365_buf path = W365_BUF;
	const char *p;
	size_t wrong;

	w365_buf_add(&path, c->req->path.p, c->req->path.len);
	if (path.failed || sim_percent_decode(path.data, path.len, false, &wrong))
		return false;
	p = strrchr(path.data, '(');
	while (p && *p && *p != ')') {
		size_t n = strcspn(++p, "=");
		bool mine = w365_span_is((struct w365_span){ p, n }, name);

		p += n;
		if (p[0] != '=' || p[1] != '\'')
			return false;
		for (p += 2; *p && (*p != '\'' || p[1] == '\''); p++) {
			p += *p == '\'';
			if (mine)
				w365_buf_addc(out, *p);
		}
		if (mine)
			return *p == '\'';
		p += *p == '\'';
	}
	return false;
}

static void open_list(struct w365_jw *j)
{
	w365_jw_key(j, "value");
	w365_jw_open(j, '[');
}

static void close_list(struct w365_jw *j)
{
	w365_jw_close(j, ']');
	w365_jw_close(j, '}');
}

/* An object that was noted; its members stand beside the context. */
static void noted(struct sim_action *a, const char *type, const char *text)
{
	struct w365_jw j = sim_act_answer(a, type);

	w365_buf_addc(j.out, ',');
	w365_buf_adds(j.out, text + 1);
}

static void results(struct sim_action *a)
{
	struct w365_jw j =
		sim_act_answer(a, "Collection(microsoft.graph.cloudPcRemoteActionResult)");

	w365_jw_key(&j, "value");
	sim_results_write(a->call->sim, a->set, a->position, &j);
	w365_jw_close(&j, '}');
}

static void capabilities(struct sim_action *a)
{
	struct w365_jw j =
		sim_act_answer(a, "Collection(microsoft.graph.cloudPcRemoteActionCapability)");
	int status;

	open_list(&j);
	for (size_t i = 0; i < sim_remote_count; i++) {
		const struct sim_remote *r = &sim_remotes[i];

		if (!r->listed)
			continue;
		w365_jw_open(&j, '{');
		w365_jw_pair(&j, "actionCapability",
			     sim_remote_obstacle(a->call->sim, a->set, a->position, r, &status)
				     ? "disabled"
				     : "enabled");
		w365_jw_pair(&j, "actionName", r->listed);
		w365_jw_close(&j, '}');
	}
	close_list(&j);
}

static void review(struct sim_action *a)
{
	const char *text = sim_note_get(&a->call->sim->notes, "review", a->id);

	noted(a, "microsoft.graph.cloudPcReviewStatus",
	      text ? text
		   : "{\"accessTier\":null,\"azureStorageAccountId\":null,"
		     "\"azureStorageAccountName\":null,\"azureStorageContainerName\":null,"
		     "\"inReview\":false,\"restorePointDateTime\":null,"
		     "\"reviewStartDateTime\":null,\"subscriptionId\":null,"
		     "\"subscriptionName\":null,\"userAccessLevel\":\"unrestricted\"}");
}

static void snapshots(struct sim_action *a)
{
	struct sim_set *set = sim_set_of(a->call->sim, sim_resource_find("snapshots"));
	struct w365_jw j = sim_act_answer(a, "Collection(microsoft.graph.cloudPcSnapshot)");
	struct sim_view v = { .set = set, .version = a->call->version };
	bool some = false;

	v.columns = sim_view_default(&set->columns, v.version);
	sim_view_prepare(&v);
	open_list(&j);
	for (size_t i = 0; i < set->count; i++) {
		_cleanup_(w365_buf_done) struct w365_buf pc = W365_BUF;

		if (!w365_streq(sim_item_str(set, set->items[i], "cloudPcId", &pc), a->id))
			continue;
		if (some)
			w365_buf_addc(j.out, ',');
		some = true;
		sim_view_item(&v, set->items[i], j.out);
	}
	close_list(&j);
}

static void access_state(struct sim_action *a)
{
	const struct sim_item *pc = a->set->items[a->position];
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	struct w365_jw j;

	if (!w365_starts(sim_item_str(a->set, pc, "provisioningType", &text), "shared")) {
		SIM_FAIL(a->call, 400, "BadRequest",
			 "The Cloud PC is a dedicated one: it has no access state.");
		return;
	}
	j = sim_act_answer(a, "microsoft.graph.frontlineCloudPcAccessState");
	sim_item_str(a->set, pc, "powerState", &text);
	w365_jw_pair(&j, "value",
		     w365_streq(w365_buf_str(&text), "running") ? "active" : "standbyMode");
	w365_jw_close(&j, '}');
}

static void applied(struct sim_action *a)
{
	const char *text = sim_note_get(&a->call->sim->notes, "apply", a->id);

	if (text)
		noted(a, "microsoft.graph.cloudPcPolicyApplyActionResult", text);
	else
		SIM_FAIL(a->call, 404, "ResourceNotFound", "The policy was never applied.");
}

static void schedule(struct sim_action *a)
{
	const char *text = sim_note_get(&a->call->sim->notes, "schedule", a->id);

	if (text)
		noted(a, "microsoft.graph.cloudPcPolicyScheduledApplyActionDetail", text);
	else
		SIM_FAIL(a->call, 404, "ResourceNotFound", "The policy has no schedule.");
}

static void organization(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF;
	const char *text;

	if (!argument(a->call, "actionType", &type)) {
		SIM_FAIL(a->call, 400, "BadRequest", "The parameter 'actionType' is required.");
		return;
	}
	text = sim_note_get(&a->call->sim->notes, "organization", w365_buf_str(&type));
	noted(a, "microsoft.graph.cloudPcOrganizationActionDetail",
	      text ? text : "{\"errorDescription\":null,\"status\":\"succeeded\"}");
}

static void deployments(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf activity = W365_BUF, pc = W365_BUF;
	struct w365_jw j;
	const char *text;

	if (!argument(a->call, "activityId", &activity) || !argument(a->call, "cloudPcId", &pc)) {
		SIM_FAIL(a->call, 400, "BadRequest",
			 "The parameters 'activityId' and 'cloudPcId' are required.");
		return;
	}
	text = sim_note_get(&a->call->sim->notes, "deployment", w365_buf_str(&activity));
	j = sim_act_answer(a, "Collection(microsoft.graph.cloudPcExternalPartnerActionResult)");
	w365_jw_pair_raw(&j, "value", text ? text : "[]");
	w365_jw_close(&j, '}');
}

static void imports(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF;
	struct w365_jw j;
	const char *text;

	if (!argument(a->call, "snapshotId", &id)) {
		SIM_FAIL(a->call, 400, "BadRequest", "The parameter 'snapshotId' is required.");
		return;
	}
	text = sim_note_get(&a->call->sim->notes, "import", w365_buf_str(&id));
	j = sim_act_answer(a, "Collection(microsoft.graph.cloudPcSnapshotImportActionResult)");
	open_list(&j);
	if (text)
		w365_jw_raw(&j, text);
	close_list(&j);
}

bool sim_function(struct sim_call *c)
{
	static const struct {
		const char *type, *name;
		sim_action_fn *run;
	} functions[] = {
		{ "cloudPC", "retrieveCloudPCRemoteActionResults", results },
		{ "cloudPC", "getSupportedCloudPcRemoteActions", capabilities },
		{ "cloudPC", "retrieveReviewStatus", review },
		{ "cloudPC", "retrieveSnapshots", snapshots },
		{ "cloudPC", "getFrontlineCloudPcAccessState", access_state },
		{ "cloudPcProvisioningPolicy", "retrievePolicyApplyActionResult", applied },
		{ "cloudPcProvisioningPolicy", "retrievePolicyApplySchedule", schedule },
		{ "virtualEndpoint", "retrieveOrganizationActionDetail", organization },
		{ "cloudPcExternalPartner", "retrieveDeployAgentActionResults", deployments },
		{ "cloudPcSnapshot", "retrieveSnapshotImportResults", imports },
	};
	struct sim_action a = { .call = c, .operation = c->route.operation };

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (!w365_streq(functions[i].type, a.operation->on->name) ||
		    !w365_streq(functions[i].name, a.operation->name))
			continue;
		if (sim_act_locate(&a))
			functions[i].run(&a);
		return true;
	}
	return false;
}
