# Functions: what the service computes on request, as files whose names are questions.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl getfattr

sim_start
mount_w365fs -o ttl=3600
cd "$MNT" || exit 1
F=cloudPCs/functions
PC=CPC-alexw-7QJ2K
id=$(jq -r .id cloudPCs/$PC.json)
asked() {
	sim GET /_sim/log | jq '[.requests[] | select(.path | test("/(get|retrieve)[A-Z]|/assignments$"))] | length'
}

has "a directory for each" "$(ls $F)" retrieveSnapshots
is "README.md names them all" "$(for d in functions/* */functions/* reports/[gr]*; do grep -q "^| .$d/" README.md || echo "$d"; done)" ""
is "that lists nothing" "$(find $F/* functions/* | grep -c json)" 0
ok "no walk through the tree asks anything" sh -c 'grep -rq zzzz functions */functions || true'
is "really" "$(asked)" 0

is "the snapshots of one Cloud PC" "$(jq -S 'sort_by(.id)' $F/retrieveSnapshots/$PC.json)" "$(jq -s -S --arg id "$id" '[.[] | select(.cloudPcId == $id)] | sort_by(.id)' snapshots/*.json)"
is "by its id as well" "$(cat "$F/retrieveSnapshots/$id.json")" "$(cat $F/retrieveSnapshots/$PC.json)"
n=$(asked)
is "which were two questions" "$n" 2
is "the connectivity of the last days" "$(jq -r 'map(has("eventDateTime")) | all' $F/getCloudPcConnectivityHistory/$PC.json)" true
is "what may be done now" "$(jq -r 'map(select(.actionName == "Restart")) | length' $F/getSupportedCloudPcRemoteActions/$PC.json)" 1
is "how many are in each state" "$(jq 'map(.count) | add' $F/retrieveCloudPcCountByStatus/all.json)" "$(ls cloudPCs/*.json | wc -l)"
is "an object" "$(jq -r type $F/retrieveFrontlineCloudPcDetail/$PC.json)" object
is "the size is exact" "$(stat -c %s $F/retrieveSnapshots/$PC.json)" "$(wc -c <$F/retrieveSnapshots/$PC.json)"
is "nobody may write it" "$(stat -c %A $F/retrieveSnapshots/$PC.json)" -r--------
is "jq prints it the same" "$(jq . $F/retrieveSnapshots/$PC.json)" "$(cat $F/retrieveSnapshots/$PC.json)"
is "where it is in Graph" "$(getfattr --only-values -n user.w365fs.url $F/retrieveSnapshots/$PC.json)" "/beta/deviceManagement/virtualEndpoint/cloudPCs/$id/retrieveSnapshots"
n=$(asked)
cat $F/*/$PC.json >/dev/null 2>&1
m=$(asked)
cat $F/retrieveSnapshots/$PC.json $F/getCloudPcConnectivityHistory/$PC.json >/dev/null
is "what is fresh is not asked again" "$(asked)" "$m"
ok "a refresh makes it old" "$W365FS" refresh "$MNT" cloudPCs
cat $F/retrieveSnapshots/$PC.json >/dev/null
is "so that it is asked again" "$(asked)" $((m + 1))

group=$(jq -rs '[.[] | .assignments[] | .target | select(.servicePlanId) | .groupId][0] // "11111111-2222-4333-8444-555555555555"' provisioningPolicies/*.json)
plan=$(jq -r 'select(.displayName) | .id' servicePlans/*.json | head -1)
ok "with parameters" jq -e 'type == "array"' "$F/getProvisionedCloudPCs/groupId=$group,servicePlanId=$plan.json"
# One that a group's assignment has provisioned: GROUP PLAN ID.
set -- $(jq -rs --slurpfile p "$(cat provisioningPolicies/*.json >"$TMP/policies"; echo "$TMP/policies")" '[.[] | select(.status == "provisioned") as $pc
	| $p[] | select(.id == $pc.provisioningPolicyId) | .assignments[0].target.groupId // empty | "\(.) \($pc.servicePlanId) \($pc.id)"][0]' cloudPCs/*.json)
FILE="$F/getProvisionedCloudPCs/groupId=$1,servicePlanId=$2"
is "whole objects, as the collection has them" "$(jq --arg id "$3" -c '.[] | select(.id == $id) | keys' "$FILE.json")" "$(jq -c keys "cloudPCs/by-id/$3.json")"
is "or what of them is selected" "$(jq -c '[.[] | keys] | unique' "$FILE,select=id%2Cstatus.json")" '[["id","status"]]'
is "in whatever order" "$(jq -c '[.[] | keys] | unique' "$F/getProvisionedCloudPCs/select=id,groupId=$1,servicePlanId=$2.json")" '[["id"]]'
is "of an object, too" "$(jq -c keys "$F/retrieveReviewStatus/$PC,select=inReview.json")" '["inReview"]'
ok "which else is whole" jq -e 'length > 5' "$F/retrieveReviewStatus/$PC.json"
is "what is not there" "$(cat "$F/retrieveReviewStatus/$PC,select=nope.json" 2>&1 | grep -c 'Invalid argument')" 1
has "is named" "$(tail -1 .w365fs/errors)" nope
is "some of them counted" "$(jq -c . "$F/retrieveCloudPcCountByStatus/customFilter=status eq 'provisioned' and provisioningType eq 'dedicated'.json" | jq -c 'map([.status, .count])')" \
	"[[\"provisioned\",$(jq -s '[.[] | select(.status == "provisioned" and .provisioningType == "dedicated")] | length' cloudPCs/*.json)]]"
pool=$(ls cloudPcPools/*.json | head -1)
pool=${pool##*/}
ok "a collection that does not come with its item" jq -e 'type == "array"' "cloudPcPools/functions/assignments/$pool"
ok "of the tenant" jq -e 'type == "array"' functions/retrieveScopedPermissions/all.json
ok "of a log" jq -e 'length > 3' auditEvents/functions/getAuditActivityTypes/all.json

