# .w365fs/events with the programs that people follow files with: what a refresh finds is there as it happens, nobody asks
# Graph for its sake, and on a mount that can be written reading waits.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl timeout tail head

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
EVENTS=$MNT/.w365fs/events

# change JSON: a Cloud PC is changed behind the back, and the mount looks.
change() {
	sim POST "/_sim/item?collection=cloudPCs&id=$ID" "$1" >/dev/null
	"$W365FS" refresh "$MNT" cloudPCs
}

# reads_more N: N more reads have come than when reads_so_far was called
reads_so_far() {
	READS=$(fuse READ)
}
reads_more() {
	[ $(($(fuse READ) - READS)) -ge "$1" ]
}

sim_start
mount_w365fs -o rw,ttl=3600
ID=$(jq -r .id "$MNT/cloudPCs/CPC-alexw-7QJ2K.json")

head -n 2 "$EVENTS" >"$TMP/head" &
HEAD=$!
while IFS= read -r line; do
	echo "$line" >>"$TMP/lines"
done <"$EVENTS" &
LOOP=$!
tail -f "$EVENTS" 2>"$TMP/said" | jq --unbuffered -r 'select(.changed.status) | "\(.name) \(.changed.status | join(" -> "))"' >"$TMP/tail" &
BACKGROUND="$PIDS $LOOP $!" # what has ended and was waited for, is not to be killed: its number may be another's by then
PIDS="$BACKGROUND $HEAD"
reads_so_far
for i in $(seq 50); do
	timeout -s INT 60 head -n 2 "$EVENTS" >"$TMP/reader-$i" &
	READERS="${READERS:-} $!"
done
PIDS="$PIDS $READERS"
ok "fifty readers wait" eventually reads_more 50
ok "and head as well" kill -0 $HEAD
is "nothing has happened yet but the mount" "$(jq -c .mounted.tenant "$TMP/lines")" "\"$TENANT\""

before=$(graph_requests)
change '{"status":"failed"}'
is "a refresh costs what it costs, however many read" "$(($(graph_requests) - before))" 1
ok "head ends with the next line" wait $HEAD
is "that says what changed" "$(tail -n 1 "$TMP/head" | jq -c '[.collection, .name, .id, .changed.status]')" \
	"[\"cloudPCs\",\"CPC-alexw-7QJ2K.json\",\"$ID\",[\"provisioned\",\"failed\"]]"
all=0
for p in $READERS; do
	wait $p && all=$((all + 1))
done
PIDS=$BACKGROUND
is "so do all fifty" "$all $(cat "$TMP"/reader-* | sort -u | wc -l)" "50 2"
ok "a loop of the shell has it" eventually cmp -s "$TMP/lines" "$TMP/head"
ok "tail -f into jq" eventually grep -q "^CPC-alexw-7QJ2K.json provisioned -> failed" "$TMP/tail"
change '{"status":"provisioned"}'
ok "and it goes on" eventually grep -q "^CPC-alexw-7QJ2K.json failed -> provisioned" "$TMP/tail"
ok "the loop as well" eventually sh -c "[ \$(wc -l <'$TMP/lines') = 3 ]"
is "tail has no complaint" "$(cat "$TMP/said")" ""
is "tail without -f ends" "$(timeout 20 tail -n 1 "$EVENTS" | jq -c .changed.status)" '["failed","provisioned"]'
is "from the beginning of what is kept" "$(timeout 20 tail -n 1000 "$EVENTS" | wc -l)" 3

timeout -s INT 1 cat "$EVENTS" >"$TMP/cat"
is "Ctrl-C ends a cat that waits" $? 124
is "which had shown all" "$(wc -l <"$TMP/cat")" 3
timeout 20 grep -rq nothing-like-this "$MNT/.w365fs/"
is "no walk through .w365fs waits" $? 1
is "it is not listed" "$(ls "$MNT/.w365fs" | grep -c events)" 0
if command -v python3 >/dev/null; then
	python3 - "$EVENTS" >"$TMP/poll" <<'PY' &
import os, select, sys
fd = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
while True:
    try:
        os.read(fd, 1 << 20)
    except BlockingIOError:
        break
poll = select.epoll()
poll.register(fd, select.EPOLLIN)
print("none" if not poll.poll(0) else "some", flush=True)
poll.poll()
print(os.read(fd, 1 << 20).decode(), end="", flush=True)
PY
	POLL=$!
	PIDS="$PIDS $POLL"
	ok "who polls finds nothing at first" eventually grep -q none "$TMP/poll"
	change '{"status":"failed"}'
	ok "and sleeps until something happens" wait $POLL
	PIDS=$BACKGROUND
	is "which is there" "$(tail -n 1 "$TMP/poll" | jq -c .changed.status)" '["provisioned","failed"]'
fi

sim POST '/_sim/throttle?times=1&retry_after=1' >/dev/null
"$W365FS" refresh "$MNT" cloudPCs
is "throttling is told" "$(timeout 20 tail -n 1 "$EVENTS" | jq -c .throttled)" '{"seconds":1}'
cat "$EVENTS" >"$TMP/cat" &
CAT=$!
PIDS="$PIDS $CAT"
ok "a cat waits" eventually sh -c "[ -s '$TMP/cat' ]"
kill -TERM "$(daemon_pid)"
ok "when the mount ends, it ends well" wait $CAT
PIDS=$BACKGROUND
ok "the mount is gone" eventually not_mounted
ok "a loop of the shell ends with it" wait $LOOP
PIDS=$SIM

# A read-only mount has no opens: there it is a file that grows.
mount_w365fs -o ttl=3600
ls "$MNT/cloudPCs" >/dev/null
is "it begins with the mount" "$(timeout 20 cat "$EVENTS" | jq -c .mounted.tenant)" "\"$TENANT\""
tail -f "$EVENTS" 2>"$TMP/said-ro" | jq --unbuffered -c .changed.status >"$TMP/tail-ro" &
PIDS="$PIDS $!"
change '{"status":"provisioned"}'
is "cat shows it and ends" "$(timeout 20 cat "$EVENTS" | tail -n 1 | jq -c .changed.status)" '["failed","provisioned"]'
ok "tail -f into jq follows it" eventually grep -qF '["failed","provisioned"]' "$TMP/tail-ro"
change '{"status":"failed"}'
ok "and goes on" eventually grep -qF '["provisioned","failed"]' "$TMP/tail-ro"
is "tail has no complaint there" "$(cat "$TMP/said-ro")" ""
is "its size is exact" "$(stat -c %s "$EVENTS")" "$(wc -c <"$EVENTS")"
is "nothing of it is an open: one was refused, for good" "$(fuse OPEN RELEASE)" 1
finish
