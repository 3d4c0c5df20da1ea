import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeUpServer, say, type MadeUpServer } from '../../test/run-cli.ts'

let folder: string
let server: MadeUpServer
let name: string
let text: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pull-'))
  text = 'SCHEMA >\n    a UInt8\n'
  server = await makeUpServer(({ path }) => {
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
