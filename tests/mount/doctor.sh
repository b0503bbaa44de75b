# w365fs doctor: every thing that may be missing is named, with the next step, and nothing else is blamed for it.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl openssl

sim_start
export XDG_STATE_HOME="$TMP/state"
TOKENS=$XDG_STATE_HOME/w365fs/tokens.json
BAD=$TMP/bad
# try WHY CODE COMMAND...: runs it twice, for text in OUT and JSON in JSON.
try() {
	_w=$1 _code=$2
	shift 2
	OUT=$("$@" 2>&1)
	is "$_w: exit code" $? "$_code"
	JSON=$("$@" --json 2>"$TMP/err")
	is "$_w: the same with --json" $? "$_code"
	ok "$_w: an array of checks" jq -e 'length > 4 and all(.[]; (keys == ["check", "detail", "next", "ok"]) and (.ok == null or .ok == true or .next != null))' <<-EOF
		$JSON
	EOF
	is "$_w: nothing else is said" "$(cat "$TMP/err")" ""
	lacks "$_w: no secret" "$OUT$JSON" "$CLIENT_SECRET"
	is "$_w: no token" "$(printf %s "$OUT$JSON" | grep -c 'eyJ')" 0
}
# state CHECK: true, false, null (skipped) or absent.
state() {
	printf %s "$JSON" | jq -r --arg c "$1" 'map(select(.check == $c)) | if . == [] then "absent" else .[0].ok end'
}
# failed: the names of the checks that failed.
failed() {
	printf %s "$JSON" | jq -r '[.[] | select(.ok == false) | .check] | join(",")'
}
doc() {
	"$W365FS" doctor --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" --authority "$ENTRA_BASE" \
		--graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" "$@"
}
me() {
	_command=$1
	shift
	"$W365FS" "$_command" --tenant "$TENANT" --client-id "$PUBLIC_CLIENT_ID" --authority "$ENTRA_BASE" \
		--graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" "$@"
}
# An application.
try "a secret" 0 doc
is "a secret: every line is fine" "$(printf '%s\n' "$OUT" | grep -vcE '^(ok  |skip) ')" 0
has "which grant, from where" "$OUT" "signs in by auto: client-secret (the command line)"
has "what it may" "$OUT" "ok   permission: CloudPC.ReadWrite.All: read and write"
has "an application needs no role" "$OUT" "skip role: an application needs none"
is "Windows 365 answers" "$(state "Windows 365")" true
is "three questions are asked" "$(sim DELETE /_sim/log >/dev/null; doc >/dev/null; sim GET '/_sim/log?counts=1' | jq '.entra + .graph')" 3
is "no file is made" "$(ls "$XDG_STATE_HOME" 2>/dev/null)" ""
mkdir -p "$XDG_CONFIG_HOME/w365fs"
printf 'tenant = %s\nclient-id = %s\nclient-secret-file = %s\nauthority = %s\ngraph-endpoint = %s\nca-file = %s\n' "$TENANT" "$CLIENT_ID" \
	"$TMP/secret" "$ENTRA_BASE" "$GRAPH_BASE" "$TMP/cert.pem" >"$XDG_CONFIG_HOME/w365fs/config"
try "a configuration file" 0 "$W365FS" doctor
has "is named" "$OUT" "ok   configuration: $XDG_CONFIG_HOME/w365fs/config"
has "as the source" "$OUT" "client-secret (the configuration file)"
chmod 666 "$XDG_CONFIG_HOME/w365fs/config"
try "one that others may write" 1 "$W365FS" doctor
has "says how to mend it" "$OUT" "chmod 600 it"
is "what depends on it is skipped" "$(state sign-in)" null
is "and what does not is not" "$(state "FUSE device")" true
rm -r "$XDG_CONFIG_HOME/w365fs"

