# smoke.sh FUZZER CORPUS: the corpus once, and then some seconds of what comes to its mind.
new=$(mktemp -d "${TMPDIR:-/tmp}/w365fs-fuzz.XXXXXX")
trap 'rm -rf "$new"' EXIT
cd "$new" || exit 1
if "$1" -max_total_time="${FUZZ_SECONDS:-10}" -max_len=4096 -rss_limit_mb=4096 -print_final_stats=1 "$new" "$2" >"$new/log" 2>&1; then
	echo "ok 1 - $(basename "$1"): $(sed -n 's/stat::number_of_executed_units: *//p' "$new/log") inputs"
else
	echo "not ok 1 - $(basename "$1")"
	tail -40 "$new/log" | sed 's/^/# /'
fi
echo 1..1
