// The `sandpiper` command as people use it: a project from nothing, its tests, and a move from another server.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createCaller, type Caller } from './support/http.ts'
import { IMPORT_PROJECT, ndjson } from './support/import-project.ts'
import { startProduct, type Product } from './support/product.ts'
import { COMMAND, sandpiper } from './support/sandpiper-command.ts'

let product: Product
let admin: Caller
let folder: string

beforeAll(async () => {
  product = await startProduct()
  admin = createCaller(product.url, product.tokens.workspace_admin_token)
})
afterAll(() => product.stop())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a project goes from nothing to an endpoint, and comes back as it was sent', async () => {
  await done('init')
  expect((await done('test', 'run')).output).toContain('2 passed, 0 failed')
  expect((await done('deploy', '--check')).output).toContain('This would work.')
  expect((await done('deploy')).output).toContain('is live')
  expect((await done('deploy')).output).toContain('nothing to change')
  await done('datasource', 'append', 'page_views', 'fixtures/page_views.ndjson')
  const { data } = await asJson('endpoint', 'data', 'top_pages', '--param', 'limit=1')
  expect(data).toEqual([{ path: '/', hits: 2, visitors: 2 }])

  expect(await refused('pull')).toMatch(/would be overwritten/)
  await done('pull', '--folder', 'pulled')
  await done('pull', '--folder', 'pulled')
  const check = await done('deploy', '--project', 'pulled', '--check')
  expect(check.output).toContain('nothing to change')

  const reader = (
    await done('token', 'create', 'static', 'reader', '--scope', 'PIPES:READ:top_pages')
  ).output
  const asReader = createCaller(product.url, reader.trim())
  expect((await asReader.get('/v0/pipes/top_pages.json')).status).toBe(200)
  expect((await asReader.post('/v0/sql', 'SELECT 1 FROM page_views')).status).toBe(403)
  await done('token', 'rm', 'reader')
  expect((await asReader.get('/v0/pipes/top_pages.json')).status).toBe(403)

  const deletion = ['datasource', 'delete', 'page_views', '--sql-condition', `path = '/docs'`]
  expect(await asJson(...deletion, '--dry-run')).toEqual({ rows_to_be_deleted: 1 })
  expect(await asJson(...deletion)).toMatchObject({ status: 'done' })
  expect(await admin.sql('SELECT count() AS n FROM page_views')).toEqual([{ n: 2 }])
})

test('dashboards of the console come as files and go back as they are edited there', async () => {
  await done('init')
  await done('deploy', '--allow-destructive-operations')
  const tile = {
    ...{ id: 't1', title: 'Top', chart: { type: 'bar' }, layout: { x: 0, y: 0, w: 6, h: 4 } },
    source: { pipe: 'top_pages', params: { limit: 5 } },
  }
  const body = JSON.stringify({ content: { name: 'Traffic', tiles: [tile] } })
  const json = { 'Content-Type': 'application/json' }
  const made = await admin.post('/v0/console/dashboards', body, json)
  expect(made.status).toBe(201)
  const { id } = made.json as { id: string }
  const path = `/v0/console/dashboards/${id}`
  await done('pull', '--force')
  const file = `dashboards/${id}.json`
  const pulled = readFileSync(join(folder, file), 'utf8')
  expect((await done('deploy')).output).toContain('nothing to change in the dashboards')

  writeIn(file, pulled.replace('"Top"', '"Best"'))
  writeIn('dashboards/z_copy.json', pulled)
  expect((await done('deploy', '--check')).output).toContain(`changed  dashboard ${id}`)
  expect((await admin.get(path)).json).toMatchObject({ revision: 1 })
  const { dashboards } = await asJson('deploy')
  expect(dashboards).toMatchObject({ sent: true, files: [{ state: 'changed' }, { state: 'new' }] })
  const content = { tiles: [{ ...tile, title: 'Best' }] }
  expect((await admin.get(path)).json).toMatchObject({ revision: 2, content })
  await done('pull', '--folder', 'again')
  for (const each of [file, 'dashboards/z_copy.json'])
    expect(readFileSync(join(folder, 'again', each), 'utf8')).toBe(
      readFileSync(join(folder, each), 'utf8'),
    )
  rmSync(join(folder, 'again'), { recursive: true })
  rmSync(join(folder, 'dashboards/z_copy.json'))
  expect((await done('deploy')).output).toContain('Left alone, since they are in no file: ')

  writeIn(file, pulled.replace('"w": 6', '"w": 13'))
  expect(await refused('deploy')).toContain(`${file}: tiles.0.layout.w: `)
})

