# tests/mount/lib.sh - the real program, mounted, over the simulator. Sourced by the tests; POSIX sh, TAP.
#
# W365FS, W365SIM: the programs. Everything lives in a private directory; what is started is registered for cleaning up
# at once, so that no mount and no process stays behind, however a test ends.

set -u
. "$TEST_LIB/../lib/tap.sh"
TMP=$(mktemp -d "${TMPDIR:-/tmp}/w365fs-test.XXXXXX")
MNT=$TMP/mnt
mkdir "$MNT"
MOUNTS=
PIDS=
unset AZURE_TENANT_ID AZURE_CLIENT_ID AZURE_CLIENT_SECRET AZURE_CLIENT_CERTIFICATE_PATH AZURE_AUTHORITY_HOST
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
export XDG_CONFIG_HOME="$TMP/config" XDG_STATE_HOME="$TMP/state" LC_ALL=C.UTF-8
[ -n "${INSIDE:-}" ] || export DBUS_SESSION_BUS_ADDRESS="unix:path=$TMP/no-bus" # the keyring of whoever runs this is none of ours

# end_all: what was mounted is not, and what was started ends.
end_all() {
	for m in $MOUNTS; do
		fusermount3 -uzq "$m" 2>/dev/null || umount -l "$m" 2>/dev/null
	done
	for p in $PIDS; do
		kill "$p" 2>/dev/null
	done
	for p in $PIDS; do
		wait "$p" 2>/dev/null
	done
	MOUNTS= PIDS=
}

# A daemon has nobody to tell what a sanitizer finds, least of all at its end: it goes to a file.
if [ "${SANITIZED:-none}" != none ]; then
	export ASAN_OPTIONS="log_path=$TMP/sanitizer" LSAN_OPTIONS="suppressions=$TEST_LIB/lsan.supp:print_suppressions=0"
	BEFORE_FINISH=faults
fi
nobody_left() {
	! pgrep -f -- " $TMP/" >/dev/null
}
faults() {
	end_all
	eventually nobody_left
	is "no sanitizer has found anything" "$(cat "$TMP"/sanitizer.* 2>/dev/null)" ""
}

