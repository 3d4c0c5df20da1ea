// What is suggested for a node is deployed as it is, filled, and read: it must give what the node gives.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { deploy, type Project } from '../../test/deployed-project.ts'
import {
  startDeploymentApi,
  type DeploymentApi,
  type Workspace,
} from '../../test/start-deployment-api.ts'

const NODES: Readonly<Record<string, string>> = {
  plain: 'SELECT path, at, n FROM events WHERE n > 1 ORDER BY at LIMIT 5',
  counted:
    'SELECT toDate(at) AS day, path, count() AS c, sumIf(n, n > 2) AS s FROM events GROUP BY day, path ORDER BY c DESC',
  deeper:
    'SELECT path, maybe, quantileExact(0.5)(n) AS q, COUNT(DISTINCT user) AS u, max(n) FROM filtered GROUP BY path, maybe',
  whole: 'SELECT count(), any(path) AS p FROM events HAVING count() > 0',
  ratio: 'SELECT path, sum(n) / count() AS r FROM events GROUP BY path',
  twice: 'SELECT path, c FROM sums WHERE c > 1',
  template: '%\nSELECT path FROM events WHERE n > {{UInt32(n, 1)}}',
  sourceless: 'SELECT number AS n FROM numbers(10)',
}

const PROJECT: Project = {
  'events.datasource': `SCHEMA >
    at DateTime \`json:$.at\`,
    path LowCardinality(String) \`json:$.path\`,
    maybe Nullable(String) \`json:$.maybe\`,
    user UInt64 \`json:$.user\`,
    n UInt32 \`json:$.n\`

ENGINE MergeTree
ENGINE_SORTING_KEY path, at
`,
  ...Object.fromEntries(
    Object.entries(NODES).map(([name, sql]) => [
      `${name}.pipe`,
      `NODE filtered
SQL >
    SELECT *, n * 2 AS twice FROM events WHERE n != 7

NODE sums
SQL >
    SELECT path, count() AS c FROM events GROUP BY path

NODE out
SQL >
    ${sql.replaceAll('\n', '\n    ')}

TYPE endpoint
`,
    ]),
  ),
}

const ROWS = Array.from({ length: 30 }, (_, index) => ({
  ...{
    at: `2026-0${1 + (index % 3)}-15 10:00:00`,
    path: `/${index % 4}`,
    user: index % 7,
    n: index % 9,
  },
  ...(index % 5 === 0 ? {} : { maybe: `m${index % 2}` }),
}))

let api: DeploymentApi
let workspace: Workspace

beforeAll(async () => {
  api = await startDeploymentApi()
  workspace = await api.workspace()
  await deploy(workspace, PROJECT)
})
afterAll(() => api.stop())

interface Analysis {
  readonly analysis: {
    readonly datasource: {
      readonly name: string
      readonly engine: Readonly<Record<string, string>>
      readonly columns: readonly { readonly name: string; readonly type: string }[]
    }
    readonly endpoint_sql: string
  }
  readonly warnings: readonly string[]
  readonly datafiles: readonly { readonly filename: string; readonly text: string }[]
}

async function analyse(pipe: string, query = ''): Promise<Analysis> {
  const path = `/v0/pipes/${pipe}/nodes/out/analysis?include_datafile=true${query}`
  const { status, body, text } = await workspace.call('GET', path)
  expect([status, text.slice(0, 300)]).toEqual([200, expect.any(String)])
  return body as unknown as Analysis
}

async function rowsOf(sql: string): Promise<unknown[]> {
  const q = encodeURIComponent(`${sql} FORMAT JSON`)
  const { body, text } = await workspace.call('GET', `/v0/sql?q=${q}`)
  expect(text).toContain('"data"')
  return (body['data'] as Record<string, unknown>[]).map((row) => Object.values(row))
}

const sorted = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted()

test('the suggestion deploys as it is, and what reads it gives what the node gives, before and after rows came', async () => {
  const analyses = new Map<string, Analysis>()
  for (const name of ['plain', 'counted', 'deeper']) analyses.set(name, await analyse(name))
  await workspace.load('events', ROWS)
  const suggested = [...analyses.values()].flatMap(({ datafiles }) =>
    datafiles.map(({ filename, text }) => [filename, text] as const),
  )
  await deploy(workspace, { ...PROJECT, ...Object.fromEntries(suggested) })
  for (const more of [[], ROWS.slice(0, 13)]) {
    if (more.length > 0) await workspace.load('events', more)
    for (const [name, { analysis }] of analyses) {
      const node = (NODES[name] ?? '').replace(/ (ORDER|LIMIT) .*/, '')
      const direct = node.replace('filtered', '(SELECT * FROM events WHERE n != 7)')
      expect(sorted(await rowsOf(analysis.endpoint_sql))).toEqual(sorted(await rowsOf(direct)))
    }
  }
})

test('engine and keys are such that rows are merged where all that is grouped by is equal', async () => {
  const counted = await analyse('counted', '&datasource=per_day')
  expect(counted.analysis.datasource).toMatchObject({
    ...{ name: 'per_day', exists: false },
    engine: {
      ...{ engine: 'AggregatingMergeTree', sorting_key: 'day, path' },
      partition_key: 'toYYYYMM(day)',
    },
  })
  expect(counted.analysis.datasource.columns.map(({ type }) => type)).toEqual([
    ...['Date', 'LowCardinality(String)', 'AggregateFunction(count)'],
    'AggregateFunction(sumIf, UInt32, UInt8)',
  ])
  expect(counted.warnings).toEqual(['ORDER BY is left out: it belongs to the endpoint.'])
  const plain = await analyse('plain')
  expect(plain.analysis.datasource.engine).toMatchObject({
    ...{ engine: 'MergeTree', sorting_key: 'path, at', partition_key: 'toYYYYMM(at)' },
  })
  const deeper = await analyse('deeper')
  expect(deeper.analysis.datasource.engine['sorting_key']).toBe(
    'path, isNull(maybe), assumeNotNull(maybe)',
  )
})

test.each([
  ['whole', 'HAVING'],
  ['ratio', 'computes with aggregates'],
  ['twice', 'materialize sums instead'],
  ['template', 'has no parameters'],
  ['sourceless', 'data source'],
])('%s cannot be materialized, and is told why', async (pipe, why) => {
  const { status, body } = await workspace.call('GET', `/v0/pipes/${pipe}/nodes/out/analysis`)
  expect([status, body['error']]).toEqual([400, expect.stringContaining(why)])
  expect(body['error']).not.toMatch(/t_[0-9a-f]{32}|ws_/)
})

test('it fills a live data source only when that fits, and only an admin learns of it', async () => {
  const taken = '/v0/pipes/counted/nodes/out/analysis?datasource=events'
  expect((await workspace.call('GET', taken)).status).toBe(400)
  const missing = await workspace.call('GET', '/v0/pipes/counted/nodes/nothing/analysis')
  expect(missing.status).toBe(404)
  const reader = await api.deps.catalog.createToken({
    ...{ workspaceId: workspace.id, name: 'reader' },
    scopes: [{ type: 'WORKSPACE:READ_ALL', resource: null, filter: null, fixedParams: null }],
    origin: { type: 'C', resourceId: null },
  })
  const headers = { Authorization: `Bearer ${reader.value}` }
  const path = '/v0/pipes/counted/nodes/out/analysis'
  expect((await api.app.request(path, { headers })).status).toBe(403)
})
