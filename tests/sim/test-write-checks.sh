#!/bin/sh
# Graph: what is refused of a write's body, and that nothing is done then.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 || finish
sign_in
P=$VE/provisioningPolicies
get "$P"
id=$(jq -r '.value[0].id' "$BODY")
get "$P/$id"
cp "$BODY" "$DIR/before"
hook GET state
cp "$BODY" "$DIR/state"

# patch PART BODY: refused, naming PART.
patch() {
	send PATCH "${OF:-$P/$id}" "$2"
	failed 400 BadRequest "changed: $2" "$1"
}
patch "'nope'" '{"nope":1}'
patch "'DisplayName'" '{"DisplayName":"case matters"}'
patch "'id'" "{\"id\":\"$id\"}"
patch "'createdDateTime'" '{"createdDateTime":"2026-11-22T00:00:00Z"}'
patch "'lastModifiedBy'" '{"lastModifiedBy":"me"}'
patch "'provisioningType'" '{"provisioningType":"dedicated"}'
patch "'assignments'" '{"assignments":[]}'
patch "'@odata.context'" '{"@odata.context":"x"}'
patch "'@odata.etag'" '{"@odata.etag":"x"}'
patch "'scopeIds@odata.type'" '{"scopeIds@odata.type":"#Collection(String)"}'
patch "@odata.type" '{"@odata.type":"#microsoft.graph.cloudPC"}'
patch "@odata.type" '{"@odata.type":"microsoft.graph.cloudPcProvisioningPolicy"}'
patch "@odata.type" '{"@odata.type":5}'
patch "'displayName'" '{"displayName":null}'
patch "'displayName'" '{"displayName":5}'
patch "'displayName'" '{"displayName":["x"]}'
patch "'displayName'" '{"displayName":{}}'
patch "'enableSingleSignOn'" '{"enableSingleSignOn":"true"}'
patch "'enableSingleSignOn'" '{"enableSingleSignOn":1}'
patch "'imageType'" '{"imageType":"Gallery"}'
patch "'imageType'" '{"imageType":"unknownFutureValue"}'
patch "'imageType'" '{"imageType":1}'
patch "'scopeIds'" '{"scopeIds":"0"}'
patch "'scopeIds'" '{"scopeIds":null}'
patch "'scopeIds[1]'" '{"scopeIds":["0",null]}'
patch "'scopeIds[1]'" '{"scopeIds":["0",7]}'
patch "'windowsSetting'" '{"windowsSetting":"en-US"}'
patch "'windowsSetting'" '{"windowsSetting":[]}'
patch "'windowsSetting.language'" '{"windowsSetting":{"language":"en-US"}}'
patch "'domainJoinConfigurations[1].regionGroup'" '{"domainJoinConfigurations":[{},{"regionGroup":"atlantis"}]}'
patch "'autopilotConfiguration.applicationTimeoutInMinutes'" '{"autopilotConfiguration":{"applicationTimeoutInMinutes":30.5}}'
patch "'autopilotConfiguration.applicationTimeoutInMinutes'" '{"autopilotConfiguration":{"applicationTimeoutInMinutes":2147483648}}'
patch "'autopilotConfiguration.applicationTimeoutInMinutes'" '{"autopilotConfiguration":{"applicationTimeoutInMinutes":"30"}}'
patch "'autopilotConfiguration.applicationTimeoutInMinutes'" '{"autopilotConfiguration":{"applicationTimeoutInMinutes":null}}'
patch "'description'" '{"description":"a","description":"b"}'
patch "'windowsSetting.locale'" '{"windowsSetting":{"locale":"a","locale":"b"}}'
OF=$V1/provisioningPolicies/$id
patch "'scopeIds'" '{"scopeIds":["0"]}'
patch "'domainJoinConfigurations[0].type'" '{"domainJoinConfigurations":[{"type":"azureADJoin"}]}'
OF=$VE/organizationSettings
patch "'id'" '{"id":"x"}'
patch "'osVersion'" '{"osVersion":"windows95"}'
OF=

# make PART BODY: the same of a creation.
make() {
	send POST "$VE/$OF" "$2"
	failed 400 BadRequest "made: $2" "$1"
}
FULL='{"displayName":"x","imageId":"i","imageDisplayName":"d","imageType":"gallery","domainJoinConfigurations":[]}'
OF=provisioningPolicies
for name in displayName imageId imageDisplayName imageType domainJoinConfigurations; do
	make "'$name'" "$(printf %s "$FULL" | jq -c "del(.$name)")"
	make "'$name'" "$(printf %s "$FULL" | jq -c ".$name = null")"
