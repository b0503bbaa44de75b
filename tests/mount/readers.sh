# Readers and a service that is slow: one listing for all, nobody hangs, everybody else is served.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl timeout

sim_start --latency 300
mount_w365fs
ls "$MNT/cloudPCs" >"$TMP/a" &
A=$!
cat "$MNT/cloudPCs/CPC-alexw-7QJ2K.json" >"$TMP/b" &
B=$!
wait $A $B
is "two readers on a cold mount cause one listing" "$(graph_requests cloudPCs)" 1
is "both get what they want" "$(grep -c "\.json$" "$TMP/a") $(jq -r .managedDeviceName "$TMP/b")" "60 CPC-alexw-7QJ2K"
sim POST '/_sim/latency?ms=0' >/dev/null

sim POST '/_sim/fault?kind=stall&match=virtualEndpoint/userSettings&times=0' >/dev/null
ls "$MNT/userSettings" >/dev/null 2>&1 &
SLOW=$!
PIDS="$PIDS $SLOW"
start=$(date +%s%N)
timeout -s INT 1 cat "$MNT/userSettings/x.json" 2>/dev/null
code=$?
took=$((($(date +%s%N) - start) / 1000000))
is "a reader of a stalled collection is interrupted" $code 124
ok "within a second ($took ms in all)" [ $took -lt 1900 ]
ok "the mount serves others meanwhile" timeout 5 grep -q '"Engineering EU"' "$MNT/provisioningPolicies/Engineering EU.json"
ok "and what it has not seen yet" timeout 5 sh -c "ls '$MNT/deviceImages' >/dev/null"
start=$(date +%s%N)
kill -INT $SLOW
kill -TERM $SLOW
wait $SLOW 2>/dev/null
ok "a waiting ls ends at once" [ $((($(date +%s%N) - start) / 1000000)) -lt 1000 ]
sim DELETE /_sim/fault >/dev/null
unmount
ok "the daemon ends with the mount" eventually sh -c "! pgrep -f 'mount .*$MNT\$'"

# A transfer has its time, and the file operation has its own.
mount_w365fs -o timeout=1,deadline=2
sim POST '/_sim/fault?kind=stall&match=cloudPCs&times=0' >/dev/null
start=$(date +%s%N)
out=$(ls "$MNT/cloudPCs" 2>&1)
took=$((($(date +%s%N) - start) / 1000000))
has "a time-out says so" "$out" "timed out"
ok "in time ($took ms)" [ $took -lt 4000 ]
has "the sentence" "$(tail -1 "$MNT/.w365fs/errors")" "ETIMEDOUT cloudPCs"
sim DELETE /_sim/fault >/dev/null
finish
