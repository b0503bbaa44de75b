# A mount's life: signals, refreshes, tokens that run out, changes that show, the ways to end it.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl openssl

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=app -keyout "$TMP/app-key.pem" -out "$TMP/app.pem" 2>"$TMP/openssl.log"
sim_start --client-cert "$TMP/app.pem"
gone() {
	not_mounted && ! pgrep -f "mount .*$MNT\$" >/dev/null
}
for sig in TERM INT; do
	mount_w365fs
	ls "$MNT/cloudPCs" >/dev/null
	kill -$sig "$(daemon_pid)"
	ok "SIG$sig unmounts and ends" eventually gone
done
mount_w365fs
fusermount3 -u "$MNT"
ok "fusermount3 -u ends the daemon" eventually gone
mount_w365fs
ok "w365fs umount too" unmount

mount_w365fs -o ttl=3600
PC=$MNT/cloudPCs/CPC-alexw-7QJ2K.json
id=$(jq -r .id "$PC")
before=$(stat -c '%i %s' "$PC")
sim POST "/_sim/item?collection=cloudPCs&id=$id" '{"status":"failed","unknownProperty":{"b":1,"a":[true,null]}}' >/dev/null
is "what is fresh is not asked for" "$(jq -r .status "$PC")" provisioned
ok "a refresh of one collection" "$W365FS" refresh "$MNT" cloudPCs
is "shows the change" "$(eventually sh -c "jq -e '.status==\"failed\"' '$PC'" && jq -r .status "$PC")" failed
is "with properties that nobody knows, at the end" "$(jq -c 'to_entries[-1]|[.key,.value]' "$PC")" '["unknownProperty",{"b":1,"a":[true,null]}]'
is "under the same number" "$(stat -c %i "$PC")" "${before%% *}"
ok "with its new size" [ "$(stat -c %s "$PC")" = "$(wc -c <"$PC")" ]

sim POST "/_sim/item?collection=cloudPCs&id=$id&delete=1" >/dev/null
kill -HUP "$(daemon_pid)"
ok "SIGHUP refreshes: what was deleted goes" eventually test ! -e "$PC"
is "from the listing too" "$(ls "$MNT/cloudPCs" | grep -c alexw-7QJ2K)" 0
is "O_DIRECT asks anew" "$(sim POST "/_sim/item?collection=organizationSettings" '{"enableSingleSignOn":false}' >/dev/null; dd if="$MNT/organizationSettings.json" iflag=direct bs=4096 2>/dev/null | jq .enableSingleSignOn)" false
has "refresh of what is no mount" "$("$W365FS" refresh "$TMP" 2>&1)" "no collection of a w365fs mount"
number=$(stat -c %i "$MNT/provisioningPolicies/Engineering EU.json")
unmount
mount_w365fs
is "inode numbers survive a remount" "$(stat -c %i "$MNT/provisioningPolicies/Engineering EU.json")" "$number"
unmount

# Tokens of three seconds, a revoked one, and the service away for a while.
sim POST '/_sim/token?expires_in=3' >/dev/null
mount_w365fs -o ttl=1,patience=1
for _i in 1 2 3 4 5; do
	ls "$MNT/userSettings" >/dev/null || echo failed
	sleep 1.1
done >"$TMP/out"
is "a mount outlives its tokens" "$(cat "$TMP/out")" ""
ok "with a new one now and then" [ "$(token_requests)" -ge 4 ]
sim POST '/_sim/token?expires_in=3600' >/dev/null
sleep 1.1
ls "$MNT/userSettings" >/dev/null
sim POST '/_sim/revoke' >/dev/null
sleep 1.1
ok "a revoked token is replaced" ls "$MNT/userSettings"
sim POST '/_sim/fault?kind=drop&match=/&times=0' >/dev/null
sleep 1.1
is "the service is away: the last state is shown" "$(ls "$MNT"/userSettings/*.json | wc -l)" "$(ls "$MNT"/userSettings/by-id | wc -l)"
ok "its age too" jq -e '.collections[]|select(.name=="userSettings")|.stale' "$MNT/.w365fs/status.json"
has "what was never seen fails with a sentence" "$(ls "$MNT/snapshots" 2>&1; tail -1 "$MNT/.w365fs/errors")" "the connection to"
sim DELETE /_sim/fault >/dev/null
ok "and comes when the service is back" eventually sh -c "ls '$MNT/snapshots' >/dev/null"
unmount

# The other credential, and both algorithms.
for alg in ps256 rs256; do
	MOUNTS="$MOUNTS $MNT"
	ok "a certificate signs in ($alg)" "$W365FS" mount --tenant "$TENANT" --client-id "$CERT_CLIENT_ID" --certificate "$TMP/app.pem" --certificate-key "$TMP/app-key.pem" --assertion=$alg \
		--authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" "$MNT"
	is "and reads ($alg)" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
	unmount
done

# By the environment, by the configuration file, and as mount(8) does it.
mkdir -p "$TMP/config/w365fs"
printf 'tenant = %s\ngraph-endpoint = %s\nca-file = %s\n[%s]\nclient-id = %s\n' "$TENANT" "$GRAPH_BASE" "$TMP/cert.pem" "$TENANT" "$CLIENT_ID" >"$TMP/config/w365fs/config"
ok "environment and file together" env AZURE_CLIENT_SECRET="$CLIENT_SECRET" AZURE_AUTHORITY_HOST="$ENTRA_BASE" "$W365FS" mount "$MNT"
is "read" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
lacks "the secret is not in the daemon's environment" "$(tr '\0' '\n' <"/proc/$(daemon_pid)/environ" 2>&1)" "$CLIENT_SECRET"
unmount
ln -s "$W365FS" "$TMP/mount.w365fs"
ok "as a mount helper" "$TMP/mount.w365fs" "$TENANT" "$MNT" -s -o "rw,_netdev,client_id=$CLIENT_ID,client_secret_file=$TMP/secret,authority=$ENTRA_BASE,umask=0022"
is "read" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
is "umask=022 lets others look" "$(stat -c %a "$MNT" "$MNT/provisioningPolicies/Engineering EU.json" | xargs)" "555 444"
MOUNTS="$MOUNTS $MNT"
"$W365FS" umount "$MNT"
"$TMP/mount.w365fs" "$TENANT" "$TMP/none" -o client_id=x 2>/dev/null
is "whose exit code is mount(8)'s" $? 1
finish
