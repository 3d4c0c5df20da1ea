// Requests as rows of `tinybird.pipe_stats_rt`, `pipe_stats` and `endpoint_errors`: what is written, for whom, and what never is.
import { SYSTEM_WORKSPACE_ID, tableName } from '@sandpiper/deployment'
import { createOpsRows, NO_OPS, type OpsRow, type RequestOp } from '@sandpiper/telemetry'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { pipeId, startQueryApi, type QueryApi } from '../testing/start-query-api.ts'
import { ensureServiceDataSources } from './ensure-service-data-sources.ts'

const DATABASE = `ws_${SYSTEM_WORKSPACE_ID.replaceAll('-', '')}`
const STRANGER = '0b9d2a52-6c7e-4c38-9f0e-5f2f6f3f6a10'
const IDS: Partial<Record<OpsRow['table'], string>> = {
  pipe_stats_rt: 't_00000000000000000000000000000005',
  endpoint_errors: 't_00000000000000000000000000000008',
}

let api: QueryApi
let noted: RequestOp[] = []

beforeAll(async () => {
  api = await startQueryApi(
    {
      named: [
        ['n0', "%\nSELECT n FROM events WHERE name = {{String(name, 'a')}} LIMIT 5", 'endpoint'],
      ],
      typed: [['n0', '%\nSELECT {{Int32(n)}} AS n', 'endpoint']],
      broken: [['n0', 'SELECT nope FROM events', 'endpoint']],
      large: [['n0', "SELECT number, repeat('x', 100) AS t FROM numbers(30000)", 'endpoint']],
      late: [
        [
          'n0',
          "SELECT number, repeat('x', 30) AS t, intDiv(1, 300000 - toInt64(number)) AS d FROM numbers(400000)",
          'endpoint',
        ],
      ],
      stats: [['n0', 'SELECT count() AS c FROM tinybird.pipe_stats_rt', 'endpoint']],
    },
    {},
    { ops: { ...NO_OPS, request: (row) => noted.push(row) } },
  )
  await ensureServiceDataSources(api.deps)
})
afterAll(() => api.stop())
beforeEach(() => {
  noted = []
})

async function text(path: string, token: string | null, init?: RequestInit): Promise<string> {
  return (await api.call(path, token, init)).text()
}

describe('a request is noted', () => {
  test('with its id, token, parameters, time and cost', async () => {
    const answer = await api.call('/v0/pipes/named.json?name=a', api.adminToken, {
      headers: { 'User-Agent': 'me/1' },
    })
    await answer.text()
    expect(noted).toEqual([
      {
        workspaceId: api.workspaceId,
        startedAtMs: expect.any(Number) as number,
        durationSeconds: expect.any(Number) as number,
        ...{ pipeId: pipeId('named'), pipeName: 'named', parameters: { name: 'a' } },
        requestId: answer.headers.get('x-request-id'),
        tokenId: expect.any(String) as string,
        tokenName: expect.any(String) as string,
        ...{ method: 'GET', statusCode: 200, error: null, userAgent: 'me/1' },
        url: 'http://localhost/v0/pipes/named.json?name=a',
        ...{ readRows: 3, readBytes: expect.any(Number) as number, resultRows: 2 },
      },
    ])
  })

  test('to /v0/sql as query_api, its SQL among the parameters', async () => {
    await text('/v0/sql', api.adminToken, { method: 'POST', body: 'SELECT count() FROM events' })
    expect(noted).toMatchObject([
      { pipeId: 'query_api', pipeName: 'query_api', method: 'POST', statusCode: 200 },
    ])
    expect(noted[0]?.parameters).toMatchObject({ q: 'SELECT count() FROM events' })
  })

  test.each([
    ['/v0/pipes/typed.json?n=x', 400, 'Template Syntax Error'],
    ['/v0/pipes/broken.json', 400, 'nope'],
    ['/v0/pipes/named.xml', 400, 'json'],
    ['/v0/sql?q=SELECT+nope+FROM+events', 400, 'nope'],
  ])('that fails, with what the caller was told: %s', async (path, status, part) => {
    const body = JSON.parse(await text(path, api.adminToken)) as { error: string }
    expect(body.error).toContain(part)
    expect(noted).toMatchObject([{ statusCode: status, error: body.error }])
    expect(noted[0]?.error).not.toMatch(/ws_[0-9a-f]{8}|t_[0-9a-f]{8}/)
  })

  test('that a token of the workspace may not make', async () => {
    const token = await api.token({ type: 'PIPES:READ', resource: pipeId('typed') })
    await text('/v0/pipes/named.json', token)
    expect(noted).toMatchObject([{ pipeName: 'named', statusCode: 403, resultRows: 0 }])
  })

  test('when its last byte is out, with the cost of a long answer', async () => {
    const answer = await api.call('/v0/pipes/large.json', api.adminToken)
    expect(noted).toEqual([])
    await answer.text()
    await expect.poll(() => noted.length).toBe(1)
    expect(noted).toMatchObject([{ statusCode: 200, error: null, resultRows: 30_000 }])
    expect(noted[0]?.readRows).toBeGreaterThan(0)
  })

  test('that breaks off or is left in the middle, as failed', async () => {
    await expect(text('/v0/pipes/late.ndjson', api.adminToken)).rejects.toThrow()
    await expect.poll(() => noted.length).toBe(1)
    expect(noted).toMatchObject([{ statusCode: 500, pipeName: 'late' }])
    expect(noted[0]?.error).toContain('zero')
    const answer = await api.call('/v0/pipes/large.json', api.adminToken)
    await answer.body?.cancel()
    await expect.poll(() => noted.length).toBe(2)
    expect(noted[1]).toMatchObject({ statusCode: 499, pipeName: 'large' })
  })
})

