# tests/sim/lib.sh - a private w365sim for a test, and TAP. To be sourced; needs W365SIM.
set -u
. "$(dirname "$0")/../lib/tap.sh"
: "${W365SIM:?the path of w365sim}"
LC_ALL=C.UTF-8
export LC_ALL
for tool in curl jq openssl; do
	command -v $tool >/dev/null || skip "$tool is needed"
done

DIR=$(mktemp -d "${TMPDIR:-/tmp}/w365sim.XXXXXX") || exit 1
BODY=$DIR/body HEAD=$DIR/head
SIM_PID='' TOKEN='' STATUS=''

clean_up() {
	[ -z "$SIM_PID" ] || kill "$SIM_PID" 2>/dev/null
	wait
	rm -rf "$DIR"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# true_of DESCRIPTION JQ-EXPRESSION [FILE]
true_of() {
	if jq -e "$2" "${3:-$BODY}" >/dev/null 2>"$DIR/jq"; then
		report 0 "$1"
	else
		report 1 "$1"
		sed 's/^/# /' "$DIR/jq"
		head -c 600 "${3:-$BODY}" | sed 's/^/# /'
		echo
	fi
}

# sim_start OPTION...: on a free port, or as the options say. Returns when it answers; no clock is involved.
sim_start() {
	rm -f "$DIR/ready"
	mkfifo "$DIR/ready"
	case " $* " in
	*' --listen '* | *' --unix '*) "$W365SIM" --quiet --env "$DIR/env" "$@" >"$DIR/ready" 2>"$DIR/stderr" & ;;
	*) "$W365SIM" --quiet --listen 127.0.0.1:0 --env "$DIR/env" "$@" >"$DIR/ready" 2>"$DIR/stderr" & ;;
	esac
	SIM_PID=$!
	BASE=
	read -r word BASE <"$DIR/ready"
	if [ -z "$BASE" ]; then
		sed 's/^/# /' "$DIR/stderr"
		SIM_PID=
		return 1
	fi
	. "$DIR/env"
	VE=beta/deviceManagement/virtualEndpoint
	V1=v1.0/deviceManagement/virtualEndpoint
}

# Ends it, and says so if it did not end well: with a leak, say.
sim_stop() {
	kill "$SIM_PID"
	wait "$SIM_PID"
	is "the simulator ends cleanly" "$?" 0
	[ ! -s "$DIR/stderr" ] || sed 's/^/# /' "$DIR/stderr" | head -50
	SIM_PID=
}

# The common part of all requests: the answer to $BODY, its headers to $HEAD, its status to $STATUS.
request() {
	STATUS=$(curl -sS -g -o "$BODY" -D "$HEAD" -w '%{http_code}' -A w365sim-test ${CURL_OPTIONS-} "$@" \
		2>"$DIR/curl") || STATUS="curl $?"
	[ -e "$BODY" ] || : >"$BODY"
}

# token PARAMETER=VALUE...: a token request to $TENANT_SEGMENT (or the tenant).
token() {
	set -- "$BASE/${TENANT_SEGMENT:-$TENANT}/oauth2/v2.0/token" "$@"
	url=$1
	shift
	left=$#
	while [ $left -gt 0 ]; do
		set -- "$@" --data-urlencode "$1"
		shift
		left=$((left - 1))
	done
	request "$url" "$@"
}

sign_in() {
	token grant_type=client_credentials client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" \
		scope=https://graph.microsoft.com/.default
	TOKEN=$(jq -r '.access_token // empty' "$BODY")
}

# sign_in_as_user SCOPES: SIM_USER, by a device code that is approved at once.
sign_in_as_user() {
	hook POST "consent?client_id=$PUBLIC_CLIENT_ID&scopes=$(printf %s "$1" | tr ' ' +)"
	request "$BASE/$TENANT/oauth2/v2.0/devicecode" -d client_id="$PUBLIC_CLIENT_ID" --data-urlencode \
		"scope=$(for scope in $1; do printf 'https://graph.microsoft.com/%s ' "$scope"; done)"
	device_code=$(jq -r .device_code "$BODY")
	hook POST "device?user_code=$(jq -r .user_code "$BODY")"
	token grant_type=urn:ietf:params:oauth:grant-type:device_code client_id="$PUBLIC_CLIENT_ID" \
		device_code="$device_code"
	TOKEN=$(jq -r '.access_token // empty' "$BODY")
}

# failed STATUS CODE DESCRIPTION [PART]: the last answer is Graph's error of that code, with PART in its message.
failed() {
	is "$3: status" "$STATUS" "$1"
	true_of "$3: $2" ".error.code == \"$2\" and (.error.message | length) > 0 and
		(.error.innerError | has(\"date\") and has(\"request-id\") and has(\"client-request-id\"))"
	[ $# -lt 4 ] || ok "$3: says what" grep -qF -- "$4" "$BODY"
}

# send METHOD PATH [BODY [CURL-OPTION...]]: a write to Graph.
send() {
	method=$1 path=$2
	shift 2
	if [ $# -gt 0 ]; then
		printf %s "$1" >"$DIR/sent"
		shift
		get "$path" -X "$method" -H 'Content-Type: application/json' --data-binary "@$DIR/sent" "$@"
	else
		get "$path" -X "$method"
	fi
}

# get PATH [CURL-OPTION...]: a request to Graph. A nextLink is a PATH too. Spaces in it are encoded.
get() {
	case $1 in
	*://*) url=$1 ;;
	*) url=$BASE/$1 ;;
	esac
	shift
	request -H "Authorization: Bearer $TOKEN" "$@" "$(printf %s "$url" | sed "s/ /%20/g; s/'/%27/g")"
}

# hook METHOD NAME?PARAMETERS [BODY]
hook() {
	if [ $# -gt 2 ]; then
		request -X "$1" "$BASE/_sim/$2" --data-binary "$3"
	else
		request -X "$1" "$BASE/_sim/$2"
	fi
}

# eventually COMMAND...: asks again until it succeeds; gives up after some half a minute of asking.
eventually() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 2000 ] || return 1
	done
}

header() { # NAME: its value in the last answer
	sed -n "s/^$1: //Ip" "$HEAD" | tr -d '\r'
}

# all PATH: every item of a listing, page by page, as a stream; the pages are counted in $PAGES.
all() {
	PAGES=0
	: >"$DIR/all"
	link=$1
	shift
	while [ -n "$link" ]; do
		get "$link" "$@"
		[ "$STATUS" = 200 ] || return 1
		PAGES=$((PAGES + 1))
		jq -c '.value[]' "$BODY" >>"$DIR/all"
		link=$(jq -r '."@odata.nextLink" // empty' "$BODY")
	done
}
