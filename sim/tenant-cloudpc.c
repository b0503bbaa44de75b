/* The Cloud PCs and their restore points. */
#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/tenant-parts.h"

/* Of twenty Cloud PCs, how many each policy has. */
static const uint8_t policy_of[20] = { 0, 1, 0, 2, 1, 3, 0, 4, 1, 0, 5, 2, 1, 0, 4, 3, 7, 1, 6, 0 };

/* Of sixty, those that are not simply provisioned; the last ones of each sort need the Prefer
 * header to be told. */
static const struct {
	uint8_t at;
	const char *status;
} unusual[] = {
	{ 7, "provisioning" },    { 11, "failed" },
	{ 15, "inGracePeriod" },  { 19, "notProvisioned" },
	{ 23, "resizing" },       { 27, "movingRegion" },
	{ 31, "failed" },         { 33, "provisionedWithWarnings" },
	{ 36, "restoring" },      { 41, "pendingProvision" },
	{ 44, "deprovisioning" }, { 47, "resizePendingLicense" },
	{ 52, "inGracePeriod" },  { 55, "updatingSingleSignOn" },
	{ 58, "provisioning" },
};

#define BUSINESS_AT 37 /* of sixty: one sold without a policy */

static const struct {
	const char *code, *message;
} failures[] = {
	{ "intuneEnrollmentFailed",
	  "Windows Autopilot or Intune enrollment did not finish in time." },
	{ "azureNetworkConnectionUnhealthy",
	  "The Azure network connection is not healthy: \"DNS\" check failed." },
	{ "notEnoughIpAddress", "The subnet has no free address left." },
	{ "internalServerError",
	  "Something went wrong on our side.\nTry to reprovision the Cloud PC." },
};

/* Five letters that differ for every i: an odd factor modulo 2^25 hits each code once. */
static void random_letters(const struct sim_tenant *t, size_t i, char out[6])
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	const uint32_t first = 30876425; /* "7QJ2K" with seed 1 */
	uint32_t code =
		(first + (uint32_t)(t->seed - 1) * 2654435 + (uint32_t)i * 11400715) & 0x1ffffff;

	for (unsigned k = 5; k--; code >>= 5)
		out[k] = letters[code & 31];
	out[5] = '\0';
}

static const char *status_of(size_t i)
{
	for (size_t k = 0; k < ARRAY_SIZE(unusual); k++)
		if (unusual[k].at == i % 60)
			return unusual[k].status;
	return "provisioned";
}

static bool is_one_of(const char *s, const char *const *list)
{
	for (; *list; list++)
		if (w365_streq(s, *list))
			return true;
	return false;
}

/* Has there ever been a machine? */
static bool exists(const struct sim_pc *pc)
{
	static const char *const without[] = { "notProvisioned", "pendingProvision", "provisioning",
					       "failed", NULL };

	return !is_one_of(pc->status, without);
}

static bool is_frontline(const struct sim_pc *pc)
{
	return pc->policy && w365_starts(pc->policy->provisioning, "shared");
}

static void name_it(const struct sim_tenant *t, size_t i, struct sim_pc *pc)
{
	static const char *const nicknames[] = { "Budget 2027", "Build server", "Müller's desk",
						 "会議室",      "Test/Lab",     "Travel ✈",
						 "数据分析",    "spare" };
	struct sim_rng r = sim_rng(t->seed, "pc name", i);
	const char *policy = pc->policy ? pc->policy->name : "Windows 365 Business";
	char letters[6];

	random_letters(t, i, letters);
	snprintf(pc->device_name, sizeof(pc->device_name), "%s-%.5s-%s",
		 pc->policy ? pc->policy->prefix : "CPC", pc->user ? pc->user->alias : "share",
		 letters);
	if (i % 60 && sim_rng_percent(&r, 12))
		snprintf(pc->display, sizeof(pc->display), "%s %zu", SIM_PICK(&r, nicknames), i);
	else if (pc->user)
		snprintf(pc->display, sizeof(pc->display), "%s - %s", policy, pc->user->display);
	else
		snprintf(pc->display, sizeof(pc->display), "%s %02zu", policy, i);
}