describe('nothing is noted', () => {
  test.each([
    ['of a caller nobody knows', '/v0/pipes/named.json', 'p.e30.nope'],
    ['without a token', '/v0/pipes/named.json', null],
    ['of a name that is no pipe', '/v0/pipes/nosuch.json', 'admin'],
    ['of SQL that reads tinybird.*', '/v0/sql?q=SELECT+*+FROM+tinybird.pipe_stats_rt', 'admin'],
    [
      'of such SQL that fails',
      '/v0/sql?q=SELECT+intDiv(1,count()-count())+FROM+tinybird.block_log',
      'admin',
    ],
    ['of an endpoint that reads them', '/v0/pipes/stats.json', 'admin'],
  ])('%s', async (_, path, token) => {
    await text(path, token === 'admin' ? api.adminToken : token)
    expect(noted).toEqual([])
  })
})

describe('the rows', () => {
  test('are read from the service data sources, by day too, and never by another workspace', async () => {
    for (const path of ['named.json?name=a', 'named.json?name=b', 'broken.json', 'named.csv'])
      await text(`/v0/pipes/${path}`, api.adminToken)
    const foreign = noted.map((row) => ({ ...row, workspaceId: STRANGER, pipeName: 'FOREIGN' }))
    await store([...noted, ...foreign])
    const sql = (query: string): Promise<string> =>
      text('/v0/sql', api.adminToken, { method: 'POST', body: query })
    expect(
      await sql(
        "SELECT pipe_name, error, status_code, parameters['name'] FROM tinybird.pipe_stats_rt ORDER BY ALL FORMAT CSV",
      ),
    ).toBe('"broken",1,400,""\n"named",0,200,""\n"named",0,200,"a"\n"named",0,200,"b"\n')
    expect(
      await sql(
        `SELECT pipe_name, sum(view_count), sum(error_count), avgMerge(avg_duration_state) > 0,
           length(quantilesTimingMerge(0.9, 0.95, 0.99)(quantile_timing_state)), sum(read_rows_sum)
         FROM tinybird.pipe_stats WHERE date = today() GROUP BY pipe_name ORDER BY pipe_name FORMAT CSV`,
      ),
    ).toBe('"broken",1,1,1,3,0\n"named",3,0,1,3,6\n')
    // One row a day and pipe, of however many inserts.
    await store(noted)
    expect(await sql('SELECT view_count FROM tinybird.pipe_stats ORDER BY 1 FORMAT CSV')).toBe(
      '2\n6\n',
    )
    const errors = await sql('SELECT * FROM tinybird.endpoint_errors LIMIT 1')
    expect(JSON.parse(errors)).toMatchObject({
      data: [{ pipe_name: 'broken', status_code: 400, params: '{}', error: noted[2]?.error }],
    })
    for (const table of ['pipe_stats_rt', 'pipe_stats', 'endpoint_errors'])
      expect(await sql(`SELECT toString(tuple(*)) FROM tinybird.${table}`)).not.toContain('FOREIGN')
    const scoped = await api.token({ type: 'DATASOURCES:READ', resource: 'tinybird.pipe_stats' })
    const refused = await api.call('/v0/sql?q=SELECT+1+FROM+tinybird.pipe_stats_rt', scoped)
    expect(refused.status).toBe(403)
  })
})

/** As the writer stores them. */
async function store(rows: readonly RequestOp[]): Promise<void> {
  const lines = new Map<string, string[]>()
  const ops = createOpsRows(
    ({ table, json }) => lines.set(table, [...(lines.get(table) ?? []), json]),
    Date.now,
    () => false,
  )
  for (const row of rows) ops.request(row)
  for (const [table, json] of lines) {
    const id = IDS[table as OpsRow['table']] ?? ''
    await api.deps.clickhouse.command({
      sql: `INSERT INTO ${DATABASE}.${tableName(id, 1)} FORMAT JSONEachRow\n${json.join('\n')}\n`,
    })
  }
}
