# New items, copies, names, removals, assignments; singletons; and what a sign-in may.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start
mount_w365fs -o rw
BETA=/beta/deviceManagement/virtualEndpoint
DIR=$MNT/userSettings
last_error() {
	tail -n 1 "$MNT/.w365fs/errors"
}
cd "$DIR" || exit 1
FIRST=$(ls | grep '\.json$' | head -n 1)
COUNT_BEFORE=$(ls | grep -c '\.json$')

# A copy is a draft until its id is taken out.
forget_changes
ok "a copy can be made" cp "$FIRST" draft.json
is "it is not sent" "$(changes)" ""
ok "it is here" cmp "$FIRST" draft.json
ok "without an id it is a new item" sh -c 'jq "del(.id, .displayName, .assignments)" draft.json >"draft 2.json"'
has "which was made" "$(changes)" "POST $BETA/userSettings {"
has "with the file's name" "$(changes)" '"displayName":"draft 2"'
is "by one request" "$(changes | wc -l)" 1
is "the item stands in the draft's place" "$(jq -r .displayName "draft 2.json")" "draft 2"
ok "with an id of the service's" jq -e '.id | length == 36' "draft 2.json"
ok "a draft can be removed" rm draft.json
is "there is one item more" "$(ls | grep -c '\.json$')" $((COUNT_BEFORE + 1))
unmount_here() {
	cd / && unmount && mount_w365fs "$@" && cd "$DIR"
}

# Names.
forget_changes
ok "a name with %2F" sh -c 'jq "{restorePointSetting, localAdminEnabled}" "$1" >"x%2Fy.json"' - "$FIRST"
has "is decoded" "$(changes)" '"displayName":"x/y"'
forget_changes
ok "mv gives an item another name" mv "draft 2.json" "renamed.json"
is "by a PATCH of its name" "$(changes | sed 's/[0-9a-f-]\{36\}/ID/')" "PATCH $BETA/userSettings/ID {\"displayName\":\"renamed\"}"
is "and it has it" "$(jq -r .displayName renamed.json)" renamed
ok "the old name is gone" test ! -e "draft 2.json"
forget_changes
mv renamed.json "$FIRST" 2>"$TMP/said"
has "an item does not take another one's place" "$(cat "$TMP/said")" "not permitted"
is "nothing was sent for that" "$(changes)" ""

# Removing.
rm -f renamed.json 2>"$TMP/said"
has "rm is refused" "$(cat "$TMP/said")" "Operation not permitted"
has "with the cure" "$(last_error)" "delete"
ok "the file is there" test -e renamed.json
rm -rf "$DIR" 2>/dev/null
is "rm -r does no harm either" "$(ls | grep -c '\.json$')" $((COUNT_BEFORE + 2))
mkdir new 2>"$TMP/said"
has "no directory is made" "$(cat "$TMP/said")" "Operation not permitted"
is "and nothing was sent" "$(changes)" ""
unmount_here -o rw,delete
forget_changes
ok "with -o delete rm removes" rm renamed.json
is "by a DELETE" "$(changes | sed 's/[0-9a-f-]\{36\}/ID/;s/ *$//')" "DELETE $BETA/userSettings/ID"
ok "the file is gone" test ! -e renamed.json
is "and the last version is kept" "$(find "$MNT/.w365fs/history/userSettings/renamed" -name '*.json' | wc -l)" 1
cd "$MNT/provisioningPolicies" || exit 1
ASSIGNED=$(grep -l groupId -- *.json | head -n 1)
rm "$ASSIGNED" 2>"$TMP/said"
ok "a policy that is assigned stays" test -e "$ASSIGNED"
has "and says why" "$(last_error)" "assigned"
cd "$DIR" || exit 1

# Assignments.
GROUP=11111111-aaaa-4bbb-8ccc-222222222222
jq --arg g $GROUP '.assignments += [{target: {"@odata.type": "#microsoft.graph.cloudPcManagementGroupAssignmentTarget", groupId: $g}}]
	| .localAdminEnabled = (.localAdminEnabled | not)' "$FIRST" >"$TMP/new"
