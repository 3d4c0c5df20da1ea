// Attack 24: a project may use the engine, never its files, its own tables' neighbours or rights its author lacks.
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'
import { OUR_NAMES, type Target } from './target.ts'

const TREE = 'ENGINE "MergeTree"\nENGINE_SORTING_KEY "a"\n'
const A = '`a` String `json:$.a`'
const PATH = '`/etc/hostname`'

function source(columns: string, rest: string = TREE, before = ''): Record<string, string> {
  return { 'hostile.datasource': `${before}SCHEMA >\n    ${columns}\n${rest}` }
}

function materialized(select: string): Record<string, string> {
  return {
    'target.datasource': `SCHEMA >\n    \`a\` String,\n    \`f\` UInt8\n${TREE}`,
    'hostile.pipe': `NODE n\nSQL >\n    ${select}\nTYPE materialized\nDATASOURCE target\n`,
  }
}

function endpoint(sql: string): Record<string, string> {
  return { 'hostile.pipe': `NODE n\nSQL >\n    ${sql}\nTYPE endpoint\n` }
}

const CASES: Readonly<Record<string, Record<string, string>>> = {
  'DEFAULT reads a file': source(`${A} DEFAULT file('/etc/hostname')`),
  'DEFAULT names a file behind IN': source(`${A},\n    \`b\` UInt8 DEFAULT in(a, ${PATH})`),
  'DEFAULT reads system tables': source(`${A} DEFAULT (SELECT name FROM system.tables LIMIT 1)`),
  'DEFAULT reads another data source': source(`${A} DEFAULT (SELECT secret FROM vault LIMIT 1)`),
  'DEFAULT ends its clause': source(`${A} DEFAULT 'x') ENGINE = Memory AS SELECT 1 --`),
  'DEFAULT holds a second statement': source(`${A} DEFAULT 'x'; DROP DATABASE x`),
  'a type ends its clause': source('`a` String) ENGINE = File(CSV) AS SELECT 1 -- `json:$.a`'),
  'a column is computed': source("`a` String MATERIALIZED file('/etc/hostname')"),
  'a column name has quotes': source('`a\\`) ENGINE=Memory -- ` String `json:$.a`'),
  'a type is very deep': source(
    `\`a\` ${'Array('.repeat(5000)}String${')'.repeat(5000)} \`json:$.a\``,
  ),
  'CODEC ends its clause': source(`${A} CODEC(ZSTD(1) ) DEFAULT (file('/x')`),
  'a sorting key ends its clause': source(
    A,
    'ENGINE "MergeTree"\nENGINE_SORTING_KEY "a) SETTINGS storage_policy=\'x\' --"\n',
  ),
  'a partition key reads a file': source(
    A,
    `${TREE}ENGINE_PARTITION_KEY "file('/etc/hostname')"\n`,
  ),
  'a TTL reads a file': source(
    '`a` DateTime `json:$.a`',
    `${TREE}ENGINE_TTL "a + toIntervalDay(length(file('/etc/hostname')))"\n`,
  ),
  'a TTL names a file behind IN': source(
    `${A},\n    \`d\` DateTime \`json:$.d\``,
    `${TREE}ENGINE_TTL "d + toIntervalDay(0) DELETE WHERE in(a, ${PATH})"\n`,
  ),
  'a TTL names a file in a subquery': source(
    `${A},\n    \`d\` DateTime \`json:$.d\``,
    `${TREE}ENGINE_TTL "d + toIntervalDay(0) DELETE WHERE a IN (SELECT * FROM ${PATH} UNION ALL (WITH ${PATH} AS (SELECT 1) SELECT ''))"\n`,
  ),
  'a TTL moves rows to a disk': source(
    '`a` DateTime `json:$.a`',
    `${TREE}ENGINE_TTL "a + toIntervalDay(1) TO DISK 'x'"\n`,
  ),
  'an index reads a file': source(
    A,
    `INDEXES >\n    INDEX x file(a) TYPE bloom_filter GRANULARITY 1\n${TREE}`,
  ),
  'an index ends its clause': source(
    A,
    `INDEXES >\n    INDEX x a TYPE bloom_filter GRANULARITY 1), CONSTRAINT c CHECK (1\n${TREE}`,
  ),
  'settings name a disk': source(A, `${TREE}ENGINE_SETTINGS "disk='x'"\n`),
  'settings weaken durability': source(
    A,
    `${TREE}ENGINE_SETTINGS "index_granularity=8192, fsync_after_insert=0"\n`,
  ),
  'the engine is a file': source(A, 'ENGINE "File(CSV)"\n'),
  'the engine is a URL': source(A, 'ENGINE "URL"\n'),
  'the engine has arguments of its own': source(
    A,
    'ENGINE "MergeTree ORDER BY a SETTINGS disk=1 --"\n',
  ),
  'FORWARD_QUERY reads another data source': {
    'events.datasource': `SCHEMA >\n    \`at\` DateTime \`json:$.at\`,\n    \`name\` UInt8 \`json:$.name\`\nENGINE "MergeTree"\nENGINE_SORTING_KEY "at"\nFORWARD_QUERY >\n    SELECT at, toUInt8(secret) AS name FROM vault\n`,
  },
  'FORWARD_QUERY names a file behind IN': {
    'events.datasource': `SCHEMA >\n    \`at\` DateTime \`json:$.at\`,\n    \`name\` UInt8 \`json:$.name\`\nENGINE "MergeTree"\nENGINE_SORTING_KEY "at"\nFORWARD_QUERY >\n    SELECT at, toUInt8(in(name, (${PATH} AS z))) AS name FROM events\n`,
  },
  'a TOKEN line asks for ADMIN': source(A, TREE, 'TOKEN boss ADMIN\n'),
  'a TOKEN line asks for another scope': source(A, TREE, 'TOKEN boss WORKSPACE:READ_ALL\n'),
  'a TOKEN line names the workspace token': source(A, TREE, 'TOKEN "workspace admin token" READ\n'),
  'a TOKEN line names a token made by hand': source(A, TREE, 'TOKEN keeper READ\n'),
  'a view reads a file': materialized(
    "SELECT file('/etc/hostname') AS a, toUInt8(1) AS f FROM events",
  ),
  'a view names a file behind IN': materialized(
    `SELECT name AS a, toUInt8(name IN (${PATH} AS z)) AS f FROM events`,
  ),
  'a view names a file as an argument': materialized(
    `SELECT name AS a, toUInt8(in(name, ${PATH} AS z)) AS f FROM events`,
  ),
  'a view reads system tables': materialized(
    'SELECT name AS a, toUInt8(1) AS f FROM events, system.one',
  ),
  'a view ends its clause': materialized(
    'SELECT name AS a, toUInt8(1) AS f FROM events) POPULATE AS SELECT (1',
  ),
  'a view holds a second statement': materialized(
    'SELECT name AS a, toUInt8(1) AS f FROM events; DROP TABLE x',
  ),
  'a view has settings': materialized(
    'SELECT name AS a, toUInt8(1) AS f FROM events SETTINGS readonly = 0',
  ),
  'a view writes elsewhere': {
    'hostile.pipe':
      'NODE n\nSQL >\n    SELECT name AS a FROM events\nTYPE materialized\nDATASOURCE system.one\n',
  },
  'an endpoint names a file in its type': endpoint(
    `SELECT toFixedString('a', toUInt8((SELECT 1 + in('x', ${PATH})))) AS f`,
  ),
  'an endpoint reads system tables': endpoint('SELECT * FROM system.one'),
  'a file is included': {
    'hostile.pipe': 'INCLUDE "/etc/passwd"\nNODE n\nSQL >\n    SELECT 1\nTYPE endpoint\n',
  },
  'a name is __proto__': { '__proto__.pipe': 'NODE n\nSQL >\n    SELECT 1\nTYPE endpoint\n' },
  'a name is far too long': {
    [`${'a'.repeat(5000)}.pipe`]: 'NODE n\nSQL >\n    SELECT 1\nTYPE endpoint\n',
  },
}

