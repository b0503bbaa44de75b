/* What Microsoft offers to everybody: plans, images, regions; and the tenant's licences. */
#include <stdio.h>

#include "base/macros.h"
#include "base/time.h"
#include "sim/tenant-parts.h"

const struct sim_plan sim_plans[] = {
	{ "Cloud PC Enterprise 2vCPU/4GB/64GB", 2, 4, 64, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 2vCPU/4GB/128GB", 2, 4, 128, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 2vCPU/8GB/128GB", 2, 8, 128, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 2vCPU/8GB/256GB", 2, 8, 256, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 4vCPU/16GB/128GB", 4, 16, 128, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 4vCPU/16GB/256GB", 4, 16, 256, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 4vCPU/16GB/512GB", 4, 16, 512, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 8vCPU/32GB/256GB", 8, 32, 256, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 8vCPU/32GB/512GB", 8, 32, 512, "enterprise", "dedicated" },
	{ "Cloud PC Enterprise 16vCPU/64GB/1TB", 16, 64, 1024, "enterprise", "dedicated" },
	{ "Cloud PC Frontline 2vCPU/8GB/128GB", 2, 8, 128, "enterprise", "sharedByUser" },
	{ "Cloud PC Frontline 4vCPU/16GB/128GB", 4, 16, 128, "enterprise", "sharedByUser" },
	{ "Cloud PC Frontline 4vCPU/16GB/256GB", 4, 16, 256, "enterprise", "sharedByEntraGroup" },
	{ "Cloud PC Reserve 4vCPU/16GB/256GB", 4, 16, 256, "enterprise", "reserve" },
	{ "Cloud PC Business 2vCPU/4GB/128GB", 2, 4, 128, "business", "dedicated" },
	{ "Cloud PC Business 4vCPU/16GB/256GB", 4, 16, 256, "business", "dedicated" },
};
const size_t sim_plan_count = ARRAY_SIZE(sim_plans);

const char *sim_plan_id(const struct sim_tenant *t, size_t i, char out[37])
{
	/* The same in every tenant: not of its seed. */
	return sim_guid(0, "plan", i, out);
}

bool sim_fill_service_plans(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];

	for (size_t i = 0; i < sim_plan_count; i++) {
		const struct sim_plan *p = &sim_plans[i];
		bool business = w365_streq(p->type, "business");

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_plan_id(t, i, id));
		sim_row_str(row, "displayName", p->name);
		sim_row_int(row, "ramInGB", p->ram_gb);
		sim_row_int(row, "storageInGB", p->disk_gb);
		sim_row_int(row, "vCpuCount", p->cpus);
		sim_row_str(row, "provisioningType", p->provisioning);
		sim_row_raw(row, "supportedSolution",
			    business || i % 3 ? W365_SPAN("[\"windows365\"]")
					      : W365_SPAN("[\"windows365\",\"devBox\"]"));
		sim_row_str(row, "type", p->type);
		sim_row_int(row, "userProfileInGB", p->disk_gb / 4);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

