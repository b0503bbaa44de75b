# The daemon is killed by SIGKILL at random moments while 500 texts are saved; it is mounted again each time, over the dead
# mount. What is claimed of each text (all differ: the description is a serial number):
#
#   - A program that was told of success (cp, mv, sed, vim ended with 0): the service has made this change.
#   - A program that had handed over the whole text, but was told of a failure: the service has made the change, or the text
#     is on the disk, in rejected/ or history/, after the next mount. Handed over is a text
#       by cp         once all of it is written, and close(2) is called: cp says then that it "failed to close"
#       by jq and mv  once jq has ended: tmp.json was written and closed, whatever becomes of mv
#     A text is not handed over where write(2) failed: the program knows that it still has it, or never had it.
#     sed and vim have texts of their own until they end well: sed's temporary is a scratch file, which is memory alone, and vim
#     says no more than that something went wrong. So nothing is claimed of those where they fail.
#   - No change is made twice, nothing is made, nothing is removed.
#   - Each dead mount is cleared by w365fs mount, without help.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl od

SAVES=500
[ "${SANITIZED:-none}" = none ] || SAVES=60 # ten times as slow; what is claimed is claimed of the program itself
export XDG_STATE_HOME="$TMP/state"
DIR=$MNT/provisioningPolicies
sim_start --latency 4
mount_w365fs -o rw

# random N: below N.
random() {
	echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

# The one who kills: mostly some time after a mount came to be, which hits any moment of the saves; now and then while it
# comes to be.
killer() {
	while [ -e "$TMP/go-on" ]; do
		[ "$(random 6)" = 0 ] || eventually test -e "$TMP/up" -o ! -e "$TMP/go-on"
		_ms=$(random 1500)
		sleep "$((_ms / 1000)).$(printf %03d $((_ms % 1000)))"
		_pid=$(daemon_pid) && kill -9 "$_pid" 2>/dev/null && echo "$_pid" >>"$TMP/killed"
		rm -f "$TMP/up"
	done
}

# here: whether the mount lives; if not, it is mounted again. A mount that is killed while it begins is another try.
here() {
	_tries=0
	# The kernel lists what it has cached, even of a dead mount; this it asks for.
	until cat "$MNT/.w365fs/metrics" >/dev/null 2>&1 && ls "$DIR" >"$TMP/names" 2>/dev/null; do
		_tries=$((_tries + 1))
		if [ $_tries -gt 100 ]; then
			return 1
		fi
		w365fs_mount -o rw >>"$TMP/mounting" 2>&1
	done
	: >"$TMP/up"
}

# give N: text N is saved, in one of four ways. $HOW says which, $DONE what was told: 0 is success; $GIVEN is yes once the text
# was handed over. 1: the mount was gone before there was a text.
give() {
	GIVEN=no
	NEW="$TMP/new.json"
	FILE=$(grep '\.json$' "$TMP/names" | sed -n "$(($1 % 8 + 1))p")
	case $(($1 % 10)) in
	0 | 1 | 2 | 3)
		HOW=cp
		jq --arg d "serial $1" '.description = $d' "$DIR/$FILE" >"$NEW" 2>/dev/null || return 1
		LC_ALL=C cp "$NEW" "$DIR/$FILE" 2>"$TMP/said"
		DONE=$?
		# Where a write failed, close(2) fails as well, and it says both.
		[ "$(grep -c 'failed to close' "$TMP/said")" = "$(wc -l <"$TMP/said")" ] && GIVEN=yes
		;;
	4 | 5 | 6)
		HOW=mv
		jq --arg d "serial $1" '.description = $d' "$DIR/$FILE" >"$NEW" 2>/dev/null || return 1
		jq . "$NEW" >"$DIR/tmp-$1.json" 2>/dev/null || return 1
		GIVEN=yes
		mv "$DIR/tmp-$1.json" "$DIR/$FILE" 2>"$TMP/said"
		DONE=$?
		;;
	7 | 8)
		HOW=sed
		jq -e .id "$DIR/$FILE" >/dev/null 2>&1 || return 1
		sed -i "s/\"description\": .*/\"description\": \"serial $1\",/" "$DIR/$FILE" 2>"$TMP/said"
		DONE=$?
		;;
	*)
		HOW=vim
		if ! command -v vim >/dev/null; then
			HOW=dd
			jq --arg d "serial $1" '.description = $d' "$DIR/$FILE" >"$NEW" 2>/dev/null || return 1
			dd if="$NEW" of="$DIR/$FILE" bs=200 conv=fsync 2>"$TMP/said"
		else
			jq -e .id "$DIR/$FILE" >/dev/null 2>&1 || return 1
			vim -N -u NONE -i NONE -n -es -c "%s/\"description\": .*/\"description\": \"serial $1\",/" -c wq "$DIR/$FILE" \
				>"$TMP/said" 2>&1
		fi
		DONE=$?
		;;
	esac
	[ $DONE != 0 ] || GIVEN=yes
}