forget_changes
ok "a group is added" cp "$TMP/new" "$FIRST"
is "the properties first, then the whole set" "$(changes | sed 's/[0-9a-f-]\{36\}/ID/;s/ {.*//')" "PATCH $BETA/userSettings/ID
POST $BETA/userSettings/ID/assign"
ok "the file has it" jq -e --arg g $GROUP 'any(.assignments[]; .target.groupId == $g)' "$FIRST"
jq '.assignments = []' "$FIRST" >"$TMP/new"
forget_changes
cp "$TMP/new" "$FIRST" 2>"$TMP/said"
has "dropping it is refused" "$(cat "$TMP/said")" "Operation not permitted"
is "before anything is sent" "$(changes)" ""
unmount_here -o rw,destructive=allow
forget_changes
ok "unless that is allowed" cp "$TMP/new" "$FIRST"
is "by the empty set" "$(changes | sed 's/[0-9a-f-]\{36\}/ID/')" "POST $BETA/userSettings/ID/assign {\"assignments\":[]}"

# What is refused by the service stays a draft, and is kept.
printf '{"displayName": "bad", "colour": 1}' >"$TMP/new"
forget_changes
cp "$TMP/new" bad.json 2>"$TMP/said"
has "a new item with an unknown property is refused" "$(cat "$TMP/said")" "Invalid argument"
ok "the draft is here to be mended" cmp "$TMP/new" bad.json
is "and in rejected/ too" "$(find "$MNT/.w365fs/rejected/userSettings/bad" -name '*.json' | wc -l)" 1
ok "once it is mended it is made" sh -c 'printf "{\"displayName\":\"bad\"}" >bad.json'
is "by one request" "$(changes)" "POST $BETA/userSettings {\"displayName\":\"bad\"}"
is "and nothing is left in rejected/" "$(find "$MNT/.w365fs/rejected/userSettings/bad" -name '*.json' 2>/dev/null | wc -l)" 0

# Exchange.
python3 - "$FIRST" <<'PY' >"$TMP/py"
import ctypes, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
f = sys.argv[1]
d = json.load(open(f)); d["localAdminEnabled"] = not d["localAdminEnabled"]
open("t~", "w").write(json.dumps(d))
r = libc.renameat2(-100, b"t~", -100, f.encode(), 2)
print("exchange", r, ctypes.get_errno())
print("swapped", json.load(open(f))["localAdminEnabled"] == d["localAdminEnabled"],
      json.load(open("t~"))["localAdminEnabled"] != d["localAdminEnabled"])
r = libc.renameat2(-100, b"t~", -100, f.encode(), 1)
print("noreplace", os.strerror(ctypes.get_errno()))
os.unlink("t~")
PY
is "texts can be exchanged, and nothing is replaced by mistake" "$(cat "$TMP/py")" "exchange 0 0
swapped True True
noreplace File exists"
cd "$MNT" || exit 1

# The singletons.
forget_changes
ok "a singleton is edited like a file" sed -i 's/"osVersion": .*/"osVersion": "windows10",/' organizationSettings.json
has "by a PATCH" "$(changes)" "PATCH $BETA/organizationSettings"
is "which is in the file" "$(jq -r .osVersion organizationSettings.json)" windows10
is "nothing is left over" "$(ls -A | grep -c sed)" 0

# Every family that can be written, by its file: a change of its name or of a word in it.
edit_family() {
	_file=$(ls "$MNT/$1" | grep '\.json$' | head -n 1)
	forget_changes
	jq "$2" "$MNT/$1/$_file" >"$TMP/new" && cp "$TMP/new" "$MNT/$1/$_file" 2>"$TMP/said" || show said "$(cat "$TMP/said"; last_error)"
	is "$1 is edited by one PATCH" "$(changes | sed 's/ {.*//;s/[^/]*$/ID/')" "PATCH $BETA/$1/ID"
}
edit_family cloudApps '.description = "new"'
edit_family cloudPcPools '.displayName += " 2"'
edit_family externalPartnerSettings '.enableConnection = (.enableConnection | not)'
edit_family externalPartners '.enableConnection = (.enableConnection | not)'
forget_changes
ok "deviceImages: one is made" sh -c "jq -n '{displayName: \"gold\", version: \"1.0.0\", sourceImageResourceId: \"/subscriptions/8f8f8f8f-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.Compute/images/gold\"}' >'$MNT/deviceImages/gold.json'"
has "by a POST" "$(changes)" "POST $BETA/deviceImages {"
sh -c "echo x >>'$MNT/deviceImages/gold.json'" 2>"$TMP/said"
ok "but not edited" [ -s "$TMP/said" ]

