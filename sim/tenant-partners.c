/* Pools for agents, and the partners that may look in. */
#include <stdio.h>

#include "base/macros.h"
#include "sim/tenant-parts.h"

static const struct {
	const char *name, *description, *geography, *groups[2], *regions[2];
	size_t image;
	int minimum, maximum;
} pools[] = {
	{ "Browser agents",
	  "Pay-as-you-go pool for web research agents",
	  "europe",
	  { "europeUnion", "sweden" },
	  { "northeurope", "swedencentral" },
	  0,
	  2,
	  10 },
	{ "Invoice agents (夜間)",
	  NULL,
	  "usEast",
	  { "usEast", NULL },
	  { "eastus2", NULL },
	  2,
	  1,
	  25 },
	{ "Test pool",
	  "Not for production",
	  "asia",
	  { "japan", NULL },
	  { "japaneast", NULL },
	  4,
	  0,
	  1 },
};

static void pool_network(struct w365_jw *j, size_t i)
{
	w365_jw_open(j, '{');
	w365_jw_pair(j, "@odata.type",
		     "#microsoft.graph.cloudPcMicrosoftHostedNetworkConfiguration");
	w365_jw_pair(j, "geographicLocationType", pools[i].geography);
	w365_jw_key(j, "regionGroups");
	w365_jw_open(j, '[');
	for (unsigned k = 0; k < 2 && pools[i].regions[k]; k++) {
		w365_jw_open(j, '{');
		w365_jw_pair(j, "regionGroup", pools[i].groups[k]);
		w365_jw_key(j, "regions");
		w365_jw_open(j, '[');
		w365_jw_str(j, pools[i].regions[k]);
		w365_jw_close(j, ']');
		w365_jw_close(j, '}');
	}
	w365_jw_close(j, ']');
	w365_jw_close(j, '}');
}

static void pool_own_part(struct sim_row *row, const struct sim_tenant *t, size_t i)
{
	char text[160];
	struct w365_jw *j = sim_row_value(row, "billingConfiguration");

	w365_jw_open(j, '{');
	w365_jw_pair(j, "billingPlanId", sim_guid(t->seed, "billing plan", i, text));
	w365_jw_pair(j, "billingType", "payAsYouGo");
	w365_jw_close(j, '}');
	snprintf(text, sizeof(text), "https://%s.sessions.cloudpc.example/pools/%zu",
		 pools[i].regions[0], i + 1);
	sim_row_str(row, "poolUrl", text);
	j = sim_row_value(row, "scalingPolicy");
	w365_jw_open(j, '{');
	w365_jw_pair_int(j, "maximumCount", pools[i].maximum);
	w365_jw_pair_int(j, "minimumCount", pools[i].minimum);
	w365_jw_close(j, '}');
	j = sim_row_value(row, "sessionUsage");
	w365_jw_open(j, '{');
	w365_jw_pair_int(j, "activeSessionsCount", pools[i].minimum + (int)i);
	w365_jw_pair_int(j, "availableSessionsCount", pools[i].maximum - pools[i].minimum - (int)i);
	w365_jw_close(j, '}');
	/* Seen on the wire, and declared nowhere. */
	j = sim_row_extra(row);
	w365_jw_pair(j, "poolStatus", i == 2 ? "paused" : "active");
	w365_jw_pair(j, "managedByService", "windows365");
	w365_jw_pair_raw(j, "scopeIds", "[\"0\"]");
	w365_jw_pair(j, "lastModifiedByPrincipalId", t->users[0].id);
}

