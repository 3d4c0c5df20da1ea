import { describe, expect, it } from 'vitest'

import { deploymentSteps, type DeploymentSteps } from './deployment-steps.ts'
import { emptyMap, type DeploymentMap } from './deployment-map.ts'
import { forwardSelect, ForwardQueryError } from './forward-select.ts'
import { fragmentProblems } from './fragments.ts'
import type { DeploymentPlan } from './plan.ts'
import { parsed, plan, PROJECT, type ProjectText } from './project.fixture.ts'

const WORKSPACE = '00000000-0000-0000-0000-000000000001'

function steps(live: DeploymentMap, next: DeploymentPlan): DeploymentSteps {
  return deploymentSteps({
    ...{ workspaceId: WORKSPACE, live, plan: next },
    viewOf: (pipe) => ({
      select: `SELECT ${pipe}`,
      columns: pipe === 'to_daily' ? ['day', 'hits'] : ['month', 'hits'],
    }),
    liveViewOf: (pipe) => ({ select: `LIVE ${pipe}`, columns: ['day', 'hits'] }),
    forwardColumns: () => ['at', 'path'],
  })
}

/** Statements with ids made short: `t1_1` for `t_000...1_1`. */
function short(list: readonly { readonly sql: string }[]): string[] {
  return list.map(({ sql }) =>
    sql
      .replace(/`ws_0*1`\./g, '')
      .replace(/`t_0*([0-9a-f]+?)(_[0-9]+(_\w+)?)`/g, 't$1$2')
      .replace(
        /fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1/g,
        'DURABLE',
      )
      .replace(/\s+/g, ' '),
  )
}

function edited(file: string, from: string, to: string, base: ProjectText = PROJECT): ProjectText {
  return { ...base, [file]: base[file]!.replace(from, to) }
}

const live = plan(emptyMap(), PROJECT).next

describe('the statements of a deployment', () => {
  it('create durable tables with engine, keys, indexes, TTL and settings, and their quarantine', () => {
    const project: ProjectText = {
      'e.datasource': `SCHEMA >
    at DateTime,
    \`a b\` LowCardinality(String) DEFAULT 'x' CODEC(ZSTD(1)),
    v UInt32
ENGINE ReplacingMergeTree
ENGINE_PARTITION_KEY toYYYYMM(at)
ENGINE_SORTING_KEY at, lower(\`a b\`)
ENGINE_PRIMARY_KEY at
ENGINE_VER v
ENGINE_TTL at + INTERVAL 1 DAY WHERE v = 0
ENGINE_SETTINGS index_granularity=1024
INDEXES >
    i lower(\`a b\`) TYPE bloom_filter(0.01) GRANULARITY 4
`,
    }
    expect(short(steps(emptyMap(), plan(emptyMap(), project)).create)).toEqual([
      "CREATE TABLE t1_1 ( `at` DateTime, `a b` LowCardinality(String) DEFAULT 'x' CODEC(ZSTD(1)), `v` UInt32, " +
        'INDEX `i` (lower(`a b`)) TYPE bloom_filter(0.01) GRANULARITY 4 ) ENGINE = ReplacingMergeTree(`v`) ' +
        'PARTITION BY (toYYYYMM(at)) PRIMARY KEY (at) ORDER BY (at, lower(`a b`)) TTL at + INTERVAL 1 DAY DELETE WHERE v = 0 ' +
        'SETTINGS DURABLE, index_granularity = 1024',
      'CREATE TABLE t1_1_quarantine ( `at` Nullable(String), `a b` Nullable(String), `v` Nullable(String), ' +
        'c__error_column Array(String), c__error Array(String), c__import_id Nullable(String), insertion_date DateTime DEFAULT now(), ' +
        "c__raw Nullable(String), c__raw_form LowCardinality(String) MATERIALIZED 'sent', c__row_id UUID MATERIALIZED generateUUIDv7() ) " +
        'ENGINE = MergeTree ORDER BY insertion_date TTL insertion_date + INTERVAL 10 DAY SETTINGS DURABLE',
    ])
  })

  it.each([
    ['ENGINE Null', 'ENGINE = Null'],
    [
      'ENGINE MergeTree',
      'ENGINE = MergeTree ORDER BY tuple() SETTINGS DURABLE, enable_block_number_column = 1',
    ],
    [
      'ENGINE SummingMergeTree\nENGINE_SORTING_KEY a\nENGINE_SUMMING_COLUMNS b, `c`',
      'ENGINE = SummingMergeTree((`b`, `c`)) ORDER BY (a) SETTINGS DURABLE',
    ],
    [
      'ENGINE VersionedCollapsingMergeTree\nENGINE_SIGN a\nENGINE_VERSION b',
      'ENGINE = VersionedCollapsingMergeTree(`a`, `b`) ORDER BY tuple() SETTINGS DURABLE',
    ],
    [
      'ENGINE Join\nENGINE_JOIN_STRICTNESS ANY\nENGINE_JOIN_TYPE LEFT\nENGINE_KEY_COLUMNS a',
      'ENGINE = Join(ANY, LEFT, `a`)',
    ],
  ])('know %j', (engine, expected) => {
    const project = { 'e.datasource': `SCHEMA >\n    a Int8, b UInt8, c UInt8\n${engine}\n` }
    const [table] = short(steps(emptyMap(), plan(emptyMap(), project)).create)
    expect(table?.slice(table.indexOf('ENGINE ='))).toBe(expected)
  })

  it('fill everything before any view is there, and move the old view away before the swap', () => {
    const { stage, promote } = steps(
      live,
      plan(live, edited('to_daily.pipe', 'FROM events', "FROM events WHERE path != ''")),
    )
    const pipe = (name: string): string =>
      `t${Number.parseInt(live.pipes[name]!.id.slice(2), 16).toString(16)}`
    const source = (name: string): string =>
      `t${Number.parseInt(live.dataSources[name]!.id.slice(2), 16).toString(16)}`
    expect(short(stage)).toEqual([
      `INSERT INTO ${source('daily')}_2 (\`day\`, \`hits\`) SELECT \`day\`, \`hits\` FROM ( SELECT to_daily )`,
      `INSERT INTO ${source('monthly')}_2 (\`month\`, \`hits\`) SELECT \`month\`, \`hits\` FROM ( SELECT to_monthly )`,
      `CREATE MATERIALIZED VIEW ${pipe('to_daily')}_2_view TO ${source('daily')}_2 (\`day\` Date, \`hits\` AggregateFunction(count)) AS SELECT to_daily`,
      `CREATE MATERIALIZED VIEW ${pipe('to_monthly')}_2_view TO ${source('monthly')}_2 (\`month\` Date, \`hits\` AggregateFunction(count)) AS SELECT to_monthly`,
    ])
    expect(short(promote).slice(0, 2)).toEqual([
      `DROP TABLE IF EXISTS ${pipe('to_daily')}_1_view SYNC`,
      `DROP TABLE IF EXISTS ${pipe('to_monthly')}_1_view SYNC`,
    ])
    expect(
      short(promote)
        .slice(2)
        .every((each) => each.includes('_1_forward TO ')),
    ).toBe(true)
  })

  it('alter in place, columns first and the TTL last, each with its undo', () => {
    const text = edited(
      'events.datasource',
      'path String `json:$.path`',
      "path String `json:$.path` DEFAULT '/',\n    who Nullable(String)",
    )
    const { stage, promote } = steps(
      live,
      plan(
        live,
        edited(
          'events.datasource',
          'ENGINE MergeTree',
          'TTL at + INTERVAL 1 DAY\nINDEXES >\n    i path TYPE minmax\nENGINE MergeTree',
          text,
        ),
      ),
    )
    expect(short(stage)).toEqual([
      'ALTER TABLE t1_1 ADD COLUMN IF NOT EXISTS `who` Nullable(String) AFTER `path`',
      'ALTER TABLE t1_1_quarantine ADD COLUMN IF NOT EXISTS `who` Nullable(String) AFTER `path`',
    ])
    expect(stage[0]?.undo.join()).toContain('DROP COLUMN IF EXISTS `who`')
    expect(short(promote)).toEqual([
      "ALTER TABLE t1_1 MODIFY COLUMN `path` String DEFAULT '/'",
      'ALTER TABLE t1_1 ADD INDEX IF NOT EXISTS `i` (path) TYPE minmax',
      'ALTER TABLE t1_1 MODIFY TTL at + INTERVAL 1 DAY',
    ])
    expect(promote.at(-1)?.undo.at(-1)).toContain('REMOVE TTL')
  })
})