(umask 077 && echo wrong-secret >"$BAD")
try "wrong secret" 2 doc --client-secret-file "$BAD"
is "wrong secret: alone" "$(failed)" sign-in
has "wrong secret: sentence" "$OUT" "FAIL sign-in: the client secret is wrong"
lacks "wrong secret: not shown" "$OUT" wrong-secret
is "wrong secret: the rest is skipped" "$(printf %s "$JSON" | jq -c '[.[] | select(.ok == null) | .check]')" '["permission","Microsoft Graph","role","Windows 365"]'
has "with the reason" "$OUT" 'skip permission: "sign-in" comes first'
chmod 644 "$BAD"
try "secret readable by others" 1 doc --client-secret-file "$BAD"
is "it is the settings" "$(failed)" settings
try "unknown tenant" 2 doc --tenant no-such-tenant.example
is "unknown tenant: alone" "$(failed)" tenant
has "unknown tenant: sentence" "$OUT" "does not exist in this cloud: check --tenant"
try "a tenant that is none" 1 doc --tenant 'a/b?c'
try "unknown application" 2 doc --client-id aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee
has "unknown application: sentence" "$OUT" "is not known in tenant"
try "no application" 1 "$W365FS" doctor --tenant "$TENANT" --client-secret-file "$TMP/secret" --authority "$ENTRA_BASE" --ca-file "$TMP/cert.pem"
has "no application: sentence" "$OUT" "give --client-id"
is "no application: the network is looked at all the same" "$(state tenant)" true

# The network.
try "unreachable host" 3 doc --authority https://127.0.0.1:1
is "unreachable host: alone" "$(failed)" "sign-in host"
has "unreachable host: next" "$OUT" "; next: see whether this computer is online"
try "a host without a name" 3 doc --authority https://no-such-host.invalid
try "untrusted certificate" 3 "$W365FS" doctor --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE"
has "untrusted certificate: next" "$OUT" "next: give --ca-file"
try "Graph out of reach" 3 doc --graph-endpoint https://127.0.0.1:1
is "Graph out of reach: alone" "$(failed)" "Microsoft Graph"
try "a CA file that is none" 1 doc --ca-file /nonexistent
try "plain http elsewhere" 1 doc --authority http://login.example
try "a proxy" 3 env https_proxy=http://me:hunter2@127.0.0.1:1 "$W365FS" doctor --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret"
has "a proxy: its address" "$OUT" 'login.microsoftonline.com: http://***@127.0.0.1:1 of $https_proxy'
lacks "a proxy: without its password" "$OUT$JSON" hunter2
has "a proxy: is suspected" "$OUT" 'next: see whether the proxy of $https_proxy is right'

try "another name" 3 doc --authority "$(printf %s "$ENTRA_BASE" | sed 's/127.0.0.1/127.0.0.2/')"
try "no managed identity" 3 env IDENTITY_ENDPOINT=http://127.0.0.1:1/ IDENTITY_HEADER=hunter2 "$W365FS" doctor --ca-file "$TMP/cert.pem"
is "no managed identity: alone" "$(failed)" sign-in
has "no managed identity: next" "$OUT" "whether this machine has a managed identity"
lacks "no managed identity: its header is not shown" "$OUT$JSON" hunter2
sim POST '/_sim/fault?kind=html&times=2&match=openid-configuration' >/dev/null
try "a page for people" 3 doc
has "a page for people: said" "$OUT" "a page of its own"

# Permissions.
sim POST '/_sim/roles?roles=' >/dev/null
try "no permission" 2 doc
is "no permission: alone" "$(failed)" permission
has "no permission: next" "$OUT" "next: add the application permission CloudPC.Read.All"
is "no permission: Graph answers" "$(state "Microsoft Graph")" true
sim POST '/_sim/roles?roles=CloudPC.Read.All' >/dev/null
try "permission to read" 0 doc
has "permission to read: said" "$OUT" "CloudPC.Read.All: read"
sim POST '/_sim/fault?kind=status&status=403&code=Forbidden&message=Access+Denied&times=2&match=virtualEndpoint' >/dev/null
try "no licence" 2 doc
is "no licence: alone" "$(failed)" "Windows 365"
has "no licence: next" "$OUT" "Windows 365 licence"
sim POST '/_sim/throttle?times=2&retry_after=600' >/dev/null
try "throttled" 3 doc
is "throttled: alone" "$(failed)" "Microsoft Graph"
has "throttled: next" "$OUT" "next: wait"
sim DELETE /_sim/fault >/dev/null

