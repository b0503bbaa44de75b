# What everyday commands cost, in requests, on 10,000 Cloud PCs: the daemon's counters and the simulator's log are the
# proof. A kernel may give back page cache by itself, though there is memory enough (DAMON's proactive reclaim drops pages that
# nobody has read for half a minute): of many warm passes one must do without any request.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

sim_start --cloud-pcs 10000 --page-size 1000
mount_w365fs -o ttl=3600
DIR=$MNT/cloudPCs
LISTING="LOOKUP READDIR READDIRPLUS GETXATTR LISTXATTR OPEN OPENDIR FLUSH RELEASE RELEASEDIR ACCESS READLINK"

# spent OPCODES COMMAND...: how many of those requests the command causes
spent() {
	_ops=$1
	shift
	_before=$(fuse "$_ops")
	"$@" >"$TMP/out" 2>&1
	echo $(($(fuse "$_ops") - _before))
}
status=$MNT/.w365fs/status.json

is "mounting asks Graph for nothing" "$(graph_requests)" 0
jq . "$status" >"$TMP/warm" # the counters' own directory is known from here on
ls -l "$DIR" >"$TMP/list"
is "10,000 files" "$(grep -c "\.json$" "$TMP/list")" 10000
is "the first ls -l makes a request a page" "$(graph_requests cloudPCs)" 10
ls -l "$DIR" >"$TMP/list2"
is "the second none" "$(graph_requests cloudPCs)" 10
ok "and shows the same" cmp -s "$TMP/list" "$TMP/list2"
unmount
sim DELETE /_sim/log >/dev/null

# A fresh kernel, a loaded snapshot: only README.md's neighbour was looked at by one name.
OPTIONS=ttl=3600
mount_w365fs -o "$OPTIONS"
cat "$DIR/by-id/none.json" 2>/dev/null
jq . "$status" >"$TMP/warm"
n=$(spent "$LISTING" find "$DIR")
groups=$(find "$DIR" -mindepth 1 -type d | wc -l)
ok "the first find sends at most 12 requests, and two for each directory of views ($n, $groups)" [ "$n" -le $((12 + 2 * groups)) ]
n=$(spent "$LISTING" ls -l "$DIR")
ok "the first ls -l as well ($n)" [ "$n" -le 12 ]
n=$(spent READ grep -r zzzz "$DIR")
ok "the first grep -r one a file at most ($n)" [ "$n" -le $(($(find "$DIR" -type f | wc -l) + 1)) ]

# least WANT COMMAND...: the least of some warm passes, until one sends no more than WANT; the status itself costs one READ. A directory whose page
# the kernel drops while it fills it is read anew each time from then on, until its inode is forgotten (fs/fuse/readdir.c: rdc.pos
# stays behind): so there is another mount then, and one more.
least() {
	_enough=$(($1 + 1)) _mounts=0
	shift
	while :; do
		_least=999999
		_passes=0
		while [ $_least -gt $_enough ] && [ $_passes -lt 20 ]; do
			_passes=$((_passes + 1))
			_n=$(spent "$LISTING READ" "$@")
			[ "$_n" -lt "$_least" ] && _least=$_n
		done
		_mounts=$((_mounts + 1))
		[ $_least -gt $_enough ] && [ $_mounts -lt 3 ] || break
		echo "# $_least requests in each pass over this mount: $*" >&2
		mount_anew
	done
	echo $((_least - 1))
}
mount_anew() {
	unmount
	sim DELETE /_sim/log >/dev/null
	mount_w365fs -o "$OPTIONS"
	grep -r zzzz "$DIR"
	jq . "$status" >"$TMP/warm"
}
n=$(least 2 ls -l "$DIR")
ok "a warm ls -l sends none but ls's two questions for ACLs and labels ($n)" [ "$n" -le 2 ]
is "a warm grep -r sends no FUSE request" "$(least 0 grep -r zzzz "$DIR")" 0
is "a warm find none" "$(least 0 find "$DIR")" 0
is "a warm cat of all none" "$(least 0 sh -c "cat $DIR/*.json")" 0
is "all that with one listing" "$(graph_requests cloudPCs)" 10

is "by jq, all are whole" "$(cat "$DIR"/*.json | jq -s 'length')" 10000
unmount

OPTIONS=ttl=3600,noxattr
mount_w365fs -o "$OPTIONS"
ls -l "$DIR" >/dev/null
jq . "$status" >"$TMP/warm"
is "without extended attributes a warm ls -l sends nothing at all" "$(least 0 ls -l "$DIR")" 0
finish
