#!/bin/sh
# Graph: every action, with what it must, may and must not be told.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --speed 0 --cloud-pcs 120 || finish
sign_in
NONE=00000000-0000-4000-8000-000000000000

# first COLLECTION FILTER: the id of the first item that jq's FILTER takes.
first() {
	get "$VE/$1" -H 'Prefer: include-unknown-enum-members'
	jq -r "[.value[] | select($2)][0].id" "$BODY"
}
# act PATH BODY STATUS: done as documented, without a word unless it is 200.
act() {
	if [ -n "$2" ]; then send POST "$VE/$1" "$2"; else get "$VE/$1" -X POST -d ''; fi
	is "done: $1 $2" "$STATUS" "$3"
	[ "$3" = 200 ] || is "and nothing said: $1" "$(wc -c <"$BODY")$(header content-type)" 0
}
# told PATH BODY PART: refused, naming PART.
told() {
	send POST "$VE/$1" "$2"
	failed 400 BadRequest "refused: $1 $2" "$3"
}

dedicated=$(first cloudPCs '.status == "provisioned" and .provisioningType == "dedicated"')
frontline=$(first cloudPCs '.status == "provisioned" and .provisioningType == "sharedByUser"')
grace=$(first cloudPCs '.status == "inGracePeriod"')
making=$(first cloudPCs '.status == "provisioning"')
warned=$(first cloudPCs '.status == "provisionedWithWarnings"')
get "$VE/cloudPCs/$dedicated"
plan=$(jq -r .servicePlanId "$BODY")
larger=$(first servicePlans '.storageInGB == 512 and .vCpuCount == 4')
get "$VE/snapshots"
snapshot=$(jq -r ".value[] | select(.cloudPcId == \"$dedicated\").id" "$BODY" | head -1)
other=$(jq -r ".value[] | select(.cloudPcId != \"$dedicated\").id" "$BODY" | head -1)

# Of a Cloud PC: each once, with a courses' clock that stands.
on() { # ID ACTION BODY
	act "cloudPCs/$1/$2" "$3" 204
	hook POST 'course?advance=300'
}
on "$dedicated" reboot ''
on "$dedicated" reboot '{}'
on "$dedicated" rename '{"displayName":"Neu"}'
on "$dedicated" resize "{\"targetServicePlanId\":\"$larger\"}"
on "$dedicated" restore "{\"cloudPcSnapshotId\":\"$snapshot\"}"
on "$dedicated" changeUserAccountType '{"userAccountType":"administrator"}'
on "$dedicated" createSnapshot ''
on "$dedicated" createSnapshot '{"storageAccountId":"/s","accessTier":"cool"}'
on "$dedicated" troubleshoot ''
on "$dedicated" setReviewStatus '{"reviewStatus":{"inReview":true,"userAccessLevel":"restricted"}}'
on "$dedicated" reprovision '{"osVersion":"windows10","userAccountType":"standardUser"}'
on "$dedicated" reprovision ''
on "$warned" retryPartnerAgentInstallation ''
on "$grace" endGracePeriod ''
for action in powerOff powerOn stop start; do
	on "$frontline" $action ''
	send POST "$VE/cloudPCs/$dedicated/$action"
	failed 400 BadRequest "$action is for Frontline" Frontline
done
for action in reboot troubleshoot createSnapshot; do
	send POST "$VE/cloudPCs/$making/$action"
	failed 409 Conflict "$action while it is made" status
