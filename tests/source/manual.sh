# The manual page, the program's help: they have every verb that is an action in the catalogue, and its parameters.
cd "$SOURCE" || exit 1
. tests/lib/tap.sh
command -v python3 >/dev/null || skip "no python3"

SAID=$("$W365FS" help actions)
PAGE=$(python3 docs/manual.py docs/w365fs.1.scd.in "$W365FS" graph/catalogue.json)
is "the page can be made" $? 0

# missing TEXT: what of the catalogue's actions is not in it. Reports are files.
missing() {
	printf '%s' "$1" | python3 -c '
import json, sys
text = sys.stdin.read().replace("\\", "").replace("*", "")
actions = [o for o in json.load(open("graph/catalogue.json"))["operations"]
           if o["kind"] == "action" and o.get("returns") != "Stream"]
lines = [line for line in text.splitlines() if "actions/" in line]
for o in actions:
    name, home = o["name"], "/".join(part for part in o["path"].split("/")[3:-1] if "{" not in part).split("/assignments")[0]
    path = (home + "/" if home else "") + "actions/" + name
    rows = [line.split() for line in lines if line.split()[:1] == [path]]
    if len(rows) != 1:
        print(path)
    for p in o.get("parameters", []):
        if rows and not any(word.strip("[").startswith(p["name"] + "=") for word in rows[0]):
            print(path, p["name"])
print(len(actions) if len(actions) >= 30 else "too few actions")'
}
N=$(python3 -c 'import json
print(sum(o["kind"] == "action" and o.get("returns") != "Stream" for o in json.load(open("graph/catalogue.json"))["operations"]))')
is "the help has every verb" "$(missing "$SAID")" "$N"
is "so has the manual page" "$(missing "$PAGE")" "$N"
for verb in bulkActions/actions/create reports/exportJobs/actions/create; do
	has "what makes something is there: $verb" "$PAGE" "$verb"
done
has "with the types that it can be" "$PAGE" "*cloudPcBulkReprovision* (destructive)"
finish
