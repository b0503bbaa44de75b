# A recursive grep over all that the mount has asks for each page once, and for nothing but pages: no request an item, none for
# a name that is a question, none for what the token may not read.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

PAGE=20
sim_start --page-size $PAGE
mount_w365fs -o ttl=3600
VE=/beta/deviceManagement/virtualEndpoint
pages() { # N: of so many items
	echo $((($1 + PAGE - 1) / PAGE > 1 ? ($1 + PAGE - 1) / PAGE : 1))
}
asked() {
	sim GET /_sim/log | jq -r '.requests[] | select(.path | contains("/deviceManagement/")) | "\(.method) \(.path) \(.query // "")"'
}

cd "$MNT" || exit 1
is "a recursive grep finds nothing where there is nothing" "$(grep -rc zzzz . | grep -vc ':0$')" 0
asked >"$TMP/asked"
is "nothing is asked twice" "$(sort "$TMP/asked" | uniq -d)" ""
is "all of it is read" "$(grep -vc '^GET ' "$TMP/asked")" 0
for d in */ reports/exportJobs/; do
	d=${d%/}
	n=$(ls "$d" | grep -c '\.json$')
	case $d in
	auditEvents | functions | actions | reports) continue ;;
	esac
	is "$d: a request a page" "$(grep -c "^GET $VE/$d " "$TMP/asked")" "$(pages "$n")"
done
is "organizationSettings.json: one" "$(grep -c "^GET $VE/organizationSettings " "$TMP/asked")" 1
n=$(cat auditEvents/20*/*.json | jq -s length)
has "there is a log" "$n" "[1-9][0-9][0-9]"
alone=$(grep "^GET $VE/auditEvents .*filter" "$TMP/asked" | head -n 2 | wc -l)
least=$(pages "$n") most=$(($(pages "$n") + 2 * alone))
logged=$(grep -c "^GET $VE/auditEvents " "$TMP/asked")
ok "the log: ninety days by two days and one listing of all others ($logged requests for $n events)" [ "$logged" -ge "$least" -a "$logged" -le "$most" ]
is "and nothing else" "$(grep -v "^GET $VE/[A-Za-z]* " "$TMP/asked" | grep -vc "^GET $VE/reports/exportJobs ")" 0
before=$(wc -l <"$TMP/asked")
grep -rq zzzz .
is "the next one asks for nothing" "$(asked | wc -l)" "$before"
is "no failure was noted" "$(cat .w365fs/errors)" ""
cd "$TMP" || exit 1
unmount
finish
