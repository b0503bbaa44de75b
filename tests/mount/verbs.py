#!/usr/bin/env python3
"""verbs.py API FILE: writes to every control file of the mount what it takes, once, and what it does not take.

MNT: the mount; GRAPH_BASE, CACERT: the simulator behind it. Says a line for each check: 0 or 1, a tab, what it is, and
where it failed a tab and what was got. The table says for each control file to what it is done (a collection of the mount,
and which of its items), with which parameters of which type, and where it has to arrive. It is written from Microsoft's
documentation, and knows nothing of the program's own tables.
"""
import dataclasses
import errno
import glob
import json
import os
import shlex
import ssl
import sys
import time
import urllib.request

API, MNT = sys.argv[1], os.environ["MNT"]
ROOT = f"/{API}/deviceManagement/virtualEndpoint/"
TLS = ssl.create_default_context(cafile=os.environ["CACERT"])
HUSH = "hush-hush"
GROUP = {"@odata.type": "#microsoft.graph.cloudPcManagementGroupAssignmentTarget",
         "groupId": "11111111-aaaa-4bbb-8ccc-222222222222"}


def sim(method, path, body=None):
    request = urllib.request.Request(os.environ["GRAPH_BASE"] + path, method=method,
                                     data=body and json.dumps(body).encode())
    with urllib.request.urlopen(request, context=TLS) as answer:
        text = answer.read()
        return json.loads(text) if text else None


# -- the table

@dataclasses.dataclass
class Value:
    """A parameter: its type, a good value, whether it has to be there, and what else its type does not take."""
    kind: str
    value: object
    must: bool = True
    wrong: list = dataclasses.field(default_factory=list)  # (another value, what the sentence names)


@dataclasses.dataclass
class Verb:
    file: str                   # below the mount, without "actions/"
    to: str                     # below virtualEndpoint/; {} is the target's id
    on: object = None           # the item it is done to; None: it takes no target
    give: dict = dataclasses.field(default_factory=dict)
    api: str = "beta"
    destructive: bool = False
    secret: bool = False
    sent: object = None         # the body, where it is not what was given
    answer: str = ""            # what the control file shows of the answer


def text(value, must=True):
    return Value("text", value, must)


def word(value, must=True):
    return Value("word", value, must)


def ids(*values, must=True):
    return Value("list", list(values), must, [([5], "[0]")])


class World:
    """The things in the mount, each to be used once: what is done to one does not stand in another one's way.

    They are kept in @file for the version of the API that does not tell enough of them."""

    def __init__(self, file):
        self.file, self.used = file, set()
        self.items = json.load(open(file, encoding="utf-8")) if os.path.exists(file) else {}

    def save(self):
        json.dump(self.items, open(self.file, "w", encoding="utf-8"))

    def all(self, collection):
        if collection not in self.items:
            paths = sorted(glob.glob(f"{MNT}/{collection}/*.json"))
            self.items[collection] = [dict(json.load(open(p, encoding="utf-8")), entry=os.path.basename(p)) for p in paths]
        return self.items[collection]

    def one(self, collection, fits=lambda item: True):
        for item in self.all(collection):
            if item["id"] not in self.used and fits(item):
                self.used.add(item["id"])
                return item
        raise SystemExit(f"the simulator's {collection} have no such item")

    def made(self, collection, changes, fits=lambda item: True):
        item = self.one(collection, fits)
        sim("POST", f"/_sim/item?collection={collection}&id={item['id']}", changes)
        return item

    def pc(self, status="provisioned", kind="dedicated"):
        return self.one("cloudPCs", lambda c: c["status"] == status and c["provisioningType"] == kind)


