import { SYSTEM_WORKSPACE_ID, tableName } from '@sandpiper/deployment'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startQueryApi, type QueryApi } from '../testing/start-query-api.ts'
import { ensureServiceDataSources } from './ensure-service-data-sources.ts'

const DATABASE = `ws_${SYSTEM_WORKSPACE_ID.replaceAll('-', '')}`
const OPS = `${DATABASE}.${tableName('t_00000000000000000000000000000001', 1)}`
const JOBS = `${DATABASE}.${tableName('t_00000000000000000000000000000004', 1)}`
const STRANGER = '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10'

/** Conditions that fail on a foreign row, with its value in the message. */
const LEAKS = [
  ['SELECT timestamp FROM tinybird.datasources_ops_log', 'datasource_name'],
  ['SELECT count() FROM tinybird.datasources_ops_log', 'datasource_name'],
  ['SELECT x.timestamp FROM tinybird.datasources_ops_log AS x', 'x.datasource_name'],
  ['SELECT * FROM (SELECT datasource_name FROM tinybird.datasources_ops_log)', 'datasource_name'],
  ['SELECT job_id FROM tinybird.jobs_log', 'job_id'],
] as const

let api: QueryApi

beforeAll(async () => {
  api = await startQueryApi({
    ops: [
      ['n0', 'SELECT * FROM tinybird.datasources_ops_log', 'standard'],
      ['n1', 'SELECT datasource_name FROM n0 ORDER BY datasource_name', 'endpoint'],
    ],
  })
  await ensureServiceDataSources(api.deps)
  const own = (name: string): string => `('${api.workspaceId}', now(), '${name}')`
  await command(
    `INSERT INTO ${OPS} (workspace_id, timestamp, datasource_name) VALUES ${own('mine')}, ${own('mine too')}, ('${STRANGER}', now(), 'FOREIGN')`,
  )
  const job = (status: string, version: number): string =>
    `('${api.workspaceId}', 'mine', '2026-11-01 00:00:00', '${status}', ${version})`
  const columns = '(workspace_id, job_id, created_at, status, version)'
  const foreign = `('${STRANGER}', 'FOREIGN', '2026-11-01 00:00:00', 'done', 1)`
  for (const row of [job('waiting', 1), job('done', 3), job('working', 2), foreign])
    await command(`INSERT INTO ${JOBS} ${columns} VALUES ${row}`)
})
afterAll(() => api.stop())

const command = (sql: string): Promise<void> => api.deps.clickhouse.command({ sql })

async function sql(
  text: string,
  token = api.adminToken,
): Promise<{ status: number; text: string }> {
  const answer = await api.call('/v0/sql', token, { method: 'POST', body: text })
  return { status: answer.status, text: await answer.text() }
}

