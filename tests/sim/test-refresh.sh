#!/bin/sh
# Entra ID: refresh tokens, incremental consent, policies, challenges.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/entra.sh"
command -v python3 >/dev/null || skip "python3 is needed"
sim_start || finish
SCOPE="$GRAPH/CloudPC.Read.All offline_access openid profile"

refresh() { # PARAMETER=VALUE...
	token grant_type=refresh_token client_id="${CLIENT:-$PUBLIC_CLIENT_ID}" refresh_token="$REFRESH" "$@"
}
begin() { # [SCOPE]
	signed_in "${1:-$SCOPE}"
	redeem "$CODE" code_verifier=$VERIFIER
	REFRESH=$(jq -r .refresh_token "$BODY")
}

begin
FIRST=$REFRESH
refresh scope="$SCOPE" client_info=1
is "new tokens" "$STATUS" 200
true_of "a new refresh token too" ".refresh_token != \"$REFRESH\" and .access_token and .id_token and .client_info"
claims id_token
true_of "no nonce any more" 'has("nonce") | not' "$DIR/claims"
REFRESH=$(jq -r .refresh_token "$BODY")
refresh
is "the new one, without scopes" "$STATUS" 200
REFRESH=$FIRST
refresh scope="$SCOPE"
is "the old one is still good" "$STATUS" 200
refresh scope=CloudPC.Read.All
true_of "a part of the scopes" '.scope == "CloudPC.Read.All" and (has("id_token") | not) and .refresh_token'
TENANT_SEGMENT=organizations
refresh scope="$SCOPE"
is "below a shared name" "$STATUS" 200
TENANT_SEGMENT=
refresh scope="$GRAPH/CloudPC.ReadWrite.All"
refused 65001 invalid_grant 400 "more than was consented to"
true_of "says so" '.suberror == "consent_required"'
hook POST "consent?scopes=CloudPC.ReadWrite.All&user=$SIM_USER"
refresh scope="$GRAPH/CloudPC.ReadWrite.All"
true_of "after consent" ".scope == \"$GRAPH/CloudPC.ReadWrite.All\""
refresh scope=$GRAPH/.default
true_of ".default: all of it, and itself" ".scope == \"$GRAPH/CloudPC.Read.All $GRAPH/CloudPC.ReadWrite.All $GRAPH/.default\""
hook POST consent?clear=1
refresh scope="$SCOPE"
refused 65001 invalid_grant 400 "consent withdrawn"
refresh scope=Nope.Read.All
refused 70011 invalid_scope 400 "an unknown scope"
CLIENT=14d82eec-204b-4c2f-b7e8-296a70dab67e
refresh scope="$SCOPE"
refused 70000 invalid_grant 400 "another client"
CLIENT=
REFRESH=0.nonsense
refresh
refused 70000 invalid_grant 400 "no refresh token of ours"
token grant_type=refresh_token client_id="$PUBLIC_CLIENT_ID"
refused 900144 invalid_request 400 "none at all"

begin
refresh client_secret=x
refused 700025 invalid_client 401 "a secret of a public client"
hook POST sign-out
refresh
refused 50173 invalid_grant 400 "revoked"
usual scope="$SCOPE" prompt=none
is "the browser is signed out, too" "$(returned error)" login_required
begin
refresh
is "a new sign-in is good" "$STATUS" 200
hook POST sign-out?code=70043
refresh
refused 70043 invalid_grant 400 "sign-in frequency"
hook POST sign-out?code=1
is "not with any number" "$STATUS" 400
begin
hook POST user?state=disabled
refresh
refused 50057 invalid_grant 400 "a disabled account"
hook POST user?state=enabled

# Policies: those that a new sign-in satisfies, and those that nothing does.
begin
hook POST 'policy?grant=refresh_token&code=50076'
refresh scope="$SCOPE"
refused 50076 interaction_required 400 "MFA"
true_of "with claims" '.suberror == "basic_action" and (.claims | fromjson | .access_token.capolids.essential)'
WANTED=$(jq -r .claims "$BODY")
rm "$JAR"
usual scope="$SCOPE" claims="$WANTED"
log_in
redeem "$(returned code)" code_verifier=$VERIFIER
REFRESH=$(jq -r .refresh_token "$BODY")
refresh scope="$SCOPE"
is "after a sign-in with them" "$STATUS" 200
hook POST policy?code=53003
refresh scope="$SCOPE"
refused 53003 invalid_grant 400 "blocked"
sign_in
is "the application too" "$STATUS $(jq -c .error_codes "$BODY")" '400 [53003]'
hook POST policy?clear=1
refresh scope="$SCOPE"
is "and not any more" "$STATUS" 200
hook POST policy?code=12
is "an unknown policy" "$STATUS" 400

# A challenge, end to end.
CP1='{"access_token":{"xms_cc":{"values":["cp1"]}}}'
refresh scope="$SCOPE" claims="$CP1"
TOKEN=$(jq -r .access_token "$BODY")
claims access_token
true_of "the capability is in the token" '.xms_cc == ["cp1"]' "$DIR/claims"
hook POST 'fault?kind=claims'
get $V1/cloudPCs
is "challenged" "$STATUS" 401
ASKED=$(header www-authenticate | sed 's/.*claims="\([^"]*\)".*/\1/' | base64 -d)
OLD=$TOKEN
refresh scope="$SCOPE" claims="$CP1"
TOKEN=$(jq -r .access_token "$BODY")
get $V1/cloudPCs
is "a token without the claims" "$STATUS" 401
refresh scope="$SCOPE" claims="$(echo "$CP1 $ASKED" | jq -cs '.[0] * .[1]')"
TOKEN=$(jq -r .access_token "$BODY")
get $V1/cloudPCs
is "a token with them" "$STATUS" 200
TOKEN=$OLD
get $V1/cloudPCs
is "the old token stays refused" "$STATUS" 401
refresh scope="$SCOPE" claims=nonsense
refused 90023 invalid_request 400 "claims that are no JSON"

hook POST clock?advance=7776001
refresh
refused 700082 invalid_grant 400 "unused for ninety days"
CLIENT=04b07795-8ddb-461a-bbee-02f9e1bf7b46
begin "$GRAPH/.default offline_access"
is "the Azure CLI signs in" "$STATUS" 200
refresh scope="$GRAPH/CloudPC.Read.All"
refused 65002 invalid_request 400 "but not for Cloud PCs"
sim_stop
finish
