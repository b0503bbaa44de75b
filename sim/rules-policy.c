/* Provisioning policies, and the network connections that they use. */
#include <stdio.h>

#include "base/macros.h"
#include "sim/json-text.h"
#include "sim/rules.h"

bool sim_is_assigned(struct sim *s, const struct sim_set *set, const char *id)
{
	char name[128];
	const struct sim_set *children;

	snprintf(name, sizeof(name), "%s/assignments", set->resource->name);
	children = sim_set_of(s, sim_resource_find(name));
	for (size_t i = 0; children && i < children->count; i++)
		if (children->items[i]->parent && w365_streq(children->items[i]->parent, id))
			return true;
	return false;
}

bool sim_policy_allow(struct sim_change *c)
{
	if (c->kind != SIM_DELETE || !sim_is_assigned(c->call->sim, c->set, c->id))
		return true;
	SIM_FAIL(c->call, 400, "BadRequest",
		 "The provisioning policy is assigned to groups: remove its assignments before it "
		 "is deleted.");
	return false;
}

void sim_policy_fill(struct sim_change *c)
{
	struct sim_row *row = c->row;

	sim_row_bool(row, "enableSingleSignOn", false);
	sim_row_bool(row, "localAdminEnabled", false);
	sim_row_raw(row, "microsoftManagedDesktop",
		    W365_SPAN("{\"managedType\":\"notManaged\",\"profile\":null,"
			      "\"type\":\"notManaged\"}"));
	sim_row_str(row, "provisioningType", "dedicated");
	sim_row_str(row, "createdBy", sim_caller_name(c->call));
	sim_row_now(c, "createdDateTime");
	sim_row_raw(row, "managedBy", W365_SPAN("[\"windows365\"]"));
	sim_row_raw(row, "scopeIds", W365_SPAN("[\"0\"]"));
	sim_row_str(row, "snapshotResetMode", "notApplicable");
	sim_row_str(row, "userExperienceType", "cloudPc");
}

/* "windowsSetting" has a "locale", the older "windowsSettings" the same as "language". */
static void copy_locale(struct sim_change *c, const char *from, const char *member, const char *to,
			const char *as)
{
	uint32_t sent = sim_change_get(c, from), value;
	struct w365_jw *j;

	if (!sent || sim_change_get(c, to))
		return;
	value = w365_json_get(c->json, sent, member);
	j = sim_row_value(c->row, to);
	if (c->json->nodes[sent].kind == W365_JSON_IS_NULL) {
		w365_jw_raw(j, "null");
		return;
	}
	w365_jw_open(j, '{');
	if (value) {
		_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;
		struct w365_span raw = sim_json_text(c->json, value);

		w365_buf_add(&text, raw.p, raw.len);
		w365_jw_pair_raw(j, as, w365_buf_str(&text));
	} else {
		w365_jw_pair(j, as, NULL);
	}
	w365_jw_close(j, '}');
}

void sim_policy_follow(struct sim_change *c)
{
	struct w365_span type = sim_row_get(c->row, "provisioningType");
	bool shared = w365_span_is(type, "\"sharedByEntraGroup\"");

	copy_locale(c, "windowsSetting", "locale", "windowsSettings", "language");
	copy_locale(c, "windowsSettings", "language", "windowsSetting", "locale");
	sim_row_str(c->row, "lastModifiedBy", sim_caller_name(c->call));
	if (c->kind == SIM_CREATE)
		sim_row_int(c->row, "gracePeriodInHours", shared ? 4 : 168);
}

/* Is the connection @id the network of any policy? Ids have nothing that JSON would escape. */
static bool used_by_policy(struct sim *s, const char *id)
{
	struct sim_set *policies = sim_set_of(s, sim_resource_find("provisioningPolicies"));
	int column = sim_column_find(&policies->columns, W365_SPAN("domainJoinConfigurations"));

	for (size_t i = 0; i < policies->count; i++) {
		struct w365_span raw = sim_item_value(policies->items[i], (size_t)column);

		if (memmem(raw.p, raw.len, id, strlen(id)))
			return true;
	}
	return false;
}

