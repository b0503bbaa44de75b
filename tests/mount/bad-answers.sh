# What a service, or something on the way to it, may send: no crash, the right errno, no item invented or lost.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

sim_start --page-size 2
mount_w365fs -o ttl=3600
fault() {
	sim DELETE /_sim/fault >/dev/null
	sim POST "/_sim/fault?$1" ${2+"$2"} >/dev/null
}
# bad COLLECTION ERROR-TEXT NOTE [refresh]: listing fails so, and succeeds once the trouble is over (and somebody says so)
bad() {
	_out=$(ls "$MNT/$1" 2>&1)
	has "$1: errno" "$_out" "$2"
	has "$1: sentence" "$(tail -1 "$MNT/.w365fs/errors")" "$3"
	sim DELETE /_sim/fault >/dev/null
	[ -z "${4-}" ] || "$W365FS" refresh "$MNT" $1
	ok "$1: later it is there" eventually sh -c "ls '$MNT/$1' >/dev/null"
}
fault 'kind=html&match=userSettings&times=0'
bad userSettings "Protocol error" "it is HTML"
fault 'kind=truncate&match=deviceImages&times=0'
bad deviceImages "Protocol error" "EPROTO deviceImages"
fault 'kind=link&url=https%3A%2F%2Fgraph.microsoft.com.evil.example%2Fbeta%2Fx&match=onPremisesConnections&times=0'
bad onPremisesConnections "Protocol error" "refused to follow a link to graph.microsoft.com.evil.example"
fault 'kind=big&match=snapshots&times=0'
bad snapshots "Protocol error" "is larger than 64 MiB"
fault 'kind=big&length=1&match=galleryImages&times=0'
bad galleryImages "Protocol error" "is larger than 64 MiB"
fault 'kind=status&status=403&code=Forbidden&message=no&match=servicePlans&times=0'
bad servicePlans "Permission denied" "needed is the permission CloudPC.Read.All" refresh
fault 'kind=status&status=500&code=generalException&message=oops&match=cloudApps&times=0'
bad cloudApps "Input/output error" "oops"
fault 'kind=status&status=404&code=NotFound&message=gone&match=externalPartners&times=0'
bad externalPartners "not supported" "gone"

new() {
	sim POST "/_sim/item?collection=deviceImages&create=1" "$1" >/dev/null
}
count=$(ls "$MNT"/deviceImages/*.json | wc -l)
new '{"displayName":"nobody"}'
new '{"id":"00000000-0000-4000-8000-000000000001","displayName":"a/b"}'
new '{"id":"00000000-0000-4000-8000-000000000002","displayName":"line\nbreak"}'
new '{"id":"00000000-0000-4000-8000-000000000003","displayName":".."}'
new "{\"id\":\"00000000-0000-4000-8000-000000000004\",\"displayName\":\"$(printf '%04000d' 0 | tr 0 n)\"}"
new "$(printf '{"id":"00000000-0000-4000-8000-000000000005","displayName":"bad \377 byte"}')"
new '{"id":"00000000-0000-4000-8000-000000000006","displayName":"first","x":1}'
new '{"id":"00000000-0000-4000-8000-000000000006","displayName":"second","x":2}'
new '{"id":"strange/id","displayName":"  "}'
ok "a refresh" "$W365FS" refresh "$MNT" deviceImages
is "seven more files" "$(ls "$MNT"/deviceImages/*.json "$MNT"/deviceImages/%* 2>/dev/null | sort -u | wc -l)" $((count + 7))
cd "$MNT/deviceImages" || exit 1
is "a slash" "$(jq -r .displayName a%2Fb.json)" a/b
is "a line break" "$(jq .displayName line%0Abreak.json)" '"line\nbreak"'
is "two dots" "$(jq -r .displayName %2E..json)" ..
is "4,000 characters" "$(ls | grep nnn | awk '{print length}')" 255
is "all of them in the text" "$(jq -r '.displayName|length' nnn*.json)" 4000
is "a byte that is no UTF-8" "$(jq -r .displayName 'bad %FF byte.json')" "bad � byte"
is "of two items with one id the later" "$(jq -r .displayName by-id/00000000-0000-4000-8000-000000000006.json)" second
is "an odd id" "$(jq -r .id strange%2Fid.json)" strange/id
has "the one without an id is noted" "$(cat ../.w365fs/errors)" "an item has no id"
has "so are the two of one id" "$(cat ../.w365fs/errors)" "two items have the id '00000000-0000-4000-8000-000000000006'"
for f in *.json by-id/*.json; do
	[ "$(stat -L -c %s "$f")" = "$(wc -c <"$f")" ] || echo "$f"
done >"$TMP/wrong"
is "every size is exact" "$(cat "$TMP/wrong")" ""
cd "$TMP" || exit 1
ok "the daemon is well" grep -q deviceImages "$MNT/README.md"
finish
