# The page that a sign-in ends with, in a real browser.
. "$TEST_LIB/lib.sh"
requires jq openssl curl setsid
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no chromium"
requires_localhost
. "$NODE_SOURCE/lib.sh"

sim_start
export XDG_STATE_HOME="$TMP/state" SIM_USER SIM_PASSWORD CHROMIUM SEEN="$TMP/seen"
cat >"$TMP/browser" <<EOF
#!/bin/sh
cd "$NODE_DIR" && exec node visit.mjs "\$1" 2>"$TMP/browser.log"
EOF
chmod +x "$TMP/browser"
login() {
	rm -f "$SEEN"
	BROWSER=$TMP/browser timeout 90 "$W365FS" login --tenant "$TENANT" --client-id "$PUBLIC_CLIENT_ID" --authority "$ENTRA_BASE" \
		--graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" >"$TMP/out" 2>"$TMP/said"
	_code=$?
	eventually test -s "$SEEN" || sed 's/^/# /' "$TMP/browser.log"
	return $_code
}
seen() {
	jq -r "$1" "$SEEN"
}

login
is "signed in" $? 0
is "the page says so" "$(seen .heading)" "You are signed in"
is "without a script" "$(seen .scripts)" 0
is "without a complaint of the browser" "$(seen '.complaints | map(select(test("favicon") | not)) | length')" 0
is "it fits" "$(seen .fits)" true
ok "it is dark where the person likes that" [ "$(seen .light)" != "$(seen .dark)" ]
sim POST '/_sim/consent?clear=1' >/dev/null
ANSWER=cancel login
is "cancelled" $? 2
is "the page says that, too" "$(seen .heading)" "You are not signed in"
finish
