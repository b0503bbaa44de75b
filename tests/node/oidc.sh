# An OpenID-certified authorization server takes what we send: parameters, PKCE, the certificate's assertion, refreshes.
. "$TEST_LIB/lib.sh"
requires jq curl python3 openssl setsid
requires_localhost
. "$NODE_SOURCE/lib.sh"

T=11111111-2222-4333-8444-555555555555 PERSON=aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee APP=bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=app -keyout "$TMP/k.pem" -out "$TMP/c.pem" 2>"$TMP/openssl.log"
(umask 077 && cat "$TMP/k.pem" "$TMP/c.pem" >"$TMP/app.pem")
node -e 'const k = require("crypto").createPublicKey(require("fs").readFileSync(process.argv[1])).export({ format: "jwk" });
	console.log(JSON.stringify({ keys: [{ ...k, use: "sig", alg: "PS256" }] }))' "$TMP/c.pem" >"$TMP/jwks.json"
mkfifo "$TMP/ready"
: >"$TMP/log"
(cd "$NODE_DIR" && exec node oidc.mjs $T $PERSON $APP "$TMP/jwks.json" "$TMP/log" >"$TMP/ready" 2>"$TMP/oidc.log") &
PIDS="$PIDS $!"
read -r _word ORIGIN <"$TMP/ready" || { sed 's/^/# /' "$TMP/oidc.log"; echo "Bail out! the server does not start"; exit 1; }
export XDG_STATE_HOME="$TMP/state" SIM_USER=mira SIM_PASSWORD=any CACERT=/etc/ssl/certs/ca-certificates.crt PAGE="$TMP/page"
[ -f "$CACERT" ] || CACERT=$TMP/c.pem
unset BROWSER DISPLAY WAYLAND_DISPLAY
as() {
	_client=$1
	shift
	"$W365FS" "$@" --tenant $T --client-id $_client --authority "$ORIGIN"
}
seen() {
	jq -s -c "$1" "$TMP/log"
}

ok "a certificate's assertion (PS256) is taken" test -n "$(as $APP token --certificate "$TMP/app.pem")"
is "with what the standard wants" "$(seen '.[-1] | [.event, .grant, .scope]')" '["grant.success","client_credentials","https://graph.microsoft.com/.default"]'
as $APP token --certificate "$TMP/app.pem" --assertion=rs256 >"$TMP/out" 2>&1
is "by the other algorithm it is not registered for" $? 2

cat >"$TMP/browser" <<EOF
#!/bin/sh
exec python3 "$TEST_LIB/browser.py" "\$1" 2>"$TMP/browser.log"
EOF
chmod +x "$TMP/browser"
BROWSER=$TMP/browser as $PERSON login >"$TMP/out" 2>"$TMP/said"
is "the browser's way, with PKCE" $? 0
ok "comes back" eventually grep -q "You are signed in" "$PAGE"
is "redeemed with the verifier" "$(seen '.[-1] | [.event, .grant, (.names | index("code_verifier") != null)]')" '["grant.success","authorization_code",true]'
one=$(as $PERSON token)
sleep 8 # tokens live ten seconds: there is less than a minute left, so that the next one is asked for
two=$(as $PERSON token)
ok "the refresh token brings another" test -n "$two" -a "$one" != "$two"
is "by that grant" "$(seen '.[-1] | [.event, .grant]')" '["grant.success","refresh_token"]'

# Twenty who wait for one new token: commands, and readers of a mount.
refreshes() {
	seen '[.[] | select(.grant == "refresh_token") | .event]'
}
server() {
	curl -sS -X POST "$ORIGIN/_test/$1"
}
server life?seconds=3600
TOKENS=$XDG_STATE_HOME/w365fs/tokens.json
(umask 077 && jq '.accounts[].expires = 1' "$TOKENS" >"$TMP/old") && mv "$TMP/old" "$TOKENS"
n=$(refreshes | jq length)
pids=
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	as $PERSON token >"$TMP/token.$i" 2>&1 &
	pids="$pids $!"
done
wait $pids
is "twenty commands, one refresh" "$(($(refreshes | jq length) - n))" 1
is "and one token" "$(cat "$TMP"/token.* | sort | uniq -c | wc -l) $(cat "$TMP"/token.* | wc -l)" "1 20"
if [ -w /dev/fuse ]; then
	MOUNTS=$MNT
	as $PERSON mount --graph-endpoint "$ORIGIN" "$MNT" || { echo "Bail out! cannot mount"; exit 1; }
	server revoke
	n=$(refreshes | jq length)
	pids=
	for collection in $(cd "$MNT" && ls -dU */ */ | head -n 20); do # all of them, and some once more
		ls "$MNT/$collection" >/dev/null 2>>"$TMP/ls" &
		pids="$pids $!"
	done
	wait $pids
	is "twenty readers" "$(echo $pids | wc -w) $(cat "$TMP/ls")" "20 "
	is "one refresh" "$(($(refreshes | jq length) - n))" 1
	unmount
fi
is "none was refused" "$(refreshes | jq -c unique)" '["grant.success"]'
as $PERSON logout >/dev/null

as $PERSON login --auth=device-code >"$TMP/out" 2>"$TMP/said" &
LOGIN=$!
PIDS="$PIDS $LOGIN"
eventually grep -q "enter the code" "$TMP/said"
USER_CODE=$(sed -n 's/.*enter the code \([A-Z-]*\).*/\1/p' "$TMP/said") python3 "$TEST_LIB/browser.py" "$ORIGIN/device" 2>"$TMP/browser.log"
wait $LOGIN
is "the device code's way" $? 0
is "pending until then" "$(seen '[.[] | select(.grant == "urn:ietf:params:oauth:grant-type:device_code") | .error // .event] | .[-1]')" '"grant.success"'
is "nothing was refused that should not be" "$(seen '[.[] | select(.event == "grant.error") | .error] - ["authorization_pending", "invalid_client"]')" "[]"
finish
