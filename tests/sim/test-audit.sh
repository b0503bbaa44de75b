#!/bin/sh
# The log: by days, by ranges of them, page by page; and what is written now is in it.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --speed 0 || finish
sign_in
LOG=$VE/auditEvents
all "$LOG"
cp "$DIR/all" "$DIR/log"
# In seconds of UTC, whatever clock wrote them; jq knows no offsets.
moments() { # FILE
	jq -r .activityDateTime "$1" | date -u -f - '+%F %s'
}
between() { # FROM TO: filtered by the service
	all "$LOG?\$filter=activityDateTime ge $1 and activityDateTime lt $2"
}
is "some are told in another zone" "$(jq -r .activityDateTime "$DIR/log" | grep -c '+08:00$' | grep -cv '^0$')" 1
is "the newest first" "$(moments "$DIR/log" | awk '{ print $2 }')" "$(moments "$DIR/log" | awk '{ print $2 }' | sort -rn)"
for day in 2026-11-21 2026-11-15 2026-10-01; do
	between ${day}T00:00:00Z "$(date -u -d "$day + 1 day" +%F)T00:00:00Z"
	is "the day $day" "$(wc -l <"$DIR/all")" "$(moments "$DIR/log" | grep -c "^$day")"
	is "and nothing else" "$(moments "$DIR/all" | grep -cv "^$day")" 0
done
between 2026-11-19T12:00:00.5Z 2026-11-21T12:00:00%2B08:00
from=$(date -u -d 2026-11-19T12:00:00Z +%s) to=$(date -u -d 2026-11-21T04:00:00Z +%s)
is "from noon to four" "$(wc -l <"$DIR/all")" "$(moments "$DIR/log" | awk -v from=$from -v to=$to '$2 > from && $2 < to' | wc -l)"

# Ninety days in one listing
hook POST 'page-size?n=500'
between 2026-08-25T00:00:00Z 2026-11-23T00:00:00Z
is "all of ninety days" "$(jq -s -c 'map(.id) | sort' "$DIR/all")" "$(jq -s -c 'map(.id) | sort' "$DIR/log")"
is "in as few pages as they take" $PAGES $((($(wc -l <"$DIR/log") + 499) / 500))
all "$LOG?\$filter=activityDateTime ge 2026-08-25T00:00:00Z and activityDateTime lt 2026-11-23T00:00:00Z&\$top=700"
is "\$top is no more than a page" "$(jq -s -c 'map(.id) | sort' "$DIR/all")" "$(jq -s -c 'map(.id) | sort' "$DIR/log")"
all "$LOG?\$filter=activityDateTime ge 2026-11-01T00:00:00Z and activityType eq 'Reboot CloudPC'"
ok "and by what happened" [ "$(wc -l <"$DIR/all")" -gt 10 ]
is "which alone" "$(jq -r .activityType "$DIR/all" | sort -u)" 'Reboot CloudPC'
get "$LOG?\$filter=activityDateTime ge '2026-11-21'"
failed 400 BadRequest "a time has no quotes" incompatible
get "$LOG?\$orderby=activityDateTime"
failed 400 BadRequest "no page documents an order" '$orderby'

# What is written now
now=$(jq -rn 'now | todate')
get "$VE/cloudPCs?\$filter=status eq 'provisioned'"
pc=$(jq -r '.value[0].id' "$BODY")
send POST "$VE/cloudPCs/$pc/reboot"
send POST "$VE/userSettings" '{"displayName":"Neu"}'
setting=$(jq -r .id "$BODY")
send PATCH "$VE/userSettings/$setting" '{"resetEnabled":true}'
get "$VE/userSettings/$setting" -X DELETE
all "$LOG?\$filter=activityDateTime ge $now"
is "four more" "$(jq -s -c 'map(.activityType + " " + .activityOperationType)' "$DIR/all")" \
	'["Delete CloudPcUserSetting delete","Patch CloudPcUserSetting patch","Create CloudPcUserSetting create","Reboot CloudPC create"]'
is "of these" "$(jq -s -r '.[3].resources[0].resourceId' "$DIR/all") $(jq -s -r '.[0].resources[0].resourceId' "$DIR/all")" "$pc $setting"
one=$(jq -s -r '.[0].id' "$DIR/all")
get "$LOG/$one"
is "one by itself" "$(jq -r .activityType "$BODY")" 'Delete CloudPcUserSetting'
get "$LOG/getAuditActivityTypes"
true_of "its type is one of those" '.value | index("Delete CloudPcUserSetting") != null'
sim_stop
finish
