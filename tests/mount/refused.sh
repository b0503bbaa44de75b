# What cannot be saved: the error, the sentence, the file afterwards, and where the text is kept. Whatever goes wrong, the
# policy at the service is what it was, or what was meant, and no text is lost.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3 getfattr

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start
mount_w365fs -o rw,timeout=3,deadline=10
DIR=$MNT/provisioningPolicies
FILE=$DIR/"Engineering EU.json"
ID=$(jq -r .id "$FILE")
POLICY=/beta/deviceManagement/virtualEndpoint/provisioningPolicies/$ID

# edit JQ-PROGRAM: what the file says, edited, in $TMP/new.
edit() {
	jq "$@" "$FILE" >"$TMP/new"
}

# save: copies $TMP/new over the file; the error is in $TMP/said.
save() {
	cat "$FILE" >"$TMP/before"
	cp "$TMP/new" "$FILE" 2>"$TMP/said"
}

last_error() {
	tail -n 1 "$MNT/.w365fs/errors"
}

kept_texts() {
	find "$MNT/.w365fs/rejected/provisioningPolicies" -name '*.json' 2>/dev/null | wc -l
}

THEIRS= # not empty: somebody else has changed the file meanwhile
# refuses WHY ERROR SENTENCE: the save of $TMP/new fails so, nothing is sent, the file is as it was, and the text is kept once.
refuses() {
	_kept=$(kept_texts)
	forget_changes
	if save; then report 1 "$1: is refused"; else report 0 "$1: is refused"; fi
	has "$1: with the error" "$(cat "$TMP/said")" "$2"
	has "$1: and the sentence" "$(last_error)" "$3"
	is "$1: nothing was changed" "$(changes)" ""
	[ -n "$THEIRS" ] || ok "$1: the file is as it was" cmp "$TMP/before" "$FILE"
	is "$1: the text is kept, once" "$(kept_texts)" $((_kept + 1))
	_text=$(last_error | sed -n 's/.*kept in \(.*\)$/\1/p')
	ok "$1: as it was written" cmp "$TMP/new" "$MNT/$_text"
	has "$1: with the reason beside it" "$(cat "$MNT/${_text%.json}.reason")" "$3"
	has "$1: and at the file" "$(getfattr --only-values -n user.w365fs.error "$FILE" 2>/dev/null)" "$3"
}

# saves WHY BODY: the save of $TMP/new succeeds by one PATCH with that body.
saves() {
	forget_changes
	ok "$1: is saved" save
	is "$1: by one request" "$(changes)" "${2:+PATCH $POLICY $2}"
}

edit .
printf '{"displayName": "x",\n  oops}' >"$TMP/new"
refuses "no JSON" "Invalid argument" "line 2, column 3"
edit '.colour = "red"'
refuses "an unknown property" "Invalid argument" "colour"
edit '.enableSingleSignOn = "yes"'
refuses "a wrong type" "Invalid argument" "enableSingleSignOn"
edit '.domainJoinConfigurations[0].domainJoinType = "azureADJoined"'
refuses "no member of an enum" "Invalid argument" "azureADJoin,"
edit '.provisioningType = "reserve"'
refuses "what can be set on create alone" "Invalid argument" "only when the item is made"
edit '.lastModifiedDateTime = "2031-01-01T00:00:00Z"'
refuses "a version that nobody knows" "Stale file handle" "lastModifiedDateTime"
edit '.imageType = "custom" | .gracePeriodInHours = 99'
refuses "a read-only property" "Invalid argument" "gracePeriodInHours"
edit '.id = "00000000-0000-4000-8000-000000000000"'
refuses "another id" "Invalid argument" "id"
edit '.windowsSettings.language = "de-DE" | .windowsSettings.colour = 1'
refuses "an unknown property inside" "Invalid argument" "windowsSettings.colour"
edit '.assignments = []'
refuses "dropping a group" "Operation not permitted" "destructive"
printf '\0\0\0\0' >"$TMP/new"
refuses "nothing but NUL" "Invalid argument" "empty"
edit '.description = "one"'
cat "$FILE" "$TMP/new" >"$TMP/both" && mv "$TMP/both" "$TMP/new"
refuses "two texts, as >> leaves them" "Invalid argument" "line"

