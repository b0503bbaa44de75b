# tests/sim/entra.sh - a browser made of curl, and what the sign-in tests share. To be sourced after lib.sh.
GRAPH=https://graph.microsoft.com
REDIRECT=http://localhost:43117/
VERIFIER=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
CHALLENGE=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM
JAR=$DIR/cookies

# refused AADSTS ERROR STATUS DESCRIPTION: what the last answer must be.
refused() {
	is "$4: status" "$STATUS" "$3"
	true_of "$4: $2, AADSTS$1" ".error == \"$2\" and .error_codes == [$1] and
		(.error_description | startswith(\"AADSTS$1: \"))"
}

# browse URL CURL-OPTION...: with cookies; redirects are not followed.
browse() {
	url=$1
	shift
	request -b "$JAR" -c "$JAR" "$@" "$url"
}

# hidden NAME: the value of a hidden field of the page in $BODY.
hidden() {
	sed -n "s/.*type=\"hidden\" name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$BODY" | head -1 |
		sed 's/&quot;/"/g; s/&#39;/'"'"'/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
}

# form_action N: where the Nth form of the page is posted to.
form_action() {
	sed -n 's/.*<form method="post".* action="\([^"]*\)".*/\1/p' "$BODY" | sed -n "${1:-1}p"
}

# authorize PARAMETER=VALUE...: the request that an application begins with; defaults for what is usual.
authorize() {
	set -- "$@" -G
	query=
	for p; do
		case $p in
		-G) continue ;;
		esac
		query="$query&${p%%=*}=$(printf %s "${p#*=}" | jq -sRr @uri)"
	done
	browse "$BASE/${TENANT_SEGMENT:-$TENANT}/oauth2/v2.0/authorize?${query#&}"
}

usual() { # the same with the parameters that all requests have
	authorize client_id="${CLIENT:-$PUBLIC_CLIENT_ID}" response_type=code redirect_uri="$REDIRECT" state=s1 \
		code_challenge=$CHALLENGE code_challenge_method=S256 "$@"
}

# post_form FIELD=VALUE...: answers the page's form, its request with it.
post_form() {
	action=$(form_action)
	set -- "$@" "request=$(hidden request)"
	left=$#
	while [ $left -gt 0 ]; do
		set -- "$@" --data-urlencode "$1"
		shift
		left=$((left - 1))
	done
	browse "$action" "$@"
}

log_in() { post_form login="${1:-$SIM_USER}" passwd="${2:-$SIM_PASSWORD}" action=sign-in; }

# returned NAME: a parameter of the redirect.
returned() {
	header location | sed 's/^[^?#]*[?#]//' | tr '&' '\n' | sed -n "s/^$1=//p" | head -1 |
		python3 -c 'import sys, urllib.parse; sys.stdout.write(urllib.parse.unquote(sys.stdin.read().strip()))'
}

# redeem CODE PARAMETER=VALUE...
redeem() {
	code=$1
	shift
	token grant_type=authorization_code client_id="${CLIENT:-$PUBLIC_CLIENT_ID}" code="$code" \
		redirect_uri="$REDIRECT" "$@"
}

# part N TOKEN: a decoded part of a JWT.
part() {
	p=$(printf %s "$2" | cut -d. -f"$1" | tr '_-' '/+')
	case $((${#p} % 4)) in 2) p=$p== ;; 3) p=$p= ;; esac
	printf %s "$p" | base64 -d
}
claims() { part 2 "$(jq -r ".$1" "$BODY")" >"$DIR/claims"; }

# consented SCOPES: signs in and consents; the code is in $CODE.
signed_in() {
	rm -f "$JAR"
	usual scope="$1"
	log_in
	[ "$STATUS" = 302 ] || post_form action=accept
	CODE=$(returned code)
}
b64url() { base64 -w0 | tr '+/' '-_' | tr -d =; }
