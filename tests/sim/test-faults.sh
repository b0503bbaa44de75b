#!/bin/sh
# Failures to order, and the log of what was asked.
. "$(dirname "$0")/lib.sh"
sim_start --page-size 25 --now 2026-11-22 || finish
sign_in
PCS=$VE/cloudPCs

fault() {
	hook POST "fault?$1" "${2-}"
	is "ordered: $1" "$STATUS" 204
}
clear() {
	hook DELETE fault
	is "cleared" "$STATUS" 204
}
wrong() { # HOOK [BODY]: refused with a sentence
	hook POST "$@"
	is "refused: $1" "$STATUS" 400
	[ -s "$BODY" ] || report 1 "with a sentence"
}

# Throttling: only Graph, only what matches, exactly so often.
hook POST 'throttle?times=2&retry_after=2.128&match=cloudPCs'
get "$VE/organizationSettings"
is "what does not match goes through" "$STATUS" 200
get "$PCS"
is "throttled" "$STATUS" 429
is "with the Retry-After as told" "$(header retry-after)" 2.128
true_of "as Graph says it" '.error.code == "TooManyRequests"'
get "$PCS"
is "twice" "$STATUS" 429
get "$PCS"
is "and no more" "$STATUS" 200
hook POST 'throttle?times=1&retry_after=Sun%2C+22+Nov+2026+10%3A00%3A00+GMT'
sign_in
is "Entra is not throttled by it" "$STATUS" 200
get "$PCS"
is "Retry-After may be a date" "$(header retry-after)" 'Sun, 22 Nov 2026 10:00:00 GMT'
hook POST 'throttle?times=1&retry_after='
get "$PCS"
is "or absent" "$STATUS $(header retry-after)" '429 '

fault 'kind=status&status=503&retry_after=1&match=GET+/beta&skip=1&times=2'
get "$PCS"
is "the first is let through" "$STATUS" 200
get "$PCS"
is "then the fault" "$STATUS $(header retry-after)" '503 1'
true_of "with the usual code" '.error.code == "ServiceUnavailable"'
get "$PCS"
is "twice" "$STATUS" 503
get "$PCS"
is "then no more" "$STATUS" 200
hook GET fault
true_of "the list knows" '.[-1] | .kind == "status" and .hits == 2 and .passed == 1'
fault 'kind=status&status=409&code=Weird&message=So+so&match=$top=3'
get "$PCS?%24top=3"
true_of "an own code and message; percent codes do not matter" '.error.code == "Weird" and .error.message == "So so"'
fault 'kind=status&status=500&content_type=text/plain' 'plain words'
get "$PCS"
is "an own body" "$STATUS $(header content-type) $(cat "$BODY")" '500 text/plain plain words'
fault 'kind=status&status=500&times=0'
get "$PCS"
get "$PCS"
is "times=0 does not end" "$STATUS" 500
clear
get "$PCS"
is "but when cleared" "$STATUS" 200
size=$(wc -c <"$BODY")

fault kind=drop
get "$PCS"
is "drop: no answer" "$STATUS" 'curl 52'
fault kind=cut
get "$PCS"
is "cut: too little comes" "$STATUS" 'curl 18'
is "cut: half of what was promised" "$(wc -c <"$BODY")" $((size / 2))
fault kind=truncate
get "$PCS"
is "truncate: the length is right" "$STATUS $(header content-length)" "200 $((size / 2))"
jq . "$BODY" >/dev/null 2>&1
is "truncate: the JSON is not" "$(($? > 0))" 1
fault kind=html
get "$PCS"
is "html" "$STATUS $(header content-type)" '200 text/html; charset=utf-8'
fault kind=body '{"value": [{"id": 5}]}'
get "$PCS"
is "body" "$(cat "$BODY")" '{"value": [{"id": 5}]}'
fault 'kind=link&url=https://evil.example/x?a=b%26c'
get "$PCS"
true_of "link: replaced, the rest is real" '."@odata.nextLink" == "https://evil.example/x?a=b&c" and (.value | length) == 25'
fault 'kind=link&url=/relative'
get "$VE/organizationSettings"
true_of "link: nothing to replace in one item" '.osVersion != null and (has("@odata.nextLink") | not)'
fault 'kind=link&url=/relative'
get "$VE/userSettings"
true_of "link: added where there is none" '."@odata.nextLink" == "/relative" and (.value | length) == 4'
fault 'kind=big&size=1000000'
get "$PCS"
is "big: chunked" "$(header transfer-encoding)" chunked
is "big: as large as told" "$(wc -c <"$BODY")" 1000000
true_of "big: a list" '.value | length > 1000'
for size in 100 101 150 199 1001; do
	fault "kind=big&length=1&size=$size"
	get "$PCS"
	is "big of $size: with its length" "$(header content-length)" $size
	true_of "big of $size: JSON" '.value[-1].id == "last"'
