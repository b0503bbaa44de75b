#!/bin/sh
# Graph: every function, what it says of the tenant, and the parameters it must, may and must not have.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --speed 0 || finish
sign_in
PCS=$VE/cloudPCs
ask() { # PATH: a function that answers
	get "$@"
	is "answers: ${1#"$VE"/}" "$STATUS" 200
}
wrong() { # PATH PART [STATUS]
	get "$VE/$1"
	failed "${3:-400}" "${4:-BadRequest}" "refused: $1" "$2"
}

get "$PCS?\$select=id,status,servicePlanId,provisioningType,aadDeviceId,lastRemoteActionResult,frontlineCloudPcAvailability" \
	-H 'Prefer: include-unknown-enum-members'
cp "$BODY" "$DIR/pcs"
pick() { jq -r "[.value[] | select($1)][0].id" "$DIR/pcs"; }
pc=$(pick '.provisioningType == "dedicated" and .status == "provisioned"')
shared=$(pick '.provisioningType == "sharedByUser" and .status == "provisioned"')
none=$(pick '.aadDeviceId == null')

# Of one Cloud PC
ask "$PCS/$pc/getCloudPcConnectivityHistory"
true_of "events, the newest first" '(.value | length) >= 3 and ([.value[].eventDateTime] | . == (sort | reverse)) and
	all(.value[]; .activityId and .eventResult and .eventType)'
true_of "its context" '."@odata.context" | endswith("/beta/$metadata#Collection(microsoft.graph.cloudPcConnectivityEvent)")'
cp "$BODY" "$DIR/history"
ask "$PCS/$pc/getCloudPcConnectivityHistory()"
is "with empty parentheses, the same" "$(jq -c .value "$BODY")" "$(jq -c .value "$DIR/history")"
ask "$PCS/$pc/GETCLOUDPCCONNECTIVITYHISTORY"
get "$PCS/$none/getCloudPcConnectivityHistory"
true_of "none before there is a machine" '.value == []'
all "$PCS/$pc/getCloudPcConnectivityHistory" -H 'Prefer: odata.maxpagesize=2'
is "page by page" "$(jq -c -s . "$DIR/all")" "$(jq -c .value "$DIR/history")"
ok "in pages" [ "$PAGES" -gt 1 ]
link=$(get "$PCS/$pc/getCloudPcConnectivityHistory" -H 'Prefer: odata.maxpagesize=2'; jq -r '."@odata.nextLink"' "$BODY")
get "${link%?????}AAAAA"
failed 400 BadRequest "a token that nobody gave" skiptoken
ask "$PCS/$pc/getSupportedCloudPcRemoteActions"
true_of "a dedicated one has no power" '[.value[] | select(.actionName == "PowerOn")][0].actionCapability == "disabled" and
	[.value[] | select(.actionName == "Restart")][0].actionCapability == "enabled"'
ask "$PCS/$shared/getSupportedCloudPcRemoteActions"
true_of "one of Frontline has" '[.value[] | select(.actionName == "PowerOn")][0].actionCapability == "enabled"'
ask "$PCS/$pc/retrieveCloudPcRemoteActionResults"
is "the last action is among them" "$(jq -c '.value[0].startDateTime' "$BODY")" \
	"$(jq -c ".value[] | select(.id == \"$pc\").lastRemoteActionResult.startDateTime" "$DIR/pcs")"
ask "$PCS/$shared/retrieveFrontlineCloudPcDetail"
is "as its property says" "$(jq -r .frontlineCloudPcAvailability "$BODY")" \
	"$(jq -r ".value[] | select(.id == \"$shared\").frontlineCloudPcAvailability" "$DIR/pcs")"
ask "$PCS/$pc/retrieveReviewStatus?\$select=inReview,userAccessLevel"
true_of "what was selected" 'keys == ["@odata.context","inReview","userAccessLevel"]'
send POST "$PCS/$pc/setReviewStatus" '{"reviewStatus":{"inReview":true,"userAccessLevel":"restricted"}}'
hook POST 'course?advance=300'
ask "$PCS/$pc/retrieveReviewStatus"
true_of "under review now" '.inReview and .userAccessLevel == "restricted"'
get "$VE/snapshots?\$filter=cloudPcId eq '$pc'"
cp "$BODY" "$DIR/snapshots"
ask "$PCS/$pc/retrieveSnapshots"
is "its snapshots" "$(jq -c .value "$BODY")" "$(jq -c .value "$DIR/snapshots")"
send POST "$PCS/$pc/createSnapshot"
hook POST 'course?advance=300'
ask "$PCS/$pc/retrieveSnapshots"
is "and one more" "$(jq '.value | length' "$BODY")" "$(jq '.value | length + 1' "$DIR/snapshots")"
for f in retrieveCloudPcLaunchDetail getFrontlineCloudPcAccessState; do
	wrong "cloudPCs/$pc/$f" "application permissions" 403 Forbidden
