#!/usr/bin/env python3
"""Makes a manual page: manual.py TEMPLATE PROGRAM CATALOGUE > page.scd

A line "@options NAME..." becomes the options of those sections of what `PROGRAM help mount` (or --help) says, "@options
register NAME..." those of `PROGRAM register --help`, a line "@actions" the control files, as `PROGRAM help actions` has
them; a line "@tree" what the mount holds, "@views" its views, "@questions" its functions and reports, by the catalogue. So
the page cannot tell what the program does not.
"""
import json
import re
import subprocess
import sys


def escape(text):
    return re.sub(r"([\\*_<>`~.#|\[\]])", r"\\\1", text)


def sections(program, command=None):
    """The help text's indented rows, by the heading above them: [(left, right)]; "" before the first heading."""
    # w365fs has its options under "help mount", w365sim under --help.
    words = ["help", "mount"] if program.endswith("w365fs") else ["--help"]
    if command:
        words = [command, "--help"]
    text = subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout
    found, heading = {"": []}, ""
    for line in text.splitlines():
        row = re.match(r"^ +(\S.*?)(?:  +(\S.*))?$", line)
        if row and row[2]:
            found[heading].append((row[1], row[2]))
        elif line.endswith(":") and not line.startswith(" "):
            heading = re.sub(r" \(.*", "", line.rstrip(":"))
            found[heading] = []
    return found


def definition(left, right):
    return f"*{escape(left)}*\n\t{escape(right)}\n"


def tree(catalogue):
    for row in catalogue["collections"]:
        if row["kind"] not in ("collection", "singleton") or "{" in row["path"]:
            continue
        name = row["name"] + (".json" if row["kind"] == "singleton" else "/")
        note = "" if "v1.0" in row["in"].split() else " (beta only)"
        if "with" in row:
            note = f" (with -o with={row['with']}{', beta only' if note else ''})"
        yield definition(name, row["help"] + note)


def views(catalogue):
    for row in catalogue["collections"]:
        if "{" in row["path"]:
            continue
        names = [name + ("" if isinstance(by, str) else " (not listed)") for name, by in row.get("views", {}).items()]
        if names:
            yield f"\t- *{escape(row['name'])}/*: " + escape(", ".join(names))


def questions(catalogue):
    """Directories in which a file's name is a question, with what the name has to say: as graph/question.c has them."""
    homes = {c["path"]: c for c in catalogue["collections"] if "{" not in c["path"]}
    rows = [(o["path"], o.get("parameters", []), o["name"], o["in"], o["kind"] == "function", o.get("returns"))
            for o in catalogue["operations"]]
    for path, parameters, name, versions, function, returns in rows:
        home = homes[max((p for p in homes if path.startswith(p + "/")), key=len)]
        report = home["kind"] == "carrier" and returns == "Stream"
        if not (function or report) or (home["name"] == "reports" and any(
                name == n and p != path and "/report/" in p for p, _, n, *_ in rows)):
            continue
        ids = path.split("(")[0].count("{")
        parts = ["ITEM", "ITEM%2FASSIGNMENTID"][ids - 1:ids] if ids else []
        parts += [f"{p['name']}={'WORD' if p['type'] not in ('String', 'Int32', 'Boolean') else 'TEXT'}"
                  for p in parameters if p.get("required")]
        where = "reports/" if report else ("" if home["kind"] == "container" else home["name"] + "/") + "functions/"
        yield (f"\t- {escape(where + name)}/{escape(','.join(parts) or 'all')}{'.csv' if report else '.json'}"
               + ("" if "v1.0" in versions.split() else " (beta only)"))


def actions(program):
    """The control files: a line of each, what it does, and the types that a new item can have."""
    text = subprocess.run([program, "help", "actions"], check=True, capture_output=True, text=True).stdout
    for line in text.partition("\n\n")[2].splitlines():
        if not line.startswith("\t"):
            path, _, words = line.partition(" ")
            yield f"\n*{escape(path)}* {escape(words)}"
        elif line.startswith("\t- "):
            yield f"\n\t*{escape(line[3:].split()[0])}* {escape(line[3:].partition(' ')[2])}"
        else:
            yield "\t" + escape(line[1:])


def main():
    template, program, catalogue = sys.argv[1:]
    known = sections(program)
    for line in open(template, encoding="utf-8"):
        if line.startswith("@options"):
            heading, rows = line[len("@options"):].strip(), known
            if heading.startswith("register "):
                heading, rows = heading.removeprefix("register "), sections(program, "register")
            if not rows.get(heading):
                sys.exit(f"{template}: the program's help has no section '{heading}'")
            print("\n".join(definition(*row) for row in rows[heading]))
        elif line.startswith("@tree"):
            print("\n".join(tree(json.load(open(catalogue, encoding="utf-8")))))
        elif line.startswith("@views"):
            print("\n".join(views(json.load(open(catalogue, encoding="utf-8")))))
        elif line.startswith("@actions"):
            print("\n".join(actions(program)))
        elif line.startswith("@questions"):
            print("\n".join(questions(json.load(open(catalogue, encoding="utf-8")))))
        else:
            print(line, end="")


if __name__ == "__main__":
    main()
