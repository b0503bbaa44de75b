#!/bin/sh
# Odd values on order: what services have been seen to send, and clients must survive.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --odd || finish
sign_in
odd() { # DESCRIPTION PATH JQ-EXPRESSION
	get "$VE/$2"
	true_of "$1" "$3"
}
odd "no date is the year 1" cloudPCs 'any(.value[]; .gracePeriodEndDateTime == "0001-01-01T00:00:00Z" and .onPremisesConnectionName == "")'
odd "members that nobody has" cloudPCs 'any(.value[]; .status == "dreaming" and .osVersion == "windows12")'
odd "properties that nobody has" cloudPCs 'any(.value[]; .novelty == {"a":[1,2.50,{"b":null}],"Ä":"ö"} and .displayName == "")'
odd "names in another case" "cloudPCs?\$select=id,displayName,status,connectivityResult" \
	'any(.value[]; .STATUS == "Provisioned" and .DisplayName and .displayName) and
	any(.value[]; .connectivityResult | has("updatedDatetime") and .Status == "Available")'
odd "the rest is as ever" cloudPCs '[.value[] | select(.status == "provisioned")] | length > 30'
odd "a status of the documents' own" managedLicenses '.value[0].status == "active"'
odd "no activity type" auditEvents '.value[0].activityType == null and .value[0].actor.Mood == "fine"'
odd "a policy" provisioningPolicies '.value[0].imageType == "imagined" and .value[0].tags == []'
odd "items in a value" bulkActions '.value | length == 15 and all(.[]; keys == ["value"] and (.value.id | length) == 36)'
id=$(jq -r '.value[0].value.id' "$BODY")
odd "by themselves they are not" "bulkActions/$id" ".id == \"$id\""
send POST "$VE/reports/exportJobs" '{"reportName":"remoteConnectionHistoricalReports"}'
job=$(jq -r '.id // .value.id' "$BODY")
odd "a job is" "reports/exportJobs/$job" ".value.id == \"$job\" and (has(\"id\") | not)"

get "$VE/cloudPCs"
pc=$(jq -r '.value[0].id' "$BODY")
odd "the first of a list that a function returns" "cloudPCs/$pc/getCloudPcConnectivityHistory" \
	'.value[0].eventDateTime == "0001-01-01T00:00:00Z" and .value[0].eventType == "neverHeardOf" and .value[0].novelty.a == [1,null] and
	(.value[0] | has("Message")) and .value[1].eventType != "neverHeardOf"'
odd "an object that it returns" "cloudPCs/$pc/retrieveReviewStatus" \
	'.value.userAccessLevel == null and .value.UserAccessLevel == "neverHeardOf" and .value.novelty'
odd "numbers are counted all the same" cloudPCs/retrieveCloudPcCountByStatus '[.value[] | (.count // .Count)] | add == 60'
sim_stop

sim_start --now 2026-11-22 || finish
sign_in
odd "nothing is odd by itself" cloudPCs '[.value[] | has("novelty")] | any | not'
hook POST odd
is "by a hook" "$STATUS" 204
odd "it is" cloudPCs 'any(.value[]; has("novelty"))'
sim_stop
finish