# Scratch files, and texts that are too large.
python3 - "$DIR" <<'PY' >"$TMP/py"
import os, sys, errno
def fill(path, mib):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        for i in range(mib):
            os.write(fd, b"x" * (1 << 20))
        return "ok"
    except OSError as e:
        return errno.errorcode[e.errno]
    finally:
        try: os.close(fd)
        except OSError as e: print("close", errno.errorcode[e.errno])
d = sys.argv[1]
print("20 MiB of scratch", fill(d + "/big~", 20))
os.unlink(d + "/big~")
print([fill(d + "/s%d~" % i, 15) for i in range(5)])
for i in range(5): os.unlink(d + "/s%d~" % i)
print("after that", fill(d + "/again~", 15)); os.unlink(d + "/again~")
print("20 MiB of policy", fill(d + "/Engineering EU.json", 20))
PY
is "what is bounded" "$(cat "$TMP/py")" "20 MiB of scratch ENOSPC
['ok', 'ok', 'ok', 'ok', 'ENOSPC']
after that ok
close EINVAL
20 MiB of policy ENOSPC"
is "and the policy is there" "$(jq -r .id "$FILE")" "$ID"

# A writer that is killed in the middle.
_kept=$(kept_texts)
forget_changes
python3 -c 'import os, signal, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC); os.write(fd, b"{\"displayName\": \"half"); os.kill(os.getpid(), signal.SIGKILL)' "$FILE" 2>/dev/null
eventually jq -e .id "$FILE"
is "a writer is killed: the file is as it was" "$(jq -r .id "$FILE")" "$ID"
is "nothing was sent" "$(changes)" ""
is "and its half a text is kept" "$(kept_texts)" $((_kept + 1))

# Two people at once.
edit '.description = "mine"'
sim POST "/_sim/item?collection=provisioningPolicies&id=$ID" '{"description":"theirs"}' >/dev/null
THEIRS=1
refuses "changed meanwhile, the same property" "Stale file handle" "description"
THEIRS=
"$W365FS" refresh "$MNT" provisioningPolicies
is "theirs is in the file" "$(jq -r .description "$FILE")" theirs
edit '.cloudPcNamingTemplate = "CPC-%USERNAME:5%"'
sim POST "/_sim/item?collection=provisioningPolicies&id=$ID" '{"description":"theirs again"}' >/dev/null
saves "changed meanwhile, another property" '{"cloudPcNamingTemplate":"CPC-%USERNAME:5%"}'
is "both are in the file" "$(jq -r '.description + " " + .cloudPcNamingTemplate' "$FILE")" "theirs again CPC-%USERNAME:5%"
cp "$FILE" "$TMP/a"
edit '.description = "first"' && cp "$TMP/new" "$TMP/b"
edit '.description = "second"'
cp "$TMP/b" "$FILE"
refuses "two editors, the same property" "Stale file handle" "description"

# An editor that stays open saves again and again without having read anew.
WAS=$(jq -r .description "$FILE")
forget_changes
python3 - "$FILE" <<'PY'
import json, sys
d = json.load(open(sys.argv[1]))
def save(**changes):
    d.update(changes)
    with open(sys.argv[1], "w") as f: json.dump(d, f)
was = d["description"]
save(description="for a moment")
save(description=was, cloudPcNamingTemplate="CPC-%USERNAME:4%-%RAND:5%")
PY
is "an editor takes back what it has saved before, and changes something else" "$(changes)" \
	"PATCH $POLICY {\"description\":\"for a moment\"}
