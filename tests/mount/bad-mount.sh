# A mount that cannot be: a sentence, the right exit code, nothing left behind; and the dead mount that is cleared.
. "$TEST_LIB/lib.sh"
requires_fuse
requires openssl

sim_start
BAD=$TMP/bad
# try WHY CODE PART COMMAND...
try() {
	_w=$1 _code=$2 _part=$3
	shift 3
	_out=$("$@" 2>&1)
	is "$_w: exit code" $? "$_code"
	has "$_w: sentence" "$_out" "$_part"
	is "$_w: one line" "$(printf '%s\n' "$_out" | wc -l)" 1
	ok "$_w: nothing is mounted" not_mounted
	lacks "$_w: no secret" "$_out" "$CLIENT_SECRET"
}
real() {
	"$W365FS" mount --tenant "$TENANT" --client-id "$CLIENT_ID" --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" \
		--ca-file "$TMP/cert.pem" "$@"
}

(umask 077 && echo wrong-secret >"$BAD")
try "wrong secret" 2 "the client secret is wrong" real --client-secret-file "$BAD" "$MNT"
try "secret's id for its value" 1 "its value" sh -c "umask 077; cat /proc/sys/kernel/random/uuid >$BAD; exec $W365FS mount --tenant $TENANT --client-id $CLIENT_ID --client-secret-file $BAD $MNT"
try "unknown tenant" 2 "does not exist" w365fs_mount --tenant no-such-tenant.example
try "unknown application" 2 "is not known in tenant" w365fs_mount --client-id aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee
try "no tenant" 1 "--tenant" "$W365FS" mount --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" "$MNT"
try "nothing at all" 2 "no sign-in is configured" "$W365FS" mount "$MNT"
try "no mount point" 1 "mount point is missing" "$W365FS" mount --tenant x
try "unreachable host" 3 "cannot reach 127.0.0.1" w365fs_mount --authority https://127.0.0.1:1
try "a host without a name" 3 "cannot reach no-such-host.invalid" w365fs_mount --authority https://no-such-host.invalid
try "plain http elsewhere" 1 "must be https" w365fs_mount --authority http://login.example
try "secret readable by others" 1 "chmod 600" sh -c "cp '$TMP/secret' $BAD; chmod 644 $BAD; exec $W365FS mount --tenant $TENANT --client-id $CLIENT_ID --client-secret-file $BAD $MNT"
try "untrusted server certificate" 3 "is not trusted" "$W365FS" mount --tenant "$TENANT" --client-id "$CLIENT_ID" --client-secret-file "$TMP/secret" --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" "$MNT"
try "a CA file that is none" 1 "--ca-file" w365fs_mount --ca-file /nonexistent
try "unknown option" 1 "unknown option --nonsense" w365fs_mount --nonsense

try "mount point missing" 1 "does not exist: make it by mkdir" real --client-secret-file "$TMP/secret" "$TMP/none"
touch "$TMP/file"
try "mount point a file" 1 "is not a directory" real --client-secret-file "$TMP/secret" "$TMP/file"
mkdir "$TMP/full" && touch "$TMP/full/x"
try "mount point not empty" 1 "is not empty" real --client-secret-file "$TMP/secret" "$TMP/full"

# Sets OLD. Not in a subshell: what is started is registered for cleaning up.
sim_expired() {
	_key=$TMP/old-key.pem
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=old -keyout "$_key" -out "$TMP/old.csr" 2>"$TMP/openssl.log"
	printf 'subjectAltName=IP:127.0.0.1\n' >"$TMP/ext"
	openssl x509 -req -in "$TMP/old.csr" -signkey "$_key" -days -1 -extfile "$TMP/ext" -out "$TMP/old.pem" 2>"$TMP/openssl.log"
	mkfifo "$TMP/ready2"
	"$W365SIM" --listen 127.0.0.1:0 --tls-cert "$TMP/old.pem" --tls-key "$_key" --env "$TMP/env2" --quiet >"$TMP/ready2" 2>"$TMP/sim2.log" &
	PIDS="$PIDS $!"
	read -r _r <"$TMP/ready2"
	OLD=$(. "$TMP/env2" && echo "$ENTRA_BASE")
}
sim_expired
try "expired server certificate" 3 "expired" w365fs_mount --authority "$OLD" --ca-file "$TMP/old.pem"

mount_w365fs
_out=$(w365fs_mount 2>&1)
is "already mounted: exit code" $? 1
has "already mounted: sentence" "$_out" "mounted at '$MNT' already"
kill -9 "$(daemon_pid)"
ok "a killed daemon leaves a dead mount" eventually sh -c "! ls '$MNT' 2>/dev/null"
ok "which the next mount clears away" w365fs_mount
ok "and replaces" ls "$MNT/cloudPCs"
unmount
is "umount of what is none" "$("$W365FS" umount "$MNT" 2>&1)" "w365fs: '$MNT' is no mount of w365fs"

# A certificate's troubles are told before anything is sent.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=app -keyout "$TMP/app-key.pem" -out "$TMP/app.pem" 2>"$TMP/openssl.log"
cert() {
	"$W365FS" mount --auth client-certificate --tenant "$TENANT" --client-id "$CERT_CLIENT_ID" --authority "$ENTRA_BASE" --graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" "$@" "$MNT"
}
try "certificate without its key" 1 "holds no private key" sh -c "chmod 600 $TMP/app.pem; exec $W365FS mount --tenant $TENANT --client-id $CERT_CLIENT_ID --certificate $TMP/app.pem $MNT"
try "certificate that Entra does not know" 2 "with thumbprint" cert --certificate "$TMP/app.pem" --certificate-key "$TMP/app-key.pem"
finish
