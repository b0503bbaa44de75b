# The schemas under .w365fs/schema: each is one, every file of its family fits it, and what would be refused does not.
. "$TEST_LIB/lib.sh"
requires_fuse
requires python3 jq curl
python3 -c 'from jsonschema import Draft202012Validator' 2>/dev/null || skip "no python3-jsonschema"

sim_start
for api in beta v1.0; do
	mount_w365fs --api=$api
	ok "$api: all of them can be listed" [ "$(find "$MNT/.w365fs/schema" -name '*.schema.json' | wc -l)" -ge 8 ]
	jq . "$MNT/.w365fs/schema/userSettings.schema.json" >"$TMP/jq"
	ok "$api: exactly as jq prints it" cmp "$TMP/jq" "$MNT/.w365fs/schema/userSettings.schema.json"
	python3 "$TEST_LIB/schema.py" "$MNT" >"$TMP/said" 2>&1
	is "$api: all items fit" "$(grep -v '^fits: ' "$TMP/said")" ""
	cp "$TMP/said" "$TMP/$api"
	unmount
done
for family in provisioningPolicies userSettings onPremisesConnections deviceImages cloudApps cloudPcPools externalPartnerSettings \
	externalPartners organizationSettings cloudPCs; do
	ok "$family was looked at" grep -q "^fits: $family [1-9]" "$TMP/beta"
done

# Only a person may read it.
is "what could not be read has a schema too" "$(grep crossCloud "$TMP/beta")" "fits: crossCloudGovernmentOrganizationMapping 0"

mount_w365fs
# fits FAMILY JQ-FILTER SENTENCE: the first item, changed, does not fit, and the validator's sentence is this; "" if it does.
fits() {
	set -- "$1" "$2" "$3" "$(ls "$MNT/$1"/*.json 2>/dev/null | head -1)"
	jq "$2" "${4:-$MNT/$1.json}" >"$TMP/item.json"
	_said=$(python3 "$TEST_LIB/schema.py" "$MNT" "$1" "$TMP/item.json" 2>&1 | head -1)
	if [ -n "$3" ]; then
		has "$1: $2" "$_said" "$3"
	else
		is "$1: $2" "$_said" ""
	fi
}
fits provisioningPolicies . ""
fits provisioningPolicies 'del(.displayName, .id)' ""
fits provisioningPolicies '.imageType = "galery"' "'galery' is not one of ['gallery', 'custom'"
fits provisioningPolicies '.displayName = 5' "5 is not of type 'string'"
fits provisioningPolicies '.displayName = null' "None is not of type 'string'"
fits provisioningPolicies '.description = null' ""
fits provisioningPolicies '.displayNmae = "x"' "'displayNmae' was unexpected"
fits provisioningPolicies '.domainJoinConfigurations[0].regionNmae = "x"' "'regionNmae' was unexpected"
fits provisioningPolicies '.assignments = [{target: {"@odata.type": "#microsoft.graph.cloudPcManagementGroupAssignmentTarget", groupId: "g"}}]' ""
fits provisioningPolicies '.assignments = [{target: {groupId: "g"}}]' "is not valid under any of the given schemas"
fits provisioningPolicies '.assignments = [{}]' "'target' is a required property"
fits userSettings '.localAdminEnabled = "yes"' "'yes' is not of type 'boolean'"
fits userSettings '.restorePointSetting.frequencyType = "hourly"' "is not valid under any of the given schemas"
fits onPremisesConnections '.healthCheckStatus = "newMember" | .adDomainPassword = "x"' ""
fits onPremisesConnections '.connectionType = "newMember"' "'newMember' is not one of"
fits cloudApps '.appDetail["@odata.type"] = "#microsoft.graph.cloudPcCloudAppDetail"' "is not valid under any of the given schemas"
fits cloudPcPools '.poolStatus = "ready"' ""
fits cloudPcPools '.scalingPolicy.maximumCount = 1.5' "1.5 is not of type 'integer'"
fits organizationSettings '.osVersion = "windows12"' "'windows12' is not one of"
printf '{"id":"x","organizationIdsInUSGovCloud":["y"],"later":null}' >"$TMP/mapping.json"
is "crossCloudGovernmentOrganizationMapping" "$(python3 "$TEST_LIB/schema.py" "$MNT" crossCloudGovernmentOrganizationMapping "$TMP/mapping.json")" ""
fits cloudPCs '.status = "newMember" | .later = 1' ""
fits cloudPCs '.status = 5' "5 is not of type 'string'"
finish
