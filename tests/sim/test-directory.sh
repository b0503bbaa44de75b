#!/bin/sh
# The directory by Graph: an application registers another, which then signs in.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/entra.sh"
command -v python3 >/dev/null || skip "python3 is needed"
sim_start || finish
READ_ROLE=a9e09520-8ed4-4cde-838e-4fdea192c227
READ_SCOPE=5252ec4e-fd40-4d92-8c68-89dd1d3c6110
GRAPH_APP=00000003-0000-0000-c000-000000000000

# send METHOD PATH [JSON]
send() {
	if [ $# -gt 2 ]; then
		get "$2" -X "$1" -H 'Content-Type: application/json' --data-binary "$3"
	else
		get "$2" -X "$1"
	fi
}
failed() { is "$3" "$STATUS $(jq -r .error.code "$BODY")" "$1 $2"; }
user_token() { # SCOPES: of Microsoft Graph Command Line Tools
	CLIENT=14d82eec-204b-4c2f-b7e8-296a70dab67e
	signed_in "$1"
	redeem "$CODE" code_verifier=$VERIFIER
	TOKEN=$(jq -r .access_token "$BODY")
	CLIENT=
}

sign_in
send GET v1.0/applications
failed 403 Authorization_RequestDenied "without the permission"
user_token "Application.ReadWrite.All AppRoleAssignment.ReadWrite.All DelegatedPermissionGrant.ReadWrite.All User.Read Organization.Read.All"
is "Microsoft's own client signs in" "$STATUS" 200

# Who and where.
send GET v1.0/me
true_of "me" ".userPrincipalName == \"$SIM_USER\" and .id"
ME=$(jq -r .id "$BODY")
send GET v1.0/me/transitiveMemberOf/microsoft.graph.directoryRole
true_of "my roles" '.value[0].roleTemplateId == "62e90394-69f5-4237-9190-012177145e10"'
send GET v1.0/organization
true_of "the organization" ".value[0].id == \"$TENANT\" and .value[0].verifiedDomains[0].isDefault"
send GET beta/subscribedSkus
true_of "licences" '.value[0].skuPartNumber | startswith("CPC_")'
send GET "v1.0/servicePrincipals(appId='$GRAPH_APP')?\$select=id,appId,appRoles,oauth2PermissionScopes"
true_of "Graph itself" ".appId == \"$GRAPH_APP\" and ([.appRoles[] | select(.value == \"CloudPC.Read.All\").id] == [\"$READ_ROLE\"]) and
	([.oauth2PermissionScopes[] | select(.value == \"CloudPC.Read.All\") | [.id, .type]] == [[\"$READ_SCOPE\", \"User\"]]) and
	(has(\"displayName\") | not)"
GRAPH_SP=$(jq -r .id "$BODY")

send GET "v1.0/servicePrincipals(appId='$CLIENT_ID')/appRoleAssignments"
true_of "what --roles has granted" "[.value[].appRoleId] | index(\"$READ_ROLE\") != null"

# Registration.
send POST v1.0/applications '{"displayName":"w365fs test","signInAudience":"AzureADMyOrg","isFallbackPublicClient":true,
	"publicClient":{"redirectUris":["http://localhost/callback"]},"requiredResourceAccess":[{"resourceAppId":"'$GRAPH_APP'",
	"resourceAccess":[{"id":"'$READ_SCOPE'","type":"Scope"},{"id":"'$READ_ROLE'","type":"Role"}]}]}'
is "an application" "$STATUS" 201
true_of "its ids" '(.id | length) == 36 and (.appId | length) == 36 and .id != .appId and .signInAudience == "AzureADMyOrg"'
APP=$(jq -r .id "$BODY") APP_ID=$(jq -r .appId "$BODY")
send POST v1.0/applications '{"displayName":"x","nonsense":1}'
failed 400 Request_BadRequest "an unknown member"
send POST v1.0/applications '{"signInAudience":"AzureADMyOrg"}'
failed 400 Request_BadRequest "no name"
send POST v1.0/applications '{"displayName":"x","signInAudience":"Everybody"}'
failed 400 Request_BadRequest "an unknown audience"
send POST v1.0/applications nonsense
failed 400 BadRequest "no JSON"
send GET "v1.0/applications(appId='$APP_ID')"
true_of "by its appId" ".id == \"$APP\""
send GET "v1.0/applications?\$filter=displayName eq 'w365fs test'&\$select=id"
true_of "by its name" ".value == [{\"id\":\"$APP\"}]"
send GET "v1.0/applications?\$filter=displayName gt 'x'"
failed 400 Request_UnsupportedQuery "another filter"
send GET v1.0/applications/11111111-2222-3333-4444-555555555555
failed 404 Request_ResourceNotFound "one that is not there"
send PATCH "v1.0/applications/$APP" '{"displayName":"w365fs tested"}'
is "a change" "$STATUS" 204

secret_sign_in() {
	token grant_type=client_credentials client_id="$APP_ID" client_secret="$SECRET" scope=$GRAPH/.default
}
send POST "v1.0/applications/$APP/addPassword" '{"passwordCredential":{"displayName":"host"}}'
is "a secret" "$STATUS" 200
SECRET=$(jq -r .secretText "$BODY") KEY=$(jq -r .keyId "$BODY")
send GET "v1.0/applications/$APP"
true_of "is never shown again" ".passwordCredentials[0] | .keyId == \"$KEY\" and .secretText == null and .displayName == \"host\""
secret_sign_in
refused 7000229 invalid_client 401 "no service principal yet"
send POST v1.0/servicePrincipals "{\"appId\":\"$APP_ID\"}"
is "the service principal" "$STATUS" 201
SP=$(jq -r .id "$BODY")
send POST v1.0/servicePrincipals "{\"appId\":\"$APP_ID\"}"
failed 409 Request_MultipleObjectsWithSameKeyValue "is one"
send POST v1.0/servicePrincipals '{"appId":"11111111-2222-3333-4444-555555555555"}'
failed 400 NoBackingApplicationObject "of an application that is there"
send GET "v1.0/servicePrincipals?\$filter=appId eq '$APP_ID'"
true_of "by its appId" "[.value[].id] == [\"$SP\"]"
secret_sign_in
claims access_token
true_of "a token without roles" 'has("roles") | not' "$DIR/claims"

# An application permission.
assignment="{\"principalId\":\"$SP\",\"resourceId\":\"$GRAPH_SP\",\"appRoleId\":\"$READ_ROLE\"}"
send POST "v1.0/servicePrincipals/$GRAPH_SP/appRoleAssignedTo" "$assignment"
is "granted" "$STATUS" 201
ASSIGNMENT=$(jq -r .id "$BODY")
send POST "v1.0/servicePrincipals/$GRAPH_SP/appRoleAssignedTo" "$assignment"
failed 400 Request_BadRequest "once"
true_of "as it is said" '.error.message == "Permission being assigned already exists on the object"'
send POST "v1.0/servicePrincipals/$GRAPH_SP/appRoleAssignedTo" "$(echo "$assignment" | sed "s/$READ_ROLE/$READ_SCOPE/")"
failed 400 Request_BadRequest "a role that is there"
send GET "v1.0/servicePrincipals/$SP/appRoleAssignments"
true_of "is listed" ".value[0].appRoleId == \"$READ_ROLE\" and .value[0].resourceId == \"$GRAPH_SP\""
KEEP=$TOKEN
secret_sign_in
claims access_token
true_of "a token with the role" '.roles == ["CloudPC.Read.All"]' "$DIR/claims"
TOKEN=$(jq -r .access_token "$BODY")
get $V1/cloudPCs
is "Graph takes it" "$STATUS" 200
send GET v1.0/me
failed 400 BadRequest "an application is nobody"
TOKEN=$KEEP

# A certificate.
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=app -keyout "$DIR/app.key" -out "$DIR/app.pem" 2>/dev/null
DER=$(openssl x509 -in "$DIR/app.pem" -outform DER | base64 -w0)
send PATCH "v1.0/applications/$APP" "{\"keyCredentials\":[{\"type\":\"AsymmetricX509Cert\",\"usage\":\"Verify\",\"key\":\"$DER\"}]}"
is "a certificate" "$STATUS" 204
send GET "v1.0/applications/$APP"
true_of "is not shown" '.keyCredentials[0].key == null and .keyCredentials[0].keyId'
send GET "v1.0/applications/$APP?\$select=keyCredentials"
true_of "but to who selects it" ".keyCredentials[0].key == \"$DER\""
send PATCH "v1.0/applications/$APP" '{"keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify"}]}'
failed 400 KeyCredentialsInvalidValue "without a key"
x5t=$(openssl x509 -in "$DIR/app.pem" -outform DER | openssl dgst -sha256 -binary | b64url)
now=$(date +%s)
signed=$(printf '{"alg":"RS256","x5t#S256":"%s"}' "$x5t" | b64url).$(printf \
	'{"aud":"%s","iss":"%s","sub":"%s","jti":"j1","nbf":%d,"exp":%d}' "$BASE/$TENANT/oauth2/v2.0/token" "$APP_ID" "$APP_ID" \
	"$now" $((now + 600)) | b64url)
token grant_type=client_credentials client_id="$APP_ID" scope=$GRAPH/.default \
	client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
	client_assertion="$signed.$(printf %s "$signed" | openssl dgst -sha256 -sign "$DIR/app.key" | b64url)"
is "it signs in" "$STATUS" 200

# A federated credential.
FIC='{"name":"k8s","issuer":"https://oidc.example/","subject":"s","audiences":["api://AzureADTokenExchange"]}'
send POST "v1.0/applications/$APP/federatedIdentityCredentials" "$FIC"
is "a federated credential" "$STATUS" 201
send POST "v1.0/applications/$APP/federatedIdentityCredentials" "$FIC"
failed 409 Request_MultipleObjectsWithSameKeyValue "once"
send GET "v1.0/applications/$APP/federatedIdentityCredentials"
true_of "is listed" '.value[0].name == "k8s"'
send DELETE "v1.0/applications/$APP/federatedIdentityCredentials/$(jq -r '.value[0].id' "$BODY")"
is "and deleted" "$STATUS" 204

# A delegated permission for everybody.
grant="{\"clientId\":\"$SP\",\"consentType\":\"AllPrincipals\",\"resourceId\":\"$GRAPH_SP\",\"scope\":\"CloudPC.Read.All offline_access openid profile\"}"
send POST v1.0/oauth2PermissionGrants "$grant"
is "a grant" "$STATUS" 201
GRANT=$(jq -r .id "$BODY")
send POST v1.0/oauth2PermissionGrants "$grant"
failed 409 Request_MultipleObjectsWithSameKeyValue "is one"
send POST v1.0/oauth2PermissionGrants "$(echo "$grant" | sed 's/AllPrincipals/Principal/')"
failed 400 Request_BadRequest "for one, who is not named"
send GET "v1.0/oauth2PermissionGrants?\$filter=clientId eq '$SP' and resourceId eq '$GRAPH_SP'"
true_of "by filter" "[.value[].id] == [\"$GRANT\"] and .value[0].principalId == null"
CLIENT=$APP_ID REDIRECT=http://localhost:9999/callback
usual scope="$GRAPH/CloudPC.Read.All offline_access"
is "nobody is asked then" "$STATUS" 302
redeem "$(returned code)" code_verifier=$VERIFIER
true_of "and gets tokens" ".scope == \"$GRAPH/CloudPC.Read.All\" and .refresh_token"
TENANT_SEGMENT=organizations
usual scope="$GRAPH/CloudPC.Read.All"
has "it is of this tenant alone" "$(cat "$BODY")" AADSTS50194
TENANT_SEGMENT=
send PATCH "v1.0/oauth2PermissionGrants/$GRANT" '{"scope":"CloudPC.Read.All CloudPC.ReadWrite.All"}'
is "more" "$STATUS" 204
usual scope="$GRAPH/CloudPC.ReadWrite.All" prompt=none
is "more it is" "$STATUS $(returned error)" '302 '
send DELETE "v1.0/oauth2PermissionGrants/$GRANT"
is "no grant" "$STATUS" 204
usual scope="$GRAPH/CloudPC.Read.All" prompt=none
is "no code" "$(returned error)" interaction_required

# Consent by an administrator's visit.
send DELETE "v1.0/servicePrincipals/$GRAPH_SP/appRoleAssignedTo/$ASSIGNMENT"
is "the role is gone" "$STATUS" 204
page() {
	browse "$BASE/$TENANT/v2.0/adminconsent?client_id=$APP_ID&scope=$GRAPH/.default&state=s2&redirect_uri=$REDIRECT"
}
page
has "the page has both kinds" "$(cat "$BODY")" 'and by itself'
post_form action=cancel
is "cancelled" "$(returned admin_consent) $(returned error) $(returned state)" 'True consent_required s2'
page
post_form action=accept login="$SIM_USER" passwd=wrong
has "a wrong password" "$(cat "$BODY")" AADSTS50126
post_form action=accept login="$SIM_USER" passwd="$SIM_PASSWORD"
is "accepted" "$(returned admin_consent) $(returned error)$(returned tenant) $(returned state)" "True $TENANT s2"
usual scope="$GRAPH/CloudPC.Read.All" prompt=none
is "for everybody" "$STATUS $(returned error)" '302 '
secret_sign_in
claims access_token
true_of "and the application" '.roles == ["CloudPC.Read.All"]' "$DIR/claims"
CLIENT='' REDIRECT=http://localhost:43117/
browse "$BASE/common/v2.0/adminconsent?client_id=$APP_ID&scope=$GRAPH/.default&redirect_uri=$REDIRECT"
is "not below common" "$STATUS" 400

# A web application proves itself with the code, a page's script comes from elsewhere.
send PATCH "v1.0/applications/$APP" '{"web":{"redirectUris":["http://localhost/web"]},"spa":{"redirectUris":["http://localhost/spa"]}}'
CLIENT=$APP_ID REDIRECT=http://localhost:1234/web
usual scope="$GRAPH/CloudPC.Read.All offline_access"
CODE=$(returned code)
redeem "$CODE" code_verifier=$VERIFIER
refused 7000218 invalid_client 401 "a web application without its secret"
redeem "$CODE" code_verifier=$VERIFIER client_secret="$SECRET"
is "with it" "$STATUS" 200
REFRESH=$(jq -r .refresh_token "$BODY")
token grant_type=refresh_token client_id="$APP_ID" refresh_token="$REFRESH"
refused 7000218 invalid_client 401 "its refresh token alone"
token grant_type=refresh_token client_id="$APP_ID" refresh_token="$REFRESH" client_secret="$SECRET"
is "and with the secret" "$STATUS" 200
REDIRECT=http://localhost:1234/spa
usual scope="$GRAPH/CloudPC.Read.All"
redeem "$(returned code)" code_verifier=$VERIFIER
refused 9002327 invalid_request 400 "a single-page application"
send PATCH "v1.0/applications(appId='$CLIENT_ID')" '{"web":{"redirectUris":["https://x.example/"]},"description":null}'
is "an application of the start is changed, too" "$STATUS" 204
send PATCH "v1.0/servicePrincipals/$SP" '{"accountEnabled":false}'
secret_sign_in
refused 7000112 unauthorized_client 400 "a disabled application"
send PATCH "v1.0/servicePrincipals/$SP" '{"accountEnabled":true}'
CLIENT='' REDIRECT=http://localhost:43117/

send POST "v1.0/applications/$APP/removePassword" "{\"keyId\":\"$KEY\"}"
is "no secret" "$STATUS" 204
secret_sign_in
refused 7000215 invalid_client 401 "and none signs in"

# What is made is not everywhere at once.
hook POST replication?ms=600000
send POST v1.0/applications '{"displayName":"late","signInAudience":"AzureADMyOrg"}'
is "made" "$STATUS" 201
LATE=$(jq -r .id "$BODY") LATE_ID=$(jq -r .appId "$BODY")
send GET "v1.0/applications/$LATE"
failed 404 Request_ResourceNotFound "not read yet"
send POST v1.0/servicePrincipals "{\"appId\":\"$LATE_ID\"}"
failed 400 NoBackingApplicationObject "not known yet"
send POST "v1.0/applications/$APP/addPassword" '{"passwordCredential":{}}'
SECRET=$(jq -r .secretText "$BODY")
secret_sign_in
refused 7000215 invalid_client 401 "a secret that is not known yet"
hook POST replication?ms=0

# Somebody who is no administrator may register, and grant nothing.
hook POST user?role=none
send POST v1.0/applications '{"displayName":"mine","signInAudience":"AzureADMyOrg"}'
is "an ordinary user registers" "$STATUS" 201
send POST v1.0/servicePrincipals "{\"appId\":\"$(jq -r .appId "$BODY")\"}"
MINE=$(jq -r .id "$BODY")
send POST "v1.0/servicePrincipals/$GRAPH_SP/appRoleAssignedTo" "{\"principalId\":\"$MINE\",\"resourceId\":\"$GRAPH_SP\",\"appRoleId\":\"$READ_ROLE\"}"
failed 403 Authorization_RequestDenied "no application permission"
send POST v1.0/oauth2PermissionGrants "{\"clientId\":\"$MINE\",\"consentType\":\"AllPrincipals\",\"resourceId\":\"$GRAPH_SP\",\"scope\":\"User.Read\"}"
failed 403 Authorization_RequestDenied "no delegated one"
send GET "v1.0/applications?\$filter=appId eq '$CLIENT_ID'"
send DELETE "v1.0/applications/$(jq -r '.value[0].id' "$BODY")"
failed 403 Authorization_RequestDenied "nothing of others"
hook POST 'user?role=Cloud%20Application%20Administrator'
send POST v1.0/oauth2PermissionGrants "{\"clientId\":\"$MINE\",\"consentType\":\"AllPrincipals\",\"resourceId\":\"$GRAPH_SP\",\"scope\":\"User.Read\"}"
is "with the role" "$STATUS" 201
send DELETE "v1.0/applications/$APP"
is "deleted" "$STATUS" 204
send GET "v1.0/servicePrincipals/$SP"
failed 404 Request_ResourceNotFound "with its service principal"
secret_sign_in
refused 700016 unauthorized_client 400 "and nobody signs in"
sim_stop
finish
