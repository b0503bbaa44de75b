/* tests/unit/plan.h - what the tests of the save pipeline share. */
#pragma once

#include <stdlib.h>

#include "base/buf.h"
#include "base/macros.h"
#include "graph/plan.h"
#include "tests/lib/check.h"

/** JSON as the tests write it, with ' for ". */
static inline void json(struct w365_buf *out, const char *s)
{
	for (; *s; s++)
		w365_buf_addc(out, *s == '\'' ? '"' : *s);
}

struct expected {
	int num;
	const char *says; /* in the sentence */
	enum graph_plan_kind kind;
	const char *body, *assign; /* NULL: none */
	unsigned dropped;
};

static inline void check_json(const char *why, const struct w365_buf *got, const char *want)
{
	struct w365_buf b = W365_BUF;

	json(&b, want ? want : "");
	CHECK_STR(why, w365_buf_str(got), w365_buf_str(&b));
	w365_buf_done(&b);
}

static inline void check_plan(const char *why, int r, const struct w365_err *err,
			      const struct graph_plan *plan, const struct expected *e)
{
	struct w365_buf says = W365_BUF;

	CHECK_INT(why, r, -e->num);
	if (r < 0 && e->num) {
		json(&says, e->says);
		CHECK_INT(why, err->num, e->num);
		if (!CHECK(why, strstr(err->msg, w365_buf_str(&says))))
			check_show("says", err->msg);
		CHECK(why, !strchr(err->msg, '\n') && !strstr(err->msg, "geheim"));
	} else if (r < 0) {
		check_show("says", err->msg);
	} else {
		CHECK_INT(why, plan->kind, e->kind);
		check_json(why, &plan->body, e->body);
		check_json(why, &plan->assign, e->assign);
		CHECK_INT(why, plan->dropped, e->dropped);
	}
	w365_buf_done(&says);
}

/* ---- items, and texts of them ---- */

#define GROUP         "#microsoft.graph.cloudPcManagementGroupAssignmentTarget"
#define TO(id, group) "{'id':'" id "','target':{'@odata.type':'" GROUP "','groupId':'" group "'}}"

/* The items as they are at the service, unless a case says otherwise. */
#define OLD "2026-11-20T10:00:00Z"
#define NOW "2026-11-22T09:30:15.1234567Z"
#define POLICY(stamp, name, rest)                                        \
	"{'id':'p1','displayName':'" name                                \
	"','description':null,'createdDateTime':'2026-01-01T00:00:00Z'," \
	"'imageId':'img','imageType':'gallery','lastModifiedDateTime':'" stamp "'" rest "}"
#define REGION(name)                                                                       \
	",'domainJoinConfigurations':[{'domainJoinType':'azureADJoin','regionName':'" name \
	"','geographicLocationType':'new-member','odd':1}]"
#define TWO_GROUPS ",'assignments':[" TO("a1", "g1") "," TO("a2", "g2") "]"
#define POLICY_REST \
	",'managedBy':['windows365'],'windowsSetting':{'locale':'en-US'}" REGION("westeurope")
#define POLICY_NOW POLICY(NOW, "A", POLICY_REST TWO_GROUPS)
#define SETTING                                                                                                    \
	"{'id':'u1','displayName':'S','createdDateTime':'2026-01-01T00:00:00Z','lastModifiedDateTime':'" NOW       \
	"','localAdminEnabled':false,'restorePointSetting':{'frequencyType':'default','userRestoreEnabled':true}," \
	"'assignments':[{'id':'x','createdDateTime':'2026-01-01T00:00:00Z','target':{'@odata.type':'" GROUP        \
	"','groupId':'g1','servicePlanId':null}}]}"
#define CONNECTION(health)                                                                      \
	"{'id':'c1','displayName':'C','adDomainName':'d','connectionType':'hybridAzureADJoin'," \
	"'healthCheckStatus':'" health "','subnetId':'s','scopeIds':['0']}"
#define IMAGE                                                       \
	"{'id':'i1','displayName':'I','lastModifiedDateTime':'" NOW \
	"','version':'1','status':'ready'}"
