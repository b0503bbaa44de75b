# Two thousand reboots by one command: each sent once, in full batches, within the service's limit; and what was sent when
# the writer or the mount is killed half-way, the record tells.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3 dd

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
N=2000
sim_start --speed 1000 --cloud-pcs 2700
mount_w365fs -o rw,max-targets=$N
REBOOT=$MNT/cloudPCs/actions/reboot
RECORD=$MNT/.w365fs/actions.ndjson
cat "$MNT"/cloudPCs/*.json >"$TMP/all.json"
cat >"$TMP/reboots.jq" <<'EOF'
limit($n; inputs | select(.status == "provisioned") | {target: .id})
EOF
reboots() {
	jq -nc --argjson n $N -f "$TMP/reboots.jq" "$TMP/all.json"
}
reboots >"$TMP/lines"
is "there are enough Cloud PCs" "$(wc -l <"$TMP/lines")" $N
jq -r .target "$TMP/lines" | sort >"$TMP/ids"

# begin: all reboots have come to their end, and 200 more may begin in each second.
begin() {
	sim POST '/_sim/limit' >/dev/null
	sim POST '/_sim/course?advance=60' >/dev/null
	sim POST '/_sim/limit?writes=200&ms=1000' >/dev/null
	LAST=$(jq -R 'fromjson? | .n' "$RECORD" | sort -n | tail -n 1)
	: "${LAST:=0}"
	forget_changes
}

# figures: sets SENT ACCEPTED REFUSED BATCHES FRESH (the batches without anything that is sent again)
figures() {
	sim GET /_sim/log >"$TMP/log"
	read -r SENT ACCEPTED REFUSED BATCHES FRESH <<-EOF
		$(python3 "$TEST_LIB/many.py" figures <"$TMP/log")
	EOF
	echo "# $1: $SENT sent in $BATCHES batches, $FRESH of them without anything sent before; $REFUSED refused by the limit"
	python3 "$TEST_LIB/many.py" ids <"$TMP/log" | sort >"$TMP/sent"
}
agrees() {
	sim GET /_sim/log | python3 "$TEST_LIB/many.py" record "$RECORD" "$LAST" >"$TMP/agrees" 2>"$TMP/said"
	[ "$(cat "$TMP/agrees")" = agrees ]
}
record_agrees() {
	eventually agrees
	is "$1" "$(cat "$TMP/agrees")" agrees
	sed 's/^/# /' "$TMP/said"
}

# ---- all of them, within a limit of 200 writes a second

begin
cat "$MNT/.w365fs/events" >"$TMP/events" 2>"$TMP/reader" &
READER=$!
PIDS="$PIDS $READER"
reboots | dd obs=1M status=none >"$REBOOT"
is "$N reboots" $? 0
figures "in one write"
ok "each was done once" cmp "$TMP/sent" "$TMP/ids"
ok "the limit was met" [ "$REFUSED" -gt 0 ]
is "nothing was sent twice but what the limit had refused" $((SENT - REFUSED)) $N
ok "in no more than 100 batches, and those of what was refused" [ "$FRESH" -le 100 ]
in_events() {
	[ "$(jq -r 'select(.verb == "cloudPCs/reboot" and .state == "accepted").id' "$TMP/events" | sort -u | wc -l)" = $N ]
}
ok "the events told of each" eventually in_events
kill $READER
record_agrees "so does the record"

# ---- the same without dd: the C library writes 8 KiB at a time, and each write is answered for itself

begin
reboots >"$REBOOT"
is "$N reboots, in pieces" $? 0
figures "in pieces"
ok "each was done once" cmp "$TMP/sent" "$TMP/ids"
is "nothing was sent twice but what the limit had refused" $((SENT - REFUSED)) $N
ok "in at most one batch more for each piece" [ "$FRESH" -le $((100 + $(wc -c <"$TMP/lines") / 4096 + 1)) ]

# ---- killed half-way

# news STATE: the lines of this time that say so. One may have been cut by a kill.
news() {
	jq -Rc --argjson last "$LAST" --arg state "$1" 'fromjson? | select(.n > $last and .state == $state)' "$RECORD"
}
half() {
	[ "$(news accepted | wc -l)" -ge 300 ]
}
# start: somebody writes all of them, and the first ones have been accepted. The others have to wait for the rest of a minute, so
# that it is half-way however long the look at the record takes; the next one begins with a mount that knows nothing of it.
start() {
	unmount
	mount_w365fs -o rw,max-targets=$N
	begin
	sim POST '/_sim/limit?writes=400&ms=60000' >/dev/null
	python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' dd bs=1M status=none if="$TMP/lines" of="$REBOOT" 2>"$TMP/writer" &
	WRITER=$!
	PIDS="$PIDS $WRITER"
	ok "$1: some are accepted" eventually half
}
for signal in INT KILL; do
	start "the writer gets SIG$signal"
	kill -$signal $WRITER
	wait $WRITER
	is "it ends at once" $? $((128 + $([ $signal = INT ] && echo 2 || echo 9)))
	record_agrees "what was sent is in the record, and what was not"
	figures "after SIG$signal"
	ok "it was half-way" [ "$ACCEPTED" -lt $N ]
	ok "none was sent twice" [ "$(uniq -d "$TMP/sent" | wc -l)" = 0 ]
done

start "the mount is killed"
kill -KILL "$(daemon_pid)"
wait $WRITER
mount_w365fs -o rw,max-targets=$N # clears the dead one
record_agrees "afterwards the record has what was sent, and what may have been"
figures "after the kill"
ok "it was half-way" [ "$ACCEPTED" -lt $N ]
ok "what may have been sent is what was on its way" \
	[ "$(news unknown | grep -c 'before the answer')" -le 80 ]
finish
