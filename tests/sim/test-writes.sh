#!/bin/sh
# Graph: what is made, changed and removed, family by family.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 || finish
sign_in

# made COLLECTION BODY: created, answered 201 with the object; its id is in $ID.
made() {
	send POST "$VE/$1" "$2"
	is "$1: made" "$STATUS" 201
	ID=$(jq -r .id "$BODY")
	has "$1: its context" "$(jq -r '."@odata.context"' "$BODY")" "$1/\$entity"
	cp "$BODY" "$DIR/made"
	get "$VE/$1/$ID"
	is "$1: read back as answered" "$(jq -cS . "$BODY")" "$(jq -cS . "$DIR/made")"
}
# changed COLLECTION/ID BODY STATUS
changed() {
	send PATCH "$VE/$1" "$2"
	is "${1%/*}: changed" "$STATUS" "$3"
	[ "$3" != 204 ] || is "${1%/*}: and nothing said" "$(wc -c <"$BODY")$(header content-type)" 0
	[ "$3" != 200 ] || cp "$BODY" "$DIR/answer"
	get "$VE/$1"
	[ "$3" != 200 ] || is "${1%/*}: read back as answered" "$(jq -cS . "$BODY")" "$(jq -cS . "$DIR/answer")"
}
removed() { # COLLECTION/ID
	send DELETE "$VE/$1"
	is "${1%/*}: removed" "$STATUS $(wc -c <"$BODY")" '204 0'
	get "$VE/$1"
	is "${1%/*}: is gone" "$STATUS" 404
	send DELETE "$VE/$1"
	failed 404 ResourceNotFound "${1%/*}: removed twice"
	send PATCH "$VE/$1" '{}'
	case $1/$STATUS in *Images/*/405 | *Pools/*/400) ;; *)  failed 404 ResourceNotFound "${1%/*}: changed after that" ;; esac
}
stamp() { jq -r '.lastModifiedDateTime' "$BODY"; }

# Policies
POLICY='{"displayName":"Möbel \u0026 Co","imageId":"microsoftwindowsdesktop_windows-ent-cpc_win11-24h2-ent-cpc",
	"imageDisplayName":"Windows 11","imageType":"gallery","windowsSetting":{"locale":"nb-NO"},
	"domainJoinConfigurations":[{"domainJoinType":"azureADJoin","regionName":"japaneast","regionGroup":"japan"}]}'
made provisioningPolicies "$POLICY"
true_of "what was sent" '.displayName == "Möbel & Co" and .imageType == "gallery"' "$DIR/made"
true_of "whole: members that were not sent are there" '.domainJoinConfigurations == [{"domainJoinType":"azureADJoin",
	"onPremisesConnectionId":null,"regionGroup":"japan","regionName":"japaneast","geographicLocationType":null,
	"type":"azureADJoin"}]' "$DIR/made"
true_of "the older name follows" '.windowsSettings == {"language":"nb-NO"}' "$DIR/made"
true_of "what the service sets" ".provisioningType == \"dedicated\" and .managedBy == [\"windows365\"] and
	.createdBy == \"$CLIENT_ID\" and .lastModifiedBy == \"$CLIENT_ID\" and .scopeIds == [\"0\"] and
	.snapshotResetMode == \"notApplicable\" and (.id | length) == 36" "$DIR/made"
is "today" "$(jq -r '.createdDateTime[:10]' "$DIR/made")" "$(date -u +%F)"
get "$VE/provisioningPolicies"
true_of "it is listed, once" "[.value[] | select(.id == \"$ID\")] | length == 1"
get "$VE/provisioningPolicies/$ID?\$select=gracePeriodInHours,localAdminEnabled"
true_of "also what must be selected" '.gracePeriodInHours == 168 and .localAdminEnabled == false'
get "$VE/provisioningPolicies?\$filter=displayName eq 'Möbel %26 Co'"
true_of "filters find it" '.value | length == 1'
changed "provisioningPolicies/$ID" '{"description":"New","enableSingleSignOn":true}' 204
true_of "these alone" '.description == "New" and .enableSingleSignOn and .displayName == "Möbel & Co"'
before=$(stamp)
for n in 1 2 3 4 5; do
	send PATCH "$VE/provisioningPolicies/$ID" "{\"description\":\"$n\"}"
