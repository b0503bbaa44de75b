# Signing in as a person: once, by the browser or a code, for all mounts to come; and what happens when that ends.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3 setsid timeout

requires_localhost

sim_start
export XDG_STATE_HOME="$TMP/state" SIM_USER SIM_PASSWORD CACERT="$TMP/cert.pem" PAGE="$TMP/page"
unset BROWSER DISPLAY WAYLAND_DISPLAY
ME="--tenant $TENANT --client-id $PUBLIC_CLIENT_ID --authority $ENTRA_BASE --graph-endpoint $GRAPH_BASE --ca-file $TMP/cert.pem"
TOKENS=$XDG_STATE_HOME/w365fs/tokens.json

me() {
	_command=$1
	shift
	timeout 90 "$W365FS" "$_command" $ME "$@"
}
MOUNTS=$MNT
me mount "$MNT" </dev/null 2>"$TMP/said"
is "a mount without a sign-in" $? 2
has "tells what to do" "$(cat "$TMP/said")" "w365fs login"
me token >"$TMP/said" 2>&1
is "so does token" $? 2

me login --auth=client-secret >"$TMP/out" 2>"$TMP/said"
is "an application does not log in" $? 1
has "it need not" "$(cat "$TMP/said")" "signs in by itself"

# By a code.
me login --auth=device-code >"$TMP/out" 2>"$TMP/said" &
LOGIN=$!
PIDS="$PIDS $LOGIN"
ok "a code is shown" eventually grep -q "enter the code" "$TMP/said"
sim POST '/_sim/device' >/dev/null
wait $LOGIN
is "approved, it ends well" $? 0
has "and says who" "$(cat "$TMP/out")" "$SIM_USER"
is "kept for this user alone" "$(stat -c %a "$TOKENS" "$XDG_STATE_HOME/w365fs" | xargs)" "600 700"
n=$(token_requests)
ok "token prints one" test -n "$(me token)"
is "that Graph takes" "$(curl -sS -o /dev/null -w '%{http_code}' --cacert "$TMP/cert.pem" -H "Authorization: Bearer $(me token)" -H 'User-Agent: t' "$GRAPH_BASE/v1.0/deviceManagement/virtualEndpoint/cloudPCs?\$top=1")" 200
is "as JSON" "$(me status --json | jq -c '[.account, .grant, .permissions, .roles]')" "[\"$SIM_USER\",\"device-code\",\"read\",[]]"
is "all that without another request" "$(token_requests)" "$n"

ok "the mount needs nobody" me mount -o ttl=1,patience=1 "$MNT"
is "and reads" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
ok "what only a person may read is there" cat "$MNT/crossCloudGovernmentOrganizationMapping.json"

# A token's life is short; then the sign-in itself ends.
sim POST '/_sim/token?expires_in=3' >/dev/null
sim POST '/_sim/revoke' >/dev/null
ok "a revoked token is renewed" ls "$MNT/userSettings"
sleep 4
ok "and an old one" ls "$MNT/userSettings"
sim POST '/_sim/sign-out' >/dev/null
sim POST '/_sim/revoke' >/dev/null
sleep 2
is "the last snapshot is shown when the sign-in has ended" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
ok "the errors say what to do" eventually grep -q "w365fs login" "$MNT/.w365fs/errors"
me status >"$TMP/out" 2>&1
is "status knows" $? 2
has "and why" "$(cat "$TMP/out")" "sign in again by 'w365fs login': the sign-in was revoked"

# By the browser, while the mount waits.
sim POST '/_sim/token?expires_in=3599' >/dev/null
sim POST '/_sim/item?collection=organizationSettings' '{"enableSingleSignOn":false}' >/dev/null
cat >"$TMP/browser" <<EOF
#!/bin/sh
exec python3 "$TEST_LIB/browser.py" "\$1" 2>"$TMP/browser.log"
EOF
chmod +x "$TMP/browser"
BROWSER="$TMP/browser" me login >"$TMP/out" 2>"$TMP/said"
is "the browser signs in" $? 0
has "the address is printed as well" "$(cat "$TMP/said")" "$ENTRA_BASE/$TENANT/oauth2/v2.0/authorize"
ok "the page is friendly" eventually grep -q "You are signed in" "$PAGE"
is "without a script" "$(grep -c '<script' "$PAGE")" 0
is "the running mount goes on by itself" "$(eventually sh -c "jq -e '.enableSingleSignOn == false' '$MNT/organizationSettings.json'" && jq .enableSingleSignOn "$MNT/organizationSettings.json")" false
unmount

# More than reading: whoever has consented to reading reads on, and signing in with more adds it.
mode() {
	stat -c %a "$MNT/userSettings/Local administrators.json"
}
sim POST '/_sim/consent?clear=1' >/dev/null
BROWSER="$TMP/browser" me login >"$TMP/out" 2>"$TMP/said"
ok "a mount that writes" me mount -o rw,ttl=1,patience=1 "$MNT" 2>"$TMP/said"
has "says what is missing" "$(cat "$TMP/said")" "run 'w365fs login -o rw' to add the permission CloudPC.ReadWrite.All"
is "shows it" "$(mode)" 400
sim POST '/_sim/revoke' >/dev/null
ok "reads on when the token has ended" ls "$MNT/snapshots"
is "the sign-in serves others as before" "$(me status --json | jq -r .permissions)" read
BROWSER="$TMP/browser" me login -o rw >"$TMP/out" 2>"$TMP/said"
is "signed in with more" "$? $(me status --json | jq -r .permissions)" "0 read and write"
ok "the running mount has it, too" eventually sh -c "[ \"\$(stat -c %a '$MNT/userSettings/Local administrators.json')\" = 600 ]"
unmount

# Cancelled.
sim POST '/_sim/consent?clear=1' >/dev/null
ANSWER=cancel BROWSER="$TMP/browser" me login >"$TMP/out" 2>"$TMP/said"
is "cancelled on the page" $? 2
has "said so" "$(cat "$TMP/said")" "the sign-in was cancelled"
ok "there too" eventually grep -q "You are not signed in" "$PAGE"
sim POST '/_sim/policy?grant=device_code&code=530035' >/dev/null
me login --auth=device-code >"$TMP/out" 2>"$TMP/said" &
LOGIN=$!
PIDS="$PIDS $LOGIN"
eventually grep -q "enter the code" "$TMP/said"
sim POST '/_sim/device' >/dev/null
wait $LOGIN
is "blocked by the organisation" $? 2
has "with the other way" "$(cat "$TMP/said")" "--auth=browser"

sim POST '/_sim/policy?clear=1' >/dev/null
sim POST '/_sim/consent?clear=1' >/dev/null
XDG_STATE_HOME=/proc/nowhere BROWSER="$TMP/browser" me login >"$TMP/out" 2>"$TMP/said"
is "a sign-in that cannot be kept" $? 4
has "is told so" "$(cat "$TMP/said")" "--token-cache"

has "logout" "$(me logout)" "Signed out here"
is "forgets" "$(jq '.accounts | length' "$TOKENS")" 0
is "twice is no failure" "$(me logout)" "Nobody was signed in."
is "no secret was said" "$(cat "$TMP"/said "$TMP"/out "$TMP"/browser.log | grep -cE 'eyJ[A-Za-z0-9_-]+\.|refresh_token')" 0
finish
