import { dataSourceListSchema, dataSourceSchema, pipeSchema } from '@sandpiper/contracts'
import { parseDatafile } from '@sandpiper/datafile'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  startDeploymentApi,
  type DeploymentApi,
  type Workspace,
} from '../../../test/start-deployment-api.ts'

let api: DeploymentApi
let workspace: Workspace

const EVENTS = `DESCRIPTION >
    Visits

SCHEMA >
    at DateTime64(3) \`json:$.at\`,
    id UInt64 \`json:$.meta.id\`,
    who Nullable(String) \`json:$.who\`,
    tags Array(String) \`json:$.tags[:]\` DEFAULT []

ENGINE "MergeTree"
ENGINE_PARTITION_KEY "toYYYYMM(at)"
ENGINE_SORTING_KEY "at, id"
`

const TOP = `NODE first
SQL >
    %
    SELECT id FROM events WHERE id = {{UInt64(id, 1, description='which')}}

NODE endpoint
SQL >
    SELECT id, count() AS c FROM first GROUP BY id

TYPE endpoint
`

const KAFKA =
  'TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS h:9092\nKAFKA_KEY {{ tb_secret("K") }}\nKAFKA_SECRET {{ tb_secret("S") }}\n'

beforeAll(async () => {
  api = await startDeploymentApi()
  workspace = await api.workspace()
  const files = { 'events.datasource': EVENTS, 'top.pipe': TOP, 'k.connection': KAFKA }
  expect(await workspace.project('/v1/build', files)).toMatchObject({ result: 'success' })
})
afterAll(() => api.stop())

const count = async (): Promise<unknown> =>
  (await workspace.rows('SELECT toString(count()) AS c FROM {events}'))[0]!['c']

describe('what is deployed', () => {
  it('is listed and shown with the members clients read', async () => {
    const list = await workspace.call('GET', '/v0/datasources/')
    expect(dataSourceListSchema.parse(list.body).datasources.map((each) => each.name)).toEqual([
      'events',
    ])
    const shown = dataSourceSchema.parse(
      (await workspace.call('GET', '/v0/datasources/events')).body,
    )
    expect(shown).toMatchObject({
      description: 'Visits',
      type: 'ndjson',
      engine: {
        engine: 'MergeTree',
        sorting_key: 'at, id',
        engine_partition_key: 'toYYYYMM(at)',
        primary_key: 'at, id',
      },
      statistics: { row_count: 0 },
    })
    expect(shown.columns[2]).toEqual({
      ...{ name: 'who', type: 'String', nullable: true, normalized_name: 'who' },
      ...{ codec: null, default_value: null, jsonpath: '$.who' },
    })
    const pipe = pipeSchema.parse((await workspace.call('GET', '/v0/pipes/top')).body)
    expect(pipe.endpoint).toBe(pipe.nodes[1]!.id)
    expect(pipe.nodes[1]).toMatchObject({
      params: [{ name: 'id', type: 'UInt64', default: 1, description: 'which' }],
      columns: [
        { name: 'id', type: 'UInt64' },
        { name: 'c', type: 'UInt64' },
      ],
    })
    expect((await workspace.call('GET', '/v1/pipes')).body).toMatchObject({
      pipes: [{ name: 'top' }],
    })
    const connector = await workspace.call('GET', '/v0/connectors')
    expect(connector.body).toMatchObject({
      connectors: [
        { name: 'k', service: 'kafka', settings: { KAFKA_BOOTSTRAP_SERVERS: 'h:9092' } },
      ],
    })
    expect(connector.text).not.toContain('tb_secret')
  })

  it.each([
    ['/v0/datasources/events.datasource', 'events.datasource', EVENTS],
    ['/v0/datasources/events?format=datasource', 'events.datasource', EVENTS],
    ['/v0/pipes/top.pipe', 'top.pipe', TOP],
    ['/v1/pipes/top.pipe', 'top.pipe', TOP],
    ['/v0/pipes/top?format=pipe', 'top.pipe', TOP],
    ['/v0/connectors/k.connection', 'k.connection', KAFKA],
  ])('gives its datafile at %s', async (path, filename, text) => {
    const answer = await workspace.call('GET', path)
    expect(answer.status).toBe(200)
    expect(parseDatafile(answer.text, { filename }).file).toEqual(
      parseDatafile(text, { filename }).file,
    )
  })

  it.each([
    ['GET', '/v0/datasources/nothing', 404],
    ['GET', '/v0/pipes/nothing', 404],
    ['GET', '/v0/connectors/nothing', 404],
    ['GET', '/v1/deployments/99', 404],
    ['GET', '/v1/deployments/x', 404],
    ['DELETE', '/v1/deployments/1', 409],
    ['POST', '/v1/build', 400],
    ['POST', '/v0/datasources?mode=append&name=nothing&format=csv', 404],
  ])('answers %s %s with %i and a reason', async (method, path, status) => {
    const answer = await workspace.call(method, path, method === 'POST' ? { body: 'x' } : {})
    expect(answer.status).toBe(status)
    expect(answer.body['error']).toMatch(/\w+ \w+/)
  })

  it('is not shown to a token without the right, nor whether it exists', async () => {
    const { value } = await api.deps.catalog.createToken({
      ...{
        workspaceId: workspace.id,
        name: 'none',
        origin: { type: 'C', resourceId: null } as const,
      },
      scopes: [],
    })
    for (const path of [
      '/v0/datasources/events',
      '/v0/datasources/nothing',
      '/v0/pipes/top',
      '/v1/deployments',
      '/v0/connectors',
    ]) {
      const response = await api.app.request(path, {
        headers: { Authorization: `Bearer ${value}` },
      })
      expect(response.status).toBe(403)
    }
    const list = await api.app.request('/v0/datasources', {
      headers: { Authorization: `Bearer ${value}` },
    })
    expect(await list.json()).toEqual({ datasources: [] })
    const append = await api.app.request('/v0/datasources?mode=append&name=events', {
      method: 'POST',
      body: 'x',
      headers: { Authorization: `Bearer ${value}` },
    })
    expect(append.status).toBe(403)
  })
})

