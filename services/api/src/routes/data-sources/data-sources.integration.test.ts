import { gzipSync } from 'node:zlib'

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

const KAFKA = 'TYPE kafka\nKAFKA_BOOTSTRAP_SERVERS h:9092\nKAFKA_SECRET {{ tb_secret("S") }}\n'

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
    ['POST', '/v0/datasources?name=events', 400],
    ['POST', '/v0/datasources?mode=replace&name=events', 400],
    ['POST', '/v0/datasources?mode=append', 400],
    ['POST', '/v0/datasources?mode=append&name=nothing&format=csv', 404],
    ['POST', '/v0/datasources?mode=append&name=events&format=parquet', 400],
    ['POST', '/v0/datasources?mode=append&name=events&url=http://x', 400],
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

describe('an append', () => {
  const path = '/v0/datasources?mode=append&name=events'

  it('of NDJSON takes good rows, quarantines bad ones and answers when they can be read', async () => {
    const before = Number(await count())
    const body =
      '{"at":"2026-11-21 10:00:00.123","meta":{"id":18446744073709551615},"tags":["a"]}\nnot json\n{"at":"x","meta":{"id":1}}\n'
    const answer = await workspace.call('POST', `${path}&format=ndjson`, { body })
    expect(answer.body).toMatchObject({
      successful_rows: 1,
      quarantined_rows: 2,
      quarantine_rows: 2,
      invalid_lines: 1,
      import_id: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
    })
    expect(Number(await count())).toBe(before + 1)
    expect(await workspace.rows('SELECT id, tags FROM {events} WHERE id > 1000')).toEqual([
      { id: '18446744073709551615', tags: ['a'] },
    ])
    expect(await workspace.rows('SELECT toString(count()) AS c FROM {events_quarantine}')).toEqual([
      { c: '2' },
    ])
  })

  it.each([
    ['with a header in another order', 'id,at\n7,2026-11-21 10:00:00\n8,2026-11-21 10:00:01\n'],
    [
      'in the order of the schema',
      '2026-11-21 10:00:00,7,,"[""x"",""y""]"\n2026-11-21 10:00:01,8,me,\n',
    ],
    [
      'with semicolons, CRLF and a byte order mark',
      '\uFEFFat;id\r\n2026-11-21 10:00:00;7\r\n2026-11-21 10:00:01;8\r\n',
    ],
  ])('of CSV %s takes every row', async (_, body) => {
    await workspace.call('POST', '/v0/datasources/events/truncate')
    const answer = await workspace.call('POST', `${path}&format=csv`, { body })
    expect(answer.body).toMatchObject({ successful_rows: 2, quarantined_rows: 0 })
    expect(await workspace.rows('SELECT id FROM {events} ORDER BY id')).toEqual([
      { id: '7' },
      { id: '8' },
    ])
  })

  it.each([
    ['csv', 'csv', Buffer.from('at,id\n2026-11-21 10:00:00,5\n')],
    ['csv', 'ndjson', Buffer.from('{"at":"2026-11-21 10:00:00","meta":{"id":5}}')],
    ['ndjson', 'ndjson', gzipSync('{"at":"2026-11-21 10:00:00","meta":{"id":5}}')],
  ])(
    'as a multipart file in the field %s with format %s is taken like a body',
    async (field, format, bytes) => {
      const form = new FormData()
      form.append(field, new Blob([new Uint8Array(bytes)]), 'file')
      const answer = await workspace.call('POST', `${path}&format=${format}`, { body: form })
      expect(answer.body).toMatchObject({ successful_rows: 1, quarantined_rows: 0 })
    },
  )

  it('whose body ends after a deployment carries the columns that are live then', async () => {
    const other = await api.workspace()
    await other.project('/v1/build', { 'events.datasource': EVENTS })
    let send: (chunk: string | null) => void = () => undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (chunk) => {
          if (chunk === null) controller.close()
          else controller.enqueue(Buffer.from(chunk))
        }
      },
    })
    const [first, second] = ['{"at":"2026-11-21 10:00:00",', '"city":"Ghent","meta":{"id":1}}\n']
    const headers = { 'Content-Length': String(first.length + second.length) }
    const init: RequestInit & { duplex: 'half' } = { body, duplex: 'half', headers }
    const answer = other.call('POST', `${path}&format=ndjson`, init)
    send(first)
    const wider = EVENTS.replace('who Nullable', 'city String `json:$.city`,\n    who Nullable')
    const built = await other.project('/v1/build', { 'events.datasource': wider })
    expect(built).toMatchObject({ result: 'success' })
    send(second)
    send(null)
    expect((await answer).body).toMatchObject({ successful_rows: 1 })
    expect(await other.rows('SELECT city FROM {events}')).toEqual([{ city: 'Ghent' }])
  })

  it('of tiny lines that would fill the memory with their refusals is 413', async () => {
    const body = '1\n'.repeat(1_000_000)
    expect((await workspace.call('POST', `${path}&format=ndjson`, { body })).status).toBe(413)
  })

  it('over the limit is 413, also when it only grows by unpacking', async () => {
    const large = Buffer.alloc(10_000_001, 32)
    expect(
      (await workspace.call('POST', `${path}&format=ndjson`, { body: new Uint8Array(large) }))
        .status,
    ).toBe(413)
    expect(
      (
        await workspace.call('POST', `${path}&format=ndjson`, {
          body: new Uint8Array(gzipSync(large)),
        })
      ).status,
    ).toBe(413)
  })

  it('that was acknowledged before a truncate does not show up after it', async () => {
    for (let id = 1; id <= 20; id++) {
      await workspace.send('events', [{ at: '2026-11-21 10:00:00', meta: { id } }])
    }
    expect((await workspace.call('POST', '/v0/datasources/events/truncate')).status).toBe(205)
    await workspace.load('events', [{ at: '2026-11-21 10:00:00', meta: { id: 99 } }])
    expect(await workspace.rows('SELECT toString(id) AS id FROM {events}')).toEqual([{ id: '99' }])
  })

  it('can be truncated away, while the quarantine stays', async () => {
    await workspace.call('POST', `${path}&format=csv`, { body: 'at,id\n2026-11-21 10:00:00,5\n' })
    expect((await workspace.call('POST', '/v0/datasources/events/truncate')).status).toBe(205)
    expect(await count()).toBe('0')
    expect(await workspace.rows('SELECT toString(count()) AS c FROM {events_quarantine}')).toEqual([
      { c: '2' },
    ])
  })
})
