#!/bin/sh
# Next door to Windows 365: roles, alerts, managed devices; each with the permission of its own.
. "$(dirname "$0")/lib.sh"
sim_start --now 2026-11-22 --roles CloudPC.Read.All || finish
ROLES=roleManagement/cloudPC ALERTS=deviceManagement/monitoring DEVICES=deviceManagement/managedDevices
as() { # PERMISSIONS: an application with these
	hook POST "roles?roles=$(printf %s "$1" | tr ' ' +)"
	sign_in
}
refused() { # PATH PERMISSION
	get "beta/$1"
	failed 403 Forbidden "not allowed: $1" "$2"
}

sign_in
refused $ROLES/roleDefinitions RoleManagement.Read.CloudPC
refused $ROLES/roleAssignments RoleManagement.Read.CloudPC
refused $DEVICES DeviceManagementManagedDevices.Read.All
refused $ALERTS/alertRules signed-in
refused $ALERTS/alertRecords signed-in
sign_in_as_user CloudPC.Read.All
get beta/$ALERTS/alertRules
is "alerts need what Cloud PCs need, and a person" "$STATUS" 200
true_of "its context" '."@odata.context" | endswith("/beta/$metadata#deviceManagement/monitoring/alertRules")'
true_of "rules with their channels" '.value | length == 4 and all(.[]; (.notificationChannels | length) == 2 and .threshold.target > 0)'
true_of "what a client cannot know" '[.value[].alertRuleTemplate] | index("unknownFutureValue") != null'
rule=$(jq -r '.value[0].id' "$BODY")
get beta/$ALERTS/alertRules/$rule
is "one rule" "$(jq -r .id "$BODY")" "$rule"
get beta/$ALERTS/alertRecords
true_of "records, some of them over" 'any(.value[]; .status == "active" and .resolvedDateTime == null) and
	any(.value[]; .status == "resolved" and .resolvedDateTime > .detectedDateTime)'
get "beta/$ALERTS/alertRecords?\$filter=status eq 'active'"
failed 400 BadRequest "no page documents a filter" '$filter'
send POST beta/$ALERTS/alertRules '{"displayName":"x"}'
failed 405 MethodNotAllowed "read only here"
get v1.0/$ALERTS/alertRules
is "v1.0 has no alerts" "$STATUS" 404

as "RoleManagement.Read.CloudPC"
refused $ALERTS/alertRules signed-in
get beta/$ROLES/roleDefinitions
true_of "two are Microsoft's" '[.value[] | select(.isBuiltIn).id] == ["b5c08161-a7af-481c-ace2-a20a69a48fb1","ea8e2fb8-e909-44e6-bae7-56757cf6f347"]'
true_of "what they allow" 'all(.value[]; .rolePermissions[0].allowedResourceActions | length > 0)'
get "beta/$ROLES/roleDefinitions?\$filter=isBuiltIn eq false"
true_of "and one is the tenant's" '.value | length == 1'
get beta/$ROLES/roleAssignments
true_of "who has them" '.value | length == 3 and all(.[]; .principalIds | length == 1)'
get beta/$ROLES/roleAssignments/$(jq -r '.value[1].id' "$BODY")
is "one of them" "$STATUS" 200
send POST beta/$ROLES/roleAssignments '{}'
failed 405 MethodNotAllowed "read only here"
as RoleManagement.Read.All
get beta/$ROLES/roleDefinitions
is "what reads all roles will do" "$STATUS" 200
as RoleManagement.ReadWrite.CloudPC
get beta/$ROLES/roleDefinitions
is "and what writes them" "$STATUS" 200

as "DeviceManagementManagedDevices.Read.All CloudPC.Read.All"
get "$VE/cloudPCs?\$select=id,managedDeviceId,managedDeviceName&\$top=999"
device=$(jq -r '[.value[].managedDeviceId | values][3]' "$BODY")
name=$(jq -r ".value[] | select(.managedDeviceId == \"$device\").managedDeviceName" "$BODY")
count=$(jq '[.value[].managedDeviceId | values] | length' "$BODY")
for version in v1.0 beta; do
	get $version/$DEVICES/$device
	is "$version: the device of a Cloud PC" "$(jq -r '.deviceName, .manufacturer' "$BODY" | paste -sd/)" "$name/Microsoft Corporation"
done
get "beta/$DEVICES?\$top=1000&\$count=true"
is "all of them, and three laptops" "$(jq '."@odata.count"' "$BODY")" $((count + 3))
get "beta/$DEVICES?\$filter=deviceName eq '$name'&\$select=id,totalStorageSpaceInBytes"
true_of "one by its name" ".value | length == 1 and .[0].id == \"$device\" and .[0].totalStorageSpaceInBytes > 2147483647"
get beta/$DEVICES/nope
failed 404 ResourceNotFound "no such device"
get beta/$DEVICES/$device -X DELETE
failed 405 MethodNotAllowed "nothing is removed here"

sign_in_as_user "DeviceManagementManagedDevices.Read.All RoleManagement.Read.CloudPC"
get beta/$ROLES/roleAssignments
is "an administrator" "$STATUS" 200
refused $ALERTS/alertRules CloudPC.Read.All
hook POST "user?user=$SIM_USER&role=none"
refused $ROLES/roleAssignments role
refused $DEVICES/$device role
sim_stop
finish
