#!/bin/sh
# Jobs: bulk actions, exports and their files, uploads, health checks, publishing.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --speed 0 --cloud-pcs 120 || finish
sign_in
on() { hook POST "course?advance=$1"; } # SECONDS
NONE=00000000-0000-4000-8000-000000000000

# A bulk action: each Cloud PC by itself
get "$VE/cloudPCs?\$filter=status eq 'provisioned' and provisioningType eq 'dedicated'&\$top=3"
good=$(jq -c '[.value[].id]' "$BODY") pc=$(jq -r '.value[0].id' "$BODY")
get "$VE/cloudPCs?\$filter=status eq 'provisioning'&\$top=1"
busy=$(jq -r '.value[0].id' "$BODY")
bulk() { # TYPE IDS [MORE]
	send POST "$VE/bulkActions" "{\"@odata.type\":\"#microsoft.graph.cloudPcBulk$1\",\"displayName\":\"x\",\"cloudPcIds\":$2${3-}}"
	is "bulk $1" "$STATUS" 201
	job=$(jq -r .id "$BODY")
}
summary() {
	get "$VE/bulkActions/$job"
	jq -r '"\(.status) \(.actionSummary | "\(.pendingCount)p \(.inProgressCount)i \(.successfulCount)s \(.failedCount)f \(.notSupportedCount)n")"' "$BODY"
}
bulk Restart "$(printf %s "$good" | jq -c ". + [\"$busy\",\"$NONE\"]")"
is "asked for" "$(summary)" 'pending 5p 0i 0s 0f 0n'
on 2
is "begun" "$(summary)" 'pending 0p 3i 0s 1f 1n'
get "$VE/cloudPCs/$pc?\$select=lastRemoteActionResult"
true_of "each has its action" '.lastRemoteActionResult.actionName == "Reboot" and .lastRemoteActionResult.actionState == "pending"'
on 10
is "over" "$(summary)" 'failed 0p 0i 3s 1f 1n'
bulk Troubleshoot "$good"
on 20
is "all good" "$(summary)" 'succeeded 0p 0i 3s 0f 0n'
send POST "$VE/bulkActions/$job/retry"
failed 409 Conflict "nothing to retry"
hook POST "fail?action=reboot&id=$pc"
bulk Restart "$good"
on 20
is "one failed" "$(summary)" 'failed 0p 0i 2s 1f 0n'
send POST "$VE/bulkActions/$job/retry" "{\"cloudPcIds\":[\"$NONE\"]}"
failed 400 BadRequest "retried for another" cloudPcIds
send POST "$VE/bulkActions/$job/retry"
is "retried" "$STATUS" 202
is "that one alone" "$(summary)" 'pending 1p 0i 2s 0f 0n'
on 20
is "good now" "$(summary)" 'succeeded 0p 0i 3s 0f 0n'
send POST "$VE/bulkActions/$job/retry" "{\"cloudPcIds\":[\"$pc\"]}"
is "one that was good, by name" "$STATUS" 202
on 20
get "$VE/servicePlans"
plan=$(jq -r '.value[] | select(.storageInGB == 512 and .vCpuCount == 4).id' "$BODY")
bulk Resize "[\"$pc\"]" ",\"targetServicePlanId\":\"$plan\""
on 100
is "resized" "$(summary)" 'succeeded 0p 0i 1s 0f 0n'
get "$VE/cloudPCs/$pc"
true_of "to the plan" ".servicePlanId == \"$plan\""
bulk Move "[\"$pc\"]"
on 100
bulk DisasterRecoveryFailover "[\"$pc\"]"
on 100
is "what the simulator knows nothing about takes its time" "$(summary)" 'succeeded 0p 0i 1s 0f 0n'
send POST "$VE/bulkActions" '{"@odata.type":"#microsoft.graph.cloudPcBulkRestart","displayName":"x","cloudPcIds":[]}'
failed 400 BadRequest "for nobody" cloudPcIds
send POST "$VE/bulkActions" "{\"@odata.type\":\"#microsoft.graph.cloudPcBulkResize\",\"displayName\":\"x\",\"cloudPcIds\":[\"$pc\"],\"targetServicePlanId\":\"y\"}"
failed 400 BadRequest "to no plan" targetServicePlanId
get "$VE/bulkActions"
job=$(jq -r '[.value[] | select(.status == "failed")][0].id' "$BODY")
before=$(summary)
send POST "$VE/bulkActions/$job/retry"
is "one that was there from the start" "$STATUS" 202
ok "goes on" [ "$(summary)" != "$before" ]
on 200

# One that vanishes on the way
bulk Restart "$good"
on 2
hook POST "item?collection=cloudPCs&id=$pc&delete=1"
on 20
is "one is gone" "$(summary)" 'failed 0p 0i 2s 1f 0n'

