# The forms in which answers may come: compressed, over HTTP/2, over a Unix socket, through no proxy.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

sim_start --gzip --cloud-pcs 300 --page-size 50
https_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1
export https_proxy HTTPS_PROXY
mount_w365fs
is "compressed, and past a proxy that knows no way to the loopback" "$(cat "$MNT"/cloudPCs/*.json | jq -s length)" 300
unset https_proxy HTTPS_PROXY
got=$(jq .http.bytesReceived "$MNT/.w365fs/status.json")
sent=$(sim GET /_sim/log | jq '[.requests[] | select(.method == "GET") | .bytes] | add')
ok "a fifth of it went over the wire ($sent of $got bytes)" [ $((sent * 5)) -lt "$got" ]
is "six pages and the token on one connection" "$(jq .http.connections "$MNT/.w365fs/status.json")" 1
unmount

# A Unix socket: no name is resolved, no port is open.
"$W365SIM" --unix "$TMP/sock" --env "$TMP/env3" --quiet >"$TMP/ready3" 2>"$TMP/sim3.log" &
PIDS="$PIDS $!"
ok "a simulator on a socket" eventually test -s "$TMP/env3"
MOUNTS="$MOUNTS $MNT"
ok "is mounted" "$W365FS" mount --unix-socket "$TMP/sock" --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" --authority http://localhost --graph-endpoint http://localhost "$MNT"
is "and read" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
unmount

# HTTP/2, by a proxy in front of the simulator: it takes no port 0, so one that was free a moment ago is tried.
if command -v nghttpx >/dev/null && command -v python3 >/dev/null; then
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	nghttpx --conf=/dev/null --frontend="127.0.0.1,$port" --backend="127.0.0.1,${GRAPH_BASE##*:};;tls;sni=localhost" --insecure \
		--errorlog-file="$TMP/nghttpx.log" --accesslog-file="$TMP/access.log" "$TMP/key.pem" "$TMP/cert.pem" >"$TMP/nghttpx.out" 2>&1 &
	PIDS="$PIDS $!"
	ok "a proxy that speaks HTTP/2" eventually curl -sk -o /dev/null "https://127.0.0.1:$port/"
	MOUNTS="$MOUNTS $MNT"
	ok "is mounted" "$W365FS" mount --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" \
		--authority "$ENTRA_BASE" --graph-endpoint "https://127.0.0.1:$port" --ca-file "$TMP/cert.pem" "$MNT"
	is "and read" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
	ok "by HTTP/2" grep -q 'provisioningPolicies.* HTTP/2' "$TMP/access.log"
	unmount
fi
finish
