# The app registration by one command: made, completed, widened, refused, told beforehand, deleted.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3 setsid

requires_localhost
sim_start
export XDG_STATE_HOME="$TMP/state" SIM_USER SIM_PASSWORD CACERT="$TMP/cert.pem" PAGE="$TMP/page"
unset BROWSER DISPLAY WAYLAND_DISPLAY
CONFIG=$XDG_CONFIG_HOME/w365fs/config
cat >"$TMP/browser" <<EOF
#!/bin/sh
exec python3 "$TEST_LIB/browser.py" "\$1" 2>>"$TMP/browser.log"
EOF
chmod +x "$TMP/browser"
export BROWSER="$TMP/browser"

# reg OPTION...: registers; what it says is in $TMP/out and $TMP/said. The simulator has an application 'w365fs' of its own.
reg() {
	"$W365FS" register --tenant "$TENANT" --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" \
		"$@" >"$TMP/out" 2>"$TMP/said"
}
# writes: how many requests that change something the directory has seen.
writes() {
	sim GET '/_sim/log?counts=1' | jq '[.counts | to_entries[] | select(.key | test("^(POST|PATCH|DELETE) /v1.0/")) | .value] | add // 0'
}
# directory PATH: as somebody who may read it.
directory() {
	[ -n "${ADMIN_TOKEN-}" ] || ADMIN_TOKEN=$(admin_token)
	curl -sS --cacert "$TMP/cert.pem" -H "Authorization: Bearer $ADMIN_TOKEN" -H 'User-Agent: t' "$GRAPH_BASE/v1.0/$1"
}
# A daemon of the simulator may all that --roles says.
admin_token() {
	sim POST '/_sim/roles?roles=Application.ReadWrite.All%20CloudPC.Read.All' >/dev/null
	admin_token_of
}
admin_token_of() {
	curl -sS --cacert "$TMP/cert.pem" -d grant_type=client_credentials -d "client_id=$CLIENT_ID" --data-urlencode \
		"client_secret=$CLIENT_SECRET" -d 'scope=https://graph.microsoft.com/.default' "$ENTRA_BASE/$TENANT/oauth2/v2.0/token" |
		jq -r .access_token
}
# named NAME: how many applications have that name
named() {
	directory "applications?\$filter=displayName%20eq%20'$1'" | jq '.value | length'
}
id_in_config() { sed -n 's/^client-id = //p' "$CONFIG"; }

# Usage.
reg extra
is "it takes no words" $? 1
reg --secret
is "a person needs no secret" $? 1
has "and why" "$(cat "$TMP/said")" "--app-only"
reg --auth=client-secret
is "an application cannot register" $? 1
reg --delete --yes
is "delete wants a name" $? 1
reg --delete --name x
is "and a yes" $? 1
is "nothing was sent for all that" "$(token_requests)" 0

# A dry run.
reg --name Tree --dry-run
is "a dry run" $? 0
has "says what it would send" "$(cat "$TMP/out")" "POST $GRAPH_BASE/v1.0/applications"
has "with the consent" "$(cat "$TMP/out")" '"scope": "CloudPC.Read.All offline_access openid profile"'
is "sends no write" "$(writes)" 0
ok "writes no file" test ! -e "$CONFIG"
reg --name Tree --dry-run --json --app-only --make-certificate="$TMP/never.pem"
is "as JSON" "$(jq -c '[.requests[].method]' "$TMP/out")" '["POST","POST","PATCH","POST"]'
ok "no key either" test ! -e "$TMP/never.pem"