done
get "$VE/provisioningPolicies/$ID"
ok "every change has a later date" [ "$(stamp)" \> "$before" ]
is "with seven digits" "$(stamp | sed 's/[0-9]//g')" '--T::.Z'
changed "provisioningPolicies/$ID" '{"description":null,"windowsSettings":{"language":"sv-SE"}}' 204
true_of "null clears, and the newer name follows" '.description == null and .windowsSetting == {"locale":"sv-SE"}'
changed "provisioningPolicies/$ID" '{"domainJoinConfigurations":[{"type":"azureADJoin","regionName":"automatic"}]}' 204
true_of "a complex value is replaced as a whole" '.domainJoinConfigurations | length == 1 and
	.[0].regionGroup == null and .[0].domainJoinType == "azureADJoin"'
send PATCH "$V1/provisioningPolicies/$ID" '{"displayName":"By v1.0","@odata.type":"#microsoft.graph.cloudPcProvisioningPolicy"}'
is "by v1.0, with its type named" "$STATUS" 204
send POST "$V1/provisioningPolicies" "$POLICY"
is "made by v1.0" "$STATUS" 201
true_of "answered as v1.0 has it" 'has("createdDateTime") or has("windowsSettings") | not'
removed "provisioningPolicies/$ID"
get "$VE/provisioningPolicies?\$expand=assignments&\$top=1"
get "$VE/provisioningPolicies?\$expand=assignments"
assigned=$(jq -r '[.value[] | select(.assignments != [])][0].id' "$BODY")
send DELETE "$VE/provisioningPolicies/$assigned"
failed 400 BadRequest "an assigned policy is not removed" assign

# User settings
made userSettings '{"displayName":"Kiosk"}'
true_of "with defaults" '.localAdminEnabled == false and .restorePointSetting.frequencyType == "default" and
	.createdDateTime != null and .crossRegionDisasterRecoverySetting == null' "$DIR/made"
changed "userSettings/$ID" '{"crossRegionDisasterRecoverySetting":{"disasterRecoveryType":"crossRegion",
	"disasterRecoveryNetworkSetting":{"@odata.type":"#microsoft.graph.cloudPcDisasterRecoveryMicrosoftHostedNetworkSetting",
	"regionGroup":"norway","regionName":"automatic"}}}' 200
true_of "a polymorphic value" '.crossRegionDisasterRecoverySetting | .disasterRecoveryNetworkSetting."@odata.type" ==
	"#microsoft.graph.cloudPcDisasterRecoveryMicrosoftHostedNetworkSetting" and .userInitiatedDisasterRecoveryAllowed == null and
	.crossRegionDisasterRecoveryEnabled == false'
removed "userSettings/$ID"
get "$VE/userSettings?\$expand=assignments"
id=$(jq -r '[.value[] | select(.assignments != [])][0].id' "$BODY")
send DELETE "$VE/userSettings/$id"
is "an assigned setting is removed with its assignments" "$STATUS" 204

# Images, apps
made deviceImages '{"displayName":"CAD","version":"1.0","sourceImageResourceId":"/subscriptions/x/images/cad"}'
true_of "is uploaded" '.status == "pending" and .osStatus == "unknown" and .sizeInGB == null' "$DIR/made"
send PATCH "$VE/deviceImages/$ID" '{"displayName":"x"}'
failed 405 MethodNotAllowed "images are not changed"
is "which methods there are" "$(header allow)" 'GET, DELETE'
removed "deviceImages/$ID"
get "$VE/cloudApps"
policy=$(jq -r '.value[0].provisioningPolicyId' "$BODY")
app() { # NAME
	printf '{"displayName":"%s","discoveredAppName":"calc","provisioningPolicyId":"%s","appDetail":{
		"@odata.type":"#microsoft.graph.cloudPcFilePathAppDetail","filePath":"C:\\\\calc.exe","iconIndex":3}}' "$1" "$policy"
}
made cloudApps "$(app Rechner)"
true_of "is prepared" '.appStatus == "preparing" and .availableToUser == false and .appDetail == {
	"@odata.type":"#microsoft.graph.cloudPcFilePathAppDetail","commandLineArguments":null,"filePath":"C:\\calc.exe",
	"iconIndex":3,"iconPath":null}' "$DIR/made"
