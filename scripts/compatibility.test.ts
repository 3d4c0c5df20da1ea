import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { checkCompatibility } from './lib/check-compatibility.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const fromDisk = (path: string): string | null =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null

const HEAD = '| item | state | note | proved by |\n| --- | --- | --- | --- |\n'
const check = (row: string): string[] =>
  checkCompatibility(`${HEAD}${row}`, (path) => (path === 'a.test.ts' ? "test('it does it'" : null))

test('whatever docs/compatibility.md says works is proven by a test that is there', () => {
  expect(checkCompatibility(fromDisk('docs/compatibility.md') ?? '', fromDisk)).toEqual([])
})

test.each([
  '| a | works | | `a.test.ts`: it does it |',
  '| a | works | | `a.test.ts`: it does it; `a.test.ts`: does |',
  '| a | not yet | | |',
  '| a | differs | so | `a.test.ts`: it does it |',
])('a row that is as it should be: %s', (row) => {
  expect(check(row)).toEqual([])
})

test.each([
  ['| a | works | | |', '3: it works, and no test proves it'],
  ['| a | works | | `a.test.ts`: it sleeps |', '3: a.test.ts does not say: it sleeps'],
  ['| a | works | | `b.test.ts`: it does it |', '3: b.test.ts is not there'],
  ['| a | works | | `a.ts`: it does it |', '3: a.ts is no test'],
  ['| a | works | | a.test.ts |', '3: a proof is written `file`: words of it, not a.test.ts'],
  ['| a | works | `a.test.ts`: it does it |', '3: a row has 4 cells, this one 3'],
  ['| a | perhaps | | |', "3: 'perhaps' is none of works, differs, not yet, ours"],
])('what is missing is told: %s', (row, why) => {
  expect(check(row)).toEqual([why])
})

test('a page without rows proves nothing', () => {
  expect(check('')).toEqual(['1: there are no rows'])
})
