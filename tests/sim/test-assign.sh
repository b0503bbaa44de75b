#!/bin/sh
# Graph: the whole set of groups that something is assigned to.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 || finish
sign_in
G1=11111111-1111-4111-8111-111111111111 G2=22222222-2222-4222-8222-222222222222
TARGET='"@odata.type":"#microsoft.graph.cloudPcManagementGroupAssignmentTarget"'
target() { printf '{"target":{%s,"groupId":"%s"%s}}' "$TARGET" "$1" "${2-}"; }
groups() { jq -c '[.assignments[].target.groupId]' "$BODY"; }

for kind in provisioningPolicies userSettings; do
	get "$VE/$kind?\$expand=assignments"
	one=$(jq -r '.value[1].id' "$BODY")
	old=$(jq -c '.value[1].assignments[0] | {id, target}' "$BODY")
	was=$(jq -r '.value[1].lastModifiedDateTime' "$BODY")
	jq -c '[.value[] | select(.id != "'"$one"'")]' "$BODY" >"$DIR/others"
	send POST "$VE/$kind/$one/assign" "{\"assignments\":[$(target $G1),$old,$(target $G2)]}"
	is "$kind: assigned" "$STATUS $(wc -c <"$BODY")$(header content-type)" '204 0'
	get "$VE/$kind/$one?\$expand=assignments"
	is "$kind: exactly these, in their order" "$(groups)" \
		"[\"$G1\",$(printf %s "$old" | jq -c .target.groupId),\"$G2\"]"
	is "$kind: one that stays keeps its id" "$(jq -r '.assignments[1].id' "$BODY")" "$(printf %s "$old" | jq -r .id)"
	true_of "$kind: each an id of its own" '[.assignments[].id] | unique | length == 3'
	true_of "$kind: whole targets" '.assignments[0].target | has("servicePlanId") and has("allotmentLicensesCount")'
	ok "$kind: a later date" [ "$(jq -r .lastModifiedDateTime "$BODY")" \> "$was" ]
	get "$VE/$kind?\$expand=assignments"
	is "$kind: the others' are left alone" "$(jq -c '[.value[] | select(.id != "'"$one"'")]' "$BODY")" "$(cat "$DIR/others")"
	send POST "$V1/$kind/$one/assign" "{\"assignments\":[$(target $G2)]}"
	is "$kind: by v1.0" "$STATUS" 204
	get "$VE/$kind/$one?\$expand=assignments"
	is "$kind: what is left out is gone" "$(groups)" "[\"$G2\"]"
	for bad in '{}' '{"assignments":null}' '{"assignments":{}}' '{"assignments":[null]}' '{"assignments":[{}]}' \
		'{"assignments":[{"target":{"groupId":"'$G1'"}}]}' \
		'{"assignments":[{"target":{"@odata.type":"#microsoft.graph.cloudPcManagementAssignmentTarget"}}]}' \
		"{\"assignments\":[$(target x)]}" "{\"assignments\":[$(target $G1),$(target $G1)]}" \
		"{\"assignments\":[$(target $G1 ',"nope":1')]}" "{\"assignments\":[$(target $G1 ',"servicePlanId":1')]}" \
		"{\"assignments\":[$(printf %s "$old" | jq -c '.createdDateTime = "2026-11-22T00:00:00Z"')]}" \
		"{\"assignments\":[],\"nope\":1}" "{\"assignments\":[{\"nope\":1,\"target\":{$TARGET,\"groupId\":\"$G1\"}}]}"; do
		send POST "$VE/$kind/$one/assign" "$bad"
		is "$kind: refused: $bad" "$STATUS $(jq -r .error.code "$BODY")" '400 BadRequest'
	done
	send POST "$VE/$kind/$one/assign" "{\"assignments\":[$(target $G1 ',"groupid":1')]}"
	failed 400 BadRequest "$kind: the path of what is wrong" "'assignments[0].target.groupid'"
	send POST "$V1/$kind/$one/assign" "{\"assignments\":[$(target $G1 ',"allotmentLicensesCount":1')]}"
	failed 400 BadRequest "$kind: v1.0 has no such member" allotmentLicensesCount
	send POST "$VE/$kind/$one/assign"
	failed 400 BadRequest "$kind: without a body"
	send POST "$VE/$kind/nope/assign" '{"assignments":[]}'
	failed 404 ResourceNotFound "$kind: of nothing"
	get "$VE/$kind/$one/assign"
	failed 405 MethodNotAllowed "$kind: is not read"
	get "$VE/$kind/$one?\$expand=assignments"
	is "$kind: after all this as before" "$(groups)" "[\"$G2\"]"
	send POST "$VE/$kind/$one/assign" '{"assignments":[]}'
	is "$kind: nobody" "$STATUS" 204
	get "$VE/$kind/$one?\$expand=assignments"
	is "$kind: the empty set" "$(groups)" '[]'
	send DELETE "$VE/$kind/$one"
	is "$kind: removed now" "$STATUS" 204
done

hook POST 'roles?roles=CloudPC.Read.All'
sign_in
send POST "$VE/provisioningPolicies/x/assign" '{"assignments":[]}'
failed 403 Forbidden "who may only read"
sim_stop
finish
