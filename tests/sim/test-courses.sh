#!/bin/sh
# What goes on after an action was answered, stage by stage, with a clock that only the test moves.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --speed 0 --cloud-pcs 120 || finish
sign_in
on() { hook POST "course?advance=$1"; } # SECONDS
ALL='Prefer: include-unknown-enum-members'
SELECT='$select=id,status,statusDetail,statusDetails,displayName,servicePlanId,servicePlanName,osVersion,userAccountType,powerState,lastRemoteActionResult,lastModifiedDateTime,gracePeriodEndDateTime,connectivityResult,managedDeviceId'
look() { get "$VE/cloudPCs/${1:-$pc}?$SELECT" -H "$ALL"; }
course() { jq -r '"\(.status) \(.lastRemoteActionResult.actionName) \(.lastRemoteActionResult.actionState)"' "$BODY"; }
now() { # DESCRIPTION WANT: status, action, state of $pc
	look
	is "$1" "$(course)" "$2"
}
begin() { # ACTION [BODY]
	send POST "$VE/cloudPCs/$pc/$1" ${2+"$2"}
	is "$1" "$STATUS" 204
}
get "$VE/cloudPCs?\$filter=status eq 'provisioned' and provisioningType eq 'dedicated'"
pc=$(jq -r '.value[0].id' "$BODY") policy=$(jq -r '.value[0].provisioningPolicyId' "$BODY")
second=$(jq -r '.value[1].id' "$BODY")

# A reboot
look
was=$(jq -r .lastModifiedDateTime "$BODY")
begin reboot
now "asked for" 'provisioned Reboot pending'
true_of "when" '.lastRemoteActionResult | .startDateTime <= .lastUpdatedDateTime and .statusDetail == null'
ok "a later date" [ "$(jq -r .lastModifiedDateTime "$BODY")" \> "$was" ]
send POST "$VE/cloudPCs/$pc/reboot"
failed 409 Conflict "one at a time" progress
on 1
now "begun" 'provisioned Reboot active'
send POST "$VE/cloudPCs/$pc/resize" '{"targetServicePlanId":"x"}'
failed 409 Conflict "nor anything else" progress
on 3
now "still" 'provisioned Reboot active'
on 1
now "done" 'provisioned Reboot done'
true_of "later than begun" '.lastRemoteActionResult | .startDateTime < .lastUpdatedDateTime'
begin reboot
now "once more" 'provisioned Reboot pending'
on 60
get "$VE/cloudPCs/$pc/retrieveCloudPCRemoteActionResults"
true_of "the list has both" '[.value[] | .actionName + .actionState] == ["Rebootdone","Rebootdone"]'

# The others, with what they leave behind
get "$VE/servicePlans"
large=$(jq -r '.value[] | select(.storageInGB == 512 and .vCpuCount == 4).id' "$BODY")
small=$(jq -r '.value[] | select(.storageInGB == 64).id' "$BODY")
begin rename '{"displayName":"Über"}'
look
true_of "renamed" '.displayName == "Über" and .lastRemoteActionResult.actionName == "Rename"'
begin resize "{\"targetServicePlanId\":\"$large\"}"
now "resize" 'resizing Resize pending'
on 2
now "resizing" 'resizing Resize active'
on 60
now "resized" 'provisioned Resize done'
true_of "to that plan" ".servicePlanId == \"$large\" and .servicePlanName == \"Cloud PC Enterprise 4vCPU/16GB/512GB\""
begin resize "{\"targetServicePlanId\":\"$small\"}"
on 100
now "to a smaller disk it fails on the way" 'provisioned Resize failed'
true_of "and says why; the plan stays" ".servicePlanId == \"$large\" and .lastRemoteActionResult.statusDetail.code == \"resizeTargetDiskTooSmall\""
old=$(jq -r .managedDeviceId "$BODY")
begin reprovision '{"osVersion":"windows10","userAccountType":"administrator"}'
now "reprovision" 'provisioning Reprovision pending'
on 100
now "takes longer" 'provisioning Reprovision active'
on 23
now "a new machine" 'provisioned Reprovision done'
true_of "as told" ".osVersion == \"windows10\" and .userAccountType == \"administrator\" and .managedDeviceId != \"$old\""
begin changeUserAccountType '{"userAccountType":"standardUser"}'
on 10
look
true_of "the account" '.userAccountType == "standardUser"'
get "$VE/cloudPCs/$pc/retrieveSnapshots"
count=$(jq '.value | length' "$BODY")
begin createSnapshot
on 30
get "$VE/cloudPCs/$pc/retrieveSnapshots"
true_of "a snapshot" "(.value | length) == $count + 1 and .value[-1].snapshotType == \"manual\" and .value[-1].status == \"ready\""
snapshot=$(jq -r '.value[-1].id' "$BODY")
begin restore "{\"cloudPcSnapshotId\":\"$snapshot\"}"
now "restore" 'restoring Restore pending'
on 62
now "restored" 'provisioned Restore done'
get "$VE/snapshots/$snapshot"
true_of "from that one" '.lastRestoredDateTime != null'
hook POST "item?collection=cloudPCs&id=$pc" '{"connectivityResult":{"status":"unavailable"}}'
begin troubleshoot
on 6
look
true_of "looked at" '.connectivityResult.status == "available"'
begin setReviewStatus '{"reviewStatus":{"inReview":true,"userAccessLevel":"restricted"}}'
on 6
get "$VE/cloudPCs/$pc/retrieveReviewStatus"
true_of "under review" '.inReview and .userAccessLevel == "restricted" and .accessTier == null'
get "$VE/cloudPCs/$second/retrieveReviewStatus"
true_of "others are not" '.inReview == false'
get "$VE/cloudPCs/$pc/getSupportedCloudPcRemoteActions"
true_of "what can be done now" '[.value[] | select(.actionCapability == "enabled").actionName] | index("Restart") != null and
	index("PowerOn") == null'