bool sim_fill_pools(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];

	for (size_t i = 0; i < ARRAY_SIZE(pools); i++) {
		struct sim_image image = sim_gallery_image(pools[i].image);
		time_t at = t->today - (time_t)(60 - 20 * i) * SIM_DAY + 40000;
		struct w365_jw *j;

		sim_row_begin(row, sim_type_find(W365_SPAN("cloudPcAgentPool")));
		sim_row_str(row, "@odata.type", "#microsoft.graph.cloudPcAgentPool");
		sim_row_str(row, "id", sim_guid(t->seed, "pool", i, id));
		j = sim_row_value(row, "capabilities");
		w365_jw_open(j, '{');
		w365_jw_pair(j, "@odata.type",
			     "#microsoft.graph.cloudPcAgentPoolCapabilityConfiguration");
		w365_jw_pair_bool(j, "enableSingleSignOn", i != 2);
		w365_jw_close(j, '}');
		j = sim_row_value(row, "cloudPcConfiguration");
		w365_jw_open(j, '{');
		w365_jw_pair(j, "imageDisplayName", image.name);
		w365_jw_pair(j, "imageId", image.id);
		w365_jw_pair(j, "imageType", "gallery");
		w365_jw_pair(j, "osLocale", "en-US");
		w365_jw_close(j, '}');
		sim_row_time(row, "createdDateTime", at);
		sim_row_str(row, "description", pools[i].description);
		sim_row_str(row, "displayName", pools[i].name);
		sim_row_time(row, "lastModifiedDateTime", at + 5 * SIM_DAY);
		pool_network(sim_row_value(row, "networkConfiguration"), i);
		pool_own_part(row, t, i);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

bool sim_fill_pool_assignments(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37], parent[37];

	for (size_t i = 0; i < ARRAY_SIZE(pools); i++) {
		sim_guid(t->seed, "pool", i, parent);
		for (size_t k = 0; k <= i; k++) {
			sim_row_begin(row,
				      sim_type_find(W365_SPAN("cloudPcAgentPoolUserAssignment")));
			sim_row_str(row, "@odata.type",
				    "#microsoft.graph.cloudPcAgentPoolUserAssignment");
			sim_row_str(row, "id", sim_guid(t->seed, "pool assignment", i * 4 + k, id));
			sim_row_str(row, "userPrincipalId", t->users[i * 3 + k].id);
			if (!sim_row_add(row, parent))
				return false;
		}
	}
	return true;
}

static const struct {
	const char *status, *details;
	bool enabled, agent;
} partners[] = {
	{ "healthy", NULL, true, true },
	{ "unhealthy", "The partner's service has not answered since yesterday.", true, false },
	{ "notAvailable", NULL, false, false },
};

static void partner_common(struct sim_row *row, const struct sim_tenant *t, const char *kind,
			   size_t i)
{
	char id[37];

	sim_row_str(row, "id", sim_guid(t->seed, kind, i, id));
	sim_row_bool(row, "enableConnection", partners[i].enabled);
	if (partners[i].enabled)
		sim_row_time(row, "lastSyncDateTime", t->today - (time_t)(i * 90000 + 600));
	else
		sim_row_null(row, "lastSyncDateTime");
	sim_row_str(row, "partnerId", sim_guid(0, "partner", i, id));
	sim_row_str(row, "statusDetails", partners[i].details);
}

bool sim_fill_partners(const struct sim_tenant *t, struct sim_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(partners); i++) {
		sim_row_begin(row, row->set->columns.type);
		partner_common(row, t, "partner", i);
		sim_row_str(row, "connectionStatus", partners[i].status);
		if (partners[i].agent) {
			struct w365_jw *j = sim_row_value(row, "agentSetting");

			w365_jw_open(j, '{');
			w365_jw_pair(
				j, "agentSha256",
				"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
			w365_jw_pair(j, "agentUrl",
				     "https://agents.partner.example/w365/agent-4.2.msi");
			w365_jw_pair_bool(j, "autoDeploymentEnabled", true);
			w365_jw_pair_raw(j, "installParameters",
					 "[\"/quiet\",\"TENANT=larkspur\"]");
			w365_jw_close(j, '}');
		}
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

bool sim_fill_partner_settings(const struct sim_tenant *t, struct sim_row *row)
{
	for (size_t i = 0; i < 2; i++) {
		sim_row_begin(row, row->set->columns.type);
		partner_common(row, t, "partner setting", i);
		sim_row_str(row, "status", partners[i].status);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}
