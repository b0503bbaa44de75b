#!/bin/sh
# Entra ID: the token endpoint's answers, good and bad; discovery.
. "$(dirname "$0")/lib.sh"

openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=app -keyout "$DIR/app.key" -out "$DIR/app.pem" \
	2>/dev/null
sim_start --client-cert "$DIR/app.pem" || finish
SCOPE=https://graph.microsoft.com/.default
G=grant_type=client_credentials

# refused AADSTS ERROR STATUS DESCRIPTION: what the last answer must be.
refused() {
	is "$4: status" "$STATUS" "$3"
	true_of "$4: $2, AADSTS$1" ".error == \"$2\" and .error_codes == [$1] and
		(.error_description | startswith(\"AADSTS$1: \")) and .error_uri != null"
}

sign_in
is "a token by secret" "$STATUS" 200
true_of "of an hour" '.token_type == "Bearer" and .expires_in == 3599 and .ext_expires_in == 3599'
is "not to be kept by anybody" "$(header cache-control)" 'no-store, no-cache'
payload() { # the claims of the access token in $BODY
	part=$(jq -r .access_token "$BODY" | cut -d. -f2 | tr '_-' '/+')
	case $((${#part} % 4)) in 2) part=$part== ;; 3) part=$part= ;; esac
	printf %s "$part" | base64 -d >"$DIR/claims"
}
payload
true_of "its claims" ".aud == \"https://graph.microsoft.com\" and .tid == \"$TENANT\" and .appid == \"$CLIENT_ID\" and
	.appidacr == \"1\" and .idtyp == \"app\" and .ver == \"1.0\" and .exp - .iat == 3599 and
	.roles == [\"CloudPC.Read.All\", \"CloudPC.ReadWrite.All\"]" "$DIR/claims"

token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=$SCOPE surprise=1
is "unknown parameters pass" "$STATUS" 200
TENANT_SEGMENT=${SIM_USER#*@}
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=$SCOPE
is "the tenant by its domain" "$STATUS" 200
TENANT_SEGMENT=
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope="$BASE/.default"
is "a scope of the simulator's own origin" "$STATUS" 200

token $G client_id="$CLIENT_ID" client_secret=wrong scope=$SCOPE
refused 7000215 invalid_client 401 "a wrong secret"
request "$BASE/$TENANT/oauth2/v2.0/token" -d "$G" -d "client_id=$CLIENT_ID" -d "scope=$SCOPE" \
	-d "client_secret=$CLIENT_SECRET"
is "a secret that was not encoded is a bad request" "$STATUS" 400
token $G client_id=11111111-2222-3333-4444-555555555555 client_secret=x scope=$SCOPE
refused 700016 unauthorized_client 400 "an unknown client"
token $G client_id="$CLIENT_ID" scope=$SCOPE
refused 7000218 invalid_client 401 "no secret"
token $G client_id="$PUBLIC_CLIENT_ID" scope=$SCOPE
refused 7000218 invalid_client 401 "a public client"
token $G client_id="$PUBLIC_CLIENT_ID" client_secret=x scope=$SCOPE
refused 700025 invalid_client 401 "a public client with a secret"
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET"
refused 900144 invalid_request 400 "no scope"
token $G client_secret="$CLIENT_SECRET" scope=$SCOPE
refused 900144 invalid_request 400 "no client id"
token client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=$SCOPE
refused 900144 invalid_request 400 "no grant type"
token grant_type=password client_id="$CLIENT_ID" scope=$SCOPE
refused 70003 unsupported_grant_type 400 "another grant"
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=https://graph.microsoft.com/CloudPC.Read.All
refused 1002012 invalid_scope 400 "a scope that is not .default"
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope="$SCOPE offline_access"
refused 70011 invalid_scope 400 "two scopes"
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=https://vault.example/.default
refused 500011 invalid_resource 400 "another resource"
for segment in 11111111-2222-3333-4444-555555555555 elsewhere.example; do
	TENANT_SEGMENT=$segment
	token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=$SCOPE
	refused 90002 invalid_request 400 "tenant $segment"
done
TENANT_SEGMENT=nonsense
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=$SCOPE
refused 900023 invalid_request 400 "a tenant that is no name"
TENANT_SEGMENT=common
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=$SCOPE
refused 9001023 invalid_request 400 "common"
TENANT_SEGMENT=
request "$BASE/$TENANT/oauth2/v2.0/token" -d 'grant_type=client_credentials&x=%zz'
refused 9002313 invalid_request 400 "a malformed body"
request "$BASE/$TENANT/oauth2/v2.0/token" -H 'Content-Type: application/json' -d '{"grant_type":"client_credentials"}'
refused 900144 invalid_request 400 "JSON"
request "$BASE/$TENANT/oauth2/v2.0/token"
refused 900561 invalid_request 400 "GET"
request "$BASE/$TENANT/oauth2/v2.0/token" -d x=y -H 'client-request-id: 0f8fad5b-d9cb-469f-a165-70867728950e' \
	-H 'return-client-request-id: true'
true_of "the correlation id is the client's" '.correlation_id == "0f8fad5b-d9cb-469f-a165-70867728950e"'
is "and comes back as a header" "$(header client-request-id)" 0f8fad5b-d9cb-469f-a165-70867728950e
has "the description has its trailer" "$(jq -r .error_description "$BODY" | tr -d '\r' | tr '\n' '|')" \
	'|Correlation ID: 0f8fad5b-d9cb-469f-a165-70867728950e|Timestamp: '

request "$BASE/$TENANT/oauth2/v2.0/token" -d "$G" -d "scope=$SCOPE" \
	-u "$CLIENT_ID:$(printf %s "$CLIENT_SECRET" | jq -sRr @uri)"
is "the secret in an Authorization header" "$STATUS" 200

hook POST secret?state=expired
token $G client_id="$CLIENT_ID" client_secret="$CLIENT_SECRET" scope=$SCOPE
refused 7000222 invalid_client 401 "an expired secret"
hook POST secret?state=valid
sign_in
is "and valid again" "$STATUS" 200

# By certificate: both algorithms, as openssl signs them.
b64() { base64 -w0 | tr '+/' '-_' | tr -d =; }
URL=$BASE/$TENANT/oauth2/v2.0/token
S256=$(openssl x509 -in "$DIR/app.pem" -outform DER | openssl dgst -sha256 -binary | b64)
S1=$(openssl x509 -in "$DIR/app.pem" -outform DER | openssl dgst -sha1 -binary | b64)
assertion() { # HEADER AUD OPENSSL-OPTION...: $ASSERTION
	now=$(date +%s)
	claims=$(printf '{"aud":"%s","iss":"%s","sub":"%s","jti":"%s","nbf":%d,"iat":%d,"exp":%d}' "$2" \
		"$CERT_CLIENT_ID" "$CERT_CLIENT_ID" "$(cat /proc/sys/kernel/random/uuid)" $((now - 60)) "$now" $((now + 600)))
	signed=$(printf %s "$1" | b64).$(printf %s "$claims" | b64)
	shift 2
	ASSERTION=$signed.$(printf %s "$signed" | openssl dgst -sha256 -sign "$DIR/app.key" "$@" | b64)
}
by_certificate() {
	token $G client_id="$CERT_CLIENT_ID" scope=$SCOPE client_assertion="$ASSERTION" \
		client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer
}
PSS="-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32"
assertion "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"$S256\"}" "$URL" $PSS
by_certificate
is "PS256" "$STATUS" 200
payload
true_of "says that it was a certificate" '.appidacr == "2"' "$DIR/claims"
by_certificate
refused 50013 invalid_client 401 "the same assertion again"
assertion "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"x5t\":\"$S1\"}" "$URL"
by_certificate
is "RS256" "$STATUS" 200
assertion "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"$S256\"}" "$URL"
by_certificate
refused 700027 invalid_client 401 "another padding than told"
assertion "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"x5t\":\"$S1\"}" https://login.example/
by_certificate
refused 700023 invalid_client 401 "another audience"
token $G client_id="$CERT_CLIENT_ID" scope=$SCOPE client_assertion=x
refused 900144 invalid_request 400 "no assertion type"
token $G client_id="$CERT_CLIENT_ID" scope=$SCOPE client_secret="$CLIENT_SECRET"
refused 7000215 invalid_client 401 "the other application's secret"

# Discovery, and that the key verifies the tokens.
request "$BASE/$TENANT/v2.0/.well-known/openid-configuration"
true_of "the configuration" ".issuer == \"$BASE/$TENANT/v2.0\" and .token_endpoint == \"$URL\""
request "$(jq -r .jwks_uri "$BODY")"
true_of "the keys" '.keys[0] | .kty == "RSA" and .e == "AQAB" and (.n | length) > 300'
request "$BASE/elsewhere.example/v2.0/.well-known/openid-configuration"
true_of "of no other tenant" '.error == "invalid_tenant" and .error_codes == [90002]'
request "$BASE/common/v2.0/.well-known/openid-configuration"
true_of "a shared name gives a template" '.issuer | endswith("/{tenantid}/v2.0")'
request "$BASE/$TENANT/oauth2/v2.0/nothing"
is "an endpoint that is not there" "$STATUS" 404
sim_stop
finish