cleanup() {
	end_all
	chmod -R u+rwx "$TMP" 2>/dev/null
	rm -rf "$TMP"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

requires_fuse() {
	[ -r /dev/fuse ] && [ -w /dev/fuse ] || skip "/dev/fuse may not be used"
	[ "$(id -u)" = 0 ] || command -v fusermount3 >/dev/null || skip "no fusermount3"
}

requires() {
	for _c in "$@"; do
		command -v "$_c" >/dev/null || skip "no $_c"
	done
}

# The browser comes back to http://localhost: a bare chroot has no /etc/hosts.
requires_localhost() {
	getent hosts localhost >/dev/null || skip "localhost has no address here"
}

# eventually COMMAND...: asks again until it is so, or ten seconds are over.
eventually() {
	_n=0
	until "$@" >/dev/null 2>&1; do
		_n=$((_n + 1))
		[ $_n -lt 200 ] || return 1
		sleep 0.05
	done
}

# sim_start [OPTION...]: a private simulator over HTTPS; its names are in the environment afterwards.
sim_start() {
	[ -f "$TMP/cert.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test \
		-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$TMP/key.pem" -out "$TMP/cert.pem" 2>"$TMP/openssl.log"
	rm -f "$TMP/ready"
	mkfifo "$TMP/ready"
	"$W365SIM" --listen 127.0.0.1:0 --tls-cert "$TMP/cert.pem" --tls-key "$TMP/key.pem" --env "$TMP/env" --quiet "$@" \
		>"$TMP/ready" 2>"$TMP/sim.log" &
	SIM=$!
	PIDS="$PIDS $SIM"
	read -r _ready <"$TMP/ready" || { sed 's/^/# /' "$TMP/sim.log"; echo "Bail out! the simulator does not start"; exit 1; }
	. "$TMP/env"
	_secret=$CLIENT_SECRET # the file exports it; a program under test must not find it there
	unset CLIENT_SECRET
	CLIENT_SECRET=$_secret
	(umask 077 && printf '%s\n' "$CLIENT_SECRET" >"$TMP/secret")
}

# sim METHOD PATH [BODY]: a hook of the simulator.
sim() {
	curl -sS --cacert "$TMP/cert.pem" -X "$1" ${3+--data-binary "$3"} "$GRAPH_BASE$2"
}

# graph_requests [COLLECTION]: how many requests the simulator has seen for Graph, or for listing one collection.
graph_requests() {
	sim GET '/_sim/log?counts=1' | if [ $# -gt 0 ]; then
		jq --arg p "GET /beta/deviceManagement/virtualEndpoint/$1" '.counts[$p] // 0'
	else
		jq .graph
	fi
}

token_requests() {
	sim GET '/_sim/log?counts=1' | jq .entra
}

# changes: what was asked of the simulator's tenant but for reading, a line each: METHOD PATH BODY, in order.
changes() {
	sim GET /_sim/log | jq -r '.requests[] | select(.method != "GET" and (.path | contains("/deviceManagement/")))
		| "\(.method) \(.path) \(.body // "" | if type == "string" then . else tojson end)"'
}

forget_changes() {
	sim DELETE /_sim/log >/dev/null
}

b64url() {
	base64 -w0 | tr '+/' '-_' | tr -d =
}

# federated_token FILE: another party's word for a workload, as Kubernetes puts it into a file. federated_trust makes the
# simulator's application believe it.
ISSUER=https://oidc.example.net/ SUBJECT=system:serviceaccount:default:w365fs
federated_token() {
	openssl genrsa -out "$TMP/issuer.pem" 2048 2>"$TMP/openssl.log"
	_head=$(printf '{"alg":"RS256","kid":"k1"}' | b64url)
	_body=$(printf '{"iss":"%s","sub":"%s","aud":["api://AzureADTokenExchange"],"exp":%d,"iat":%d}' \
		"$ISSUER" "$SUBJECT" $(($(date +%s) + 3600)) "$(date +%s)" | b64url)
	printf '%s\n' "$_head.$_body.$(printf %s "$_head.$_body" | openssl dgst -sha256 -sign "$TMP/issuer.pem" | b64url)" >"$1"
}

federated_trust() {
	sim POST "/_sim/federated?issuer=$ISSUER&subject=$SUBJECT" "$(openssl rsa -in "$TMP/issuer.pem" -pubout 2>"$TMP/openssl.log")" >/dev/null
}

# w365fs_mount [OPTION...]: mounts the simulator's tenant at $MNT.
w365fs_mount() {
	MOUNTS="$MOUNTS $MNT"
	"$W365FS" mount --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" --authority "$ENTRA_BASE" \
		--graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" "$@" "$MNT"
}

# person COMMAND [OPTION...] [MOUNTPOINT]: a command for somebody of the tenant, by the application that has no secret.
person() {
	"$W365FS" "$@" --tenant "$TENANT" --client-id "$PUBLIC_CLIENT_ID" --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" \
		--ca-file "$TMP/cert.pem"
}

# person_signs_in [OPTION...]: by the device code. It is kept in $XDG_STATE_HOME.
person_signs_in() {
	: >"$TMP/said"
	person login --auth=device-code "$@" >"$TMP/out" 2>"$TMP/said" &
	_login=$!
	PIDS="$PIDS $_login"
	eventually grep -q "enter the code" "$TMP/said"
	sim POST /_sim/device >/dev/null
	wait $_login
}

# person_mounts [OPTION...]
person_mounts() {
	MOUNTS="$MOUNTS $MNT"
	person mount "$@" "$MNT"
}

mount_w365fs() {
	w365fs_mount "$@" || { echo "Bail out! cannot mount"; exit 1; }
}

unmount() {
	"$W365FS" umount "$MNT" && eventually not_mounted
}

not_mounted() {
	! grep -q " $MNT fuse.w365fs " /proc/self/mounts
}

daemon_pid() {
	pgrep -n -f "mount .*$MNT\$" # the newest: one that was told to end may still be about it
}

# fuse OPCODE...: how many such requests the daemon has had. Reading it costs GETATTR and READ itself.
fuse() {
	sleep 0.06 # a status that is being read stays as it is for a moment
	jq --arg o "$*" '[.fuse[$o | split(" ") | .[]] // 0] | add' "$MNT/.w365fs/status.json"
}