# For people, read-only.
sim POST '/_sim/replication?ms=1500' >/dev/null
reg --name Tree
is "registered" $? 0
has "waiting for the directory" "$(cat "$TMP/said")" "waiting"
has "the next step" "$(cat "$TMP/out")" "w365fs login"
is "the configuration is private" "$(stat -c %a "$CONFIG")" 600
TREE=$(id_in_config)
is "one application" "$(named Tree)" 1
is "with the fewest permissions" "$(directory "applications(appId='$TREE')" | jq -c '[.signInAudience, .isFallbackPublicClient,
	.publicClient.redirectUris, [.requiredResourceAccess[0].resourceAccess[] | select(.type == "Role")],
	([.requiredResourceAccess[0].resourceAccess[].id] | length == 4)]')" \
	'["AzureADMyOrg",true,["http://localhost"],[],true]'
ok "the administrator's sign-in is not kept" test ! -e "$XDG_STATE_HOME/w365fs/tokens.json"
"$W365FS" login >"$TMP/out" 2>"$TMP/said"
is "login works by what it wrote" $? 0
lacks "and nobody is asked to consent" "$(cat "$PAGE")" "Permissions requested"
MOUNTS=$MNT
ok "so does mount" "$W365FS" mount "$MNT"
is "it reads" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
unmount
"$W365FS" logout >/dev/null

# Again, and with more.
n=$(writes)
cp "$CONFIG" "$TMP/before"
reg --name Tree
is "twice" $? 0
has "it says what is there" "$(cat "$TMP/out")" "was there"
is "and writes nothing" "$(writes)" "$n"
ok "the configuration stays" cmp "$CONFIG" "$TMP/before"
printf '\n# mine\n[other.example]\nclient-id = x\n' >>"$CONFIG"
reg --name Tree --read-write --json
is "with more" "$(jq -c '[.application, .servicePrincipal, .consent]' "$TMP/out")" '["changed","there","changed"]'
is "by two requests" "$(writes)" $((n + 2))
is "what others wrote stays" "$(tail -n 3 "$CONFIG")" "$(printf '# mine\n[other.example]\nclient-id = x')"

# A list that goes on elsewhere.
link() {
	sim POST "/_sim/fault?kind=link&times=1&match=GET%20/v1.0/applications&url=$(jq -rn --arg u "$1" '$u | @uri')" >/dev/null
}
link "$GRAPH_BASE/v1.0/applications?\$filter=displayName%20eq%20'Tree'"
n=$(writes)
reg --name Paged --json
is "the next page is asked for" "$(jq -r .application "$TMP/out") $(jq -r .clientId "$TMP/out") $(writes)" "there $TREE $n"
link "https://elsewhere.example/v1.0/applications"
reg --name Paged
is "another host is not" $? 3
has "says so" "$(cat "$TMP/said")" "refused to follow a link to elsewhere.example"

# For a program, with a certificate.
sim POST '/_sim/replication?ms=0' >/dev/null
reg --name Daemon --app-only --make-certificate "$TMP/app.pem"
is "app-only by a certificate" $? 0
is "its key is private" "$(stat -c %a "$TMP/app.pem")" 600
DAEMON=$(id_in_config | head -1)
is "only its public half was sent" "$(directory "applications/$(directory "applications(appId='$DAEMON')" | jq -r .id)?\$select=keyCredentials" |
	jq -r '.keyCredentials[].key' | base64 -d | openssl x509 -inform DER -noout -fingerprint)" \
	"$(openssl x509 -in "$TMP/app.pem" -noout -fingerprint)"
ok "mount works by it" "$W365FS" mount "$MNT"
ok "and reads" ls "$MNT/cloudPCs"
unmount
n=$(writes)
cp "$TMP/app.pem" "$TMP/app-before.pem"
reg --name Daemon --app-only --make-certificate "$TMP/app.pem"
is "twice" "$? $(writes)" "0 $n"
ok "the key stays" cmp "$TMP/app.pem" "$TMP/app-before.pem"