def table(w):
    plan = next(p["id"] for p in w.all("servicePlans") if p["storageInGB"] == 512 and p["vCpuCount"] == (4 if API == "beta" else 8))
    frontline = lambda: w.pc(kind="sharedByUser")  # noqa: E731
    pcs = ids(w.pc()["id"], w.pc()["id"])
    shared = w.one("provisioningPolicies", lambda p: p["provisioningType"] == "sharedByEntraGroup" and p["assignments"])
    policy = w.one("provisioningPolicies", lambda p: p["provisioningType"] == "dedicated")
    below = {"id": shared["id"] + "/assignments/" + shared["assignments"][0]["id"],
             "entry": shared["entry"].removesuffix(".json") + "%2F" + shared["assignments"][0]["id"]}
    failed = lambda: w.made("deviceImages", {"status": "failed"})  # noqa: E731
    hybrid = w.one("onPremisesConnections", lambda c: c["connectionType"] == "hybridAzureADJoin")
    app = lambda status: ids(w.one("cloudApps", lambda a: a["appStatus"] == status)["id"])  # noqa: E731
    partner = w.one("externalPartners")
    job = w.one("bulkActions", lambda b: b["status"] == "failed")
    source = w.pc()
    snapshot = w.one("snapshots", lambda s: s["cloudPcId"] == source["id"])
    both = "beta v1.0"
    yield Verb("cloudPCs/changeUserAccountType", "cloudPCs/{}/changeUserAccountType", w.pc(),
               {"userAccountType": word("administrator")})
    yield Verb("cloudPCs/createSnapshot", "cloudPCs/{}/createSnapshot", w.pc(),
               {"storageAccountId": text("/subscriptions/8f8f/storageAccounts/a b", False), "accessTier": word("cool", False)})
    yield Verb("cloudPCs/createSnapshot", "cloudPCs/{}/createSnapshot", w.pc())
    yield Verb("cloudPCs/endGracePeriod", "cloudPCs/{}/endGracePeriod", w.pc("inGracePeriod"), api=both, destructive=True)
    yield Verb("cloudPCs/powerOff", "cloudPCs/{}/powerOff", frontline())
    yield Verb("cloudPCs/powerOn", "cloudPCs/{}/powerOn", frontline())
    yield Verb("cloudPCs/reboot", "cloudPCs/{}/reboot", w.pc(), api=both)
    yield Verb("cloudPCs/rename", "cloudPCs/{}/rename", w.pc(), {"displayName": text("Zoë's \"PC\" #1")}, api=both)
    yield Verb("cloudPCs/reprovision", "cloudPCs/{}/reprovision", w.pc(),
               {"osVersion": word("windows11", False), "userAccountType": word("standardUser", False)}, api=both,
               destructive=True)
    yield Verb("cloudPCs/resize", "cloudPCs/{}/resize", w.pc(), {"targetServicePlanId": text(plan)}, api=both)
    yield Verb("cloudPCs/restore", "cloudPCs/{}/restore", source, {"cloudPcSnapshotId": text(snapshot["id"])}, api=both,
               destructive=True)
    yield Verb("cloudPCs/retryPartnerAgentInstallation", "cloudPCs/{}/retryPartnerAgentInstallation",
               w.pc("provisionedWithWarnings"))
    yield Verb("cloudPCs/setReviewStatus", "cloudPCs/{}/setReviewStatus", w.pc(),
               {"reviewStatus": Value("object", {"inReview": True, "userAccessLevel": "restricted",
                                                 "azureStorageAccountId": "/s", "accessTier": "hot"},
                                      wrong=[({"inReview": "yes", "userAccessLevel": "restricted"}, "inReview"),
                                             ({"inReview": True, "nonsense": 1}, "nonsense"),
                                             ({"inReview": True, "userAccessLevel": "some"}, "userAccessLevel")])})
    yield Verb("cloudPCs/start", "cloudPCs/{}/start", frontline())
    yield Verb("cloudPCs/stop", "cloudPCs/{}/stop", frontline())
    yield Verb("cloudPCs/troubleshoot", "cloudPCs/{}/troubleshoot", w.pc(), api=both)
    yield Verb("cloudPCs/validateBulkResize", "cloudPCs/validateBulkResize",
               give={"cloudPcIds": pcs, "targetServicePlanId": text(plan)}, answer='"success"')
    yield Verb("provisioningPolicies/batchCleanupUserSettingsPersistenceProfile",
               "provisioningPolicies/{}/userSettingsPersistenceDetail/batchCleanupUserSettingsPersistenceProfile", below,
               {"configurationId": text("c1"), "cloudProfileIds": ids("p1", "p2")}, destructive=True)
    yield Verb("provisioningPolicies/apply", "provisioningPolicies/{}/apply", shared,
               {"policySettings": Value("list", ["region", "singleSignOn"], False, [(["colour"], "colour")]),
                "isForceUserLogoffEnabled": Value("flag", False, False), "reservePercentage": Value("number", 20, False)},
               destructive=True)
    yield Verb("provisioningPolicies/assign", "provisioningPolicies/{}/assign", policy,
               {"assignments": Value("list", [{"target": GROUP}], wrong=[([{"target": {"groupId": 5}}], "target"),
                                                                         ([{"nonsense": 1}], "nonsense")])},
               api=both, destructive=True)
    yield Verb("provisioningPolicies/retry", "provisioningPolicies/{}/retry", policy)
    yield Verb("provisioningPolicies/schedulePolicyApplyTask", "provisioningPolicies/{}/schedulePolicyApplyTask", shared,
               {"scheduledRule": Value("object", {"cronScheduleExpression": "0 2 * * 6", "timezone": "cet",
                                                  "reservePercentage": 10},
                                       wrong=[({"timezone": "mars"}, "timezone"), ({"nonsense": 1}, "nonsense")])},
               destructive=True)
    yield Verb("provisioningPolicies/applyConfig", "provisioningPolicies/applyConfig",
               give={"cloudPcIds": pcs, "policySettings": Value("list", ["region"], False)})
    yield Verb("bulkActions/retry", "bulkActions/{}/retry", job,
               {"cloudPcIds": ids(*job["cloudPcIds"][:1], must=False)}, destructive=True)
    yield Verb("cloudApps/publish", "cloudApps/publish", give={"cloudAppIds": app("ready")})
    yield Verb("cloudApps/reset", "cloudApps/reset", give={"cloudAppIds": app("published")})
    yield Verb("cloudApps/unpublish", "cloudApps/unpublish", give={"cloudAppIds": app("published")})
    yield Verb("deviceImages/retryUpload", "deviceImages/{}/retryUpload", failed())
    yield Verb("deviceImages/reupload", "deviceImages/{}/reupload", failed())
    yield Verb("externalPartners/configureAgent", "externalPartners/{}/configureAgent", partner,
               {"agentSetting": Value("object", {"agentUrl": "https://agents.example.net/a.msi", "installParameters": ["/q"],
                                                 "autoDeploymentEnabled": False},
                                      wrong=[({"agentUrl": 5, "installParameters": []}, "agentUrl"),
                                             ({"installParameters": [], "nonsense": 1}, "nonsense")])})
    yield Verb("externalPartners/deployAgent", "externalPartners/{}/deployAgent", partner, {"cloudPcIds": pcs}, answer='#   "')
    yield Verb("onPremisesConnections/runHealthChecks", "onPremisesConnections/{}/runHealthChecks", hybrid, api=both)
    yield Verb("onPremisesConnections/updateAdDomainPassword", "onPremisesConnections/{}/updateAdDomainPassword", hybrid,
               {"adDomainPassword": text(HUSH)}, api=both, secret=True, sent={"adDomainPassword": "..."})
    yield Verb("snapshots/importSnapshot", "snapshots/importSnapshot", secret=True, give={
        "assignedUserId": text(source["userPrincipalName"]),
        "sourceFiles": Value("list", [{"fileType": "dataFile", "sourceType": "sasUrl",
                                       "sasUrl": "https://x.example.net/d.vhd?sig=" + HUSH}])},
               sent={"assignedUserId": source["userPrincipalName"],
                     "sourceFiles": [{"fileType": "dataFile", "sourceType": "sasUrl", "sasUrl": "..."}]},
               answer='"snapshotId"')
    yield Verb("snapshots/purgeImportedSnapshot", "snapshots/purgeImportedSnapshot",
               give={"snapshotIds": ids("{imported}")}, destructive=True)
    yield Verb("userSettings/assign", "userSettings/{}/assign", w.one("userSettings"),
               {"assignments": Value("list", [{"target": GROUP}], wrong=[([{"target": 5}], "target")])}, api=both)
    yield Verb("organizationAction", "organizationAction", give={"actionType": word("activate")}, destructive=True)
    yield Verb("reports/exportJobs/create", "reports/exportJobs",
               give={"reportName": word("totalAggregatedRemoteConnectionReports"), "filter": text("UsageInHour ge 1", False),
                     "format": text("csv", False), "select": ids("CloudPcId", must=False)})
    for kind, destructive, own in bulk_kinds(plan):
        yield Verb("bulkActions/create", "bulkActions", destructive=destructive, give={
            "@odata.type": word("#microsoft.graph.cloudPcBulk" + kind), "displayName": text("by night"), "cloudPcIds": pcs,
            "scheduledDuringMaintenanceWindow": Value("flag", True, False), **own})


