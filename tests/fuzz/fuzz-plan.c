/* A text that somebody wants to save, against items as they are at the service: what it means for
 * each of them, whose it is, what is left of it when its secrets are blanked. */
#include "base/buf.h"
#include "base/macros.h"
#include "graph/json-same.h"
#include "graph/plan.h"
#include "tests/fuzz/demand.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define GROUP(id)                                    \
	"{\"id\":\"a\",\"target\":{\"@odata.type\":" \
	"\"#microsoft.graph.cloudPcManagementGroupAssignmentTarget\",\"groupId\":\"" id "\"}}"

static const struct {
	const char *collection, *id, *text;
} items[] = {
	{ "provisioningPolicies", "p",
	  "{\"id\":\"p\",\"displayName\":\"A\",\"description\":null,\"domainJoinConfigurations\":"
	  "[{\"domainJoinType\":\"azureADJoin\",\"regionName\":\"westeurope\",\"odd\":[1]}],"
	  "\"lastModifiedDateTime\":\"2026-11-22T09:30:15Z\",\"windowsSetting\":{\"locale\":\"en-US\"},"
	  "\"assignments\":[" GROUP("g") "," GROUP("h") "],\"later\":{\"x\":1.50}}" },
	{ "cloudPcPools", "o",
	  "{\"@odata.type\":\"#microsoft.graph.cloudPcAgentPool\",\"id\":\"o\",\"displayName\":\"O\","
	  "\"lastModifiedDateTime\":\"2026-11-22T09:30:15Z\",\"capabilities\":{\"@odata.type\":"
	  "\"#microsoft.graph.cloudPcAgentPoolCapabilityConfiguration\",\"enableSingleSignOn\":true},"
	  "\"scalingPolicy\":{\"maximumCount\":5,\"minimumCount\":1}}" },
	{ "onPremisesConnections", "c",
	  "{\"id\":\"c\",\"displayName\":\"C\",\"connectionType\":\"azureADJoin\","
	  "\"healthCheckStatus\":\"passed\",\"scopeIds\":[\"0\"]}" },
	{ "organizationSettings", "",
	  "{\"osVersion\":\"windows11\",\"enableSingleSignOn\":false}" },
};

static void check_error(int r, const struct w365_err *err)
{
	demand(r == -EINVAL || r == -ESTALE || r == -EPERM);
	demand(err->num == -r && err->msg[0] && !strchr(err->msg, '\n'));
}

/* The members of an object without its braces. */
static void add_members(struct w365_buf *out, const struct w365_buf *object)
{
	if (object->len <= strlen("{}"))
		return;
	w365_buf_addc(out, out->len > 1 ? ',' : ' ');
	w365_buf_add(out, object->data + 1, object->len - 2);
}

/* The item after the plan was carried out. */
static void carry_out(struct w365_buf *out, const char *remote, const struct graph_plan *plan)
{
	const struct w365_buf *parts[] = { &plan->body, &plan->assign };
	_cleanup_(w365_json_done) struct w365_json old = { 0 };

	demand(w365_json_parse(&old, remote, strlen(remote), NULL, NULL) == 0);
	w365_buf_addc(out, '{');
	W365_JSON_EACH (&old, 0, i) {
		struct w365_span key = { old.text + old.nodes[i].key, old.nodes[i].key_len };
		bool replaced = false;

		for (unsigned k = 0; k < ARRAY_SIZE(parts); k++) {
			_cleanup_(w365_json_done) struct w365_json j = { 0 };

			if (!parts[k]->len)
				continue;
			demand(w365_json_parse(&j, parts[k]->data, parts[k]->len, NULL, NULL) == 0);
			demand(j.nodes[0].kind == W365_JSON_IS_OBJECT);
			replaced = replaced || graph_json_member(&j, 0, key);
		}
		if (replaced)
			continue;
		w365_buf_addf(out, "%s\"%.*s\":", out->len > 1 ? "," : "", (int)key.len, key.p);
		w365_buf_add(out,
			     old.text + old.nodes[i].val -
				     (old.nodes[i].kind == W365_JSON_IS_STRING),
			     old.nodes[i].val_len + 2 * (old.nodes[i].kind == W365_JSON_IS_STRING));
	}
	for (unsigned k = 0; k < ARRAY_SIZE(parts); k++)
		add_members(out, parts[k]);
	w365_buf_addc(out, '}');
}

