/* The tenant's own networks and images, in its Azure subscription. */
#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/tenant-parts.h"

struct check {
	const char *name, *status, *error, *detail, *advice;
};

/* In the order in which the service runs them. What goes wrong where is said per connection. */
static const char *const check_names[] = {
	"Azure tenant readiness",
	"Azure virtual network readiness",
	"DNS can resolve Active Directory domain",
	"Active Directory domain join",
	"Endpoint connectivity",
	"First party app permissions exist on Azure subscription",
	"Sufficient permission exists to resource group",
	"Environment and configuration is ready",
	"Microsoft Entra device sync",
	"Single sign-on configuration",
	"UDP connection check",
};

static const struct check troubles[] = {
	{ .name = "UDP connection check",
	  .status = "warning",
	  .error = "udpConnectivityCheckStunUrlNotAllowListed",
	  .detail = "STUN over UDP 3478 is blocked; sessions fall back to TCP.",
	  .advice = "Allow outbound UDP 3478 to the relay addresses." },
	{ .name = "DNS can resolve Active Directory domain",
	  .status = "failed",
	  .error = "dnsCheckFqdnNotFound",
	  .detail = "corp.larkspurlabs.example could not be resolved from the virtual network.",
	  .advice = "Point the virtual network's DNS servers at a domain controller." },
	{ .name = "Active Directory domain join",
	  .status = "failed",
	  .error = "adJoinCheckCredentialsExpired",
	  .detail = "The password of svc-w365join has expired.",
	  .advice = "Set a new password and update the connection." },
};

/* The trouble of a check under a connection's status, or NULL if it passes. */
static const struct check *trouble(const char *check, const char *status)
{
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++)
		if (w365_streq(troubles[i].name, check) && w365_streq(troubles[i].status, status))
			return &troubles[i];
	return NULL;
}

void sim_health_checks(struct w365_jw *j, const char *overall, struct sim_rng *r, time_t at)
{
	char correlation[37];

	w365_jw_open(j, '{');
	sim_json_pair_time(j, "endDateTime", at + 25 * (time_t)ARRAY_SIZE(check_names));
	w365_jw_key(j, "healthChecks");
	w365_jw_open(j, '[');
	for (size_t k = 0; k < ARRAY_SIZE(check_names); k++, at += 25) {
		const struct check *bad = trouble(check_names[k], overall);
		bool waiting = w365_streq(overall, "running") && k > 3;

		sim_rng_guid(r, correlation);
		w365_jw_open(j, '{');
		w365_jw_pair(j, "additionalDetail", bad ? bad->detail : NULL);
		w365_jw_pair(j, "correlationId", correlation);
		w365_jw_pair(j, "displayName", check_names[k]);
		sim_json_pair_time(j, "endDateTime", at + 21);
		w365_jw_pair(j, "errorType", bad ? bad->error : NULL);
		w365_jw_pair(j, "recommendedAction", bad ? bad->advice : NULL);
		sim_json_pair_time(j, "startDateTime", at);
		w365_jw_pair(j, "status", bad ? bad->status : waiting ? "pending" : "passed");
		w365_jw_pair(j, "additionalDetails", bad ? bad->detail : NULL);
		w365_jw_close(j, '}');
	}
	w365_jw_close(j, ']');
	sim_json_pair_time(j, "startDateTime", at - 25 * (time_t)ARRAY_SIZE(check_names));
	w365_jw_close(j, '}');
}

static void health_checks(struct w365_jw *j, const struct sim_tenant *t, size_t i)
{
	struct sim_rng r = sim_rng(t->seed, "health", i);
	time_t at = t->today - sim_rng_between(&r, 600, 20000);

	sim_health_checks(j, t->connections[i].status, &r, at);
}

static bool in_use(const struct sim_tenant *t, size_t connection)
{
	for (size_t i = 0; i < SIM_POLICIES; i++)
		if (t->policies[i].connection == (int)connection)
			return true;
	return false;
}

static void azure_names(struct sim_row *row, const struct sim_tenant *t,
			const struct sim_connection *c)
{
	char subscription[37], text[320];

	sim_guid(t->seed, "subscription", 0, subscription);
	snprintf(text, sizeof(text), "/subscriptions/%s/resourceGroups/rg-w365-%s", subscription,
		 c->region);
	sim_row_str(row, "resourceGroupId", text);
	sim_row_raw(row, "scopeIds", W365_SPAN("[\"0\"]"));
	snprintf(text, sizeof(text),
		 "/subscriptions/%s/resourceGroups/rg-net-%s/providers/Microsoft.Network/"
		 "virtualNetworks/vnet-%s/subnets/snet-cloudpc",
		 subscription, c->region, c->region);
	sim_row_str(row, "subnetId", text);
	sim_row_str(row, "subscriptionId", subscription);
	sim_row_str(row, "subscriptionName", "Larkspur Labs - Production");
	text[strlen(text) - strlen("/subnets/snet-cloudpc")] = '\0';
	sim_row_str(row, "virtualNetworkId", text);
	sim_row_str(row, "virtualNetworkLocation", c->region);
}

