#!/usr/bin/env python3
"""Turns sim/graph.api into const C tables: gen-api.py graph.api api-table.c"""
import sys

# The kinds say how values compare: numbers are numbers.
PRIMITIVES = {'String': 'SIM_STRING', 'Int32': 'SIM_INT32', 'Int64': 'SIM_INT32', 'Boolean': 'SIM_BOOLEAN',
              'DateTimeOffset': 'SIM_DATETIME', 'Date': 'SIM_DATE', 'Stream': 'SIM_STREAM'}
VERSIONS = {'v1.0': 'SIM_V1 | SIM_BETA', 'beta': 'SIM_BETA'}
WORDS = {'ro': 'SIM_READ_ONLY', 'rw': 'SIM_ON_CREATE | SIM_ON_UPDATE', 'create': 'SIM_ON_CREATE',
         'update': 'SIM_ON_UPDATE', 'write': 'SIM_WRITE_ONLY | SIM_ON_CREATE | SIM_ON_UPDATE',
         'required': 'SIM_REQUIRED', 'filled': 'SIM_FILLED', 'select': 'SIM_SELECT', 'old': 'SIM_OLD',
         'nav': 'SIM_NAV'}
METHODS = {'list': 'SIM_LIST', 'get': 'SIM_GET', 'create': 'SIM_CREATE', 'update': 'SIM_UPDATE',
           'delete': 'SIM_DELETE'}
# $skiptoken is the server's own: it comes with every page and is never a choice of the client.
OPTIONS = {'$select': 'SIM_OPT_SELECT', '$filter': 'SIM_OPT_FILTER', '$count': 'SIM_OPT_COUNT',
           '$top': 'SIM_OPT_TOP', '$skip': 'SIM_OPT_SKIP', '$orderby': 'SIM_OPT_ORDERBY',
           '$expand=assignments': 'SIM_OPT_EXPAND', '$skiptoken': '0'}


class Block:
    """A thing at the margin and the lines that belong to it."""

    def __init__(self, where, words):
        self.where, self.words, self.lines = where, words, []


def read(path):
    blocks = []
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            words = line.split()
            if not words or words[0].startswith('#'):
                continue
            where = '%s:%d' % (path, number)
            if not line.startswith('\t'):
                blocks.append(Block(where, words))
            elif blocks:
                blocks[-1].lines.append((where, words))
            else:
                raise SystemExit(where + ': belongs to nothing')
    return blocks


def look(table, word, where):
    if word not in table:
        raise SystemExit('%s: unknown word "%s"' % (where, word))
    return table[word]


def quote(text):
    return 'NULL' if text in (None, '-') else '"%s"' % text