test('a test that fails shows the rows, and an update keeps what people wrote', async () => {
  await done('init')
  const path = join(folder, 'tests/top_pages.yaml')
  const right = readFileSync(path, 'utf8').replace(
    '- name: one_page',
    '# a remark\n- name: one_page',
  )
  writeFileSync(path, right.replace('"hits":1', '"hits":7'))
  const failed = await sandpiper(product.url, folder, ['test', 'run', '--junit', 'results.xml'])
  expect(failed.code).toBe(1)
  expect(failed.output).toContain('- {"path":"/docs","hits":7,"visitors":1}')
  expect(failed.output).toContain('+ {"path":"/docs","hits":1,"visitors":1}')
  expect(failed.output).toContain('hits: expected 7, got 1')
  expect(readFileSync(join(folder, 'results.xml'), 'utf8')).toContain('tests="2" failures="1"')
  await done('test', 'run', '--update')
  expect(readFileSync(path, 'utf8')).toBe(right)
})

test('a hundred tests are run, and the branch they ran in is gone', async () => {
  await done('init')
  const tests = Array.from(
    { length: 100 },
    (_, at) =>
      `- name: t${at}\n  parameters: limit=${at + 1}\n  expected_result: |\n    {"path":"/","hits":2,"visitors":2}\n${at === 0 ? '' : '    {"path":"/docs","hits":1,"visitors":1}\n'}`,
  )
  writeFileSync(join(folder, 'tests/top_pages.yaml'), tests.join('\n'))
  const { passed, failed, ms } = await asJson('test', 'run')
  console.log(`100 tests of one project: ${String(ms)} ms, their branch included`)
  expect({ passed, failed }).toEqual({ passed: 100, failed: 0 })
  expect(await asJson('branch', 'ls')).toEqual({ environments: [] })
})

test('tests that are interrupted leave no branch behind', async () => {
  await done('init')
  const child = spawn(process.execPath, [COMMAND, 'test', 'run'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, SANDPIPER_URL: product.url },
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  while (branchesOf(await admin.get('/v1/environments')).length === 0)
    if (child.exitCode !== null) throw new Error('it ended before its branch was seen')
  child.kill('SIGINT')
  expect((await ended)[0]).toBe(130)
  expect(branchesOf(await admin.get('/v1/environments'))).toEqual([])
})

test('a migration that is killed and started again has every row once, also in the views', async () => {
  for (const [path, text] of Object.entries(IMPORT_PROJECT)) writeIn(`old/${path}`, text)
  await done('deploy', '--project', 'old', '--allow-destructive-operations')
  writeIn('rows.ndjson', ndjson(6_000, 28) + ndjson(6_000, 28).replaceAll('2026-11', '2026-10'))
  await done('datasource', 'append', 'events', 'rows.ndjson')
  const fresh = await startProduct()
  try {
    const there = createCaller(fresh.url, fresh.tokens.workspace_admin_token)
    const args = ['migrate', '--from', product.url, '--state', 'state', '--slice-rows', '500']
    const line = [COMMAND, ...args, '--token', product.tokens.workspace_admin_token]
    const env = { PATH: process.env['PATH'], HOME: folder, SANDPIPER_URL: fresh.url }
    const stdio = ['ignore', 'ignore', 'pipe'] as const
    const child = spawn(process.execPath, line, { cwd: folder, env, stdio: [...stdio] })
    const ended = once(child, 'exit')
    let said = ''
    // The first of the two months is there: the second is under way.
    for await (const chunk of child.stderr) {
      said += String(chunk)
      if (said.includes('202610: copied')) break
    }
    child.kill('SIGKILL')
    expect((await ended)[1], said).toBe('SIGKILL')
    const [before] = await there.sql('SELECT count() AS n FROM events')
    expect(Number(before?.['n'])).toBeLessThan(12_000)

    const again = await sandpiper(fresh.url, folder, line.slice(1))
    expect(again, again.output).toMatchObject({ code: 0 })
    expect(again.output).toContain('Going on from')
    const sums = `SELECT count() AS n, uniqExact(at, id) AS ids, sum(cityHash64(at, id, who, tags)) AS sum FROM events`
    const views = `SELECT (SELECT countMerge(hits) FROM daily) AS hits, (SELECT uniqMerge(days) FROM months) AS days`
    for (const sql of [sums, views]) expect(await there.sql(sql)).toEqual(await admin.sql(sql))
    expect(await there.sql('SELECT count() AS n FROM events')).toEqual([{ n: 12_000 }])
  } finally {
    await fresh.stop()
  }
})

/** A line that must end well. */
async function done(...args: string[]) {
  const finished = await sandpiper(product.url, folder, args)
  expect(finished.code, `${args.join(' ')}: ${finished.output}`).toBe(0)
  return finished
}

async function refused(...args: string[]): Promise<string> {
  const { code, output } = await sandpiper(product.url, folder, args)
  expect(code).not.toBe(0)
  return output
}

async function asJson(...args: string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await done(...args, '--json')).output) as Record<string, unknown>
}

function branchesOf(answer: { readonly json: unknown }): unknown[] {
  return (answer.json as { environments: unknown[] }).environments
}

function writeIn(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}
