// Files in: append, replace, create and analyze over HTTP, and what is refused.
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { createTinybirdApi } from '@tinybirdco/sdk'
import { startSandpiper, type RunningSandpiper } from '@sandpiper/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  createCaller,
  deployProject,
  projectForm,
  type Answer,
  type Caller,
} from './support/http.ts'
import { IMPORT_PROJECT, ndjson } from './support/import-project.ts'

let product: RunningSandpiper
let admin: Caller
let files: Server
let filesUrl: string

beforeAll(async () => {
  product = await startSandpiper({
    bundled: process.env['SANDPIPER_TEST_SOURCES'] !== '1',
    env: {
      SANDPIPER_IMPORT_PRIVATE_HOSTS: '127.0.0.1',
      SANDPIPER_IMPORT_BYTES_MAX: '4000000',
      SANDPIPER_IMPORT_UNPACKED_BYTES_MAX: '100000000',
    },
  })
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
  await deployProject(admin, IMPORT_PROJECT)
  files = createServer((req, res) => {
    const isThere = req.url === '/rows.ndjson'
    res.writeHead(isThere ? 200 : 404).end(isThere ? ndjson(300, 3) : 'nothing')
  }).listen(0, '127.0.0.1')
  await once(files, 'listening')
  filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
})

afterAll(async () => {
  files.close()
  expect(await product.stop()).toBe(0)
})

const APPEND = '/v0/datasources?mode=append&name=events'
const REPLACE = '/v0/datasources?mode=replace&name=events'

/** Rows of events, those counted by day, and the days by month. */
async function counts(): Promise<[number, number, number]> {
  const [raw] = await admin.sql('SELECT toUInt32(count()) AS c FROM events')
  const [daily] = await admin.sql('SELECT toUInt32(countMerge(hits)) AS c FROM daily')
  const [months] = await admin.sql('SELECT toUInt32(uniqMerge(days)) AS c FROM months')
  return [Number(raw?.['c']), Number(daily?.['c']), Number(months?.['c'])]
}

function ok(answer: Answer): Record<string, unknown> {
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, ''])
  return answer.json as Record<string, unknown>
}

function form(field: string, bytes: string | Buffer, name: string): FormData {
  const data = new FormData()
  data.append(field, new Blob([new Uint8Array(Buffer.from(bytes))]), name)
  return data
}

describe('replacing all rows', () => {
  it('leaves the rows of the file and nothing else, in the views behind too', async () => {
    ok(await admin.post(`${APPEND}&format=ndjson`, ndjson(100, 5)))
    expect(await counts()).toEqual([100, 100, 5])
    const answer = ok(await admin.post(`${REPLACE}&format=ndjson`, ndjson(30, 2)))
    expect(answer).toMatchObject({ successful_rows: 30, quarantined_rows: 0, error: false })
    expect(await counts()).toEqual([30, 30, 2])
    const later = await admin.post('/v0/events?name=events&wait=true', ndjson(10, 4))
    expect(later.status).toBe(200)
    expect(await counts()).toEqual([40, 40, 4])
  })

  it('changes nothing when no row of the file is valid, or it has none', async () => {
    const before = await counts()
    for (const body of ['{"at":"x"}\n{"at":"y"}\n', '\n\n']) {
      const answer = await admin.post(`${REPLACE}&format=ndjson`, body)
      expect(answer.status).toBe(400)
      expect(answer.text).toContain('Nothing was replaced')
    }
    expect(await counts()).toEqual(before)
  })

  it('by no rows empties it when that is asked for', async () => {
    ok(await admin.post(`${REPLACE}&format=ndjson&replace_truncate_when_empty=true`, '\n'))
    expect(await counts()).toEqual([0, 0, 0])
  })
})

