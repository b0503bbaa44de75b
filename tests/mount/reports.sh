# Reports: all rows as JSON and as CSV, and what of them is asked for by name.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3

sim_start --cloud-pcs 300
mount_w365fs -o ttl=3600
cd "$MNT/reports" || exit 1
posts() {
	sim GET /_sim/log | jq --arg r "$1" '[.requests[] | select(.method == "POST" and (.path | endswith("/" + $r)))] | length'
}

# round CSV JSON [VALUE...]: the same table? With these values in it?
cat >"$TMP/round.py" <<'PY'
import csv, json, sys
rows = json.load(open(sys.argv[2], encoding="utf-8"))
raw = open(sys.argv[1], newline="", encoding="utf-8").read()
table = list(csv.reader(open(sys.argv[1], newline="", encoding="utf-8"), strict=True))
head, table = table[0], table[1:]
bad = len(rows) != len(table)
for row, cells in zip(rows, table):
    bad = bad or list(row) != head or len(cells) != len(head)
    for key, cell in zip(head, cells):
        want = row[key]
        if want is None or isinstance(want, str):
            bad = bad or cell != (want or "")
        else:
            bad = bad or json.loads(cell) != want
    if bad:
        sys.exit(f"{row}\n{cells}")
if bad:
    sys.exit(f"{len(rows)} rows, {len(table)} lines")
for want in sys.argv[3:]: # a value that must be among them
    if not any(want in cells for cells in table):
        sys.exit(f"no {want!r}")
if raw.count("\n") and not raw.endswith("\r\n"):
    sys.exit("lines end by CRLF")
PY
for r in getConnectionQualityReports getTotalAggregatedRemoteConnectionReports getActionStatusReports retrieveBulkActionStatusReport; do
	ok "$r: CSV and JSON are one table" python3 "$TMP/round.py" $r/all.csv $r/all.json
done
csv=$(cat getConnectionQualityReports/all.csv getActionStatusReports/all.csv)
has "with commas and quotes in it" "$csv" '"UDP, relayed by ""TURN"""'
ok "and letters that are not ASCII" sh -c 'cat */all.csv 2>/dev/null | grep -q "[^ -~[:cntrl:]]"'
ok "numbers are numbers" jq -e 'all(.[]; .UDPConnectionPercentage | type == "number" or . == null) and length > 0' getConnectionQualityReports/all.json
ok "dates as they came" jq -e 'all(.[]; .EventDateTime | test("^20..-..-..T..:..:..$"))' getDailyAggregatedRemoteConnectionReports/all.json
r=getTotalAggregatedRemoteConnectionReports
sim DELETE /_sim/log >/dev/null
total=$(jq length $r/all.json)
is "all rows, once" "$(jq -r '.[].CloudPcId' $r/all.json | sort | uniq -d | wc -l)" 0
is "what was read is not asked again" "$(posts $r)" 0
ok "there are many" [ "$total" -gt 100 ]
is "some of them" "$(jq length $r/top=7,skip=3.json)" 7
is "are those" "$(jq -c .[].CloudPcId $r/top=7,skip=3.json)" "$(jq -c '.[3:10][].CloudPcId' $r/all.json)"
is "beyond the end there are none" "$(cat $r/skip=100000.json)" "[]"
pc=$(jq -r '.[5].CloudPcId' $r/all.json)
is "by a filter" "$(jq -r .[].CloudPcId "$r/filter=CloudPcId eq '$pc'.json")" "$pc"
is "some columns" "$(head -1 "$r/select=ManagedDeviceName%2CCloudPcId,top=1.csv" | tr -d '\r')" "$(printf %s "ManagedDeviceName,CloudPcId")"
is "in an order" "$(jq -r .[].ManagedDeviceName "$r/orderBy=ManagedDeviceName.json")" "$(jq -r .[].ManagedDeviceName $r/all.json | LC_ALL=C sort)"
sim DELETE /_sim/log >/dev/null
r=getActionStatusReports
"$W365FS" refresh "$MNT"
n=$(jq length $r/all.json)
is "no more than a hundred actions at once" "$(posts $r)" $(((n + 99) / 100 > 0 ? (n + 99) / 100 : 1))
ok "a report with its type" jq -e 'type == "array"' retrieveCloudPcRecommendationReports/reportType=cloudPcUsageCategoryReports.json
cat retrieveCloudPcRecommendationReports/all.csv 2>/dev/null
has "which must be there" "$(tail -1 ../.w365fs/errors)" "reportType is missing, which takes cloudPcUsageCategoryReport"
cat getRawRemoteConnectionReports/fliter=x.csv 2>/dev/null
has "a slip of the finger" "$(tail -1 ../.w365fs/errors)" "did you mean 'filter'?"
ok "of one Cloud PC, now" jq -e 'type == "array"' "getRealTimeRemoteConnectionStatus/cloudPcId=$pc.json"
ok "exported jobs are beside them" [ -d exportJobs ]
is "and no walk asks for a report" "$(sim DELETE /_sim/log >/dev/null; grep -r zzzz . >/dev/null; sim GET /_sim/log | jq '[.requests[] | select(.method == "POST")] | length')" 0

# The worst that a name can be.
NAME=$(printf 'Büro "Süd", 3. OG;\ttab\r\n=1+2, \342\200\250漢字 😀 \302\205 "" end')
pc=$(jq -r .id ../cloudPCs/CPC-alexw-7QJ2K.json)
sim POST "/_sim/item?collection=cloudPCs&id=$pc" "$(jq -cn --arg n "$NAME" '{managedDeviceName: $n}')" >/dev/null
r=getTotalAggregatedRemoteConnectionReports
cp "$r/filter=CloudPcId eq '$pc'.csv" "$TMP/awkward.csv"
ok "separators, quotes, line breaks, letters of all the world" python3 "$TMP/round.py" "$TMP/awkward.csv" "$r/filter=CloudPcId eq '$pc'.json" "$NAME"
if command -v soffice >/dev/null; then
	(cd "$TMP" && soffice --headless "-env:UserInstallation=file://$TMP/office" --infilter="CSV:44,34,76,1" --convert-to fods awkward.csv) >"$TMP/office.log" 2>&1
	ok "a spreadsheet opens it" grep -q 'Büro "Süd", 3. OG;' "$TMP/awkward.fods"
	has "with a sheet of its columns" "$(cat "$TMP/awkward.fods")" CloudPcId
fi
cd "$TMP" || exit 1
unmount

mount_w365fs --api=v1.0
is "v1.0 has one" "$(ls "$MNT/reports")" retrieveCloudPcRecommendationReports
unmount
finish
