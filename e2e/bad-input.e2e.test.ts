// Bad input over HTTP: each is refused with its reason, and nothing else changes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCaller, projectForm, type Answer, type Caller } from './support/http.ts'
import { startProduct, type Product } from './support/product.ts'

const EVENTS = [
  'SCHEMA >',
  '    `at` DateTime `json:$.at`,',
  '    `name` String `json:$.name`,',
  '    `amount` Nullable(Int32) `json:$.amount`',
  'ENGINE "MergeTree"',
  'ENGINE_SORTING_KEY "at"',
].join('\n')
const COUNTED = [
  'SCHEMA >',
  '    `name` String,',
  '    `total` UInt64',
  'ENGINE "SummingMergeTree"',
  'ENGINE_SORTING_KEY "name"',
].join('\n')
const LATEST =
  'NODE n\nSQL >\n    SELECT name FROM events ORDER BY at DESC LIMIT 1\nTYPE endpoint\n'
const PROJECT = {
  'events.datasource': EVENTS,
  'counted.datasource': COUNTED,
  'latest.pipe': LATEST,
}
const GOOD = '{"at":"2026-01-15 10:00:00","name":"good","amount":1}'

let product: Product
let admin: Caller

beforeAll(async () => {
  product = await startProduct()
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
  const deployed = await deploy(PROJECT)
  expect(deployed.json, deployed.text).toMatchObject({ result: 'success' })
})
afterAll(() => product.stop())

describe('unknown things', () => {
  test('data source', async () => {
    refused(await admin.post('/v0/events?name=nowhere', GOOD), 404, /nowhere/)
    refused(await admin.get('/v0/datasources/nowhere'), 404, /nowhere/)
    refused(await admin.post('/v0/sql', 'SELECT * FROM nowhere'), 400, /nowhere/)
  })

  test('pipe', async () => {
    refused(await admin.get('/v0/pipes/nowhere.json'), 404, /nowhere/)
  })

  test('token: 403 everywhere, and no word about what exists', async () => {
    const stranger = createCaller(product.url, 'p.eyJ1IjoiYSJ9.bm90IGEgdG9rZW4')
    for (const answer of [
      await stranger.post('/v0/events?name=events', GOOD),
      await stranger.post('/v0/events?name=nowhere', GOOD),
      await stranger.get('/v0/pipes/latest.json'),
      await stranger.get('/v0/pipes/nowhere.json'),
      await stranger.post('/v0/sql', 'SELECT 1'),
      await stranger.get('/v0/datasources'),
      await stranger.post('/v1/deploy', projectForm({})),
    ]) {
      expect(answer.status).toBe(403)
      expect(answer.text).not.toMatch(/latest|nowhere/)
    }
  })

  test('no token at all', async () => {
    const nobody = createCaller(product.url, '')
    refused(await nobody.get('/v0/pipes/latest.json'), 403, /./)
    refused(await nobody.post('/v0/events?name=events', GOOD), 403, /./)
  })

  test('workspace: one that was removed', async () => {
    const user = createCaller(product.url, product.tokens.user_token)
    const made = await user.post('/v1/workspaces', new URLSearchParams({ name: 'short_lived' }))
    const { id, token } = made.json as { id: string; token: string }
    const inside = createCaller(product.url, token)
    expect((await inside.get('/v1/workspace')).status).toBe(200)
    const path = `/v1/workspaces/${id}?hard_delete_confirmation=yes`
    const removed = await user.delete(path)
    expect(removed.status, removed.text).toBeLessThan(300)
    refused(await inside.get('/v1/workspace'), 403, /./)
    refused(await user.delete(path), 404, /./)
  })

  test('path and method', async () => {
    refused(await admin.get('/v0/nothing'), 404, /nothing/)
    expect((await admin.delete('/v0/events')).status).toBeGreaterThanOrEqual(404)
  })
})

describe('rows', () => {
  const bad = [
    ['malformed JSON', '{"at":"2026-01-15 10:00:00","name":', /JSON/i],
    ['a wrong type', '{"at":"2026-01-15 10:00:00","name":"x","amount":"many"}', /amount/],
    ['a missing required column', '{"name":"x","amount":1}', /at/],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), /./],
  ] as const

  test.each(bad)(
    '%s among good lines goes to quarantine with its reason',
    async (_, line, reason) => {
      const before = await counts()
      const body = Buffer.concat([
        Buffer.from(`${GOOD}\n`),
        Buffer.from(line),
        Buffer.from(`\n${GOOD}`),
      ])
      const answer = await admin.post('/v0/events?name=events&wait=true', body)
      expect(answer, answer.text).toMatchObject({
        status: 200,
        json: { successful_rows: 2, quarantined_rows: 1 },
      })
      const after = await counts()
      expect(after).toEqual({ rows: before.rows + 2, quarantined: before.quarantined + 1 })
      const reasons = await admin.sql(
        'SELECT arrayStringConcat(c__error_column) AS columns, arrayStringConcat(c__error) AS errors FROM events_quarantine',
      )
      expect(reasons.map((row) => JSON.stringify(row)).join('\n')).toMatch(reason)
    },
  )

  test('a body without any JSON is a bad request, and nothing is written', async () => {
    const before = await counts()
    refused(await admin.post('/v0/events?name=events&wait=true', 'at=1\nat=2'), 400, /JSON/i)
    expect(await counts()).toEqual(before)
  })

  test('an empty body', async () => {
    refused(await admin.post('/v0/events?name=events', ''), 400, /empty|no rows|body/i)
  })

  test('a missing name', async () => {
    refused(await admin.post('/v0/events', GOOD), 400, /name/)
  })

  test('a body over the limit', async () => {
    const before = await counts()
    const body = `${GOOD}\n`.repeat(Math.ceil((101 * 1024 * 1024) / GOOD.length))
    refused(await admin.post('/v0/events?name=events', body), 413, /large|limit|bytes/i)
    expect(await counts()).toEqual(before)
  })
})

