import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeUpServer, say, sayTo } from '../test/run-cli.ts'

test('what a server says of a failure cannot steer the terminal, and the token is not in it', async () => {
  const body = { error: 'row \u001b]0;owned\u0007 \u001b[2J\r\nis wrong' }
  const { code, err } = await sayTo(['sql', 'SELECT 1'], { status: 400, body })
  expect(code).toBe(1)
  expect(err).toContain('is wrong')
  expect(err.trimEnd()).not.toMatch(/\p{Cc}/u)
  expect(err).not.toContain('p.secret')
})

test('a result has the names of its columns, as they are, over what they hold', async () => {
  const names = ['count()', 'lower', 'Mixed\u001b[2J']
  const body = {
    meta: names.map((name) => ({ name, type: 'UInt8' })),
    data: [{ [names[0]!]: 1, [names[1]!]: 'a longer text', [names[2]!]: null }],
  }
  const { code, out } = await sayTo(['sql', 'SELECT ...'], { body })
  expect(code).toBe(0)
  expect(out).toBe('count()  lower          Mixed [2J\n1        a longer text  -\n')
})

test('a list of no jobs is a sentence, and as JSON an empty list', async () => {
  const answer = { body: { jobs: [] } }
  expect(await sayTo(['jobs', 'list'], answer)).toMatchObject({
    code: 0,
    out: 'There are no jobs.\n',
  })
  const some = await sayTo(['jobs', 'list', '--status', 'error'], answer)
  expect(some.out).toBe('There are no such jobs.\n')
  const json = await sayTo(['jobs', 'list', '--json'], answer)
  expect(JSON.parse(json.out)).toEqual({ jobs: [] })
})

test('what a server lacks is told as such, not as a mistake of the user', async () => {
  const missing = await sayTo(['secret', 'ls'], {
    status: 404,
    body: { error: 'Not found: GET /v0/variables' },
  })
  expect(missing.code).toBe(1)
  expect(missing.err).toContain('This server has no GET /v0/variables')
  const later = await sayTo(['copy', 'pause', 'daily'], { status: 501, body: { error: 'copies' } })
  expect(later.err).toContain('This server cannot do that yet.')
})

test('a line that was typed wrongly ends with 2, and says what to type', async () => {
  const cases = [['nothing'], ['datasource', 'append'], ['sql'], ['token', 'create', 'static', 'x']]
  for (const args of cases) {
    const { code, err } = await sayTo(args, {})
    expect({ args, code }).toEqual({ args, code: 2 })
    expect(err).toMatch(/--help|--scope/)
  }
})

test('words of earlier versions still work', async () => {
  for (const args of [
    ['jobs', 'list'],
    ['job', 'ls'],
  ])
    expect((await sayTo(args, { body: { jobs: [] } })).code).toBe(0)
})

test('an answer that is no text is written byte by byte', async () => {
  const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256)
  const server = await makeUpServer(() => ({ bytes }))
  try {
    for (const args of [
      ['endpoint', 'data', 'top_pages', '--format', 'parquet'],
      ['sql', 'SELECT 1 FORMAT Parquet'],
    ]) {
      const written: Uint8Array[] = []
      const out = (some: string | Uint8Array): void => void written.push(Buffer.from(some))
      expect((await say(args, { url: server.url, out })).code).toBe(0)
      expect(Buffer.concat(written).equals(bytes)).toBe(true)
    }
  } finally {
    server.close()
  }
})

test('a table shows every digit of a number, also within a list', async () => {
  const text =
    '{"meta": [{"name": "id", "type": "UInt64"}, {"name": "ids", "type": "Array(UInt64)"}],' +
    ' "data": [{"id": 18446744073709551615, "ids": [9007199254740993, 1]}]}'
  for (const args of [
    ['sql', 'SELECT ...'],
    ['endpoint', 'data', 'ids'],
  ])
    expect((await sayTo(args, { text })).out).toBe(
      'id                    ids\n18446744073709551615  [9007199254740993,1]\n',
    )
})

test('a query that names its FORMAT is answered in it, JSON too', async () => {
  const body = { meta: [{ name: 'a', type: 'UInt8' }], data: [{ a: 1 }] }
  const { out } = await sayTo(['sql', 'SELECT 1 AS a FORMAT JSON;'], { body })
  expect(JSON.parse(out)).toEqual(body)
})