done
get "$V1/cloudPCs/$pc/retrieveSnapshots"
is "v1.0 has it not" "$STATUS" 404
wrong "cloudPCs/nope/retrieveSnapshots" nope 404 ResourceNotFound
wrong "cloudPCs/$pc/retrieveSnapshots?\$top=1" '$top'
wrong "cloudPCs/$pc/retrieveSnapshots?\$nope=1" '$nope'
wrong "cloudPCs/$pc/retrieveSnapshots(all='x')" "'all'"
wrong "cloudPCs/$pc/retrieveSnapshots(" cannot

# Of all Cloud PCs: the numbers are those of the list
ask "$PCS/retrieveCloudPcCountByStatus" -H 'Prefer: include-unknown-enum-members'
is "counted" "$(jq -c '[.value[] | {(.status): .count}] | add' "$BODY" | jq -cS .)" \
	"$(jq -c '[.value[].status] | group_by(.) | map({(.[0]): length}) | add' "$DIR/pcs" | jq -cS .)"
ask "$PCS/retrieveCloudPcCountByStatus?customFilter=provisioningType eq 'sharedByUser'"
is "of some" "$(jq '[.value[].count] | add' "$BODY")" "$(jq '[.value[] | select(.provisioningType == "sharedByUser")] | length' "$DIR/pcs")"
wrong "cloudPCs/retrieveCloudPcCountByStatus?customFilter=nope eq 1" nope
hook POST "item?collection=cloudPCs&id=$pc" '{"status":"failed"}'
ask "$PCS/retrieveCloudPcCountByStatus"
is "as it is now" "$(jq '.value[] | select(.status == "failed").count' "$BODY")" \
	"$(jq '[.value[] | select(.status == "failed")] | length + 1' "$DIR/pcs")"
hook POST "item?collection=cloudPCs&id=$pc" '{"status":"provisioned"}'

get "$PCS/$pc"
plan=$(jq -r .servicePlanId "$BODY") policy=$(jq -r .provisioningPolicyId "$BODY")
get "$VE/provisioningPolicies/$policy?\$expand=assignments"
group=$(jq -r '.assignments[0].target.groupId' "$BODY")
get "$PCS?\$filter=servicePlanId eq '$plan' and provisioningPolicyId eq '$policy' and (status eq 'provisioned' or status eq 'provisionedWithWarnings')"
cp "$BODY" "$DIR/expected"
ask "$PCS/getProvisionedCloudPCs(groupId='$group',servicePlanId='$plan')"
true_of "whole Cloud PCs" '."@odata.context" | endswith("Collection(microsoft.graph.cloudPC)")'
is "those of the group and plan" "$(jq -c '[.value[].id] | sort' "$BODY")" "$(jq -c '[.value[].id] | sort' "$DIR/expected")"
ask "$PCS/getProvisionedCloudPCs(servicePlanId='$plan',groupId='$group')?\$select=id,lastLoginResult"
true_of "selected" '.value | length > 0 and all(.[]; keys == ["id","lastLoginResult"])'
ask "$PCS/getProvisionedCloudPCs(groupId='$group',servicePlanId='it''s none, (really)')"
true_of "nothing of no plan" '.value == []'
wrong "cloudPCs/getProvisionedCloudPCs(groupId='$group')" "'servicePlanId'"
wrong "cloudPCs/getProvisionedCloudPCs(groupId='$group',servicePlanId='a',groupId='b')" twice
wrong "cloudPCs/getProvisionedCloudPCs(groupId='$group',servicePlanId='a',name='b')" "'name'"
wrong "cloudPCs/getProvisionedCloudPCs(groupId=5,servicePlanId='a')" cannot
wrong "cloudPCs/getProvisionedCloudPCs(groupId='a' servicePlanId='a')" cannot
wrong "cloudPCs/getProvisionedCloudPCs(groupId='a',servicePlanId='a')x" cannot
wrong "cloudPCs/getProvisionedCloudPCs(groupId='a',servicePlanId='a)" cannot
wrong "cloudPCs/getProvisionedCloudPCs(GroupId='a',servicePlanId='a')" "'GroupId'"
wrong "cloudPCs/getProvisionedCloudPCs(groupId='a',servicePlanId='a')?\$select=nope" "'nope'"

