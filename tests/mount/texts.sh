# Every file of the tenant, in both versions of the API: what jq prints, of exact size, without annotations.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

sim_start
for api in beta v1.0; do
	mount_w365fs --api=$api
	(cd "$MNT" && find . -type f -name '*.json' ! -path './auditEvents/*' && find "./auditEvents/$(date -u -d yesterday +%F)" -type f) >"$TMP/files" 2>"$TMP/err"
	is "$api: everything can be listed" "$(cat "$TMP/err")" ""
	ok "$api: many files" [ "$(wc -l <"$TMP/files")" -ge 100 ]
	(cd "$MNT" && tr '\n' '\0' <"$TMP/files" | xargs -0 cat) >"$TMP/all"
	(cd "$MNT" && tr '\n' '\0' <"$TMP/files" | xargs -0 -n 200 jq .) >"$TMP/jq"
	ok "$api: exactly as jq prints it" cmp "$TMP/all" "$TMP/jq"
	is "$api: sizes are exact" "$(cd "$MNT" && tr '\n' '\0' <"$TMP/files" | xargs -0 stat -c %s | awk '{s+=$1} END {print s}')" "$(wc -c <"$TMP/all")"
	is "$api: no annotations but types" "$(grep -c '"[^"]*@odata\.' "$TMP/all")" "$(grep -c '"@odata.type": "#microsoft.graph.' "$TMP/all")"
	(cd "$MNT" && ls -d *) >"$TMP/tree-$api"
	cp "$TMP/all" "$TMP/$api"
	is "$api: nothing failed" "$(grep -v exportJobs "$MNT/.w365fs/errors")" ""
	unmount
done
is "no enum member of beta is hidden" "$(cat "$TMP/beta" | grep -c unknownFutureValue)" 0
ok "beta shows more than v1.0" [ "$(wc -l <"$TMP/tree-beta")" -gt "$(wc -l <"$TMP/tree-v1.0")" ]
is "v1.0 shows nothing that beta lacks" "$(comm -13 "$TMP/tree-beta" "$TMP/tree-v1.0")" ""
finish
