/* Actions of partners, snapshots, profiles, and of the whole organization. */
#include <stdio.h>

#include "base/macros.h"
#include "sim/action.h"
#include "sim/check.h"
#include "sim/json-text.h"
#include "sim/locate.h"
#include "sim/remote.h"
#include "sim/rng.h"
#include "sim/whole.h"
#include "sim/write.h"

static bool refuse(struct sim_action *a, const char *why)
{
	SIM_FAIL(a->call, 400, "BadRequest", "%s", why);
	return false;
}

static size_t length(const struct sim_action *a, const char *name)
{
	uint32_t list = sim_act_get(a, name);
	size_t n = 0;

	W365_JSON_EACH (a->json, list, i)
		n++;
	return n;
}

/* What the resize would meet, in the words of cloudPcResizeValidationCode. */
static const char *resize_outlook(struct sim *s, const char *id)
{
	struct sim_set *set = sim_pcs(s);
	ptrdiff_t at = sim_set_find(set, id, NULL);
	_cleanup_(w365_buf_done) struct w365_buf status = W365_BUF;
	int http;

	if (at < 0)
		return "cloudPcNotFound";
	if (!sim_remote_obstacle(s, set, (size_t)at, sim_remote_find("resize"), &http))
		return "success";
	sim_item_str(set, set->items[at], "status", &status);
	return w365_starts(w365_buf_str(&status), "provisioned") ? "operationConflict"
								 : "operationNotSupported";
}

static bool validate(struct sim_action *a, const char *id, void *arg)
{
	struct w365_jw *j = arg;

	w365_jw_open(j, '{');
	w365_jw_pair(j, "cloudPcId", id);
	w365_jw_pair(j, "validationResult", resize_outlook(a->call->sim, id));
	w365_jw_close(j, '}');
	return true;
}

void sim_act_validate_resize(struct sim_action *a)
{
	struct sim_set *plans = sim_set_of(a->call->sim, sim_resource_find("servicePlans"));
	_cleanup_(w365_buf_done) struct w365_buf plan = W365_BUF;
	struct w365_jw j;

	if (length(a, "cloudPcIds") > 2000) {
		refuse(a, "The property 'cloudPcIds' has more than 2000 ids.");
		return;
	}
	if (sim_set_find(plans, sim_act_str(a, "targetServicePlanId", &plan), NULL) < 0) {
		refuse(a, "The property 'targetServicePlanId' names no service plan.");
		return;
	}
	j = sim_act_answer(a, "Collection(microsoft.graph.cloudPcResizeValidationResult)");
	w365_jw_key(&j, "value");
	w365_jw_open(&j, '[');
	sim_act_each(a, "cloudPcIds", validate, &j);
	w365_jw_close(&j, ']');
	w365_jw_close(&j, '}');
}

static void set_agent(struct sim_row *row, void *arg)
{
	const struct sim_action *a = arg;

	sim_whole_value(a->json, sim_act_get(a, "agentSetting"),
			sim_type_find(W365_SPAN("cloudPcExternalPartnerAgentSetting")),
			sim_row_value(row, "agentSetting")->out);
}

void sim_act_configure_agent(struct sim_action *a)
{
	if (sim_item_change(a->call->sim, a->set, a->position, set_agent, a))
		sim_act_done(a);
	else
		sim_no_memory(a->call);
}

static bool is_pc(struct sim_action *a, const char *id, void *arg)
{
	if (sim_set_find(sim_pcs(a->call->sim), id, NULL) >= 0)
		return true;
	sim_not_found(a->call, "cloudPCs", id);
	return false;
}

struct deployment {
	struct w365_jw *json;
	const char *activity;
};

static bool note_deployment(struct sim_action *a, const char *id, void *arg)
{
	const struct deployment *d = arg;
	struct w365_jw *j = d->json;
	char now[40];

	sim_stamp(a->call->sim, 0, now);
	w365_jw_open(j, '{');
	w365_jw_pair(j, "activityId", d->activity);
	w365_jw_pair(j, "cloudPcId", id);
	w365_jw_pair(j, "errorCode", "none");
	w365_jw_pair(j, "errorMessage", NULL);
	w365_jw_pair(j, "lastModifiedDateTime", now);
	w365_jw_pair(j, "startDateTime", now);
	w365_jw_pair(j, "state", "succeeded");
	w365_jw_close(j, '}');
	return true;
}

void sim_act_deploy_agent(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
	struct w365_jw note = { .out = &text, .compact = true }, j;
	size_t n = length(a, "cloudPcIds");
	struct sim *s = a->call->sim;
	char activity[37];
	struct deployment d = { &note, activity };

	if (!n || n > 50) {
		refuse(a, "The property 'cloudPcIds' must have 1 to 50 ids.");
		return;
	}
	if (!sim_act_each(a, "cloudPcIds", is_pc, NULL))
		return;
	sim_guid(s->config.seed, "made", ++s->made, activity);
	w365_jw_open(&note, '[');
	sim_act_each(a, "cloudPcIds", note_deployment, &d);
	w365_jw_close(&note, ']');
	sim_note_set(&s->notes, "deployment", activity, w365_buf_str(&text));
	j = sim_act_answer(a, "Edm.String");
	w365_jw_pair(&j, "value", activity);
	w365_jw_close(&j, '}');
}

