# .w365fs/rejected/ and .w365fs/history/ with real tools; what a killed daemon leaves; where nothing can be kept.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start
mount_w365fs
ok "a read-only mount keeps nothing" test ! -e "$MNT/.w365fs/rejected"
lacks "and lists nothing of it" "$(ls "$MNT/.w365fs")" history
ok "nor on disk" test ! -d "$XDG_STATE_HOME/w365fs/$TENANT"
unmount

# Where nothing can be kept, nothing is saved.
mkdir -p "$TMP/elsewhere" "$XDG_STATE_HOME/w365fs"
ln -s "$TMP/elsewhere" "$XDG_STATE_HOME/w365fs/$TENANT"
w365fs_mount -o rw 2>"$TMP/said"
is "a folder that is a link: no mount" "$?" 4
has "with a sentence" "$(cat "$TMP/said")" "symbolic link"
is "nothing was put there" "$(ls -A "$TMP/elsewhere")" ""
rm "$XDG_STATE_HOME/w365fs/$TENANT"

mount_w365fs -o rw
FILE=$MNT/provisioningPolicies/"Engineering EU.json"
KEPT=$MNT/.w365fs
REFUSED="$KEPT/rejected/provisioningPolicies/Engineering EU"
HISTORY="$KEPT/history/provisioningPolicies/Engineering EU"
STATE=$XDG_STATE_HOME/w365fs/$TENANT
cp "$FILE" "$TMP/first"

is "both are there" "$(ls "$KEPT" | grep -cE '^(rejected|history)$')" 2
is "empty" "$(find "$KEPT/rejected" "$KEPT/history" -mindepth 1)" ""
printf '{"displayName": oops' >"$TMP/refused"
cp "$TMP/refused" "$FILE" 2>/dev/null
is "a refused text is listed at once" "$(find "$KEPT/rejected" -type f | sed 's/.*\.//' | sort | xargs)" "json reason"
ok "and is what was written" cmp "$TMP/refused" "$REFUSED"/*.json
jq '.description = "new"' "$TMP/first" >"$TMP/second"
ok "a change is accepted" cp "$TMP/second" "$FILE"
ok "the version before is listed at once" cmp "$TMP/first" "$HISTORY"/*.json
is "what is there is for its owner alone" "$(find "$KEPT/history" -printf '%m ' | tr ' ' '\n' | sort -u | xargs)" "400 700"
is "and on disk too" "$(find "$STATE" -printf '%y%m\n' | sort -u | xargs)" "d700 f600"
ok "it is copied" cp -r "$KEPT/history" "$TMP/copy"
ok "as it is on disk" diff -r "$STATE/history" "$TMP/copy"
is "it is archived" "$(tar cf - -C "$KEPT" history | tar tf - | grep -c 'json$')" 1
is "its time is when it was kept" "$(find "$HISTORY" -name '*.json' -mmin -10 | wc -l)" 1
ok "whole trees do not meet it" sh -c "! find '$MNT' -name '*.reason' | grep -q ."

# Nothing of it can be written, whoever tries.
ONE=$(ls -d "$HISTORY"/*.json)
cat "$ONE" >"$TMP/before"
python3 - "$ONE" "$HISTORY" "$MNT" >"$TMP/py" <<'PY'
import errno, os, sys
one, folder, mnt = sys.argv[1:]
def no(what, f, *a, **k):
    try:
        f(*a, **k)
        print(what, "works")
    except OSError as e:
        print(what, errno.errorcode[e.errno])
no("open", os.open, one, os.O_WRONLY)
no("append", os.open, one, os.O_WRONLY | os.O_APPEND)
no("open and cut", os.open, one, os.O_WRONLY | os.O_TRUNC)
no("cut", os.truncate, one, 0)
no("make", os.open, folder + "/x.json", os.O_CREAT | os.O_WRONLY)
no("folder", os.mkdir, folder + "/x")
no("link", os.symlink, "x", folder + "/x")
no("move", os.rename, one, folder + "/x.json")
no("move away", os.rename, one, mnt + "/provisioningPolicies/kept.json")
no("move there", os.rename, mnt + "/provisioningPolicies/Engineering EU.json", folder + "/x.json")
no("rmdir", os.rmdir, folder)
no("rmdir of all", os.rmdir, mnt + "/.w365fs/history")
PY
lacks "nothing can be written" "$(cat "$TMP/py")" works
sed 's/^/# /' "$TMP/py"
ok "and nothing has changed" cmp "$TMP/before" "$ONE"
is "nor is anything else there" "$(find "$HISTORY" -type f | wc -l)" 1

# Another mount of the tenant.
OTHER=$TMP/other
mkdir "$OTHER"
FIRST=$MNT MNT=$OTHER
mount_w365fs -o rw
ok "another mount shows the same" diff -r "$FIRST/.w365fs/history" "$OTHER/.w365fs/history"
cp "$TMP/refused" "$OTHER/provisioningPolicies/Engineering EU.json" 2>/dev/null
is "what it keeps is seen by the first" "$(ls "$REFUSED" | grep -c 'json$')" 2
unmount
MNT=$FIRST

# What is not needed any more can be removed.
rm "$(ls -d "$REFUSED"/*.json | head -n 1)"
is "rm of one" "$(ls "$REFUSED" | grep -c 'json$')" 1
ok "rm -r of all" rm -r "$REFUSED"
ok "of a family" rm -r "$KEPT/history/provisioningPolicies"
is "it is gone" "$(find "$KEPT/rejected" "$KEPT/history" -type f)" ""
is "from the disk as well" "$(find "$STATE/rejected" "$STATE/history" "$STATE/saving" -type f)" ""

# A daemon that is killed while a text is being written.
python3 -c 'import os, signal, sys
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC)
os.write(fd, b"{\"description\": \"half a te")
os.kill(int(sys.argv[2]), signal.SIGKILL)' "$FILE" "$(daemon_pid)"
fusermount3 -uzq "$MNT" 2>/dev/null || umount -l "$MNT"
mount_w365fs -o rw
is "the next mount has what was written" "$(cat "$REFUSED"/*.json)" '{"description": "half a te'
is "and says why" "$(cat "$REFUSED"/*.reason)" "w365fs ended while this was being saved"
is "the file is as it was" "$(jq -r .description "$FILE")" new
unmount
finish
