# What people trip over on their first day.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

sim_start
SAME="--tenant $TENANT --client-id $CLIENT_ID --client-secret-file $TMP/secret --authority $ENTRA_BASE --graph-endpoint $GRAPH_BASE"

# The daemon leaves the directory it was started in; a file that was named from there must still be found.
MOUNTS=$MNT
(cd "$TMP" && "$W365FS" mount $SAME --ca-file cert.pem "$MNT")
ls "$MNT/servicePlans" >/dev/null
sim POST '/_sim/fault?kind=drop&match=virtualEndpoint%2FuserSettings&times=1' >/dev/null
ok "a relative --ca-file holds when the connection is made anew" ls "$MNT/userSettings"

cat "$MNT/organizationSettings.json" >/dev/null
n=$(graph_requests organizationSettings)
ok "a singleton can be refreshed by its name" "$W365FS" refresh "$MNT" organizationSettings.json
is "with one request" "$(graph_requests organizationSettings)" $((n + 1))
cat "$MNT/crossCloudGovernmentOrganizationMapping.json" 2>/dev/null
has "what only a person may read says so" "$(tail -1 "$MNT/.w365fs/errors")" "only a signed-in person may"
ok "and does not spoil a refresh of everything" "$W365FS" refresh "$MNT"

mkdir "$TMP/copies"
cp -r --no-preserve=mode "$MNT/provisioningPolicies/." "$TMP/copies"
ok "copies can be written" touch "$TMP/copies/new"
kill -9 "$(daemon_pid)"
eventually sh -c "! ls '$MNT' 2>/dev/null"
has "a dead mount tells what to do" "$("$W365FS" refresh "$MNT" 2>&1)" "'w365fs mount' it again"
ok "unmounted" "$W365FS" umount --lazy "$MNT"

# Nobody has granted the permission yet.
sim POST '/_sim/roles?roles=User.Read.All' >/dev/null
has "the mount says what is missing" "$(w365fs_mount 2>&1)" "has not been granted the permission CloudPC.Read.All (it has: User.Read.All)"
ls "$MNT/snapshots" >/dev/null 2>&1
sim POST '/_sim/roles?roles=CloudPC.Read.All' >/dev/null
ok "granted, a refresh gets it" "$W365FS" refresh "$MNT" snapshots
ok "and all can be read" ls "$MNT/snapshots" "$MNT/cloudPCs"
finish
