import { deflateSync, brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mapOf, startIngest, type TestIngest } from '../../testing/start-ingest.ts'

let ingest: TestIngest
beforeAll(async () => {
  ingest = await startIngest()
})
afterAll(() => ingest.stop())

/** The rows of the frames that `act` made. */
async function stored(
  act: () => Promise<unknown>,
): Promise<{ rows: string[]; refused: Record<string, unknown>[] }> {
  const before = ingest.log.durable()
  await act()
  const frames = await ingest.framesAfter(before)
  const lines = (bytes: Buffer): string[] => bytes.toString().split('\n').slice(0, -1)
  return {
    rows: frames.flatMap((frame) => lines(frame.rows)),
    refused: frames
      .flatMap((frame) => lines(frame.refused))
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

test('an acknowledged event is in the log, with who sent it and when, and its values as they came', async () => {
  const before = ingest.log.durable()
  const { status, body, headers } = await ingest.post(
    'name=events',
    '{"n": 1, "big": 18446744073709551615, "s": "é", "x": 0}',
  )
  expect({ status, body }).toEqual({
    status: 202,
    body: { successful_rows: 1, quarantined_rows: 0 },
  })
  const [frame] = await ingest.framesAfter(before)
  expect(frame).toMatchObject({
    workspaceId: ingest.workspaceId,
    dataSourceId: ingest.eventsId,
    schemaVersion: 1,
    requestId: headers.get('X-Request-Id'),
    idempotencyHash: null,
    rowCount: 1,
    refusedCount: 0,
  })
  expect(frame?.rows.toString()).toBe('{"n":1,"s":"é","big":18446744073709551615}\n')
  expect(Math.abs((frame?.arrivedAtMs ?? 0) - Date.now())).toBeLessThan(60_000)
})

test('malformed, mistyped and incomplete lines among good ones are quarantined with their reasons', async () => {
  const lines = ['{"n":1}', 'nope', '{"n":"x"}', '{"s":"no n"}', '{"n":2}']
  const found = await stored(async () => {
    const { status, body } = await ingest.post('name=events', lines.join('\n'))
    expect({ status, body }).toEqual({
      status: 202,
      body: { successful_rows: 2, quarantined_rows: 3 },
    })
  })
  expect(found.rows).toEqual(['{"n":1}', '{"n":2}'])
  expect(found.refused.map((row) => [row['c__raw'], row['c__error']])).toEqual([
    ['nope', ['not valid JSON: unexpected "n"']],
    ['{"n":"x"}', ["value 'x' on column 'n' is not Int32"]],
    ['{"s":"no n"}', ["value is missing on column 'n' (Int32): no $.n, not Nullable, no DEFAULT"]],
  ])
})

test('rows that are all refused, but are JSON, are accepted into quarantine', async () => {
  const { status, body } = await ingest.post('name=events', '{"n":"x"}')
  expect({ status, body }).toEqual({
    status: 202,
    body: { successful_rows: 0, quarantined_rows: 1 },
  })
})

test('bytes that are not UTF-8 cost their own row', async () => {
  const body = Buffer.concat([
    Buffer.from('{"n":1}\n{"n":2,"s":"'),
    Buffer.from([0xff]),
    Buffer.from('"}\n'),
  ])
  expect((await ingest.post('name=events', body)).body).toEqual({
    successful_rows: 1,
    quarantined_rows: 1,
  })
})

test.each([
  ['by id', () => ingest.post(`name=${ingest.eventsId}`, '{"n":1}')],
  [
    'with the token in the query',
    () => ingest.post(`name=events&token=${ingest.tokens.append}`, '{"n":1}', { token: null }),
  ],
  [
    'with an admin token',
    () => ingest.post('name=events', '{"n":1}', { token: ingest.tokens.admin }),
  ],
  [
    'with a DATASOURCES:CREATE token',
    () => ingest.post('name=events', '{"n":1}', { token: ingest.tokens.create }),
  ],
  [
    'with any Content-Type',
    () =>
      ingest.post('name=events', '{"n":1}', {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      }),
  ],
  [
    'with parameters clients add',
    () => ingest.post('name=events&from=ts-sdk&cli_version=1&__tb__semver=2&wait=false', '{"n":1}'),
  ],
  ['to a numbered deployment', () => ingest.post('name=events&__tb__deployment=1', '{"n":1}')],
  [
    'gzip',
    () =>
      ingest.post('name=events', gzipSync('{"n":1}'), { headers: { 'Content-Encoding': 'gzip' } }),
  ],
  [
    'deflate',
    () =>
      ingest.post('name=events', deflateSync('{"n":1}'), {
        headers: { 'Content-Encoding': 'deflate' },
      }),
  ],
  [
    'br',
    () =>
      ingest.post('name=events', brotliCompressSync('{"n":1}'), {
        headers: { 'Content-Encoding': 'br' },
      }),
  ],
  ['as one JSON object over lines', () => ingest.post('name=events&format=json', '{\n"n":\n1}')],
  ['as a JSON array', () => ingest.post('name=events&format=json', '[\n{"n":1}\n]')],
])('events are accepted %s', async (_, send) => {
  const found = await stored(async () => {
    const { status, body } = await send()
    expect({ status, body }).toEqual({
      status: 202,
      body: { successful_rows: 1, quarantined_rows: 0 },
    })
  })
  expect(found.rows.map((row) => JSON.parse(row) as unknown)).toEqual([{ n: 1 }])
})

test('the trailing slash is tolerated', async () => {
  const response = await ingest.app.request(
    `/v0/events/?name=events&token=${ingest.tokens.append}`,
    { method: 'POST', body: '{"n":1}' },
  )
  expect(response.status).toBe(202)
})

test('a page of any origin may ask first and read the answer', async () => {
  const asked = await ingest.app.request('/v0/events?name=events', {
    method: 'OPTIONS',
    headers: {
      Origin: 'https://shop.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  })
  expect(asked.status).toBe(204)
  expect(Object.fromEntries(asked.headers)).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'authorization,content-type',
  })
  for (const answer of [
    await ingest.post('name=events', '{"n":1}'),
    await ingest.post('name=events', ''),
  ]) {
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  }
})

test('a staged deployment takes events of those who ask for it, and everybody after its promotion', async () => {
  const { catalog, workspaceId, eventsId } = ingest
  const column = {
    name: 'extra',
    type: 'Nullable(Int8)',
    jsonPath: '$.extra',
    default: null,
    codec: null,
  }
  const map = mapOf(eventsId, 2, [column])
  const { number } = await catalog.createDeployment({
    workspaceId,
    kind: 'deploy',
    map,
    plan: null,
    feedback: [],
  })
  await catalog.updateDeployment(workspaceId, number, { status: 'data_ready' })
  const staged = 'name=events&__tb__deployment=staging'
  expect((await ingest.post(staged, '{"n":1,"extra":2}')).status).toBe(503)
  const columns = map.dataSources['events']!.file.columns
  await catalog.putSchemas([
    { dataSourceId: eventsId, version: 2, workspaceId, generation: 1, columns },
  ])

  const found = await stored(async () => {
    await ingest.post('name=events', '{"n":1,"extra":2}')
    await ingest.post(staged, '{"n":1,"extra":2}')
    await catalog.promote(workspaceId, number)
    await ingest.post('name=events', '{"n":1,"extra":2}')
  })
  expect(found.rows).toEqual(['{"n":1}', '{"n":1,"extra":2}', '{"n":1,"extra":2}'])
})