def bulk_kinds(plan):
    return [
        ("CreateSnapshot", False, {"accessTier": word("hot", False), "storageAccountId": text("/s", False)}),
        ("DisasterRecovery", False, {"capabilityType": word("failover"), "licenseType": word("plus")}),
        ("DisasterRecoveryFailback", False, {}),
        ("DisasterRecoveryFailover", False, {}),
        ("ModifyDiskEncryptionType", False, {"diskEncryptionType": word("customerManagedKey")}),
        ("Move", False, {}),
        ("PowerOff", False, {}),
        ("PowerOn", False, {}),
        ("ReinstallAgent", False, {}),
        ("Reprovision", True, {}),
        ("Resize", False, {"targetServicePlanId": text(plan)}),
        ("Restart", False, {}),
        ("Restore", True, {"restorePointDateTime": Value("time", "2026-11-20T08:00:00Z"), "timeRange": word("before"),
                           "ignoreUnhealthySnapshots": Value("flag", False, False)}),
        ("SetReviewStatus", False, {"reviewStatus": Value("object", {"inReview": False, "userAccessLevel": "unrestricted"})}),
        ("Troubleshoot", False, {}),
    ]


# What each type does not take: as words, and as JSON.
WRONG_WORDS = {"text": [], "word": ["nonsense"], "time": ["yesterday"], "flag": ["maybe"], "number": ["many", "1.5"],
               "list": ["x", "[1", '{"a":1}'], "object": ["x", "[1]"]}
