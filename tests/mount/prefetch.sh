# mount --prefetch: everything is there when the mount is handed over; and the numbers for machines that watch.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

sim_start
said=$(w365fs_mount --prefetch -o ttl=3600 2>&1) || { echo "Bail out! cannot mount"; exit 1; }
is "all went well" "$said" ""
listed=$(graph_requests)
ok "the collections were listed ($listed requests)" [ "$listed" -ge 18 ]
is "Cloud PCs once" "$(graph_requests cloudPCs)" 1
cat "$MNT"/cloudPCs/*.json "$MNT"/userSettings/*.json "$MNT"/organizationSettings.json >"$TMP/all"
ls "$MNT"/galleryImages "$MNT"/reports/exportJobs >"$TMP/ls"
is "so that a look makes no request" "$(graph_requests)" "$listed"
is "of logs nothing is fetched" "$(graph_requests auditEvents)" 0

metric() {
	awk -v name="$1" '$1 == name { print $2 }' "$TMP/metrics"
}
cat "$MNT/.w365fs/metrics" >"$TMP/metrics"
is "metrics: items" "$(metric 'w365fs_collection_items{collection="cloudPCs"}')" 60
is "metrics: refreshes" "$(metric 'w365fs_collection_refreshes_total{collection="cloudPCs"}')" 1
is "metrics: requests to Graph" "$(metric w365fs_graph_requests_total)" "$listed"
is "metrics: token requests" "$(metric w365fs_token_requests_total)" 1
ok "metrics: the kernel's" [ "$(metric 'w365fs_fuse_requests_total{opcode="READ"}')" -gt 60 ]
is "every number has a type" "$(sed -n 's/^\(w365fs_[a-z_]*\).*/\1/p' "$TMP/metrics" | sort -u)" "$(sed -n 's/^# TYPE \([a-z0-9_]*\) .*/\1/p' "$TMP/metrics" | sort -u)"
unmount

# What cannot be had is told, and is no failure.
sim POST '/_sim/fault?kind=status&status=403&code=Forbidden&match=virtualEndpoint%2FuserSettings&times=0' >/dev/null
said=$(w365fs_mount --prefetch 2>&1)
is "a refusal is no failure" $? 0
has "but is told" "$said" "w365fs: userSettings: "
is "once" "$(printf '%s\n' "$said" | grep -c .)" 1
unmount
sim DELETE /_sim/fault >/dev/null

# A signal while it fetches ends it, with nothing mounted.
sim POST '/_sim/fault?kind=stall&match=snapshots&times=0' >/dev/null
w365fs_mount -f --prefetch 2>"$TMP/said" &
PIDS="$PIDS $!"
mounted() {
	! not_mounted
}
ok "it is mounted while it fetches" eventually mounted
is "and serves" "$(ls "$MNT"/provisioningPolicies/*.json | wc -l)" 8
kill -INT "$(daemon_pid)"
wait $!
ok "interrupted" [ $? -ne 0 ]
has "it says so" "$(cat "$TMP/said")" "interrupted"
ok "and is not mounted" not_mounted
finish
