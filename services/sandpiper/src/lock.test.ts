import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { LOCK_FILE, takeLock } from './lock.ts'
import { processIdentity } from './process-identity.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sandpiper-lock-'))
})

afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

test('a directory has one holder at a time', () => {
  const lock = takeLock(directory)
  expect(() => takeLock(directory)).toThrow(
    `already running on ${directory} (process ${process.pid})`,
  )
  lock.release()
  takeLock(directory).release()
  expect(readdirSync(directory)).toEqual([])
})

test.each([
  ['of a process that is gone', JSON.stringify({ pid: 2 ** 30, identity: 'x' })],
  [
    'whose number another process has by now',
    JSON.stringify({ pid: process.pid, identity: 'an older start' }),
  ],
  ['that was cut off while it was written', '{"pid":'],
  ['that is empty', ''],
])('a lock %s does not block', (_what, text) => {
  writeFileSync(join(directory, LOCK_FILE), text)
  const lock = takeLock(directory)
  expect(() => takeLock(directory)).toThrow('already running')
  lock.release()
})

test('releasing twice does not take the lock of the next holder away', () => {
  const first = takeLock(directory)
  first.release()
  const holder = JSON.stringify({ pid: process.ppid, identity: processIdentity(process.ppid) })
  writeFileSync(join(directory, LOCK_FILE), holder)
  first.release()
  expect(() => takeLock(directory)).toThrow(`process ${process.ppid}`)
})

test('a process has one identity for its life, and none when it is gone', () => {
  expect(processIdentity(process.pid)).toBe(processIdentity(process.pid))
  expect(processIdentity(process.pid)).not.toBe(processIdentity(process.ppid))
  expect(processIdentity(2 ** 30)).toBeNull()
  expect(processIdentity(-1)).toBeNull()
})
