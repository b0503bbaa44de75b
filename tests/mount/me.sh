# -o me: what an end user sees, asks and does: the own Cloud PCs, by the user's own path, and nothing else.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl getfattr

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start --speed 50 --cloud-pcs 240

# An application is nobody.
MOUNTS="$MOUNTS $MNT"
w365fs_mount -o me 2>"$TMP/said"
is "an application has no Cloud PCs of its own" $? 2
has "and is told who has" "$(cat "$TMP/said")" "run 'w365fs login', and mount with --auth=browser"
is "before anything is asked" "$(token_requests)" 0
has "doctor says so" "$("$W365FS" doctor --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" --authority "$ENTRA_BASE" \
	--graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" -o me 2>&1)" "FAIL permission: -o me shows a person's own Cloud PCs"
w365fs_mount -o me=maybe 2>"$TMP/said"
is "it is yes or no" "$? $(cat "$TMP/said")" "1 w365fs: me is yes or no, and not 'maybe'"
w365fs_mount -o me,with=roles 2>"$TMP/said"
is "nothing else is shown with it" $? 1
has "which is said" "$(cat "$TMP/said")" "leave -o with=roles away"

# What the service has for this user, read by an administrator.
mount_w365fs -o ttl=3600
jq -s --arg u "$SIM_USER" '[.[] | select(.userPrincipalName == $u)]' "$MNT"/cloudPCs/*.json >"$TMP/mine"
NAMES=$(for f in "$MNT"/cloudPCs/by-user/"$SIM_USER"/*; do echo "${f##*/}"; done)
OTHER=$(jq -r --arg u "$SIM_USER" 'select(.userPrincipalName != $u) | .id' "$MNT"/cloudPCs/*.json | head -n 1)
unmount
ok "the user has several" [ "$(jq length "$TMP/mine")" -gt 1 ]

asked() { # what was asked of Graph, without queries: METHOD PATH, in order
	sim GET /_sim/log | jq -r '.requests[] | select(.path | test("^/(v1.0|beta)/")) | "\(.method) \(.path | split("?")[0])"'
}
did() { # the same with the body
	sim GET /_sim/log | jq -r '.requests[] | select(.method == "POST" and (.path | test("^/(v1.0|beta)/")))
		| "\(.method) \(.path) \(.body // "" | if type == "string" then . else tojson end)"' | sed 's/ *$//'
}
verbs_of() {
	(cd "$MNT/cloudPCs/$1" && echo *)
}
last_error() {
	tail -n 1 "$MNT/.w365fs/errors"
}

ok "a user without any role signs in" person_signs_in -o me
sim POST "/_sim/user?user=$SIM_USER&role=none" >/dev/null
is "and is asked to consent to reading alone" "$(jq -r '.accounts[].scope' "$XDG_STATE_HOME/w365fs/tokens.json" | tr ' ' '\n' | grep -o 'CloudPC.*' | sort -u)" CloudPC.Read.All
ok "the mount of a person" person_mounts -o me,ttl=3600
forget_changes
is "the files are called as an administrator sees them" "$(cd "$MNT/cloudPCs" && ls -- *.json)" "$NAMES"
is "it was one listing, by the user's own path" "$(asked)" "GET /beta/me/cloudPCs"
is "they say the same" "$(cat "$MNT"/cloudPCs/*.json | jq -s -S 'map({id, displayName, managedDeviceName, status}) | sort_by(.id)')" \
	"$(jq -S 'map({id, displayName, managedDeviceName, status}) | sort_by(.id)' "$TMP/mine")"
is "there is nothing else" "$(cd "$MNT" && echo *)" "README.md cloudPCs"
is "nor in the schemas" "$(cd "$MNT/.w365fs/schema" && echo *)" cloudPCs.schema.json
is "the verbs of a user" "$(verbs_of actions)" "reboot rename reprovision start stop troubleshoot"
is "the functions of a user" "$(verbs_of functions)" "getCloudPcLaunchInfo getFrontlineCloudPcAccessState retrieveCloudPcLaunchDetail"
is "no other collection is there by its name" "$(ls -d "$MNT/provisioningPolicies" "$MNT/reports" "$MNT/auditEvents" "$MNT/functions" 2>/dev/null)" ""
is "README.md and the control files name nothing else" \
	"$(cat "$MNT/README.md" "$MNT"/cloudPCs/actions/* | grep -cE 'provisioningPolicies|napshots|reports/|auditEvents|resize|userSettings|ActionResults')" 0
has "but them" "$(cat "$MNT/README.md")" "| \`cloudPCs/actions/reboot\` |"
is "nor do the permissions" "$("$W365FS" permissions -o me | sed 1d | cut -c 1-109 | tr -s ' ' | sed 's/ $//')" "cloudPCs list CloudPC.Read.All -
cloudPCs get CloudPC.Read.All -
cloudPC/reboot POST CloudPC.ReadWrite.All -
cloudPC/rename POST CloudPC.ReadWrite.All -
cloudPC/reprovision POST CloudPC.ReadWrite.All -
cloudPC/start POST CloudPC.ReadWrite.All -
cloudPC/stop POST CloudPC.ReadWrite.All -
cloudPC/troubleshoot POST CloudPC.ReadWrite.All -
cloudPC/getCloudPcLaunchInfo GET CloudPC.Read.All -
cloudPC/getFrontlineCloudPcAccessState GET CloudPC.Read.All -
cloudPC/retrieveCloudPcLaunchDetail GET CloudPC.Read.All -"
PC=$(jq -r '[.[] | select(.status == "provisioned" and .provisioningType == "dedicated")][0].managedDeviceName' "$TMP/mine")
ID=$(jq -r --arg n "$PC" '.[] | select(.managedDeviceName == $n).id' "$TMP/mine")
is "where it is in Graph" "$(getfattr --absolute-names --only-values -n user.w365fs.url "$MNT/cloudPCs/$PC.json")" "/beta/me/cloudPCs/$ID"
forget_changes
has "where to connect" "$(jq -r .cloudPcLaunchUrl "$MNT/cloudPCs/functions/retrieveCloudPcLaunchDetail/$PC.json")" "https://"
is "is asked by the user's own path" "$(asked)" "GET /beta/me/cloudPCs/$ID/retrieveCloudPcLaunchDetail"
is "it is a read-only mount" "$(sh -c "echo $PC >'$MNT/cloudPCs/actions/reboot'" 2>&1 | grep -c 'Read-only')" 1
ok "a refresh by the name that people see" "$W365FS" refresh "$MNT" cloudPCs
is "status.json, too" "$(jq -r '[.collections[] | .name] | unique | join(" ")' "$MNT/.w365fs/status.json")" cloudPCs
has "doctor looks where a user may" "$(person doctor -o me 2>&1)" "Cloud PCs may be listed"
unmount

# Acting.
# To more than reading only an administrator consents, for all.
sim POST "/_sim/consent?client_id=$PUBLIC_CLIENT_ID&scopes=CloudPC.Read.All+CloudPC.ReadWrite.All" >/dev/null
ok "signs in for more" person_signs_in -o me,rw
ok "the mount that acts" person_mounts -o me,rw,ttl=3600
ACT=$MNT/cloudPCs/actions
is "files are not written, control files are" "$(stat -c %a "$MNT/cloudPCs/$PC.json" "$ACT/reboot" | xargs)" "400 600"
done_by() {
	jq -se --arg v "cloudPCs/$1" --arg id "$ID" 'any(.[]; .verb == $v and .id == $id and .state == "done")' "$MNT/.w365fs/actions.ndjson"
}
# does VERB LINE SENT: is accepted, causes just that, and is followed to its end by the user's own path
does() {
	forget_changes
	ok "$1" sh -c "printf '%s\n' \"\$1\" >\"\$2\"" - "$2" "$ACT/$1"
	is "$1: what was sent" "$(did)" "$3"
	ok "$1: it is followed to its end" eventually done_by "$1"
	is "$1: by nobody else's path" "$(asked | grep -v " /beta/me/cloudPCs")" ""
}
does reboot "$PC" "POST /beta/me/cloudPCs/$ID/reboot"
does rename "$ID displayName='My own'" "POST /beta/me/cloudPCs/$ID/rename {\"displayName\":\"My own\"}"
is "the file says so" "$(jq -r .displayName "$MNT/cloudPCs/by-id/$ID.json")" "My own"
forget_changes
sh -c "echo '$PC osVersion=windows11 confirm=$PC' >'$ACT/reprovision'" 2>/dev/null
has "what only administrators may say" "$(last_error)" "osVersion"
sh -c "echo '$PC' >'$ACT/reprovision'" 2>/dev/null
has "what loses data is confirmed" "$(last_error)" "confirm="
sh -c "echo '$OTHER' >'$ACT/reboot'" 2>/dev/null
has "another's is not there" "$(last_error)" "$OTHER"
is "nothing was sent of all that" "$(did)" ""
does reprovision "$PC confirm=$PC" "POST /beta/me/cloudPCs/$ID/reprovision"
forget_changes
sh -c "cat >'$ACT/troubleshoot'" <<EOF
$(jq -r '.[0].id' "$TMP/mine")
$(jq -r '.[1].id' "$TMP/mine")
EOF
has "several go as one batch" "$(did)" "POST /beta/\$batch"
is "by the same path" "$(did | grep -o '"url":"[^"]*"' | sort -u | sed 's/"url":"//; s/"$//')" \
	"$(jq -r '.[:2] | map("/me/cloudPCs/\(.id)/troubleshoot") | sort[]' "$TMP/mine")"
forget_changes
sh -c "echo '$PC wait=60' >'$ACT/start'" 2>/dev/null
has "what does not go with this Cloud PC is the service's to refuse" "$(last_error)" "cloudPCs/actions/start"
unmount

# Should the service not take $select here, contrary to its documentation, there is less to see.
sim POST '/_sim/fault?match=/me/cloudPCs&kind=status&status=400&code=BadRequest' >/dev/null
ok "a mount of v1.0" person_mounts -o me,rw --api=v1.0
forget_changes
is "where \$select is refused" "$(cat "$MNT"/cloudPCs/*.json | jq -r .id | sort)" "$(jq -r '.[].id' "$TMP/mine" | sort)"
is "is asked without it" "$(sim GET /_sim/log | jq -r '.requests[] | select(.path | contains("/me/cloudPCs")) | "\(.status) \((.path + "?" + (.query // "")) | contains("select"))"' | xargs)" \
	"400 true 200 false"
is "has fewer verbs" "$(verbs_of actions)" "reboot rename reprovision troubleshoot"
is "and one function" "$(verbs_of functions)" retrieveCloudPcLaunchDetail
forget_changes
ok "which work" sh -c "echo $ID >'$MNT/cloudPCs/actions/reboot'"
is "by the path of that version" "$(did)" "POST /v1.0/me/cloudPCs/$ID/reboot"
unmount

# In the configuration, where an end user writes it once.
mkdir -p "$XDG_CONFIG_HOME/w365fs"
printf 'tenant = %s\nclient-id = %s\nme = yes\n' "$TENANT" "$PUBLIC_CLIENT_ID" >"$XDG_CONFIG_HOME/w365fs/config"
chmod 600 "$XDG_CONFIG_HOME/w365fs/config"
ok "by the configuration" "$W365FS" mount --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" "$MNT"
is "the same" "$(cd "$MNT" && echo *)" "README.md cloudPCs"
unmount
ok "which the command line undoes" "$W365FS" mount --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" -o me=no "$MNT"
ok "all is there" test -d "$MNT/provisioningPolicies"
unmount
finish