describe('replacing by a condition', () => {
  const replace = (condition: string, body: string, more = ''): Promise<Answer> =>
    admin.post(
      `${REPLACE}&format=ndjson&replace_condition=${encodeURIComponent(condition)}${more}`,
      body,
    )

  /** What the views should hold, computed from the rows. */
  const recomputed = async (): Promise<[number, number, number]> => {
    const [row] = await admin.sql(
      'SELECT toUInt32(count()) AS c, toUInt32(uniq(toDate(at))) AS days FROM events',
    )
    return [Number(row?.['c']), Number(row?.['c']), Number(row?.['days'])]
  }

  beforeAll(async () => {
    const september = ndjson(40, 4).replaceAll('2026-11', '2026-09')
    ok(await admin.post(`${REPLACE}&format=ndjson`, september + ndjson(60, 6)))
    expect(await counts()).toEqual([100, 100, 10])
  })

  it('changes the rows it is true for, takes of the file those it is true for, in the views too', async () => {
    const file = ndjson(10, 2) + ndjson(7, 1).replaceAll('2026-11', '2026-10')
    const answer = ok(await replace("toYYYYMM(at) = 202611 AND at < '2026-11-04'", file))
    expect(answer).toMatchObject({ error: false })
    // 40 of September, 30 of the 4th to 6th of November, 10 of the file; those of October do not match.
    expect(await counts()).toEqual([80, 80, 9])
    expect(await recomputed()).toEqual([80, 80, 9])
  })

  it('keeps what views remember of rows that are long gone in other partitions', async () => {
    expect((await admin.post('/v0/datasources/events/truncate')).status).toBe(205)
    ok(await replace('toYYYYMM(at) = 202611', ndjson(5, 1)))
    // September stays in the views although its rows are gone; November is what the file says.
    expect(await counts()).toEqual([5, 45, 5])
    ok(await admin.post(`${REPLACE}&format=ndjson`, ndjson(20, 2)))
    expect(await counts()).toEqual([20, 20, 2])
  })

  it('goes on taking events while and after', async () => {
    let sent = 0
    let isOver = false
    const sending = (async () => {
      while (!isOver) {
        const answer = await admin.post(
          '/v0/events?name=events',
          ndjson(3, 3).replaceAll('2026-11', '2026-12'),
        )
        expect(answer.status).toBe(202)
        sent += 3
      }
    })()
    for (let round = 0; round < 2; round += 1)
      ok(await replace('toYYYYMM(at) = 202611', ndjson(10 + round, 1)))
    isOver = true
    await sending
    ok(await admin.post(`${APPEND}&format=ndjson`, ndjson(1, 1).replaceAll('2026-11', '2026-12')))
    expect(await recomputed()).toEqual(await counts())
    expect((await counts())[0]).toBe(11 + sent + 1)
  })

  it('is refused for a view that cannot follow, unless it is to be left alone', async () => {
    ok(await admin.post(`${REPLACE}&format=ndjson`, ndjson(20, 2)))
    const project = {
      ...IMPORT_PROJECT,
      'people.datasource':
        'SCHEMA >\n    who Nullable(String),\n    hits UInt64\n\nENGINE SummingMergeTree\nENGINE_SORTING_KEY tuple()\n',
      'to_people.pipe':
        'NODE n\nSQL >\n    SELECT who, count() AS hits FROM events GROUP BY who\n\nTYPE materialized\nDATASOURCE people\n',
    }
    const deploy = (files: Record<string, string>): Promise<Answer> =>
      admin.post(
        '/v1/deploy?auto_promote=true&allow_destructive_operations=true',
        projectForm(files),
      )
    expect((await deploy(project)).json).toMatchObject({ result: 'success' })
    const refused = await replace('toYYYYMM(at) = 202611', ndjson(5, 1))
    expect(refused.status).toBe(400)
    expect(refused.text).toContain('people is made from these rows and cannot follow by partitions')
    expect(await counts()).toEqual([20, 20, 2])
    const answer = ok(
      await replace('toYYYYMM(at) = 202611', ndjson(5, 1), '&skip_incompatible_partition_key=true'),
    )
    expect(answer).toMatchObject({ skipped_materializations: ['people'] })
    expect(await counts()).toEqual([5, 5, 1])
    expect(await admin.sql('SELECT toUInt32(sum(hits)) AS c FROM people')).toEqual([{ c: 20 }])
    ok(await admin.post(`${APPEND}&format=ndjson`, ndjson(1, 1)))
    expect(await admin.sql('SELECT toUInt32(sum(hits)) AS c FROM people')).toEqual([{ c: 21 }])
    const { 'people.datasource': _, 'to_people.pipe': __, ...rest } = project
    expect((await deploy(rest)).json).toMatchObject({ result: 'success' })
  })

  it.each([
    ['at >', 'condition'],
    ['1) OR (1', 'closes a bracket'],
    ['at IN (SELECT at FROM daily)', 'not found'],
    ["file('/etc/passwd') != ''", 'condition'],
    ['nothing = 1', 'nothing'],
    ['1; DROP TABLE x', "';'"],
  ])('is refused when the condition is %s', async (condition, reason) => {
    const before = await counts()
    const answer = await replace(condition, ndjson(1, 1))
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(reason)])
    expect(await counts()).toEqual(before)
  })

  it('leaves no table behind', async () => {
    const { tables } = { tables: await admin.get('/v1/deployments') }
    const shown = (tables.json as { deployments: { status: string; live: boolean }[] }).deployments
    expect(shown.filter((each) => !each.live && each.status !== 'failed')).toEqual([])
  })
})

