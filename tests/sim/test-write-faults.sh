#!/bin/sh
# Failures of writes: not done, done but not told; and what the log keeps of them.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 || finish
sign_in
P=$VE/provisioningPolicies
get "$P"
id=$(jq -r '.value[0].id' "$BODY")
described() { # as it is now
	get "$P/$id"
	jq -r .description "$BODY"
}
fault() { # PARAMETERS DESCRIPTION CURL-OPTION...: one PATCH under it
	hook POST "fault?match=PATCH+/$P/$id&$1"
	is "ordered: $1" "$STATUS" 204
	text=$2
	shift 2
	send PATCH "$P/$id" "{\"description\":\"$text\"}" "$@"
}

before=$(described)
for status in 403 429 503; do
	fault "kind=status&status=$status&retry_after=7" "not $status"
	is "$status" "$STATUS $(header retry-after)" "$status 7"
	is "$status: not done" "$(described)" "$before"
done
fault kind=drop dropped
is "dropped" "$STATUS" 'curl 52'
is "dropped: not done" "$(described)" "$before"
fault 'kind=drop&after=1' lost
is "the answer is lost" "$STATUS" 'curl 52'
is "the answer is lost: done" "$(described)" lost
fault kind=stall 'too late' -m 0.3
is "stalled" "$STATUS" 'curl 28'
is "stalled: whoever has gone gets nothing done" "$(described)" lost
fault 'kind=stall&after=1' stalled -m 0.3
is "stalled after the work" "$STATUS" 'curl 28'
is "stalled after the work: done" "$(described)" stalled
fault 'kind=delay&after=1&ms=50' delayed -w '%{http_code}'
is "told later" "$STATUS" 204
is "told later: done" "$(described)" delayed
fault 'kind=cut' cut
is "cut" "$(described)" cut

hook POST "fault?match=POST+/$P&kind=drop&after=1"
send POST "$P" '{"displayName":"Lost","imageId":"i","imageDisplayName":"d","imageType":"gallery","domainJoinConfigurations":[]}'
is "made, and nobody was told" "$STATUS" 'curl 52'
get "$P?\$filter=displayName eq 'Lost'"
true_of "but it is there" '.value | length == 1'
lost=$(jq -r '.value[0].id' "$BODY")
hook POST "fault?match=DELETE&kind=drop&after=1"
send DELETE "$P/$lost"
get "$P/$lost"
is "removed, and nobody was told" "$STATUS" 404

# Held back until it is cleared, then answered: done once.
held() { curl -sS "$BASE/_sim/fault" | jq -e '.[-1].hits == 1'; }
hook POST "fault?match=PATCH&kind=stall&after=1"
send PATCH "$P/$id" '{"description":"held"}' -m 20 &
waiting=$!
eventually held
BODY=$DIR/other
is "held back: done meanwhile" "$(described)" held
BODY=$DIR/body
curl -sS -X DELETE "$BASE/_sim/fault"
wait $waiting
is "and no more afterwards" "$(described)" held

# The log
hook DELETE log
send PATCH "$P/$id" '{ "description" : "logged", "enableSingleSignOn":true}'
send DELETE "$P/nope"
send PATCH "$P/$id" 'no "JSON"'
hook POST 'fault?match=PATCH&kind=drop&after=1'
send PATCH "$P/$id" '{"description":"x"}'
sign_in
sign_in_as_user CloudPC.ReadWrite.All
get "$VE/onPremisesConnections"
connection=$(jq -r '.value[0].id' "$BODY")
send PATCH "$VE/onPremisesConnections/$connection" '{"adDomainPassword":"hush","adDomainName":"d"}'
hook GET log
true_of "what was written" ".requests[0] | .method == \"PATCH\" and .path == \"/$P/$id\" and .status == 204 and
	.body == {\"description\":\"logged\",\"enableSingleSignOn\":true}"
true_of "exactly one such change" '[.requests[] | select(.method == "PATCH" and .body == {"description":"x"})] | length == 1'
true_of "without a body" '.requests[1] | .method == "DELETE" and .status == 404 and (has("body") | not)'
true_of "what is no JSON" '.requests[2] | .status == 400 and .body == "no \"JSON\""'
true_of "no answer was sent" '.requests[3] | .status == 0'
true_of "no secret, but that there was one" '.requests[-1].body == {"adDomainPassword":"...","adDomainName":"d"}'
true_of "no body of a sign-in" '[.requests[] | select(.path | contains("oauth2")) | has("body")] | any | not'
lacks "and no token" "$(cat "$BODY")" "$(printf %s "$TOKEN" | cut -c1-40)"

# Behind the client's back
get "$P/$id"
was=$(jq -r .lastModifiedDateTime "$BODY")
hook POST "item?collection=provisioningPolicies&id=$id" '{"description":"sneaked","enableSingleSignOn":false}'
get "$P/$id"
true_of "changed" '.description == "sneaked" and .enableSingleSignOn == false'
ok "with a later date" [ "$(jq -r .lastModifiedDateTime "$BODY")" \> "$was" ]
send PATCH "$P/$id" '{"description":"mine"}'
get "$P/$id"
true_of "and changed back" '.description == "mine" and .enableSingleSignOn == false'
hook POST "item?collection=provisioningPolicies&id=$id&delete=1"
send PATCH "$P/$id" '{"description":"mine"}'
failed 404 ResourceNotFound "removed"
sim_stop
finish
