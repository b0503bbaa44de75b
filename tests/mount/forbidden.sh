# The service refuses some collections: they are closed (mode 0, EACCES) for everybody, and all else goes on.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl find

sim_start
refuse() {
	sim POST "/_sim/fault?kind=status&status=403&code=Forbidden&message=Access+Denied&match=virtualEndpoint%2F$1&times=0" >/dev/null
}
refuse userSettings
refuse organizationSettings
refuse auditEvents
mount_w365fs -o ttl=3600 # however slow the machine is, nothing is asked for twice
mode() {
	stat -c %A "$MNT/$1"
}
denied() { # COMMAND...: it fails, for that reason
	! "$@" >"$TMP/out" 2>&1 && grep -q 'Permission denied' "$TMP/out"
}
of() {
	sim GET '/_sim/log?counts=1' | jq --arg p "virtualEndpoint/$1" '[.counts | to_entries[] | select(.key | contains($p)) | .value] | add // 0'
}

is "before anybody has looked" "$(mode userSettings)" dr-x------
is "a walk goes on, and says what it leaves out" "$(find "$MNT" -maxdepth 2 2>&1 >"$TMP/found" | sed 's/.*‘\(.*\)’/\1/' | sort)" \
	"$MNT/userSettings: Permission denied"
has "with all the others" "$(cat "$TMP/found")" "$MNT/provisioningPolicies/Engineering EU.json"
is "by one request" "$(of userSettings)" 1
is "now it is closed" "$(mode userSettings)" d---------
has "in ls -l" "$(ls -l "$MNT")" "d---------"
is "a file, too" "$(mode organizationSettings.json)" ----------
ok "which cannot be read" denied cat "$MNT/organizationSettings.json"
is "and does not look empty" "$(cat "$MNT/organizationSettings.json" 2>/dev/null && echo read)" ""
ok "a log's day" denied ls "$MNT/auditEvents/2026-01-01"
is "closes the log" "$(mode auditEvents)" d---------
for path in userSettings userSettings/by-id userSettings/actions userSettings/x.json auditEvents auditEvents/2026-01-02; do
	ok "$path is not reached" denied ls "$MNT/$path"
	is "$path: not at all" "$(ls "$MNT/$path" 2>/dev/null)" ""
done
grep -rl zzzz "$MNT" >"$TMP/grep" 2>"$TMP/grep.err"
is "grep goes on as well" "$(sed 's/.*: \(.*\): Permission denied/\1/; s/^grep: //' "$TMP/grep.err" | sort)" "$(printf '%s\n' \
	"$MNT/auditEvents" "$MNT/organizationSettings.json" "$MNT/userSettings")"
is "no request but the first, for the directory" "$(of userSettings)" 1
is "for the file" "$(of organizationSettings)" 1
is "for the log" "$(of auditEvents)" 1
has "the sentence names what is missing" "$(cat "$MNT/.w365fs/errors")" "userSettings: the signed-in account or application may not do this; needed is the permission CloudPC.Read.All"
has "of the file, too" "$(cat "$MNT/.w365fs/errors")" "organizationSettings.json: the signed-in account or application may not do this"

# Granted: whoever refreshes has it back, by name or all at once.
sim DELETE /_sim/fault >/dev/null
is "nobody knows yet" "$(mode userSettings)" d---------
ok "a refresh by name" "$W365FS" refresh "$MNT" userSettings
is "opens it" "$(mode userSettings)" dr-x------
ok "all is there" [ "$(ls "$MNT/userSettings" | wc -l)" -gt 2 ]
ok "a refresh of all" "$W365FS" refresh "$MNT"
is "opens the file" "$(eventually sh -c "[ \$(stat -c %A '$MNT/organizationSettings.json') = -r-------- ]" && mode organizationSettings.json)" -r--------
ok "which reads" jq -e .id "$MNT/organizationSettings.json"
ok "and the log" eventually ls "$MNT/auditEvents/2026-01-01"
is "as ever" "$(mode auditEvents)" dr-x------
unmount

# By time alone.
refuse userSettings
mount_w365fs -o ttl=1
ok "refused" denied ls "$MNT/userSettings"
sim DELETE /_sim/fault >/dev/null
ok "comes back by itself" eventually ls "$MNT/userSettings/by-id"
is "with its mode" "$(mode userSettings)" dr-x------
unmount

# A user whom the kernel stops by the mode, as it does not stop root. He may not get here by the path: he is put here.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	refuse userSettings
	mount_w365fs -o allow_other,uid=65534,gid=65534,ttl=1
	cd "$MNT" || exit 1
	as() {
		setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
	}
	is "is let in" "$(as stat -c %A userSettings)" dr-x------
	ok "and refused" denied as ls userSettings
	ok "he, too, finds it closed" eventually sh -c '[ $(stat -c %A userSettings) = d--------- ]'
	if as test -x "$W365FS" 2>/dev/null; then
		as "$W365FS" refresh . userSettings >"$TMP/out" 2>&1
		has "a refresh by name asks all the same" "$(cat "$TMP/out")" 'needed is the permission'
	fi
	sim DELETE /_sim/fault >/dev/null
	ok "for him it comes back as well" eventually as ls userSettings/by-id
	cd "$TMP" || exit 1
	unmount
fi
finish
