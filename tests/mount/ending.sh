# However a mount ends, nobody is left hanging: not who waits for the service, and not the thread that is just telling the
# kernel of thousands of changes, each of which may wait for a look-up that the daemon has not even read.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl timeout

sim_start --cloud-pcs 20000
mount_w365fs -o ttl=3600
ls "$MNT/userSettings" >/dev/null
sim POST '/_sim/fault?kind=stall&match=virtualEndpoint%2FuserSettings&times=0' >/dev/null
sim POST '/_sim/fault?kind=stall&match=virtualEndpoint%2Fsnapshots&times=0' >/dev/null
ls "$MNT/snapshots" >"$TMP/ls" 2>&1 &
LS=$!
"$W365FS" refresh "$MNT" userSettings >"$TMP/refresh" 2>&1 &
REFRESH=$!
PIDS="$PIDS $LS $REFRESH"
both_wait() {
	[ "$(sim GET /_sim/log | jq '[.requests[]? | select(.status == 0)] | length')" -ge 2 ]
}
eventually both_wait
kill -TERM "$(daemon_pid)"
ok "the mount ends" eventually not_mounted
wait $LS
ok "who reads gets an answer" [ $? -ne 0 ]
has "that it was interrupted" "$(cat "$TMP/ls")" "Interrupted system call"
wait $REFRESH
ok "who refreshes as well" [ $? -ne 0 ]
has "that it was interrupted, too" "$(cat "$TMP/refresh")" "Interrupted system call"
ok "the daemon is gone" eventually sh -c "! pgrep -f 'mount .*$MNT\$'"
sim DELETE /_sim/fault >/dev/null

mount_w365fs -o ttl=3600
ls "$MNT/cloudPCs" "$MNT/cloudPCs/by-id" >/dev/null
lookers() {
	for i in 1 2 3 4; do
		(while [ -e "$TMP/look" ]; do
			n=$((n + 1))
			[ -e "$MNT/cloudPCs/none-$i-$n.json" ] || :
		done) 2>/dev/null &
		PIDS="$PIDS $!"
	done
}
touch "$TMP/look"
lookers
sim POST '/_sim/items?collection=cloudPCs&keep=10000' >/dev/null
"$W365FS" refresh "$MNT" cloudPCs
kill -TERM "$(daemon_pid)"
ok "in the middle of ten thousand changes it ends as well" eventually not_mounted
rm "$TMP/look"
ok "and no thread of it hangs" eventually sh -c "! pgrep -f 'mount .*$MNT\$'"
finish