describe('a FORWARD_QUERY', () => {
  const file = (query: string) => {
    const [parsedFile] = parsed({
      'events.datasource': `${PROJECT['events.datasource']!}FORWARD_QUERY >\n    ${query}\n`,
    })
    if (parsedFile?.kind !== 'datasource') throw new Error('no data source')
    return parsedFile
  }
  it.each([
    ['at, path', 'SELECT at, path FROM `db`.`t`'],
    ['SELECT at -- why', 'SELECT at FROM `db`.`t`'],
    ['SELECT at FROM events WHERE at > 0', 'SELECT at FROM `db`.`t` AS `events` WHERE at > 0'],
  ])('written %j reads the live table', (query, expected) => {
    expect(forwardSelect(file('x'), file(query), '`db`.`t`', 'query')).toBe(expected)
  })
  it.each(['SELECT * FROM other', 'SELECT * FROM ws.events', "SELECT * FROM file('/etc/passwd')"])(
    'may not be %j',
    (query) => {
      expect(() => forwardSelect(file('x'), file(query), '`db`.`t`', 'query')).toThrow(
        ForwardQueryError,
      )
    },
  )
})

describe('SQL pieces of a data source', () => {
  it.each([
    [
      "a UInt8 DEFAULT 1\nENGINE_SORTING_KEY a) ENGINE = File('x'",
      'closes a bracket that is not open',
    ],
    ['a UInt8 DEFAULT 1 -- x', null],
    ['a UInt8\nENGINE_PARTITION_KEY (a', 'leaves a bracket open'],
    ['a UInt8\nENGINE_PARTITION_KEY a; DROP TABLE x', "holds a ';'"],
    ["a UInt8\nENGINE_TTL a + 1 TO DISK 'x'", 'ENGINE_TTL is not supported'],
    ['a UInt8\nENGINE_TTL toDate(a) + 1 DELETE WHERE a = 1', null],
    ['a UInt8 CODEC(ZSTD(1), Delta)', null],
    ['a UInt8 CODEC(file`/x`)', 'characters that are not allowed'],
  ])('%j: %s', (text, problem) => {
    const [file] = parsed({ 'e.datasource': `SCHEMA >\n    ${text}\n` })
    const problems = file?.kind === 'datasource' ? fragmentProblems(file).join() : ''
    if (problem === null) expect(problems).toBe('')
    else expect(problems).toContain(problem)
  })
})
