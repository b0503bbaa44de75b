# A machine of Azure, or one connected to it: found by auto, told from any other, and what its agent asks of us.
. "$TEST_LIB/lib.sh"
requires jq curl ip unshare python3
if [ -z "${INSIDE:-}" ]; then
	# A network of its own, in which this machine has the addresses that Azure's have, and folders that nobody else sees.
	unshare -rnm true 2>"$TMP/said" || skip "no namespaces of one's own"
	INSIDE=1 unshare -rnm sh "$0"
	exit
fi
ip link set lo up
mount -t tmpfs none /opt && mount -t tmpfs none /var/opt || skip "no folders of one's own"

export XDG_STATE_HOME="$TMP/state" HOME="$TMP" AZURE_CONFIG_DIR="$TMP/azure"
sim_start
printf %s "$CLIENT_SECRET" >"$TMP/secret-line"
HERE="--authority $ENTRA_BASE --graph-endpoint $GRAPH_BASE --ca-file $TMP/cert.pem"

# server FILE: a server on the address of IMDS, by Python
server() {
	rm -f "$TMP/imds-ready"
	mkfifo "$TMP/imds-ready"
	GRAPH_BASE=$GRAPH_BASE CACERT=$TMP/cert.pem SEEN=$TMP/imds python3 "$1" >"$TMP/imds-ready" 2>"$TMP/imds.log" &
	SERVER=$!
	PIDS="$PIDS $SERVER"
	read -r _word <"$TMP/imds-ready" || { sed 's/^/# /' "$TMP/imds.log"; echo "Bail out! no server for IMDS"; exit 1; }
	: >"$TMP/imds"
}
status() {
	timeout 20 "$W365FS" status --json $HERE "$@" 2>"$TMP/said"
}
cat >"$TMP/silent.py" <<'EOF2'
import os, signal, socket
s = socket.create_server(("169.254.169.254", 80))
os.write(1, b"ready\n")
signal.pause()
EOF2
cat >"$TMP/imds.py" <<'EOF2'
import http.server, os, ssl, urllib.error, urllib.request

trust = ssl.create_default_context(cafile=os.environ["CACERT"])


class Imds(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        metadata = self.headers.get("Metadata")
        request = urllib.request.Request(os.environ["GRAPH_BASE"] + self.path, headers={"Metadata": metadata} if metadata else {})
        try:
            answer = urllib.request.urlopen(request, context=trust)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with open(os.environ["SEEN"], "a", encoding="utf-8") as seen:
            seen.write(f"{metadata} {answer.status}\n")
        self.send_response(answer.status)
        self.end_headers()
        self.wfile.write(answer.read())

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("169.254.169.254", 80), Imds)
os.write(1, b"ready\n")
server.serve_forever()
EOF2

# Elsewhere.
status
is "nothing is configured, and there is no way to IMDS" $? 2
has "so it says" "$(cat "$TMP/said")" "no sign-in is configured, and this is no machine of Azure: run"
ip addr add 169.254.169.254/32 dev lo
server "$TMP/silent.py"
status -v
is "something swallows what is sent there: that is not waited for" $? 2
has "which -v tells" "$(cat "$TMP/said")" "does not answer"
kill $SERVER
wait $SERVER 2>"$TMP/waited"

# A virtual machine.
server "$TMP/imds.py"
is "a virtual machine is found by auto" "$(status -v | jq -r .grant)" managed-identity
has "which -v tells" "$(cat "$TMP/said")" "IMDS, as a machine of Azure has it, answers: managed-identity"
is "by a question without the header, which gives no token away" "$(xargs <"$TMP/imds")" "None 400 true 200"
has "doctor says so" "$("$W365FS" doctor $HERE 2>&1)" "signs in by auto: managed-identity (this machine's own: IMDS answers)"
: >"$TMP/imds"
is "a secret comes first" "$(status --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" | jq -r .grant)" client-secret
is "and IMDS is not asked" "$(cat "$TMP/imds")" ""
status --client-id "$CLIENT_ID"
is "one without this identity, and nothing else" $? 2
has "says so" "$(cat "$TMP/said")" "this machine of Azure has no such identity: run 'w365fs login'"
mkdir "$TMP/bin" "$AZURE_CONFIG_DIR"
echo '{}' >"$AZURE_CONFIG_DIR/azureProfile.json"
cat >"$TMP/bin/az" <<EOF2
#!/bin/sh
curl -sS --cacert "$TMP/cert.pem" "$ENTRA_BASE/$TENANT/oauth2/v2.0/token" -d grant_type=client_credentials -d client_id=$CLIENT_ID \
	--data-urlencode client_secret@$TMP/secret-line --data-urlencode scope=https://graph.microsoft.com/.default |
	jq '{accessToken: .access_token, expires_on: (now + .expires_in | floor), tokenType: "Bearer"}'
EOF2
chmod +x "$TMP/bin/az"
is "but the Azure CLI is there" "$(PATH=$TMP/bin:$PATH status --tenant "$TENANT" --client-id "$CLIENT_ID" | jq -r .grant)" azure-cli
is "which comes after the machine's own" "$(PATH=$TMP/bin:$PATH status --tenant "$TENANT" | jq -r .grant)" managed-identity
rm -r "$AZURE_CONFIG_DIR"

# Azure Arc: the agent wants to see that we may read a file of its own.
KEYS=/var/opt/azcmagent/tokens
mkdir -p $KEYS /opt/azcmagent/bin
"$W365SIM" --listen 127.0.0.1:40342 --quiet --arc-keys $KEYS --env "$TMP/arc-env" >"$TMP/arc-ready" 2>"$TMP/arc.log" &
PIDS="$PIDS $!"
eventually grep -q ready "$TMP/arc-ready"
ARC_BASE=$(sed -n 's/^ready //p' "$TMP/arc-ready")
arc() {
	timeout 20 "$W365FS" status --json --authority "$ARC_BASE" --graph-endpoint "$ARC_BASE" "$@" 2>"$TMP/said"
}
is "an Arc machine, by its environment" "$(IDENTITY_ENDPOINT=$ARC_BASE/metadata/identity/oauth2/token IMDS_ENDPOINT=$ARC_BASE arc | jq -r .grant)" managed-identity
is "asked, and asked again with the key" \
	"$(curl -sS "$ARC_BASE/_sim/log" | jq -c '[.requests[] | select(.path == "/metadata/identity/oauth2/token") | .status]')" '[401,200]'
printf '#!/bin/sh\n' >/opt/azcmagent/bin/himds
chmod +x /opt/azcmagent/bin/himds
is "by its agent, on the agent's port" "$(arc | jq -r '[.grant, .permissions] | join(", ")')" "managed-identity, read and write"
is "the key is never told" "$(cat "$TMP/said" | grep -c "Basic")" 0
finish
