import { writeSync } from 'node:fs'

/** Tries to give a line to a reader that is behind, and the pause between two. */
const TRIES_MAX = 20
const PAUSE_MS = 10
const SLEEPER = new Int32Array(new SharedArrayBuffer(4))

/**
 * Where the lines of a log go: a descriptor, at once. A reader that is behind is waited for, 200 ms at most for a line; one that is gone
 * costs the line and nothing else. (pino's own destination tries for ever while the process ends: an orphan would never be gone.)
 */
export function logLines(fd: number): { write(line: string): void } {
  return {
    write(line) {
      let rest: Buffer = Buffer.from(line)
      for (let tries = 0; rest.length > 0 && tries < TRIES_MAX; tries += 1) {
        try {
          rest = rest.subarray(writeSync(fd, rest))
        } catch (err) {
          if (!isBehind(err)) return
          Atomics.wait(SLEEPER, 0, 0, PAUSE_MS)
        }
      }
    },
  }
}

function isBehind(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'EAGAIN'
}
