import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readDashboardFiles } from './read-dashboard-files.ts'

const BOARD = JSON.stringify({ name: 'Traffic', tiles: [] })
let project: string

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'dashboards-'))
})
afterEach(() => rmSync(project, { recursive: true }))

function write(name: string, content: string | Uint8Array): string {
  mkdirSync(join(project, 'dashboards'), { recursive: true })
  const path = join(project, 'dashboards', name)
  writeFileSync(path, content)
  return path
}

test('a project without the folder has no say in dashboards; with it, each file is one by its name', () => {
  expect(readDashboardFiles(project)).toBe(null)
  write('b.json', BOARD)
  write('A-1_x.json', `\uFEFF${BOARD}`)
  write('README.md', '# none')
  write('.b.json', 'of an editor')
  expect(readDashboardFiles(project)?.map(({ id }) => id)).toEqual(['A-1_x', 'b'])
})

test.each(['Traffic.dashboard.json', 'a b.json', `${'x'.repeat(65)}.json`, 'é.json'])(
  'a name that is no id is refused: %s',
  (name) => {
    write(name, BOARD)
    expect(() => readDashboardFiles(project)).toThrow(`dashboards/${name}: its name is its id`)
  },
)

test.each([
  ['{"name": "x", }', 'it is no JSON'],
  ['', 'it is no JSON'],
  [Uint8Array.of(0x22, 0xff, 0x22), 'it is no JSON'],
  [' '.repeat(16_000_001), 'at most 1 MB'],
  ['{"name": "x", "tiles": 1}', 'tiles: '],
])('a file that holds none is refused by name (%#)', (content, said) => {
  write('x.json', content)
  expect(() => readDashboardFiles(project)).toThrow(`dashboards/x.json: `)
  expect(() => readDashboardFiles(project)).toThrow(said)
})

test('a link out of the project is not read', () => {
  mkdirSync(join(project, 'dashboards'))
  writeFileSync(join(project, 'elsewhere.json'), BOARD)
  symlinkSync(join(project, 'elsewhere.json'), join(project, 'dashboards/x.json'))
  expect(() => readDashboardFiles(project)).toThrow('dashboards/x.json: it is no file')
})
