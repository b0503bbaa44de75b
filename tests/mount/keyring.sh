# A person's sign-in where the desktop has a keyring: sealed by it, and by nothing else that lies about.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl dbus-run-session dbus-send gnome-keyring-daemon
if [ -z "${INSIDE:-}" ]; then
	"$W365FS" login --token-cache=keyring --tenant x.example 2>&1 | grep -q "without libsecret" && skip "built without libsecret"
	# A bus that starts nothing by itself.
	cat >"$TMP/bus.conf" <<EOF2
<busconfig><type>session</type><listen>unix:dir=$TMP</listen><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
EOF2
	INSIDE=1 dbus-run-session --config-file "$TMP/bus.conf" -- sh "$0"
	exit
fi
sim_start
export XDG_STATE_HOME="$TMP/state" XDG_DATA_HOME="$TMP/data" XDG_RUNTIME_DIR="$TMP/run" HOME="$TMP"
mkdir -m 700 "$TMP/run"
unset BROWSER DISPLAY WAYLAND_DISPLAY
TOKENS=$XDG_STATE_HOME/w365fs/tokens.json
ME="--tenant $TENANT --client-id $PUBLIC_CLIENT_ID --authority $ENTRA_BASE --graph-endpoint $GRAPH_BASE --ca-file $TMP/cert.pem"

# The daemon makes, or opens, the keyring "login" with the word on its standard input.
secrets() {
	dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets "$@"
}
keyring_start() {
	printf word | gnome-keyring-daemon --foreground --unlock --components=secrets >"$TMP/keyring.log" 2>&1 &
	KEYRING=$!
	PIDS="$PIDS $KEYRING"
	eventually sh -c "dbus-send --session --print-reply --reply-timeout=2000 --dest=org.freedesktop.secrets /org/freedesktop/secrets/aliases/default \
		org.freedesktop.DBus.Properties.Get string:org.freedesktop.Secret.Collection string:Locked | grep -q 'boolean false'" ||
		{ sed 's/^/# /' "$TMP/keyring.log"; skip "no keyring can be had"; }
}
keyring_stop() {
	kill $KEYRING
	wait $KEYRING 2>"$TMP/waited"
}
keys() {
	secrets org.freedesktop.Secret.Service.SearchItems dict:string:string:path,"$TOKENS" | grep -c "object path"
}
me() {
	_command=$1
	shift
	timeout 90 "$W365FS" "$_command" $ME "$@"
}
# login OPTION...: by a code, which somebody enters elsewhere
login() {
	rm -f "$TMP/said"
	me login --auth=device-code "$@" >"$TMP/out" 2>"$TMP/said" &
	LOGIN=$!
	PIDS="$PIDS $LOGIN"
	eventually grep -q "enter the code" "$TMP/said" && sim POST '/_sim/device' >/dev/null
	wait $LOGIN
}
account() {
	jq -r "[.accounts[] | select(.user == \"$SIM_USER\") | $1] | join(\" \")" "$TOKENS"
}

login
is "no keyring: signed in all the same" $? 0
has "kept in a file" "$(cat "$TMP/out")" "$TOKENS, which nobody else may read"
is "as ever" "$(account '.refreshToken != null, .sealed == null')" "true true"
me login --auth=device-code --token-cache=keyring >"$TMP/out" 2>"$TMP/said"
is "unless it must be the keyring" $? 2
has "which is not there" "$(cat "$TMP/said")" "no keyring answers here; or leave --token-cache=keyring away"

keyring_start
MOUNTS=$MNT
ok "mounted by the sign-in of the file" me mount -o ttl=1,patience=1 "$MNT"
is "it reads" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
login
is "a keyring: signed in" $? 0
has "which seals it" "$(cat "$TMP/out")" "sealed by the keyring"
is "it has one key" "$(keys)" 1
is "what is secret is no more to be seen" "$(account '.refreshToken, .accessToken, (.sealed | length > 500)')" "  true"
is "nowhere in that folder" "$(grep -rlE 'eyJ[A-Za-z0-9_-]+\.|"0\.' "$XDG_STATE_HOME")" ""
is "who it is, is" "$(account .grant)" "device-code"
n=$(token_requests)
is "status opens it" "$(me status --json | jq -r .account)" "$SIM_USER"
ok "and so does token" test -n "$(me token)"
is "without another request" "$(token_requests)" "$n"
has "doctor says so" "$(me doctor 2>&1)" "1 of them sealed by the keyring"

sim POST '/_sim/sign-out' >/dev/null
sim POST '/_sim/revoke' >/dev/null
ok "the running mount has lost its token" eventually sh -c "ls '$MNT/userSettings' >/dev/null 2>&1; grep -q 'w365fs login' '$MNT/.w365fs/errors'"
login
sim POST '/_sim/item?collection=organizationSettings' '{"enableSingleSignOn":false}' >/dev/null
ok "and finds the one that the keyring seals" eventually sh -c "jq -e '.enableSingleSignOn == false' '$MNT/organizationSettings.json'"
before=$(account .sealed)
sim POST '/_sim/revoke' >/dev/null
ok "which it renews" ls "$MNT/userSettings"
ok "sealed again" test "$before" != "$(account .sealed)"
is "by the same key" "$(me status --json | jq -r .account) $(keys)" "$SIM_USER 1"

# Locked, and gone.
secrets org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >"$TMP/locked"
me token >"$TMP/out" 2>"$TMP/said"
is "the keyring is locked" $? 2
has "the cure" "$(cat "$TMP/said")" "the keyring is locked: unlock it; or sign in again"
keyring_stop
before=$(account .sealed)
sim POST '/_sim/revoke' >/dev/null
ok "the mount renews without the keyring: it has the key" ls "$MNT/snapshots"
ok "and seals by it" test "$before" != "$(account .sealed)"
unmount
me mount "$MNT" 2>"$TMP/said"
is "a new one is not mounted" $? 2
keyring_start
ok "unlocked, it is" me mount "$MNT"
unmount

# In a file, on request.
login --token-cache="$TMP/plain.json"
is "a file that is named is a file" "$(jq '.accounts[0] | .refreshToken != null' "$TMP/plain.json")" true
has "logout" "$(me logout)" "Signed out here"
is "the keyring has no key any more" "$(keys)" 0
is "twice is no failure" "$(me logout)" "Nobody was signed in."
login --token-cache=keyring
is "on request in the keyring" "$? $(keys) $(account '.sealed != null')" "0 1 true"
is "no secret was said" "$(cat "$TMP"/said "$TMP"/out | grep -cE 'eyJ|refresh_token|[0-9a-f]{64}')" 0
finish