# Exports
send POST "$VE/reports/exportJobs" '{"reportName":"remoteConnectionHistoricalReports","format":"csv"}'
is "an export" "$STATUS" 201
job=$VE/reports/exportJobs/$(jq -r .id "$BODY")
on 1
get "$job"
true_of "in progress" '.exportJobStatus == "inProgress" and .exportUrl == null'
on 5
get "$job"
true_of "completed" '.exportJobStatus == "completed" and (.exportUrl | contains("sig=")) and .expirationDateTime > .requestDateTime'
file=$(jq -r .exportUrl "$BODY")
request "$file"
is "the file" "$STATUS $(header content-type)" '200 application/zip'
ok "is an archive" python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); z.testzip() is None or sys.exit(1)
assert z.read(z.namelist()[0]).startswith(b"CloudPcId,") and z.namelist()[0].endswith(".csv")' "$BODY"
get "$file"
is "a token of Graph has no business there" "$STATUS" 403
request "${file%?}x"
is "nor another signature" "$STATUS" 403
request "${file%%\?*}"
is "nor none" "$STATUS" 403
request "$(printf %s "$file" | sed 's/se=[0-9]*/se=99999999999/')"
is "nor a later end" "$STATUS" 403
hook POST 'clock?advance=90000'
request "$file"
is "nor the right one, a day later" "$STATUS" 403
sign_in
hook POST 'fail?action=export'
send POST "$VE/reports/exportJobs" '{"reportName":"remoteConnectionHistoricalReports"}'
job=$VE/reports/exportJobs/$(jq -r .id "$BODY")
on 10
get "$job"
true_of "failed" '.exportJobStatus == "failed" and .exportUrl == null'
hook GET log
lacks "no signature in the log" "$(cat "$BODY")" "${file##*sig=}"

# Uploads
send POST "$VE/deviceImages" '{"displayName":"i","version":"1","sourceImageResourceId":"/s"}'
image=$VE/deviceImages/$(jq -r .id "$BODY")
on 30
get "$image"
true_of "uploaded" '.status == "ready" and .osStatus == "supported" and .sizeInGB == 64'
hook POST 'fail?action=upload&code=sourceImageNotGeneralized'
send POST "$VE/deviceImages" '{"displayName":"i","version":"1","sourceImageResourceId":"/s"}'
image=$VE/deviceImages/$(jq -r .id "$BODY")
on 30
get "$image"
true_of "not uploaded" '.status == "failed" and .errorCode == "sourceImageNotGeneralized"'
send POST "$image/retryUpload"
get "$image"
true_of "once more" '.status == "pending"'
on 30
get "$image"
true_of "uploaded now" '.status == "ready" and .errorCode == null'

# Apps
get "$VE/cloudApps"
app=$(jq -r '[.value[] | select(.appStatus == "ready")][0].id' "$BODY")
apps() { # ACTION
	send POST "$VE/cloudApps/$1" "{\"cloudAppIds\":[\"$app\"]}"
	is "$1" "$STATUS" 202
	get "$VE/cloudApps/$app"
}
apps publish
true_of "publishing" '.appStatus == "publishing" and .availableToUser == false'
on 10
get "$VE/cloudApps/$app"
true_of "published" '.appStatus == "published" and .availableToUser'
apps unpublish
true_of "unpublishing" '.appStatus == "unpublishing"'
on 10
hook POST 'fail?action=publish&code=filePathInvalid&message=Gone.'
apps publish
on 10
get "$VE/cloudApps/$app"
true_of "not published" '.appStatus == "failed" and .actionFailedErrorMessage == "Gone."'

# Connections
sign_in_as_user CloudPC.ReadWrite.All
send POST "$VE/onPremisesConnections" '{"displayName":"n","connectionType":"azureADJoin","subscriptionId":"s","resourceGroupId":"r",
	"virtualNetworkId":"v","subnetId":"n"}'
one=$VE/onPremisesConnections/$(jq -r .id "$BODY")
health() {
	get "$one?\$select=healthCheckStatus,healthCheckStatusDetail"
	jq -r '"\(.healthCheckStatus) \(.healthCheckStatusDetail.healthChecks | length > 0)"' "$BODY"
}
is "to be looked at" "$(health)" 'pending false'
on 2
is "looked at" "$(health)" 'running true'
on 20
is "healthy" "$(health)" 'passed true'
hook POST 'fail?action=healthCheck'
send POST "$one/runHealthChecks"
on 22
is "not healthy" "$(health)" 'failed true'
send PATCH "$one" '{"displayName":"m"}'
is "a change has it looked at again" "$(health)" 'pending false'
sim_stop
finish
