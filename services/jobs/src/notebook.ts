// What a running job tells, bounded, until it is stored.
import type { JobNote } from '@sandpiper/catalog'

import type { JobContext } from './job-kind.ts'

const BLOCKS_MAX = 200
const LINES_MAX = 200
const LINE_LENGTH_MAX = 500

export interface Notebook extends Pick<JobContext, 'progress' | 'details' | 'block' | 'log'> {
  /** Everything told so far. */
  note(): JobNote
  /** What was told since the last take(), null when nothing was. */
  take(): JobNote | null
}

/** @param before what the job was known by when it was taken up. */
export function createNotebook(before: Pick<JobNote, 'details'>): Notebook {
  let progress: number | null = null
  let statistics: JobNote['statistics'] = null
  let details = before.details
  const blocks: unknown[] = []
  const lines: string[] = []
  let isChanged = false
  const note = (): JobNote => ({
    ...{ progress, statistics, details },
    blocks: [...blocks],
    log: [...lines],
  })
  return {
    progress(percent, counts) {
      progress = percent === null ? null : Math.min(100, Math.max(0, percent))
      if (counts !== undefined) statistics = counts
      isChanged = true
    },
    details(members) {
      details = { ...details, ...members }
      isChanged = true
    },
    block(entry) {
      pushBounded(blocks, entry, BLOCKS_MAX)
      isChanged = true
    },
    log(line) {
      pushBounded(lines, line.slice(0, LINE_LENGTH_MAX), LINES_MAX)
      isChanged = true
    },
    note,
    take() {
      if (!isChanged) return null
      isChanged = false
      return note()
    },
  }
}

function pushBounded<Item>(list: Item[], item: Item, max: number): void {
  list.push(item)
  if (list.length > max) list.shift()
}