done
send POST "$VE/cloudPCs/$dedicated/endGracePeriod"
failed 409 Conflict "no grace to end" status
told "cloudPCs/$dedicated/rename" '{}' "'displayName'"
told "cloudPCs/$dedicated/rename" '{"displayName":null}' "'displayName'"
told "cloudPCs/$dedicated/rename" '{"displayName":5}' "'displayName'"
told "cloudPCs/$dedicated/rename" '{"displayName":""}' "'displayName'"
told "cloudPCs/$dedicated/rename" '{"displayName":"x","name":"y"}' "'name'"
told "cloudPCs/$dedicated/rename" '' Payload
told "cloudPCs/$dedicated/reboot" '{"force":true}' "'force'"
told "cloudPCs/$dedicated/resize" '{"targetServicePlanId":"nope"}' "'targetServicePlanId'"
told "cloudPCs/$dedicated/resize" "{\"targetServicePlanId\":\"$larger\"}" "already"
told "cloudPCs/$dedicated/restore" '{"cloudPcSnapshotId":"nope"}' "'cloudPcSnapshotId'"
told "cloudPCs/$dedicated/restore" "{\"cloudPcSnapshotId\":\"$other\"}" "'cloudPcSnapshotId'"
told "cloudPCs/$dedicated/changeUserAccountType" '{"userAccountType":"Administrator"}' "'userAccountType'"
told "cloudPCs/$dedicated/createSnapshot" '{"accessTier":"cool"}' "'storageAccountId'"
told "cloudPCs/$dedicated/setReviewStatus" '{"reviewStatus":{"inReview":"yes"}}' "'reviewStatus.inReview'"
told "cloudPCs/$dedicated/setReviewStatus" '{"reviewStatus":null}' "'reviewStatus'"
told "cloudPCs/$dedicated/retryPartnerAgentInstallation" '{}' agent
send POST "$VE/cloudPCs/$NONE/reboot"
failed 404 ResourceNotFound "no such Cloud PC"
send POST "$VE/cloudPCs/$NONE/resize" '{"nope":1}'
failed 400 BadRequest "what is wrong by itself is said first" "'nope'"
get "$VE/cloudPCs/$dedicated/reboot" -X POST -d '{}'
failed 415 UnsupportedMediaType "a form"
get "$V1/cloudPCs/$dedicated/reboot" -X POST -d ''
is "v1.0 has it too" "$STATUS" 204

# Of all Cloud PCs
act cloudPCs/validateBulkResize "{\"cloudPcIds\":[\"$frontline\",\"$dedicated\",\"$making\",\"$NONE\"],\"targetServicePlanId\":\"$larger\"}" 200
is "one answer each" "$(jq -c '[.value[].validationResult]' "$BODY")" \
	'["success","operationConflict","operationNotSupported","cloudPcNotFound"]'
told cloudPCs/validateBulkResize "{\"cloudPcIds\":[\"a\"],\"targetServicePlanId\":\"nope\"}" "'targetServicePlanId'"
told cloudPCs/validateBulkResize "{\"cloudPcIds\":$(seq 2001 | jq -c -s 'map(tostring)'),\"targetServicePlanId\":\"$plan\"}" 2000
told cloudPCs/validateBulkResize '{"cloudPcIds":"a","targetServicePlanId":"b"}' "'cloudPcIds'"