static const struct {
	const char *display, *offer, *offer_display, *sku, *sku_display, *version, *status;
	int size_gb;
	bool recommended;
	int born; /* days before today */
} gallery[SIM_GALLERY_IMAGES] = {
	{ "Windows 11 Enterprise + Microsoft 365 Apps 25H2", "windows-ent-cpc",
	  "Windows 11 Enterprise + Microsoft 365 Apps", "win11-25h2-ent-cpc-m365", "25H2",
	  "10.0.26200.7171", "supported", 64, true, 40 },
	{ "Windows 11 Enterprise + OS Optimizations 25H2", "windows-ent-cpc",
	  "Windows 11 Enterprise + OS Optimizations", "win11-25h2-ent-cpc-os", "25H2",
	  "10.0.26200.7171", "supported", 64, false, 40 },
	{ "Windows 11 Enterprise + Microsoft 365 Apps 24H2", "windows-ent-cpc",
	  "Windows 11 Enterprise + Microsoft 365 Apps", "win11-24h2-ent-cpc-m365", "24H2",
	  "10.0.26100.7171", "supported", 64, false, 400 },
	{ "Windows 11 Enterprise + OS Optimizations 24H2", "windows-ent-cpc",
	  "Windows 11 Enterprise + OS Optimizations", "win11-24h2-ent-cpc-os", "24H2",
	  "10.0.26100.7171", "supported", 64, false, 400 },
	{ "Windows 11 Enterprise 24H2", "windows-ent-cpc", "Windows 11 Enterprise",
	  "win11-24h2-ent-cpc", "24H2", "10.0.26100.7171", "supported", 40, false, 400 },
	{ "Windows 11 Enterprise + Microsoft 365 Apps 23H2", "windows-ent-cpc",
	  "Windows 11 Enterprise + Microsoft 365 Apps", "win11-23h2-ent-cpc-m365", "23H2",
	  "10.0.22631.6199", "supportedWithWarning", 64, false, 760 },
	{ "Windows 11 Enterprise + OS Optimizations 23H2", "windows-ent-cpc",
	  "Windows 11 Enterprise + OS Optimizations", "win11-23h2-ent-cpc-os", "23H2",
	  "10.0.22631.6199", "supportedWithWarning", 64, false, 760 },
	{ "Windows 10 Enterprise + Microsoft 365 Apps 22H2", "windows-ent-cpc",
	  "Windows 10 Enterprise + Microsoft 365 Apps", "win10-22h2-ent-cpc-m365", "22H2",
	  "10.0.19045.6575", "notSupported", 64, false, 1100 },
	{ "Windows 10 Enterprise + OS Optimizations 22H2", "windows-ent-cpc",
	  "Windows 10 Enterprise + OS Optimizations", "win10-22h2-ent-cpc-os", "22H2",
	  "10.0.19045.6575", "notSupported", 64, false, 1100 },
	{ "Windows 11 Enterprise + Visual Studio 2022 24H2", "windows-ent-cpc",
	  "Windows 11 Enterprise + Visual Studio 2022", "win11-24h2-ent-cpc-vs2022", "24H2",
	  "10.0.26100.7171", "supported", 127, false, 200 },
};

struct sim_image sim_gallery_image(size_t i)
{
	struct sim_image image = { .name = gallery[i].display, .version = gallery[i].version };

	snprintf(image.id, sizeof(image.id), "microsoftwindowsdesktop_%s_%s", gallery[i].offer,
		 gallery[i].sku);
	return image;
}

static void row_date(struct sim_row *row, const char *name, time_t t)
{
	char text[W365_TIME_MAX];

	sim_row_str(row, name, w365_date_format(t / SIM_DAY, text));
}

