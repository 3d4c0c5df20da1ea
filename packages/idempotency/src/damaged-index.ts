/** The index on disk is not what was written: it is put aside, and a new one begins with what the event log still has. */
export class DamagedIndex extends Error {}

export function damaged(reason: string): DamagedIndex {
  return new DamagedIndex(reason)
}
