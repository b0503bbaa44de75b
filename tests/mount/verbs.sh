# Every verb that the mount has, once, and each with what it does not take: tests/mount/verbs.py has the table.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start --speed 0 --cloud-pcs 200
export MNT GRAPH_BASE CACERT="$TMP/cert.pem"

# Some verbs are for persons alone.
person_signs_in -o rw
TAB=$(printf '\t')
for api in beta v1.0; do
	ok "$api: the mount of a person" person_mounts --api=$api -o rw,ttl=3600
	python3 "$TEST_LIB/verbs.py" $api "$TMP/items" >"$TMP/checks" || report 1 "$api: the table could not be gone through"
	while IFS=$TAB read -r bad why got; do
		report "$bad" "$why"
		[ -z "$got" ] || show 'got ' "$got"
	done <"$TMP/checks"
	is "$api: no password in what is shown" "$(grep -rlF hush-hush "$MNT"/*/actions "$MNT/.w365fs/errors" "$MNT/.w365fs/actions.ndjson" \
		"$MNT/.w365fs/status.json" "$MNT/.w365fs/rejected" "$MNT/.w365fs/history")" ""
	lacks "$api: nor in the events" "$(tail -n 1000 "$MNT/.w365fs/events")" hush-hush
	unmount
done
is "nor anywhere on the disk" "$(grep -rlF hush-hush "$TMP/state" "$TMP/home" "$TMP/said")" ""
finish
