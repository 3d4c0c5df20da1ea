import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeUpServer, say, type MadeUpServer, type Reply } from '../../test/run-cli.ts'

const BOARD = { tiles: [], refresh_seconds: 60, name: 'Traffic' }

let folder: string
let server: MadeUpServer
let name: string
let text: string
let dashboards: Reply

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pull-'))
  text = 'SCHEMA >\n    a UInt8\n'
  dashboards = { body: { documents: [] } }
  server = await makeUpServer(({ path }) => {
    if (path === '/v0/console/dashboards') return dashboards
    if (path.startsWith('/v0/console/dashboards/')) return { body: { revision: 7, content: BOARD } }
    if (path === '/v0/datasources') return { body: { datasources: [{ name }] } }
    if (path === '/v0/pipes') return { body: { pipes: [] } }
    return path === '/v0/connectors' ? { body: { connectors: [] } } : { text }
  })
})
afterEach(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const pull = (...more: string[]) =>
  say(['pull', '--folder', join(folder, 'in'), ...more], { url: server.url })

test('files that say something else are not overwritten, unless they are to be', async () => {
  name = 'events'
  const path = join(folder, 'in/datasources/events.datasource')
  expect((await pull()).code).toBe(0)
  const before = text
  text = 'SCHEMA >\n    b UInt8\n'
  expect(await pull()).toMatchObject({ code: 2 })
  expect(readFileSync(path, 'utf8')).toBe(before)
  expect((await pull('--force')).code).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test.each(['../../escaped', '/absolute', 'a/b', 'a\\b', '.', ''])(
  'a server cannot write outside of the folder: %j',
  async (given) => {
    name = given
    expect(await pull('--force')).toMatchObject({ code: 2 })
    expect(existsSync(join(folder, 'in'))).toBe(false)
  },
)

test('dashboards are files by their ids, without what only the server knows', async () => {
  name = 'events'
  dashboards = { body: { documents: [{ id: 'traffic', name: 'Traffic' }] } }
  const { code, out } = await pull('--json')
  expect([code, JSON.parse(out)]).toEqual([
    0,
    {
      files: [
        { path: 'datasources/events.datasource', state: 'new' },
        { path: 'dashboards/traffic.json', state: 'new' },
      ],
      left_out: [],
    },
  ])
  const written = readFileSync(join(folder, 'in/dashboards/traffic.json'), 'utf8')
  expect(written.startsWith('{\n  "name": "Traffic",\n  "tiles": [],')).toBe(true)
  expect(written).not.toContain('revision')
})

test.each(['../x', '..', 'a/b', 'a.b', '', 'x'.repeat(65)])(
  'a dashboard cannot be written outside of its folder: %j',
  async (id) => {
    name = 'events'
    dashboards = { body: { documents: [{ id, name: 'x' }] } }
    expect(await pull('--force')).toMatchObject({ code: 2 })
    expect(existsSync(join(folder, 'in'))).toBe(false)
    expect(server.seen.some(({ path }) => path.startsWith('/v0/console/dashboards/'))).toBe(false)
  },
)

test.each([
  [403, 'this token may not read them'],
  [404, 'this server keeps none'],
])(
  'a server that answers %i for dashboards gives the rest, and it is said',
  async (status, why) => {
    name = 'events'
    dashboards = { status, body: { error: 'no' } }
    const { code, out, err } = await pull('--json')
    expect([code, (JSON.parse(out) as { left_out: string[] }).left_out.length]).toEqual([0, 1])
    expect(err).toContain(`dashboards are left out: ${why}`)
    expect(existsSync(join(folder, 'in/datasources/events.datasource'))).toBe(true)
    expect(existsSync(join(folder, 'in/dashboards'))).toBe(false)
  },
)

test('dashboards that fail otherwise are not taken for none', async () => {
  name = 'events'
  dashboards = { status: 500, body: { error: 'broken' } }
  expect(await pull()).toMatchObject({ code: 1 })
})
