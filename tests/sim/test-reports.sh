#!/bin/sh
# Graph: every report, as the stream it comes in; its columns, rows, order and window.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --speed 0 || finish
sign_in
report_of() { # NAME BODY
	send POST "$VE/reports/$1" "$2"
}
wrong() { # NAME BODY PART
	report_of "$1" "$2"
	failed 400 BadRequest "refused: $1 $2" "$3"
}
rows() { jq -c '.Values' "$BODY"; }
USAGE=getTotalAggregatedRemoteConnectionReports DAILY=getDailyAggregatedRemoteConnectionReports

# Every one: its form. A line a report: carrier/action parameter:value...
awk '
	function line() { if (name) print name, param }
	/^enum / { enum = $2; next }
	/^\t/ && enum { if ($1 != "unknownFutureValue") members[enum] = members[enum] " " $1; next }
	/^[a-z]/ { enum = ""; line(); name = ""; param = ""; action = $1 == "action" }
	action && $1 == "path" && $2 ~ /\/reports?\// { name = $2; sub(/.*virtualEndpoint\//, "", name); next }
	$1 == "needs" && $2 ~ /^report/ { for (n = split(members[$3], m, " "); n; n--) param = param " " $2 ":" m[n] }
	END { line() }' "$W365SIM_API" >"$DIR/reports"
is "nineteen actions" "$(wc -l <"$DIR/reports")" 19
forms=0 broken=0
while read -r name values; do
	for value in ${values:-none:none}; do
		body="{\"${value%%:*}\":\"${value#*:}\"}"
		[ "$value" != none:none ] || body='{}'
		send POST "$VE/$name" "$body"
		# The names of all reports are those of two actions' parameter: each has a few of them.
		case $name:$STATUS in reports/getFrontlineReport:400 | reports/getCloudPcRecommendationReports:400) continue ;; esac
		forms=$((forms + 1))
		if ! jq -e '. as $r | .TotalRowCount >= (.Values | length) and (.Schema | length) > 1 and
			all(.Schema[]; .Column and (.PropertyType | IN("String","Int32","Int64","Double","DateTime","Json"))) and
			all(.Values[]; length == ($r.Schema | length)) and
			all(.Values[] | [., $r.Schema] | transpose[]; .[0] == null or
				(.[1].PropertyType as $t | .[0] | if $t == "Json" then type == "object"
				elif $t == "String" then type == "string"
				elif $t == "DateTime" then test("^[0-9-]{10}T[0-9:]{8}[.0-9]*$")
				else type == "number" end))' "$BODY" >/dev/null ||
			[ "$STATUS $(header content-type)" != '200 application/octet-stream' ]; then
			broken=$((broken + 1))
			echo "# $name $body: $STATUS $(head -c 300 "$BODY")"
		fi
	done
done <"$DIR/reports"
is "all are tables as documented" $broken 0
is "so many reports" $forms 40
true_of "some are empty of nothing" '.TotalRowCount > 0'

# The window
report_of $USAGE '{"top":1000}'
cp "$BODY" "$DIR/usage"
get "$VE/cloudPCs?\$select=id,aadDeviceId,managedDeviceName&\$top=999"
cp "$BODY" "$DIR/pcs"
is "a row for each machine" "$(jq .TotalRowCount "$DIR/usage")" "$(jq '[.value[] | select(.aadDeviceId)] | length' "$DIR/pcs")"
is "and all of them" "$(jq '.Values | length' "$DIR/usage")" "$(jq .TotalRowCount "$DIR/usage")"
report_of $USAGE '{"skip":2,"top":3}'
is "a window" "$(rows)" "$(jq -c '.Values[2:5]' "$DIR/usage")"
is "of all" "$(jq .TotalRowCount "$BODY")" "$(jq .TotalRowCount "$DIR/usage")"
report_of $USAGE '{"skip":5000,"top":3}'
is "behind the end" "$(rows)" '[]'
report_of $USAGE '{"top":0}'
is "none wanted" "$(rows)" '[]'
report_of $USAGE ''
true_of "fifty where nothing is said" '(.Values | length) == 50'
hook POST 'page-size?n=7'
report_of $USAGE '{"top":1000}'
true_of "never more than the simulator's page" '(.Values | length) == 7 and .TotalRowCount > 7'
hook POST 'page-size?n=1000'
report_of getActionStatusReports '{}'
true_of "twenty-five of these" '(.Values | length) == 25 and .TotalRowCount > 25'
true_of "by their time" '(.Schema | map(.Column) | index("RequestDateTime")) as $i | [.Values[][$i]] | . == sort'
report_of getActionStatusReports '{"top":100}'
is "a hundred are the most" "$STATUS" 200
wrong getActionStatusReports '{"top":101}' 100
wrong $USAGE '{"top":-1}' negative
wrong $USAGE '{"top":"25"}' "'top'"
wrong $USAGE '{"$top":25}' '$top'