WRONG_JSON = {"text": [5, ["x"]], "word": ["nonsense", 5], "time": ["yesterday", 5], "flag": ["true", 1],
              "number": ["5", 1.5], "list": ["x", {}], "object": ["x", [1]]}


# -- lines

def target_of(verb):
    return None if verb.on is None else verb.on["entry"]


def confirm_of(verb):
    if verb.on is None:
        return verb.file.rsplit("/", 1)[-1]
    return verb.on["id"].replace("/assignments/", "/") if "%2F" in verb.on["entry"] else verb.on["entry"].removesuffix(".json")


def as_json(target, give):
    return json.dumps(({} if target is None else {"target": target}) | give, ensure_ascii=False)


def as_words(target, give):
    def one(name, value):
        if isinstance(value, (list, dict)):
            return f"{name}={json.dumps(value)}"
        return f"{name}={shlex.quote(value if isinstance(value, str) else json.dumps(value))}"
    return " ".join(([] if target is None else [shlex.quote(target)]) + [one(*pair) for pair in give.items()])


def write(verb, line):
    """The error's name, or ""."""
    parts = verb.file.rpartition("/")
    fd = os.open(f"{MNT}/{parts[0]}/actions/{parts[2]}", os.O_WRONLY)
    try:
        os.write(fd, (line + "\n").encode())
    except OSError as e:
        return errno.errorcode[e.errno]
    finally:
        os.close(fd)
    return ""


def control_text(verb):
    parts = verb.file.rpartition("/")
    return open(f"{MNT}/{parts[0]}/actions/{parts[2]}", encoding="utf-8").read()


def last_error():
    return open(f"{MNT}/.w365fs/errors", encoding="utf-8").read().splitlines()[-1]


def posts():
    return [(r["method"] + " " + r["path"], r.get("body"), r["status"]) for r in sim("GET", "/_sim/log")["requests"]
            if r["method"] != "GET" and "/oauth2/" not in r["path"]]


# -- checks

def report(good, why, got=""):
    print(f"{0 if good else 1}\t{why}" + ("" if good else f"\t{got}".replace("\n", " ")), flush=True)


def refused(verb, why, line, error, name):
    got = write(verb, line)
    said = last_error() if got else "accepted"
    report(got == error and name in said and not (verb.secret and HUSH in said), f"{verb.file}: {why}",
           f"{line[:200]} -> {got}: {said}")


def wrong(verb):
    """Lines that are refused, each before anything is sent: why, the line, the error, what its sentence names."""
    good = {name: v.value for name, v in verb.give.items()}
    own = {"confirm": confirm_of(verb)} if verb.destructive else {}
    target = target_of(verb)

    def changed(name, value):
        return {**good, name: value, **own}

    for name, v in verb.give.items():
        left = {k: x for k, x in (good | own).items() if k != name}
        if v.must:
            yield f"without {name}", as_words(target, left) or as_json(target, left), name
        if v.must and v.kind != "list":
            yield f"with {name} null", as_json(target, changed(name, None)), name
        for bad in WRONG_WORDS[v.kind]:
            # Not as_words(): what is no JSON stands there as it is.
            yield f"{name}={bad}", as_words(target, left) + f" {name}={shlex.quote(bad) if v.kind != 'list' else bad}", name
        for bad in WRONG_JSON[v.kind]:
            yield f'"{name}":{json.dumps(bad)}', as_json(target, changed(name, bad)), name
        for bad, named in v.wrong:
            yield f'"{name}":{json.dumps(bad)}', as_json(target, changed(name, bad)), named
            yield f"{name}={json.dumps(bad)}", as_words(target, changed(name, bad)), named
        again = as_words(None, {name: v.value})
        yield f"{name} twice", as_words(target, good | own) + " " + again, "given twice" if verb.secret else name
    known = next(iter(verb.give), "none") if verb.secret else "nonsense"
    yield "with an unknown parameter", as_words(target, {**good, "nonsense": HUSH, **own}), known
    yield "with an unknown member", as_json(target, {**good, "nonsense": HUSH, **own}), known
    yield "with a wait= that is none", as_words(target, {**good, "wait": "soon", **own}), "wait"
    if verb.on:
        yield "without a target", as_words(None, good | own | {"wait": "1"}), "target"
        yield "without a target, as JSON", as_json(None, good | own), '"target"'
    else:
        yield "with a target", as_json("CPC-alex", good | own), "target"


