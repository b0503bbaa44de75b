# What is written to control files is done, once; what is not meant is not. The simulator's log is the proof.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3 tar

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start --speed 50
mount_w365fs -o rw,deadline=10,timeout=3
BETA=/beta/deviceManagement/virtualEndpoint
PCS=$MNT/cloudPCs
ACT=$PCS/actions
RECORD=$MNT/.w365fs/actions.ndjson
cd "$PCS" || exit 1
PC=$(grep -l '"status": "provisioned"' CPC-*.json | head -n 1)
PC2=$(grep -l '"status": "provisioned"' CPC-*.json | sed -n 2p)
ID=$(jq -r .id "$PC")
ID2=$(jq -r .id "$PC2")
last_error() {
	tail -n 1 "$MNT/.w365fs/errors"
}

# does WHY LINE VERB REQUESTS: the line is accepted, and causes just these.
does() {
	forget_changes
	if printf '%s\n' "$2" 2>"$TMP/said" >"$ACT/$3"; then report 0 "$1"; else report 1 "$1"; show said "$(last_error)"; fi
	is "$1: what was sent" "$(changes | sed 's/ *$//')" "$4"
}

# write LINE FILE: by a program that says the error's name. (A shell's echo says "I/O error" of all.)
write() {
	python3 -c 'import errno, os, sys
fd = os.open(sys.argv[2], os.O_WRONLY)
try: os.write(fd, (sys.argv[1] + "\n").encode())
except OSError as e: print(errno.errorcode[e.errno])' "$1" "$2"
}

# refuses WHY LINE VERB ERROR SENTENCE: and nothing is sent.
refuses() {
	forget_changes
	is "$1" "$(write "$2" "$ACT/$3")" "$4"
	has "$1: the sentence" "$(last_error)" "$5"
	is "$1: nothing was sent" "$(changes)" ""
}

does "a file's name" "$PC" reboot "POST $BETA/cloudPCs/$ID/reboot"
ok "it is in the record" grep -q '"state":"accepted"' "$RECORD"
done_by() {
	jq -se --arg v "$1" --arg id "$2" 'any(.[]; .verb == $v and .id == $id and .state == "done")' "$RECORD"
}
ok "and followed to its end" eventually done_by cloudPCs/reboot "$ID"
is "the file follows by itself" "$(jq -r '.lastRemoteActionResult | .actionName + " " + .actionState' "$PC")" "Reboot done"
has "the control file says so" "$(tail -n 1 "$ACT/reboot")" "done $PC"
is "all of it is in the events" "$(tail -n 100 "$MNT/.w365fs/events" | jq -r --arg id "$ID" 'select(.verb == "cloudPCs/reboot" and .id == $id).state' | grep -v running | xargs)" \
	"accepted done"
does "a name without .json, and a parameter" "${PC%.json} displayName='Alex'\''s \"PC\"'" rename \
	"POST $BETA/cloudPCs/$ID/rename {\"displayName\":\"Alex's \\\"PC\\\"\"}"
ok "is followed as well" eventually done_by cloudPCs/rename "$ID"
is "and is in the file" "$(jq -r .displayName by-id/$ID.json)" "Alex's \"PC\""
does "an id, as JSON" "{\"target\":\"$ID2\",\"displayName\":\"two\"}" rename "POST $BETA/cloudPCs/$ID2/rename {\"displayName\":\"two\"}"
does "a path" "cloudPCs/by-id/$ID2.json displayName=2" rename "POST $BETA/cloudPCs/$ID2/rename {\"displayName\":\"2\"}"
does "an absolute path, with a comment" "'$PCS/$PC2' displayName=3   # three" rename "POST $BETA/cloudPCs/$ID2/rename {\"displayName\":\"3\"}"
does "comments and blank lines are nothing" "
# reboot all

" reboot ""
forget_changes
printf '%s displayName=4' "$PC2" >"$ACT/rename"
is "a line without its end runs at close" "$(changes)" "POST $BETA/cloudPCs/$ID2/rename {\"displayName\":\"4\"}"
forget_changes
is "wait= returns at the end" "$(write "$PC2 wait=60" "$ACT/reboot")" ""
is "when all is over" "$(jq -r .lastRemoteActionResult.actionState "$PC2")" done
sim POST '/_sim/fail?action=reboot&times=1&code=boom&message=it+will+not+boot' >/dev/null
is "a failure is told" "$(write "$PC2 wait=60" "$ACT/reboot")" EIO
has "with its reason" "$(tail -n 1 "$ACT/reboot")" "failed $PC2"
sim POST '/_sim/course?speed=0' >/dev/null
is "and too long a wait" "$(write "$PC2 wait=1" "$ACT/reboot")" ETIMEDOUT
sim POST '/_sim/course?speed=50' >/dev/null

