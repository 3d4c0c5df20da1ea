// One instance per data directory. The lock is a file that names its holder; it counts only while that very process lives, so
// nothing has to be cleaned up after kill -9 or a power cut.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { processIdentity } from './process-identity.ts'
import { StartError, systemCode } from './start-error.ts'

export const LOCK_FILE = 'lock'

export interface Lock {
  /** Idempotent. */
  release(): void
}

/** Takes the lock of a directory. @throws StartError when a living process holds it. */
export function takeLock(directory: string): Lock {
  const path = join(directory, LOCK_FILE)
  const mine = `${path}.${process.pid}`
  const text = JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) })
  writeFileSync(mine, text, { mode: 0o600 })
  try {
    // link() makes the whole file appear at once, or fails: no one ever reads half a lock.
    for (let attempt = 0; attempt < 5; attempt++) {
      if (linked(mine, path))
        return {
          release: () => {
            release(path, text)
          },
        }
      removeStale(path, directory)
    }
  } finally {
    rmSync(mine, { force: true })
  }
  throw new StartError(`Another instance is starting on ${directory} at this moment.`)
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (err) {
    if (systemCode(err) === 'EEXIST') return false
    throw err
  }
}

function removeStale(path: string, directory: string): void {
  const seen = read(path)
  if (seen === null) return
  const holder = holderOf(seen)
  if (holder !== null && processIdentity(holder.pid) === holder.identity) {
    throw new StartError(`Sandpiper is already running on ${directory} (process ${holder.pid}).`)
  }
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (err) {
    if (systemCode(err) === 'ENOENT') return
    throw err
  }
  // Between reading and renaming another start may have replaced the lock: then it is given back.
  if (read(aside) !== seen) linked(aside, path)
  rmSync(aside, { force: true })
}

function release(path: string, text: string): void {
  if (read(path) === text) rmSync(path, { force: true })
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (err) {
    if (systemCode(err) === 'ENOENT') return null
    throw err
  }
}

/** null for a file that no version of ours wrote: it is stale. */
function holderOf(text: string): { pid: number; identity: string } | null {
  try {
    const { pid, identity } = JSON.parse(text) as { pid: unknown; identity: unknown }
    return typeof pid === 'number' && typeof identity === 'string' ? { pid, identity } : null
  } catch {
    return null
  }
}
