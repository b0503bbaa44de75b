# Reports that are exported: ordered by a line, downloaded as a file, and nobody but the program learns the address, which is
# all that it takes to fetch it.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3 getfattr dd

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start --speed 0 --cloud-pcs 60
on() { # SECONDS
	sim POST "/_sim/course?advance=$1" >/dev/null
}
token() {
	curl -sS --cacert "$TMP/cert.pem" "$ENTRA_BASE/$TENANT/oauth2/v2.0/token" --data-urlencode "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET" \
		-d grant_type=client_credentials --data-urlencode scope=https://graph.microsoft.com/.default | jq -r .access_token
}
signature() { # JOB: of its address, as the service tells it
	curl -sS --cacert "$TMP/cert.pem" -H "Authorization: Bearer $(token)" -H 'User-Agent: t' "$GRAPH_BASE/beta/deviceManagement/virtualEndpoint/reports/exportJobs/$1" |
		jq -r '(.value // .).exportUrl' | sed 's/.*sig=//'
}
downloads() {
	sim GET /_sim/log | jq '[.requests[] | select(.path | startswith("/export/"))] | length'
}
last_error() {
	tail -n 1 "$MNT/.w365fs/errors"
}
made() { # the id that the control file tells of the job that was made last
	sed -n 's/^#   {"id":"\([^"]*\)".*/\1/p' "$MNT/reports/exportJobs/actions/create" | tail -1
}
patiently() { # as eventually: a job is looked at every fifteen seconds, in the end
	eventually "$@" || eventually "$@" || eventually "$@" || eventually "$@"
}
mounted() {
	! not_mounted
}
MOUNTS=$MNT
AZURE_CLIENT_SECRET=$CLIENT_SECRET "$W365FS" mount -d -f --tenant "$TENANT" --client-id "$CLIENT_ID" --authority "$ENTRA_BASE" \
	--graph-endpoint "$GRAPH_BASE" --ca-file "$TMP/cert.pem" -o rw,ttl=3600 "$MNT" >"$TMP/said" 2>&1 &
DAEMON=$!
PIDS="$PIDS $DAEMON"
ok "it mounts" eventually mounted
JOBS=$MNT/reports/exportJobs

# Ordered, awaited, downloaded.
ok "a line orders one" sh -c "echo 'reportName=totalAggregatedRemoteConnectionReports' >'$JOBS/actions/create'"
id=$(made)
has "and tells its id" "$id" __
FILE=$JOBS/results/$id.zip
is "it is no file before its time" "$(cat "$FILE" 2>&1 | sed 's/.*: //')" "Resource temporarily unavailable"
has "but says when" "$(last_error)" "results/$id.zip: its file is not written yet (notStarted): try again later"
on 10
ok "then it is" eventually cat "$FILE"
is "its size is exact" "$(stat -c %s "$FILE")" "$(wc -c <"$FILE")"
is "nobody may write it" "$(stat -c %A "$FILE")" -r--------
ok "an archive" python3 -c 'import csv, io, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
rows = list(csv.reader(io.TextIOWrapper(z.open(z.namelist()[0]), "utf-8", newline="")))
assert rows[0][0] == "CloudPcId" and len(rows) > 10' "$FILE"
cp "$FILE" "$TMP/copy.zip"
is "one download, however often it is read" "$(downloads)" 1
is "none is asked for by a walk" "$(ls "$JOBS/results" && find "$MNT/reports" >"$TMP/found"; downloads)" 1
ok "what became of it is in the control file" patiently grep -q ' done' "$JOBS/actions/create"
job=$JOBS/$id.json
ok "the job is shown" patiently jq -e '.exportJobStatus == "completed"' "$job"
is "with its address as far as everybody may know it" "$(jq -r .exportUrl "$job")" "$GRAPH_BASE/export/cloudpc/$id.zip?"
ok "a refresh, which the service has no list for" "$W365FS" refresh "$MNT" reports/exportJobs
is "leaves it" "$(ls "$JOBS"/*.json)" "$job"
ok "by its name the same file" cmp "$TMP/copy.zip" "$JOBS/results/$(basename "$job" .json).zip"

