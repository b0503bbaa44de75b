# Microsoft's own clients take the simulator for the service: MSAL, azure-identity, the client of Graph.
. "$TEST_LIB/lib.sh"
requires jq openssl curl python3
requires_localhost
. "$NODE_SOURCE/lib.sh"

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=app -keyout "$TMP/app-key.pem" -out "$TMP/app-cert.pem" 2>"$TMP/openssl.log"
cat "$TMP/app-key.pem" "$TMP/app-cert.pem" >"$TMP/app.pem"
sim_start --client-cert "$TMP/app-cert.pem" --page-size 25
export ENTRA_BASE GRAPH_BASE TENANT CLIENT_ID PUBLIC_CLIENT_ID CERT_CLIENT_ID MANAGED_CLIENT_ID SIM_USER SIM_PASSWORD
export CACERT="$TMP/cert.pem" NODE_EXTRA_CA_CERTS="$TMP/cert.pem" PAGE="$TMP/page" BROWSER="$TMP/browser" SECRET_FILE="$TMP/secret" \
	CERTIFICATE="$TMP/app.pem" CERTIFICATE_KEY="$TMP/app-key.pem" FEDERATED="$TMP/federated"
cat >"$BROWSER" <<EOT
#!/bin/sh
exec python3 "$TEST_LIB/browser.py" "\$1" 2>"$TMP/browser.log"
EOT
chmod +x "$BROWSER"
federated_token "$TMP/federated"
federated_trust

# client WHY CASE FILTER WANT: what Microsoft's client finds, through jq
client() {
	_found=$(cd "$NODE_DIR" && timeout 60 node clients.mjs "$2" 2>"$TMP/node.log") || sed 's/^/# /' "$TMP/node.log" | head -n 20
	is "$1" "$(printf %s "$_found" | jq -c "$3" 2>&1)" "$4"
}
ROLES='["CloudPC.Read.All","CloudPC.ReadWrite.All"]'

client "MSAL: a secret, and its cache" msal-secret '[.type, .roles, .again]' "[\"Bearer\",$ROLES,[true,true]]"
client "a wrong one is an error that it knows" msal-wrong-secret '[.type, .code, .no]' '["ServerError","invalid_client",7000215]'
client "a certificate" msal-certificate '[.type, .roles]' "[\"Bearer\",$ROLES]"
client "a device code, then by itself" msal-device '[.user, .tenant, .kept, .fresh]' "[\"$SIM_USER\",\"$TENANT\",[true,true],[false,true,true]]"
client "the browser's way with PKCE, then by itself" msal-browser '[.user, .tenant, .kept, .fresh]' "[\"$SIM_USER\",\"$TENANT\",[true,true],[false,true,true]]"
export AZURE_POD_IDENTITY_AUTHORITY_HOST="$GRAPH_BASE"
client "a virtual machine" msal-managed '[.type, .roles]' "[\"Bearer\",$ROLES]"
client "azure-identity: a secret" identity-secret '[.app, .roles, .lives]' "[\"$CLIENT_ID\",$ROLES,true]"
client "a certificate" identity-certificate '[.app, .roles, .lives]' "[\"$CERT_CLIENT_ID\",$ROLES,true]"
client "a device code" identity-device '[.app, .upn, (.scp | contains("CloudPC.Read.All")), .lives]' "[\"$PUBLIC_CLIENT_ID\",\"$SIM_USER\",true,true]"
client "a federated token" identity-workload '[.app, .roles, .lives]' "[\"$CLIENT_ID\",$ROLES,true]"
client "a managed identity" identity-managed '[.app == env.MANAGED_CLIENT_ID, .roles, .lives]' "[true,$ROLES,true]"
client "the Graph client walks the pages" graph-pages '[.onFirst, .all]' '[25,60]'
client "reads one" graph-item '[.same, .named]' '[true,"string"]'
client "and knows an error" graph-missing '[.type, .status, .id, .said]' '["GraphError",404,"string",true]'
finish
