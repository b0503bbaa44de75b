# Nothing that the catalogue knows is out of reach: tests/mount/reach.py walks it.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl python3

export HOME="$TMP/home" XDG_STATE_HOME="$TMP/state"
mkdir -p "$HOME"
sim_start
export MNT
# Some functions are for persons alone.
NEXT=with=roles,alerts,managedDevices
person_signs_in -o rw,$NEXT
TAB=$(printf '\t')
for api in beta v1.0; do
	for what in $NEXT me; do
		ok "$api: the mount of a person, -o $what" person_mounts --api=$api -o rw,ttl=3600,$what
		python3 "$TEST_LIB/reach.py" $api $(echo $what | grep -x me) >"$TMP/checks" || report 1 "$api: the catalogue could not be gone through"
		while IFS=$TAB read -r bad why; do
			report "$bad" "$why"
		done <"$TMP/checks"
		unmount
	done
done
finish
