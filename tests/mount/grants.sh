# The ways to sign in without a person: platforms, other parties' tokens, other programs, certificates of every kind.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl openssl

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=app -keyout "$TMP/app-key.pem" -out "$TMP/app.pem" 2>"$TMP/openssl.log"
openssl pkcs12 -export -in "$TMP/app.pem" -inkey "$TMP/app-key.pem" -passout pass:word -out "$TMP/app.pfx"
(umask 077 && echo word >"$TMP/password" && cp "$TMP/app.pfx" "$TMP/own.pfx")
chmod 600 "$TMP/own.pfx"
sim_start --client-cert "$TMP/app.pem"
export XDG_STATE_HOME="$TMP/state"
HERE="--authority $ENTRA_BASE --graph-endpoint $GRAPH_BASE --ca-file $TMP/cert.pem"

# status WHY GRANT OPTION...: signs in and says by which grant
status() {
	_why=$1
	_grant=$2
	shift 2
	_out=$("$W365FS" status --json $HERE "$@" 2>&1)
	is "$_why" "$(printf '%s' "$_out" | jq -r '.grant + ", " + .permissions' 2>&1)" "$_grant, read and write"
}

status "a PFX file" client-certificate --tenant "$TENANT" --client-id "$CERT_CLIENT_ID" --certificate "$TMP/own.pfx" --certificate-password-file "$TMP/password"
IDENTITY_ENDPOINT=$GRAPH_BASE/msi/token IDENTITY_HEADER=$IDENTITY_HEADER_VALUE status "App Service, found by itself" managed-identity
AZURE_POD_IDENTITY_AUTHORITY_HOST=$GRAPH_BASE status "a virtual machine" managed-identity --auth=managed-identity
has "an identity that it has not" "$(AZURE_POD_IDENTITY_AUTHORITY_HOST=$GRAPH_BASE "$W365FS" status $HERE --client-id "$CLIENT_ID" --auth=managed-identity 2>&1)" "Identity not found"

federated_token "$TMP/federated"
has "a federated token that nobody trusts" "$(AZURE_FEDERATED_TOKEN_FILE=$TMP/federated "$W365FS" status $HERE --tenant "$TENANT" --client-id "$CLIENT_ID" 2>&1)" "has no federated credential"
federated_trust
AZURE_FEDERATED_TOKEN_FILE=$TMP/federated status "trusted, found by itself" workload-identity --tenant "$TENANT" --client-id "$CLIENT_ID"

# An az that is signed in as the application.
mkdir "$TMP/bin"
cat >"$TMP/bin/az" <<EOF
#!/bin/sh
echo "\$*" >"$TMP/az-was-called"
curl -sS --cacert "$TMP/cert.pem" "$ENTRA_BASE/$TENANT/oauth2/v2.0/token" -d grant_type=client_credentials -d client_id=$CLIENT_ID \
	--data-urlencode client_secret@$TMP/secret-line --data-urlencode scope=https://graph.microsoft.com/.default |
	jq '{accessToken: .access_token, expires_on: (now + .expires_in | floor), tokenType: "Bearer"}'
EOF
chmod +x "$TMP/bin/az"
printf %s "$CLIENT_SECRET" >"$TMP/secret-line"
PATH=$TMP/bin:$PATH status "the Azure CLI" azure-cli --auth=azure-cli --tenant "$TENANT"
is "asked for Graph in this tenant" "$(cat "$TMP/az-was-called")" "account get-access-token --output json --resource https://graph.microsoft.com --tenant $TENANT"
printf '#!/bin/sh\necho "ERROR: Please run '"'az login'"' to setup account." >&2\nexit 1\n' >"$TMP/bin/az"
has "nobody is signed in to it" "$(PATH=$TMP/bin:$PATH "$W365FS" status $HERE --auth=azure-cli --tenant "$TENANT" 2>&1)" "run 'az login'"
printf '#!/bin/sh\nexec sleep 600\n' >"$TMP/bin/az"
# (The leak checker of a sanitizer stops threads by ptrace, and waits for ever where a SIGCONT, as timeout sends it, comes in
# between.)
ASAN_OPTIONS=detect_leaks=0 PATH=$TMP/bin:$PATH timeout -s INT 1 "$W365FS" status $HERE --auth=azure-cli --tenant "$TENANT" 2>"$TMP/said"
has "one that hangs can be interrupted" "$(cat "$TMP/said")" "interrupted"
ok "and is not left behind" eventually sh -c "! pgrep -f '^sleep 600\$'"

# A challenge, and twenty readers who wait for one new token.
w365fs_mount -o ttl=3600 || { echo "Bail out! cannot mount"; exit 1; }
cat "$MNT"/servicePlans/*.json >"$TMP/plans"
n=$(token_requests)
sim POST '/_sim/fault?kind=claims&match=virtualEndpoint&times=1' >/dev/null
pids=
for collection in cloudPCs userSettings snapshots deviceImages galleryImages provisioningPolicies; do
	for i in 1 2 3; do
		ls "$MNT/$collection" >/dev/null 2>"$TMP/ls.$collection.$i" &
		pids="$pids $!"
	done
done
wait $pids
is "all have read" "$(cat "$TMP"/ls.*)" ""
is "with one new token" "$(($(token_requests) - n))" 1
finish