export function datafileAttacks(suite: Suite): void {
  const { describe, each, test, target } = suite
  describe('attack 24: the project is refused, and nothing is made', () => {
    each(Object.entries(CASES))('%s', async (_, files) => {
      const before = await live(target())
      const { json, text } = await target().deploy(files)
      expect(json, text).toMatchObject({ result: 'failed' })
      expect(text).not.toMatch(OUR_NAMES)
      expect(await live(target())).toEqual(before)
    })
  })

  test('attack 37: columns called like members of every object are columns', async () => {
    const { admin } = target().tokens
    const columns =
      '`__proto__` String `json:$.__proto__`,\n    `constructor` String `json:$.constructor`'
    const files = source(columns, 'ENGINE "MergeTree"\nENGINE_SORTING_KEY "constructor"\n')
    expect((await target().deploy(files)).json).toMatchObject({ result: 'success' })
    const body = '{"__proto__":"p","constructor":"c"}'
    const kept = await target().send('/v0/events?name=hostile&wait=true', { token: admin, body })
    expect(kept.json).toEqual({ successful_rows: 1, quarantined_rows: 0 })
    const read = await target().sql('SELECT `constructor`, `__proto__` AS p FROM hostile')
    expect(read.json).toMatchObject({ data: [{ constructor: 'c', p: 'p' }] })
    expect(
      (await target().deploy({}, '?auto_promote=true&allow_destructive_operations=true')).json,
    ).toMatchObject({ result: 'success' })
  })
}

async function live({ send, tokens }: Target): Promise<unknown> {
  return (await send('/v1/deployments', { token: tokens.admin })).json
}