# Without the permission nothing can be written, and the modes say so.
cd / && unmount
sim POST '/_sim/roles?roles=CloudPC.Read.All' >/dev/null
mount_w365fs -o rw
is "without the permission the mode says so" "$(stat -c %a "$DIR/$FIRST")" 400
sh -c "echo x >>'$DIR/$FIRST'" 2>"$TMP/said"
has "whoever tries is told so" "$(cat "$TMP/said")" "Permission denied"
# Anybody but root is refused by the kernel, by the mode: the mount never hears of it.
root() {
	[ "$(id -u)" = 0 ]
}
! root || has "root, whom modes do not stop, as well, and what is missing" "$(last_error)" "CloudPC.ReadWrite.All"
unmount
mount_w365fs
sh -c "echo x >'$DIR/new.json'" 2>"$TMP/said"
has "a mount without -o rw is read-only" "$(cat "$TMP/said")" "Read-only file system"
unmount

# What only a person may change. The sign-in for it asks for more than reading.
CONNECTIONS=$MNT/onPremisesConnections
sim POST '/_sim/roles?roles=CloudPC.Read.All+CloudPC.ReadWrite.All' >/dev/null
mount_w365fs -o rw
CONNECTION=$(ls "$CONNECTIONS" | grep '\.json$' | head -n 1)
sh -c "echo x >>'$CONNECTIONS/$CONNECTION'" 2>"$TMP/said"
has "an application may not change a connection" "$(cat "$TMP/said")" "Permission denied"
! root || has "with the reason" "$(last_error)" "only a signed-in person"
unmount
person_signs_in -o rw
is "a person's sign-in for writing" "$(person status --json | jq -r '.permissions')" "read and write"
ok "and its mount" person_mounts -o rw
edit_family onPremisesConnections '.displayName += " 2"'
CONNECTION=$(ls "$CONNECTIONS" | grep '\.json$' | head -n 1)

# A password is never shown again, and not kept.
jq '.adDomainPassword = "hush-hush" | .nonsense = 1' "$CONNECTIONS/$CONNECTION" >"$TMP/new"
cp "$TMP/new" "$CONNECTIONS/$CONNECTION" 2>/dev/null
is "a refused text is kept" "$(ls "$MNT"/.w365fs/rejected/onPremisesConnections/*/*.json | wc -l)" 1
lacks "without its password" "$(cat "$MNT"/.w365fs/rejected/onPremisesConnections/*/*.json)" hush
is "nor is it anywhere on the disk" "$(grep -rl hush "$TMP/state" | wc -l)" 0
lacks "nor in what is said" "$(cat "$MNT/.w365fs/errors")" hush
forget_changes
jq '.adDomainPassword = "hush-hush"' "$CONNECTIONS/$CONNECTION" >"$TMP/new"
ok "it can be set" cp "$TMP/new" "$CONNECTIONS/$CONNECTION"
has "it is sent" "$(changes)" "adDomainPassword"
lacks "and is not in the file afterwards" "$(cat "$CONNECTIONS/$CONNECTION")" hush
is "nor anywhere on the disk" "$(grep -rl hush "$TMP/state" | wc -l)" 0

# A draft outlives the mount as a refused text.
printf '{"id": "00000000-0000-4000-8000-000000000000", "displayName": "later"}' >"$DIR/later.json"
later_is_kept() {
	jq -e '.displayName == "later"' "$XDG_STATE_HOME"/w365fs/*/rejected/userSettings/later/*.json
}
unmount
ok "a draft is kept when the mount ends" eventually later_is_kept # the mount is gone before the daemon is
finish
