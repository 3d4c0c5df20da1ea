import {
  mkdirSync,
  mkdtempSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDiskModel, type Survival } from './disk-model.ts'
import type { JournalRecord } from './journal.ts'
import { createRandom } from './random.ts'

const OWNER = { mode: 0o100600, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const FOLDER = { ...OWNER, mode: 0o40700 }

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'disk-model-'))
  mkdirSync(join(home, 'start/log'), { recursive: true })
  mkdirSync(join(home, 'start/engine/table'), { recursive: true })
  writeFileSync(join(home, 'start/log/old'), 'old')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const create = (handle: number, path: string): JournalRecord => ({
  kind: 'open',
  handle,
  isNew: true,
  path,
  ...OWNER,
})
const open = (handle: number, path: string): JournalRecord => ({
  kind: 'open',
  handle,
  isNew: false,
  path,
  ...OWNER,
})
const write = (handle: number, offset: number, text: string): JournalRecord => ({
  kind: 'write',
  handle,
  offset,
  data: Buffer.from(text),
})
const sync = (handle: number, error = 0): JournalRecord[] => [
  { kind: 'sync begin', handle, sync: handle },
  { kind: 'sync end', sync: handle, error },
]
const rename = (from: string, to: string): JournalRecord => ({ kind: 'rename', from, to })

/** What a cut behind these records leaves. */
function cut(records: readonly JournalRecord[], survival: Survival = 'none', seed = 1): string {
  const model = createDiskModel(join(home, 'start'), ['/engine'])
  for (const record of records) model.apply(record)
  const left = join(home, `left-${readdirSync(home).length}`)
  model.materialize(left, survival, createRandom(seed))
  return left
}

const read = (left: string, path: string): string | null =>
  existsSync(join(left, path)) ? readFileSync(join(left, path), 'utf8') : null

describe('bytes', () => {
  test('of the beginning are there; later ones only when they were synced, or luck has it', () => {
    const records = [open(1, '/log/old'), write(1, 0, 'new')]
    expect(read(cut(records), 'log/old')).toBe('old')
    expect(read(cut([...records, ...sync(1)]), 'log/old')).toBe('new')
    expect(read(cut(records, 'all'), 'log/old')).toBe('new')
  })

  test('written while a sync runs are not covered by it', () => {
    const [begin, end] = sync(1) as [JournalRecord, JournalRecord]
    const records = [open(1, '/log/old'), write(1, 0, 'one'), begin, write(1, 3, 'two'), end]
    expect(read(cut(records), 'log/old')).toBe('one')
  })

  test('are not durable by a sync that failed, or that has not ended', () => {
    const records = [open(1, '/log/old'), write(1, 0, 'new')]
    expect(read(cut([...records, ...sync(1, 5)]), 'log/old')).toBe('old')
    expect(read(cut([...records, ...sync(1).slice(0, 1)]), 'log/old')).toBe('old')
  })

  test('are synced by whatever handle, also behind a rename', () => {
    const records = [
      ...[open(1, '/log/old'), write(1, 0, 'new'), rename('/log/old', '/log/other')],
      ...[open(2, '/log/other'), ...sync(2), open(3, '/log'), ...sync(3)],
    ]
    expect(read(cut(records), 'log/other')).toBe('new')
  })

  test('torn: a write ends at a sector', () => {
    const text = 'x'.repeat(10_000)
    const lengths = Array.from({ length: 20 }, (_, seed) => {
      return (
        read(cut([open(1, '/log/old'), write(1, 0, text)], 'torn', seed), 'log/old')?.length ?? -1
      )
    })
    expect(lengths.every((length) => length === 3 || length % 512 === 0)).toBe(true)
    expect(new Set(lengths).size).toBeGreaterThan(3)
  })

  test('in pieces: later ones may be there without earlier ones', () => {
    const found = Array.from({ length: 20 }, (_, seed) => {
      const left = cut(
        [open(1, '/log/old'), write(1, 0, 'aaa'), write(1, 3, 'bbb')],
        'pieces',
        seed,
      )
      return read(left, 'log/old')
    })
    expect(new Set(found)).toEqual(new Set(['old', 'aaa', 'oldbbb', 'aaabbb']))
  })

  test('of a truncated file come back when the truncation was not synced', () => {
    const records: JournalRecord[] = [open(1, '/log/old'), { kind: 'truncate', handle: 1, size: 1 }]
    expect(read(cut(records), 'log/old')).toBe('old')
    expect(read(cut([...records, ...sync(1)]), 'log/old')).toBe('o')
  })
})

describe('names in our folders', () => {
  test('need an fsync of their folder: that of the file is not enough', () => {
    const records = [create(1, '/log/new'), write(1, 0, 'x'), ...sync(1)]
    expect(read(cut(records), 'log/new')).toBe(null)
    expect(read(cut([...records, open(2, '/log'), ...sync(2)]), 'log/new')).toBe('x')
  })

  test('of removed files come back', () => {
    const records: JournalRecord[] = [{ kind: 'unlink', path: '/log/old' }]
    expect(read(cut(records), 'log/old')).toBe('old')
    expect(read(cut([...records, open(2, '/log'), ...sync(2)]), 'log/old')).toBe(null)
  })

  test('are renamed wholly or not at all', () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const left = cut([rename('/log/old', '/log/new')], 'mixed', seed)
      expect(
        [read(left, 'log/old'), read(left, 'log/new')].filter((each) => each === 'old'),
      ).toHaveLength(1)
    }
  })
})

describe('names below an ordered folder', () => {
  const part: readonly JournalRecord[] = [
    { kind: 'mkdir', path: '/engine/table/tmp', ...FOLDER },
    ...[create(1, '/engine/table/tmp/data'), write(1, 0, 'rows'), ...sync(1)],
    rename('/engine/table/tmp', '/engine/table/part'),
  ]

  test('are durable by an fsync of the renamed folder itself, with those before', () => {
    expect(read(cut(part), 'engine/table/part/data')).toBe(null)
    expect(read(cut(part), 'engine/table/tmp/data')).toBe('rows')
    const synced = cut([...part, open(2, '/engine/table/part'), ...sync(2)])
    expect(read(synced, 'engine/table/part/data')).toBe('rows')
    expect(existsSync(join(synced, 'engine/table/tmp'))).toBe(false)
  })

  test('survive in their order: never a later one without an earlier one', () => {
    const files = ['a', 'b', 'c', 'd', 'e']
    const records = files.map((name, index) => create(index + 1, `/engine/table/${name}`))
    for (let seed = 0; seed < 30; seed += 1) {
      const left = readdirSync(join(cut(records, 'prefix', seed), 'engine/table'))
      expect(left).toEqual(files.slice(0, left.length))
    }
  })

  test('are not made durable by what is synced elsewhere', () => {
    expect(read(cut([...part, open(2, '/log'), ...sync(2)]), 'engine/table/part/data')).toBe(null)
  })
})