describe('an append', () => {
  const CSV =
    'id;at;who;tags\r\n7;2026-11-01 10:00:00;"a;b";"[""x"",""y""]"\r\n8;2026-11-02 10:00:00;;\r\n'
  const ROWS = [
    { id: 7, who: 'a;b', tags: ['x', 'y'] },
    { id: 8, who: null, tags: [] },
  ]

  it.each<[string, string, () => string | Buffer | FormData]>([
    ['csv', 'as the body', () => CSV],
    ['csv', 'in gzip', () => gzipSync(CSV)],
    ['csv', 'in a form', () => form('csv', CSV, 'rows.csv')],
    ['csv', 'in gzip in a form', () => form('file', gzipSync(CSV), 'rows.csv.gz')],
    [
      'csv',
      'with tabs',
      () => CSV.replaceAll('a;b', 'a,b').replaceAll(';', '\t').replaceAll('a,b', 'a;b'),
    ],
    [
      'csv',
      'without a header',
      () => '2026-11-01 10:00:00,7,a;b,"[""x"",""y""]"\n2026-11-02 10:00:00,8,,\n',
    ],
  ])('of %s %s takes every row', async (format, _, body) => {
    expect((await admin.post('/v0/datasources/events/truncate')).status).toBe(205)
    const answer = ok(await admin.post(`${APPEND}&format=${format}`, body()))
    expect(answer).toMatchObject({ successful_rows: 2, quarantined_rows: 0, invalid_lines: 0 })
    expect(await admin.sql('SELECT id, who, tags FROM events ORDER BY id')).toEqual(ROWS)
  })

  it('quarantines what is no row, says why, and tells of its blocks', async () => {
    const body = `${ndjson(2, 1)}not json\n{"at":"x","meta":{"id":1}}\n`
    const answer = ok(await admin.post(`${APPEND}&format=ndjson&debug=blocks,block_log`, body))
    expect(answer).toMatchObject({
      ...{ successful_rows: 2, quarantined_rows: 2, quarantine_rows: 2, invalid_lines: 1 },
      import_id: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
      error: expect.stringContaining('There are 2 rows in quarantine') as string,
      blocks: [expect.objectContaining({ rows: 2, quarantine: 2 })],
      block_log: [expect.objectContaining({ status: 'done' })],
    })
    const rows = await admin.sql("SELECT c__raw FROM events_quarantine WHERE c__raw = 'not json'")
    expect(rows).toHaveLength(1)
  })

  it('of Parquet, packed or not, goes by the paths of the columns', async () => {
    const source = ndjson(50, 2)
    ok(await admin.post(`${REPLACE}&format=ndjson`, source))
    const parquet = await fetch(
      `${product.url}/v0/sql?q=${encodeURIComponent("SELECT at, CAST(tuple(id), 'Tuple(id UInt64)') AS meta, who, tags FROM events FORMAT Parquet")}`,
      {
        headers: { Authorization: `Bearer ${product.tokens.workspace_admin_token}` },
      },
    )
    expect(parquet.status).toBe(200)
    const bytes = Buffer.from(await parquet.arrayBuffer())
    const before = await admin.sql('SELECT * FROM events ORDER BY id')
    for (const body of [bytes, gzipSync(bytes)]) {
      const answer = ok(await admin.post(`${REPLACE}&format=parquet`, body))
      expect(answer).toMatchObject({ successful_rows: 50, quarantined_rows: 0 })
      expect(await admin.sql('SELECT * FROM events ORDER BY id')).toEqual(before)
    }
  })

  it('from a URL is a job that can be followed', async () => {
    ok(await admin.post(`${REPLACE}&replace_truncate_when_empty=true`, '\n'))
    const body = new URLSearchParams({ url: `${filesUrl}/rows.ndjson` })
    const job = ok(await admin.post(`${APPEND}&format=ndjson`, body))
    expect(job).toMatchObject({ status: 'waiting', kind: 'import', id: job['job_id'] })
    const done = await ended(String(job['job_id']))
    expect(done).toMatchObject({
      status: 'done',
      successful_rows: 300,
      import_id: job['import_id'],
    })
    expect(await counts()).toEqual([300, 300, 3])
    const lost = ok(await admin.post(`${APPEND}&url=${encodeURIComponent(`${filesUrl}/no`)}`))
    expect(await ended(String(lost['job_id']))).toMatchObject({
      status: 'error',
      error: expect.stringContaining('404') as string,
    })
  })

  it('of a file is answered with its job at once when that is asked for, and the job does the rest', async () => {
    const [before] = await counts()
    const job = ok(await admin.post(`${APPEND}&format=ndjson&async=true`, ndjson(7, 1)))
    expect(job).toMatchObject({ status: 'waiting', kind: 'import', id: job['job_id'] })
    expect(await ended(String(job['job_id']))).toMatchObject({ status: 'done', successful_rows: 7 })
    expect((await counts())[0]).toBe(before + 7)
  })
})

