#include "sim/audit.h"

#include <stdio.h>

#include "base/macros.h"
#include "sim/json-text.h"
#include "sim/rng.h"
#include "sim/row.h"
#include "sim/tenant-parts.h"

static void write_actor(struct w365_jw *j, const struct sim_call *c)
{
	const struct sim_user *user =
		c->caller.delegated ? sim_tenant_user(&c->sim->tenant, c->caller.object_id) : NULL;

	w365_jw_open(j, '{');
	w365_jw_pair(j, "applicationDisplayName", NULL);
	w365_jw_pair(j, "applicationId", c->caller.client_id);
	w365_jw_pair(j, "ipAddress", "127.0.0.1");
	w365_jw_pair(j, "remoteTenantId", NULL);
	w365_jw_pair(j, "remoteUserId", NULL);
	w365_jw_pair(j, "servicePrincipalName", user ? NULL : c->caller.client_id);
	w365_jw_pair(j, "userId", user ? user->id : NULL);
	w365_jw_pair_raw(j, "userPermissions", user ? "[\"*\"]" : "[]");
	w365_jw_pair(j, "userPrincipalName", user ? user->upn : NULL);
	w365_jw_pair_raw(j, "userRoleScopeTags",
			 "[{\"displayName\":\"Default\",\"roleScopeTagId\":\"0\"}]");
	w365_jw_pair(j, "type", user ? "itPro" : "application");
	w365_jw_close(j, '}');
}

static void write_property(struct w365_jw *j, const struct sim_deed *d, uint32_t i)
{
	_cleanup_(w365_buf_done) struct w365_buf name = W365_BUF, value = W365_BUF;
	struct w365_span key = sim_json_key_of(d->sent, i), text = sim_json_text(d->sent, i);
	const struct sim_prop *prop = sim_prop_find(d->type, key, SIM_BETA);

	/* A password is not told, nor is what is no property: a type's name. */
	if (!prop || (prop->flags & SIM_WRITE_ONLY))
		return;
	w365_buf_add(&name, key.p, key.len);
	w365_buf_add(&value, text.p, text.len);
	w365_jw_open(j, '{');
	w365_jw_pair(j, "displayName", w365_buf_str(&name));
	w365_jw_pair(j, "newValue", w365_buf_str(&value));
	w365_jw_pair(j, "oldValue", NULL);
	w365_jw_close(j, '}');
}

static void write_resources(struct w365_jw *j, const struct sim_deed *d, const char *component)
{
	w365_jw_open(j, '[');
	w365_jw_open(j, '{');
	w365_jw_pair(j, "displayName", d->name);
	w365_jw_key(j, "modifiedProperties");
	w365_jw_open(j, '[');
	if (d->sent && d->sent->count)
		W365_JSON_EACH (d->sent, 0, i)
			write_property(j, d, i);
	w365_jw_close(j, ']');
	w365_jw_pair(j, "resourceId", d->id);
	w365_jw_pair(j, "resourceType", component);
	w365_jw_close(j, '}');
	w365_jw_close(j, ']');
}

/* "provisioningPolicy" to "ProvisioningPolicy" */
static void capital(const char *name, char out[80])
{
	snprintf(out, 80, "%s", name);
	if (out[0] >= 'a' && out[0] <= 'z')
		out[0] += 'A' - 'a';
}

void sim_audit(struct sim_call *c, const struct sim_deed *d)
{
	struct sim *s = c->sim;
	struct sim_set *set = sim_set_of(s, sim_resource_find("auditEvents"));
	_cleanup_(sim_row_done) struct sim_row row = { 0 };
	char component[80], verb[80], type[168], text[48];
	struct sim_item *item;

	if (!set)
		return;
	capital(d->type->name, component);
	capital(d->verb, verb);
	snprintf(type, sizeof(type), "%s %s", verb, component);
	sim_row_init(&row, set);
	sim_row_str(&row, "id", sim_guid(s->config.seed, "audit", set->count, text));
	sim_row_str(&row, "activityDateTime", sim_stamp(s, 0, text));
	sim_row_str(&row, "activityOperationType", d->operation);
	sim_row_str(&row, "activityResult", "success");
	sim_row_str(&row, "activityType", type);
	write_actor(sim_row_value(&row, "actor"), c);
	sim_row_str(&row, "category", "cloudPC");
	sim_row_str(&row, "componentName", component);
	sim_row_str(&row, "correlationId", sim_reply_get(c->reply, "request-id"));
	sim_row_str(&row, "displayName", type);
	write_resources(sim_row_value(&row, "resources"), d, component);
	item = sim_row_finish(&row);
	if (item)
		sim_set_add_first(set, item);
}
