# The audit log with the programs that people read it with: what a day costs, what a walk through all of them, and how one
# follows it.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl grep find tail head timeout

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"

day() { # N: so many days ago
	date -u -d "$1 days ago" +%F
}

sim_start --cloud-pcs 20 --page-size 200
mount_w365fs -o ttl=3600 # today as well, however slow the machine
LOG=$MNT/auditEvents
is "ninety days are listed" "$(ls "$LOG" | grep -c '^20')" 90
is "for nothing" "$(graph_requests auditEvents)" 0
ok "grep over a day finds something" grep -rq activityDateTime "$LOG/$(day 3)"
is "for its one page" "$(graph_requests auditEvents)" 1
sim POST '/_sim/page-size?n=10' >/dev/null
before=$(graph_requests)
n=$(ls "$LOG/$(day 70)" | wc -l)
is "a day costs its own pages" $(($(graph_requests) - before)) $(((n + 9) / 10))
sim POST '/_sim/page-size?n=200' >/dev/null

# A walk reads in the order of the listing; by then the two days before are no part of it any more.
for d in $(ls "$LOG" | grep '^20' | head -n 2); do
	two=$((${two:-0} + $(ls "$LOG/$d" | wc -l)))
done
unmount
mount_w365fs -o ttl=3600
before=$(graph_requests)
grep -rh '"id": ' "$LOG" >"$TMP/ids"
cost=$(($(graph_requests) - before)) events=$(wc -l <"$TMP/ids")
ok "grep over ninety days finds thousands" [ "$events" -gt 2000 ]
is "each of them once" "$(sort -u "$TMP/ids" | wc -l)" "$events"
is "for two days and the pages of all the others" $cost $((2 + (events - two + 199) / 200))
is "which are in their days" "$(for d in "$LOG"/20*; do
	TZ=UTC0 find "$d" -name '*.json' ! -newermt "$(date -u -d "${d##*/} 1 second ago" '+%F %T')" -o -name '*.json' -newermt "$(date -u -d "${d##*/} 1 day" +%F)"
done)" ""
before=$(graph_requests)
is "find finds the same" "$(find "$LOG" -path '*/20*/*' -name '*.json' | wc -l)" "$events"
is "for nothing" $(($(graph_requests) - before)) 0
unmount

# One stream of it. Today is asked for every second here, so that nobody has to wait for half a minute.
AUDIT=$MNT/.w365fs/audit.ndjson
TODAY=$(day 0)
# act VERB ID: somebody else does something, which the log tells.
act() {
	TOKEN=${TOKEN:-$(curl -sS --cacert "$TMP/cert.pem" "$ENTRA_BASE/$TENANT/oauth2/v2.0/token" -d grant_type=client_credentials \
		-d "client_id=$CLIENT_ID" -d scope=https://graph.microsoft.com/.default --data-urlencode "client_secret=$CLIENT_SECRET" |
		jq -r .access_token)}
	curl -sS --cacert "$TMP/cert.pem" -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Length: 0' \
		"$GRAPH_BASE/beta/deviceManagement/virtualEndpoint/cloudPCs/$2/$1" >>"$TMP/answers"
}
# last FILE: what its last whole line tells of
last() {
	tail -n 1 "$1" | jq -r .activityType 2>/dev/null # it may be half a line yet
}
told() { # FILE WHAT
	[ "$(last "$1")" = "$2" ]
}

mount_w365fs -o ttl.auditEvents=1
set -- $(jq -r 'select(.status == "provisioned").id' "$MNT"/cloudPCs/*.json)
is "it is not listed" "$(ls "$MNT/.w365fs" | grep -c audit)" 0
timeout 20 grep -rq nothing-like-this "$MNT/.w365fs/"
is "no walk through .w365fs meets it" $? 1
timeout 20 cat "$AUDIT" >"$TMP/audit"
is "it has what the day has" "$(jq -r .id "$TMP/audit" | sort)" "$(jq -r .id "$LOG/$TODAY"/*.json | sort)"
is "a line each, without a byte to spare" "$(cat "$TMP/audit")" "$(jq -c . "$TMP/audit")"
is "in order" "$(jq -r .activityDateTime "$TMP/audit" | date -u -f - +%s)" "$(jq -r .activityDateTime "$TMP/audit" | date -u -f - +%s | sort -n)"
tail -n 1 -f "$AUDIT" 2>"$TMP/said" >"$TMP/tail" &
PIDS="$PIDS $!"
ok "tail -f shows the last" eventually cmp -s "$TMP/tail" "$(tail -n 1 "$TMP/audit" >"$TMP/one" && echo "$TMP/one")"
act reboot "$1"
ok "and what happens" eventually told "$TMP/tail" "Reboot CloudPC"
act troubleshoot "$2"
ok "and goes on" eventually told "$TMP/tail" "Troubleshoot CloudPC"
is "three lines" "$(wc -l <"$TMP/tail")" 3
is "nobody was refused" "$(cat "$TMP/answers")" ""
is "tail has no complaint" "$(cat "$TMP/said")" ""
is "its size is exact" "$(stat -c %s "$AUDIT")" "$(wc -c <"$AUDIT")"
is "nothing is there twice" "$(jq -r .id "$AUDIT" | sort | uniq -d)" ""
kill $! && wait $! 2>/dev/null
PIDS=$SIM
unmount

mount_w365fs -o rw,ttl.auditEvents=1
n=$(wc -l <"$TMP/audit")
timeout -s INT 60 head -n $((n + 3)) "$AUDIT" >"$TMP/head" &
HEAD=$!
tail -n 1 -f "$AUDIT" 2>"$TMP/said" | jq --unbuffered -c . >"$TMP/tail" &
FOLLOWING=$!
PIDS="$SIM $HEAD $FOLLOWING"
ok "on a mount that can be written tail -f shows the last as well" eventually told "$TMP/tail" "Troubleshoot CloudPC"
ok "and head waits" kill -0 $HEAD
echo "$3" >"$MNT/cloudPCs/actions/reboot"
ok "for what one does" wait $HEAD
PIDS="$SIM $FOLLOWING"
is "which is there" "$(last "$TMP/head")" "Reboot CloudPC"
ok "for tail, too" eventually told "$TMP/tail" "Reboot CloudPC"
is "tail has no complaint there" "$(cat "$TMP/said")" ""
timeout -s INT 1 cat "$AUDIT" >"$TMP/cat"
is "Ctrl-C ends a cat that waits" $? 124
is "which had shown all" "$(wc -l <"$TMP/cat")" $((n + 3))
kill -TERM "$(daemon_pid)"
ok "the mount ends" eventually not_mounted
ok "and with it who follows it" wait $FOLLOWING
PIDS=$SIM
finish