describe('a service data source', () => {
  test('has exactly the columns it is documented with, and the rows of the caller only', async () => {
    const all = await sql(
      'SELECT * FROM tinybird.datasources_ops_log ORDER BY 4 FORMAT JSONEachRow',
    )
    const rows = all.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(rows.map((row) => row['datasource_name'])).toEqual(['mine', 'mine too'])
    expect(Object.keys(rows[0] ?? {})).not.toContain('workspace_id')
    expect(Object.keys(rows[0] ?? {}).slice(0, 2)).toEqual(['timestamp', 'event_type'])
  })

  test('lets no function meet values of another workspace that stand in the same dictionary', async () => {
    await command(
      `INSERT INTO ${OPS} (workspace_id, timestamp, event_type, datasource_name) VALUES ('${api.workspaceId}', now(), 'mine', 'of a type'), ('${STRANGER}', now(), 'FOREIGN', '')`,
    )
    const fixed = 'SELECT toFixedString(event_type, 4) AS type FROM tinybird.datasources_ops_log'
    const answer = await sql(`${fixed} WHERE datasource_name = 'of a type' FORMAT CSV`)
    await command(`DELETE FROM ${OPS} WHERE event_type != ''`)
    expect(answer).toEqual({ status: 200, text: '"mine"\n' })
  })

  test.each([
    'SELECT * FROM tinybird.datasources_ops_log',
    'SELECT * FROM `tinybird`.`datasources_ops_log` AS x',
    'SELECT * FROM "tinybird".datasources_ops_log FINAL',
    'WITH x AS (SELECT * FROM tinybird.datasources_ops_log) SELECT * FROM x',
    'WITH tinybird AS (SELECT 1) SELECT * FROM tinybird.datasources_ops_log',
    'SELECT * FROM events AS e CROSS JOIN tinybird.datasources_ops_log AS o',
    "SELECT concat('FOREIG', 'N') IN (SELECT datasource_name FROM tinybird.datasources_ops_log)",
    'SELECT datasource_name AS workspace_id FROM tinybird.datasources_ops_log WHERE workspace_id != 1 OR 1',
    'SELECT * FROM tinybird.datasources_ops_log AS tinybird WHERE 1 OR tinybird.rows = 1',
    'SELECT * FROM view(SELECT * FROM tinybird.datasources_ops_log)',
    'SELECT * FROM (SELECT * FROM tinybird.datasources_ops_log) UNION ALL SELECT * FROM tinybird.datasources_ops_log',
    `SELECT * FROM tinybird.datasources_ops_log, ${OPS}`,
    `SELECT * FROM ${OPS}`,
    "SELECT * FROM merge('.*', '.*')",
    `SELECT * FROM merge('${DATABASE}', '.*')`,
    'SELECT * FROM TINYBIRD.datasources_ops_log',
    'SELECT * FROM tinybird.DATASOURCES_OPS_LOG',
    'SELECT * FROM default.tinybird.datasources_ops_log',
    'SELECT * FROM tinybird.t_00000000000000000000000000000001_1',
    'SELECT 1 FROM tinybird.datasources_ops_log WHERE 1 IN (workspace_id)',
  ])('never shows rows of another workspace: %s', async (text) => {
    const answer = await sql(text)
    expect(answer.text).not.toContain('FOREIGN')
    expect(answer.text).not.toContain(STRANGER)
    expect([200, 400, 403]).toContain(answer.status)
  })

  test('shows no value of another workspace in an error either, whatever is pushed down to the table', async () => {
    for (const [select, name] of LEAKS) {
      const guess = `if(startsWith(${name}, 'mine'), 1, toUInt64(${name}))`
      for (const where of ['WHERE', 'PREWHERE', 'HAVING']) {
        const text = `${select} ${where} ${guess} > 0`
        const answer = await sql(text)
        expect(answer.text, text).not.toContain('FOREIGN')
      }
    }
  })

  test('counts and IN see the filter too', async () => {
    const counted = `SELECT count() AS n, countIf('FOREIGN' IN (SELECT datasource_name FROM tinybird.datasources_ops_log)) AS f FROM tinybird.datasources_ops_log FORMAT CSV`
    expect(await sql(counted)).toEqual({ status: 200, text: '2,0\n' })
  })

  test('can be read by a pipe, under the authority of the pipe', async () => {
    const token = await api.token({ type: 'PIPES:READ', resource: idOf('ops') })
    const answer = await api.call('/v0/pipes/ops.csv', token)
    expect(await answer.text()).toBe('"datasource_name"\n"mine"\n"mine too"\n')
  })

  test('is for admins and tokens with a scope for it', async () => {
    const query = 'SELECT count() FROM tinybird.datasources_ops_log FORMAT CSV'
    const scoped = await api.token({
      type: 'DATASOURCES:READ',
      resource: 'tinybird.datasources_ops_log',
    })
    const other = await api.token({ type: 'DATASOURCES:READ', resource: 'tinybird.block_log' })
    const filtered = await api.token({
      type: 'DATASOURCES:READ',
      resource: 'tinybird.datasources_ops_log',
      filter: '1',
    })
    expect(await sql(query, scoped)).toEqual({ status: 200, text: '2\n' })
    for (const token of [other, filtered]) expect((await sql(query, token)).status).toBe(403)
    // By no other answer does such a token learn what there is.
    expect((await sql(query.replace('datasources_ops', 'no_such'), other)).status).toBe(403)
  })

  test('that is not here says so', async () => {
    expect((await sql('SELECT * FROM tinybird.sinks_ops_log')).text).toContain('not supported yet')
    expect((await sql('SELECT * FROM tinybird.nope')).text).toContain("'tinybird.nope' not found")
    const organization = await sql('SELECT * FROM organization.pipe_stats')
    expect([organization.status, organization.text]).toEqual([
      400,
      expect.stringContaining('no organizations') as string,
    ])
  })

  test('works with what tb logs wraps it in', async () => {
    const text = `SELECT formatRowNoNewline('JSONEachRow', *) AS row FROM tinybird.datasources_ops_log WHERE timestamp > parseDateTimeBestEffort('2026-01-01T00:00:00Z') LIMIT 1`
    expect((await sql(text)).status).toBe(200)
  })

  test('jobs_log has one row per job: the newest', async () => {
    const text = 'SELECT job_id, status, workspace_id FROM tinybird.jobs_log FORMAT CSV'
    expect((await sql(text)).text).toBe(`"mine","done","${api.workspaceId}"\n`)
  })
})

describe('the tables', () => {
  test('are not touched when they are up to date', async () => {
    const said: string[] = []
    const { clickhouse, catalog } = api.deps
    const watched = {
      rows: clickhouse.rows.bind(clickhouse),
      command: (request: { sql: string }) => {
        said.push(request.sql)
        return clickhouse.command(request)
      },
    }
    await ensureServiceDataSources({ clickhouse: watched, catalog })
    expect(said).toEqual([])
  })

  test('get what a later version adds, and keep their rows', async () => {
    await command(`ALTER TABLE ${OPS} DROP COLUMN memory_usage`)
    await command(`DROP TABLE ${JOBS} SYNC`)
    await ensureServiceDataSources(api.deps, { keptDays: 7 })
    const answer = await sql(
      'SELECT sum(memory_usage), count(), (SELECT count() FROM tinybird.jobs_log) FROM tinybird.datasources_ops_log FORMAT CSV',
    )
    expect(answer.text).toBe('0,2,0\n')
    const [row] = await api.deps.clickhouse.rows<{ engine_full: string }>({
      sql: `SELECT engine_full FROM system.tables WHERE concat(database, '.', name) = '${OPS}'`,
    })
    expect(row?.engine_full).toContain('toIntervalDay(7)')
  })
})

function idOf(pipe: string): string {
  return `t_${Buffer.from(pipe).toString('hex').padEnd(32, '0').slice(0, 32)}`
}