# A person.
try "nobody signed in" 2 me doctor --auth=device-code
is "nobody signed in: alone" "$(failed)" sign-in
has "nobody signed in: next" "$OUT" "next: run 'w365fs login'"
me login --auth=device-code >"$TMP/out" 2>"$TMP/said" &
LOGIN=$!
PIDS="$PIDS $LOGIN"
eventually grep -q "enter the code" "$TMP/said"
sim POST '/_sim/device' >/dev/null
wait $LOGIN
is "signed in by a code" $? 0
before=$(cat "$TOKENS")
try "a person" 0 me doctor
has "a person: grant and source" "$OUT" "signs in by auto: device-code (the token cache)"
has "a person: who" "$OUT" "signed in as $SIM_USER"
has "a person: role" "$OUT" "ok   role: "
is "a person: what is kept is left alone" "$(cat "$TOKENS")" "$before"
sim POST '/_sim/user?role=none' >/dev/null
sim POST '/_sim/token?expires_in=3599' >/dev/null
sim POST '/_sim/revoke' >/dev/null
try "a person without a role" 2 me doctor
is "a person without a role: alone" "$(failed)" role
has "a person without a role: next" "$OUT" "ask an administrator for the role Windows 365 Administrator"
sim POST '/_sim/sign-out' >/dev/null
sim POST '/_sim/revoke' >/dev/null
try "a sign-in that has ended" 2 me doctor
has "a sign-in that has ended: next" "$OUT" "next: run 'w365fs login'"
chmod 644 "$TOKENS"
try "a token cache open to others" 1 me doctor
is "a token cache open to others: alone" "$(failed)" "token cache"
chmod 600 "$TOKENS" && echo '{"acc' >"$TOKENS"
try "a damaged one" 1 me doctor
has "a damaged one: next" "$OUT" "next: move the file away"
is "a damaged one: is left alone" "$(cat "$TOKENS"; ls "$XDG_STATE_HOME/w365fs" | grep -c bad)" '{"acc
0'
try "an application needs none" 1 doc
is "an application needs none: signs in" "$(state "Windows 365")" true
rm "$TOKENS"

# Nothing at all: what can be looked at is looked at. (A machine of Azure may have an identity.)
if ! curl -sS -m 2 --noproxy '*' http://169.254.169.254/metadata/identity/oauth2/token 2>"$TMP/imds" | grep -q '"error"'; then
	try "nothing at all" 2 "$W365FS" doctor --authority "$ENTRA_BASE" --ca-file "$TMP/cert.pem"
	is "nothing at all: settings" "$(failed)" settings
	has "nothing at all: next" "$OUT" "run 'w365fs login', or give --client-secret-file"
	is "nothing at all: the network" "$(state "sign-in host")" true
fi

# A certificate.
openssl req -x509 -newkey rsa:2048 -nodes -days 20 -subj /CN=app -keyout "$TMP/app-key.pem" -out "$TMP/app.pem" 2>"$TMP/openssl.log"
try "a certificate" 2 doc --auth=client-certificate --certificate "$TMP/app.pem" --certificate-key "$TMP/app-key.pem"
has "a certificate: ends soon" "$OUT" "warn certificate: "
is "a certificate: that is no failure" "$(failed)" sign-in

# The clock.
sim POST '/_sim/clock?advance=120' >/dev/null
try "two minutes slow" 0 doc
has "two minutes slow: said" "$OUT" "warn clock: this computer's clock is 1"
sim POST '/_sim/clock?advance=600' >/dev/null
try "twelve minutes slow" 1 doc
is "twelve minutes slow: alone" "$(failed)" clock
has "twelve minutes slow: next" "$OUT" "timedatectl"

is "words" "$("$W365FS" doctor nonsense 2>&1)" "w365fs: 'nonsense': 'w365fs doctor' takes options alone"
has "help" "$("$W365FS" doctor --help)" "--ca-file"
finish
