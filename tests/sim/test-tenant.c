/* The tenant: the same for the same seed, as its schema says, and believable. */
#include "base/json.h"
#include "base/macros.h"
#include "sim/json-text.h"
#include "sim/tenant.h"
#include "sim/value.h"
#include "sim/view.h"
#include "tests/lib/check.h"

#define TODAY  ((time_t)1795305600) /* 2026-11-22 */
#define TENANT "11111111-2222-4333-8444-555555555555"

struct world {
	struct sim_tenant tenant;
	struct sim_set *sets;
};

static void world_init(struct world *w, uint64_t seed, size_t cloud_pcs)
{
	sim_tenant_init(&w->tenant, seed, cloud_pcs, TODAY, "larkspurlabs.example", TENANT);
	w->sets = calloc(sim_resource_count, sizeof(*w->sets));
	for (size_t i = 0; i < sim_resource_count; i++) {
		sim_set_init(&w->sets[i], &sim_resources[i]);
		sim_tenant_fill(&w->tenant, &w->sets[i]);
	}
}

static void world_done(struct world *w)
{
	for (size_t i = 0; i < sim_resource_count; i++)
		sim_set_done(&w->sets[i]);
	free(w->sets);
	sim_tenant_done(&w->tenant);
}

static struct sim_set *set_of(const struct world *w, const char *name)
{
	return &w->sets[sim_resource_find(name) - sim_resources];
}

static uint64_t hash_of(const struct world *w)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < sim_resource_count; i++)
		for (size_t k = 0; k < w->sets[i].count; k++)
			hash = w365_hash(w->sets[i].items[k]->text, w->sets[i].items[k]->len, hash);
	return hash;
}

/* Why the value is not of the type; NULL if it is. */
static const char *wrong(const struct w365_json *j, uint32_t i, const struct sim_type *type,
			 bool collection, enum sim_version version);

static const char *wrong_object(const struct w365_json *j, uint32_t object,
				const struct sim_type *type, enum sim_version version)
{
	uint32_t named = w365_json_get(j, object, "@odata.type");

	if (named) {
		struct w365_span name = w365_json_raw(j, named);
		const struct sim_type *actual =
			sim_type_find((struct w365_span){ name.p + 17, name.len - 17 });

		if (!actual || !sim_type_is(actual, type))
			return "an @odata.type that is not derived from the declared one";
		type = actual;
	}
	if (type->abstract)
		return "an abstract type by itself";
	W365_JSON_EACH (j, object, i) {
		struct w365_span key = sim_json_key_of(j, i);
		const struct sim_prop *p = sim_prop_find(type, key, version);
		const char *why;

		if (w365_span_is(key, "@odata.type"))
			continue;
		if (!p)
			return "a member that the type does not have";
		if (j->nodes[i].kind == W365_JSON_IS_NULL && (p->flags & SIM_FILLED))
			return "null where the type wants a value";
		why = wrong(j, i, p->type, p->collection, version);
		if (why)
			return why;
	}
	for (; type; type = type->base)
		for (size_t k = 0; k < type->prop_count; k++)
			if ((type->props[k].versions & version) &&
			    !(type->props[k].flags & SIM_NAV) &&
			    !w365_json_get(j, object, type->props[k].name))
				return "a member of the type is missing";
	return NULL;
}

static const char *wrong_string(struct w365_span text, const struct sim_type *type,
				enum sim_version version)
{
	const struct sim_member *m;
	struct timespec time;
	bool ok = true;

	if (type->kind == SIM_ENUM) {
		m = sim_member_find(type, text);
		return m && (m->versions & version) ? NULL : "no member of the enumeration";
	}
	if (type->kind == SIM_DATETIME || type->kind == SIM_DATE)
		ok = sim_value_time(text, type->kind == SIM_DATE, &time);
	else
		ok = type->kind == SIM_STRING;
	return ok ? NULL : "not of the type";
}

static const char *wrong(const struct w365_json *j, uint32_t i, const struct sim_type *type,
			 bool collection, enum sim_version version)
{
	switch (j->nodes[i].kind) {
	case W365_JSON_IS_NULL: return NULL;
	case W365_JSON_IS_ARRAY:
		if (!collection)
			return "an array";
		W365_JSON_EACH (j, i, element) {
			const char *why = wrong(j, element, type, false, version);

			if (why)
				return why;
		}
		return NULL;
	case W365_JSON_IS_OBJECT:
		return collection || type->kind < SIM_COMPLEX ? "an object"
							      : wrong_object(j, i, type, version);
	case W365_JSON_IS_STRING:
		return collection ? "no array" : wrong_string(w365_json_raw(j, i), type, version);
	case W365_JSON_IS_NUMBER: return !collection && type->kind == SIM_INT32 ? NULL : "a number";
	default: return !collection && type->kind == SIM_BOOLEAN ? NULL : "a boolean";
	}
}