# With a secret, and a federated credential.
reg --name Service --app-only --secret="$TMP/service.secret" --json
is "with a secret" "$? $(stat -c %a "$TMP/service.secret")" "0 600"
ok "that mounts" "$W365FS" mount "$MNT"
unmount
is "and is said nowhere" "$(cat "$TMP/out" "$TMP/said" "$CONFIG" | grep -cF "$(cat "$TMP/service.secret")")" 0
n=$(writes)
reg --name Service --app-only --secret="$TMP/service.secret"
is "twice adds none" "$? $(writes)" "0 $n"
sim POST '/_sim/fault?kind=truncate&times=1&match=addPassword' >/dev/null
reg --name Broken --app-only --secret="$TMP/broken.secret"
is "a secret whose value was lost on the way" $? 0
is "does not stay" "$(directory "applications(appId='$(id_in_config | head -1)')" | jq '.passwordCredentials | length')" 1
ok "the second one signs in" "$W365FS" mount "$MNT"
unmount
reg --name Cluster --app-only --federated=https://oidc.example/,system:serviceaccount:w365:fs
is "federated" $? 0
reg --name Cluster --app-only --federated=https://oidc.example/,system:serviceaccount:w365:fs --json
is "twice" "$(jq -r .application "$TMP/out")" there

# Killed half-way, at each write; and again.
sim POST '/_sim/replication?ms=1500' >/dev/null
i=0
for match in 'POST /v1.0/servicePrincipals' 'POST /v1.0/oauth2PermissionGrants'; do
	i=$((i + 1))
	sim DELETE /_sim/log >/dev/null
	sim POST "/_sim/fault?kind=stall&match=$(printf %s "$match" | sed 's/ /%20/g')" >/dev/null
	"$W365FS" register --tenant "$TENANT" --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" \
		--name "Half $i" >"$TMP/out" 2>"$TMP/said" &
	REG=$!
	PIDS="$PIDS $REG"
	ok "it gets as far as $match" eventually sh -c "curl -sS --cacert '$TMP/cert.pem' '$GRAPH_BASE/_sim/log?counts=1' | grep -q '$match\"'"
	kill -9 $REG
	wait $REG 2>/dev/null
	sim DELETE /_sim/fault >/dev/null
	reg --name "Half $i" --json
	is "and again completes it" "$? $(jq -c '[.application, .consent]' "$TMP/out")" '0 ["there","made"]'
	is "one application" "$(named "Half%20$i")" 1
done

# The answer to the creation is lost: it is not made twice.
sim POST '/_sim/fault?kind=cut&times=1&match=POST%20/v1.0/applications' >/dev/null
reg --name Lost --json
is "a lost answer" "$? $(jq -c '[.application, .consent]' "$TMP/out")" '0 ["made","made"]'
is "one application" "$(named Lost)" 1
sim DELETE /_sim/log >/dev/null
sim POST '/_sim/fault?kind=drop&times=1&match=POST%20/v1.0/oauth2PermissionGrants' >/dev/null
sim POST '/_sim/throttle?times=1&retry_after=1&match=POST%20/v1.0/applications' >/dev/null
reg --name Dropped --json
is "a grant that never arrived" "$? $(jq -c '[.application, .consent]' "$TMP/out")" '0 ["made","made"]'
is "is looked for before it is sent again, and a request that was put off is sent again" \
	"$(sim GET '/_sim/log?counts=1' | jq -c '.counts | [.["POST /v1.0/applications"], .["POST /v1.0/oauth2PermissionGrants"],
	.["GET /v1.0/oauth2PermissionGrants"]]')" '[2,2,2]'
: >"$TMP/empty.secret"
reg --name Dropped --app-only --secret="$TMP/empty.secret" --dry-run
ok "a dry run leaves files alone" test -e "$TMP/empty.secret"
sim POST '/_sim/replication?ms=0' >/dev/null

