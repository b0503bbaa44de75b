#include "sim/odd.h"

#include <ctype.h>
#include <errno.h>

#include "base/macros.h"
#include "sim/hook.h"
#include "sim/json-text.h"

/* Merged into the item at this place of the collection. */
static const struct {
	const char *collection;
	size_t at;
	const char *json;
} merges[] = {
	{ "cloudPCs", 1,
	  "{\"gracePeriodEndDateTime\":\"0001-01-01T00:00:00Z\",\"onPremisesConnectionName\":\"\","
	  "\"lastLoginResult\":{\"time\":\"0001-01-01T00:00:00Z\"},\"provisionedDateTime\":"
	  "\"0001-01-01T00:00:00Z\"}" },
	{ "cloudPCs", 2,
	  "{\"status\":\"dreaming\",\"osVersion\":\"windows12\",\"powerState\":\"PoweredOn\"}" },
	{ "cloudPCs", 3,
	  "{\"novelty\":{\"a\":[1,2.50,{\"b\":null}],\"Ä\":\"ö\"},\"displayName\":\"\","
	  "\"connectivityResult\":{\"updatedDatetime\":\"2026-01-01T00:00:00Z\",\"Status\":"
	  "\"Available\",\"failedHealthCheckItems\":null}}" },
	{ "cloudPCs", 4, "{\"DisplayName\":\"another case\",\"STATUS\":\"Provisioned\"}" },
	{ "provisioningPolicies", 0,
	  "{\"createdDateTime\":\"0001-01-01T00:00:00Z\",\"imageType\":\"imagined\",\"description\":"
	  "\"\",\"tags\":[]}" },
	{ "userSettings", 0,
	  "{\"restorePointSetting\":{\"frequencyType\":\"hourly\",\"userRestoreEnabled\":true,"
	  "\"frequencyInHours\":1,\"keepCount\":12}}" },
	{ "snapshots", 0,
	  "{\"status\":\"thawing\",\"lastRestoredDateTime\":\"0001-01-01T00:00:00Z\"}" },
	{ "auditEvents", 0,
	  "{\"activityType\":null,\"activityResult\":\"Success\",\"displayName\":\"\",\"actor\":"
	  "{\"type\":\"robot\",\"Mood\":\"fine\"}}" },
	{ "managedLicenses", 0, "{\"status\":\"active\"}" },
	{ "deviceImages", 0, "{\"expirationDate\":\"0001-01-01\",\"osBuildNumber\":\"\"}" },
	{ "externalPartners", 0, "{\"connectionStatus\":\"Healthy\",\"agentSetting\":{}}" },
};

int sim_odd(struct sim *s, struct w365_err *reterr)
{
	s->odd = true;
	for (size_t i = 0; i < ARRAY_SIZE(merges); i++) {
		struct sim_set *set = sim_set_of(s, sim_resource_find(merges[i].collection));
		const char *json = merges[i].json;
		int r;

		if (!set)
			return w365_err_oom(reterr);
		if (merges[i].at >= set->count)
			continue;
		r = sim_item_merge(s, set, merges[i].at, (struct w365_span){ json, strlen(json) },
				   reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

static void odd_member(const struct w365_json *j, uint32_t i, const struct sim_prop *prop,
		       struct w365_buf *out)
{
	struct w365_span text = sim_json_text(j, i);
	bool single = prop && !prop->collection;

	if (single && prop->type->kind == SIM_DATETIME)
		w365_buf_adds(out, "\"0001-01-01T00:00:00Z\"");
	else if (single && prop->type->kind == SIM_ENUM)
		w365_buf_adds(out, "\"neverHeardOf\"");
	else if (single && prop->type->kind == SIM_STRING && j->nodes[i].kind == W365_JSON_IS_NULL)
		w365_buf_adds(out, "\"\"");
	else
		w365_buf_add(out, text.p, text.len);
}

/* Its last member is spelled with a capital letter; another one is unheard of. */
static void odd_object(const struct w365_json *j, const struct sim_type *type, struct w365_buf *out)
{
	W365_JSON_EACH (j, 0, i) {
		struct w365_span key = sim_json_key_of(j, i);
		bool last = j->nodes[i].next == j->nodes[0].next;

		w365_buf_addc(out, i == 1 ? '{' : ',');
		w365_buf_addc(out, '"');
		w365_buf_addc(out, last ? (char)toupper((unsigned char)*key.p) : *key.p);
		w365_buf_add(out, key.p + 1, key.len - 1);
		w365_buf_adds(out, "\":");
		odd_member(j, i, sim_prop_find(type, key, SIM_BETA), out);
	}
	w365_buf_adds(out, ",\"novelty\":{\"a\":[1,null]}}");
}

void sim_odd_value(struct w365_span raw, const struct sim_type *type, struct w365_buf *out)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	w365_buf_add(&text, raw.p, raw.len);
	if (type->kind == SIM_ENUM)
		w365_buf_adds(out, "\"neverHeardOf\"");
	else if (type->kind < SIM_COMPLEX || text.failed ||
		 w365_json_parse(&j, text.data, text.len, NULL, NULL) < 0 ||
		 j.nodes[0].kind != W365_JSON_IS_OBJECT || j.count < 2)
		w365_buf_add(out, raw.p, raw.len);
	else
		odd_object(&j, type, out);
}

/* As two documented examples have it. */
bool sim_odd_wraps(const struct sim *s, const struct sim_resource *resource, bool list)
{
	return s->odd && w365_streq(resource->name, list ? "bulkActions" : "reports/exportJobs");
}
