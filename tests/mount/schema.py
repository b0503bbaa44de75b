"""schema.py MOUNT [FAMILY FILE]: checks each schema of the mount and what is in its family; or one file against one schema.
Says "fits: FAMILY N" of a family, and of each thing that does not fit, a line."""
import json
import pathlib
import sys

from jsonschema import Draft202012Validator

mount = pathlib.Path(sys.argv[1])
folder = mount / ".w365fs" / "schema"


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def faults(schema, path):
    return [f"{path.name}: {error.message}"[:400] for error in Draft202012Validator(schema).iter_errors(load(path))]


def items(family):
    """What the sign-in may read of it: an application alone may not read everything."""
    file = mount / f"{family}.json"
    if file.is_file():
        return [file] if file.stat().st_mode & 0o400 else []
    return sorted(p for p in (mount / family).glob("*.json") if p.is_file())


if len(sys.argv) > 2:
    print("\n".join(faults(load(folder / f"{sys.argv[2]}.schema.json"), pathlib.Path(sys.argv[3]))))
    sys.exit()
for path in sorted(folder.rglob("*.schema.json")):
    family = str(path.relative_to(folder)).removesuffix(".schema.json")
    schema = load(path)
    Draft202012Validator.check_schema(schema)
    files = items(family)
    wrong = [line for item in files for line in faults(schema, item)]
    print("\n".join(f"{family}: {line}" for line in wrong[:20]) or f"fits: {family} {len(files)}")
