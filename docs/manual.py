#!/usr/bin/env python3
"""Makes a manual page: manual.py TEMPLATE PROGRAM CATALOGUE > page.scd

A line "@options NAME..." becomes the options of those sections of what `PROGRAM help mount` (or --help) says, "@options
register NAME..." those of `PROGRAM register --help`, a line "@tree" what the mount holds, "@views" its
views, by the catalogue. So the page cannot tell what the program does not.
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
        yield definition(name, row["help"] + note)


def views(catalogue):
    for row in catalogue["collections"]:
        names = [name + ("" if isinstance(by, str) else " (not listed)") for name, by in row.get("views", {}).items()]
        if names:
            yield f"\t- *{escape(row['name'])}/*: " + escape(", ".join(names))


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
        else:
            print(line, end="")


if __name__ == "__main__":
    main()