static size_t plan_of(const struct sim_policy *policy, struct sim_rng *r)
{
	static const uint8_t usual[] = { 2, 2, 3, 4, 4, 5, 6 };

	if (!policy)
		return SIM_PLAN_BUSINESS + sim_rng_below(r, 2);
	if (w365_streq(policy->provisioning, "sharedByUser"))
		return SIM_PLAN_SHARED_BY_USER + sim_rng_below(r, 2);
	if (w365_streq(policy->provisioning, "sharedByEntraGroup"))
		return SIM_PLAN_SHARED_BY_GROUP;
	if (policy->custom_image)
		return SIM_PLAN_LARGE + sim_rng_below(r, 3);
	return SIM_PICK(r, usual);
}

struct sim_pc sim_pc(const struct sim_tenant *t, size_t i)
{
	struct sim_rng r = sim_rng(t->seed, "pc plan", i);
	const struct sim_policy *policy =
		i % 60 == BUSINESS_AT ? NULL : &t->policies[policy_of[i % ARRAY_SIZE(policy_of)]];
	struct sim_pc pc = { .policy = policy,
			     .plan = plan_of(policy, &r),
			     .status = status_of(i) };

	sim_guid(t->seed, "pc", i, pc.id);
	if (!policy || !w365_streq(policy->provisioning, "sharedByEntraGroup"))
		pc.user = &t->users[i % t->user_count];
	name_it(t, i, &pc);
	pc.made = exists(&pc);
	return pc;
}

static void status_detail(struct w365_jw *j, const struct sim_pc *pc, size_t i)
{
	size_t which = i / 20 % ARRAY_SIZE(failures);
	bool failed = w365_streq(pc->status, "failed");

	if (!failed && !w365_streq(pc->status, "provisionedWithWarnings")) {
		w365_jw_str(j, NULL);
		return;
	}
	w365_jw_open(j, '{');
	w365_jw_key(j, "additionalInformation");
	w365_jw_open(j, '[');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "name", "correlationId");
	w365_jw_pair(j, "value", pc->id);
	w365_jw_close(j, '}');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "name", "retriable");
	w365_jw_pair(j, "value", failed ? "true" : "false");
	w365_jw_close(j, '}');
	w365_jw_close(j, ']');
	w365_jw_pair(j, "code", failed ? failures[which].code : "partnerAgentInstallFailed");
	w365_jw_pair(j, "message",
		     failed ? failures[which].message
			    : "A partner's agent could not be installed.");
	w365_jw_close(j, '}');
}

static void connectivity(struct w365_jw *j, const struct sim_pc *pc, struct sim_rng *r, time_t at)
{
	const char *status = !exists(pc)                       ? "unknown"
			     : is_frontline(pc) && at % 3 == 0 ? "inUse"
			     : sim_rng_percent(r, 4)           ? "unavailable"
			     : sim_rng_percent(r, 4)           ? "availableWithWarning"
							       : "available";
	char text[40];

	w365_jw_open(j, '{');
	w365_jw_key(j, "failedHealthCheckItems");
	w365_jw_open(j, '[');
	if (w365_starts(status, "unavail") || w365_ends(status, "Warning")) {
		w365_jw_open(j, '{');
		w365_jw_pair(j, "additionalDetails", "Session host agent is not reachable.");
		w365_jw_pair(j, "displayName", "Session host health");
		sim_json_pair_time(j, "lastHealthCheckDateTime", at);
		w365_jw_pair(j, "result", "failure");
		w365_jw_close(j, '}');
	}
	w365_jw_close(j, ']');
	sim_json_pair_time(j, "lastModifiedDateTime", at);
	w365_jw_pair(j, "status", status);
	w365_jw_pair(j, "updatedDateTime", sim_time_long(at, (unsigned)sim_rng_next(r), text));
	w365_jw_close(j, '}');
}

static void single_sign_on(struct w365_jw *j, const struct sim_pc *pc)
{
	w365_jw_open(j, '{');
	w365_jw_pair_bool(j, "enableSingleSignOn", pc->policy && pc->policy->single_sign_on);
	w365_jw_close(j, '}');
}

