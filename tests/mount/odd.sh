# What services have been seen to send, and no page describes: it comes out as files that jq reads, and nothing is dropped. The
# simulator sends it on order (--odd). The judge is jq: it is given the same pages, fetched by curl, and prints what a file is
# to be, but for the order of keys.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start --odd --page-size 50
person_signs_in
TOKEN=$(person token)
BETA=/beta/deviceManagement/virtualEndpoint

# same_again FILTER: the answers to all that was asked by GET and passes the filter, asked once more by curl.
same_again() {
	sim GET /_sim/log | jq -r --arg g "$GRAPH_BASE" ".requests[] | select(.method == \"GET\" and .status == 200 and ($1)) |
		\$g + .path + (if .query == \"\" or .query == null then \"\" else \"?\" + .query end)" >"$TMP/asked"
	while read -r _url; do
		curl -gsS --cacert "$TMP/cert.pem" -H "Authorization: Bearer $TOKEN" -H "Prefer: include-unknown-enum-members" "$_url"
	done <"$TMP/asked"
}
# What a file leaves out of an answer: a wrapping, and annotations.
BARE='def bare: walk(if type == "object" then with_entries(select(.key | contains("@odata.") | not)) else . end);
	def unwrapped: if type == "object" and (has("id") | not) and has("value") then .value else . end;'
WANT="$BARE [.[] | .value[] | unwrapped | bare] | sort_by(.id) | .[]"

ok "the mount of a person" person_mounts -o ttl=3600
cd "$MNT" || exit 1
collections=$(for d in */; do ls "$d" | grep -q '\.json$' && echo "${d%/}"; done)
has "there is much to see" "$(echo $collections)" "bulkActions cloudApps cloudPCs"
for c in $collections; do
	same_again ".path == \"$BETA/$c\"" | jq -S -s "$WANT" >"$TMP/want"
	cat "$c"/*.json | jq -S -s "$BARE sort_by(.id) | .[] | bare" >"$TMP/got"
	is "$c: nothing is dropped, and nothing added" "$(cmp "$TMP/want" "$TMP/got" 2>&1)" ""
	for f in "$c"/*.json; do # jq 1.6 writes 2.50 as 2.5
		sed 's/2\.50/2.5/' "$f" >"$TMP/one"
		jq . "$TMP/one" | cmp -s - "$TMP/one" || echo "$f"
	done >"$TMP/other"
	is "$c: each is what jq prints of it" "$(cat "$TMP/other")" ""
done
is "a date of the year 1 stays what it is" "$(grep -l '"gracePeriodEndDateTime": "0001-01-01T00:00:00Z"' cloudPCs/*.json | wc -l)" 1
is "and is nobody's time of change" "$(find cloudPCs -name '*.json' ! -newermt 1990-01-01 | wc -l)" 0
is "a number as it was sent" "$(grep -c '2\.50' cloudPCs/*.json | grep -c ':1$')" 1
is "a name in another case beside ours" "$(jq -r 'select(.STATUS) | "\(.STATUS) \(.status)"' cloudPCs/*.json)" "Provisioned provisioned"
cat auditEvents/20*/*.json | jq -S -s "$BARE sort_by(.id) | .[] | bare" >"$TMP/got"
same_again ".path == \"$BETA/auditEvents\"" | jq -S -s "$BARE [.[] | .value[] | bare] | unique_by(.id) | .[]" >"$TMP/want"
is "the log: nothing is dropped, and nothing added" "$(cmp "$TMP/want" "$TMP/got" 2>&1)" ""
is "an event without a type has a name" "$(ls auditEvents/20* | grep -c -e -unknown-)" \
	"$(jq -r 'select((.activityType // "") == "") | .id' "$TMP/want" | wc -l)"

# Functions: each answer's value, whatever is in it.
for pc in $(jq -r 'select(.status == "provisioned") | .id' cloudPCs/*.json | head -n 2); do
	for f in getCloudPcConnectivityHistory retrieveReviewStatus retrieveSnapshots getSupportedCloudPcRemoteActions retrieveFrontlineCloudPcDetail; do
		cat "cloudPCs/functions/$f/$pc.json" 2>/dev/null | jq -S "$BARE bare" >"$TMP/got"
		same_again ".path == \"$BETA/cloudPCs/$pc/$f\"" | jq -S "$BARE if has(\"value\") then .value else . end | bare" >"$TMP/want"
		is "$f: the same" "$(cat "$TMP/got")" "$(cat "$TMP/want")"
		has "$f: is something" "$(cat "$TMP/got")" '"'
	done
done
is "nothing is said to be wrong" "$(cat .w365fs/errors)" ""
cd "$TMP" || exit 1
unmount
finish
