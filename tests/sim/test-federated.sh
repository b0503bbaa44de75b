#!/bin/sh
# Entra ID: an application by another party's word.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/entra.sh"
sim_start || finish
ISSUER=https://oidc.example.net/cluster1/ SUBJECT=system:serviceaccount:default:w365fs AUD=api://AzureADTokenExchange
openssl genrsa -out "$DIR/k.pem" 2048 2>/dev/null
openssl rsa -in "$DIR/k.pem" -pubout -out "$DIR/pub.pem" 2>/dev/null
openssl genrsa -out "$DIR/other.pem" 2048 2>/dev/null

assertion() { # ISS SUB AUD [EXP] [KEY]
	head=$(printf '{"alg":"RS256","kid":"k1"}' | b64url)
	body=$(printf '{"iss":"%s","sub":"%s","aud":["%s"],"exp":%d,"iat":%d}' "$1" "$2" "$3" \
		"${4:-$(($(date +%s) + 3600))}" "$(date +%s)" | b64url)
	ASSERTION=$head.$body.$(printf %s "$head.$body" | openssl dgst -sha256 -sign "${5:-$DIR/k.pem}" | b64url)
}
present() {
	token grant_type=client_credentials client_id="${CLIENT:-$CLIENT_ID}" scope=$GRAPH/.default \
		client_assertion="$ASSERTION" \
		client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer
}

assertion $ISSUER $SUBJECT $AUD
present
refused 70021 invalid_request 400 "no federated credential"
hook POST "federated?issuer=$ISSUER&subject=$SUBJECT" "$(cat "$DIR/pub.pem")"
is "one by the hook" "$STATUS" 204
present
is "a token" "$STATUS" 200
claims access_token
true_of "of the application" ".appidacr == \"2\" and .appid == \"$CLIENT_ID\" and .roles != null" "$DIR/claims"
present
is "the assertion is good more than once" "$STATUS" 200
assertion ${ISSUER%/} $SUBJECT $AUD
present
refused 700211 invalid_client 400 "another issuer: the slash counts"
assertion $ISSUER System:serviceaccount:default:w365fs $AUD
present
refused 700213 invalid_client 400 "another subject: the case counts"
assertion $ISSUER $SUBJECT https://kubernetes.default.svc
present
refused 700212 invalid_client 400 "another audience"
assertion $ISSUER $SUBJECT $AUD $(($(date +%s) - 3600))
present
refused 700024 invalid_client 401 "expired"
assertion $ISSUER $SUBJECT $AUD '' "$DIR/other.pem"
present
refused 50013 invalid_client 401 "another key"
assertion "$BASE/$TENANT/" $SUBJECT $AUD
present
refused 700222 invalid_client 400 "a token for Graph"
hook POST "federated?issuer=$ISSUER" nonsense
is "no key for the hook" "$STATUS" 400

# A managed identity as the other party.
request -H 'Metadata: true' "$BASE/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$AUD"
ASSERTION=$(jq -r .access_token "$BODY")
part 2 "$ASSERTION" >"$DIR/claims"
hook POST "federated?issuer=$BASE/$TENANT/v2.0&subject=$(jq -r .sub "$DIR/claims")&client_id=$CERT_CLIENT_ID"
CLIENT=$CERT_CLIENT_ID
present
is "a managed identity's token" "$STATUS" 200
CLIENT=
sim_stop
finish
