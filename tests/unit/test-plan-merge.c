/* What a text changes in an item that others change too; undo; assignments. JSON is written with ' for " here. */
#include <errno.h>

#include "tests/unit/plan.h"

static const struct update cases[] = {
	/* ---- versions ---- */
	{ "from an older version, which was not served", IN_POLICIES, POLICY(OLD, "B", ""),
	  .num = ESTALE,
	  .says = "lastModifiedDateTime says that the text is of '" OLD
		  "', but the item was changed since, at '" NOW
		  "': read it again, or remove lastModifiedDateTime from the text to save it all the same" },
	{ "all the same", IN_POLICIES,
	  "{'id':'p1','createdDateTime':'2026-01-01T00:00:00Z','displayName':'B'}",
	  .body = "{'displayName':'B'}" },
	{ "the same time in other words", IN_POLICIES,
	  "{'lastModifiedDateTime':'2026-11-22T10:30:15.1234567+01:00','displayName':'B'}",
	  .num = EINVAL, .says = "lastModifiedDateTime is read-only" },
	{ "a time that is none", IN_POLICIES,
	  "{'lastModifiedDateTime':'yesterday','displayName':'B'}", .num = EINVAL,
	  .says = "lastModifiedDateTime is read-only: restore it" },
	{ "a time that is no string", IN_POLICIES, "{'lastModifiedDateTime':7}", .num = EINVAL,
	  .says = "lastModifiedDateTime is read-only" },
	{ "other properties were changed meanwhile: both stay", IN_POLICIES, POLICY(OLD, "B", ""),
	  .known = { POLICY(NOW, "A", ",'imageDisplayName':'new'"),
		     POLICY(OLD, "A", ",'imageDisplayName':'old'") },
	  .remote = POLICY(NOW, "A", ",'imageDisplayName':'new'"), .body = "{'displayName':'B'}" },
	{ "what the text did not change is not put back", IN_POLICIES,
	  POLICY(OLD, "A", ",'imageDisplayName':'old'"),
	  .known = { POLICY(NOW, "A", ",'imageDisplayName':'new'"),
		     POLICY(OLD, "A", ",'imageDisplayName':'old'") },
	  .remote = POLICY(NOW, "A", ",'imageDisplayName':'new'") },
	{ "the same property", IN_POLICIES, POLICY(OLD, "B", ""), .known = { POLICY(OLD, "A", "") },
	  .remote = POLICY(NOW, "C", ""), .num = ESTALE,
	  .says = "line 1, column 12: displayName was changed at the service too, after this text was read (displayName): read the item again and repeat the change" },
	{ "several", IN_POLICIES,
	  "{'lastModifiedDateTime':'" OLD "','displayName':'B','imageId':'j'}",
	  .known = { POLICY(OLD, "A", "") },
	  .remote = "{'id':'p1','lastModifiedDateTime':'" NOW "','displayName':'C','imageId':'k'}",
	  .num = ESTALE, .says = "(displayName, imageId)" },
	{ "both sides changed it in the same way", IN_POLICIES, POLICY(OLD, "B", ""),
	  .known = { POLICY(OLD, "A", "") }, .remote = POLICY(NOW, "B", "") },
	{ "and something else", IN_POLICIES, POLICY(OLD, "B", ",'imageDisplayName':'x'"),
	  .known = { POLICY(OLD, "A", "") }, .remote = POLICY(NOW, "B", ""),
	  .body = "{'imageDisplayName':'x'}" },
	{ "what the service has itself is right, whatever it is", IN_POLICIES,
	  POLICY(OLD, "A", ",'odd':1,'createdBy':'x'"), .known = { POLICY(OLD, "A", "") },
	  .remote = POLICY(NOW, "A", ",'odd':1.0,'createdBy':'x'") },
	{ "of two versions of one time the one served last", IN_APPS,
	  "{'addedDateTime':'" OLD "','displayName':'X','description':'one'}",
	  .known = { "{'id':'w1','addedDateTime':'" OLD "','displayName':'W','description':'two'}",
		     "{'id':'w1','addedDateTime':'" OLD
		     "','displayName':'W','description':'one'}" },
	  .remote = "{'id':'w1','addedDateTime':'" OLD "','displayName':'W','description':'two'}",
	  .body = "{'displayName':'X','description':'one'}" },
	{ "unless what is read-only tells them apart", IN_APPS,
	  "{'addedDateTime':'" OLD
	  "','displayName':'X','description':'one','appStatus':'preparing'}",
	  .known = { "{'id':'w1','addedDateTime':'" OLD
		     "','displayName':'W','description':'two','appStatus':'ready'}",
		     "{'id':'w1','addedDateTime':'" OLD
		     "','displayName':'W','description':'one','appStatus':'preparing'}" },
	  .remote = "{'id':'w1','addedDateTime':'" OLD
		    "','displayName':'W','description':'two','appStatus':'ready'}",
	  .body = "{'displayName':'X'}" },
	{ "no time at all: the one served last", IN_CONNECTIONS,
	  "{'displayName':'D','adDomainName':'d'}",
	  .known = { "{'id':'c1','displayName':'C','adDomainName':'e'}" },
	  .remote = "{'id':'c1','displayName':'C','adDomainName':'e'}",
	  .body = "{'displayName':'D','adDomainName':'d'}" },
	{ "a state that went on meanwhile is nobody's change", IN_CONNECTIONS,
	  "{'id':'c1','displayName':'D','healthCheckStatus':'running'}",
	  .known = { CONNECTION("passed"), CONNECTION("running") }, .body = "{'displayName':'D'}" },
	{ "and neither is it if nobody has seen the new one", IN_CONNECTIONS,
	  "{'id':'c1','displayName':'D','healthCheckStatus':'running'}",
	  .known = { CONNECTION("running") }, .body = "{'displayName':'D'}" },
	{ "a known text that is none", IN_POLICIES, POLICY(NOW, "B", ""),
	  .known = { "[", "[]", "" }, .body = "{'displayName':'B'}" },
	{ "v1.0 tells no time of policies", IN_POLICIES, "{'id':'p1','displayName':'B'}",
	  .flags = V1, .body = "{'displayName':'B'}" },
	{ "the service's text is none", IN_POLICIES, "{'displayName':'B'}", .remote = "[]",
	  .num = EPROTO, .says = "no JSON object" },

	/* ---- undo ---- */
	{ "an undo", IN_POLICIES, POLICY(OLD, "old", ",'createdBy':'x'"),
	  .known = { POLICY_NOW, POLICY(OLD, "old", ",'createdBy':'x'") }, .flags = KEPT,
	  .body = "{'displayName':'old'}" },
	{ "of what was changed by others since", IN_POLICIES, POLICY(OLD, "old", ""),
	  .known = { POLICY("2026-11-21T00:00:00Z", "mine", ""), POLICY(OLD, "old", "") },
	  .remote = POLICY(NOW, "theirs", ""), .flags = KEPT, .body = "{'displayName':'old'}" },
	{ "not of one byte more", IN_POLICIES, POLICY(OLD, "old", "") " ",
	  .known = { POLICY("2026-11-21T00:00:00Z", "mine", ""), POLICY(OLD, "old", "") },
	  .remote = POLICY(NOW, "theirs", ""), .flags = KEPT },
	{ "nothing that cannot be set", IN_POLICIES,
	  POLICY(OLD, "A", ",'managedBy':['devBox'],'odd':1"),
	  .known = { POLICY_NOW, POLICY(OLD, "A", ",'managedBy':['devBox'],'odd':1") },
	  .flags = KEPT },
	{ "lax: what nobody knows too", IN_POLICIES, POLICY(OLD, "A", ",'odd':1"),
	  .known = { POLICY_NOW, POLICY(OLD, "A", ",'odd':1") }, .flags = KEPT | LAX,
	  .body = "{'odd':1}" },
	{ "unknown members of enums go back as they came", IN_POLICIES,
	  POLICY(OLD, "A", REGION("uk")), .known = { POLICY_NOW, POLICY(OLD, "A", REGION("uk")) },
	  .flags = KEPT,
	  .body = "{'domainJoinConfigurations':[{'domainJoinType':'azureADJoin','regionName':'uk','geographicLocationType':'new-member','odd':1}]}" },
	{ "assignments come back", IN_POLICIES, POLICY_NOW, .known = { "{'id':'p1'}", POLICY_NOW },
	  .remote = POLICY("2026-11-23T00:00:00Z", "A",
			   POLICY_REST ",'assignments':[" TO("a1", "g1") "]"),
	  .flags = KEPT,
	  .assign = "{'assignments':[{'target':{'@odata.type':'" GROUP
		    "','groupId':'g1'}},{'target':{'@odata.type':'" GROUP "','groupId':'g2'}}]}" },
	{ "but none goes away unasked", IN_POLICIES, POLICY(OLD, "A", ",'assignments':[]"),
	  .known = { POLICY_NOW, POLICY(OLD, "A", ",'assignments':[]") }, .flags = KEPT,
	  .num = EPERM, .says = "drops 2 groups (g1, g2)" },

	/* ---- assignments ---- */
	{ "one more", IN_POLICIES,
	  "{'assignments':[" TO("a1", "g1") "," TO("a2", "g2") ",{'target':{'@odata.type':'" GROUP
							       "','groupId':'g3'}}]}",
	  .assign = "{'assignments':[{'target':{'@odata.type':'" GROUP
		    "','groupId':'g1'}},{'target':{'@odata.type':'" GROUP
		    "','groupId':'g2'}},{'target':{'@odata.type':'" GROUP "','groupId':'g3'}}]}" },
	{ "and a property", IN_POLICIES,
	  "{'description':'x','assignments':[" TO("a1", "g1") "," TO("a2", "g2") "," TO("a3",
											"g3") "]}",
	  .body = "{'description':'x'}",
	  .assign = "{'assignments':[{'target':{'@odata.type':'" GROUP
		    "','groupId':'g1'}},{'target':{'@odata.type':'" GROUP
		    "','groupId':'g2'}},{'target':{'@odata.type':'" GROUP "','groupId':'g3'}}]}" },
	{ "Frontline licences", IN_POLICIES,
	  "{'assignments':[" TO("a1", "g1") "," TO(
		  "a2",
		  "g2") ",{'target':{'@odata.type':'" GROUP
			"','groupId':'g3','servicePlanId':'s','allotmentDisplayName':'n','allotmentLicensesCount':5}}]}",
	  .assign =
		  "{'assignments':[{'target':{'@odata.type':'" GROUP
		  "','groupId':'g1'}},{'target':{'@odata.type':'" GROUP
		  "','groupId':'g2'}},{'target':{'@odata.type':'" GROUP
		  "','groupId':'g3','servicePlanId':'s','allotmentDisplayName':'n','allotmentLicensesCount':5}}]}" },
	{ "more licences for the same group drop nobody", IN_POLICIES,
	  "{'assignments':[{'target':{'@odata.type':'" GROUP
	  "','groupId':'g1','allotmentLicensesCount':9}}]}",
	  .remote = "{'id':'p1','assignments':[{'id':'a','target':{'@odata.type':'" GROUP
		    "','groupId':'g1','allotmentLicensesCount':5}}]}",
	  .assign = "{'assignments':[{'target':{'@odata.type':'" GROUP
		    "','groupId':'g1','allotmentLicensesCount':9}}]}" },
	{ "another plan for the same group does", IN_POLICIES,
	  "{'assignments':[{'target':{'@odata.type':'" GROUP
	  "','groupId':'g1','servicePlanId':'t'}}]}",
	  .remote = "{'id':'p1','assignments':[{'id':'a','target':{'@odata.type':'" GROUP
		    "','groupId':'g1','servicePlanId':'s'}}]}",
	  .num = EPERM, .says = "drops 1 group (g1), which takes the Cloud PCs from its users" },
	{ "one less", IN_POLICIES, "{'description':'x',\n'assignments':[" TO("a1", "g1") "]}",
	  .num = EPERM,
	  .says = "line 2, column 1: assignments drops 1 group (g2), which takes the Cloud PCs from its users: mount with -o destructive=allow, or use actions/assign with confirm=" },
	{ "allowed", IN_POLICIES, "{'assignments':[" TO("a1", "g1") "]}", .flags = DESTRUCTIVE,
	  .dropped = 1,
	  .assign = "{'assignments':[{'target':{'@odata.type':'" GROUP "','groupId':'g1'}}]}" },
	{ "none", IN_POLICIES, "{'assignments':[]}", .flags = DESTRUCTIVE, .dropped = 2,
	  .assign = "{'assignments':[]}" },
	{ "null is none", IN_POLICIES, "{'assignments':null}", .flags = DESTRUCTIVE, .dropped = 2,
	  .assign = "{'assignments':[]}" },
	{ "which is refused too", IN_POLICIES, "{'assignments':null}", .num = EPERM,
	  .says = "drops 2 groups (g1, g2), which takes the Cloud PCs from their users" },
	{ "left out means as it is", IN_POLICIES, "{'description':'x'}",
	  .body = "{'description':'x'}" },
	{ "one instead of another", IN_POLICIES,
	  "{'assignments':[" TO("a1", "g1") "," TO("a2", "g9") "]}", .num = EPERM,
	  .says = "drops 1 group (g2)" },
	{ "one that is gone at the service already", IN_POLICIES,
	  "{'lastModifiedDateTime':'" OLD "','assignments':[" TO("a1", "g1") "]}",
	  .known = { POLICY(OLD, "A", TWO_GROUPS) },
	  .remote = POLICY(NOW, "A", ",'assignments':[" TO("n", "g1") "]") },
	{ "changed on both sides", IN_POLICIES,
	  "{'lastModifiedDateTime':'" OLD
	  "','assignments':[" TO("a1", "g1") "," TO("a2", "g2") "," TO("a3", "g3") "]}",
	  .known = { POLICY(OLD, "A", TWO_GROUPS) },
	  .remote = POLICY(NOW, "A", ",'assignments':[" TO("a1", "g1") "]"), .num = ESTALE,
	  .says = "(assignments)" },
	{ "changed at the service alone", IN_POLICIES, POLICY(OLD, "B", TWO_GROUPS),
	  .known = { POLICY(OLD, "A", TWO_GROUPS) },
	  .remote = POLICY(NOW, "A", ",'assignments':[" TO("a1", "g1") "]"),
	  .body = "{'displayName':'B'}" },
	{ "not shown by the service", IN_POLICIES, "{'assignments':[" TO("a1", "g1") "]}",
	  .remote = POLICY(NOW, "A", ""), .num = EPERM,
	  .says = "which the service does not show now" },
	{ "none of them, while the service does not show any", IN_POLICIES, "{'assignments':[]}",
	  .known = { POLICY(NOW, "A", TWO_GROUPS) }, .remote = POLICY(NOW, "A", ""), .num = EPERM,
	  .says = "which the service does not show now" },
	{ "of a user setting", IN_SETTINGS, "{'assignments':[" TO("x", "g1") "," TO("y", "g2") "]}",
	  .assign = "{'assignments':[{'target':{'@odata.type':'" GROUP
		    "','groupId':'g1'}},{'target':{'@odata.type':'" GROUP "','groupId':'g2'}}]}" },
	{ "dropped from a user setting", IN_SETTINGS, "{'assignments':[]}", .num = EPERM,
	  .says = "which takes these settings from its users" },
	{ "the type of a target that the service shows without", IN_POLICIES,
	  "{'assignments':[{'id':'a','target':{'groupId':'g1'}}," TO("b", "g2") "]}",
	  .remote = "{'id':'p1','assignments':[{'id':'a','target':{'groupId':'g1'}}]}",
	  .assign = "{'assignments':[{'target':{'@odata.type':'" GROUP
		    "','groupId':'g1'}},{'target':{'@odata.type':'" GROUP "','groupId':'g2'}}]}" },
	{ "a new target must say it", IN_POLICIES,
	  "{'assignments':[" TO("a1", "g1") "," TO("a2", "g2") ",\n{'target':{'groupId':'g3'}}]}",
	  .num = EINVAL,
	  .says = "line 2, column 11: assignments[2].target needs an '@odata.type': write " GROUP },
	{ "and whom it means", IN_POLICIES,
	  "{'assignments':[" TO("a1", "g1") "," TO("a2", "g2") ",{'target':{'@odata.type':'" GROUP
							       "'}}]}",
	  .num = EINVAL, .says = "assignments[2].target needs 'groupId': add it" },
	{ "no target", IN_POLICIES,
	  "{'assignments':[" TO("a1", "g1") "," TO("a2", "g2") ",{'id':'x'}]}", .num = EINVAL,
	  .says = "assignments[2] needs 'target'" },
	{ "unknown in a target", IN_POLICIES,
	  "{'assignments':[" TO("a1", "g1") "," TO("a2", "g2") ",{'target':{'@odata.type':'" GROUP
							       "','groupID':'g3'}}]}",
	  .num = EINVAL,
	  .says = "assignments[2].target.groupID is no property of cloudPcManagementGroupAssignmentTarget (did you mean groupId?)" },
	{ "licences by the word", IN_POLICIES,
	  "{'assignments':[" TO("a1", "g1") "," TO(
		  "a2", "g2") ",{'target':{'@odata.type':'" GROUP
			      "','groupId':'g3','allotmentLicensesCount':'5'}}]}",
	  .num = EINVAL,
	  .says = "assignments[2].target.allotmentLicensesCount must be a whole number" },
	{ "no object", IN_POLICIES, "{'assignments':['g1']}", .num = EINVAL,
	  .says = "assignments[0] must be an object, not a string" },
	{ "no array where there are none", IN_POLICIES, "{'assignments':{}}",
	  .remote = "{'id':'p1','assignments':[]}", .num = EINVAL,
	  .says = "assignments must be an array" },
	{ "no array", IN_POLICIES, "{'assignments':{}}", .num = EINVAL,
	  .says = "assignments must be an array, not an object" },
	{ "null in the array", IN_POLICIES, "{'assignments':[null]}", .num = EINVAL,
	  .says = "assignments[0] cannot be null" },
};

int main(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
		check_update(&cases[i]);
	return check_summary();
}
