/* Ninety days of what administrators did, the newest first. */
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/tenant-parts.h"

#define DAYS    90
#define MAX_DAY 80 /* events in a day */

enum target { PC, POLICY, SETTING, CONNECTION, IMAGE, APP };

/* How often each happens, of a hundred. */
static const struct {
	unsigned share;
	const char *type, *operation, *component;
	enum target target;
} activities[] = {
	{ 22, "Reboot CloudPC", "create", "CloudPC", PC },
	{ 9, "Rename CloudPC", "create", "CloudPC", PC },
	{ 8, "Reprovision CloudPC", "create", "CloudPC", PC },
	{ 7, "Troubleshoot CloudPC", "create", "CloudPC", PC },
	{ 6, "Resize CloudPC", "create", "CloudPC", PC },
	{ 5, "Restore CloudPC", "create", "CloudPC", PC },
	{ 4, "EndGracePeriod CloudPC", "create", "CloudPC", PC },
	{ 3, "Delete CloudPC", "delete", "CloudPC", PC },
	{ 9, "Patch CloudPcProvisioningPolicy", "patch", "CloudPcProvisioningPolicy", POLICY },
	{ 6, "Assign CloudPcProvisioningPolicy", "create", "CloudPcProvisioningPolicy", POLICY },
	{ 3, "Create CloudPcProvisioningPolicy", "create", "CloudPcProvisioningPolicy", POLICY },
	{ 1, "Delete CloudPcProvisioningPolicy", "delete", "CloudPcProvisioningPolicy", POLICY },
	{ 4, "Patch CloudPcUserSetting", "patch", "CloudPcUserSetting", SETTING },
	{ 2, "Create CloudPcUserSetting", "create", "CloudPcUserSetting", SETTING },
	{ 4, "RunHealthChecks CloudPcOnPremisesConnection", "create", "CloudPcOnPremisesConnection",
	  CONNECTION },
	{ 2, "Patch CloudPcOnPremisesConnection", "patch", "CloudPcOnPremisesConnection",
	  CONNECTION },
	{ 2, "Create CloudPcDeviceImage", "create", "CloudPcDeviceImage", IMAGE },
	{ 2, "Publish CloudPcCloudApp/Batch", "create", "CloudPcCloudApp", APP },
	{ 1, "", "patch", "Unknown", APP }, /* nobody has named it */
};

static size_t pick_activity(struct sim_rng *r)
{
	unsigned n = sim_rng_below(r, 100);
	size_t i = 0;

	while (n >= activities[i].share)
		n -= activities[i++].share;
	return i;
}

static void actor(struct w365_jw *j, const struct sim_tenant *t, struct sim_rng *r)
{
	bool application = sim_rng_percent(r, 20);
	const struct sim_user *u = &t->users[sim_rng_below(r, 7)];
	char text[64];

	w365_jw_open(j, '{');
	w365_jw_pair(j, "applicationDisplayName", application ? "svc-terraform" : "Admin portal");
	w365_jw_pair(j, "applicationId", sim_guid(t->seed, "admin app", application, text));
	snprintf(text, sizeof(text), "198.51.100.%u", sim_rng_below(r, 254) + 1);
	w365_jw_pair(j, "ipAddress", application ? "2001:db8:4:1::17" : text);
	w365_jw_pair(j, "remoteTenantId", NULL);
	w365_jw_pair(j, "remoteUserId", NULL);
	w365_jw_pair(j, "servicePrincipalName", application ? "svc-terraform" : NULL);
	w365_jw_pair(j, "userId", application ? NULL : u->id);
	w365_jw_pair_raw(j, "userPermissions", application ? "[]" : "[\"*\"]");
	w365_jw_pair(j, "userPrincipalName", application ? NULL : u->upn);
	w365_jw_key(j, "userRoleScopeTags");
	w365_jw_open(j, '[');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "displayName", "Default");
	w365_jw_pair(j, "roleScopeTagId", "0");
	w365_jw_close(j, '}');
	w365_jw_close(j, ']');
	w365_jw_pair(j, "type", application ? "application" : "itPro");
	w365_jw_close(j, '}');
}

/* The resource's id and name. */
static void target_of(const struct sim_tenant *t, enum target target, struct sim_rng *r,
		      char id[37], char name[192])
{
	size_t n = sim_rng_next(r) >> 33;
	struct sim_pc pc;

	sim_guid(t->seed, "gone", n % 50, id); /* of what was deleted since */
	snprintf(name, 192, "Deleted %zu", n % 50);
	if (target == POLICY) {
		memcpy(id, t->policies[n % SIM_POLICIES].id, 37);
		snprintf(name, 192, "%s", t->policies[n % SIM_POLICIES].name);
	} else if (target == CONNECTION) {
		memcpy(id, t->connections[n % SIM_CONNECTIONS].id, 37);
		snprintf(name, 192, "%s", t->connections[n % SIM_CONNECTIONS].name);
	} else if (target == PC && t->cloud_pcs) {
		pc = sim_pc(t, n % MIN(t->cloud_pcs, (size_t)60));
		memcpy(id, pc.id, 37);
		snprintf(name, 192, "%s", pc.display);
	}
}