# Columns
report_of $USAGE '{"select":["TotalUsageInHour","CloudPcId"],"top":2}'
is "in the order asked for" "$(jq -c '[.Schema[].Column]' "$BODY")" '["TotalUsageInHour","CloudPcId"]'
wrong $USAGE '{"select":["Nope"]}' "'Nope'"
wrong $USAGE '{"select":["cloudpcid"]}' "'cloudpcid'"
wrong $USAGE '{"select":["CloudPcId","CloudPcId"]}' twice
wrong $USAGE '{"select":"CloudPcId"}' "'select'"

# Filters
report_of $USAGE '{"filter":"(TotalUsageInHour ge 20 and TotalUsageInHour le 40)","top":1000}'
is "between" "$(rows)" "$(jq -c '[.Values[] | select(.[3] >= 20 and .[3] <= 40)]' "$DIR/usage")"
report_of $DAILY "{\"filter\":\"EventDateTime gt datetime'2026-11-19'\",\"top\":1000}"
true_of "since a day" '.TotalRowCount > 10 and all(.Values[]; .[0] > "2026-11-19")'
cp "$BODY" "$DIR/since"
for form in 2026-11-19 2026-11-19T00:00:00Z 2026-11-19T00:00:00.000 "datetime'2026-11-19T00:00:00Z'"; do
	report_of $DAILY "{\"filter\":\"EventDateTime gt $form\",\"top\":1000}"
	is "written $form" "$(rows)" "$(jq -c .Values "$DIR/since")"
done
upn=$(jq -r '.Values[0][2]' "$DIR/usage")
report_of $USAGE "{\"filter\":\"UserPrincipalName eq '$upn' or ManagedDeviceName eq 'x'\"}"
true_of "of a user" ".TotalRowCount > 0 and all(.Values[]; .[2] == \"$upn\")"
report_of $USAGE '{"filter":"","search":"","orderBy":[],"select":[],"groupBy":[]}'
is "nothing of all" "$STATUS" 200
wrong $USAGE '{"filter":"Nope eq 1"}' "'Nope'"
wrong $USAGE "{\"filter\":\"TotalUsageInHour eq 'x'\"}" incompatible
wrong $USAGE '{"filter":"TotalUsageInHour ge"}' Syntax
wrong $USAGE "{\"filter\":\"contains(PcType,'x')\"}" "reports know"
wrong $USAGE "{\"filter\":\"PcType ne 'x'\"}" "reports know"
wrong $USAGE "{\"filter\":\"not (PcType eq 'x')\"}" "reports know"

# Searching, ordering, grouping
name=$(jq -r '.Values[3][1]' "$DIR/usage")
report_of $USAGE "{\"search\":\"$(printf %s "$name" | tr A-Z a-z)\"}"
is "found whatever the case" "$(rows)" "$(jq -c '.Values[3:4]' "$DIR/usage")"
report_of $USAGE '{"orderBy":["TotalUsageInHour desc","CloudPcId"],"top":1000}'
is "ordered" "$(rows)" "$(jq -c '.Values | sort_by(-.[3], .[0])' "$DIR/usage")"
wrong $USAGE '{"orderBy":["Nope"]}' "'Nope'"
wrong $USAGE '{"orderBy":["CloudPcId down"]}' down
send POST "$VE/report/retrieveCloudPcRecommendationReports" '{"reportType":"cloudPcUsageCategoryReport","top":1000}'
cp "$BODY" "$DIR/category"
send POST "$VE/report/retrieveCloudPcRecommendationReports" '{"reportType":"cloudPcUsageCategoryReport","top":1000,
	"select":["ServicePlanName","UsageCategory"],"groupBy":["UsageCategory","ServicePlanName"]}'
