// Programs of another user, out of a checkout that nobody but its owner may enter (/root, `mktemp -d`).
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { findBinaries } from './postgres.ts'
import { chooseUsers, commandAs } from './users.ts'

let closed: string

beforeEach(() => {
  closed = mkdtempSync(join(tmpdir(), 'sandpiper-closed-'))
})

afterEach(() => {
  rmSync(closed, { recursive: true, force: true })
})

test('initdb finds its server and makes a cluster inside a folder of mode 0700', () => {
  cpSync(join(findBinaries(), '..'), join(closed, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  const { initdb: user } = chooseUsers()
  const cluster = join(closed, 'cluster')
  mkdirSync(cluster, { mode: 0o700 })
  if (user !== null) chownSync(cluster, user.uid, user.gid)
  chmodSync(closed, 0o700)

  const program = join(closed, 'native', 'bin', 'initdb')
  const { file, args, ...ids } = commandAs(user, program, ['-D', cluster, '-A', 'trust'], [cluster])
  execFileSync(file, [...args], { cwd: '/', env: { LC_ALL: 'C' }, stdio: 'pipe', ...ids })

  expect(existsSync(join(cluster, 'PG_VERSION'))).toBe(true)
})

test('a program has its user and no right, but that to take priority back where it wants it and we have it', () => {
  const { engine } = chooseUsers()
  const held = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const mayTakeBack = ((BigInt(`0x${held}`) >> 23n) & 1n) === 1n
  const rightsOf = (more: { renice?: boolean }): string[] => {
    const { file, args, ...ids } = commandAs(engine, '/bin/cat', ['/proc/self/status'], [], more)
    const status = execFileSync(file, [...args], { encoding: 'utf8', stdio: 'pipe', ...ids })
    return [/^Uid:\s*(\d+)/m, /^CapEff:\s*(\w+)$/m].map((each) => each.exec(status)?.[1] ?? '')
  }
  const none = '0000000000000000'
  const uid = String(engine?.uid ?? process.getuid?.())
  expect(rightsOf({})).toEqual([uid, none])
  const isGiven = engine !== null && mayTakeBack
  expect(rightsOf({ renice: true })).toEqual([uid, isGiven ? '0000000000800000' : none])
})