/* Everything the view sends of an item must be what the metadata of that version declares. */
static void check_set(const struct sim_set *set, enum sim_version version)
{
	const struct sim_columns *c = &set->columns;
	struct sim_view view = { .set = set, .version = version, .unknown_members = true };
	char title[160];
	bool ok = true;

	view.selected = true; /* leaves the undeclared members out */
	for (size_t i = 0; i < c->count; i++)
		if (c->props[i]->versions & version)
			view.columns |= (uint64_t)1 << i;
	sim_view_prepare(&view);
	for (size_t k = 0; k < set->count; k++) {
		_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
		_cleanup_(w365_json_done) struct w365_json j = { 0 };
		struct w365_err err;
		const char *why = NULL;

		sim_view_item(&view, set->items[k], &text);
		if (w365_json_parse(&j, text.data, text.len, NULL, &err) < 0)
			why = err.msg;
		else
			why = wrong_object(&j, 0, c->type, version);
		if (why && ok) {
			printf("# %s item %zu: %s\n# %.600s\n", set->resource->name, k, why,
			       text.data);
			ok = false;
		}
	}
	snprintf(title, sizeof(title), "%s %s: as declared", sim_version_name(version),
		 set->resource->name);
	CHECK(title, ok);
}

static bool same_value(const struct sim_set *set, size_t a, size_t b, const char *name)
{
	size_t column =
		(size_t)sim_column_find(&set->columns, (struct w365_span){ name, strlen(name) });
	struct w365_span x = sim_item_value(set->items[a], column),
			 y = sim_item_value(set->items[b], column);

	return x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
}

static size_t twins(const struct sim_set *set, const char *name)
{
	size_t n = 0;

	for (size_t a = 0; a < set->count; a++)
		for (size_t b = 0; b < a; b++)
			n += same_value(set, a, b, name);
	return n;
}

static struct w365_span value_of(const struct sim_set *set, size_t i, const char *name)
{
	return sim_item_value(
		set->items[i],
		(size_t)sim_column_find(&set->columns, (struct w365_span){ name, strlen(name) }));
}

static size_t count_of(const struct sim_set *set, const char *name, const char *value)
{
	size_t n = 0;

	for (size_t i = 0; i < set->count; i++)
		n += w365_span_is(value_of(set, i, name), value);
	return n;
}

/* Each non-null value of the column is the id of an item of the other set. */
static bool refers(const struct world *w, const char *from, const char *column, const char *to)
{
	const struct sim_set *set = set_of(w, from);

	for (size_t i = 0; i < set->count; i++) {
		struct w365_span v = value_of(set, i, column);
		char id[256];

		if (v.p[0] == 'n')
			continue;
		snprintf(id, sizeof(id), "%.*s", (int)v.len - 2, v.p + 1);
		if (sim_set_find(set_of(w, to), id, NULL) < 0)
			return false;
	}
	return true;
}

