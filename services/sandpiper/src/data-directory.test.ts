import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDataDirectory } from './data-directory.ts'
import { StartError } from './start-error.ts'

const USERS = { engine: null, postgres: null, initdb: null }

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'data-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const marker = (): string => readFileSync(join(root, 'sandpiper.json'), 'utf8')

for (const [name, left] of [
  ['nothing', ''],
  ['zeros', '\0\0\0\0'],
] as const) {
  test(`a marker of which a power cut left ${name} is written anew`, () => {
    openDataDirectory(root, USERS).release()
    const whole = marker()
    writeFileSync(join(root, 'sandpiper.json'), left)
    openDataDirectory(root, USERS).release()
    expect(marker()).toBe(whole)
  })
}

test('a marker that says anything else keeps the folder from being used, and stays as it is', () => {
  writeFileSync(join(root, 'sandpiper.json'), '{"format":2}')
  expect(() => openDataDirectory(root, USERS)).toThrow(StartError)
  expect(marker()).toBe('{"format":2}')
})