done
fault kind=unauthorized
get "$PCS"
is "unauthorized" "$STATUS $(jq -r .error.code "$BODY")" '401 InvalidAuthenticationToken'
fault kind=claims
get "$PCS"
is "claims" "$STATUS" 401
has "claims: the challenge" "$(header www-authenticate)" 'error="insufficient_claims", claims="'
is "claims: in it" "$(header www-authenticate | sed 's/.*claims="\([^"]*\)".*/\1/' | base64 -d |
	jq -r .access_token.nbf.essential)" true
claims=$(header www-authenticate | sed 's/.*claims="\([^"]*\)".*/\1/' | base64 -d)
get "$PCS"
is "claims: the same token again" "$STATUS" 401
sign_in
get "$PCS"
is "claims: a token that was asked for without them" "$STATUS" 401
token grant_type=client_credentials client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" \
	scope=https://graph.microsoft.com/.default claims="$claims"
TOKEN=$(jq -r .access_token "$BODY")
get "$PCS"
is "claims: without the capability" "$STATUS" 401
token grant_type=client_credentials client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" \
	scope=https://graph.microsoft.com/.default \
	claims="$(echo "$claims" | jq -c '.access_token.xms_cc.values = ["cp1"]')"
TOKEN=$(jq -r .access_token "$BODY")
get "$PCS"
is "claims: a token that answers the challenge" "$STATUS" 200
fault 'kind=oauth&error=temporarily_unavailable&code=90033&status=503'
get "$PCS"
is "oauth leaves Graph alone" "$STATUS" 200
sign_in
is "oauth" "$STATUS $(jq -c '[.error,.error_codes]' "$BODY")" '503 ["temporarily_unavailable",[90033]]'
sign_in

# Held back: the clock of curl is the witness.
stalled() { curl -sS "$BASE/_sim/fault" | jq -e '.[-1].hits == 1'; }
fault 'kind=delay&ms=300'
get "$PCS" -m 20 -w '%{http_code} %{time_total}'
is "delay: answered after all" "${STATUS% *}" 200
is "delay: not before its time" "$(printf %s "${STATUS#* }" | jq '. >= 0.3')" true
fault kind=stall
get "$PCS" -m 0.3
is "stall: no answer" "$STATUS" 'curl 28'
fault kind=stall
get "$VE/organizationSettings" -m 20 -w '%{http_code}' &
waiting=$!
eventually stalled
curl -sS -X DELETE "$BASE/_sim/fault"
wait $waiting
true_of "stall: answered when it is cleared" '.osVersion == "windows11"'
fault kind=stall
get "$PCS" -m 20 &
eventually stalled

# The log. (The stalled request is among those that were never answered.)
hook DELETE log
is "the log is reset" "$STATUS" 204
fault 'kind=status&status=502'
get "$PCS" -H 'Prefer: odata.maxpagesize=5' -H 'client-request-id: abc'
get "$PCS?\$top=5"
get "$VE/cloudApps"
sign_in
hook GET log
true_of "counts" '.total == 4 and .graph == 3 and .entra == 1'
true_of "counts by path" ".counts[\"GET /$PCS\"] == 2 and .counts[\"GET /$VE/cloudApps\"] == 1 and (.counts | length) == 3"
true_of "what was asked" '.requests[0] | .n == 1 and .method == "GET" and .status == 502 and .prefer == "odata.maxpagesize=5" and
	.client_request_id == "abc" and .user_agent == "w365sim-test" and .http_version == "HTTP/1.1" and .bytes > 100'
true_of "the newest last" '.requests | length == 4 and .[1].query == "$top=5" and .[3].method == "POST"'
true_of "and no secret" "tojson | contains(\"$(printf %s "$TOKEN" | cut -c1-40)\") or contains(\"Bearer\") | not"
hook GET 'log?counts=1'
true_of "the counts alone" '(has("requests") | not) and .total == 4 and ([.counts[]] | add) == 4'

wrong 'fault?kind=nope'
wrong 'fault?kind=drop&ms=5'
wrong 'fault?kind=status&status=99'
wrong 'fault?kind=delay&ms=soon'
wrong 'fault?kind=link'
wrong 'fault?kind=drop' 'a body'
wrong 'throttle?kind=drop'
wrong 'throttle?times=x'
wrong 'nope'
wrong 'log'
hook GET 'throttle'
is "a hook of the wrong method" "$STATUS" 400
sim_stop
finish
