#!/bin/sh
# Every collection and singleton of graph.api, in every version that has it. Needs W365SIM_API, the path of graph.api.
. "$(dirname "$0")/lib.sh"
ROLES="CloudPC.Read.All CloudPC.ReadWrite.All RoleManagement.Read.CloudPC DeviceManagementManagedDevices.Read.All"
sim_start --now 2026-11-22 --roles "$ROLES" || finish
sign_in

# A line a resource: kind name path, then "list:VERSION", "get:VERSION" as documented ("-": with a user's token alone).
awk '
	/^(collection|singleton) / { if (name) print line; name = $2; line = $1 " " $2; next }
	/^[a-z]/ { if (name) print line; name = ""; next }
	name && $1 == "path" { line = line " " $2 }
	name && ($1 == "list" || $1 == "get") { line = line " " $1 ":" $2 ($5 == "-" ? "-" : "") }
	END { if (name) print line }' "$W365SIM_API" >"$DIR/resources"
is "graph.api has thirty-five resources" "$(wc -l <"$DIR/resources")" 35

# The path with ids of items that are there in the places of {id}.
fill_path() {
	filled=$1
	case $1 in
	*/provisioningPolicies/*)
		get "$VE/provisioningPolicies?\$expand=assignments"
		pair=$(jq -r '.value[] | select(.displayName == "Reception Desks") | .id + " " + .assignments[0].id' "$BODY")
		filled=$(printf %s "$filled" | sed "s/{id}/${pair% *}/; s/{id}/${pair#* }/")
		;;
	*/cloudPcPools/*)
		get "$VE/cloudPcPools"
		filled=$(printf %s "$filled" | sed "s/{id}/$(jq -r '.value[1].id' "$BODY")/")
		;;
	/users/*) filled=$(printf %s "$filled" | sed "s/{userId}/$SIM_USER/") ;;
	esac
}

# What one version answers.
check() { # VERSION KIND NAME PATH METHODS...
	version=$1 kind=$2 name=$3 path=$4
	shift 4
	list=400 item=400
	for m in "$@"; do
		case $m in
		list:v1.0 | list:"$version") list=200 ;;
		list:v1.0- | list:"$version"-) list=403 ;;
		get:v1.0 | get:"$version") item=200 ;;
		get:v1.0- | get:"$version"-) item=403 ;;
		esac
	done
	if [ "$kind" = singleton ]; then
		get "$version$path"
		is "$version $name" "$STATUS" $item
		[ "$item" != 200 ] || true_of "$version $name: has an id and a context" '.id != null and ."@odata.context" != null'
		return
	fi
	get "$version$path"
	is "$version list $name" "$STATUS" $list
	id=x
	if [ $list = 200 ]; then
		true_of "$version list $name: has items" '.value | length > 0 and all(.[]; .id != null)'
		id=$(jq -r '.value[0].id | @uri' "$BODY")
	elif [ "$name" = reports/exportJobs ]; then
		hook POST 'item?collection=reports/exportJobs&create=1' '{"id":"x","exportJobStatus":"completed"}'
	elif [ "$name" = users/cloudPCs ]; then
		get "beta/deviceManagement/virtualEndpoint/cloudPCs?\$filter=userPrincipalName eq '$SIM_USER'"
		id=$(jq -r '.value[0].id' "$BODY")
	fi
	get "$version$path/$id"
	is "$version get $name" "$STATUS" $item
	[ $item != 200 ] || is "$version get $name: the item asked for" "$(jq -r '.id | @uri' "$BODY")" "$id"
	[ $item != 200 ] || has "$version get $name: its context" "$(jq -r '."@odata.context"' "$BODY")" '/$entity'
}

while read -r kind name path methods; do
	fill_path "$path"
	check beta "$kind" "$name" "$filled" $methods
	in_v1=$(awk -v name="$name" '/^(collection|singleton) / && $2 == name { print $3 }' "$W365SIM_API")
	if [ "$in_v1" = v1.0 ]; then
		check v1.0 "$kind" "$name" "$filled" $methods
	else
		get "v1.0$filled"
		is "v1.0 has no $name" "$STATUS" 404
	fi
done <"$DIR/resources"

# Every action and function is known, in its version (or answered 403 where an application may not): what is missing
# then is the thing with the id "x", or the parameters; where nothing is, it answers.
awk '
	function line() { if (kind) print kind, version, denied != "" ? denied : needs || path ~ /{id}/ ? "[45]0[014]" : "20[024]", path }
	/^(action|function) / { line(); kind = $1; version = $3; denied = $6 == "-" ? "403" : ""; needs = 0; next }
	/^[a-z]/ { line(); kind = "" }
	kind && $1 == "path" { path = $2 }
	kind && $1 == "needs" { needs = 1 }
	END { line() }' "$W365SIM_API" >"$DIR/operations"
is "graph.api has 85 operations" "$(wc -l <"$DIR/operations")" 85
wrong=0
while read -r kind version answer path; do
	method=GET
	[ "$kind" = function ] || method=POST
	path=$(printf %s "$path" | sed 's/{id}/x/g')
	get "beta$path" -X $method -d ''
	case $STATUS in $answer) ;; *) wrong=$((wrong + 1)); echo "# beta $path: $STATUS" ;; esac
	! grep -q 'Resource not found for the segment' "$BODY" || { wrong=$((wrong + 1)); echo "# beta $path: unknown"; }
	get "v1.0$path" -X $method -d ''
	# Without the operation its name is an id, which nothing can be posted to.
	[ "$version" = v1.0 ] || answer='40[45]'
	case $STATUS in $answer) ;; *) wrong=$((wrong + 1)); echo "# v1.0 $path: $STATUS" ;; esac
done <"$DIR/operations"
is "all operations are known in their versions" $wrong 0
sim_stop
finish
