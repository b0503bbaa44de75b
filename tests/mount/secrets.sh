# No secret, token or assertion is ever said: not in logs at any verbosity, not in errors, not in the tree, not to other
# processes, not in a core dump.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl openssl

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=app -keyout "$TMP/app-key.pem" -out "$TMP/app.pem" 2>"$TMP/openssl.log"
sim_start --client-cert "$TMP/app.pem"

# Everything that a very talkative run says, with troubles on the way.
MOUNTS=$MNT
AZURE_CLIENT_SECRET=$CLIENT_SECRET "$W365FS" mount -d --tenant "$TENANT" --client-id "$CLIENT_ID" --authority "$ENTRA_BASE" \
	--graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" -o ttl=1 "$MNT" >"$TMP/said" 2>&1 &
DAEMON=$!
PIDS="$PIDS $DAEMON"
mounted() {
	! not_mounted
}
ok "it mounts" eventually mounted
sim POST '/_sim/fault?kind=unauthorized&match=cloudPCs&times=1' >/dev/null
sim POST '/_sim/fault?kind=status&status=403&code=Forbidden&match=userSettings&times=0' >/dev/null
sim POST '/_sim/fault?kind=link&url=https%3A%2F%2Fevil.example%2F&match=snapshots&times=0' >/dev/null
cat "$MNT"/cloudPCs/*.json >"$TMP/read"
ls "$MNT/userSettings" "$MNT/snapshots" >"$TMP/ls" 2>&1
cat "$MNT/.w365fs/status.json" "$MNT/.w365fs/errors" "$MNT/README.md" >"$TMP/tree"
tr '\0' '\n' <"/proc/$DAEMON/cmdline" >"$TMP/cmdline"
cat "/proc/$DAEMON/environ" 2>&1 | tr '\0' '\n' >"$TMP/environ" # root alone may look at all
token=$(curl -sS --cacert "$TMP/cert.pem" "$ENTRA_BASE/$TENANT/oauth2/v2.0/token" --data-urlencode "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET" \
	-d grant_type=client_credentials --data-urlencode scope=https://graph.microsoft.com/.default | jq -r .access_token)
head=$(printf %s "$token" | cut -d. -f1) # what every token of this tenant begins with
ok "the log is talkative" [ "$(grep -c . "$TMP/said")" -gt 100 ]
has "the token would be known if it were said" "$token" "$head"
for where in said read ls tree cmdline environ; do
	is "$where: not the secret" "$(grep -cF -e "$CLIENT_SECRET" "$TMP/$where")" 0
	is "$where: not encoded either" "$(grep -cF -e "$(printf %s "$CLIENT_SECRET" | jq -sRr @uri)" "$TMP/$where")" 0
	is "$where: no token" "$(grep -c -e 'Bearer ' -e "$head" "$TMP/$where")" 0
	is "$where: nor anything that looks like one" "$(grep -cE 'eyJ[A-Za-z0-9_-]{20}' "$TMP/$where")" 0
done
is "no core dump" "$(grep 'Max core file size' "/proc/$DAEMON/limits" | awk '{print $5}')" 0
is "other processes of this user may not look" "$(stat -c %U "/proc/$DAEMON/mem")" root
unmount || kill $DAEMON
wait $DAEMON

# The same of a certificate's assertion, refused so that there is something to say.
"$W365FS" mount -d --tenant "$TENANT" --client-id "$CLIENT_ID" --certificate "$TMP/app.pem" --certificate-key "$TMP/app-key.pem" --authority "$ENTRA_BASE" \
	--graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" "$MNT" >"$TMP/said" 2>&1
is "refused" $? 2
is "no assertion is said" "$(grep -cE 'eyJ|client_assertion' "$TMP/said")" 0

# And of a person: code, tokens, the refresh token, in everything that a sign-in and a mount say.
export XDG_STATE_HOME="$TMP/state"
ME="--tenant $TENANT --client-id $PUBLIC_CLIENT_ID --authority $ENTRA_BASE --graph-endpoint $GRAPH_BASE --ca-file $TMP/cert.pem"
sim POST '/_sim/device?interval=0' >/dev/null
"$W365FS" login -v --auth=device-code $ME >"$TMP/login" 2>&1 &
LOGIN=$!
PIDS="$PIDS $LOGIN"
ok "a code is shown" eventually grep -q "enter the code" "$TMP/login"
sim POST '/_sim/device' >/dev/null
wait $LOGIN
sim POST '/_sim/token?expires_in=4' >/dev/null
sim POST '/_sim/revoke' >/dev/null
"$W365FS" mount -d $ME "$MNT" >"$TMP/said" 2>&1 &
DAEMON=$!
PIDS="$PIDS $DAEMON"
ok "mounted by that" eventually mounted
ls "$MNT/cloudPCs" "$MNT/userSettings" >"$TMP/ls" 2>&1
cat "$MNT/.w365fs/status.json" "$MNT/.w365fs/errors" "$MNT/.w365fs/metrics" >"$TMP/tree"
"$W365FS" status --json $ME >"$TMP/status" 2>&1
"$W365FS" doctor --json $ME >"$TMP/doctor" 2>&1
unmount || kill $DAEMON
wait $DAEMON
jq -r '.accounts[] | .refreshToken, .accessToken' "$XDG_STATE_HOME/w365fs/tokens.json" >"$TMP/secrets"
is "there are secrets to look for" "$(grep -c . "$TMP/secrets")" 2
for where in login said ls tree status doctor; do
	is "$where: none of them" "$(grep -cF -f "$TMP/secrets" "$TMP/$where")" 0
	is "$where: nothing that looks like one" "$(grep -cE 'eyJ[A-Za-z0-9_-]{20}|refresh_token=|device_code=|code_verifier' "$TMP/$where")" 0
done
finish
