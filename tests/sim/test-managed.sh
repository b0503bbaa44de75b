#!/bin/sh
# Managed identities: a virtual machine, App Service, Azure Arc.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/entra.sh"
mkdir "$DIR/keys"
sim_start --arc-keys "$DIR/keys" || finish
IMDS="$BASE/metadata/identity/oauth2/token" APP="$BASE/msi/token"
R="resource=$GRAPH"
failed() { is "$3" "$STATUS $(jq -r .error "$BODY")" "$1 $2"; }

request -H 'Metadata: true' "$IMDS?api-version=2018-02-01&$R"
is "IMDS" "$STATUS" 200
true_of "numbers are strings" '.expires_in == "86399" and (.expires_on | test("^[0-9]+$")) and .ext_expires_in == "86399" and
	(.not_before | type) == "string" and .token_type == "Bearer" and .resource == "https://graph.microsoft.com"'
true_of "the machine's own identity" ".client_id == \"$MANAGED_CLIENT_ID\""
claims access_token
true_of "its token" '.idtyp == "app" and .roles != null' "$DIR/claims"
TOKEN=$(jq -r .access_token "$BODY")
get $V1/cloudPCs
is "Graph takes it" "$STATUS" 200
request -H 'Metadata: true' "$IMDS/?api-version=2018-02-01&$R"
is "with a slash, as MSAL for JavaScript writes it" "$STATUS" 200
request "$IMDS?api-version=2018-02-01&$R"
failed 400 bad_request_102 "no Metadata header"
request -H 'Metadata: True' "$IMDS?api-version=2018-02-01&$R"
failed 400 bad_request_102 "in other letters"
request -H 'Metadata: true' -H 'X-Forwarded-For: 1.2.3.4' "$IMDS?api-version=2018-02-01&$R"
failed 400 bad_request_102 "through a proxy"
request -H 'Metadata: true' "$IMDS?$R"
failed 400 bad_request_101 "no api-version"
request -H 'Metadata: true' "$IMDS?api-version=1999-01-01&$R"
failed 400 bad_request_101 "another api-version"
request -H 'Metadata: true' "$IMDS?api-version=2018-02-01"
failed 400 invalid_request "no resource"
request -H 'Metadata: true' "$IMDS?api-version=2018-02-01&resource=https://vault.example"
failed 400 invalid_resource "another resource"
request -H 'Metadata: true' "$IMDS?api-version=2018-02-01&$R&client_id=$ASSIGNED_CLIENT_ID"
true_of "an assigned identity" ".client_id == \"$ASSIGNED_CLIENT_ID\""
request -H 'Metadata: true' "$IMDS?api-version=2018-02-01&$R&client_id=$CLIENT_ID"
failed 400 invalid_request "somebody else's identity"
true_of "by its words" '.error_description == "Identity not found"'
hook POST roles?roles=
request -H 'Metadata: true' "$IMDS?api-version=2018-02-01&$R"
claims access_token
true_of "nothing granted: no roles" 'has("roles") | not' "$DIR/claims"

request -H "X-IDENTITY-HEADER: $IDENTITY_HEADER_VALUE" "$APP?api-version=2019-08-01&$R"
is "App Service" "$STATUS" 200
true_of "without expires_in" '(has("expires_in") | not) and (.expires_on | test("^[0-9]+$"))'
request -H "X-IDENTITY-HEADER: wrong" "$APP?api-version=2019-08-01&$R"
true_of "a wrong header" '.statusCode == 401 and .message'
request -H "X-IDENTITY-HEADER: $IDENTITY_HEADER_VALUE" "$APP?api-version=2018-02-01&$R"
true_of "another api-version" '.statusCode == 400'
request -H "X-IDENTITY-HEADER: $IDENTITY_HEADER_VALUE" "$APP?api-version=2019-08-01&$R&client_id=nobody"
true_of "no such identity" '.statusCode == 400 and .message == "Identity not found"'
request -H "secret: $IDENTITY_HEADER_VALUE" "$APP?api-version=2017-09-01&$R&clientid=$ASSIGNED_CLIENT_ID"
true_of "the older form writes a date" ".client_id == \"$ASSIGNED_CLIENT_ID\" and (.expires_on | test(\"^[0-9]{2}/[0-9]{2}/[0-9]{4} \"))"
request -H 'Metadata: true' "$APP" -d "$R"
is "Cloud Shell" "$STATUS $(jq -r .token_type "$BODY")" '200 Bearer'

request -H 'Metadata: true' "$IMDS?api-version=2020-06-01&$R"
is "Arc challenges" "$STATUS" 401
REALM=$(header www-authenticate | sed -n 's/^Basic realm=//p')
is "with a file of the directory" "${REALM%/*} ${REALM##*.}" "$DIR/keys key"
is "that is private" "$(stat -c %a "$REALM")" 600
request -H 'Metadata: true' -H 'Authorization: Basic wrong' "$IMDS?api-version=2020-06-01&$R"
is "a wrong key" "$STATUS" 401
request -H 'Metadata: true' "$IMDS?api-version=2020-06-01&$R"
REALM=$(header www-authenticate | sed -n 's/^Basic realm=//p')
request -H 'Metadata: true' -H "Authorization: Basic $(cat "$REALM")" "$IMDS?api-version=2020-06-01&$R"
true_of "the key" '.expires_in == "86399" and .access_token'
request -H 'Metadata: true' -H "Authorization: Basic $(cat "$REALM")" "$IMDS?api-version=2020-06-01&$R"
is "is good once" "$STATUS" 401
sim_stop
sim_start || finish
request -H 'Metadata: true' "$BASE/metadata/identity/oauth2/token?api-version=2020-06-01&$R"
failed 400 bad_request_101 "no Arc machine without --arc-keys"
sim_stop
finish
