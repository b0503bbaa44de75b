#!/bin/sh
# Entra ID: the browser's way of signing in, with PKCE and consent.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/entra.sh"
command -v python3 >/dev/null || skip "python3 is needed"
sim_start || finish
SCOPE="$GRAPH/CloudPC.Read.All offline_access openid profile"

usual scope="$SCOPE" login_hint=mira nonce=n1
is "a page" "$STATUS" 200
has "of HTML" "$(header content-type)" text/html
has "with the hint" "$(cat "$BODY")" 'value="mira"'
is "that loads nothing" "$(grep -c '<script' "$BODY")" 0
log_in "$SIM_USER" wrong
has "a wrong password" "$(cat "$BODY")" AADSTS50126
log_in nobody@x.example
has "an unknown user" "$(cat "$BODY")" AADSTS50034
log_in
has "consent is asked for" "$(cat "$BODY")" '<b>CloudPC.Read.All</b>'
has "of everything" "$(cat "$BODY")" '<b>offline_access</b>'
post_form action=accept
is "a redirect" "$STATUS" 302
has "to where it was asked" "$(header location)" "$REDIRECT?code=1."
is "the state" "$(returned state)" s1
CODE=$(returned code)
redeem "$CODE" code_verifier=$VERIFIER client_info=1
is "tokens" "$STATUS" 200
true_of "the answer" '.token_type == "Bearer" and .scope == "'$GRAPH'/CloudPC.Read.All openid profile" and .expires_in == 3599 and
	(.refresh_token | startswith("0.")) and (.id_token | length) > 100'
true_of "client_info" ".client_info | @base64d | fromjson | .utid == \"$TENANT\" and (.uid | length) == 36"
claims id_token
true_of "the id token" ".aud == \"$PUBLIC_CLIENT_ID\" and .nonce == \"n1\" and .iss == \"$BASE/$TENANT/v2.0\" and
	.preferred_username == \"$SIM_USER\" and .tid == \"$TENANT\" and .ver == \"2.0\" and (.name | length) > 3 and
	(.oid | length) == 36" "$DIR/claims"
claims access_token
true_of "the access token" '.scp == "CloudPC.Read.All openid profile" and .idtyp == "user" and .appidacr == "0" and
	(.wids | index("62e90394-69f5-4237-9190-012177145e10")) != null and .roles == null' "$DIR/claims"
TOKEN=$(jq -r .access_token "$BODY")
get $V1/cloudPCs?\$top=1
is "Graph takes it" "$STATUS" 200
get $V1/cloudPCs
get oidc/userinfo
true_of "discovery's userinfo too" ".email == \"$SIM_USER\""
request "$BASE/oidc/userinfo"
is "not without a token" "$STATUS" 401
request "$BASE/error?code=50126"
has "the page of error_uri" "$(cat "$BODY")" AADSTS50126
get v1.0/me/cloudPCs
is "and knows whose it is" "$STATUS" 200
redeem "$CODE" code_verifier=$VERIFIER
refused 54005 invalid_grant 400 "the code again"

usual scope="$SCOPE"
is "the browser remembers" "$STATUS" 302
CODE=$(returned code)
redeem "$CODE" code_verifier=${VERIFIER}x
refused 501481 invalid_grant 400 "another verifier"
redeem "$CODE"
refused 50147 invalid_grant 400 "no verifier"
redeem "$CODE" code_verifier=$VERIFIER client_secret=x
refused 700025 invalid_client 401 "a secret of a public client"
REDIRECT=http://localhost:43118/
redeem "$CODE" code_verifier=$VERIFIER
refused 50011 invalid_request 400 "another redirect URI"
REDIRECT=http://localhost:43117/
TENANT_SEGMENT=organizations
redeem "$CODE" code_verifier=$VERIFIER
refused 700005 invalid_grant 400 "another tenant"
TENANT_SEGMENT=
CLIENT=14d82eec-204b-4c2f-b7e8-296a70dab67e
redeem "$CODE" code_verifier=$VERIFIER
refused 70000 invalid_grant 400 "another client"
CLIENT=
redeem "$CODE" code_verifier=$VERIFIER
is "it was good all along" "$STATUS" 200
redeem 1.nonsense code_verifier=$VERIFIER
refused 70000 invalid_grant 400 "no code of ours"
usual scope="$SCOPE"
CODE=$(returned code)
hook POST clock?advance=601
redeem "$CODE" code_verifier=$VERIFIER
refused 70008 invalid_grant 400 "a code that is too old"

usual scope="$GRAPH/CloudPC.Read.All openid" response_mode=fragment
has "a fragment" "$(header location)" "$REDIRECT#code="
redeem "$(returned code)" code_verifier=$VERIFIER
true_of "no offline_access, no refresh token" 'has("refresh_token") | not'
usual scope="$SCOPE" response_mode=form_post
is "a form to post" "$(form_action)" "$REDIRECT"
is "its state" "$(hidden state)" s1
redeem "$(hidden code)" code_verifier=$VERIFIER
is "its code" "$STATUS" 200
authorize client_id="$PUBLIC_CLIENT_ID" response_type=code redirect_uri=http://127.0.0.1:5000 scope="$SCOPE" \
	code_challenge=$VERIFIER
