# The third page is throttled, the fifth is cut, a token is refused: the listing is complete and right.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

sim_start --cloud-pcs 600 --page-size 100
mount_w365fs
sim POST '/_sim/fault?kind=status&status=429&code=TooManyRequests&retry_after=2&match=cloudPCs&skip=2&times=1' >/dev/null
sim POST '/_sim/fault?kind=unauthorized&match=cloudPCs&skip=4&times=1' >/dev/null
sim POST '/_sim/fault?kind=cut&match=cloudPCs&skip=5&times=1' >/dev/null
start=$(date +%s%N)
ls "$MNT/cloudPCs" >"$TMP/list"
took=$((($(date +%s%N) - start) / 1000000))
is "all are there" "$(grep -c json "$TMP/list")" 600
ok "the two seconds were waited for ($took ms)" [ $took -ge 2000 ]
is "six pages and three more tries" "$(graph_requests cloudPCs)" 9
is "one more token" "$(token_requests)" 2
is "nothing was noted: the reader knows of none of it" "$(cat "$MNT/.w365fs/errors")" ""
is "the status does" "$(jq -c '.graph|[.throttled,.renewed]' "$MNT/.w365fs/status.json")" "[1,1]"
cat "$MNT"/cloudPCs/*.json | jq -r .id | sort >"$TMP/ids"
is "each once" "$(uniq "$TMP/ids" | wc -l)" 600
finish
