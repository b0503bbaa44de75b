#!/usr/bin/env python3
"""Compiles catalogue.json into const C tables: catalogue.py INPUT OUTPUT.

Every mistake that an editor of the file can make is an error that names the row.
"""
import json
import sys

PROPERTIES_MAX = 96  # GRAPH_PROPERTIES_MAX
VIEWS_MAX = 16  # GRAPH_VIEWS_MAX
VERSIONS = {"v1.0": "GRAPH_V1", "beta": "GRAPH_BETA"}
EDM = {
    "String": "STRING", "Boolean": "BOOLEAN", "Int32": "INT32", "Date": "DATE",
    "DateTimeOffset": "DATETIME", "Stream": "STREAM",
}
ACCESS = {
    None: "GRAPH_AS_CONTAINER", "readOnly": "GRAPH_READ_ONLY", "readWrite": "GRAPH_READ_WRITE",
    "createOnly": "GRAPH_CREATE_ONLY", "updateOnly": "GRAPH_UPDATE_ONLY", "writeOnly": "GRAPH_WRITE_ONLY",
}
SAFETY = {"safe": "GRAPH_SAFE", "disruptive": "GRAPH_DISRUPTIVE", "destructive": "GRAPH_DESTRUCTIVE"}
VERBS = {"list": "GRAPH_LIST", "get": "GRAPH_GET", "create": "GRAPH_CREATE", "update": "GRAPH_UPDATE",
         "delete": "GRAPH_DELETE"}
KINDS = {"collection": "GRAPH_COLLECTION", "singleton": "GRAPH_SINGLETON", "container": "GRAPH_CONTAINER",
         "carrier": "GRAPH_CARRIER"}
FRESH = {"configuration": "GRAPH_FRESH_CONFIGURATION", "live": "GRAPH_FRESH_LIVE",
         "catalogue": "GRAPH_FRESH_CATALOGUE", "log": "GRAPH_FRESH_LOG"}
OPTIONS = {
    "$select": "GRAPH_OPT_SELECT", "$filter": "GRAPH_OPT_FILTER",
    "$expand=assignments": "GRAPH_OPT_EXPAND_ASSIGNMENTS", "$top": "GRAPH_OPT_TOP", "$skip": "GRAPH_OPT_SKIP",
    "$orderby": "GRAPH_OPT_ORDERBY", "$count": "GRAPH_OPT_COUNT", "$skiptoken": "GRAPH_OPT_SKIPTOKEN",
}
KEYS = {  # what a row of each kind may have: a misspelt key is an error, not silence
    "collection": "name path type kind in freshness help nameFrom modified views declared methods notes alias deprecated "
                  "with only",
    "only": "property begins",
    "view": "by unlisted",
    "method": "in options delegated application inferred success safety acts note watch finish",
    "type": "name kind in base abstract open safety deprecated note properties navigation",
    "property": "name type in access nullable required selectOnly secret download deprecated note contained",
    "enum": "name in members betaOnly needsPrefer",
    "operation": "name kind bound in method path rowsMax delegated application inferred safety success returns runsOn "
                 "watch finish deprecated userPath note parameters",
    "parameter": "name type required secret query",
    "finish": "kind as function arguments items state time detail parameter running done failed proves",
}
FINISH = {"remoteAction": "GRAPH_FINISH_REMOTE_ACTION", "state": "GRAPH_FINISH_STATE", "same": "GRAPH_FINISH_SAME",
          "groups": "GRAPH_FINISH_GROUPS", "gone": "GRAPH_FINISH_GONE"}


class Bad(Exception):
    pass


def check(kind, row, where):
    unknown = set(row) - set(KEYS[kind].split())
    if unknown:
        raise Bad(f"{where}: unknown key {', '.join(sorted(unknown))}")


def pick(table, key, where):
    if key not in table:
        raise Bad(f"{where}: '{key}' is none of {', '.join(str(k) for k in table)}")
    return table[key]


def need(row, key, where):
    if key not in row:
        raise Bad(f"{where}: '{key}' is missing")
    return row[key]


def string(s):
    return "NULL" if s is None else json.dumps(s, ensure_ascii=True).replace("?", "\\?")


