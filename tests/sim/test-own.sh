#!/bin/sh
# What a signed-in user sees and does with the own Cloud PCs, and with nobody else's.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --speed 0 --cloud-pcs 240 || finish
sign_in
get "$VE/cloudPCs?\$filter=userPrincipalName eq '$SIM_USER'"
is "the user has several" "$(jq '.value | length > 1' "$BODY")" true
jq -S -c '[.value[] | {id, displayName, imageDisplayName, servicePlanId, servicePlanName, servicePlanType, lastModifiedDateTime,
	aadDeviceId, gracePeriodEndDateTime, provisioningType}] | sort_by(.id)' "$BODY" >"$DIR/mine"
pc=$(jq -r '[.value[] | select(.status == "provisioned" and .provisioningType == "dedicated")][0].id' "$BODY")
get "$VE/cloudPCs?\$filter=provisioningType eq 'sharedByUser' and status eq 'provisioned'"
shared=$(jq -r '.value[0].id' "$BODY") other=$(jq -r '.value[0].userPrincipalName' "$BODY")

# An application is nobody; but by a user's name it may read one, and act
get beta/me/cloudPCs
failed 403 Forbidden "an application is not me" signed-in
get "beta/users/$SIM_USER/cloudPCs"
failed 403 Forbidden "nor does it list another's" signed-in
get "beta/users/$SIM_USER/cloudPCs/$pc"
is "one it reads" "$STATUS" 200
for f in retrieveCloudPcLaunchDetail getCloudPcLaunchInfo getFrontlineCloudPcAccessState; do
	get "beta/users/$SIM_USER/cloudPCs/$pc/$f"
	failed 403 Forbidden "$f is for people" signed-in
done
get "beta/users/$other/cloudPCs/$shared/start" -X POST -d ''
failed 403 Forbidden "and so is start" signed-in
get "beta/users/$SIM_USER/cloudPCs/$pc/reboot" -X POST -d ''
is "reboot is not" "$STATUS" 204
hook POST 'course?advance=300'
get "$VE/cloudPCs?\$filter=userPrincipalName eq '$SIM_USER'"
jq -S -c '[.value[] | {id, displayName, imageDisplayName, servicePlanId, servicePlanName, servicePlanType, lastModifiedDateTime,
	aadDeviceId, gracePeriodEndDateTime, provisioningType}] | sort_by(.id)' "$BODY" >"$DIR/mine"

# A user without any role
sign_in_as_user CloudPC.ReadWrite.All
hook POST "user?user=$SIM_USER&role=none"
get "$VE/cloudPCs"
failed 403 Forbidden "all Cloud PCs are for administrators" role
for path in me "users/$SIM_USER" "users/$(printf %s "$SIM_USER" | tr a-z A-Z)"; do
	get "beta/$path/cloudPCs"
	is "the own ones: $path" "$(jq -S -c '.value | sort_by(.id)' "$BODY")" "$(cat "$DIR/mine")"
done
get v1.0/me/cloudPCs
true_of "v1.0 too" '.value | length > 1 and all(.[]; has("displayName") and (has("status") | not))'
get "beta/me/cloudPCs?\$select=id,status"
true_of "what is selected" 'all(.value[]; keys == ["id","status"])'
get "beta/me/cloudPCs?\$filter=status eq 'failed'"
failed 400 BadRequest "no filter here" '$filter'
get "beta/me/cloudPCs/$pc"
true_of "one of them, whole" ".id == \"$pc\" and .status == \"provisioned\""
get "beta/me/cloudPCs/$shared"
failed 404 ResourceNotFound "not another's"
get "beta/users/$other/cloudPCs"
failed 403 Forbidden "not even by name" another
get "beta/users/$other/cloudPCs/$shared"
failed 403 Forbidden "nor one" another
get "beta/users/$other/cloudPCs/$shared/retrieveCloudPcLaunchDetail"
failed 403 Forbidden "nor where it is" another
send POST "beta/users/$other/cloudPCs/$shared/reboot"
failed 403 Forbidden "nor restart it" another

get "beta/me/cloudPCs/$pc/retrieveCloudPcLaunchDetail"
true_of "where to begin" '.cloudPcLaunchUrl | startswith("https://")'
get "v1.0/me/cloudPCs/$pc/retrieveCloudPcLaunchDetail"
is "in v1.0" "$STATUS" 200
get "beta/me/cloudPCs/$pc/getCloudPcLaunchInfo"
true_of "the older way" '.windows365SwitchCompatible'
get "beta/me/cloudPCs/$pc/getFrontlineCloudPcAccessState"
failed 400 BadRequest "a dedicated one has no access state" dedicated
for f in retrieveSnapshots getCloudPcConnectivityHistory getSupportedCloudPcRemoteActions; do
	get "beta/me/cloudPCs/$pc/$f"
	failed 400 BadRequest "$f is for administrators" "below a user"
done
act() { # PATH BODY STATUS
	send POST "beta/me/cloudPCs/$pc/$1" "$2"
	is "$1" "$STATUS" "$3"
	hook POST 'course?advance=900'
}
act rename '{"displayName":"Mine"}' 204
act troubleshoot '{}' 204
act reboot '{}' 204
act start '{}' 400
act resize '{"targetServicePlanId":"x"}' 400
send POST "beta/me/cloudPCs/$pc/reprovision"
is "reprovision" "$STATUS" 204
get beta/me/cloudPcPools
failed 400 BadRequest "no page documents pools here" cloudPcPools
get beta/users/nobody/cloudPCs
failed 404 Request_ResourceNotFound "no such user"
sim_stop
finish
