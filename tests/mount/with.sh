# -o with=: roles, alerts and Intune's devices beside the Cloud PCs, each with a permission of its own, and none of them to be
# written.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start --cloud-pcs 120 --page-size 1000
ALL=with=roles,alerts,managedDevices
NEXT="alertRecords alertRules managedDevices roleAssignments roleDefinitions"
grants() { # PERMISSION...: the application has these
	sim POST "/_sim/roles?roles=$(echo "$*" | tr ' ' +)" >/dev/null
}
asked() { # what was asked of Graph, without queries: METHOD PATH, in order
	sim GET /_sim/log | jq -r '.requests[] | select(.path | test("^/(v1.0|beta)/")) | "\(.method) \(.path | split("?")[0])"'
}
next_door() { # which of them are listed
	(cd "$MNT" && for d in $NEXT; do ls -d */ | grep -x "$d/"; done | tr -d / | xargs)
}
last_error() {
	tail -n 1 "$MNT/.w365fs/errors"
}

# A word that is none.
MOUNTS="$MOUNTS $MNT"
w365fs_mount -o with=rolls 2>"$TMP/said"
is "a word that is none" "$? $(cat "$TMP/said")" "1 w365fs: -o with=rolls is not known: it is one or more of roles, alerts, managedDevices"
w365fs_mount -o with=roles,rolls 2>"$TMP/said"
is "nor as the second one" "$? $(cat "$TMP/said")" "1 w365fs: unknown option -o rolls, and nothing that -o with= takes"
w365fs_mount -o alerts 2>"$TMP/said"
is "nor alone" "$? $(cat "$TMP/said")" "1 w365fs: unknown option -o alerts"

# Without the option there is nothing of it.
mount_w365fs
is "without it they are not there" "$(next_door)" ""
is "not even by name" "$(ls -d "$MNT/roleDefinitions" "$MNT/.w365fs/schema/alertRules.schema.json" 2>/dev/null)" ""
lacks "nor in README.md" "$(cat "$MNT/README.md")" "RoleManagement"
unmount

# An application, which has no permission for alerts at all.
grants CloudPC.ReadWrite.All RoleManagement.ReadWrite.CloudPC DeviceManagementManagedDevices.ReadWrite.All
mount_w365fs -o rw,ttl=3600,$ALL
is "an application sees what it can have" "$(next_door)" "managedDevices roleAssignments roleDefinitions"
has "README.md tells whose they are" "$(grep '^| `alertRules/`' "$MNT/README.md")" "CloudPC.Read.All, for a signed-in person only"
forget_changes
is "roles" "$(cd "$MNT/roleDefinitions" && ls -- *.json)" "Cloud PC Administrator.json
Cloud PC Reader.json
Helpdesk: restart & restore.json"
is "with what they allow" "$(jq -r '.rolePermissions[0].allowedResourceActions | index("Microsoft.CloudPC/CloudPCs/Reboot") != null' "$MNT/roleDefinitions/Helpdesk: restart & restore.json")" true
is "grouped" "$(ls "$MNT/roleDefinitions/by-builtIn/false")" "Helpdesk: restart & restore.json"
role=$(jq -r .id "$MNT/roleDefinitions/Cloud PC Reader.json")
is "who has one" "$(ls "$MNT/roleAssignments/by-role/$role")" "Auditors read.json"
group=$(jq -r '.principalIds[0]' "$MNT/roleAssignments/Auditors read.json")
is "by the group" "$(ls "$MNT/roleAssignments/by-principal/$group")" "Auditors read.json"
is "one listing each" "$(asked)" "GET /beta/roleManagement/cloudPC/roleDefinitions
GET /beta/roleManagement/cloudPC/roleAssignments"