forget_changes
python3 -c 'import os, signal, sys
os.write(os.open(sys.argv[2], os.O_WRONLY), (sys.argv[1] + " displayName=Fin").encode())
os.kill(os.getpid(), signal.SIGKILL)' "$PC2" "$ACT/rename" 2>"$TMP/said"
is "unless it was being written by a program that was killed" "$(changes)" ""
# Python writes the same once more when a handler has dealt with the signal.
sim POST '/_sim/fault?match=rename&kind=stall' >/dev/null
python3 -c 'import os, signal, sys
signal.signal(signal.SIGALRM, lambda *_: None)
try: os.write(os.open(sys.argv[2], os.O_WRONLY), (sys.argv[1] + " displayName=5\n").encode())
except OSError as e: print(e.strerror)' "$PC2" "$ACT/rename" >"$TMP/said" &
WRITER=$!
PIDS="$PIDS $WRITER"
renames() {
	[ "$(changes | grep -c rename)" = 1 ]
}
ok "a write that waits for its answer" eventually renames
kill -ALRM $WRITER
wait $WRITER
is "is not done again when it was interrupted" "$(cat "$TMP/said")" "Operation canceled"
has "and is told so" "$(last_error)" "open the file anew"
ok "what was sent was sent once" renames
sim DELETE /_sim/fault >/dev/null

refuses "an unknown Cloud PC" "nobody" reboot ENOENT "nobody"
refuses "an unknown parameter" "$PC colour=red" rename EINVAL "colour"
refuses "a missing one" "$PC" rename EINVAL "displayName"
refuses "one that it does not know" "$PC snapshotId=1" restore EINVAL "cloudPcSnapshotId"
refuses "a member that an enum does not have" "$PC osVersion=windows95" reprovision EINVAL "windows10"
refuses "a quote without its end" "$PC displayName='x" rename EINVAL "has no end"
refuses "a destructive verb without confirm=" "$PC" reprovision EPERM "confirm='${PC%.json}'"
refuses "with another one's name" "$PC confirm=${PC2%.json}" reprovision EPERM "confirm"
refuses "one line of three is wrong: none is done" "$PC
nobody
$PC2" reboot ENOENT "nobody"
does "with the right one" "$PC2 confirm=${PC2%.json}" reprovision "POST $BETA/cloudPCs/$ID2/reprovision"
sim POST "/_sim/item?collection=cloudPCs&id=$ID2" "{\"managedDeviceName\":\"${PC%.json}\"}" >/dev/null
"$W365FS" refresh "$MNT" cloudPCs
refuses "a name that fits two" "${PC%.json}" reboot EINVAL "$ID2"
sim POST "/_sim/item?collection=cloudPCs&id=$ID2" "{\"managedDeviceName\":\"${PC2%.json}\"}" >/dev/null
"$W365FS" refresh "$MNT" cloudPCs

