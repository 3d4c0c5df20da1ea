// Merges stand back behind queries also where nobody may take priority back that was given away: their threads do nothing else, ever.
import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

import { MERGE_NICENESS } from './database.ts'

/** The engine makes them with the first table that merges. */
const LOOK_EVERY_MS = 5_000
/** As the engine calls the threads of that pool. Source: ClickHouse, ThreadName, 26.7. */
const NAME = 'MergeMutate'
const TASKS = '/proc/self/task'

/** Looks now and then until there are threads of merges, and makes them nicer. */
export function standBack(): void {
  const look = (): void => {
    if (mergesOf().map(isNicer).includes(true)) clearInterval(timer)
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()
  look()
}

function mergesOf(): number[] {
  try {
    return readdirSync(TASKS)
      .filter((id) => nameOf(id) === NAME)
      .map(Number)
  } catch {
    // Not Linux.
    return []
  }
}

function nameOf(id: string): string {
  try {
    return readFileSync(`${TASKS}/${id}/comm`, 'utf8').trim()
  } catch {
    // It ended meanwhile.
    return ''
  }
}

function isNicer(thread: number): boolean {
  try {
    setPriority(thread, MERGE_NICENESS)
    return true
  } catch {
    return false
  }
}
