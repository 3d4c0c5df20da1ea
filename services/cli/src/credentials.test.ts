import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeUpServer, say } from '../test/run-cli.ts'
import { openCredentials } from './credentials.ts'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'credentials-'))
  path = join(folder, 'sandpiper/credentials.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a token is kept in a file that only its owner reads, also over an open one', () => {
  mkdirSync(join(folder, 'sandpiper'))
  writeFileSync(path, '{}', { mode: 0o644 })
  openCredentials(path).keep('http://a', 'p.one')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8')).toContain('p.one')
})

test('a token that was kept goes to its own server and to no other', async () => {
  const [mine, other] = [
    await makeUpServer(() => ({ body: { name: 'w' } })),
    await makeUpServer(() => ({ status: 403, body: { error: 'no' } })),
  ]
  const credentials = openCredentials(path)
  const config = { url: null, token: null, fromToken: null, credentialsPath: path, isPlain: true }
  const world = { url: null, config, credentials }
  const login = ['login', '--host', mine.url, '--token', 'p.mine']
  expect((await say(login, world)).code).toBe(0)
  expect((await say(['whoami'], world)).code).toBe(0)
  expect(mine.seen.at(-1)?.headers.authorization).toBe('Bearer p.mine')
  await say(['whoami', '--host', other.url], world)
  expect(other.seen.map((each) => each.headers.authorization ?? each.path)).not.toContain(
    'Bearer p.mine',
  )
  expect((await say(['logout', '--host', mine.url], world)).code).toBe(0)
  expect(readFileSync(path, 'utf8')).not.toContain('p.mine')
  mine.close()
  other.close()
})

test('a token that the server refuses is not kept', async () => {
  const server = await makeUpServer(() => ({ status: 403, body: { error: 'Invalid token' } }))
  const credentials = openCredentials(path)
  const { code } = await say(['login', '--token', 'p.bad'], { url: server.url, credentials })
  expect(code).toBe(1)
  expect(credentials.tokenFor(server.url)).toBeNull()
  server.close()
})

test('a server that was made anew gets its new token by a login, in place of the old one', async () => {
  const isNew = (header: string | undefined): boolean => header === 'Bearer p.new'
  const server = await makeUpServer(({ path: asked, headers }) =>
    asked === '/tokens'
      ? { body: { workspace_admin_token: 'p.new' } }
      : isNew(headers.authorization)
        ? { body: { name: 'w' } }
        : { status: 403, body: { error: 'Invalid token' } },
  )
  const credentials = openCredentials(path)
  credentials.keep(server.url, 'p.old')
  const config = { url: null, token: null, fromToken: null, credentialsPath: path, isPlain: true }
  const world = { url: null, config, credentials }
  const refused = await say(['whoami'], world)
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('Invalid token. This server knows no such token')
  expect((await say(['login'], world)).code).toBe(0)
  expect((await say(['whoami'], world)).code).toBe(0)
  server.close()
})