done
make "'id'" "$(printf %s "$FULL" | jq -c '.id = "x"')"
make "'assignments'" "$(printf %s "$FULL" | jq -c '.assignments = []')"
make "'lastModifiedDateTime'" "$(printf %s "$FULL" | jq -c '.lastModifiedDateTime = "2026-11-22T00:00:00Z"')"
OF=deviceImages
make "'status'" '{"displayName":"x","version":"1","sourceImageResourceId":"s","status":"ready"}'
OF=bulkActions
make '@odata.type' '{"displayName":"x","cloudPcIds":["a"]}'
make '@odata.type' '{"@odata.type":"#microsoft.graph.cloudPcBulkAction","displayName":"x","cloudPcIds":["a"]}'
make '@odata.type' '{"@odata.type":"#microsoft.graph.cloudPcPool","displayName":"x","cloudPcIds":["a"]}'
make "'targetServicePlanId'" '{"@odata.type":"#microsoft.graph.cloudPcBulkResize","displayName":"x","cloudPcIds":["a"]}'
make "'targetServicePlanId'" '{"@odata.type":"#microsoft.graph.cloudPcBulkRestart","displayName":"x","cloudPcIds":["a"],"targetServicePlanId":"p"}'
for moment in 2026-11-22 2026-11-22T10:00:00 yesterday 2026-13-01T00:00:00Z; do
	make "'restorePointDateTime'" '{"@odata.type":"#microsoft.graph.cloudPcBulkRestore","displayName":"x","cloudPcIds":["a"],
		"timeRange":"before","restorePointDateTime":"'$moment'"}'
done
make "'reviewStatus.userAccessLevel'" '{"@odata.type":"#microsoft.graph.cloudPcBulkSetReviewStatus","displayName":"x",
	"cloudPcIds":["a"],"reviewStatus":{"inReview":true,"userAccessLevel":"most"}}'
OF=cloudApps
make "'appDetail'" '{"displayName":"x","discoveredAppName":"x","provisioningPolicyId":"x","appDetail":{"filePath":"x"}}'

# The body as such
for bad in '' '[]' '"x"' 'null' '{' '{"description":}' '{"description":"x"} x' '{"description":"'"$(printf '\377')"'"}'; do
	send PATCH "$P/$id" "$bad"
	is "no object: $bad" "$STATUS $(jq -r .error.code "$BODY")" '400 BadRequest'
done
get "$P/$id" -X PATCH -d '{}'
failed 415 UnsupportedMediaType "a form"
get "$P/$id" -X PATCH -H 'Content-Type: text/json' -d '{}'
failed 415 UnsupportedMediaType "almost JSON"
get "$P/$id" -X PATCH -H 'Content-Type:' -d '{}'
failed 415 UnsupportedMediaType "nothing said"
{ printf '{"description":"' && head -c 5000000 /dev/zero | tr '\0' x && printf '"}'; } >"$DIR/large"
get "$P/$id" -X PATCH -H 'Content-Type: application/json' --data-binary "@$DIR/large"
failed 413 RequestEntityTooLarge "five megabytes"
{ printf '{"description":"' && head -c 4000000 /dev/zero | tr '\0' x && printf '"}'; } >"$DIR/large"
get "$VE/userSettings/nope" -X PATCH -H 'Content-Type: application/json' --data-binary "@$DIR/large"
failed 400 BadRequest "four are read" description

# Where, and who
send PATCH "$P/nope" '{"nope":1}'
failed 400 BadRequest "what is wrong by itself is said first"
send PATCH "$P/nope" '{}'
failed 404 ResourceNotFound "no such policy"
send POST "$VE/servicePlans" '{}'
failed 405 MethodNotAllowed "plans are not made"
send DELETE "$VE/cloudPCs/x"
failed 405 MethodNotAllowed "nor Cloud PCs removed"
send PATCH "$P" '{}'
failed 405 MethodNotAllowed "a list is not changed"
send PUT "$P/$id" '{}'
failed 405 MethodNotAllowed "nothing is put"
send POST "$P/$id/assignments" '{}'
failed 405 MethodNotAllowed "assignments are not posted"
send PATCH "$V1/organizationSettings" '{}'
failed 404 BadRequest "what v1.0 has not"
get "$P/$id" -X PATCH -H 'If-Match: "x"' -H 'Content-Type: application/json; charset=utf-8' -d '{}'
is "If-Match says nothing here" "$STATUS" 204
get "$P/$id"
is "an empty change is only a later date" "$(jq -cS 'del(.lastModifiedDateTime, .lastModifiedBy)' "$BODY")" \
	"$(jq -cS 'del(.lastModifiedDateTime, .lastModifiedBy)' "$DIR/before")"
hook GET state
is "and nothing was made, but one event" "$(jq -c '.collections | .auditEvents -= 1' "$BODY")" \
	"$(jq -c .collections "$DIR/state")"
hook POST 'roles?roles=CloudPC.Read.All'
sign_in
for write in "POST $P" "PATCH $P/$id" "DELETE $P/$id" "PATCH $VE/organizationSettings"; do
	send ${write% *} ${write#* } '{"nope":1}'
	failed 403 Forbidden "who may only read: ${write% *}" CloudPC.ReadWrite.All
done
send POST "$VE/reports/exportJobs" '{"reportName":"totalAggregatedRemoteConnectionReports"}'
is "but may have a report made" "$STATUS" 201
sim_stop
finish