describe('deployments change nothing when they are refused', () => {
  test('a datafile with a syntax error is named with file and line', async () => {
    const broken = EVENTS.replace('ENGINE_SORTING_KEY', 'ENGINE_SORTED_BY')
    await refusedProject({ ...PROJECT, 'new.datasource': COUNTED, 'broken.datasource': broken }, [
      /broken\.datasource/,
      /\b6\b/,
      /ENGINE_SORTED_BY/,
    ])
  })

  test('a view that does not match its target names the column', async () => {
    const pipe =
      'NODE fold\nSQL >\n    SELECT name, count() AS how_many FROM events GROUP BY name\nTYPE materialized\nDATASOURCE counted\n'
    await refusedProject({ ...PROJECT, 'fold.pipe': pipe }, [/fold/, /how_many|total/])
  })

  test('a pipe over something that is not there', async () => {
    const pipe = LATEST.replace('FROM events', 'FROM nowhere')
    await refusedProject({ ...PROJECT, 'other.pipe': pipe }, [/other/, /nowhere/])
  })

  test('a pipe that is no SELECT', async () => {
    const pipe = 'NODE n\nSQL >\n    DROP TABLE events\nTYPE endpoint\n'
    await refusedProject({ ...PROJECT, 'dropping.pipe': pipe }, [/dropping/])
  })

  test('an incompatible change of a column', async () => {
    const changed = EVENTS.replace('`name` String', '`name` UInt32')
    await refusedProject({ ...PROJECT, 'events.datasource': changed }, [/events/, /name/])
  })

  test('a body that is no multipart project', async () => {
    refused(await admin.post('/v1/deploy', 'hello'), 400, /./)
  })
})

describe('SQL', () => {
  const refusedSql = [
    ['not a SELECT', "INSERT INTO events (name) VALUES ('x')"],
    ['not a SELECT either', 'DROP TABLE events'],
    ['two statements', 'SELECT 1; SELECT 2'],
    ['a second statement that drops', 'SELECT 1; DROP TABLE events'],
    ['a file of the host', "SELECT file('/etc/passwd')"],
    ['a table function of the host', "SELECT * FROM file('/etc/passwd', 'LineAsString')"],
    ['settings in a subquery', 'SELECT * FROM (SELECT 1 SETTINGS readonly = 0)'],
    ['the system tables', 'SELECT * FROM system.tables'],
    ['an output file', "SELECT 1 INTO OUTFILE '/tmp/x'"],
    ['nonsense', 'SELEC 1'],
    ['nothing', ''],
  ] as const

  test.each(refusedSql)('%s is refused: %s', async (_, sql) => {
    const before = await counts()
    refused(await admin.post('/v0/sql', sql), 400, /./)
    refused(await admin.get(`/v0/sql?q=${encodeURIComponent(sql)}`), 400, /./)
    expect(await counts()).toEqual(before)
  })

  test('a literal may hold a semicolon and a comment may hold anything', async () => {
    const rows = await admin.sql("SELECT ';' AS a /* ; DROP TABLE events */, '--' AS b")
    expect(rows).toEqual([{ a: ';', b: '--' }])
  })

  test("an error speaks of the user's names and carries the engine's code", async () => {
    const answer = await admin.post(
      '/v0/sql',
      'SELECT toUInt8(name, missing) FROM events FORMAT JSON',
    )
    refused(answer, 400, /./)
    expect(answer.text).not.toMatch(/t_[0-9a-f]{32}|ws_[0-9a-f]{32}/)
    expect(answer.headers.get('X-DB-Exception-Code')).toMatch(/^\d+$/)
  })
})

function refused(answer: Answer, status: number, reason: RegExp): void {
  expect(answer.status, answer.text).toBe(status)
  expect((answer.json as { error: string }).error).toMatch(reason)
}

function deploy(files: Readonly<Record<string, string>>): Promise<Answer> {
  return admin.post('/v1/deploy?auto_promote=true', projectForm(files))
}

/** Deploys, expects a refusal that says all this, and finds the workspace as it was. */
async function refusedProject(
  files: Readonly<Record<string, string>>,
  says: readonly RegExp[],
): Promise<void> {
  const before = await state()
  const answer = await deploy(files)
  expect(answer.json, answer.text).toMatchObject({ result: 'failed' })
  for (const pattern of says) expect(answer.text).toMatch(pattern)
  expect(answer.text).not.toMatch(/t_[0-9a-f]{32}|ws_[0-9a-f]{32}/)
  expect(await state()).toEqual(before)
}

async function state(): Promise<unknown> {
  const names = ({ json }: Answer, key: string): unknown =>
    (json as Record<string, { name: string }[]>)[key]?.map(({ name }) => name)
  return {
    dataSources: names(await admin.get('/v0/datasources'), 'datasources'),
    pipes: names(await admin.get('/v0/pipes'), 'pipes'),
    events: (await admin.get('/v0/datasources/events.datasource')).text,
    counts: await counts(),
  }
}

async function counts(): Promise<{ rows: number; quarantined: number }> {
  const [row] = await admin.sql(
    'SELECT (SELECT count() FROM events) AS rows, (SELECT count() FROM events_quarantine) AS quarantined',
  )
  return row as { rows: number; quarantined: number }
}
