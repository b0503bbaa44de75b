#!/usr/bin/env python3
"""reach.py API [me]: whether all that the catalogue has of an API version can be reached in the mount, and nothing is there
beyond it. me: what it has of the signed-in user's own; else all of the tenant, and what is next door.

MNT: the mount. Says a line for each check: 0 or 1, a tab, what it is. Where a thing has to be follows from its address alone,
by the few rules of place(); what is not there stands in ELSEWHERE, with the reason.
"""
import json
import os
import pathlib
import re
import sys

API, OWN, MNT = sys.argv[1], sys.argv[2:] == ["me"], pathlib.Path(os.environ["MNT"])
CATALOGUE = pathlib.Path(__file__).parents[2] / "graph/catalogue.json"
VE = "/deviceManagement/virtualEndpoint"

# What has no place of its own in the mount of a tenant, by its address, and why. Were one there all the same, it would be found
# as something that nothing in the catalogue means.
ELSEWHERE = {
    VE: "the mount itself",
    VE + "/report": "its reports are under reports/, in v1.0 as well",
    VE + "/reports/retrieveCloudPcRecommendationReports": "report has it, under the same name",
    VE + "/provisioningPolicies/{id}/assignments": "in the policy's file",
    VE + "/userSettings/{id}/assignments": "in the setting's file",
    "/users/{userId}/cloudPCs": "a person's own: another mount",
    "/users/{userId}/cloudPcPools": "a person's own: another mount, in which it is not, since no page documents it",
}


def steps(path):
    """The names in an address below virtualEndpoint, without ids and a function's parameters."""
    return [s for s in re.sub(r"\(.*\)$", "", path).removeprefix(VE).split("/") if s and not s.startswith("{")]


def place(row):
    """Where a row of the catalogue has to be."""
    if "with" in row:
        return row["path"].rsplit("/", 1)[1]
    if OWN and "alias" in row:
        return row["alias"].removeprefix("/me/")
    *above, name = steps(row["path"])
    base = "/".join(above)
    if row["kind"] == "function":
        return f"reports/{name}" if base in ("report", "reports") else f"{above[0] + '/' if above else ''}functions/{name}"
    if row["kind"] == "action":
        if row.get("returns") == "Stream":
            return f"reports/{name}"
        return f"{above[0] + '/' if above else ''}actions/{name}"
    if "{" in row["path"]:
        return f"{above[0]}/functions/{name}"
    return f"{base + '/' if base else ''}{name}{'.json' if row['kind'] == 'singleton' else ''}"


def say(good, what):
    print(f"{0 if good else 1}\t{what}")


def main():
    catalogue = json.loads(CATALOGUE.read_text())
    rows = [r for r in catalogue["collections"] + catalogue["operations"] if API in r["in"].split()]
    if OWN:
        rows = [r for r in rows if "userPath" in r or "alias" in r and API in r.get("methods", {}).get("list", {}).get("in", "")]
    else:
        rows = [r for r in rows if r["path"] not in ELSEWHERE]
    types = {t["name"]: t for t in catalogue["types"]}
    meant = set()
    for row in rows:
        where = place(row)
        meant.add(where)
        there = MNT / where
        kind = "a control file" if "/actions/" in "/" + where else "a file" if where.endswith(".json") else "a directory"
        say(there.is_dir() if kind == "a directory" else there.is_file(), f"{API}: {row['path']} is {kind}, {where}")
        if not OWN and any("download" in p for p in types.get(row.get("type"), {}).get("properties", [])):
            meant.add(where + "/results")
            say((MNT / where / "results").is_dir(), f"{API}: {row['path']} leads to files")
        if row["kind"] == "collection" and "create" in row.get("methods", {}) and row["methods"]["create"].get("acts"):
            meant.add(where + "/actions/create")
            say((MNT / where / "actions/create").is_file(), f"{API}: {row['path']} is created by a control file")
    for found in sorted([*MNT.glob("*/actions/*"), *MNT.glob("*/*/actions/*"), *MNT.glob("actions/*"), *MNT.glob("*/functions/*"),
                         *MNT.glob("functions/*"), *MNT.glob("reports/*"), *MNT.glob("*.json"),
                         *(d for d in MNT.glob("*/") if OWN)]):
        where = str(found.relative_to(MNT))
        say(where in meant, f"{API}: {where} is in the catalogue")
    paths = {r["path"] for r in catalogue["collections"] + catalogue["operations"]}
    say(ELSEWHERE.keys() <= paths, "the list of what is elsewhere is up to date")


main()
