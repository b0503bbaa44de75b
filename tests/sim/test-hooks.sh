#!/bin/sh
# Changes behind the clients' backs: items, tokens, the clock, roles.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 || finish
sign_in
PCS=$VE/cloudPCs
wrong() {
	hook POST "$@"
	is "refused: $1" "$STATUS" 400
}

get "$PCS?\$top=1"
id=$(jq -r '.value[0].id' "$BODY")
cp "$BODY" "$DIR/before"

# Merging
hook POST "item?collection=cloudPCs&id=$id" '{"status":"resizing","displayName":"Über \"Alex\"","novelty":{"a":[1,2]}}'
is "merged" "$STATUS" 204
get "$PCS/$id"
true_of "the properties" '.status == "resizing" and .displayName == "Über \"Alex\"" and .managedDeviceName == "CPC-alexw-7QJ2K"'
true_of "an unknown one" '.novelty == {"a":[1,2]}'
is "as the time of now" "$(jq -r '.lastModifiedDateTime[:10]' "$BODY")" "$(date -u +%F)"
is "the others stay, in their order" "$(jq -c 'keys_unsorted | map(select(startswith("@") or . == "novelty" | not))' "$BODY")" \
	"$(jq -c '.value[0] | keys_unsorted' "$DIR/before")"
get "$PCS/$id?\$select=id"
true_of "an unknown one is sent whatever is selected" '.novelty.a == [1,2] and (keys | length) == 3'
hook POST "item?collection=cloudPCs&id=$id" '{"novelty":7,"lastModifiedDateTime":"2026-01-01T00:00:00Z"}'
get "$PCS/$id"
true_of "merged once more" '.novelty == 7 and .lastModifiedDateTime == "2026-01-01T00:00:00Z" and .status == "resizing"'
get "$PCS?\$filter=status eq 'resizing' and displayName eq 'Über \"Alex\"'"
true_of "filters see the change" '(.value | length) == 1'
hook POST 'item?collection=organizationSettings' '{"enableSingleSignOn":false}'
get "$VE/organizationSettings"
true_of "a singleton" '.enableSingleSignOn == false and .osVersion == "windows11"'
get "$VE/cloudPcPools"
pool=$(jq -r '.value[0].id' "$BODY")
hook POST "item?collection=cloudPcPools&id=$pool" '{"poolStatus":"gone","displayName":"x"}'
get "$VE/cloudPcPools/$pool"
true_of "an unknown one of a pool" '.poolStatus == "gone" and .managedByService == "windows365" and .displayName == "x" and
	."@odata.type" == "#microsoft.graph.cloudPcAgentPool"'

# Creating: exactly the bytes that were given
printf '%s' '{ "displayName" : "no id" , "x":1.50e3 }' >"$DIR/new"
hook POST 'item?collection=cloudPCs&create=1' "@$DIR/new"
hook POST 'item?collection=cloudPCs&create=1' '{"id":"twin","displayName":"first"}'
hook POST 'item?collection=cloudPCs&create=1' '{"id":"twin","displayName":"second"}'
printf '{"id":"bytes","displayName":"a\377b\\ud800"}' >"$DIR/new"
hook POST 'item?collection=cloudPCs&create=1' "@$DIR/new"
is "created" "$STATUS" 204
get "$PCS?\$select=id"
is "sent as given, whatever is selected" "$(grep -aoF '{ "displayName" : "no id" , "x":1.50e3 }' "$BODY" | wc -l)" 1
is "any bytes" "$(grep -acF "$(printf 'a\377b\\ud800')" "$BODY")" 1
is "two of one id" "$(grep -aoF '"id":"twin"' "$BODY" | wc -l)" 2
get "$PCS/twin"
true_of "by itself the later" '.displayName == "second"'
hook POST 'item?collection=cloudPCs&id=twin' '{"status":"failed","y":1}'
get "$PCS/twin"
true_of "a given one can be changed too" '.displayName == "second" and .status == "failed" and .y == 1'

# Removing
hook POST 'item?collection=cloudPCs&id=bytes&delete=1'
is "removed" "$STATUS" 204
get "$PCS/bytes"
is "is gone" "$STATUS" 404
hook POST 'items?collection=cloudPCs&keep=10'
get "$PCS"
true_of "cut short" '(.value | length) == 10'
get "$PCS/twin"
is "the rest is gone" "$STATUS" 404
hook POST "item?collection=provisioningPolicies/assignments&create=1&parent=p" '{"id":"a","target":null}'
is "a child of a parent" "$STATUS" 204

wrong 'item?collection=nope&id=1' '{}'
wrong 'item?collection=cloudPCs&id=nope' '{}'
wrong 'item?collection=cloudPCs' '{}'
wrong 'item?collection=cloudPCs&create=1' '[1]'
wrong 'item?collection=cloudPCs&create=1' '{'
wrong 'item?collection=cloudPCs&create=1'
wrong 'item?collection=cloudPCs&create=1&delete=1' '{}'
wrong "item?collection=cloudPCs&id=$id" '"x"'
wrong "item?collection=cloudPCs&id=$id&delete=1" '{}'
wrong 'item?collection=users/cloudPCs&create=1' '{}'
wrong 'item?collection=cloudPCs&id=1&nope=1' '{}'
wrong 'items?collection=cloudPCs&keep=x'
wrong 'items?collection=cloudPCs'

# Tokens and time
hook POST revoke
get "$PCS"
is "revoked" "$STATUS $(jq -r .error.code "$BODY")" '401 InvalidAuthenticationToken'
sign_in
get "$PCS"
is "a new one is good" "$STATUS" 200
hook POST 'token?expires_in=60'
sign_in
true_of "short-lived" '.expires_in == 60'
hook POST 'clock?advance=30'
get "$PCS"
is "not expired yet" "$STATUS" 200
hook POST 'clock?advance=31'
get "$PCS"
is "expired" "$STATUS" 401
sign_in
get "$PCS"
is "a token of the new time" "$STATUS" 200
hook POST 'clock?advance=86400'
request "$BASE/_sim/state"
is "the Date header goes along" "$(date -u -d "$(header date)" +%F)" "$(jq -r '.now[:10]' "$BODY")"

hook POST 'page-size?n=3'
sign_in
all "$PCS"
is "pages of three" "$PAGES" 4
hook POST 'latency?ms=50'
get "$PCS" -w '%{time_total}'
is "latency" "$(printf %s "$STATUS" | jq '. >= 0.05')" true
hook POST 'latency?ms=0'
request "$BASE/_sim/state"
true_of "the state" '.seed == 1 and .page_size == 3 and .latency_ms == 0 and .today == "2026-11-22T00:00:00Z" and
	.collections.cloudPCs == 10 and .collections.auditEvents > 2500'
wrong 'token?expires_in=x'
wrong 'token'
wrong 'clock?advance=-1'
wrong 'roles'
wrong 'secret?state=lost'
wrong 'page-size?n=0'
wrong 'latency'
wrong 'revoke?x=1'
sim_stop
finish