describe('the SDK', () => {
  it('appends files and URLs and replaces by them', async () => {
    const api = createTinybirdApi({
      baseUrl: product.url,
      token: product.tokens.workspace_admin_token,
    })
    const folder = await mkdtemp(join(tmpdir(), 'sp-sdk-'))
    const [lines, table] = [join(folder, 'rows.ndjson'), join(folder, 'rows.csv')]
    await writeFile(lines, ndjson(5, 1))
    await writeFile(table, 'id;at;tags\n1;2026-11-01 10:00:00;\n2;2026-11-02 10:00:00;\n')
    const replaced = await api.appendDatasource('events', { file: lines }, {
      mode: 'replace',
    } as object)
    expect(replaced).toMatchObject({ successful_rows: 5, quarantined_rows: 0 })
    const appended = await api.appendDatasource('events', {
      ...{ file: table, csvDialect: { delimiter: ';', newLine: '\n' } },
    })
    expect(appended).toMatchObject({
      ...{ successful_rows: 2, quarantined_rows: 0 },
      import_id: expect.any(String) as string,
    })
    expect(await counts()).toEqual([7, 7, 2])
    const job = (await api.appendDatasource('events', { url: `${filesUrl}/rows.ndjson` })) as object
    expect(await ended((job as { job_id: string }).job_id)).toMatchObject({ status: 'done' })
    expect(await counts()).toEqual([307, 307, 3])
    await rm(folder, { recursive: true })
  })
})