static void disaster_recovery(struct w365_jw *j, const struct sim_pc *pc)
{
	if (!pc->policy || pc->policy->geography[0] != 'e') {
		w365_jw_str(j, NULL);
		return;
	}
	w365_jw_open(j, '{');
	w365_jw_pair(j, "capabilityType", "failover");
	w365_jw_pair(j, "licenseType", pc->plan >= SIM_PLAN_LARGE ? "plus" : "standard");
	w365_jw_pair(j, "primaryRegion", pc->policy->region);
	w365_jw_pair(j, "secondaryRegion", "swedencentral");
	w365_jw_close(j, '}');
}

static void last_action(struct w365_jw *j, const struct sim_tenant *t, const struct sim_pc *pc,
			size_t i, struct sim_rng *r)
{
	static const char *const actions[] = { "Reboot",  "Rename",      "Resize",
					       "Restore", "Reprovision", "Troubleshoot" };
	time_t at = t->today - sim_rng_between(r, 1000, 2000000);
	const char *name = SIM_PICK(r, actions), *state = sim_rng_percent(r, 6) ? "failed" : "done";
	char device[37];

	if (!exists(pc)) {
		w365_jw_str(j, NULL);
		return;
	}
	if (w365_streq(pc->status, "resizing") || w365_streq(pc->status, "restoring")) {
		name = w365_streq(pc->status, "resizing") ? "Resize" : "Restore";
		state = "active";
	}
	w365_jw_open(j, '{');
	w365_jw_pair(j, "actionName", name);
	w365_jw_pair(j, "actionState", state);
	w365_jw_pair(j, "cloudPcId", pc->id);
	sim_json_pair_time(j, "lastUpdatedDateTime", at + sim_rng_between(r, 20, 900));
	w365_jw_pair(j, "managedDeviceId", sim_guid(t->seed, "managed device", i, device));
	sim_json_pair_time(j, "startDateTime", at);
	w365_jw_pair(j, "statusDetail", NULL);
	w365_jw_pair(j, "statusDetails", NULL);
	w365_jw_close(j, '}');
}

static void partner_agents(struct w365_jw *j, const struct sim_pc *pc, struct sim_rng *r)
{
	static const char *const names[] = { "citrix", "hp", "vMware" };
	bool warned = w365_streq(pc->status, "provisionedWithWarnings");

	w365_jw_open(j, '[');
	if (warned || sim_rng_percent(r, 10)) {
		w365_jw_open(j, '{');
		w365_jw_pair(j, "errorMessage", warned ? "The installer ended with 1603." : NULL);
		w365_jw_pair(j, "installStatus", warned ? "installFailed" : "installed");
		w365_jw_pair_bool(j, "isThirdPartyPartner", true);
		w365_jw_pair(j, "partnerAgentName", SIM_PICK(r, names));
		w365_jw_pair_bool(j, "retriable", warned);
		w365_jw_close(j, '}');
	}
	w365_jw_close(j, ']');
}

static void shared_device(struct w365_jw *j, const struct sim_tenant *t, const struct sim_pc *pc,
			  size_t i)
{
	if (pc->user || !is_frontline(pc)) {
		w365_jw_str(j, NULL);
		return;
	}
	w365_jw_open(j, '{');
	w365_jw_pair(j, "assignedToUserPrincipalName",
		     i % 2 ? t->users[i % t->user_count].upn : NULL);
	w365_jw_key(j, "sessionStartDateTime");
	if (i % 2)
		w365_jw_raw(j, "\"0001-01-01T00:00:00Z\"");
	else
		w365_jw_str(j, NULL);
	w365_jw_close(j, '}');
}

static void group_detail(struct w365_jw *j, const struct sim_tenant *t, const struct sim_pc *pc)
{
	const struct sim_group *g = pc->policy ? &t->groups[pc->policy->groups[0]] : NULL;

	if (pc->user || !g) {
		w365_jw_str(j, NULL);
		return;
	}
	w365_jw_open(j, '{');
	w365_jw_pair(j, "groupDisplayName", g->display);
	w365_jw_pair(j, "groupId", g->id);
	w365_jw_close(j, '}');
}