static void set_use(struct sim_row *row, void *arg)
{
	sim_row_bool(row, "inUse", *(bool *)arg);
}

void sim_policy_after(struct sim_change *c)
{
	struct sim *s = c->call->sim;
	struct sim_set *set = sim_set_of(s, sim_resource_find("onPremisesConnections"));
	char id[256];

	for (size_t i = 0; set && i < set->count; i++) {
		int column = sim_column_find(&set->columns, W365_SPAN("inUse"));
		bool was = w365_span_is(sim_item_value(set->items[i], (size_t)column), "true");
		bool is;

		if (!sim_item_id(set, set->items[i], id))
			continue;
		is = used_by_policy(s, id);
		if (is != was)
			sim_item_change(s, set, i, set_use, &is);
	}
}

/* A domain is joined with an account of the domain. */
static bool check_domain(struct sim_change *c)
{
	static const char *const needed[] = { "adDomainName", "adDomainUsername",
					      "adDomainPassword" };
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF;

	if (!w365_streq(sim_change_str(c, "connectionType", &text), "hybridAzureADJoin"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (*sim_change_str(c, needed[i], &text))
			continue;
		SIM_FAIL(c->call, 400, "BadRequest",
			 "The property '%s' is required for a connection of the type "
			 "hybridAzureADJoin.",
			 needed[i]);
		return false;
	}
	return true;
}

bool sim_connection_allow(struct sim_change *c)
{
	if (c->kind == SIM_CREATE)
		return check_domain(c);
	if (c->kind != SIM_DELETE || !used_by_policy(c->call->sim, c->id))
		return true;
	SIM_FAIL(c->call, 409, "Conflict",
		 "The connection is used by a provisioning policy and cannot be deleted.");
	return false;
}

void sim_connection_fill(struct sim_change *c)
{
	struct sim_row *row = c->row;

	sim_row_str(row, "adDomainName", "");
	sim_row_str(row, "adDomainUsername", "");
	sim_row_bool(row, "healthCheckPaused", false);
	sim_row_bool(row, "inUse", false);
	sim_row_bool(row, "inUseByCloudPc", false);
	sim_row_str(row, "organizationalUnit", "");
	sim_row_raw(row, "scopeIds", W365_SPAN("[\"0\"]"));
	sim_row_str(row, "subscriptionName", "Larkspur Labs - Production");
	sim_row_str(row, "virtualNetworkLocation", "westeurope");
	sim_row_raw(row, "managedBy", W365_SPAN("[\"windows365\"]"));
}

/* Whatever was changed, the network is looked at again. The password is kept where nobody reads
 * it. */
void sim_connection_follow(struct sim_change *c)
{
	static const char waiting[] = "{\"endDateTime\":\"0001-01-01T00:00:00Z\","
				      "\"healthChecks\":[],"
				      "\"startDateTime\":\"0001-01-01T00:00:00Z\"}";
	bool old_name = !sim_change_get(c, "connectionType") && sim_change_get(c, "type");
	const char *from = old_name ? "type" : "connectionType";
	_cleanup_(w365_buf_done) struct w365_buf type = W365_BUF;
	struct w365_span value = sim_row_get(c->row, from);

	w365_buf_add(&type, value.p, value.len);
	sim_row_raw(c->row, old_name ? "connectionType" : "type",
		    (struct w365_span){ w365_buf_str(&type), type.len });
	sim_row_null(c->row, "adDomainPassword");
	sim_row_str(c->row, "healthCheckStatus", "pending");
	sim_row_raw(c->row, "healthCheckStatusDetail", W365_SPAN(waiting));
	sim_row_raw(c->row, "healthCheckStatusDetails", W365_SPAN(waiting));
}