is "with a count" "$(jq -c '[.Schema[] | .Column, .PropertyType]' "$BODY")" \
	'["__Count","Int32","ServicePlanName","String","UsageCategory","String"]'
is "which is right" "$(jq -c '.Values | sort' "$BODY")" \
	"$(jq -c '[.Values[] | [.[4], .[5]]] | group_by(.) | map([length] + .[0]) | sort' "$DIR/category")"
true_of "and the groups are the rows" '.TotalRowCount == (.Values | length)'
wrong $USAGE '{"select":["PcType"],"groupBy":["CloudPcId"]}' groupBy
wrong $USAGE '{"select":["PcType","CloudPcId"],"groupBy":["PcType"]}' groupBy
wrong $USAGE '{"select":["PcType"],"groupBy":["PcType"],"orderBy":["CloudPcId"]}' orderBy

# They are of the tenant
report_of $DAILY '{"top":1000}'
is "the days add up to the total" \
	"$(jq -c '[.Values[] | [.[1], .[4]]] | group_by(.[0]) | map([.[0][0], (map(.[1]) | add * 1000 | round)]) | sort' "$BODY")" \
	"$(jq -c '[.Values[] | select(.[3] > 0) | [.[0], (.[3] * 1000 | round)]] | sort' "$DIR/usage")"
report_of getRemoteConnectionHistoricalReports '{"top":1000}'
true_of "some sessions go on" 'any(.Values[]; .[4] == null) and any(.Values[]; .[4] != null)'
pc=$(jq -r '.value[0].id' "$DIR/pcs")
send POST "$VE/cloudPCs/$pc/reboot"
hook POST 'course?advance=60'
report_of getActionStatusReports "{\"filter\":\"CloudPcId eq '$pc'\",\"select\":[\"Action\",\"ActionState\"],\"orderBy\":[\"RequestDateTime desc\"],\"top\":1}"
is "an action of now" "$(rows)" '[["Reboot","done"]]'
report_of getActionStatusReports '{"select":["Action","ActionParameters"],"top":100}'
true_of "a cell that is an object" 'any(.Values[]; .[0] == "Resize" and (.[1].targetServicePlanId | length) == 36)'
report_of retrieveBulkActionStatusReport '{"top":100}'
true_of "bulk actions and their numbers" '.TotalRowCount == 15 and all(.Values[]; .[6] + .[7] + .[8] == .[9])'
hook POST "item?collection=cloudPCs&id=$pc&delete=1"
report_of $USAGE '{"top":1}'
is "one that is gone has no row" "$(jq .TotalRowCount "$BODY")" "$(jq '.TotalRowCount - 1' "$DIR/usage")"
send POST "$VE/reports/getInaccessibleCloudPcReports" '{"reportName":"inaccessibleCloudPcReports","top":100}'
inaccessible=$(jq .TotalRowCount "$BODY")
true_of "quotes and commas" 'any(.Values[][]; type == "string" and contains("\""))'
send POST "$VE/reports/getInaccessibleCloudPcReports" '{"reportName":"inaccessibleCloudPcTrendReport"}'
is "the trend ends where it is now" "$(jq '.Values[-1][1]' "$BODY")" "$inaccessible"
report_of retrieveFrontlineReports '{"reportName":"noLicenseAvailableConnectivityFailureReport"}'
true_of "a newline" 'any(.Values[][]; type == "string" and contains("\n"))'
report_of getActionStatusReports '{"top":100}'
true_of "letters of the world" 'any(.Values[][]; type == "string" and test("[^ -~]"))'
wrong retrieveFrontlineReports '{}' "'reportName'"
wrong retrieveFrontlineReports '{"reportName":"nope"}' "'reportName'"
wrong getFrontlineReport '{"reportName":"rawRemoteConnectionReports"}' rawRemoteConnectionReports
wrong getFrontlineReport '{"reportName":"unknownFutureValue"}' unknownFutureValue
wrong $USAGE '{"reportName":"x"}' "'reportName'"