static void user_detail(struct w365_jw *j, const struct sim_pc *pc)
{
	if (!pc->user) {
		w365_jw_str(j, NULL);
		return;
	}
	w365_jw_open(j, '{');
	w365_jw_pair(j, "userDisplayName", pc->user->display);
	w365_jw_pair(j, "userId", pc->user->id);
	w365_jw_close(j, '}');
}

/* What v1.0 has as well. */
static void common_part(struct sim_row *row, const struct sim_tenant *t, const struct sim_pc *pc,
			size_t i, time_t modified)
{
	const struct sim_policy *p = pc->policy;
	bool grace = w365_streq(pc->status, "inGracePeriod"), made = exists(pc);
	char id[37];

	sim_row_str(row, "id", pc->id);
	sim_row_str(row, "aadDeviceId", made ? sim_guid(t->seed, "aad device", i, id) : NULL);
	sim_row_str(row, "displayName", pc->display);
	if (grace)
		sim_row_time(row, "gracePeriodEndDateTime",
			     t->today + (time_t)(1 + i % 7) * SIM_DAY);
	else
		sim_row_null(row, "gracePeriodEndDateTime");
	sim_row_str(row, "imageDisplayName",
		    p ? sim_policy_image(t, p).name : sim_gallery_image(0).name);
	sim_row_time(row, "lastModifiedDateTime", modified);
	sim_row_str(row, "managedDeviceId",
		    made && p ? sim_guid(t->seed, "managed device", i, id) : NULL);
	sim_row_str(row, "managedDeviceName", made ? pc->device_name : NULL);
	sim_row_str(row, "onPremisesConnectionName",
		    p && p->connection >= 0 ? t->connections[p->connection].name : NULL);
	sim_row_str(row, "provisioningPolicyId", p ? p->id : NULL);
	sim_row_str(row, "provisioningPolicyName", p ? p->name : NULL);
	sim_row_str(row, "provisioningType", p ? p->provisioning : "dedicated");
	sim_row_str(row, "servicePlanId", sim_plan_id(t, pc->plan, id));
	sim_row_str(row, "servicePlanName", sim_plans[pc->plan].name);
	sim_row_str(row, "userPrincipalName", pc->user ? pc->user->upn : NULL);
}

/* What beta tells of where it is and who may use it. */
static void place_part(struct sim_row *row, const struct sim_tenant *t, const struct sim_pc *pc,
		       size_t i, struct sim_rng *r, time_t modified)
{
	const struct sim_policy *p = pc->policy;
	char text[64];

	snprintf(text, sizeof(text), "%.40s allotment", p ? p->name : "");
	sim_row_str(row, "allotmentDisplayName", is_frontline(pc) ? text : NULL);
	single_sign_on(sim_row_value(row, "connectionSetting"), pc);
	single_sign_on(sim_row_value(row, "connectionSettings"), pc);
	connectivity(sim_row_value(row, "connectivityResult"), pc, r, modified);
	sim_row_str(row, "deviceRegionName", p ? p->region : "westeurope");
	disaster_recovery(sim_row_value(row, "disasterRecoveryCapability"), pc);
	sim_row_str(row, "diskEncryptionState",
		    exists(pc) ? "encryptedUsingPlatformManagedKey" : "notAvailable");
	sim_row_str(row, "frontlineCloudPcAvailability",
		    !is_frontline(pc) ? "notApplicable"
		    : i % 3           ? "available"
				      : "notAvailable");
	group_detail(sim_row_value(row, "groupDetail"), t, pc);
	sim_row_bool(row, "isDisasterRecoveryActive", false);
}