#define APP                                                                         \
	"{'id':'w1','displayName':'W','addedDateTime':'" OLD                        \
	"','appDetail':{'@odata.type':'#microsoft.graph.cloudPcFilePathAppDetail'," \
	"'filePath':'a','iconIndex':0},'lastPublishedDateTime':'0001-01-01T00:00:00Z','provisioningPolicyId':'p'}"
#define POOL                                                                                                          \
	"{'@odata.type':'#microsoft.graph.cloudPcAgentPool','id':'o1','displayName':'O','lastModifiedDateTime':'" NOW \
	"','scalingPolicy':{'maximumCount':5,'minimumCount':1},'poolStatus':'ready'}"
#define PARTNER "{'id':'e1','partnerId':'x','enableConnection':true,'lastSyncDateTime':'" NOW "'}"
#define ORGANIZATION \
	"{'enableMEMAutoEnroll':true,'osVersion':'windows11','windowsSettings':{'language':'en-US'}}"

enum {
	IN_POLICIES,
	IN_SETTINGS,
	IN_CONNECTIONS,
	IN_IMAGES,
	IN_APPS,
	IN_POOLS,
	IN_PARTNERS,
	IN_PARTNER_SETTINGS,
	IN_ORGANIZATION
};

static const struct {
	const char *collection, *id, *text;
} items[] = {
	[IN_POLICIES] = { "provisioningPolicies", "p1", POLICY_NOW },
	[IN_SETTINGS] = { "userSettings", "u1", SETTING },
	[IN_CONNECTIONS] = { "onPremisesConnections", "c1", CONNECTION("passed") },
	[IN_IMAGES] = { "deviceImages", "i1", IMAGE },
	[IN_APPS] = { "cloudApps", "w1", APP },
	[IN_POOLS] = { "cloudPcPools", "o1", POOL },
	[IN_PARTNERS] = { "externalPartners", "e1", PARTNER },
	[IN_PARTNER_SETTINGS] = { "externalPartnerSettings", "e1", PARTNER },
	[IN_ORGANIZATION] = { "organizationSettings", "", ORGANIZATION },
};

enum { LAX = 1, DESTRUCTIVE = 2, V1 = 4, KEPT = 8 };

/** A text of an item that is there. */
struct update {
	const char *why;
	unsigned item; /* IN_ */
	const char *text;
	const char *known[3]; /* the one served last first; none: the service's own was served */
	const char *remote;   /* NULL: as in items */
	unsigned flags;
	int num;
	const char *says; /* in the sentence */
	const char *body, *assign;
	unsigned dropped;
};

static inline void check_update(const struct update *u)
{
	_cleanup_(w365_buf_done) struct w365_buf text = W365_BUF, remote = W365_BUF;
	struct w365_buf known[ARRAY_SIZE(u->known)] = { 0 };
	struct graph_known seen[ARRAY_SIZE(u->known)];
	struct graph_plan plan = { 0 };
	struct w365_err err = { 0 };
	unsigned n = 0;
	int r;

	json(&text, u->text);
	json(&remote, u->remote ? u->remote : items[u->item].text);
	for (; n < ARRAY_SIZE(known) && u->known[n]; n++) {
		json(&known[n], u->known[n]);
		seen[n] = (struct graph_known){ known[n].data, known[n].len, u->flags & KEPT };
	}
	r = graph_plan_make(
		&(struct graph_save){
			.collection = graph_collection_find(items[u->item].collection),
			.version = u->flags & V1 ? GRAPH_V1 : GRAPH_BETA,
			.text = w365_buf_str(&text),
			.len = text.len,
			.id = items[u->item].id,
			.id_len = strlen(items[u->item].id),
			.remote = w365_buf_str(&remote),
			.remote_len = remote.len,
			.known = seen,
			.n_known = n,
			.lax = u->flags & LAX,
			.destructive = u->flags & DESTRUCTIVE,
		},
		&plan, &err);
	check_plan(
		u->why, r, &err, &plan,
		&(struct expected){ u->num, u->says,
				    u->body || u->assign ? GRAPH_PLAN_UPDATE : GRAPH_PLAN_NOTHING,
				    u->body, u->assign, u->dropped });
	graph_plan_done(&plan);
	for (unsigned k = 0; k < n; k++)
		w365_buf_done(&known[k]);
}
