// Keys with numbers, for tests of the index in several processes.
import { idOf, keyHashOf } from './key-id.ts'
import type { KeyEntry } from './key-record.ts'
import { WORKSPACE } from './testing.ts'

export const NOW = 1_763_700_000_000
export const testRetention = { ageMsMax: 1_000_000, keysMax: 1_000_000 }

export function numberedEntry(sequence: number): KeyEntry {
  return {
    id: idOf(WORKSPACE, keyHashOf('events', `k${sequence}`)),
    bodyHash: 'b'.repeat(32),
    dataSourceId: `t_${'a'.repeat(32)}`,
    ...{ sequence, arrivedAtMs: NOW, rowCount: 1, refusedCount: 0 },
  }
}