static void check_believable(const struct world *w)
{
	const struct sim_set *pcs = set_of(w, "cloudPCs"), *events = set_of(w, "auditEvents");
	size_t bytes = 0, offsets = 0;

	for (size_t i = 0; i < pcs->count; i++)
		bytes += pcs->items[i]->len + 2;
	CHECK_INT("as many Cloud PCs as ordered", pcs->count, 60);
	CHECK("a Cloud PC is about two kilobytes",
	      bytes / pcs->count > 1900 && bytes / pcs->count < 2200);
	CHECK("the first is the one in the manual",
	      w365_span_is(value_of(pcs, 0, "managedDeviceName"), "\"CPC-alexw-7QJ2K\""));
	CHECK("most are provisioned", count_of(pcs, "status", "\"provisioned\"") >= 40);
	CHECK("one moves to another region", count_of(pcs, "status", "\"movingRegion\"") == 1);
	CHECK("one waits for a licence", count_of(pcs, "status", "\"resizePendingLicense\"") == 1);
	CHECK("some are in their grace period", count_of(pcs, "status", "\"inGracePeriod\"") == 2);
	CHECK("grace periods end some day",
	      count_of(pcs, "gracePeriodEndDateTime", "null") == pcs->count - 2);
	CHECK("policies are known",
	      refers(w, "cloudPCs", "provisioningPolicyId", "provisioningPolicies"));
	CHECK("plans are known", refers(w, "cloudPCs", "servicePlanId", "servicePlans"));
	CHECK("snapshots are of Cloud PCs", refers(w, "snapshots", "cloudPcId", "cloudPCs"));
	CHECK("devices are managed", refers(w, "cloudPCs", "managedDeviceId", "managedDevices"));
	CHECK("roles are defined",
	      refers(w, "roleAssignments", "roleDefinitionId", "roleDefinitions"));
	CHECK("alerts have a rule", refers(w, "alertRecords", "alertRuleId", "alertRules"));
	CHECK("apps have a policy",
	      refers(w, "cloudApps", "provisioningPolicyId", "provisioningPolicies"));
	CHECK("ids are unique", twins(pcs, "id") == 0);
	CHECK("two images share a name", twins(set_of(w, "deviceImages"), "displayName") == 1);
	CHECK_INT("eight policies", set_of(w, "provisioningPolicies")->count, 8);
	CHECK_INT("bulk actions of every kind", set_of(w, "bulkActions")->count, 15);
	CHECK("ninety days of events", events->count > 2500 && events->count < 6000);
	for (size_t i = 0; i < events->count; i++)
		offsets += w365_span_is(
			(struct w365_span){ value_of(events, i, "activityDateTime").p + 27, 6 },
			"+08:00");
	CHECK("some with an offset", offsets > 20 && offsets < events->count / 10);
	CHECK("the newest is of today",
	      strncmp(value_of(events, 0, "activityDateTime").p, "\"2026-11-22T00:0", 16) == 0);
}

static void check_names(void)
{
	struct sim_tenant t;
	struct sim_set set;
	size_t count = 100000, unnamed = 0, same = 0;
	uint64_t *hashes = calloc(count, sizeof(*hashes));
	uint8_t *seen = calloc(1 << 24, 1);

	/* Names of a hundred thousand, by a bitmap over their hashes first. */
	sim_tenant_init(&t, 1, count, TODAY, "larkspurlabs.example", TENANT);
	sim_set_init(&set, sim_resource_find("cloudPCs"));
	sim_tenant_fill(&t, &set);
	for (size_t i = 0; i < count; i++) {
		struct w365_span name = value_of(&set, i, "managedDeviceName");

		/* The last five letters alone must differ. */
		if (name.p[0] == 'n') {
			unnamed++;
			continue;
		}
		hashes[i] = w365_hash(name.p + name.len - 6, 5, 0);
		if (seen[hashes[i] >> 40]) {
			for (size_t k = 0; k < i; k++)
				same += hashes[k] == hashes[i];
		}
		seen[hashes[i] >> 40] = 1;
	}
	CHECK_INT("no two device names of 100,000 are alike", same, 0);
	CHECK("only those without a machine have none", unnamed < count / 5);
	free(hashes);
	free(seen);
	sim_set_done(&set);
	sim_tenant_done(&t);
}

int main(void)
{
	struct world one, again, other, many, none;

	world_init(&one, 1, 60);
	world_init(&again, 1, 60);
	world_init(&other, 2, 60);
	world_init(&many, 1, 300);
	world_init(&none, 1, 0);
	CHECK("the same seed makes the same tenant", hash_of(&one) == hash_of(&again));
	CHECK("another seed makes another one", hash_of(&one) != hash_of(&other));
	CHECK("more Cloud PCs leave the first ones their names",
	      w365_span_is(value_of(set_of(&many, "cloudPCs"), 0, "managedDeviceName"),
			   "\"CPC-alexw-7QJ2K\""));
	for (size_t i = 0; i < sim_resource_count; i++) {
		const char *name = sim_resources[i].name;
		bool grows = w365_streq(name, "cloudPCs") || w365_streq(name, "snapshots") ||
			     w365_streq(name, "managedDevices");

		if (!grows && one.sets[i].count != many.sets[i].count)
			CHECK(name, false);
		check_set(&one.sets[i], SIM_BETA);
		if (sim_resources[i].versions & SIM_V1)
			check_set(&one.sets[i], SIM_V1);
	}
	check_believable(&one);
	CHECK_INT("a tenant without Cloud PCs", set_of(&none, "cloudPCs")->count, 0);
	CHECK_INT("has no snapshots", set_of(&none, "snapshots")->count, 0);
	check_names();
	world_done(&one);
	world_done(&again);
	world_done(&other);
	world_done(&many);
	world_done(&none);
	return check_summary();
}