PATCH $POLICY {\"description\":\"$WAS\",\"cloudPcNamingTemplate\":\"CPC-%USERNAME:4%-%RAND:5%\"}"

# History, and undoing.
WAS=$(jq -r .description "$FILE")
cp "$FILE" "$TMP/undo"
edit '.description = "a mistake"'
saves "a mistake" '{"description":"a mistake"}'
HISTORY="$MNT/.w365fs/history/provisioningPolicies/Engineering EU"
ok "the version before is in history/" cmp "$TMP/undo" "$HISTORY/$(ls "$HISTORY" | tail -n 1)"
cp "$HISTORY/$(ls "$HISTORY" | tail -n 1)" "$TMP/new"
saves "copied back, it undoes the mistake" "{\"description\":\"$WAS\"}"

# Trouble at the service.
trouble() {
	sim DELETE /_sim/fault >/dev/null
	sim POST "/_sim/fault?match=PATCH&times=1&$1" >/dev/null
}

# fails WHY ERROR SENTENCE: the save fails when it has been tried, and the text is kept.
fails() {
	_kept=$(kept_texts)
	if save; then report 1 "$1: fails"; else report 0 "$1: fails"; fi
	has "$1: with the error" "$(cat "$TMP/said")" "$2"
	has "$1: and the sentence" "$(last_error)" "$3"
	is "$1: the text is kept, once" "$(kept_texts)" $((_kept + 1))
	sim DELETE /_sim/fault >/dev/null
}

edit '.description = "throttled"'
sim POST "/_sim/throttle?times=1&retry_after=1&match=PATCH" >/dev/null
forget_changes
ok "throttled: it is saved when it may" save
is "throttled: the refusal and the change" "$(changes)" "PATCH $POLICY {\"description\":\"throttled\"}
PATCH $POLICY {\"description\":\"throttled\"}"
edit '.description = "throttled for long"'
trouble 'kind=status&status=429&retry_after=600'
fails "throttled for longer than the deadline" "Resource temporarily unavailable" "limits requests"
# The gate is closed for all: a mount anew does not know of it.
unmount && mount_w365fs -o rw,timeout=3,deadline=10

edit '.description = "503"'
trouble 'kind=status&status=503'
fails "503" "Input/output error" "not known"
is "503: it was sent once" "$(changes | grep -c 503)" 1
is "503: the file is as it was" "$(jq -r .description "$FILE")" "throttled"
edit '.description = "403"'
trouble 'kind=status&status=403&code=Forbidden'
forget_changes
fails "403" "Permission denied" "CloudPC.ReadWrite.All"
edit '.description = "lost"'
trouble 'kind=stall&after=1'
forget_changes
ok "timed out after it was carried out: it is found to be saved" save
is "and was sent once" "$(changes)" "PATCH $POLICY {\"description\":\"lost\"}"
sim DELETE /_sim/fault >/dev/null
edit '.description = "never arrived"'
trouble 'kind=stall'
forget_changes
fails "timed out without having been carried out" "Connection timed out" "not known"
is "that was sent once, too" "$(changes)" "PATCH $POLICY {\"description\":\"never arrived\"}"
edit '.description = "dropped"'
trouble 'kind=drop&after=1'
ok "the connection is lost after it was carried out: it is found to be saved" save
is "and is in the file" "$(jq -r .description "$FILE")" dropped

# An interrupt while the service is asked.
edit '.description = "interrupted"'
sim POST '/_sim/fault?kind=stall&times=1&match=GET' >/dev/null
_kept=$(kept_texts)
forget_changes
cp "$TMP/new" "$FILE" 2>"$TMP/said" &
CP=$!
stalls() {
	[ "$(sim GET /_sim/log | jq '[.requests[] | select(.status == 0)] | length')" -ge 1 ]
}
eventually stalls
kill $CP
wait $CP 2>/dev/null
sim DELETE /_sim/fault >/dev/null
is "interrupted before it was sent: it is not sent" "$(changes)" ""
is "and the text is kept" "$(kept_texts)" $((_kept + 1))

# Gone meanwhile.
edit '.description = "too late"'
sim POST "/_sim/item?collection=provisioningPolicies&id=$ID&delete=1" >/dev/null
_kept=$(kept_texts)
forget_changes
if cp "$TMP/new" "$FILE" 2>"$TMP/said"; then report 1 "deleted meanwhile: it fails"; else report 0 "deleted meanwhile: it fails"; fi
has "with the error" "$(cat "$TMP/said")" "No such file"
is "no new one is made" "$(changes)" ""
is "the text is kept" "$(kept_texts)" $((_kept + 1))
ok "the file is gone" test ! -e "$FILE"
finish