/* What was carried out, is: the same text means nothing any more. */
static void check_update(struct graph_save s, const struct graph_plan *plan)
{
	_cleanup_(w365_buf_done) struct w365_buf after = W365_BUF;
	_cleanup_(graph_plan_done) struct graph_plan again = { 0 };
	struct graph_known before = { s.remote, s.remote_len, false };

	demand((plan->kind == GRAPH_PLAN_NOTHING) == (!plan->body.len && !plan->assign.len));
	carry_out(&after, s.remote, plan);
	s.known = &before;
	s.n_known = 1;
	s.remote = after.data;
	s.remote_len = after.len;
	demand(graph_plan_make(&s, &again, NULL) == 0);
	demand(again.kind == GRAPH_PLAN_NOTHING || strstr(w365_buf_str(&plan->body), "Password"));
}

static void update(const struct w365_buf *text, unsigned item, unsigned flags)
{
	struct graph_plan plan = { 0 };
	struct w365_err err = { 0 };
	struct graph_save s = {
		.collection = graph_collection_find(items[item].collection),
		.version = GRAPH_BETA,
		.text = w365_buf_str(text),
		.len = text->len,
		.id = items[item].id,
		.id_len = strlen(items[item].id),
		.remote = items[item].text,
		.remote_len = strlen(items[item].text),
		.lax = flags & 1,
		.destructive = flags & 2,
	};
	struct graph_known kept = { s.text, s.len, true };
	int r = graph_plan_make(&s, &plan, &err);

	if (r < 0)
		check_error(r, &err);
	else
		check_update(s, &plan);
	graph_plan_done(&plan);

	/* An undo is never refused for what is in it. */
	s.known = &kept;
	s.n_known = 1;
	r = graph_plan_make(&s, &plan, &err);
	if (r < 0)
		check_error(r, &err);
	graph_plan_done(&plan);

	/* And what is there already is nothing. */
	s.text = s.remote;
	s.len = s.remote_len;
	demand(graph_plan_make(&s, &plan, &err) == 0 && plan.kind == GRAPH_PLAN_NOTHING);
	graph_plan_done(&plan);
}

static void create(const struct w365_buf *text, unsigned item, unsigned flags)
{
	_cleanup_(graph_plan_done) struct graph_plan plan = { 0 };
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	struct w365_err err = { 0 };
	int r = graph_plan_make(
		&(struct graph_save){ .collection = graph_collection_find(items[item].collection),
				      .version = flags & 4 ? GRAPH_V1 : GRAPH_BETA,
				      .text = w365_buf_str(text),
				      .len = text->len,
				      .name = "name",
				      .lax = flags & 1 },
		&plan, &err);

	if (r < 0) {
		check_error(r, &err);
		return;
	}
	demand(plan.kind == GRAPH_PLAN_CREATE);
	demand(w365_json_parse(&j, plan.body.data, plan.body.len, NULL, NULL) == 0);
	demand(!w365_json_get(&j, 0, "id") && !w365_json_get(&j, 0, "assignments"));
}

/* No member of that name says anything any more. */
static void check_masked(struct w365_buf *text)
{
	_cleanup_(w365_json_done) struct w365_json j = { 0 };
	size_t len = text->len;

	graph_text_mask(text->data, &len);
	demand(len <= text->len);
	text->len = len;
	text->data[len] = '\0';
	if (w365_json_parse(&j, text->data, len, NULL, NULL) < 0)
		return;
	for (uint32_t i = 0; i < j.count; i++) {
		_cleanup_(w365_buf_done) struct w365_buf spare = W365_BUF;

		if (j.nodes[i].key &&
		    w365_span_is(graph_json_key(&j, i, &spare), "adDomainPassword"))
			demand(j.nodes[i].kind == W365_JSON_IS_NULL || j.nodes[i].val_len == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, id = W365_BUF;
	struct w365_err err = { 0 };
	unsigned item;
	int r;

	/* The first byte chooses an item and what the mount allows. */
	if (!size)
		return 0;
	item = data[0] % ARRAY_SIZE(items);
	w365_buf_add(&text, data + 1, size - 1);
	update(&text, item, data[0] / ARRAY_SIZE(items));
	create(&text, item, data[0] / ARRAY_SIZE(items));
	r = graph_text_id(w365_buf_str(&text), text.len, &id, &err);
	demand((r == 1) == (id.len != 0) && r <= 1);
	demand(r >= 0 || (err.num == -r && (r == -ENODATA || r == -EINVAL)));
	check_masked(&text);
	return 0;
}