class Generator:
    def __init__(self, blocks, out):
        self.blocks, self.out = blocks, out
        self.types = list(PRIMITIVES) + [b.words[1] for b in blocks
                                         if b.words[0] in ('enum', 'complex', 'entity')]

    def line(self, text):
        self.out.append(text)

    def ref(self, name, where):
        """A type's name, perhaps with [], as (pointer, is a collection)."""
        bare = name[:-2] if name.endswith('[]') else name
        if bare not in self.types:
            raise SystemExit('%s: unknown type "%s"' % (where, bare))
        return '&type_' + bare, 'true' if name.endswith('[]') else 'false'

    def enum(self, block):
        name = block.words[1]
        self.line('static const struct sim_member members_%s[] = {' % name)
        for where, words in block.lines:
            self.line('\t{ "%s", %s, %s },' % (words[0], look(VERSIONS, words[1], where),
                                             'true' if 'prefer' in words[2:] else 'false'))
        self.line('};')
        self.line('static const struct sim_type type_%s = { "%s", SIM_ENUM, %s, .members = members_%s, '
                  '.member_count = %d };' % (name, name, look(VERSIONS, block.words[2], block.where), name,
                                             len(block.lines)))

    def structure(self, block):
        kind, name, version, *rest = block.words
        base = rest[rest.index(':') + 1] if ':' in rest else None
        self.line('static const struct sim_prop props_%s[] = {' % name)
        for where, words in block.lines:
            pointer, many = self.ref(words[1], where)
            flags = ' | '.join(look(WORDS, w, where) for w in words[3:]) or '0'
            self.line('\t{ "%s", %s, %s, %s, %s },' % (words[0], pointer, many,
                                                     look(VERSIONS, words[2], where), flags))
        if not block.lines:
            self.line('\t{ NULL }')
        self.line('};')
        self.line('static const struct sim_type type_%s = { "%s", SIM_%s, %s, %s, %s, props_%s, %d };' % (
            name, name, kind.upper(), look(VERSIONS, version, block.where),
            'true' if 'abstract' in rest else 'false',
            self.ref(base, block.where)[0] if base else 'NULL', name, len(block.lines)))

    def statuses(self, word):
        return '%s, %s' % tuple((word + '/0').split('/')[:2])

    def resource(self, block):
        kind, name, version, of = block.words
        path, alias, undocumented, methods = None, None, '0', []
        for where, words in block.lines:
            if words[0] == 'path':
                path = words[1]
            elif words[0] == 'alias':
                alias = words[1]
            elif words[0] == 'undocumented':
                undocumented = ' | '.join('1 << ' + look(METHODS, w, where) for w in words[1:])
            else:
                method = look(METHODS, words[0], where)
                options = ' | '.join(look(OPTIONS, w, where) for w in words[5:]) or '0'
                methods.append('\t\t[%s] = { %s, %s, { %s, %s }, %s },' % (
                    method, look(VERSIONS, words[1], where), self.statuses(words[2]), quote(words[3]),
                    quote(words[4]), options))
        self.line('\t{ "%s", "%s", %s, %s, %s, %s, %s, {' % (
            name, path, quote(alias), look(VERSIONS, version, block.where), self.ref(of, block.where)[0],
            'true' if kind == 'singleton' else 'false', undocumented))
        self.out.extend(methods)
        self.line('\t} },')

    def operation(self, block, number):
        kind, name, version, status, delegated, application = block.words
        path, on, user, returns, params = None, None, [], '-', []
        for where, words in block.lines:
            if words[0] == 'path':
                path = words[1]
            elif words[0] == 'on':
                on = self.ref(words[1], where)
            elif words[0] == 'user':
                user = words[1:]
            elif words[0] == 'returns':
                returns = self.ref(words[1], where)
            elif words[0] in ('needs', 'takes'):
                params.append('\t{ "%s", %s, %s, %s },' % (
                    words[1], *self.ref(words[2], where), 'true' if words[0] == 'needs' else 'false'))
            else:
                raise SystemExit('%s: unknown word "%s"' % (where, words[0]))
        if params:
            self.line('static const struct sim_param params_%d[] = {' % number)
            self.out.extend(params)
            self.line('};')
        return '\t{ "%s", "%s", %s, %s, %s, { %s, %s }, %s, %s, %s, %s, %s, %s, %s, %s, %d },' % (
            name, path, 'true' if kind == 'action' else 'false', look(VERSIONS, version, block.where),
            self.statuses(status), quote(delegated), quote(application), *on,
            'true' if user else 'false', 'true' if 'documented' in user else 'false',
            'true' if 'delegated' in user else 'false',
            *(('NULL', 'false') if returns == '-' else returns),
            'params_%d' % number if params else 'NULL', len(params))

    def run(self):
        def of(*kinds):
            return [b for b in self.blocks if b.words[0] in kinds]

        self.line('/* Made by gen-api.py of graph.api: change that one. */')
        self.line('#include "sim/api.h"\n')
        for name, kind in PRIMITIVES.items():
            self.line('static const struct sim_type type_%s = { "%s", %s, SIM_V1 | SIM_BETA };'
                      % (name, name, kind))
        for block in of('complex', 'entity'):
            self.line('static const struct sim_type type_%s;' % block.words[1])
        for block in of('enum'):
            self.enum(block)
        for block in of('complex', 'entity'):
            self.structure(block)
        self.line('const struct sim_type *const sim_types[] = {')
        for name in self.types:
            self.line('\t&type_%s,' % name)
        self.line('};\nconst size_t sim_type_count = %d;' % len(self.types))
        resources = of('collection', 'singleton')
        self.line('const struct sim_resource sim_resources[] = {')
        for block in resources:
            self.resource(block)
        self.line('};\nconst size_t sim_resource_count = %d;' % len(resources))
        rows = [self.operation(block, i) for i, block in enumerate(of('action', 'function'))]
        self.line('const struct sim_operation sim_operations[] = {')
        self.out.extend(rows)
        self.line('};\nconst size_t sim_operation_count = %d;' % len(rows))


def main():
    out = []
    Generator(read(sys.argv[1]), out).run()
    with open(sys.argv[2], 'w', encoding='utf-8') as f:
        f.write('\n'.join(out) + '\n')


main()