# Of policies
policy=$(first provisioningPolicies '.provisioningType == "dedicated"')
shared=$(first provisioningPolicies '.provisioningType == "sharedByEntraGroup"')
act "provisioningPolicies/$policy/apply" '{"policySettings":["region"],"isForceUserLogoffEnabled":false}' 204
act "provisioningPolicies/$shared/apply" '{"reservePercentage":20}' 204
told "provisioningPolicies/$shared/apply" '{"reservePercentage":120}' "'reservePercentage'"
told "provisioningPolicies/$shared/apply" '{"policySettings":["colour"]}' "'policySettings[0]'"
act "provisioningPolicies/$policy/retry" '' 202
act provisioningPolicies/applyConfig "{\"cloudPcIds\":[\"$frontline\"]}" 204
send POST "$VE/provisioningPolicies/applyConfig" "{\"cloudPcIds\":[\"$NONE\"]}"
failed 404 ResourceNotFound "applied to nothing"
SCHEDULE='{"scheduledRule":{"cronScheduleExpression":"0 2 * * 6","timezone":"cet","reservePercentage":10}}'
act "provisioningPolicies/$shared/schedulePolicyApplyTask" "$SCHEDULE" 202
get "$VE/provisioningPolicies/$shared/retrievePolicyApplySchedule"
true_of "the schedule" '.cronScheduleExpression == "0 2 * * 6" and .reservePercentage == 10 and .endDateTime == null'
send POST "$VE/provisioningPolicies/$policy/schedulePolicyApplyTask" "$SCHEDULE"
failed 400 BadRequest "dedicated ones have none" shared
act "provisioningPolicies/$shared/schedulePolicyApplyTask" '{"scheduledRule":{"cronScheduleExpression":null,"timezone":"cet"}}' 202
get "$VE/provisioningPolicies/$shared/retrievePolicyApplySchedule"
failed 404 ResourceNotFound "no schedule any more"
get "$VE/provisioningPolicies/$shared?\$expand=assignments"
assignment=$(jq -r '.assignments[0].id' "$BODY")
profiles=provisioningPolicies/$shared/assignments/$assignment/userSettingsPersistenceDetail/batchCleanupUserSettingsPersistenceProfile
act "$profiles" '{"configurationId":"c","cloudProfileIds":["p"]}' 204
told "$profiles" '{"configurationId":"c","cloudProfileIds":[]}' "'cloudProfileIds'"
told "$profiles" '{"cloudProfileIds":["p"]}' "'configurationId'"

# Of images, apps, partners
image=$(first deviceImages '.status == "failed"')
act "deviceImages/$image/retryUpload" '' 204
send POST "$VE/deviceImages/$image/reupload"
failed 409 Conflict "on its way already"
hook POST "item?collection=deviceImages&id=$image" '{"status":"failed"}'
act "deviceImages/$image/reupload" '' 204
ready=$(first cloudApps '.appStatus == "ready"')
published=$(first cloudApps '.appStatus == "published"')
act cloudApps/publish "{\"cloudAppIds\":[\"$ready\"]}" 202
act cloudApps/unpublish "{\"cloudAppIds\":[\"$published\"]}" 202
send POST "$VE/cloudApps/unpublish" "{\"cloudAppIds\":[\"$ready\"]}"
failed 409 Conflict "not published" publishing
send POST "$VE/cloudApps/reset" "{\"cloudAppIds\":[\"$NONE\"]}"
failed 404 ResourceNotFound "no such app"
hook POST 'course?advance=60'
act cloudApps/reset "{\"cloudAppIds\":[\"$ready\"]}" 202
told cloudApps/publish '{"cloudAppIds":[1]}' "'cloudAppIds[0]'"
partner=$(first externalPartners true)
act "externalPartners/$partner/configureAgent" '{"agentSetting":{"agentUrl":"https://a/x.msi","installParameters":["/q"]}}' 204
get "$VE/externalPartners/$partner"
true_of "the agent" '.agentSetting == {"agentSha256":null,"agentUrl":"https://a/x.msi","autoDeploymentEnabled":null,"installParameters":["/q"]}'
told "externalPartners/$partner/configureAgent" '{"agentSetting":{"agentUrl":5}}' "'agentSetting.agentUrl'"
send POST "$VE/externalPartners/$partner/deployAgent" "{\"cloudPcIds\":[\"$dedicated\"]}"
failed 403 Forbidden "what only a person may"