send POST "$VE/cloudApps" "$(app RECHNER)"
failed 409 Conflict "two apps of one name in a policy" displayName
changed "cloudApps/$ID" '{"displayName":"Rechner","description":"d"}' 204
send PATCH "$VE/cloudApps/$ID" '{"displayName":"Excel"}'
failed 409 Conflict "nor by a change" displayName
policy=00000000-0000-4000-8000-000000000000
send POST "$VE/cloudApps" "$(app Other)"
failed 400 BadRequest "an app of no policy" provisioningPolicyId
removed "cloudApps/$ID"

# Who did what, the newest first
get "$VE/auditEvents?\$top=1"
is "told in the audit events" "$(jq -r '.value[0] | "\(.activityType) \(.activityOperationType) \(.resources[0].resourceId)"' "$BODY")" \
	"Delete CloudPcCloudApp delete $ID"
is "by whom, and under which request" "$(jq -r '.value[0] | "\(.actor.applicationId) \(.actor.type) \(.correlationId | length)"' "$BODY")" \
	"$CLIENT_ID application 36"

# Pools: a type of their own has to be named, and the answer has no body
POOL='"@odata.type":"#microsoft.graph.cloudPcAgentPool"'
pool() { # NAME
	printf '{%s,"displayName":"%s","cloudPcConfiguration":{"imageId":"i","imageType":"gallery","osLocale":"en-US"},
		"networkConfiguration":{"@odata.type":"#microsoft.graph.cloudPcMicrosoftHostedNetworkConfiguration",
		"geographicLocationType":"europe","regionGroups":[{"regionGroup":"norway","regions":["norwayeast"]}]},
		"capabilities":{"@odata.type":"#microsoft.graph.cloudPcAgentPoolCapabilityConfiguration","enableSingleSignOn":true},
		"billingConfiguration":{"billingPlanId":"b","billingType":"payAsYouGo"},
		"scalingPolicy":{"maximumCount":3,"minimumCount":1}}' "$POOL" "$1"
}
send POST "$VE/cloudPcPools" "$(pool Robots)"
is "a pool: made, and nothing said" "$STATUS $(wc -c <"$BODY")$(header content-type)" '201 0'
get "$VE/cloudPcPools?\$filter=displayName eq 'Robots'"
true_of "it is listed" '.value | length == 1 and .[0].scalingPolicy.maximumCount == 3 and .[0].poolStatus == "active" and
	.[0].sessionUsage.activeSessionsCount == 0 and .[0]."@odata.type" == "#microsoft.graph.cloudPcAgentPool"'
ID=$(jq -r '.value[0].id' "$BODY")
send POST "$VE/cloudPcPools" "$(pool robots)"
failed 409 Conflict "two pools of one name" displayName
changed "cloudPcPools/$ID" "{$POOL,\"description\":\"d\"}" 204
true_of "and keeps what it has besides" '.description == "d" and .poolStatus == "active"'
send PATCH "$VE/cloudPcPools/$ID" '{"description":"d"}'
failed 400 BadRequest "a change without the type" '@odata.type'
send POST "$VE/cloudPcPools/$ID/assignments" '{"@odata.type":"#microsoft.graph.cloudPcAgentPoolUserAssignment","userPrincipalId":"u1"}'
is "a pool is assigned" "$STATUS" 201
one=$(jq -r .id "$BODY")
send POST "$VE/cloudPcPools/$ID/assignments" '{"@odata.type":"#microsoft.graph.cloudPcAgentPoolUserAssignment","userPrincipalId":"u1"}'
failed 409 Conflict "a user twice"
get "$VE/cloudPcPools/$ID/assignments"
true_of "the list of its assignments" ".value | length == 1 and .[0].id == \"$one\" and .[0].userPrincipalId == \"u1\""
send POST "$VE/cloudPcPools/nope/assignments" '{"@odata.type":"#microsoft.graph.cloudPcAgentPoolUserAssignment","userPrincipalId":"u1"}'
failed 404 ResourceNotFound "an assignment of no pool"
send DELETE "$VE/cloudPcPools/$ID/assignments/$one"
is "taken away" "$STATUS" 204
removed "cloudPcPools/$ID"

# Partners
for kind in externalPartners externalPartnerSettings; do
	made $kind '{"partnerId":"11111111-2222-4333-8444-555555555555","enableConnection":true}'
	true_of "$kind: not connected yet" '(.status // .connectionStatus) == "notAvailable" and .lastSyncDateTime == null' "$DIR/made"
	changed "$kind/$ID" '{"enableConnection":false}' 204
	true_of "$kind: changed" '.enableConnection == false'
	send DELETE "$VE/$kind/$ID"
	failed 405 MethodNotAllowed "$kind: not removed"