def bits(text, table, where):
    names = [pick(table, word, where) for word in text.split()]
    return " | ".join(names) if names else "0"


def boolean(v):
    return "true" if v else "false"


def tag(name):
    """12 bits of FNV-1a. Inode numbers hold it: it depends on the name alone and never changes."""
    h = 0x811C9DC5
    for byte in name.encode():
        h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return (h >> 20 ^ h >> 8 ^ h) & 0xFFF


class Compiler:
    def __init__(self, catalogue):
        self.cat = catalogue
        self.types = {t["name"]: t for t in catalogue["types"]}
        self.enums = {e["name"]: e for e in catalogue["enums"]}
        self.out = []
        self.tables = []  # what the array that is being written refers to: goes before it
        self.finishes = 0
        self.with_words = list(dict.fromkeys(self.with_word(c) for c in catalogue["collections"] if "with" in c))
        for name in ("types", "enums", "collections"):
            names = [row["name"] for row in catalogue[name]]
            twice = {n for n in names if names.count(n) > 1}
            if twice:
                raise Bad(f"{name}: {', '.join(sorted(twice))} is there twice")

    def with_word(self, c):
        """What -o with= takes for a collection: a word of its own, since a comma ends it."""
        if not (isinstance(c["with"], str) and c["with"].isalpha() and len(c["with"]) > 2):
            raise Bad(f"collection {c['name']}: with: {c['with']!r} is no word")
        return c["with"]

    def value(self, text):
        base = text.removesuffix("[]")
        array = boolean(text.endswith("[]"))
        if base in EDM:
            return f'{{ GRAPH_VALUE_{EDM[base]}, {array}, "{base}", NULL, NULL }}'
        if base in self.types:
            return f'{{ GRAPH_VALUE_OBJECT, {array}, "{base}", &type_{base}, NULL }}'
        if base in self.enums:
            return f'{{ GRAPH_VALUE_ENUM, {array}, "{base}", NULL, &enum_{base} }}'
        return f'{{ GRAPH_VALUE_OTHER, {array}, "{base}", NULL, NULL }}'

    def prop(self, p, kind, versions, where, navigation=False):
        check(kind, p, where)
        where = f"{where}.{need(p, 'name', where)}"
        flags = []
        if p.get("required"):
            flags.append("GRAPH_REQUIRED")
        if p.get("selectOnly"):
            flags.append("GRAPH_SELECTED")
        if p.get("deprecated"):
            flags.append("GRAPH_DEPRECATED")
        if navigation:
            flags.append("GRAPH_NAVIGATION")
        if p.get("secret"):
            flags.append("GRAPH_SECRET")
        nullable = p.get("nullable", True)
        null = versions if nullable is True else "" if nullable is False else nullable
        return (f"\t{{ {string(p['name'])}, {self.value(need(p, 'type', where))}, "
                f"{bits(p.get('in', versions), VERSIONS, where)}, {bits(null, VERSIONS, where)}, "
                f"{pick(ACCESS, p.get('access'), where)}, {' | '.join(flags) or '0'}, {len(p['name'])}, "
                f"{string(p.get('note'))}, {string(self.download(p, where))}, "
                f"{string(p.get('query'))} }},")

    def download(self, p, where):
        kind = p.get("download")
        if kind is not None and not (p.get("secret") and p.get("type") == "String" and isinstance(kind, str) and kind.isalnum()):
            raise Bad(f"{where}: what is to be downloaded has a secret String for its address, and a suffix for its kind")
        return kind

    def chain(self, t):
        """(property, versions of its type, comes by $expand) of the type: its base's first, navigation last."""
        rows = [(p, t["in"], False) for p in t.get("properties", [])]
        rows += [(n, t["in"], True) for n in t.get("navigation", [])]
        if "base" in t:
            if t["base"] not in self.types:
                raise Bad(f"type {t['name']}: its base {t['base']} is not there")
            rows = self.chain(self.types[t["base"]]) + rows
        return sorted(rows, key=lambda row: row[2])

    def is_open(self, t):
        return t.get("open") or ("base" in t and self.is_open(self.types[t["base"]]))

    def do_types(self):
        for t in self.cat["types"]:
            check("type", t, f"type {t['name']}")
            self.out.append(f"static const struct graph_type type_{t['name']};")
        for e in self.cat["enums"]:
            where = f"enum {e['name']}"
            check("enum", e, where)
            for key in ("betaOnly", "needsPrefer"):
                if set(e.get(key, [])) - set(e["members"]):
                    raise Bad(f"{where}: {key} names what is no member")
            self.out.append(f"static const struct graph_enum enum_{e['name']} = {{ {string(e['name'])},")
            self.out.append("\t(const struct graph_member[]){")
            for m in e["members"]:
                versions = "beta" if m in e.get("betaOnly", []) else e["in"]
                self.out.append(f"\t{{ {string(m)}, {bits(versions, VERSIONS, where)}, "
                                f"{boolean(m in e.get('needsPrefer', []))} }},")
            self.out.append("\t{ NULL, 0, false } } };")
        for index, t in enumerate(self.cat["types"]):
            where = f"type {t['name']}"
            props = self.chain(t)
            derived = [d["name"] for d in self.cat["types"] if d.get("base") == t["name"]]
            if len(props) > PROPERTIES_MAX:
                raise Bad(f"{where}: more than {PROPERTIES_MAX} properties; raise GRAPH_PROPERTIES_MAX too")
            if props:
                self.out.append(f"static const struct graph_property props_{t['name']}[] = {{")
                self.out += [self.prop(p, "property", versions, where, nav) for p, versions, nav in props]
                self.out.append("};")
            if derived:
                self.out.append(f"static const struct graph_type *derived_{t['name']}[] = {{ "
                                + ", ".join(f"&type_{d}" for d in derived) + ", NULL };")
            base = f"&type_{t['base']}" if "base" in t else "NULL"
            self.out.append(
                f"static const struct graph_type type_{t['name']} = {{ {string(t['name'])}, {base}, "
                f"{'derived_' + t['name'] if derived else 'NULL'}, {'props_' + t['name'] if props else 'NULL'}, "
                f"{len(props)}, {index}, {bits(t['in'], VERSIONS, where)}, "
                f"{pick(SAFETY, t.get('safety', 'destructive'), where)}, {boolean(t.get('abstract'))}, "
                f"{boolean(self.is_open(t))} }};")
        names = ", ".join(f"&type_{t['name']}" for t in self.cat["types"])
        self.out.append(f"const struct graph_type *const graph_types[] = {{ {names} }};")
        self.out.append(f"const unsigned graph_n_types = {len(self.cat['types'])};")

    def at(self, type_name, path, where):
        """The type of what lies at the path ("a/b") below a value of the type: without a path the type itself."""
        for name in path.split("/") if path else []:
            base = type_name.removesuffix("[]")
            props = {p["name"]: p["type"] for p, _, _ in self.chain(self.types[base])} if base in self.types else {}
            if name not in props:
                raise Bad(f"{where}: {base} has no '{name}'")
            type_name = props[name]
        return type_name

    def parameter(self, parameters, path, where):
        name, _, rest = path.partition("/")
        if name not in parameters:
            raise Bad(f"{where}: there is no parameter {name}")
        self.at(parameters[name], rest, where)

    def finish_step(self, f, where, item, own):
        check("finish", f, where)
        kind = pick(FINISH, f.get("kind"), where)
        if kind in ("GRAPH_FINISH_STATE", "GRAPH_FINISH_SAME"):
            need(f, "state", where)
        source, parameters = item, {p["name"]: p["type"] for p in own.get("parameters", [])}
        if "function" in f:
            found = [o for o in self.cat["operations"] if o["name"] == f["function"] and o["kind"] == "function"
                     and o["bound"].removesuffix("[]") == item]
            if len(found) != 1:
                raise Bad(f"{where}: there is no function {f['function']} of {item}")
            source = found[0]["returns"]
            named = [a.split("=")[0] for a in f.get("arguments", [])]
            if named != [p["name"] for p in found[0].get("parameters", []) if "query" not in p]:
                raise Bad(f"{where}: the arguments are not those of {f['function']}")
        for a in f.get("arguments", []):
            place, _, path = a.partition("=")[2].partition("/")
            if place == "body":
                self.parameter(parameters, path, where)
            elif place == "result":
                self.at(own.get("returns", "nothing"), path, where)
            elif place:
                raise Bad(f"{where}: '{a}' is from neither body nor result")
        if "items" in f and f["items"] not in parameters:
            raise Bad(f"{where}: no parameter {f['items']}")
        if f["kind"] == "remoteAction":
            self.at(item, "lastRemoteActionResult/actionState", where)
        told = self.at(source, f.get("state", ""), where).removesuffix("[]")
        for key in ("time", "detail"):
            self.at(source, f.get(key, ""), where)
        if "parameter" in f:
            self.parameter(parameters, f["parameter"], where)
        for key in ("running", "done", "failed"):
            for value in f.get(key, []):
                if value not in self.enums.get(told, {}).get("members", []):
                    raise Bad(f"{where}: {told} has no member {value}")
        texts = ", ".join(f".{key} = {string(f[key])}" for key in
                          ("function", "items", "state", "time", "detail", "parameter") if key in f)
        lists = ", ".join(f".{key} = {self.names(f[key])}" for key in ("as", "arguments", "running", "done", "failed")
                          if key in f)
        proves = pick({None: (False, False), "done": (True, False), "all": (True, True)}, f.get("proves"), where)
        return (f"\t{{ .kind = {kind}, .proves_done = {boolean(proves[0])}, .proves_failed = {boolean(proves[1])}"
                + "".join(", " + part for part in (texts, lists) if part) + " },")

    def finish(self, row, where, item, own):
        """The name of the array of steps, and how many there are."""
        steps = row.get("finish", [])
        if not steps:
            return "NULL, 0"
        if len({(f.get("function"), f.get("items")) for f in steps}) > 1:
            raise Bad(f"{where}: finish looks at more than one thing")
        name = f"finish_{self.finishes}"
        self.finishes += 1
        self.tables.append(f"static const struct graph_finish {name}[] = {{")
        self.tables += [self.finish_step(f, f"{where}: finish", item, own) for f in steps]
        self.tables.append("};")
        return f"{name}, {len(steps)}"

    def method(self, verb, m, declared, where, type_name):
        check("method", m, where)
        permission = (f"{{ {string(m.get('delegated'))}, {string(m.get('application'))}, "
                      f"{boolean(m.get('inferred'))} }}")
        return (f"\t\t[{VERBS[verb]}] = {{ {bits(m.get('in', ''), VERSIONS, where)}, "
                f"{bits(m.get('options', ''), OPTIONS, where)}, {pick(SAFETY, m.get('safety', 'safe'), where)}, "
                f"{boolean(declared)}, {boolean(m.get('acts'))}, {permission}, {string(m.get('note'))}, "
                f"{self.finish(m, where, type_name, {})} }},")

    def names(self, values):
        return "(const char *const[]){ " + "".join(string(v) + ", " for v in values) + "NULL }"

    def view(self, name, row, c, where):
        """A view is there in those versions in which all the properties on the way to its value are."""
        where = f"{where}: {name}"
        if not name.startswith("by-") or name == "by-id" or "/" in name:
            raise Bad(f"{where}: a view is called 'by-...', and 'by-id' is taken")
        row = {"by": row} if isinstance(row, str) else row
        check("view", row, where)
        path, versions, at = need(row, "by", where), set(c["in"].split()), c["type"]
        for part in path.split("/"):
            found = [(p, v) for p, v, _ in self.chain(self.types[at]) if p["name"] == part] if at in self.types else []
            if not found:
                raise Bad(f"{where}: {at} has no property '{part}'")
            versions &= set(found[0][0].get("in", found[0][1]).split())
            at = found[0][0]["type"]
        if at.removesuffix("[]") in self.types:
            raise Bad(f"{where}: '{path}' is an object, and no value to group by")
        return (f"{{ {string(name)}, {string(path)}, {bits(' '.join(sorted(versions)), VERSIONS, where)}, "
                f"{boolean(row.get('unlisted'))} }}")

    def only(self, c, where):
        """The condition by which a listing is of the collection's items and of no others."""
        row = c.get("only")
        if row is None:
            return "NULL", "NULL"
        check("only", row, where)
        if self.at(c["type"], need(row, "property", where), where) != "String":
            raise Bad(f"{where}: only: '{row['property']}' is no text")
        begins = need(row, "begins", where)
        if not (isinstance(begins, str) and begins and "'" not in begins):
            raise Bad(f"{where}: only: {begins!r} is nothing that a text begins with, or has a quotation mark")
        if "$filter" not in c.get("methods", {}).get("list", {}).get("options", ""):
            raise Bad(f"{where}: only: its listing takes no $filter")
        return string(row["property"]), string(begins)

    def downloads(self, c, where):
        """At most one property leads to a file, and is there when the item is read."""
        found = [p["name"] for p, _, _ in self.chain(self.types[c["type"]]) if "download" in p] if c["type"] in self.types else []
        if len(found) > 1:
            raise Bad(f"{where}: {' and '.join(found)} lead to files; there is one for each item")
        if found and "get" not in c.get("methods", {}):
            raise Bad(f"{where}: {found[0]} leads to a file, but no item can be read by itself")

    def own(self, o, where):
        """The same operation below the signed-in user: another row, with that path."""
        pick({True: 1, "bare": 1}, o["userPath"], where)
        homes = [c["path"] for c in self.cat["collections"] if o["path"].startswith(c["path"] + "/")]
        mine = [c["alias"] for c in self.cat["collections"]
                if c.get("alias", "").startswith("/me/") and c["type"] == o["bound"]]
        if not homes or len(mine) != 1:
            raise Bad(f"{where}: no collection of the user's own holds a {o['bound']}")
        row = dict(o, path=mine[0] + o["path"].removeprefix(max(homes, key=len)), application=None)
        if o["userPath"] == "bare":
            row["parameters"] = []
        if "watch" in o:
            row["watch"] = o["watch"].partition("; history:")[0]  # which is for administrators
        return row

    def do_collections(self):
        tags = {}
        if len(self.with_words) > 8:
            raise Bad("collections: more than 8 words of 'with'; struct graph_collection has room for 8")
        self.out.append("const char *const graph_with[] = { " + "".join(f"{string(w)}, " for w in self.with_words)
                        + "NULL };")
        start = len(self.out)
        self.out.append("const struct graph_collection graph_collections[] = {")
        for c in self.cat["collections"]:
            where = f"collection {c['name']}"
            check("collection", c, where)
            own = tag(c["name"])
            if own in tags:
                raise Bad(f"{where}: its tag is that of {tags[own]}; one of the two needs another name")
            tags[own] = c["name"]
            mine = c.get("alias", "").startswith("/me/")
            name, path = c["name"], need(c, "path", where)
            if mine and ("{" in c["alias"] or "with" in c or [x for x in self.cat["collections"] if x.get("alias") == c["alias"]] != [c]):
                raise Bad(f"{where}: '{c['alias']}' is no place of its own among the user's")
            if mine:
                # In a mount of one's own things they are called as the tenant's are in others.
                name, path = c["alias"].removeprefix("/me/"), c["alias"]
            type_name = need(c, "type", where)
            known = {p["name"] for p, _, _ in self.chain(self.types[type_name])} if type_name in self.types else None
            for key in ("nameFrom", "modified"):
                for p in c.get(key, []):
                    if known is not None and p not in known:
                        raise Bad(f"{where}: {key} names '{p}', which {type_name} does not have")
            methods, declared = c.get("methods", {}), c.get("declared", "").split()
            for verb in list(methods) + declared:
                pick(VERBS, verb, where)
            self.out.append("\t{ " + ", ".join([
                f".name = {string(name)}", f".path = {string(path)}",
                f".help = {string(need(c, 'help', where))}",
                f".type = {'&type_' + type_name if type_name in self.types else 'NULL'}"]) + ",")
            self.out.append(f"\t  .name_from = {self.names(c.get('nameFrom', []))},")
            self.out.append(f"\t  .modified = {self.names(c.get('modified', []))},")
            self.out.append(f"\t  .notes = {self.names(c.get('notes', []))},")
            views = [self.view(name, row, c, where) for name, row in c.get("views", {}).items()]
            if len(views) > VIEWS_MAX:
                raise Bad(f"{where}: more than {VIEWS_MAX} views")
            self.out.append(f"\t  .views = (const struct graph_grouping[]){{ {', '.join(views + ['{ NULL, NULL, 0, false }'])} }},")
            self.downloads(c, where)
            only, begins = self.only(c, where)
            self.out.append(f"\t  .only = {only}, .begins = {begins},")
            self.out.append("\t  .methods = {")
            for verb in VERBS:
                if verb in methods or verb in declared:
                    self.out.append(self.method(verb, methods.get(verb, {}), verb in declared, f"{where}: {verb}",
                                                type_name))
            self.out.append("\t  },")
            self.out.append(
                f"\t  .tag = {own:#x}, .versions = {bits(need(c, 'in', where), VERSIONS, where)}, "
                f".kind = {pick(KINDS, need(c, 'kind', where), where)}, "
                f".freshness = {pick(FRESH, c.get('freshness', 'configuration'), where)}, "
                f".with = {1 << self.with_words.index(c['with']) if 'with' in c else 0}, .own = {boolean(mine)}, "
                f".nested = {boolean('{' in path)}, .deprecated = {boolean(c.get('deprecated'))} }},")
        self.out.append("};")
        self.out[start:start] = self.tables
        self.tables = []
        self.out.append(f"const unsigned graph_n_collections = {len(self.cat['collections'])};")

    def do_operations(self):
        rows, operations = [], []
        for o in self.cat["operations"]:
            where = f"operation {o['name']}"
            check("operation", o, where)
            operations.append((o, False))
        for o in self.cat["operations"]:
            if "userPath" in o:
                operations.append((self.own(o, f"operation {o['name']}"), True))
        for i, (o, mine) in enumerate(operations):
            where = f"operation {o['name']}"
            bound = need(o, "bound", where)
            if bound.removesuffix("[]") not in self.types:
                raise Bad(f"{where}: bound to {bound}, which is not there")
            params = o.get("parameters", [])
            for p in params:
                if "query" in p and (o["kind"] != "function" or p.get("required")
                                     or p["type"] != ("String[]" if p["query"] == "$select" else "String")):
                    raise Bad(f"{where}.{p['name']}: an option is a function's, never required, and text; $select is a list")
            options = [p["query"] for p in params if "query" in p]
            if len(set(options)) < len(options):
                raise Bad(f"{where}: two parameters go out as one option")
            if params:
                self.out.append(f"static const struct graph_property params_{i}[] = {{")
                self.out += [self.prop(p, "parameter", o["in"], where) for p in params]
                self.out.append("};")
            returns = self.value(o["returns"]) if "returns" in o else "{ GRAPH_VALUE_OTHER, false, NULL, NULL, NULL }"
            rows.append(
                f"\t{{ {string(o['name'])}, {string(need(o, 'path', where))}, {string(o.get('note'))}, "
                f"{string(o.get('watch'))}, &type_{bound.removesuffix('[]')}, "
                f"{f'params_{i}' if params else 'NULL'}, {len(params)}, {returns}, "
                f"{{ {string(o.get('delegated'))}, {string(o.get('application'))}, {boolean(o.get('inferred'))} }}, "
                f"{bits(need(o, 'in', where), VERSIONS, where)}, {pick(SAFETY, need(o, 'safety', where), where)}, "
                f"{boolean(o['kind'] == 'function')}, {boolean(bound.endswith('[]'))}, "
                f"{boolean(o.get('runsOn'))}, {boolean(mine)}, {boolean(o.get('deprecated'))}, "
                f"{self.finish(o, where, bound.removesuffix('[]'), o)}, {int(o.get('rowsMax', 0))} }},")
        self.out += self.tables
        self.out += ["const struct graph_operation graph_operations[] = {"] + rows + ["};"]
        self.out.append(f"const unsigned graph_n_operations = {len(rows)};")

    def compile(self):
        self.out.append("/* Made by graph/catalogue.py from graph/catalogue.json. Edit that file. */")
        self.out.append('#include "graph/catalogue.h"')
        self.do_types()
        self.do_collections()
        self.do_operations()
        return "\n".join(self.out) + "\n"


def main():
    source, target = sys.argv[1:]
    try:
        with open(source, encoding="utf-8") as f:
            text = Compiler(json.load(f)).compile()
    except (Bad, json.JSONDecodeError) as e:
        sys.exit(f"{source}: {e}")
    with open(target, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
