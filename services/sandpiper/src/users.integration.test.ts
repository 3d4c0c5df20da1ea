// Programs of another user, out of a checkout that nobody but its owner may enter (/root, `mktemp -d`).
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
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