# A Cloud PC and its device.
cat "$MNT"/cloudPCs/*.json >/dev/null
forget_changes
jq -r 'select(.managedDeviceId) | "\(.managedDeviceId) \(.managedDeviceName).json"' "$MNT"/cloudPCs/*.json | sort >"$TMP/wanted"
(cd "$MNT/managedDevices" && jq -r '"\(.id) \(input_filename)"' -- *.json) | sort >"$TMP/devices"
is "there is none but those of Cloud PCs" "$(grep -vxFf "$TMP/wanted" "$TMP/devices")" ""
is "and for each of them a file of the same name" "$(wc -l <"$TMP/devices")" "$(wc -l <"$TMP/wanted")"
is "by one listing" "$(asked)" "GET /beta/deviceManagement/managedDevices"
has "which was asked for them alone" "$(sim GET /_sim/log | jq -r '.requests[] | .query // empty')" "startswith(model,'Cloud%20PC')"
read -r id name <"$TMP/wanted"
is "by the id that the Cloud PC tells" "$(cat "$MNT/managedDevices/by-id/$id.json")" "$(cat "$MNT/managedDevices/$name")"
is "and back" "$(ls "$MNT/cloudPCs/by-managedDevice/$id")" "$name"
ok "with all that the service tells" jq -e '.totalStorageSpaceInBytes > 2147483647 and has("complianceState")' "$MNT/managedDevices/$name"
ok "grouped" test -e "$MNT/managedDevices/by-compliance/compliant"
ok "by its user" test -e "$MNT/managedDevices/by-user/$(jq -r .userPrincipalName "$MNT/managedDevices/$name")/$name"
is "nothing of all that was asked for alone" "$(asked | wc -l)" 1

# Read only, whatever the mount may.
is "nobody writes them" "$(stat -c %a "$MNT/managedDevices/$name" "$MNT/roleDefinitions/Cloud PC Reader.json" "$MNT/roleDefinitions" | xargs)" "400 400 500"
is "nor removes" "$(rm -f "$MNT/roleAssignments/Auditors read.json" 2>&1 | grep -c 'cannot remove')" 1
is "nor makes" "$(sh -c "echo '{}' >'$MNT/roleDefinitions/x.json'" 2>&1 | grep -c 'cannot create')" 1
is "nothing was sent" "$(changes)" ""
is "they have no verbs" "$(ls -d "$MNT"/managedDevices/actions "$MNT"/role*/actions 2>/dev/null)" ""
cat "$MNT"/alertRules/*.json >/dev/null 2>&1
ls "$MNT/alertRules" >/dev/null 2>"$TMP/said"
has "what only a person may read" "$(cat "$TMP/said")" "Permission denied"
has "is told so" "$(last_error)" "signed-in"
unmount

# Should the service not take the filter, what is not meant is left out here.
sim POST '/_sim/fault?match=/deviceManagement/managedDevices&kind=status&status=400&code=BadRequest' >/dev/null
mount_w365fs -o with=managedDevices
forget_changes
is "without the filter" "$(ls "$MNT"/managedDevices/*.json | wc -l)" "$(wc -l <"$TMP/wanted")"
is "it takes one more request" "$(asked | wc -l)" 2
is "and only what was asked for is there" "$(next_door)" managedDevices
unmount

# A permission is missing: that directory, and no other.
grants CloudPC.Read.All DeviceManagementManagedDevices.Read.All
mount_w365fs -o $ALL
ls "$MNT/roleDefinitions" >/dev/null 2>"$TMP/said"
has "without the permission a directory is closed" "$(cat "$TMP/said")" "Permission denied"
has "which names it" "$(last_error)" "needed is the permission RoleManagement.Read.CloudPC"
ok "the others are not" test -e "$MNT/managedDevices/$name"
ok "nor are the Cloud PCs" test -e "$MNT/cloudPCs/$name"
unmount
mount_w365fs --api=v1.0 -o $ALL
is "v1.0 has the devices alone" "$(next_door)" managedDevices
ok "and shows them" test -e "$MNT/managedDevices/$name"
unmount

# A person, who is asked for the permissions when they are wanted, and reads on without them.
scopes() {
	person status --json "$@" 2>/dev/null | jq -r '.scopes - ["email", "offline_access", "openid", "profile"] | sort | join(" ")'
}
ok "a sign-in" person_signs_in
is "asks for the Cloud PCs alone" "$(scopes)" CloudPC.Read.All
ok "its mount" person_mounts -o ttl=3600,$ALL 2>"$TMP/said"
has "tells what is missing, and how it is had" "$(cat "$TMP/said")" \
	"the sign-in lacks RoleManagement.Read.CloudPC, DeviceManagementManagedDevices.Read.All: run 'w365fs login' with the -o options of the mount"
ls "$MNT/roleAssignments" >/dev/null 2>"$TMP/said"
has "a directory is closed" "$(cat "$TMP/said")" "Permission denied"
has "and its permission named" "$(last_error)" "RoleManagement.Read.CloudPC"
ok "the Cloud PCs are there" test -e "$MNT/cloudPCs/$name"
is "and the alerts, which take no more" "$(cat "$MNT"/alertRules/*.json | jq -s length)" 4
is "those that are not over" "$(cat "$MNT"/alertRecords/by-status/active/*.json | jq -r .status | sort -u)" active
ok "of one rule" test -e "$MNT/alertRecords/by-rule/$(jq -r .id "$MNT"/alertRules/*.json | head -n 1)"
unmount
ok "one with more" person_signs_in -o $ALL
is "asks for that" "$(scopes -o $ALL)" "CloudPC.Read.All DeviceManagementManagedDevices.Read.All RoleManagement.Read.CloudPC"
ok "and its mount" person_mounts -o rw,$ALL 2>"$TMP/said"
has "misses writing" "$(cat "$TMP/said")" "run 'w365fs login -o rw' to add the permission CloudPC.ReadWrite.All"
is "and shows all" "$(next_door)" "$NEXT"
is "of all" "$(ls "$MNT"/roleDefinitions/*.json "$MNT"/alertRules/*.json | wc -l) $(ls "$MNT"/managedDevices/*.json | wc -l)" "7 $(wc -l <"$TMP/wanted")"
unmount
has "permissions names them" "$("$W365FS" permissions | grep '^roleAssignments *list' | tr -s ' ')" \
	"RoleManagement.Read.CloudPC RoleManagement.Read.CloudPC (-o with=roles)"
finish
