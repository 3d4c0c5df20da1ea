// The order of a run.
import { expect, test } from 'vitest'
import { openRun } from './key-run.ts'
import { type KeyEntry } from './key-record.ts'
import { placeOf } from './key-place.ts'
import { ModelDisk } from './model-disk.fixture.ts'
import { RecentKeys } from './recent-keys.ts'
import { writeRun } from './write-run.ts'
import { numberedEntry } from './testing-index.ts'

/** Enough that work with the square of them is noticed. */
const KEYS = 30_000

test('keys that somebody chose to begin alike are sorted as fast as others, and all are found', async () => {
  // The last come first.
  const alike = (sequence: number): KeyEntry => {
    const rest = (KEYS - sequence).toString(16).padStart(24, '0')
    return { ...numberedEntry(sequence), id: '0'.repeat(32) + 'abcdef01' + rest }
  }
  const keys = new RecentKeys()
  for (let sequence = 1; sequence <= KEYS; sequence += 1) keys.add(alike(sequence))
  const disk = new ModelDisk(() => 0.5)
  const range = { from: 0, to: KEYS }
  const { list: groups } = keys.groups
  const written = await writeRun(disk, range, {
    ...{ records: keys.records(0, KEYS), groups, perMark: 1_024 },
  })
  const run = await openRun(disk, written.name)
  for (let sequence = 1; sequence <= KEYS; sequence += 499)
    expect(await run.find(placeOf(alike(sequence).id))).toEqual(alike(sequence))
})