# Exported, they say the same
send POST "$VE/reports/exportJobs" "{\"reportName\":\"actionStatusReport\",\"format\":\"csv\",\"filter\":\"ActionState eq 'done'\",
	\"select\":[\"CloudPcDeviceDisplayName\",\"ActionParameters\",\"LastUpdatedDateTime\",\"BulkActionId\"]}"
job=$VE/reports/exportJobs/$(jq -r .id "$BODY")
hook POST 'course?advance=10'
get "$job"
request "$(jq -r .exportUrl "$BODY")"
cp "$BODY" "$DIR/zip"
report_of getActionStatusReports '{"top":100,"filter":"ActionState eq '"'done'"'",
	"select":["CloudPcDeviceDisplayName","ActionParameters","LastUpdatedDateTime","BulkActionId"]}'
ok "as CSV" python3 -c 'import csv, io, json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
rows = list(csv.reader(io.StringIO(z.read(z.namelist()[0]).decode(), newline="")))
report = json.load(open(sys.argv[2]))
assert rows[0] == [c["Column"] for c in report["Schema"]]
assert len(rows) == report["TotalRowCount"] + 1 > 20
def text(v): return "" if v is None else v if isinstance(v, str) else json.dumps(v, separators=(",", ":"))
assert rows[1:] == [[text(v) for v in r] for r in report["Values"]]' "$DIR/zip" "$BODY"
send POST "$VE/reports/exportJobs" '{"reportName":"actionStatusReport","select":["Nope"]}'
job=$VE/reports/exportJobs/$(jq -r .id "$BODY")
hook POST 'course?advance=10'
get "$job"
is "what cannot be made fails" "$(jq -r .exportJobStatus "$BODY")" failed

# By GET, of one Cloud PC
pc=$(jq -r '.value[1].id' "$DIR/pcs")
get "$VE/reports/getRealTimeRemoteConnectionLatency(cloudPcId='$pc')"
is "now" "$STATUS $(header content-type)" '200 application/octet-stream'
true_of "one row" ".TotalRowCount == 1 and .Values[0][0] == \"$pc\" and (.Values[0][2] | type) == \"number\""
get "$VE/reports/getRealTimeRemoteConnectionStatus(cloudPcId='$pc')"
true_of "signed in or not" '.Schema[3].PropertyType == "Int64" and (.Values[0][2] | IN("SignedIn","NotSignedIn","NeverSignedIn"))'
get "$VE/reports/getRealTimeRemoteConnectionStatus(cloudPcId='nope')"
failed 404 ResourceNotFound "of none"
get "$VE/reports/getRealTimeRemoteConnectionStatus"
failed 400 BadRequest "of nobody" "'cloudPcId'"
get "$VE/reports/$USAGE"
failed 405 MethodNotAllowed "a report is posted"
send POST "$V1/reports/$USAGE" '{}'
is "v1.0 has no reports" "$STATUS" 404
send POST "$V1/report/retrieveCloudPcRecommendationReports" '{"reportType":"cloudPcUsageCategoryReport"}'
is "but one" "$STATUS" 200

# In a batch it is base64
send POST "beta/\$batch" "{\"requests\":[{\"id\":\"1\",\"method\":\"POST\",\"url\":\"/deviceManagement/virtualEndpoint/reports/$USAGE\",
	\"headers\":{\"Content-Type\":\"application/json\"},\"body\":{\"top\":1}}]}"
is "a stream in a batch" "$(jq -r '.responses[0].body' "$BODY" | base64 -d | jq '.Values | length')" 1

hook POST 'roles?roles=CloudPC.Read.All'
sign_in
send POST "$VE/report/retrieveCloudPcRecommendationReports" '{"reportType":"cloudPcUsageCategoryReport"}'
failed 403 Forbidden "reports of report are for those who write" CloudPC.ReadWrite.All
sim_stop
finish