sim POST "/_sim/item?collection=cloudPCs&id=$id" '{"managedDeviceName":"Foo, Inc/50%"}' >/dev/null
"$W365FS" refresh "$MNT" cloudPCs
ok "a name with all that is awkward" eventually test -e 'cloudPCs/Foo, Inc%2F50%25.json'
ok "is written so" jq -e 'length > 0' "$F/retrieveSnapshots/Foo%2C Inc%2F50%25.json"

# What goes wrong.
is "an item that is not there" "$(cat $F/retrieveSnapshots/none.json 2>&1 | grep -c 'No such file')" 1
is "a parameter that is missing" "$(cat "$F/getProvisionedCloudPCs/groupId=$group.json" 2>&1 | grep -c 'Invalid argument')" 1
has "is named" "$(tail -1 .w365fs/errors)" "servicePlanId is missing"
cat $F/retrieveSnapshots/all.json 2>/dev/null
has "all of them, where one is asked for" "$(tail -1 .w365fs/errors)" "retrieveSnapshots is about one item"
cat functions/retrieveOrganizationActionDetail/actionType=explode.json 2>/dev/null
has "a word that is none" "$(tail -1 .w365fs/errors)" "actionType takes activate|deactivate"
lacks "what no application may ask is not listed" "$(ls $F)" retrieveCloudPcLaunchDetail
is "but there, and refused with the reason" "$(cat "$F/retrieveCloudPcLaunchDetail/$id.json" 2>&1 | grep -c 'Permission denied')" 1
is "nothing is made there" "$(sh -c "echo x > $F/retrieveSnapshots/new" 2>&1 | grep -c 'Read-only')" 1
cd "$TMP" || exit 1
unmount

mount_w365fs --api=v1.0
cd "$MNT" || exit 1
is "v1.0 has three functions, of which an application may ask two, and a collection below an item" \
	"$(ls -d functions/* */functions/* 2>/dev/null)" "auditEvents/functions/getAuditActivityTypes
deviceImages/functions/getSourceImages
provisioningPolicies/functions/assignedUsers"
ok "which answer" jq -e 'length > 0' auditEvents/functions/getAuditActivityTypes/all.json
cd "$TMP" || exit 1
unmount
finish