/* What beta tells of the machine and what was done with it. */
static void machine_part(struct sim_row *row, const struct sim_tenant *t, const struct sim_pc *pc,
			 size_t i, struct sim_rng *r, time_t modified)
{
	const struct sim_policy *p = pc->policy;
	bool frontline = is_frontline(pc);
	char text[64];

	if (exists(pc)) {
		struct w365_jw *j = sim_row_value(row, "lastLoginResult");

		w365_jw_open(j, '{');
		sim_json_pair_time(j, "time", t->today - sim_rng_between(r, 0, 400000));
		w365_jw_close(j, '}');
		sim_row_time(row, "lastLogoffDateTime", t->today - sim_rng_between(r, 0, 300000));
	}
	last_action(sim_row_value(row, "lastRemoteActionResult"), t, pc, i, r);
	sim_row_str(row, "osVersion", "windows11");
	partner_agents(sim_row_value(row, "partnerAgentInstallResults"), pc, r);
	sim_row_str(row, "powerState", !frontline ? NULL : i % 4 ? "running" : "poweredOff");
	sim_row_str(row, "productType", !p ? "business" : frontline ? "frontline" : "enterprise");
	if (exists(pc))
		sim_row_str(row, "provisionedDateTime",
			    sim_time_long(modified - sim_rng_between(r, 3, 300) * SIM_DAY,
					  (unsigned)sim_rng_next(r), text));
	sim_row_raw(row, "scopeIds", i % 5 ? W365_SPAN("[\"0\"]") : W365_SPAN("[\"0\",\"7\"]"));
	sim_row_str(row, "servicePlanType", sim_plans[pc->plan].type);
	shared_device(sim_row_value(row, "sharedDeviceDetail"), t, pc, i);
	sim_row_str(row, "status", pc->status);
	status_detail(sim_row_value(row, "statusDetail"), pc, i);
	status_detail(sim_row_value(row, "statusDetails"), pc, i);
	sim_row_str(row, "userAccountType", p && p->local_admin ? "administrator" : "standardUser");
	user_detail(sim_row_value(row, "userDetail"), pc);
	sim_row_str(row, "userExperienceType", p && p->cloud_app ? "cloudApp" : "cloudPc");
}

bool sim_fill_cloud_pcs(const struct sim_tenant *t, struct sim_row *row)
{
	for (size_t i = 0; i < t->cloud_pcs; i++) {
		struct sim_rng r = sim_rng(t->seed, "pc", i);
		struct sim_pc pc = sim_pc(t, i);
		time_t modified = t->today - sim_rng_between(&r, 60, 1209600);

		sim_row_begin(row, row->set->columns.type);
		common_part(row, t, &pc, i, modified);
		place_part(row, t, &pc, i, &r, modified);
		machine_part(row, t, &pc, i, &r, modified);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

/* A few Cloud PCs have restore points, and a few more for every hundred. */
bool sim_fill_snapshots(const struct sim_tenant *t, struct sim_row *row)
{
	static const char *const types[] = { "automatic", "automatic", "manual", "retention" };
	size_t machines = MIN(t->cloud_pcs, 40 + t->cloud_pcs / 100);
	char text[160], own[37];

	for (size_t i = 0; i < machines; i++) {
		struct sim_rng r = sim_rng(t->seed, "snapshots", i);
		struct sim_pc pc = sim_pc(t, i);
		unsigned count = 2 + sim_rng_below(&r, 4);

		for (unsigned k = 0; exists(&pc) && k < count; k++) {
			time_t at =
				t->today - (time_t)(k + 1) * 43200 - sim_rng_between(&r, 0, 3600);

			sim_rng_guid(&r, own);
			snprintf(text, sizeof(text), "CPC_%s_%s", pc.id, own);
			sim_row_begin(row, row->set->columns.type);
			sim_row_str(row, "id", text);
			sim_row_str(row, "cloudPcId", pc.id);
			sim_row_time(row, "createdDateTime", at);
			sim_row_time(row, "expirationDateTime", at + 28 * SIM_DAY);
			sim_row_str(row, "healthCheckStatus",
				    sim_rng_percent(&r, 5) ? "unhealthy" : "healthy");
			if (sim_rng_percent(&r, 10))
				sim_row_time(row, "lastRestoredDateTime", at + 3600);
			sim_row_str(row, "snapshotType", types[k % ARRAY_SIZE(types)]);
			sim_row_str(row, "status", "ready");
			if (!sim_row_add(row, NULL))
				return false;
		}
	}
	return true;
}