describe('a dry run of a delete', () => {
  it('counts only for who may read every row: its conditions would read the rows of any other', async () => {
    const { id } = (await workspace.map()).dataSources['events']!
    const scope = (type: 'DATASOURCES:DROP' | 'DATASOURCES:READ', filter: string | null = null) =>
      ({ type, resource: id, filter, fixedParams: null }) as const
    const dryRun = async (...scopes: ReturnType<typeof scope>[]): Promise<unknown> => {
      const { value } = await api.deps.catalog.createToken({
        ...{ workspaceId: workspace.id, name: `t${Math.random()}`, scopes },
        origin: { type: 'C', resourceId: null },
      })
      const response = await api.app.request('/v0/datasources/events/delete', {
        ...{ method: 'POST', headers: { Authorization: `Bearer ${value}` } },
        body: new URLSearchParams({ delete_condition: 'id >= 0', dry_run: 'true' }),
      })
      return response.json()
    }
    const drop = scope('DATASOURCES:DROP')
    const refusal = { error: expect.stringContaining('DATASOURCES:READ') as string }
    expect(await dryRun(drop)).toMatchObject(refusal)
    expect(await dryRun(drop, scope('DATASOURCES:READ', 'id = 1'))).toMatchObject(refusal)
    expect(await dryRun(scope('DATASOURCES:READ'))).not.toHaveProperty('rows_to_be_deleted')
    expect(await dryRun(drop, scope('DATASOURCES:READ'))).toHaveProperty('rows_to_be_deleted')
  })
})

describe('a truncate', () => {
  it('takes away rows that were acknowledged before it and not loaded yet, and none that come after', async () => {
    for (let id = 1; id <= 20; id++) {
      await workspace.send('events', [{ at: '2026-11-21 10:00:00', meta: { id } }])
    }
    expect((await workspace.call('POST', '/v0/datasources/events/truncate')).status).toBe(205)
    await workspace.load('events', [{ at: '2026-11-21 10:00:00', meta: { id: 99 } }])
    expect(await workspace.rows('SELECT toString(id) AS id FROM {events}')).toEqual([{ id: '99' }])
  })

  it('leaves the quarantine', async () => {
    await workspace.load('events', [{ at: 'x', meta: { id: 1 } }])
    expect((await workspace.call('POST', '/v0/datasources/events/truncate')).status).toBe(205)
    expect(await count()).toBe('0')
    expect(await workspace.rows('SELECT toString(count()) AS c FROM {events_quarantine}')).toEqual([
      { c: '1' },
    ])
  })
})