REDIRECT=http://127.0.0.1:5000
redeem "$(returned code)" code_verifier=$VERIFIER
is "a plain challenge, the other loopback" "$STATUS" 200
REDIRECT=http://localhost
usual scope=.default prompt=none
CODE=$(returned code)
redeem "$CODE" code_verifier=$VERIFIER scope=$GRAPH/.default
true_of "all that was consented" '.scope | startswith("'$GRAPH'/CloudPC.Read.All ")'
REDIRECT=http://localhost:43117/

# prompt
usual scope="$SCOPE" prompt=login
has "login asks always" "$(cat "$BODY")" passwd
is "and offers nobody" "$(grep -c 'name="account"' "$BODY")" 0
usual scope="$SCOPE" prompt=select_account
has "select_account offers who is there" "$(cat "$BODY")" "name=\"account\" value=\"$SIM_USER\""
post_form account="$SIM_USER"
is "who needs no password" "$STATUS" 302
usual scope="$SCOPE" prompt=consent
has "consent asks again" "$(cat "$BODY")" 'value="accept"'
post_form action=cancel
is "cancel is told" "$(returned error)" access_denied
has "as AADSTS65004" "$(returned error_description)" AADSTS65004
is "with the state" "$(returned state)" s1
usual scope="$GRAPH/User.Read" prompt=none
is "none cannot ask for consent" "$(returned error)" interaction_required
rm "$JAR"
usual scope="$SCOPE" prompt=none
is "none cannot ask who it is" "$(returned error)" login_required
usual scope="$SCOPE" prompt=perhaps
is "an unknown prompt" "$(returned error)" invalid_request

# What the application is told...
usual scope="$GRAPH/Nope.Read.All"
is "an unknown scope" "$(returned error)" invalid_scope
usual scope="$GRAPH/CloudPC.Read.All $GRAPH/.default"
has "mixed with .default" "$(returned error_description)" AADSTS70011
usual scope=https://vault.example/x
is "another resource" "$(returned error)" invalid_resource
authorize client_id="$PUBLIC_CLIENT_ID" response_type=token redirect_uri="$REDIRECT" scope="$SCOPE"
is "another response type" "$(returned error)" unsupported_response_type
authorize client_id="$PUBLIC_CLIENT_ID" response_type=code redirect_uri="$REDIRECT" scope="$SCOPE" code_challenge=short
has "a short challenge" "$(returned error_description)" AADSTS501491
usual scope="$SCOPE" claims='{"access_token":'
has "claims that are no JSON" "$(returned error_description)" AADSTS90023
# ...and what only the person sees.
for uri in http://localhost:43117/elsewhere https://evil.example/ http://localhost.evil.example/ http://localhost:1@evil.example; do
	authorize client_id="$PUBLIC_CLIENT_ID" response_type=code redirect_uri=$uri scope="$SCOPE"
	is "redirect to $uri" "$STATUS $(header location)" '400 '
	has "redirect to $uri: AADSTS" "$(cat "$BODY")" AADSTS50011
done
CLIENT=11111111-2222-3333-4444-555555555555
usual scope="$SCOPE"
has "an unknown client" "$(cat "$BODY")" AADSTS700016
CLIENT=
TENANT_SEGMENT=consumers
usual scope="$SCOPE"
has "personal accounts" "$(cat "$BODY")" AADSTS9002332
TENANT_SEGMENT=
usual scope="$SCOPE" login_hint='"><script>alert(1)</script>'
is "what comes in is escaped" "$(grep -c '<script' "$BODY")" 0

# Somebody who is no administrator.
hook POST user?role=none
usual scope="$GRAPH/CloudPC.ReadWrite.All offline_access"
log_in
has "an administrator is needed" "$(cat "$BODY")" AADSTS90094
post_form action=back
is "the application is told" "$(returned error)" access_denied
has "that number" "$(returned error_description)" AADSTS90094
usual scope="$GRAPH/CloudPC.ReadWrite.All"
post_form action=accept
is "a forged accept is none" "$(returned error)" access_denied
signed_in "$SCOPE"
redeem "$CODE" code_verifier=$VERIFIER
TOKEN=$(jq -r .access_token "$BODY")
get v1.0/me/cloudPCs
is "the own Cloud PCs" "$STATUS" 200
get $V1/cloudPCs
is "not everybody's" "$STATUS" 403
hook POST 'user?role=Windows%20365%20Administrator'
get $V1/cloudPCs
is "with the role" "$STATUS" 200
hook POST "consent?scopes=CloudPC.ReadWrite.All"
usual scope="$GRAPH/CloudPC.ReadWrite.All" prompt=none
is "what an administrator has consented to" "$(returned error)$STATUS" 302
hook POST 'policy?grant=authorize&code=53003'
usual scope="$SCOPE"
is "blocked by Conditional Access: no redirect" "$STATUS $(header location)" '400 '
has "but a page" "$(cat "$BODY")" AADSTS53003
usual scope="$SCOPE" prompt=none
is "unless nothing can be shown" "$(returned error)" interaction_required
hook POST policy?clear=1
hook POST user?state=disabled
rm "$JAR"
usual scope="$SCOPE"
log_in
has "a disabled account" "$(cat "$BODY")" AADSTS50057
request "$BASE/somewhere?code=$CODE&x=1"
hook GET log
is "no code in the log" "$(grep -c "$CODE" "$BODY")" 0
true_of "but all else" '.requests[-1].query == "code=...&x=1"'
browse "$BASE/$TENANT/oauth2/v2.0/logout?post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A99"
is "signing out" "$STATUS $(header location)" '302 http://localhost:99'
sim_stop
finish