done

# Singletons
changed organizationSettings '{"osVersion":"windows10","windowsSettings":{"language":"nb-NO"}}' 204
true_of "the organization" '.osVersion == "windows10" and .windowsSettings.language == "nb-NO" and .enableSingleSignOn'
send POST "$VE/organizationSettings" '{}'
failed 405 MethodNotAllowed "there is one organization"
send POST "$VE/crossCloudGovernmentOrganizationMapping" '{}'
failed 403 Forbidden "what only a user may"
send POST "$VE/onPremisesConnections" '{}'
failed 403 Forbidden "connections too"

# Jobs
get "$VE/cloudPCs?\$top=3&\$select=id"
ids=$(jq -c '[.value[].id]' "$BODY")
made bulkActions "{\"@odata.type\":\"#microsoft.graph.cloudPcBulkRestart\",\"displayName\":\"Night\",\"cloudPcIds\":$ids}"
true_of "a bulk action waits" ".status == \"pending\" and .actionSummary.pendingCount == 3 and .cloudPcIds == $ids and
	.\"@odata.type\" == \"#microsoft.graph.cloudPcBulkRestart\"" "$DIR/made"
made reports/exportJobs '{"reportName":"totalAggregatedRemoteConnectionReports","select":["CloudPcId"]}'
has "an export's id" "$ID" 'TotalAggregatedRemoteConnectionReports__'
true_of "an export waits" '.exportJobStatus == "notStarted" and .exportUrl == null and .format == "csv"' "$DIR/made"

# What a person may
sign_in_as_user 'CloudPC.ReadWrite.All'
CONNECTION='"displayName":"Bergen","connectionType":"azureADJoin","subscriptionId":"s","resourceGroupId":"r","virtualNetworkId":"v",
	"subnetId":"n"'
made onPremisesConnections "{$CONNECTION}"
true_of "a connection is looked at" '.healthCheckStatus == "pending" and .type == "azureADJoin" and .managedBy == ["windows365"]' "$DIR/made"
changed "onPremisesConnections/$ID" '{"type":"hybridAzureADJoin","adDomainPassword":"hush"}' 200
true_of "both names of the type; the password is not told" '.connectionType == "hybridAzureADJoin" and (tojson | contains("hush") | not)'
send PATCH "$VE/provisioningPolicies/$assigned" "{\"domainJoinConfigurations\":[{\"onPremisesConnectionId\":\"$ID\"}]}"
get "$VE/onPremisesConnections/$ID?\$select=inUse"
true_of "it is used now" .inUse
send DELETE "$VE/onPremisesConnections/$ID"
failed 409 Conflict "one that is used"
send PATCH "$VE/provisioningPolicies/$assigned" '{"domainJoinConfigurations":[]}'
get "$VE/provisioningPolicies/$assigned"
is "by whom" "$(jq -r .lastModifiedBy "$BODY")" "$SIM_USER"
removed "onPremisesConnections/$ID"
send POST "$VE/onPremisesConnections" "{$CONNECTION}"
send POST "$VE/onPremisesConnections" "$(printf '{%s}' "$CONNECTION" | sed s/azureAD/hybridAzureAD/)"
failed 400 BadRequest "a hybrid one without its domain" adDomainName
send POST "$VE/crossCloudGovernmentOrganizationMapping" '{}'
failed 400 BadRequest "a mapping without the other token" X-MS-CloudPC-USGovCloudTenantAADToken
send POST "$VE/crossCloudGovernmentOrganizationMapping" '{}' -H 'X-MS-CloudPC-USGovCloudTenantAADToken: t0ken'
is "a mapping" "$STATUS" 200
true_of "has one tenant more" '.organizationIdsInUSGovCloud | length == 2'
get "$VE/auditEvents?\$top=30"
true_of "a change is told by its properties" '[.value[] | select(.activityType == "Patch CloudPcOnPremisesConnection")][0].resources[0] |
	.modifiedProperties == [{"displayName":"type","newValue":"\"hybridAzureADJoin\"","oldValue":null}] and .displayName == "Bergen"'
lacks "no password there either" "$(cat "$BODY")" hush
hook GET log
lacks "the log has no token" "$(cat "$BODY")" t0ken
lacks "and no password" "$(cat "$BODY")" hush
sim_stop
finish
