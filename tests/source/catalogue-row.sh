# A new collection in the catalogue's file is in the tree, in the mount's README.md and in the permissions, without
# another file touched. And a mistake in the file is an error that names the row.
cd "$SOURCE" || exit 1
TEST_LIB=$SOURCE/tests/mount
. tests/mount/lib.sh
requires meson ninja python3 curl openssl

COPY=$TMP/copy
mkdir "$COPY"
tar -cf - --exclude './build*' --exclude ./.git . | tar -xf - -C "$COPY"

# edit PYTHON: changes the copy's catalogue, as "c"
edit() {
	python3 - "$SOURCE/graph/catalogue.json" "$COPY/graph/catalogue.json" <<EOF
import json, sys
c = json.load(open(sys.argv[1]))
$1
json.dump(c, open(sys.argv[2], "w"), indent=1)
EOF
}
compile() {
	python3 "$COPY/graph/catalogue.py" "$COPY/graph/catalogue.json" "$TMP/tables.c" 2>&1
}

edit 'c["collections"].append({"name": "inventedThings", "path": "/deviceManagement/virtualEndpoint/inventedThings", "type": "cloudPcInvented", "kind": "collection", "in": "beta", "freshness": "live", "help": "things nobody has heard of", "nameFrom": ["displayName"], "methods": {"list": {"in": "beta", "delegated": "Invented.Read.All", "application": "Invented.Read.All", "success": [200]}}, "notes": []})
c["types"].append({"name": "cloudPcInvented", "kind": "entity", "in": "beta", "properties": [{"name": "id", "type": "String"}, {"name": "displayName", "type": "String"}]})'
is "the file compiles" "$(compile)" ""
meson setup "$COPY/build" "$COPY" -Dman=disabled >"$TMP/meson.log" 2>&1 && ninja -C "$COPY/build" fs/w365fs >"$TMP/ninja.log" 2>&1
ok "so does the program" [ -x "$COPY/build/fs/w365fs" ]
has "permissions" "$("$COPY/build/fs/w365fs" permissions | grep inventedThings)" "list    Invented.Read.All"
if [ -r /dev/fuse ] && [ -w /dev/fuse ]; then
	sim_start
	W365FS=$COPY/build/fs/w365fs
	mount_w365fs
	ok "the tree" test -d "$MNT/inventedThings/by-id"
	has "README.md" "$(grep invented "$MNT/README.md")" "| \`inventedThings/\` | things nobody has heard of | Invented.Read.All |"
	unmount
fi

# mistake WHY PYTHON SENTENCE
mistake() {
	edit "$2"
	has "$1" "$(compile)" "$3"
}
mistake "a misspelt key" 'c["collections"][1]["tpye"] = 1' "collection auditEvents: unknown key tpye"
mistake "an unknown version" 'c["collections"][2]["in"] = "v2"' "collection cloudPCs: 'v2' is none of v1.0, beta"
mistake "a missing key" 'del c["collections"][2]["help"]' "collection cloudPCs: 'help' is missing"
mistake "a property that the type does not have" 'c["collections"][2]["nameFrom"] = ["nmae"]' "nameFrom names 'nmae'"
mistake "a name that is there twice" 'c["enums"].append(c["enums"][0])' "is there twice"
REBOOT='next(o for o in c["operations"] if o["name"] == "reboot")'
mistake "an end that is looked for where nothing is" "$REBOOT[\"finish\"] = [{\"kind\": \"state\", \"state\": \"sttaus\"}]" \
	"operation reboot: finish: cloudPC has no 'sttaus'"
mistake "a state that is none" "$REBOOT[\"finish\"] = [{\"kind\": \"state\", \"state\": \"status\", \"done\": [\"rebooted\"]}]" \
	"operation reboot: finish: cloudPcStatus has no member rebooted"
mistake "a function that is not there" "$REBOOT[\"finish\"] = [{\"kind\": \"state\", \"state\": \"\", \"function\": \"ask\"}]" \
	"there is no function ask of cloudPC"
mistake "a parameter that is not there" "$REBOOT[\"finish\"] = [{\"kind\": \"same\", \"state\": \"status\", \"parameter\": \"x\"}]" \
	"there is no parameter x"
mistake "an end in two places" "$REBOOT[\"finish\"].append({\"kind\": \"state\", \"state\": \"status\", \"function\": \"retrieveSnapshots\"})" \
	"finish looks at more than one thing"
JOB='next(p for t in c["types"] if t["name"] == "cloudPcExportJob" for p in t["properties"] if p["name"] == "exportUrl")'
mistake "the address of a file that everybody may see" "del $JOB[\"secret\"]" "cloudPcExportJob.exportUrl: what is to be downloaded has a secret String"
COUNT_PCS='next(o for o in c["operations"] if o["name"] == "retrieveCloudPcCountByStatus")["parameters"][0]'
mistake "an option that is no text" "$COUNT_PCS[\"type\"] = \"Int32\"" "customFilter: an option is a function's, never required, and text"
mistake "a file of no kind" "$JOB[\"download\"] = True" "cloudPcExportJob.exportUrl: what is to be downloaded has"
mistake "two of one item" 'next(t for t in c["types"] if t["name"] == "cloudPcExportJob")["properties"].append({"name": "again", "type": "String", "secret": True, "download": "zip"})' \
	"lead to files; there is one for each item"
mistake "two parameters for one option" 'o = next(o for o in c["operations"] if o["name"] == "retrieveCloudPcCountByStatus"); o["parameters"].append(dict(o["parameters"][0], name="other"))' \
	"two parameters go out as one option"
mistake "what is next door, by no word" 'next(x for x in c["collections"] if "with" in x)["with"] = "a,b"' "with: 'a,b' is no word"
mistake "what is shown alone, by nothing" 'c["collections"][2]["only"] = {"property": "displayName", "begins": ""}' "is nothing that a text begins with"
mistake "two places of the user's in one" 'next(x for x in c["collections"] if x["name"] == "users/cloudPcPools")["alias"] = "/me/cloudPCs"' \
	"is no place of its own among the user"
mistake "what is shown alone, by a property that is not there" 'c["collections"][2]["only"] = {"property": "modle", "begins": "x"}' \
	"collection cloudPCs: cloudPC has no 'modle'"
mistake "by one that is no text" 'c["collections"][2]["only"] = {"property": "status", "begins": "x"}' "'status' is no text"
mistake "a user's path that is neither" "$REBOOT[\"userPath\"] = \"some\"" "operation reboot: 'some' is none of True, bare"
mistake "a user's path below nothing" 'next(x for x in c["collections"] if x["name"] == "users/cloudPCs").pop("alias")' \
	"no collection of the user's own holds a cloudPC"
mistake "a base that is not there" 'c["types"][1]["base"] = "nothing"' "its base nothing is not there"
finish
