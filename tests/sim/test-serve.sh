#!/bin/sh
# The program itself: options, TLS, the Unix socket, the env file, and that one seed is one tenant.
. "$(dirname "$0")/lib.sh"

is "--version says so" "$("$W365SIM" --version | cut -d' ' -f1)" w365sim
has "--help knows its options" "$("$W365SIM" --help)" "--public-url URL"
refuses() { # DESCRIPTION OPTION...
	why=$1
	shift
	"$W365SIM" "$@" >"$DIR/out" 2>&1
	is "$why: refused" "$?" 1
}
refuses "no address"
refuses "two addresses" --listen 127.0.0.1:0 --unix "$DIR/s"
refuses "an unknown option" --listen 127.0.0.1:0 --nope
refuses "a number that is none" --listen 127.0.0.1:0 --seed x
refuses "a certificate without a key" --listen 127.0.0.1:0 --tls-cert x
fails() {
	why=$1
	shift
	"$W365SIM" "$@" >"$DIR/out" 2>&1
	is "$why: fails" "$?" 4
}
fails "plain HTTP for the world" --listen 0.0.0.0:0
fails "no port" --listen 127.0.0.1
fails "a name that must be looked up" --listen sim.example:80
fails "no such certificate" --listen 127.0.0.1:0 --tls-cert "$DIR/no" --tls-key "$DIR/no"
fails "a public URL with a path" --listen 127.0.0.1:0 --public-url http://x.example/y
: >"$DIR/empty"
fails "an empty client certificate" --listen 127.0.0.1:0 --client-cert "$DIR/empty"

# TLS with a certificate of its own, and its own name for itself.
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
	-keyout "$DIR/key.pem" -out "$DIR/cert.pem" 2>/dev/null
fails "a key that does not belong" --listen 127.0.0.1:0 --tls-cert "$DIR/cert.pem" --tls-key "$DIR/empty"
CURL_OPTIONS="--cacert $DIR/cert.pem"
sim_start --listen 127.0.0.1:0 --tls-cert "$DIR/cert.pem" --tls-key "$DIR/key.pem" --cloud-pcs 2500 \
	--now 2026-11-22 || finish
has "the address is https" "$BASE" https://127.0.0.1:
is "the env file says the same" "$GRAPH_BASE $ENTRA_BASE" "$BASE $BASE"
is "the env file is private" "$(stat -c %a "$DIR/env")" 600
is "and has all exports" "$(grep -c '^export [A-Z_]*=' "$DIR/env")" 12
has "the secret has odd letters" "$CLIENT_SECRET" '+'
sign_in
is "a token by secret" "$STATUS" 200
get "$VE/cloudPCs"
is "a page over TLS" "$STATUS" 200
all "$VE/cloudPCs"
is "three pages" "$PAGES" 3
is "with all Cloud PCs" "$(wc -l <"$DIR/all")" 2500
is "none twice" "$(jq -r .id "$DIR/all" | sort -u | wc -l)" 2500
is "HTTP is as it was" "$(header content-type)" \
	'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'
sim_stop
CURL_OPTIONS=

# One seed, one tenant: over two processes, byte by byte but for the address.
for n in 1 2; do
	sim_start --unix "$DIR/sim.sock" --now 2026-11-22 --seed 7 || finish
	CURL_OPTIONS="--unix-socket $DIR/sim.sock"
	sign_in
	: >"$DIR/tenant$n"
	for c in cloudPCs auditEvents provisioningPolicies?\$expand=assignments snapshots bulkActions; do
		get "$VE/$c"
		cat "$BODY" >>"$DIR/tenant$n"
	done
	sort "$DIR/env" >"$DIR/env$n"
	is "only this user can reach the socket" "$(stat -c %a "$DIR/sim.sock")" 700
	sim_stop
	is "the socket is gone" "$(ls "$DIR/sim.sock" 2>/dev/null)" ''
	CURL_OPTIONS=
done
is "the same bytes twice" "$(cksum <"$DIR/tenant1")" "$(cksum <"$DIR/tenant2")"
is "the same ids and secrets" "$(cat "$DIR/env1")" "$(cat "$DIR/env2")"

# A socket file left behind by one that was killed is replaced; one in use is not.
sim_start --unix "$DIR/sim.sock" || finish
fails "a socket in use" --unix "$DIR/sim.sock"
kill -9 "$SIM_PID"
wait "$SIM_PID" 2>/dev/null
sim_start --unix "$DIR/sim.sock"
is "a socket left behind" "$?" 0
sim_stop

# Another name for itself; compressed answers; latency; a scenario.
printf '%s\n' '# comment' '' 'POST /_sim/throttle?times=1&retry_after=7' \
	'POST /_sim/item?collection=organizationSettings {"osVersion":"windows10"}' >"$DIR/scenario"
sim_start --unix "$DIR/sim.sock" --public-url https://sim.example:9443 --page-size 25 --gzip --latency 1 \
	--scenario "$DIR/scenario" || finish
is "the public URL is exported" "$GRAPH_BASE" https://sim.example:9443
BASE=http://localhost
CURL_OPTIONS="--unix-socket $DIR/sim.sock"
sign_in
get "$VE/cloudPCs"
is "the scenario throttles" "$STATUS" 429
is "with its Retry-After" "$(header retry-after)" 7
get "$VE/organizationSettings"
true_of "and has changed an item" '.osVersion == "windows10"'
get "$VE/cloudPCs" -H 'Accept-Encoding: gzip'
is "compressed for who accepts it" "$(header content-encoding)" gzip
size=$(wc -c <"$BODY")
mv "$BODY" "$DIR/packed"
get "$VE/cloudPCs"
is "plain for who does not" "$(header content-encoding)" ''
is "of the same content" "$(gzip -dc "$DIR/packed" | cksum)" "$(cksum <"$BODY")"
is "and smaller" "$((size < $(wc -c <"$BODY")))" 1
get "$VE/cloudPCs" -H 'Accept-Encoding: gzip;q=0, deflate'
is "nor for who refuses it" "$(header content-encoding)" ''
true_of "links are to the public URL" '."@odata.nextLink" | startswith("https://sim.example:9443/beta/")'
request "$BASE/$TENANT/v2.0/.well-known/openid-configuration"
true_of "so are the endpoints" '.token_endpoint | startswith("https://sim.example:9443/")'
sim_stop
CURL_OPTIONS=
printf '%s\n' '# comment' 'POST /_sim/nope' >"$DIR/scenario"
fails "a scenario with an unknown hook" --listen 127.0.0.1:0 --scenario "$DIR/scenario"
has "names the line" "$(cat "$DIR/out")" 'line 2: there is no hook'
finish
