// What the server tells each workspace about itself (`tinybird.*`), and whoever rules it about all of them (`/metrics`).
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { createCaller, deployProject, projectForm, type Caller } from './support/http.ts'

const SCRAPER = 'for-scrapers-only-0123456789'
const VISITS = `SCHEMA >
    \`page\` String \`json:$.page\`,
    \`ms\` Int32 \`json:$.ms\`
ENGINE "MergeTree"
ENGINE_SORTING_KEY "page"
`
const SLOWEST = `NODE out
SQL >
    SELECT datasource_name, sum(rows) AS rows FROM tinybird.datasources_ops_log WHERE event_type = 'append-hfi' GROUP BY datasource_name
TYPE endpoint
`
const COPIED = `NODE out
SQL >
    SELECT event_type AS page, toInt32(1) AS ms FROM tinybird.datasources_ops_log
TYPE materialized
DATASOURCE visits
`

let folder: string
let server: RunningSandpiper
let own: Caller
let other: Caller
let ownToken: string

async function start(): Promise<RunningSandpiper> {
  return startSandpiper({
    bundled: true,
    dataDir: join(folder, 'data'),
    env: { SANDPIPER_STORAGE_SECONDS: '1', SANDPIPER_METRICS_TOKEN: SCRAPER },
  })
}

async function workspace(name: string, source: string): Promise<{ token: string; caller: Caller }> {
  const admin = createCaller(server.url, server.tokens.admin_token)
  const made = await admin.post('/v1/workspaces', new URLSearchParams({ name }))
  const { token } = made.json as { token: string }
  const caller = createCaller(server.url, token)
  const files = { [`${source}.datasource`]: VISITS, 'slowest.pipe': SLOWEST }
  await deployProject(caller, files)
  return { token, caller }
}

