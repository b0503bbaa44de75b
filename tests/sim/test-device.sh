#!/bin/sh
# Entra ID: device code, from both sides.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/entra.sh"
sim_start || finish
SCOPE="$GRAPH/CloudPC.Read.All offline_access openid profile"

begin() { # SCOPE [CLIENT]
	request "$BASE/${TENANT_SEGMENT:-$TENANT}/oauth2/v2.0/devicecode" --data-urlencode "scope=$1" \
		-d "client_id=${2:-$PUBLIC_CLIENT_ID}"
	DEVICE_CODE=$(jq -r .device_code "$BODY")
	USER_CODE=$(jq -r .user_code "$BODY")
}
poll() {
	token grant_type=urn:ietf:params:oauth:grant-type:device_code client_id="${CLIENT:-$PUBLIC_CLIENT_ID}" \
		device_code="$DEVICE_CODE" "$@"
}

begin "$SCOPE"
is "it begins" "$STATUS" 200
true_of "with all that is needed" ".expires_in == 900 and .interval == 5 and .verification_uri == \"$BASE/device\" and
	(.user_code | length) == 9 and (.message | contains(\"$USER_CODE\")) and (has(\"verification_uri_complete\") | not)"
poll
refused 70016 authorization_pending 400 "nobody was there yet"
poll
refused 70016 slow_down 400 "asked too soon"
browse "$BASE/device"
has "the page" "$(cat "$BODY")" user_code
browse "$BASE/device" -d user_code=WRONG
has "a wrong code" "$(cat "$BODY")" AADSTS70018
lower=$(printf %s "$USER_CODE" | tr A-Z a-z | sed 's/^..../&-/')
browse "$BASE/device" -d "user_code=$lower"
has "the code, as people type it" "$(cat "$BODY")" '<b>CloudPC.Read.All</b>'
browse "$BASE/device" -d "user_code=$USER_CODE" -d action=approve --data-urlencode "login=$SIM_USER" -d passwd=wrong
has "a wrong password" "$(cat "$BODY")" AADSTS50126
browse "$BASE/device" -d "user_code=$USER_CODE" -d action=approve --data-urlencode "login=$SIM_USER" \
	--data-urlencode "passwd=$SIM_PASSWORD"
has "approved" "$(cat "$BODY")" 'You have signed in'
TENANT_SEGMENT=organizations
poll
refused 50134 invalid_grant 400 "another tenant segment"
TENANT_SEGMENT=
poll client_secret=x
refused 700025 invalid_client 401 "with a secret"
poll client_info=1
is "tokens" "$STATUS" 200
true_of "all of them" '.refresh_token and .id_token and .client_info and .scope == "'$GRAPH'/CloudPC.Read.All openid profile"'
TOKEN=$(jq -r .access_token "$BODY") REFRESH=$(jq -r .refresh_token "$BODY")
get $V1/cloudPCs?\$top=1
get $V1/cloudPCs
is "Graph takes them" "$STATUS" 200
poll
refused 54005 invalid_grant 400 "the code again"

begin "$SCOPE"
hook POST "device?user_code=$USER_CODE"
is "the hook approves" "$STATUS" 204
token grant_type=device_code client_id="$PUBLIC_CLIENT_ID" device_code="$DEVICE_CODE"
is "the older name of the grant" "$STATUS" 200
begin "$SCOPE"
hook POST device?action=decline
poll
refused 65004 authorization_declined 400 "declined"
begin "$SCOPE"
hook POST device?action=expire
poll
refused 70020 expired_token 400 "expired"
begin "$SCOPE"
hook POST clock?advance=901
poll
refused 70020 expired_token 400 "expired by itself"
begin "$SCOPE"
DEVICE_CODE=nonsense
poll
refused 70018 bad_verification_code 400 "no code of ours"
hook POST device?interval=0
begin "$SCOPE"
true_of "another interval" '.interval == 0'
poll
poll
refused 70016 authorization_pending 400 "never asked too soon then"
hook POST device?user_code=NONE
is "no such code for the hook" "$STATUS" 400

begin "$GRAPH/Nope.Read.All"
refused 70011 invalid_scope 400 "an unknown scope"
begin "$SCOPE" 11111111-2222-3333-4444-555555555555
refused 700016 unauthorized_client 400 "an unknown client"
request "$BASE/$TENANT/oauth2/v2.0/devicecode" -d "client_id=$PUBLIC_CLIENT_ID"
refused 900144 invalid_request 400 "no scope"
begin "$SCOPE" "$CLIENT_ID"
hook POST device
CLIENT=$CLIENT_ID
poll
refused 7000218 invalid_client 401 "an application that is not public: told after the sign-in"
CLIENT=

# Blocked by the tenant.
for code in 530035 53003; do
	hook POST "policy?grant=device_code&code=$code"
	begin "$SCOPE"
	hook POST device
	poll
	true_of "AADSTS$code" ".error_codes == [$code] and .suberror == \"message_only\""
	hook POST policy?clear=1
done
poll
is "and not any more" "$STATUS" 200
hook POST 'policy?grant=refresh_token&code=530036'
token grant_type=refresh_token client_id="$PUBLIC_CLIENT_ID" refresh_token="$REFRESH"
refused 530036 invalid_grant 400 "the mark of device code is on the refresh token"
hook POST policy?clear=1

hook POST user?role=none
begin "$GRAPH/CloudPC.ReadWrite.All"
hook POST device
is "an ordinary user cannot consent to that" "$STATUS" 400
browse "$BASE/device" -d "user_code=$USER_CODE" -d action=approve --data-urlencode "login=$SIM_USER" \
	--data-urlencode "passwd=$SIM_PASSWORD"
has "as the page says" "$(cat "$BODY")" AADSTS90094
poll
refused 70016 authorization_pending 400 "the application learns nothing"
sim_stop
finish