static bool note_profile(struct sim_action *a, const char *id, void *arg)
{
	return sim_note_set(&a->call->sim->notes, "profile removed", id, "true");
}

void sim_act_clean_profiles(struct sim_action *a)
{
	if (length(a, "cloudProfileIds") && sim_act_each(a, "cloudProfileIds", note_profile, NULL))
		sim_act_done(a);
	else
		refuse(a, "The property 'cloudProfileIds' must have at least one id.");
}

/* Each file is in a storage account, or behind a signed address. */
static bool check_files(struct sim_action *a, uint32_t files)
{
	const struct w365_json *j = a->json;
	unsigned n = 0;

	W365_JSON_EACH (j, files, file) {
		uint32_t type = w365_json_get(j, file, "sourceType");
		bool blob = type && w365_span_is(w365_json_raw(j, type), "azureStorageAccount");
		const char *name = blob ? "storageBlobInfo" : "sasUrl";
		uint32_t at = w365_json_get(j, file, name);

		if (!at || j->nodes[at].kind == W365_JSON_IS_NULL) {
			SIM_FAIL(a->call, 400, "BadRequest",
				 "The property 'sourceFiles[%u].%s' is required.", n, name);
			return false;
		}
		n++;
	}
	return n || refuse(a, "The property 'sourceFiles' must have at least one file.");
}

void sim_act_import(struct sim_action *a)
{
	_cleanup_(w365_buf_done) struct w365_buf id = W365_BUF, text = W365_BUF;
	struct w365_jw note = { .out = &text, .compact = true }, j;
	uint32_t files = sim_act_get(a, "sourceFiles");
	struct sim *s = a->call->sim;
	const struct sim_user *user =
		sim_tenant_user(&s->tenant, sim_act_str(a, "assignedUserId", &id));
	char snapshot[37], now[40];

	if (!user) {
		refuse(a, "The property 'assignedUserId' names no user.");
		return;
	}
	if (!check_files(a, files))
		return;
	if (sim_note_get(&s->notes, "imported for", user->id)) {
		SIM_FAIL(a->call, 409, "Conflict",
			 "A snapshot was imported for the user already: purge it first.");
		return;
	}
	sim_guid(s->config.seed, "made", ++s->made, snapshot);
	w365_jw_open(&note, '{');
	w365_jw_pair(&note, "additionalDetail", NULL);
	w365_jw_pair(&note, "assignedUserPrincipalName", user->upn);
	w365_jw_pair(&note, "endDateTime", NULL);
	w365_jw_pair(&note, "filename", "disk.vhd");
	w365_jw_pair(&note, "importStatus", "inProgress");
	w365_jw_pair(&note, "policyName", NULL);
	w365_jw_pair(&note, "snapshotId", snapshot);
	w365_jw_pair(&note, "startDateTime", sim_stamp(s, 0, now));
	w365_jw_pair(&note, "usageStatus", "notUsed");
	w365_jw_close(&note, '}');
	sim_note_set(&s->notes, "import", snapshot, w365_buf_str(&text));
	sim_note_set(&s->notes, "imported for", user->id, snapshot);
	sim_note_set(&s->notes, "importer of", snapshot, user->id);
	j = sim_act_answer(a, "microsoft.graph.cloudPcSnapshotImportActionResult");
	/* Its members stand beside the context. */
	w365_buf_addc(j.out, ',');
	w365_buf_add(j.out, text.data + 1, text.len - 1);
}

static bool is_imported(struct sim_action *a, const char *id, void *arg)
{
	if (sim_note_get(&a->call->sim->notes, "import", id))
		return true;
	sim_not_found(a->call, "snapshots", id);
	return false;
}

static bool purge(struct sim_action *a, const char *id, void *arg)
{
	struct sim_notes *n = &a->call->sim->notes;
	const char *user = sim_note_get(n, "importer of", id);

	if (user)
		sim_note_set(n, "imported for", user, NULL);
	sim_note_set(n, "importer of", id, NULL);
	return sim_note_set(n, "import", id, NULL);
}

void sim_act_purge(struct sim_action *a)
{
	if (!sim_act_each(a, "snapshotIds", is_imported, NULL))
		return;
	sim_act_each(a, "snapshotIds", purge, NULL);
	sim_act_done(a);
}

static uint64_t finish_organization(struct sim *s, struct sim_course *c)
{
	sim_note_set(&s->notes, "organization", c->id,
		     c->fails ? "{\"errorDescription\":\"It was refused.\",\"status\":\"failed\"}"
			      : "{\"errorDescription\":null,\"status\":\"succeeded\"}");
	return SIM_ENDS;
}

void sim_act_organization(struct sim_action *a)
{
	static const char running[] = "{\"errorDescription\":null,\"status\":\"inProgress\"}";
	_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF;
	struct sim_course course = { .run = finish_organization };
	struct sim *s = a->call->sim;
	struct w365_jw j;

	snprintf(course.id, sizeof(course.id), "%s", sim_act_str(a, "actionType", &type));
	sim_failure_take(&s->courses, "organizationAction", &course);
	if (!sim_note_set(&s->notes, "organization", course.id, running) ||
	    !sim_course_begin(s, &course, 5000)) {
		sim_no_memory(a->call);
		return;
	}
	j = sim_act_answer(a, "microsoft.graph.cloudPcOrganizationActionDetail");
	w365_buf_addc(j.out, ',');
	w365_buf_adds(j.out, running + 1);
}