test('a deployment that is not waited for is not called live', async () => {
  const body = { result: 'success', deployment: { id: '3', new_pipe_names: ['top'] } }
  const project = mkdtempSync(join(tmpdir(), 'project-'))
  writeFileSync(join(project, 'top.pipe'), 'NODE n\nSQL SELECT 1\nTYPE endpoint\n')
  try {
    const { out } = await sayTo(['deploy', '--no-wait', '--project', project], { body })
    expect(out).toContain('deployment 3 is under way')
    expect(out).not.toContain('live')
  } finally {
    rmSync(project, { recursive: true })
  }
})

test('a file that cannot be written is told as such, not as a bug', async () => {
  const project = mkdtempSync(join(tmpdir(), 'project-'))
  writeFileSync(join(project, 'taken'), '')
  try {
    const { code, err } = await sayTo(['init', join(project, 'taken')], {})
    expect(code).toBe(1)
    expect(err).toContain(join(project, 'taken'))
    expect(err).not.toContain('bug')
  } finally {
    rmSync(project, { recursive: true })
  }
})

test('a list of copies says which of their schedules are paused', async () => {
  const copy = { type: 'copy', copy_target_datasource: 'to', copy_mode: 'append' }
  const pipes = [
    { ...copy, name: 'now_and_then', copy_schedule: '@on-demand' },
    { ...copy, name: 'daily', copy_schedule: '0 0 * * *', schedule: { status: 'paused' } },
  ]
  const { out } = await sayTo(['copy', 'ls'], { body: { pipes } })
  expect(out.split('\n').map((line) => line.split(/ {2,}/).at(-1))).toEqual([
    ...['SCHEDULE', '-', 'paused', ''],
  ])
})

test.each([
  ['an import', { status: 'done', successful_rows: 0, quarantine_rows: 3, first_error: 'no date' }],
  ['events', { successful_rows: 0, quarantined_rows: 3 }],
])('%s of which no row is in fails, and says so', async (_what, body) => {
  for (const json of [[], ['--json']]) {
    const args = ['datasource', 'append', 'events', '--events', '{}', ...json]
    const { code, out, err } = await sayTo(args, { body })
    expect([code, out.includes('3')]).toEqual([1, true])
    expect(err).toContain('all 3 are in quarantine')
    expect(err.includes('no date')).toBe('first_error' in body)
  }
  const some = await sayTo(['datasource', 'append', 'events', '--events', '{}'], {
    body: { ...body, successful_rows: 1 },
  })
  expect(some.code).toBe(0)
})

test('every workspace says what it is', async () => {
  const workspaces = [
    { id: '1', name: 'main', main: null, token: 'p.secret' },
    { id: '2', name: 'try', main: '1' },
  ]
  const { out } = await sayTo(['workspace', 'ls'], { body: { workspaces } })
  expect(out).toBe('WORKSPACE  KIND       ID\nmain       workspace  1\ntry        branch     2\n')
})

test('limits are sent as numbers, of another workspace by its name', async () => {
  const answer = {
    limits: [{ name: 'rps', value: 5, unit: 'requests per second', from: 'server' }],
  }
  const server = await makeUpServer(({ path }) =>
    path.endsWith('/limits')
      ? { body: { ...answer, workspace: {} } }
      : { body: { id: 'own', workspaces: [{ id: 'w-2', name: 'acme' }] } },
  )
  try {
    const args = ['workspace', 'limits', 'set', 'max_memory_usage=512MB', 'rps=none']
    const set = await say([...args, '--workspace', 'acme'], { url: server.url })
    expect(set.out).toContain('rps    5      requests per second  server')
    const [, sent] = server.seen
    expect([sent?.method, sent?.path]).toEqual(['PUT', '/v0/workspaces/w-2/limits'])
    expect(JSON.parse(sent?.body ?? '')).toEqual({ max_memory_usage: 512_000_000, rps: null })
    expect((await say(['workspace', 'limits', 'show'], { url: server.url })).code).toBe(0)
    expect(server.seen.at(-1)?.path).toBe('/v0/workspaces/own/limits')
    expect((await say([...args, '--workspace', 'x'], { url: server.url })).err).toContain(`'x'`)
  } finally {
    server.close()
  }
})
