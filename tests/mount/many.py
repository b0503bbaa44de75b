#!/usr/bin/env python3
"""many.py COMMAND: what the simulator's log says of many reboots, and whether the record agrees. Standard input: the log.

  figures    sent, accepted, refused by the limit, batches, and how many of the batches had nothing that was sent before
  ids        the ids of the Cloud PCs that were rebooted, each as often as it was
  record F N "agrees", or in which way the record F of the mount, behind number N in it, and the log do not
"""
import collections
import json
import re
import sys


def reboots():
    for n, request in enumerate(json.load(sys.stdin)["requests"]):
        at = re.search(r"/cloudPCs/([^/]*)/reboot$", request["path"])
        if at and request["method"] == "POST":
            yield at[1], request["status"], request.get("batch", f"alone {n}")


def figures():
    rows, seen, again = list(reboots()), set(), set()
    for pc, _, batch in rows:
        if pc in seen:
            again.add(batch)
        seen.add(pc)
    batches = {batch for _, _, batch in rows}
    status = collections.Counter(s for _, s, _ in rows)
    print(len(rows), status[204], status[429], len(batches), len(batches - again))


def record(path, after):
    last = {}
    for line in open(path, encoding="utf-8"):
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # cut by a kill
        if entry["verb"] == "cloudPCs/reboot" and entry["n"] > after:
            last[entry["n"]] = entry
    known = collections.defaultdict(set)
    for entry in last.values():  # the last state of each
        known[entry["state"]].add(entry["id"])
    sent = {pc for pc, status, _ in reboots() if status == 204}
    may = known["accepted"] | known["running"] | known["done"] | known["failed"] | known["unknown"]
    wrong = {"sent, and not in the record": sent - may, "told to be unsent, and sent": known["unsent"] & sent,
             "told to be accepted, and never sent": may - known["unknown"] - sent, "left open": known["sending"]}
    print("; ".join(f"{len(ids)} {what}" for what, ids in wrong.items() if ids) or "agrees")
    print(f"sent {len(sent)}, " + ", ".join(f"{s} {len(ids)}" for s, ids in sorted(known.items())), file=sys.stderr)


if sys.argv[1] == "figures":
    figures()
elif sys.argv[1] == "ids":
    print("\n".join(pc for pc, status, _ in reboots() if status == 204))
else:
    record(sys.argv[2], int(sys.argv[3]))
