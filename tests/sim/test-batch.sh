#!/bin/sh
# Graph: many requests in one, and how many a tenant may send.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --speed 0 --cloud-pcs 60 || finish
sign_in
PCS=/deviceManagement/virtualEndpoint/cloudPCs
get "$VE/cloudPCs?\$select=id&\$filter=status eq 'provisioned'&\$top=30"
jq -r '.value[].id' "$BODY" >"$DIR/ids"
pc=$(head -1 "$DIR/ids")
batch() { send POST "${VERSION:-beta}/\$batch" "$1"; }
# part ID: its answer, to $BODY's neighbour
part() { jq -c ".responses[] | select(.id == \"$1\")" "$BODY" >"$DIR/part"; }
requests() { # N [JQ]: N readings, changed by JQ
	jq -cn --argjson n "$1" --arg url "$PCS/$pc" '{requests: [range($n) | {id: "\(. + 1)", method: "GET", url: $url}]}' |
		jq -c "${2:-.}"
}

batch "{\"requests\":[
	{\"id\":\"a\",\"method\":\"GET\",\"url\":\"$PCS?\$select=id&\$top=2&\$filter=status eq 'provisioned'\"},
	{\"id\":\"b\",\"method\":\"POST\",\"url\":\"$PCS/$pc/reboot\"},
	{\"id\":\"c\",\"method\":\"PATCH\",\"url\":\"deviceManagement/virtualEndpoint/organizationSettings\",
		\"headers\":{\"content-type\":\"application/json\"},\"body\":{\"osVersion\":\"windows10\"}},
	{\"id\":\"d\",\"method\":\"GET\",\"url\":\"$PCS/nope\"},
	{\"id\":\"e\",\"method\":\"POST\",\"url\":\"$PCS/$pc/rename\",\"headers\":{\"Content-Type\":\"application/json\"},\"body\":{\"nope\":1}},
	{\"id\":\"f\",\"method\":\"get\",\"url\":\"$PCS/$pc?\$select=status\",\"headers\":{\"Prefer\":\"include-unknown-enum-members\"},\"body\":null},
	{\"id\":\"g\",\"method\":\"POST\",\"url\":\"/\$batch\",\"headers\":{\"Content-Type\":\"application/json\"},\"body\":{\"requests\":[]}},
	{\"id\":\"h\",\"method\":\"GET\",\"url\":\"https://graph.microsoft.com/beta$PCS\"}]}"
is "a batch" "$STATUS $(header content-type | cut -d';' -f1)" '200 application/json'
is "each has its answer" "$(jq -c '[.responses[].id] | sort' "$BODY")" '["a","b","c","d","e","f","g","h"]'
ok "in no order" [ "$(jq -c '[.responses[].id]' "$BODY")" != '["a","b","c","d","e","f","g","h"]' ]
part a
true_of "a list" '.status == 200 and (.body.value | length) == 2 and (.headers."Content-Type" | startswith("application/json"))' "$DIR/part"
link=$(jq -r '.body."@odata.nextLink"' "$DIR/part")
part b
true_of "an action" '.status == 204 and (has("body") or (.headers | has("Content-Type")) | not)' "$DIR/part"
part c
true_of "a change, by a url without its slash" '.status == 204' "$DIR/part"
part d
true_of "one that is not there" '.status == 404 and .body.error.code == "ResourceNotFound" and .headers."request-id" != null' "$DIR/part"
part e
true_of "one that is refused" '.status == 400 and (.body.error.message | contains("nope"))' "$DIR/part"
part f
true_of "a method in small letters" '.status == 200 and .body.status == "provisioned"' "$DIR/part"
part g
true_of "a batch in a batch" '.status == 400' "$DIR/part"
part h
true_of "an address of its own" '.status == 400' "$DIR/part"
get "$link"
is "its next page" "$STATUS" 200
get "$VE/organizationSettings"
true_of "the change is made" '.osVersion == "windows10"'
VERSION=v1.0
batch "$(requests 1)"
true_of "of v1.0" '.responses[0].body | has("status") | not'
VERSION=

# Malformed
wrong() { # WHAT BODY
	batch "$2"
	failed 400 BadRequest "malformed: $1"
}
wrong "empty" ''
wrong "no list" '{}'
wrong "nothing in it" '{"requests":[]}'
wrong "no objects" '{"requests":[1]}'
wrong "twenty-one" "$(requests 21)"
wrong "no id" "$(requests 2 'del(.requests[1].id)')"
wrong "an id that is a number" "$(requests 2 '.requests[1].id = 2')"
wrong "an id twice" "$(requests 2 '.requests[1].id = "1"')"
wrong "no method" "$(requests 1 'del(.requests[0].method)')"
wrong "a method nobody has" "$(requests 1 '.requests[0].method = "FETCH"')"
wrong "no url" "$(requests 1 'del(.requests[0].url)')"
wrong "headers that are none" "$(requests 1 '.requests[0].headers = []')"
wrong "a body of no type" "$(requests 1 '.requests[0].body = {}')"
wrong "waits for two" "$(requests 3 '.requests[2].dependsOn = ["1","2"]')"
wrong "waits for no list" "$(requests 2 '.requests[1].dependsOn = "1"')"
wrong "waits for nobody" "$(requests 2 '.requests[1].dependsOn = ["9"]')"
wrong "waits for itself" "$(requests 2 '.requests[1].dependsOn = ["2"]')"
wrong "waits in a circle" "$(requests 2 '.requests[0].dependsOn = ["2"] | .requests[1].dependsOn = ["1"]')"
wrong "waits in no pattern" "$(requests 4 '.requests[1].dependsOn = ["1"] | .requests[3].dependsOn = ["3"]')"
get 'beta/$batch'
failed 405 MethodNotAllowed "a batch is not read"
get 'beta/$batch' -X POST -d "$(requests 1)"
failed 415 UnsupportedMediaType "a form"
batch "$(requests 20)"
true_of "twenty" '.responses | length == 20 and all(.[]; .status == 200)'

# Dependencies
batch "$(requests 4 '.requests[1].dependsOn = ["1"] | .requests[2].dependsOn = ["2"] | .requests[3].dependsOn = ["3"] |
	.requests[1].url += "x"')"
is "a chain breaks where one fails" "$(jq -c '[.responses | sort_by(.id)[].status]' "$BODY")" '[200,404,424,424]'
batch "$(requests 4 '.requests[0].dependsOn = ["3"] | .requests[1].dependsOn = ["3"] | .requests[3].dependsOn = ["3"] |
	.requests[2].url += "x"')"
is "all on one" "$(jq -c '[.responses | sort_by(.id)[].status]' "$BODY")" '[424,424,404,424]'
true_of "in Graph's words" '[.responses[] | select(.status == 424).body.error.code] | unique == ["FailedDependency"]'
batch "$(requests 3 '.requests[0].dependsOn = ["2"] | .requests[2].dependsOn = ["2"]')"
is "good" "$(jq -c '[.responses | sort_by(.id)[].status]' "$BODY")" '[200,200,200]'

# Faults, and the log
hook DELETE log
hook POST "fault?kind=status&status=429&retry_after=7&match=POST+/beta$PCS/$(sed -n 2p "$DIR/ids")/reboot"
batch "$(sed -n '2,4p' "$DIR/ids" | jq -R --arg url "$PCS" '{id: ., method: "POST", url: "\($url)/\(.)/reboot"}' | jq -cs '{requests: .}')"
is "one is throttled" "$(jq -c '[.responses[].status] | sort' "$BODY")" '[204,204,429]'
true_of "with its own Retry-After" '[.responses[] | select(.status == 429).headers."Retry-After"] == ["7"]'
hook GET log
true_of "the log has the batch, and what is in it" '.total == 1 and .batched == 3 and (.requests | length) == 4 and
	.requests[0].path == "/beta/$batch" and ([.requests[1:][].batch] | unique) == [1] and
	([.requests[1:][].status] | sort) == [204,204,429] and .requests[0].status == 200'
true_of "counted by address" "[.counts | to_entries[] | select(.key | endswith(\"/reboot\")).value] == [1,1,1]"
hook POST 'fault?kind=drop&after=1&match=$batch'
batch "$(requests 1 ".requests[0] = {id: \"1\", method: \"POST\", url: \"$PCS/$(sed -n 5p "$DIR/ids")/reboot\"}")"
is "the answer is lost" "$STATUS" 'curl 52'
get "$VE/cloudPCs/$(sed -n 5p "$DIR/ids")?\$select=lastRemoteActionResult"
true_of "but it was done" '.lastRemoteActionResult.actionState == "pending"'

# Limits: of what is in a batch too
hook POST 'limit?writes=25&ms=600000'
hook DELETE log
for from in 6 16; do
	batch "$(sed -n "$from,$((from + 19))p" "$DIR/ids" | jq -R --arg url "$PCS" '{id: ., method: "POST", url: "\($url)/\(.)/troubleshoot"}' |
		jq -cs '{requests: .}')"
	jq -c '.responses[].status' "$BODY" >>"$DIR/statuses"
done
is "25 writes, and no more" "$(grep -c 429 "$DIR/statuses") $(grep -vc 429 "$DIR/statuses")" '10 25'
true_of "when to come again" '[.responses[] | select(.status == 429).headers."Retry-After" | tonumber] | all(. > 300 and . <= 600)'
send POST "$VE/cloudPCs/$pc/reboot"
failed 429 TooManyRequests "alone too"
ok "with a time" [ "$(header retry-after)" -gt 300 ]
get "$VE/cloudPCs/$pc"
is "reading goes on" "$STATUS" 200
hook POST 'limit?requests=2&ms=600000'
get "$VE/cloudPCs/$pc"
get "$VE/cloudPCs/$pc"
is "two readings" "$STATUS" 200
get "$VE/cloudPCs/$pc"
failed 429 TooManyRequests "and no third"
hook POST 'limit'
get "$VE/cloudPCs/$pc"
is "without a limit" "$STATUS" 200
hook POST 'limit?writes=1&ms=20'
send PATCH "$VE/organizationSettings" '{}'
allowed() {
	send PATCH "$VE/organizationSettings" '{}'
	[ "$STATUS" = 204 ]
}
ok "the window ends" eventually allowed
hook POST 'limit?writes=x'
is "no limit" "$STATUS" 400
sim_stop
finish
