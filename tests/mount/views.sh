# Views: a collection by the values of its properties, as links that lead back.
. "$TEST_LIB/lib.sh"
requires_fuse
requires jq curl

sim_start
mount_w365fs -o ttl=3600
cd "$MNT/cloudPCs" || exit 1

has "they are listed" "$(ls -d by-*/)" by-status/
lacks "but for those with as many groups as there are items" "$(ls)" by-user
is "which are there all the same" "$(ls by-user | sort)" "$(jq -r '.userPrincipalName // "(none)"' *.json | sed 's/%/%25/g' | sort -u)"
is "groups are the values" "$(ls by-status | sort)" "$(jq -r .status *.json | sort -u)"
for s in by-status/*; do
	is "$s has its Cloud PCs" "$(ls "$s" | sort)" "$(jq -r --arg s "${s#*/}" 'select(.status == $s) | input_filename' *.json | sort)"
done
is "links are relative" "$(readlink "$(ls -d by-status/failed/* | head -1)")" "../../$(ls by-status/failed | head -1)"
ok "and lead to what is called so" sh -c 'for l in by-*/*/* by-user/*/*; do [ "$l" -ef "${l##*/}" ] || exit 1; done'
is "each item once in each view" "$(find by-policy -type l | wc -l)" "$(ls *.json | wc -l)"
is "the size of a link is that of its target" "$(find by-status by-plan -type l -printf '%s %l\n' | LC_ALL=C awk '{n = $1; sub(/^[0-9]* /, ""); if (n != length($0)) print}')" ""
is "a link has its item's time" "$(stat -c %Y by-status/failed/* | sort)" "$(cd by-status/failed && stat -L -c %Y * | sort)"
is "grep -r does not follow them" "$(grep -rl '"status": "failed"' . | grep -c /by-)" 0
is "nor twice the same" "$(grep -rl '"status": "failed"' . | wc -l)" "$(ls by-status/failed | wc -l)"
is "tar takes them as links" "$(tar c by-status | tar t | grep -c 'json$')" "$(ls *.json | wc -l)"
is "nothing can be put there" "$(ln -s ../../x by-status/failed/x 2>&1 | grep -c 'Read-only')" 1
is "all that cost one listing" "$(graph_requests)" 1

PC=CPC-alexw-7QJ2K.json
group=$(jq -r .status "$PC")
ino=$(stat -c %i "by-status/$group/$PC")
dir=$(stat -c %i by-status/failed)
sim POST "/_sim/item?collection=cloudPCs&id=$(jq -r .id $PC)" '{"status":"failed"}' >/dev/null
ok "what changes behind our back" "$W365FS" refresh "$MNT" cloudPCs
ok "moves its link" eventually [ -L by-status/failed/$PC ]
ok "away from where it was" eventually [ ! -e "by-status/$group/$PC" ]
is "in the listings, too" "$(ls by-status/failed "by-status/$group" | grep -c "^$PC$")" 1
is "under the same number" "$(stat -c %i by-status/failed/$PC) $(stat -c %i by-status/failed)" "$ino $dir"
for f in by-status/failed/*; do
	sim POST "/_sim/item?collection=cloudPCs&id=$(jq -r .id "$f")" '{"status":"provisioned"}' >/dev/null
done
ok "when nobody has a value any more" "$W365FS" refresh "$MNT" cloudPCs
ok "its group is gone" eventually [ ! -e by-status/failed ]
is "from the listing as well" "$(ls by-status | grep -c failed)" 0
cd "$TMP" || exit 1
numbers=$(cd "$MNT/cloudPCs" && stat -c '%i %n' by-status/* by-status/*/* by-user/*)
unmount
mount_w365fs -o ttl=3600
is "numbers survive a remount" "$(cd "$MNT/cloudPCs" && stat -c '%i %n' by-status/* by-status/*/* by-user/*)" "$numbers"
unmount

mount_w365fs --api=v1.0
lacks "what v1.0 does not have has no view" "$(ls "$MNT/cloudPCs")" by-status
ok "what it has, has" [ -d "$MNT/cloudPCs/by-policy" ]
unmount

mount_w365fs -o rw
is "nor on a mount that can be written" "$(ln -s x "$MNT/cloudPCs/by-plan/x" 2>&1 | grep -c 'not permitted\|denied')" 1
finish