# Of snapshots and the whole
get "$VE/cloudPCs/$dedicated"
user=$(jq -r .userPrincipalName "$BODY")
IMPORT="{\"assignedUserId\":\"$user\",\"sourceFiles\":[{\"fileType\":\"dataFile\",\"sourceType\":\"sasUrl\",\"sasUrl\":\"https://x/?sig=s3cret\"}]}"
act snapshots/importSnapshot "$IMPORT" 200
imported=$(jq -r .snapshotId "$BODY")
true_of "what comes of it" ".assignedUserPrincipalName == \"$user\" and .importStatus == \"inProgress\" and .usageStatus == \"notUsed\""
get "$VE/snapshots/retrieveSnapshotImportResults(snapshotId='$imported')"
true_of "asked for later" ".value[0].snapshotId == \"$imported\""
send POST "$VE/snapshots/importSnapshot" "$IMPORT"
failed 409 Conflict "one for a user"
told snapshots/importSnapshot "$(printf %s "$IMPORT" | jq -c '.assignedUserId = "nobody"')" "'assignedUserId'"
told snapshots/importSnapshot "$(printf %s "$IMPORT" | jq -c 'del(.sourceFiles[0].sasUrl)')" sasUrl
told snapshots/importSnapshot "$(printf %s "$IMPORT" | jq -c '.sourceFiles = []')" sourceFiles
act snapshots/purgeImportedSnapshot "{\"snapshotIds\":[\"$imported\"]}" 204
send POST "$VE/snapshots/purgeImportedSnapshot" "{\"snapshotIds\":[\"$imported\"]}"
failed 404 ResourceNotFound "purged already"
act organizationAction '{"actionType":"activate"}' 200
true_of "what the organization does" '.status == "inProgress" and .errorDescription == null'
hook POST 'course?advance=10'
get "$VE/retrieveOrganizationActionDetail(actionType='activate')"
true_of "and has done" '.status == "succeeded"'
told organizationAction '{"actionType":"explode"}' "'actionType'"
hook GET log
lacks "no signature in the log" "$(cat "$BODY")" s3cret

# What a person may, and what below the own name
connection=$(first onPremisesConnections '.connectionType == "hybridAzureADJoin"')
joined=$(first onPremisesConnections '.connectionType == "azureADJoin"')
send POST "$VE/onPremisesConnections/$connection/runHealthChecks"
failed 403 Forbidden "health checks are for people"
act "onPremisesConnections/$connection/updateAdDomainPassword" '{"adDomainPassword":"hush"}' 204
told "onPremisesConnections/$connection/updateAdDomainPassword" '{"adDomainPassword":""}' "'adDomainPassword'"
told "onPremisesConnections/$joined/updateAdDomainPassword" '{"adDomainPassword":"hush"}' Directory
sign_in_as_user CloudPC.ReadWrite.All
hook POST 'course?advance=60'
act "onPremisesConnections/$connection/runHealthChecks" '' 204
send POST "$VE/onPremisesConnections/$connection/runHealthChecks"
failed 409 Conflict "running already"
send POST "$VE/externalPartners/$partner/deployAgent" "{\"cloudPcIds\":[\"$dedicated\"]}"
is "an agent" "$STATUS" 200
activity=$(jq -r .value "$BODY")
get "$VE/externalPartners/$partner/retrieveDeployAgentActionResults(activityId='$activity',cloudPcId='')"
true_of "and its result" ".value | length == 1 and .[0].cloudPcId == \"$dedicated\" and .[0].state == \"succeeded\""
told "externalPartners/$partner/deployAgent" '{"cloudPcIds":[]}' 50
get beta/me/cloudPCs
mine=$(jq -r '.value[0].id' "$BODY")
send POST "beta/me/cloudPCs/$mine/reboot"
is "the own one" "$STATUS" 204
hook POST 'course?advance=60'
send POST "beta/users/$SIM_USER/cloudPCs/$mine/rename" '{"displayName":"Meiner"}'
is "by name" "$STATUS" 204
send POST "beta/me/cloudPCs/$mine/reprovision" '{"osVersion":"windows11"}'
failed 400 BadRequest "no body below a user" body
send POST "beta/me/cloudPCs/$dedicated/reboot"
[ "$mine" = "$dedicated" ] || failed 404 ResourceNotFound "another's"
send POST "beta/me/cloudPCs/$mine/endGracePeriod"
failed 400 BadRequest "what is for administrators" endGracePeriod
hook POST 'roles?roles=CloudPC.Read.All'
sign_in
send POST "$VE/cloudPCs/$dedicated/reboot"
failed 403 Forbidden "who may only read" CloudPC.ReadWrite.All
sim_stop
finish
