# The audit log with the programs that people read it with: what a day costs, and what a walk through all of them.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl grep find

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
finish