: >"$TMP/go-on"
: >"$TMP/killed"
: >"$TMP/told"
killer &
KILLER=$!
PIDS="$PIDS $KILLER"
N=0
LOST=0

# killed_enough: whether what is claimed below was put to the test. How many kills fall into so many saves is a matter of the
# machine's speed and of chance; a quick one goes on for longer.
killed_enough() {
	[ "$(wc -l <"$TMP/killed")" -gt 10 ] && [ "$(awk '$3 != 0' "$TMP/told" | wc -l)" -gt 3 ]
}

while [ $N -lt $SAVES ] || { [ $N -lt $((SAVES * 50)) ] && ! killed_enough; }; do
	here || break
	N=$((N + 1))
	if give $N; then
		echo "$N $HOW $DONE $GIVEN" >>"$TMP/told"
	else
		N=$((N - 1))
		LOST=$((LOST + 1))
		[ $LOST -lt 3000 ] || break
	fi
done
rm -f "$TMP/go-on"
wait $KILLER
[ $N -ge $SAVES ] || show mounting "$(tail -n 3 "$TMP/mounting")"
ok "all were saved, or tried to be" [ $N -ge $SAVES ]
ok "a dead mount never was in the way of the next one" here
unmount
ok "what it leaves behind is found by the next one" mount_w365fs -o rw
ls "$DIR" >/dev/null
unmount

changes >"$TMP/changes"
is "nothing was made or removed" "$(grep -vc '^PATCH ' "$TMP/changes")" 0
sim GET /_sim/log | jq -r '.requests[] | select(.method == "PATCH" and .status >= 200 and .status < 300) | .body.description' |
	sed -n 's/^serial //p' | sort >"$TMP/remote"
is "no change was made twice" "$(uniq -d "$TMP/remote")" ""
find "$TMP/state" -name '*.json' -exec jq -r '.description // empty' {} \; 2>/dev/null | sed -n 's/^serial //p' | sort -u >"$TMP/kept"
sort -u "$TMP/remote" "$TMP/kept" >"$TMP/found"
awk '$3 == 0 { print $1 }' "$TMP/told" | sort >"$TMP/succeeded"
awk '$4 == "yes" { print $1 }' "$TMP/told" | sort >"$TMP/given"
is "what was said to be saved, the service has" "$(comm -23 "$TMP/succeeded" "$TMP/remote" | xargs)" ""
is "what was handed over, the service has, or it is kept" "$(comm -23 "$TMP/given" "$TMP/found" | xargs)" ""
ok "the daemon was killed, and not only once" [ "$(wc -l <"$TMP/killed")" -gt 10 ]
ok "and some saves failed by that" [ "$(awk '$3 != 0' "$TMP/told" | wc -l)" -gt 3 ]
echo "# $(wc -l <"$TMP/killed") kills; $(wc -l <"$TMP/succeeded") of $N saved; of the others" \
	"$(awk '$3 != 0 && $4 == "yes"' "$TMP/told" | wc -l) had been handed over: $(awk '$3 != 0 && $4 == "yes" { print $1 }' "$TMP/told" |
		sort | comm -12 - "$TMP/remote" | wc -l) are at the service, the rest is kept; $LOST times the mount was gone before"
finish