# Of the log, images, apps
ask "$VE/auditEvents/getAuditActivityTypes"
true_of "strings" '."@odata.context" | endswith("Collection(Edm.String)")'
cp "$BODY" "$DIR/types"
all "$VE/auditEvents"
is "those that are in the log" "$(jq -c .value "$DIR/types")" "$(jq -c -s 'map(.activityType) | unique | map(select(. != "")) | sort' "$DIR/all")"
ask "$V1/auditEvents/getAuditActivityTypes"
ask "$VE/deviceImages/getSourceImages"
true_of "with their sort" '.value | length == 3 and all(.[]; .category and .id)'
ask "$V1/deviceImages/getSourceImages"
true_of "which v1.0 has not" 'all(.value[]; has("category") or has("id") | not)'
get "$VE/provisioningPolicies"
apps=$(jq -r '.value[] | select(.displayName == "Published Apps") | .id' "$BODY")
image=$(jq -r '.value[] | select(.displayName == "Published Apps") | .imageId' "$BODY")
ask "$VE/cloudApps/retrieveDiscoveredApps(sourceId='$image',provisioningPolicyId='$apps')"
true_of "apps with their details" '.value | length == 7 and all(.[]; .appDetail."@odata.type" == "#microsoft.graph.cloudPcAutomaticDiscoveredAppDetail")'
ask "$VE/cloudApps/retrieveDiscoveredApps(sourceId='none',provisioningPolicyId='$apps')"
true_of "none in an image that is not the policy's" '.value == []'
wrong "cloudApps/retrieveDiscoveredApps(sourceId='$image',provisioningPolicyId='x')" provisioningPolicies 404 ResourceNotFound

# Of policies
ask "$VE/provisioningPolicies/$policy/retrievePolicyUpdateStatusResult"
true_of "nothing is left to apply" '.hasUnappliedPolicyUpdate == false'
send PATCH "$VE/provisioningPolicies/$policy" '{"description":"new"}'
ask "$VE/provisioningPolicies/$policy/retrievePolicyUpdateStatusResult"
true_of "now there is" '.hasUnappliedPolicyUpdate'
wrong "provisioningPolicies/$policy/retrievePolicyApplyActionResult" applied 404 ResourceNotFound
wrong "provisioningPolicies/$policy/retrievePolicyApplySchedule" schedule 404 ResourceNotFound
send POST "$VE/provisioningPolicies/$policy/apply" '{"policySettings":["singleSignOn"]}'
hook POST 'course?advance=600'
ask "$VE/provisioningPolicies/$policy/retrievePolicyApplyActionResult"
true_of "applied" '.status == "succeeded" and .finishDateTime >= .startDateTime'
ask "$VE/provisioningPolicies/$policy/retrievePolicyUpdateStatusResult"
true_of "and nothing is left" '.hasUnappliedPolicyUpdate == false'

# Below an assignment
get "$VE/provisioningPolicies?\$expand=assignments"
pair=$(jq -r '.value[] | select(.displayName == "Reception Desks") | .id + "/assignments/" + .assignments[0].id' "$BODY")
detail=provisioningPolicies/$pair/userSettingsPersistenceDetail
ask "$VE/$detail/retrieveUserSettingsPersistenceProfiles(configurationId='c')"
cp "$BODY" "$DIR/profiles"
ask "$VE/$detail/retrieveUserSettingsPersistenceProfileUsage(configurationId='c')"
is "the profiles' sizes are what is used" "$(jq .usedStorageInGB "$BODY")" "$(jq '[.value[].profileSizeInGB] | add' "$DIR/profiles")"
true_of "and the rest remains" '.usedStorageInGB + .remainingAvailableStorageInGB == .totalAllocatedStorageInGB'
send POST "$VE/$detail/batchCleanupUserSettingsPersistenceProfile" "{\"configurationId\":\"c\",\"cloudProfileIds\":[$(jq '.value[0].profileId' "$DIR/profiles")]}"
ask "$VE/$detail/retrieveUserSettingsPersistenceProfiles(configurationId='c')"
is "what was removed is gone" "$(jq -c '[.value[].profileId]' "$BODY")" "$(jq -c '[.value[1:][].profileId]' "$DIR/profiles")"
wrong "$detail/retrieveUserSettingsPersistenceProfiles" "'configurationId'"
wrong "provisioningPolicies/x/assignments/y/userSettingsPersistenceDetail/retrieveUserSettingsPersistenceProfiles(configurationId='c')" x 404 ResourceNotFound
get "$VE/cloudPcPools"
pool=$(jq -r '.value[1].id' "$BODY")
get "$VE/cloudPcPools/$pool/assignments"
true_of "a pool's assignments are listed" '.value | length == 2 and all(.[]; .userPrincipalId and ."@odata.type" == "#microsoft.graph.cloudPcAgentPoolUserAssignment")'
get "$VE/cloudPcPools/$pool/assignments/$(jq -r '.value[1].id' "$BODY")"
is "and read" "$STATUS" 200
get "$VE/cloudPcPools/nope/assignments"
failed 404 ResourceNotFound "of no pool"