bool sim_fill_connections(const struct sim_tenant *t, struct sim_row *row)
{
	for (size_t i = 0; i < SIM_CONNECTIONS; i++) {
		const struct sim_connection *c = &t->connections[i];
		const char *type = c->hybrid ? "hybridAzureADJoin" : "azureADJoin";
		struct sim_rng r = sim_rng(t->seed, "connection", i);
		struct w365_jw *j;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", c->id);
		sim_row_str(row, "adDomainName", c->hybrid ? "corp.larkspurlabs.example" : "");
		sim_row_str(row, "adDomainUsername",
			    c->hybrid ? "svc-w365join@corp.larkspurlabs.example" : "");
		sim_row_str(row, "alternateResourceUrl",
			    "https://portal.azure.example/connections");
		sim_row_str(row, "connectionType", type);
		sim_row_str(row, "displayName", c->name);
		sim_row_bool(row, "healthCheckPaused", i == 3);
		sim_row_str(row, "healthCheckStatus", c->status);
		health_checks(sim_row_value(row, "healthCheckStatusDetail"), t, i);
		sim_row_bool(row, "inUse", in_use(t, i));
		sim_row_bool(row, "inUseByCloudPc", in_use(t, i) && t->cloud_pcs > 0);
		sim_row_str(row, "organizationalUnit",
			    c->hybrid ? "OU=CloudPC,OU=Devices,DC=corp,DC=larkspurlabs,DC=example"
				      : "");
		azure_names(row, t, c);
		health_checks(sim_row_value(row, "healthCheckStatusDetails"), t, i);
		sim_row_raw(row, "managedBy", W365_SPAN("[\"windows365\"]"));
		j = sim_row_value(row, "subnetPrivateIpDetail");
		w365_jw_open(j, '{');
		w365_jw_pair_int(j, "subnetAvailableIpCount", sim_rng_between(&r, 3, 240));
		sim_json_pair_time(j, "subnetAvailableIpCountLastSyncDateTime", t->today - 3600);
		w365_jw_close(j, '}');
		sim_row_str(row, "type", type);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

/* Two of one name: names are not unique, and clients must live with it. */
static const struct {
	const char *name, *version, *status, *error;
	int size_gb, age;
} images[SIM_DEVICE_IMAGES] = {
	{ "Design Studio CAD", "2026.10", "ready", NULL, 127, 40 },
	{ "Design Studio CAD", "2026.07", "ready", NULL, 127, 130 },
	{ "Developer workstation", "14.2.0", "ready", NULL, 64, 75 },
	{ "Kiosk (Empfang)", "3.1", "pending", NULL, 64, 0 },
	{ "Legacy ERP", "1.0.7", "failed", "sourceImageNotGeneralized", 64, 210 },
	{ "Win 11 / Office: pilot", "0.9", "warning", "startMenuAppLimitExceeded", 64, 5 },
};

struct sim_image sim_device_image(const struct sim_tenant *t, size_t i)
{
	struct sim_image image = { .name = images[i].name, .version = "10.0.26100.6584" };

	sim_guid(t->seed, "image", i, image.id);
	return image;
}

bool sim_fill_device_images(const struct sim_tenant *t, struct sim_row *row)
{
	char text[320], subscription[37];

	sim_guid(t->seed, "subscription", 0, subscription);
	for (size_t i = 0; i < SIM_DEVICE_IMAGES; i++) {
		struct sim_image image = sim_device_image(t, i);
		time_t at = t->today - images[i].age * SIM_DAY - 3000 * (time_t)(i + 1);
		bool twin = images[i].error &&
			    !w365_streq(images[i].error, "startMenuAppLimitExceeded");

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", image.id);
		sim_row_str(row, "displayName", image.name);
		sim_row_str(row, "errorCode", images[i].error);
		sim_row_str(row, "expirationDate", w365_date_format(at / SIM_DAY + 365, text));
		sim_row_time(row, "lastModifiedDateTime", at);
		sim_row_str(row, "operatingSystem", "Windows 11 Enterprise");
		sim_row_str(row, "osBuildNumber", "24H2");
		sim_row_str(row, "osStatus", i == 4 ? "supportedWithWarning" : "supported");
		sim_row_str(row, "osVersionNumber", image.version);
		sim_row_int(row, "sizeInGB", images[i].size_gb);
		snprintf(text, sizeof(text),
			 "/subscriptions/%s/resourceGroups/rg-images/providers/Microsoft.Compute/"
			 "images/w365-%zu",
			 subscription, i + 1);
		sim_row_str(row, "sourceImageResourceId", text);
		sim_row_str(row, "status", images[i].status);
		sim_row_str(row, "version", images[i].version);
		sim_row_raw(row, "scopeIds", W365_SPAN("[\"0\"]"));
		sim_row_str(row, "statusDetails", twin ? images[i].error : NULL);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}
