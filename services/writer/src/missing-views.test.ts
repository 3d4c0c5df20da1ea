import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMissingViews, type MissingBatch } from './missing-views.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sp-missing-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

function missing(change: Partial<MissingBatch> = {}): MissingBatch {
  return {
    ...{ view: 'v', database: 'ws', dataSourceId: 't', fromSequence: 1, toSequence: 5 },
    ...{ schemaVersion: 1, message: 'it threw', createdAtMs: 7, ...change },
  }
}

test('a missing batch is there after a restart, once however often it was noted', async () => {
  const first = createMissingViews(join(dir, 'missing'))
  await first.add(missing())
  await first.add(missing())
  await first.add(missing({ fromSequence: 6, toSequence: 7 }))
  expect(await createMissingViews(join(dir, 'missing')).list()).toEqual([
    missing(),
    missing({ fromSequence: 6, toSequence: 7 }),
  ])
  expect((await readdir(join(dir, 'missing'))).filter((name) => name.endsWith('.new'))).toEqual([])
})

test('what removed views lack is forgotten, what others lack is kept', async () => {
  const views = createMissingViews(dir)
  await views.add(missing({ view: 'gone' }))
  await views.add(missing({ view: 'kept' }))
  await views.add(missing({ view: 'gone', database: 'other' }))
  expect(await views.forgetGone('ws', (view) => view === 'kept')).toBe(1)
  expect((await views.list()).map(({ view, database }) => [view, database])).toEqual([
    ['gone', 'other'],
    ['kept', 'ws'],
  ])
})