# What was never meant.
forget_changes
cp -r --no-preserve=mode "$MNT" "$TMP/copy" 2>"$TMP/said"
cp -r "$TMP/copy/cloudPCs/actions" "$PCS/" 2>"$TMP/said"
is "a copy of the tree, copied back" "$(cat "$TMP/said")" ""
cp -r "$TMP/copy/actions" "$MNT/" 2>/dev/null
grep -r x "$MNT" >/dev/null
tar cf "$TMP/all.tar" -C "$MNT" . 2>/dev/null
find "$MNT" -type f -exec cat {} + >/dev/null
touch "$ACT"/*
: >"$ACT/reboot"
cat "$ACT/reprovision" >"$TMP/text" && cat "$TMP/text" >"$ACT/reprovision"
for f in "$ACT"/*; do cp "$f" "$TMP/verb" && cp "$TMP/verb" "$f"; done
truncate -s 0 "$ACT/reboot"
echo x | tee "$TMP/null" >/dev/null
is "cp -r, grep -r, tar, find, touch, >: no action is ever sent" "$(changes)" ""

# What the service says.
says() {
	is "$1" "$(write "$PC" "$ACT/reboot")" "$2"
	has "$1: the sentence" "$(last_error)" "$3"
	sim DELETE /_sim/fault >/dev/null
}
sim POST '/_sim/fault?match=reboot&times=1&kind=status&status=403&code=Forbidden' >/dev/null
says "no permission" EACCES "CloudPC.ReadWrite.All"
sim POST '/_sim/fault?match=reboot&times=1&kind=status&status=404&code=NotFound' >/dev/null
says "gone meanwhile" ENOENT "no such thing"
sim POST '/_sim/fault?match=reboot&times=1&kind=status&status=409&code=Conflict' >/dev/null
says "busy" EBUSY "busy"
forget_changes
sim POST '/_sim/fault?match=reboot&times=1&kind=drop&after=1' >/dev/null
says "an answer that was lost" EIO "look before you repeat it"
is "it was sent once" "$(changes | grep -c reboot)" 1
ok "the record says unknown" grep -q '"state":"unknown"' "$RECORD"
forget_changes
sim POST '/_sim/fault?match=reboot&times=1&kind=stall' >/dev/null
says "no answer" ETIMEDOUT "look before you repeat it"
is "it was sent once, too" "$(changes | grep -c reboot)" 1
sim POST '/_sim/throttle?times=1&retry_after=1&match=reboot' >/dev/null
forget_changes
eventually sh -c "! grep -q active '$PC'"
is "throttled: it is sent when it may" "$(write "$PC" "$ACT/reboot")" ""
sim POST '/_sim/throttle?times=1&retry_after=600&match=reboot' >/dev/null
is "throttled beyond the deadline" "$(write "$PC2" "$ACT/reboot")" EAGAIN
has "says so" "$(last_error)" "limits requests"
cd / && unmount

# Verbs of a collection, of the tenant, of what is made by an action; a password.
mount_w365fs -o rw,dry-run
forget_changes
is "with -o dry-run all is checked" "$(write nobody "$ACT/reboot")" ENOENT
is "and nothing sent" "$(write "$PC" "$ACT/reboot")$(changes)" ""
has "but told" "$(tail -n 1 "$ACT/reboot")" "would send $PC: POST /deviceManagement/virtualEndpoint/cloudPCs/$ID/reboot"
unmount
mount_w365fs -o rw,max-targets=2
forget_changes
is "too many targets for one opening" "$(write "$PC
$PC2
$ID" "$ACT/reboot")" E2BIG
is "nothing was sent of them" "$(changes)" ""
ACTIONS="$MNT/bulkActions/actions/create"
is "a bulk action" "$(write "{\"@odata.type\":\"#microsoft.graph.cloudPcBulkPowerOff\",\"displayName\":\"night\",\"cloudPcIds\":[\"$ID\"]}" "$ACTIONS")" ""
has "is made by a POST" "$(changes)" "POST $BETA/bulkActions {"
unmount

# The record after a crash in the middle of a line, and when it is too long to be shown as a whole.
DISK=$(echo "$XDG_STATE_HOME"/w365fs/*/actions.ndjson)
python3 - "$DISK" <<'PY'
import json, sys
line = {"time": "2026-11-22T00:00:00Z", "verb": "cloudPCs/reboot", "id": "x", "state": "done", "detail": "y" * 900, "pid": 1}
with open(sys.argv[1], "a") as f:
    for n in range(5000):
        f.write(json.dumps({**line, "n": n + 1}) + "\n")
    f.write(json.dumps({**line, "n": 5001, "id": "half", "state": "sending", "pid": 999999999}) + "\n")
    f.write('{"time":"2026-11-22T00:00:00Z","n":5002,"ver')
PY
mount_w365fs -o rw
ok "the record begins with a whole line" sh -c 'head -n 1 "$1" | jq .' - "$RECORD"
is "a line that a crash has cut stays alone" "$(grep -c '"ver$' "$RECORD")" 1
is "what was left open is closed" "$(grep -v '"ver$' "$RECORD" | jq -r 'select(.id == "half").state' | xargs)" "sending unknown"
unmount
mount_w365fs
is "a read-only mount does nothing" "$(python3 -c 'import errno, os, sys
try: os.open(sys.argv[1], os.O_WRONLY)
except OSError as e: print(errno.errorcode[e.errno])' "$ACT/reboot")" EROFS
has "and tells how each verb is used" "$(cat "$ACT/rename")" "# usage: TARGET displayName=TEXT"
finish