def hushed(verb):
    """Lines with the password where it does not belong: no sentence may repeat it."""
    if verb.secret:
        name, target = next(iter(verb.give)), target_of(verb) or "x"
        yield from (HUSH, f"'{HUSH}", f"{target} {HUSH}", f"{HUSH} {name}=x", f"{target} {HUSH}=x", f"{target} {name[:-1]}={HUSH}",
                    f"{target} wait={HUSH}", f"/{HUSH}/x", as_json(HUSH, {name: "x"}), as_json(target, {HUSH: "x"}),
                    as_json(target, {name: [HUSH]}), as_json(target, {name: {HUSH: HUSH}}), '{"target": "' + HUSH,
                    as_json(target, {name: "x", "confirm": [HUSH]}), as_json(target, {name: "x", "wait": HUSH}))


def check_wrong(verb):
    sim("DELETE", "/_sim/log")
    for why, line, name in wrong(verb):
        refused(verb, why, line, "EINVAL", name)
    if verb.destructive:
        refused(verb, "without confirm=", as_words(target_of(verb), {k: v.value for k, v in verb.give.items()}), "EPERM",
                "confirm=")
    for line in hushed(verb):
        error = write(verb, line)
        report(error in ("EINVAL", "ENOENT") and HUSH not in last_error(), f"{verb.file}: a password in the wrong place", line)
    report(not posts(), f"{verb.file}: nothing was sent of that", posts())


def check_good(verb):
    good = {name: v.value for name, v in verb.give.items()} | ({"confirm": confirm_of(verb)} if verb.destructive else {})
    line = (as_words if API == "beta" else as_json)(target_of(verb), good)
    path = ROOT + verb.to.format(verb.on["id"] if verb.on else "")
    body = verb.sent or {name: v.value for name, v in verb.give.items()} or None
    sim("DELETE", "/_sim/log")
    error = write(verb, line)
    got = posts()
    report(error == "", f"{verb.file}: {line[:120] if not verb.secret else '...'}", error and last_error())
    report([g[:2] for g in got] == [("POST " + path, body)] and got[0][2] < 300, f"{verb.file}: what was sent",
           f"{got}, not {path} {json.dumps(body)}")
    report(verb.answer in control_text(verb), f"{verb.file}: what the control file says of it", control_text(verb)[-300:])
    sim("POST", "/_sim/course?advance=300")


def main():
    world = World(sys.argv[2])
    rows = [v for v in table(world) if API in v.api.split()]
    shown = sorted(os.path.relpath(p, MNT).replace("actions/", "")
                   for p in glob.glob(f"{MNT}/**/actions/*", recursive=True))
    report(shown == sorted({v.file for v in rows}), f"{API}: the table has every control file",
           sorted(set(shown) ^ {v.file for v in rows}))
    readme = open(f"{MNT}/README.md", encoding="utf-8").read()
    rowless = [s for s in shown if f"| `{'/'.join(s.split('/')[:-1] + ['actions', s.split('/')[-1]])}` | `" not in readme]
    report(not rowless, f"{API}: README.md has them", rowless)
    done = set()
    for verb in rows:
        if "{imported}" in str(verb.give.get("snapshotIds")):
            said = control_text(dataclasses.replace(verb, file="snapshots/importSnapshot"))
            verb.give["snapshotIds"].value = [said.rpartition('"snapshotId":"')[2].partition('"')[0]]
        if verb.file not in done or verb.file == "bulkActions/create":
            check_wrong(verb)
        done.add(verb.file)
        check_good(verb)
        if verb.file.endswith("endGracePeriod"):
            world.items["cloudPCs"].remove(verb.on)
    world.save()


if __name__ == "__main__":
    start = time.monotonic()
    main()
    print(f"# {API}: {time.monotonic() - start:.1f} s", file=sys.stderr)