# Of partners, snapshots, the whole
get "$VE/externalPartners"
partner=$(jq -r '.value[0].id' "$BODY")
ask "$VE/externalPartners/$partner/retrieveActionReports"
true_of "what the partner has done" '.value | length >= 2 and all(.[]; .authenticatedAppId and .createdDateTime)'
ask "$VE/externalPartners/$partner/retrieveDeployAgentActionResults(activityId='',cloudPcId='')"
true_of "nothing deployed yet" '.value == []'
wrong "externalPartners/$partner/retrieveDeployAgentActionResults(activityId='')" "'cloudPcId'"
ask "$VE/snapshots/getSubscriptions"
first=$(jq -r '.value[0].subscriptionId' "$BODY") second=$(jq -r '.value[1].subscriptionId' "$BODY")
ask "$VE/snapshots/getStorageAccounts(subscriptionId='$first')"
true_of "its accounts" ".value | length == 3 and all(.[]; .storageAccountId | contains(\"$first\"))"
ask "$VE/snapshots/getStorageAccounts(subscriptionId='$second')"
true_of "none in the other" '.value == []'
wrong "snapshots/getStorageAccounts(subscriptionId='x')" x 404 ResourceNotFound
ask "$VE/snapshots/retrieveSnapshotImportResults(snapshotId='x')"
true_of "nothing imported" '.value == []'
ask "$VE/retrieveOrganizationActionDetail(actionType='activate')"
true_of "long done" '.status == "succeeded"'
wrong "retrieveOrganizationActionDetail(actionType='explode')" "'explode'"
wrong "retrieveOrganizationActionDetail(actionType='unknownFutureValue')" unknownFutureValue
ask "$VE/retrieveTenantEncryptionSetting"
ask "$VE/retrieveScopedPermissions"
true_of "everything" '.value == [{"permission":"*","scopeIds":["0"]}]'
get "$VE/getEffectivePermissions"
failed 403 Forbidden "an application has no permissions of its own"

# Who may
hook POST 'roles?roles=CloudPC.Read.All'
sign_in
ask "$PCS/$pc/retrieveSnapshots"
ask "$VE/retrieveScopedPermissions"
true_of "who reads may read" '.value | length > 5 and all(.[]; .permission | endswith("/Read"))'
get "$PCS/$pc/retrieveCloudPCRemoteActionResults"
failed 403 Forbidden "which is for those who write" CloudPC.ReadWrite.All
get "$PCS/$pc/getSupportedCloudPcRemoteActions"
failed 403 Forbidden "an application has to write" CloudPC.ReadWrite.All
get "$VE/$detail/retrieveUserSettingsPersistenceProfiles(configurationId='c')"
failed 403 Forbidden "profiles too" CloudPC.ReadWrite.All
sign_in_as_user CloudPC.Read.All
ask "$VE/getEffectivePermissions"
true_of "an administrator may all" '.value == ["*"]'
ask "$PCS/$pc/getSupportedCloudPcRemoteActions"
ask "$PCS/$pc/retrieveCloudPcLaunchDetail"
true_of "where it is" ".cloudPcId == \"$pc\" and (.cloudPcLaunchUrl | startswith(\"https://\")) and .windows365SwitchCompatible"
ask "$PCS/$shared/retrieveCloudPcLaunchDetail"
true_of "no switch" '.windows365SwitchCompatible == false and .windows365SwitchCompatibilityFailureReasonType == "hardwareNotSupported"'
ask "$PCS/$none/retrieveCloudPcLaunchDetail"
true_of "nowhere yet" '.cloudPcLaunchUrl == null'
ask "$V1/cloudPCs/$pc/retrieveCloudPcLaunchDetail"
ask "$PCS/$shared/getFrontlineCloudPcAccessState"
true_of "one word" '.value == "active" or .value == "standbyMode"'
wrong "cloudPCs/$pc/getFrontlineCloudPcAccessState" dedicated
hook POST "user?user=$SIM_USER&role=Global+Reader"
ask "$VE/getEffectivePermissions"
true_of "a reader may read" '.value | index("Microsoft.CloudPC/CloudPCs/Read") != null and index("*") == null'
sim_stop
finish