# Troubles.
sim POST '/_sim/fail?action=export' >/dev/null
echo 'reportName=totalAggregatedRemoteConnectionReports' >"$JOBS/actions/create"
failed=$(made)
on 10
is "one that cannot be written" "$(cat "$JOBS/results/$failed.zip" 2>&1 | sed 's/.*: //')" "No data available"
has "says so" "$(last_error)" "there is no file of it (failed): order it again by reports/exportJobs/actions/create"
is "one that nobody ordered" "$(cat "$JOBS/results/Report__x.zip" 2>&1 | sed 's/.*: //')" "No such file or directory"
echo 'reportName=totalAggregatedRemoteConnectionReports' >"$JOBS/actions/create"
big=$(made)
on 10
sim POST '/_sim/fault?kind=big&match=%2Fexport%2F&times=1' >/dev/null
is "one beyond all measure" "$(cat "$JOBS/results/$big.zip" 2>&1 | sed 's/.*: //')" "Protocol error"
has "says so, too" "$(last_error)" "is larger than 256 MiB: it is not read"
ok "it is there when that is over" eventually cat "$JOBS/results/$big.zip"

# Many at once: no listing has them, so each is looked at by itself.
yes 'reportName=totalAggregatedRemoteConnectionReports' | head -n 15 >"$JOBS/actions/create"
on 10
followed() {
	[ "$(jq -r .state "$MNT/.w365fs/actions.ndjson" | grep -c '^done$')" -ge 16 ]
}
ok "fifteen at once are all followed" patiently followed
is "none is lost" "$(jq -r .state "$MNT/.w365fs/actions.ndjson" | grep -c unknown)" 0
secret=$(signature "$id")
ok "there is a secret to look for" [ ${#secret} -gt 40 ]
sim POST '/_sim/clock?advance=90000' >/dev/null
"$W365FS" refresh "$MNT" reports/exportJobs/results
ok "a day later" eventually sh -c "cat '$FILE' 2>&1 | grep -q 'No data available'"
has "it has run out" "$(cat "$MNT/.w365fs/errors")" "results/$id.zip: the address of its file has run out: order it again"

# Whoever looks, wherever, does not find it.
{
	grep -r . "$MNT" 2>/dev/null
	cat "$MNT"/.w365fs/status.json "$MNT"/.w365fs/errors "$MNT"/.w365fs/metrics "$MNT"/.w365fs/actions.ndjson
	dd if="$MNT/.w365fs/events" iflag=nonblock bs=1M count=1 2>/dev/null
	find "$MNT/.w365fs/rejected" "$MNT/.w365fs/history" -type f -exec cat {} +
	getfattr -d "$job" "$FILE" "$JOBS" 2>/dev/null
	"$W365FS" refresh "$MNT" reports/exportJobs 2>&1
} >"$TMP/shown"
has "all is looked at: files" "$(cat "$TMP/shown")" "exportUrl\": \"$GRAPH_BASE/export/cloudpc/$id.zip?\""
has "events" "$(cat "$TMP/shown")" "\"exportUrl\":[null,\"$GRAPH_BASE/export/cloudpc/$id.zip?\"]"
ok "the log tells of the download" grep -q 'download: from 127.0.0.1' "$TMP/said"
cat "$XDG_STATE_HOME"/w365fs/*/* "$XDG_STATE_HOME"/w365fs/*/*/*/* "$XDG_STATE_HOME"/w365fs/*/*/*/*/* >"$TMP/disk" 2>/dev/null
for where in shown said disk; do
	is "$where: not the signature" "$(grep -acF "$secret" "$TMP/$where")" 0
	is "$where: nor any other" "$(grep -acE 'sig(=|%3D|%3d)[A-Za-z0-9]' "$TMP/$where")" 0
done
unmount || kill $DAEMON
wait $DAEMON

# A line too slow for it.
mount_w365fs -o rw,timeout=1
echo 'reportName=totalAggregatedRemoteConnectionReports' >"$JOBS/actions/create"
id=$(made)
on 10
sim POST '/_sim/fault?kind=stall&match=%2Fexport%2F&times=0' >/dev/null
is "one that does not come" "$(cat "$JOBS/results/$id.zip" 2>&1 | sed 's/.*: //')" "Connection timed out"
has "what gives it longer, is said" "$(last_error)" "-o timeout= gives it longer"
sim DELETE /_sim/fault >/dev/null
unmount
finish
