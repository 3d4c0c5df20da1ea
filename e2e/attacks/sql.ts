// Attacks 5 to 9, 19, 35, 36 and 47: SQL of a caller.
import { expect } from './expect.ts'
import type { Suite } from './suite.ts'
import { OUR_NAMES, SECRET } from './target.ts'

const STACKED = [
  'SELECT 1; DROP TABLE events',
  'SELECT 1 FORMAT JSON; SELECT 2',
  "SELECT 1 INTO OUTFILE '/tmp/attack'",
  'SELECT * FROM events SETTINGS readonly = 0',
  'SELECT * FROM (SELECT 1 SETTINGS max_threads = 1)',
  "SELECT * FROM events SETTINGS additional_table_filters = {'x':'1'}",
  'WITH x AS (SELECT 1) INSERT INTO events SELECT 1',
  'EXPLAIN SELECT 1',
  'VALUES (1)',
  'DESCRIBE TABLE events',
  'SELECT * FROM (SHOW TABLES)',
  'SELECT * FROM (EXPLAIN SELECT 1)',
  'SYSTEM SHUTDOWN',
  "KILL QUERY WHERE 1 SETTINGS log_comment = 'x'",
]

const SOURCES = [
  ...["url('http://127.0.0.1:1/')", "file('/etc/hostname')", "s3('http://127.0.0.1:1/x')"],
  ...["remote('127.0.0.1', system.one)", "cluster('default', system.one)", "merge('.*', '.*')"],
  ...["executable('x', 'y', 'z')", "input('a String')", 'loop(vault)', "dictionary('x')"],
  ...["generateRandom('a String')", 'numbers(1000000000000000000)', "null('a String')"],
  ...[
    "format(JSONEachRow, '{}')",
    "viewExplain('EXPLAIN', '', (SELECT 1))",
    'view(SELECT * FROM system.one)',
  ],
  ...['system.one', 'SYSTEM.tables', '`system`.`one`', '"system"."tables"'],
  ...['information_schema.tables', 'INFORMATION_SCHEMA.TABLES', 'nothing.x', '{x:Identifier}'],
  ...["'/etc/hostname'", '`/etc/hostname`', '`../../../../etc/hostname`', 'events, system.one'],
  ...["values('a String, b String ALIAS file(''/etc/hostname'')', ('x'))"],
  ...["values('a String', (file('/etc/hostname')))"],
]

const CALLS = [
  ...[
    "file('/etc/hostname')",
    "FILE('/etc/hostname')",
    'sleep(1)',
    'sleepEachRow(1)',
    'throwIf(1)',
  ],
  ...[
    'hostName()',
    'fqdn()',
    'serverUUID()',
    'version()',
    'uptime()',
    'currentUser()',
    'queryID()',
  ],
  ...['currentDatabase()', "getSetting('max_threads')", "getMacro('x')", 'tcpPort()', 'buildId()'],
  ...["dictGet('x', 'y', 1)", "joinGet('x', 'y', 1)", "catboostEvaluate('x', 1)", "fuzzJSON('{}')"],
  ...[
    'addressToLine(1)',
    "demangle('x')",
    'filesystemAvailable()',
    "hasColumnInTable('system', 'one', 'dummy')",
  ],
  ...[
    'in(0, system.one)',
    'nullIn(0, (system.one))',
    '0 IN (system.one AS x)',
    '_table',
    'events._database',
  ],
  ...[
    'in(name, `/etc/hostname`)',
    'name IN (`/etc/hostname` AS x)',
    'exists(SELECT * FROM system.one)',
  ],
]

const PLACES = [
  'SELECT ? FROM events',
  'WITH ? AS x SELECT x FROM events',
  'WITH x AS (SELECT ? FROM events) SELECT * FROM x',
  'SELECT (SELECT any(?) FROM events)',
  'SELECT 1 FROM events WHERE isNotNull(?)',
  'SELECT arrayMap(x -> ?, [1]) FROM events',
  'SELECT y FROM events ARRAY JOIN [?] AS y',
  'SELECT name FROM events ORDER BY ?',
  'SELECT name FROM events LIMIT 1 BY ?',
  'SELECT * REPLACE (? AS name) FROM events',
  'SELECT * FROM events WINDOW w AS (PARTITION BY ?)',
  'SELECT 1 UNION ALL SELECT ? FROM events',
]