async function ended(id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const job = ok(await admin.get(`/v0/jobs/${id}`))
    if (!['waiting', 'working'].includes(String(job['status']))) return job
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('creating', () => {
  it('from CSV names columns by the header, guesses their types and takes the rows', async () => {
    const csv = 'Order Id,price,paid,day\n1,2.5,true,2026-11-01\n70000,3,false,2026-11-02\n'
    const answer = ok(await admin.post('/v0/datasources?name=orders&format=csv', csv))
    expect(answer).toMatchObject({ successful_rows: 2, datasource: { name: 'orders' } })
    expect(await admin.sql('SELECT * FROM orders ORDER BY price')).toEqual([
      { Order_Id: 1, price: 2.5, paid: true, day: '2026-11-01' },
      { Order_Id: 70_000, price: 3, paid: false, day: '2026-11-02' },
    ])
    const again = await admin.post('/v0/datasources?name=orders&format=csv', csv)
    expect(again.status).toBe(409)
  })

  it('without a header numbers the columns, and without type guessing makes them texts', async () => {
    const path = '/v0/datasources?name=plain&type_guessing=false'
    ok(await admin.post(path, '1,2\n3,4\n'))
    expect(await admin.sql('SELECT * FROM plain ORDER BY column_1')).toEqual([
      { column_1: '1', column_2: '2' },
      { column_1: '3', column_2: '4' },
    ])
  })

  it('from NDJSON makes paths', async () => {
    const body =
      '{"a":{"b":1},"list":[1,2],"t":"2026-11-01 10:00:00"}\n{"a":{"b":2},"list":[],"t":"2026-11-01 10:00:01"}\n'
    ok(await admin.post('/v0/datasources?name=nested&format=ndjson', body))
    ok(
      await admin.post(
        '/v0/events?name=nested&wait=true',
        '{"a":{"b":3},"list":[5],"t":"2026-11-01 10:00:02"}',
      ),
    )
    expect(await admin.sql('SELECT a_b, list FROM nested ORDER BY a_b')).toEqual([
      { a_b: 1, list: [1, 2] },
      { a_b: 2, list: [] },
      { a_b: 3, list: [5] },
    ])
  })

  it('from a schema and engine parameters makes an empty one, which events reach', async () => {
    const params = new URLSearchParams({
      ...{ name: 'typed', schema: 'id Int32 `json:$.id`, at DateTime `json:$.at`' },
      ...{ engine: 'ReplacingMergeTree', engine_sorting_key: 'id', engine_ver: 'at' },
    })
    ok(await admin.post('/v0/datasources', params))
    const details = ok(await admin.get('/v0/datasources/typed'))
    expect(details).toMatchObject({
      engine: { engine: 'ReplacingMergeTree', engine_sorting_key: 'id' },
    })
  })

  it('without a name takes one of its own', async () => {
    const answer = ok(await admin.post('/v0/datasources', 'a,b\n1,2\n'))
    expect(answer).toMatchObject({
      datasource: { name: expect.stringMatching(/^ds_\w+$/) as string },
    })
  })
})

describe('analyze', () => {
  it('says paths, types and how often each is there, with a schema that can be deployed', async () => {
    const body = '{"a":1,"b":{"c":["x","y"]}}\n{"a":300000,"d":null}\n'
    const answer = ok(await admin.post('/v0/analyze?format=ndjson', body))
    expect(answer).toMatchObject({
      analysis: {
        columns: [
          { path: '$.a', recommended_type: 'Int32', present_pct: 1, name: 'a' },
          { path: '$.b.c[:]', recommended_type: 'Array(String)', present_pct: 1, name: 'b_c' },
          { path: '$.d', recommended_type: 'String', present_pct: 0, name: 'd' },
        ],
        schema:
          'a Int32 `json:$.a`, b_c Array(String) `json:$.b.c[:]` DEFAULT [], d Nullable(String) `json:$.d`',
      },
      preview: { rows: 2, data: [{ a: 1, b_c: ['x', 'y'] }, { a: 300_000 }] },
    })
  })
})

describe('keys that are no names', () => {
  it('become columns where a path can name them, and are named where not; the schema takes the very rows', async () => {
    const body = `${JSON.stringify({ 'Order Id': 7, "it's": 'a', 'x"y': [1], 'a.b': 1, 'c`d': 2 })}\n`
    const { analysis } = ok(await admin.post('/v0/analyze?format=ndjson', body)) as {
      analysis: { schema: string; columns: { path: string }[]; left_out: string[] }
    }
    expect(analysis.columns.map(({ path }) => path)).toEqual(['$.Order Id', "$.it's", '$.x"y[:]'])
    expect(analysis.left_out).toEqual(['$.a.b', '$.c`d'])
    const schema = encodeURIComponent(analysis.schema)
    ok(await admin.post(`/v0/datasources?name=odd_keys&format=ndjson&schema=${schema}`, ''))
    ok(await admin.post('/v0/events?name=odd_keys&wait=true', body))
    expect(await admin.sql('SELECT * FROM odd_keys')).toEqual([
      { Order_Id: 7, it_s: 'a', x_y: [1] },
    ])
  })
})

describe('refused', () => {
  let app: Caller
  beforeAll(async () => {
    const list = ok(await admin.get('/v0/tokens')) as { tokens: { name: string; token: string }[] }
    app = createCaller(product.url, list.tokens.find((each) => each.name === 'app')!.token)
  })

  it.each([
    ['/v0/datasources?mode=replace&name=events&format=ndjson', 403],
    ['/v0/datasources?name=mine', 403],
    ['/v0/datasources?mode=append&name=daily', 403],
    ['/v0/datasources?mode=append&name=nothing', 403],
    ['/v0/analyze', 403],
  ])('is %s to a token that only appends, with %i', async (path, status) => {
    expect((await app.post(path, 'a,b\n1,2\n')).status).toBe(status)
    expect((await app.post(`${APPEND}&format=ndjson`, ndjson(1, 1))).status).toBe(200)
  })

  it.each([
    ['/v0/datasources?mode=append', 400],
    ['/v0/datasources?mode=append&name=nothing', 404],
    ['/v0/datasources?mode=upsert&name=events', 400],
    ['/v0/datasources?mode=append&name=events&format=avro', 400],
    ['/v0/datasources?name=1x', 400],
    ['/v0/datasources?name=x&schema=a', 400],
    ['/v0/datasources?name=x&schema=a+Nothing1', 400],
    ['/v0/datasources?name=x&schema=a+String&engine=Log', 400],
    ['/v0/datasources?mode=append&name=events&format=parquet', 400],
    ['/v0/datasources?mode=append&name=events&dialect_delimiter=ab', 400],
    ['/v0/datasources?mode=append&name=events&replace_condition=1', 400],
  ])('is %s with %i and a reason', async (path, status) => {
    const answer = await admin.post(path, 'x,y\n1,2\n')
    expect([answer.status, answer.text]).toEqual([
      status,
      expect.stringMatching(/"error":".*\w+ \w+/),
    ])
  })

  it('is a file over the limit, one that unpacks to too much, one packed twice and broken gzip', async () => {
    expect((await admin.post(APPEND, Buffer.alloc(4_000_001, 'a'))).status).toBe(413)
    expect((await admin.post(APPEND, form('csv', Buffer.alloc(4_000_001, 'a'), 'x'))).status).toBe(
      413,
    )
    expect((await admin.post(APPEND, gzipSync(Buffer.alloc(110_000_000)))).status).toBe(413)
    expect((await admin.post(APPEND, gzipSync(gzipSync('a,b\n')))).status).toBe(400)
    expect((await admin.post(APPEND, gzipSync(ndjson(100, 1)).subarray(0, 500))).status).toBe(400)
  })

  it('is a URL with a private address that is not listed', async () => {
    const answer = ok(
      await admin.post(`${APPEND}&url=${encodeURIComponent('http://169.254.169.254/x')}`),
    )
    expect(await ended(String(answer['job_id']))).toMatchObject({ status: 'error' })
  })
})