/** Rows of one SELECT, once there are as many as wanted. */
function rowsOf(
  caller: Caller,
  query: string,
  count: number,
): Promise<readonly Record<string, unknown>[]> {
  return eventually(
    () => caller.sql(query),
    (rows) => rows.length >= count,
  )
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ops-'))
  server = await start()
  const made = await workspace('own', 'visits')
  ownToken = made.token
  own = made.caller
  other = (await workspace('other', 'foreign')).caller
  const body = '{"page":"/","ms":1}\n{"page":"/","ms":"soon"}\n{"page":"/b","ms":2}\n'
  expect((await own.post('/v0/events?name=visits&wait=true', body)).json).toEqual({
    successful_rows: 2,
    quarantined_rows: 1,
  })
  await other.post('/v0/events?name=foreign&wait=true', '{"page":"/","ms":9}')
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('service data sources', () => {
  test('tell what was appended and refused, by name, to the workspace it belongs to', async () => {
    const appended = `SELECT datasource_name, result, rows, rows_quarantine FROM tinybird.datasources_ops_log WHERE event_type = 'append-hfi'`
    expect(await rowsOf(own, appended, 1)).toEqual([
      { datasource_name: 'visits', result: 'ok', rows: 2, rows_quarantine: 1 },
    ])
    expect(await rowsOf(other, appended, 1)).toMatchObject([{ datasource_name: 'foreign' }])
    const blocks = 'SELECT datasource_name, status, quarantine_lines FROM tinybird.block_log'
    expect(await rowsOf(own, blocks, 1)).toMatchObject([{ datasource_name: 'visits' }])
  })

  test('tell what deployments made, and how much there is now', async () => {
    const made = `SELECT datasource_name FROM tinybird.datasources_ops_log WHERE event_type = 'create'`
    expect(await rowsOf(own, made, 1)).toEqual([{ datasource_name: 'visits' }])
    const latest = `SELECT rows, rows_quarantine, bytes > 0 AS some FROM tinybird.datasources_storage WHERE datasource_name = 'visits' AND rows = 2 AND rows_quarantine > 0 ORDER BY timestamp DESC LIMIT 1`
    expect(await rowsOf(own, latest, 1)).toEqual([{ rows: 2, rows_quarantine: 1, some: 1 }])
  })

  test('are read by endpoints and by the query of tb logs, and fill no materialized view', async () => {
    const answer = await eventually(
      () => own.get('/v0/pipes/slowest.csv'),
      ({ text }) => text.includes('visits'),
    )
    expect(answer.text).toBe('"datasource_name","rows"\n"visits",2\n')
    const logs = `SELECT formatRowNoNewline('JSONEachRow', *) AS data FROM tinybird.datasources_ops_log WHERE timestamp >= parseDateTimeBestEffort('2020-01-01T00:00:00Z') LIMIT 1`
    expect(await own.sql(logs)).toHaveLength(1)
    const files = { 'visits.datasource': VISITS, 'copied.pipe': COPIED }
    const refused = await own.post('/v1/deploy?auto_promote=true', projectForm(files))
    expect(refused.text).toContain(
      'A materialized pipe cannot read the service data source tinybird.datasources_ops_log',
    )
  })

  test('can be opened to a token one by one', async () => {
    const scope = 'DATASOURCES:READ:tinybird.block_log'
    const made = await own.post('/v0/tokens', new URLSearchParams({ name: 'blocks', scope }))
    const { token } = made.json as { token: string }
    const caller = createCaller(server.url, token)
    expect((await caller.post('/v0/sql', 'SELECT count() FROM tinybird.block_log')).status).toBe(
      200,
    )
    const log = await caller.post('/v0/sql', 'SELECT count() FROM tinybird.datasources_ops_log')
    expect(log.status).toBe(403)
    const unknown = new URLSearchParams({ name: 'x', scope: 'DATASOURCES:READ:tinybird.nope' })
    expect((await own.post('/v0/tokens', unknown)).status).toBe(400)
  })

  test('show in no list: not as a workspace, not as data sources', async () => {
    const admin = createCaller(server.url, server.tokens.admin_token)
    const texts = await Promise.all([
      admin.get('/v1/user/workspaces?with_environments=true'),
      admin.get('/v1/workspaces'),
      own.get('/v0/datasources'),
    ])
    for (const { text } of texts) expect(text).not.toMatch(/00000000-0000-4000|ops_log|system/)
    const direct = await admin.get('/v1/workspaces/00000000-0000-4000-8000-000000000001')
    expect(direct.status).toBe(404)
    const remove =
      '/v1/workspaces/00000000-0000-4000-8000-000000000001?hard_delete_confirmation=yes'
    expect((await admin.delete(remove)).status).toBe(404)
  })
})

describe('/metrics', () => {
  const scrape = (headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}/metrics`, { headers })

  test('is for whoever rules the server, scrapers with their token, and programs on this machine', async () => {
    const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await scrape(headers)).status
    expect(await status({})).toBe(200)
    expect(await status(bearer(server.tokens.admin_token))).toBe(200)
    expect(await status(bearer(SCRAPER))).toBe(200)
    for (const refused of [ownToken, `${SCRAPER}x`, 'x']) {
      expect(await status(bearer(refused)), refused).toBe(403)
    }
    // A page in a browser, and a stranger behind a proxy.
    expect(await status({ Origin: 'https://evil.example' })).toBe(403)
    expect(await status({ 'X-Forwarded-For': '203.0.113.9' })).toBe(403)
    const asked = await createCaller(server.url, SCRAPER).get('/v0/datasources')
    expect(asked.status).toBe(403)
  })

  test('answers what docs/specs/metrics.md names, each with a value, and no name that a user chose', async () => {
    await other.post('/v0/events?name=nothing_of_that_name', '{}')
    await own.get('/v0/pipes/no_such_pipe.json')
    const answer = await scrape()
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await answer.text()
    const { types, samples } = parseExposition(text)
    const spec = readFileSync(new URL('../docs/specs/metrics.md', import.meta.url), 'utf8')
    const documented = [...spec.matchAll(/^\| `(sandpiper_\w+)` \| (\w+) /gm)]
    expect([...types]).toEqual(documented.map(([, name, type]) => [name, type]))
    // Of writers alone, whose log is in Kafka.
    expect([...types.keys()].filter((name) => !samples.has(name))).toEqual([
      'sandpiper_writer_copied_frames_total',
      'sandpiper_writer_partitions',
    ])
    expect(text).not.toMatch(/visits|foreign|no_such_pipe|slowest|nothing_of_that_name/)
    expect(samples.get('sandpiper_up')).toEqual(['1', '1', '1', '1'])
    expect(Number(samples.get('sandpiper_ingest_rows_total')?.[0])).toBe(3)
    expect(Number(samples.get('sandpiper_ingest_quarantined_rows_total')?.[0])).toBe(1)
  })

  test('tells that a part died and came back', async () => {
    process.kill(server.children.engine, 'SIGKILL')
    const restarts = /sandpiper_process_restarts_total\{process="engine"\} 1\n/
    await eventually(
      async () => (await scrape()).text(),
      (text) => restarts.test(text) && /sandpiper_up\{process="engine"\} 1\n/.test(text),
    )
  })
})

test('a kill of everything loses no row of the product, and what is told goes on', async () => {
  const post = (page: string): Promise<unknown> =>
    own.post('/v0/events?name=visits', `{"page":"${page}","ms":3}`)
  for (let n = 0; n < 20; n += 1) await post(`/killed/${n}`)
  await server.kill9()
  server = await start()
  own = createCaller(server.url, ownToken)
  const killed = `SELECT page FROM visits WHERE startsWith(page, '/killed/')`
  expect(new Set((await rowsOf(own, killed, 20)).map((row) => row['page'])).size).toBe(20)
  expect(await own.sql(killed)).toHaveLength(20)
  const created = `SELECT 1 FROM tinybird.datasources_ops_log WHERE event_type = 'create'`
  expect(await own.sql(created)).toHaveLength(1)
  await post('/after')
  const since = `SELECT rows FROM tinybird.datasources_ops_log WHERE event_type = 'append-hfi'`
  await rowsOf(own, since, 2)
})

/** Families with their types, and the values of each; throws where the text is not what Prometheus reads. */
function parseExposition(text: string): {
  types: Map<string, string>
  samples: Map<string, string[]>
} {
  const types = new Map<string, string>()
  const samples = new Map<string, string[]>()
  const seen = new Set<string>()
  expect(text.endsWith('\n')).toBe(true)
  let family = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const head = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line)
    if (head?.[1] === 'HELP') {
      family = head[2] ?? ''
      expect(types.has(family), line).toBe(false)
      continue
    }
    if (head?.[1] === 'TYPE') {
      expect(head[2]).toBe(family)
      types.set(family, head[3] ?? '')
      continue
    }
    const sample = /^([a-z_]+)(\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? (\S+)$/.exec(line)
    const [, name = '', , value = ''] = sample ?? []
    const isOwn =
      types.get(family) === 'histogram'
        ? [`${family}_bucket`, `${family}_sum`, `${family}_count`].includes(name)
        : name === family
    expect(isOwn, line).toBe(true)
    expect(Number.isFinite(Number(value)), line).toBe(true)
    const key = line.slice(0, line.lastIndexOf(' '))
    expect(seen.has(key), line).toBe(false)
    seen.add(key)
    samples.set(family, [...(samples.get(family) ?? []), value])
  }
  return { types, samples }
}