const TABLE_PLACES = [
  'SELECT * FROM ?',
  'SELECT 1 FROM events AS e JOIN ? AS o ON 1 = 1',
  'WITH x AS (SELECT * FROM ?) SELECT * FROM x',
  'SELECT (SELECT count() FROM ?)',
  'SELECT 1 WHERE 1 IN (SELECT 1 FROM ?)',
  'SELECT * FROM view(SELECT * FROM ?)',
  'SELECT 1 INTERSECT SELECT 1 FROM ?',
  'FROM ? SELECT 1',
]

const BOMBS = [
  'SELECT count() FROM numbers(100000000) AS a, numbers(100000000) AS b',
  'SELECT arrayJoin(range(1000000000))',
  'SELECT groupArray(number) FROM numbers(1000000000)',
  "SELECT repeat('x', 1000000000)",
  "SELECT arrayMap(x -> repeat('x', 1000000), range(1000000))",
  'WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t',
  'SELECT sum(cityHash64(number)) FROM numbers(toUInt64(1e18))',
  `SELECT ${'('.repeat(20_000)}1${')'.repeat(20_000)}`,
  `SELECT ${'NOT '.repeat(40_000)}1`,
  `SELECT ${'1,'.repeat(240_000)}1`,
  `SELECT 1${' UNION ALL SELECT 1'.repeat(20_000)}`,
  `SELECT ${'['.repeat(990_000)}`,
  `SELECT 1 ${'AS '.repeat(300_000)}`,
  `WITH ${Array.from({ length: 12_000 }, (_, n) => `c${n} AS (SELECT 1)`).join()} SELECT * FROM c1`,
]

export function sqlAttacks(suite: Suite): void {
  const { describe, each, test, target } = suite
  /** As an admin, who could read everything, and as a token that reads one data source. */
  const refused = async (sql: string): Promise<void> => {
    for (const token of [target().tokens.admin, target().tokens.reader]) {
      const { status, text } = await target().sql(sql, token)
      expect([400, 403], `${sql.slice(0, 200)} => ${text.slice(0, 300)}`).toContain(status)
      expect(text).not.toMatch(OUR_NAMES)
      expect(text).not.toContain(SECRET)
    }
  }

  describe('attacks 5 and 47: only one SELECT reaches the engine', () => {
    each(STACKED)('%s', refused)
  })

  describe('attacks 6, 7 and 8: no source but own data sources, in any place of a query', () => {
    each(SOURCES)('%s', async (source) => {
      for (const place of TABLE_PLACES) await refused(place.replace('?', () => source))
    })
  })

  describe('attacks 7 and 9: no function of the host, in any place of a query', () => {
    each(CALLS)('%s', async (call) => {
      for (const place of PLACES) await refused(place.replace('?', () => call))
    })
  })

  test('attack 8: a token reads what its scopes name, whatever shape the query has', async () => {
    const { reader } = target().tokens
    for (const place of TABLE_PLACES) {
      const { status, text } = await target().sql(place.replace('?', 'vault'), reader)
      expect([status, text.includes(SECRET)], place).toEqual([403, false])
    }
  })

  test('attack 19: no answer tells which names exist', async () => {
    const { reader } = target().tokens
    const shapes = [
      'SELECT * FROM ?',
      'SELECT * FROM ?_quarantine',
      "SELECT 'a' IN ?",
      "SELECT in('a', (? AS x))",
    ]
    for (const shape of shapes) {
      const [there, missing] = await Promise.all(
        ['vault', 'nosuch'].map((name) => target().sql(shape.replace('?', name), reader)),
      )
      expect([there?.status, there?.text.replaceAll('vault', 'nosuch')], shape).toEqual([
        missing?.status,
        missing?.text,
      ])
    }
  })

  describe('attacks 35 and 36: a bomb ends at a limit and leaves the others alone', () => {
    each(BOMBS.map((sql) => [sql.slice(0, 60), sql]))('%s', async (_, sql) => {
      const { status, text } = await target().sql(sql, target().tokens.reader)
      expect([400, 408], text.slice(0, 300)).toContain(status)
      expect((await target().sql('SELECT 1')).status).toBe(200)
    })
  })
}
