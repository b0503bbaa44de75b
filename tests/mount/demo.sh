# The demo as a newcomer runs it: a tenant, looked at with the tools that everybody has.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq getfattr

MNT=$TMP/t
MOUNTS=$MNT
"$W365FS" demo "$MNT" >"$TMP/out" 2>&1 &
DEMO=$!
PIDS=$DEMO
ok "it mounts" eventually grep -q Ctrl-C "$TMP/out"
cd "$MNT" || exit 1
has "it says what to try" "$(cat "$TMP/out")" "ls -lt cloudPCs | head"

is "sixty Cloud PCs" "$(ls cloudPCs | grep -c "\.json$")" 60
is "jq reads all" "$(jq -r '[.managedDeviceName,.status]|@tsv' cloudPCs/*.json | wc -l)" 60
ok "grep finds the failed ones" [ "$(grep -rl '"failed"' cloudPCs | wc -l)" -ge 1 ]
is "grep and jq agree" "$(grep -l '^  "status": "failed"' cloudPCs/*.json | sort)" "$(jq -r 'select(.status=="failed")|input_filename' cloudPCs/*.json | sort)"
newest=$(jq -r '"\(.lastModifiedDateTime[:19])Z"' cloudPCs/*.json | sort | tail -1)
is "ls -t sorts by the time of the last change" "$(ls -t --time-style=+%FT%TZ -l cloudPCs/*.json | head -1 | awk '{print $6}')" "$(date -d "$newest" +%FT%TZ)"
has "a singleton is a file" "$(cat organizationSettings.json)" '"enableSingleSignOn"'
has "attributes" "$(getfattr -d cloudPCs/*.json | head)" 'user.w365fs.id="'
cp -r provisioningPolicies "$TMP/x"
ok "a copy is the same" diff -r provisioningPolicies "$TMP/x"
is "eight policies" "$(ls provisioningPolicies/*.json | wc -l)" 8
ok "with their assignments" jq -se 'all(.[]; .assignments | type == "array") and any(.[]; .assignments | length > 0)' provisioningPolicies/*.json
is "links by id" "$(ls cloudPCs/by-id | wc -l)" 60
id=$(jq -r .id cloudPCs/CPC-alexw-7QJ2K.json)
is "lead to the files" "$(readlink "cloudPCs/by-id/$id.json")" ../CPC-alexw-7QJ2K.json
ok "and read as they do" cmp -s "cloudPCs/by-id/$id.json" cloudPCs/CPC-alexw-7QJ2K.json
is "ninety days of audit events" "$(ls -d auditEvents/2* | wc -l)" 90
ok "with events in them" [ "$(cat "auditEvents/$(date -u -d '2 days ago' +%F)"/*.json | jq -s length)" -ge 1 ]
ok "README.md tells what is here" grep -q '`provisioningPolicies/`' README.md
is "hidden files are not listed" "$(find . -name '.w365fs' | wc -l)" 0
ok "but there" jq -e '.signIn.roles | contains("CloudPC.Read.All")' .w365fs/status.json
is "no failure was noted" "$(cat .w365fs/errors)" ""
is "nobody can write" "$(sh -c 'echo x > cloudPCs/new.json' 2>&1 | grep -c 'Read-only')" 1
is "nor delete" "$(rm -f cloudPCs/CPC-alexw-7QJ2K.json 2>&1 | grep -c 'Read-only')" 1

cd "$TMP" || exit 1
kill -INT $DEMO
wait $DEMO
is "Ctrl-C ends it well" $? 0
PIDS=
ok "nothing is mounted" not_mounted
ok "and nothing is left" [ ! -e "$MNT" ]
is "no simulator either" "$(pgrep -f "w365sim.*$(basename "$TMP")" | wc -l)" 0
finish