bool sim_fill_gallery_images(const struct sim_tenant *t, struct sim_row *row)
{
	for (size_t i = 0; i < SIM_GALLERY_IMAGES; i++) {
		struct sim_image image = sim_gallery_image(i);
		time_t start = t->today - gallery[i].born * SIM_DAY;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", image.id);
		sim_row_str(row, "displayName", gallery[i].display);
		row_date(row, "endDate", start + 730 * SIM_DAY);
		row_date(row, "expirationDate", start + 912 * SIM_DAY);
		sim_row_str(row, "offerName", gallery[i].offer);
		sim_row_str(row, "osVersionNumber", gallery[i].version);
		sim_row_str(row, "publisherName", "microsoftwindowsdesktop");
		sim_row_int(row, "sizeInGB", gallery[i].size_gb);
		sim_row_str(row, "skuName", gallery[i].sku);
		row_date(row, "startDate", start);
		sim_row_str(row, "status", gallery[i].status);
		sim_row_str(row, "offer", gallery[i].offer);
		sim_row_str(row, "offerDisplayName", gallery[i].offer_display);
		sim_row_str(row, "publisher", "microsoftwindowsdesktop");
		sim_row_str(row, "recommendedSku", gallery[i].recommended ? "heavy" : "light");
		sim_row_str(row, "sku", gallery[i].sku);
		sim_row_str(row, "skuDisplayName", gallery[i].sku_display);
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

static const struct {
	const char *name, *group, *geography, *status;
} regions[] = {
	{ "australiaeast", "australia", "australasia", "available" },
	{ "brazilsouth", "southAmerica", "southAmerica", "available" },
	{ "canadacentral", "canada", "canada", "available" },
	{ "centralindia", "india", "india", "available" },
	{ "centralus", "usCentral", "usCentral", "available" },
	{ "eastus", "usEast", "usEast", "restricted" },
	{ "eastus2", "usEast", "usEast", "available" },
	{ "francecentral", "france", "europe", "available" },
	{ "germanywestcentral", "germany", "europe", "available" },
	{ "israelcentral", "israel", "middleEast", "available" },
	{ "italynorth", "italy", "europe", "available" },
	{ "japaneast", "japan", "asia", "available" },
	{ "koreacentral", "southKorea", "asia", "available" },
	{ "mexicocentral", "mexico", "mexico", "available" },
	{ "newzealandnorth", "newZealand", "australiaNewZealand", "unavailable" },
	{ "northeurope", "europeUnion", "europe", "available" },
	{ "norwayeast", "norway", "europe", "available" },
	{ "southafricanorth", "automatic", "africa", "available" },
	{ "southeastasia", "asia", "asia", "available" },
	{ "swedencentral", "sweden", "europe", "available" },
	{ "switzerlandnorth", "switzerland", "europe", "available" },
	{ "uksouth", "unitedKingdom", "europe", "available" },
	{ "westeurope", "europeUnion", "europe", "restricted" },
	{ "westus3", "usWest", "usWest", "available" },
};

bool sim_fill_regions(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];

	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		bool open = w365_streq(regions[i].status, "available");
		struct w365_jw *j;

		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_guid(0, "region", i, id));
		sim_row_str(row, "displayName", regions[i].name);
		sim_row_str(row, "geographicLocationType", regions[i].geography);
		sim_row_str(row, "regionGroup", regions[i].group);
		j = sim_row_value(row, "regionRestrictionDetail");
		w365_jw_open(j, '{');
		w365_jw_pair_bool(j, "availabilityZoneRestricted", !open);
		w365_jw_pair_bool(j, "cPURestricted", !open);
		w365_jw_pair_bool(j, "gPURestricted", i % 4 != 0);
		w365_jw_pair_bool(j, "nestedVirtualizationRestricted", i % 7 == 0);
		w365_jw_close(j, '}');
		sim_row_str(row, "regionStatus", regions[i].status);
		sim_row_raw(row, "supportedSolution",
			    i % 5 == 4 ? W365_SPAN("[\"devBox\"]")
			    : i % 3    ? W365_SPAN("[\"windows365\"]")
				       : W365_SPAN("[\"windows365\",\"devBox\",\"rpaBox\"]"));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

bool sim_fill_frontline_plans(const struct sim_tenant *t, struct sim_row *row)
{
	char id[37];

	for (size_t i = 0; i < sim_plan_count; i++) {
		struct sim_rng r = sim_rng(t->seed, "frontline", i);
		int total = sim_rng_between(&r, 4, 40) * 5;

		if (!w365_starts(sim_plans[i].provisioning, "shared"))
			continue;
		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_plan_id(t, i, id));
		sim_row_int(row, "allotmentLicensesCount", total / 5);
		sim_row_str(row, "displayName", sim_plans[i].name);
		sim_row_int(row, "totalCount", total);
		sim_row_int(row, "usedCount", sim_rng_between(&r, total / 2, total));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}

bool sim_fill_licenses(const struct sim_tenant *t, struct sim_row *row)
{
	static const char *const statuses[] = { "enabled", "enabled", "expired", "blocked" };
	size_t n = 0;
	char id[37];

	for (size_t i = 0; i < sim_plan_count; i++) {
		struct sim_rng r = sim_rng(t->seed, "license", i);
		time_t start = t->today - sim_rng_between(&r, 60, 300) * SIM_DAY;
		int count = sim_rng_between(&r, 5, 60);

		if (w365_streq(sim_plans[i].provisioning, "dedicated"))
			continue;
		sim_row_begin(row, row->set->columns.type);
		sim_row_str(row, "id", sim_guid(t->seed, "license", i, id));
		sim_row_time(row, "activeDateTime", start);
		sim_row_int(row, "allotmentLicensesCount", count / 4);
		sim_row_int(row, "assignedCount", sim_rng_between(&r, 1, count));
		sim_row_str(row, "displayName", sim_plans[i].name);
		sim_row_time(row, "expirationDateTime", start + 365 * SIM_DAY);
		sim_row_time(row, "latestLicenseStartDateTime", start + 30 * SIM_DAY);
		sim_row_int(row, "licensesCount", count);
		sim_row_str(row, "licenseType",
			    w365_streq(sim_plans[i].provisioning, "reserve") ? "reserve"
									     : "frontline");
		sim_row_time(row, "nextBillingDateTime", t->today + 11 * SIM_DAY);
		sim_row_str(row, "servicePlanId", sim_plan_id(t, i, id));
		sim_row_str(row, "status", statuses[n++ % ARRAY_SIZE(statuses)]);
		sim_row_str(row, "subscriptionId", sim_guid(t->seed, "billing", i, id));
		if (!sim_row_add(row, NULL))
			return false;
	}
	return true;
}