# Without the role.
sim POST '/_sim/user?role=none' >/dev/null
sim POST '/_sim/consent?clear=1' >/dev/null
reg --name Nobody
is "without a role" $? 2
has "the role is named" "$(cat "$TMP/said")" "Cloud Application Administrator"
has "and the scope" "$(cat "$TMP/said")" "Application.ReadWrite.All"
is "nothing was made" "$(named Nobody)" 0
sim POST '/_sim/consent?client_id=14d82eec-204b-4c2f-b7e8-296a70dab67e&scopes=Application.ReadWrite.All%20AppRoleAssignment.ReadWrite.All%20DelegatedPermissionGrant.ReadWrite.All' >/dev/null
reg --name Ordinary
is "with the scopes, without the role" $? 2
has "the role is named" "$(cat "$TMP/said")" "DelegatedPermissionGrant.ReadWrite.All"
has "the address is printed" "$(cat "$TMP/out")" "$ENTRA_BASE/$TENANT/v2.0/adminconsent?client_id="
is "the rest is made" "$(named Ordinary)" 1
sim POST '/_sim/user?role=Global%20Administrator' >/dev/null
BROWSER='' ; export BROWSER
url=$(grep -o "$ENTRA_BASE/$TENANT/v2.0/adminconsent[^ ]*" "$TMP/out")
has "an administrator is asked there" "$(curl -sS --cacert "$TMP/cert.pem" "$url")" "for every user"
BROWSER=$TMP/browser
reg --name Ordinary --json
is "an administrator completes it" "$? $(jq -c '[.application, .consent]' "$TMP/out")" '0 ["there","made"]'
reg --name Asked --no-consent --json
is "no consent wanted" "$? $(jq -c '[.consent, (.adminConsentUrl | startswith("https"))]' "$TMP/out")" '0 ["missing",true]'

# Refused on the page.
sim POST '/_sim/consent?clear=1' >/dev/null
ANSWER=cancel reg --name Nobody
is "cancelled" $? 2
has "said so" "$(cat "$TMP/said")" "the sign-in was cancelled"

# By a code.
"$W365FS" register --tenant "$TENANT" --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" \
	--auth=device-code --name Tree --json >"$TMP/out" 2>"$TMP/said" &
REG=$!
PIDS="$PIDS $REG"
eventually grep -q "enter the code" "$TMP/said"
sim POST '/_sim/device' >/dev/null
wait $REG
is "by a code" "$? $(jq -r .application "$TMP/out")" "0 there"

# By the Azure CLI; and with no tenant given.
cat >"$TMP/az" <<EOF
#!/bin/sh
printf '{"accessToken":"%s","expiresOn":"2099-01-01 00:00:00.000000","tokenType":"Bearer"}' "\$(cat "$TMP/az-token")"
EOF
chmod +x "$TMP/az"
sim POST '/_sim/roles?roles=Application.ReadWrite.All%20DelegatedPermissionGrant.ReadWrite.All%20CloudPC.Read.All' >/dev/null
(umask 077 && admin_token_of >"$TMP/az-token")
PATH="$TMP:$PATH" reg --auth=azure-cli --name Tree --json
is "by the Azure CLI" "$? $(jq -c '[.application, .consent]' "$TMP/out")" '0 ["there","there"]'
XDG_CONFIG_HOME="$TMP/elsewhere" "$W365FS" register --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" --ca-file \
	"$TMP/cert.pem" --name Tree --json >"$TMP/out" 2>"$TMP/said"
is "the tenant is the account's" "$? $(jq -r .tenant "$TMP/out")" "0 $TENANT"
ok "which is written" grep -qx "\[$TENANT\]" "$TMP/elsewhere/w365fs/config"

# Deleted.
reg --delete --name w365fs --yes
is "what it did not make, it does not delete by name" $? 1
reg --delete --name Tree --yes
is "deleted" "$? $(named Tree)" "0 0"
is "the configuration names it no more" "$(grep -c "^client-id = $TREE" "$CONFIG")" 0
reg --delete --name Tree --yes
has "twice is no failure" "$? $(cat "$TMP/out")" "0 *there is none"
is "no token was said" "$(cat "$TMP/browser.log" "$TMP/out" "$TMP/said" | grep -cE 'eyJ[A-Za-z0-9_-]+\.|refresh_token')" 0
finish