static void resources(struct w365_jw *j, const struct sim_tenant *t, size_t activity,
		      struct sim_rng *r)
{
	static const char *const changed[] = { "displayName", "imageId", "enableSingleSignOn",
					       "windowsSetting", "domainJoinConfigurations" };
	bool patch = w365_streq(activities[activity].operation, "patch");
	unsigned properties = patch ? 1 + sim_rng_below(r, 3) : 1;
	char id[37], name[192], text[64];

	target_of(t, activities[activity].target, r, id, name);
	w365_jw_open(j, '[');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "displayName", name);
	w365_jw_key(j, "modifiedProperties");
	w365_jw_open(j, '[');
	for (unsigned i = 0; i < properties; i++) {
		w365_jw_open(j, '{');
		w365_jw_pair(j, "displayName", patch ? SIM_PICK(r, changed) : "DeviceId");
		snprintf(text, sizeof(text), "value %u", sim_rng_below(r, 1000));
		w365_jw_pair(j, "newValue", patch ? text : id);
		w365_jw_pair(j, "oldValue", patch && i ? "<null>" : NULL);
		w365_jw_close(j, '}');
	}
	w365_jw_close(j, ']');
	w365_jw_pair(j, "resourceId", id);
	w365_jw_pair(j, "resourceType", activities[activity].component);
	w365_jw_close(j, '}');
	w365_jw_close(j, ']');
}

/* Mostly UTC with seven digits; some clocks of the service write the offset of Beijing. */
static void write_time(struct sim_row *row, time_t at, struct sim_rng *r)
{
	char text[48];

	if (sim_rng_percent(r, 4)) {
		w365_time_format(at + 8 * 3600, text);
		snprintf(text + 19, sizeof(text) - 19, ".%06u+08:00", sim_rng_below(r, 1000000));
	} else {
		sim_time_long(at, sim_rng_below(r, 10000000), text);
	}
	sim_row_str(row, "activityDateTime", text);
}

static bool add_event(const struct sim_tenant *t, struct sim_row *row, unsigned day, unsigned n,
		      time_t at)
{
	struct sim_rng r = sim_rng(t->seed, "event", (uint64_t)day * 1000 + n);
	size_t activity = pick_activity(&r);
	unsigned luck = sim_rng_below(&r, 100);
	char id[37];

	sim_rng_guid(&r, id);
	sim_row_begin(row, row->set->columns.type);
	sim_row_str(row, "id", id);
	sim_row_null(row, "activity");
	write_time(row, at, &r);
	sim_row_str(row, "activityOperationType", activities[activity].operation);
	sim_row_str(row, "activityResult",
		    luck < 92   ? "success"
		    : luck < 96 ? "clientError"
		    : luck < 99 ? "failure"
				: "timeout");
	sim_row_str(row, "activityType", activities[activity].type);
	actor(sim_row_value(row, "actor"), t, &r);
	sim_row_str(row, "category", "cloudPC");
	sim_row_str(row, "componentName", activities[activity].component);
	sim_rng_guid(&r, id);
	sim_row_str(row, "correlationId", id);
	sim_row_str(row, "displayName", activities[activity].type);
	resources(sim_row_value(row, "resources"), t, activity, &r);
	return sim_row_add(row, NULL);
}

static int newest_first(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x < y) - (x > y);
}

bool sim_fill_audit_events(const struct sim_tenant *t, struct sim_row *row)
{
	time_t midnight = t->today / SIM_DAY * SIM_DAY;

	for (unsigned day = 0; day < DAYS; day++) {
		time_t start = midnight - (time_t)day * SIM_DAY;
		/* 1970-01-01 was a Thursday. */
		bool weekend = (start / SIM_DAY + 4) % 7 == 0 || (start / SIM_DAY + 4) % 7 == 6;
		struct sim_rng r = sim_rng(t->seed, "events of the day", day);
		int seconds[MAX_DAY], until = 86399;
		unsigned count = (unsigned)(weekend ? sim_rng_between(&r, 6, 15)
						    : sim_rng_between(&r, 35, 60));

		if (day == 0) {
			/* Nothing has happened later than now; and if now is midnight, a little at
			 * midnight. */
			until = (int)MAX(t->today - midnight, (time_t)600);
			count = MAX(count * (unsigned)until / 86400, 3u);
		}
		for (unsigned i = 0; i < count; i++)
			seconds[i] = sim_rng_between(&r, 0, until);
		qsort(seconds, count, sizeof(*seconds), newest_first);
		for (unsigned i = 0; i < count; i++)
			if (!add_event(t, row, day, i, start + seconds[i]))
				return false;
	}
	return true;
}
