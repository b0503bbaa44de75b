#!/bin/sh
# Graph: who may ask, paging, options, versions.
. "$(dirname "$0")/lib.sh"
sim_start --page-size 25 --now 2026-11-22 || finish
PCS=$VE/cloudPCs
NEW='Prefer: include-unknown-enum-members'

# refused STATUS CODE DESCRIPTION
refused() {
	is "$3: status" "$STATUS" "$1"
	true_of "$3: $2" ".error.code == \"$2\" and (.error.message | length) > 0 and
		(.error.innerError | has(\"date\") and has(\"request-id\") and has(\"client-request-id\"))"
}

request "$BASE/$PCS"
refused 401 InvalidAuthenticationToken "no token"
has "a challenge" "$(header www-authenticate)" 'client_id="00000003-0000-0000-c000-000000000000"'
TOKEN=nonsense
get "$PCS"
refused 401 InvalidAuthenticationToken "no real token"
sign_in
get "$PCS" -A ''
refused 403 Forbidden "no User-Agent"
get "$PCS" -H 'client-request-id: 0f8fad5b-d9cb-469f-a165-70867728950e'
is "the client's id comes back" "$(header client-request-id)" 0f8fad5b-d9cb-469f-a165-70867728950e
is "with the server's own" "$(header request-id | tr -d '0-9a-f')" ----
is "the members come in Graph's order" "$(jq -c keys_unsorted "$BODY")" '["@odata.context","@odata.nextLink","value"]'

# Paging
all "$PCS"
is "pages of 25" "$PAGES" 3
is "all of them" "$(jq -r .id "$DIR/all" | sort -u | wc -l)" 60
all "$PCS?\$top=7"
is "\$top bounds the page, not the list" "$PAGES $(wc -l <"$DIR/all")" '9 60'
all "$PCS?\$top=1000"
is "no page is larger than the service's" "$PAGES" 3
all "$PCS" -H 'Prefer: odata.maxpagesize=10, include-unknown-enum-members'
is "odata.maxpagesize is honoured" "$PAGES" 6
get "$PCS?\$top=0"
true_of "\$top=0 is an empty page" '.value == [] and (has("@odata.nextLink") | not)'
get "$PCS?\$top=10&\$count=true&\$select=id&\$filter=status eq 'provisioned'"
true_of "\$count counts all pages" '."@odata.count" == 45 and (.value | length) == 10'
is "and comes second" "$(jq -c keys_unsorted "$BODY")" '["@odata.context","@odata.count","@odata.nextLink","value"]'
link=$(jq -r '."@odata.nextLink"' "$BODY")
get "$link"
true_of "a link carries all options" '."@odata.count" == 45 and (.value[0] | keys) == ["id"] and (.value | length) == 10'
get "$(printf %s "$link" | sed 's/skiptoken=./skiptoken=~/')"
refused 400 BadRequest "a token that was changed"
all "$link"
is "the rest of the list" "$(wc -l <"$DIR/all")" 35
get "$VE/auditEvents?\$skiptoken=${link##*skiptoken=}"
refused 400 BadRequest "a token of another collection"

# $select
get "$PCS"
true_of "without \$select the default set" '.value[0] | has("status") and (has("lastLoginResult") | not) and
	(has("lastLogoffDateTime") | not) and (has("productType") | not) and (has("disasterRecoveryCapability") | not)'
get "$PCS?\$select=productType,id,lastLogoffDateTime&\$top=1"
is "with \$select what was selected, in the type's order" "$(jq -c '.value[0] | keys_unsorted' "$BODY")" \
	'["id","lastLogoffDateTime","productType"]'
has "and the context says so" "$(jq -r '."@odata.context"' "$BODY")" \
	'#deviceManagement/virtualEndpoint/cloudPCs(id,lastLogoffDateTime,productType)'
get "$PCS?\$select=id,disasterRecoveryCapability"
true_of "disasterRecoveryCapability is null without a filter" 'all(.value[]; .disasterRecoveryCapability == null)'
get "$PCS?\$select=id,disasterRecoveryCapability&\$filter=disasterRecoveryCapability/capabilityType eq 'failover'"
true_of "and told with one" '(.value | length) > 0 and all(.value[]; .disasterRecoveryCapability.capabilityType == "failover")'
get "$PCS?\$select=nope"
refused 400 BadRequest "an unknown property"
is "in Graph's words" "$(jq -r .error.message "$BODY" | sed 's/.*: //')" \
	"Could not find a property named 'nope' on type 'microsoft.graph.cloudPC'."

# $filter, $orderby, $skip, $expand
get "$PCS?\$filter=status eq 'failed'"
true_of "a filter" '(.value | length) == 2 and all(.value[]; .status == "failed" and .statusDetail.code != null)'
get "$PCS?\$filter=contains(tolower(displayName),'ALEX') or startswith(managedDeviceName,'CPC-alexw')"
true_of "functions" '[.value[].managedDeviceName] | index("CPC-alexw-7QJ2K") != null'
get "$PCS?\$filter=status+eq+%27failed%27"
true_of "a plus is a space" '(.value | length) == 2'
get "$PCS?\$filter=status eq 'failed"
refused 400 BadRequest "a string without its end"
has "says where" "$(jq -r .error.message "$BODY")" 'position 10'
get "$PCS?\$filter=%"
refused 400 BadRequest "a bad percent code"
get "$VE/auditEvents?\$filter=activityDateTime ge 2026-11-20T00:00:00Z and activityDateTime lt 2026-11-21T00:00:00Z&\$top=1000"
true_of "a day of events" '(.value | length) == 25 and all(.value[]; .activityDateTime[:10] as $d |
	$d == "2026-11-20" or ($d == "2026-11-21" and (.activityDateTime | endswith("+08:00"))))'
get "$VE/supportedRegions?\$filter=supportedSolution eq 'devBox'"
true_of "a collection's element" '(.value | length) > 0 and all(.value[]; .supportedSolution | index("devBox"))'
get "$VE/frontLineServicePlans?\$orderby=totalCount desc,displayName"
true_of "sorted" '[.value[].totalCount] | . == (sort | reverse) and length == 3'
get "$VE/cloudPcPools?\$orderby=displayName&\$skip=1&\$top=1&\$count=true"
true_of "skipped" '.value[0].displayName == "Invoice agents (夜間)" and ."@odata.count" == 3'
get "$(jq -r '."@odata.nextLink"' "$BODY")"
true_of "the page behind" '.value[0].displayName == "Test pool" and (has("@odata.nextLink") | not)'
get "$VE/provisioningPolicies?\$expand=assignments&\$select=id,displayName"
true_of "expanded" '[.value[].assignments | length] | add == 10'
has "with their context" "$(jq -r '.value[0]."assignments@odata.context"' "$BODY")" "')/assignments"
id=$(jq -r '.value[0].id' "$BODY")
get "$VE/provisioningPolicies/$id?\$expand=assignments"
true_of "of one item too" '(.assignments | length) == 2 and .assignments[0].target."@odata.type" ==
	"#microsoft.graph.cloudPcManagementGroupAssignmentTarget"'
get "$V1/provisioningPolicies?\$expand=assignments"
true_of "v1.0 lacks the allotment" 'all(.value[].assignments[].target; has("groupId") and (has("allotmentLicensesCount") | not))'
for bad in 'cloudPCs?$orderby=id' 'cloudPCs?$skip=1' 'servicePlans?$select=id' 'auditEvents?$select=id' \
	'snapshots?$top=1' 'cloudPCs?$expand=assignments' 'provisioningPolicies?$expand=nope' 'cloudPCs?$top=x' \
	'cloudPCs?$count=1' 'cloudPCs?top=1' 'cloudPCs?$top=1&$top=2' 'cloudPCs?$nope=1' 'cloudPCs?$skiptoken=x'; do
	get "$VE/$bad"
	refused 400 BadRequest "$bad"
done

# Enumeration members of later days
get "$PCS?\$select=id,status"
is "hidden from who does not ask" "$(jq -r '[.value[].status | select(. == "unknownFutureValue")] | length' "$BODY")" 0
all "$PCS?\$select=id,status"
is "over all pages" "$(jq -r .status "$DIR/all" | grep -c unknownFutureValue)" 3
all "$PCS?\$select=id,status" -H "$NEW"
is "told to who does" "$(jq -r .status "$DIR/all" | grep -cE 'movingRegion|resizePendingLicense|updatingSingleSignOn')" 3

# Versions, segments, methods, permissions
get "$V1/cloudPCs"
is "v1.0 has its fifteen properties" "$(jq -c '.value[0] | keys' "$BODY")" \
	'["aadDeviceId","displayName","gracePeriodEndDateTime","id","imageDisplayName","lastModifiedDateTime","managedDeviceId","managedDeviceName","onPremisesConnectionName","provisioningPolicyId","provisioningPolicyName","provisioningType","servicePlanId","servicePlanName","userPrincipalName"]'
get "$V1/cloudPCs?\$select=status"
refused 400 BadRequest "no status in v1.0"
get "$V1/servicePlans"
true_of "v1.0 has the plans of enterprises" '(.value | length) == 14'
get "$V1/auditEvents?\$top=1" -H "$NEW"
true_of "nested types are of v1.0 too" '.value[0] | (.actor | has("type") | not) and (.resources[0] | has("resourceType") | not)'
get "$V1/bulkActions"
refused 404 BadRequest "bulkActions in v1.0"
is "names the segment" "$(jq -r .error.message "$BODY")" "Resource not found for the segment 'bulkActions'."
get "BETA/DeviceManagement/virtualendpoint/CLOUDPCS?\$top=1"
is "segments without regard to case" "$STATUS" 200
get "v3.0/deviceManagement"
refused 400 BadRequest "no such version"
get "$VE/reports/exportJobs"
refused 400 BadRequest "export jobs are not listed"
get "$VE/servicePlans/1"
refused 400 BadRequest "a plan is not read by itself"
get "$VE/provisioningPolicies/$id/assignments"
refused 400 BadRequest "assignments are not listed"
get "$PCS/nope"
refused 404 ResourceNotFound "no such item"
get "$PCS" -X POST -d '{}'
refused 405 MethodNotAllowed "Cloud PCs are not posted"
get "$VE/provisioningPolicies" -X PUT -d '{}'
refused 405 MethodNotAllowed "nothing is put"
get "$PCS/retrieveCloudPcCountByStatus" -X POST -d '{}'
refused 405 MethodNotAllowed "a function is not posted"
get "$PCS/1/reboot"
refused 405 MethodNotAllowed "an action is not read"
get "$VE/crossCloudGovernmentOrganizationMapping"
refused 403 Forbidden "what only a user may read"
get "beta/me/cloudPCs"
refused 403 Forbidden "an application is nobody's self"
get "beta/users/$SIM_USER/cloudPCs"
refused 403 Forbidden "nor a user"
get "$VE/onPremisesConnections" -X POST -d '{}'
refused 403 Forbidden "what only a user may write"

hook POST 'roles?roles=Other.Role+CloudPC.Read.All'
sign_in
get "$PCS"
is "to read, Read.All is enough" "$STATUS" 200
get "$VE/provisioningPolicies" -X POST -d '{}'
refused 403 Forbidden "to write it is not"
is "which is told in JSON inside JSON" "$(jq -r '.error.message | fromjson._version' "$BODY")" 3
get "$VE/reports/exportJobs/x"
refused 403 Forbidden "nor to read export jobs"
hook POST 'roles?roles=CloudPC.ReadWrite.All'
sign_in
get "$PCS"
is "who may write may read" "$STATUS" 200
hook POST 'roles?roles='
sign_in
is "without any role there is a token" "$STATUS" 200
get "$PCS"
refused 403 Forbidden "that allows nothing"
sim_stop
finish