begin reboot
get "$VE/cloudPCs/$pc/getSupportedCloudPcRemoteActions"
true_of "and nothing while something is done" 'all(.value[]; .actionCapability == "disabled")'
on 60

# Frontline
get "$VE/cloudPCs?\$filter=provisioningType eq 'sharedByUser' and status eq 'provisioned'"
dedicated=$pc pc=$(jq -r '.value[0].id' "$BODY")
begin stop
on 5
look
true_of "stopped" '.powerState == "poweredOff"'
begin powerOn
on 5
look
true_of "on" '.powerState == "running"'
sign_in_as_user CloudPC.Read.All
get "$VE/cloudPCs/$pc/getFrontlineCloudPcAccessState"
true_of "its state" '.value == "active"'
get "$VE/cloudPCs/$dedicated/getFrontlineCloudPcAccessState"
failed 400 BadRequest "a dedicated one has none"
sign_in

# The end of one
get "$VE/cloudPCs?\$filter=status eq 'inGracePeriod'"
pc=$(jq -r '.value[0].id' "$BODY")
begin endGracePeriod
now "its last minute" 'deprovisioning EndGracePeriod pending'
on 30
get "$VE/cloudPCs/$pc"
is "is gone" "$STATUS" 404
pc=$second
begin reboot
hook POST "item?collection=cloudPCs&id=$pc&delete=1"
on 30
get "$VE/cloudPCs"
is "one that vanishes meanwhile harms nobody" "$STATUS" 200

# Failures by order
pc=$dedicated
hook POST "fail?action=reprovision&code=noAddress&message=The+subnet+is+full."
begin reprovision
on 200
now "failed" 'failed Reprovision failed'
true_of "in all words" '.statusDetail.code == "noAddress" and .statusDetail.message == "The subnet is full." and
	.statusDetails.code == "noAddress" and .lastRemoteActionResult.statusDetail.code == "noAddress"'
begin reprovision
on 200
now "and mended" 'provisioned Reprovision done'
true_of "without a trace" '.statusDetail == null and .lastRemoteActionResult.statusDetail == null'
hook POST "fail?action=reboot&id=other&times=0"
begin reboot
on 9
now "another's failure" 'provisioned Reboot done'
hook POST "fail?action=reboot&times=0"
begin reboot
on 9
now "its own" 'provisioned Reboot failed'
hook DELETE fail
begin reboot
on 9
now "forgotten" 'provisioned Reboot done'

# Policies
send POST "$VE/provisioningPolicies/$policy/apply" '{"policySettings":["singleSignOn"]}'
now "applied" 'modifyingSingleSignOn ModifySingleSignOn pending'
get "$VE/provisioningPolicies/$policy/retrievePolicyApplyActionResult"
true_of "is told" '.status == "processing" and .finishDateTime == null'
on 70
now "is over" 'provisioned ModifySingleSignOn done'
get "$VE/provisioningPolicies/$policy/retrievePolicyApplyActionResult"
true_of "that too" '.status == "succeeded" and .finishDateTime > .startDateTime'
send POST "$VE/provisioningPolicies/applyConfig" "{\"cloudPcIds\":[\"$pc\"],\"policySettings\":[\"region\"]}"
now "moved" 'movingRegion MoveRegion pending'
on 70
get "$VE/cloudPCs?\$filter=status eq 'failed'"
broken=$(jq -r '.value[0].id' "$BODY") its=$(jq -r '.value[0].provisioningPolicyId' "$BODY")
send POST "$VE/provisioningPolicies/$its/retry"
get "$VE/cloudPCs/$broken"
true_of "retried" '.status == "provisioning"'
on 200
get "$VE/cloudPCs/$broken"
true_of "and there" '.status == "provisioned" and .managedDeviceName != null and .statusDetail == null'

# Who loses the assignment has a week.
get "$VE/provisioningPolicies/$policy?\$expand=assignments"
set=$(jq -c '{assignments: [.assignments[] | {id, target}]}' "$BODY")
in_grace() {
	get "$VE/cloudPCs?\$filter=provisioningPolicyId eq '$policy' and status eq 'inGracePeriod'"
	jq '.value | length' "$BODY"
}
before=$(in_grace)
send POST "$VE/provisioningPolicies/$policy/assign" "$set"
is "the same set changes nothing" "$(in_grace)" "$before"
send POST "$VE/provisioningPolicies/$policy/assign" '{"assignments":[]}'
ok "nobody is assigned: grace" [ "$(in_grace)" -gt "$before" ]
look
true_of "for a week" '.status == "inGracePeriod" and .gracePeriodEndDateTime != null'
send POST "$VE/provisioningPolicies/$policy/assign" "$set"
look
true_of "and back" '.status == "provisioned" and .gracePeriodEndDateTime == null'

# The clock
hook POST 'course?speed=1000'
begin reboot
done_by_itself() {
	look
	[ "$(course)" = 'provisioned Reboot done' ]
}
ok "by itself, only faster" eventually done_by_itself
hook POST 'course?speed=0'
begin reboot
hook POST 'clock?advance=10'
now "the simulator's clock moves it too" 'provisioned Reboot done'
hook POST 'course?speed=x'
is "no speed" "$STATUS" 400
hook POST fail
is "no failure" "$STATUS" 400
sim_stop
finish
